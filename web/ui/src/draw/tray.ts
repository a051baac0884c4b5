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
