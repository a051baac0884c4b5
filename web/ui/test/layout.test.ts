import { describe, expect, test } from 'vitest';

import * as code from '../gallery/code';
import * as kafka from '../gallery/kafka';
import * as rabbitmq from '../gallery/rabbitmq';
import { nearest } from '../src/player/focus';
import { layout, type Layout } from '../src/layout/layout';
import { density, overlap, spread, stack, type Box } from '../src/layout/place';
import type { Topology } from '../src/scene';

const WIDTHS: [number, number][] = [
  [374, 470],
  [390, 480],
  [724, 470],
  [900, 520],
  [1022, 634],
  [1420, 800],
];

const WORLDS: [string, Topology][] = [
  ['routing', rabbitmq.topology],
  ['three replicas', kafka.topology],
  ['hello, pika', code.pika.run.topology],
  ['hello, kafka-python', code.kafkaPython.run.topology],
  ...[1, 2, 5, 6, 12, 13, 40, 41, 100].map((n): [string, Topology] => [`${n} queues`, many(n)]),
  ...[1, 3, 5].map((n): [string, Topology] => [`${n} brokers`, cluster(n)]),
];

function many(n: number): Topology {
  const names = Array.from({ length: n }, (_, i) => `q${i}`);
  return {
    ...rabbitmq.topology,
    producers: [{ name: 'app', to: ['exchange:logs'] }],
    exchanges: [{ name: 'logs', kind: 'topic', bindings: names.map((q) => ({ to: `queue:${q}`, key: '#' })) }],
    queues: names.map((name) => ({ name, kind: 'classic', replicas: [] })),
    consumers: names.slice(0, 8).map((q, i) => ({ name: `c${i}`, from: [`queue:${q}`], tag: `C${i + 1}` })),
  };
}

function cluster(n: number): Topology {
  const ids = Array.from({ length: n }, (_, i) => i + 1);
  return {
    ...kafka.topology,
    brokers: ids.map((id) => ({ name: `kafka-${id}`, id })),
    partitions: ids.slice(0, 3).map((id, partition) => ({ topic: 'orders', partition, replicas: [...ids.slice(id - 1), ...ids.slice(0, id - 1)].slice(0, 3) })),
  };
}

/** Boxes that must not overlap: not the rows of a card with their card. */
function solid(of: Layout): [string, Box][] {
  return [...of.boxes].filter(([id]) => !id.startsWith('replica:'));
}

describe.each(WORLDS)('%s', (_, topology) => {
  test.each(WIDTHS)('at %i x %i nothing overlaps and nothing is outside', (width, height) => {
    const made = layout(topology, { width, height });
    const boxes = solid(made);
    for (const [i, [id, box]] of boxes.entries()) {
      expect(box.x, id).toBeGreaterThanOrEqual(0);
      expect(box.x + box.w, id).toBeLessThanOrEqual(made.width + 0.01);
      expect(box.y, id).toBeGreaterThanOrEqual(0);
      expect(box.y + box.h, id).toBeLessThanOrEqual(made.tray.y + 0.01);
      for (const [other, its] of boxes.slice(i + 1)) {
        expect(overlap(box, its), `${id} and ${other}`).toBe(false);
      }
    }
    expect(made.tray.y + made.tray.h).toBeLessThanOrEqual(made.height);
  });

  test.each(WIDTHS)('at %i x %i everything has a place', (width, height) => {
    const { boxes } = layout(topology, { width, height });
    const names = [
      ...topology.producers.map(({ name }) => `producer:${name}`),
      ...topology.consumers.map(({ name }) => `consumer:${name}`),
      ...topology.exchanges.map(({ name }) => `exchange:${name}`),
      ...topology.queues.map(({ name }) => `queue:${name}`),
      ...topology.brokers.map(({ name }) => `broker:${name}`),
    ];
    expect(names.filter((name) => !boxes.has(name))).toEqual([]);
  });
});

test('the layout is made of the topology and the size alone, so no event moves anything', () => {
  const size = { width: 1022, height: 634 };
  expect(layout(structuredClone(rabbitmq.topology), size)).toEqual(layout(rabbitmq.topology, size));
});

test('what is created late takes the next slot and moves nothing before it', () => {
  const size = { width: 1022, height: 2000 };
  const before = layout(cluster(3), size);
  const late = cluster(3);
  late.producers = [...late.producers, { name: 'late', to: ['partition:orders-2'] }];
  const after = layout(late, size);
  for (const [id, box] of before.boxes) if (!id.startsWith('producer:')) expect(after.boxes.get(id), id).toEqual(box);
});

test('a single queue stands in the middle of its lane, and its links are straight', () => {
  const { boxes, links, tray } = layout(many(1), { width: 1022, height: 634 });
  const queue = boxes.get('queue:q0')!;
  expect(Math.abs(queue.y + queue.h / 2 - tray.y / 2)).toBeLessThan(30);
  expect(links.get('link:exchange:logs>queue:q0')!.d).toMatch(/^M[\d.]+ [\d.]+H[\d.]+$/);
});

test('a queue of dead letters is directly below its source and indented', () => {
  const { boxes } = layout(rabbitmq.topology, { width: 1022, height: 634 });
  const [errors, dead, audit] = ['errors', 'errors.dead', 'audit'].map((q) => boxes.get(`queue:${q}`)!) as [Box, Box, Box];
  expect(dead.x).toBeGreaterThan(errors.x);
  expect(dead.y).toBeGreaterThan(errors.y);
  expect(audit.y).toBeGreaterThan(dead.y);
});

test('tapes of one partition share one ruler', () => {
  const { tapes } = layout(kafka.topology, { width: 1022, height: 634 });
  expect(new Set([...tapes.values()].map(({ x, cell }) => `${x}/${cell}`)).size).toBe(1);
});

test('how much each shows depends on how many there are', () => {
  expect([1, 5, 6, 12, 13, 40, 41].map(density)).toEqual(['full', 'full', 'slim', 'slim', 'bars', 'bars', 'grid']);
});

test('things that want one place share it, and keep their distance', () => {
  expect(spread([100, 100, 100], 50, 0, 400)).toEqual([50, 100, 150]);
  expect(spread([390, 395], 50, 0, 400)).toEqual([350, 400]);
  expect(spread([10, 300], 50, 0, 400)).toEqual([10, 300]);
});

test('spare height goes between rows, but not all of it', () => {
  expect(stack([100], 0, 300, 44)).toEqual([100]);
  expect(stack([100, 100], 0, 1000, 44)).toEqual([378, 522]);
});

test('arrows find the neighbour that the eye finds', () => {
  const { boxes } = layout(rabbitmq.topology, { width: 1022, height: 634 });
  expect(nearest(boxes, 'producer:app', 'right')).toBe('exchange:logs');
  expect(nearest(boxes, 'exchange:logs', 'down')).toBe('exchange:unrouted');
  expect(nearest(boxes, 'queue:errors', 'right')).toBe('consumer:pager');
  expect(nearest(boxes, 'producer:app', 'left')).toBeUndefined();
});
