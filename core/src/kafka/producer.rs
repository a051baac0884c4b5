//! A producer: partitions, batches, sends, tries again.
//!
//! Source: `KafkaProducer`, `Sender`. Without idempotence: a batch that is tried again may be
//! written twice, and may come behind one that was sent after it.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::RequestBody;
use crate::kafka::api::data::{Acks, ProduceRequest, ProducedPartition, Request, Response};
use crate::kafka::client::Client;
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Fact;
use crate::kafka::fact::client::{ClientFact, ClientWhat};
use crate::kafka::network_client::{Backoff, Lost, NetworkClient, NetworkConfig, Peer};
use crate::kafka::partitioner::{Sticky, partition_for_key};
use crate::kafka::record::{Batch, Bytes, Record};
use crate::kafka::record_accumulator::{ProducerBatch, Readiness, RecordAccumulator};
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::machine::{Chance, Out};
use crate::names::{MessageId, Name, NodeId};
use crate::shared::SortedMap;
use crate::time::Now;

/// A producer.
#[derive(Clone, Debug, Fingerprint)]
pub struct Producer {
    node: NodeId,
    config: Rc<ProducerConfig>,
    /// Its connections; a request is for the batches with these numbers.
    pub(super) network: NetworkClient<Vec<u64>>,
    accumulator: RecordAccumulator,
    sticky: SortedMap<Name, Sticky>,
    /// Calls of `send` that wait for metadata or memory, the first one since a moment.
    blocked: VecDeque<Blocked>,
    blocked_since: u64,
    in_flight: SortedMap<u64, ProducerBatch>,
    next_batch: u64,
    flushing: bool,
    delivered: Vec<Delivery>,
}

/// What an application sends.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize)]
pub struct ToSend {
    /// To which topic.
    pub topic: Name,
    /// To which partition, if the application chooses.
    pub partition: Option<u32>,
    /// The key.
    pub key: Option<Bytes>,
    /// The payload.
    pub value: Option<Bytes>,
}

/// A call of `send` that has not returned.
#[derive(Clone, Debug, Fingerprint)]
struct Blocked {
    message: MessageId,
    what: ToSend,
    timestamp: i64,
}

/// What became of a message: the future that `send` returned is done.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Delivery {
    /// The message.
    pub message: MessageId,
    /// Where it is (with acks=0 without an offset), or what the application is told.
    pub result: Result<(TopicPartition, Option<u64>), ErrorCode>,
}

impl Producer {
    /// A producer that has not connected yet.
    #[must_use]
    pub fn new(
        node: NodeId,
        client_id: Name,
        bootstrap: Vec<NodeId>,
        config: Rc<ProducerConfig>,
    ) -> Self {
        let network = NetworkConfig {
            request_timeout_ms: config.request_timeout_ms,
            retry: Backoff {
                least_ms: config.retry_backoff_ms,
                most_ms: config.retry_backoff_max_ms,
            },
            reconnect: Backoff {
                least_ms: config.reconnect_backoff_ms,
                most_ms: config.reconnect_backoff_max_ms,
            },
            metadata_max_age_ms: config.metadata_max_age_ms,
            max_in_flight: config.max_in_flight_requests_per_connection,
        };
        Producer {
            node,
            network: NetworkClient::new(client_id, bootstrap, network),
            config,
            accumulator: RecordAccumulator::default(),
            sticky: SortedMap::new(),
            blocked: VecDeque::new(),
            blocked_since: 0,
            in_flight: SortedMap::new(),
            next_batch: 0,
            flushing: false,
            delivered: Vec::new(),
        }
    }

    /// `KafkaProducer.send`.
    pub fn send(&mut self, message: MessageId, what: ToSend, now: Now, out: &mut Out<Client>) {
        let topic = what.topic.clone();
        self.network.want_topic(&topic);
        let key = what.key.as_deref().map(String::from_utf8_lossy);
        let key = key.map(|key| Name::from(&*key));
        let sent = ClientWhat::Sent {
            message,
            topic,
            key,
        };
        self.tell(sent, out);
        if self.blocked.is_empty() {
            self.blocked_since = now.mono;
        }
        self.blocked.push_back(Blocked {
            message,
            what,
            timestamp: now.wall_ms(),
        });
    }

    /// `KafkaProducer.flush`: sends without lingering until nothing is left.
    pub fn flush(&mut self) {
        self.flushing = true;
    }

    /// Whether everything that was sent is done with.
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.blocked.is_empty() && self.in_flight.is_empty() && self.accumulator.records() == 0
    }

    /// How many records wait: in calls of `send`, in batches, in flight.
    #[must_use]
    pub fn backlog(&self) -> (u32, u32, u32) {
        let in_flight = self.in_flight.values().map(|b| b.records.len() as u32);
        let blocked = self.blocked.len() as u32;
        (blocked, self.accumulator.records(), in_flight.sum())
    }

    /// `close` with a timeout of 0: hangs up, and what is not done with is given up.
    pub fn abort(&mut self, out: &mut Out<Client>) {
        self.network.close(out);
        for blocked in core::mem::take(&mut self.blocked) {
            self.refuse(blocked.message, ErrorCode::RequestTimedOut, out);
        }
        for batch in self.accumulator.take_all() {
            self.fail(batch, ErrorCode::RequestTimedOut, out);
        }
        for (_, mut batch) in core::mem::take(&mut self.in_flight) {
            batch.may_be_written = true;
            self.fail(batch, ErrorCode::RequestTimedOut, out);
        }
    }

    /// What became of messages since this was last asked.
    pub fn take_delivered(&mut self) -> Vec<Delivery> {
        core::mem::take(&mut self.delivered)
    }

    /// Nobody asks what became of messages.
    pub fn forget_delivered(&mut self) {
        self.delivered.clear();
    }

    /// Does all that can be done now (`Sender.runOnce`).
    pub fn drive(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Client>) {
        let lost = self.network.drive(now, chance, out);
        self.lost(lost, now, chance, out);
        self.unblock(now, chance, out);
        self.expire(now, out);
        let ready =
            |partition: &&TopicPartition| self.readiness(partition, now) == Some(Readiness::Now);
        let ready: Vec<TopicPartition> = self
            .accumulator
            .partitions()
            .filter(ready)
            .cloned()
            .collect();
        let mut by_leader: SortedMap<BrokerId, Vec<TopicPartition>> = SortedMap::new();
        for partition in ready {
            let known = self.network.cluster.leader(&partition);
            match known.and_then(|known| known.leader) {
                Some(leader) => by_leader.entry(leader).or_default().push(partition),
                None => self.network.want_metadata(),
            }
        }
        for (leader, partitions) in by_leader {
            if self.network.ready(Peer::Broker(leader), now, out) {
                self.send_batches(leader, &partitions, now, out);
            }
        }
        self.flushing &= !self.is_flushed();
    }

    /// When to be driven again, in microseconds of the monotonic clock.
    #[must_use]
    pub fn next_deadline(&self, now: Now) -> Option<u64> {
        let partitions = self.accumulator.partitions();
        let waits = partitions.filter_map(|p| match self.readiness(p, now)? {
            Readiness::At(at) => Some(at),
            Readiness::Now => None,
        });
        let timeout = u64::from(self.config.delivery_timeout_ms) * 1000;
        let in_flight = self.in_flight.values().map(|b| b.created + timeout).min();
        let max_block = u64::from(self.config.max_block_ms) * 1000;
        let blocked = self.blocked.front().map(|_| self.blocked_since + max_block);
        let others = [
            self.network.next_deadline(now),
            self.accumulator.next_expiry(&self.config),
            in_flight,
            blocked,
        ];
        waits.chain(others.into_iter().flatten()).min()
    }

    /// Requests that got no answer: whether they were carried out is not known.
    pub fn lost(
        &mut self,
        lost: Vec<Lost<Vec<u64>>>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) {
        for number in lost.into_iter().flat_map(|lost| lost.purpose) {
            if let Some(batch) = self.in_flight.remove(&number) {
                self.retry_or_fail(batch, ErrorCode::NetworkException, now, chance, out);
            }
        }
    }

    /// Takes an answer to a Produce request (`Sender.handleProduceResponse`).
    pub fn answered(
        &mut self,
        numbers: &[u64],
        response: Response,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) {
        let Response::Produce(answers) = response else {
            panic!("{response:?} does not answer Produce");
        };
        for (number, answer) in numbers.iter().zip(answers) {
            // A batch that was given up meanwhile is not there any more.
            if let Some(batch) = self.in_flight.remove(number) {
                self.complete(batch, answer, now, chance, out);
            }
        }
    }

    /// `Sender.completeBatch`.
    fn complete(
        &mut self,
        batch: ProducerBatch,
        answer: ProducedPartition,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) {
        assert_eq!(batch.partition, answer.partition, "answers are in order");
        if answer.error.is_none() {
            self.acknowledge(batch, answer.base_offset, out);
            return;
        }
        if answer.error.invalidates_metadata() {
            self.network.want_metadata();
        }
        if let Some(leader) = answer.current_leader {
            self.network.cluster.learn_leader(&batch.partition, leader);
        }
        self.retry_or_fail(batch, answer.error, now, chance, out);
    }

    /// `Sender.canRetry`, `reenqueueBatch`, `failBatch`.
    fn retry_or_fail(
        &mut self,
        mut batch: ProducerBatch,
        error: ErrorCode,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) {
        batch.may_be_written |= may_be_written(error, self.config.acks);
        let timeout = u64::from(self.config.delivery_timeout_ms) * 1000;
        let in_time = batch.created + timeout > now.mono;
        // The first attempt is not a retry.
        let may_retry = batch.attempts <= self.config.retries;
        if !(error.is_retriable() && in_time && may_retry) {
            self.fail(batch, error, out);
            return;
        }
        let backoff = Backoff {
            least_ms: self.config.retry_backoff_ms,
            most_ms: self.config.retry_backoff_max_ms,
        };
        batch.retry_at = now.mono + backoff.after(batch.attempts, chance);
        self.tell(
            ClientWhat::Retried {
                messages: batch.messages(),
                partition: batch.partition.clone(),
                error,
            },
            out,
        );
        self.accumulator.reenqueue(batch);
    }

    fn acknowledge(
        &mut self,
        batch: ProducerBatch,
        base_offset: Option<u64>,
        out: &mut Out<Client>,
    ) {
        self.accumulator.release(&batch);
        for (record, n) in batch.records.iter().zip(0..) {
            if let Some(message) = record.message {
                let place = (batch.partition.clone(), base_offset.map(|base| base + n));
                self.delivered.push(Delivery {
                    message,
                    result: Ok(place),
                });
            }
        }
        self.tell(
            ClientWhat::Acknowledged {
                messages: batch.messages(),
                partition: batch.partition,
                base_offset,
            },
            out,
        );
    }

    fn fail(&mut self, batch: ProducerBatch, error: ErrorCode, out: &mut Out<Client>) {
        self.accumulator.release(&batch);
        let messages = batch.messages();
        for message in &messages {
            self.delivered.push(Delivery {
                message: *message,
                result: Err(error),
            });
        }
        let partition = batch.partition;
        let what = if batch.may_be_written {
            ClientWhat::Indeterminate {
                messages,
                partition,
                error,
            }
        } else {
            ClientWhat::Failed {
                messages,
                partition: Some(partition),
                error,
            }
        };
        self.tell(what, out);
    }

    /// Lets calls of `send` go on, in order, as far as metadata and memory allow; one that has
    /// waited for `max.block.ms` fails.
    fn unblock(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Client>) {
        while let Some(blocked) = self.blocked.pop_front() {
            match self.try_append(blocked, now, chance, out) {
                Ok(()) => self.blocked_since = now.mono,
                Err(blocked) => {
                    let max_block = u64::from(self.config.max_block_ms) * 1000;
                    if self.blocked_since + max_block > now.mono {
                        self.blocked.push_front(blocked);
                        return;
                    }
                    self.refuse(blocked.message, ErrorCode::RequestTimedOut, out);
                    self.blocked_since = now.mono;
                }
            }
        }
    }

    /// `KafkaProducer.doSend`, once metadata is there.
    fn try_append(
        &mut self,
        blocked: Blocked,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) -> Result<(), Blocked> {
        let topic = &blocked.what.topic;
        let count = self.network.cluster.partition_count(topic);
        let Some(count) = count.filter(|count| blocked.what.partition.is_none_or(|p| p < *count))
        else {
            self.network.want_metadata();
            return Err(blocked);
        };
        let record = Record {
            key: blocked.what.key.clone(),
            value: blocked.what.value.clone(),
            timestamp: blocked.timestamp,
            message: Some(blocked.message),
        };
        let bytes = Batch::OVERHEAD + record.bytes(0, 0);
        if bytes > u64::from(self.config.max_request_size) {
            self.refuse(blocked.message, ErrorCode::MessageTooLarge, out);
            return Ok(());
        }
        let key = blocked.what.key.as_ref();
        let hashed = key.filter(|_| !self.config.partitioner_ignore_keys);
        let available = self.network.cluster.available(topic);
        let sticks = blocked.what.partition.is_none() && hashed.is_none();
        let number = match (blocked.what.partition, hashed) {
            (Some(number), _) => number,
            (None, Some(key)) => partition_for_key(key, count),
            (None, None) => {
                let sticky = self.sticky.entry(topic.clone()).or_default();
                sticky.partition(&available, count, chance)
            }
        };
        let partition = TopicPartition::new(topic, number);
        let appended = self
            .accumulator
            .append(&partition, record, &self.config, now);
        if appended.is_err() {
            return Err(blocked);
        }
        if sticks {
            let full = self.accumulator.has_full_batch(&partition, &self.config);
            let ready = full || self.config.linger_ms == 0;
            let batch_size = u64::from(self.config.batch_size.max(1));
            let sticky = self.sticky.entry(topic.clone()).or_default();
            sticky.produced(bytes, batch_size, ready, &available, count, chance);
        }
        let message = blocked.message;
        self.tell(ClientWhat::Buffered { message, partition }, out);
        Ok(())
    }

    /// A call of `send` fails.
    fn refuse(&mut self, message: MessageId, error: ErrorCode, out: &mut Out<Client>) {
        self.delivered.push(Delivery {
            message,
            result: Err(error),
        });
        self.tell(
            ClientWhat::Failed {
                messages: alloc::vec![message],
                partition: None,
                error,
            },
            out,
        );
    }

    /// Gives up what has waited for `delivery.timeout.ms`, in the buffer or in flight.
    fn expire(&mut self, now: Now, out: &mut Out<Client>) {
        let mut expired = self.accumulator.take_expired(&self.config, now);
        let timeout = u64::from(self.config.delivery_timeout_ms) * 1000;
        let late = |_: &u64, batch: &mut ProducerBatch| batch.created + timeout <= now.mono;
        for (_, mut batch) in self.in_flight.extract_if(late) {
            batch.may_be_written = true;
            expired.push(batch);
        }
        for batch in expired {
            self.fail(batch, ErrorCode::RequestTimedOut, out);
        }
    }

    /// When a partition's first batch may be sent. With one request in flight only, a partition
    /// waits for its own batch: that keeps the order (`guaranteeMessageOrder`).
    fn readiness(&self, partition: &TopicPartition, now: Now) -> Option<Readiness> {
        let muted = self.config.max_in_flight_requests_per_connection == 1
            && self.in_flight.values().any(|b| b.partition == *partition);
        if muted {
            return None;
        }
        let hurry = self.flushing || !self.blocked.is_empty();
        self.accumulator
            .readiness(partition, &self.config, hurry, now)
    }

    /// Sends the first batch of each of these partitions in one request.
    fn send_batches(
        &mut self,
        leader: BrokerId,
        partitions: &[TopicPartition],
        now: Now,
        out: &mut Out<Client>,
    ) {
        let mut room = u64::from(self.config.max_request_size);
        let mut request = Vec::new();
        let mut sent = Vec::new();
        for partition in partitions {
            let Some(mut batch) = self.accumulator.take(partition, room) else {
                continue;
            };
            let as_sent = batch.to_batch();
            room = room.saturating_sub(as_sent.bytes());
            request.push((partition.clone(), as_sent));
            batch.attempts += 1;
            self.tell(
                ClientWhat::InFlight {
                    messages: batch.messages(),
                    partition: partition.clone(),
                    to: leader,
                    attempt: batch.attempts,
                },
                out,
            );
            sent.push(batch);
        }
        if request.is_empty() {
            return;
        }
        let body = RequestBody::Data(Request::Produce(ProduceRequest {
            acks: self.config.acks,
            timeout_ms: self.config.request_timeout_ms,
            partitions: request,
        }));
        let peer = Peer::Broker(leader);
        if self.config.acks == Acks::None {
            self.network.send_and_forget(peer, body, out);
            for batch in sent {
                self.acknowledge(batch, None, out);
            }
            return;
        }
        let mut numbers = Vec::new();
        for batch in sent {
            numbers.push(self.next_batch);
            self.in_flight.insert(self.next_batch, batch);
            self.next_batch += 1;
        }
        self.network.send(peer, numbers, body, None, now, out);
    }

    fn tell(&self, what: ClientWhat, out: &mut Out<Client>) {
        out.tell(Fact::Client(ClientFact {
            client: self.node,
            what,
        }));
    }
}

/// Whether a batch may be in a log in spite of this error. A leader that answers acks=all with
/// NOT_LEADER_OR_FOLLOWER may have appended the batch and lost its leadership while it waited.
fn may_be_written(error: ErrorCode, acks: Acks) -> bool {
    match error {
        ErrorCode::NetworkException
        | ErrorCode::RequestTimedOut
        | ErrorCode::NotEnoughReplicasAfterAppend => true,
        ErrorCode::NotLeaderOrFollower => acks == Acks::All,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_may_be_written_where_the_leader_cannot_tell() {
        for (error, acks, may_be) in [
            (ErrorCode::NotLeaderOrFollower, Acks::All, true),
            (ErrorCode::NotLeaderOrFollower, Acks::Leader, false),
            (ErrorCode::NotEnoughReplicasAfterAppend, Acks::All, true),
            (ErrorCode::NotEnoughReplicas, Acks::All, false),
            (ErrorCode::NetworkException, Acks::Leader, true),
        ] {
            assert_eq!(may_be_written(error, acks), may_be, "{error}, {acks:?}");
        }
    }
}
