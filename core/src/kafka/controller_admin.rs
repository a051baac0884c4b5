//! What the active controller decides for administrators, besides new topics.
//!
//! Source: ReplicationControlManager (createPartitions, electLeaders), ConfigurationControlManager
//! (incrementalAlterConfigs).

use alloc::vec::Vec;

use crate::kafka::api::admin::{Outcome, Request};
use crate::kafka::api::control::Response;
use crate::kafka::config::Configured as _;
use crate::kafka::config::broker::TopicConfig;
use crate::kafka::controller::{Controller, Decision};
use crate::kafka::error::ErrorCode;
use crate::kafka::metadata::MetadataRecord;
use crate::kafka::partition_change::{Election, PartitionRegistration, change};
use crate::kafka::topic::TopicPartition;
use crate::machine::Chance;
use crate::names::Name;

/// What one part of a request comes to.
type Decided = Result<Vec<MetadataRecord>, ErrorCode>;

impl Controller {
    /// Decides each part of a request by itself.
    #[must_use]
    pub fn administer(&self, request: &Request, chance: &mut Chance<'_>) -> Decision {
        let decided: Vec<Decided> = match request {
            Request::CreatePartitions { topics } => {
                let each = topics.iter();
                each.map(|(topic, count)| self.create_partitions(topic, *count, chance))
                    .collect()
            }
            Request::IncrementalAlterConfigs { topics } => {
                let each = topics.iter();
                each.map(|(topic, set)| self.alter_configs(topic, set))
                    .collect()
            }
            Request::ElectLeaders { partitions } => {
                let each = partitions.iter();
                each.map(|partition| self.elect_preferred(partition))
                    .collect()
            }
        };
        let mut records = Vec::new();
        let mut outcomes = Vec::new();
        for (of, decided) in request.about().into_iter().zip(decided) {
            let error = match decided {
                Ok(changes) => {
                    records.extend(changes);
                    ErrorCode::None
                }
                Err(error) => error,
            };
            outcomes.push(Outcome { of, error });
        }
        Decision {
            records,
            response: Response::Admin(request.answer(outcomes)),
            refusals: Vec::new(),
        }
    }

    /// The new partitions have as many replicas as the first one.
    fn create_partitions(&self, topic: &Name, count: u32, chance: &mut Chance<'_>) -> Decided {
        let there = self.image().topics.get(topic);
        let there = there.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let before = there.partitions.len() as u32;
        if count <= before {
            return Err(ErrorCode::InvalidPartitions);
        }
        let first = there.partitions.get(&0);
        let replicas = first.map_or(0, |first| first.state.replicas.len() as u32);
        let placed = self.place(count - before, replicas, chance)?;
        let record = |(partition, registration)| MetadataRecord::Partition {
            topic_id: there.id,
            partition,
            registration,
        };
        Ok((before..).zip(placed).map(record).collect())
    }

    /// A value that is there already is not written again.
    fn alter_configs(&self, topic: &Name, set: &[(Name, Name)]) -> Decided {
        if !self.image().topics.contains_key(topic) {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let entries = set.iter().map(|(key, value)| (&**key, &**value));
        TopicConfig::parse(entries).map_err(|_| ErrorCode::InvalidConfig)?;
        let is_new =
            |(key, value): &&(Name, Name)| self.image().config(topic, key) != Some(&**value);
        let record = |(key, value): &(Name, Name)| MetadataRecord::Config {
            topic: topic.clone(),
            key: key.clone(),
            value: Some(value.clone()),
        };
        Ok(set.iter().filter(is_new).map(record).collect())
    }

    /// The first replica takes over, if it is in sync and at work.
    fn elect_preferred(&self, partition: &TopicPartition) -> Decided {
        let topic = self.image().topics.get(&partition.topic);
        let topic = topic.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let there = topic.partitions.get(&partition.partition);
        let there: &PartitionRegistration = there.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if there.state.leader == there.state.replicas.first().copied() {
            return Err(ErrorCode::ElectionNotNeeded);
        }
        let mut wish = self.wish(&partition.topic, there.state.isr.clone());
        wish.election = Election::Preferred;
        let change = change(there, wish, &|id| self.image().is_active(id));
        let change = change.ok_or(ErrorCode::PreferredLeaderNotAvailable)?;
        Ok([MetadataRecord::PartitionChange {
            topic_id: topic.id,
            partition: partition.partition,
            change,
        }]
        .into())
    }
}
