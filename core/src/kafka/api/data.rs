//! The APIs of the data plane: Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, Metadata.
//!
//! Kafka nests partitions in topics; here each entry names its partition in full.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::error::ErrorCode;
use crate::kafka::record::Batch;
use crate::kafka::topic::{BrokerId, Endpoint, TopicId, TopicPartition};
use crate::names::{MessageId, Name};

/// A request to a broker.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Request {
    /// Append batches (API key 0).
    Produce(ProduceRequest),
    /// Read batches (1).
    Fetch(FetchRequest),
    /// Ask for the offset at a timestamp, or for the first or last one (2).
    ListOffsets(ListOffsetsRequest),
    /// Ask for brokers, topics and leaders (3).
    Metadata(MetadataRequest),
    /// Ask where an epoch ended in the leader's log (23).
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest),
}

/// A broker's response.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Response {
    /// To Produce; never sent for acks=0.
    Produce(Vec<ProducedPartition>),
    /// To Fetch.
    Fetch(Vec<FetchedPartition>),
    /// To ListOffsets.
    ListOffsets(Vec<ListedOffset>),
    /// To Metadata.
    Metadata(MetadataResponse),
    /// To OffsetForLeaderEpoch.
    OffsetForLeaderEpoch(Vec<EndOfEpoch>),
}

/// How many replicas must have a batch before the leader answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Acks {
    /// `acks=0`: no answer at all.
    None,
    /// `acks=1`: the leader's own append.
    Leader,
    /// `acks=all` or `-1`: every in-sync replica.
    All,
}

/// `ProduceRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ProduceRequest {
    /// When to answer.
    pub acks: Acks,
    /// How long to wait for that, in milliseconds.
    pub timeout_ms: u32,
    /// At most one batch for each partition.
    pub partitions: Vec<(TopicPartition, Batch)>,
}

/// One partition of a `ProduceResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ProducedPartition {
    /// Which.
    pub partition: TopicPartition,
    /// What became of it.
    pub error: ErrorCode,
    /// The offset of the batch's first record, if it is known to be in the log.
    pub base_offset: Option<u64>,
    /// With NOT_LEADER_OR_FOLLOWER: who leads instead (KIP-951).
    pub current_leader: Option<LeaderAndEpoch>,
}

/// Who leads a partition, and since which epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct LeaderAndEpoch {
    /// The leader; `None` while there is none.
    pub leader: Option<BrokerId>,
    /// Its epoch.
    pub epoch: u32,
}

/// `FetchRequest`. Always a full fetch: the sessions of KIP-227 only make it shorter.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct FetchRequest {
    /// Which follower asks; `None` for a consumer.
    pub replica: Option<ReplicaState>,
    /// How long to wait for `min_bytes`, in milliseconds.
    pub max_wait_ms: u32,
    /// Answer at once if there is as much, in bytes.
    pub min_bytes: u32,
    /// Stop adding batches after as much, in bytes; the first batch always goes.
    pub max_bytes: u32,
    /// What to read, in the order in which `max_bytes` is given out.
    pub partitions: Vec<FetchPartition>,
}

/// Which follower asks, and in which of its lives (KIP-903).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ReplicaState {
    /// The follower.
    pub id: BrokerId,
    /// Its broker epoch; `None` stands for -1, unknown.
    pub epoch: Option<u64>,
}

/// One partition of a `FetchRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct FetchPartition {
    /// Which.
    pub partition: TopicPartition,
    /// The leader epoch that the asker knows of, for fencing (KIP-320).
    pub current_leader_epoch: Option<u32>,
    /// Read from here on.
    pub fetch_offset: u64,
    /// The epoch of the record before `fetch_offset`: lets the leader see that the two logs have
    /// parted (KIP-595).
    pub last_fetched_epoch: Option<u32>,
    /// The first offset that the follower still has.
    pub log_start_offset: Option<u64>,
    /// Stop adding batches of this partition after as much, in bytes.
    pub partition_max_bytes: u32,
}

/// One partition of a `FetchResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct FetchedPartition {
    /// Which.
    pub partition: TopicPartition,
    /// Whether it could be read.
    pub error: ErrorCode,
    /// The leader's high watermark.
    pub high_watermark: Option<u64>,
    /// The first offset that the leader still has.
    pub log_start_offset: Option<u64>,
    /// With no data: the logs have parted, at or before here.
    pub diverging_epoch: Option<EpochEnd>,
    /// With NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH: who leads instead (KIP-951).
    pub current_leader: Option<LeaderAndEpoch>,
    /// Whole batches; the first may begin before the offset asked for.
    pub batches: Vec<Batch>,
}

/// Where an epoch ends in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct EpochEnd {
    /// The epoch.
    pub epoch: u32,
    /// The offset after its last record.
    pub end_offset: u64,
}

/// `ListOffsetsRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ListOffsetsRequest {
    /// Which follower asks; `None` for a client.
    pub replica: Option<BrokerId>,
    /// What to look for.
    pub partitions: Vec<ListOffsetsPartition>,
}

/// One partition of a `ListOffsetsRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ListOffsetsPartition {
    /// Which.
    pub partition: TopicPartition,
    /// The leader epoch that the asker knows of.
    pub current_leader_epoch: Option<u32>,
    /// Which offset of it.
    pub at: OffsetAt,
}

/// Which offset a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum OffsetAt {
    /// The first (timestamp -2).
    Earliest,
    /// That after the last one: the high watermark for a client, the log end for a follower
    /// (timestamp -1).
    Latest,
    /// The first record at or after this time, in milliseconds since the Unix epoch.
    Timestamp(i64),
}

/// One partition of a `ListOffsetsResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ListedOffset {
    /// Which.
    pub partition: TopicPartition,
    /// Whether it could be told.
    pub error: ErrorCode,
    /// The offset, if there is one.
    pub offset: Option<u64>,
    /// The leader epoch at that offset.
    pub leader_epoch: Option<u32>,
}

/// `OffsetForLeaderEpochRequest`, by a follower or by a consumer that checks its position.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct OffsetForLeaderEpochRequest {
    /// Which follower asks; `None` for a consumer.
    pub replica: Option<BrokerId>,
    /// What to look for.
    pub partitions: Vec<EpochPartition>,
}

/// One partition of an `OffsetForLeaderEpochRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct EpochPartition {
    /// Which.
    pub partition: TopicPartition,
    /// The leader epoch that the asker knows of.
    pub current_leader_epoch: Option<u32>,
    /// The epoch whose end is asked for.
    pub leader_epoch: u32,
}

/// One partition of an `OffsetForLeaderEpochResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct EndOfEpoch {
    /// Which.
    pub partition: TopicPartition,
    /// Whether it could be told.
    pub error: ErrorCode,
    /// The largest epoch not above the one asked for, and its end; `None` where undefined (-1, -1).
    pub end: Option<EpochEnd>,
}

/// `MetadataRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct MetadataRequest {
    /// About these topics; `None` for all.
    pub topics: Option<Vec<Name>>,
    /// Whether the broker may create what is missing, if `auto.create.topics.enable` also says so.
    pub allow_auto_topic_creation: bool,
}

/// `MetadataResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct MetadataResponse {
    /// The live brokers.
    pub brokers: Vec<Endpoint>,
    /// A broker that forwards to the controller.
    pub controller: Option<BrokerId>,
    /// The topics asked for.
    pub topics: Vec<TopicMetadata>,
}

/// One topic of a `MetadataResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct TopicMetadata {
    /// Whether it is there.
    pub error: ErrorCode,
    /// Its name.
    pub name: Name,
    /// Its id, if it is there.
    pub topic_id: Option<TopicId>,
    /// Its partitions, by number.
    pub partitions: Vec<PartitionMetadata>,
}

/// One partition of a `MetadataResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct PartitionMetadata {
    /// LEADER_NOT_AVAILABLE while it has none.
    pub error: ErrorCode,
    /// Its number.
    pub partition: u32,
    /// Who leads it.
    pub leader: LeaderAndEpoch,
    /// All its replicas.
    pub replicas: Vec<BrokerId>,
    /// Those in sync.
    pub isr: Vec<BrokerId>,
    /// Those that are down.
    pub offline: Vec<BrokerId>,
}

impl Request {
    /// The API's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Request::Produce(_) => "Produce",
            Request::Fetch(_) => "Fetch",
            Request::ListOffsets(_) => "ListOffsets",
            Request::Metadata(_) => "Metadata",
            Request::OffsetForLeaderEpoch(_) => "OffsetForLeaderEpoch",
        }
    }

    /// Its size without the header, in bytes: the fields of the protocol guide.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Request::Produce(request) => {
                let each = |(partition, batch): &(TopicPartition, Batch)| {
                    named(partition) + 4 + batch.bytes()
                };
                8 + request.partitions.iter().map(each).sum::<u64>()
            }
            Request::Fetch(request) => {
                let each = |p: &FetchPartition| named(&p.partition) + 28;
                29 + request.partitions.iter().map(each).sum::<u64>()
            }
            Request::ListOffsets(request) => {
                let each = |p: &ListOffsetsPartition| named(&p.partition) + 12;
                9 + request.partitions.iter().map(each).sum::<u64>()
            }
            Request::Metadata(request) => {
                let topics = request.topics.iter().flatten();
                6 + topics.map(|t| 2 + t.len() as u64).sum::<u64>()
            }
            Request::OffsetForLeaderEpoch(request) => {
                let each = |p: &EpochPartition| named(&p.partition) + 8;
                8 + request.partitions.iter().map(each).sum::<u64>()
            }
        }
    }

    /// The messages of the application inside.
    pub fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        if let Request::Produce(request) = self {
            for (_, batch) in &request.partitions {
                batch.messages(each);
            }
        }
    }
}

impl Response {
    /// The schema's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Response::Produce(_) => "ProduceResponse",
            Response::Fetch(_) => "FetchResponse",
            Response::ListOffsets(_) => "ListOffsetsResponse",
            Response::Metadata(_) => "MetadataResponse",
            Response::OffsetForLeaderEpoch(_) => "OffsetForLeaderEpochResponse",
        }
    }

    /// Its size without the header, in bytes: the fields of the protocol guide.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Response::Produce(all) => {
                let each = |p: &ProducedPartition| named(&p.partition) + 26;
                8 + all.iter().map(each).sum::<u64>()
            }
            Response::Fetch(all) => {
                let each = |p: &FetchedPartition| {
                    let batches = p.batches.iter().map(Batch::bytes).sum::<u64>();
                    named(&p.partition) + 38 + batches
                };
                14 + all.iter().map(each).sum::<u64>()
            }
            Response::ListOffsets(all) => {
                let each = |p: &ListedOffset| named(&p.partition) + 22;
                8 + all.iter().map(each).sum::<u64>()
            }
            Response::Metadata(response) => {
                let partition = |p: &PartitionMetadata| {
                    26 + 4 * (p.replicas.len() + p.isr.len() + p.offline.len()) as u64
                };
                let topic = |t: &TopicMetadata| {
                    25 + t.name.len() as u64 + t.partitions.iter().map(partition).sum::<u64>()
                };
                let brokers = 22 * response.brokers.len() as u64;
                16 + brokers + response.topics.iter().map(topic).sum::<u64>()
            }
            Response::OffsetForLeaderEpoch(all) => {
                let each = |p: &EndOfEpoch| named(&p.partition) + 14;
                8 + all.iter().map(each).sum::<u64>()
            }
        }
    }

    /// The messages of the application inside.
    pub fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        if let Response::Fetch(partitions) = self {
            for batch in partitions.iter().flat_map(|p| &p.batches) {
                batch.messages(each);
            }
        }
    }
}

/// A topic's name and a partition's number, in bytes.
fn named(partition: &TopicPartition) -> u64 {
    2 + partition.topic.len() as u64 + 4
}
