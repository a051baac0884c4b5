//! order: what one sender sent is read in the order in which it was sent.
//!
//! Definition: for each sender, and each queue, partition or key (which has one partition as long
//! as a topic keeps their number), messages are read in the order of
//! their sends; what was sent earlier and comes for the first time after something later is out of
//! order (Jepsen's `nonmonotonic`; for RabbitMQ the guarantee of docs, "Queues", message ordering;
//! for Kafka that of docs, "Introduction": "events are read in exactly the same order as they were
//! written", given one partition). Read means in RabbitMQ: settled by a consumer, so that a
//! requeued message counts when its work is done; in Kafka: given to the application. Reading the
//! same message again is not out of order, nor is a second copy of it.

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::{MessageId, Name, NodeId};
use glassmq_core::rabbitmq::fact::Fact as Rabbitmq;
use glassmq_core::shared::Map;
use glassmq_core::subject::Place;

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, What};
use crate::ledger::{Fate, Ledger, State};

const EARLIER: &str = "which was sent earlier";

/// The latest message of each sender that was read, in each place.
#[derive(Clone, Debug, Default)]
pub struct Order {
    queues: Map<(Name, NodeId), u32>,
    /// By reader, partition and sender.
    partitions: Map<(Name, TopicPartition, NodeId), Read>,
    /// By reader, topic, sender and key.
    keys: Map<(Name, Name, NodeId, Name), u32>,
}

#[derive(Clone, Copy, Debug)]
struct Read {
    latest: u32,
    /// The offset after the last that was read.
    position: u64,
}

impl Checker for Order {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        let What::Fact { fact } = &event.what else {
            return None;
        };
        let (id, latest, place) = match fact {
            Fact::Rabbitmq(Rabbitmq::Acknowledged { copy, .. }) => {
                let id = copy.message?;
                let latest = self.settle(id, &copy.queue, ledger)?;
                (id, latest, Some(copy.queue.to_string()))
            }
            Fact::Kafka(Kafka::Client(fact)) => match &fact.what {
                ClientWhat::Delivered {
                    partition,
                    offset,
                    message: Some(id),
                    ..
                } => {
                    let reader = ledger.reader(fact.client);
                    let (latest, place) = self.read(*id, reader, partition, *offset, ledger)?;
                    (*id, latest, place)
                }
                _ => return None,
            },
            _ => return None,
        };
        let client = id.client;
        let later = MessageId { client, n: latest };
        let messages = vec![id, later];
        let [id, later] = [id, later].map(|id| ledger.names().message(id));
        Some(Violation {
            at: event.id,
            messages,
            says: match place {
                Some(place) => format!("{later} was read from {place} before {id}, {EARLIER}"),
                None => format!("{later} was read before {id} of the same key, {EARLIER}"),
            },
        })
    }
}

impl Order {
    /// Answers what was read from the queue before and is later.
    fn settle(&mut self, id: MessageId, queue: &Name, ledger: &Ledger) -> Option<u32> {
        let key = (queue.clone(), id.client);
        let latest = self.queues.get_or_insert_with(key, || id.n);
        if *latest <= id.n {
            *latest = id.n;
            return None;
        }
        let again = |fate: &Fate| {
            let here = fate.copies.iter().filter(|copy| {
                matches!(&copy.place, Place::Queue { queue: at, .. } if at == queue)
                    && matches!(copy.state, State::Acknowledged { .. })
            });
            fate.forgotten || here.count() > 1
        };
        (!ledger.fate(id).is_some_and(again)).then_some(*latest)
    }

    /// Answers what the reader read before and is later, and and the partition, if both were there.
    fn read(
        &mut self,
        id: MessageId,
        reader: Name,
        partition: &TopicPartition,
        offset: u64,
        ledger: &Ledger,
    ) -> Option<(u32, Option<String>)> {
        let key = (reader.clone(), partition.clone(), id.client);
        let first = || Read {
            latest: id.n,
            position: offset,
        };
        let read = self.partitions.get_or_insert_with(key, first);
        if offset < read.position {
            return None;
        }
        read.position = offset + 1;
        let (partition_latest, is_in_order) = (read.latest, read.latest <= id.n);
        read.latest = read.latest.max(id.n);
        let key_latest = self.of_key(id, reader, partition, ledger);
        if is_in_order && key_latest.is_none() {
            return None;
        }
        let again = |fate: &Fate| {
            let mut copies = fate.copies.iter();
            copies.any(|copy| matches!(copy.state, State::Stored { offset: at } if at < offset))
        };
        let found = match is_in_order {
            true => (key_latest?, None),
            false => (partition_latest, Some(partition.to_string())),
        };
        (!ledger.fate(id).is_some_and(again)).then_some(found)
    }

    /// Answers what the reader read before with the same key and is later, in whichever partition.
    fn of_key(
        &mut self,
        id: MessageId,
        reader: Name,
        partition: &TopicPartition,
        ledger: &Ledger,
    ) -> Option<u32> {
        let key = ledger.fate(id)?.key.clone()?;
        let key = (reader, partition.topic.clone(), id.client, key);
        let latest = self.keys.get_or_insert_with(key, || id.n);
        if *latest <= id.n {
            *latest = id.n;
            return None;
        }
        Some(*latest)
    }
}
