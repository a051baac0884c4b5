//! The processes of a scenario and what lies between and below them.

use core::num::NonZeroU32;

use glassmq_core::kafka::config::broker::{Rules, Truncation};
use glassmq_core::shared::SortedMap;
use glassmq_core::time::Span;

use super::definitions::Definitions;
use super::form::{Fixed, spelt_as_fixed};
use super::record::{Fields, Record};
use super::time::{Bytes, Epoch, Rate};

/// Settings under the broker's own names, values as in its configuration file.
pub type Config = SortedMap<String, String>;

/// Everything but the clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// A RabbitMQ cluster: nodes `rabbit-1`, `rabbit-2`, ...
    pub rabbitmq: Option<Rabbitmq>,
    /// A Kafka cluster: brokers `kafka-1`, ..., controllers `controller-1`, ...
    pub kafka: Option<Kafka>,
    /// Between all processes.
    pub network: Network,
    /// Below each process.
    pub disk: Disk,
    /// What the wall clocks show at the start.
    pub epoch: Epoch,
}

/// A RabbitMQ cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rabbitmq {
    /// How many nodes.
    pub nodes: NonZeroU32,
    /// Whose rules it follows.
    pub version: String,
    /// As in rabbitmq.conf.
    pub config: Config,
    /// What is declared from the start.
    pub definitions: Definitions,
    /// How long each input takes.
    pub service: Service,
}

/// A Kafka cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kafka {
    /// How many brokers.
    pub brokers: NonZeroU32,
    /// How many controllers of their own; not said: see [`Kafka::controllers`]. With 0 the brokers
    /// are controllers, too.
    pub controllers: Option<u32>,
    /// Where the metadata is agreed on.
    pub mode: Mode,
    /// Whose rules it follows.
    pub version: String,
    /// As in server.properties.
    pub config: Config,
    /// What exists from the start.
    pub topics: Vec<Topic>,
    /// Rules of older versions, to see why they were changed.
    pub rules: Rules,
    /// How long each input takes.
    pub service: Service,
}

/// Where Kafka's metadata is agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// In a quorum of controllers.
    #[default]
    Kraft,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: NonZeroU32,
    /// How many replicas each partition has.
    pub replication_factor: NonZeroU32,
    /// The topic's own settings.
    pub config: Config,
}

/// How long a process is busy with each input. While it is, further inputs queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// With any input.
    pub each: Span,
    /// And with each KiB of it.
    pub per_kib: Span,
}

/// Between all processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// How long a frame travels.
    pub latency: Span,
    /// How much passes in a second in each direction of a connection; not given: without bound.
    pub bandwidth: Option<Rate>,
    /// How much waits in the buffers of a direction before the sender is pushed back.
    pub buffer: Bytes,
}

/// Below each process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// How long a flush takes.
    pub sync: Span,
    /// After how long the system flushes on its own.
    pub writeback: Span,
    /// How much is flushed in a second; not given: without bound.
    pub throughput: Option<Rate>,
}

spelt_as_fixed!(Mode Truncation);

impl World {
    /// The names of the brokers and controllers, in the order of the world.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let numbered =
            |name: &'static str, count: u32| (1..=count).map(move |n| format!("{name}-{n}"));
        let rabbitmq = self.rabbitmq.as_ref().map_or(0, |it| it.nodes.get());
        let brokers = self.kafka.as_ref().map_or(0, |it| it.brokers.get());
        let controllers = self.kafka.as_ref().map_or(0, Kafka::controllers);
        numbered("rabbit", rabbitmq)
            .chain(numbered("kafka", brokers))
            .chain(numbered("controller", controllers))
            .collect()
    }
}

impl Kafka {
    /// How many controllers of their own: as said, or else 1 for a single broker and 3 for several.
    #[must_use]
    pub fn controllers(&self) -> u32 {
        let usual = if self.brokers.get() == 1 { 1 } else { 3 };
        self.controllers.unwrap_or(usual)
    }
}

impl Default for Epoch {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Epoch(1_767_225_600)
    }
}

impl Default for Rabbitmq {
    fn default() -> Self {
        Rabbitmq {
            nodes: NonZeroU32::MIN,
            version: "3.10".to_string(),
            config: Config::new(),
            definitions: Definitions::default(),
            service: Service::default(),
        }
    }
}

impl Default for Kafka {
    fn default() -> Self {
        Kafka {
            brokers: NonZeroU32::MIN,
            controllers: None,
            mode: Mode::Kraft,
            version: "4.0".to_string(),
            config: Config::new(),
            topics: Vec::new(),
            rules: Rules::default(),
            service: Service::default(),
        }
    }
}

impl Default for Topic {
    fn default() -> Self {
        Topic {
            name: String::new(),
            partitions: NonZeroU32::MIN,
            replication_factor: NonZeroU32::MIN,
            config: Config::new(),
        }
    }
}

impl Default for Service {
    fn default() -> Self {
        Service {
            each: Span::ZERO,
            per_kib: Span::ZERO,
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Network {
            latency: Span::ms(1),
            bandwidth: None,
            buffer: Bytes(256 << 10),
        }
    }
}

impl Default for Disk {
    fn default() -> Self {
        Disk {
            sync: Span::ms(2),
            writeback: Span::between(5_000_000, 30_000_000),
            throughput: None,
        }
    }
}

impl Record for World {
    const NAME: &'static str = "world";
    const ABOUT: &'static str = "The brokers and what lies between and below all processes.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may(
            "rabbitmq",
            "A RabbitMQ cluster: nodes rabbit-1, rabbit-2, ...",
            &mut self.rabbitmq,
        );
        f.may(
            "kafka",
            "A Kafka cluster: brokers kafka-1, kafka-2, ...",
            &mut self.kafka,
        );
        f.may("network", "Between all processes.", &mut self.network);
        f.may("disk", "Below each process.", &mut self.disk);
        f.may(
            "epoch",
            "What the wall clocks show at the start.",
            &mut self.epoch,
        );
    }
}

impl Record for Rabbitmq {
    const NAME: &'static str = "rabbitmq";
    const ABOUT: &'static str = "A RabbitMQ cluster.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may("nodes", "How many nodes.", &mut self.nodes);
        f.may("version", "Whose rules it follows.", &mut self.version);
        f.may(
            "config",
            "Settings as in rabbitmq.conf, values as texts.",
            &mut self.config,
        );
        f.may(
            "definitions",
            "What is declared from the start, as RabbitMQ exports it.",
            &mut self.definitions,
        );
        f.may(
            "service",
            "How long a node is busy with each input.",
            &mut self.service,
        );
    }
}

impl Record for Kafka {
    const NAME: &'static str = "kafka";
    const ABOUT: &'static str = "A Kafka cluster.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may("brokers", "How many brokers.", &mut self.brokers);
        f.may("controllers", "How many controllers of their own: controller-1, ... If not given, 1 for a single broker, else 3. 0 (the brokers are controllers, too: process.roles=broker,controller) is not modelled.", &mut self.controllers);
        f.may("mode", "Where the metadata is agreed on.", &mut self.mode);
        f.may("version", "Whose rules it follows.", &mut self.version);
        f.may(
            "config",
            "Settings as in server.properties, values as texts.",
            &mut self.config,
        );
        f.may("topics", "What exists from the start.", &mut self.topics);
        f.may(
            "rules",
            "Rules of older versions, to see why they were changed.",
            &mut self.rules,
        );
        f.may(
            "service",
            "How long a broker is busy with each input.",
            &mut self.service,
        );
    }
}

impl Record for Topic {
    const NAME: &'static str = "topic";
    const ABOUT: &'static str = "A topic of Kafka.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("name", "Its name.", &mut self.name);
        f.may(
            "partitions",
            "How many partitions; the first is 0.",
            &mut self.partitions,
        );
        f.may(
            "replication.factor",
            "How many replicas each partition has.",
            &mut self.replication_factor,
        );
        f.may(
            "config",
            "The topic's own settings, values as texts.",
            &mut self.config,
        );
    }
}

impl Record for Rules {
    const NAME: &'static str = "rules";
    const ABOUT: &'static str = "Rules that changed between versions of Kafka.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may(
            "truncation",
            "What a replica that becomes a follower cuts off.",
            &mut self.truncation,
        );
        f.may(
            "strict_min_isr",
            "3.7 (KIP-966): below min.insync.replicas the high watermark does not move.",
            &mut self.strict_min_isr,
        );
    }
}

impl Record for Service {
    const NAME: &'static str = "service";
    const ABOUT: &'static str =
        "How long a process is busy with each input; others wait meanwhile.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may("each", "With any input.", &mut self.each);
        f.may("per_kib", "And with each KiB of it.", &mut self.per_kib);
    }
}

impl Record for Network {
    const NAME: &'static str = "network";
    const ABOUT: &'static str =
        "TCP between all processes: nothing is lost or reordered on a live connection.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may("latency", "How long a frame travels.", &mut self.latency);
        f.may("bandwidth", "How much passes in a second in each direction of a connection; if not given, without bound.", &mut self.bandwidth);
        f.may(
            "buffer",
            "How much waits in the buffers of a direction before the sender is pushed back.",
            &mut self.buffer,
        );
    }
}

impl Record for Disk {
    const NAME: &'static str = "disk";
    const ABOUT: &'static str =
        "Below each process: a page cache, and a disk that a flush reaches.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may("sync", "How long a flush takes.", &mut self.sync);
        f.may(
            "writeback",
            "After how long the system flushes on its own.",
            &mut self.writeback,
        );
        f.may(
            "throughput",
            "How much is flushed in a second; if not given, without bound.",
            &mut self.throughput,
        );
    }
}

impl Fixed for Mode {
    const NAME: &'static str = "mode";
    const ALL: &'static [(&'static str, &'static str, Self)] = &[(
        "kraft",
        "In a quorum of controllers (KIP-500).",
        Mode::Kraft,
    )];
}

impl Fixed for Truncation {
    const NAME: &'static str = "truncation rule";
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        (
            "high-watermark",
            "Before 0.11: all above its own high watermark.",
            Truncation::HighWatermark,
        ),
        (
            "kip-101",
            "0.11: where the leader says that its latest epoch ends.",
            Truncation::Kip101,
        ),
        (
            "kip-279",
            "2.0: the leader also says which epoch it speaks of.",
            Truncation::Kip279,
        ),
        (
            "kip-320",
            "2.7: each fetch tells where the logs part.",
            Truncation::Kip320,
        ),
    ];
}
