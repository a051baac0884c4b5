// What both stages have: lanes, numbered discs, reserved slots, the empty stage.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Layout } from '../layout/layout';
import { middle, overlap, type Box } from '../layout/place';
import type { Scene, ThingId, Topology } from '../scene';
import type { Say } from '../text/strings';
import { disc } from './marks';
import { lane } from './nodes';
import { fit, label, widthOf } from './text';

export function lanes(layout: Layout, of: Topology, say: Say): TemplateResult<2> {
  return svg`${layout.lanes.map(({ head, box }) => {
    if (head === 'none') return lane(box, '');
    if (head === 'brokers') return layout.form === 'bands' ? nothing : lane(box, brokersHead(of, say));
    return lane(box, say(head).toLocaleUpperCase());
  })}`;
}

function brokersHead(of: Topology, say: Say): string {
  const topics = [...new Set(of.partitions.map((p) => p.topic))];
  const brokers = say('brokers').toLocaleUpperCase();
  if (topics.length !== 1) return brokers;
  const replicas = Math.max(0, ...of.partitions.map((p) => p.replicas.length));
  // A topic is spelt as it is; the words around it are a head's.
  const [before, after] = say('brokersOf', {
    partitions: say('partitions', { n: of.partitions.length }),
    replicas: say('replicas', { n: replicas }),
  }).split('{topic}');
  return `${before?.toLocaleUpperCase()}${topics[0]}${after?.toLocaleUpperCase()}`;
}

/** A slot kept for what is not there now: its name alone. */
export function slotName(box: Box, name: string): TemplateResult<2> {
  return svg`<g aria-hidden="true"><rect x=${box.x} y=${box.y} width=${box.w} height=${box.h} rx="7" class="encl" />${label(
    box.x + box.w / 2,
    box.y + box.h / 2 + 4,
    fit(name, box.w - 10, 12),
    'psub off mid',
  )}</g>`;
}

/** Numbered causes beside the things where they happened. */
export function discs(scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  const beside = new Map<ThingId, number>();
  return svg`${scene.causes.map((cause) => {
    const spot = spotOf(cause.at, scene, layout);
    if (!spot) return nothing;
    const nth = beside.get(cause.at) ?? 0;
    beside.set(cause.at, nth + 1);
    const x = spot.x + nth * 26;
    const room = layout.width - x - 14;
    const text = cause.text && layout.form === 'lanes' ? fit(cause.text, room, 12) : '';
    const name = say('nameCause', { n: cause.n, of: scene.causes.length });
    return svg`${disc(x, spot.y, cause.n, name)}${text ? label(x + 15, spot.y + 4, text, 'note halo') : nothing}`;
  })}`;
}

/** Where a disc stands: off the corner of its thing, so that it covers no text. */
function spotOf(id: ThingId, scene: Scene, layout: Layout): { x: number; y: number } | undefined {
  if (id.startsWith('cell:')) return cellSpot(id, scene, layout);
  const way = layout.links.get(id);
  if (way) {
    const cut = scene.links.find((link) => link.id === id)?.cut !== undefined;
    const at = cut ? way.text : way.token;
    return layout.form === 'bands' ? { x: Math.max(15, at.x), y: at.y - 26 } : { x: at.x, y: at.y + 31 };
  }
  const box = layout.boxes.get(id);
  if (!box) return undefined;
  if (layout.form === 'bands') return { x: box.x + 4, y: box.y - 3 };
  if (id.startsWith('replica:') && layout.boxes.get(`broker:${id.slice(id.indexOf('@') + 1)}`) !== box) {
    return { x: box.x + 24, y: box.y + box.h / 2 - 3 };
  }
  if (id.startsWith('producer:')) return { x: box.x + 12, y: box.y - 14 };
  if (id.startsWith('consumer:')) return { x: middle(box).x, y: box.y + box.h + 18 };
  if (id.startsWith('exchange:')) return { x: middle(box).x, y: box.y - 17 };
  if (id.startsWith('queue:')) return { x: box.x + box.w - 36, y: box.y + box.h + 20 };
  return { x: box.x + 2, y: box.y + 2 };
}

/** `cell:orders-0@kafka-1:7`: to the right of the last cell of that tape, or above a ghost. */
function cellSpot(id: ThingId, scene: Scene, layout: Layout): { x: number; y: number } | undefined {
  const [, place, offset] = /^cell:(.+):(\d+)$/.exec(id) ?? [];
  const tape = layout.tapes.get(`replica:${place}`);
  const [partition, broker] = place?.split('@') ?? [];
  const replica = scene.brokers.find((b) => b.name === broker)?.replicas.find((r) => r.partition === partition);
  if (!tape || !replica) return undefined;
  const ghosts = replica.cells.filter((c) => c.is === 'ghost').length;
  const folded = replica.from > 0 ? 1 : 0;
  const at = Number(offset) - replica.from + folded;
  const last = replica.leo - replica.from + folded + ghosts;
  if (ghosts > 0) return { x: tape.x + (at + 0.5) * tape.cell + (layout.form === 'bands' ? 0 : 6), y: tape.y - 9 };
  return { x: tape.x + last * tape.cell + 24, y: tape.y + 12 };
}

/** Before the first message: said where it covers nothing, or not at all. */
export function emptyStage(layout: Layout, say: Say): TemplateResult<2> | typeof nothing {
  const [title, line] = [say('noMessages'), say('firstStep')];
  const w = Math.max(widthOf(title, 13), widthOf(line, 11.5)) + 48;
  const x = layout.width / 2 - w / 2;
  const free = (y: number) => [...layout.boxes.values()].every((box) => !overlap(box, { x: x - 8, y: y - 30, w: w + 16, h: 120 }));
  const y = Array.from({ length: 40 }, (_, i) => layout.tray.y - 96 - i * 12).find((at) => at > 40 && free(at));
  if (y === undefined) return nothing;
  return svg`<g class="empty"><rect x=${x} y=${y} width=${w} height="72" rx="9" class="encl ground" />
    ${label(layout.width / 2, y + 32, title, 'pname mid')}${label(layout.width / 2, y + 52, line, 'psub mid')}</g>`;
}
