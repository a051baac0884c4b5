// RabbitMQ on a stage with room for four lanes side by side.

import type { QueueSlot, ThingId, Topology } from '../scene';
import { empty, linkId, type Layout, type Size } from './layout';
import { along, between, curve, density, middle, port, spread, stack, type Box, type Density } from './place';

/** Left edge and width of each lane, in a stage of 690 and in one of 1024. */
const LANES = {
  producers: [8, 114, 12, 138],
  exchanges: [132, 96, 182, 158],
  queues: [238, 312, 356, 476],
  consumers: [560, 122, 850, 162],
} as const;

const TRAY = 78;
const HEAD = 30;

/** Height of a queue's row: the pipe is at `pipe` from its top and `thick` high. */
interface Row {
  h: number;
  pipe: number;
  thick: number;
}
const ROWS: Record<Density, Row> = {
  full: { h: 88, pipe: 34, thick: 40 },
  slim: { h: 56, pipe: 22, thick: 28 },
  bars: { h: 26, pipe: 5, thick: 16 },
  grid: { h: 14, pipe: 1, thick: 12 },
};
const DEAD: Row = { h: 94, pipe: 41, thick: 36 };
/** A quorum queue: the pipe, then a row of 22 for each replica. */
const REPLICA = 22;

export function rabbitmqLanes(of: Topology, size: Size): Layout {
  const out = empty(size, 'lanes');
  const { width } = size;
  const lane = (name: keyof typeof LANES): Box => {
    const [x, w, x2, w2] = LANES[name];
    return { x: between(x, x2, width), y: 2, w: between(w, w2, width), h: 0 };
  };
  const queues = lane('queues');
  out.density.queues = density(of.queues.length);
  out.density.clients = density(Math.max(of.producers.length, of.consumers.length));

  const groups = families(of.queues);
  const heights = groups.map((group) => groupHeight(group, out.density.queues));
  const spare = size.height - TRAY - 20 - HEAD;
  const clients = Math.max(of.producers.length, of.consumers.length) * pitch(out.density.clients);
  const needed = Math.max(
    out.density.queues === 'grid' ? gridHeight(of.queues.length) : heights.reduce((a, b) => a + b, 0),
    clients,
    of.exchanges.length * 72,
  );
  const room = Math.max(spare, needed);
  out.height = Math.max(size.height, room + TRAY + 20 + HEAD);
  const bottom = HEAD + room;
  if (out.density.queues === 'grid') placeGrid(out, of.queues, queues);
  else placeQueues(out, groups, heights, queues, bottom);

  const centre = (id: ThingId) => {
    const box = out.boxes.get(id);
    return box ? middle(box).y : HEAD + room / 2;
  };
  placeExchanges(out, of, lane('exchanges'), bottom, centre);
  placeClients(out, of, lane('producers'), lane('consumers'), bottom, centre);
  for (const head of ['producers', 'exchanges', 'queues', 'consumers'] as const) {
    out.lanes.push({ head, box: { ...lane(head), h: bottom + 4 } });
  }
  out.tray = { x: 12, y: out.height - TRAY - 2, w: width - 24, h: TRAY };
  linkUp(out, of);
  return out;
}

/** Queues in order, each followed by the queue of its dead letters. */
function families(queues: QueueSlot[]): QueueSlot[][] {
  const below = new Set(queues.map((q) => q.deadLetters).filter((name) => name !== undefined));
  const own = new Set(queues.filter((q) => !below.has(q.name)).map((q) => q.name));
  const groups: QueueSlot[][] = [];
  const taken = new Set<string>();
  for (const queue of queues) {
    if (taken.has(queue.name) || (!own.has(queue.name) && owned(queue, queues))) continue;
    const group = [queue];
    taken.add(queue.name);
    const dead = queues.find((q) => q.name === queue.deadLetters && !taken.has(q.name));
    if (dead) {
      group.push(dead);
      taken.add(dead.name);
    }
    groups.push(group);
  }
  return groups;
}

/** Whether a queue has a source that is drawn before it, and is not part of a ring. */
function owned(queue: QueueSlot, queues: QueueSlot[]): boolean {
  const source = queues.find((q) => q.deadLetters === queue.name);
  return source !== undefined && source.deadLetters !== source.name && queue.deadLetters !== source.name;
}

function rowOf(queue: QueueSlot, at: number, density: Density): Row {
  if (density !== 'full') return ROWS[density];
  if (at > 0) return DEAD;
  if (queue.kind === 'quorum') {
    return { h: ROWS.full.h + 18 + REPLICA * queue.replicas.length, pipe: 36, thick: 40 };
  }
  return ROWS.full;
}

function groupHeight(group: QueueSlot[], density: Density): number {
  return group.reduce((sum, queue, at) => sum + rowOf(queue, at, density).h, 0);
}

function placeQueues(out: Layout, groups: QueueSlot[][], heights: number[], lane: Box, bottom: number): void {
  const tops = stack(heights, HEAD + 4, bottom - 4, 44);
  const narrow = out.density.queues === 'bars' ? 0.5 : 1;
  for (const [g, group] of groups.entries()) {
    let y = tops[g]!;
    for (const [at, queue] of group.entries()) {
      const row = rowOf(queue, at, out.density.queues);
      const indent = at > 0 && out.density.queues !== 'bars' ? Math.min(70, lane.w * 0.15) : 0;
      const x = lane.x + 46 * Math.min(1, lane.w / 476) + indent;
      const w = (lane.x + lane.w - 28 * Math.min(1, lane.w / 476) - x) * narrow;
      out.boxes.set(`queue:${queue.name}`, { x, y: y + row.pipe, w, h: row.thick });
      if (queue.kind === 'quorum' && out.density.queues === 'full') {
        out.enclosures.push({
          id: `queue:${queue.name}`,
          box: { x: lane.x + 14, y, w: lane.w - 22, h: row.h - 4 },
        });
        for (const [r, replica] of queue.replicas.entries()) {
          out.boxes.set(`replica:${queue.name}@${replica}`, {
            x: lane.x + 26,
            y: y + row.pipe + 62 + r * REPLICA,
            w: lane.w - 46,
            h: 18,
          });
        }
      }
      y += row.h;
    }
  }
}

const GRID = { cell: 12, pitch: 15, row: 20 };

function gridHeight(count: number): number {
  return Math.ceil(count / GRID.row) * GRID.pitch + 40;
}

function placeGrid(out: Layout, queues: QueueSlot[], lane: Box): void {
  const columns = Math.min(GRID.row, Math.floor((lane.w - 24) / GRID.pitch));
  for (const [i, queue] of queues.entries()) {
    out.boxes.set(`queue:${queue.name}`, {
      x: lane.x + 14 + (i % columns) * GRID.pitch,
      y: HEAD + 16 + Math.floor(i / columns) * GRID.pitch,
      w: GRID.cell,
      h: GRID.cell,
    });
  }
}

function placeExchanges(out: Layout, of: Topology, lane: Box, bottom: number, centre: (id: ThingId) => number): void {
  const count = of.exchanges.length;
  const r = count > 5 ? 16 : lane.w < 130 ? 23 : 27;
  const wishes = of.exchanges.map((exchange) => {
    const ys = exchange.bindings.filter(({ to }) => to.startsWith('queue:')).map(({ to }) => centre(to));
    const mean = ys.length === 0 ? HEAD + (bottom - HEAD) / 2 : ys.reduce((a, b) => a + b, 0) / ys.length;
    // With one queue the link is straight; a mean is snapped, so that lines do not nearly meet.
    return ys.length === 1 ? mean : Math.round(mean / 8) * 8;
  });
  const gap = Math.min(100, (bottom - HEAD - 90) / Math.max(1, count - 1));
  const ys = spread(wishes, Math.max(64, gap), HEAD + r + 22, bottom - r - 34);
  const x = lane.x + lane.w / 2;
  for (const [i, exchange] of of.exchanges.entries()) {
    const id = `exchange:${exchange.name}`;
    const y = ys[i]!;
    out.boxes.set(id, { x: x - r, y: y - r, w: 2 * r, h: 2 * r });
  }
  captions(out, of, lane, r, centre);
}

/** A name stands below its circle, else above it, else beside it: where no link and no other name is. */
function captions(out: Layout, of: Topology, lane: Box, r: number, centre: (id: ThingId) => number): void {
  const x = lane.x + lane.w / 2;
  const taken: [number, number][] = of.exchanges.map(({ name }) => centre(`exchange:${name}`)).map((y) => [y - r, y + r]);
  const byHeight = [...of.exchanges].sort((a, b) => centre(`exchange:${a.name}`) - centre(`exchange:${b.name}`));
  for (const { name } of byHeight) {
    const id = `exchange:${name}`;
    const y = centre(id);
    const [above, below] = neighbours(of, name, centre);
    const free = (from: number, to: number) => taken.every(([a, b]) => to <= a || b <= from);
    if (!below && free(y + r + 3, y + r + 34)) {
      taken.push([y + r + 3, y + r + 34]);
      out.captions.set(id, { x, y: y + r + 16, anchor: 'middle', room: lane.w + 20 });
    } else if (!above && free(y - r - 34, y - r - 3)) {
      taken.push([y - r - 34, y - r - 3]);
      out.captions.set(id, { x, y: y - r - 20, anchor: 'middle', room: lane.w + 20 });
    } else out.captions.set(id, { x: x + r - 4, y: y + r + 6, anchor: 'start', room: lane.w / 2 - r + 40 });
  }
}

/** Whether links leave or enter an exchange from above, and from below. */
function neighbours(of: Topology, name: string, centre: (id: ThingId) => number): [boolean, boolean] {
  const me = centre(`exchange:${name}`);
  const others = of.exchanges.flatMap((exchange) => {
    const targets = [
      ...(exchange.alternate === undefined ? [] : [`exchange:${exchange.alternate}`]),
      ...exchange.bindings.map(({ to }) => to).filter((to) => to.startsWith('exchange:')),
    ];
    if (exchange.name === name) return targets.map(centre);
    return targets.includes(`exchange:${name}`) ? [centre(`exchange:${exchange.name}`)] : [];
  });
  return [others.some((y) => y < me), others.some((y) => y > me)];
}

/** Height and distance of clients by how many there are. */
function pitch(of: Density): number {
  return { full: 76, slim: 44, bars: 26, grid: 14 }[of];
}

function placeClients(
  out: Layout,
  of: Topology,
  producers: Box,
  consumers: Box,
  bottom: number,
  centre: (id: ThingId) => number,
): void {
  const h = { full: 48, slim: 36, bars: 22, grid: 12 }[out.density.clients];
  const gap = Math.max(pitch(out.density.clients), h + 4);
  const place = (lane: Box, inset: [number, number], all: { id: ThingId; wish: number }[]) => {
    const ys = spread(all.map(({ wish }) => wish), gap, HEAD + h / 2 + 8, bottom - h / 2 - 12);
    for (const [i, { id }] of all.entries()) {
      out.boxes.set(id, { x: lane.x + inset[0], y: ys[i]! - h / 2, w: lane.w - inset[0] - inset[1], h });
    }
  };
  const level = (targets: ThingId[]) => centre(targets[0] ?? '');
  place(
    producers,
    [10, 14],
    of.producers.map((p) => ({ id: `producer:${p.name}`, wish: level(p.to) })),
  );
  place(
    consumers,
    [14, 12],
    of.consumers.map((c) => ({ id: `consumer:${c.name}`, wish: level(c.from) })),
  );
}

function linkUp(out: Layout, of: Topology): void {
  const sides = (id: ThingId) => out.boxes.get(id);
  const add = (from: ThingId, to: ThingId, at: number, k: number, nth = 0, into = 0, of = 1) => {
    const [a, b] = [sides(from), sides(to)];
    if (!a || !b) return;
    const [x1, y1] = [a.x + a.w, middle(a).y + port(at, k)];
    const [x2, y2] = [b.x - (to.startsWith('queue:') ? 6 : 2), middle(b).y + port(into, of)];
    const start = from.startsWith('queue:') ? x1 + 8 : from.startsWith('exchange:') ? edgeOf(a, at, k) : x1;
    const end = to.startsWith('exchange:') ? x2 : to.startsWith('consumer:') ? b.x + 12 : x2;
    // A token on its way up or down to a consumer stays clear of its corners.
    const clear = to.startsWith('consumer:') && Math.abs(y1 - y2) > 4 ? b.x : end;
    out.links.set(linkId(from, to, nth), {
      d: curve(start, y1, end, y2),
      from: { x: start, y: y1 },
      to: { x: end, y: y2 },
      token: along(start, y1, clear, y2, 0.5),
      text: along(start, y1, end, y2, 0.5),
    });
  };
  const incoming = new Map<ThingId, number>();
  const entering = of.exchanges.flatMap((e) => e.bindings.map(({ to }) => to));
  for (const producer of of.producers) {
    for (const [i, to] of producer.to.entries()) add(`producer:${producer.name}`, to, i, producer.to.length);
  }
  for (const exchange of of.exchanges) {
    const from = `exchange:${exchange.name}`;
    const toQueues = exchange.bindings.filter(({ to }) => to.startsWith('queue:'));
    const byHeight = [...toQueues].sort((a, b) => yOf(out, a.to) - yOf(out, b.to));
    const seen = new Map<ThingId, number>();
    for (const binding of exchange.bindings) {
      const nth = seen.get(binding.to) ?? 0;
      seen.set(binding.to, nth + 1);
      if (binding.to.startsWith('exchange:')) upright(out, from, binding.to, nth);
      else {
        const into = incoming.get(binding.to) ?? 0;
        incoming.set(binding.to, into + 1);
        const all = entering.filter((to) => to === binding.to).length;
        add(from, binding.to, byHeight.indexOf(binding), toQueues.length, nth, into, all);
      }
    }
    if (exchange.alternate !== undefined) upright(out, from, `exchange:${exchange.alternate}`, 0);
  }
  for (const queue of of.queues) if (queue.deadLetters) deadLetters(out, queue.name, queue.deadLetters);
  for (const consumer of of.consumers) {
    for (const [i, from] of consumer.from.entries()) {
      add(from, `consumer:${consumer.name}`, 0, 1, 0, i, consumer.from.length);
    }
  }
}

function yOf(out: Layout, id: ThingId): number {
  const box = out.boxes.get(id);
  return box ? middle(box).y : 0;
}

/** Where a link leaves the circle, so that several do not start inside it. */
function edgeOf(box: Box, at: number, k: number): number {
  const r = box.w / 2;
  const dy = port(at, k);
  return box.x + r + Math.sqrt(Math.max(0, r * r - dy * dy)) + 1;
}

/** Between two exchanges of the lane, above each other. */
function upright(out: Layout, from: ThingId, to: ThingId, nth: number): void {
  const [a, b] = [out.boxes.get(from), out.boxes.get(to)];
  if (!a || !b) return;
  const up = b.y < a.y;
  const x = middle(a).x + nth * 8;
  const [y1, y2] = [up ? a.y : a.y + a.h, up ? b.y + b.h + 3 : b.y - 3];
  const centre = { x, y: (y1 + y2) / 2 };
  out.links.set(linkId(from, to, nth), {
    d: `M${x} ${y1}V${y2}`,
    from: { x, y: y1 },
    to: { x, y: y2 },
    token: centre,
    text: { x, y: up ? y1 - 16 : y2 - 10 },
  });
}

/** From below the tail of a queue round the corner into the one of its dead letters. */
function deadLetters(out: Layout, from: string, to: string): void {
  const [a, b] = [out.boxes.get(`queue:${from}`), out.boxes.get(`queue:${to}`)];
  if (!a || !b) return;
  const id = linkId(`queue:${from}`, `queue:${to}`);
  const y = middle(b).y;
  const x = b.x > a.x + 30 ? a.x + 22 : a.x - 18;
  const start = a.y + a.h + 1;
  out.links.set(id, {
    d: `M${x} ${start}V${y}H${b.x - 8}`,
    from: { x, y: start },
    to: { x: b.x - 8, y },
    token: { x, y: (start + y) / 2 },
    text: { x: x - 24, y: y + 20 },
  });
}
