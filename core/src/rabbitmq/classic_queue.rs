//! A classic queue: messages in order, delivered to consumers in turn or fetched one by one
//! (`rabbit_amqqueue_process`, `rabbit_variable_queue`).
//!
//! A message keeps its sequence number for as long as it is in the queue, so one that is requeued
//! comes back to its original position. Invariant: either no message is ready, or no consumer is
//! in line.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::consumer::{Consumer, Consumers, Left};
use super::delivery::{Delivery, Desk, Event, Publish};
use super::fact::{Drop, Fact, QueueCopy, Requeue};
use super::message::Message;
use super::prefetch::ChannelId;
use super::queue::{Declaration, Limits, Overflow, parse_expiration};
use super::queue_store::QueueStore;
use super::record::Record;
use crate::fingerprint::Fingerprint;
use crate::names::{FileId, Name, NodeId};
use crate::shared::{Log, Map};
use crate::time::{Now, Span};

/// A queue on one node.
#[derive(Clone, Debug, Fingerprint)]
pub struct ClassicQueue {
    /// What it was declared as.
    pub declared: Declaration,
    /// Who consumes.
    pub consumers: Consumers,
    limits: Limits,
    /// The node, and the name with the vhost in front: where copies are said to be.
    node: NodeId,
    place: Name,
    ready: Map<u64, Entry>,
    unacked: Map<u64, Entry>,
    /// The sequence number of the next message.
    next: u64,
    /// Bytes of the ready bodies.
    ready_bytes: u64,
    /// The consumer that keeps all others out.
    exclusive: Option<(ChannelId, Name)>,
    /// An auto-delete queue goes with its last consumer, not before its first.
    had_consumers: bool,
    /// For which expiry the timer is set, in microseconds on the wall clock.
    expiry_timer: Option<i64>,
    /// What of it is on the disk.
    store: QueueStore,
}

/// A message in this queue.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Entry {
    /// The message.
    pub message: Rc<Message>,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// When it expires, in microseconds on the wall clock.
    pub expiry: Option<i64>,
}

impl ClassicQueue {
    /// An empty queue.
    #[must_use]
    pub fn new(
        declared: Declaration,
        limits: Limits,
        file: Option<FileId>,
        node: NodeId,
        vhost: &str,
    ) -> Self {
        ClassicQueue {
            place: placed(vhost, &declared.name),
            declared,
            consumers: Consumers::default(),
            limits,
            node,
            ready: Map::default(),
            unacked: Map::default(),
            next: 0,
            ready_bytes: 0,
            exclusive: None,
            had_consumers: false,
            expiry_timer: None,
            store: QueueStore::new(file),
        }
    }

    /// Puts back what the disk kept. What was transient is not there; what was delivered and not
    /// settled is ready again, in its place, and marked.
    pub fn recover(&mut self, records: &Log<Record>, desk: &mut Desk<'_>) {
        let (ready, next) = self.store.recover(records, desk);
        (self.ready, self.next) = (ready, next);
        for entry in self.ready.values() {
            self.ready_bytes += entry.message.body_bytes();
            desk.events.push(Event::Tell(Fact::Recovered {
                copy: self.copy(&entry.message),
                redelivered: entry.redelivered,
            }));
        }
        desk.tell(Fact::QueueRecovered {
            node: self.node,
            queue: self.place.clone(),
            messages: self.ready_count(),
        });
        self.drop_expired(desk);
    }

    /// Its node stops in an orderly way.
    pub fn terminate(&mut self, desk: &mut Desk<'_>) {
        self.store.terminate(desk);
    }

    /// How many messages are ready.
    #[must_use]
    pub fn ready_count(&self) -> u32 {
        u32::try_from(self.ready.len()).unwrap_or(u32::MAX)
    }

    /// Messages that are ready, in order.
    pub fn ready(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.ready.iter().map(|(seq, entry)| (*seq, entry))
    }

    /// Messages that are delivered and not settled, in order.
    pub fn unacked(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.unacked.iter().map(|(seq, entry)| (*seq, entry))
    }

    /// How many messages are delivered and not settled.
    #[must_use]
    pub fn unacked_count(&self) -> u32 {
        u32::try_from(self.unacked.len()).unwrap_or(u32::MAX)
    }

    /// The name with the vhost in front, as subjects have it.
    #[must_use]
    pub fn place(&self) -> &Name {
        &self.place
    }

    /// The consumer that keeps all others out.
    #[must_use]
    pub fn exclusive_consumer(&self) -> Option<&(ChannelId, Name)> {
        self.exclusive.as_ref()
    }

    /// The copy of a message in this queue, as facts name it.
    #[must_use]
    pub fn copy(&self, message: &Message) -> QueueCopy {
        QueueCopy {
            message: message.content.message,
            node: self.node,
            queue: self.place.clone(),
        }
    }

    /// Takes a message: to a consumer at once if one may have it, else to the end of the queue.
    pub fn publish(
        &mut self,
        message: &Rc<Message>,
        confirm: Option<Publish>,
        desk: &mut Desk<'_>,
    ) {
        let copy = self.copy(message);
        if self.limits.overflow == Overflow::RejectPublish && self.is_over(1, message.body_bytes())
        {
            desk.tell(Fact::PublishRejected { copy });
            desk.events.extend(confirm.map(Event::Reject));
            return;
        }
        let persistent = self.store.file().is_some() && message.content.properties.is_persistent();
        desk.tell(Fact::Enqueued { copy, persistent });
        // Only what is persistent in a durable queue waits for the disk.
        let (at_once, eventually) = if persistent {
            (None, confirm)
        } else {
            (confirm, None)
        };
        desk.events.extend(at_once.map(Event::Confirm));
        let entry = Entry {
            message: message.clone(),
            redelivered: false,
            expiry: self.expiry(message, desk.now),
        };
        match self.consumers.next(&self.declared.name, desk.limiters) {
            Some(consumer) if consumer.ack_required => {
                let seq = self.take_seq();
                self.write(seq, &entry, eventually, desk);
                self.hand_over(seq, entry, consumer.channel, Some(consumer.tag), desk);
            }
            Some(consumer) => {
                // It never was in the queue; the publish is confirmed at once.
                desk.events.extend(eventually.map(Event::Confirm));
                self.deliver_settled(&entry, consumer.channel, Some(consumer.tag), desk);
            }
            None if self.limits.message_ttl == Some(0) => {
                desk.events.extend(eventually.map(Event::Confirm));
                let copy = self.copy(&entry.message);
                desk.tell(Fact::Expired { copy });
            }
            None => {
                let seq = self.take_seq();
                self.write(seq, &entry, eventually, desk);
                self.ready_bytes += entry.message.body_bytes();
                let may_expire = entry.expiry.is_some();
                self.ready.insert(seq, entry);
                let dropped = self.drop_head(desk);
                if (self.ready.len() == 1 && may_expire) || dropped {
                    self.drop_expired(desk);
                }
            }
        }
    }

    /// Fetches the message at the head, if there is one.
    pub fn get(
        &mut self,
        channel: ChannelId,
        ack_required: bool,
        desk: &mut Desk<'_>,
    ) -> Option<Delivery> {
        let (seq, entry) = self.pop()?;
        let delivery = if ack_required {
            self.consumers.delivered(channel, seq, None);
            self.unack(seq, entry, channel, None, desk)
        } else {
            self.store.settled(seq, desk);
            self.settled(&entry, channel, None)
        };
        self.drop_expired(desk);
        Some(delivery)
    }

    /// Whether a consumer may be added beside those that are there.
    #[must_use]
    pub fn admits(&self, exclusive: bool) -> bool {
        self.exclusive.is_none() && !(exclusive && self.consumers.count() > 0)
    }

    /// Adds a consumer. [`ClassicQueue::run`] serves it, once it knows that it was added.
    pub fn consume(&mut self, consumer: Consumer, exclusive: bool, limited: bool) {
        if exclusive {
            self.exclusive = Some((consumer.channel, consumer.tag.clone()));
        }
        self.had_consumers = true;
        self.consumers.add(consumer, limited);
    }

    /// Removes a consumer. True if the queue has to go with it.
    pub fn cancel(&mut self, channel: ChannelId, tag: &Name) -> bool {
        if !self.consumers.remove(channel, tag) {
            return false;
        }
        if self
            .exclusive
            .as_ref()
            .is_some_and(|(c, t)| *c == channel && t == tag)
        {
            self.exclusive = None;
        }
        self.should_auto_delete()
    }

    /// A channel is gone: its consumers go, and what it had not settled is ready again. None if
    /// it had nothing here; else its consumers, and whether the queue has to go with them (then
    /// nothing is requeued any more).
    pub fn channel_gone(
        &mut self,
        channel: ChannelId,
        desk: &mut Desk<'_>,
    ) -> Option<(Vec<Name>, bool)> {
        let Left { unacked, tags } = self.consumers.remove_channel(channel)?;
        if self.exclusive.as_ref().is_some_and(|(c, _)| *c == channel) {
            self.exclusive = None;
        }
        let deleted = self.should_auto_delete();
        if !deleted {
            let seqs: Vec<u64> = unacked.into_iter().collect();
            self.put_back(&seqs, Requeue::ChannelGone, desk);
        }
        Some((tags, deleted))
    }

    /// Settles deliveries for good.
    pub fn ack(&mut self, channel: ChannelId, seqs: &[u64], desk: &mut Desk<'_>) {
        self.settle(channel, seqs, desk, |copy| Fact::Acknowledged {
            copy,
            automatic: false,
        });
    }

    /// Lets go of deliveries that a consumer does not want.
    pub fn reject(&mut self, channel: ChannelId, seqs: &[u64], desk: &mut Desk<'_>) {
        self.settle(channel, seqs, desk, |copy| Fact::Dropped {
            copy,
            why: Drop::Rejected,
        });
    }

    /// Takes deliveries back, each to its place.
    pub fn requeue(&mut self, channel: ChannelId, seqs: &[u64], desk: &mut Desk<'_>) {
        let Some((seqs, unblocked)) = self.consumers.settle(channel, seqs) else {
            return;
        };
        self.put_back(&seqs, Requeue::Asked, desk);
        if unblocked {
            self.run(desk);
        }
    }

    /// The channel's limit was reached and is not any more.
    pub fn resume(&mut self, channel: ChannelId, desk: &mut Desk<'_>) {
        if self.consumers.resume(channel) {
            self.run(desk);
        }
    }

    /// The channel has a limit now, or none any more.
    pub fn set_limited(&mut self, channel: ChannelId, limited: bool, desk: &mut Desk<'_>) {
        if self.consumers.set_limited(channel, limited) {
            self.run(desk);
        }
    }

    /// Drops the ready messages and gives their number.
    pub fn purge(&mut self, desk: &mut Desk<'_>) -> u32 {
        let count = self.ready_count();
        while let Some((seq, entry)) = self.pop() {
            self.let_go(seq, &entry, Drop::Purged, desk);
        }
        count
    }

    /// The queue is deleted with all that is in it. Publishes that wait for the disk are
    /// confirmed by their channels.
    pub fn delete(&mut self, desk: &mut Desk<'_>) {
        let entries = self.ready.values().chain(self.unacked.values());
        for entry in entries {
            let copy = self.copy(&entry.message);
            let why = Drop::QueueDeleted;
            desk.tell(Fact::Dropped { copy, why });
        }
        self.ready.clear();
        self.unacked.clear();
    }

    /// Serves consumers until no message is ready or none may take one.
    pub fn run(&mut self, desk: &mut Desk<'_>) {
        while !self.ready.is_empty() {
            let Some(consumer) = self.consumers.next(&self.declared.name, desk.limiters) else {
                return;
            };
            let Some((seq, entry)) = self.pop() else {
                return;
            };
            let tag = Some(consumer.tag);
            if consumer.ack_required {
                self.hand_over(seq, entry, consumer.channel, tag, desk);
            } else {
                self.store.settled(seq, desk);
                self.deliver_settled(&entry, consumer.channel, tag, desk);
            }
            self.drop_expired(desk);
        }
    }

    /// The expiry timer went off.
    pub fn expire(&mut self, desk: &mut Desk<'_>) {
        self.expiry_timer = None;
        self.drop_expired(desk);
    }

    /// Everything before `end` in the file is safe.
    pub fn synced(&mut self, end: u64, desk: &mut Desk<'_>) {
        self.store.synced(end, desk);
    }

    /// The file with its persistent messages, if it is durable.
    #[must_use]
    pub fn file(&self) -> Option<FileId> {
        self.store.file()
    }

    fn should_auto_delete(&self) -> bool {
        self.declared.auto_delete && self.had_consumers && self.consumers.count() == 0
    }

    fn settle(
        &mut self,
        channel: ChannelId,
        seqs: &[u64],
        desk: &mut Desk<'_>,
        fact: impl Fn(QueueCopy) -> Fact,
    ) {
        let Some((seqs, unblocked)) = self.consumers.settle(channel, seqs) else {
            return;
        };
        for seq in seqs {
            if let Some(entry) = self.unacked.remove(&seq) {
                self.store.settled(seq, desk);
                let fact = fact(self.copy(&entry.message));
                desk.tell(fact);
            }
        }
        if unblocked {
            self.run(desk);
        }
    }

    fn put_back(&mut self, seqs: &[u64], why: Requeue, desk: &mut Desk<'_>) {
        for seq in seqs {
            if let Some(entry) = self.unacked.remove(seq) {
                let copy = self.copy(&entry.message);
                desk.tell(Fact::Requeued { copy, why });
                self.ready_bytes += entry.message.body_bytes();
                self.ready.insert(*seq, entry);
            }
        }
        self.drop_head(desk);
        self.drop_expired(desk);
        self.run(desk);
    }

    fn take_seq(&mut self) -> u64 {
        let seq = self.next;
        self.next += 1;
        seq
    }

    fn pop(&mut self) -> Option<(u64, Entry)> {
        let (seq, entry) = self.ready.pop_first()?;
        self.ready_bytes -= entry.message.body_bytes();
        Some((seq, entry))
    }

    /// Gives a message to a consumer, which has to settle it.
    fn hand_over(
        &mut self,
        seq: u64,
        entry: Entry,
        channel: ChannelId,
        tag: Option<Name>,
        desk: &mut Desk<'_>,
    ) {
        self.consumers.delivered(channel, seq, tag.clone());
        let delivery = self.unack(seq, entry, channel, tag, desk);
        desk.events.push(Event::Deliver(delivery));
    }

    fn unack(
        &mut self,
        seq: u64,
        mut entry: Entry,
        channel: ChannelId,
        consumer: Option<Name>,
        desk: &mut Desk<'_>,
    ) -> Delivery {
        if !entry.redelivered {
            self.store.delivered(seq, desk);
        }
        let redelivered = core::mem::replace(&mut entry.redelivered, true);
        let delivery = Delivery {
            channel,
            consumer,
            seq: Some(seq),
            redelivered,
            message: entry.message.clone(),
            copy: self.copy(&entry.message),
        };
        self.unacked.insert(seq, entry);
        delivery
    }

    fn deliver_settled(
        &self,
        entry: &Entry,
        channel: ChannelId,
        tag: Option<Name>,
        desk: &mut Desk<'_>,
    ) {
        let delivery = self.settled(entry, channel, tag);
        desk.events.push(Event::Deliver(delivery));
    }

    fn settled(&self, entry: &Entry, channel: ChannelId, consumer: Option<Name>) -> Delivery {
        Delivery {
            channel,
            consumer,
            seq: None,
            redelivered: entry.redelivered,
            message: entry.message.clone(),
            copy: self.copy(&entry.message),
        }
    }

    fn is_over(&self, more: u64, more_bytes: u64) -> bool {
        let over = |limit: Option<u64>, n: u64| limit.is_some_and(|limit| n > limit);
        over(self.limits.max_length, self.ready.len() as u64 + more)
            || over(self.limits.max_length_bytes, self.ready_bytes + more_bytes)
    }

    /// Drops the oldest messages while there are too many. True if it dropped any.
    fn drop_head(&mut self, desk: &mut Desk<'_>) -> bool {
        if self.limits.overflow != Overflow::DropHead {
            return false;
        }
        let mut any = false;
        while self.is_over(0, 0) {
            let Some((seq, entry)) = self.pop() else {
                break;
            };
            self.let_go(seq, &entry, Drop::MaxLength, desk);
            any = true;
        }
        any
    }

    fn let_go(&mut self, seq: u64, entry: &Entry, why: Drop, desk: &mut Desk<'_>) {
        self.store.settled(seq, desk);
        let copy = self.copy(&entry.message);
        desk.tell(Fact::Dropped { copy, why });
    }

    /// When a message expires: the shorter of the queue's and its own time to live.
    fn expiry(&self, message: &Message, now: Now) -> Option<i64> {
        let expiration = message.content.properties.expiration.as_ref();
        let own = expiration.and_then(|text| parse_expiration(text).ok());
        let ttl = own.into_iter().chain(self.limits.message_ttl).min()?;
        let ttl = i64::try_from(ttl).unwrap_or(i64::MAX);
        Some(now.wall.saturating_add(ttl.saturating_mul(1000)))
    }

    /// Drops expired messages at the head, and only there; then waits for the next.
    fn drop_expired(&mut self, desk: &mut Desk<'_>) {
        while let Some((_, head)) = self.ready.first() {
            match head.expiry {
                None => return,
                Some(expiry) if expiry > desk.now.wall => {
                    self.arm_expiry(expiry, desk);
                    return;
                }
                Some(_) => {
                    let Some((seq, entry)) = self.pop() else {
                        return;
                    };
                    self.store.settled(seq, desk);
                    let copy = self.copy(&entry.message);
                    desk.tell(Fact::Expired { copy });
                }
            }
        }
    }

    /// Sets the timer in whole milliseconds, always a little late; leaves one that is set unless
    /// it is more than a millisecond too late (`ensure_ttl_timer`).
    fn arm_expiry(&mut self, expiry: i64, desk: &mut Desk<'_>) {
        if self.expiry_timer.is_some_and(|set| expiry + 1000 >= set) {
            return;
        }
        self.expiry_timer = Some(expiry);
        let wait = (expiry - desk.now.wall + 999) / 1000;
        let wait = Span::ms(wait.unsigned_abs());
        desk.events.push(Event::ArmExpiry(wait));
    }

    fn write(&mut self, seq: u64, entry: &Entry, confirm: Option<Publish>, desk: &mut Desk<'_>) {
        if entry.message.content.properties.is_persistent() {
            let copy = self.copy(&entry.message);
            self.store.written(seq, entry, copy, confirm, desk);
        }
    }
}

/// A queue's name with its vhost in front, unless that is `/`.
#[must_use]
pub fn placed(vhost: &str, queue: &Name) -> Name {
    match vhost {
        "/" => queue.clone(),
        _ => alloc::format!("{vhost}/{queue}").into(),
    }
}
