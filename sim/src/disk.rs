//! A node's disk: files with a durable prefix.
//!
//! What a process writes is in the page cache: the death of the process does not harm it. A loss
//! of power takes everything behind the durable prefix, which [`Disk::sync`] and the system's own
//! write-back advance. Renaming, truncating and deleting become durable in the same way; before
//! that, a power loss brings the old contents back.

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Kept, KeptFile, Parcel};
use glassmq_core::names::FileId;
use glassmq_core::shared::{Log, Map};
use glassmq_core::time::Span;
use serde::{Deserialize, Serialize};

/// How a disk behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct DiskPace {
    /// How long a flush takes.
    pub sync: Span,
    /// How much longer it takes for each KiB not yet flushed, in microseconds.
    pub per_kib: u64,
    /// When the system flushes of its own accord, after the first write since the last flush.
    pub writeback: Span,
}

impl Default for DiskPace {
    /// A disk that flushes at once and is flushed every 5 to 30 seconds, as Linux does
    /// (`vm.dirty_writeback_centisecs`, `vm.dirty_expire_centisecs`).
    fn default() -> Self {
        DiskPace {
            sync: Span::ZERO,
            per_kib: 0,
            writeback: Span::between(5_000_000, 30_000_000),
        }
    }
}

/// The files of one node.
#[derive(Clone, Debug, Fingerprint)]
pub struct Disk<R: Parcel> {
    files: Map<FileId, File<R>>,
    /// Bytes left; no value: no limit.
    free: Option<u64>,
    /// Whether the next power loss tears a write.
    tear: bool,
}

#[derive(Clone, Debug, Fingerprint)]
struct File<R> {
    records: Log<R>,
    /// Records before this survive a power loss.
    durable: u64,
    /// Whether the file itself does.
    lasting: bool,
    /// What a power loss brings back instead of `records[..durable]`, since the file was
    /// truncated, replaced or deleted and not flushed.
    old: Option<Log<R>>,
    /// Deleted, but not yet for good.
    deleted: bool,
    /// Whether half a record lies behind the last one.
    torn: bool,
    /// Whether the system will write it back.
    writeback: bool,
}

/// What a loss of power took from a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PowerLoss {
    /// Records that it took or brought back.
    pub records: u64,
    /// Files that it left with half a record at their end.
    pub torn: u32,
}

impl<R> Default for File<R> {
    fn default() -> Self {
        File {
            records: Log::default(),
            durable: 0,
            lasting: false,
            old: None,
            deleted: false,
            torn: false,
            writeback: false,
        }
    }
}

impl<R: Parcel> Default for Disk<R> {
    fn default() -> Self {
        Disk {
            files: Map::default(),
            free: None,
            tear: false,
        }
    }
}

impl<R: Parcel> Disk<R> {
    /// Whether there is room for a record.
    #[must_use]
    pub fn has_room_for(&self, record: &R) -> bool {
        self.free.is_none_or(|free| record.bytes() <= free)
    }

    /// Appends a record.
    pub fn append(&mut self, id: FileId, record: R) {
        if let Some(free) = &mut self.free {
            *free = free.saturating_sub(record.bytes());
        }
        let file = self.files.get_or_insert_with(id, File::default);
        file.deleted = false;
        file.torn = false;
        file.records.push(record);
    }

    /// Drops the records from `end` on.
    pub fn truncate(&mut self, id: FileId, end: u64) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.torn = false;
        if end < file.durable {
            file.remember();
            file.durable = end;
        }
        if let Some(free) = &mut self.free {
            *free = free.saturating_add(bytes(file.records.iter_from(end)));
        }
        file.records.truncate(end);
    }

    /// Drops the records before `before`.
    pub fn trim_head(&mut self, id: FileId, before: u64) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        if before <= file.records.first() {
            return;
        }
        file.remember();
        if let Some(free) = &mut self.free {
            let dropped = before.min(file.records.end()) - file.records.first();
            let dropped = file.records.iter().take(dropped as usize);
            *free = free.saturating_add(bytes(dropped));
        }
        file.records.trim_head(before);
        file.durable = file.durable.max(file.records.first());
    }

    /// Puts other contents in the place of a file.
    pub fn replace(&mut self, id: FileId, with: Vec<R>) {
        let file = self.files.get_or_insert_with(id, File::default);
        file.remember();
        if let Some(free) = &mut self.free {
            *free = free.saturating_add(bytes(file.records.iter()));
            *free = free.saturating_sub(bytes(with.iter()));
        }
        file.records = with.into_iter().collect();
        file.durable = 0;
        file.deleted = false;
        file.torn = false;
    }

    /// Removes a file.
    pub fn delete(&mut self, id: FileId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.remember();
        if let Some(free) = &mut self.free {
            *free = free.saturating_add(bytes(file.records.iter()));
        }
        file.records = Log::default();
        file.durable = 0;
        file.deleted = true;
        file.torn = false;
        if !file.lasting {
            self.files.remove(&id);
        }
    }

    /// The index after the last record of a file.
    #[must_use]
    pub fn end(&self, id: FileId) -> u64 {
        self.files.get(&id).map_or(0, |file| file.records.end())
    }

    /// Bytes of a file that are not flushed.
    #[must_use]
    pub fn dirty(&self, id: FileId) -> u64 {
        self.files
            .get(&id)
            .map_or(0, |file| bytes(file.records.iter_from(file.durable)))
    }

    /// Everything before `end` is flushed now. Returns whether that is news.
    pub fn sync(&mut self, id: FileId, end: u64) -> bool {
        let Some(file) = self.files.get_mut(&id) else {
            return false;
        };
        let end = end.min(file.records.end());
        let news = end > file.durable || file.is_changed();
        file.durable = file.durable.max(end);
        file.lasting = true;
        file.old = None;
        if file.deleted {
            self.files.remove(&id);
        }
        news
    }

    /// Asks whether the system should be told to write a file back; true once until it has.
    pub fn wants_writeback(&mut self, id: FileId) -> bool {
        let Some(file) = self.files.get_mut(&id) else {
            return false;
        };
        let is_dirty = file.durable < file.records.end() || file.is_changed();
        let asks = is_dirty && !file.writeback;
        file.writeback |= asks;
        asks
    }

    /// The system writes a file back: everything in it is flushed. Returns the end, if that is
    /// news.
    pub fn write_back(&mut self, id: FileId) -> Option<u64> {
        let file = self.files.get_mut(&id)?;
        file.writeback = false;
        let end = file.records.end();
        self.sync(id, end).then_some(end)
    }

    /// The power goes: only what was flushed stays. With a torn write, the first record that was
    /// not is there in part.
    pub fn lose_power(&mut self) -> PowerLoss {
        let mut loss = PowerLoss::default();
        let ids: Vec<FileId> = self.files.keys().copied().collect();
        for id in ids {
            let file = self.files.get_mut(&id).expect("it is there");
            let before = bytes(file.records.iter());
            let unflushed = file.records.end() - file.durable;
            loss.records += unflushed;
            if let Some(old) = file.old.take() {
                loss.records += old.end() - file.durable.clamp(old.first(), old.end());
                loss.records += file
                    .records
                    .first()
                    .min(old.end())
                    .saturating_sub(old.first());
                file.records = old;
            } else {
                file.records.truncate(file.durable);
                file.torn |= self.tear && unflushed > 0;
                loss.torn += u32::from(self.tear && unflushed > 0);
            }
            if let Some(free) = &mut self.free {
                *free = free
                    .saturating_add(before)
                    .saturating_sub(bytes(file.records.iter()));
            }
            file.durable = file.records.end();
            file.writeback = false;
            file.deleted = false;
            if !file.lasting && !file.torn {
                self.files.remove(&id);
            }
        }
        self.tear &= loss.torn == 0;
        loss
    }

    /// What a restarted process finds.
    #[must_use]
    pub fn kept(&self) -> Kept<R> {
        let there = self.files.iter().filter(|(_, file)| !file.deleted);
        let keep = |(id, file): (&FileId, &File<R>)| {
            let (records, torn) = (file.records.clone(), file.torn);
            (*id, KeptFile { records, torn })
        };
        there.map(keep).collect()
    }

    /// Bytes left; no value: no limit.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        self.free
    }

    /// Bytes left from now on; no value: no limit.
    pub fn set_free(&mut self, free: Option<u64>) {
        self.free = free;
    }

    /// The next power loss tears a write.
    pub fn set_tear(&mut self) {
        self.tear = true;
    }

    /// The records of a file, as a process that is down left them.
    #[must_use]
    pub fn records(&self, id: FileId) -> Option<&Log<R>> {
        self.files.get(&id).map(|file| &file.records)
    }
}

impl<R: Clone> File<R> {
    /// Before contents that were flushed are given up: keep them until the next flush.
    fn remember(&mut self) {
        if self.old.is_none() && self.lasting {
            let mut old = self.records.clone();
            old.truncate(self.durable);
            self.old = Some(old);
        }
    }
}

impl<R> File<R> {
    /// Whether a power loss would undo something else than an append.
    fn is_changed(&self) -> bool {
        self.old.is_some() || !self.lasting
    }
}

fn bytes<'a, R: Parcel + 'a>(records: impl Iterator<Item = &'a R>) -> u64 {
    records.map(Parcel::bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::Text;

    const F: FileId = FileId(1);

    fn disk(texts: &[&str]) -> Disk<Text> {
        let mut disk = Disk::default();
        for text in texts {
            disk.append(F, Text::from(*text));
        }
        disk
    }

    fn kept(disk: &Disk<Text>) -> Vec<String> {
        let kept = disk.kept();
        kept.get(&F).map_or(Vec::new(), |file| {
            file.records.iter().map(|text| text.0.to_string()).collect()
        })
    }

    #[test]
    fn power_loss_keeps_the_flushed_prefix() {
        let mut disk = disk(&["a", "b", "c"]);
        disk.sync(F, 2);
        assert_eq!(disk.dirty(F), 1);
        assert_eq!(disk.lose_power().records, 1);
        assert_eq!(kept(&disk), ["a", "b"]);
    }

    #[test]
    fn a_truncation_that_was_not_flushed_comes_undone() {
        let mut disk = disk(&["a", "b", "c"]);
        disk.sync(F, 3);
        disk.truncate(F, 1);
        disk.append(F, Text::from("x"));
        let mut flushed = disk.clone();
        disk.lose_power();
        assert_eq!(kept(&disk), ["a", "b", "c"]);
        flushed.sync(F, 2);
        flushed.lose_power();
        assert_eq!(kept(&flushed), ["a", "x"]);
    }

    #[test]
    fn a_replaced_file_is_the_old_one_until_flushed() {
        let mut disk = disk(&["a"]);
        disk.sync(F, 1);
        disk.replace(F, vec![Text::from("b"), Text::from("c")]);
        assert_eq!(kept(&disk), ["b", "c"]);
        disk.lose_power();
        assert_eq!(kept(&disk), ["a"]);
    }

    #[test]
    fn a_deleted_file_is_gone_for_good_once_flushed() {
        let mut disk = disk(&["a"]);
        disk.sync(F, 1);
        disk.delete(F);
        assert!(disk.kept().is_empty());
        let mut flushed = disk.clone();
        disk.lose_power();
        assert_eq!(kept(&disk), ["a"]);
        flushed.sync(F, 0);
        flushed.lose_power();
        assert!(flushed.kept().is_empty());
    }

    #[test]
    fn a_full_disk_takes_nothing() {
        let mut disk = disk(&["a"]);
        disk.set_free(Some(3));
        assert!(disk.has_room_for(&Text::from("bcd")));
        disk.append(F, Text::from("bcd"));
        assert!(!disk.has_room_for(&Text::from("e")));
        disk.set_free(None);
        assert!(disk.has_room_for(&Text::from("e")));
    }

    #[test]
    fn what_is_dropped_gives_its_room_back() {
        let mut disk = disk(&["a", "bb", "ccc"]);
        disk.set_free(Some(4));
        disk.append(F, Text::from("dddd"));
        assert_eq!(disk.free, Some(0));
        disk.truncate(F, 3);
        assert_eq!(disk.free, Some(4));
        disk.trim_head(F, 1);
        assert_eq!(disk.free, Some(5));
        disk.replace(F, vec![Text::from("x")]);
        assert_eq!(disk.free, Some(9));
        disk.delete(F);
        assert_eq!(disk.free, Some(10));
    }

    #[test]
    fn what_a_power_loss_takes_gives_its_room_back_and_what_returns_needs_it() {
        let mut disk = disk(&["a"]);
        disk.sync(F, 1);
        disk.set_free(Some(4));
        disk.append(F, Text::from("bbb"));
        disk.lose_power();
        assert_eq!(disk.free, Some(4));
        disk.delete(F);
        assert_eq!(disk.free, Some(5));
        disk.lose_power();
        assert_eq!(disk.free, Some(4));
    }

    #[test]
    fn a_file_that_was_never_flushed_is_gone_with_the_power() {
        let mut disk = disk(&["a"]);
        disk.lose_power();
        assert!(disk.kept().is_empty());
        disk.replace(F, Vec::new());
        disk.sync(F, 0);
        disk.lose_power();
        assert_eq!(disk.kept().len(), 1, "an empty file is a file");
    }

    #[test]
    fn asking_for_what_is_not_there_brings_no_file_about() {
        let mut disk: Disk<Text> = Disk::default();
        disk.truncate(F, 0);
        disk.trim_head(F, 0);
        disk.delete(F);
        assert!(!disk.sync(F, 0));
        assert!(!disk.wants_writeback(F));
        assert_eq!(disk.write_back(F), None);
        assert!(disk.kept().is_empty());
    }

    #[test]
    fn a_power_loss_counts_what_it_takes_and_what_it_brings_back() {
        let mut disk = disk(&["a", "b", "c"]);
        disk.sync(F, 3);
        disk.truncate(F, 1);
        disk.append(F, Text::from("x"));
        assert_eq!(
            disk.clone().lose_power().records,
            3,
            "x goes, b and c return"
        );
        disk.sync(F, 2);
        disk.trim_head(F, 1);
        assert_eq!(disk.lose_power().records, 1, "a returns");
    }

    #[test]
    fn only_a_torn_write_leaves_half_a_record() {
        let mut disk = disk(&["a"]);
        disk.set_tear();
        assert_eq!(disk.clone().lose_power().torn, 1);
        disk.sync(F, 1);
        assert_eq!(disk.lose_power().torn, 0, "nothing was unflushed");
        disk.append(F, Text::from("b"));
        assert_eq!(
            disk.lose_power().torn,
            1,
            "the tear waits for a write to tear"
        );
        assert!(disk.kept()[&F].torn);
        assert!(
            disk.clone().kept()[&F].torn,
            "and is found until it is mended"
        );
        disk.truncate(F, 1);
        assert!(!disk.kept()[&F].torn);
        disk.append(F, Text::from("b"));
        assert_eq!(disk.lose_power().torn, 0, "and happens once");
    }
}
