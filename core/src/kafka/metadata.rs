//! The metadata of a cluster: the records of `__cluster_metadata-0`, and the image that they build.
//!
//! Nobody changes an image but by replaying records: the active controller decides by making
//! records, and controllers and brokers alike become what the committed records say.
//!
//! Source: `RegisterBrokerRecord.json` and so on; MetadataImage.

use alloc::rc::Rc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::ReplicaId;
use crate::kafka::partition_change::{PartitionChange, PartitionRegistration};
use crate::kafka::topic::{BrokerId, Endpoint, TopicId, TopicPartition};
use crate::names::Name;
use crate::shared::{Map, SortedMap};

/// Records that are written, replicated and committed together.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct MetadataBatch {
    /// The offset of the first record.
    pub base_offset: u64,
    /// The epoch of the leader that appended it.
    pub epoch: u32,
    /// Never empty. Shared by all copies of the batch.
    pub records: Rc<[QuorumRecord]>,
}

/// A record of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum QuorumRecord {
    /// A leader begins its epoch: of the quorum's own making, it changes no metadata. With its
    /// commit everything before it is committed, too (KIP-595).
    LeaderChange {
        /// The leader.
        leader_id: ReplicaId,
        /// All voters.
        voters: Vec<ReplicaId>,
        /// Those that voted for it.
        granting_voters: Vec<ReplicaId>,
    },
    /// A change of the metadata.
    Metadata(MetadataRecord),
}

/// A change of the metadata.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum MetadataRecord {
    /// A broker is known, fenced at first.
    RegisterBroker {
        /// Who and where.
        broker: Endpoint,
        /// One life of the process.
        incarnation_id: u64,
        /// The offset of this record, unless the same life registers once more.
        broker_epoch: u64,
        /// Whether it must not lead or be in sync.
        fenced: bool,
        /// Whether it is on its way out.
        in_controlled_shutdown: bool,
    },
    /// A broker is fenced, unfenced, or wants to stop.
    BrokerRegistrationChange {
        /// Which broker.
        broker_id: BrokerId,
        /// In which of its lives.
        broker_epoch: u64,
        /// From now on.
        fenced: Option<bool>,
        /// From now on; never taken back.
        in_controlled_shutdown: bool,
    },
    /// A topic is there.
    Topic {
        /// Its name.
        name: Name,
        /// Its id.
        topic_id: TopicId,
    },
    /// A partition is there.
    Partition {
        /// Its topic.
        topic_id: TopicId,
        /// Its number.
        partition: u32,
        /// As it is from now on.
        registration: PartitionRegistration,
    },
    /// A partition is another.
    PartitionChange {
        /// Its topic.
        topic_id: TopicId,
        /// Its number.
        partition: u32,
        /// What changes.
        change: PartitionChange,
    },
    /// A topic's configuration changes.
    Config {
        /// The topic.
        topic: Name,
        /// The key.
        key: Name,
        /// The value; `None` goes back to the default.
        value: Option<Name>,
    },
}

/// Metadata as of an offset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Image {
    /// All registered brokers.
    pub brokers: SortedMap<BrokerId, BrokerRegistration>,
    /// All topics.
    pub topics: Map<Name, TopicImage>,
    names: Map<TopicId, Name>,
    configs: Map<Name, SortedMap<Name, Name>>,
}

/// A registered broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct BrokerRegistration {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// One life of the process.
    pub incarnation_id: u64,
    /// Changes with each life.
    pub epoch: u64,
    /// Whether it must not lead or be in sync.
    pub fenced: bool,
    /// Whether it is on its way out.
    pub in_controlled_shutdown: bool,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct TopicImage {
    /// Its id.
    pub id: TopicId,
    /// Its partitions, by number.
    pub partitions: Map<u32, PartitionRegistration>,
}

impl MetadataBatch {
    /// The offset after the last record.
    #[must_use]
    pub fn next_offset(&self) -> u64 {
        self.base_offset + self.records.len() as u64
    }

    /// Its size in the log and on the wire, in bytes: a record batch of format v2, each record
    /// with a frame of some ten bytes around its fields.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        61 + self.records.iter().map(QuorumRecord::bytes).sum::<u64>()
    }

    /// The changes of the metadata inside.
    pub fn metadata(&self) -> impl Iterator<Item = &MetadataRecord> {
        self.records.iter().filter_map(|record| match record {
            QuorumRecord::Metadata(record) => Some(record),
            QuorumRecord::LeaderChange { .. } => None,
        })
    }
}

impl QuorumRecord {
    fn bytes(&self) -> u64 {
        let list = |ids: &Vec<BrokerId>| 1 + 4 * ids.len() as u64;
        let fields = match self {
            QuorumRecord::LeaderChange {
                voters,
                granting_voters,
                ..
            } => 8 + 5 * (voters.len() + granting_voters.len()) as u64,
            QuorumRecord::Metadata(record) => match record {
                MetadataRecord::RegisterBroker { .. } => 64,
                MetadataRecord::BrokerRegistrationChange { .. } => 18,
                MetadataRecord::Topic { name, .. } => 18 + name.len() as u64,
                MetadataRecord::Partition { registration, .. } => {
                    34 + list(&registration.state.replicas) + list(&registration.state.isr)
                }
                MetadataRecord::PartitionChange { change, .. } => {
                    22 + change.isr.as_ref().map_or(0, list) + change.elr.as_ref().map_or(0, list)
                }
                MetadataRecord::Config { topic, key, value } => {
                    let value = value.as_ref().map_or(0, |value| value.len());
                    6 + (topic.len() + key.len() + value) as u64
                }
            },
        };
        10 + fields
    }
}

impl BrokerRegistration {
    /// Whether it may lead and be in sync (ClusterControlManager.isActive).
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }
}

impl Image {
    /// Applies one committed record.
    ///
    /// # Panics
    /// When a record speaks of a broker, topic or partition that no record before it created.
    pub fn replay(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::RegisterBroker {
                broker,
                incarnation_id,
                broker_epoch,
                fenced,
                in_controlled_shutdown,
            } => {
                let registration = BrokerRegistration {
                    endpoint: *broker,
                    incarnation_id: *incarnation_id,
                    epoch: *broker_epoch,
                    fenced: *fenced,
                    in_controlled_shutdown: *in_controlled_shutdown,
                };
                self.brokers.insert(broker.id, registration);
            }
            MetadataRecord::BrokerRegistrationChange {
                broker_id,
                broker_epoch,
                fenced,
                in_controlled_shutdown,
            } => {
                let broker = self.brokers.get_mut(broker_id).expect("registered before");
                assert_eq!(broker.epoch, *broker_epoch, "a change of this life");
                broker.fenced = fenced.unwrap_or(broker.fenced);
                broker.in_controlled_shutdown |= in_controlled_shutdown;
            }
            MetadataRecord::Topic { name, topic_id } => {
                let topic = TopicImage {
                    id: *topic_id,
                    partitions: Map::default(),
                };
                self.topics.insert(name.clone(), topic);
                self.names.insert(*topic_id, name.clone());
            }
            MetadataRecord::Partition {
                topic_id,
                partition,
                registration,
            } => {
                let partitions = self.partitions_of(*topic_id);
                partitions.insert(*partition, registration.clone());
            }
            MetadataRecord::PartitionChange {
                topic_id,
                partition,
                change,
            } => {
                let partition = self.partitions_of(*topic_id).get_mut(partition);
                partition.expect("created before").merge(change);
            }
            MetadataRecord::Config { topic, key, value } => {
                let of_topic = self
                    .configs
                    .get_or_insert_with(topic.clone(), SortedMap::new);
                match value {
                    Some(value) => of_topic.insert(key.clone(), value.clone()),
                    None => of_topic.remove(key),
                };
            }
        }
    }

    fn partitions_of(&mut self, topic: TopicId) -> &mut Map<u32, PartitionRegistration> {
        let name = self
            .names
            .get(&topic)
            .expect("the topic was created before");
        let topic = self.topics.get_mut(name).expect("names and topics agree");
        &mut topic.partitions
    }

    /// A partition.
    #[must_use]
    pub fn partition(&self, partition: &TopicPartition) -> Option<&PartitionRegistration> {
        let topic = self.topics.get(&partition.topic)?;
        topic.partitions.get(&partition.partition)
    }

    /// All partitions with their topic's id.
    pub fn partitions(
        &self,
    ) -> impl Iterator<Item = (TopicId, TopicPartition, &PartitionRegistration)> {
        self.topics.iter().flat_map(|(name, topic)| {
            let named = move |(&number, partition)| {
                (topic.id, TopicPartition::new(name, number), partition)
            };
            topic.partitions.iter().map(named)
        })
    }

    /// The name of a topic.
    #[must_use]
    pub fn name_of(&self, topic: TopicId) -> Option<&Name> {
        self.names.get(&topic)
    }

    /// The id for the next topic.
    #[must_use]
    pub fn next_topic_id(&self) -> TopicId {
        TopicId(self.names.last().map_or(0, |(id, _)| id.0) + 1)
    }

    /// What a topic's configuration says of a key, if anything.
    #[must_use]
    pub fn config(&self, topic: &str, key: &str) -> Option<&str> {
        self.configs.get(topic)?.get(key).map(|value| &**value)
    }

    /// Whether a broker may lead and be in sync.
    #[must_use]
    pub fn is_active(&self, broker: BrokerId) -> bool {
        let broker = self.brokers.get(&broker);
        broker.is_some_and(BrokerRegistration::is_active)
    }
}
