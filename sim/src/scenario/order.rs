//! What an administrator does during the run.

use core::num::NonZeroU32;

use super::moment::Moment;
use super::record::{Choice, Fields, Record};
use super::who::Who;
use super::world::{Config, Topic};

/// The name of the process that asks, which is there if anything is to be asked.
pub const ADMINISTRATOR: &str = "admin";

/// An administrator's request: when, to whom, and what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// When.
    pub moment: Moment,
    /// Who is asked; not given: any live broker.
    pub on: Option<Who>,
    /// What is asked.
    pub what: Request,
}

/// A request of Kafka's admin client, by its name on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// New topics.
    CreateTopics {
        /// Which.
        topics: Vec<Topic>,
    },
    /// Topics go with all that is in them.
    DeleteTopics {
        /// Which.
        topics: Vec<String>,
    },
    /// A topic gets more partitions.
    CreatePartitions {
        /// Which.
        topic: String,
        /// How many it has then.
        count: NonZeroU32,
    },
    /// Settings of a topic are changed.
    IncrementalAlterConfigs {
        /// Which.
        topic: String,
        /// What they are then.
        config: Config,
    },
    /// The preferred leaders take over.
    ElectLeaders {
        /// Of which partitions: `orders-0`.
        partitions: Vec<String>,
    },
}

impl Default for Request {
    fn default() -> Self {
        Request::CreateTopics { topics: Vec::new() }
    }
}

impl Record for Order {
    const NAME: &'static str = "order";
    const ABOUT: &'static str = "An administrator asks something of the cluster.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.by_key(&mut self.moment);
        f.may(
            "on",
            "Who is asked; if not given, any live broker.",
            &mut self.on,
        );
        f.by_tag(
            "do",
            "What is asked, by the request's name on the wire.",
            &mut self.what,
        );
    }
}

impl Choice for Request {
    const NAME: &'static str = "order";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        let topic = String::new;
        let partitions = Request::CreatePartitions {
            topic: topic(),
            count: NonZeroU32::MIN,
        };
        let configs = Request::IncrementalAlterConfigs {
            topic: topic(),
            config: Config::new(),
        };
        let elect = Request::ElectLeaders {
            partitions: Vec::new(),
        };
        vec![
            (
                "CreateTopics",
                "New topics.",
                Request::CreateTopics { topics: Vec::new() },
            ),
            (
                "DeleteTopics",
                "Topics go with all that is in them.",
                Request::DeleteTopics { topics: Vec::new() },
            ),
            (
                "CreatePartitions",
                "A topic gets more partitions.",
                partitions,
            ),
            (
                "IncrementalAlterConfigs",
                "Settings of a topic are changed.",
                configs,
            ),
            ("ElectLeaders", "The preferred leaders take over.", elect),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Request::CreateTopics { .. } => "CreateTopics",
            Request::DeleteTopics { .. } => "DeleteTopics",
            Request::CreatePartitions { .. } => "CreatePartitions",
            Request::IncrementalAlterConfigs { .. } => "IncrementalAlterConfigs",
            Request::ElectLeaders { .. } => "ElectLeaders",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Request::CreateTopics { topics } => f.need("topics", "The new ones.", topics),
            Request::DeleteTopics { topics } => f.need("topics", "Their names.", topics),
            Request::CreatePartitions { topic, count } => {
                f.need("topic", "Its name.", topic);
                f.need("count", "How many it has then.", count);
            }
            Request::IncrementalAlterConfigs { topic, config } => {
                f.need("topic", "Its name.", topic);
                f.need(
                    "config",
                    "The settings that change, values as texts.",
                    config,
                );
            }
            Request::ElectLeaders { partitions } => {
                f.need(
                    "partitions",
                    "The partitions, such as orders-0.",
                    partitions,
                );
            }
        }
    }
}
