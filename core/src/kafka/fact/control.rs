//! What the quorum and the controller tell onlookers.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::ReplicaId;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Set;
use crate::kafka::metadata::{Image, MetadataRecord, TopicImage};
use crate::kafka::partition_change::PartitionChange;
use crate::kafka::topic::{BrokerId, LeaderRecoveryState, TopicPartition};
use crate::names::{MessageId, Name, NodeId};
use crate::subject::{Subject, Told};

/// A fact of the control plane.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlFact {
    /// A voter stands for election.
    Candidate {
        /// The voter's process.
        node: NodeId,
        /// The epoch it wants to lead.
        epoch: u32,
    },
    /// A voter answered a candidate.
    Voted {
        /// The voter's process.
        node: NodeId,
        /// Who asked.
        candidate: ReplicaId,
        /// For which epoch.
        epoch: u32,
        /// What it said.
        granted: bool,
    },
    /// A voter leads the metadata quorum.
    Elected {
        /// The voter's process.
        node: NodeId,
        /// Its epoch.
        epoch: u32,
        /// Who voted for it.
        granting_voters: Vec<ReplicaId>,
    },
    /// A voter follows a leader.
    Following {
        /// The voter's process.
        node: NodeId,
        /// The leader.
        leader: ReplicaId,
        /// Its epoch.
        epoch: u32,
    },
    /// A leader of the quorum stepped down.
    Resigned {
        /// The voter's process.
        node: NodeId,
        /// Its epoch.
        epoch: u32,
        /// Why.
        because: ResignedBecause,
    },
    /// A voter dropped records that the leader does not have. They were not committed.
    Truncated {
        /// The voter's process.
        node: NodeId,
        /// Where its log ended.
        from: u64,
        /// Where it ends now.
        to: u64,
        /// The epoch of the leader.
        epoch: u32,
    },
    /// A voter knows more metadata to be committed.
    HighWatermark {
        /// The voter's process.
        node: NodeId,
        /// The end of it.
        offset: u64,
    },
    /// A broker is known, and fenced until it has caught up.
    BrokerRegistered {
        /// The broker's process.
        node: NodeId,
        /// Its id.
        broker: BrokerId,
        /// Its epoch.
        broker_epoch: u64,
    },
    /// A broker may lead and be in sync.
    BrokerUnfenced {
        /// The broker's process.
        node: NodeId,
        /// Its id.
        broker: BrokerId,
    },
    /// A broker may neither lead nor be in sync.
    BrokerFenced {
        /// The broker's process.
        node: NodeId,
        /// Its id.
        broker: BrokerId,
    },
    /// A broker wants to stop, and its leaderships move first.
    ControlledShutdown {
        /// The broker's process.
        node: NodeId,
        /// Its id.
        broker: BrokerId,
    },
    /// A topic is there.
    TopicCreated {
        /// Its name.
        topic: Name,
    },
    /// A topic was not created.
    TopicRefused {
        /// Its name.
        topic: Name,
        /// Why.
        error: ErrorCode,
    },
    /// A partition has another leader, or none.
    PartitionLeader {
        /// Which partition.
        partition: TopicPartition,
        /// Who leads.
        leader: Option<BrokerId>,
        /// In which epoch.
        leader_epoch: u32,
        /// Whether it was not in sync: what only the others have is lost.
        unclean: bool,
        /// The process of the leader before.
        was: Option<NodeId>,
    },
    /// A partition has other in-sync replicas.
    Isr {
        /// Which partition.
        partition: TopicPartition,
        /// Until now.
        from: Vec<BrokerId>,
        /// From now on.
        to: Vec<BrokerId>,
        /// The process of the leader that asked for it or lost its place.
        leader: Option<NodeId>,
    },
    /// A leader's wish for other in-sync replicas was refused.
    AlterPartitionRefused {
        /// Which partition.
        partition: TopicPartition,
        /// Who asked.
        broker: BrokerId,
        /// Why not.
        error: ErrorCode,
    },
    /// A topic that is there has another setting.
    TopicConfig {
        /// Its name.
        topic: Name,
        /// The key.
        key: Name,
        /// The value; `None`: the default.
        value: Option<Name>,
    },
}

/// Why a leader of the quorum stepped down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResignedBecause {
    /// A majority has not fetched for one and a half times `controller.quorum.fetch.timeout.ms`.
    NoMajorityFetches,
    /// It was asked to stop.
    Stopping,
}

impl ControlFact {
    /// What a committed record says, to whoever knows the metadata before it.
    pub fn of(record: &MetadataRecord, before: &Image, tell: &mut dyn FnMut(ControlFact)) {
        match record {
            MetadataRecord::RegisterBroker {
                broker,
                broker_epoch,
                ..
            } => tell(ControlFact::BrokerRegistered {
                node: broker.node,
                broker: broker.id,
                broker_epoch: *broker_epoch,
            }),
            MetadataRecord::BrokerRegistrationChange {
                broker_id,
                fenced,
                in_controlled_shutdown,
                ..
            } => {
                let (broker, node) = (*broker_id, before.brokers[broker_id].endpoint.node);
                match fenced {
                    Some(true) => tell(ControlFact::BrokerFenced { node, broker }),
                    Some(false) => tell(ControlFact::BrokerUnfenced { node, broker }),
                    None => {}
                }
                if *in_controlled_shutdown {
                    tell(ControlFact::ControlledShutdown { node, broker });
                }
            }
            MetadataRecord::Topic { name, .. } => tell(ControlFact::TopicCreated {
                topic: name.clone(),
            }),
            MetadataRecord::Partition {
                topic_id,
                partition,
                registration,
            } => {
                let name = before
                    .name_of(*topic_id)
                    .expect("a topic comes before its partitions");
                tell(ControlFact::PartitionLeader {
                    partition: TopicPartition::new(name, *partition),
                    leader: registration.state.leader,
                    leader_epoch: registration.state.leader_epoch,
                    unclean: false,
                    was: None,
                });
            }
            MetadataRecord::PartitionChange {
                topic_id,
                partition,
                change,
            } => {
                let name = before
                    .name_of(*topic_id)
                    .expect("a topic comes before its partitions");
                let partition = TopicPartition::new(name, *partition);
                ControlFact::of_change(partition, change, before, tell);
            }
            MetadataRecord::Config { topic, key, value } => {
                // What a topic begins with is said before its partitions.
                let is_there = |it: &TopicImage| !it.partitions.is_empty();
                if before.topics.get(topic).is_some_and(is_there) {
                    tell(ControlFact::TopicConfig {
                        topic: topic.clone(),
                        key: key.clone(),
                        value: value.clone(),
                    });
                }
            }
        }
    }

    fn of_change(
        partition: TopicPartition,
        change: &PartitionChange,
        before: &Image,
        tell: &mut dyn FnMut(ControlFact),
    ) {
        let old = before
            .partition(&partition)
            .expect("a partition is created first");
        let leader = old.state.leader.and_then(|id| before.brokers.get(&id));
        let leader = leader.map(|leader| leader.endpoint.node);
        if let Some(isr) = &change.isr {
            tell(ControlFact::Isr {
                partition: partition.clone(),
                from: old.state.isr.clone(),
                to: isr.clone(),
                leader,
            });
        }
        if let Some(elected) = change.leader {
            tell(ControlFact::PartitionLeader {
                partition,
                leader: elected,
                leader_epoch: old.state.leader_epoch + 1,
                unclean: change.recovery == Some(LeaderRecoveryState::Recovering),
                was: leader,
            });
        }
    }
}

/// The partition of the metadata quorum, as facts name it.
#[must_use]
pub fn quorum() -> Name {
    "__cluster_metadata-0".into()
}

/// A partition, as facts name it.
fn named(partition: &TopicPartition) -> Name {
    alloc::format!("{partition}").into()
}

impl Told for ControlFact {
    fn subject(&self) -> Subject {
        match self {
            ControlFact::Candidate { .. }
            | ControlFact::Voted { .. }
            | ControlFact::Elected { .. }
            | ControlFact::Following { .. }
            | ControlFact::Resigned { .. } => Subject::Leadership(quorum()),
            ControlFact::Truncated { node, .. } => Subject::Log(*node, quorum()),
            ControlFact::HighWatermark { node, .. } => Subject::HighWatermark(*node, quorum()),
            ControlFact::BrokerRegistered { node, .. }
            | ControlFact::BrokerUnfenced { node, .. }
            | ControlFact::BrokerFenced { node, .. }
            | ControlFact::ControlledShutdown { node, .. } => Subject::Node(*node),
            // A topic is there with its first partition.
            ControlFact::TopicCreated { topic }
            | ControlFact::TopicRefused { topic, .. }
            | ControlFact::TopicConfig { topic, .. } => {
                Subject::Leadership(named(&TopicPartition::new(topic, 0)))
            }
            ControlFact::PartitionLeader { partition, .. } => Subject::Leadership(named(partition)),
            ControlFact::Isr { partition, .. }
            | ControlFact::AlterPartitionRefused { partition, .. } => {
                Subject::Isr(named(partition))
            }
        }
    }

    fn rests_on(&self, on: &mut Vec<Subject>) {
        match self {
            ControlFact::Candidate { node, .. }
            | ControlFact::Elected { node, .. }
            | ControlFact::Voted { node, .. } => {
                on.push(Subject::Leadership(quorum()));
                on.push(Subject::Log(*node, quorum()));
            }
            ControlFact::Following { .. }
            | ControlFact::Resigned { .. }
            | ControlFact::Truncated { .. } => on.push(Subject::Leadership(quorum())),
            ControlFact::HighWatermark { node, .. } => on.push(Subject::Log(*node, quorum())),
            ControlFact::BrokerRegistered { node, .. }
            | ControlFact::BrokerUnfenced { node, .. }
            | ControlFact::BrokerFenced { node, .. }
            | ControlFact::ControlledShutdown { node, .. } => on.push(Subject::Node(*node)),
            ControlFact::TopicCreated { .. }
            | ControlFact::TopicRefused { .. }
            | ControlFact::TopicConfig { .. } => {}
            ControlFact::PartitionLeader { partition, was, .. } => {
                let name = named(partition);
                on.extend(was.map(Subject::Node));
                on.push(Subject::Isr(name.clone()));
                on.push(Subject::Leadership(name));
            }
            ControlFact::Isr {
                partition, leader, ..
            } => {
                let name = named(partition);
                on.push(Subject::Isr(name.clone()));
                on.push(Subject::Leadership(name.clone()));
                on.extend(leader.map(Subject::Node));
            }
            ControlFact::AlterPartitionRefused { partition, .. } => {
                on.push(Subject::Leadership(named(partition)));
                on.push(Subject::Isr(named(partition)));
            }
        }
    }

    fn messages(&self, _each: &mut dyn FnMut(MessageId)) {}
}

impl fmt::Display for ControlFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ControlFact::Candidate { epoch, .. } => write!(f, "stands for election, epoch {epoch}"),
            ControlFact::Voted {
                candidate,
                epoch,
                granted,
                ..
            } => {
                let what = if *granted { "votes" } else { "does not vote" };
                write!(f, "{what} for {}, epoch {epoch}", candidate.0)
            }
            ControlFact::Elected { epoch, .. } => write!(f, "elected leader, epoch {epoch}"),
            ControlFact::Following { leader, epoch, .. } => {
                write!(f, "follows leader {}, epoch {epoch}", leader.0)
            }
            ControlFact::Resigned { epoch, because, .. } => {
                let why = match because {
                    ResignedBecause::NoMajorityFetches => "a majority does not fetch",
                    ResignedBecause::Stopping => "stopping",
                };
                write!(f, "resigned, epoch {epoch}: {why}")
            }
            ControlFact::Truncated { from, to, .. } => write!(f, "truncated {from} -> {to}"),
            ControlFact::HighWatermark { offset, .. } => write!(f, "high watermark {offset}"),
            ControlFact::BrokerRegistered {
                broker,
                broker_epoch,
                ..
            } => write!(f, "broker {broker} registered, broker epoch {broker_epoch}"),
            ControlFact::BrokerUnfenced { broker, .. } => write!(f, "broker {broker} unfenced"),
            ControlFact::BrokerFenced { broker, .. } => write!(f, "broker {broker} fenced"),
            ControlFact::ControlledShutdown { broker, .. } => {
                write!(f, "broker {broker} in controlled shutdown")
            }
            ControlFact::TopicCreated { topic } => write!(f, "topic {topic} created"),
            ControlFact::TopicRefused { topic, error } => {
                write!(f, "topic {topic} not created: {error}")
            }
            ControlFact::TopicConfig { topic, key, value } => {
                let value = value.as_deref().unwrap_or("the default");
                write!(f, "topic {topic}: {key}={value}")
            }
            ControlFact::PartitionLeader {
                partition,
                leader: None,
                leader_epoch,
                ..
            } => write!(f, "{partition}: no leader, epoch {leader_epoch}"),
            ControlFact::PartitionLeader {
                partition,
                leader: Some(leader),
                leader_epoch,
                unclean,
                ..
            } => {
                write!(
                    f,
                    "{partition}: elected leader {leader}, epoch {leader_epoch}"
                )?;
                f.write_str(if *unclean { " (unclean)" } else { "" })
            }
            ControlFact::Isr {
                partition,
                from,
                to,
                ..
            } => write!(f, "{partition}: ISR {} -> {}", Set(from), Set(to)),
            ControlFact::AlterPartitionRefused {
                partition,
                broker,
                error,
            } => write!(
                f,
                "{partition}: AlterPartition of {broker} refused: {error}"
            ),
        }
    }
}
