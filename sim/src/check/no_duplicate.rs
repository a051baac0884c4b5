//! no-duplicate: one send is one record.
//!
//! Definition: Jepsen's `duplicate` ("a record which was acknowledged once is in the log twice",
//! `jepsen.tests.kafka`): one call of send by the application became two messages in a queue, or
//! two committed records in a partition. Kafka promises that it does not within a producer's
//! session if `enable.idempotence` is set (KIP-98); RabbitMQ does not promise it for queues (docs,
//! "Reliability Guide"). That a consumer gets the same record again is something else: that is
//! redelivery.

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::replica::{Appender, ReplicaFact, ReplicaWhat};
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::rabbitmq::fact::{Fact as Rabbitmq, QueueCopy};
use glassmq_core::shared::Map;
use glassmq_core::subject::Place;

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, EventId, What};
use crate::ledger::{Ledger, State};

/// Second records that are not committed yet.
#[derive(Clone, Debug, Default)]
pub struct NoDuplicate {
    /// By replica and offset.
    second: Map<(TopicPartition, NodeId, u64), MessageId>,
}

impl Checker for NoDuplicate {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        match &event.what {
            What::Fact {
                fact: Fact::Rabbitmq(Rabbitmq::Enqueued { copy, .. }),
            } => enqueued_twice(event.id, copy, ledger),
            What::Fact {
                fact: Fact::Kafka(Kafka::Replica(fact)),
            } => self.replica(event.id, fact, ledger),
            _ => None,
        }
    }
}

impl NoDuplicate {
    fn replica(&mut self, at: EventId, fact: &ReplicaFact, ledger: &Ledger) -> Option<Violation> {
        let (partition, node) = (&fact.replica.partition, fact.replica.node);
        match &fact.what {
            ReplicaWhat::Appended {
                by: Appender::Leader,
                messages,
                ..
            } => {
                for (offset, id) in messages {
                    if offsets(ledger, *id, partition, node).len() > 1 {
                        let key = (partition.clone(), node, *offset);
                        self.second.insert(key, *id);
                    }
                }
                None
            }
            ReplicaWhat::Truncated { to, .. } | ReplicaWhat::Opened { log_end: to, .. } => {
                let gone = (partition.clone(), node, *to)..=(partition.clone(), node, u64::MAX);
                let gone: Vec<_> = self
                    .second
                    .range(gone)
                    .map(|(key, _)| key.clone())
                    .collect();
                for key in gone {
                    self.second.remove(&key);
                }
                None
            }
            ReplicaWhat::HighWatermark {
                to, leader: true, ..
            } => {
                let committed = (partition.clone(), node, 0)..(partition.clone(), node, *to);
                let (_, id) = self.second.range(committed).next()?;
                let offsets = offsets(ledger, *id, partition, node);
                let offsets: Vec<_> = offsets.iter().map(u64::to_string).collect();
                Some(Violation {
                    at,
                    messages: vec![*id],
                    says: format!(
                        "{} is in {partition} more than once: at the offsets {}",
                        ledger.names().message(*id),
                        offsets.join(" and ")
                    ),
                })
            }
            _ => None,
        }
    }
}

/// Where a message is in a replica's log.
fn offsets(ledger: &Ledger, id: MessageId, partition: &TopicPartition, node: NodeId) -> Vec<u64> {
    let log = Place::Replica {
        node,
        topic: partition.topic.clone(),
        partition: partition.partition,
    };
    let copies = ledger.fate(id).map_or(&[][..], |fate| &fate.copies);
    let here = copies.iter().filter(|copy| copy.place == log);
    here.filter_map(|copy| match copy.state {
        State::Stored { offset } => Some(offset),
        _ => None,
    })
    .collect()
}

fn enqueued_twice(at: EventId, copy: &QueueCopy, ledger: &Ledger) -> Option<Violation> {
    let id = copy.message?;
    let fate = ledger.fate(id)?;
    let here = |place: &Place| matches!(place, Place::Queue { queue, node } if *queue == copy.queue && *node == copy.node);
    let copies = fate.copies.iter().filter(|copy| here(&copy.place)).count();
    (copies > 1 || fate.forgotten).then(|| Violation {
        at,
        messages: vec![id],
        says: format!(
            "{} came into {} a second time",
            ledger.names().message(id),
            copy.queue
        ),
    })
}
