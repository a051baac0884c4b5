//! The active controller's decisions: who is alive, who leads, who is in sync.
//!
//! Each handler only decides: it returns the records that say what shall be, and the answer to
//! give once they are committed. Replaying the records is what changes the metadata, here as on
//! every broker.
//!
//! Source: QuorumController, ClusterControlManager, ReplicationControlManager. As in 4.0 unless
//! asked for, there are no eligible leader replicas (KIP-966), and no partition is reassigned.

use alloc::string::String;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{
    AlterPartition, AlterPartitionRequest, AlterPartitionResponse, AlteredPartition,
    CreatableTopic, CreatedTopic, Response,
};
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::control::ControlFact;
use crate::kafka::metadata::{Image, MetadataRecord};
use crate::kafka::partition_change::{
    Election, PartitionRegistration, Wish, change as partition_change,
};
use crate::kafka::placement;
use crate::kafka::session::{BrokerState, Sessions, Wishes};
use crate::kafka::topic::{BrokerId, Endpoint, LeaderRecoveryState, TopicId, TopicPartition};
use crate::machine::Chance;
use crate::time::Now;

/// A controller's settings, which all controllers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct ControllerConfig {
    /// `broker.session.timeout.ms`: a broker that is silent for longer is fenced.
    pub broker_session_timeout_ms: u32,
    /// `num.partitions`, for topics that do not say.
    pub num_partitions: u32,
    /// `default.replication.factor`, for topics that do not say.
    pub default_replication_factor: u32,
    /// `min.insync.replicas`, for topics that do not say.
    pub min_insync_replicas: u32,
    /// `unclean.leader.election.enable`, for topics that do not say.
    pub unclean_leader_election_enable: bool,
}

impl From<&BrokerConfig> for ControllerConfig {
    fn from(config: &BrokerConfig) -> Self {
        ControllerConfig {
            broker_session_timeout_ms: config.broker_session_timeout_ms,
            num_partitions: config.num_partitions,
            default_replication_factor: config.default_replication_factor,
            min_insync_replicas: config.min_insync_replicas,
            unclean_leader_election_enable: config.unclean_leader_election_enable,
        }
    }
}

/// A decision: what shall be written, and what to answer when it is committed.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Written together; none if nothing changes.
    pub records: Vec<MetadataRecord>,
    /// The answer.
    pub response: Response,
    /// What there is to tell besides what the records say.
    pub refusals: Vec<ControlFact>,
}

/// The active controller: the metadata as decided, be it committed yet or not, and the brokers'
/// sessions.
#[derive(Clone, Debug, Fingerprint)]
pub struct Controller {
    config: ControllerConfig,
    image: Image,
    sessions: Sessions,
}

impl Controller {
    /// Takes over with all that was committed. Every session starts anew.
    #[must_use]
    pub fn claim(config: ControllerConfig, image: Image, now: Now) -> Self {
        let mut sessions = Sessions::new(config.broker_session_timeout_ms);
        for (&broker, registration) in &image.brokers {
            sessions.register(broker, registration.fenced, now);
        }
        Controller {
            config,
            image,
            sessions,
        }
    }

    /// The metadata as decided.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// How long until a session may be over, in microseconds; `None` if there is none.
    #[must_use]
    pub fn next_session_check(&self, now: Now) -> Option<u64> {
        self.sessions.next_check(now)
    }

    /// Takes a decision into the metadata, at the offset where its first record will be.
    pub fn replay(&mut self, records: &[MetadataRecord], base_offset: u64, now: Now) {
        for (offset, record) in (base_offset..).zip(records) {
            match record {
                MetadataRecord::RegisterBroker { broker, fenced, .. } => {
                    self.sessions.register(broker.id, *fenced, now);
                }
                MetadataRecord::BrokerRegistrationChange {
                    broker_id,
                    in_controlled_shutdown: true,
                    ..
                } => self.sessions.shuts_down(*broker_id, offset),
                _ => {}
            }
            self.image.replay(record);
        }
    }

    /// A broker that started makes itself known. `next_offset` will be its epoch
    /// (ClusterControlManager.registerBroker).
    #[must_use]
    pub fn register(
        &self,
        broker: Endpoint,
        incarnation_id: u64,
        next_offset: u64,
        now: Now,
    ) -> Decision {
        let existing = self.image.brokers.get(&broker.id);
        let same = existing.filter(|existing| existing.incarnation_id == incarnation_id);
        if same.is_none() && self.sessions.is_valid(broker.id, now) {
            return Decision::answer(Response::BrokerRegistration {
                error: ErrorCode::DuplicateBrokerRegistration,
                broker_epoch: 0,
            });
        }
        let broker_epoch = same.map_or(next_offset, |same| same.epoch);
        let record = MetadataRecord::RegisterBroker {
            broker,
            incarnation_id,
            broker_epoch,
            fenced: same.is_none_or(|same| same.fenced),
            in_controlled_shutdown: same.is_some_and(|same| same.in_controlled_shutdown),
        };
        Decision {
            records: [record].into(),
            response: Response::BrokerRegistration {
                error: ErrorCode::None,
                broker_epoch,
            },
            refusals: Vec::new(),
        }
    }

    /// A broker keeps its session, and may ask for more
    /// (ReplicationControlManager.processBrokerHeartbeat).
    pub fn heartbeat(
        &mut self,
        broker: BrokerId,
        broker_epoch: u64,
        wishes: Wishes,
        now: Now,
    ) -> Decision {
        if !self.is_current(broker, broker_epoch) {
            return Decision::answer(Response::BrokerHeartbeat {
                error: ErrorCode::StaleBrokerEpoch,
                is_caught_up: false,
                is_fenced: true,
                should_shut_down: false,
            });
        }
        let mut partitions = self.image.partitions();
        let leads = partitions.any(|(_, _, p)| p.state.leader == Some(broker));
        drop(partitions);
        let current = self.sessions.state(broker);
        let next = self
            .sessions
            .next_state(broker, wishes, broker_epoch, leads);
        let records = match next {
            next if next == current => Vec::new(),
            BrokerState::Fenced | BrokerState::ShutdownNow => self.fence(broker),
            BrokerState::Unfenced => self.unfence(broker, broker_epoch),
            BrokerState::ControlledShutdown => self.shut_down(broker, broker_epoch),
        };
        let is_fenced = matches!(next, BrokerState::Fenced | BrokerState::ShutdownNow);
        self.sessions
            .touch(broker, is_fenced, wishes.metadata_offset, now);
        Decision {
            records,
            response: Response::BrokerHeartbeat {
                error: ErrorCode::None,
                is_caught_up: wishes.metadata_offset > broker_epoch,
                is_fenced,
                should_shut_down: next == BrokerState::ShutdownNow,
            },
            refusals: Vec::new(),
        }
    }

    /// Fences a broker that has been silent for too long, if there is one.
    pub fn fence_stale(&mut self, now: Now) -> Option<Vec<MetadataRecord>> {
        let broker = self.sessions.stale(now)?;
        let records = self.fence(broker);
        self.sessions.fence(broker);
        Some(records)
    }

    fn is_current(&self, broker: BrokerId, broker_epoch: u64) -> bool {
        let registered = self.image.brokers.get(&broker);
        registered.is_some_and(|registered| registered.epoch == broker_epoch)
    }

    fn fence(&self, broker: BrokerId) -> Vec<MetadataRecord> {
        let mut records = self.without(broker);
        records.push(MetadataRecord::BrokerRegistrationChange {
            broker_id: broker,
            broker_epoch: self.image.brokers[&broker].epoch,
            fenced: Some(true),
            in_controlled_shutdown: false,
        });
        records
    }

    /// The broker may lead again, first of all the partitions that nobody leads.
    fn unfence(&self, broker: BrokerId, broker_epoch: u64) -> Vec<MetadataRecord> {
        let mut records = Vec::from([MetadataRecord::BrokerRegistrationChange {
            broker_id: broker,
            broker_epoch,
            fenced: Some(false),
            in_controlled_shutdown: false,
        }]);
        let acceptable = |id| id == broker || self.image.is_active(id);
        for (topic, name, partition) in self.image.partitions() {
            if partition.state.leader.is_none() {
                let isr = partition.state.isr.clone();
                records.extend(self.elect(topic, &name, partition, isr, &acceptable));
            }
        }
        records
    }

    fn shut_down(&self, broker: BrokerId, broker_epoch: u64) -> Vec<MetadataRecord> {
        let mut records = Vec::from([MetadataRecord::BrokerRegistrationChange {
            broker_id: broker,
            broker_epoch,
            fenced: None,
            in_controlled_shutdown: true,
        }]);
        records.extend(self.without(broker));
        records
    }

    /// Takes a broker out of all in-sync replicas and leaderships.
    fn without(&self, broker: BrokerId) -> Vec<MetadataRecord> {
        let acceptable = |id| id != broker && self.image.is_active(id);
        let mut records = Vec::new();
        for (topic, name, partition) in self.image.partitions() {
            let isr = &partition.state.isr;
            if isr.contains(&broker) {
                let isr = isr.iter().copied().filter(|&id| id != broker).collect();
                records.extend(self.elect(topic, &name, partition, isr, &acceptable));
            }
        }
        records
    }

    fn elect(
        &self,
        topic: TopicId,
        name: &TopicPartition,
        partition: &PartitionRegistration,
        isr: Vec<BrokerId>,
        acceptable: &dyn Fn(BrokerId) -> bool,
    ) -> Option<MetadataRecord> {
        let change = partition_change(partition, self.wish(&name.topic, isr), acceptable)?;
        Some(MetadataRecord::PartitionChange {
            topic_id: topic,
            partition: name.partition,
            change,
        })
    }

    pub(super) fn wish(&self, topic: &str, isr: Vec<BrokerId>) -> Wish<'static> {
        let unclean = self.image.config(topic, "unclean.leader.election.enable");
        let unclean = unclean.map_or(self.config.unclean_leader_election_enable, |set| {
            set == "true"
        });
        let min_isr = self.image.config(topic, "min.insync.replicas");
        let min_isr = min_isr.and_then(|set| set.parse().ok());
        Wish {
            isr,
            unclean_shutdown: &[],
            election: if unclean {
                Election::Unclean
            } else {
                Election::Online
            },
            recovery: None,
            elr_enabled: false,
            min_isr: min_isr.unwrap_or(self.config.min_insync_replicas),
        }
    }

    /// A leader asks for other in-sync replicas (ReplicationControlManager.alterPartition).
    #[must_use]
    pub fn alter_partition(&self, request: &AlterPartitionRequest) -> Decision {
        if !self.is_current(request.broker, request.broker_epoch) {
            return Decision::answer(Response::AlterPartition(AlterPartitionResponse {
                error: ErrorCode::StaleBrokerEpoch,
                partitions: Vec::new(),
            }));
        }
        let mut records = Vec::new();
        let mut refusals = Vec::new();
        let mut partitions = Vec::new();
        for asked in &request.partitions {
            let (altered, record) = match self.alter_one(request.broker, asked) {
                Ok(altered) => altered,
                Err(error) => {
                    refusals.push(ControlFact::AlterPartitionRefused {
                        partition: asked.partition.clone(),
                        broker: request.broker,
                        error,
                    });
                    (refused(&asked.partition, error), None)
                }
            };
            partitions.push(altered);
            records.extend(record);
        }
        Decision {
            records,
            response: Response::AlterPartition(AlterPartitionResponse {
                error: ErrorCode::None,
                partitions,
            }),
            refusals,
        }
    }

    fn alter_one(
        &self,
        broker: BrokerId,
        asked: &AlterPartition,
    ) -> Result<(AlteredPartition, Option<MetadataRecord>), ErrorCode> {
        let topic = self.image.topics.get(&asked.partition.topic);
        let topic = topic.ok_or(ErrorCode::UnknownTopicId)?;
        let partition = topic.partitions.get(&asked.partition.partition);
        let partition = partition.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        self.validate(broker, asked, partition)?;
        let isr = asked.new_isr.iter().map(|&(id, _)| id).collect();
        let mut wish = self.wish(&asked.partition.topic, isr);
        wish.recovery = Some(asked.recovery);
        let change = partition_change(partition, wish, &|id| self.image.is_active(id));
        let mut after = partition.clone();
        if let Some(change) = &change {
            after.merge(change);
        }
        let after = after.state;
        let record = change.map(|change| MetadataRecord::PartitionChange {
            topic_id: topic.id,
            partition: asked.partition.partition,
            change,
        });
        if after.leader != Some(broker) {
            return Ok((
                refused(&asked.partition, ErrorCode::NewLeaderElected),
                record,
            ));
        }
        let altered = AlteredPartition {
            partition: asked.partition.clone(),
            error: ErrorCode::None,
            leader: after.leader,
            leader_epoch: after.leader_epoch,
            isr: after.isr,
            partition_epoch: after.partition_epoch,
            recovery: after.recovery,
        };
        Ok((altered, record))
    }

    /// In Kafka's order (ReplicationControlManager.validateAlterPartitionData).
    fn validate(
        &self,
        broker: BrokerId,
        asked: &AlterPartition,
        partition: &PartitionRegistration,
    ) -> Result<(), ErrorCode> {
        let state = &partition.state;
        let refuse = |when: bool, error| if when { Err(error) } else { Ok(()) };
        // Whoever knows a later epoch than this controller knows a later controller.
        refuse(
            asked.leader_epoch > state.leader_epoch,
            ErrorCode::NotController,
        )?;
        refuse(
            asked.partition_epoch > state.partition_epoch,
            ErrorCode::NotController,
        )?;
        refuse(
            asked.leader_epoch < state.leader_epoch,
            ErrorCode::FencedLeaderEpoch,
        )?;
        refuse(state.leader != Some(broker), ErrorCode::InvalidRequest)?;
        refuse(
            asked.partition_epoch < state.partition_epoch,
            ErrorCode::InvalidUpdateVersion,
        )?;

        let mut isr: Vec<BrokerId> = asked.new_isr.iter().map(|&(id, _)| id).collect();
        let assigned = !isr.is_empty() && isr.iter().all(|id| state.replicas.contains(id));
        let with_leader = isr.contains(&broker);
        isr.sort_unstable();
        let distinct = isr.windows(2).all(|pair| pair[0] != pair[1]);
        refuse(
            !assigned || !distinct || !with_leader,
            ErrorCode::InvalidRequest,
        )?;

        let recovering = asked.recovery == LeaderRecoveryState::Recovering;
        refuse(recovering && isr.len() > 1, ErrorCode::InvalidRequest)?;
        let recovered = state.recovery == LeaderRecoveryState::Recovered;
        refuse(recovering && recovered, ErrorCode::InvalidRequest)?;

        let eligible = |&(id, epoch): &(BrokerId, Option<u64>)| {
            let registered = self.image.brokers.get(&id);
            registered.is_some_and(|registered| {
                registered.is_active() && epoch.is_none_or(|epoch| epoch == registered.epoch)
            })
        };
        refuse(
            !asked.new_isr.iter().all(eligible),
            ErrorCode::IneligibleReplica,
        )
    }

    /// Creates topics (ReplicationControlManager.createTopics).
    #[must_use]
    pub fn create_topics(&self, topics: &[CreatableTopic], chance: &mut Chance<'_>) -> Decision {
        let mut decision = Decision::answer(Response::CreateTopics { topics: Vec::new() });
        let mut results = Vec::new();
        let mut next_id = self.image.next_topic_id();
        for topic in topics {
            let twice = topics
                .iter()
                .filter(|other| other.name == topic.name)
                .count()
                > 1;
            let result = if twice {
                Err(ErrorCode::InvalidRequest)
            } else {
                self.create_topic(topic, next_id, chance)
            };
            let result = match result {
                Ok(records) => {
                    decision.records.extend(records);
                    let id = next_id;
                    next_id = TopicId(id.0 + 1);
                    Ok(id)
                }
                Err(error) => {
                    decision.refusals.push(ControlFact::TopicRefused {
                        topic: topic.name.clone(),
                        error,
                    });
                    Err(error)
                }
            };
            results.push(CreatedTopic {
                name: topic.name.clone(),
                result,
            });
        }
        decision.response = Response::CreateTopics { topics: results };
        decision
    }

    fn create_topic(
        &self,
        topic: &CreatableTopic,
        topic_id: TopicId,
        chance: &mut Chance<'_>,
    ) -> Result<Vec<MetadataRecord>, ErrorCode> {
        if !is_topic_name(&topic.name) || self.collides(&topic.name) {
            return Err(ErrorCode::InvalidTopicException);
        }
        if self.image.topics.contains_key(&topic.name) {
            return Err(ErrorCode::TopicAlreadyExists);
        }
        let replication = topic.replication_factor;
        let replication = replication.unwrap_or(self.config.default_replication_factor);
        let partitions = topic.num_partitions.unwrap_or(self.config.num_partitions);
        if replication == 0 {
            return Err(ErrorCode::InvalidReplicationFactor);
        }
        if partitions == 0 {
            return Err(ErrorCode::InvalidPartitions);
        }
        let placed = self.place(partitions, replication, chance)?;

        let mut records = Vec::from([MetadataRecord::Topic {
            name: topic.name.clone(),
            topic_id,
        }]);
        for (key, value) in &topic.configs {
            records.push(MetadataRecord::Config {
                topic: topic.name.clone(),
                key: key.clone(),
                value: Some(value.clone()),
            });
        }
        for (partition, registration) in (0..).zip(placed) {
            records.push(MetadataRecord::Partition {
                topic_id,
                partition,
                registration,
            });
        }
        Ok(records)
    }

    /// New partitions on brokers that are not on their way out; those at work are in sync.
    pub(super) fn place(
        &self,
        partitions: u32,
        replication: u32,
        chance: &mut Chance<'_>,
    ) -> Result<Vec<PartitionRegistration>, ErrorCode> {
        let brokers = self.image.brokers.iter();
        let usable = brokers.filter(|(_, b)| !b.in_controlled_shutdown);
        let (fenced, unfenced): (Vec<_>, Vec<_>) = usable.partition(|(_, broker)| broker.fenced);
        let ids = |list: Vec<(&BrokerId, _)>| list.into_iter().map(|(&id, _)| id).collect();
        let placed = placement::place(partitions, replication, ids(unfenced), ids(fenced), chance)?;
        let registration = |replicas: Vec<BrokerId>| {
            let active = replicas.iter().copied();
            let isr = active.filter(|&id| self.image.is_active(id)).collect();
            PartitionRegistration::created(replicas, isr)
        };
        Ok(placed.into_iter().map(registration).collect())
    }

    /// Whether a topic is there whose name differs in `.` and `_` only: their metrics would mix
    /// (Topic.hasCollision).
    fn collides(&self, name: &str) -> bool {
        let unified = |name: &str| -> String { name.replace('.', "_") };
        let wanted = unified(name);
        let mut others = self.image.topics.keys().filter(|other| &***other != name);
        others.any(|other| unified(other) == wanted)
    }
}

impl Decision {
    /// Nothing to write.
    #[must_use]
    pub fn answer(response: Response) -> Self {
        Decision {
            records: Vec::new(),
            response,
            refusals: Vec::new(),
        }
    }
}

fn refused(partition: &TopicPartition, error: ErrorCode) -> AlteredPartition {
    AlteredPartition {
        partition: partition.clone(),
        error,
        leader: None,
        leader_epoch: 0,
        isr: Vec::new(),
        partition_epoch: 0,
        recovery: LeaderRecoveryState::Recovered,
    }
}

/// Source: Topic.validate.
fn is_topic_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !matches!(name, "" | "." | "..") && name.len() <= 249 && name.chars().all(legal)
}
