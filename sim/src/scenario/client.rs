//! The applications: ready-made workloads, and programs told line by line.

use core::num::NonZeroU32;

use glassmq_core::time::Span;

use super::form::{Fixed, spelt_as_fixed};
use super::program::Program;
use super::record::{Choice, Fields, Record};
use super::time::{Bytes, Time};
use super::who::Who;
use super::world::Config;

/// An application and its client library: one process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// What it does.
    pub is: Kind,
    /// When it starts.
    pub start: Time,
}

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Publishes to RabbitMQ.
    RabbitmqPublisher(RabbitmqPublisher),
    /// Consumes from RabbitMQ.
    RabbitmqConsumer(RabbitmqConsumer),
    /// Sends to Kafka.
    KafkaProducer(KafkaProducer),
    /// Polls from Kafka.
    KafkaConsumer(KafkaConsumer),
    /// Runs a program.
    Program(Program),
}

/// Publishes to RabbitMQ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RabbitmqPublisher {
    /// To which node it connects; not given: the first.
    pub to: Option<Who>,
    /// To which exchange; empty: the default one.
    pub exchange: String,
    /// With which routing key.
    pub routing_key: String,
    /// Whether it asks for confirms, and sends again what was not confirmed.
    pub confirm: bool,
    /// Whether a message that no queue takes comes back.
    pub mandatory: bool,
    /// 1: transient, 2: persistent.
    pub delivery_mode: u32,
    /// How much and how often.
    pub send: Send,
}

/// Consumes from RabbitMQ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RabbitmqConsumer {
    /// To which node it connects; not given: the first.
    pub to: Option<Who>,
    /// From which queue.
    pub queue: String,
    /// How many messages may be with it unacknowledged; 0: any number.
    pub prefetch_count: u32,
    /// How long each message takes.
    pub work: Span,
    /// When it acknowledges.
    pub ack: Settle,
}

/// Sends to Kafka.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KafkaProducer {
    /// To which topic.
    pub topic: String,
    /// To which partition; not given: as the partitioner decides.
    pub partition: Option<u32>,
    /// As in the client's properties.
    pub config: Config,
    /// How much and how often.
    pub send: Send,
}

/// Polls from Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaConsumer {
    /// What it subscribes to.
    pub topics: Vec<String>,
    /// What it is assigned by hand, without a group's help: `orders-0`.
    pub partitions: Vec<String>,
    /// Its group.
    pub group: Option<String>,
    /// As in the client's properties.
    pub config: Config,
    /// How long each record takes.
    pub work: Span,
    /// When it commits.
    pub commit: Settle,
}

/// How much is sent, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// How long from one message to the next.
    pub every: Span,
    /// How many; not given: until the end.
    pub count: Option<NonZeroU32>,
    /// Kafka's keys, in turn; none: without keys.
    pub keys: Vec<String>,
    /// How large each is.
    pub size: Bytes,
}

/// When a consumer says that a message is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Settle {
    /// After its work.
    #[default]
    After,
    /// Before its work.
    Before,
    /// Left to the library or the broker.
    Auto,
}

spelt_as_fixed!(Settle);

impl Default for Kind {
    fn default() -> Self {
        Kind::Program(Program::default())
    }
}

impl Default for RabbitmqPublisher {
    fn default() -> Self {
        RabbitmqPublisher {
            to: None,
            exchange: String::new(),
            routing_key: String::new(),
            confirm: true,
            mandatory: false,
            delivery_mode: 2,
            send: Send::default(),
        }
    }
}

impl Default for RabbitmqConsumer {
    fn default() -> Self {
        RabbitmqConsumer {
            to: None,
            queue: String::new(),
            prefetch_count: 0,
            work: Span::ZERO,
            ack: Settle::After,
        }
    }
}

impl Default for KafkaConsumer {
    fn default() -> Self {
        KafkaConsumer {
            topics: Vec::new(),
            partitions: Vec::new(),
            group: None,
            config: Config::new(),
            work: Span::ZERO,
            commit: Settle::After,
        }
    }
}

impl Default for Send {
    fn default() -> Self {
        Send {
            every: Span::ms(100),
            count: None,
            keys: Vec::new(),
            size: Bytes(100),
        }
    }
}

impl Record for Client {
    const NAME: &'static str = "client";
    const ABOUT: &'static str = "An application and its client library: one process.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need(
            "name",
            "Its name; messages are named after it: shop/0, shop/1, ...",
            &mut self.name,
        );
        f.by_tag("is", "What it does.", &mut self.is);
        f.may("start", "When it starts.", &mut self.start);
    }
}

impl Choice for Kind {
    const NAME: &'static str = "client";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        vec![
            (
                "rabbitmq.publisher",
                "Publishes to RabbitMQ.",
                Kind::RabbitmqPublisher(Default::default()),
            ),
            (
                "rabbitmq.consumer",
                "Consumes from RabbitMQ.",
                Kind::RabbitmqConsumer(Default::default()),
            ),
            (
                "kafka.producer",
                "Sends to Kafka.",
                Kind::KafkaProducer(Default::default()),
            ),
            (
                "kafka.consumer",
                "Polls from Kafka.",
                Kind::KafkaConsumer(Default::default()),
            ),
            (
                "program",
                "Runs a program, call by call.",
                Kind::Program(Default::default()),
            ),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Kind::RabbitmqPublisher(_) => "rabbitmq.publisher",
            Kind::RabbitmqConsumer(_) => "rabbitmq.consumer",
            Kind::KafkaProducer(_) => "kafka.producer",
            Kind::KafkaConsumer(_) => "kafka.consumer",
            Kind::Program(_) => "program",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Kind::RabbitmqPublisher(it) => it.fields(f),
            Kind::RabbitmqConsumer(it) => it.fields(f),
            Kind::KafkaProducer(it) => it.fields(f),
            Kind::KafkaConsumer(it) => it.fields(f),
            Kind::Program(it) => it.fields(f),
        }
    }
}

impl RabbitmqPublisher {
    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may(
            "to",
            "To which node it connects; if not given, the first.",
            &mut self.to,
        );
        f.may(
            "exchange",
            "To which exchange; empty is the default one.",
            &mut self.exchange,
        );
        f.need(
            "routing_key",
            "With which routing key; with the default exchange, the queue's name.",
            &mut self.routing_key,
        );
        f.may(
            "confirm",
            "Whether it asks for confirms, and sends again what was not confirmed.",
            &mut self.confirm,
        );
        f.may(
            "mandatory",
            "Whether a message that no queue takes comes back.",
            &mut self.mandatory,
        );
        f.may(
            "delivery_mode",
            "1 is transient, 2 is persistent.",
            &mut self.delivery_mode,
        );
        f.may("send", "How much and how often.", &mut self.send);
    }
}

impl RabbitmqConsumer {
    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may(
            "to",
            "To which node it connects; if not given, the first.",
            &mut self.to,
        );
        f.need("queue", "From which queue.", &mut self.queue);
        f.may(
            "prefetch_count",
            "How many messages may be with it unacknowledged; 0 is any number.",
            &mut self.prefetch_count,
        );
        f.may("work", "How long each message takes.", &mut self.work);
        f.may(
            "ack",
            "When it acknowledges; `auto` is no_ack: the broker takes delivery for granted.",
            &mut self.ack,
        );
    }
}

impl KafkaProducer {
    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("topic", "To which topic.", &mut self.topic);
        f.may(
            "partition",
            "To which partition; if not given, the partitioner decides.",
            &mut self.partition,
        );
        f.may(
            "config",
            "As in the client's properties, values as texts.",
            &mut self.config,
        );
        f.may("send", "How much and how often.", &mut self.send);
    }
}

impl KafkaConsumer {
    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may("topics", "What it subscribes to.", &mut self.topics);
        f.may(
            "partitions",
            "What it is assigned by hand, without a group's help: orders-0.",
            &mut self.partitions,
        );
        f.may("group", "Its group (group.id).", &mut self.group);
        f.may(
            "config",
            "As in the client's properties, values as texts.",
            &mut self.config,
        );
        f.may("work", "How long each record takes.", &mut self.work);
        f.may(
            "commit",
            "When it commits; `auto` is enable.auto.commit.",
            &mut self.commit,
        );
    }
}

impl Record for Send {
    const NAME: &'static str = "sending";
    const ABOUT: &'static str = "How much is sent, and how often.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may(
            "every",
            "How long from one message to the next.",
            &mut self.every,
        );
        f.may(
            "count",
            "How many; if not given, until the end.",
            &mut self.count,
        );
        f.may(
            "keys",
            "Kafka's keys, taken in turn; if not given, no keys.",
            &mut self.keys,
        );
        f.may("size", "How large each is.", &mut self.size);
    }
}

impl Fixed for Settle {
    const NAME: &'static str = "settlement";
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        ("after", "After its work: at least once.", Settle::After),
        ("before", "Before its work: at most once.", Settle::Before),
        ("auto", "Left to the library or the broker.", Settle::Auto),
    ];
}
