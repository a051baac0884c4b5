//! The brokers, their topics and definitions, and what an administrator does to them.

use glassmq_core::kafka::config::broker::{BrokerConfig, TopicConfig};
use glassmq_core::shared::SortedSet;

use super::{Check, Path};
use crate::scenario::Scenario;
use crate::scenario::definitions::Definitions;
use crate::scenario::moment::Moment;
use crate::scenario::order::{Order, Request};
use crate::scenario::problem::did_you_mean;
use crate::scenario::time::Time;
use crate::scenario::who::Who;
use crate::scenario::world::Topic;

impl Check<'_> {
    pub(super) fn world(&mut self, scenario: &Scenario, root: &Path) {
        let at = root.key("world");
        if scenario.world.rabbitmq.is_none() && scenario.world.kafka.is_none() {
            self.problem(
                &at,
                "a world without brokers",
                "add \"rabbitmq\" or \"kafka\"",
            );
        }
        if scenario.until == Time(0) {
            let what = "the run ends as it begins";
            self.problem(
                &root.key("until"),
                what,
                "let it end later, such as at \"30s\"",
            );
        }
        if let Some(kafka) = &scenario.world.kafka {
            let at = at.key("kafka");
            self.config::<BrokerConfig>(&at.key("config"), &kafka.config);
            let mut names = SortedSet::new();
            for (i, topic) in kafka.topics.iter().enumerate() {
                let at = at.key("topics").index(i);
                self.new_topic(&at, topic, kafka.brokers.get());
                if !names.insert(&topic.name) {
                    let what = format!("topic {:?} is there already", topic.name);
                    self.problem(&at.key("name"), what, "give each topic another name");
                }
            }
        }
        if let Some(rabbitmq) = &scenario.world.rabbitmq {
            let at = at.key("rabbitmq");
            self.rabbitmq_config(&at.key("config"), &rabbitmq.config);
            self.definitions(&at.key("definitions"), &rabbitmq.definitions);
        }
        for (i, order) in scenario.orders.iter().enumerate() {
            self.order(&root.key("orders").index(i), order, scenario);
        }
    }

    /// The same rules as Kafka's own `Topic.validate` and CreateTopics.
    fn new_topic(&mut self, at: &Path, topic: &Topic, brokers: u32) {
        let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let dots = topic.name == "." || topic.name == "..";
        if topic.name.is_empty() || topic.name.len() > 249 || dots || !topic.name.chars().all(legal)
        {
            let what = format!("{:?} is not a legal name of a topic", topic.name);
            let remedy = "use at most 249 ASCII letters, digits, '.', '_' and '-'";
            self.problem(&at.key("name"), what, remedy);
        }
        let replicas = topic.replication_factor.get();
        if replicas > brokers {
            let what = format!(
                "replication factor {replicas} is larger than the number of brokers, {brokers}"
            );
            let remedy = format!("write at most {brokers}, or add brokers");
            self.problem(&at.key("replication.factor"), what, remedy);
        }
        self.config::<TopicConfig>(&at.key("config"), &topic.config);
    }

    fn definitions(&mut self, at: &Path, definitions: &Definitions) {
        let known = self.known;
        for (i, binding) in definitions.bindings.iter().enumerate() {
            let at = at.key("bindings").index(i);
            let exchanges = known.exchanges.iter().map(String::as_str);
            self.known_name(
                &at.key("source"),
                "exchange",
                &binding.source,
                exchanges.clone(),
            );
            let to = at.key("destination");
            match binding.destination_type.as_str() {
                "queue" => {
                    let queues = known.queues.iter().map(String::as_str);
                    self.known_name(&to, "queue", &binding.destination, queues);
                }
                "exchange" => self.known_name(&to, "exchange", &binding.destination, exchanges),
                other => {
                    let what = format!("unknown destination type {other:?}");
                    let remedy = "write \"queue\" or \"exchange\"";
                    self.problem(&at.key("destination_type"), what, remedy);
                }
            }
        }
    }

    fn order(&mut self, at: &Path, order: &Order, scenario: &Scenario) {
        self.moment(at, &order.moment, scenario.until);
        if let Some(on) = &order.on {
            self.asked(&at.key("on"), on);
        }
        let Some(kafka) = &scenario.world.kafka else {
            let what = "this order needs Kafka";
            return self.problem(&at.key("do"), what, "add \"kafka\" to the world");
        };
        let (key, empty) = match &order.what {
            Request::CreateTopics { topics } => ("topics", topics.is_empty()),
            Request::DeleteTopics { topics } => ("topics", topics.is_empty()),
            Request::ElectLeaders { partitions } => ("partitions", partitions.is_empty()),
            Request::IncrementalAlterConfigs { config, .. } => ("config", config.is_empty()),
            Request::CreatePartitions { .. } => ("topic", false),
        };
        if empty {
            self.problem(&at.key(key), "an order about nothing", "name at least one");
        }
        match &order.what {
            Request::CreateTopics { topics } => {
                for (i, topic) in topics.iter().enumerate() {
                    self.new_topic(&at.key("topics").index(i), topic, kafka.brokers.get());
                }
            }
            Request::DeleteTopics { .. } => {
                let remedy = "leave this order out";
                self.problem(&at.key("do"), "not modelled: DeleteTopics", remedy);
            }
            Request::CreatePartitions { topic, .. } => self.topic(&at.key("topic"), topic),
            Request::IncrementalAlterConfigs { topic, config } => {
                self.topic(&at.key("topic"), topic);
                self.config::<TopicConfig>(&at.key("config"), config);
            }
            Request::ElectLeaders { partitions } => {
                for (i, partition) in partitions.iter().enumerate() {
                    self.partition(&at.key("partitions").index(i), partition);
                }
            }
        }
    }

    /// Only Kafka's brokers listen to administrators.
    fn asked(&mut self, at: &Path, on: &Who) {
        match on {
            Who::Named(name) if !name.starts_with("kafka-") => {
                let brokers = self.known.brokers.iter().map(String::as_str);
                let remedy = did_you_mean(name, brokers.filter(|it| it.starts_with("kafka-")));
                self.problem(at, format!("{name:?} is no broker of Kafka's"), remedy);
            }
            who => self.who(at, who),
        }
    }

    pub(super) fn moment(&mut self, at: &Path, moment: &Moment, until: Time) {
        match moment {
            Moment::At(time) if *time >= until && until > Time(0) => {
                let what = "this is after the end of the run";
                self.problem(
                    &at.key("at"),
                    what,
                    "choose an earlier time, or a later \"until\"",
                );
            }
            Moment::At(_) => {}
            Moment::When { seen, .. } => self.pattern(&at.key("when"), seen),
        }
    }
}
