import { beforeEach, expect, test, vi } from 'vitest';

import { Fixed } from '../gallery/fixed';
import * as kafka from '../gallery/kafka';
import * as rabbitmq from '../gallery/rabbitmq';
import { Store } from '../src/player/store';

let session: Fixed;
let store: Store;

beforeEach(async () => {
  session = new Fixed({ run: kafka.run, shown: kafka.shown, at: 143, events: kafka.events, history: kafka.history, why: kafka.why });
  store = new Store(session, () => {});
  await store.open(async () => ({ scenario: '{}' }));
});

test('a run opens where its session says', () => {
  expect(store.state).toMatchObject({ at: 143, playing: false, view: 'stage' });
  expect(store.state.shown?.event.n).toBe(143);
});

test('a figure begins at what it is there to show', async () => {
  const at = async (start: string) => {
    const figure = new Store(new Fixed({ run: { ...kafka.run, played: 1_000_000 }, shown: kafka.shown, at: 0, events: kafka.events }), () => {});
    await figure.open(async () => ({ scenario: '{}' }), undefined, start);
    return figure.state.at;
  };
  expect(await at('12')).toBe(12);
  expect(await at('fault')).toBe(kafka.run.flags[0]!.n);
  expect(await at('violation')).toBe(Math.min(...kafka.run.checks.flatMap((c) => (c.is === 'breaks' && c.at !== undefined ? [c.at] : []))));
  expect(await at('nothing')).toBe(0);
});

test('steps say which way they went; jumps move nothing', async () => {
  await store.act({ do: 'step', by: -1 });
  expect(store.state).toMatchObject({ at: 142, moved: 'back' });
  await store.act({ do: 'step', by: 1 });
  expect(store.state).toMatchObject({ at: 143, moved: 'forward' });
  await store.act({ do: 'seek', to: 12 });
  expect(store.state.at).toBe(12);
  expect(store.state.moved).toBeUndefined();
});

test('no step leaves the run', async () => {
  await store.act({ do: 'last' });
  await store.act({ do: 'step', by: 1 });
  expect(store.state.at).toBe(210);
  await store.act({ do: 'seek', to: 999 });
  expect(store.state.at).toBe(210);
  await store.act({ do: 'first' });
  await store.act({ do: 'step', by: -1 });
  expect(store.state.at).toBe(0);
});

test('interesting events and hops are those of the run', async () => {
  await store.act({ do: 'interesting', by: 1 });
  expect(store.state.at).toBe(166);
  await store.act({ do: 'interesting', by: -1 });
  expect(store.state.at).toBe(143);
  await store.act({ do: 'unit', to: 'hop' });
  await store.act({ do: 'step', by: -1 });
  expect(store.state.at).toBe(121);
});

test('a fault by keyboard is a fork at the cursor, and undo goes back', async () => {
  await store.act({ do: 'select', thing: 'broker:kafka-2' });
  await store.act({ do: 'faults' });
  expect(store.state.open).toBe('faults');
  const change = { is: 'fault', fault: 'crash', on: 'broker:kafka-2' } as const;
  await store.act({ do: 'fork', at: 143, change });
  expect(session.forks).toEqual([{ at: 143, change }]);
  expect(store.state.open).toBeUndefined();
  await store.act({ do: 'undo' });
  expect(store.state).toMatchObject({ id: 'fork-0', at: 143 });
});

test('a run that is being entered is the run, at its place, before its picture is there', async () => {
  await store.act({ do: 'select', thing: 'broker:kafka-2' });
  await store.act({ do: 'faults' });
  const slow = session.frame.bind(session);
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  vi.spyOn(session, 'frame').mockImplementationOnce(async (n) => {
    await held;
    return slow(n);
  });
  const forked = store.act({ do: 'fork', at: 143, change: { is: 'fault', fault: 'crash', on: 'broker:kafka-2' } });
  await vi.waitFor(() => expect(store.state.open).toBeUndefined());
  expect(store.state.at).toBe(143);
  expect(store.state.shown?.event.n).toBe(143);
  release();
  await forked;
});

test('why is asked for the selection, and Esc returns', async () => {
  await store.act({ do: 'why' });
  expect(store.state.why?.title).toBe('Why is m17 gone?');
  await store.act({ do: 'close' });
  expect(store.state.why).toBeUndefined();
});

test('only the last answer counts', async () => {
  const slow = session.frame.bind(session);
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  vi.spyOn(session, 'frame').mockImplementationOnce(async (n) => {
    await held;
    return slow(n);
  });
  const first = store.act({ do: 'seek', to: 10 });
  await store.act({ do: 'seek', to: 20 });
  release();
  await first;
  expect(store.state.at).toBe(20);
});

test('playing steps by itself until it is stopped, and nothing else does', async () => {
  vi.useFakeTimers();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(store.state.at).toBe(143);
  await store.act({ do: 'play' });
  await vi.advanceTimersByTimeAsync(1_400);
  expect(store.state.at).toBe(145);
  await store.act({ do: 'play' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(store.state).toMatchObject({ at: 145, playing: false });
  vi.useRealTimers();
});

test('a right answer takes the step that it foretold; a wrong one does not', async () => {
  store = new Store(new Fixed({ run: rabbitmq.run, shown: rabbitmq.shown, at: 142, events: rabbitmq.events }), () => {});
  await store.open(async () => ({ scenario: '{}' }));
  await store.act({ do: 'answer', choice: 0 });
  await store.act({ do: 'check' });
  expect(store.state).toMatchObject({ at: 142, checked: true });
  await store.act({ do: 'answer', choice: 2 });
  await store.act({ do: 'check' });
  expect(store.state.at).toBe(143);
});

test('a scenario that cannot be had is an error, not a run', async () => {
  await store.open(async () => {
    throw new Error('no scenario no/such: 404 Not Found');
  });
  expect(store.state.error?.message).toBe('no scenario no/such: 404 Not Found');
});

test('a fork says so and can be undone; without one there is nothing to undo', async () => {
  await store.act({ do: 'undo' });
  expect(store.state.notice).toBe('There is nothing to undo.');
  await store.act({ do: 'fork', at: 143, change: { is: 'none' } });
  expect(store.state).toMatchObject({ undoable: true, notice: 'A new run leaves at event 143.' });
  await store.act({ do: 'undo' });
  expect(store.state).toMatchObject({ undoable: false, notice: 'Back at event 143.' });
});

test('a menu opens where it is asked for, and only for something', async () => {
  await store.act({ do: 'faults' });
  expect(store.state.open).toBeUndefined();
  await store.act({ do: 'select', thing: 'broker:kafka-2' });
  await store.act({ do: 'faults', at: { x: 3, y: 4 } });
  expect(store.state).toMatchObject({ open: 'faults', menu: { x: 3, y: 4 } });
});

test('sharing shows the link of the event', async () => {
  await store.act({ do: 'share' });
  expect(store.state).toMatchObject({ open: 'share', link: '#g1;engine=0.1;gallery;at=143' });
});

test('a run that is not at hand is not compared with', async () => {
  await store.act({ do: 'compare', id: 'all' });
  expect(store.state.other).toBeUndefined();
  expect(store.state.notice).toBe('The other run is not at hand.');
});

test('another run follows the cursor until it is let go', async () => {
  const beside = { run: kafka.run, shown: kafka.shown };
  vi.spyOn(session, 'beside').mockResolvedValue(beside);
  await store.act({ do: 'compare', id: 'all' });
  await store.act({ do: 'step', by: -1 });
  expect(store.state.other).toEqual({ id: 'all', beside });
  expect(session.beside).toHaveBeenCalledTimes(2);
  await store.act({ do: 'close' });
  expect(store.state.other).toBeUndefined();
});

test('a chain of causes stays while one goes along it', async () => {
  await store.act({ do: 'why' });
  await store.act({ do: 'seek', to: 104 });
  expect(store.state.why).toBeDefined();
  await store.act({ do: 'seek', to: 105 });
  expect(store.state.why).toBeUndefined();
});

test('while the run plays, not more is spoken than can be listened to', async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  await store.act({ do: 'seek', to: 10 });
  expect(store.state.spoken).toBe('Event 10.');
  await store.act({ do: 'play' });
  await vi.advanceTimersByTimeAsync(700);
  expect(store.state).toMatchObject({ at: 11, spoken: 'Event 10.' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.state.spoken).toBe('Event 14.');
  await store.act({ do: 'step', by: 1 });
  vi.useRealTimers();
});

test('a link says in which view it was made and what of it is lost', async () => {
  const opened = await session.open();
  vi.spyOn(session, 'open').mockResolvedValueOnce({ ...opened, view: 'space-time', notices: ['crash:kafka-9@s12: no such node'] });
  await store.open(async () => ({ link: '#g1;' }));
  expect(store.state).toMatchObject({ view: 'space-time', lost: ['crash:kafka-9@s12: no such node'] });
  await store.act({ do: 'close' });
  expect(store.state.lost).toBeUndefined();
});
