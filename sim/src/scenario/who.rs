//! Whom a fault, an order or a pattern means: by name, or by role.

use serde_json::{Value, json};

use super::form::{Definitions, Form, Word, Wrong, reference, spelt_as_word, wrong_kind};
use super::json::{Kind, Node};
use super::problem::{Problems, nearest};

/// One node or a set of nodes, as a scenario names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A process by its name: `kafka-1`, `rabbit-2`, `controller-3`, a client's name.
    Named(String),
    /// Whoever plays a role at the moment it is asked.
    Role(Role),
}

/// A role that processes take and lose.
///
/// One rule resolves all of them: of the live processes that claim the role, the one of the
/// highest epoch (term, generation); of equal ones, the first by name. If nobody claims it, the
/// role is played by nobody and what asked for it waits (a pattern) or does not bite (a fault).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The leader of a partition (`orders-0`), or of a queue with replicas (`jobs`).
    LeaderOf(String),
    /// Its other replicas.
    FollowersOf(String),
    /// The coordinator of a consumer group.
    CoordinatorOf(String),
    /// Kafka's active controller.
    Controller,
    /// The largest set of brokers that is no majority: the last ones by name.
    Minority,
    /// All brokers but the minority.
    Majority,
    /// All processes that the other side of a cut does not name.
    Rest,
}

/// One side of a connection: one or several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side(pub Vec<Who>);

/// The two sides of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// The first; of faults in one direction, where it comes from.
    pub from: Side,
    /// The second.
    pub to: Side,
}

/// What a role is made of: the name of a partition, a queue, a group.
type RoleOf = fn(String) -> Role;

const ROLES_OF: &[(&str, RoleOf)] = &[
    ("leader of ", Role::LeaderOf),
    ("followers of ", Role::FollowersOf),
    ("coordinator of ", Role::CoordinatorOf),
];

const ROLES: &[(&str, Role)] = &[
    ("controller", Role::Controller),
    ("minority", Role::Minority),
    ("majority", Role::Majority),
    ("rest", Role::Rest),
];

spelt_as_word!(Who);

/// Whether a text may name a process: a letter, then letters, digits, `.`, `_` and `-`; no role.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        && ROLES.iter().all(|(role, _)| *role != text)
}

impl Word for Who {
    const NAME: &'static str = "who";
    const ABOUT: &'static str = "A process by name, or a role: `leader of orders-0`, `leader of \
        jobs`, `followers of orders-0`, `coordinator of billing`, `controller`, `minority`, \
        `majority`, `rest`. A role is resolved at the moment it is needed: of the live claimants \
        the one of the highest epoch.";
    const EXAMPLES: &'static [&'static str] = &["kafka-1", "leader of orders-0", "rest"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        for (prefix, role) in ROLES_OF {
            if let Some(of) = text.strip_prefix(prefix)
                && !of.trim().is_empty()
            {
                return Ok(Who::Role(role(of.to_string())));
            }
        }
        if let Some((_, role)) = ROLES.iter().find(|(word, _)| *word == text) {
            return Ok(Who::Role(role.clone()));
        }
        if is_name(text) {
            return Ok(Who::Named(text.to_string()));
        }
        Err(unknown_role(text))
    }

    fn print(&self) -> String {
        match self {
            Who::Named(name) => name.clone(),
            Who::Role(Role::LeaderOf(of)) => format!("leader of {of}"),
            Who::Role(Role::FollowersOf(of)) => format!("followers of {of}"),
            Who::Role(Role::CoordinatorOf(group)) => format!("coordinator of {group}"),
            Who::Role(Role::Controller) => "controller".to_string(),
            Who::Role(Role::Minority) => "minority".to_string(),
            Who::Role(Role::Majority) => "majority".to_string(),
            Who::Role(Role::Rest) => "rest".to_string(),
        }
    }
}

fn unknown_role(text: &str) -> Wrong {
    let what = format!("{text:?} is neither a name nor a role");
    let first = text.split(' ').next().unwrap_or_default();
    let words = ROLES_OF.iter().map(|(word, _)| *word).map(str::trim_end);
    let words = words.chain(ROLES.iter().map(|(word, _)| *word));
    let near = nearest(
        first,
        words
            .clone()
            .map(|word| word.split(' ').next().unwrap_or(word)),
    );
    let near = near.and_then(|near| words.clone().find(|word| word.starts_with(near)));
    match near {
        Some(word) if word.ends_with(" of") => {
            Wrong::new(what, format!("did you mean \"{word} ...\"?"))
        }
        Some(word) => Wrong::new(what, format!("did you mean {word:?}?")),
        None => {
            let all: Vec<String> = words.map(|word| format!("{word:?}")).collect();
            Wrong::new(
                what,
                format!("name a process, or a role: {}", all.join(", ")),
            )
        }
    }
}

/// One process as a text, several as a list of texts.
impl Form for Side {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            Kind::List(items) if items.is_empty() => {
                problems.add(node.at, "nobody is named here", "name at least one process");
                None
            }
            Kind::List(_) => Vec::read(node, problems).map(Side),
            _ => Who::read(node, problems).map(|who| Side(vec![who])),
        }
    }

    fn write(&self) -> Value {
        match self.0.as_slice() {
            [one] => one.write(),
            several => several.iter().map(Who::write).collect(),
        }
    }

    fn schema(defs: &mut Definitions) -> Value {
        let who = Who::schema(defs);
        let several = json!({"type": "array", "items": who, "minItems": 1});
        defs.insert("side", json!({"anyOf": [who, several]}));
        reference("side")
    }
}

/// A list of the two.
impl Form for Sides {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let remedy = "write two in a list, such as [\"kafka-1\", \"rest\"]";
        let Kind::List(items) = &node.kind else {
            wrong_kind(node, "two sides", remedy, problems);
            return None;
        };
        let [from, to] = items.as_slice() else {
            problems.add(
                node.at,
                format!("{} sides where there are two", items.len()),
                remedy,
            );
            return None;
        };
        let (from, to) = (Side::read(from, problems), Side::read(to, problems));
        Some(Sides {
            from: from?,
            to: to?,
        })
    }

    fn write(&self) -> Value {
        json!([self.from.write(), self.to.write()])
    }

    fn schema(defs: &mut Definitions) -> Value {
        let side = Side::schema(defs);
        let two =
            json!({"type": "array", "prefixItems": [side, side], "items": false, "minItems": 2});
        defs.insert("sides", two);
        reference("sides")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_and_written_alike() {
        for text in [
            "kafka-1",
            "leader of orders-0",
            "followers of orders-0",
            "coordinator of billing",
            "controller",
            "minority",
            "majority",
            "rest",
        ] {
            assert_eq!(Who::parse(text).unwrap().print(), text);
        }
    }

    #[test]
    fn an_unknown_role_names_the_nearest_one() {
        let remedy = |text| Who::parse(text).unwrap_err().remedy;
        assert_eq!(
            remedy("leeder of orders-0"),
            "did you mean \"leader of ...\"?"
        );
        assert_eq!(remedy("leader of "), "did you mean \"leader of ...\"?");
        assert_eq!(remedy("minorty!"), "did you mean \"minority\"?");
        assert!(remedy("the big one").starts_with("name a process, or a role:"));
    }
}
