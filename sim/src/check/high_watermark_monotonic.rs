//! high-watermark-monotonic: a high watermark never goes back.
//!
//! Definition: while a process lives, the high watermark of each of its replicas only rises
//! (`Partition.maybeIncrementLeaderHW`; for the metadata quorum `LeaderState.
//! updateHighWatermark`, which refuses to lower it). What is below it was promised to readers, so
//! a fall takes back a promise. A restart does not count: the watermark is checkpointed now and
//! then, and the checkpoint may be old (`replica.high.watermark.checkpoint.interval.ms`). Nor does
//! a new leader with a lower watermark: it learnt of it one fetch later (KIP-207 keeps readers
//! from seeing that).

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::control::{ControlFact, quorum};
use glassmq_core::kafka::fact::replica::ReplicaWhat;
use glassmq_core::names::NodeId;
use glassmq_core::shared::Map;

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, What};
use crate::ledger::Ledger;

/// What each voter of the metadata quorum knows to be committed. Replicas tell theirs themselves.
#[derive(Clone, Debug, Default)]
pub struct HighWatermarkMonotonic {
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
            } => match &fact.what {
                ReplicaWhat::HighWatermark { from, to, .. } => {
                    let replica = &fact.replica;
                    (&replica.partition.to_string(), replica.node, *from, *to)
                }
                _ => return None,
            },
            What::Fact {
                fact: Fact::Kafka(Kafka::Control(ControlFact::HighWatermark { node, offset })),
            } => {
                let from = self.quorum.insert(*node, *offset).unwrap_or(0);
                (&quorum().to_string(), *node, from, *offset)
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
