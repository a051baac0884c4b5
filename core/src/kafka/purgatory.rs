//! Produce and Fetch requests that wait at a broker, and what wakes them.
//!
//! Source: `DelayedProduce`, `DelayedFetch`, `DelayedOperationPurgatory`. A request waits until
//! something that it watches moved far enough, or until its time is over.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::{FetchRequest, ProducedPartition};
use crate::kafka::record::Batch;
use crate::kafka::topic::TopicPartition;
use crate::names::LinkId;
use crate::shared::SortedMap;

/// The requests that wait.
#[derive(Clone, Debug, Default, Fingerprint)]
pub struct Purgatory {
    next: u64,
    waiting: SortedMap<u64, Delayed>,
}

/// Who gets the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Waiter {
    /// A client or a follower.
    Connection {
        /// Its connection.
        link: LinkId,
        /// The request's.
        correlation_id: u32,
    },
    /// This broker's group coordinator, which knows the number.
    Coordinator(u64),
}

/// One that waits.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Delayed {
    /// Who gets the answer.
    pub waiter: Waiter,
    /// For what.
    pub what: What,
}

/// What a request waits for.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum What {
    /// For every in-sync replica to have the batches.
    Produce {
        /// How it stands with each.
        pending: Vec<PendingPartition>,
        /// The batches.
        batches: Vec<(TopicPartition, Batch)>,
    },
    /// For data.
    Fetch(FetchRequest),
}

/// One partition of a Produce request with acks=all.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct PendingPartition {
    /// The answer: REQUEST_TIMED_OUT as long as it waits.
    pub answer: ProducedPartition,
    /// The offset that the high watermark must reach; `None` once it is settled.
    pub required: Option<u64>,
}

impl Purgatory {
    /// Lets a request wait; the number names it and its timer.
    pub fn watch(&mut self, delayed: Delayed) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, delayed);
        number
    }

    /// The requests that may be done, now that this partition moved.
    #[must_use]
    pub fn watching(&self, partition: &TopicPartition) -> Vec<u64> {
        let watches = |delayed: &Delayed| match &delayed.what {
            What::Produce { pending, .. } => {
                pending.iter().any(|p| p.answer.partition == *partition)
            }
            What::Fetch(fetch) => fetch.partitions.iter().any(|p| p.partition == *partition),
        };
        let waiting = self.waiting.iter().filter(|(_, delayed)| watches(delayed));
        waiting.map(|(number, _)| *number).collect()
    }

    /// A request that waits.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut Delayed> {
        self.waiting.get_mut(&number)
    }

    /// Ends a wait.
    pub fn take(&mut self, number: u64) -> Option<Delayed> {
        self.waiting.remove(&number)
    }

    /// Ends the waits of a connection that is gone, but for Produce: what is written stays
    /// written, and is told.
    pub fn forget(&mut self, link: LinkId) -> Vec<u64> {
        let fetches = |delayed: &Delayed| {
            matches!(delayed.waiter, Waiter::Connection { link: l, .. } if l == link)
                && matches!(delayed.what, What::Fetch(_))
        };
        let gone = self.waiting.iter().filter(|(_, delayed)| fetches(delayed));
        let gone: Vec<u64> = gone.map(|(number, _)| *number).collect();
        for number in &gone {
            self.waiting.remove(number);
        }
        gone
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.waiting.len() as u32
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
