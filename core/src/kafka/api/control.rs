//! What voters say to each other, and brokers and administrators to the controllers.
//!
//! Source: the message schemas of Kafka (`VoteRequest.json` and so on). The metadata quorum is one
//! partition, `__cluster_metadata-0`, so its name is left out of every message, and ids of log
//! directories with it.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::api::admin;
use crate::kafka::api::data::EpochEnd;
use crate::kafka::error::ErrorCode;
use crate::kafka::metadata::MetadataBatch;
use crate::kafka::topic::{BrokerId, Endpoint, LeaderRecoveryState, TopicId, TopicPartition};
use crate::names::Name;

/// The `node.id` of a voter or an observer of the metadata quorum.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize,
)]
pub struct ReplicaId(pub u32);

/// A request to a controller.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Request {
    /// Asks for a vote.
    Vote {
        /// The epoch that the candidate wants to lead.
        candidate_epoch: u32,
        /// Who asks.
        candidate_id: ReplicaId,
        /// The epoch of the last record in the candidate's log; 0 if there is none.
        last_offset_epoch: u32,
        /// The end offset of the candidate's log.
        last_offset: u64,
    },
    /// Makes a new leader known.
    BeginQuorumEpoch {
        /// The leader.
        leader_id: ReplicaId,
        /// Its epoch.
        leader_epoch: u32,
    },
    /// Makes known that a leader resigned.
    EndQuorumEpoch {
        /// The leader.
        leader_id: ReplicaId,
        /// Its epoch.
        leader_epoch: u32,
        /// The other voters, the most advanced first: the first one may stand at once.
        preferred_successors: Vec<ReplicaId>,
    },
    /// Asks for metadata records: the quorum's replication.
    Fetch {
        /// Who asks, a voter or an observer.
        replica_id: ReplicaId,
        /// The epoch in which it believes.
        current_leader_epoch: u32,
        /// The epoch of the last record it has; 0 if it has none.
        last_fetched_epoch: u32,
        /// The end offset of its log.
        fetch_offset: u64,
        /// How long the answer may wait for records, in milliseconds.
        max_wait_ms: u32,
    },
    /// A broker that started makes itself known (KIP-631).
    BrokerRegistration {
        /// Who and where.
        broker: Endpoint,
        /// One life of the process: another one, another number.
        incarnation_id: u64,
    },
    /// A broker keeps its session.
    BrokerHeartbeat {
        /// Who.
        broker_id: BrokerId,
        /// Given by the registration.
        broker_epoch: u64,
        /// The end of the metadata that it has applied.
        current_metadata_offset: u64,
        /// Whether it does not want to serve.
        want_fence: bool,
        /// Whether it wants to stop.
        want_shut_down: bool,
    },
    /// A leader asks for other in-sync replicas (KIP-497).
    AlterPartition(AlterPartitionRequest),
    /// Creates topics.
    CreateTopics {
        /// The topics.
        topics: Vec<CreatableTopic>,
    },
    /// What else administrators ask for.
    Admin(admin::Request),
}

/// `AlterPartitionRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct AlterPartitionRequest {
    /// The leader that asks.
    pub broker: BrokerId,
    /// Its broker epoch.
    pub broker_epoch: u64,
    /// What it asks for.
    pub partitions: Vec<AlterPartition>,
}

/// One partition of an `AlterPartitionRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct AlterPartition {
    /// Which.
    pub partition: TopicPartition,
    /// The leader's epoch.
    pub leader_epoch: u32,
    /// The partition epoch that the change builds on.
    pub partition_epoch: u32,
    /// The new in-sync replicas, each with the broker epoch that the leader knows it by (KIP-903).
    pub new_isr: Vec<(BrokerId, Option<u64>)>,
    /// Whether the leader has recovered (KIP-704).
    pub recovery: LeaderRecoveryState,
}

/// `AlterPartitionResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct AlterPartitionResponse {
    /// About the request as a whole.
    pub error: ErrorCode,
    /// About each partition.
    pub partitions: Vec<AlteredPartition>,
}

/// One partition of an `AlterPartitionResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct AlteredPartition {
    /// Which.
    pub partition: TopicPartition,
    /// Whether the change was accepted.
    pub error: ErrorCode,
    /// Who leads now.
    pub leader: Option<BrokerId>,
    /// In which epoch.
    pub leader_epoch: u32,
    /// The in-sync replicas now.
    pub isr: Vec<BrokerId>,
    /// The partition epoch now.
    pub partition_epoch: u32,
    /// Whether the leader has recovered.
    pub recovery: LeaderRecoveryState,
}

/// A topic in `CreateTopics`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct CreatableTopic {
    /// Its name.
    pub name: Name,
    /// The number of partitions; `None` for the controller's `num.partitions`.
    pub num_partitions: Option<u32>,
    /// The number of replicas of each; `None` for the controller's `default.replication.factor`.
    pub replication_factor: Option<u32>,
    /// Its configuration, key and value.
    pub configs: Vec<(Name, Name)>,
}

/// A controller's response.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Response {
    /// To `Vote`.
    Vote {
        /// How it went.
        quorum: QuorumStatus,
        /// Whether the vote was given.
        vote_granted: bool,
    },
    /// To `BeginQuorumEpoch`.
    BeginQuorumEpoch(QuorumStatus),
    /// To `EndQuorumEpoch`.
    EndQuorumEpoch(QuorumStatus),
    /// To `Fetch`.
    Fetch {
        /// How it went.
        quorum: QuorumStatus,
        /// The end of what is committed, if the leader knows.
        high_watermark: Option<u64>,
        /// Where the two logs part: the follower truncates and asks again (KIP-595).
        diverging_epoch: Option<EpochEnd>,
        /// Records from the fetch offset on.
        batches: Vec<MetadataBatch>,
    },
    /// To `BrokerRegistration`.
    BrokerRegistration {
        /// How it went.
        error: ErrorCode,
        /// The broker's epoch: the offset of the record that registers it.
        broker_epoch: u64,
    },
    /// To `BrokerHeartbeat`.
    BrokerHeartbeat {
        /// How it went.
        error: ErrorCode,
        /// Whether the broker has applied its own registration.
        is_caught_up: bool,
        /// Whether it is fenced: no leader, not in sync, not shown to clients.
        is_fenced: bool,
        /// Whether it may stop now.
        should_shut_down: bool,
    },
    /// To `AlterPartition`.
    AlterPartition(AlterPartitionResponse),
    /// To `CreateTopics`.
    CreateTopics {
        /// How it went with each topic.
        topics: Vec<CreatedTopic>,
    },
    /// To what else administrators ask for.
    Admin(admin::Response),
}

/// What every answer of the quorum says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct QuorumStatus {
    /// How it went.
    pub error: ErrorCode,
    /// Who leads, as far as the sender knows.
    pub leader_id: Option<ReplicaId>,
    /// The sender's epoch.
    pub leader_epoch: u32,
}

/// A topic in the answer to `CreateTopics`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct CreatedTopic {
    /// Its name.
    pub name: Name,
    /// Its id, or why it was not created.
    pub result: Result<TopicId, ErrorCode>,
}

impl Request {
    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Request::Vote { .. } => 36,
            Request::BeginQuorumEpoch { .. } => 28,
            Request::EndQuorumEpoch {
                preferred_successors,
                ..
            } => 28 + 4 * preferred_successors.len() as u64,
            Request::Fetch { .. } => 64,
            Request::BrokerRegistration { .. } => 80,
            Request::BrokerHeartbeat { .. } => 23,
            Request::AlterPartition(request) => {
                let each = |p: &AlterPartition| 30 + 12 * p.new_isr.len() as u64;
                12 + request.partitions.iter().map(each).sum::<u64>()
            }
            Request::CreateTopics { topics } => {
                9 + topics.iter().map(CreatableTopic::bytes).sum::<u64>()
            }
            Request::Admin(request) => request.bytes(),
        }
    }

    /// The API's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Request::Vote { .. } => "Vote",
            Request::BeginQuorumEpoch { .. } => "BeginQuorumEpoch",
            Request::EndQuorumEpoch { .. } => "EndQuorumEpoch",
            Request::Fetch { .. } => "Fetch",
            Request::BrokerRegistration { .. } => "BrokerRegistration",
            Request::BrokerHeartbeat { .. } => "BrokerHeartbeat",
            Request::AlterPartition(_) => "AlterPartition",
            Request::CreateTopics { .. } => "CreateTopics",
            Request::Admin(request) => request.label(),
        }
    }
}

impl CreatableTopic {
    fn bytes(&self) -> u64 {
        let config = |(key, value): &(Name, Name)| (4 + key.len() + value.len()) as u64;
        self.name.len() as u64 + 12 + self.configs.iter().map(config).sum::<u64>()
    }
}

impl Response {
    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Response::Vote { .. } => 26,
            Response::BeginQuorumEpoch(_) | Response::EndQuorumEpoch(_) => 25,
            Response::Fetch { batches, .. } => {
                60 + batches.iter().map(MetadataBatch::bytes).sum::<u64>()
            }
            Response::BrokerRegistration { .. } => 14,
            Response::BrokerHeartbeat { .. } => 9,
            Response::AlterPartition(response) => {
                let each = |p: &AlteredPartition| 35 + 4 * p.isr.len() as u64;
                6 + response.partitions.iter().map(each).sum::<u64>()
            }
            Response::CreateTopics { topics } => {
                8 + topics.iter().map(|t| 24 + t.name.len() as u64).sum::<u64>()
            }
            Response::Admin(response) => response.bytes(),
        }
    }

    /// The schema's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Response::Vote { .. } => "VoteResponse",
            Response::BeginQuorumEpoch(_) => "BeginQuorumEpochResponse",
            Response::EndQuorumEpoch(_) => "EndQuorumEpochResponse",
            Response::Fetch { .. } => "FetchResponse",
            Response::BrokerRegistration { .. } => "BrokerRegistrationResponse",
            Response::BrokerHeartbeat { .. } => "BrokerHeartbeatResponse",
            Response::AlterPartition(_) => "AlterPartitionResponse",
            Response::CreateTopics { .. } => "CreateTopicsResponse",
            Response::Admin(response) => response.label(),
        }
    }
}
