//! Which format a file has, told from the file itself.

use serde_json::Value;

use super::{
    CaseResult, kafka_assignors, kafka_leader_epoch_cache, kafka_murmur2, kafka_partition_election,
    rabbitmq,
};

/// The layout of a recording, or of a file of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A step case of a real RabbitMQ: `recorded_from` and `steps`.
    Rabbitmq,
    /// `kafka.assignors`
    KafkaAssignors,
    /// `kafka.leader_epoch_cache`
    KafkaLeaderEpochCache,
    /// `kafka.murmur2`
    KafkaMurmur2,
    /// `kafka.partition_election`
    KafkaPartitionElection,
    /// `kafka.mock_observations`: what clients did against a mock broker. It lists what was seen,
    /// without what brought it about, so there is nothing to replay.
    KafkaMockObservations,
}

impl Format {
    /// The format of a file.
    ///
    /// # Errors
    /// What is wrong with it, in words, when no format here is so.
    pub fn of(file: &Value) -> Result<Format, String> {
        let lists = |key: &str| file[key].is_array();
        let texts = |key: &str| file[key].is_string();
        let (format, list) = match file["format"].as_str() {
            Some("kafka.assignors") => (Format::KafkaAssignors, "cases"),
            Some("kafka.leader_epoch_cache") => (Format::KafkaLeaderEpochCache, "cases"),
            Some("kafka.murmur2") => (Format::KafkaMurmur2, "rows"),
            Some("kafka.partition_election") => (Format::KafkaPartitionElection, "cases"),
            Some("kafka.mock_observations") => return Ok(Format::KafkaMockObservations),
            Some(other) => return Err(format!("the format \"{other}\" is not known")),
            None if texts("recorded_from") && texts("name") && texts("area") => {
                (Format::Rabbitmq, "steps")
            }
            None => {
                return Err(
                    "this is no recording: it has neither \"format\" nor \"recorded_from\" with \
                     \"name\", \"area\" and \"steps\""
                        .to_string(),
                );
            }
        };
        match lists(list) {
            true => Ok(format),
            false => Err(format!("\"{list}\" must be a list")),
        }
    }

    /// What became of each case of a file of this format; nothing where it cannot be replayed.
    ///
    /// # Panics
    /// When a case has not the layout of its format.
    #[must_use]
    pub fn replay(self, file: &Value) -> Option<Vec<CaseResult>> {
        Some(match self {
            Format::Rabbitmq => rabbitmq::replay(file),
            Format::KafkaAssignors => kafka_assignors::replay(file),
            Format::KafkaLeaderEpochCache => kafka_leader_epoch_cache::replay(file),
            Format::KafkaMurmur2 => kafka_murmur2::replay(file),
            Format::KafkaPartitionElection => kafka_partition_election::replay(file),
            Format::KafkaMockObservations => return None,
        })
    }
}
