//! What members of a consumer group say to its coordinator.
//!
//! Source: the message schemas of Kafka (`JoinGroupRequest.json` and so on). What members say to
//! each other through the coordinator (`ConsumerProtocolSubscription`, `ConsumerProtocolAssignment`)
//! is opaque bytes on the wire and spelled out here; the coordinator does not look inside.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::pairs;
use crate::fingerprint::Fingerprint;
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::{Endpoint, TopicPartition};
use crate::names::Name;
use crate::shared::{SortedMap, SortedSet};

/// The partitions of one member, by topic, ascending (`ConsumerProtocolAssignment`).
pub type Assignment = SortedMap<Name, Vec<u32>>;

/// A request about a group.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Request {
    /// Asks any broker who coordinates these groups.
    FindCoordinator(Vec<Name>),
    /// Joins a group, or joins again.
    JoinGroup(JoinGroup),
    /// Asks for this generation's assignment; the leader brings it.
    SyncGroup {
        /// Who asks.
        member: Member,
        /// From the leader: what each member gets, by member id. Empty from all others.
        assignments: SortedMap<Name, Assignment>,
    },
    /// Keeps the member's session.
    Heartbeat {
        /// Who.
        member: Member,
    },
    /// Leaves for good.
    LeaveGroup {
        /// `group.id`.
        group_id: Name,
        /// Who.
        member_id: Name,
    },
    /// Commits positions.
    OffsetCommit {
        /// Who. Outside of any group's life, the generation is `None` and the member id empty.
        member: Member,
        /// The offset of the next record to read, by partition.
        #[serde(with = "pairs")]
        offsets: SortedMap<TopicPartition, u64>,
    },
    /// Asks for committed positions.
    OffsetFetch {
        /// `group.id`.
        group_id: Name,
        /// Of which partitions.
        partitions: Vec<TopicPartition>,
    },
}

/// The fields of `JoinGroup`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct JoinGroup {
    /// `group.id`.
    pub group_id: Name,
    /// `session.timeout.ms`.
    pub session_timeout_ms: u32,
    /// `max.poll.interval.ms`: how long the others wait for it in a rebalance.
    pub rebalance_timeout_ms: u32,
    /// Empty until the coordinator gave one.
    pub member_id: Name,
    /// `group.instance.id`, of a static member.
    pub group_instance_id: Option<Name>,
    /// The assignors it can use, in the order of its preference, by protocol name.
    pub protocols: Vec<Name>,
    /// What it subscribed to (`ConsumerProtocolSubscription`), the same for all protocols.
    pub subscription: SortedSet<Name>,
}

/// Who speaks, in which generation.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Member {
    /// `group.id`.
    pub group_id: Name,
    /// The generation it is part of; `None` is -1 on the wire.
    pub generation_id: Option<u32>,
    /// Given by the coordinator.
    pub member_id: Name,
    /// `group.instance.id`, of a static member.
    pub group_instance_id: Option<Name>,
}

/// A coordinator's response.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Response {
    /// To `FindCoordinator`.
    FindCoordinator(Vec<FoundCoordinator>),
    /// To `JoinGroup`.
    JoinGroup(Result<Joined, JoinRefused>),
    /// To `SyncGroup`: what the member gets.
    SyncGroup(Result<Assignment, ErrorCode>),
    /// To `Heartbeat`.
    Heartbeat(ErrorCode),
    /// To `LeaveGroup`.
    LeaveGroup(ErrorCode),
    /// To `OffsetCommit`, for each partition.
    OffsetCommit(#[serde(with = "pairs")] SortedMap<TopicPartition, ErrorCode>),
    /// To `OffsetFetch`: the committed offset of each partition, `None` where there is none.
    OffsetFetch(
        #[serde(with = "pairs::or_error")]
        Result<SortedMap<TopicPartition, Option<u64>>, ErrorCode>,
    ),
}

/// One group of a `FindCoordinatorResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct FoundCoordinator {
    /// The group.
    pub group: Name,
    /// COORDINATOR_NOT_AVAILABLE while there is none.
    pub error: ErrorCode,
    /// The coordinator.
    pub coordinator: Option<Endpoint>,
}

/// A generation, as its members learn of it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Joined {
    /// Counted from 1.
    pub generation_id: u32,
    /// The assignor that the members voted for.
    pub protocol: Name,
    /// Who computes the assignment.
    pub leader: Name,
    /// Who is told.
    pub member_id: Name,
    /// For the leader alone: all members and what they subscribed to.
    pub members: Vec<JoinedMember>,
}

/// A member, as the leader learns of it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct JoinedMember {
    /// Given by the coordinator.
    pub member_id: Name,
    /// `group.instance.id`, of a static member.
    pub group_instance_id: Option<Name>,
    /// What it subscribed to.
    pub subscription: SortedSet<Name>,
}

/// Why a member was not let in.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct JoinRefused {
    /// Why.
    pub error: ErrorCode,
    /// With `MEMBER_ID_REQUIRED`: the id to come back with.
    pub member_id: Name,
}

impl Request {
    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Request::FindCoordinator(groups) => {
                5 + groups.iter().map(|g| 2 + g.len() as u64).sum::<u64>()
            }
            Request::JoinGroup(join) => {
                let names = join.group_id.len() + join.member_id.len();
                let protocols = join.protocols.iter().map(|name| name.len() as u64 + 6);
                let subscription = subscription_bytes(&join.subscription);
                26 + names as u64 + protocols.map(|bytes| bytes + subscription).sum::<u64>()
            }
            Request::SyncGroup {
                member,
                assignments,
            } => {
                let one = |(id, of_member): (&Name, &Assignment)| {
                    6 + id.len() as u64 + assignment_bytes(of_member)
                };
                member.bytes() + 4 + assignments.iter().map(one).sum::<u64>()
            }
            Request::Heartbeat { member } => member.bytes(),
            Request::LeaveGroup {
                group_id,
                member_id,
            } => 8 + (group_id.len() + member_id.len()) as u64,
            Request::OffsetCommit { member, offsets } => {
                member.bytes() + 4 + by_partition_bytes(offsets.keys(), 14)
            }
            Request::OffsetFetch {
                group_id,
                partitions,
            } => 6 + group_id.len() as u64 + by_partition_bytes(partitions, 0),
        }
    }

    /// The API's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Request::FindCoordinator(_) => "FindCoordinator",
            Request::JoinGroup(_) => "JoinGroup",
            Request::SyncGroup { .. } => "SyncGroup",
            Request::Heartbeat { .. } => "Heartbeat",
            Request::LeaveGroup { .. } => "LeaveGroup",
            Request::OffsetCommit { .. } => "OffsetCommit",
            Request::OffsetFetch { .. } => "OffsetFetch",
        }
    }

    /// The group whose coordinator has to answer; `None` where any broker can.
    #[must_use]
    pub fn group_id(&self) -> Option<&Name> {
        match self {
            Request::FindCoordinator(_) => None,
            Request::LeaveGroup { group_id, .. } | Request::OffsetFetch { group_id, .. } => {
                Some(group_id)
            }
            Request::JoinGroup(join) => Some(&join.group_id),
            Request::SyncGroup { member, .. }
            | Request::Heartbeat { member }
            | Request::OffsetCommit { member, .. } => Some(&member.group_id),
        }
    }

    /// The answer that refuses it.
    #[must_use]
    pub fn refused(&self, error: ErrorCode) -> Response {
        match self {
            Request::FindCoordinator(groups) => {
                let each = |group: &Name| FoundCoordinator {
                    group: group.clone(),
                    error,
                    coordinator: None,
                };
                Response::FindCoordinator(groups.iter().map(each).collect())
            }
            Request::JoinGroup(join) => Response::JoinGroup(Err(JoinRefused {
                error,
                member_id: join.member_id.clone(),
            })),
            Request::SyncGroup { .. } => Response::SyncGroup(Err(error)),
            Request::Heartbeat { .. } => Response::Heartbeat(error),
            Request::LeaveGroup { .. } => Response::LeaveGroup(error),
            Request::OffsetCommit { offsets, .. } => {
                let all = offsets.keys().map(|partition| (partition.clone(), error));
                Response::OffsetCommit(all.collect())
            }
            Request::OffsetFetch { .. } => Response::OffsetFetch(Err(error)),
        }
    }
}

impl Member {
    fn bytes(&self) -> u64 {
        let instance = self.group_instance_id.as_ref().map_or(0, |id| id.len());
        10 + (self.group_id.len() + self.member_id.len() + instance) as u64
    }
}

impl Response {
    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Response::FindCoordinator(found) => {
                8 + found.iter().map(|f| 26 + f.group.len() as u64).sum::<u64>()
            }
            Response::JoinGroup(Ok(joined)) => {
                let one = |member: &JoinedMember| {
                    8 + member.member_id.len() as u64 + subscription_bytes(&member.subscription)
                };
                let names = joined.protocol.len() + joined.leader.len() + joined.member_id.len();
                24 + names as u64 + joined.members.iter().map(one).sum::<u64>()
            }
            Response::JoinGroup(Err(refused)) => 24 + refused.member_id.len() as u64,
            Response::SyncGroup(Ok(assignment)) => 10 + assignment_bytes(assignment),
            Response::SyncGroup(Err(_)) => 10,
            Response::Heartbeat(_) | Response::LeaveGroup(_) => 6,
            Response::OffsetCommit(all) => 8 + by_partition_bytes(all.keys(), 2),
            Response::OffsetFetch(Ok(all)) => 8 + by_partition_bytes(all.keys(), 16),
            Response::OffsetFetch(Err(_)) => 8,
        }
    }

    /// The schema's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Response::FindCoordinator(_) => "FindCoordinatorResponse",
            Response::JoinGroup(_) => "JoinGroupResponse",
            Response::SyncGroup(_) => "SyncGroupResponse",
            Response::Heartbeat(_) => "HeartbeatResponse",
            Response::LeaveGroup(_) => "LeaveGroupResponse",
            Response::OffsetCommit(_) => "OffsetCommitResponse",
            Response::OffsetFetch(_) => "OffsetFetchResponse",
        }
    }
}

fn subscription_bytes(topics: &SortedSet<Name>) -> u64 {
    10 + topics
        .iter()
        .map(|topic| 2 + topic.len() as u64)
        .sum::<u64>()
}

fn assignment_bytes(assignment: &Assignment) -> u64 {
    let topic = |(name, list): (&Name, &Vec<u32>)| (6 + name.len() + 4 * list.len()) as u64;
    10 + assignment.iter().map(topic).sum::<u64>()
}

fn by_partition_bytes<'a>(
    partitions: impl IntoIterator<Item = &'a TopicPartition>,
    each: u64,
) -> u64 {
    let one = |partition: &TopicPartition| 6 + partition.topic.len() as u64 + each;
    partitions.into_iter().map(one).sum()
}
