//! What a client knows of a cluster: brokers, and who leads which partition. It may be stale.
//!
//! Source: `Metadata`, `MetadataSnapshot`; KIP-320 for never going back to an older epoch.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::{LeaderAndEpoch, MetadataResponse};
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::names::{Name, NodeId};
use crate::shared::SortedMap;

/// What a client knows of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct ClusterView {
    brokers: SortedMap<BrokerId, NodeId>,
    topics: SortedMap<Name, Vec<LeaderAndEpoch>>,
}

impl ClusterView {
    /// Takes an answer to a Metadata request. Says whether it was complete: every topic is there
    /// and every partition has a leader.
    pub fn learn(&mut self, answer: &MetadataResponse) -> bool {
        if !answer.brokers.is_empty() {
            let brokers = answer.brokers.iter();
            self.brokers = brokers.map(|broker| (broker.id, broker.node)).collect();
        }
        let mut complete = !answer.brokers.is_empty();
        for topic in &answer.topics {
            if !topic.error.is_none() {
                complete = false;
                if topic.error == ErrorCode::UnknownTopicOrPartition {
                    self.topics.remove(&topic.name);
                }
                continue;
            }
            let known = self.topics.remove(&topic.name).unwrap_or_default();
            let mut leaders = Vec::new();
            for partition in &topic.partitions {
                complete &= partition.error.is_none();
                let known = known.get(partition.partition as usize);
                let newer = known.filter(|known| known.epoch > partition.leader.epoch);
                leaders.push(newer.copied().unwrap_or(partition.leader));
            }
            self.topics.insert(topic.name.clone(), leaders);
        }
        complete
    }

    /// Takes the hint that came with an error: who leads a partition now (KIP-951).
    pub fn learn_leader(&mut self, partition: &TopicPartition, leader: LeaderAndEpoch) {
        let known = self.topics.get_mut(&partition.topic);
        let known = known.and_then(|topic| topic.get_mut(partition.partition as usize));
        if let Some(known) = known
            && known.epoch < leader.epoch
        {
            *known = leader;
        }
    }

    /// The brokers and where they listen.
    #[must_use]
    pub fn brokers(&self) -> &SortedMap<BrokerId, NodeId> {
        &self.brokers
    }

    /// How many partitions a topic has, if it is known.
    #[must_use]
    pub fn partition_count(&self, topic: &Name) -> Option<u32> {
        let partitions = self.topics.get(topic)?;
        Some(partitions.len() as u32).filter(|count| *count > 0)
    }

    /// The partitions of a topic that have a leader.
    #[must_use]
    pub fn available(&self, topic: &Name) -> Vec<u32> {
        let partitions = self.topics.get(topic).into_iter().flatten().zip(0..);
        let led = partitions.filter(|(one, _)| one.leader.is_some());
        led.map(|(_, number)| number).collect()
    }

    /// Who leads a partition, if that is known.
    #[must_use]
    pub fn leader(&self, partition: &TopicPartition) -> Option<LeaderAndEpoch> {
        let topic = self.topics.get(&partition.topic)?;
        topic.get(partition.partition as usize).copied()
    }
}
