// From what the worker delivers to what the stage draws.

import { beforeEach, describe, expect, test } from 'vitest';

import { sceneOf, type Frame } from '../src/engine/frame';
import type { KafkaReplicaView, MessageId, RabbitmqCell, RabbitmqNodeView } from '../src/engine/views';
import type { Topology } from '../src/scene';
import { sayer } from '../src/text/strings';

const say = sayer('en');

const message = (n: number): MessageId => ({ client: 1, n });

const NOTHING: Frame = {
  event: 9,
  at: 18_000,
  wall: 1_000_000,
  nodes: [],
  messages: [1, 2, 3].map((n) => ({ id: message(n), label: `m${n}`, key: n === 3 ? null : `k${n}`, deliveries: null, published: 500_000 })),
  keys: ['k1', 'k2'],
  flights: [],
  cuts: [],
  committed: [],
  truncated: [],
  left: [],
  ledger: { sent: 3, parts: [['ready', 2], ['lost', 1]], closes: true },
  remarks: [],
};

describe('RabbitMQ', () => {
  const topology: Topology = {
    family: 'rabbitmq',
    producers: [{ name: 'hello', to: ['exchange:'] }],
    exchanges: [
      { name: '', kind: 'default', bindings: [{ to: 'queue:hello', key: 'hello' }] },
      { name: 'logs', kind: 'topic', bindings: [{ to: 'queue:hello', key: '#' }] },
    ],
    queues: [
      { name: 'hello', kind: 'classic', replicas: [] },
      { name: 'later', kind: 'classic', replicas: [] },
    ],
    consumers: [{ name: 'printer', from: ['queue:hello'], tag: 'C1' }],
    brokers: [],
    partitions: [],
    controllers: [],
  };
  const link = { opener: 2, ordinal: 0 };
  const cell = (seq: number, more: Partial<RabbitmqCell> = {}): RabbitmqCell => ({
    seq,
    message: message(seq),
    persistent: true,
    redelivered: false,
    expiry: null,
    owner: null,
    ...more,
  });
  let view: RabbitmqNodeView;
  let frame: Frame;

  beforeEach(() => {
    view = {
      exchanges: [{ vhost: '/', name: 'logs', kind: 'topic', durable: true, bindings: [[{ queue: 'hello' }, '#']] }],
      queues: [
        {
          vhost: '/',
          name: 'hello',
          durable: true,
          ready_count: 2,
          unacked_count: 1,
          ready: [cell(2, { redelivered: true }), cell(3, { persistent: false, expiry: 1_500_000 })],
          unacked: [cell(1, { owner: [link, 1, 7] })],
          consumers: [{ tag: 'ctag1.a', link, channel: 1, prefetch: 2 }],
        },
      ],
    };
    frame = {
      ...NOTHING,
      nodes: [
        { node: 0, name: 'rabbit-1', life: 'there', since: null, incarnation: 0, shows: { is: 'rabbitmq.node', view } },
        { node: 1, name: 'hello', life: 'there', since: null, incarnation: 0, shows: { is: 'rabbitmq.client', view: { connected: true, sent: 3, unconfirmed: 1, waiting: 0, processed: 0 } } },
        { node: 2, name: 'printer', life: 'ended', since: 2_000_000, incarnation: 0, shows: { is: 'rabbitmq.client', view: { connected: false, sent: 0, unconfirmed: 0, waiting: 0, processed: 0 } } },
      ],
    };
  });

  const queue = () => sceneOf(frame, topology, say).queues[0]!;

  test('unacknowledged messages stand before ready ones, each as its cell says', () => {
    expect(queue()).toMatchObject({ ready: 2, unacked: 1, line: 'classic, durable' });
    expect(queue().tokens).toEqual([
      { id: 'm1', state: 'unacked', key: 'a', keyText: 'k1', owner: 'C1' },
      { id: 'm2', state: 'requeued', key: 'b', keyText: 'k2', deliveries: 2 },
      { id: 'm3', state: 'ready', key: 'f', keyText: undefined, transient: true, ttl: 0.5 },
    ]);
  });

  test('a message that no publisher named is called by its place', () => {
    view.queues[0]!.ready = [cell(4, { message: null })];
    expect(queue().tokens[1]!.id).toBe('#4');
  });

  test('what is not there keeps its slot', () => {
    const { queues } = sceneOf(frame, topology, say);
    expect(queues[1]).toMatchObject({ name: 'later', presence: { is: 'absent' } });
    view.exchanges = [];
    expect(sceneOf(frame, topology, say).exchanges.map((e) => e.presence.is)).toEqual(['there', 'absent']);
  });

  test('clients say what they do', () => {
    const { producers, consumers } = sceneOf(frame, topology, say);
    expect(producers[0]).toMatchObject({ line: '3 sent', note: { text: '1 confirm awaited', tone: 'wait' } });
    expect(consumers[0]).toMatchObject({ line: 'prefetch 2, 1 out', short: '1 / 2', presence: { is: 'ended', since: 'ended at 2.0 s' } });
  });

  test('links are those that are there now, and live while something is on them', () => {
    frame.flights = [{ from: 'producer:hello', to: 'exchange:', messages: [message(1)], more: 0, label: 'basic.publish', batch: false }];
    const scene = sceneOf(frame, topology, say);
    const ids = scene.links.map((one) => `${one.kind} ${one.id}${one.live ? ' live' : ''}`);
    expect(ids).toEqual([
      'publish link:producer:hello>exchange: live',
      'binding link:exchange:>queue:hello',
      'binding link:exchange:logs>queue:hello',
      'deliver link:queue:hello>consumer:printer',
    ]);
    expect(scene.flights[0]).toMatchObject({ link: 'link:producer:hello>exchange:', tokens: [{ id: 'm1', state: 'flight' }] });
    view.exchanges[0]!.bindings = [];
    expect(sceneOf(frame, topology, say).links.some((one) => one.from === 'exchange:logs')).toBe(false);
  });

  test('the ledger is an equation, in the words of the reader', () => {
    expect(sceneOf(frame, topology, say).ledger).toEqual({ text: '3 published = 2 ready + 1 lost', closes: true });
    expect(sceneOf(frame, topology, sayer('zh')).ledger.text).toBe('已发布 3 = 就绪 2 + 丢失 1');
  });

  test('what is on a broker that is down is down with it', () => {
    frame.nodes[0] = { node: 0, name: 'rabbit-1', life: 'down', since: 3_000_000, incarnation: 0, shows: { is: 'down' } };
    expect(queue().presence).toEqual({ is: 'down', since: 'down since 3.0 s' });
  });

  test('a client that is cut off has the scissors on its links', () => {
    frame.cuts = [[2, 0]];
    const cut = sceneOf(frame, topology, say).links.filter((one) => one.cut !== undefined);
    expect(cut.map(({ id }) => id)).toEqual(['link:queue:hello>consumer:printer']);
  });

  test('what left the flow is in the tray, by way', () => {
    frame.left = [
      { why: 'returned', count: 1, last: message(2), detail: 'returned' },
      { why: 'expired', count: 0, last: null, detail: 'expired' },
    ];
    expect(sceneOf(frame, topology, say).tray).toEqual([
      { why: 'returned', count: 1, detail: 'returned', token: { id: 'm2', state: 'returned', key: 'b', keyText: 'k2' } },
    ]);
  });
});

describe('Kafka', () => {
  const topology: Topology = {
    family: 'kafka',
    producers: [{ name: 'shop', to: ['partition:orders-0'] }],
    consumers: [{ name: 'billing-1', from: ['partition:orders-0'], group: 'billing' }],
    exchanges: [],
    queues: [],
    brokers: [1, 2, 3].map((id) => ({ name: `kafka-${id}`, id })),
    partitions: [{ topic: 'orders', partition: 0, replicas: [1, 2, 3] }],
    controllers: ['ctl-1', 'ctl-2'],
  };
  const partition = { topic: 'orders', partition: 0 };
  const replica = (more: Partial<KafkaReplicaView>): KafkaReplicaView => ({
    partition,
    leader: false,
    leader_id: 2,
    leader_epoch: 5,
    isr: [],
    log_start: 0,
    log_end: 3,
    high_watermark: 2,
    epochs: [[4, 0], [5, 2]],
    cells: [0, 1, 2].map((offset) => ({ offset, key: offset === 0 ? 'k1' : null, message: offset === 2 ? message(1) : null })),
    ...more,
  });
  let frame: Frame;
  const broker = (node: number, view: Partial<KafkaReplicaView>, since: number | null = null): Frame['nodes'][number] => ({
    node,
    name: `kafka-${node}`,
    life: since === null ? 'there' : 'down',
    since,
    incarnation: 0,
    shows: { is: 'kafka.broker', view: { id: node, replicas: [replica(view)] } },
  });

  beforeEach(() => {
    frame = {
      ...NOTHING,
      nodes: [
        broker(1, { leader: true, leader_epoch: 4, isr: [1, 2, 3] }),
        broker(2, { leader: true, isr: [2, 3] }),
        broker(3, { log_end: 2, cells: [] }),
        { node: 4, name: 'ctl-1', life: 'there', since: null, incarnation: 0, shows: { is: 'kafka.controller', view: { state: 'leader', epoch: 11, end_offset: 60, high_watermark: 60 } } },
        { node: 5, name: 'ctl-2', life: 'there', since: null, incarnation: 0, shows: { is: 'kafka.controller', view: { state: 'leader', epoch: 12, end_offset: 61, high_watermark: 60 } } },
        { node: 6, name: 'shop', life: 'there', since: null, incarnation: 0, shows: { is: 'kafka.client', view: { sent: 5, backlog: [0, 1, 2], positions: [], generation_id: null } } },
        { node: 7, name: 'billing-1', life: 'there', since: null, incarnation: 0, shows: { is: 'kafka.client', view: { sent: 0, backlog: null, positions: [[partition, 1]], generation_id: 3 } } },
      ],
      committed: [{ group: 'billing', partition, offset: 1 }],
    };
  });

  const replicas = () => sceneOf(frame, topology, say).brokers.map((one) => one.replicas[0]!);

  test('of two that believe they lead, the one of the older epoch is stale', () => {
    expect(replicas().map((one) => one.role)).toEqual(['stale', 'leader', 'follower']);
    expect(sceneOf(frame, topology, say).controllers.map((one) => one.active)).toEqual([false, true]);
  });

  test('a leader that is down leads nobody', () => {
    frame.nodes[1] = broker(2, { leader: true, isr: [2, 3] }, 4_200_000);
    expect(replicas()[0]!.role).toBe('leader');
    expect(sceneOf(frame, topology, say).brokers[1]!.presence).toEqual({ is: 'down', since: 'down since 4.2 s' });
  });

  test('a replica that is not in the ISR says how far it is behind', () => {
    frame.nodes[1] = broker(2, { leader: true, isr: [2] });
    expect(replicas()[2]).toMatchObject({ role: 'out', line: 'out of ISR', note: { text: '1 behind' } });
  });

  test('marks and records are those of the log; committed offsets stand at the leader only', () => {
    expect(replicas()[1]).toMatchObject({
      line: 'epoch 5, ISR 2 3',
      from: 0,
      leo: 3,
      hw: 2,
      cells: [{ offset: 0, key: 'a' }, { offset: 1, key: 'f' }, { offset: 2, id: 'm1' }],
      epochs: [{ epoch: 4, offset: 0 }, { epoch: 5, offset: 2 }],
      committed: [{ group: 'billing', offset: 1 }],
    });
    expect(replicas()[2]!.committed).toEqual([]);
  });

  test('what a truncation took stays as a ghost', () => {
    frame.truncated = [{ broker: 3, partition, offset: 2, message: message(2) }];
    const [, , third] = replicas();
    expect(third!.line).toBe('follower, truncated');
    expect(third!.cells.at(-1)).toEqual({ offset: 2, is: 'ghost', key: 'f', id: 'm2' });
  });

  test('a long log shows its end; the window moves in whole cells', () => {
    frame.nodes[1] = broker(2, { leader: true, isr: [2, 3], log_end: 40, high_watermark: 40 });
    const [, leader] = replicas();
    expect(leader!.from).toBe(29);
    expect(leader!.cells.map((one) => one.offset)).toEqual([29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    expect(leader!.epochs).toEqual([]);
    expect(new Set(replicas().map((one) => one.from)).size, 'one ruler for all').toBe(1);
  });

  test('clients, their partitions and what is on its way', () => {
    const { producers, consumers } = sceneOf(frame, topology, say);
    expect(producers[0]).toMatchObject({ line: '5 sent', note: { text: '2 in flight\n1 waiting' } });
    expect(consumers[0]).toMatchObject({ assigned: ['orders-0'], generation: 3 });
  });

  test('links lead to the leader, and a cut is where it is', () => {
    frame.cuts = [[3, 1], [2, 6]];
    const links = sceneOf(frame, topology, say).links.map((one) => `${one.kind} ${one.id}${one.cut === undefined ? '' : ' cut'}`);
    expect(links).toEqual([
      'publish link:producer:shop>replica:orders-0@kafka-2 cut',
      'replicate link:broker:kafka-1>broker:kafka-2',
      'replicate link:broker:kafka-1>broker:kafka-3 cut',
      'replicate link:broker:kafka-2>broker:kafka-3',
      'assign link:replica:orders-0@kafka-2>consumer:billing-1',
    ]);
  });
});
