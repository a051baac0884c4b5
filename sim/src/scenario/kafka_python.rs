//! The calls of kafka-python, by its own names. Settings stand under Kafka's dotted keys.

use super::program::Step;
use super::record::{Choice, Fields};
use super::time::Time;
use super::world::Config;

/// A call of kafka-python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KafkaPython {
    /// `KafkaProducer(...)`
    Producer {
        /// Which brokers it asks first.
        bootstrap_servers: Vec<String>,
        /// Its settings.
        config: Config,
    },
    /// `producer.send(...)`
    Send {
        /// To which topic.
        topic: String,
        /// The value, as a text.
        value: Option<String>,
        /// The key, as a text.
        key: Option<String>,
        /// To which partition; not given: as the partitioner decides.
        partition: Option<u32>,
    },
    /// `future.get(...)` of the last send.
    Get {
        /// How long it waits.
        timeout: Option<Time>,
    },
    /// `producer.flush()`
    Flush,
    /// `producer.close()`
    CloseProducer,
    /// `KafkaConsumer(...)`
    Consumer {
        /// What it subscribes to.
        topics: Vec<String>,
        /// Which brokers it asks first.
        bootstrap_servers: Vec<String>,
        /// Its group.
        group_id: Option<String>,
        /// Its settings.
        config: Config,
    },
    /// `for record in consumer:`
    ForRecord {
        /// What is done with each record.
        steps: Vec<Step>,
    },
    /// `consumer.commit()`
    Commit,
    /// `consumer.close()`
    CloseConsumer,
}

impl Choice for KafkaPython {
    const NAME: &'static str = "call";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        let (servers, config) = (Vec::new, Config::new);
        let producer = KafkaPython::Producer {
            bootstrap_servers: servers(),
            config: config(),
        };
        let topic = String::new();
        let send = KafkaPython::Send {
            topic,
            value: None,
            key: None,
            partition: None,
        };
        let consumer = KafkaPython::Consumer {
            topics: Vec::new(),
            bootstrap_servers: servers(),
            group_id: None,
            config: config(),
        };
        let for_record = KafkaPython::ForRecord { steps: Vec::new() };
        vec![
            ("KafkaProducer", "Starts a producer.", producer),
            (
                "producer.send",
                "Puts a record into the producer's buffer and returns.",
                send,
            ),
            (
                "future.get",
                "Waits until the last record sent is acknowledged.",
                KafkaPython::Get { timeout: None },
            ),
            (
                "producer.flush",
                "Waits until all records sent are acknowledged.",
                KafkaPython::Flush,
            ),
            (
                "producer.close",
                "Flushes and closes.",
                KafkaPython::CloseProducer,
            ),
            ("KafkaConsumer", "Starts a consumer.", consumer),
            (
                "for record in consumer",
                "Polls, and takes one record after the other.",
                for_record,
            ),
            (
                "consumer.commit",
                "Commits what was taken so far, and waits.",
                KafkaPython::Commit,
            ),
            (
                "consumer.close",
                "Leaves the group and closes.",
                KafkaPython::CloseConsumer,
            ),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            KafkaPython::Producer { .. } => "KafkaProducer",
            KafkaPython::Send { .. } => "producer.send",
            KafkaPython::Get { .. } => "future.get",
            KafkaPython::Flush => "producer.flush",
            KafkaPython::CloseProducer => "producer.close",
            KafkaPython::Consumer { .. } => "KafkaConsumer",
            KafkaPython::ForRecord { .. } => "for record in consumer",
            KafkaPython::Commit => "consumer.commit",
            KafkaPython::CloseConsumer => "consumer.close",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        const SERVERS: &str = "Which brokers it asks first.";
        const CONFIG: &str = "Its settings under Kafka's own keys, values as texts.";
        match self {
            KafkaPython::Producer {
                bootstrap_servers,
                config,
            } => {
                f.need("bootstrap_servers", SERVERS, bootstrap_servers);
                f.may("config", CONFIG, config);
            }
            KafkaPython::Send {
                topic,
                value,
                key,
                partition,
            } => {
                f.need("topic", "To which topic.", topic);
                f.may("value", "The value, as a text.", value);
                f.may("key", "The key, as a text.", key);
                f.may(
                    "partition",
                    "To which partition; if not given, the partitioner decides.",
                    partition,
                );
            }
            KafkaPython::Get { timeout } => f.may("timeout", "How long it waits.", timeout),
            KafkaPython::Consumer {
                topics,
                bootstrap_servers,
                group_id,
                config,
            } => {
                f.need("topics", "What it subscribes to.", topics);
                f.need("bootstrap_servers", SERVERS, bootstrap_servers);
                f.may("group_id", "Its group.", group_id);
                f.may("config", CONFIG, config);
            }
            KafkaPython::ForRecord { steps } => {
                f.need("do", "What is done with each record.", steps)
            }
            KafkaPython::Flush
            | KafkaPython::CloseProducer
            | KafkaPython::Commit
            | KafkaPython::CloseConsumer => {}
        }
    }
}
