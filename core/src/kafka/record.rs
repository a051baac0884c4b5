//! Records, and the batches in which they are sent, stored and replicated.
//!
//! Sizes are those of message format v2 (protocol guide, "Record Batch"; `DefaultRecordBatch`,
//! `DefaultRecord`), without compression and without headers.

use alloc::rc::Rc;
use core::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::fingerprint::{Digest, Fingerprint};
use crate::names::MessageId;

/// A key or a value.
pub type Bytes = Rc<[u8]>;

/// What one call of `send` becomes.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Record {
    /// What the partitioner hashes, if there is one. An empty key is a key.
    pub key: Option<Bytes>,
    /// The payload.
    pub value: Option<Bytes>,
    /// `CreateTime`: the producer's wall clock, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Which message of the application this is. It has no size.
    pub message: Option<MessageId>,
}

/// Records that are written, replicated and acknowledged together.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Batch {
    /// The offset of the first record; 0 until a leader appends it.
    pub base_offset: u64,
    /// The epoch of the leader that appended it; `None` until then.
    pub leader_epoch: Option<u32>,
    /// Never empty.
    pub records: Records,
}

/// The records of a batch, shared by all copies of it, and their size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Rc<[Record]>", into = "Rc<[Record]>")]
pub struct Records {
    list: Rc<[Record]>,
    bytes: u64,
}

impl Batch {
    /// The bytes in front of the records (`DefaultRecordBatch.RECORD_BATCH_OVERHEAD`).
    pub const OVERHEAD: u64 = 61;

    /// A batch that no leader has appended yet.
    #[must_use]
    pub fn of(records: impl Into<Rc<[Record]>>) -> Self {
        let records = Records::from(records.into());
        assert!(!records.is_empty(), "a batch has at least one record");
        Batch {
            base_offset: 0,
            leader_epoch: None,
            records,
        }
    }

    /// The same records where a leader put them.
    #[must_use]
    pub fn placed(&self, base_offset: u64, leader_epoch: u32) -> Self {
        Batch {
            base_offset,
            leader_epoch: Some(leader_epoch),
            records: self.records.clone(),
        }
    }

    /// The offset after the last record.
    #[must_use]
    pub fn next_offset(&self) -> u64 {
        self.base_offset + self.records.len() as u64
    }

    /// The offset of the last record.
    #[must_use]
    pub fn last_offset(&self) -> u64 {
        self.next_offset() - 1
    }

    /// The latest timestamp in it, in milliseconds.
    #[must_use]
    pub fn max_timestamp(&self) -> i64 {
        self.records.iter().map(|r| r.timestamp).max().unwrap_or(-1)
    }

    /// Its size in the log and on the wire, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        Batch::OVERHEAD + self.records.bytes
    }

    /// The records with their offsets.
    pub fn offsets(&self) -> impl Iterator<Item = (u64, &Record)> + Clone {
        (self.base_offset..).zip(self.records.iter())
    }

    /// The messages of the application inside.
    pub fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        self.records.iter().filter_map(|r| r.message).for_each(each);
    }
}

impl From<Rc<[Record]>> for Records {
    fn from(list: Rc<[Record]>) -> Self {
        let first = list.first().map_or(0, |record| record.timestamp);
        let bytes = |(record, delta): (&Record, i64)| record.bytes(record.timestamp - first, delta);
        let bytes = list.iter().zip(0..).map(bytes).sum();
        Records { list, bytes }
    }
}

impl From<Records> for Rc<[Record]> {
    fn from(records: Records) -> Self {
        records.list
    }
}

impl Deref for Records {
    type Target = [Record];

    fn deref(&self) -> &[Record] {
        &self.list
    }
}

/// The size follows from the records.
impl Fingerprint for Records {
    fn fingerprint(&self, to: &mut Digest) {
        self.list.fingerprint(to);
    }
}

impl Record {
    /// Its size inside a batch, in bytes.
    #[must_use]
    pub fn bytes(&self, timestamp_delta: i64, offset_delta: i64) -> u64 {
        let attributes = 1;
        let no_headers = 1;
        let body = attributes
            + varint(timestamp_delta)
            + varint(offset_delta)
            + field(self.key.as_ref())
            + field(self.value.as_ref())
            + no_headers;
        varint(body as i64) + body
    }
}

/// A length and as many bytes; length -1 for none.
fn field(bytes: Option<&Bytes>) -> u64 {
    match bytes {
        None => varint(-1),
        Some(bytes) => varint(bytes.len() as i64) + bytes.len() as u64,
    }
}

/// The bytes of a zigzag varint (`ByteUtils.sizeOfVarlong`).
fn varint(n: i64) -> u64 {
    let zigzag = ((n << 1) ^ (n >> 63)) as u64;
    u64::from((64 - zigzag.leading_zeros()).max(1).div_ceil(7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn record(key: Option<&[u8]>, value: &[u8]) -> Record {
        Record {
            key: key.map(Bytes::from),
            value: Some(Bytes::from(value)),
            timestamp: 1000,
            message: None,
        }
    }

    #[test]
    fn a_batch_of_one_small_record_has_the_size_that_kafka_writes() {
        // 61 for the batch; 1 length, 1 attributes, 1 + 1 deltas, 1 null key, 1 + 5 value, 1 headers.
        assert_eq!(Batch::of(vec![record(None, b"hello")]).bytes(), 73);
        // An empty key takes a length byte too; 64 bytes of value need a length of two.
        assert_eq!(
            record(Some(b""), &[0; 64]).bytes(0, 0),
            2 + 1 + 2 + 1 + 66 + 1
        );
    }

    #[test]
    fn the_size_of_a_varint_follows_its_zigzag() {
        let sizes = [
            (0, 1),
            (-1, 1),
            (63, 1),
            (64, 2),
            (-64, 1),
            (-65, 2),
            (i64::MIN, 10),
        ];
        for (n, size) in sizes {
            assert_eq!(varint(n), size, "{n}");
        }
    }

    #[test]
    fn a_leader_places_a_batch_without_copying_its_records() {
        let batch = Batch::of(vec![record(None, b"a"), record(None, b"b")]);
        let placed = batch.placed(17, 3);
        assert_eq!((placed.last_offset(), placed.next_offset()), (18, 19));
        assert!(Rc::ptr_eq(&batch.records.list, &placed.records.list));
    }
}
