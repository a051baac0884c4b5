// Kafka's stage: a card for each broker, a tape for each replica, the group that reads them.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Layout } from '../layout/layout';
import { along, type Box } from '../layout/place';
import type { Broker, Client, Replica, Scene, Topology } from '../scene';
import { cellName, present, replicaName } from '../text/names';
import type { Say } from '../text/strings';
import { controllers } from './controllers';
import { captions, flights, links } from './links';
import { crown, downStrip, staleCrown } from './marks';
import { consumer, node, producer, type NodeLook } from './nodes';
import { note } from './rabbitmq';
import { discs, lanes, slotName } from './stage-parts';
import { narrowed, offsetX, rulerOf, tape } from './tape';
import { fit, label, widthOf } from './text';

export function kafkaStage(of: Topology, scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  const look = (thing: string, name: string): NodeLook => ({ thing, name, selected: scene.selected === thing });
  return svg`
    ${lanes(layout, of, say)}
    ${layout.form === 'bands' ? chosenHead(of, layout, say) : nothing}
    ${links(scene, layout, say)}
    ${groups(of, scene, layout, say)}
    ${scene.brokers.map((one) => card(one, scene, layout, say, look))}
    ${captions(scene, layout, say)}
    ${layout.form === 'lanes' ? fetchCaptions(scene, layout, say) : nothing}
    ${scene.producers.map((one) => client(one, 'producer', layout, say, look))}
    ${scene.consumers.map((one) => client(one, 'consumer', layout, say, look))}
    ${flights(scene, layout, say, messageOf(scene))}
    ${discs(scene, layout, say)}
    ${controllers(scene, layout, say, look)}`;
}

function messageOf(scene: Scene): string | undefined {
  return scene.selected?.startsWith('message:') ? scene.selected.slice('message:'.length) : undefined;
}

/** Which partition a narrow stage shows, and the way to the others. */
function chosenHead(of: Topology, layout: Layout, say: Say): TemplateResult<2> | typeof nothing {
  const head = layout.lanes.find((lane) => lane.head === 'brokers')?.box;
  if (!head || layout.chosen === undefined) return nothing;
  const tapes = of.partitions.reduce((sum, p) => sum + p.replicas.length, 0);
  const text = say('allTapes', { n: tapes });
  const w = widthOf(text, 11.5) + 20;
  const x = head.x + head.w - w;
  const held = of.partitions[0]?.replicas.length ?? 0;
  const alone = `${say('partitions', { n: 1 })}, ${say('replicas', { n: held })}`;
  const line = of.partitions.length === 1 ? alone : say('onePartition', { n: of.partitions.length });
  return svg`${label(head.x + 6, head.y + 22, layout.chosen, 'qn')}
    ${label(head.x + 16 + widthOf(layout.chosen, 14.5), head.y + 22, fit(line, x - head.x - 24 - widthOf(layout.chosen, 14.5), 12), 'qc')}
    ${of.partitions.length > 1 ? svg`<g class="node" tabindex="-1" role="button" data-act="tapes" aria-label=${text}><rect
      x=${x} y=${head.y + 3} width=${w} height="28" rx="6" class="chipbg" />${label(x + w / 2, head.y + 21, text, 'psub mid')}</g>` : nothing}`;
}

/** A word at each arc, so that it says what it carries: where no other link crosses and nothing flies. */
function fetchCaptions(scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  const word = say('fetch');
  const half = widthOf(word, 12) / 2 + 3;
  const busy = scene.flights.flatMap((flight) => layout.links.get(flight.link)?.token ?? []);
  const crossing = scene.links.filter((link) => link.kind === 'publish').flatMap((link) => {
    const way = layout.links.get(link.id);
    return way ? Array.from({ length: 25 }, (_, i) => along(way.from.x, way.from.y, way.to.x, way.to.y, i / 24)) : [];
  });
  const arcs = scene.links.filter((link) => link.kind === 'replicate' && link.cut === undefined);
  const placed: { x: number; y: number }[] = [];
  return svg`${arcs.map((link) => {
    const spots = layout.links.get(link.id)?.spots ?? [];
    const free = spots.find(({ x, y }) =>
      busy.every((at) => Math.abs(at.y - y) > 34 || Math.abs(at.x - x) > half + 50) &&
      crossing.every((at) => Math.abs(at.x - x) > half + 4 || Math.abs(at.y - y) > 13) &&
      placed.every((at) => Math.abs(at.x - x) > 2 * half || Math.abs(at.y - y) > 15),
    );
    if (free) placed.push(free);
    return free ? label(free.x, free.y + 4, word, 'elab sansl mid') : nothing;
  })}`;
}

/** The enclosure of a consumer group, with its generation. */
function groups(of: Topology, scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  return svg`${layout.enclosures.map(({ id, box }) => {
    const group = id.slice('group:'.length);
    const member = of.consumers.find((c) => c.group === group);
    const generation = scene.consumers.find((c) => c.name === member?.name)?.generation;
    const lines = [say('group', { group }), generation === undefined ? '' : say('generation', { n: generation })];
    const bands = layout.form === 'bands';
    return svg`${bands ? nothing : svg`<rect x=${box.x} y=${box.y} width=${box.w} height=${box.h} rx="9" class="encl" />`}
      ${lines.map((line, i) => label(box.x + 10, box.y + 18 + i * 15, fit(line, box.w - 14, 11.5), 'psub'))}`;
  })}`;
}

/** The cards alone, for a narrow stage; `stacked` puts what a card says in two lines. */
export function kafkaCards(scene: Scene, layout: Layout, say: Say, stacked: boolean): TemplateResult<2> {
  const look = (thing: string, name: string): NodeLook => ({ thing, name });
  return svg`${scene.brokers.map((one) => card(one, scene, layout, say, look, stacked))}`;
}

type Look = (thing: string, name: string) => NodeLook;

function client(of: Client, kind: 'producer' | 'consumer', layout: Layout, say: Say, look: Look) {
  const id = `${kind}:${of.name}`;
  const box = layout.boxes.get(id);
  if (!box) return nothing;
  if (of.presence.is === 'absent') return svg`${slotName(box, of.name)}${note(of, box, layout)}`;
  const assigned = of.assigned ?? [];
  const bands = layout.form === 'bands';
  const line = kind === 'consumer' && assigned.length > 0 ? lines(assigned, box, bands) : of.line;
  const spoken = say(kind === 'producer' ? 'nameProducer' : 'nameConsumer', { name: of.name });
  const name = [spoken, of.line, ...assigned].filter((part) => part !== '').join(', ');
  const shown = { ...of, line };
  const named = look(id, present(say, name, of.presence));
  return svg`${kind === 'producer' ? producer(box, shown, named) : consumer(box, shown, named)}${note(of, box, layout)}`;
}

/** As many assigned partitions as there are lines; the last says how many more. */
function lines(assigned: string[], box: Box, bands: boolean): string {
  if (bands) return assigned.map((name, i) => (i === 0 ? name : name.slice(name.lastIndexOf('-') + 1))).join(', ');
  const most = Math.max(1, Math.floor((box.h - 22) / 14));
  if (assigned.length <= most) return assigned.join('\n');
  return [...assigned.slice(0, most - 1), `+${assigned.length - most + 1}`].join('\n');
}

function card(
  of: Broker,
  scene: Scene,
  layout: Layout,
  say: Say,
  look: Look,
  stacked = false,
): TemplateResult<2> | typeof nothing {
  const id = `broker:${of.name}`;
  const box = layout.boxes.get(id);
  if (!box) return nothing;
  if (of.presence.is === 'absent') return slotName(box, of.name);
  const { x, y, w, h } = box;
  const rows = of.replicas
    .map((replica) => ({ replica, row: layout.boxes.get(`replica:${replica.partition}@${of.name}`) }))
    .filter((r): r is { replica: Replica; row: Box } => r.row !== undefined);
  const lone = rows.length === 1 && rows[0]!.row === box;
  const leads = of.replicas.filter((r) => r.role === 'leader').length;
  const down = of.presence.is === 'down';
  const line = down && of.presence.is === 'down' ? of.presence.since : of.line;
  const name = present(say, say('nameBroker', { name: of.name, n: leads }), of.presence);
  const [left, base] = [x + (down ? 22 : 12), y + (of.replicas.length === 0 && h > 60 ? 26 : 17)];
  const head = lone ? undefined : svg`${label(left, base, of.name, 'qn')}
    ${label(left + 12 + widthOf(of.name, 14.5), base, fit(line, w - (down ? 60 + widthOf(of.name, 14.5) : 300), 12), down ? 'cardc bad' : 'cardc')}`;
  const shape = svg`<rect x=${x} y=${y} width=${w} height=${h} rx="9" class="bcard shape" stroke-dasharray=${down ? '5 4' : nothing} />
    ${down ? downStrip(x, y, h) : nothing}${head ?? nothing}`;
  return svg`${node(box, look(id, name), of.presence, shape)}
    ${rows.map(({ replica, row }, i) =>
      lone
        ? loneReplica(of, replica, row, scene, layout, say, stacked)
        : replicaRow(of, replica, row, i, scene, layout, say),
    )}`;
}

/** The frame of a replica's role: double for a leader, dashed for one out of the ISR. */
function roleFrame(role: Replica['role'], box: Box): TemplateResult<2> | typeof nothing {
  const { x, y, w, h } = box;
  if (role === 'leader') {
    return svg`<rect x=${x} y=${y} width=${w} height=${h} rx="6" class="leadbox" /><rect
      x=${x + 3} y=${y + 3} width=${w - 6} height=${h - 6} rx="4" class="leadbox2" />`;
  }
  if (role === 'out') return svg`<rect x=${x} y=${y} width=${w} height=${h} rx="6" class="outbox" />`;
  return nothing;
}

function roleMark(role: Replica['role'], x: number, y: number): TemplateResult<2> | typeof nothing {
  if (role === 'leader') return crown(x, y);
  return role === 'stale' ? staleCrown(x, y) : nothing;
}

function replicaRow(
  broker: Broker,
  whole: Replica,
  row: Box,
  nth: number,
  scene: Scene,
  layout: Layout,
  say: Say,
): TemplateResult<2> | typeof nothing {
  const place = layout.tapes.get(`replica:${whole.partition}@${broker.name}`);
  if (!place) return nothing;
  const of = narrowed(whole, place.cells, rulerOf(whole.partition, scene.brokers));
  const { x, y, w, h } = row;
  const right = x + w - 20;
  const tone = of.note?.tone === 'fault' ? 'note bad' : 'note wait';
  const ghost = of.cells.find((c) => c.is === 'ghost');
  const room = place.x - x - 44;
  return svg`<g role="group" data-thing="replica:${of.partition}@${broker.name}" aria-label=${replicaName(say, of, broker.name)}>
    ${chosenRing(whole, broker, scene, { x: x + 3, y, w: w - 6, h })}
    ${nth > 0 ? svg`<path d="M${x + 12} ${y}H${x + w - 12}" class="rowline" />` : nothing}
    ${roleFrame(of.role, { x: x + 5, y: y + 1, w: w - 10, h: h - 2 })}
    ${roleMark(of.role, x + 17, y + h / 2 - 13)}
    ${label(x + 38, y + h / 2 - 2, fit(of.partition, room, 13), 'pname')}
    ${label(x + 38, y + h / 2 + 14, fit(of.line, room + 6, 11.5), of.role === 'out' ? 'psub waitt' : 'psub')}
    ${tape(place, of, { selected: messageOf(scene), cellName: (cell, committed) => cellName(say, cell, committed), right: x + w - 10 })}
    <text x=${right} y=${y + h / 2 - 2} class="mk end"><tspan class="ok">HW ${of.hw}</tspan><tspan dx="9">LEO ${of.leo}</tspan></text>
    ${of.lso === undefined ? nothing : label(right, y + h / 2 + 14, `LSO ${of.lso}`, 'mk ok end')}
    ${of.note && !ghost ? label(right, y + h / 2 + 14, of.note.text, `${tone} end`) : nothing}
    ${ghost ? label(offsetX(place, of, of.leo + ghosts(of)) + 14, place.y + (place.h ?? 24) / 2 + 4, say('truncated', { id: ghost.id ?? '' }), 'note bad') : nothing}
  </g>`;
}

function chosenRing(of: Replica, broker: Broker, scene: Scene, box: Box): TemplateResult<2> | typeof nothing {
  if (scene.selected !== `replica:${of.partition}@${broker.name}`) return nothing;
  return svg`<rect x=${box.x} y=${box.y} width=${box.w} height=${box.h} rx="9" class="selring" />`;
}

function ghosts(of: Replica): number {
  return of.cells.filter((c) => c.is === 'ghost').length;
}

/** A card that is one replica: its role and marks are in the card's head. */
function loneReplica(
  broker: Broker,
  whole: Replica,
  card: Box,
  scene: Scene,
  layout: Layout,
  say: Say,
  stacked: boolean,
): TemplateResult<2> | typeof nothing {
  const place = layout.tapes.get(`replica:${whole.partition}@${broker.name}`);
  if (!place) return nothing;
  const of = narrowed(whole, place.cells, rulerOf(whole.partition, scene.brokers));
  const { x, y, w, h } = card;
  const bands = layout.form === 'bands';
  const base = y + (bands ? 21 : 26);
  const down = broker.presence.is === 'down';
  const crowned = !down && (of.role === 'leader' || of.role === 'stale');
  const left = x + (crowned ? 36 : 16);
  const right = x + w - 14;
  const marks = `HW ${of.hw}  LEO ${of.leo}`;
  const room = right - widthOf(bands ? 'HW 99' : marks, 11.5, 'mono') - left - widthOf(broker.name, 13) - 24;
  const line = broker.presence.is === 'down' ? broker.presence.since : loneLine(of, broker, stacked ? w - 40 : room, say);
  const ghost = of.cells.find((c) => c.is === 'ghost');
  const end = offsetX(place, of, of.leo + ghosts(of)) + 12;
  return svg`<g role="group" data-thing="replica:${of.partition}@${broker.name}" aria-label=${replicaName(say, of, broker.name)}>
    ${chosenRing(whole, broker, scene, { x: x - 4, y: y - 4, w: w + 8, h: h + 8 })}
    ${down ? nothing : roleFrame(of.role, { x: x + 4, y: y + 4, w: w - 8, h: h - 8 })}
    ${crowned ? roleMark(of.role, x + 14, base - 10) : nothing}
    ${label(left, base, broker.name, 'pname')}
    ${stacked
      ? label(left, base + 15, fit(line, w - 40, 11.5), down ? 'psub bad' : of.role === 'out' ? 'psub waitt' : 'psub')
      : label(left + widthOf(broker.name, 13) + 10, base, fit(line, room, 11.5), down ? 'psub bad' : of.role === 'out' ? 'psub waitt' : 'psub')}
    ${down || stacked ? nothing : bands
      ? svg`${label(right, base, `HW ${of.hw}`, 'mk ok end')}${label(right, place.y + (place.h ?? 24) / 2 + 4, `LEO ${of.leo}`, 'mk end')}`
      : svg`<text x=${right} y=${base} class="mk end"><tspan class="ok">HW ${of.hw}</tspan><tspan dx="9">LEO ${of.leo}</tspan></text>`}
    ${tape(place, of, { selected: messageOf(scene), cellName: (cell, committed) => cellName(say, cell, committed), right: x + w - 10 })}
    ${ghost && !stacked ? label(end, place.y + (place.h ?? 24) / 2 + 4, bands ? (ghost.id ?? '') : say('truncated', { id: ghost.id ?? '' }), bands ? 'mk bad' : 'note bad') : nothing}
  </g>`;
}

/** In a row the crown says who leads; a lone card has room for the word, and for more if it fits whole. */
function loneLine(of: Replica, broker: Broker, room: number, say: Say): string {
  const role = of.role === 'leader' ? `${say('leader')}, ${of.line}` : of.line;
  return [of.note?.text, broker.line].reduce<string>((line, more) => {
    const longer = more ? `${line}, ${more}` : line;
    return widthOf(longer, 11.5) <= room ? longer : line;
  }, role);
}
