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
    free: Option<u64>,
    tear: bool,
}

#[derive(Clone, Debug, Fingerprint)]
struct File<R> {
    records: Log<R>,
    /// Records before this survive a power loss.
    durable: u64,
    /// What a power loss brings back instead of `records[..durable]`, since the file was
    /// truncated, replaced or deleted and not flushed.
    old: Option<Log<R>>,
    /// Deleted, but not yet for good.
    deleted: bool,
    /// Bytes not flushed.
    dirty: u64,
    /// Whether the system will write it back.
    writeback: bool,
}

impl<R> Default for File<R> {
    fn default() -> Self {
        File {
            records: Log::default(),
            durable: 0,
            old: None,
            deleted: false,
            dirty: 0,
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
    /// Whether there is room for so many bytes.
    #[must_use]
    pub fn has_room(&self, bytes: u64) -> bool {
        self.free.is_none_or(|free| bytes <= free)
    }

    /// Appends a record.
    pub fn append(&mut self, id: FileId, record: R) {
        let bytes = record.bytes();
        if let Some(free) = &mut self.free {
            *free = free.saturating_sub(bytes);
        }
        let file = self.file(id);
        file.deleted = false;
        file.dirty += bytes;
        file.records.push(record);
    }

    /// Drops the records from `end` on.
    pub fn truncate(&mut self, id: FileId, end: u64) {
        let file = self.file(id);
        if end < file.durable {
            file.remember();
            file.durable = end;
        }
        file.records.truncate(end);
    }

    /// Drops the records before `before`.
    pub fn trim_head(&mut self, id: FileId, before: u64) {
        let file = self.file(id);
        if before > file.records.first() {
            file.remember();
            file.records.trim_head(before);
            file.durable = file.durable.max(file.records.first());
        }
    }

    /// Puts other contents in the place of a file.
    pub fn replace(&mut self, id: FileId, with: Vec<R>) {
        let file = self.file(id);
        file.remember();
        file.dirty += with.iter().map(Parcel::bytes).sum::<u64>();
        file.records = with.into_iter().collect();
        file.durable = 0;
        file.deleted = false;
    }

    /// Removes a file.
    pub fn delete(&mut self, id: FileId) {
        let file = self.file(id);
        file.remember();
        file.records = Log::default();
        file.durable = 0;
        file.deleted = true;
    }

    /// The index after the last record of a file.
    #[must_use]
    pub fn end(&self, id: FileId) -> u64 {
        self.files.get(&id).map_or(0, |file| file.records.end())
    }

    /// Bytes of a file that are not flushed.
    #[must_use]
    pub fn dirty(&self, id: FileId) -> u64 {
        self.files.get(&id).map_or(0, |file| file.dirty)
    }

    /// Everything before `end` is flushed now. Returns whether that is news.
    pub fn sync(&mut self, id: FileId, end: u64) -> bool {
        let file = self.file(id);
        let end = end.min(file.records.end());
        let news = end > file.durable || file.old.is_some();
        file.durable = file.durable.max(end);
        file.old = None;
        if file.durable == file.records.end() {
            file.dirty = 0;
        }
        if file.deleted {
            self.files.remove(&id);
        }
        news
    }

    /// Asks whether the system should be told to write a file back; true once until it has.
    pub fn wants_writeback(&mut self, id: FileId) -> bool {
        let file = self.file(id);
        let unsafe_now = file.durable < file.records.end() || file.old.is_some();
        let asks = unsafe_now && !file.writeback;
        file.writeback |= asks;
        asks
    }

    /// The system writes a file back: everything in it is flushed. Returns the end, if that is
    /// news.
    pub fn write_back(&mut self, id: FileId) -> Option<u64> {
        self.file(id).writeback = false;
        let end = self.end(id);
        self.sync(id, end).then_some(end)
    }

    /// How many records a power loss would take.
    #[must_use]
    pub fn unflushed(&self) -> u64 {
        self.files
            .iter()
            .map(|(_, file)| file.records.end() - file.durable)
            .sum()
    }

    /// The power goes: only what was flushed stays. With a torn write, the first record that was
    /// not is there in part.
    pub fn lose_power(&mut self) -> Vec<FileId> {
        let mut torn = Vec::new();
        let ids: Vec<FileId> = self.files.iter().map(|(id, _)| *id).collect();
        for id in ids {
            let file = self.file(id);
            let had_more = file.records.end() > file.durable;
            match file.old.take() {
                Some(old) => file.records = old,
                None => file.records.truncate(file.durable),
            }
            file.durable = file.records.end();
            file.dirty = 0;
            file.writeback = false;
            file.deleted = false;
            if had_more {
                torn.push(id);
            }
        }
        let torn = if self.tear { torn } else { Vec::new() };
        self.tear &= torn.is_empty();
        torn
    }

    /// What a restarted process finds; `torn` files end in half a record.
    #[must_use]
    pub fn kept(&self, torn: &[FileId]) -> Kept<R> {
        let there = self.files.iter().filter(|(_, file)| !file.deleted);
        let keep = |(id, file): (&FileId, &File<R>)| {
            let records = file.records.clone();
            (
                *id,
                KeptFile {
                    records,
                    torn: torn.contains(id),
                },
            )
        };
        there.map(keep).collect()
    }

    /// Bytes left; no value: no limit.
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

    fn file(&mut self, id: FileId) -> &mut File<R> {
        self.files.get_or_insert_with(id, File::default)
    }
}

impl<R: Clone> File<R> {
    /// Before contents that were flushed are given up: keep them until the next flush.
    fn remember(&mut self) {
        if self.old.is_none() && self.durable > 0 {
            let mut old = self.records.clone();
            old.truncate(self.durable);
            self.old = Some(old);
        }
    }
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
        let kept = disk.kept(&[]);
        kept.get(&F).map_or(Vec::new(), |file| {
            file.records.iter().map(|text| text.0.to_string()).collect()
        })
    }

    #[test]
    fn power_loss_keeps_the_flushed_prefix() {
        let mut disk = disk(&["a", "b", "c"]);
        disk.sync(F, 2);
        assert_eq!(disk.unflushed(), 1);
        disk.lose_power();
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
        assert!(disk.kept(&[]).is_empty());
        let mut flushed = disk.clone();
        disk.lose_power();
        assert_eq!(kept(&disk), ["a"]);
        flushed.sync(F, 0);
        flushed.lose_power();
        assert!(flushed.kept(&[]).is_empty());
    }

    #[test]
    fn a_full_disk_takes_nothing() {
        let mut disk = disk(&["a"]);
        disk.set_free(Some(3));
        assert!(disk.has_room(3));
        disk.append(F, Text::from("bcd"));
        assert!(!disk.has_room(1));
        disk.set_free(None);
        assert!(disk.has_room(1));
    }

    #[test]
    fn only_a_torn_write_leaves_half_a_record() {
        let mut disk = disk(&["a"]);
        disk.set_tear();
        assert_eq!(disk.clone().lose_power(), [F]);
        disk.sync(F, 1);
        assert!(disk.lose_power().is_empty(), "nothing was unflushed");
        disk.append(F, Text::from("b"));
        assert_eq!(disk.lose_power(), [F], "the tear waits for a write to tear");
        disk.append(F, Text::from("b"));
        assert!(disk.lose_power().is_empty(), "and happens once");
    }
}
