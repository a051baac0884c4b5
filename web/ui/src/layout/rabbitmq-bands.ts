// RabbitMQ on a phone: lanes become bands, consumers stand right of their pipes.

import type { QueueSlot, ThingId, Topology } from '../scene';
import { empty, linkId, type Layout, type Size } from './layout';
import { density, middle, type Box, type Density } from './place';

const EDGE = 8;
const TRAY = 36;
/** Height of a row of producers, and of exchanges with their captions and tracks. */
const PRODUCERS = 50;
const EXCHANGES = 102;

/** Height of a queue's row, its pipe's top and thickness. */
const ROWS: Record<Density, { h: number; pipe: number; thick: number }> = {
  full: { h: 71, pipe: 24, thick: 34 },
  slim: { h: 56, pipe: 22, thick: 28 },
  bars: { h: 26, pipe: 5, thick: 16 },
  grid: { h: 26, pipe: 5, thick: 16 },
};
const DEAD = { h: 46, pipe: 7, thick: 30 };

export function rabbitmqBands(of: Topology, size: Size): Layout {
  const out = empty(size, 'bands');
  const { width } = size;
  out.density.queues = density(of.queues.length);
  const wide = width - 2 * EDGE;
  const exchangeRows = Math.ceil(of.exchanges.length / perRow(of.exchanges.length, 3));
  const queuesHeight = of.queues.reduce((sum, q) => sum + rowOf(of, q, out.density.queues).h, 0);
  const fixed = PRODUCERS * Math.ceil(of.producers.length / 2) + exchangeRows * EXCHANGES + queuesHeight + TRAY + 30;
  const air = Math.min(24, Math.max(0, (size.height - fixed) / (of.queues.length + 3)));

  // What is still left is given to the queues: their band reaches to the tray.
  const rest = Math.max(0, size.height - fixed - air * (of.queues.length + 3));

  let y = 2;
  y = placeProducers(out, of, y, wide);
  y = placeExchanges(out, of, y + 4, wide, EXCHANGES + air);
  const queuesTop = y + 4;
  y = placeQueues(out, of, queuesTop + rest / 3, width, air, Math.min(50, rest / 4)) + (rest * 2) / 3;
  out.lanes.push({ head: 'none', box: { x: EDGE - 4, y: queuesTop, w: wide + 8, h: y - queuesTop } });
  const bottom = y + 4 + TRAY + 2;
  out.height = Math.max(size.height, bottom);
  out.tray = { x: EDGE - 4, y: Math.max(y + 4, out.height - TRAY - 4), w: wide + 8, h: TRAY };
  linkUp(out, of, queuesTop);
  return out;
}

/** How many of a kind stand in one row. */
function perRow(count: number, most: number): number {
  return Math.max(1, Math.min(most, count));
}

function rowOf(of: Topology, queue: QueueSlot, dense: Density) {
  return dense === 'full' && source(of, queue.name) ? DEAD : ROWS[dense];
}

function source(of: Topology, name: string): QueueSlot | undefined {
  const found = of.queues.find((q) => q.deadLetters === name);
  return found && of.queues.indexOf(found) < of.queues.findIndex((q) => q.name === name) ? found : undefined;
}

/** The x of the middle of the i-th of n things in a row. */
function column(i: number, n: number, wide: number): number {
  return EDGE + (wide * (2 * i + 1)) / (2 * n);
}

function placeProducers(out: Layout, of: Topology, top: number, wide: number): number {
  const n = perRow(of.producers.length, 2);
  const w = Math.min(118, wide / n - 16);
  for (const [i, producer] of of.producers.entries()) {
    // A producer stands over the exchange that it publishes to, where that has a column of its own.
    const target = of.exchanges.findIndex((e) => `exchange:${e.name}` === producer.to[0]);
    const shared = of.producers.length <= 2 && of.exchanges.length <= 3 && target >= 0;
    const alone = of.producers.filter((p) => p.to[0] === producer.to[0]).length === 1;
    const x = shared && alone ? column(target, perRow(of.exchanges.length, 3), wide) : column(i % n, n, wide);
    const left = Math.min(Math.max(EDGE + 4, x - w / 2), EDGE + wide - w - 4);
    out.boxes.set(`producer:${producer.name}`, { x: left, y: top + 5 + Math.floor(i / n) * PRODUCERS, w, h: 40 });
  }
  const height = Math.max(1, Math.ceil(of.producers.length / n)) * PRODUCERS;
  out.lanes.push({ head: 'none', box: { x: EDGE - 4, y: top, w: wide + 8, h: height } });
  return top + height;
}

function placeExchanges(out: Layout, of: Topology, top: number, wide: number, row: number): number {
  const n = perRow(of.exchanges.length, 3);
  const r = 20;
  for (const [i, exchange] of of.exchanges.entries()) {
    const x = column(i % n, n, wide);
    const y = top + row - 55 + Math.floor(i / n) * row;
    const id = `exchange:${exchange.name}`;
    out.boxes.set(id, { x: x - r, y: y - r, w: 2 * r, h: 2 * r });
    out.captions.set(id, { x: x + 9, y: y + r + 13, anchor: 'start', room: wide / n / 2 + r - 12 });
  }
  const height = Math.max(1, Math.ceil(of.exchanges.length / n)) * row;
  out.lanes.push({ head: 'none', box: { x: EDGE - 4, y: top, w: wide + 8, h: height } });
  return top + height;
}

function placeQueues(out: Layout, of: Topology, top: number, width: number, air: number, more: number): number {
  const side = Math.min(96, width * 0.23);
  const tracks = Math.min(of.exchanges.length, 4) * 8;
  const left = EDGE + 12 + tracks;
  const w = width - EDGE - side - 24 - left;
  let y = top + 2;
  for (const queue of of.queues) {
    const row = rowOf(of, queue, out.density.queues);
    const indent = row === DEAD ? 50 : 0;
    out.boxes.set(`queue:${queue.name}`, { x: left + indent, y: y + row.pipe, w: w - indent, h: row.thick });
    y += row.h + (row === DEAD ? 0 : air);
  }
  const taken = new Map<ThingId, number>();
  for (const consumer of of.consumers) {
    const from = consumer.from[0] ?? '';
    const pipe = out.boxes.get(from);
    const nth = taken.get(from) ?? 0;
    taken.set(from, nth + 1);
    const all = of.consumers.filter((c) => c.from[0] === from).length;
    // As many as stand beside one pipe share the height of its row.
    // Tags stand on the upper edges, so they need a little more between them.
    const gap = more > 24 ? 14 : 6;
    const share = (ROWS[out.density.queues].h + more) / all - (all > 1 ? gap : 4);
    const h = Math.min(44, share);
    const place: Box = pipe
      ? { x: pipe.x + pipe.w + 18, y: middle(pipe).y - (all * (h + gap) - gap) / 2 + nth * (h + gap), w: side, h }
      : { x: width - EDGE - side, y, w: side, h };
    out.boxes.set(`consumer:${consumer.name}`, place);
  }
  return y + 2;
}

function linkUp(out: Layout, of: Topology, queuesTop: number): void {
  for (const producer of of.producers) {
    for (const to of producer.to) fall(out, `producer:${producer.name}`, to);
  }
  const tracks = [...of.exchanges].reverse();
  for (const exchange of of.exchanges) {
    const lane = EDGE + 2 + Math.min(tracks.indexOf(exchange), 3) * 8;
    const seen = new Map<ThingId, number>();
    for (const binding of exchange.bindings) {
      const nth = seen.get(binding.to) ?? 0;
      seen.set(binding.to, nth + 1);
      if (binding.to.startsWith('exchange:')) level(out, `exchange:${exchange.name}`, binding.to, nth);
      else gutter(out, of, exchange.name, binding.to, lane, nth, queuesTop);
    }
    if (exchange.alternate !== undefined) level(out, `exchange:${exchange.name}`, `exchange:${exchange.alternate}`, 0);
  }
  for (const queue of of.queues) {
    const [a, b] = [out.boxes.get(`queue:${queue.name}`), out.boxes.get(`queue:${queue.deadLetters}`)];
    if (!a || !b) continue;
    const [x, y, end] = [a.x + 18, a.y + a.h, b.x - 8];
    const [x1, turn] = b.x > x + 12 ? [x, middle(b).y] : [a.x - 12, middle(b).y];
    out.links.set(linkId(`queue:${queue.name}`, `queue:${queue.deadLetters}`), {
      d: `M${x1} ${y}V${turn}H${end}`,
      from: { x: x1, y },
      to: { x: end, y: turn },
      token: { x: x1, y: (y + turn) / 2 },
      text: { x: b.x + b.w + 12, y: turn + 4 },
    });
  }
  for (const consumer of of.consumers) {
    for (const from of consumer.from) {
      const [a, b] = [out.boxes.get(from), out.boxes.get(`consumer:${consumer.name}`)];
      if (!a || !b) continue;
      const [x1, x2, y1, y2] = [a.x + a.w + 8, b.x + 10, middle(a).y, middle(b).y];
      const centre = { x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
      out.links.set(linkId(from, `consumer:${consumer.name}`), {
        d: `M${x1} ${y1}L${x2} ${y2}`,
        from: { x: x1, y: y1 },
        to: { x: x2, y: y2 },
        token: centre,
        text: centre,
      });
    }
  }
}

/** From a producer down to its exchange. */
function fall(out: Layout, from: ThingId, to: ThingId): void {
  const [a, b] = [out.boxes.get(from), out.boxes.get(to)];
  if (!a || !b) return;
  const [x2, y1, y2] = [middle(b).x, a.y + a.h, b.y - 2];
  const x1 = Math.min(Math.max(x2, a.x + 10), a.x + a.w - 24);
  const turn = (y1 + y2) / 2;
  out.links.set(linkId(from, to), {
    d: x1 === x2 ? `M${x1} ${y1}V${y2}` : `M${x1} ${y1}C${x1} ${turn} ${x2} ${turn} ${x2} ${y2}`,
    from: { x: x1, y: y1 },
    to: { x: x2, y: y2 },
    token: { x: x2, y: turn + 2 },
    text: { x: x2 + 28, y: turn + 6 },
  });
}

/** Between two exchanges of a band, beside each other. */
function level(out: Layout, from: ThingId, to: ThingId, nth: number): void {
  const [a, b] = [out.boxes.get(from), out.boxes.get(to)];
  if (!a || !b) return;
  const right = b.x > a.x;
  const [x1, x2] = right ? [a.x + a.w, b.x - 3] : [a.x, b.x + b.w + 3];
  const [y1, y2] = [middle(a).y + nth * 8, middle(b).y + nth * 8];
  const centre = { x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  out.links.set(linkId(from, to, nth), {
    d: `M${x1} ${y1}L${x2} ${y2}`,
    from: { x: x1, y: y1 },
    to: { x: x2, y: y2 },
    token: centre,
    text: { x: centre.x, y: centre.y - 7 },
  });
}

/** From an exchange down, to the track of its own at the left, and into the tail of a queue. */
function gutter(out: Layout, of: Topology, name: string, to: ThingId, track: number, nth: number, top: number): void {
  const from = `exchange:${name}`;
  const [a, b] = [out.boxes.get(from), out.boxes.get(to)];
  if (!a || !b) return;
  const at = of.exchanges.findIndex((e) => e.name === name);
  const entering = of.exchanges.filter((e) => e.bindings.some((binding) => binding.to === to));
  const into = entering.findIndex((e) => e.name === name) - (entering.length - 1) / 2;
  const [x, y] = [middle(a).x, middle(b).y + into * 8];
  const turn = top - 8 + (at - of.exchanges.length) * 5;
  const end = b.x - 7;
  const d = `M${x} ${a.y + a.h}V${turn - 6}a6 6 0 0 1-6 6H${track + 6}a6 6 0 0 0-6 6V${y - 6}a6 6 0 0 0 6 6H${end}`;
  out.links.set(linkId(from, to, nth), {
    d,
    from: { x, y: a.y + a.h },
    to: { x: end, y },
    token: { x: x, y: (a.y + a.h + turn) / 2 },
    text: { x: end - 16, y: y - 6 },
  });
}
