// A queue: a pipe with its head at the right. Tokens stand in fixed slots from the head.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Box } from '../layout/place';
import type { Queue, Token } from '../scene';
import { TOKEN, token } from './message';
import type { NodeLook } from './nodes';
import { focusRing } from './marks';
import { fit, label, widthOf } from './text';

/** Distance of slots. */
const SLOT = 50;

/** The glass of a pipe. */
export function pipe(x: number, y: number, w: number, h: number): TemplateResult<2> {
  const r = h / 2;
  return svg`<path d="M${x} ${y}H${x + w}A6 ${r} 0 0 1 ${x + w} ${y + h}H${x}A6 ${r} 0 0 0 ${x} ${y}Z" class="pbg" />
    <path d="M${x} ${y}A6 ${r} 0 0 1 ${x} ${y + h}A6 ${r} 0 0 1 ${x} ${y}" class="ptail" />
    <path d="M${x} ${y}H${x + w}M${x} ${y + h}H${x + w}" class="pwall" />
    <ellipse cx=${x + w} cy=${y + r} rx="6" ry=${r} class="pmouth" />`;
}

export interface QueueLook extends NodeLook {
  words: { ready: string; unacked: string };
  selectedToken?: string | undefined;
  tokenName: (token: Token) => string;
  /** Its name stands inside, where there is no room above. */
  inside?: boolean;
}

/** A queue with its name and counts above and its messages inside. */
export function queue(box: Box, of: Queue, look: QueueLook): TemplateResult<2> {
  if (of.presence.is === 'absent') return reserved(box, of.name);
  const { x, y, w, h } = box;
  const slim = h < 34;
  const tok = slim ? { w: 34, h: 20 } : TOKEN;
  const pitch = slim ? 40 : SLOT;
  const most = Math.max(1, Math.floor((w - 8 - (tok.w - 38)) / pitch));
  const total = of.ready + of.unacked;
  const hidden = total - of.tokens.length > 0 || of.tokens.length > most;
  const shown = of.tokens.slice(0, hidden ? most - 1 : most);
  const rest = total - shown.length;
  const top = y + (h - tok.h) / 2;
  const at = (i: number) => x + w - tok.w - 12 - i * pitch;
  return svg`<g class="pipe node ${of.presence.is === 'down' ? 'down' : ''}" tabindex="-1" role="button"
      data-thing=${look.thing} aria-label=${look.name} aria-pressed=${look.selected ? 'true' : 'false'}>
    ${look.selected ? svg`<rect x=${x - 10} y=${y - 4} width=${w + 20} height=${h + 8} rx="10" class="selring" />` : nothing}
    ${focusRing(x - 6, y, w + 12, h)}
    ${look.inside ? nothing : heading(box, of, look)}
    ${pipe(x, y, w, h)}
    ${look.inside ? label(x + 14, y + h / 2 + 4, fit(of.name, at(shown.length - 1) - x - 22, 11.5), 'psub') : nothing}
    ${rest > 0 ? svg`<rect x=${at(shown.length)} y=${top} width=${tok.w} height=${tok.h} rx="6" class="rest" />${label(at(shown.length) + tok.w / 2, top + tok.h / 2 + 4, `+${rest}`, 'mk mid')}` : nothing}
  </g>
  ${shown.map((one, i) =>
    token(at(i), top, one, { ...tok, selected: look.selectedToken === one.id, name: look.tokenName(one) }),
  )}`;
}

function heading(box: Box, of: Queue, look: QueueLook): TemplateResult<2> {
  const { x, y, w, h } = box;
  const base = y - (h < 34 ? 7 : 12);
  // Nobody can say what is in the queue of a broker that is down.
  if (of.presence.is === 'down') {
    const called = fit(of.name, w * 0.6, 14.5);
    return svg`${label(x, base, called, 'qn')}${label(x + widthOf(called, 14.5) + 12, base, fit(of.presence.since, w - widthOf(called, 14.5) - 16, 12), 'qc bad')}`;
  }
  const counts = `${of.ready} ${look.words.ready}  ${of.unacked} ${look.words.unacked}`;
  const room = w - widthOf(counts, 12) - 6;
  const name = fit(of.name, room, 14.5);
  const line = room - widthOf(name, 14.5) - 22;
  return svg`${label(x, base, name, 'qn')}${
    line > 40 ? label(x + widthOf(name, 14.5) + 12, base, fit(of.line, line, 12), 'qc') : nothing
  }<text x=${x + w + 6} y=${base} class="qc end"><tspan class="qcs">${of.ready}</tspan> ${look.words.ready}<tspan
    dx="8" class="qcs">${of.unacked}</tspan> ${look.words.unacked}</text>`;
}

/** A slot that is kept for a queue which is not there now. */
function reserved(box: Box, name: string): TemplateResult<2> {
  return svg`<g aria-hidden="true"><rect x=${box.x} y=${box.y} width=${box.w} height=${box.h} rx="9" class="encl" />${
    box.h > 20 ? label(box.x + 14, box.y + box.h / 2 + 4, fit(name, box.w - 24, 12), 'psub off') : nothing
  }</g>`;
}

/** One of many queues: a bar, unacknowledged from the head, then ready. */
export function bar(box: Box, of: Queue, look: QueueLook): TemplateResult<2> {
  const { x, y, w, h } = box;
  const unit = Math.min(4, (w - 10) / Math.max(1, of.ready + of.unacked));
  const [u, r] = [of.unacked * unit, of.ready * unit];
  return svg`<g class="pipe node" tabindex="-1" role="button" data-thing=${look.thing} aria-label=${look.name}>
    ${focusRing(x - 6, y, w + 12, h)}${pipe(x, y, w, h)}
    <rect x=${x + w - 4 - u} y=${y + 3} width=${u} height=${h - 6} fill="url(#hatch)" class="barw" />
    <rect x=${x + w - 4 - u - r} y=${y + 3} width=${r} height=${h - 6} class="barr" />
    ${label(x + w + 14, y + h / 2 + 4, fit(of.name, w * 0.45, 11.5), 'psub')}
    ${label(x + w * 2 - 4, y + h / 2 + 4, `${of.ready} · ${of.unacked}`, 'mk end')}
  </g>`;
}

/** One of very many: a cell that shows its worst state. */
export function gridCell(box: Box, of: Queue, look: QueueLook): TemplateResult<2> {
  const waiting = of.unacked > 0;
  return svg`<g class="node" tabindex="-1" role="button" data-thing=${look.thing} aria-label=${look.name}>
    ${focusRing(box.x, box.y, box.w, box.h)}
    <rect x=${box.x} y=${box.y} width=${box.w} height=${box.h} rx="2" class="gridc ${waiting ? 'waiting' : ''}"
      fill=${waiting ? 'url(#hatch)' : nothing} /></g>`;
}
