//! What a group coordinator writes to `__consumer_offsets`: committed offsets and the groups
//! themselves, as keyed records. The last record of a key is what counts.
//!
//! Source: `OffsetCommitKey.json`, `OffsetCommitValue.json`, `GroupMetadataKey.json`,
//! `GroupMetadataValue.json`: big-endian numbers, strings behind their 16-bit lengths. Fields that
//! nothing here reads are left out.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::group::Assignment;
use crate::kafka::record::{Bytes, Record};
use crate::kafka::topic::TopicPartition;
use crate::names::Name;
use crate::shared::SortedMap;
use crate::time::Now;

/// `CURRENT_OFFSET_KEY_SCHEMA_VERSION`.
const OFFSET_KEY: u16 = 1;
/// `CURRENT_GROUP_KEY_SCHEMA_VERSION`.
const GROUP_KEY: u16 = 2;

/// One record of a coordinator.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum GroupRecord {
    /// A group's next offset to read in a partition.
    Offset {
        /// The group.
        group: Name,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        offset: u64,
    },
    /// A group at the end of a rebalance.
    Group {
        /// The group.
        group: Name,
        /// As it is from now on.
        value: GroupValue,
    },
}

/// A group as the log has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct GroupValue {
    /// Its generation.
    pub generation: u32,
    /// The assignor that its members chose; empty for an empty group.
    pub protocol: Name,
    /// Who computed the assignment; empty for an empty group.
    pub leader: Name,
    /// Its members, by id.
    pub members: SortedMap<Name, MemberValue>,
}

/// A member as the log has it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct MemberValue {
    /// `max.poll.interval.ms`.
    pub rebalance_timeout_ms: u32,
    /// `session.timeout.ms`.
    pub session_timeout_ms: u32,
    /// What it subscribed to.
    pub subscription: Vec<Name>,
    /// What it got.
    pub assignment: Assignment,
}

impl GroupRecord {
    /// As it lies in the log.
    #[must_use]
    pub fn encode(&self, now: Now) -> Record {
        let (mut key, mut value) = (Writer::default(), Writer::default());
        match self {
            GroupRecord::Offset {
                group,
                partition,
                offset,
            } => {
                key.u16(OFFSET_KEY);
                key.text(group);
                key.text(&partition.topic);
                key.u32(partition.partition);
                value.u32((offset >> 32) as u32);
                value.u32(*offset as u32);
            }
            GroupRecord::Group { group, value: of } => {
                key.u16(GROUP_KEY);
                key.text(group);
                value.u32(of.generation);
                value.text(&of.protocol);
                value.text(&of.leader);
                value.list(&of.members, |to, (id, member)| {
                    to.text(id);
                    to.u32(member.rebalance_timeout_ms);
                    to.u32(member.session_timeout_ms);
                    to.list(&member.subscription, |to, topic| to.text(topic));
                    to.list(&member.assignment, |to, (topic, partitions)| {
                        to.text(topic);
                        to.list(partitions, |to, &partition| to.u32(partition));
                    });
                });
            }
        }
        Record {
            key: Some(key.0.into()),
            value: Some(value.0.into()),
            timestamp: now.wall_ms(),
            message: None,
        }
    }

    /// What a record of the log says; `None` if no coordinator of this kind wrote it.
    #[must_use]
    pub fn decode(record: &Record) -> Option<GroupRecord> {
        let (mut key, mut value) = (Reader::of(&record.key)?, Reader::of(&record.value)?);
        match key.u16()? {
            OFFSET_KEY => Some(GroupRecord::Offset {
                group: key.text()?,
                partition: TopicPartition {
                    topic: key.text()?,
                    partition: key.u32()?,
                },
                offset: u64::from(value.u32()?) << 32 | u64::from(value.u32()?),
            }),
            GROUP_KEY => Some(GroupRecord::Group {
                group: key.text()?,
                value: value.group()?,
            }),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn u16(&mut self, n: u16) {
        self.0.extend(n.to_be_bytes());
    }

    fn u32(&mut self, n: u32) {
        self.0.extend(n.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        let length = u16::try_from(text.len()).expect("names are shorter than 64 KiB");
        self.u16(length);
        self.0.extend(text.as_bytes());
    }

    fn list<I: IntoIterator>(&mut self, items: I, write: impl Fn(&mut Writer, I::Item)) {
        let at = self.0.len();
        self.u32(0);
        let mut count = 0u32;
        for item in items {
            write(self, item);
            count += 1;
        }
        self.0[at..at + 4].copy_from_slice(&count.to_be_bytes());
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn of(bytes: &'a Option<Bytes>) -> Option<Self> {
        bytes.as_ref().map(|bytes| Reader(bytes))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<Name> {
        let length = usize::from(self.u16()?);
        core::str::from_utf8(self.take(length)?)
            .ok()
            .map(Name::from)
    }

    fn list<T, C: FromIterator<T>>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<C> {
        let count = self.u32()?;
        (0..count).map(|_| read(self)).collect()
    }

    fn group(&mut self) -> Option<GroupValue> {
        Some(GroupValue {
            generation: self.u32()?,
            protocol: self.text()?,
            leader: self.text()?,
            members: self.list(|from| Some((from.text()?, from.member()?)))?,
        })
    }

    fn member(&mut self) -> Option<MemberValue> {
        Some(MemberValue {
            rebalance_timeout_ms: self.u32()?,
            session_timeout_ms: self.u32()?,
            subscription: self.list(Reader::text)?,
            assignment: self.list(|from| Some((from.text()?, from.list(Reader::u32)?)))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_record_says_again_what_was_written() {
        let member = MemberValue {
            rebalance_timeout_ms: 300_000,
            session_timeout_ms: 45_000,
            subscription: vec!["orders".into(), "returns".into()],
            assignment: Assignment::from([("orders".into(), vec![0, 2])]),
        };
        let records = [
            GroupRecord::Offset {
                group: "billing".into(),
                partition: TopicPartition::new(&"orders".into(), 7),
                offset: 1 << 40 | 5,
            },
            GroupRecord::Group {
                group: "billing".into(),
                value: GroupValue {
                    generation: 3,
                    protocol: "range".into(),
                    leader: "a-1".into(),
                    members: SortedMap::from([("a-1".into(), member)]),
                },
            },
            GroupRecord::Group {
                group: "idle".into(),
                value: GroupValue::default(),
            },
        ];
        for record in records {
            let written = record.encode(Now { wall: 0, mono: 0 });
            assert_eq!(GroupRecord::decode(&written), Some(record));
        }
    }

    #[test]
    fn what_another_wrote_is_left_alone() {
        let foreign = |key: &[u8]| Record {
            key: Some(key.into()),
            value: Some([0u8; 3].as_slice().into()),
            timestamp: 0,
            message: None,
        };
        for key in [
            &b""[..],
            b"\0",
            b"\0\x09",
            b"\0\x01\0\x05ab",
            b"\0\x02\0\x01a",
        ] {
            assert_eq!(GroupRecord::decode(&foreign(key)), None, "{key:?}");
        }
    }
}
