//! Chinese: subject first, one event, a term is not repeated in English after it; identifiers and
//! settings are not translated.

mod client;
mod control;
mod fault;
pub(super) mod flag;
mod group;
mod kernel;
mod rabbitmq;
mod replica;

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::names::{MessageId, Name};

use super::Here;
use super::marks::bold;
use super::roll::Part;
use crate::cast::{Cast, Fact};
use crate::event::What;

pub(super) fn sentence(what: &What<'_, Cast>, here: &Here<'_>) -> String {
    tight(&kernel::sentence(what, here))
}

/// Without the spaces between two Chinese characters: one stands beside names and numbers only.
fn tight(says: &str) -> String {
    let is_chinese = |c: Option<char>| c.is_some_and(|c| c >= '\u{3000}');
    let (mut out, mut quoted) = (String::new(), false);
    let mut rest = says.chars().peekable();
    while let Some(c) = rest.next() {
        quoted ^= c == '`';
        let between = is_chinese(out.chars().next_back()) && is_chinese(rest.peek().copied());
        if c != ' ' || quoted || !between {
            out.push(c);
        }
    }
    out
}

fn fact(fact: &Fact, here: &Here<'_>) -> String {
    match fact {
        Fact::Rabbitmq(fact) => rabbitmq::sentence(fact, here),
        Fact::Kafka(KafkaFact::Client(fact)) => client::sentence(fact, here),
        Fact::Kafka(KafkaFact::Control(fact)) => control::sentence(fact, here),
        Fact::Kafka(KafkaFact::Group(fact)) => group::sentence(fact, here),
        Fact::Kafka(KafkaFact::Replica(fact)) => replica::sentence(fact, here),
    }
}

/// `a、b 和 c`; many are counted.
fn list(all: &[String]) -> String {
    match all {
        [] => "空".to_string(),
        [one] => one.clone(),
        [first @ .., last] if all.len() <= 3 => format!("{} 和 {last}", first.join("、")),
        _ => format!("{}、{} 等 {} 个", all[0], all[1], all.len()),
    }
}

/// Things by their names.
fn things<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    let all: Vec<String> = names.map(|name| bold(name)).collect();
    list(&all)
}

/// A message, if it has a name.
fn message(message: Option<MessageId>, here: &Here<'_>) -> String {
    message.map_or_else(|| "一条消息".to_string(), |id| here.message(id))
}

/// `m31 至 m50（20 条记录）`.
fn records(messages: &[MessageId], here: &Here<'_>) -> String {
    let roll = here.roll(messages);
    let parts = roll.parts.iter().map(|part| match part {
        Part::One(name) => name.clone(),
        Part::Run(first, last) => format!("{first} 至 {last}"),
    });
    let parts: Vec<String> = parts.collect();
    let named = match &parts[..] {
        [] => return "非应用的记录".to_string(),
        [one] => one.clone(),
        [first @ .., last] if roll.more == 0 => format!("{} 和 {last}", first.join("、")),
        parts => parts.join("、"),
    };
    match (roll.more, roll.count > roll.parts.len()) {
        (0, false) => named,
        (0, true) => format!("{named}（{} 条记录）", roll.count),
        (_, _) => format!("{named} 等（共 {} 条记录）", roll.count),
    }
}
