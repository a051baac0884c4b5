//! The names that a scenario gives.

use glassmq_core::shared::{SortedMap, SortedSet};

use crate::scenario::Scenario;
use crate::scenario::client::Kind;
use crate::scenario::kafka_python::KafkaPython;
use crate::scenario::order::{ADMINISTRATOR, Request};
use crate::scenario::pika::Pika;
use crate::scenario::program::{Call, Step};

/// The names that a scenario gives.
#[derive(Default)]
pub(super) struct Known {
    /// Whether there is a RabbitMQ.
    pub rabbitmq: bool,
    /// Whether there is a Kafka.
    pub kafka: bool,
    /// Nodes, brokers and controllers.
    pub brokers: Vec<String>,
    /// Clients, and whoever administers.
    pub clients: Vec<String>,
    /// How many messages a client sends, where that is known.
    pub sends: SortedMap<String, u32>,
    /// Topics and the number of their partitions.
    pub topics: SortedMap<String, u32>,
    /// Queues that are defined or that a program declares.
    pub queues: SortedSet<String>,
    /// Exchanges that are defined, declared by a program, or predeclared.
    pub exchanges: SortedSet<String>,
    /// Consumer groups.
    pub groups: SortedSet<String>,
}

/// The exchanges that every virtual host has.
const PREDECLARED: [&str; 7] = [
    "",
    "amq.direct",
    "amq.fanout",
    "amq.headers",
    "amq.match",
    "amq.rabbitmq.trace",
    "amq.topic",
];

impl Known {
    pub(super) fn of(scenario: &Scenario) -> Known {
        let mut known = Known {
            exchanges: PREDECLARED.map(String::from).into(),
            ..Known::default()
        };
        known.brokers = scenario.world.names();
        if let Some(rabbitmq) = &scenario.world.rabbitmq {
            known.rabbitmq = true;
            let definitions = &rabbitmq.definitions;
            known
                .queues
                .extend(definitions.queues.iter().map(|it| it.name.clone()));
            known
                .exchanges
                .extend(definitions.exchanges.iter().map(|it| it.name.clone()));
        }
        if let Some(kafka) = &scenario.world.kafka {
            known.kafka = true;
            known.topics.extend(
                kafka
                    .topics
                    .iter()
                    .map(|it| (it.name.clone(), it.partitions.get())),
            );
        }
        for order in &scenario.orders {
            if let Request::CreateTopics { topics } = &order.what {
                known.topics.extend(
                    topics
                        .iter()
                        .map(|it| (it.name.clone(), it.partitions.get())),
                );
            }
        }
        for order in &scenario.orders {
            if let Request::CreatePartitions { topic, count } = &order.what
                && let Some(partitions) = known.topics.get_mut(topic)
            {
                *partitions = count.get().max(*partitions);
            }
        }
        if !scenario.orders.is_empty() {
            known.clients.push(ADMINISTRATOR.to_string());
        }
        for client in &scenario.clients {
            known.clients.push(client.name.clone());
            let count = match &client.is {
                Kind::RabbitmqPublisher(it) => it.send.count,
                Kind::KafkaProducer(it) => it.send.count,
                _ => None,
            };
            known
                .sends
                .extend(count.map(|count| (client.name.clone(), count.get())));
            match &client.is {
                Kind::KafkaConsumer(it) => known.groups.extend(it.group.clone()),
                Kind::Program(it) => known.declared(&it.steps),
                _ => {}
            }
        }
        known
    }

    fn declared(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.call {
                Call::Pika(Pika::QueueDeclare { queue, .. }) => {
                    self.queues.insert(queue.clone());
                }
                Call::Pika(Pika::ExchangeDeclare { exchange, .. }) => {
                    self.exchanges.insert(exchange.clone());
                }
                Call::KafkaPython(KafkaPython::Consumer {
                    group_id: Some(group),
                    ..
                }) => {
                    self.groups.insert(group.clone());
                }
                _ => {}
            }
            self.declared(step.inner().1);
        }
    }
}
