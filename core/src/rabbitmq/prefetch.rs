//! The channel-wide prefetch limit: `basic.qos` with `global` set (`rabbit_limiter`).
//!
//! A queue asks before each delivery. Refused, it stops serving the channel until the channel
//! tells it that there is room again.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::names::{LinkId, Name};
use crate::shared::{SortedMap, SortedSet};

/// A channel of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub struct ChannelId {
    /// The connection.
    pub link: LinkId,
    /// The channel's number.
    pub number: u16,
}

/// The limits of all channels.
pub type Limiters = SortedMap<ChannelId, Limiter>;

/// One channel's limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Limiter {
    /// Deliveries that may be unacknowledged at a time; 0 for any number.
    limit: u64,
    /// Deliveries that are.
    volume: u64,
    /// The queues that were refused and wait to be told.
    refused: SortedSet<Name>,
}

impl Limiter {
    /// Whether there is a limit at all.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.limit > 0
    }

    /// The limit; 0 for none.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Sets the limit. A first one counts what is unacknowledged already, what `basic.get` took
    /// included. Gives the queues that may go on.
    pub fn limit_to(&mut self, limit: u64, unacked: u64) -> Vec<Name> {
        let was_full = self.is_full();
        if self.limit == 0 {
            self.volume = unacked;
        }
        self.limit = limit;
        self.freed(was_full)
    }

    /// Lifts the limit. Gives the queues that may go on.
    pub fn lift(&mut self) -> Vec<Name> {
        let was_full = self.is_full();
        (self.limit, self.volume) = (0, 0);
        self.freed(was_full)
    }

    /// Asks for one delivery. Only one that will be acknowledged takes room.
    pub fn may_send(&mut self, queue: &Name, ack_required: bool) -> bool {
        if self.is_full() {
            self.refused.insert(queue.clone());
            return false;
        }
        self.volume += u64::from(ack_required);
        true
    }

    /// So many deliveries to consumers were settled. Gives the queues that may go on.
    pub fn settled(&mut self, count: u64) -> Vec<Name> {
        let was_full = self.is_full();
        self.volume = self.volume.saturating_sub(count);
        self.freed(was_full)
    }

    fn is_full(&self) -> bool {
        self.limit > 0 && self.volume >= self.limit
    }

    fn freed(&mut self, was_full: bool) -> Vec<Name> {
        if !was_full || self.is_full() {
            return Vec::new();
        }
        core::mem::take(&mut self.refused).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_queue_is_told_once_when_there_is_room() {
        let mut limiter = Limiter::default();
        let queue = Name::from("q");
        assert!(limiter.limit_to(2, 1).is_empty());
        assert!(limiter.may_send(&queue, true));
        assert!(!limiter.may_send(&queue, true));
        assert_eq!(limiter.settled(1), [Name::from("q")]);
        assert!(limiter.settled(1).is_empty());
    }

    #[test]
    fn deliveries_that_need_no_ack_take_no_room_but_wait_all_the_same() {
        let mut limiter = Limiter::default();
        let queue = Name::from("q");
        limiter.limit_to(1, 0);
        assert!(limiter.may_send(&queue, false));
        assert!(limiter.may_send(&queue, true));
        assert!(!limiter.may_send(&queue, false));
        assert_eq!(limiter.lift(), [queue]);
    }
}
