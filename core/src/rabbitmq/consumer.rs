//! The consumers of a queue, served in turn (`rabbit_queue_consumers`).
//!
//! The consumer at the head of the line of the highest priority is next, and then goes to the end
//! of its line. One that may not take more (its prefetch is used up, or its channel's) leaves the
//! line and joins its end again when it may.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::prefetch::{ChannelId, Limiters};
use crate::fingerprint::Fingerprint;
use crate::names::Name;
use crate::shared::{Map, SortedMap, SortedSet};

/// A consumer: a subscription of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Consumer {
    /// On which channel.
    pub channel: ChannelId,
    /// Its tag, unique on the channel.
    pub tag: Name,
    /// Whether its deliveries wait for an acknowledgement.
    pub ack_required: bool,
    /// Deliveries that may be unacknowledged at a time; 0 for any number.
    pub prefetch: u16,
    /// `x-priority`; higher is served first.
    pub priority: i64,
}

/// All consumers of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Consumers {
    waiting: Line,
    channels: SortedMap<ChannelId, ChannelRecord>,
}

/// Consumers in the order of their turn. Keys are the complement of the priority, so that the
/// highest comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
struct Line(SortedMap<i64, VecDeque<Consumer>>);

/// What a queue knows of a channel that consumes from it or owes it acknowledgements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
struct ChannelRecord {
    consumer_count: u32,
    /// Deliveries not yet settled, and which consumer has each (none: `basic.get`).
    unacked: Map<u64, Option<Name>>,
    /// Consumers that may not take more for now.
    blocked: Line,
    limit: ChannelLimit,
    /// How many more deliveries each consumer with a prefetch may take.
    credit: SortedMap<Name, u64>,
}

/// Whether the channel as a whole has a limit, and whether it refused the last delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
enum ChannelLimit {
    #[default]
    Dormant,
    Active,
    Suspended,
}

/// What a channel that is gone leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Deliveries that were never settled.
    pub unacked: SortedSet<u64>,
    /// Its consumers.
    pub tags: Vec<Name>,
}

impl Consumers {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.channels.values().map(|c| c.consumer_count).sum()
    }

    /// Whether this channel has a consumer here.
    #[must_use]
    pub fn has_channel(&self, channel: ChannelId) -> bool {
        self.channels
            .get(&channel)
            .is_some_and(|c| c.consumer_count > 0)
    }

    /// Every consumer: those in line in their order, then the blocked ones.
    pub fn iter(&self) -> impl Iterator<Item = (&Consumer, bool)> {
        let waiting = self.waiting.iter().map(|consumer| (consumer, true));
        let blocked = self.channels.values().flat_map(|c| c.blocked.iter());
        waiting.chain(blocked.map(|consumer| (consumer, false)))
    }

    /// Adds a consumer at the end of its line.
    pub fn add(&mut self, consumer: Consumer, limited: bool) {
        let record = self.channels.entry(consumer.channel).or_default();
        record.consumer_count += 1;
        if limited && record.limit == ChannelLimit::Dormant {
            record.limit = ChannelLimit::Active;
        }
        if consumer.ack_required && consumer.prefetch > 0 {
            let prefetch = u64::from(consumer.prefetch);
            record.credit.insert(consumer.tag.clone(), prefetch);
        }
        self.waiting.push(consumer);
    }

    /// Removes a consumer; false if there was none. What it has unacknowledged stays with the
    /// channel.
    pub fn remove(&mut self, channel: ChannelId, tag: &Name) -> bool {
        let Some(record) = self.channels.get_mut(&channel) else {
            return false;
        };
        let is_it = |c: &Consumer| c.channel == channel && c.tag == *tag;
        if !record.blocked.remove(is_it) && !self.waiting.remove(is_it) {
            return false;
        }
        record.consumer_count -= 1;
        if record.consumer_count == 0 {
            record.limit = ChannelLimit::Dormant;
        }
        record.credit.remove(tag);
        self.forget_if_idle(channel);
        true
    }

    /// Removes everything of a channel.
    pub fn remove_channel(&mut self, channel: ChannelId) -> Option<Left> {
        let record = self.channels.remove(&channel)?;
        let tag = |consumer: &Consumer| consumer.tag.clone();
        let mut tags: Vec<Name> = record.blocked.iter().map(tag).collect();
        tags.extend(
            self.waiting
                .iter()
                .filter(|c| c.channel == channel)
                .map(tag),
        );
        while self.waiting.remove(|c| c.channel == channel) {}
        Some(Left {
            unacked: record.unacked.keys().copied().collect(),
            tags,
        })
    }

    /// Whose turn it is, if anyone may take a message; that one goes to the end of its line.
    pub fn next(&mut self, queue: &Name, limiters: &mut Limiters) -> Option<Consumer> {
        while let Some(consumer) = self.waiting.first() {
            let record = self.channels.entry(consumer.channel).or_default();
            if record.takes(consumer, queue, limiters) {
                if let Some(credit) = record.credit.get_mut(&consumer.tag) {
                    *credit -= 1;
                }
                return self.waiting.turn();
            }
            if let Some(consumer) = self.waiting.pop() {
                record.blocked.push(consumer);
            }
        }
        None
    }

    /// Notes a delivery that waits for its acknowledgement; to no consumer if `basic.get` took it.
    pub fn delivered(&mut self, channel: ChannelId, seq: u64, tag: Option<Name>) {
        let record = self.channels.entry(channel).or_default();
        record.unacked.insert(seq, tag);
    }

    /// Settles deliveries: none if the channel is unknown here; else those that were really
    /// outstanding, and whether consumers got back in line.
    pub fn settle(&mut self, channel: ChannelId, seqs: &[u64]) -> Option<(Vec<u64>, bool)> {
        let record = self.channels.get_mut(&channel)?;
        let (mut settled, mut room) = (Vec::new(), false);
        for seq in seqs {
            let Some(tag) = record.unacked.remove(seq) else {
                continue;
            };
            settled.push(*seq);
            if let Some(credit) = tag.and_then(|tag| record.credit.get_mut(&tag)) {
                room |= *credit == 0;
                *credit += 1;
            }
        }
        let unblocked = room && self.unblock(channel);
        self.forget_if_idle(channel);
        Some((settled, unblocked))
    }

    /// The channel has room again. True if consumers got back in line.
    pub fn resume(&mut self, channel: ChannelId) -> bool {
        self.relimit(channel, |limit| match limit {
            ChannelLimit::Suspended => ChannelLimit::Active,
            other => other,
        })
    }

    /// The channel has a limit now, or has none any more. True if consumers got back in line.
    pub fn set_limited(&mut self, channel: ChannelId, limited: bool) -> bool {
        self.relimit(channel, |limit| match (limited, limit) {
            (false, _) => ChannelLimit::Dormant,
            (true, ChannelLimit::Dormant) => ChannelLimit::Active,
            (true, other) => other,
        })
    }

    fn relimit(
        &mut self,
        channel: ChannelId,
        change: impl FnOnce(ChannelLimit) -> ChannelLimit,
    ) -> bool {
        let Some(record) = self.channels.get_mut(&channel) else {
            return false;
        };
        let was = record.limit;
        record.limit = change(was);
        let freed = was == ChannelLimit::Suspended && record.limit != was;
        freed && self.unblock(channel)
    }

    /// Puts the channel's consumers that have credit back in line.
    fn unblock(&mut self, channel: ChannelId) -> bool {
        let Some(record) = self.channels.get_mut(&channel) else {
            return false;
        };
        let (mut still, mut any) = (Line::default(), false);
        while let Some(consumer) = record.blocked.pop() {
            if record.credit.get(&consumer.tag) == Some(&0) {
                still.push(consumer);
            } else {
                self.waiting.push(consumer);
                any = true;
            }
        }
        record.blocked = still;
        any
    }

    fn forget_if_idle(&mut self, channel: ChannelId) {
        if self
            .channels
            .get(&channel)
            .is_some_and(|c| c.consumer_count == 0 && c.unacked.is_empty())
        {
            self.channels.remove(&channel);
        }
    }
}

impl ChannelRecord {
    fn takes(&mut self, consumer: &Consumer, queue: &Name, limiters: &mut Limiters) -> bool {
        if self.limit == ChannelLimit::Suspended || self.credit.get(&consumer.tag) == Some(&0) {
            return false;
        }
        if self.limit == ChannelLimit::Active
            && let Some(limiter) = limiters.get_mut(&consumer.channel)
            && !limiter.may_send(queue, consumer.ack_required)
        {
            self.limit = ChannelLimit::Suspended;
            return false;
        }
        true
    }
}

impl Line {
    fn push(&mut self, consumer: Consumer) {
        let line = self.0.entry(!consumer.priority).or_default();
        line.push_back(consumer);
    }

    fn first(&self) -> Option<&Consumer> {
        self.0.values().next()?.front()
    }

    /// Sends the first to the end of its line.
    fn turn(&mut self) -> Option<Consumer> {
        let line = self.0.values_mut().next()?;
        line.rotate_left(1);
        line.back().cloned()
    }

    fn pop(&mut self) -> Option<Consumer> {
        let line = self.0.values_mut().next()?;
        let consumer = line.pop_front();
        if line.is_empty() {
            self.0.pop_first();
        }
        consumer
    }

    /// Removes the first that is it; false if none is.
    fn remove(&mut self, is_it: impl Fn(&Consumer) -> bool) -> bool {
        let found = self.0.iter().find_map(|(priority, line)| {
            let at = line.iter().position(&is_it)?;
            Some((*priority, at))
        });
        let Some((priority, at)) = found else {
            return false;
        };
        if let Some(line) = self.0.get_mut(&priority) {
            line.remove(at);
            if line.is_empty() {
                self.0.remove(&priority);
            }
        }
        true
    }

    fn iter(&self) -> impl Iterator<Item = &Consumer> {
        self.0.values().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{LinkId, NodeId};

    fn channel(number: u16) -> ChannelId {
        let link = LinkId {
            opener: NodeId(0),
            ordinal: 0,
        };
        ChannelId { link, number }
    }

    fn consumer(tag: &str, prefetch: u16, priority: i64) -> Consumer {
        Consumer {
            channel: channel(1),
            tag: tag.into(),
            ack_required: true,
            prefetch,
            priority,
        }
    }

    fn served(consumers: &mut Consumers, limiters: &mut Limiters, seq: u64) -> Option<Name> {
        let next = consumers.next(&"q".into(), limiters)?;
        consumers.delivered(next.channel, seq, Some(next.tag.clone()));
        Some(next.tag)
    }

    #[test]
    fn consumers_take_turns_and_a_full_one_is_passed_over() {
        let mut consumers = Consumers::default();
        let mut limiters = Limiters::new();
        consumers.add(consumer("a", 1, 0), false);
        consumers.add(consumer("b", 2, 0), false);
        let order: Vec<_> = (0..4)
            .map(|n| served(&mut consumers, &mut limiters, n))
            .collect();
        assert_eq!(
            order,
            [Some("a".into()), Some("b".into()), Some("b".into()), None]
        );
        assert_eq!(
            consumers.settle(channel(1), &[0]),
            Some((alloc::vec![0], true))
        );
        assert_eq!(served(&mut consumers, &mut limiters, 4), Some("a".into()));
    }

    #[test]
    fn the_highest_priority_is_served_until_it_is_full() {
        let mut consumers = Consumers::default();
        let mut limiters = Limiters::new();
        consumers.add(consumer("low", 0, -1), false);
        consumers.add(consumer("high", 1, 9), false);
        assert_eq!(
            served(&mut consumers, &mut limiters, 0),
            Some("high".into())
        );
        assert_eq!(served(&mut consumers, &mut limiters, 1), Some("low".into()));
    }

    #[test]
    fn a_full_channel_stops_all_its_consumers_until_it_resumes() {
        let mut consumers = Consumers::default();
        let mut limiters = Limiters::new();
        limiters.entry(channel(1)).or_default().limit_to(1, 0);
        consumers.add(consumer("a", 0, 0), true);
        consumers.add(consumer("b", 0, 0), true);
        assert_eq!(served(&mut consumers, &mut limiters, 0), Some("a".into()));
        assert_eq!(served(&mut consumers, &mut limiters, 1), None);
        let limiter = limiters.get_mut(&channel(1)).unwrap();
        assert_eq!(limiter.settled(1), ["q".into()]);
        assert!(consumers.resume(channel(1)));
        assert_eq!(served(&mut consumers, &mut limiters, 1), Some("b".into()));
    }

    #[test]
    fn a_channel_that_is_gone_leaves_its_deliveries_and_tags() {
        let mut consumers = Consumers::default();
        consumers.add(consumer("a", 1, 0), false);
        served(&mut consumers, &mut Limiters::new(), 7);
        consumers.delivered(channel(1), 8, None);
        let left = consumers.remove_channel(channel(1)).unwrap();
        assert_eq!(left.unacked, SortedSet::from([7, 8]));
        assert_eq!(left.tags, ["a".into()]);
        assert_eq!(consumers, Consumers::default());
    }
}
