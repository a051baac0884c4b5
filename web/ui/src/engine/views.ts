// What the machines show of themselves, as serde writes it: `core/src/rabbitmq/view.rs`,
// `core/src/rabbitmq/client/mod.rs`, `core/src/kafka/view.rs`, `core/src/kafka/controller_node.rs`.

/** The place of a process in the world's list. */
export type NodeId = number;

export interface LinkId {
  opener: NodeId;
  ordinal: number;
}

/** The `n`th message that a client sent, from 0. */
export interface MessageId {
  client: NodeId;
  n: number;
}

// ---------------------------------------------------------------- RabbitMQ

export interface RabbitmqNodeView {
  exchanges: {
    vhost: string;
    name: string;
    kind: string;
    durable: boolean;
    bindings: [{ queue: string } | { exchange: string }, string][];
  }[];
  queues: RabbitmqQueueView[];
}

export interface RabbitmqQueueView {
  vhost: string;
  name: string;
  durable: boolean;
  ready_count: number;
  unacked_count: number;
  /** Head first. */
  ready: RabbitmqCell[];
  /** Oldest first. */
  unacked: RabbitmqCell[];
  consumers: { tag: string; link: LinkId; channel: number; prefetch: number }[];
}

export interface RabbitmqCell {
  seq: number;
  message: MessageId | null;
  persistent: boolean;
  redelivered: boolean;
  /** Microseconds on the wall clock. */
  expiry: number | null;
  /** Connection, channel, delivery tag. */
  owner: [LinkId, number, number] | null;
}

export interface RabbitmqClientView {
  connected: boolean;
  sent: number;
  unconfirmed: number;
  waiting: number;
  processed: number;
}

// ---------------------------------------------------------------- Kafka

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface KafkaBrokerView {
  id: number;
  replicas: KafkaReplicaView[];
}

export interface KafkaReplicaView {
  partition: TopicPartition;
  leader: boolean;
  leader_id: number | null;
  leader_epoch: number;
  isr: number[];
  log_start: number;
  log_end: number;
  high_watermark: number;
  /** Epoch and the offset it starts at. */
  epochs: [number, number][];
  cells: { offset: number; key: string | null; message: MessageId | null }[];
}

export interface KafkaControllerView {
  state: string;
  epoch: number;
  end_offset: number;
  high_watermark: number | null;
}

export interface KafkaClientView {
  sent: number;
  /** Records that wait in calls of `send`, in batches, in flight. */
  backlog: [number, number, number] | null;
  positions: [TopicPartition, number | null][];
  generation_id: number | null;
}

/** A view, and whose it is. */
export type View =
  | { is: 'rabbitmq.node'; view: RabbitmqNodeView }
  | { is: 'rabbitmq.client'; view: RabbitmqClientView }
  | { is: 'kafka.broker'; view: KafkaBrokerView }
  | { is: 'kafka.controller'; view: KafkaControllerView }
  | { is: 'kafka.client'; view: KafkaClientView }
  /** It is not running: nobody can look into it. */
  | { is: 'down' };
