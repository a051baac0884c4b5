//! What is known of one thing: the settings of it and the events that are about it. The rest is in
//! the frame.

use glassmq_sim::scenario::form::Form as _;
use serde_json::{Value, json};

use super::branch::Branch;
use super::change::process_of;
use super::words::Language;

/// Events of a thing that are shown: so many up to the cursor, so many after it.
const BEFORE: usize = 8;
const AFTER: usize = 4;

impl Branch {
    /// The state after event `n`, with what is known of a thing: `Inspected` of `protocol.ts`.
    pub fn inspect(&mut self, thing: &str, n: u32, language: Language) -> Value {
        let numbers = self.events_of(thing);
        let here = numbers.partition_point(|at| *at <= n);
        let near = here.saturating_sub(BEFORE)..(here + AFTER).min(numbers.len());
        let events: Vec<Value> = numbers[near]
            .iter()
            .flat_map(|n| self.lines(*n, *n, language))
            .map(|line| json!({"n": line.n, "says": line.says}))
            .collect();
        let node = process_of(thing, &self.story);
        json!({
            "shown": self.shown(n, language),
            "settings": self.settings(thing),
            "events": events,
            "node": node.map(|node| self.story.names.of(node)),
            "fate": self.fate(thing),
        })
    }

    /// The events that are about a thing.
    pub(super) fn events_of(&self, thing: &str) -> Vec<u32> {
        let story = &self.story;
        let Some((kind, name)) = thing.split_once(':') else {
            return Vec::new();
        };
        match kind {
            "message" => match story.message(name) {
                Some(id) => story.mentions(|one| one == id).collect(),
                None => Vec::new(),
            },
            "queue" | "exchange" | "partition" => {
                story.numbers(|row| row.about.is_some_and(|about| story.is_about(about, name)))
            }
            "replica" => {
                let (partition, _) = name.rsplit_once('@').unwrap_or((name, ""));
                let node = process_of(thing, story);
                story.numbers(|row| {
                    let about = row
                        .about
                        .is_some_and(|about| story.is_about(about, partition));
                    about && Some(row.node) == node
                })
            }
            "link" => Vec::new(),
            _ => {
                let node = process_of(thing, story);
                story.numbers(|row| Some(row.node) == node)
            }
        }
    }

    /// What a scenario sets of a thing, as the brokers and libraries spell it.
    fn settings(&self, thing: &str) -> Vec<(String, String)> {
        let Some((kind, name)) = thing.split_once(':') else {
            return Vec::new();
        };
        let scenario = self.scenario.write();
        let mut settings = Vec::new();
        match kind {
            "producer" | "consumer" => {
                let at = self
                    .scenario
                    .clients
                    .iter()
                    .position(|one| one.name == name);
                let of = at.and_then(|at| scenario.pointer(&format!("/clients/{at}")));
                flatten(of, &mut settings);
            }
            "replica" | "partition" => {
                let topic = name
                    .rsplit_once('@')
                    .map_or(name, |(partition, _)| partition);
                let topic = topic.rsplit_once('-').map_or(topic, |(topic, _)| topic);
                let topics = scenario.pointer("/world/kafka/topics");
                let mut topics = topics.and_then(Value::as_array).into_iter().flatten();
                flatten(topics.find(|one| one["name"] == topic), &mut settings);
            }
            "broker" if name.starts_with("rabbit-") => {
                flatten(scenario.pointer("/world/rabbitmq/config"), &mut settings);
            }
            "broker" | "controller" => {
                flatten(scenario.pointer("/world/kafka/config"), &mut settings);
            }
            _ => {}
        }
        settings
    }

    /// Of a message: its copies at the cursor.
    fn fate(&self, thing: &str) -> Option<Value> {
        let id = self.story.message(thing.strip_prefix("message:")?)?;
        let ledger = self.timeline.here().panel().ledger();
        let fate = ledger.fate(id)?;
        let names = &self.story.names;
        let copies = fate.copies.iter().map(|copy| {
            use glassmq_core::subject::Place;
            let place = match &copy.place {
                Place::Client(node) => names.of(*node).to_string(),
                Place::Queue { queue, .. } => queue.to_string(),
                Place::Replica {
                    node,
                    topic,
                    partition,
                } => format!("{topic}-{partition} @ {}", names.of(*node)),
            };
            json!({"place": place, "state": state_word(copy.state)})
        });
        Some(json!({
            "name": names.message(id),
            "sender": fate.sender.word(),
            "bucket": fate.bucket().word(),
            "key": self.story.things.keys.get(&id).map(|key| &**key),
            "copies": copies.collect::<Vec<_>>(),
        }))
    }
}

fn state_word(state: glassmq_sim::ledger::State) -> String {
    use glassmq_sim::ledger::State;
    match state {
        State::Ready | State::Sought => "ready".to_string(),
        State::Unacked => "unacked".to_string(),
        State::Stored { offset } => format!("offset {offset}"),
        State::Acknowledged { .. } => "acknowledged".to_string(),
        State::Expired => "expired".to_string(),
        State::Dropped(_) => "dropped".to_string(),
        State::Truncated => "truncated".to_string(),
        State::Lost => "lost".to_string(),
    }
}

/// The plain values of a part of a scenario; what has a place of its own in the picture is left
/// out.
fn flatten(of: Option<&Value>, into: &mut Vec<(String, String)>) {
    let Some(Value::Object(keys)) = of else {
        return;
    };
    for (key, value) in keys {
        match value {
            Value::Object(_) if key == "config" || key == "send" => flatten(Some(value), into),
            Value::String(text) if !["name", "is", "file"].contains(&&**key) => {
                into.push((key.clone(), text.clone()));
            }
            Value::Number(_) | Value::Bool(_) => into.push((key.clone(), value.to_string())),
            _ => {}
        }
    }
}
