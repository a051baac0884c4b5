//! What may be told of one replica of a partition: its log, its high watermark, its role.
//!
//! The records of a replica are accounted for by these facts alone: what was [appended] is still
//! there, or [truncated], or was not there when the log was [opened] again after a power loss.
//!
//! [appended]: ReplicaWhat::Appended
//! [truncated]: ReplicaWhat::Truncated
//! [opened]: ReplicaWhat::Opened

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::Set;
use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::{Acks, EpochEnd};
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::names::{MessageId, Name, NodeId};
use crate::subject::{Place, Subject};

/// A replica, as facts name it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Replica {
    /// The process.
    pub node: NodeId,
    /// Its `node.id`.
    pub broker: BrokerId,
    /// The partition.
    pub partition: TopicPartition,
}

/// What happened to one replica.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ReplicaFact {
    /// Which replica.
    pub replica: Replica,
    /// What.
    #[serde(flatten)]
    pub what: ReplicaWhat,
}

/// A record of an application and its offset.
pub type Placed = (u64, MessageId);

/// What may happen to a replica.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum ReplicaWhat {
    /// The log was created, or found again after a start.
    Opened {
        /// The offset after the last record that is there.
        log_end: u64,
        /// The high watermark as checkpointed, or what the log still covers of it.
        high_watermark: u64,
    },
    /// Records were written behind the others, into the page cache.
    Appended {
        /// The offset of the first.
        base_offset: u64,
        /// The offset after the last.
        log_end: u64,
        /// The epoch of the leader that gave the offsets.
        leader_epoch: u32,
        /// Whether this replica is that leader, or fetched them.
        by: Appender,
        /// The application's records among them.
        messages: Vec<Placed>,
    },
    /// Records at the end were dropped.
    Truncated {
        /// The first offset that is gone: the new log end.
        to: u64,
        /// The log end before.
        from: u64,
        /// Why there.
        because: TruncatedBecause,
        /// The application's records that went.
        messages: Vec<Placed>,
    },
    /// The high watermark rose, or fell with a truncated log.
    HighWatermark {
        /// Where it was.
        from: u64,
        /// Where it is.
        to: u64,
        /// Whether this replica decided it as leader, or was told.
        leader: bool,
    },
    /// This replica now leads.
    BecameLeader {
        /// Its epoch.
        epoch: u32,
        /// The first offset of that epoch.
        start_offset: u64,
        /// The in-sync replicas at the start.
        isr: Vec<BrokerId>,
    },
    /// This replica now follows.
    BecameFollower {
        /// The leader's epoch.
        epoch: u32,
        /// Whom; `None` while the partition has no leader.
        leader: Option<BrokerId>,
    },
    /// As leader it asked the controller for other in-sync replicas.
    IsrProposed {
        /// Those now.
        from: Vec<BrokerId>,
        /// Those it asked for.
        to: Vec<BrokerId>,
    },
    /// As leader it learnt that the in-sync replicas are others.
    Isr {
        /// Those before.
        from: Vec<BrokerId>,
        /// Those now.
        to: Vec<BrokerId>,
        /// The partition epoch of the change.
        partition_epoch: u32,
    },
    /// As leader it answered a producer that waits for an answer.
    Answered {
        /// What the producer asked for.
        acks: Acks,
        /// How it went.
        error: ErrorCode,
        /// The offset of the first record, if it was written.
        base_offset: Option<u64>,
        /// The application's records that this is about.
        messages: Vec<MessageId>,
    },
}

/// Who wrote to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Appender {
    /// The leader, for a producer.
    Leader,
    /// A follower, what it fetched.
    Follower,
}

/// Why a follower dropped the end of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TruncatedBecause {
    /// Before KIP-101: a new follower keeps nothing above its own high watermark.
    HighWatermark,
    /// The leader said where an epoch ends in its log.
    LeaderEpoch(EpochEnd),
    /// The log went on behind the leader's end.
    LeaderLogEnd,
}

impl ReplicaFact {
    /// See [`crate::subject::Told`].
    #[must_use]
    pub fn subject(&self) -> Subject {
        let node = self.replica.node;
        match &self.what {
            ReplicaWhat::Opened { .. }
            | ReplicaWhat::Appended { .. }
            | ReplicaWhat::Truncated { .. } => Subject::Log(node, self.name()),
            ReplicaWhat::HighWatermark { .. } => Subject::HighWatermark(node, self.name()),
            ReplicaWhat::BecameLeader { .. } | ReplicaWhat::BecameFollower { .. } => {
                Subject::Leadership(self.name())
            }
            ReplicaWhat::IsrProposed { .. } | ReplicaWhat::Isr { .. } => Subject::Isr(self.name()),
            ReplicaWhat::Answered { messages, .. } => match messages.first() {
                Some(message) => self.copy(*message),
                None => Subject::Log(node, self.name()),
            },
        }
    }

    /// See [`crate::subject::Told`].
    pub fn rests_on(&self, on: &mut Vec<Subject>) {
        let node = self.replica.node;
        let log = || Subject::Log(node, self.name());
        let high_watermark = || Subject::HighWatermark(node, self.name());
        let leadership = || Subject::Leadership(self.name());
        let isr = || Subject::Isr(self.name());
        match &self.what {
            ReplicaWhat::Opened { .. } => on.extend([log(), high_watermark()]),
            ReplicaWhat::Appended { .. } => on.extend([leadership(), log()]),
            ReplicaWhat::Truncated { because, .. } => {
                on.extend([leadership(), log()]);
                if *because == TruncatedBecause::HighWatermark {
                    on.push(high_watermark());
                }
            }
            ReplicaWhat::HighWatermark { .. } => on.extend([log(), isr()]),
            ReplicaWhat::BecameLeader { .. } | ReplicaWhat::BecameFollower { .. } => {
                on.extend([leadership(), log()]);
            }
            ReplicaWhat::IsrProposed { .. } | ReplicaWhat::Isr { .. } => {
                on.extend([isr(), leadership()]);
            }
            ReplicaWhat::Answered { acks, .. } => match acks {
                Acks::All => on.extend([high_watermark(), log(), isr()]),
                Acks::None | Acks::Leader => on.push(log()),
            },
        }
    }

    /// See [`crate::subject::Told`].
    pub fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        match &self.what {
            ReplicaWhat::Appended { messages, .. } | ReplicaWhat::Truncated { messages, .. } => {
                messages.iter().map(|(_, message)| *message).for_each(each);
            }
            ReplicaWhat::Answered { messages, .. } => messages.iter().copied().for_each(each),
            _ => {}
        }
    }

    /// The partition's name: `orders-0`.
    fn name(&self) -> Name {
        self.replica.partition.name()
    }

    /// This replica's copy of a message.
    fn copy(&self, message: MessageId) -> Subject {
        Subject::Copy(
            message,
            Place::Replica {
                node: self.replica.node,
                topic: self.replica.partition.topic.clone(),
                partition: self.replica.partition.partition,
            },
        )
    }
}

impl fmt::Display for ReplicaFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partition = &self.replica.partition;
        match &self.what {
            ReplicaWhat::Opened {
                log_end,
                high_watermark,
            } => write!(
                f,
                "opened {partition}: log end {log_end}, high watermark {high_watermark}"
            ),
            ReplicaWhat::Appended {
                base_offset,
                log_end,
                leader_epoch,
                by,
                ..
            } => {
                let verb = match by {
                    Appender::Leader => "appended",
                    Appender::Follower => "replicated",
                };
                write!(f, "{verb} {partition} offset {base_offset}")?;
                if *log_end > base_offset + 1 {
                    write!(f, "..{}", log_end - 1)?;
                }
                write!(f, ", epoch {leader_epoch}")
            }
            ReplicaWhat::Truncated {
                to, from, because, ..
            } => {
                write!(f, "truncated {partition} from {from} to {to}: ")?;
                match because {
                    TruncatedBecause::HighWatermark => f.write_str("to its own high watermark"),
                    TruncatedBecause::LeaderEpoch(end) => {
                        write!(
                            f,
                            "on the leader epoch {} ends at {}",
                            end.epoch, end.end_offset
                        )
                    }
                    TruncatedBecause::LeaderLogEnd => f.write_str("to the leader's log end"),
                }
            }
            ReplicaWhat::HighWatermark { to, .. } => write!(f, "{partition} high watermark {to}"),
            ReplicaWhat::BecameLeader {
                epoch,
                start_offset,
                isr,
            } => write!(
                f,
                "leads {partition}, epoch {epoch}, from offset {start_offset}, ISR {}",
                Set(isr)
            ),
            ReplicaWhat::BecameFollower { epoch, leader } => match leader {
                Some(leader) => write!(f, "follows broker {leader} in {partition}, epoch {epoch}"),
                None => write!(f, "{partition} has no leader, epoch {epoch}"),
            },
            ReplicaWhat::IsrProposed { from, to } => {
                write!(f, "asks for {partition} ISR {} -> {}", Set(from), Set(to))
            }
            ReplicaWhat::Isr { from, to, .. } => {
                write!(f, "{partition} ISR {} -> {}", Set(from), Set(to))
            }
            ReplicaWhat::Answered {
                acks,
                error,
                base_offset,
                ..
            } => {
                let acks = match acks {
                    Acks::None => "0",
                    Acks::Leader => "1",
                    Acks::All => "all",
                };
                match (error, base_offset) {
                    (ErrorCode::None, Some(offset)) => {
                        write!(f, "acknowledged {partition} offset {offset}, acks={acks}")
                    }
                    _ => write!(f, "answered {error} for {partition}, acks={acks}"),
                }
            }
        }
    }
}
