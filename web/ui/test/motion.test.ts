import { expect, test } from 'vitest';

import { moves } from '../src/player/motion';

const at = (x: number, y = 0) => ({ x, y });

test('a token runs from where it was; one that stays does not move', () => {
  const before = new Map([['m1', at(0)], ['m2', at(50)]]);
  const after = new Map([['m1', at(100)], ['m2', at(50)]]);
  expect(moves(before, after, new Map())).toEqual([{ id: 'm1', from: at(0), to: at(100) }]);
});

test('a new token starts where its link does; without a link it is just there', () => {
  const after = new Map([['m1', at(100)], ['m2', at(50)]]);
  expect(moves(new Map(), after, new Map([['m1', at(20)]]))).toEqual([{ id: 'm1', from: at(20), to: at(100) }]);
});

test('a swarm does not move', () => {
  const many = (x: number) => new Map(Array.from({ length: 31 }, (_, i) => [`m${i}`, at(x)] as const));
  expect(moves(many(0), many(100), new Map())).toEqual([]);
});
