//! A replica's copy of the metadata log: batches, and where their epochs end.
//!
//! Source: KafkaMetadataLog and the log rules of KIP-595.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::EpochEnd;
use crate::kafka::entry::Entry;
use crate::kafka::metadata::MetadataBatch;
use crate::machine::KeptFile;
use crate::shared::Log;

/// The metadata log of one replica.
#[derive(Clone, Debug, Default, Fingerprint)]
pub struct MetadataLog {
    batches: Log<MetadataBatch>,
}

/// Whether a replica's log is a prefix of the leader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It is.
    Valid,
    /// It is not: the largest epoch of the leader's log that is not above the replica's last, and
    /// its end there.
    Diverging(EpochEnd),
}

impl MetadataLog {
    /// What the disk kept. A batch that a power cut tore is not in it: its checksum fails, and
    /// the log ends before it.
    ///
    /// # Panics
    /// When the file is not a metadata log.
    #[must_use]
    pub fn kept(file: Option<&KeptFile<Entry>>) -> Self {
        let entries = file.into_iter().flat_map(|file| file.records.iter());
        let batches = entries.map(|entry| match entry {
            Entry::MetadataBatch(batch) => batch.clone(),
            other => panic!("the metadata log holds no {other:?}"),
        });
        MetadataLog {
            batches: batches.collect(),
        }
    }

    /// The offset of the next record.
    #[must_use]
    pub fn end_offset(&self) -> u64 {
        self.batches.last().map_or(0, MetadataBatch::next_offset)
    }

    /// The epoch of the last record; 0 if there is none.
    #[must_use]
    pub fn last_epoch(&self) -> u32 {
        self.batches.last().map_or(0, |batch| batch.epoch)
    }

    /// Adds a batch at the end.
    ///
    /// # Panics
    /// When the batch does not follow the last one.
    pub fn append(&mut self, batch: MetadataBatch) {
        assert_eq!(
            batch.base_offset,
            self.end_offset(),
            "batches follow each other"
        );
        assert!(batch.epoch >= self.last_epoch(), "epochs never go back");
        self.batches.push(batch);
    }

    /// The batches that end behind an offset.
    #[must_use]
    pub fn read(&self, from: u64) -> Vec<MetadataBatch> {
        let first = self.first_where(|batch| batch.next_offset() > from);
        self.batches.iter_from(first).cloned().collect()
    }

    /// The place of the first batch for which something holds that holds for all behind it, too.
    fn first_where(&self, holds: impl Fn(&MetadataBatch) -> bool) -> u64 {
        let (mut low, mut high) = (self.batches.first(), self.batches.end());
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.batches.get(middle).expect("within the log")) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// Whether a replica that ends at `offset`, with a last record of `epoch`, has a prefix of
    /// this log (ReplicatedLog.validateOffsetAndEpoch).
    #[must_use]
    pub fn validate(&self, offset: u64, epoch: u32) -> Fetched {
        if offset == 0 && epoch == 0 {
            return Fetched::Valid;
        }
        let end = self.end_of(epoch);
        if end.epoch != epoch || end.end_offset < offset {
            return Fetched::Diverging(end);
        }
        Fetched::Valid
    }

    /// The end of the largest epoch here that is not above `epoch`. If all are above it, the
    /// start of the first (KafkaMetadataLog.endOffsetForEpoch, LeaderEpochFileCache.endOffsetFor).
    fn end_of(&self, epoch: u32) -> EpochEnd {
        let above = self.first_where(|batch| batch.epoch > epoch);
        let last = above.checked_sub(1).and_then(|at| self.batches.get(at));
        EpochEnd {
            epoch: last.map_or(epoch.min(self.last_epoch()), |batch| batch.epoch),
            end_offset: last.map_or(0, MetadataBatch::next_offset),
        }
    }

    /// Drops what the leader's log does not have, by its answer
    /// (KafkaMetadataLog.truncateToEndOffset). Returns how many batches stay, which is where the
    /// file ends then.
    pub fn truncate_to(&mut self, leaders: EpochEnd) -> u64 {
        let own = self.end_of(leaders.epoch);
        let end = if own.epoch == leaders.epoch {
            own.end_offset.min(leaders.end_offset)
        } else {
            own.end_offset
        };
        let left = self.first_where(|batch| batch.next_offset() > end);
        self.batches.truncate(left);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::api::control::ReplicaId;
    use crate::kafka::metadata::QuorumRecord;
    use alloc::vec;

    /// A log whose batches have these epochs, one record each.
    fn log(epochs: &[u32]) -> MetadataLog {
        let record = QuorumRecord::LeaderChange {
            leader_id: ReplicaId(1),
            voters: vec![],
            granting_voters: vec![],
        };
        let batch = |(base_offset, &epoch)| MetadataBatch {
            base_offset,
            epoch,
            records: [record.clone()].into(),
        };
        MetadataLog {
            batches: (0..).zip(epochs).map(batch).collect(),
        }
    }

    #[test]
    fn a_follower_that_diverged_ends_with_a_prefix_of_the_leader_s_log() {
        // Leader, follower, what is left of the follower's log after all rounds.
        let cases: [(&[u32], &[u32], u64); 6] = [
            (&[1, 1, 2], &[1, 1, 2], 3),
            (&[1, 1, 3], &[1, 1, 2, 2], 2),
            (&[1, 1, 2, 4], &[1, 1, 2, 3, 3], 3),
            (&[2, 2], &[1, 1, 1], 0),
            (&[1, 3], &[1, 2, 2, 2], 1),
            (&[1, 2], &[], 0),
        ];
        for (leaders, followers, left) in cases {
            let (leader, mut follower) = (log(leaders), log(followers));
            for _ in 0..leaders.len() + followers.len() {
                let epoch = follower.last_epoch();
                match leader.validate(follower.end_offset(), epoch) {
                    Fetched::Valid => break,
                    Fetched::Diverging(end) => follower.truncate_to(end),
                };
            }
            assert_eq!(follower.end_offset(), left, "{leaders:?} {followers:?}");
            let valid = leader.validate(follower.end_offset(), follower.last_epoch());
            assert_eq!(valid, Fetched::Valid);
        }
    }

    #[test]
    fn a_read_gives_whole_batches() {
        let log = log(&[1, 1, 2]);
        let bases = |from| -> Vec<u64> { log.read(from).iter().map(|b| b.base_offset).collect() };
        assert_eq!(bases(0), [0, 1, 2]);
        assert_eq!(bases(2), [2]);
        assert_eq!(bases(3), [0; 0]);
    }
}
