// The narrow stage beside the space-time diagram: only what the selection touches.

import { html, nothing, svg, type TemplateResult } from 'lit';

import { empty, type Layout } from '../layout/layout';
import type { Scene, Topology } from '../scene';
import { queueName, tokenName } from '../text/names';
import type { Say } from '../text/strings';
import { kafkaCards } from './kafka';
import { lane } from './nodes';
import { queue } from './pipe';
import { label } from './text';

const WIDTH = 240;
const LEGEND = 124;

export function ministage(of: Topology, scene: Scene, event: number, height: number, say: Say): TemplateResult {
  const rows = Math.max(1, Math.floor((height - 60 - LEGEND) / 112));
  return html`<svg class="mini" width=${WIDTH} height=${height} viewBox="0 0 ${WIDTH} ${height}" role="group" aria-label=${say('stageAt', { n: event })}>
    ${lane({ x: 0, y: 2, w: WIDTH, h: height - 4 }, say('stageAt', { n: event }).toLocaleUpperCase())}
    ${of.family === 'kafka' ? tapes(of, scene, rows, say) : queues(of, scene, rows, say)}
    ${legend(height - LEGEND, say)}</svg>`;
}

/** One partition: the one of the selection, or the first. */
function tapes(of: Topology, scene: Scene, rows: number, say: Say): TemplateResult<2> {
  const id = scene.selected?.startsWith('message:') ? scene.selected.slice('message:'.length) : undefined;
  const names = of.partitions.map((p) => `${p.topic}-${p.partition}`);
  const touched = names.find((name) =>
    scene.selected?.includes(name) ||
    scene.brokers.some((b) => b.replicas.some((r) => r.partition === name && r.cells.some((c) => c.id !== undefined && c.id === id))),
  );
  const chosen = touched ?? names[0];
  if (chosen === undefined) return svg``;
  const layout: Layout = { ...empty({ width: WIDTH, height: 0 }, 'bands'), chosen };
  const held = of.partitions.find((p) => `${p.topic}-${p.partition}` === chosen)?.replicas ?? [];
  const holders = of.brokers.filter(({ id }) => held.includes(id)).map(({ name }) => name);
  const brokers = scene.brokers.filter((b) => holders.includes(b.name)).slice(0, rows);
  for (const [i, { name }] of brokers.entries()) {
    const box = { x: 12, y: 66 + i * 112, w: WIDTH - 24, h: 96 };
    layout.boxes.set(`broker:${name}`, box);
    layout.boxes.set(`replica:${chosen}@${name}`, box);
    layout.tapes.set(`replica:${chosen}@${name}`, { x: box.x + 14, y: box.y + 54, cell: 20, cells: 9 });
  }
  const shown = brokers.map((b) => ({ ...b, replicas: b.replicas.filter((r) => r.partition === chosen) }));
  return svg`${label(12, 52, chosen, 'qn')}${kafkaCards({ ...scene, brokers: shown }, layout, say, true)}`;
}

function queues(of: Topology, scene: Scene, rows: number, say: Say): TemplateResult<2> {
  const id = scene.selected?.startsWith('message:') ? scene.selected.slice('message:'.length) : undefined;
  const touched = scene.queues.filter((q) => scene.selected === `queue:${q.name}` || q.tokens.some((t) => t.id === id));
  const shown = (touched.length > 0 ? touched : scene.queues).slice(0, rows);
  return svg`${shown.map((one, i) =>
    queue({ x: 20, y: 82 + i * 100, w: WIDTH - 48, h: 40 }, { ...one, line: '' }, {
      thing: `queue:${one.name}`,
      name: queueName(say, one),
      words: { ready: '', unacked: '' },
      selectedToken: id,
      tokenName: (token) => tokenName(say, token),
    }),
  )}${of.queues.length > shown.length ? label(20, 92 + shown.length * 100, `+${of.queues.length - shown.length}`, 'psub') : nothing}`;
}

function legend(y: number, say: Say): TemplateResult<2> {
  const row = (i: number) => y + 20 + i * 24;
  return svg`<g aria-hidden="true"><rect x="12" y=${y - 4} width=${WIDTH - 24} height="112" rx="8" class="chipbg" />
    <circle cx="32" cy=${row(0)} r="5.5" class="evd" />${label(52, row(0) + 4, say('legendEvent'), 'psub')}
    <circle cx="32" cy=${row(1)} r="9" class="foldc" />${label(32, row(1) + 4, 4, 'foldn')}${label(52, row(1) + 4, say('legendFold'), 'psub')}
    <rect x="25" y=${row(2) - 8} width="6" height="16" rx="2" class="rail" /><rect x="33" y=${row(2) - 8} width="6" height="16" rx="2" class="rail lead" />${label(52, row(2) + 4, say('legendEpoch'), 'psub')}
    <path d="M26 ${row(3) - 6}l12 12m0-12l-12 12" class="crash" />${label(52, row(3) + 4, say('legendCrash'), 'psub')}</g>`;
}

