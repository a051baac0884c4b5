//! high-watermark-monotonic: a high watermark never goes back.
//!
//! Definition: while a replica leads, its high watermark only rises (`Partition.
//! maybeIncrementLeaderHW`; for the metadata quorum `LeaderState.updateHighWatermark`, which
//! refuses to lower it). What is below it was promised to readers, so a fall takes back a promise.
//! A restart does not count: the watermark is checkpointed now and then, and the checkpoint may be
//! old (`replica.high.watermark.checkpoint.interval.ms`). Nor does a new leader with a lower
//! watermark: it learnt of it one fetch later (KIP-207 keeps readers from seeing that). Nor do
//! followers, who take over their leader's (`UnifiedLog` warns of a "Non-monotonic update of high
//! watermark" and goes on): from a new leader it may be the lower one; but none may cut off what
//! lies below it.

use std::fmt::Display;

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::control::{ControlFact, quorum};
use glassmq_core::kafka::fact::replica::{Replica, ReplicaWhat};
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::NodeId;
use glassmq_core::shared::Map;

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, What};
use crate::ledger::Ledger;

/// What each replica, and each voter of the metadata quorum, knows to be committed.
#[derive(Clone, Debug, Default)]
pub struct HighWatermarkMonotonic {
    replicas: Map<(TopicPartition, NodeId), u64>,
    quorum: Map<NodeId, u64>,
}

impl Checker for HighWatermarkMonotonic {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        let (what, node, from, to) = match &event.what {
            What::Booted { .. } => {
                self.quorum.remove(&event.node);
                return None;
            }
            What::Fact {
                fact: Fact::Kafka(Kafka::Replica(fact)),
            } => {
                let (from, to) = self.replica(&fact.replica, &fact.what)?;
                let partition: &dyn Display = &fact.replica.partition;
                (partition, fact.replica.node, from, to)
            }
            What::Fact {
                fact: Fact::Kafka(Kafka::Control(ControlFact::HighWatermark { node, offset })),
            } => {
                let from = self.quorum.insert(*node, *offset).unwrap_or(0);
                (&quorum() as &dyn Display, *node, from, *offset)
            }
            _ => return None,
        };
        (to < from).then(|| Violation {
            at: event.id,
            messages: Vec::new(),
            says: format!(
                "the high watermark of {what} on {} went back from {from} to {to}",
                ledger.names().of(node)
            ),
        })
    }
}

impl HighWatermarkMonotonic {
    /// Answers from where to where a replica's high watermark moved, if it counts.
    fn replica(&mut self, replica: &Replica, what: &ReplicaWhat) -> Option<(u64, u64)> {
        let key = (replica.partition.clone(), replica.node);
        match what {
            ReplicaWhat::Opened { .. } => {
                self.replicas.remove(&key);
                None
            }
            ReplicaWhat::HighWatermark { from, to, leader } => {
                self.replicas.insert(key, *to);
                leader.then_some((*from, *to))
            }
            // What is cut off below it was promised to readers, too.
            ReplicaWhat::Truncated { to, .. } => Some((*self.replicas.get(&key)?, *to)),
            _ => None,
        }
    }
}
