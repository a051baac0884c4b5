// A frame of RabbitMQ in which nearly everything can be seen at once: routing, an alternate
// exchange, a dead-letter queue, times to live, a quorum queue that waits for a majority.

import type { Shown } from '../src/engine/session';
import type { KeyMark, Lesson, Run, Scene, Token, Topology } from '../src/scene';

const token = (id: string, key: KeyMark, state: Token['state'] = 'ready', more: Partial<Token> = {}): Token => ({
  id,
  key,
  keyText: key,
  state,
  ...more,
});

export const topology: Topology = {
  family: 'rabbitmq',
  producers: [
    { name: 'app', to: ['exchange:logs'] },
    { name: 'shop', to: ['exchange:orders'] },
  ],
  exchanges: [
    {
      name: 'logs',
      kind: 'topic',
      bindings: [
        { to: 'queue:errors', key: '*.error' },
        { to: 'queue:audit', key: 'auth.*' },
      ],
    },
    { name: 'unrouted', kind: 'fanout', bindings: [{ to: 'queue:audit', key: '' }] },
    { name: 'orders', kind: 'direct', alternate: 'unrouted', bindings: [{ to: 'queue:orders', key: 'eu' }] },
  ],
  queues: [
    { name: 'errors', kind: 'classic', deadLetters: 'errors.dead', replicas: [] },
    { name: 'errors.dead', kind: 'classic', replicas: [] },
    { name: 'audit', kind: 'classic', replicas: [] },
    { name: 'orders', kind: 'quorum', replicas: ['rabbit-1', 'rabbit-2', 'rabbit-3'] },
  ],
  consumers: [
    { name: 'pager', from: ['queue:errors'], tag: 'C1' },
    { name: 'archiver', from: ['queue:audit'], tag: 'C2' },
    { name: 'billing', from: ['queue:orders'], tag: 'C3' },
  ],
  brokers: [],
  partitions: [],
  controllers: [],
};

const there = { is: 'there' } as const;

export const scene: Scene = {
  family: 'rabbitmq',
  producers: [
    { name: 'app', presence: there, line: '12 sent', note: { text: '1 returned', tone: 'fault' } },
    { name: 'shop', presence: there, line: '6 sent', note: { text: '1 confirm awaited', tone: 'wait' } },
  ],
  consumers: [
    { name: 'pager', presence: there, line: 'prefetch 2, 2 out', short: '2 / 2' },
    { name: 'archiver', presence: there, line: 'prefetch 1, 1 out', short: '1 / 1' },
    { name: 'billing', presence: there, line: 'prefetch 5, 1 out', short: '1 / 5' },
  ],
  exchanges: topology.exchanges.map(({ name }) => ({ name, presence: there })),
  queues: [
    {
      name: 'errors',
      presence: there,
      line: 'classic, durable',
      ready: 2,
      unacked: 2,
      replicas: [],
      tokens: [
        token('m12', 'b', 'unacked', { owner: 'C1' }),
        token('m13', 'c', 'unacked', { owner: 'C1' }),
        token('m10', 'b', 'requeued', { deliveries: 2 }),
        token('m15', 'd'),
      ],
    },
    {
      name: 'errors.dead',
      presence: there,
      line: 'no consumer',
      ready: 1,
      unacked: 0,
      replicas: [],
      tokens: [token('m7', 'd', 'dead', { letter: 'r' })],
    },
    {
      name: 'audit',
      presence: there,
      line: 'classic, message TTL 60 s',
      ready: 2,
      unacked: 1,
      replicas: [],
      tokens: [
        token('m9', 'e', 'unacked', { owner: 'C2' }),
        token('m11', 'a', 'ready', { ttl: 0.72 }),
        token('m14', 'a', 'ready', { transient: true, ttl: 0.2 }),
      ],
    },
    {
      name: 'orders',
      presence: there,
      line: 'quorum, 3 nodes',
      ready: 1,
      unacked: 1,
      tokens: [token('m6', 'b', 'unacked', { owner: 'C3' }), token('m16', 'b'), token('m17', 'b', 'pending')],
      replicas: [
        { node: 'rabbit-1', presence: there, role: 'leader', line: 'leader, term 3', entries: ['m2', 'm4', 'm6', 'm16', 'm17'] },
        { node: 'rabbit-2', presence: there, role: 'follower', line: 'follower', entries: ['m2', 'm4', 'm6', 'm16'] },
        { node: 'rabbit-3', presence: there, role: 'follower', line: 'follower, 1 behind', entries: ['m2', 'm4', 'm6', 'm16'] },
      ],
    },
  ],
  brokers: [],
  controllers: [],
  links: [
    { id: 'link:producer:app>exchange:logs', from: 'producer:app', to: 'exchange:logs', kind: 'publish', live: true },
    { id: 'link:producer:shop>exchange:orders', from: 'producer:shop', to: 'exchange:orders', kind: 'publish' },
    { id: 'link:exchange:logs>queue:errors', from: 'exchange:logs', to: 'queue:errors', kind: 'binding', label: '*.error' },
    { id: 'link:exchange:logs>queue:audit', from: 'exchange:logs', to: 'queue:audit', kind: 'binding', label: 'auth.*' },
    { id: 'link:exchange:unrouted>queue:audit', from: 'exchange:unrouted', to: 'queue:audit', kind: 'binding' },
    { id: 'link:exchange:orders>queue:orders', from: 'exchange:orders', to: 'queue:orders', kind: 'binding', label: 'eu' },
    { id: 'link:exchange:orders>exchange:unrouted', from: 'exchange:orders', to: 'exchange:unrouted', kind: 'alternate' },
    { id: 'link:queue:errors>queue:errors.dead', from: 'queue:errors', to: 'queue:errors.dead', kind: 'dead-letter' },
    { id: 'link:queue:errors>consumer:pager', from: 'queue:errors', to: 'consumer:pager', kind: 'deliver' },
    { id: 'link:queue:audit>consumer:archiver', from: 'queue:audit', to: 'consumer:archiver', kind: 'deliver' },
    { id: 'link:queue:orders>consumer:billing', from: 'queue:orders', to: 'consumer:billing', kind: 'deliver' },
  ],
  flights: [{ link: 'link:producer:app>exchange:logs', tokens: [token('m18', 'a', 'flight')], label: 'auth.error' }],
  tray: [
    { why: 'returned', count: 1, token: token('m8', 'c', 'returned'), detail: '312 NO_ROUTE, to app' },
    { why: 'dead-lettered', count: 1, token: token('m7', 'd', 'dead', { letter: 'r' }), detail: 'rejected by C1' },
  ],
  ledger: {
    text: '18 published = 5 acknowledged + 5 ready + 4 unacked + 2 in flight + 1 dead-lettered + 1 returned.',
    closes: true,
  },
  remarks: [],
  causes: [],
  selected: 'message:m18',
};

export const run: Run = {
  title: 'Where does a message go?',
  family: 'rabbitmq',
  topology,
  total: 236,
  interesting: [14, 27, 36, 58, 74, 92, 112, 135, 137, 150, 171, 190, 214],
  hops: [137, 139, 142, 150],
  flags: [
    { n: 58, text: 'pager paused' },
    { n: 112, text: 'rabbit-3 slow disk' },
  ],
  checks: [
    { name: 'no loss', is: 'holds' },
    { name: 'ledger closes', is: 'holds' },
    { name: 'order', is: 'breaks', at: 190, text: 'order: m10 after m15' },
  ],
  forks: [
    { id: 'prefetch', name: 'prefetch 10', at: 74, end: 168, outcome: 'same end, 31 events sooner' },
    { id: 'no-ae', name: 'no AE', at: 92, end: 131, outcome: 'm9 returned', bad: true },
  ],
  columns: [],
};

export const lesson: Lesson = {
  step: 4,
  steps: 9,
  title: 'A topic exchange copies by pattern',
  says: '**m18** is on the way to **logs** with the key `auth.error`. A topic exchange compares the key with every binding, word by word: `*` stands for exactly one word. Each queue that matches gets its own copy.',
  question: {
    ask: 'Which queues will hold a copy of m18?',
    choices: ['errors only', 'audit only', 'errors and audit', 'neither: returned'],
    right: 2,
    because: 'Both patterns match `auth.error`.',
  },
  hint: 'Compare word by word.',
};

export const events = [
  { n: 135, says: '**pager** (C1) rejected **m7** without requeue. **errors** moved it to **errors.dead**.', tag: { text: 'rejected', tone: 'fault' as const } },
  { n: 137, says: '**app** published **m8**, key `kern.info`, mandatory. No binding of **logs** matches; the broker returned it.', tag: { text: '312 NO_ROUTE', tone: 'fault' as const } },
  { n: 139, says: '**shop** published **m17**; **rabbit-1** holds it, a majority does not yet.' },
  { n: 140, says: '**errors** keeps **m10** ready: C1 already holds 2 of prefetch 2.' },
  { n: 142, says: '**app** published **m18** to **logs**, key `auth.error`. It is on its way.' },
  { n: 143, says: 'Answer the question to see the next event.' },
].map((event) => ({ ...event, at: event.n * 24_500 }));

export const shown: Shown = { event: { ...events[4]!, at: 3_480_000 }, scene, lesson, listings: [] };
