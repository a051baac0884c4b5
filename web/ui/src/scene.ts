// What a frame is drawn from. Two parts: a Topology, which is the same for every event of a run
// and of all its forks and alone decides where things are; and a Scene, which is the state at one
// event and never moves anything.

/** Which broker a stage shows. */
export type Family = 'rabbitmq' | 'kafka';

/**
 * A thing on the stage, as `kind:name`: `queue:errors`, `broker:kafka-1`, `message:m18`;
 * a replica is `replica:orders-0@kafka-1`, a link `link:producer:app>exchange:logs`.
 */
export type ThingId = string;

/** The five patterns that tell keys apart without colour, and the empty sixth. */
export type KeyMark = 'a' | 'b' | 'c' | 'd' | 'e' | 'f';

// ---------------------------------------------------------------- topology

/** All that ever exists in a run and its forks, in order of declaration, then of creation. */
export interface Topology {
  family: Family;
  producers: ProducerSlot[];
  consumers: ConsumerSlot[];
  exchanges: ExchangeSlot[];
  queues: QueueSlot[];
  brokers: BrokerSlot[];
  partitions: PartitionSlot[];
  controllers: string[];
}

/** A client that sends. */
export interface ProducerSlot {
  name: string;
  /** Exchanges or partitions it publishes to; the first decides its height. */
  to: ThingId[];
}

/** A client that receives. */
export interface ConsumerSlot {
  name: string;
  /** Queues it consumes, or partitions it is assigned at the start. */
  from: ThingId[];
  /** Its consumer group. */
  group?: string | undefined;
  /** RabbitMQ: the short label that marks what it holds, `C1`. */
  tag?: string | undefined;
}

/** An exchange with all bindings that ever exist. */
export interface ExchangeSlot {
  name: string;
  kind: ExchangeKind;
  bindings: { to: ThingId; key: string }[];
  /** Where unroutable messages go. */
  alternate?: string | undefined;
}

export type ExchangeKind = 'direct' | 'topic' | 'fanout' | 'headers' | 'default';

/** A queue. */
export interface QueueSlot {
  name: string;
  kind: 'classic' | 'quorum';
  /** The queue its dead letters end in, drawn directly below it. */
  deadLetters?: string | undefined;
  /** Nodes with a replica, for a quorum queue. */
  replicas: string[];
}

/** A Kafka broker. */
export interface BrokerSlot {
  name: string;
  /** Its `node.id`. */
  id: number;
}

/** A partition and the brokers that hold it. */
export interface PartitionSlot {
  topic: string;
  partition: number;
  /** Node ids. */
  replicas: number[];
}

// ---------------------------------------------------------------- scene

/** Whether a thing is there at the cursor. A slot stays reserved for what is not. */
export type Presence =
  | { is: 'there'; paused?: boolean | undefined }
  | { is: 'absent' }
  | { is: 'down'; since: string }
  /** It ended of its own accord: drawn as before, and what it says is `ended at 1.2 s`. */
  | { is: 'ended'; since: string };

/** What is said under a node, in the colour of its meaning. */
export interface Note {
  text: string;
  tone: 'wait' | 'fault' | 'plain';
}

export type TokenState =
  | 'ready'
  | 'flight'
  | 'unacked'
  | 'requeued'
  | 'pending'
  | 'dead'
  | 'returned'
  | 'ghost';

/** A copy of a message in one place. */
export interface Token {
  /** Its label, `m18`: short, unique in the run. */
  id: string;
  state: TokenState;
  key: KeyMark;
  /** The key in words, for its name. */
  keyText?: string | undefined;
  /** Lost by a restart: not persistent. */
  transient?: boolean | undefined;
  /** The consumer that holds it, `C1`. */
  owner?: string | undefined;
  /** Deliveries so far, shown from the second on. */
  deliveries?: number | undefined;
  /** Share of its time to live that is left, 0 to 1. */
  ttl?: number | undefined;
  /** Why it was dead-lettered: rejected, expired, maxlen, delivery-limit. */
  letter?: 'r' | 'e' | 'm' | 'd' | undefined;
}

/** The state at one event. */
export interface Scene {
  family: Family;
  producers: Client[];
  consumers: Client[];
  exchanges: Exchange[];
  queues: Queue[];
  brokers: Broker[];
  controllers: Controller[];
  /** The epoch of the controller quorum, or none. */
  controllerEpoch?: number | undefined;
  links: Link[];
  flights: Flight[];
  tray: TrayEntry[];
  /** The equation under the tray, and whether it holds. */
  ledger: { text: string; closes: boolean };
  /** What is worth saying beside the controllers. */
  remarks: Note[];
  causes: Cause[];
  selected?: ThingId | undefined;
}

/** A producer or a consumer. */
export interface Client {
  name: string;
  presence: Presence;
  /** Its second line: `12 sent`, `prefetch 2, 2 out`. */
  line: string;
  /** The same where there is little room: `2 / 2`. */
  short?: string | undefined;
  note?: Note | undefined;
  /** Kafka: the partitions it is assigned now. */
  assigned?: string[] | undefined;
  /** Kafka: its group's generation. */
  generation?: number | undefined;
}

export interface Exchange {
  name: string;
  presence: Presence;
}

export interface Queue {
  name: string;
  presence: Presence;
  /** Its second line: `classic, durable`. */
  line: string;
  ready: number;
  unacked: number;
  /** What is shown of it, head first: unacknowledged ones, then ready ones. */
  tokens: Token[];
  /** Replicas of a quorum queue. */
  replicas: QueueReplica[];
}

/** What one node holds of a quorum queue. */
export interface QueueReplica {
  node: string;
  presence: Presence;
  role: Role;
  line: string;
  /** Labels of its last entries, oldest first. */
  entries: string[];
}

/** What a replica is, as it itself believes. */
export type Role = 'leader' | 'follower' | 'out' | 'stale';

export interface Broker {
  name: string;
  presence: Presence;
  /** Beside its name: `restarted at event 139`. */
  line: string;
  replicas: Replica[];
}

/** A partition's log on one broker. */
export interface Replica {
  /** `orders-0`. */
  partition: string;
  role: Role;
  /** `epoch 5, ISR 2 3`, `follower, in sync`. */
  line: string;
  /** The first offset shown; older ones are folded. */
  from: number;
  /** Offset after the last record. */
  leo: number;
  hw: number;
  /** Last stable offset, if it is below the high watermark. */
  lso?: number | undefined;
  cells: Cell[];
  /** Epochs that start in what is shown. */
  epochs: { epoch: number; offset: number }[];
  /** Committed offsets of groups, shown at the leader. */
  committed: { group: string; offset: number }[];
  /** `3 behind`. */
  note?: Note | undefined;
}

/** A record, or the place of one. */
export interface Cell {
  offset: number;
  is: 'record' | 'control' | 'ghost' | 'compacted';
  key: KeyMark;
  /** The message's label, if it has one. */
  id?: string | undefined;
}

export interface Controller {
  name: string;
  presence: Presence;
  active: boolean;
  /** Its log end offset. */
  end: number;
}

export type LinkKind =
  | 'publish'
  | 'binding'
  | 'alternate'
  | 'dead-letter'
  | 'deliver'
  | 'replicate'
  | 'assign';

/** A connection drawn between two things. */
export interface Link {
  id: ThingId;
  from: ThingId;
  to: ThingId;
  kind: LinkKind;
  /** A binding key. */
  label?: string | undefined;
  /** Something moves on it in this step. */
  live?: boolean | undefined;
  /** Cut by a fault, with what the scissors are named. */
  cut?: string | undefined;
  /** On the path of the selected message: travelled, or still ahead. */
  path?: 'done' | 'ahead' | undefined;
}

/** Messages on a link. */
export interface Flight {
  link: ThingId;
  tokens: Token[];
  /** Shown above: the routing key, or the method. */
  label?: string | undefined;
  /** They travel in one batch. */
  batch?: boolean | undefined;
  /** How many more there are behind those that are named. */
  more?: number | undefined;
}

/** A way out of the flow. */
export interface TrayEntry {
  why: 'returned' | 'dead-lettered' | 'expired' | 'dropped' | 'lost';
  count: number;
  /** The latest of them. */
  token?: Token | undefined;
  /** `312 NO_ROUTE, to app`. */
  detail?: string | undefined;
}

/** A numbered disc at a thing. */
export interface Cause {
  n: number;
  at: ThingId;
  /** A word or two beside the disc. */
  text?: string | undefined;
}

// ---------------------------------------------------------------- run

/** Sentences carry two marks: `**name**` and `` `setting` ``. */
export type Prose = string;

/** What a run is, apart from where one looks. */
export interface Run {
  title: string;
  /** The text of its scenario. */
  source?: string | undefined;
  family: Family | 'together';
  topology: Topology;
  /** Events are numbered from 0, before the first, to this. */
  total: number;
  /** How far it was played, in millionths of its time; if not given, to its end. */
  played?: number | undefined;
  /** Virtual time of the last event, in microseconds. */
  end?: number | undefined;
  /** Numbers of events that are worth stopping at. */
  interesting: number[];
  /** Numbers of events in which a message went somewhere: what a hop steps to. */
  hops: number[];
  flags: Flag[];
  checks: Check[];
  forks: Fork[];
  /** Lane and order for the space-time diagram: `producer:shop`, `broker:kafka-1`. */
  columns: ThingId[];
  /** What the scenario is about. */
  about?: string | undefined;
}

/** One line of the story. */
export interface Event {
  n: number;
  /** Virtual time in microseconds. */
  at: number;
  says: Prose;
  /** A short word in a frame: a reply code, a fault. */
  tag?: { text: string; tone: 'fault' | 'plain' } | undefined;
  /** One that a reader should not miss, or one that may be folded with its like. */
  weight?: 'key' | 'quiet' | undefined;
}

/** A fault on the time line. */
export interface Flag {
  n: number;
  text: string;
}

/** A check and what became of it. */
export interface Check {
  /** As scenarios name it: `no-acknowledged-loss`. As a thing it is `check:no-acknowledged-loss`. */
  name: string;
  is: 'holds' | 'breaks' | 'not reached';
  /** The first event that violates it. */
  at?: number | undefined;
  /** What the violation is called on the time line: the name of the check. */
  text?: string | undefined;
  /** Its definition, in one sentence. */
  says?: Prose | undefined;
  /** The verdict in a sentence, where it is broken. */
  found?: Prose | undefined;
  /** What the scenario expects of it; none if it is one of those that are always on. */
  expects?: 'holds' | 'breaks' | undefined;
}

/** Another run that left this one. */
export interface Fork {
  id: string;
  name: string;
  /** The event before which it left. */
  at: number;
  /** Its last event. */
  end: number;
  outcome: string;
  bad?: boolean | undefined;
}

export interface Lesson {
  step: number;
  steps: number;
  title: string;
  says: Prose;
  question?: { ask: string; choices: string[]; right: number; because: Prose } | undefined;
  hint?: Prose | undefined;
}

/** The source of a client, with what runs now. */
export interface Listing {
  file: string;
  /** `producer hello`. */
  who: string;
  /** `running`, `waits for a delivery`. */
  status: string;
  lines: string[];
  /** Discs in the gutter: line to number. */
  discs: Record<number, number>;
  /** First and last line of the current call. */
  current?: [number, number] | undefined;
  /** The line that waits. */
  waiting?: number | undefined;
  /** Numbers of the events at which each line runs. */
  runs?: Record<number, number[]> | undefined;
}

/** Why something came about. */
export interface Why {
  title: string;
  lead: string;
  /** `on` is the thing that gets the number of its sentence. */
  chain: { n: number; says: Prose; on?: ThingId | undefined; chip?: { text: string; is: 'config' | 'rule' } | undefined }[];
  cures: { change: string; says: string; at: number }[];
}

/** What the inspector shows of the selected thing. */
export interface Facts {
  title: string;
  kind: string;
  says?: Prose | undefined;
  rows: { name: string; value: string; tone?: 'ok' | 'wait' | 'fault' | undefined }[];
  events: { n: number; says: Prose }[];
  /** The part of the fidelity ledger that says what of it is modelled. */
  ledger?: Family | undefined;
}

/** What was measured along a run. */
export interface Metrics {
  series: Series[];
}

/** One line of a chart. */
export interface Series {
  /** `ready in errors`, `lag of billing on orders-0`. */
  name: string;
  /** `messages`, `records`, `ms`. Series of one unit share a chart. */
  unit: string;
  /** Number of an event, its virtual time in microseconds, the value from there on. */
  points: [number, number, number][];
}

// ---------------------------------------------------------------- space-time

/** The part of the trace that a space-time diagram shows, in order of time. */
export interface History {
  columns: { id: ThingId; name: string }[];
  rows: HistoryRow[];
  messages: HistoryMessage[];
  cuts: { from: number; to: number; between: [ThingId, ThingId]; text: string; healed: string }[];
  /** Who believed which epoch, when. */
  epochs: EpochSpan[];
  selected: number;
  /** How many told events there are in each set, in the whole run. */
  sets?: Record<HistorySet, number> | undefined;
}

/** One line: an event, or several that are folded. */
export type HistoryRow =
  | {
      is: 'event';
      n: number;
      at: number;
      column: ThingId;
      text: string;
      mark: HistoryMark;
      /** How it stands to the selected event; none: it comes after. */
      set?: HistorySet | undefined;
    }
  | { is: 'fold'; after: number; counts: { column: ThingId; count: number }[] };

export type HistoryMark = 'cause' | 'other' | 'crash' | 'fault' | 'restart';

/** `cause`: led to the selected event; `before`: might have, by messages and order in a process;
 * `concurrent`: neither could know of the other. */
export type HistorySet = 'cause' | 'before' | 'concurrent';

export interface HistoryMessage {
  /** Event numbers. */
  from: number;
  to: number;
  text: string;
  is: 'cause' | 'other' | 'lost';
  /** Where it was sent from and where it goes. */
  between?: [ThingId, ThingId] | undefined;
}

export interface EpochSpan {
  column: ThingId;
  epoch: number;
  /** First event of the span; the diagram's first row if it is earlier. */
  from: number;
  /** Last event, or none while it lasts. */
  to?: number | undefined;
  is: 'leads' | 'follows' | 'down';
}
