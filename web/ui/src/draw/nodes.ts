// The shapes that stand in lanes: producer, consumer, exchange.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Box } from '../layout/place';
import type { Client, ExchangeKind, Presence } from '../scene';
import { downStrip, focusRing } from './marks';
import { fit, label, widthOf } from './text';

export interface NodeLook {
  /** What it is called by those who do not see it. */
  name: string;
  /** `producer:app`: what a click selects. */
  thing: string;
  selected?: boolean;
}

/** Everything that has a place and can be focused. */
export function node(box: Box, look: NodeLook, presence: Presence, shape: TemplateResult<2>): TemplateResult<2> {
  const kind = ['node', { there: '', down: 'down', absent: 'absent', ended: 'ended' }[presence.is]];
  return svg`<g class=${kind.filter(Boolean).join(' ')} tabindex="-1" role="button"
      data-thing=${look.thing} aria-label=${look.name} aria-pressed=${look.selected ? 'true' : 'false'}>
    ${look.selected ? svg`<rect x=${box.x - 4} y=${box.y - 4} width=${box.w + 8} height=${box.h + 8} rx="10" class="selring" />` : nothing}
    ${focusRing(box.x, box.y, box.w, box.h)}
    ${shape}
  </g>`;
}

/** A pentagon that points where its messages go. */
export function producer(box: Box, of: Client, look: NodeLook): TemplateResult<2> {
  const { x, y, w, h } = box;
  const tip = Math.min(18, h * 0.38);
  const d = `M${x + 5} ${y}H${x + w - tip}L${x + w} ${y + h / 2}L${x + w - tip} ${y + h}H${x + 5}a5 5 0 0 1-5-5V${y + 5}a5 5 0 0 1 5-5Z`;
  return node(box, look, of.presence, clientShape(box, d, of, x + 14, w - tip - 18));
}

/** A box with a notch that takes what comes. */
export function consumer(box: Box, of: Client, look: NodeLook, tag?: string): TemplateResult<2> {
  const { x, y, w, h } = box;
  const d = `M${x} ${y}H${x + w - 5}a5 5 0 0 1 5 5V${y + h - 5}a5 5 0 0 1-5 5H${x}L${x + 14} ${y + h / 2}Z`;
  return node(
    box,
    look,
    of.presence,
    svg`${clientShape(box, d, of, x + 24, w - 30)}${
      tag
        ? svg`<g transform="translate(${x + w - 16} ${y})"><rect x="-13" y="-8" width="26" height="16" rx="3" class="tagb" />${label(0, 4, tag, 'ownt')}</g>`
        : nothing
    }`,
  );
}

function clientShape(box: Box, d: string, of: Client, at: number, room: number): TemplateResult<2> {
  const { x, y, h } = box;
  const [longest] = of.line.split('\n').sort((a, b) => b.length - a.length);
  const line = of.short !== undefined && widthOf(longest ?? '', 11.5) > room ? of.short : of.line;
  const gone = of.presence.is === 'down' || of.presence.is === 'ended' ? of.presence.since : undefined;
  const lines = gone === undefined ? line.split('\n') : [gone];
  const shown = h < 40 ? [] : lines.filter((line) => line !== '');
  const middle = y + h / 2;
  const first = middle - (shown.length * 14.5) / 2 + 4.5;
  const tall = h < 32 ? 'nm small' : 'nm';
  return svg`<path d=${d} class="shape" stroke-dasharray=${of.presence.is === 'down' ? '5 4' : nothing} />
    ${of.presence.is === 'down' ? downStrip(x, y, h) : nothing}
    ${label(at, first, fit(of.name, room, h < 32 ? 12 : 14), tall)}
    ${shown.map((line, i) => label(at, first + 15 + i * 14, fit(line, room, 11.5), of.presence.is === 'down' ? 'sb bad' : 'sb'))}`;
}

/** A circle with the sign of its type. Its name stands below, or above where a link comes from below. */
export function exchange(
  box: Box,
  of: { name: string; kind: ExchangeKind; presence: Presence; line: string },
  look: NodeLook,
  caption: { x: number; y: number; anchor: 'middle' | 'start'; room: number },
): TemplateResult<2> {
  const [x, y, r] = [box.x + box.w / 2, box.y + box.h / 2, box.w / 2];
  const anchor = caption.anchor === 'middle' ? 'mid' : '';
  return node(
    box,
    look,
    of.presence,
    svg`<circle cx=${x} cy=${y} r=${r} class="shape" />${sign(x, y, of.kind)}
      ${label(caption.x, caption.y, fit(of.name, caption.room, 14), `nm ${anchor}`)}
      ${of.line ? label(caption.x, caption.y + 14, of.line, `sb ${anchor}`) : nothing}`,
  );
}

/** What an exchange compares: the key, a pattern, nothing, the headers. */
export function sign(x: number, y: number, kind: ExchangeKind): TemplateResult<2> {
  switch (kind) {
    case 'topic':
      return label(x, y + 8, '#', 'xg');
    case 'headers':
      return label(x, y + 7, '{}', 'xg');
    case 'fanout':
      return svg`<path d="M${x - 10} ${y}h6M${x - 4} ${y}l12 -9M${x - 4} ${y}h13M${x - 4} ${y}l12 9" class="xgl" /><circle
        cx=${x - 4} cy=${y} r="2.6" class="xgd" />`;
    case 'direct':
    case 'default':
      return svg`<path d="M${x - 9} ${y - 4}h18M${x - 9} ${y + 4}h18" class="xgl" />`;
  }
}

/** A lane with its head. */
export function lane(box: Box, head: string): TemplateResult<2> {
  return svg`<g aria-hidden="true"><rect x=${box.x} y=${box.y} width=${box.w} height=${box.h} rx="9" class="laneband" />${
    head ? label(box.x + 12, box.y + 20, fit(head, box.w - 16, 12.5), 'lanehead') : nothing
  }</g>`;
}
