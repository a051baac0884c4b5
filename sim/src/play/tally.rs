//! The numbers at the foot of a story: how many messages were sent, acknowledged and delivered,
//! and how long that took.

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::names::MessageId;
use glassmq_core::rabbitmq::fact::Fact as RabbitmqFact;
use glassmq_core::shared::SortedMap;
use serde::Serialize;

use crate::cast::{Cast, Fact};
use crate::event::{Event, What};

/// What became of the messages, from their clients' point of view.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    sent: SortedMap<MessageId, Times>,
    failed: u32,
    returned: u32,
    deliveries: u32,
}

/// When what happened to a message first, in microseconds of virtual time.
#[derive(Clone, Copy, Debug)]
struct Times {
    sent: u64,
    acknowledged: Option<u64>,
    delivered: Option<u64>,
}

/// The numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Messages that applications gave to their client libraries.
    pub sent: u32,
    /// Of those, what a broker confirmed or acknowledged to the sender.
    pub acknowledged: u32,
    /// Of those, what reached an application at least once.
    pub delivered: u32,
    /// Deliveries to applications, repeats included.
    pub deliveries: u32,
    /// Sends that the sender was told had failed.
    pub failed: u32,
    /// Messages that came back to their sender.
    pub returned: u32,
    /// From the send to the acknowledgement.
    pub acknowledgement: Option<Latency>,
    /// From the send to the first delivery.
    pub delivery: Option<Latency>,
}

/// Two of the percentiles of a duration, in microseconds of virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Half took no longer.
    pub p50: u64,
    /// All but one in a hundred took no longer.
    pub p99: u64,
}

impl Tally {
    /// Counts an event.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        let What::Fact { fact } = &event.what else {
            return;
        };
        let at = event.at;
        match fact {
            Fact::Rabbitmq(fact) => match fact {
                RabbitmqFact::Sent { message, .. } => self.sent(*message, at),
                RabbitmqFact::PublishConfirmed { message } => self.acknowledged(*message, at),
                RabbitmqFact::PublishNacked { .. } => self.failed += 1,
                RabbitmqFact::PublishReturned { .. } => self.returned += 1,
                RabbitmqFact::Received { message, .. } => self.delivered(*message, at),
                _ => {}
            },
            Fact::Kafka(KafkaFact::Client(fact)) => match &fact.what {
                ClientWhat::Sent { message, .. } => self.sent(*message, at),
                ClientWhat::Acknowledged { messages, .. } => {
                    for message in messages {
                        self.acknowledged(*message, at);
                    }
                }
                ClientWhat::Failed { messages, .. } => self.failed += messages.len() as u32,
                ClientWhat::Delivered { message, .. } => self.delivered(*message, at),
                _ => {}
            },
            Fact::Kafka(_) => {}
        }
    }

    /// The numbers so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let times = || self.sent.values();
        let since = |at: Option<u64>, times: &Times| at.map(|at| at - times.sent);
        let acknowledged = times()
            .filter_map(|it| since(it.acknowledged, it))
            .collect();
        let delivered = times().filter_map(|it| since(it.delivered, it)).collect();
        Totals {
            sent: self.sent.len() as u32,
            acknowledged: times().filter(|it| it.acknowledged.is_some()).count() as u32,
            delivered: times().filter(|it| it.delivered.is_some()).count() as u32,
            deliveries: self.deliveries,
            failed: self.failed,
            returned: self.returned,
            acknowledgement: Latency::of(acknowledged),
            delivery: Latency::of(delivered),
        }
    }

    fn sent(&mut self, message: MessageId, at: u64) {
        self.sent.entry(message).or_insert(Times {
            sent: at,
            acknowledged: None,
            delivered: None,
        });
    }

    fn acknowledged(&mut self, message: MessageId, at: u64) {
        if let Some(times) = self.sent.get_mut(&message) {
            times.acknowledged.get_or_insert(at);
        }
    }

    fn delivered(&mut self, message: Option<MessageId>, at: u64) {
        self.deliveries += 1;
        if let Some(times) = message.and_then(|message| self.sent.get_mut(&message)) {
            times.delivered.get_or_insert(at);
        }
    }
}

impl Latency {
    /// By the nearest rank; none of nothing.
    fn of(mut durations: Vec<u64>) -> Option<Latency> {
        durations.sort_unstable();
        let rank = |percent: usize| {
            let rank = (durations.len() * percent).div_ceil(100);
            durations.get(rank.saturating_sub(1)).copied()
        };
        Some(Latency {
            p50: rank(50)?,
            p99: rank(99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_the_nearest_rank() {
        assert_eq!(Latency::of(vec![]), None);
        assert_eq!(Latency::of(vec![7]), Some(Latency { p50: 7, p99: 7 }));
        let all = Latency::of((1..=200).rev().collect());
        assert_eq!(all, Some(Latency { p50: 100, p99: 198 }));
    }
}
