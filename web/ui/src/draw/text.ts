// Text in pictures: SVG does not wrap or cut, so what may be long is cut here.

import { html, nothing, svg, type TemplateResult } from 'lit';

/** Widths of letters in em, a little generous: a name that is cut late would run out of its shape. */
const MONO = 0.61;
const SANS: [RegExp, number][] = [
  [/[iljI.,:;'|! ]/, 0.29],
  [/[frt()[\]/-]/, 0.37],
  [/[mwMW@%]/, 0.82],
  [/[A-HJ-LN-VX-Z]/, 0.64],
  [/[0-9=+×<>#*_]/, 0.58],
];
const OTHER = 0.54;

/** A letter of Chinese, Japanese or Korean, or a full-width sign. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/;

export type Face = 'sans' | 'mono';

/** How wide a text is, in px, estimated without a browser. */
export function widthOf(text: string, size: number, face: Face = 'sans'): number {
  let em = 0;
  for (const letter of text) em += WIDE.test(letter) ? 1 : face === 'mono' ? MONO : sans(letter);
  return em * size;
}

function sans(letter: string): number {
  return SANS.find(([kind]) => kind.test(letter))?.[1] ?? OTHER;
}

/** The text, or as much of it as fits, with `…` for the rest. */
export function fit(text: string, room: number, size: number, face: Face = 'sans'): string {
  if (widthOf(text, size, face) <= room) return text;
  let kept = '';
  for (const letter of text) {
    if (widthOf(`${kept}${letter}…`, size, face) > room) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}

/** A line of text. */
export function label(x: number, y: number, text: string | number, kind = ''): TemplateResult<2> {
  return svg`<text x=${x} y=${y} class=${kind}>${text}</text>`;
}

/** A sentence with its marks, as a page shows it. */
export function prose(text: string): TemplateResult {
  const parts = text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter((part) => part !== '');
  return html`${parts.map((part) => {
    if (part.startsWith('**')) return html`<b>${part.slice(2, -2)}</b>`;
    if (part.startsWith('`')) return html`<span class="mono">${part.slice(1, -1)}</span>`;
    return part;
  })}`;
}

/** A sentence without its marks, as it is spoken. */
export function plain(text: string): string {
  return text.replaceAll('**', '').replaceAll('`', '');
}

/** Nothing, where a template needs something. */
export { nothing };
