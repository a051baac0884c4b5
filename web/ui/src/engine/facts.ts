// What the inspector shows of a thing: its state, then its settings, as the field spells them.

import type { Facts, Presence, Scene, ThingId } from '../scene';
import type { Key, Say } from '../text/strings';
import { BUCKETS, type Bucket } from './frame';
import type { Inspected } from './protocol';
import type { KafkaReplicaView } from './views';

type Row = Facts['rows'][number];

export function factsOf(thing: ThingId, known: Inspected, scene: Scene, say: Say): Facts {
  const kind = thing.slice(0, thing.indexOf(':'));
  const name = thing.slice(kind.length + 1);
  const state = stateOf(kind, name, known, scene, say);
  const settings = known.settings.map(([key, value]): Row => ({ name: key, value }));
  return {
    title: name === '' ? say('defaultExchange') : name,
    kind: KINDS[kind] ? say(KINDS[kind]) : kind,
    rows: [...state, ...settings],
    events: known.events,
    ledger: kind === 'message' || kind === 'link' ? undefined : scene.family,
  };
}

const KINDS: Record<string, Key> = {
  producer: 'kindProducer',
  consumer: 'kindConsumer',
  exchange: 'kindExchange',
  queue: 'kindQueue',
  broker: 'kindBroker',
  replica: 'kindReplica',
  controller: 'kindController',
  message: 'kindMessage',
  link: 'kindLink',
};

function stateOf(kind: string, name: string, known: Inspected, scene: Scene, say: Say): Row[] {
  switch (kind) {
    case 'producer':
    case 'consumer':
      return clientRows(name, known, scene, say);
    case 'queue':
      return queueRows(name, known, scene, say);
    case 'exchange':
      return exchangeRows(name, known, say);
    case 'broker':
    case 'controller':
      return processRows(name, known, say);
    case 'replica':
      return replicaRows(name, known, say);
    case 'message':
      return messageRows(known, say);
    case 'link':
      return linkRows(name, scene, say);
    default:
      return [];
  }
}

function viewOf(known: Inspected, name: string) {
  return known.shown.frame.nodes.find((node) => node.name === name);
}

/** Down, ended or paused; what is simply there is not said. */
function presenceRows(presence: Presence | undefined, say: Say): Row[] {
  if (!presence || presence.is === 'absent') return [{ name: say('rowState'), value: say('notThere'), tone: 'wait' }];
  if (presence.is === 'there') return presence.paused ? [{ name: say('rowState'), value: say('rowPaused'), tone: 'wait' }] : [];
  return [{ name: say('rowState'), value: presence.since, tone: presence.is === 'down' ? 'fault' : undefined }];
}

function clientRows(name: string, known: Inspected, scene: Scene, say: Say): Row[] {
  const client = [...scene.producers, ...scene.consumers].find((one) => one.name === name);
  const rows = presenceRows(client?.presence, say);
  const shows = viewOf(known, name)?.shows;
  if (shows?.is === 'rabbitmq.client') {
    const { sent, unconfirmed, waiting, processed } = shows.view;
    rows.push({ name: say('rowSent'), value: String(sent) });
    if (unconfirmed > 0) rows.push({ name: say('rowUnconfirmed'), value: String(unconfirmed), tone: 'wait' });
    rows.push({ name: say('rowWaiting'), value: String(waiting) }, { name: say('rowProcessed'), value: String(processed) });
  }
  if (shows?.is === 'kafka.client') {
    const { sent, backlog, positions, generation_id: generation } = shows.view;
    if (backlog) {
      const [called, batched, flying] = backlog;
      rows.push({ name: say('rowSent'), value: String(sent) });
      rows.push({ name: say('rowBuffered'), value: String(called + batched), tone: called + batched > 0 ? 'wait' : undefined });
      rows.push({ name: say('rowInFlight'), value: String(flying), tone: flying > 0 ? 'wait' : undefined });
    }
    if (generation !== null) rows.push({ name: 'generation', value: String(generation) });
    for (const [{ topic, partition }, offset] of positions) {
      rows.push({ name: say('rowPosition', { of: `${topic}-${partition}` }), value: offset === null ? say('unknown') : String(offset) });
    }
  }
  return rows;
}

function queueRows(name: string, known: Inspected, scene: Scene, say: Say): Row[] {
  const rows = presenceRows(scene.queues.find((one) => one.name === name)?.presence, say);
  for (const { shows } of known.shown.frame.nodes) {
    const queue = shows.is === 'rabbitmq.node' ? shows.view.queues.find((one) => one.name === name) : undefined;
    if (!queue) continue;
    rows.push(
      { name: 'durable', value: String(queue.durable) },
      { name: 'messages_ready', value: String(queue.ready_count) },
      { name: 'messages_unacknowledged', value: String(queue.unacked_count), tone: queue.unacked_count > 0 ? 'wait' : undefined },
      { name: 'consumers', value: String(queue.consumers.length) },
      ...queue.consumers.map(({ tag, prefetch }): Row => ({ name: tag, value: `prefetch_count=${prefetch}` })),
    );
  }
  return rows;
}

function exchangeRows(name: string, known: Inspected, say: Say): Row[] {
  for (const { shows } of known.shown.frame.nodes) {
    const exchange = shows.is === 'rabbitmq.node' ? shows.view.exchanges.find((one) => one.name === name) : undefined;
    if (!exchange) continue;
    const to = (target: { queue: string } | { exchange: string }) => ('queue' in target ? target.queue : target.exchange);
    return [
      { name: 'type', value: exchange.kind },
      { name: 'durable', value: String(exchange.durable) },
      ...exchange.bindings.map(([target, key]): Row => ({ name: say('rowBinding', { key: key === '' ? '""' : key }), value: to(target) })),
    ];
  }
  return name === '' ? [{ name: 'type', value: 'direct' }] : [];
}

function processRows(name: string, known: Inspected, say: Say): Row[] {
  const node = viewOf(known, name);
  if (!node) return [];
  const life: Row[] = node.life === 'there' ? [] : [{ name: say('rowState'), value: say(node.life === 'paused' ? 'rowPaused' : 'notThere'), tone: 'fault' }];
  const starts: Row[] = node.incarnation > 0 ? [{ name: say('rowLife'), value: String(node.incarnation + 1) }] : [];
  const { shows } = node;
  if (shows.is === 'kafka.broker') {
    const { replicas, id } = shows.view;
    const lines = replicas.map((one): Row => {
      const { topic, partition } = one.partition;
      return { name: `${topic}-${partition}`, value: `${say(one.leader ? 'leader' : 'follower')}, LEO ${one.log_end}, HW ${one.high_watermark}` };
    });
    return [...life, ...starts, { name: 'node.id', value: String(id) }, ...lines];
  }
  if (shows.is === 'kafka.controller') {
    const { state, epoch, end_offset: end, high_watermark: committed } = shows.view;
    return [
      ...life,
      ...starts,
      { name: say('rowRole'), value: state },
      { name: 'epoch', value: String(epoch) },
      { name: 'log end offset', value: String(end) },
      { name: 'high watermark', value: committed === null ? say('unknown') : String(committed) },
    ];
  }
  return [...life, ...starts];
}

/** `orders-0@kafka-2`. */
function replicaRows(name: string, known: Inspected, say: Say): Row[] {
  const [partition, broker] = name.split('@') as [string, string];
  const node = viewOf(known, broker);
  if (!node || node.shows.is !== 'kafka.broker') return processRows(broker, known, say);
  const called = ({ partition: of }: KafkaReplicaView) => `${of.topic}-${of.partition}`;
  const replica = node.shows.view.replicas.find((one) => called(one) === partition);
  if (!replica) return [];
  const { leader, leader_id: id, leader_epoch: epoch, isr, log_start: start, log_end: end, high_watermark: committed, epochs } = replica;
  const rows: Row[] = [
    { name: say('rowRole'), value: say(leader ? 'leader' : 'follower') },
    { name: 'leader', value: id === null ? say('none') : String(id), tone: id === null ? 'fault' : undefined },
    { name: 'leader epoch', value: String(epoch) },
  ];
  if (leader) rows.push({ name: 'ISR', value: isr.join(', ') });
  rows.push(
    { name: 'log start offset', value: String(start) },
    { name: 'log end offset', value: String(end) },
    { name: 'high watermark', value: String(committed), tone: committed < end ? 'wait' : undefined },
    { name: say('rowEpochs'), value: epochs.map(([of, at]) => `e${of} @ ${at}`).join(', ') || say('none') },
  );
  const groups = known.shown.frame.committed.filter((one) => `${one.partition.topic}-${one.partition.partition}` === partition);
  rows.push(...groups.map(({ group, offset }): Row => ({ name: say('rowCommitted', { group }), value: String(offset) })));
  return rows;
}

function messageRows({ fate }: Inspected, say: Say): Row[] {
  if (!fate) return [];
  return [
    { name: say('rowName'), value: fate.name },
    { name: say('rowKey'), value: fate.key ?? say('none') },
    { name: say('rowState'), value: say(BUCKETS[fate.bucket]), tone: fate.bucket === 'lost' ? 'fault' : undefined },
    { name: say('rowSender'), value: stateSays(fate.sender, say) },
    ...fate.copies.map(({ place, state }): Row => ({
      name: place,
      value: stateSays(state, say),
      tone: state === 'truncated' || state === 'lost' ? 'fault' : undefined,
    })),
  ];
}

/** What became of a copy, as the engine says it, in the reader's language. */
function stateSays(state: string, say: Say): string {
  if (state in BUCKETS) return say(BUCKETS[state as Bucket]);
  if (state === 'truncated') return say('stateTruncated');
  if (state === 'confirmed') return say('stateConfirmed');
  return state;
}

function linkRows(name: string, scene: Scene, say: Say): Row[] {
  const link = scene.links.find(({ id }) => id === `link:${name}`);
  if (!link) return [];
  const plain = (id: ThingId) => id.slice(id.indexOf(':') + 1);
  const rows: Row[] = [
    { name: say('rowFrom'), value: plain(link.from) },
    { name: say('rowTo'), value: plain(link.to) },
  ];
  if (link.label !== undefined) rows.push({ name: say('rowKey'), value: link.label });
  if (link.cut !== undefined) rows.push({ name: say('rowState'), value: say('cut'), tone: 'fault' });
  const flying = scene.flights.filter((one) => one.link === link.id).flatMap(({ tokens, more }) => [...tokens.map(({ id }) => id), ...(more ? [`+${more}`] : [])]);
  rows.push({ name: say('rowInFlight'), value: flying.length > 0 ? flying.join(', ') : say('none') });
  return rows;
}
