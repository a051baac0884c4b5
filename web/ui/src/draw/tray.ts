// The tray "Left the flow" under RabbitMQ's stage, with the ledger line that closes.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Layout } from '../layout/layout';
import type { Scene, TrayEntry } from '../scene';
import { tokenName } from '../text/names';
import type { Key, Say } from '../text/strings';
import { token } from './message';
import { fit, label, widthOf } from './text';

/** The ways out, in this order. */
const WAYS: { why: TrayEntry['why']; says: Key }[] = [
  { why: 'returned', says: 'returned' },
  { why: 'dead-lettered', says: 'deadLettered' },
  { why: 'expired', says: 'expired' },
  { why: 'dropped', says: 'dropped' },
  { why: 'lost', says: 'lost' },
];

export function tray(scene: Scene, layout: Layout, say: Say, chosen?: string): TemplateResult<2> {
  const { x, y, w, h } = layout.tray;
  return svg`<g class="tray"><rect x=${x} y=${y} width=${w} height=${h} rx="9" class="traybg" />
    ${layout.form === 'bands' ? small(scene, layout, say, chosen) : large(scene, layout, say, chosen)}</g>`;
}

/** In one line: the ways out that were taken, then the equation. */
export function leftLine(scene: Scene, box: { x: number; y: number; w: number; h: number }, say: Say, chosen?: string): TemplateResult<2> {
  const { x, y, w, h } = box;
  const base = y + h / 2 + 4;
  const words = say(scene.ledger.closes ? 'ledgerCloses' : 'ledgerOpen');
  const head = say('left');
  let at = x + 14 + widthOf(head, 12.5) + 16;
  const sum = widthOf(scene.ledger.text, 12) + widthOf(words, 12) + 8;
  const end = x + w - 14;
  const taken = WAYS.flatMap(({ why, says }) => {
    const entry = scene.tray.find((e) => e.why === why);
    if (!entry) return [];
    const text = `${say(says)} ${entry.count}`;
    const from = at;
    const wide = (entry.token ? 50 : 0) + widthOf(text, 12) + 16;
    // What has no room is in the equation as well.
    if (from + wide > end - Math.min(sum, (end - x) * 0.45)) return [];
    at += wide;
    return [svg`${entry.token ? token(from, y + h / 2 - 12, entry.token, { selected: entry.token.id === chosen, name: tokenName(say, entry.token) }) : nothing}
      ${label(from + (entry.token ? 50 : 0), base, text, why === 'lost' || why === 'returned' ? 'note bad' : 'note')}`];
  });
  const none = taken.length === 0 ? label(at, base, say('none'), 'trayn tray0') : nothing;
  if (taken.length === 0) at += widthOf(say('none'), 12) + 16;
  const text = fit(scene.ledger.text, end - at - widthOf(words, 12) - 8, 12);
  return svg`${label(x + 14, base, head, 'trayh')}${taken}${none}<text x=${end} y=${base} class="trayn end">${text} <tspan class=${scene.ledger.closes ? 'okt' : 'badt'}>${words}</tspan></text>`;
}

function large(scene: Scene, layout: Layout, say: Say, chosen?: string): TemplateResult<2> {
  const { x, y, w } = layout.tray;
  const entries = WAYS.map(({ why, says }) => ({ says, entry: scene.tray.find((e) => e.why === why) }));
  // Those that are taken share what the others, which only say "none", leave.
  const bare = entries.map(({ says, entry }) => (entry ? 0 : widthOf(say(says), 12.5) + 26));
  const head = widthOf(say('left'), 12.5) + 40;
  const rest = w - head - bare.reduce((a, b) => a + b, 0);
  const taken = entries.filter(({ entry }) => entry).length;
  let at = x + head;
  const columns = entries.map(({ says, entry }, i) => {
    const room = entry ? rest / taken : bare[i]!;
    const from = at;
    at += room;
    return svg`<path d="M${from - 12} ${y + 10}v34" class="rowline" />${
      entry
        ? taking(entry, from, y, room, say, says, chosen)
        : svg`${label(from, y + 22, say(says), 'trayh')}${label(from, y + 38, say('none'), 'trayn tray0')}`
    }`;
  });
  const words = say(scene.ledger.closes ? 'ledgerCloses' : 'ledgerOpen');
  const line = fit(scene.ledger.text, w - widthOf(words, 12) - 44, 12);
  return svg`${label(x + 16, y + 30, say('left'), 'trayh')}${columns}
    <path d="M${x + 2} ${y + 52}H${x + w - 2}" class="rowline" />
    <text x=${x + 16} y=${y + 69} class="trayn">${line} <tspan class=${scene.ledger.closes ? 'okt' : 'badt'}>${words}</tspan></text>`;
}

function taking(of: TrayEntry, x: number, y: number, room: number, say: Say, says: Key, chosen?: string): TemplateResult<2> {
  const count = of.count > 1 ? ` × ${of.count}` : '';
  const left = of.token ? x + 52 : x;
  const space = room - (left - x) - 18;
  return svg`
    ${of.token ? token(x, y + 14, of.token, { selected: of.token.id === chosen, name: tokenName(say, of.token) }) : nothing}
    ${label(left, y + 22, fit(`${say(says)}${count}`, space, 12.5), 'trayh')}
    ${label(left, y + 38, fit(of.detail ?? String(of.count), space, 12), of.why === 'returned' || of.why === 'lost' ? 'note bad' : 'trayn')}`;
}

/** One line: what left, and how many are lost. */
function small(scene: Scene, layout: Layout, say: Say, chosen?: string): TemplateResult<2> {
  const { x, y, w, h } = layout.tray;
  const lost = scene.tray.find((e) => e.why === 'lost')?.count ?? 0;
  const end = `${lost} ${say('lost').toLocaleLowerCase()}`;
  const base = y + h / 2 + 4;
  let at = x + 10 + widthOf(say('left'), 12.5) + 12;
  const limit = x + w - widthOf(end, 12) - 20;
  const shown = scene.tray
    .filter((e) => e.why !== 'lost' && e.token)
    .map((entry) => {
      const detail = (entry.detail ?? '').split(/[ ,]/)[0] ?? '';
      const from = at;
      const wide = 48 + widthOf(detail, 12) + 12;
      if (from + 48 > limit) return nothing;
      at += wide;
      return svg`${token(from, y + 6, entry.token!, { selected: entry.token!.id === chosen, name: tokenName(say, entry.token!) })}
        ${from + wide <= limit ? label(from + 50, base, detail, 'note bad') : nothing}`;
    });
  return svg`${label(x + 10, base, say('left'), 'trayh')}${shown}
    ${label(x + w - 10, base, end, lost > 0 ? 'note bad end' : 'trayn end')}`;
}
