import { expect, test } from 'vitest';

import * as kafka from '../gallery/kafka';
import * as rabbitmq from '../gallery/rabbitmq';
import { byUrgency } from '../src/panels/checks';
import { rowsOf } from '../src/panels/compare';
import { called, faultsOf } from '../src/panels/faults';
import { rowsOf as forkRows } from '../src/panels/scrub';
import { folded } from '../src/panels/story';
import type { Check, Event, Scene } from '../src/scene';
import { sayer } from '../src/text/strings';

const say = sayer('en');
const event = (n: number, weight?: Event['weight']): Event => ({ n, at: n * 1000, says: `Event ${n}.`, weight });

test('quiet events are folded with their neighbours; the current one never', () => {
  const events = [event(1, 'key'), event(2, 'quiet'), event(3, 'quiet'), event(4, 'quiet'), event(5), event(6, 'quiet')];
  const shape = (at: number, opened: number[] = []) =>
    folded(events, at, opened).map((line) => (line.is === 'event' ? line.event.n : line.events.map(({ n }) => n)));
  // One quiet event alone takes no less room folded.
  expect(shape(5)).toEqual([1, [2, 3, 4], 5, 6]);
  expect(shape(3)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(shape(5, [2])).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a thing is offered the faults that it can have now', () => {
  const { scene } = kafka;
  expect(faultsOf('controller:ctl-1', scene)).toEqual(['crash', 'power', 'stop', 'pause', 'cut', 'slow-disk', 'disk-full']);
  expect(faultsOf('producer:shop', scene)).toEqual(['crash', 'power', 'stop', 'pause', 'cut']);
  expect(faultsOf('broker:kafka-1', scene)).toContain('heal');
  expect(faultsOf('link:broker:kafka-1>broker:kafka-2', scene)).toEqual(['cut', 'slow', 'hold', 'reset']);
  expect(faultsOf('link:broker:kafka-1>broker:kafka-3', scene)).toEqual(['heal']);
  expect(faultsOf('message:m17', scene)).toEqual([]);
  const down: Scene = { ...scene, brokers: scene.brokers.map((b) => ({ ...b, presence: { is: 'down', since: '4 s' } })) };
  expect(faultsOf('broker:kafka-2', down)[0]).toBe('restart');
  expect(faultsOf('replica:orders-0@kafka-2', down)[0]).toBe('restart');
  const ended: Scene = { ...scene, producers: scene.producers.map((p) => ({ ...p, presence: { is: 'ended', since: 'ended at 1.2 s' } })) };
  expect(faultsOf('producer:shop', ended)).toEqual([]);
  const paused: Scene = { ...scene, brokers: scene.brokers.map((b) => ({ ...b, presence: { is: 'there', paused: true } })) };
  expect(faultsOf('broker:kafka-2', paused)).toContain('resume');
});

test('a binding is no way that can be cut', () => {
  const binding = rabbitmq.shown.scene.links.find(({ kind }) => kind === 'binding')!;
  expect(faultsOf(binding.id, rabbitmq.shown.scene)).toEqual([]);
});

test('things are called as a reader knows them', () => {
  expect(called('broker:kafka-1', say)).toBe('kafka-1');
  expect(called('link:broker:kafka-1>broker:kafka-2', say)).toBe('kafka-1 to kafka-2');
  expect(called('link:producer:shop>replica:orders-0@kafka-2', say)).toBe('shop to kafka-2');
  expect(called('replica:orders-0@kafka-2', say)).toBe('orders-0@kafka-2');
  expect(called('exchange:', say)).toBe('default exchange');
});

test('a check that is broken comes first, then those that will be', () => {
  const check = (name: string, is: Check['is'], at?: number): Check => ({ name, is, at });
  const all = [check('a', 'holds'), check('b', 'breaks', 90), check('c', 'not reached'), check('d', 'breaks', 10)];
  expect(byUrgency(all, 50).map(({ name }) => name)).toEqual(['d', 'b', 'a', 'c']);
});

test('two runs differ where their checks do at that moment', () => {
  const left = { name: 'this run', run: kafka.run, shown: kafka.shown };
  const cured = { ...kafka.run, checks: kafka.run.checks.map((c) => ({ ...c, is: 'holds' as const, at: undefined })) };
  const rows = rowsOf(left, { name: 'acks=all', run: cured, shown: kafka.shown }, say);
  expect(rows.filter((row) => row.left !== row.right).map(({ what }) => what)).toEqual(['no acknowledged loss']);
  // Before its violation a run has kept its word.
  const before = { ...left, shown: { ...kafka.shown, event: { ...kafka.shown.event, n: 100 } } };
  expect(rowsOf(before, { name: 'acks=all', run: cured, shown: kafka.shown }, say).every((row) => row.left === row.right)).toBe(true);
});

test('the newest runs have rows; the others are scrolled to, round and round', () => {
  const forks = ['a', 'b', 'c'].map((id) => ({ id, name: id, at: 1, end: 2, outcome: '' }));
  const shown = (past: number) => forkRows({ forks, past }).forks.map(({ id }) => id);
  expect([shown(0), shown(1), shown(2), shown(3)]).toEqual([['c', 'b'], ['b', 'a'], ['a', 'c'], ['c', 'b']]);
  expect(forkRows({ forks, past: 0 }).hidden).toBe(1);
  expect(forkRows({ forks: forks.slice(0, 2), past: 5 })).toMatchObject({ hidden: 0, forks: [{ id: 'b' }, { id: 'a' }] });
});
