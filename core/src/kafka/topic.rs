//! What brokers, topics and partitions are called.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::names::{Name, NodeId};

/// A broker's `node.id`, as replica lists and in-sync replicas name it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize,
)]
pub struct BrokerId(pub u32);

impl fmt::Display for BrokerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a broker listens: `advertised.listeners`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize,
)]
pub struct Endpoint {
    /// The broker.
    pub id: BrokerId,
    /// The process behind its host name and port.
    pub node: NodeId,
}

/// A topic's identity for its whole life: a later topic of the same name has another (KIP-516).
/// Kafka draws a UUID; here the controller counts from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize,
)]
pub struct TopicId(pub u32);

/// One partition of a topic.
#[derive(Clone, Debug, Fingerprint, Serialize, Deserialize)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Name,
    /// Counted from 0.
    pub partition: u32,
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    #[must_use]
    pub fn new(topic: &Name, partition: u32) -> Self {
        TopicPartition {
            topic: topic.clone(),
            partition,
        }
    }

    /// What it is called as a whole, as it is displayed: `orders-0`. Nearly every fact asks.
    #[must_use]
    pub fn name(&self) -> Name {
        let mut name = String::with_capacity(self.topic.len() + 4);
        name.push_str(&self.topic);
        name.push('-');
        // A text takes all that is written to it.
        let _ = write!(name, "{}", self.partition);
        name.into()
    }
}

/// Most that are compared share the text of their topic: a pointer tells that they do.
impl PartialEq for TopicPartition {
    fn eq(&self, other: &Self) -> bool {
        let same = || Rc::ptr_eq(&self.topic, &other.topic) || self.topic == other.topic;
        self.partition == other.partition && same()
    }
}

impl Eq for TopicPartition {}

impl PartialOrd for TopicPartition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By topic, then by number.
impl Ord for TopicPartition {
    fn cmp(&self, other: &Self) -> Ordering {
        let topics = match Rc::ptr_eq(&self.topic, &other.topic) {
            true => Ordering::Equal,
            false => self.topic.cmp(&other.topic),
        };
        topics.then(self.partition.cmp(&other.partition))
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// What the controller has decided about a partition, as a broker applies it from the metadata
/// log (`PartitionRegistration`).
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct PartitionState {
    /// Who leads it, if anyone may.
    pub leader: Option<BrokerId>,
    /// Counts leaderships: raised whenever the leader is set.
    pub leader_epoch: u32,
    /// All replicas, in assignment order; the first is the preferred leader.
    pub replicas: Vec<BrokerId>,
    /// The in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// Counts changes of any kind; guards `AlterPartition`.
    pub partition_epoch: u32,
    /// Whether the leader was elected from outside the in-sync replicas and has not yet recovered
    /// (KIP-704).
    pub recovery: LeaderRecoveryState,
}

/// Whether a leader may hold less than what was committed before it (KIP-704).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LeaderRecoveryState {
    /// Elected cleanly, or recovered since.
    Recovered,
    /// Elected uncleanly.
    Recovering,
}
