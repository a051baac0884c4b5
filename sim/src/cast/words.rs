//! The common vocabulary of the cast: what any member is set up with, asked, sent, reminded of,
//! keeps on disk and tells.

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::kafka;
use glassmq_core::machine::Parcel;
use glassmq_core::names::MessageId;
use glassmq_core::rabbitmq;
use glassmq_core::subject::{Subject, Told};
use serde::Serialize;

/// What a process is started with.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "they are the members of the cast")]
pub enum Setup {
    RabbitmqNode(rabbitmq::broker::Setup),
    RabbitmqClient(rabbitmq::client::Setup),
    KafkaBroker(kafka::broker::Setup),
    KafkaController(kafka::controller_node::ControllerSetup),
    KafkaClient(kafka::client::Setup),
}

/// What a process may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize)]
#[serde(untagged)]
pub enum Command {
    /// Of a RabbitMQ node.
    Rabbitmq(rabbitmq::broker::Command),
    /// Of a RabbitMQ client.
    RabbitmqClient(rabbitmq::client::Command),
    /// Of a Kafka client.
    Kafka(kafka::client::Command),
}

/// What travels.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// AMQP 0-9-1.
    Amqp(rabbitmq::method::Frame),
    /// Kafka's protocol.
    Kafka(kafka::api::Message),
}

/// What a process wants to be reminded of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "they are the members of the cast")]
pub enum Timer {
    RabbitmqNode(rabbitmq::broker::Timer),
    RabbitmqClient(rabbitmq::client::Timer),
    KafkaBroker(kafka::broker::Timer),
    KafkaController(kafka::controller_node::ControllerTimer),
    KafkaClient(kafka::client::Timer),
}

/// What lies on a disk.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Record {
    /// Of a RabbitMQ node.
    Rabbitmq(rabbitmq::record::Record),
    /// Of a Kafka broker or controller.
    Kafka(kafka::entry::Entry),
}

/// What a process tells.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// Of RabbitMQ's machines.
    Rabbitmq(rabbitmq::fact::Fact),
    /// Of Kafka's machines.
    Kafka(kafka::fact::Fact),
}

/// What an inspector shows of a process.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "they are the members of the cast")]
pub enum View {
    RabbitmqNode(rabbitmq::view::BrokerView),
    RabbitmqClient(rabbitmq::client::ClientView),
    KafkaBroker(kafka::view::BrokerView),
    KafkaController(Box<kafka::controller_node::ControllerView>),
    KafkaClient(kafka::view::ClientView),
}

/// Which part of a large state an inspector asks for.
#[derive(Clone, Debug)]
pub struct Lens {
    /// Of RabbitMQ's queues.
    pub rabbitmq: rabbitmq::view::Lens,
    /// Of Kafka's logs.
    pub kafka: kafka::view::Lens,
}

impl Lens {
    /// Only counts: no messages, no records.
    #[must_use]
    pub fn counts() -> Self {
        Lens {
            rabbitmq: rabbitmq::view::Lens::default(),
            kafka: kafka::view::Lens::Counts,
        }
    }
}

/// Puts a word of one member into the common vocabulary, and back.
macro_rules! word {
    ($common:ident :: $member:ident ( $own:ty )) => {
        impl From<$own> for $common {
            fn from(own: $own) -> Self {
                $common::$member(own)
            }
        }

        impl TryFrom<$common> for $own {
            type Error = $common;

            fn try_from(common: $common) -> Result<Self, $common> {
                match common {
                    $common::$member(own) => Ok(own),
                    other => Err(other),
                }
            }
        }
    };
}

word!(Command::Rabbitmq(rabbitmq::broker::Command));
word!(Wire::Amqp(rabbitmq::method::Frame));
word!(Timer::RabbitmqNode(rabbitmq::broker::Timer));
word!(Command::RabbitmqClient(rabbitmq::client::Command));
word!(Timer::RabbitmqClient(rabbitmq::client::Timer));
word!(Record::Rabbitmq(rabbitmq::record::Record));
word!(Fact::Rabbitmq(rabbitmq::fact::Fact));
word!(Command::Kafka(kafka::client::Command));
word!(Wire::Kafka(kafka::api::Message));
word!(Timer::KafkaBroker(kafka::broker::Timer));
word!(Timer::KafkaController(
    kafka::controller_node::ControllerTimer
));
word!(Timer::KafkaClient(kafka::client::Timer));
word!(Record::Kafka(kafka::entry::Entry));
word!(Fact::Kafka(kafka::fact::Fact));

/// A machine that takes no commands understands none.
impl TryFrom<Command> for core::convert::Infallible {
    type Error = Command;

    fn try_from(command: Command) -> Result<Self, Command> {
        Err(command)
    }
}

impl Parcel for Wire {
    fn bytes(&self) -> u64 {
        match self {
            Wire::Amqp(message) => message.bytes(),
            Wire::Kafka(message) => message.bytes(),
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Wire::Amqp(message) => message.label(),
            Wire::Kafka(message) => message.label(),
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        match self {
            Wire::Amqp(message) => message.messages(each),
            Wire::Kafka(message) => message.messages(each),
        }
    }
}

impl Parcel for Record {
    fn bytes(&self) -> u64 {
        match self {
            Record::Rabbitmq(entry) => entry.bytes(),
            Record::Kafka(entry) => entry.bytes(),
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Record::Rabbitmq(entry) => entry.label(),
            Record::Kafka(entry) => entry.label(),
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        match self {
            Record::Rabbitmq(entry) => entry.messages(each),
            Record::Kafka(entry) => entry.messages(each),
        }
    }
}

impl Told for Fact {
    fn subject(&self) -> Subject {
        match self {
            Fact::Rabbitmq(fact) => fact.subject(),
            Fact::Kafka(fact) => fact.subject(),
        }
    }

    fn rests_on(&self, on: &mut Vec<Subject>) {
        match self {
            Fact::Rabbitmq(fact) => fact.rests_on(on),
            Fact::Kafka(fact) => fact.rests_on(on),
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        match self {
            Fact::Rabbitmq(fact) => fact.messages(each),
            Fact::Kafka(fact) => fact.messages(each),
        }
    }
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fact::Rabbitmq(fact) => fact.fmt(f),
            Fact::Kafka(fact) => fact.fmt(f),
        }
    }
}
