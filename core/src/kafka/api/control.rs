//! The APIs of the control plane, answered by the active controller.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::{BrokerId, LeaderRecoveryState, TopicPartition};

/// A request to the controller.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Request {
    /// A leader asks for other in-sync replicas (API key 56).
    AlterPartition(AlterPartitionRequest),
}

/// The controller's response.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Response {
    /// To AlterPartition.
    AlterPartition(AlterPartitionResponse),
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

impl Request {
    /// The API's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Request::AlterPartition(_) => "AlterPartition",
        }
    }

    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Request::AlterPartition(request) => {
                let each = |p: &AlterPartition| 30 + 12 * p.new_isr.len() as u64;
                12 + request.partitions.iter().map(each).sum::<u64>()
            }
        }
    }
}

impl Response {
    /// The schema's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Response::AlterPartition(_) => "AlterPartitionResponse",
        }
    }

    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Response::AlterPartition(response) => {
                let each = |p: &AlteredPartition| 35 + 4 * p.isr.len() as u64;
                6 + response.partitions.iter().map(each).sum::<u64>()
            }
        }
    }
}
