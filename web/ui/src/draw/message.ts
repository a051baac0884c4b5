// The message: a tag with its key as a pattern at the left and its id. 42 x 24.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Token } from '../scene';
import { label, widthOf } from './text';

export const TOKEN = { w: 42, h: 24 };

export interface TokenLook {
  w?: number;
  h?: number;
  selected?: boolean;
  /** Its name for those who do not see it. */
  name?: string;
}

/** A token with its upper left corner at (x, y). */
export function token(x: number, y: number, of: Token, look: TokenLook = {}): TemplateResult<2> {
  const { w = TOKEN.w, h = TOKEN.h } = look;
  const kind = ['tok', of.state, of.transient ? 'transient' : '', look.selected ? 'sel' : ''];
  const ghost = of.state === 'ghost';
  return svg`<g class=${kind.filter(Boolean).join(' ')} transform="translate(${x} ${y})"
      data-thing="message:${of.id}" role="img" aria-label=${look.name ?? of.id}>
    ${look.selected ? svg`<rect x="-4" y="-4" width=${w + 8} height=${h + 8} rx="9" class="selring" />` : nothing}
    <rect width=${w} height=${h} rx="6" class="body" fill=${of.state === 'unacked' ? 'url(#hatch)' : nothing} />
    ${ghost ? nothing : keyStrip(of, h)}
    ${of.state === 'unacked' ? svg`<rect x="11.5" y="3.5" width=${w - 14} height=${h - 7} rx="3" class="plate" />` : nothing}
    ${name(of, w, h)}
    ${ghost ? svg`<path d="M5 5 ${w - 5} ${h - 5}M${w - 5} 5 5 ${h - 5}" class="cross" />` : nothing}
    ${of.letter ? fold(of.letter, w) : nothing}
    ${(of.deliveries ?? 0) > 1 ? again(of.deliveries ?? 0, w) : nothing}
    ${of.ttl === undefined ? nothing : clock(of.ttl, w)}
    ${of.owner ? owner(of.owner, w, h) : nothing}
  </g>`;
}

/** What tells keys apart: a pattern, not a hue. */
function keyStrip(of: Token, h: number): TemplateResult<2> {
  const d = `M6 0H9V${h}H6A6 6 0 0 1 0 ${h - 6}V6A6 6 0 0 1 6 0Z`;
  return svg`<path d=${d} fill=${of.key === 'f' ? 'none' : `url(#k${of.key})`} class="key" /><path
    d="M9 0V${h}" class="keyline" />`;
}

function name(of: Token, w: number, h: number): TemplateResult<2> {
  const room = w - (of.state === 'ghost' ? 4 : 11);
  const size = Math.min(12.5, (12.5 * room) / widthOf(of.id, 12.5, 'mono'));
  const middle = of.state === 'ghost' ? w / 2 : (w + 9) / 2;
  return svg`<text x=${middle} y=${h / 2 + 4.2} class="tid" style="font-size:${Math.max(10.5, size)}px">${of.id}</text>`;
}

/** The folded corner of a dead letter. The letter stands on a fold as wide as it needs. */
function fold(letter: string, w: number): TemplateResult<2> {
  return svg`<path d="M${w - 15} -5H${w - 1}A6 6 0 0 1 ${w + 5} 1V15Z" class="fold" />${label(w - 1.5, 5.6, letter, 'foldt')}`;
}

/** How often it was delivered. */
function again(times: number, w: number): TemplateResult<2> {
  return svg`<g transform="translate(${w - 5} -6)"><rect x="-9" y="-6.5" width="22" height="14" rx="7" class="badge" />${label(2, 4.2, `×${times}`, 'badget')}</g>`;
}

/** How much of its time to live is left. */
function clock(share: number, w: number): TemplateResult<2> {
  const angle = Math.min(0.9999, Math.max(0, share)) * 2 * Math.PI;
  const [x, y] = [6 * Math.sin(angle), -6 * Math.cos(angle)].map((v) => v.toFixed(2));
  return svg`<g transform="translate(${w - 2} -2)"><circle r="8" class="ttlbg" /><circle r="6" class="ttl" /><path
    d="M0 0V-6A6 6 0 ${share > 0.5 ? 1 : 0} 1 ${x} ${y}Z" class="ttlw" /></g>`;
}

/** Who holds it. */
function owner(tag: string, w: number, h: number): TemplateResult<2> {
  return svg`<path d="M${w / 2} ${h}V${h + 6}" class="ownl" /><g transform="translate(${w / 2} ${h + 12})"><rect
    x="-12" y="-7" width="24" height="14" rx="3" class="own" />${label(0, 3.8, tag, 'ownt')}</g>`;
}

/** Two outlines behind a token: it came from there. */
export function trail(x: number, y: number, h = TOKEN.h): TemplateResult<2> {
  const one = (from: number) =>
    `M${from} ${y}h-4a6 6 0 0 0-6 6v${h - 12}a6 6 0 0 0 6 6h4`;
  return svg`<path d="${one(x - 6)}${one(x - 18)}" class="trail" />`;
}

/** The frame round what travels together, and how many more there are than are shown. */
export function batch(x: number, y: number, w: number, h: number): TemplateResult<2> {
  return svg`<rect x=${x} y=${y} width=${w} height=${h} rx="8" class="batchbox" />`;
}

/** Many tokens on one link: a disc with their count. */
export function crowd(x: number, y: number, count: number): TemplateResult<2> {
  return svg`<circle cx=${x} cy=${y} r="13" class="foldc" />${label(x, y + 4, count, 'foldn')}`;
}
