// A still of a scenario for its card, 320 x 118, drawn with what the stage is drawn with.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Replica, Scene, Topology } from '../scene';
import { TOKEN, token } from './message';
import { crown, octagon } from './marks';
import { sign } from './nodes';
import { pipe } from './pipe';
import { narrowed, rulerOf, tape } from './tape';
import { fit, label } from './text';

export const PREVIEW = { width: 320, height: 118 };

/** `broken` says that a check is violated at this event. */
export function preview(of: Topology, scene: Scene | undefined, broken: boolean): TemplateResult<2> {
  const picture = of.family === 'kafka' ? tapes(of, scene) : route(of, scene);
  return svg`${picture}${broken ? octagon(300, 20, 12) : nothing}`;
}

/** The logs of one partition, a row for each broker. */
function tapes(of: Topology, scene: Scene | undefined): TemplateResult<2> {
  const [partition] = of.partitions;
  const name = partition ? `${partition.topic}-${partition.partition}` : '';
  const brokers = of.brokers.slice(0, 3);
  const h = 28;
  const gap = 7;
  const top = (PREVIEW.height - brokers.length * (h + gap) + gap) / 2;
  return svg`${brokers.map((slot, i) => {
    const y = top + i * (h + gap);
    const broker = scene?.brokers.find((b) => b.name === slot.name);
    const replica = broker?.replicas.find((r) => r.partition === name);
    const down = broker?.presence.is === 'down';
    const leads = replica?.role === 'leader' && !down;
    return svg`<g><rect x="14" y=${y} width="268" height=${h} rx="7" class=${leads ? 'leadbox' : replica?.role === 'out' && !down ? 'outbox' : 'bcard'} stroke-dasharray=${down ? '5 4' : nothing} />
      ${leads ? crown(22, y + 10) : label(28, y + 18, slot.id, 'mk mid')}
      ${replica ? small(replica, y + 3, scene!) : nothing}</g>`;
  })}`;
}

function small(of: Replica, y: number, scene: Scene): TemplateResult<2> {
  const place = { x: 46, y, cell: 22, h: 22, cells: 10 };
  const shown = narrowed(of, place.cells, rulerOf(of.partition, scene.brokers));
  return tape(place, { ...shown, epochs: [], committed: [], lso: undefined }, { cellName: () => '' });
}

/** From the first client through an exchange into a queue and out of it. */
function route(of: Topology, scene: Scene | undefined): TemplateResult<2> {
  const y = PREVIEW.height / 2;
  const [from, to] = [of.producers[0], of.consumers[0]];
  const exchange = of.exchanges[0];
  const shown = (scene?.queues[0]?.tokens ?? []).slice(0, 2);
  return svg`
    <path d="M10 ${y - 18}H52L64 ${y}L52 ${y + 18}H10Z" class="bcard" />${label(16, y + 4, fit(from?.name ?? '', 40, 12), 'psub strong')}
    <path d="M64 ${y}H82" class="edge" marker-end="url(#ar)" />
    <circle cx="100" cy=${y} r="16" class="bcard" /><g transform="translate(100 ${y}) scale(0.72)">${sign(0, 0, exchange?.kind ?? 'default')}</g>
    <path d="M116 ${y}H132" class="edge" marker-end="url(#ar)" />
    ${pipe(138, y - 18, 102, 36)}
    ${shown.map((one, i) => token(240 - TOKEN.w - 8 - i * 48, y - 12, one, { name: '' }))}
    <path d="M248 ${y}H256" class="edge" marker-end="url(#ar)" />
    <path d="M254 ${y - 18}H314V${y + 18}H254L264 ${y}Z" class="bcard" />${label(268, y + 4, fit(to?.name ?? '', 44, 12), 'psub strong')}`;
}
