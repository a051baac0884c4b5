//! one-leader-per-epoch: in an epoch there is at most one leader.
//!
//! Definition: Raft's Election Safety, "at most one leader can be elected in a given term"
//! (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", figure 3), for
//! the metadata quorum (KIP-595) and for the leader epochs of partitions (KIP-101: an epoch
//! belongs to one leader). Two brokers may *believe* at once that they lead: in different epochs,
//! which is no violation.
//!
//! It keeps one entry for each leadership, by the number of elections.

use std::fmt::Display;

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::control::{ControlFact, quorum};
use glassmq_core::kafka::fact::replica::ReplicaWhat;
use glassmq_core::names::Name;
use glassmq_core::shared::Map;

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, What};
use crate::ledger::Ledger;

/// Who led what in which epoch.
#[derive(Clone, Debug, Default)]
pub struct OneLeaderPerEpoch {
    leaders: Map<(Name, u32), Name>,
}

impl Checker for OneLeaderPerEpoch {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        let What::Fact {
            fact: Fact::Kafka(fact),
        } = &event.what
        else {
            return None;
        };
        let (what, epoch, leader) = match fact {
            Kafka::Replica(fact) => match &fact.what {
                ReplicaWhat::BecameLeader { epoch, .. } => {
                    let replica = &fact.replica;
                    (named(&replica.partition), *epoch, broker(&replica.broker))
                }
                _ => return None,
            },
            Kafka::Control(ControlFact::PartitionLeader {
                partition,
                leader: Some(leader),
                leader_epoch,
                ..
            }) => (named(partition), *leader_epoch, broker(leader)),
            Kafka::Control(ControlFact::Elected { node, epoch, .. }) => {
                (quorum(), *epoch, ledger.names().of(*node).into())
            }
            _ => return None,
        };
        let key = (what, epoch);
        match self.leaders.get(&key) {
            None => {
                self.leaders.insert(key, leader);
                None
            }
            Some(first) if *first == leader => None,
            Some(first) => Some(Violation {
                at: event.id,
                messages: Vec::new(),
                says: format!(
                    "{} has two leaders in epoch {epoch}: {first} and {leader}",
                    key.0
                ),
            }),
        }
    }
}

fn named(partition: &impl Display) -> Name {
    partition.to_string().into()
}

fn broker(id: &impl Display) -> Name {
    format!("broker {id}").into()
}
