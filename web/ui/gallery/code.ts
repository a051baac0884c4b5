// The two first programs, line by line: `hello` with pika and with kafka-python.

import type { Shown } from '../src/engine/session';
import type { Cell, Listing, Replica, Run, Scene, Topology } from '../src/scene';

const there = { is: 'there' } as const;

const none = { producers: [], consumers: [], exchanges: [], queues: [], brokers: [], partitions: [], controllers: [] };

const topology: Topology = {
  ...none,
  family: 'rabbitmq',
  producers: [{ name: 'hello', to: ['exchange:'] }],
  exchanges: [{ name: '', kind: 'default', bindings: [{ to: 'queue:hello', key: 'hello' }] }],
  queues: [{ name: 'hello', kind: 'classic', replicas: [] }],
  consumers: [{ name: 'printer', from: ['queue:hello'], tag: 'C1' }],
};

const scene: Scene = {
  family: 'rabbitmq',
  producers: [{ name: 'hello', presence: there, line: 'line 7' }],
  consumers: [{ name: 'printer', presence: there, line: 'prefetch 1, 0 out' }],
  exchanges: [{ name: '', presence: there }],
  queues: [{ name: 'hello', presence: there, line: 'classic, durable', ready: 0, unacked: 0, tokens: [], replicas: [] }],
  brokers: [],
  controllers: [],
  links: [
    { id: 'link:producer:hello>exchange:', from: 'producer:hello', to: 'exchange:', kind: 'publish', path: 'done' },
    { id: 'link:exchange:>queue:hello', from: 'exchange:', to: 'queue:hello', kind: 'binding', label: 'hello', path: 'ahead' },
    { id: 'link:queue:hello>consumer:printer', from: 'queue:hello', to: 'consumer:printer', kind: 'deliver', path: 'ahead' },
  ],
  flights: [
    {
      link: 'link:producer:hello>exchange:',
      tokens: [{ id: 'm1', key: 'a', keyText: 'hello', state: 'flight' }],
      label: 'basic.publish',
    },
  ],
  tray: [],
  ledger: { text: '1 published = 1 in flight.', closes: true },
  remarks: [],
  causes: [
    { n: 1, at: 'link:producer:hello>exchange:' },
    { n: 2, at: 'exchange:' },
    { n: 3, at: 'queue:hello' },
    { n: 4, at: 'consumer:printer' },
    { n: 5, at: 'consumer:printer' },
  ],
  selected: 'message:m1',
};

const listings: Listing[] = [
  {
    file: 'hello_send.py',
    who: 'producer hello',
    status: 'running',
    lines: [
      'import pika',
      '',
      'conn = pika.BlockingConnection(',
      '    pika.ConnectionParameters("rabbit-1"))',
      'ch = conn.channel()',
      'ch.queue_declare(queue="hello", durable=True)',
      'ch.basic_publish(exchange="",',
      '                 routing_key="hello",',
      '                 body=b"Hello under glass")',
      'conn.close()',
    ],
    discs: { 7: 1 },
    current: [7, 9],
  },
  {
    file: 'hello_receive.py',
    who: 'consumer printer',
    status: 'waits for a delivery',
    lines: [
      'import pika',
      '',
      'def on_message(ch, method, props, body):',
      '    print(body)',
      '    ch.basic_ack(method.delivery_tag)',
      '',
      'conn = pika.BlockingConnection(',
      '    pika.ConnectionParameters("rabbit-1"))',
      'ch = conn.channel()',
      'ch.queue_declare(queue="hello", durable=True)',
      'ch.basic_qos(prefetch_count=1)',
      'ch.basic_consume("hello", on_message)',
      'ch.start_consuming()',
    ],
    discs: { 3: 4, 5: 5 },
    waiting: 13,
  },
];

const holds: Run['checks'] = [
  { name: 'no loss', is: 'holds' },
  { name: 'ledger closes', is: 'holds' },
];

const marks = { flags: [], checks: holds, forks: [], columns: [] };

export const pika: { run: Run; shown: Shown; at: number } = {
  at: 9,
  run: { title: 'Hello, line by line', family: 'rabbitmq', topology, total: 24, interesting: [2, 4, 6, 9, 11, 13, 16, 19, 22], hops: [9, 11, 13], ...marks },
  shown: {
    event: {
      n: 9,
      at: 18_000,
      says: '**basic_publish** writes m1 to the connection and returns. The default exchange will put it into the queue whose **name equals the routing key**: hello.',
    },
    scene,
    listings,
  },
};

const kafkaTopology: Topology = {
  ...none,
  family: 'kafka',
  producers: [{ name: 'hello', to: ['partition:hello-0'] }],
  consumers: [{ name: 'printer', from: ['partition:hello-0'], group: 'printer' }],
  brokers: [1, 2, 3].map((id) => ({ name: `kafka-${id}`, id })),
  partitions: [{ topic: 'hello', partition: 0, replicas: [1, 2, 3] }],
  controllers: ['ctl-1', 'ctl-2', 'ctl-3'],
};

function log(role: Replica['role'], line: string, leo: number, committed: Replica['committed'] = []): Replica {
  const keys = ['b', 'a', 'c', 'a'] as const;
  const cells: Cell[] = keys.slice(0, leo).map((key, offset) => ({ offset, is: 'record', key, id: offset === 3 ? 'm1' : undefined }));
  return { partition: 'hello-0', role, line, from: 0, leo, hw: 3, cells, epochs: [{ epoch: 1, offset: 0 }], committed };
}

const replicas = [
  log('leader', 'epoch 1, ISR 1 2 3', 4, [{ group: 'printer', offset: 3 }]),
  log('follower', 'follower, in sync', 4),
  log('follower', 'follower, in sync', 3),
];

const kafkaScene: Scene = {
  ...scene,
  family: 'kafka',
  producers: [{ name: 'hello', presence: there, line: 'line 9, acks=all', note: { text: '1 awaiting ack', tone: 'wait' } }],
  consumers: [{ name: 'printer', presence: there, line: '', assigned: ['hello-0'], generation: 1 }],
  exchanges: [],
  queues: [],
  brokers: replicas.map((replica, i) => ({ name: `kafka-${i + 1}`, presence: there, line: '', replicas: [replica] })),
  controllers: ['ctl-1', 'ctl-2', 'ctl-3'].map((name, i) => ({ name, presence: there, active: i === 0, end: 14 })),
  controllerEpoch: 1,
  links: [
    { id: 'link:producer:hello>replica:hello-0@kafka-1', from: 'producer:hello', to: 'replica:hello-0@kafka-1', kind: 'publish', path: 'done' },
    { id: 'link:broker:kafka-1>broker:kafka-2', from: 'broker:kafka-1', to: 'broker:kafka-2', kind: 'replicate', path: 'done' },
    { id: 'link:broker:kafka-1>broker:kafka-3', from: 'broker:kafka-1', to: 'broker:kafka-3', kind: 'replicate', path: 'ahead' },
    { id: 'link:replica:hello-0@kafka-1>consumer:printer', from: 'replica:hello-0@kafka-1', to: 'consumer:printer', kind: 'assign' },
  ],
  flights: [],
  ledger: { text: '4 sent = 3 committed + 1 appended', closes: true },
  causes: [
    { n: 1, at: 'link:producer:hello>replica:hello-0@kafka-1' },
    { n: 2, at: 'cell:hello-0@kafka-1:3' },
    { n: 3, at: 'link:broker:kafka-1>broker:kafka-3' },
    { n: 4, at: 'consumer:printer' },
    { n: 5, at: 'consumer:printer' },
  ],
  selected: 'message:m1',
};

const kafkaListings: Listing[] = [
  {
    file: 'hello_produce.py',
    who: 'producer hello',
    status: 'running',
    lines: [
      'from kafka import KafkaProducer',
      '',
      'p = KafkaProducer(',
      '    bootstrap_servers="kafka-1:9092",',
      '    acks="all")',
      '',
      'future = p.send("hello", key=b"a",',
      '                value=b"Hello under glass")',
      'meta = future.get(timeout=10)',
      'print(meta.partition, meta.offset)',
      'p.close()',
    ],
    discs: { 7: 1, 9: 3 },
    current: [9, 9],
  },
  {
    file: 'hello_consume.py',
    who: 'consumer printer',
    status: 'polls',
    lines: [
      'from kafka import KafkaConsumer',
      '',
      'c = KafkaConsumer("hello",',
      '    bootstrap_servers="kafka-1:9092",',
      '    group_id="printer",',
      '    auto_offset_reset="earliest",',
      '    enable_auto_commit=False)',
      '',
      'for record in c:',
      '    print(record.offset, record.value)',
      '    c.commit()',
    ],
    discs: { 9: 4, 11: 5 },
    waiting: 9,
  },
];

export const kafkaPython: { run: Run; shown: Shown; at: number } = {
  at: 31,
  run: { title: 'Hello, line by line', family: 'kafka', topology: kafkaTopology, total: 58, interesting: [4, 9, 14, 22, 26, 31, 36, 41, 47, 52], hops: [22, 31, 36], ...marks },
  shown: {
    event: {
      n: 31,
      at: 41_000,
      says: '**future.get** waits. m1 is at offset 3 on the leader, but acks=all needs **every in-sync replica**: kafka-3 has not fetched it yet, so the high watermark stays at 3.',
    },
    scene: kafkaScene,
    listings: kafkaListings,
  },
};
