//! Which leader epoch starts where in a log, and so where two logs part.
//!
//! Source: `LeaderEpochFileCache`; KIP-101 for the idea, KIP-279 for the answer that names the
//! epoch it is about.

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::EpochEnd;
use crate::shared::SortedMap;

/// The epochs of one log, each with the offset of its first record. Both only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct LeaderEpochCache {
    starts: SortedMap<u32, u64>,
}

impl LeaderEpochCache {
    /// Notes that `epoch` starts at `start_offset`. What the log can no longer hold goes: entries
    /// of this epoch or a later one, and entries that start there or later. An epoch that is the
    /// latest already keeps the earlier start.
    pub fn assign(&mut self, epoch: u32, start_offset: u64) {
        if let Some((latest, start)) = self.latest_entry()
            && latest == epoch
            && start <= start_offset
        {
            return;
        }
        while let Some((latest, start)) = self.latest_entry()
            && (latest >= epoch || start >= start_offset)
        {
            self.starts.remove(&latest);
        }
        self.starts.insert(epoch, start_offset);
    }

    /// The latest epoch, if there is any.
    #[must_use]
    pub fn latest(&self) -> Option<u32> {
        self.latest_entry().map(|(epoch, _)| epoch)
    }

    /// Where the records of `epoch` end in a log that ends at `log_end`, told as the largest epoch
    /// not above it and that one's end. `None` where undefined: there is no such epoch in this log
    /// and no later one.
    ///
    /// An epoch below all that are known ends where the first known one starts; what lay there
    /// is gone.
    #[must_use]
    pub fn end_offset_for(&self, epoch: u32, log_end: u64) -> Option<EpochEnd> {
        if self.latest() == Some(epoch) {
            return Some(EpochEnd {
                epoch,
                end_offset: log_end,
            });
        }
        let (_, &end_offset) = self.starts.range(epoch + 1..).next()?;
        let floor = self.starts.range(..=epoch).next_back();
        Some(EpochEnd {
            epoch: floor.map_or(epoch, |(&floor, _)| floor),
            end_offset,
        })
    }

    /// The epoch of the record at `offset`, if the log reaches so far back.
    #[must_use]
    pub fn epoch_for(&self, offset: u64) -> Option<u32> {
        let at_or_before = |&(_, &start): &(&u32, &u64)| start <= offset;
        let (&epoch, _) = self.starts.iter().rev().find(at_or_before)?;
        Some(epoch)
    }

    /// Follows the log: everything from `end_offset` on is gone.
    pub fn truncate_from_end(&mut self, end_offset: u64) {
        self.starts.retain(|_, start| *start < end_offset);
    }

    /// Follows the log: everything before `start_offset` is gone. The epoch that `start_offset`
    /// lies in now starts there.
    pub fn truncate_from_start(&mut self, start_offset: u64) {
        let covered = |(_, start): &(&u32, &u64)| **start <= start_offset;
        let Some(last) = self.starts.iter().take_while(covered).last() else {
            return;
        };
        let epoch = *last.0;
        self.starts.retain(|_, start| *start > start_offset);
        self.starts.insert(epoch, start_offset);
    }

    /// All epochs with their starts, the earliest first.
    pub fn entries(&self) -> impl Iterator<Item = (u32, u64)> {
        self.starts.iter().map(|(&epoch, &start)| (epoch, start))
    }

    /// The latest epoch and its start.
    fn latest_entry(&self) -> Option<(u32, u64)> {
        self.starts.iter().next_back().map(|(&e, &s)| (e, s))
    }
}
