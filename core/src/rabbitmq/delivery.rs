//! What passes between a queue and its channels within one step.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::fact::{Fact, QueueCopy, Tag};
use super::message::Message;
use super::prefetch::{ChannelId, Limiters};
use super::record::Record;
use crate::fingerprint::Fingerprint;
use crate::names::{FileId, Name};
use crate::time::{Now, Span};

/// A publish that waits for its confirm: the number on its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub struct Publish {
    /// On which channel.
    pub channel: ChannelId,
    /// Counted from 1 since `confirm.select`.
    pub number: u64,
}

/// What a queue wants done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Send a message to a consumer.
    Deliver(Delivery),
    /// As far as this queue is concerned, a publish is taken care of.
    Confirm(Publish),
    /// This queue refused a publish.
    Reject(Publish),
    /// Drop the head of a file, up to this index.
    TrimHead(FileId, u64),
    /// Wake the queue for its next expiry.
    ArmExpiry(Span),
    /// Tell onlookers.
    Tell(Fact),
}

/// A message on its way to a consumer or to `basic.get`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// To which channel.
    pub channel: ChannelId,
    /// To which consumer; none for `basic.get`.
    pub consumer: Option<Name>,
    /// Its place in the queue, to settle it by; none if it is settled already.
    pub seq: Option<u64>,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// The message.
    pub message: Rc<Message>,
    /// The copy, for the fact that it was delivered.
    pub copy: QueueCopy,
}

/// What a queue works with during a step.
#[derive(Debug)]
pub struct Desk<'a> {
    /// The channels' limits.
    pub limiters: &'a mut Limiters,
    /// The time.
    pub now: Now,
    /// Writes a record to a file and gives its index.
    pub disk: &'a mut dyn Disk,
    /// What is to be done.
    pub events: &'a mut Vec<Event>,
}

/// Writes records.
pub trait Disk: core::fmt::Debug {
    /// Writes a record behind the last one of a file and gives its index.
    fn append(&mut self, file: FileId, record: Record) -> u64;
}

impl Desk<'_> {
    /// Tells onlookers.
    pub fn tell(&mut self, fact: Fact) {
        self.events.push(Event::Tell(fact));
    }
}

impl Delivery {
    /// The facts of a delivery, once it has its tag.
    pub fn facts(&self, delivery_tag: u64) -> impl Iterator<Item = Fact> {
        let delivered = Fact::Delivered {
            copy: self.copy.clone(),
            consumer: self.consumer.clone(),
            tag: Tag {
                link: self.channel.link,
                channel: self.channel.number,
                delivery_tag,
            },
            redelivered: self.redelivered,
        };
        let acknowledged = self.seq.is_none().then(|| Fact::Acknowledged {
            copy: self.copy.clone(),
            automatic: true,
        });
        core::iter::once(delivered).chain(acknowledged)
    }
}
