//! What a group coordinator tells onlookers.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::TopicPartition;
use crate::names::{MessageId, Name};
use crate::subject::{Subject, Told};

/// A fact about a consumer group.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct GroupFact {
    /// `group.id`.
    pub group: Name,
    /// What happened.
    pub what: GroupWhat,
}

/// What can happen to a group.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupWhat {
    /// A member was let in.
    Joined {
        /// Who.
        member: Name,
    },
    /// A member is not one any more.
    Removed {
        /// Who.
        member: Name,
        /// Why.
        because: RemovedBecause,
    },
    /// Everyone has to join again.
    PreparingRebalance {
        /// The generation that ends.
        generation: u32,
        /// Why.
        because: RebalanceBecause,
    },
    /// A new generation, and who is in it; empty if nobody is left.
    Generation {
        /// Counted from 1.
        generation: u32,
        /// The members.
        members: Vec<Name>,
    },
    /// The leader's assignment is stored and handed out.
    Stable {
        /// The generation.
        generation: u32,
    },
    /// An offset is committed.
    Committed {
        /// Of which partition.
        partition: TopicPartition,
        /// The next offset to read.
        offset: u64,
        /// In which generation, if any.
        generation: Option<u32>,
    },
    /// A commit was refused.
    CommitRefused {
        /// Of whom.
        member: Name,
        /// Why.
        error: ErrorCode,
    },
    /// A coordinator took the group over from the log.
    Loaded {
        /// Its generation.
        generation: u32,
    },
    /// A member was refused because of something that is not modelled.
    NotModelled {
        /// What.
        what: Name,
    },
}

/// Why a member is not one any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemovedBecause {
    /// It said so.
    Left,
    /// No heartbeat for `session.timeout.ms`.
    SessionExpired,
    /// It did not join again within the rebalance timeout, which is `max.poll.interval.ms`.
    DidNotRejoin,
    /// It did not ask for its assignment within that time.
    DidNotSync,
}

/// Why everyone has to join again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RebalanceBecause {
    /// A member joined.
    MemberJoined,
    /// A member is gone.
    MemberGone,
    /// The leader joined again: it may see other topics or partitions.
    LeaderRejoined,
    /// A member has another subscription.
    SubscriptionChanged,
    /// The assignment could not be stored.
    NotStored,
}

impl Told for GroupFact {
    fn subject(&self) -> Subject {
        match &self.what {
            GroupWhat::Committed { partition, .. } => {
                Subject::Committed(self.group.clone(), alloc::format!("{partition}").into())
            }
            _ => Subject::Group(self.group.clone()),
        }
    }

    fn rests_on(&self, on: &mut Vec<Subject>) {
        on.push(Subject::Group(self.group.clone()));
    }

    fn messages(&self, _each: &mut dyn FnMut(MessageId)) {}
}

impl fmt::Display for GroupFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = &self.group;
        match &self.what {
            GroupWhat::Joined { member } => write!(f, "{group}: member {member} joined"),
            GroupWhat::Removed { member, because } => {
                let why = match because {
                    RemovedBecause::Left => "left",
                    RemovedBecause::SessionExpired => "removed, session expired",
                    RemovedBecause::DidNotRejoin => "removed, did not rejoin in time",
                    RemovedBecause::DidNotSync => "removed, did not sync in time",
                };
                write!(f, "{group}: member {member} {why}")
            }
            GroupWhat::PreparingRebalance {
                generation,
                because,
            } => {
                let why = match because {
                    RebalanceBecause::MemberJoined => "member joined",
                    RebalanceBecause::MemberGone => "member gone",
                    RebalanceBecause::LeaderRejoined => "leader rejoined",
                    RebalanceBecause::SubscriptionChanged => "subscription changed",
                    RebalanceBecause::NotStored => "assignment not stored",
                };
                write!(
                    f,
                    "{group}: rebalancing after generation {generation}: {why}"
                )
            }
            GroupWhat::Generation {
                generation,
                members,
            } => write!(
                f,
                "{group}: generation {generation}, {} members",
                members.len()
            ),
            GroupWhat::Stable { generation } => {
                write!(f, "{group}: stable, generation {generation}")
            }
            GroupWhat::Committed {
                partition, offset, ..
            } => write!(f, "{group}: committed {partition} at {offset}"),
            GroupWhat::CommitRefused { member, error } if member.is_empty() => {
                write!(f, "{group}: commit without a member id refused: {error}")
            }
            GroupWhat::CommitRefused { member, error } => {
                write!(f, "{group}: commit of {member} refused: {error}")
            }
            GroupWhat::Loaded { generation } => {
                write!(f, "{group}: loaded, generation {generation}")
            }
            GroupWhat::NotModelled { what } => write!(f, "{group}: not modelled: {what}"),
        }
    }
}
