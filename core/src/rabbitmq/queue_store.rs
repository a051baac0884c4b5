//! What of a durable queue is on the disk: its persistent messages (RabbitMQ's queue index and
//! message store, as one file).

use super::classic_queue::Entry;
use super::delivery::{Desk, Event, Publish};
use super::fact::{Fact, QueueCopy};
use super::record::Record;
use crate::fingerprint::Fingerprint;
use crate::names::FileId;
use crate::shared::{Deque, Log, Map};

/// How many records may be of no use at the head of the file before it is cut.
const SEGMENT: u64 = 1024;

/// The disk's part of one queue.
#[derive(Clone, Debug, Fingerprint)]
pub struct QueueStore {
    /// None for a queue that is not durable.
    file: Option<FileId>,
    /// The messages that the file has, and the index of each one's record.
    kept: Map<u64, u64>,
    /// Written and not yet safe, in the order written.
    unsynced: Deque<Unsynced>,
    /// The index of the first record that is still in the file.
    head: u64,
}

/// A message that a power loss would take.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
struct Unsynced {
    index: u64,
    seq: u64,
    copy: QueueCopy,
    confirm: Option<Publish>,
}

impl QueueStore {
    /// An empty one.
    #[must_use]
    pub fn new(file: Option<FileId>) -> Self {
        QueueStore {
            file,
            kept: Map::default(),
            unsynced: Deque::new(),
            head: 0,
        }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> Option<FileId> {
        self.file
    }

    /// Reads what the disk kept: the messages that are not settled, and the next sequence number.
    ///
    /// After a stop that was not orderly, marks of deliveries may be missing, so that every message
    /// counts as delivered (`rabbit_queue_index:recover_message`).
    pub fn recover(
        &mut self,
        records: &Log<Record>,
        desk: &mut Desk<'_>,
    ) -> (Map<u64, Entry>, u64) {
        self.head = records.first();
        let was_orderly = records.iter().next_back() == Some(&Record::Terminated);
        if let (true, Some(file)) = (was_orderly, self.file) {
            desk.disk.append(file, Record::Cleared);
        }
        let (mut entries, mut next) = (Map::default(), 0);
        for (index, record) in (records.first()..).zip(records.iter()) {
            match record {
                Record::Enqueued {
                    seq,
                    message,
                    expiry,
                } => {
                    let entry = Entry {
                        message: message.clone(),
                        redelivered: !was_orderly,
                        expiry: *expiry,
                    };
                    next = next.max(seq + 1);
                    self.kept.insert(*seq, index);
                    entries.insert(*seq, entry);
                }
                Record::Delivered(seq) => {
                    next = next.max(seq + 1);
                    if let Some(entry) = entries.get_mut(seq) {
                        entry.redelivered = true;
                    }
                }
                Record::Settled(seq) => {
                    next = next.max(seq + 1);
                    self.kept.remove(seq);
                    entries.remove(seq);
                }
                _ => {}
            }
        }
        (entries, next)
    }

    /// Writes a persistent message; its publish is confirmed when the disk has it for good.
    pub fn written(
        &mut self,
        seq: u64,
        entry: &Entry,
        copy: QueueCopy,
        confirm: Option<Publish>,
        desk: &mut Desk<'_>,
    ) {
        let Some(file) = self.file else { return };
        let record = Record::Enqueued {
            seq,
            message: entry.message.clone(),
            expiry: entry.expiry,
        };
        let index = desk.disk.append(file, record);
        self.kept.insert(seq, index);
        self.unsynced.push_back(Unsynced {
            index,
            seq,
            copy,
            confirm,
        });
    }

    /// Notes that a message went out, so that a restart marks it as redelivered.
    pub fn delivered(&mut self, seq: u64, desk: &mut Desk<'_>) {
        if let Some(file) = self.file
            && self.kept.contains_key(&seq)
        {
            desk.disk.append(file, Record::Delivered(seq));
        }
    }

    /// Notes that a message is settled, and cuts the head of the file when enough of it is.
    pub fn settled(&mut self, seq: u64, desk: &mut Desk<'_>) {
        let Some(file) = self.file else { return };
        if self.kept.remove(&seq).is_none() {
            return;
        }
        let last = desk.disk.append(file, Record::Settled(seq));
        // Messages are written in the order of their numbers.
        let needed = self.kept.first();
        let needed = needed.map_or(last + 1, |(_, index)| *index);
        if needed - self.head >= SEGMENT {
            self.head = needed;
            desk.events.push(Event::TrimHead(file, needed));
        }
    }

    /// Its node stops in an orderly way: what the file says is all that there is to know.
    pub fn terminate(&mut self, desk: &mut Desk<'_>) {
        if let Some(file) = self.file.filter(|_| !self.kept.is_empty()) {
            desk.disk.append(file, Record::Terminated);
        }
    }

    /// Everything before `end` is safe.
    pub fn synced(&mut self, end: u64, desk: &mut Desk<'_>) {
        while self.unsynced.front().is_some_and(|u| u.index < end) {
            let Some(unsynced) = self.unsynced.pop_front() else {
                return;
            };
            if self.kept.contains_key(&unsynced.seq) {
                desk.tell(Fact::Persisted {
                    copy: unsynced.copy,
                });
            }
            desk.events.extend(unsynced.confirm.map(Event::Confirm));
        }
    }
}
