//! What the words of a scenario mean here: settings, arguments, checks, faults and keys.
//!
//! Nothing is listed by hand: each word comes from the table by which the reader knows it.

use glassmq_core::kafka::config::Configured;
use glassmq_core::kafka::config::broker::{BrokerConfig, TopicConfig};
use glassmq_core::kafka::config::consumer::ConsumerConfig;
use glassmq_core::kafka::config::producer::ProducerConfig;
use glassmq_core::rabbitmq::queue::{CLASSIC, Modelled};
use serde::Serialize;
use serde_json::Value;

use super::schema;

/// A word and what it means here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// As a scenario, a client or a configuration file writes it.
    pub word: String,
    /// What it is: `configuration of a Kafka producer`, `check`.
    pub is: String,
    /// What it does here; nothing is said of what does nothing.
    pub about: String,
    /// What it is when it is not given.
    pub default: Option<String>,
    /// How far it is modelled.
    pub status: Status,
    /// Where the field says what it does.
    pub source: Option<String>,
}

/// How far something is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It does here what it does in the field.
    Modelled,
    /// It is accepted and changes nothing that one could tell.
    NoEffect,
    /// It is refused by name.
    Absent,
}

/// Every word that has a meaning, or is known to have none here.
#[must_use]
pub fn all() -> Vec<Meaning> {
    let mut all = Vec::new();
    kafka::<ProducerConfig>("producer", "producerconfigs", &mut all);
    kafka::<ConsumerConfig>("consumer", "consumerconfigs", &mut all);
    kafka::<BrokerConfig>("broker", "brokerconfigs", &mut all);
    kafka::<TopicConfig>("topic", "topicconfigs", &mut all);
    all.extend(CLASSIC.iter().map(|it| Meaning {
        word: it.name.to_string(),
        is: "argument of a RabbitMQ queue".to_string(),
        about: it.about.to_string(),
        default: None,
        status: match it.modelled {
            Modelled::Whole => Status::Modelled,
            Modelled::NoEffect => Status::NoEffect,
            Modelled::Absent => Status::Absent,
        },
        source: Some("https://www.rabbitmq.com/docs/queues#optional-arguments".to_string()),
    }));
    scenario(&mut all);
    all
}

fn kafka<C: Configured>(role: &str, anchor: &str, all: &mut Vec<Meaning>) {
    let source = |key| format!("https://kafka.apache.org/40/documentation/#{anchor}_{key}");
    let is = || format!("configuration of a Kafka {role}");
    all.extend(C::keys().iter().map(|key| Meaning {
        word: key.name.to_string(),
        is: is(),
        about: key.about.to_string(),
        default: Some(key.default.to_string()),
        status: Status::Modelled,
        source: Some(source(key.name)),
    }));
    all.extend(C::not_modelled().iter().map(|key| Meaning {
        word: (*key).to_string(),
        is: is(),
        about: String::new(),
        default: None,
        status: Status::Absent,
        source: Some(source(key)),
    }));
}

/// The words that the schema knows: keys of records, and words to choose among.
fn scenario(all: &mut Vec<Meaning>) {
    let schema = schema::schema();
    let empty = serde_json::Map::new();
    for (record, def) in schema["$defs"].as_object().unwrap_or(&empty) {
        let mut add = |word: &str, is: String, of: &Value| {
            let default = of.get("default").map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let meaning = Meaning {
                word: word.to_string(),
                is,
                about: of["description"].as_str().unwrap_or_default().to_string(),
                default,
                status: Status::Modelled,
                source: None,
            };
            if !all.contains(&meaning) {
                all.push(meaning);
            }
        };
        for choice in def["oneOf"].as_array().into_iter().flatten() {
            add(
                choice["const"].as_str().unwrap_or_default(),
                record.replace('-', " "),
                choice,
            );
        }
        let choices = def["allOf"].as_array().into_iter().flatten();
        let kinds = choices.flat_map(|it| it["oneOf"].as_array().into_iter().flatten());
        let record = record.replace('-', " ");
        for (key, property) in def["properties"].as_object().unwrap_or(&empty) {
            add(key, format!("key in {record}"), property);
        }
        for kind in kinds {
            // The word that chooses a kind: what is said of the kind is its meaning.
            let chooses = kind["required"][0].as_str().unwrap_or_default();
            for (key, property) in kind["properties"].as_object().unwrap_or(&empty) {
                match property.get("const").and_then(Value::as_str) {
                    Some(word) => add(word, format!("{key} in {record}"), kind),
                    None if key == chooses => add(key, record.clone(), kind),
                    None => add(key, format!("key in {record}"), property),
                }
            }
        }
    }
}
