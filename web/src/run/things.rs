//! All things that ever exist in a run, in the order in which they came to be.

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::view::Lens as KafkaLens;
use glassmq_core::names::{MessageId, Name, NodeId};
use glassmq_core::rabbitmq::fact::Fact as RabbitmqFact;
use glassmq_core::shared::{Map, SortedMap};
use glassmq_sim::cast::{Cast, Fact, Lens, View};
use glassmq_sim::event::{Event, What};
use glassmq_sim::fault::Fault;
use glassmq_sim::play::Play;
use glassmq_sim::play::names::Names;
use glassmq_sim::scenario::client::{Client, Kind};

use super::topology;

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
    pub groups: SortedMap<NodeId, Name>,
    /// The key of each message: a routing key, a record key.
    pub keys: Map<MessageId, Name>,
    /// The partition of each record, as its producer chose it.
    pub partitions: Map<MessageId, Name>,
    /// The keys in the order of their first use.
    pub key_order: Vec<Name>,
    /// How processes came and went, in order.
    pub turns: Vec<Turn>,
    /// Replicas, as they were at the end: which partition on which node.
    pub replicas: Vec<(Name, u32, NodeId)>,
}

/// A process came, or went.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    pub step: u32,
    /// Microseconds.
    pub at: u64,
    pub node: NodeId,
    pub to: Life,
}

/// What became of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Up,
    /// It was killed.
    Down,
    /// It ended of its own accord.
    Ended,
}

impl Things {
    /// The clients that a scenario declares for one thing: they have their place even if they never
    /// come to do it. What a program is shows by what it does.
    pub fn declare(&mut self, clients: &[Client], names: &Names) {
        for client in clients {
            let Some(node) = names.find(&client.name) else {
                continue;
            };
            match &client.is {
                Kind::RabbitmqPublisher(_) | Kind::KafkaProducer(_) => self.sender(node),
                Kind::RabbitmqConsumer(_) | Kind::KafkaConsumer(_) => {
                    self.receivers.push((node, Vec::new(), None));
                }
                Kind::Program(_) => {}
            }
            if let Kind::KafkaConsumer(consumer) = &client.is
                && let Some(group) = &consumer.group
            {
                self.groups.insert(node, group.as_str().into());
            }
        }
    }

    /// Notes what an event brought.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        let turn = match &event.what {
            What::Faulted {
                fault:
                    Fault::Crash {
                        node,
                        after_effects: None,
                        ..
                    },
                ..
            } => Some((*node, Life::Down)),
            What::Booted { .. } => Some((event.node, Life::Up)),
            What::Exited => Some((event.node, Life::Ended)),
            _ => None,
        };
        self.turns.extend(turn.map(|(node, to)| Turn {
            step: event.id.step,
            at: event.at,
            node,
            to,
        }));
        let What::Fact { fact } = &event.what else {
            return;
        };
        match fact {
            Fact::Rabbitmq(fact) => self.see_rabbitmq(fact),
            Fact::Kafka(KafkaFact::Client(fact)) => self.see_client(fact.client, &fact.what),
            Fact::Kafka(_) => {}
        }
    }

    /// What only a look at the processes tells: the keys of the last records of each log.
    pub fn look(&mut self, play: &Play, records: u32) {
        use glassmq_core::machine::Machine as _;
        for (_, process) in play.stage().nodes() {
            let mut lens = Lens::counts();
            lens.kafka = KafkaLens::Tail { records };
            let Some(View::KafkaBroker(view)) = process.machine().map(|m| m.view(&lens)) else {
                continue;
            };
            for cell in view.replicas.iter().flat_map(|replica| &replica.cells) {
                if let (Some(id), Some(key)) = (cell.message, &cell.key) {
                    self.key(id, key);
                }
            }
        }
    }

    /// What the run holds now: its replicas.
    pub fn close(&mut self, play: &Play) {
        use glassmq_core::machine::Machine as _;
        for (node, process) in play.stage().nodes() {
            if topology::broker_id(process.name()).is_none() {
                continue;
            }
            // One that is down keeps its logs.
            let (stage, lens) = (play.stage(), Lens::counts());
            let view = match process.machine() {
                Some(machine) => machine.view(&lens),
                None => process.asleep(node, stage.now(), 0).view(&lens),
            };
            let View::KafkaBroker(view) = view else {
                continue;
            };
            let all = view.replicas.iter().map(|replica| &replica.partition);
            let shown = all.filter(|partition| !partition.topic.starts_with("__"));
            for partition in shown {
                let replica = (partition.topic.clone(), partition.partition, node);
                add(&mut self.replicas, replica);
            }
        }
        self.order();
    }

    /// What another run of the same world has and this one has not, behind what is here.
    pub fn join(&mut self, other: &Things) {
        fn add_all<T: PartialEq + Clone>(to: &mut Vec<T>, from: &[T]) {
            from.iter().for_each(|one| add(to, one.clone()));
        }
        add_all(&mut self.exchanges, &other.exchanges);
        add_all(&mut self.bindings, &other.bindings);
        add_all(&mut self.queues, &other.queues);
        for (node, to) in &other.senders {
            add_all(self.targets(*node), to);
        }
        for (node, from, tag) in &other.receivers {
            if !self.receivers.iter().any(|(who, ..)| who == node) {
                self.receivers.push((*node, Vec::new(), tag.clone()));
            }
            for from in from {
                self.receives(*node, from.clone(), tag.clone());
            }
        }
        for (node, group) in &other.groups {
            self.groups.entry(*node).or_insert_with(|| group.clone());
        }
        add_all(&mut self.replicas, &other.replicas);
        self.order();
    }

    /// As they were declared, whoever came first.
    fn order(&mut self) {
        self.replicas.sort();
        self.senders.sort_by_key(|(node, _)| *node);
        self.receivers.sort_by_key(|(node, ..)| *node);
    }

    /// What became of a process until a step: nothing, if it was not started by then.
    pub fn last_turn(&self, node: NodeId, step: u32) -> Option<&Turn> {
        let past = self.turns.partition_point(|turn| turn.step <= step);
        self.turns[..past]
            .iter()
            .rev()
            .find(|turn| turn.node == node)
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
        let controllers = topology::controllers(names);
        let controllers = controllers.map(|node| format!("controller:{}", names.of(node)));
        let middle = brokers.chain(controllers);
        senders.chain(middle).chain(receivers).collect()
    }

    /// The consumer tag by which the picture calls a receiver: `C1`.
    pub fn tag_of(&self, node: NodeId) -> String {
        let at = self.receivers.iter().position(|(who, ..)| *who == node);
        format!("C{}", at.map_or(0, |at| at + 1))
    }

    fn key(&mut self, id: MessageId, key: &Name) {
        if self.keys.insert(id, key.clone()).is_none() && !key.is_empty() {
            add(&mut self.key_order, key.clone());
        }
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
                    self.key(*id, routing_key);
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
                let name = partition.to_string();
                self.partitions.insert(*message, name.as_str().into());
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
