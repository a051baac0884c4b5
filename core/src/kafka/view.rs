//! What an inspector shows of Kafka's machines.

use alloc::string::ToString;
use alloc::vec::Vec;

use serde::Serialize;

use crate::kafka::client::Tools;
use crate::kafka::consumer::Consumer;
use crate::kafka::partition::{Partition, Role};
use crate::kafka::producer::Producer;
use crate::kafka::record::Bytes;
use crate::kafka::replica_manager::ReplicaManager;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::names::{MessageId, Name};

/// Which part of a log an inspector asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lens {
    /// Only the counts.
    Counts,
    /// The last records of each log.
    Tail {
        /// How many.
        records: u32,
    },
    /// The records of one log around a place.
    Around {
        /// The partition.
        partition: TopicPartition,
        /// The offset in the middle.
        offset: u64,
        /// How many on each side.
        records: u32,
    },
}

/// A broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokerView {
    /// Its `node.id`.
    pub id: BrokerId,
    /// Its replicas.
    pub replicas: Vec<ReplicaView>,
    /// How many Produce and Fetch requests wait.
    pub waiting: u32,
}

/// A replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplicaView {
    /// The partition.
    pub partition: TopicPartition,
    /// Whether it leads.
    pub leader: bool,
    /// Who leads, as far as it knows.
    pub leader_id: Option<BrokerId>,
    /// In which epoch.
    pub leader_epoch: u32,
    /// The in-sync replicas, if it leads.
    pub isr: Vec<BrokerId>,
    /// What it knows of its followers' log ends, if it leads.
    pub followers: Vec<(BrokerId, Option<u64>)>,
    /// The first offset.
    pub log_start: u64,
    /// The offset after the last record.
    pub log_end: u64,
    /// The high watermark.
    pub high_watermark: u64,
    /// Where its leader epochs start.
    pub epochs: Vec<(u32, u64)>,
    /// The records that the lens asked for.
    pub cells: Vec<Cell>,
}

/// A record in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Its offset.
    pub offset: u64,
    /// The epoch of the leader that appended it.
    pub leader_epoch: Option<u32>,
    /// The key, as text.
    pub key: Option<Name>,
    /// The value, as text.
    pub value: Option<Name>,
    /// Whose it is.
    pub message: Option<MessageId>,
}

impl BrokerView {
    /// As the lens asks.
    #[must_use]
    pub fn of(id: BrokerId, replicas: &ReplicaManager, lens: &Lens) -> Self {
        let views = replicas.partitions().iter();
        BrokerView {
            id,
            replicas: views
                .map(|(partition, replica)| ReplicaView::of(id, partition, replica, lens))
                .collect(),
            waiting: replicas.waiting(),
        }
    }
}

impl ReplicaView {
    fn of(me: BrokerId, id: &TopicPartition, replica: &Partition, lens: &Lens) -> Self {
        let log = replica.log();
        let log_end = log.end_offset();
        let (from, to) = match lens {
            Lens::Counts => (0, 0),
            Lens::Tail { records } => (log_end.saturating_sub(u64::from(*records)), log_end),
            Lens::Around {
                partition,
                offset,
                records,
            } if partition == id => {
                let beside = u64::from(*records);
                (
                    offset.saturating_sub(beside),
                    (offset + beside + 1).min(log_end),
                )
            }
            Lens::Around { .. } => (0, 0),
        };
        let leadership = match replica.role() {
            Role::Leader(leadership) => Some(leadership),
            Role::Follower { .. } => None,
        };
        let leader = replica.leader_and_epoch(me);
        ReplicaView {
            partition: id.clone(),
            leader: leadership.is_some(),
            leader_id: leader.leader,
            leader_epoch: leader.epoch,
            isr: leadership.map_or_else(Vec::new, |l| l.isr().to_vec()),
            followers: leadership.map_or_else(Vec::new, |l| {
                let followers = l.followers().iter();
                followers
                    .map(|(id, progress)| (*id, progress.log_end))
                    .collect()
            }),
            log_start: log.start_offset(),
            log_end,
            high_watermark: replica.high_watermark(),
            epochs: log.epochs().entries().collect(),
            cells: cells(replica, from, to),
        }
    }
}

/// The records from one offset to before another.
fn cells(replica: &Partition, from: u64, to: u64) -> Vec<Cell> {
    let batches = replica.log().batches_from(from);
    let batches = batches.take_while(|batch| batch.base_offset < to);
    let records = batches.flat_map(|batch| {
        let epoch = batch.leader_epoch;
        batch
            .offsets()
            .map(move |(offset, record)| (offset, epoch, record))
    });
    records
        .filter(|(offset, ..)| (from..to).contains(offset))
        .map(|(offset, leader_epoch, record)| Cell {
            offset,
            leader_epoch,
            key: record.key.as_ref().map(text),
            value: record.value.as_ref().map(text),
            message: record.message,
        })
        .collect()
}

/// Bytes as text, with a mark for what is none.
fn text(bytes: &Bytes) -> Name {
    alloc::string::String::from_utf8_lossy(bytes)
        .to_string()
        .into()
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientView {
    /// How many messages it sent.
    pub sent: u32,
    /// Of a producer: how many records wait in calls of `send`, in batches, in flight.
    pub backlog: Option<(u32, u32, u32)>,
    /// Of a consumer: the next record of each partition that it reads, where that is known.
    pub positions: Vec<(TopicPartition, Option<u64>)>,
    /// Of a member of a group: its generation.
    pub generation_id: Option<u32>,
}

impl ClientView {
    /// Of this application.
    #[must_use]
    pub fn of(tools: &Tools) -> Self {
        let consumer = tools.consumer.as_ref();
        let positions = consumer.map(|consumer| {
            let all = consumer.positions().assigned().into_iter();
            let offset = |id: &TopicPartition| consumer.positions().get(id)?.offset;
            all.map(|id| (id.clone(), offset(&id))).collect()
        });
        ClientView {
            sent: tools.sent(),
            backlog: tools.producer.as_ref().map(Producer::backlog),
            positions: positions.unwrap_or_default(),
            generation_id: consumer.and_then(Consumer::generation_id),
        }
    }
}
