import { expect, test } from 'vitest';

import * as kafka from '../gallery/kafka';
import { ceiling, valueAt } from '../src/draw/chart';
import { narrowed, rulerOf } from '../src/draw/tape';
import type { Replica } from '../src/scene';

const log = (from: number, leo: number): Replica => ({
  partition: 'orders-0',
  role: 'follower',
  line: '',
  from,
  leo,
  hw: leo,
  cells: Array.from({ length: leo - from }, (_, i) => ({ offset: from + i, is: 'record', key: 'f' })),
  epochs: [],
  committed: [],
});

test('all replicas of a partition keep the ruler of the one that ends last', () => {
  const brokers = [{ replicas: [log(37, 49)] }, { replicas: [log(35, 47)] }];
  const ruler = rulerOf('orders-0', brokers);
  expect(ruler).toEqual({ from: 37, end: 49 });
  expect(brokers.map(({ replicas: [one] }) => narrowed(one!, 15, ruler).from)).toEqual([37, 37]);
  expect(brokers.map(({ replicas: [one] }) => narrowed(one!, 9, ruler).from)).toEqual([41, 41]);
});

test('a log that ends before the window shows its own last cells', () => {
  const old = log(17, 29);
  const shown = narrowed(old, 13, rulerOf('orders-0', [{ replicas: [log(37, 49)] }, { replicas: [old] }]));
  expect(shown.cells.map(({ offset }) => offset)).toEqual([26, 27, 28]);
});

test('of a log whose records are not at hand, what was cut off is shown', () => {
  const old: Replica = { ...log(29, 29), from: 38, cells: [{ offset: 29, is: 'ghost', key: 'f', id: 'm30' }] };
  const shown = narrowed(old, 13, { from: 38, end: 49 });
  expect(shown).toMatchObject({ from: 29, cells: [{ offset: 29, is: 'ghost' }] });
});

test('a ghost is part of its tape', () => {
  expect(rulerOf('orders-0', kafka.scene.brokers)).toEqual({ from: 0, end: 9 });
  expect(rulerOf('none', kafka.scene.brokers)).toEqual({ from: 0, end: 0 });
});

test('an axis ends with a round number', () => {
  expect([1, 3, 7, 10, 12, 48, 61, 950].map(ceiling)).toEqual([1, 3, 8, 10, 15, 60, 80, 1000]);
});

test('a measured value lasts until the next', () => {
  const ready = { name: 'ready', unit: 'messages', points: [[1, 1000, 1], [4, 4000, 0]] as [number, number, number][] };
  expect([0, 1000, 3999, 4000].map((at) => valueAt(ready, at))).toEqual([undefined, 1, 1, 0]);
});
