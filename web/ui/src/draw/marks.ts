// Small signs: crown, octagon, scissors, numbered disc, and the patterns they share.

import { nothing, svg, type TemplateResult } from 'lit';

import { label } from './text';

/** Patterns and arrowheads. One in each tree: a shadow tree sees no other's. */
export function definitions(): TemplateResult<2> {
  const hatch = (id: string, size: number, bar: number, kind: string, ground = '') => svg`<pattern
      id=${id} width=${size} height=${size} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      ${ground ? svg`<rect width=${size} height=${size} class=${ground} />` : nothing}
      <rect width=${bar} height=${size} class=${kind} /></pattern>`;
  const arrow = (id: string, kind: string, unit: string, size: number) => svg`<marker id=${id}
      viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth=${size} markerHeight=${size}
      markerUnits=${unit} orient="auto-start-reverse"><path d="M1 1.2 9 5 1 8.8z" class=${kind} /></marker>`;
  return svg`<defs>
    ${hatch('hatch', 6, 2, 'pf-wait', 'pf-wash')}
    ${hatch('down', 7, 1.5, 'pf-edge')}
    <pattern id="ka" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" class="pk" /></pattern>
    <pattern id="kb" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="2" class="pk" /></pattern>
    <pattern id="kc" width="4" height="4" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1.25" class="pk" /></pattern>
    ${hatch('kd', 5, 2, 'pk')}
    <pattern id="ke" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 2h4M2 0v4" class="pks" /></pattern>
    ${arrow('ar', 'm-edge', 'userSpaceOnUse', 10)}
    ${arrow('ari', 'm-ink', 'userSpaceOnUse', 11)}
    ${arrow('arf', 'm-fault', 'userSpaceOnUse', 11)}
    ${arrow('arp', 'm-path', 'userSpaceOnUse', 11)}
  </defs>`;
}

/** The mark of a leader, 13 x 9. */
export function crown(x: number, y: number): TemplateResult<2> {
  return svg`<path transform="translate(${x} ${y})" d=${CROWN} class="crown" />`;
}

/** A leader that another has replaced without its knowing. */
export function staleCrown(x: number, y: number): TemplateResult<2> {
  return svg`<path transform="translate(${x} ${y})" d=${CROWN} class="crown off" /><path
    d="M${x - 1} ${y + 10}L${x + 14} ${y - 1}" class="strike" />`;
}

const CROWN = 'M0 9V1.5L3.6 4.6 6.5 0 9.4 4.6 13 1.5V9Z';

/** A violation: full at or behind the cursor, hollow ahead of it. */
export function octagon(x: number, y: number, r: number, full = true): TemplateResult<2> {
  const k = r * 0.4142;
  const d = `M${-k} ${-r}H${k}L${r} ${-k}V${k}L${k} ${r}H${-k}L${-r} ${k}V${-k}Z`;
  return svg`<path transform="translate(${x} ${y})" d=${d} class=${full ? 'octaf' : 'octa'} />${
    full
      ? svg`<path d="M${x} ${y - r * 0.5}v${r * 0.6}M${x} ${y + r * 0.44}v${r * 0.08}" class="octam" />`
      : nothing
  }`;
}

/** A cut link. */
export function scissors(x: number, y: number, scale = 1): TemplateResult<2> {
  return svg`<g class="sciss" transform="translate(${x} ${y}) scale(${scale})"><circle r="13" class="scbg" /><g
    transform="translate(-8 -8)"><circle cx="3.6" cy="4" r="2.1" /><circle cx="3.6" cy="12" r="2.1" /><path
    d="M5.4 5.2 14 12.4M5.4 10.8 14 3.6" /></g></g>`;
}

/** A numbered cause: the number is that of its sentence. */
export function disc(x: number, y: number, n: number, of?: string): TemplateResult<2> {
  return svg`<g class="num" role=${of ? 'img' : nothing} aria-label=${of ?? nothing} aria-hidden=${of ? nothing : 'true'}><circle
    cx=${x} cy=${y} r="10" />${label(x, y + 4, n, 'numt')}</g>`;
}

/** The strip at the left of something that is down. */
export function downStrip(x: number, y: number, h: number): TemplateResult<2> {
  return svg`<path d="M${x + 11} ${y + 1}h-5a5 5 0 0 0-5 5v${h - 12}a5 5 0 0 0 5 5h5z" fill="url(#down)" />`;
}

/** The ring round what has the keyboard's focus. */
export function focusRing(x: number, y: number, w: number, h: number): TemplateResult<2> {
  return svg`<rect x=${x - 6} y=${y - 6} width=${w + 12} height=${h + 12} rx="9" class="focusring" />`;
}
