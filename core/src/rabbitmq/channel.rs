//! A channel: delivery tags, what is unacknowledged, its consumers and its confirms.

use alloc::format;
use alloc::vec::Vec;

use super::confirm::Confirms;
use super::delivery::Delivery;
use super::error::{Code, Exception};
use crate::fingerprint::Fingerprint;
use crate::names::Name;
use crate::shared::{Map, SortedMap};

/// One channel of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Channel {
    /// Whether the broker has closed it and waits for the client to agree.
    pub closing: bool,
    /// Its consumers, and the queue of each.
    pub consumers: SortedMap<Name, Name>,
    /// For consumers started from now on; 0 for any number.
    pub prefetch: u16,
    /// Present in confirm mode.
    pub confirms: Option<Confirms>,
    /// The queue last declared here, which an empty name means.
    pub last_queue: Name,
    delivered: u64,
    unacked: Map<u64, PendingAck>,
}

/// A delivery that the client has not settled.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct PendingAck {
    /// The queue, and the message's place in it; none if the queue is gone.
    pub place: Option<(Name, u64)>,
    /// The consumer that has it; none for `basic.get`.
    pub consumer: Option<Name>,
}

/// Deliveries settled together: those of one queue and one consumer, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The queue, and the places in it, in the order in which the queues are told.
    pub by_queue: Vec<(Name, Vec<u64>)>,
    /// How many of them went to consumers.
    pub to_consumers: u64,
}

impl Channel {
    /// Counts a delivery and gives its tag; notes it if it has to be settled.
    pub fn delivered(&mut self, queue: &Name, delivery: &Delivery) -> u64 {
        self.delivered += 1;
        if let Some(seq) = delivery.seq {
            let pending = PendingAck {
                place: Some((queue.clone(), seq)),
                consumer: delivery.consumer.clone(),
            };
            self.unacked.insert(self.delivered, pending);
        }
        self.delivered
    }

    /// How many deliveries are not settled.
    #[must_use]
    pub fn unacked_count(&self) -> u64 {
        self.unacked.len() as u64
    }

    /// What is not settled, by delivery tag.
    pub fn unacked(&self) -> impl Iterator<Item = (u64, &PendingAck)> {
        self.unacked.iter().map(|(tag, pending)| (*tag, pending))
    }

    /// Takes out what a settlement means: one delivery; with `multiple` all up to it, and with a
    /// tag of 0 all there are (`rabbit_channel:collect_acks/3`).
    ///
    /// # Errors
    /// 406 if there is no such delivery.
    pub fn take_unacked(
        &mut self,
        delivery_tag: u64,
        multiple: bool,
    ) -> Result<Vec<PendingAck>, Exception> {
        if multiple && delivery_tag == 0 {
            return Ok(self.take_all_unacked());
        }
        if !self.unacked.contains_key(&delivery_tag) {
            let text = format!("unknown delivery tag {delivery_tag}");
            return Err(Exception::new(Code::PreconditionFailed, text));
        }
        if !multiple {
            return Ok(self.unacked.remove(&delivery_tag).into_iter().collect());
        }
        let taken = self.unacked.range(..=delivery_tag);
        let tags: Vec<u64> = taken.map(|(tag, _)| *tag).collect();
        let take = |tag: u64| self.unacked.remove(&tag);
        Ok(tags.into_iter().filter_map(take).collect())
    }

    /// Takes out everything.
    pub fn take_all_unacked(&mut self) -> Vec<PendingAck> {
        let all = core::mem::take(&mut self.unacked);
        all.values().cloned().collect()
    }

    /// A queue is gone: there is nothing left to settle with it.
    pub fn queue_gone(&mut self, queue: &Name) {
        let of = |pending: &PendingAck| pending.place.as_ref().is_some_and(|(q, _)| q == queue);
        let theirs = self.unacked.iter().filter(|(_, pending)| of(pending));
        let tags: Vec<u64> = theirs.map(|(tag, _)| *tag).collect();
        for tag in tags {
            if let Some(pending) = self.unacked.get_mut(&tag) {
                pending.place = None;
            }
        }
    }
}

impl Settled {
    /// Groups deliveries as `foreach_per_queue` does: by queue, then by consumer, what `basic.get`
    /// took one by one before those.
    #[must_use]
    pub fn group(mut pending: Vec<PendingAck>) -> Settled {
        if pending.len() == 1 {
            return pending.pop().map(Settled::one).unwrap_or_default();
        }
        let mut groups: SortedMap<(Name, Option<Name>), Vec<u64>> = SortedMap::new();
        let mut to_consumers = 0;
        for PendingAck { place, consumer } in pending {
            to_consumers += u64::from(consumer.is_some());
            if let Some((queue, seq)) = place {
                groups.entry((queue, consumer)).or_default().push(seq);
            }
        }
        let mut by_queue = Vec::new();
        for ((queue, consumer), seqs) in groups {
            match consumer {
                Some(_) => by_queue.push((queue, seqs)),
                None => by_queue.extend(
                    seqs.into_iter()
                        .map(|seq| (queue.clone(), alloc::vec![seq])),
                ),
            }
        }
        Settled {
            by_queue,
            to_consumers,
        }
    }

    fn one(PendingAck { place, consumer }: PendingAck) -> Settled {
        let alone = |(queue, seq)| (queue, alloc::vec![seq]);
        Settled {
            by_queue: place.map(alone).into_iter().collect(),
            to_consumers: u64::from(consumer.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn channel(tags: u64) -> Channel {
        let mut channel = Channel {
            delivered: tags,
            ..Channel::default()
        };
        for tag in 1..=tags {
            let pending = PendingAck {
                place: Some(("q".into(), tag)),
                consumer: None,
            };
            channel.unacked.insert(tag, pending);
        }
        channel
    }

    fn taken(channel: &mut Channel, tag: u64, multiple: bool) -> Result<Vec<u64>, Exception> {
        let pending = channel.take_unacked(tag, multiple)?;
        Ok(pending
            .into_iter()
            .filter_map(|p| p.place)
            .map(|(_, seq)| seq)
            .collect())
    }

    #[test]
    fn multiple_takes_all_up_to_the_tag_over_gaps() {
        let mut channel = channel(5);
        assert_eq!(taken(&mut channel, 2, false), Ok(vec![2]));
        assert_eq!(taken(&mut channel, 4, true), Ok(vec![1, 3, 4]));
        assert_eq!(channel.unacked_count(), 1);
    }

    #[test]
    fn nought_with_multiple_means_all_and_never_fails_alone_it_always_does() {
        let mut channel = channel(2);
        assert!(taken(&mut channel, 0, false).is_err());
        assert_eq!(taken(&mut channel, 0, true), Ok(vec![1, 2]));
        assert_eq!(taken(&mut channel, 0, true), Ok(vec![]));
    }

    #[test]
    fn a_tag_that_is_settled_is_unknown_even_with_multiple() {
        let mut channel = channel(2);
        taken(&mut channel, 1, true).unwrap();
        let refused = taken(&mut channel, 1, true).unwrap_err();
        assert_eq!(refused.explanation, "unknown delivery tag 1");
    }

    #[test]
    fn queues_are_told_by_name_and_consumer_and_fetched_messages_one_by_one() {
        let pending = |queue: &str, seq, consumer: Option<&str>| PendingAck {
            place: Some((queue.into(), seq)),
            consumer: consumer.map(Name::from),
        };
        let settled = Settled::group(vec![
            pending("b", 0, Some("t")),
            pending("a", 3, None),
            pending("a", 4, None),
            pending("b", 1, Some("s")),
            pending("b", 2, Some("t")),
        ]);
        assert_eq!(settled.to_consumers, 3);
        let expected = [
            ("a", vec![3]),
            ("a", vec![4]),
            ("b", vec![1]),
            ("b", vec![0, 2]),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(q, s)| (q.into(), s)).collect();
        assert_eq!(settled.by_queue, expected);
    }
}
