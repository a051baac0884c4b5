//! What administrators ask of the controller by way of any broker, besides `CreateTopics`.
//!
//! Source: `CreatePartitionsRequest.json` and so on. Only what orders can say is here: configs of
//! topics, set and not deleted, and elections of the preferred leader.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::TopicPartition;
use crate::names::Name;

/// A request of an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Request {
    /// Topics get more partitions.
    CreatePartitions {
        /// Each topic, and how many it has then.
        topics: Vec<(Name, u32)>,
    },
    /// Settings of topics are changed (KIP-339).
    IncrementalAlterConfigs {
        /// Each topic, with the keys and values that are set.
        topics: Vec<(Name, Vec<(Name, Name)>)>,
    },
    /// The preferred leaders take over (KIP-460).
    ElectLeaders {
        /// Of which partitions.
        partitions: Vec<TopicPartition>,
    },
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Response {
    /// To `CreatePartitions`.
    CreatePartitions(Vec<Outcome>),
    /// To `IncrementalAlterConfigs`.
    IncrementalAlterConfigs(Vec<Outcome>),
    /// To `ElectLeaders`.
    ElectLeaders(Vec<Outcome>),
}

/// How it went with one topic or one partition.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Outcome {
    /// Which: `orders`, `orders-0`.
    pub of: Name,
    /// How.
    pub error: ErrorCode,
}

impl Request {
    /// What it is about, as its answer names it.
    #[must_use]
    pub fn about(&self) -> Vec<Name> {
        match self {
            Request::CreatePartitions { topics } => {
                topics.iter().map(|(topic, _)| topic.clone()).collect()
            }
            Request::IncrementalAlterConfigs { topics } => {
                topics.iter().map(|(topic, _)| topic.clone()).collect()
            }
            Request::ElectLeaders { partitions } => {
                let named = |id: &TopicPartition| alloc::format!("{id}").into();
                partitions.iter().map(named).collect()
            }
        }
    }

    /// The answer that says the same of everything it is about.
    #[must_use]
    pub fn answered(&self, error: ErrorCode) -> Response {
        let outcome = |of| Outcome { of, error };
        self.answer(self.about().into_iter().map(outcome).collect())
    }

    /// The answer with these outcomes.
    #[must_use]
    pub fn answer(&self, outcomes: Vec<Outcome>) -> Response {
        match self {
            Request::CreatePartitions { .. } => Response::CreatePartitions(outcomes),
            Request::IncrementalAlterConfigs { .. } => Response::IncrementalAlterConfigs(outcomes),
            Request::ElectLeaders { .. } => Response::ElectLeaders(outcomes),
        }
    }

    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let config = |(key, value): &(Name, Name)| (5 + key.len() + value.len()) as u64;
        match self {
            Request::CreatePartitions { topics } => {
                let each = |(topic, _): &(Name, u32)| 8 + topic.len() as u64;
                7 + topics.iter().map(each).sum::<u64>()
            }
            Request::IncrementalAlterConfigs { topics } => {
                let each = |(topic, set): &(Name, Vec<(Name, Name)>)| {
                    5 + topic.len() as u64 + set.iter().map(config).sum::<u64>()
                };
                3 + topics.iter().map(each).sum::<u64>()
            }
            Request::ElectLeaders { partitions } => {
                let each = |id: &TopicPartition| 7 + id.topic.len() as u64;
                7 + partitions.iter().map(each).sum::<u64>()
            }
        }
    }

    /// The API's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Request::CreatePartitions { .. } => "CreatePartitions",
            Request::IncrementalAlterConfigs { .. } => "IncrementalAlterConfigs",
            Request::ElectLeaders { .. } => "ElectLeaders",
        }
    }
}

impl Response {
    /// How it went with each.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        match self {
            Response::CreatePartitions(outcomes)
            | Response::IncrementalAlterConfigs(outcomes)
            | Response::ElectLeaders(outcomes) => outcomes,
        }
    }

    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let each = |outcome: &Outcome| 6 + outcome.of.len() as u64;
        6 + self.outcomes().iter().map(each).sum::<u64>()
    }

    /// The schema's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Response::CreatePartitions(_) => "CreatePartitionsResponse",
            Response::IncrementalAlterConfigs(_) => "IncrementalAlterConfigsResponse",
            Response::ElectLeaders(_) => "ElectLeadersResponse",
        }
    }
}
