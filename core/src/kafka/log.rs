//! A partition's log: batches at offsets that never change, and where each leader epoch starts.
//!
//! An append goes to the page cache; the log itself is never flushed unless `flush.messages` or
//! `flush.ms` say so, which they do not by default (docs, "Design: Persistence"). After a power
//! loss the log is shorter.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::EpochEnd;
use crate::kafka::entry::Entry;
use crate::kafka::leader_epoch::LeaderEpochCache;
use crate::kafka::record::Batch;
use crate::machine::{KeptFile, Machine, Out};
use crate::names::FileId;
use crate::shared::Log;

/// The log of one replica. Index `n` of its file is index `n` of its batches.
#[derive(Clone, Debug, Fingerprint)]
pub struct PartitionLog {
    file: FileId,
    batches: Log<Batch>,
    epochs: LeaderEpochCache,
}

impl PartitionLog {
    /// An empty log.
    #[must_use]
    pub fn create(file: FileId) -> Self {
        PartitionLog {
            file,
            batches: Log::default(),
            epochs: LeaderEpochCache::default(),
        }
    }

    /// The log as the disk kept it. A torn batch at the end fails its checksum and is dropped,
    /// and the epochs are read from the batches, as `LogSegment.recover` does.
    pub fn recover<M>(file: FileId, kept: &KeptFile<Entry>, out: &mut Out<M>) -> Self
    where
        M: Machine<Record = Entry>,
    {
        let mut log = PartitionLog::create(file);
        for entry in kept.records.iter() {
            let Entry::Batch(batch) = entry else {
                panic!("{file:?} is a partition's log, and holds {entry:?}");
            };
            log.note(batch.clone());
        }
        if kept.torn {
            out.truncate(file, log.batches.end());
        }
        log
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The offset that the next record gets: the log end offset.
    #[must_use]
    pub fn end_offset(&self) -> u64 {
        self.batches.last().map_or(0, Batch::next_offset)
    }

    /// The offset of the first record that is still there.
    #[must_use]
    pub fn start_offset(&self) -> u64 {
        self.batches.iter().next().map_or(0, |b| b.base_offset)
    }

    /// Where the leader epochs start.
    #[must_use]
    pub fn epochs(&self) -> &LeaderEpochCache {
        &self.epochs
    }

    /// The batches, the oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter()
    }

    /// The batches from the one that holds `offset` on.
    pub fn batches_from(&self, offset: u64) -> impl Iterator<Item = &Batch> {
        self.batches.iter_from(self.index_of(offset))
    }

    /// Where `epoch` ends here; see [`LeaderEpochCache::end_offset_for`].
    #[must_use]
    pub fn end_offset_for(&self, epoch: u32) -> Option<EpochEnd> {
        self.epochs.end_offset_for(epoch, self.end_offset())
    }

    /// A leader begins its epoch at the log's end.
    pub fn start_epoch(&mut self, epoch: u32) {
        self.epochs.assign(epoch, self.end_offset());
    }

    /// Gives a producer's batch its offsets and writes it.
    pub fn append_as_leader<M>(&mut self, batch: &Batch, epoch: u32, out: &mut Out<M>) -> Batch
    where
        M: Machine<Record = Entry>,
    {
        let placed = batch.placed(self.end_offset(), epoch);
        self.append(placed.clone(), out);
        placed
    }

    /// Writes a batch that already has its offsets: the leader's, fetched by a follower.
    pub fn append<M>(&mut self, batch: Batch, out: &mut Out<M>)
    where
        M: Machine<Record = Entry>,
    {
        assert_eq!(
            batch.base_offset,
            self.end_offset(),
            "a batch follows the one before it"
        );
        out.append(self.file, Entry::Batch(batch.clone()));
        self.note(batch);
    }

    /// Drops everything from `offset` on, in whole batches, and returns what went.
    pub fn truncate_to<M>(&mut self, offset: u64, out: &mut Out<M>) -> Vec<Batch>
    where
        M: Machine<Record = Entry>,
    {
        let index = self.index_of(offset);
        let gone: Vec<Batch> = self.batches.iter_from(index).cloned().collect();
        if !gone.is_empty() {
            self.batches.truncate(index);
            out.truncate(self.file, index);
        }
        self.epochs.truncate_from_end(self.end_offset());
        gone
    }

    /// The batches from the one that holds `offset` on, below `end`, up to `max_bytes`; the first
    /// one also if it is larger, where `min_one` says so.
    #[must_use]
    pub fn read(&self, offset: u64, end: u64, max_bytes: u64, min_one: bool) -> Vec<Batch> {
        let mut read = Vec::new();
        if offset >= self.end_offset() {
            return read;
        }
        let mut room = max_bytes;
        for batch in self.batches.iter_from(self.index_of(offset)) {
            let bytes = batch.bytes();
            let first = min_one && read.is_empty();
            if batch.next_offset() > end || (bytes > room && !first) {
                break;
            }
            room = room.saturating_sub(bytes);
            read.push(batch.clone());
        }
        read
    }

    /// How many bytes lie between `offset` and `end`.
    #[must_use]
    pub fn bytes_between(&self, offset: u64, end: u64) -> u64 {
        if offset >= end {
            return 0;
        }
        let readable = self.batches_from(offset);
        let readable = readable.take_while(|b| b.next_offset() <= end);
        readable.map(Batch::bytes).sum()
    }

    /// The first record at or after `timestamp`, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn offset_at(&self, timestamp: i64) -> Option<u64> {
        let holds = |batch: &&Batch| batch.max_timestamp() >= timestamp;
        let batch = self.batches.iter().find(holds)?;
        let mut records = batch.offsets();
        let (offset, _) = records.find(|(_, record)| record.timestamp >= timestamp)?;
        Some(offset)
    }

    /// The index of the first batch that ends behind `offset`.
    fn index_of(&self, offset: u64) -> u64 {
        let is_before = |index| {
            let batch = self.batches.get(index).expect("between first and end");
            batch.next_offset() <= offset
        };
        // Most ask for what came last: the search begins there.
        let (mut low, mut high) = (self.batches.first(), self.batches.end());
        let mut stride = 1;
        while high - low > stride && !is_before(high - stride) {
            high -= stride;
            stride *= 2;
        }
        low = low.max(high.saturating_sub(stride));
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Takes in a batch that is on disk, and the epoch that it may start.
    fn note(&mut self, batch: Batch) {
        if let Some(epoch) = batch.leader_epoch {
            self.epochs.assign(epoch, batch.base_offset);
        }
        self.batches.push(batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::broker::Broker;
    use crate::kafka::record::Record;
    use crate::machine::Effect;
    use crate::names::NodeId;

    const FILE: FileId = FileId(7);

    fn batch(timestamps: &[i64]) -> Batch {
        let record = |at: &i64| Record {
            key: None,
            value: None,
            timestamp: *at,
            message: None,
        };
        Batch::of(timestamps.iter().map(record).collect::<Vec<_>>())
    }

    /// Offsets 0 and 1 in epoch 0, 2 in epoch 1, 3 to 5 in epoch 4.
    fn log(out: &mut Out<Broker>) -> PartitionLog {
        let mut log = PartitionLog::create(FILE);
        log.append_as_leader(&batch(&[10, 20]), 0, out);
        log.append_as_leader(&batch(&[30]), 1, out);
        log.append_as_leader(&batch(&[40, 50, 60]), 4, out);
        log
    }

    fn out() -> Out<Broker> {
        Out::new(NodeId(0), 0)
    }

    #[test]
    fn a_read_stops_at_its_end_and_at_its_size_but_gives_one_batch_at_least() {
        let log = log(&mut out());
        let read = |offset, end, max_bytes, min_one| -> Vec<u64> {
            let batches = log.read(offset, end, max_bytes, min_one);
            batches.iter().map(|batch| batch.base_offset).collect()
        };
        assert_eq!(read(0, 6, 10_000, false), [0, 2, 3]);
        assert_eq!(read(1, 6, 10_000, false), [0, 2, 3], "whole batches");
        assert_eq!(read(2, 4, 10_000, false), [2], "not beyond the end");
        assert_eq!(read(0, 6, 1, true), [0]);
        assert!(read(0, 6, 1, false).is_empty());
        assert!(read(6, 6, 10_000, true).is_empty());
    }

    #[test]
    fn truncation_takes_whole_batches_and_their_epochs() {
        let mut out = out();
        let mut log = log(&mut out);
        out.drain();
        let gone = log.truncate_to(2, &mut out);
        assert_eq!(gone.len(), 2);
        assert_eq!(log.end_offset(), 2);
        assert_eq!(log.epochs().entries().collect::<Vec<_>>(), [(0, 0)]);
        assert!(matches!(
            out.effects(),
            [Effect::Truncate { file: FILE, end: 1 }]
        ));
        assert!(log.truncate_to(2, &mut out).is_empty());
    }

    #[test]
    fn a_log_is_found_again_with_its_epochs_and_without_a_torn_end() {
        let mut out = out();
        let log = log(&mut out);
        let kept = KeptFile {
            records: log.batches().cloned().map(Entry::Batch).collect(),
            torn: true,
        };
        out.drain();
        let found = PartitionLog::recover(FILE, &kept, &mut out);
        assert_eq!(found.end_offset(), 6);
        let epochs: Vec<_> = found.epochs().entries().collect();
        assert_eq!(epochs, [(0, 0), (1, 2), (4, 3)]);
        assert!(matches!(
            out.effects(),
            [Effect::Truncate { file: FILE, end: 3 }]
        ));
    }

    #[test]
    fn a_timestamp_is_found_at_the_first_record_that_is_not_older() {
        let log = log(&mut out());
        let found = [0, 20, 31, 60, 61].map(|at| log.offset_at(at));
        assert_eq!(found, [Some(0), Some(1), Some(3), Some(5), None]);
    }
}
