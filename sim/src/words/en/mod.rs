//! English.

mod client;
mod control;
mod fault;
pub(super) mod flag;
mod group;
pub(super) mod kernel;
mod rabbitmq;
mod replica;

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::names::{MessageId, Name};

use super::Here;
use super::marks::bold;
use super::roll::Part;
use crate::cast::Fact;

fn fact(fact: &Fact, here: &Here<'_>) -> String {
    match fact {
        Fact::Rabbitmq(fact) => rabbitmq::sentence(fact, here),
        Fact::Kafka(KafkaFact::Client(fact)) => client::sentence(fact, here),
        Fact::Kafka(KafkaFact::Control(fact)) => control::sentence(fact, here),
        Fact::Kafka(KafkaFact::Group(fact)) => group::sentence(fact, here),
        Fact::Kafka(KafkaFact::Replica(fact)) => replica::sentence(fact, here),
    }
}

/// `a, b and c`; many are counted.
fn list(all: &[String]) -> String {
    match all {
        [] => "nothing".to_string(),
        [one] => one.clone(),
        [first @ .., last] if all.len() <= 3 => format!("{} and {last}", first.join(", ")),
        _ => format!("{}, {} and {} more", all[0], all[1], all.len() - 2),
    }
}

/// Things by their names.
fn things<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    let all: Vec<String> = names.map(|name| bold(name)).collect();
    list(&all)
}

/// A message, if it has a name.
fn message(message: Option<MessageId>, here: &Here<'_>) -> String {
    message.map_or_else(|| "a message".to_string(), |id| here.message(id))
}

/// `m31 to m50 (20 records)`.
fn records(messages: &[MessageId], here: &Here<'_>) -> String {
    let roll = here.roll(messages);
    let parts = roll.parts.iter().map(|part| match part {
        Part::One(name) => name.clone(),
        Part::Run(first, last) => format!("{first} to {last}"),
    });
    let mut parts: Vec<String> = parts.collect();
    if roll.more > 0 {
        parts.push(format!("{} more", roll.more));
    }
    let named = match &parts[..] {
        [] => return "records of no application".to_string(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    match roll.count > roll.parts.len() {
        true => format!("{named} ({} records)", roll.count),
        false => named,
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}
