//! Publisher confirms of one channel: which publishes still await which queues
//! (`rabbit_confirms`, and `send_confirms_and_nacks` of `rabbit_channel`).

use alloc::vec::Vec;

use super::fact::QueueCopy;
use super::method::{BasicAck, BasicNack, Method};
use crate::fingerprint::Fingerprint;
use crate::names::{MessageId, Name};
use crate::shared::{Map, SortedMap, SortedSet};

/// The confirms of a channel in confirm mode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Confirms {
    /// Publishes since `confirm.select`.
    published: u64,
    /// As many as the publisher sends ahead.
    unconfirmed: Map<u64, Unconfirmed>,
    /// Not told yet.
    confirmed: SortedMap<u64, Unconfirmed>,
    rejected: SortedMap<u64, Unconfirmed>,
}

/// A publish, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Unconfirmed {
    /// The message.
    pub message: Option<MessageId>,
    /// All copies that it was to have.
    pub copies: Vec<QueueCopy>,
    /// The queues that have not answered yet.
    awaits: SortedSet<Name>,
}

/// What a publisher is told, and about which publishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// `basic.ack` and `basic.nack`, in the order to send.
    pub methods: Vec<Method>,
    /// The publishes confirmed, by number.
    pub confirmed: SortedMap<u64, Unconfirmed>,
    /// The publishes refused, by number.
    pub rejected: SortedMap<u64, Unconfirmed>,
}

impl Confirms {
    /// Counts a publish and gives its number, from 1.
    pub fn number(&mut self) -> u64 {
        self.published += 1;
        self.published
    }

    /// Notes which queues a publish awaits; none: it is confirmed.
    pub fn expect(
        &mut self,
        number: u64,
        message: Option<MessageId>,
        queues: SortedSet<Name>,
        copies: Vec<QueueCopy>,
    ) {
        let unconfirmed = Unconfirmed {
            message,
            copies,
            awaits: queues,
        };
        if unconfirmed.awaits.is_empty() {
            self.confirmed.insert(number, unconfirmed);
        } else {
            self.unconfirmed.insert(number, unconfirmed);
        }
    }

    /// A queue took care of a publish; it is confirmed when the last has.
    pub fn confirm(&mut self, number: u64, queue: &Name) {
        let Some(publish) = self.unconfirmed.get_mut(&number) else {
            return;
        };
        publish.awaits.remove(queue);
        if publish.awaits.is_empty()
            && let Some(publish) = self.unconfirmed.remove(&number)
        {
            self.confirmed.insert(number, publish);
        }
    }

    /// A queue refused a publish, which decides for all.
    pub fn reject(&mut self, number: u64) {
        if let Some(publish) = self.unconfirmed.remove(&number) {
            self.rejected.insert(number, publish);
        }
    }

    /// A queue is gone; nothing awaits it any more.
    pub fn queue_gone(&mut self, queue: &Name) {
        let awaiting = self.unconfirmed.iter();
        let awaiting = awaiting.filter(|(_, publish)| publish.awaits.contains(queue));
        let numbers: Vec<u64> = awaiting.map(|(number, _)| *number).collect();
        for number in numbers {
            self.confirm(number, queue);
        }
    }

    /// How many publishes are not confirmed.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.unconfirmed.len()
    }

    /// What is to be told now. What lies before the first open publish is told at once, with
    /// `multiple`; the rest one by one.
    pub fn take(&mut self) -> Told {
        let confirmed = core::mem::take(&mut self.confirmed);
        let rejected = core::mem::take(&mut self.rejected);
        let mut methods = Vec::new();
        match confirmed.first_key_value() {
            Some((number, _)) if confirmed.len() == 1 => methods.push(ack(*number, false)),
            _ => self.coalesce(&confirmed, &rejected, ack, &mut methods),
        }
        self.coalesce(&rejected, &confirmed, nack, &mut methods);
        Told {
            methods,
            confirmed,
            rejected,
        }
    }

    fn coalesce(
        &self,
        these: &SortedMap<u64, Unconfirmed>,
        others: &SortedMap<u64, Unconfirmed>,
        tell: fn(u64, bool) -> Method,
        methods: &mut Vec<Method>,
    ) {
        let waiting = self.unconfirmed.first().map(|(number, _)| number);
        let other = others.first_key_value().map(|(number, _)| number);
        let open = waiting.into_iter().chain(other).min();
        let before = |number: &&u64| open.is_none_or(|open| *number < open);
        let together = these.keys().take_while(before).last();
        let single = these.keys().skip_while(before);
        methods.extend(together.map(|last| tell(*last, true)));
        methods.extend(single.map(|number| tell(*number, false)));
    }
}

fn ack(delivery_tag: u64, multiple: bool) -> Method {
    Method::BasicAck(BasicAck {
        delivery_tag,
        multiple,
    })
}

fn nack(delivery_tag: u64, multiple: bool) -> Method {
    Method::BasicNack(BasicNack {
        delivery_tag,
        multiple,
        requeue: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(confirms: &mut Confirms, queues: &[&str]) -> u64 {
        let number = confirms.number();
        let queues = queues.iter().map(|queue| Name::from(*queue)).collect();
        confirms.expect(number, None, queues, Vec::new());
        number
    }

    #[test]
    fn a_publish_is_confirmed_when_its_last_queue_has_it() {
        let mut confirms = Confirms::default();
        let number = publish(&mut confirms, &["a", "b"]);
        confirms.confirm(number, &"a".into());
        assert!(confirms.take().methods.is_empty());
        confirms.confirm(number, &"b".into());
        assert_eq!(confirms.take().methods, [ack(1, false)]);
        assert_eq!(confirms.take(), Told::default());
    }

    #[test]
    fn several_at_once_are_told_together_up_to_the_first_open_one() {
        let mut confirms = Confirms::default();
        for _ in 0..4 {
            publish(&mut confirms, &["a"]);
        }
        for number in [1, 2, 4] {
            confirms.confirm(number, &"a".into());
        }
        let told = confirms.take();
        assert_eq!(told.methods, [ack(2, true), ack(4, false)]);
        assert_eq!(confirms.unconfirmed(), 1);
    }

    #[test]
    fn one_refusal_decides_and_a_queue_that_is_gone_is_awaited_no_more() {
        let mut confirms = Confirms::default();
        let refused = publish(&mut confirms, &["a", "b"]);
        publish(&mut confirms, &["c"]);
        publish(&mut confirms, &[]);
        confirms.reject(refused);
        confirms.confirm(refused, &"b".into());
        confirms.queue_gone(&"c".into());
        let told = confirms.take();
        assert_eq!(told.methods, [ack(2, false), ack(3, false), nack(1, true)]);
    }
}
