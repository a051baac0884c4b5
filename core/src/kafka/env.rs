//! What the parts of a broker are given for one step.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::AlterPartition;
use crate::kafka::broker::Broker;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Fact;
use crate::kafka::fact::replica::{Replica, ReplicaFact, ReplicaWhat};
use crate::kafka::metadata::Image;
use crate::kafka::record::Batch;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::machine::Out;
use crate::names::NodeId;
use crate::shared::SortedSet;
use crate::time::Now;

/// The surroundings of a part of a broker during one step.
pub struct Env<'a> {
    /// The broker's `node.id`.
    pub id: BrokerId,
    /// Its process.
    pub node: NodeId,
    /// Its broker epoch, once it is registered.
    pub broker_epoch: Option<u64>,
    /// Its clocks.
    pub now: Now,
    /// Its `server.properties`.
    pub config: &'a BrokerConfig,
    /// The metadata that it has applied.
    pub image: &'a Image,
    /// What it asks of the kernel.
    pub out: &'a mut Out<Broker>,
    /// What is left for other parts to do before the step ends.
    pub todo: &'a mut Todo,
}

/// What parts of a broker ask of other parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Todo {
    /// Partitions whose log end, high watermark or role moved: requests may be waiting for that.
    pub moved: SortedSet<TopicPartition>,
    /// Changes of in-sync replicas to ask the controller for.
    pub alter: Vec<AlterPartition>,
    /// Bytes left on the disk, at least, since it was last told; `None`: no limit.
    pub room: Option<u64>,
    /// A write did not fit: the log directory is offline.
    pub log_dir_failed: bool,
}

impl Env<'_> {
    /// Tells onlookers what happened to this broker's replica of `partition`.
    pub fn tell(&mut self, partition: &TopicPartition, what: ReplicaWhat) {
        self.out.tell(Fact::Replica(ReplicaFact {
            replica: Replica {
                node: self.node,
                broker: self.id,
                partition: partition.clone(),
            },
            what,
        }));
    }

    /// Takes room for a batch, which is to be written next. Where there is none, the log directory
    /// fails (`LogDirFailureChannel`).
    ///
    /// # Errors
    ///
    /// KAFKA_STORAGE_ERROR.
    pub fn reserve(&mut self, batch: &Batch) -> Result<(), ErrorCode> {
        let Some(room) = &mut self.todo.room else {
            return Ok(());
        };
        match room.checked_sub(batch.bytes()) {
            Some(left) if !self.todo.log_dir_failed => {
                *room = left;
                Ok(())
            }
            _ => {
                self.todo.log_dir_failed = true;
                Err(ErrorCode::KafkaStorageError)
            }
        }
    }

    /// A topic's `min.insync.replicas`.
    #[must_use]
    pub fn min_insync_replicas(&self, topic: &str) -> u32 {
        self.of_topic(topic, "min.insync.replicas")
            .unwrap_or(self.config.min_insync_replicas)
    }

    /// A topic's `max.message.bytes`.
    #[must_use]
    pub fn max_message_bytes(&self, topic: &str) -> u32 {
        self.of_topic(topic, "max.message.bytes")
            .unwrap_or(self.config.message_max_bytes)
    }

    /// A number that the topic sets itself.
    fn of_topic(&self, topic: &str, key: &str) -> Option<u32> {
        self.image.config(topic, key)?.parse().ok()
    }
}
