//! All things that ever exist in a run, in the order in which they came to be.

use std::collections::BTreeMap;

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::view::Lens as KafkaLens;
use glassmq_core::names::{MessageId, Name, NodeId};
use glassmq_core::rabbitmq::fact::Fact as RabbitmqFact;
use glassmq_sim::cast::{Cast, Fact, Lens, View};
use glassmq_sim::event::{Event, What};
use glassmq_sim::fault::Fault;
use glassmq_sim::play::Play;
use glassmq_sim::play::names::Names;

/// What was met on the way.
#[derive(Clone, Debug, Default)]
pub struct Things {
    /// Exchanges with their types.
    pub exchanges: Vec<(Name, Name)>,
    /// From an exchange to a queue or exchange, with a key.
    pub bindings: Vec<(Name, String, Name)>,
    pub queues: Vec<Name>,
    /// Who sends, and to what: `exchange:logs`, `topic:orders`.
    pub senders: Vec<(NodeId, Vec<String>)>,
    /// Who receives, and from what: `queue:hello`, `orders-0`; and the consumer tag.
    pub receivers: Vec<(NodeId, Vec<String>, Option<Name>)>,
    pub groups: BTreeMap<NodeId, Name>,
    /// The key of each message: a routing key, a record key.
    pub keys: BTreeMap<MessageId, Name>,
    /// The partition of each record, as its producer chose it.
    pub partitions: BTreeMap<MessageId, String>,
    /// When processes died, in microseconds, in order.
    pub deaths: Vec<(NodeId, u64)>,
    /// Replicas, as they were at the end: which partition on which node.
    pub replicas: Vec<(Name, u32, NodeId)>,
}

impl Things {
    /// Notes what an event brought.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        if let What::Faulted { fault, .. } = &event.what
            && let Fault::Crash { node, .. } = fault
        {
            self.deaths.push((*node, event.at));
        }
        let What::Fact { fact } = &event.what else {
            return;
        };
        match fact {
            Fact::Rabbitmq(fact) => self.see_rabbitmq(fact),
            Fact::Kafka(KafkaFact::Client(fact)) => self.see_client(fact.client, &fact.what),
            Fact::Kafka(_) => {}
        }
    }

    /// The run is over: what only a look at the processes tells.
    pub fn close(&mut self, play: &Play) {
        use glassmq_core::machine::Machine as _;
        for (node, process) in play.stage().nodes() {
            let mut lens = Lens::counts();
            lens.kafka = KafkaLens::Tail { records: u32::MAX };
            let Some(View::KafkaBroker(view)) = process.machine().map(|m| m.view(&lens)) else {
                continue;
            };
            for cell in view.replicas.iter().flat_map(|replica| &replica.cells) {
                if let (Some(id), Some(key)) = (cell.message, &cell.key) {
                    self.keys.insert(id, key.clone());
                }
            }
            let all = view.replicas.iter().map(|replica| &replica.partition);
            let shown = all.filter(|partition| !partition.topic.starts_with("__"));
            self.replicas
                .extend(shown.map(|p| (p.topic.clone(), p.partition, node)));
        }
        self.replicas.sort();
    }

    /// Columns of a space-time diagram.
    pub fn columns(&self, names: &Names) -> Vec<String> {
        let senders = self
            .senders
            .iter()
            .map(|(node, _)| format!("producer:{}", names.of(*node)));
        let brokers = names.nodes().map(|node| names.of(node).to_string());
        let brokers =
            brokers.filter(|name| name.starts_with("kafka-") || name.starts_with("rabbit-"));
        let brokers = brokers.map(|name| format!("broker:{name}"));
        let receivers = self
            .receivers
            .iter()
            .map(|(node, ..)| format!("consumer:{}", names.of(*node)));
        senders.chain(brokers).chain(receivers).collect()
    }

    /// The consumer tag by which the picture calls a receiver: `C1`.
    pub fn tag_of(&self, node: NodeId) -> String {
        let at = self.receivers.iter().position(|(who, ..)| *who == node);
        format!("C{}", at.map_or(0, |at| at + 1))
    }

    /// The mark of a key: one of five, by the order in which keys were first used.
    pub fn mark(&self, key: Option<&str>) -> &'static str {
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return "f";
        };
        let mut all: Vec<&str> = Vec::new();
        for other in self.keys.values() {
            if !all.contains(&&**other) {
                all.push(other);
            }
        }
        let at = all.iter().position(|other| *other == key);
        at.map_or("f", |at| ["a", "b", "c", "d", "e", "f"][at.min(5)])
    }

    fn see_rabbitmq(&mut self, fact: &RabbitmqFact) {
        match fact {
            RabbitmqFact::ExchangeDeclared { exchange, kind } => {
                add(&mut self.exchanges, (exchange.clone(), kind.clone()));
            }
            RabbitmqFact::QueueDeclared { queue, .. } => add(&mut self.queues, queue.clone()),
            RabbitmqFact::Bound {
                exchange,
                destination,
                routing_key,
            } => {
                use glassmq_core::rabbitmq::binding::Destination;
                let to = match destination {
                    Destination::Queue(name) => format!("queue:{name}"),
                    Destination::Exchange(name) => format!("exchange:{name}"),
                };
                add(
                    &mut self.bindings,
                    (exchange.clone(), to, routing_key.clone()),
                );
            }
            RabbitmqFact::Routed {
                message,
                exchange,
                routing_key,
                queues,
            } => {
                if exchange.is_empty() {
                    add(&mut self.exchanges, ("".into(), "default".into()));
                    for queue in queues {
                        let binding = ("".into(), format!("queue:{queue}"), queue.clone());
                        add(&mut self.bindings, binding);
                    }
                }
                if let Some(id) = message {
                    self.keys.insert(*id, routing_key.clone());
                    self.sends(id.client, format!("exchange:{exchange}"));
                }
            }
            RabbitmqFact::Sent { message, .. } => self.sender(message.client),
            RabbitmqFact::ConsumerStarted {
                queue, tag, link, ..
            } => self.receives(link.opener, format!("queue:{queue}"), Some(tag.clone())),
            _ => {}
        }
    }

    fn see_client(&mut self, node: NodeId, what: &ClientWhat) {
        match what {
            ClientWhat::Sent { .. } => self.sender(node),
            ClientWhat::Buffered { message, partition } => {
                self.partitions.insert(*message, partition.to_string());
                self.sends(node, format!("partition:{partition}"));
            }
            ClientWhat::Assigned {
                group, partitions, ..
            } => {
                for partition in partitions {
                    self.receives(node, format!("partition:{partition}"), None);
                }
                if let Some(group) = group {
                    self.groups.entry(node).or_insert_with(|| group.clone());
                }
            }
            _ => {}
        }
    }

    fn sender(&mut self, node: NodeId) {
        self.targets(node);
    }

    fn targets(&mut self, node: NodeId) -> &mut Vec<String> {
        let known = self.senders.iter().position(|(who, _)| *who == node);
        let at = known.unwrap_or_else(|| {
            self.senders.push((node, Vec::new()));
            self.senders.len() - 1
        });
        &mut self.senders[at].1
    }

    fn sends(&mut self, node: NodeId, to: String) {
        add(self.targets(node), to);
    }

    fn receives(&mut self, node: NodeId, from: String, tag: Option<Name>) {
        match self.receivers.iter_mut().find(|(who, ..)| *who == node) {
            Some((_, all, _)) => add(all, from),
            None => self.receivers.push((node, vec![from], tag)),
        }
    }
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}
