//! What a broker writes to its disk, and into which file.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::kraft::QuorumState;
use crate::kafka::metadata::MetadataBatch;
use crate::kafka::record::Batch;
use crate::kafka::topic::{TopicId, TopicPartition};
use crate::machine::Parcel;
use crate::names::{FileId, MessageId};

/// One entry of a file.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Entry {
    /// In a partition's log.
    Batch(Batch),
    /// In a partition's `partition.metadata`: whose directory this is. Flushed when written.
    PartitionMetadata {
        /// The partition.
        partition: TopicPartition,
        /// The topic's id.
        topic_id: TopicId,
    },
    /// The `replication-offset-checkpoint`: high watermarks as of a moment.
    HighWatermarks(Vec<(TopicPartition, u64)>),
    /// In the metadata log.
    MetadataBatch(MetadataBatch),
    /// The whole of `quorum-state`.
    QuorumState(QuorumState),
}

impl Parcel for Entry {
    fn bytes(&self) -> u64 {
        match self {
            Entry::Batch(batch) => batch.bytes(),
            // The others are lines of text; these are their usual lengths.
            Entry::PartitionMetadata { .. } => 43,
            Entry::HighWatermarks(all) => {
                let line =
                    |(partition, _): &(TopicPartition, u64)| partition.topic.len() as u64 + 8;
                4 + all.iter().map(line).sum::<u64>()
            }
            Entry::MetadataBatch(batch) => batch.bytes(),
            // A line of JSON.
            Entry::QuorumState(_) => 128,
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Entry::Batch(_) => "batch",
            Entry::PartitionMetadata { .. } => "partition.metadata",
            Entry::HighWatermarks(_) => "replication-offset-checkpoint",
            Entry::MetadataBatch(_) => "metadata batch",
            Entry::QuorumState(_) => "quorum-state",
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        if let Entry::Batch(batch) = self {
            batch.messages(each);
        }
    }
}

/// Which file of a partition's directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionFile {
    /// The records.
    Log = 0,
    /// Whose directory this is.
    Metadata = 1,
}

/// Files that a node has once. Topic ids count from 1, so these numbers are never a partition's.
pub mod file {
    use super::{FileId, PartitionFile, TopicId};

    /// `replication-offset-checkpoint`.
    pub const HIGH_WATERMARKS: FileId = FileId(0);
    /// `__cluster_metadata-0`: the metadata log.
    pub const METADATA_LOG: FileId = FileId(1);
    /// `quorum-state`: epoch and vote of a KRaft voter.
    pub const QUORUM_STATE: FileId = FileId(2);

    /// A file of partition `partition` of topic `topic`.
    #[must_use]
    pub fn of_partition(topic: TopicId, partition: u32, kind: PartitionFile) -> FileId {
        assert!(
            partition < 1 << 24,
            "a topic has fewer than 2^24 partitions"
        );
        FileId(u64::from(topic.0) << 32 | u64::from(partition) << 8 | kind as u64)
    }
}
