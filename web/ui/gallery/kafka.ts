// A frame of Kafka in which an acknowledged record is truncated, with the chain that led to it.

import type { Beside, Shown } from '../src/engine/session';
import type { Cell, Event, Facts, History, KeyMark, Metrics, Replica, Run, Scene, Topology, Why } from '../src/scene';

export const topology: Topology = {
  family: 'kafka',
  producers: [{ name: 'shop', to: ['partition:orders-0'] }],
  consumers: [
    { name: 'billing-1', from: ['partition:orders-0', 'partition:orders-1'], group: 'billing' },
    { name: 'billing-2', from: ['partition:orders-2'], group: 'billing' },
  ],
  exchanges: [],
  queues: [],
  brokers: [1, 2, 3].map((id) => ({ name: `kafka-${id}`, id })),
  partitions: [
    { topic: 'orders', partition: 0, replicas: [2, 3, 1] },
    { topic: 'orders', partition: 1, replicas: [2, 1, 3] },
    { topic: 'orders', partition: 2, replicas: [3, 2, 1] },
  ],
  controllers: ['ctl-1', 'ctl-2', 'ctl-3'],
};

const KEYS: Record<string, KeyMark[]> = {
  'orders-0': ['a', 'b', 'a', 'd', 'b'],
  'orders-1': ['c', 'c', 'e'],
  'orders-2': ['d', 'a', 'd', 'e'],
};

function replica(partition: string, role: Replica['role'], line: string, leo: number, hw: number, epochs: [number, number][], more: Partial<Replica> = {}): Replica {
  const keys = KEYS[partition]!;
  const cells: Cell[] = Array.from({ length: leo }, (_, offset) => ({ offset, is: 'record', key: keys[offset % keys.length]! }));
  return { partition, role, line, from: 0, leo, hw, cells, epochs: epochs.map(([offset, epoch]) => ({ epoch, offset })), committed: [], ...more };
}

const there = { is: 'there' } as const;
const ghost: Cell = { offset: 7, is: 'ghost', key: 'f', id: 'm17' };
const truncated = replica('orders-0', 'follower', 'follower, truncated', 7, 7, [[0, 4]]);

export const scene: Scene = {
  family: 'kafka',
  producers: [{ name: 'shop', presence: there, line: 'acks=1', note: { text: '2 in flight', tone: 'wait' } }],
  consumers: [
    { name: 'billing-1', presence: there, line: '', assigned: ['orders-0', 'orders-1'], generation: 3 },
    { name: 'billing-2', presence: there, line: '', assigned: ['orders-2'], generation: 3 },
  ],
  exchanges: [],
  queues: [],
  brokers: [
    {
      name: 'kafka-1',
      presence: there,
      line: 'restarted at event 139',
      replicas: [
        { ...truncated, cells: [...truncated.cells, ghost] },
        replica('orders-1', 'follower', 'follower, in sync', 7, 7, [[0, 2]]),
        replica('orders-2', 'out', 'out of ISR', 4, 4, [[0, 3]], { note: { text: '3 behind', tone: 'wait' } }),
      ],
    },
    {
      name: 'kafka-2',
      presence: there,
      line: '',
      replicas: [
        replica('orders-0', 'leader', 'epoch 5, ISR 2 3', 9, 8, [[0, 4], [7, 5]], { committed: [{ group: 'billing', offset: 5 }] }),
        replica('orders-1', 'leader', 'epoch 2, ISR 1 2 3', 8, 7, [[0, 2]], { lso: 5, committed: [{ group: 'billing', offset: 4 }] }),
        replica('orders-2', 'follower', 'follower, in sync', 7, 7, [[0, 3]]),
      ],
    },
    {
      name: 'kafka-3',
      presence: there,
      line: '',
      replicas: [
        replica('orders-0', 'follower', 'follower, in sync', 8, 8, [[0, 4], [7, 5]]),
        replica('orders-1', 'follower', 'follower, in sync', 7, 7, [[0, 2]]),
        replica('orders-2', 'leader', 'epoch 3, ISR 2 3', 7, 7, [[0, 3]], { committed: [{ group: 'billing', offset: 6 }] }),
      ],
    },
  ],
  controllers: [
    { name: 'ctl-1', presence: there, active: false, end: 61 },
    { name: 'ctl-2', presence: there, active: true, end: 61 },
    { name: 'ctl-3', presence: there, active: false, end: 60 },
  ],
  controllerEpoch: 12,
  links: [
    { id: 'link:producer:shop>replica:orders-0@kafka-2', from: 'producer:shop', to: 'replica:orders-0@kafka-2', kind: 'publish', live: true },
    { id: 'link:broker:kafka-1>broker:kafka-2', from: 'broker:kafka-1', to: 'broker:kafka-2', kind: 'replicate' },
    { id: 'link:broker:kafka-2>broker:kafka-3', from: 'broker:kafka-2', to: 'broker:kafka-3', kind: 'replicate' },
    { id: 'link:broker:kafka-1>broker:kafka-3', from: 'broker:kafka-1', to: 'broker:kafka-3', kind: 'replicate', cut: 'link 1 to 3\ncut' },
    { id: 'link:replica:orders-0@kafka-2>consumer:billing-1', from: 'replica:orders-0@kafka-2', to: 'consumer:billing-1', kind: 'assign' },
    { id: 'link:replica:orders-1@kafka-2>consumer:billing-1', from: 'replica:orders-1@kafka-2', to: 'consumer:billing-1', kind: 'assign' },
    { id: 'link:replica:orders-2@kafka-3>consumer:billing-2', from: 'replica:orders-2@kafka-3', to: 'consumer:billing-2', kind: 'assign' },
  ],
  flights: [
    {
      link: 'link:producer:shop>replica:orders-0@kafka-2',
      batch: true,
      tokens: [
        { id: 'm21', key: 'a', keyText: 'a', state: 'flight' },
        { id: 'm22', key: 'b', keyText: 'b', state: 'flight' },
      ],
    },
  ],
  tray: [{ why: 'lost', count: 1 }],
  ledger: { text: '22 sent = 19 in logs + 2 in flight + 1 lost', closes: true },
  remarks: [{ text: 'orders-0: election was unclean', tone: 'fault' }],
  causes: [
    { n: 1, at: 'link:broker:kafka-1>broker:kafka-3' },
    { n: 2, at: 'replica:orders-0@kafka-1' },
    { n: 3, at: 'producer:shop', text: 'acked m17' },
    { n: 4, at: 'cell:orders-0@kafka-2:8', text: 'unclean' },
    { n: 5, at: 'cell:orders-0@kafka-1:7' },
  ],
  selected: 'message:m17',
};

export const run: Run = {
  title: 'An acknowledged record disappears',
  family: 'kafka',
  topology,
  total: 210,
  interesting: [12, 30, 41, 60, 88, 96, 104, 121, 130, 139, 143, 166, 184],
  hops: [102, 104, 121, 143],
  flags: [
    { n: 88, text: 'cut 1 from 2, 3' },
    { n: 121, text: 'crash' },
  ],
  checks: [
    { name: 'one leader per epoch', is: 'holds' },
    { name: 'no acknowledged loss', is: 'breaks', at: 143, text: '1 acknowledged record lost' },
  ],
  forks: [
    { id: 'all', name: 'acks=all', at: 104, end: 174, outcome: '0 lost' },
    { id: 'clean', name: 'clean only', at: 121, end: 156, outcome: '0 lost, 2.1 s down' },
  ],
  columns: [],
};

export const why: Why = {
  title: 'Why is m17 gone?',
  lead: 'Acknowledged at event 104, on no replica at 143.',
  chain: [
    { n: 88, says: 'You **cut kafka-1 from kafka-2 and kafka-3**. Their fetches of orders-0 stopped at offset 7.', chip: { text: 'fault: cut', is: 'rule' } },
    { n: 96, says: 'Neither follower caught up in time, so kafka-1 **shrank the ISR** of orders-0 to itself.', chip: { text: 'replica.lag.time.max.ms=1000', is: 'config' } },
    { n: 104, says: 'kafka-1 appended **m17** at offset 7 and **acknowledged at once**, waiting for no follower.', chip: { text: 'acks=1', is: 'config' } },
    { n: 121, says: 'kafka-1 crashed. No ISR member was left, so the controller **elected kafka-2**, which ends at 7.', chip: { text: 'unclean.leader.election.enable=true', is: 'config' } },
    { n: 143, says: 'kafka-1 came back as a follower, learnt that epoch 4 ends at 7 and **truncated offset 7**: the last copy of m17.', chip: { text: 'rule: diverging epoch (KIP-595)', is: 'rule' } },
  ],
  cures: [
    { change: 'acks=all, min.insync.replicas=2', says: 'm17 is refused and retried, 0 lost', at: 104 },
    { change: 'unclean.leader.election.enable=false', says: 'orders-0 waits for kafka-1, 0 lost', at: 121 },
  ],
};

export const events: Event[] = [
  { n: 104, at: 3_450_000, says: 'kafka-1 appended **m17** at offset 7 and acknowledged it.' },
  { n: 121, at: 4_200_000, says: '**kafka-1** crashed.', tag: { text: 'crash', tone: 'fault' } },
  { n: 124, at: 4_620_000, says: '**ctl-2** elected **kafka-2** for orders-0, epoch 5; it was not in the ISR.' },
  { n: 139, at: 6_200_000, says: '**kafka-1** started again.' },
  { n: 142, at: 6_510_000, says: '**kafka-2** answered: epoch 4 ends at 7.' },
  { n: 143, at: 6_518_000, says: '**kafka-1** truncated orders-0 to 7; **m17** was at offset 7.' },
];

const columns = ['producer:shop', 'broker:kafka-1', 'broker:kafka-2', 'broker:kafka-3', 'controller:ctl-2', 'consumer:billing-1'];
const [shop, k1, k2, k3, ctl, billing] = columns as [string, string, string, string, string, string];
type Mark = 'cause' | 'other' | 'crash' | 'fault' | 'restart';
const event = (n: number, column: string, text = '', mark: Mark = 'other') => ({ is: 'event' as const, n, at: n * 41_000, column, text, mark });
const fold = (after: number, ...counts: [string, number][]) => ({ is: 'fold' as const, after, counts: counts.map(([column, count]) => ({ column, count })) });

export const history: History = {
  columns: columns.map((id) => ({ id, name: id.slice(id.indexOf(':') + 1) })),
  rows: [
    event(88, k1, ''),
    event(90, k2, 'Fetch stalls', 'fault'),
    fold(90, [k3, 5], [ctl, 3]),
    event(96, k1, '', 'cause'),
    event(98, ctl, 'committed', 'cause'),
    event(99, k1),
    event(100, billing),
    event(102, shop, '', 'cause'),
    event(104, k1, 'append 7: m17', 'cause'),
    event(106, shop),
    event(108, k1),
    fold(108, [shop, 5], [ctl, 7], [billing, 4]),
    event(121, k1, 'crash', 'crash'),
    event(124, ctl, 'elects kafka-2', 'cause'),
    event(127, k2, 'leads from 7', 'cause'),
    event(129, k3),
    event(132, shop),
    event(135, k2, 'append 7: m19'),
    event(139, k1, 'restart', 'restart'),
    event(140, k1, '', 'cause'),
    event(142, k2, 'epoch 4 ends at 7', 'cause'),
    event(143, k1, 'truncate 7', 'cause'),
    fold(143, [k2, 2], [k3, 4]),
  ],
  messages: [
    { from: 90, to: 96, text: '', is: 'lost' },
    { from: 96, to: 98, text: 'AlterPartition, ISR 1', is: 'cause' },
    { from: 98, to: 99, text: '', is: 'other' },
    { from: 102, to: 104, text: 'Produce m17', is: 'cause' },
    { from: 104, to: 106, text: 'ack, acks=1', is: 'other' },
    { from: 100, to: 108, text: 'Fetch', is: 'other' },
    { from: 124, to: 127, text: 'leader, epoch 5', is: 'cause' },
    { from: 124, to: 129, text: '', is: 'other' },
    { from: 132, to: 135, text: 'Produce m19', is: 'other' },
    { from: 140, to: 142, text: 'Fetch e4 from 8', is: 'cause' },
    { from: 142, to: 143, text: '', is: 'cause' },
  ],
  cuts: [{ from: 88, to: 139, between: [k1, k2], text: 'cut', healed: '1 to 2 healed' }],
  epochs: [
    { column: k1, epoch: 4, from: 88, to: 121, is: 'leads' },
    { column: k1, epoch: 4, from: 121, to: 139, is: 'down' },
    { column: k1, epoch: 4, from: 139, to: 143, is: 'follows' },
    { column: k1, epoch: 5, from: 143, is: 'follows' },
    { column: k2, epoch: 4, from: 88, to: 127, is: 'follows' },
    { column: k2, epoch: 5, from: 127, is: 'leads' },
    { column: k3, epoch: 4, from: 88, to: 129, is: 'follows' },
    { column: k3, epoch: 5, from: 129, is: 'follows' },
  ],
  selected: 143,
  sets: { cause: 11, before: 34, concurrent: 31 },
};

export const shown: Shown = { event: events[5]!, scene, listings: [] };

export const facts: Facts = {
  title: 'kafka-1',
  kind: 'broker',
  says: 'It came back as a follower of orders-0 and cut its log where the epochs part.',
  rows: [
    { name: 'node.id', value: '1' },
    { name: 'state', value: 'running, second life', tone: 'ok' },
    { name: 'leads', value: 'nothing' },
    { name: 'log end', value: 'orders-0 7, orders-1 7, orders-2 4' },
    { name: 'out of ISR', value: 'orders-2', tone: 'wait' },
    { name: 'cut from', value: 'kafka-3', tone: 'fault' },
  ],
  events: [
    { n: 104, says: 'kafka-1 appended **m17** at offset 7 and acknowledged it.' },
    { n: 121, says: '**kafka-1** crashed.' },
    { n: 139, says: '**kafka-1** started again.' },
    { n: 143, says: 'kafka-1 truncated orders-0 to 7; **m17** was at offset 7.' },
    { n: 166, says: 'kafka-2 expanded the ISR of orders-0 to 1, 2, 3.' },
  ],
};

const line = (name: string, unit: string, values: [number, number][]) => ({
  name,
  unit,
  points: values.map(([n, v]): [number, number, number] => [n, n * 45_580, v]),
});

export const metrics: Metrics = {
  series: [
    line('log end of orders-0', 'records', [[0, 0], [12, 2], [30, 4], [60, 6], [104, 8], [121, 7], [135, 8], [166, 9], [190, 12]]),
    line('high watermark of orders-0', 'records', [[0, 0], [30, 3], [60, 6], [96, 7], [104, 8], [121, 7], [143, 8], [184, 12]]),
    line('lag of billing on orders-0', 'records', [[0, 0], [12, 2], [41, 1], [60, 3], [104, 2], [143, 3], [184, 0]]),
    line('produce, p99', 'ms', [[0, 0], [30, 4], [88, 5], [104, 4], [124, 310], [143, 12], [184, 6]]),
  ],
};

const kept = scene.brokers.map((broker) => ({
  ...broker,
  line: '',
  replicas: broker.replicas.map((one) => ({ ...one, cells: one.cells.filter((cell) => cell.is !== 'ghost'), line: one.line.replace('truncated', 'in sync') })),
}));

/** The same moment of the run with `acks=all`. */
export const beside: Beside = {
  run: { ...run, title: 'acks=all', total: 174, checks: run.checks.map(({ name }) => ({ name, is: 'holds' })), forks: [] },
  shown: {
    event: { n: 151, at: 6_518_000, says: 'kafka-1 came back and fetched orders-0 from 7; **m17** was refused and sent again.' },
    scene: { ...scene, brokers: kept, causes: [], selected: undefined, tray: [], ledger: { text: '22 sent = 20 in logs + 2 in flight', closes: true } },
    listings: [],
  },
};
