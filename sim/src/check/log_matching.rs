//! log-matching: logs that agree at a place agree before it.
//!
//! Definition: Raft's Log Matching, "if two logs contain an entry with the same index and term,
//! then the logs are identical in all entries up through the given index" (Ongaro and Ousterhout,
//! figure 3), for the replicas of a partition: offset for index, leader epoch for term. KIP-101
//! and KIP-279 are two ways in which Kafka once failed it (`DIVERGE`).
//!
//! Each record carries a digest of itself and all before it, so two logs are compared at one
//! place. It keeps one cell for each live record of a replica.

use glassmq_core::fingerprint::Digest;
use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::replica::{Placed, Replica, ReplicaWhat};
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::shared::{Log, Map};

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, EventId, What};
use crate::ledger::Ledger;

/// The logs of all replicas.
#[derive(Clone, Debug, Default)]
pub struct LogMatching {
    logs: Map<(TopicPartition, NodeId), Log<Cell>>,
}

/// A record in a log.
#[derive(Clone, Copy, Debug)]
struct Cell {
    epoch: u32,
    message: Option<MessageId>,
    /// Of this record and all before it.
    digest: u64,
}

impl Checker for LogMatching {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        let What::Fact {
            fact: Fact::Kafka(Kafka::Replica(fact)),
        } = &event.what
        else {
            return None;
        };
        let replica = &fact.replica;
        match &fact.what {
            ReplicaWhat::Appended {
                base_offset,
                log_end,
                leader_epoch,
                messages,
                ..
            } => {
                self.append(replica, *base_offset..*log_end, *leader_epoch, messages);
                self.compare(replica, event.id, ledger)
            }
            ReplicaWhat::Truncated { to: end, .. } | ReplicaWhat::Opened { log_end: end, .. } => {
                self.log(replica).truncate(*end);
                None
            }
            _ => None,
        }
    }
}

impl LogMatching {
    fn log(&mut self, replica: &Replica) -> &mut Log<Cell> {
        let key = (replica.partition.clone(), replica.node);
        self.logs.get_or_insert_with(key, Log::default)
    }

    fn append(
        &mut self,
        replica: &Replica,
        offsets: std::ops::Range<u64>,
        epoch: u32,
        messages: &[Placed],
    ) {
        let log = self.log(replica);
        log.truncate(offsets.start);
        if log.end() < offsets.start {
            // What lies between was written by a process that died before it told: nothing before
            // this place can be compared.
            *log = Log::starting_at(offsets.start);
        }
        let mut messages = messages.iter().peekable();
        for offset in offsets {
            let message = messages.next_if(|(at, _)| *at == offset).map(|(_, id)| *id);
            let mut digest = Digest::default();
            digest.word(log.last().map_or(0, |cell| cell.digest));
            digest.word(u64::from(epoch));
            let id = message.map(|id| u64::from(id.client.0) << 32 | u64::from(id.n));
            digest.word(id.map_or(0, |id| id.wrapping_add(1)));
            let digest = digest.value();
            log.push(Cell {
                epoch,
                message,
                digest,
            });
        }
    }

    /// Compares the end of a log with every other replica that has that place.
    fn compare(&self, replica: &Replica, at: EventId, ledger: &Ledger) -> Option<Violation> {
        let partition = &replica.partition;
        let mine = self.logs.get(&(partition.clone(), replica.node))?;
        let place = mine.end().checked_sub(1)?;
        let replicas = (partition.clone(), NodeId(0))..=(partition.clone(), NodeId(u32::MAX));
        self.logs.range(replicas).find_map(|((_, node), theirs)| {
            let (here, there) = (mine.get(place)?, theirs.get(place)?);
            if here.epoch != there.epoch || here.digest == there.digest {
                return None;
            }
            if mine.first() != theirs.first() {
                return None;
            }
            let same = |offset: &u64| {
                let digest = |log: &Log<Cell>| log.get(*offset).map(|cell| cell.digest);
                digest(mine) == digest(theirs)
            };
            let first = (mine.first()..=place).find(|offset| !same(offset))?;
            let messages = [mine, theirs].into_iter();
            let messages = messages.filter_map(|log| log.get(first)?.message).collect();
            let (one, other) = (ledger.names().of(replica.node), ledger.names().of(*node));
            Some(Violation {
                at,
                messages,
                says: format!(
                    "{one} and {other} have the same epoch {} at offset {place} of {partition}, and differ at offset {first}",
                    here.epoch
                ),
            })
        })
    }
}
