//! Who speaks to whom through what: the processes of a run and what they made of the brokers.
//!
//! Taken from the facts of a run, as everything else: what was declared, bound, led, assigned and
//! used at some time, whether or not it is still there at the end. Topics of Kafka's own
//! (`__consumer_offsets`) are left out.

use std::rc::Rc;

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::{ClientFact, ClientWhat};
use glassmq_core::kafka::fact::replica::{ReplicaFact, ReplicaWhat};
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::{Name, NodeId};
use glassmq_core::rabbitmq::binding::Destination;
use glassmq_core::rabbitmq::fact::Fact as Rabbitmq;
use glassmq_core::shared::{SortedMap, SortedSet};

use crate::cast::{Cast, Fact};
use crate::event::{Event, Sink, What};
use crate::play::names::Names;

/// What takes part. The order is that of a message's way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// An application.
    Client(Name),
    /// An exchange of RabbitMQ; the default one has no name.
    Exchange(Name),
    /// A queue of RabbitMQ.
    Queue(Name),
    /// A broker of Kafka.
    Broker(Name),
    /// A partition of a topic, by topic and number.
    Partition(Name, u32),
    /// A consumer group.
    Group(Name),
}

/// The things and the ties between them.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    names: Rc<Names>,
    /// Each thing with what else is to be said of it: an exchange's type.
    things: SortedMap<Thing, String>,
    /// From where to where, each with the words on it: binding keys, `leader`.
    ties: SortedMap<(Thing, Thing), SortedSet<String>>,
    /// Who led each partition last.
    leaders: SortedMap<Thing, Name>,
}

impl Topology {
    /// Of a run that is about to begin.
    #[must_use]
    pub fn new(names: Rc<Names>) -> Topology {
        Topology {
            names,
            ..Topology::default()
        }
    }

    /// All things, each with what else is to be said of it.
    pub fn things(&self) -> impl Iterator<Item = (&Thing, &str)> {
        self.things.iter().map(|(it, also)| (it, also.as_str()))
    }

    /// All ties: from, to, and the words on it.
    pub fn ties(&self) -> impl Iterator<Item = (&Thing, &Thing, String)> {
        self.ties.iter().map(|((from, to), words)| {
            let leads = matches!((from, to), (Thing::Broker(broker), partition)
                if self.leaders.get(partition) == Some(broker));
            let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
            if leads {
                words = vec!["leader"];
            }
            (from, to, words.join(", "))
        })
    }

    fn name(&self, node: NodeId) -> Name {
        self.names.of(node).into()
    }

    fn client(&mut self, node: NodeId) -> Thing {
        self.there(Thing::Client(self.name(node)))
    }

    fn there(&mut self, thing: Thing) -> Thing {
        self.things.entry(thing.clone()).or_default();
        thing
    }

    fn tie(&mut self, from: Thing, to: Thing, words: &str) {
        let (from, to) = (self.there(from), self.there(to));
        let all = self.ties.entry((from, to)).or_default();
        if !words.is_empty() {
            all.insert(words.to_string());
        }
    }

    fn rabbitmq(&mut self, fact: &Rabbitmq) {
        match fact {
            Rabbitmq::ExchangeDeclared { exchange, kind } => {
                let thing = Thing::Exchange(exchange.clone());
                self.things.insert(thing, kind.to_string());
            }
            Rabbitmq::QueueDeclared { queue, .. } => {
                self.there(Thing::Queue(queue.clone()));
            }
            Rabbitmq::Bound {
                exchange,
                destination,
                routing_key,
            } => {
                let to = match destination {
                    Destination::Queue(name) => Thing::Queue(name.clone()),
                    Destination::Exchange(name) => Thing::Exchange(name.clone()),
                };
                self.tie(Thing::Exchange(exchange.clone()), to, routing_key);
            }
            Rabbitmq::ConsumerStarted { queue, link, .. } => {
                let client = self.client(link.opener);
                self.tie(Thing::Queue(queue.clone()), client, "");
            }
            // The server's own answer to basic.get has no consumer.
            Rabbitmq::Delivered {
                copy,
                consumer: None,
                tag,
                ..
            } => {
                let client = self.client(tag.link.opener);
                self.tie(Thing::Queue(copy.queue.clone()), client, "basic.get");
            }
            Rabbitmq::Routed {
                message: Some(message),
                exchange,
                routing_key,
                queues,
            } => {
                let client = self.client(message.client);
                self.tie(client, Thing::Exchange(exchange.clone()), routing_key);
                // Each queue is bound to the default exchange under its own name; nobody says so.
                if exchange.is_empty() {
                    for queue in queues {
                        let queue = Thing::Queue(queue.clone());
                        self.tie(Thing::Exchange(exchange.clone()), queue, routing_key);
                    }
                }
            }
            _ => {}
        }
    }

    fn replica(&mut self, fact: &ReplicaFact) {
        let Some(partition) = shown(&fact.replica.partition) else {
            return;
        };
        let broker = self.name(fact.replica.node);
        if let ReplicaWhat::BecameLeader { .. } = fact.what {
            self.leaders.insert(partition.clone(), broker.clone());
        }
        self.tie(Thing::Broker(broker), partition, "replica");
    }

    fn kafka_client(&mut self, fact: &ClientFact) {
        let client = self.client(fact.client);
        match &fact.what {
            ClientWhat::InFlight { partition, .. } => {
                if let Some(partition) = shown(partition) {
                    self.tie(client, partition, "");
                }
            }
            ClientWhat::Assigned {
                group, partitions, ..
            } => {
                if let Some(group) = group {
                    self.tie(Thing::Group(group.clone()), client.clone(), "");
                }
                for partition in partitions.iter().filter_map(shown) {
                    match group {
                        Some(group) => self.tie(partition, Thing::Group(group.clone()), ""),
                        None => self.tie(partition, client.clone(), ""),
                    }
                }
            }
            _ => {}
        }
    }
}

fn shown(partition: &TopicPartition) -> Option<Thing> {
    let own = partition.topic.starts_with("__");
    (!own).then(|| Thing::Partition(partition.topic.clone(), partition.partition))
}

impl Sink<Cast> for Topology {
    fn event(&mut self, event: &Event<'_, Cast>) {
        match &event.what {
            What::Fact {
                fact: Fact::Rabbitmq(fact),
            } => self.rabbitmq(fact),
            What::Fact {
                fact: Fact::Kafka(fact),
            } => match fact {
                Kafka::Replica(fact) => self.replica(fact),
                Kafka::Client(fact) => self.kafka_client(fact),
                Kafka::Control(_) | Kafka::Group(_) => {}
            },
            _ => {}
        }
    }
}

impl Thing {
    /// Its name, as people say it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Thing::Exchange(name) if name.is_empty() => "default exchange".to_string(),
            Thing::Client(name) | Thing::Exchange(name) | Thing::Queue(name) => name.to_string(),
            Thing::Broker(name) | Thing::Group(name) => name.to_string(),
            Thing::Partition(topic, n) => format!("{topic}-{n}"),
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Thing::Client(_) => "client",
            Thing::Exchange(_) => "exchange",
            Thing::Queue(_) => "queue",
            Thing::Broker(_) => "broker",
            Thing::Partition(..) => "partition",
            Thing::Group(_) => "group",
        }
    }
}
