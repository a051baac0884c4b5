// Kafka on a stage with room for three lanes: a card for each broker, a row for each replica.

import type { PartitionSlot, ThingId, Topology } from '../scene';
import { empty, linkId, type Layout, type Size } from './layout';
import { between, curve, density, middle, spread, type Box } from './place';

/** Left edge and width of each lane, in a stage of 690 and in one of 1024. */
const LANES = {
  producers: [8, 114, 12, 132],
  brokers: [132, 418, 200, 656],
  consumers: [560, 122, 882, 130],
} as const;

const STRIP = 52;
/** Below the voters: what left the flow, and the ledger. Left out where the rows need its height. */
const LEFT = 34;
const HEAD = 28;
/** Above the rows of a card. */
const CARD_HEAD = 22;
const CARD_FOOT = 5;
const CARD_GAP = 8;
const ROW = { least: 50, most: 58 };
/** A card with one partition: its head says what a row would, and the tape is below. */
const LONE = { least: 80, most: 144 };

/** `orders-0`. */
export function partitionName(of: Pick<PartitionSlot, 'topic' | 'partition'>): string {
  return `${of.topic}-${of.partition}`;
}

export function kafkaLanes(of: Topology, size: Size, chosen?: string): Layout {
  const out = empty(size, 'lanes');
  const lane = (name: keyof typeof LANES): Box => {
    const [x, w, x2, w2] = LANES[name];
    return { x: between(x, x2, size.width), y: 2, w: between(w, w2, size.width), h: 0 };
  };
  out.density.brokers = of.brokers.length > 9 ? 'matrix' : of.brokers.length > 3 ? 'chosen' : 'cards';
  out.density.clients = density(Math.max(of.producers.length, of.consumers.length));
  const narrow = size.width < 820;
  const shown = shownPartitions(of, out.density.brokers === 'chosen' || narrow, chosen);
  out.chosen = shown.length === 1 && of.partitions.length > 1 ? partitionName(shown[0]!) : undefined;
  const voters = of.controllers.length > 0 ? STRIP : 0;
  const strip = voters === 0 || leastHeight(of, shown) + voters + LEFT + 16 <= size.height ? voters + LEFT : voters;

  const bottom = placeCards(out, of, shown, lane('brokers'), size.height - strip - 8);
  const floor = Math.max(size.height - strip - 6, bottom + 1);
  out.height = Math.max(size.height, floor + strip + 6);
  placeClients(out, of, lane('producers'), lane('consumers'), floor);
  for (const head of ['producers', 'brokers', 'consumers'] as const) {
    out.lanes.push({ head, box: { ...lane(head), h: floor - 2 } });
  }
  out.tray = { x: 12, y: floor + 6, w: size.width - 24, h: strip };
  linkUp(out, of, lane('brokers'));
  return out;
}

/** All partitions, or where there is room for one only, that one. */
export function shownPartitions(of: Topology, one: boolean, chosen?: string): PartitionSlot[] {
  if (!one) return of.partitions;
  const found = of.partitions.find((p) => partitionName(p) === chosen) ?? of.partitions[0];
  return found ? [found] : [];
}

/** What the cards need at the least. */
function leastHeight(of: Topology, shown: PartitionSlot[]): number {
  const rows = of.brokers.map(({ id }) => shown.filter((p) => p.replicas.includes(id)).length);
  const card = (n: number) => (shown.length <= 1 ? LONE.least : CARD_HEAD + n * ROW.least + CARD_FOOT) + CARD_GAP;
  return HEAD + rows.reduce((sum, n) => sum + card(n), 0);
}

function placeCards(out: Layout, of: Topology, shown: PartitionSlot[], lane: Box, floor: number): number {
  const lone = shown.length <= 1;
  const wide = lane.w > 500;
  // A lone tape leaves room beside its card for what is under way.
  const gutter = lone && wide ? 92 : Math.min(64, lane.w * 0.1 + 2);
  const x = lane.x + gutter;
  const w = lane.w - gutter - (lone && wide ? 64 : 8);
  const rows = (id: number) => shown.filter((p) => p.replicas.includes(id));
  const all = of.brokers.reduce((sum, b) => sum + rows(b.id).length, 0);
  const fixed = of.brokers.length * (CARD_HEAD + CARD_FOOT + CARD_GAP);
  const spare = floor - HEAD;
  const height = Math.min(ROW.most, Math.max(ROW.least, Math.floor((spare - fixed) / Math.max(1, all))));
  const tall = Math.min(LONE.most, Math.max(LONE.least, Math.floor(spare / Math.max(1, of.brokers.length)) - 24));
  const heightOf = (id: number) => (lone ? tall : CARD_HEAD + rows(id).length * height + CARD_FOOT);
  const total = of.brokers.reduce((sum, b) => sum + heightOf(b.id), 0);
  const gap = lone ? Math.min(28, Math.max(CARD_GAP, (spare - total) / (of.brokers.length + 1))) : CARD_GAP;
  const used = total + gap * (of.brokers.length - 1);
  let y = HEAD + (lone ? Math.max(0, (spare - used) / 2) : 0);
  for (const broker of of.brokers) {
    const card = { x, y, w, h: heightOf(broker.id) };
    out.boxes.set(`broker:${broker.name}`, card);
    for (const [i, partition] of rows(broker.id).entries()) {
      const id = `replica:${partitionName(partition)}@${broker.name}`;
      const row = lone ? card : { x, y: y + CARD_HEAD + i * height, w, h: height };
      out.boxes.set(id, row);
      out.tapes.set(id, lone ? loneTape(row) : rowTape(row));
    }
    y += card.h + gap;
  }
  return y - gap;
}

/** Below the head of the card, with room for an epoch above the cells and a pennant below them. */
function loneTape(card: Box) {
  const tall = card.h > 110;
  const cell = card.w > 400 ? Math.min(46, Math.floor((card.w - 48) / 13)) : 24;
  const y = card.y + (tall ? 38 + (card.h - 38 - 24 - 28) / 2 : Math.min(46, card.h - 44));
  return { x: card.x + 24, y, cell, h: tall ? 28 : 24, cells: Math.floor((card.w - 44) / cell) };
}

/** Room at the right end of a row for its marks as text. */
const MARKS = 104;
/** Room at its left for the partition's name. */
const NAMES = 146;

function rowTape(row: Box) {
  const cell = Math.min(24, Math.floor((row.w - NAMES - MARKS - 40) / 12));
  // Below the cells there is room for a pennant, above them for an epoch, inside the leader's frame.
  const h = row.h < 54 ? 22 : 24;
  return { x: row.x + NAMES, y: row.y + (row.h - h) / 2 - 1, cell, h, cells: 12 };
}

function placeClients(out: Layout, of: Topology, producers: Box, consumers: Box, floor: number): void {
  // A lone partition is led now here, now there: its clients stand in the middle of its replicas.
  const cards = of.partitions.length === 1 ? of.brokers.map((b) => middle(out.boxes.get(`broker:${b.name}`)!).y) : [];
  const alone = cards.length > 0 ? (Math.min(...cards) + Math.max(...cards)) / 2 : undefined;
  const level = (id: ThingId): number => {
    if (alone !== undefined) return alone;
    // The leader at the start is the first replica that the topic was created with.
    const name = id.replace('partition:', '');
    const partition = of.partitions.find((p) => partitionName(p) === name);
    const broker = of.brokers.find((b) => b.id === partition?.replicas[0]);
    const row = out.boxes.get(`replica:${name}@${broker?.name}`) ?? out.boxes.get(`broker:${broker?.name}`);
    return row ? middle(row).y : HEAD + (floor - HEAD) / 2;
  };
  const mean = (ids: ThingId[]) => ids.map(level).reduce((a, b) => a + b, 0) / Math.max(1, ids.length);
  const tall = of.consumers.some((c) => c.from.length > 1);
  const ph = { full: 48, slim: 36, bars: 22, grid: 12 }[out.density.clients];
  const ch = { full: tall ? 66 : 48, slim: 36, bars: 22, grid: 12 }[out.density.clients];
  const sender = spread(
    of.producers.map((p) => level(p.to[0] ?? '')),
    ph + 32,
    HEAD + ph / 2 + 26,
    floor - ph / 2 - 24,
  );
  for (const [i, { name }] of of.producers.entries()) {
    out.boxes.set(`producer:${name}`, { x: producers.x + 8, y: sender[i]! - ph / 2, w: producers.w - 16, h: ph });
  }
  const taker = spread(
    of.consumers.map((c) => mean(c.from)),
    ch + (ch > 30 ? 46 : 4),
    HEAD + ch / 2 + 50,
    floor - ch / 2 - 10,
  );
  for (const [i, { name }] of of.consumers.entries()) {
    out.boxes.set(`consumer:${name}`, { x: consumers.x + 14, y: taker[i]! - ch / 2, w: consumers.w - 20, h: ch });
  }
  for (const group of new Set(of.consumers.map((c) => c.group))) {
    if (group === undefined) continue;
    const members = of.consumers.filter((c) => c.group === group).map((c) => out.boxes.get(`consumer:${c.name}`)!);
    const top = Math.min(...members.map((m) => m.y)) - 44;
    const end = Math.max(...members.map((m) => m.y + m.h)) + 8;
    out.enclosures.push({ id: `group:${group}`, box: { x: consumers.x + 6, y: top, w: consumers.w - 8, h: end - top } });
  }
}

function linkUp(out: Layout, of: Topology, lane: Box): void {
  for (const producer of of.producers) {
    const a = out.boxes.get(`producer:${producer.name}`);
    for (const broker of of.brokers) {
      for (const target of targets(out, broker.name)) {
        const b = out.boxes.get(target);
        if (!a || !b) continue;
        const [x1, y1, x2, y2] = [a.x + a.w, middle(a).y, b.x - 2, middle(b).y];
        out.links.set(linkId(`producer:${producer.name}`, target), {
          d: curve(x1, y1, x2, y2),
          from: { x: x1, y: y1 },
          to: { x: x2, y: y2 },
          token: { x: x1 + (x2 - x1) * 0.5, y: y1 + (y2 - y1) * 0.5 },
          text: { x: x1 + (x2 - x1) * 0.5, y: y1 + (y2 - y1) * 0.5 - 26 },
        });
      }
    }
  }
  replication(out, of, lane);
  for (const consumer of of.consumers) {
    const b = out.boxes.get(`consumer:${consumer.name}`);
    for (const partition of of.partitions) {
      for (const broker of of.brokers) {
        const from = `replica:${partitionName(partition)}@${broker.name}`;
        const a = out.boxes.get(from);
        if (!a || !b) continue;
        const [x1, y1, x2] = [a.x + a.w, middle(a).y, b.x + 6];
        const at = consumer.from.indexOf(`partition:${partitionName(partition)}`);
        const y2 = middle(b).y + (at < 0 ? 0 : (at - (consumer.from.length - 1) / 2) * Math.min(24, b.h / 3));
        out.links.set(linkId(from, `consumer:${consumer.name}`), {
          d: curve(x1, y1, x2, y2),
          from: { x: x1, y: y1 },
          to: { x: x2, y: y2 },
          token: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 },
          text: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 14 },
        });
      }
    }
  }
}

/** What can be linked to on a broker: the card, and each row in it. */
function targets(out: Layout, broker: string): ThingId[] {
  return [...out.boxes.keys()].filter((id) => id === `broker:${broker}` || id.endsWith(`@${broker}`));
}

/** Arcs in the gutter between two brokers: those that are farther apart bulge more. */
function replication(out: Layout, of: Topology, lane: Box): void {
  for (const [i, a] of of.brokers.entries()) {
    for (const [j, b] of of.brokers.entries()) {
      if (j <= i) continue;
      const [one, two] = [out.boxes.get(`broker:${a.name}`), out.boxes.get(`broker:${b.name}`)];
      if (!one || !two) continue;
      const far = j - i;
      const shift = far === 1 ? one.h * 0.2 : -one.h * 0.19;
      const [y1, y2] = [middle(one).y + shift, middle(two).y - shift];
      const gutter = one.x - lane.x;
      const bulge = one.x - gutter * (far === 1 ? 0.48 : 1.03);
      const reach = Math.min(40, (y2 - y1) * 0.4);
      const on = (t: number) => ({
        x: one.x * (1 - 3 * t * (1 - t)) + bulge * 3 * t * (1 - t),
        y: (1 - t) ** 3 * y1 + 3 * (1 - t) ** 2 * t * (y1 + reach) + 3 * (1 - t) * t * t * (y2 - reach) + t ** 3 * y2,
      });
      const point = on(far === 1 ? 0.5 : 0.62);
      out.links.set(linkId(`broker:${a.name}`, `broker:${b.name}`), {
        d: `M${one.x} ${y1}C${bulge} ${y1 + reach} ${bulge} ${y2 - reach} ${one.x} ${y2}`,
        from: { x: one.x, y: y1 },
        to: { x: one.x, y: y2 },
        token: point,
        text: point,
        spots: (far === 1 ? [0.5] : [0.62, 0.38, 0.7, 0.3]).map(on),
      });
    }
  }
}
