// The scene of a Kafka world: each broker's logs as that broker itself sees them.

import { linkId } from '../layout/layout';
import { partitionName } from '../layout/kafka-lanes';
import type { Broker, Cell, Client, Link, Replica, Role, Scene, ThingId } from '../scene';
import { common, type Making } from './frame';
import type { KafkaBrokerView, KafkaReplicaView, TopicPartition } from './views';

/** Cells of a log that are shown; older ones are folded into one. */
const WINDOW = 12;

export function kafkaScene(making: Making): Scene {
  const { frame, topology } = making;
  const views = new Map(frame.nodes.flatMap((n) => (n.shows.is === 'kafka.broker' ? [[n.name, n.shows.view] as const] : [])));
  const leaders = leadersOf(views, making);
  const quorum = new Map(frame.nodes.flatMap((n) => (n.shows.is === 'kafka.controller' ? [[n.name, n.shows.view] as const] : [])));
  const epoch = Math.max(0, ...[...quorum.values()].map((view) => view.epoch));
  return {
    family: 'kafka',
    producers: topology.producers.map(({ name }) => producer(name, making)),
    consumers: topology.consumers.map(({ name }) => consumer(name, making)),
    exchanges: [],
    queues: [],
    brokers: topology.brokers.map(({ name }) => brokerOf(name, views.get(name), leaders, making)),
    controllers: topology.controllers.map((name) => {
      const view = quorum.get(name);
      // One that leads in an older epoch does not know yet that it was replaced.
      const active = view?.state === 'leader' && view.epoch === epoch;
      return { name, presence: making.presence(name), active, end: view?.end_offset ?? 0 };
    }),
    controllerEpoch: quorum.size > 0 ? epoch : undefined,
    links: links(making, leaders),
    ...common(making),
  };
}

/** Who leads each partition: of those that are up and believe it, the one of the highest epoch. */
function leadersOf(views: Map<string, KafkaBrokerView>, { presence }: Making): Map<string, { broker: string; view: KafkaReplicaView }> {
  const leaders = new Map<string, { broker: string; view: KafkaReplicaView }>();
  for (const [broker, { replicas }] of views) {
    if (presence(broker).is !== 'there') continue;
    for (const view of replicas.filter((replica) => replica.leader)) {
      const name = partitionName(view.partition);
      const known = leaders.get(name);
      if (!known || known.view.leader_epoch < view.leader_epoch) leaders.set(name, { broker, view });
    }
  }
  return leaders;
}

function clientView({ frame }: Making, name: string) {
  const shows = frame.nodes.find((node) => node.name === name)?.shows;
  return shows?.is === 'kafka.client' ? shows.view : undefined;
}

function producer(name: string, making: Making): Client {
  const { say, presence } = making;
  const view = clientView(making, name);
  const [called, batched, flying] = view?.backlog ?? [0, 0, 0];
  const waiting = called + batched;
  const text = [flying > 0 ? say('inFlight', { n: flying }) : '', waiting > 0 ? say('waiting', { n: waiting }) : ''].filter((t) => t !== '').join('\n');
  return { name, presence: presence(name), line: say('sent', { n: view?.sent ?? 0 }), note: text ? { text, tone: 'wait' } : undefined };
}

function consumer(name: string, making: Making): Client {
  const view = clientView(making, name);
  return {
    name,
    presence: making.presence(name),
    line: '',
    assigned: (view?.positions ?? []).map(([partition]) => partitionName(partition)),
    generation: view?.generation_id ?? undefined,
  };
}

type Leader = { broker: string; view: KafkaReplicaView };
type Leaders = Map<string, Leader>;

function brokerOf(name: string, view: KafkaBrokerView | undefined, leaders: Leaders, making: Making): Broker {
  const replicas = (view?.replicas ?? []).map((one) => replicaOf(name, view!.id, one, leaders, making));
  const life = making.frame.nodes.find((node) => node.name === name)?.incarnation ?? 0;
  const line = life > 0 ? making.say('life', { n: life + 1 }) : '';
  return { name, presence: making.presence(name), line, replicas };
}

function replicaOf(broker: string, id: number, view: KafkaReplicaView, leaders: Leaders, making: Making): Replica {
  const { frame, say, info, keyMark, nameOf } = making;
  const name = partitionName(view.partition);
  const leader = leaders.get(name);
  const role = roleOf(broker, id, view, leader);
  const same = (other: TopicPartition) => partitionName(other) === name;
  const gone = frame.truncated.filter((t) => nameOf(t.broker) === broker && same(t.partition));
  const from = Math.max(view.log_start, windowOf(name, making));
  const records = new Map(view.cells.map((cell) => [cell.offset, cell]));
  const cells: Cell[] = [];
  for (let offset = from; offset < view.log_end; offset++) {
    const record = records.get(offset);
    cells.push({ offset, is: 'record', key: keyMark(record?.key ?? null), id: info(record?.message ?? null)?.label });
  }
  for (const { offset, message } of gone) cells.push({ offset, is: 'ghost', key: 'f', id: info(message)?.label });
  const behind = (leader?.view.log_end ?? view.log_end) - view.log_end;
  return {
    partition: name,
    role,
    line: lineOf(role, view, gone.length > 0, making),
    from,
    leo: view.log_end,
    hw: view.high_watermark,
    cells,
    epochs: view.epochs.map(([epoch, offset]) => ({ epoch, offset })).filter((e) => e.offset >= from),
    committed: role === 'leader' ? frame.committed.filter((c) => same(c.partition) && c.offset >= from).map(({ group, offset }) => ({ group, offset })) : [],
    note: role === 'out' && behind > 0 ? { text: say('behind', { n: behind }), tone: 'wait' } : undefined,
  };
}

/** Where the window of a partition begins: the same for all its replicas, which share one ruler. */
function windowOf(partition: string, { frame }: Making): number {
  const ends = frame.nodes.flatMap(({ shows }) =>
    shows.is === 'kafka.broker' ? shows.view.replicas.filter((r) => partitionName(r.partition) === partition).map((r) => r.log_end) : [],
  );
  const ghosts = frame.truncated.filter((t) => partitionName(t.partition) === partition).map((t) => t.offset + 1);
  const end = Math.max(0, ...ends, ...ghosts);
  return end > WINDOW ? end - WINDOW + 1 : 0;
}

function roleOf(broker: string, id: number, view: KafkaReplicaView, leader: Leader | undefined): Role {
  if (view.leader) return leader?.broker === broker ? 'leader' : 'stale';
  return leader && !leader.view.isr.includes(id) ? 'out' : 'follower';
}

function lineOf(role: Role, view: KafkaReplicaView, truncated: boolean, { say }: Making): string {
  if (role === 'leader' || role === 'stale') return say('leaderEpoch', { epoch: view.leader_epoch, isr: view.isr.join(' ') });
  if (truncated) return say('followerTruncated');
  return say(role === 'out' ? 'outOfIsr' : 'followerInSync');
}

/** The broker of `replica:orders-0@kafka-2`. */
function brokerIn(replica: ThingId): string {
  return replica.slice(replica.indexOf('@') + 1);
}

function links(making: Making, leaders: Leaders): Link[] {
  const { topology, frame, cut } = making;
  const live = new Set(frame.flights.map(({ from, to }) => linkId(from, to)));
  const link = (from: ThingId, to: ThingId, kind: Link['kind'], more: Partial<Link> = {}): Link => {
    const id = linkId(from, to);
    return { id, from, to, kind, live: live.has(id), ...more };
  };
  const leaderRow = (partition: string) => {
    const leader = leaders.get(partition);
    return leader ? `replica:${partition}@${leader.broker}` : undefined;
  };
  const publish = topology.producers.flatMap(({ name, to }) => {
    const rows = to.map((id) => leaderRow(id.replace('partition:', ''))).filter((row) => row !== undefined);
    return [...new Set(rows)].map((row) => link(`producer:${name}`, row, 'publish', cut(name, brokerIn(row))));
  });
  const brokers = topology.brokers.map(({ name }) => name);
  const pairs = brokers.flatMap((a, i) => brokers.slice(i + 1).map((b) => [a, b] as const));
  const replicate = pairs.flatMap(([a, b]) => {
    const apart = cut(a, b);
    if (apart) return [link(`broker:${a}`, `broker:${b}`, 'replicate', apart)];
    const fetches = [...leaders.values()].some(({ broker, view }) => {
      const slot = topology.partitions.find((p) => partitionName(p) === partitionName(view.partition));
      const held = (slot?.replicas ?? []).map((id) => topology.brokers.find((one) => one.id === id)?.name);
      return (broker === a && held.includes(b)) || (broker === b && held.includes(a));
    });
    return fetches ? [link(`broker:${a}`, `broker:${b}`, 'replicate')] : [];
  });
  const assign = topology.consumers.flatMap(({ name }) => {
    const partitions = clientView(making, name)?.positions.map(([p]) => partitionName(p)) ?? [];
    return partitions.flatMap((p) => {
      const row = leaderRow(p);
      return row ? [link(row, `consumer:${name}`, 'assign', cut(name, brokerIn(row)))] : [];
    });
  });
  return [...publish, ...replicate, ...assign];
}
