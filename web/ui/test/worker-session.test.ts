// The whole way: what a session promises, answered by the wasm module.

import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { Engine } from '../src/engine/engine';
import { Sessions } from '../src/engine/sessions';
import { WorkerSession } from '../src/engine/worker-session';
import { setHome } from '../src/player/scenario';
import { sayer } from '../src/text/strings';
import { loadModule } from './module';

const LOSES = 'kafka/acks-1-loses-an-acknowledged-record';
const text = (name: string) => readFileSync(`../../scenarios/${name}.json`, 'utf8');
const say = sayer('en');

// The worker, without a thread: it answers in the next turn.
const made = vi.hoisted(() => ({ engine: undefined as unknown }));
vi.mock('../src/engine/engine', async (original) => ({ ...(await original<object>()), engine: () => made.engine }));

beforeAll(() => {
  loadModule();
  const sessions = new Sessions();
  let listen: (event: { data: unknown }) => void = () => {};
  const port = {
    postMessage: (request: never) => queueMicrotask(() => listen({ data: sessions.reply(request) })),
    addEventListener: (type: string, listener: never) => {
      if (type === 'message') listen = listener;
    },
  };
  made.engine = new Engine(port as never);
  vi.stubGlobal('location', { href: 'http://host/?scenario=x#old' });
  vi.stubGlobal('fetch', async (address: string) => new Response(text(address.replace(/.*scenarios\/(.*)\.json/, '$1'))));
  setHome('http://host/');
});

let session: WorkerSession;
beforeEach(() => {
  session = new WorkerSession();
});

/** Opens a scenario of the library, played to its end. */
async function open(name: string) {
  const opened = await session.open({ scenario: text(name), name }, say);
  let { run } = opened;
  while (run.played! < 1_000_000) run = (await session.goOn(run.total, say)).run ?? run;
  return { ...opened, run };
}

test('a fork leaves the run as it was, and both keep one layout', async () => {
  const { run } = await open(LOSES);
  const before = await session.frame(300, say);
  const fork = await session.fork(300, { is: 'fault', fault: 'crash', on: 'broker:kafka-1' }, say);
  expect(fork.at).toBeGreaterThan(300);
  expect(fork.run.topology).toEqual(run.topology);
  expect((await session.frame(fork.at, say)).scene.brokers[0]!.presence.is).toBe('down');
  const base = await session.openFork('run', say);
  expect(base.run.forks).toMatchObject([{ id: fork.id, name: 'crash kafka-1', at: fork.at }]);
  expect(await session.frame(300, say)).toEqual(before);
  const beside = await session.beside(fork.id, before.event.at, say);
  // Several events may share a moment: the last of them is shown.
  expect(beside!.shown.event.at).toBe(before.event.at);
  await session.openFork(fork.id, say);
  expect(beside!.shown).toEqual(await session.frame(beside!.shown.event.n, say));
});

test('what makes no sense is refused in one line', async () => {
  await open(LOSES);
  const refused = session.fork(300, { is: 'fault', fault: 'restart', on: 'broker:kafka-1' }, say);
  await expect(refused).rejects.toThrow('kafka-1 is running: only what is down can be restarted');
});

test('a link opens the run at its place', async () => {
  await open(LOSES);
  const fork = await session.fork(300, { is: 'fault', fault: 'cut', on: 'broker:kafka-1' }, say);
  const link = await session.link(fork.at, 'space-time');
  expect(link).toMatch(/^http:\/\/host\/\?scenario=x#g1;.*&at=\d+&view=space-time$/);
  const other = new WorkerSession();
  const opened = await other.open({ link: link.slice(link.indexOf('#')) }, say);
  expect(opened).toMatchObject({ at: fork.at, view: 'space-time', notices: [] });
  expect(await other.frame(opened.at, say)).toEqual(await session.frame(fork.at, say));
});

test('a link says what of it could not be taken', async () => {
  await open(LOSES);
  const link = (await session.link(1)).replace(/.*#/, '#');
  const { notices } = await new WorkerSession().open({ link: link.replace('engine=0.1', 'engine=0.0') }, say);
  expect(notices).toEqual([say('oldLink', { old: '0.0', now: '0.1' })]);
  await expect(new WorkerSession().open({ link: link.replace(';seed', ';sede').replace(';end', ';dne') }, say)).rejects.toThrow('dne');
});

test('the loss is explained, in both languages', async () => {
  const { run } = await open(LOSES);
  const check = run.checks.find(({ name }) => name === 'no-acknowledged-loss')!;
  expect(check).toMatchObject({ is: 'breaks', expects: 'breaks' });
  const why = (await session.why('check:no-acknowledged-loss', check.at!, say))!;
  expect(why.chain.length).toBeGreaterThan(5);
  expect(why.chain.map(({ chip }) => chip?.text)).toContain('acks=1');
  const zh = (await session.why('check:no-acknowledged-loss', check.at!, sayer('zh')))!;
  expect(zh.chain.map(({ n }) => n)).toEqual(why.chain.map(({ n }) => n));
  expect(zh.chain[0]!.says).not.toBe(why.chain[0]!.says);
});

test('things, messages and measures are known', async () => {
  const { run } = await open(LOSES);
  const shop = (await session.inspect('producer:shop', run.total, say))!;
  expect(shop.rows).toContainEqual({ name: 'acks', value: '1' });
  const replica = (await session.inspect('replica:orders-0@kafka-3', run.total, say))!;
  expect(replica.rows).toContainEqual({ name: 'log end offset', value: '49' });
  const lost = (await session.inspect('message:m30', run.total, say))!;
  expect(lost.rows).toContainEqual({ name: 'state', value: 'lost', tone: 'fault' });
  const metrics = (await session.metrics(say))!;
  expect(metrics.series.find(({ name }) => name === 'lost')!.points.at(-1)![2]).toBe(1);
  const [found] = await session.find('truncated', say, () => {});
  const history = (await session.history(found!.n, [], say))!;
  expect(history.rows.some((row) => row.is === 'event' && row.mark === 'crash')).toBe(true);
  expect(history.cuts.length).toBe(2);
  // Who leads at the end leads on: its span is open.
  expect(history.epochs.filter(({ to }) => to === undefined).map(({ is }) => is).sort()).toEqual(['follows', 'follows', 'leads']);
});

test('queues, exchanges and programs of RabbitMQ are known', async () => {
  const { run } = await open('rabbitmq/hello');
  const queue = (await session.inspect('queue:hello', run.total, say))!;
  expect(queue.rows).toContainEqual({ name: 'messages_ready', value: '0' });
  const { scene } = await session.frame(run.total, say);
  expect(scene.producers[0]!.presence.is).toBe('ended');
  expect(scene.ledger.text).toBe('1 published = 1 acknowledged');
  expect((await session.why('message:m1', run.total, say))!.lead).toBe('m1 was acknowledged by its consumer.');
});
