//! Recordings and vectors of the real brokers against the core. No protocol logic of its own:
//! each module here turns a file's rows into calls of the pure module that the broker calls too.

use serde_json::Value;

pub mod format;
pub mod kafka_assignors;
pub mod kafka_leader_epoch_cache;
pub mod kafka_murmur2;
pub mod kafka_partition_election;
pub mod rabbitmq;

/// What became of one case of a recording or one row of vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The case's name in its file.
    pub name: String,
    /// What it is about; summaries count by area.
    pub area: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The core did what the real one did, in every step.
    Passed,
    /// The first difference.
    Differs {
        /// Which step, or what was compared.
        step: String,
        /// What the real one did.
        expected: String,
        /// What the core did.
        got: String,
    },
    /// The case needs something that the core does not have.
    NotModelled(String),
}

impl Outcome {
    /// `Passed` when the two are equal, else the difference, as JSON.
    fn of(step: impl Into<String>, expected: &Value, got: &Value) -> Outcome {
        if expected == got {
            return Outcome::Passed;
        }
        Outcome::Differs {
            step: step.into(),
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }
}
