// The scene of a RabbitMQ world: definitions and queues as the first node that is up sees them.

import type { Client, Link, Presence, Queue, Scene, ThingId, Token } from '../scene';
import { linkId } from '../layout/layout';
import { common, type Making } from './frame';
import type { LinkId, RabbitmqCell, RabbitmqNodeView, RabbitmqQueueView } from './views';

export function rabbitmqScene(making: Making): Scene {
  const { topology } = making;
  const views = nodeViews(making);
  const queues = new Map(views.flatMap((view) => view.queues.map((queue) => [queue.name, queue] as const)).reverse());
  const exchanges = new Map(views.flatMap((view) => view.exchanges.map((one) => [one.name, one] as const)).reverse());
  return {
    family: 'rabbitmq',
    producers: topology.producers.map(({ name }) => producer(name, making)),
    consumers: topology.consumers.map(({ name }) => consumer(name, [...queues.values()], making)),
    // The broker's own exchanges are there whether or not something is bound to them.
    exchanges: topology.exchanges.map(({ name }) => ({
      name,
      presence: views.length > 0 && (exchanges.has(name) || name === '' || name.startsWith('amq.')) ? { is: 'there' } : missing(making, views),
    })),
    queues: topology.queues.map(({ name }) => queueOf(name, queues.get(name), missing(making, views), making)),
    brokers: [],
    controllers: [],
    links: links(making, queues, exchanges),
    ...common(making),
  };
}

/** Views of the nodes that are up. */
function nodeViews({ frame }: Making): RabbitmqNodeView[] {
  return frame.nodes.flatMap(({ shows }) => (shows.is === 'rabbitmq.node' ? [shows.view] : []));
}

/** What becomes of a queue or an exchange that no node shows: it is down with the broker, or not there. */
function missing({ frame, presence }: Making, views: RabbitmqNodeView[]): Presence {
  const broker = frame.nodes.find(({ name, life }) => name.startsWith('rabbit-') && life === 'down');
  return views.length === 0 && broker ? presence(broker.name) : { is: 'absent' };
}

function clientView({ frame }: Making, name: string) {
  const shows = frame.nodes.find((node) => node.name === name)?.shows;
  return shows?.is === 'rabbitmq.client' ? shows.view : undefined;
}

function producer(name: string, making: Making): Client {
  const { say, presence } = making;
  const view = clientView(making, name);
  const unconfirmed = view?.unconfirmed ?? 0;
  const awaited = say('confirmsAwaited', { n: unconfirmed });
  return {
    name,
    presence: presence(name),
    line: say('sent', { n: view?.sent ?? 0 }),
    note: unconfirmed > 0 ? { text: awaited, tone: 'wait' } : undefined,
  };
}

function consumer(name: string, queues: RabbitmqQueueView[], making: Making): Client {
  const { say, nameOf, presence } = making;
  const mine = queues.flatMap((q) => q.consumers).filter((c) => nameOf(c.link.opener) === name);
  const out = queues.flatMap((q) => q.unacked).filter((cell) => cell.owner && nameOf(cell.owner[0].opener) === name).length;
  const prefetch = mine[0]?.prefetch ?? 0;
  return {
    name,
    presence: presence(name),
    line: prefetch > 0 ? say('prefetch', { n: prefetch, out }) : say('noLimit', { out }),
    short: prefetch > 0 ? `${out} / ${prefetch}` : String(out),
  };
}

function queueOf(name: string, view: RabbitmqQueueView | undefined, none: Presence, making: Making): Queue {
  const { say } = making;
  if (!view) return { name, presence: none, line: '', ready: 0, unacked: 0, tokens: [], replicas: [] };
  return {
    name,
    presence: { is: 'there' },
    line: say(view.durable ? 'classicDurable' : 'classicTransient'),
    ready: view.ready_count,
    unacked: view.unacked_count,
    tokens: [...view.unacked.map((cell) => tokenOf(cell, 'unacked', making)), ...view.ready.map((cell) => tokenOf(cell, 'ready', making))],
    replicas: [],
  };
}

function tokenOf(cell: RabbitmqCell, state: 'ready' | 'unacked', making: Making): Token {
  const { info, token, frame } = making;
  const known = info(cell.message);
  const again = state === 'ready' && cell.redelivered;
  const of = token(cell.message, again ? 'requeued' : state, `#${cell.seq}`);
  if (!cell.persistent) of.transient = true;
  if (cell.owner) of.owner = tagOf(cell.owner[0], making);
  // The broker marks a message as it goes out: only one that is back was surely delivered before.
  const deliveries = known?.deliveries ?? (again ? 2 : 1);
  if (deliveries > 1) of.deliveries = deliveries;
  if (cell.expiry !== null && known?.published != null && cell.expiry > known.published) {
    of.ttl = Math.min(1, Math.max(0, (cell.expiry - frame.wall) / (cell.expiry - known.published)));
  }
  return of;
}

/** The short label of the client that holds a message. */
function tagOf(link: LinkId, { topology, nameOf }: Making): string {
  const name = nameOf(link.opener);
  return topology.consumers.find((c) => c.name === name)?.tag ?? name;
}

function links(
  making: Making,
  queues: Map<string, RabbitmqQueueView>,
  exchanges: Map<string, RabbitmqNodeView['exchanges'][number]>,
): Link[] {
  const { topology, frame, nameOf, cut } = making;
  const live = new Set(frame.flights.map(({ from, to }) => linkId(from, to)));
  const link = (from: ThingId, to: ThingId, kind: Link['kind'], label?: string, nth = 0): Link => {
    const id = linkId(from, to, nth);
    return { id, from, to, kind, label, live: live.has(id) };
  };
  // What a client is cut off from is the broker; of several, the first.
  const broker = frame.nodes.find(({ name }) => name.startsWith('rabbit-'))?.name ?? '';
  return [
    ...topology.producers.flatMap(({ name, to }) => to.map((target) => ({ ...link(`producer:${name}`, target, 'publish'), ...cut(name, broker) }))),
    ...topology.exchanges.flatMap((slot) => {
      const from = `exchange:${slot.name}`;
      // The default exchange reaches every queue by its name: only the ways that are used are drawn.
      const bound = exchanges.get(slot.name)?.bindings;
      const there = (to: ThingId, key: string) =>
        slot.kind === 'default'
          ? queues.has(key)
          : bound?.some(([target, its]) => its === key && to === ('queue' in target ? `queue:${target.queue}` : `exchange:${target.exchange}`));
      const nth = new Map<ThingId, number>();
      const bindings = slot.bindings.flatMap(({ to, key }) => {
        const at = nth.get(to) ?? 0;
        nth.set(to, at + 1);
        return there(to, key) ? [link(from, to, 'binding', key, at)] : [];
      });
      const other = slot.alternate === undefined ? [] : [link(from, `exchange:${slot.alternate}`, 'alternate')];
      return [...bindings, ...other];
    }),
    ...topology.queues.flatMap((slot) => (slot.deadLetters ? [link(`queue:${slot.name}`, `queue:${slot.deadLetters}`, 'dead-letter')] : [])),
    ...[...queues.values()].flatMap((queue) =>
      [...new Set(queue.consumers.map((c) => nameOf(c.link.opener)))].map((name) => ({ ...link(`queue:${queue.name}`, `consumer:${name}`, 'deliver'), ...cut(name, broker) })),
    ),
  ];
}
