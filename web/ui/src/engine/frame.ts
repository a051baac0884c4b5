// What the worker delivers of a run at one event, and what the stage needs of it: one pure
// function from the one to the other.

import type { KeyMark, Presence, Scene, ThingId, Token, Topology, TrayEntry } from '../scene';
import { about } from '../panels/time';
import type { Key, Say } from '../text/strings';
import { kafkaScene } from './scene-kafka';
import { rabbitmqScene } from './scene-rabbitmq';
import type { MessageId, NodeId, TopicPartition, View } from './views';

/** The state after one event. */
export interface Frame {
  event: number;
  /** Virtual time in microseconds, and the wall clock that goes with it. */
  at: number;
  wall: number;
  /** Every process that the run ever has. */
  nodes: NodeFrame[];
  /** What is known of the messages in sight. */
  messages: MessageInfo[];
  /** All keys of the run in the order of their first use: the first five have patterns. */
  keys: string[];
  /** Application messages on their way. */
  flights: FlightFrame[];
  /** Pairs of processes that cannot reach each other. */
  cuts: [NodeId, NodeId][];
  /** What committed offsets say, at the coordinators. */
  committed: { group: string; partition: TopicPartition; offset: number }[];
  /** Records that this event took from a log. */
  truncated: { broker: NodeId; partition: TopicPartition; offset: number; message: MessageId | null }[];
  /** Ways out of the flow so far. */
  left: { why: TrayEntry['why']; count: number; last: MessageId | null; detail: Bucket }[];
  /** Every message that was sent, under one word each. */
  ledger: { sent: number; parts: [Bucket, number][]; closes: boolean };
  remarks: Scene['remarks'];
}

/** Where a message is, in one word: `sim/src/ledger/tray.rs`. */
export type Bucket =
  | 'acknowledged'
  | 'ready'
  | 'unacked'
  | 'in the log'
  | 'buffered'
  | 'in flight'
  | 'returned'
  | 'failed'
  | 'indeterminate'
  | 'expired'
  | 'dropped'
  | 'unroutable'
  | 'lost';

export interface NodeFrame {
  node: NodeId;
  name: string;
  life: 'there' | 'paused' | 'absent' | 'down' | 'ended';
  /** Since when it is down, or ended, in microseconds. */
  since: number | null;
  /** Which of its lives this is, from 0. */
  incarnation: number;
  shows: View;
}

export interface MessageInfo {
  id: MessageId;
  /** `m18`: as sentences call it. */
  label: string;
  key: string | null;
  /** Deliveries so far, where they are counted. */
  deliveries: number | null;
  /** When it was published, for its time to live. */
  published: number | null;
}

export interface FlightFrame {
  /** Things that it is between, as the topology names them. */
  from: ThingId;
  to: ThingId;
  messages: MessageId[];
  /** How many more there are behind them. */
  more: number;
  label: string | null;
  batch: boolean;
}

/** What the parts of a scene are made with. */
export interface Making {
  frame: Frame;
  topology: Topology;
  say: Say;
  /** The name of a process. */
  nameOf: (node: NodeId) => string;
  info: (id: MessageId | null) => MessageInfo | undefined;
  keyMark: (key: string | null) => KeyMark;
  presence: (name: string) => Presence;
  /** What the scissors between two processes are named, if a fault cut them apart in either direction. */
  cut: (a: string, b: string) => { cut: string } | undefined;
  token: (id: MessageId | null, state: Token['state'], fallback: string) => Token;
}

/** The scene of a frame. */
export function sceneOf(frame: Frame, topology: Topology, say: Say): Scene {
  const making = prepared(frame, topology, say);
  return topology.family === 'kafka' ? kafkaScene(making) : rabbitmqScene(making);
}

const MARKS: KeyMark[] = ['a', 'b', 'c', 'd', 'e'];

function prepared(frame: Frame, topology: Topology, say: Say): Making {
  const names = new Map(frame.nodes.map((node) => [node.node, node.name]));
  const nodes = new Map(frame.nodes.map((node) => [node.name, node]));
  const messages = new Map(frame.messages.map((one) => [`${one.id.client}/${one.id.n}`, one]));
  const info = (id: MessageId | null) => (id ? messages.get(`${id.client}/${id.n}`) : undefined);
  const keyMark = (key: string | null): KeyMark => (key === null ? 'f' : (MARKS[frame.keys.indexOf(key)] ?? 'f'));
  const presence = (name: string): Presence => {
    const node = nodes.get(name);
    const time = about(node?.since ?? 0);
    switch (node?.life ?? 'absent') {
      case 'absent':
        return { is: 'absent' };
      case 'down':
        return { is: 'down', since: say('downSince', { time }) };
      case 'ended':
        return { is: 'ended', since: say('endedAt', { time }) };
      case 'paused':
        return { is: 'there', paused: true };
      case 'there':
        return { is: 'there' };
    }
  };
  const nameOf = (node: NodeId) => names.get(node) ?? `#${node}`;
  const cuts = new Set(frame.cuts.map(([from, to]) => `${nameOf(from)}>${nameOf(to)}`));
  const cut = (a: string, b: string) => (cuts.has(`${a}>${b}`) || cuts.has(`${b}>${a}`) ? { cut: say('cut') } : undefined);
  const token = (id: MessageId | null, state: Token['state'], fallback: string): Token => {
    const known = info(id);
    const key = known?.key ?? null;
    return { id: known?.label ?? fallback, state, key: keyMark(key), keyText: key ?? undefined };
  };
  return { frame, topology, say, nameOf, info, keyMark, presence, cut, token };
}

export const BUCKETS: Record<Bucket, Key> = {
  acknowledged: 'bucketAcknowledged',
  ready: 'bucketReady',
  unacked: 'bucketUnacked',
  'in the log': 'bucketStored',
  buffered: 'bucketBuffered',
  'in flight': 'bucketInFlight',
  returned: 'bucketReturned',
  failed: 'bucketFailed',
  indeterminate: 'bucketIndeterminate',
  expired: 'bucketExpired',
  dropped: 'bucketDropped',
  unroutable: 'bucketUnroutable',
  lost: 'bucketLost',
};

/** `18 published = 5 acknowledged + 13 ready`. */
function equation({ sent, parts }: Frame['ledger'], say: Say): string {
  const right = parts.map(([bucket, n]) => say('ledgerPart', { n, what: say(BUCKETS[bucket]) }));
  const left = say('ledgerSent', { n: sent });
  return right.length > 0 ? `${left} = ${right.join(' + ')}` : left;
}

/** What both families have: flights, tray, ledger. */
export function common(making: Making): Pick<Scene, 'flights' | 'tray' | 'ledger' | 'remarks' | 'causes'> {
  const { frame, token, say } = making;
  return {
    flights: frame.flights.map((flight) => ({
      link: `link:${flight.from}>${flight.to}`,
      tokens: flight.messages.map((id) => token(id, 'flight', '?')),
      label: flight.label ?? undefined,
      batch: flight.batch,
      more: flight.more || undefined,
    })),
    tray: frame.left
      .filter(({ count }) => count > 0)
      .map(({ why, count, last, detail }) => ({
        why,
        count,
        detail: say(BUCKETS[detail]),
        token: last ? token(last, why === 'returned' ? 'returned' : why === 'dead-lettered' ? 'dead' : 'ghost', '?') : undefined,
      })),
    ledger: { text: equation(frame.ledger, say), closes: frame.ledger.closes },
    remarks: frame.remarks,
    causes: [],
  };
}
