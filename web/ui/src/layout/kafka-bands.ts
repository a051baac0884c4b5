// Kafka on a phone: one partition at a time, a card for each broker, clients above and below.

import type { Topology } from '../scene';
import { partitionName, shownPartitions } from './kafka-lanes';
import { empty, linkId, type Layout, type Size } from './layout';
import { middle } from './place';

const EDGE = 8;
const STRIP = 34;
/** Left of the cards, for the arcs between them. */
const GUTTER = 44;

export function kafkaBands(of: Topology, size: Size, chosen?: string): Layout {
  const out = empty(size, 'bands');
  const { width } = size;
  const [shown] = shownPartitions(of, true, chosen);
  out.chosen = shown ? partitionName(shown) : undefined;
  const brokers = of.brokers.length;
  const senders = Math.max(1, of.producers.length) * 48;
  const takers = Math.ceil(of.consumers.length / 3) * 50;
  const fixed = senders + 56 + brokers * 80 + takers + 10 + STRIP + 10;
  const card = 72 + Math.min(44, Math.max(0, (size.height - fixed) / Math.max(1, brokers)));

  let y = 16;
  for (const { name } of of.producers) {
    out.boxes.set(`producer:${name}`, { x: EDGE + 6, y, w: 104, h: 40 });
    y += 48;
  }
  y = Math.max(y, 60);
  out.lanes.push({ head: 'brokers', box: { x: EDGE, y, w: width - 2 * EDGE, h: 34 } });
  y += 40;
  for (const broker of of.brokers) {
    const box = { x: GUTTER, y, w: width - GUTTER - EDGE - 4, h: card };
    out.boxes.set(`broker:${broker.name}`, box);
    if (shown?.replicas.includes(broker.id)) {
      const id = `replica:${out.chosen}@${broker.name}`;
      out.boxes.set(id, box);
      const cell = 22;
      out.tapes.set(id, { x: box.x + 22, y: y + 34 + (card - 72) / 2.4, cell, cells: Math.floor((box.w - 96) / cell) });
    }
    y += card + 8;
  }
  y += 4;
  const n = Math.max(1, Math.min(3, of.consumers.length));
  const grouped = of.consumers.some((c) => c.group !== undefined) && of.consumers.length < 3;
  const w = Math.min(122, (width - 2 * EDGE - 12) / (n + (grouped ? 1 : 0)) - 8);
  for (const [i, { name }] of of.consumers.entries()) {
    const at = { x: EDGE + 6 + (i % n) * (w + 8), y: y + Math.floor(i / n) * 50 };
    out.boxes.set(`consumer:${name}`, { ...at, w, h: 42 });
  }
  const last = of.consumers[0]?.group;
  if (last !== undefined && grouped) {
    out.enclosures.push({ id: `group:${last}`, box: { x: EDGE + 6 + n * (w + 8), y, w: w, h: 42 } });
  }
  y += takers + 2;
  out.height = Math.max(size.height, y + STRIP + 4);
  out.tray = { x: EDGE - 4, y: out.height - STRIP - 4, w: width - 8, h: STRIP };
  linkUp(out, of);
  return out;
}

function linkUp(out: Layout, of: Topology): void {
  for (const producer of of.producers) {
    const a = out.boxes.get(`producer:${producer.name}`);
    if (!a) continue;
    const [x, y] = [a.x + a.w, middle(a).y];
    // The row it goes to may not be shown: the link ends beside the words that name it.
    for (const target of ['', ...out.boxes.keys()].filter((id) => id === '' || id.startsWith('broker:') || id.startsWith('replica:'))) {
      out.links.set(linkId(`producer:${producer.name}`, target), {
        d: `M${x} ${y}H${x + 92}`,
        from: { x, y },
        to: { x: x + 92, y },
        token: { x: x + 42, y },
        text: { x: x + 100, y: y - 3 },
      });
    }
  }
  for (const [i, a] of of.brokers.entries()) {
    for (const [j, b] of of.brokers.entries()) {
      if (j <= i) continue;
      const [one, two] = [out.boxes.get(`broker:${a.name}`), out.boxes.get(`broker:${b.name}`)];
      if (!one || !two) continue;
      const far = j - i;
      const [y1, y2] = far === 1 ? [one.y + one.h * 0.7, two.y + two.h * 0.3] : [one.y + 16, two.y + two.h - 16];
      const bulge = far === 1 ? GUTTER - 22 : GUTTER - 40;
      const reach = far === 1 ? 26 : 76;
      const point = { x: GUTTER - (GUTTER - bulge) * 0.74, y: (y1 + y2) / 2 };
      out.links.set(linkId(`broker:${a.name}`, `broker:${b.name}`), {
        d: `M${GUTTER} ${y1}C${bulge} ${y1 + reach} ${bulge} ${y2 - reach} ${GUTTER} ${y2}`,
        from: { x: GUTTER, y: y1 },
        to: { x: GUTTER, y: y2 },
        token: point,
        text: point,
      });
    }
  }
}
