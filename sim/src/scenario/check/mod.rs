//! What a scenario refers to must exist, and what it does must be able to happen.
//!
//! Works on the typed scenario; places come from the paths into the text.

mod clients;
mod config;
mod faults;
mod known;
mod lesson;
mod world;

use self::known::Known;
use super::Scenario;
use super::form::Word;
use super::intervention::Intervention;
use super::json::{Kind, Node, Step};
use super::pattern::Pattern;
use super::problem::{Problem, Problems, Stretch, did_you_mean};
use super::who::{Role, Side, Who};

/// Notes every reference that cannot hold and every fault that cannot happen.
pub fn check(scenario: &Scenario, node: &Node, problems: &mut Problems) {
    let known = Known::of(scenario);
    let mut check = Check {
        node,
        problems,
        known: &known,
    };
    let root = Path::default();
    check.world(scenario, &root);
    check.clients(scenario, &root);
    check.faults(scenario, &root);
    check.lesson(scenario, &root);
}

/// What the interventions of a run name that its scenario does not have.
#[must_use]
pub fn interventions(scenario: &Scenario, interventions: &[Intervention]) -> Vec<Problem> {
    let known = Known::of(scenario);
    let node = Node {
        at: Stretch::default(),
        kind: Kind::Null,
    };
    let of = |intervention: &Intervention| {
        let mut problems = Problems::default();
        let mut check = Check {
            node: &node,
            problems: &mut problems,
            known: &known,
        };
        check.named(&Path::default(), &intervention.what);
        let text = intervention.print();
        let told = problems.list("").into_iter();
        told.map(move |it| Problem {
            what: format!("{text}: {}", it.what),
            ..it
        })
    };
    interventions.iter().flat_map(of).collect()
}

struct Check<'a> {
    node: &'a Node,
    problems: &'a mut Problems,
    known: &'a Known,
}

/// Where in the text something stands.
#[derive(Clone, Default)]
struct Path(Vec<Step>);

impl Path {
    fn key(&self, key: &str) -> Path {
        let mut path = self.clone();
        path.0.push(Step::Key(key.to_string()));
        path
    }

    fn index(&self, index: usize) -> Path {
        let mut path = self.clone();
        path.0.push(Step::Index(index));
        path
    }
}

impl Check<'_> {
    fn problem(&mut self, at: &Path, what: impl Into<String>, remedy: impl Into<String>) {
        self.problems.add(self.node.locate(&at.0), what, remedy);
    }

    /// One of a set of names must be this one.
    fn known_name<'n>(
        &mut self,
        at: &Path,
        kind: &str,
        name: &str,
        names: impl IntoIterator<Item = &'n str> + Clone,
    ) {
        if !names.clone().into_iter().any(|known| known == name) {
            let what = format!("there is no {kind} {name:?}");
            self.problem(at, what, did_you_mean(name, names));
        }
    }

    fn broker(&mut self, at: &Path, name: &str) {
        let known = self.known;
        self.known_name(at, "broker", name, known.brokers.iter().map(String::as_str));
    }

    fn topic(&mut self, at: &Path, name: &str) {
        let known = self.known;
        if !known.kafka {
            let remedy = "add \"kafka\" to the world";
            self.problem(at, format!("topic {name:?} needs Kafka"), remedy);
        } else if known.topics.is_empty() {
            let what = format!("there is no topic {name:?}");
            self.problem(at, what, "add it to the \"topics\" of \"kafka\"");
        } else {
            self.known_name(at, "topic", name, known.topics.keys().map(String::as_str));
        }
    }

    /// `orders-0`: a topic and a partition that it has.
    fn partition(&mut self, at: &Path, name: &str) {
        let parts = name.rsplit_once('-');
        let parsed = parts.and_then(|(topic, n)| Some((topic, n.parse::<u32>().ok()?)));
        match parsed {
            None => {
                let what = format!("{name:?} is not a partition");
                self.problem(
                    at,
                    what,
                    "write topic, - and a number, such as \"orders-0\"",
                );
            }
            Some((topic, n)) => match self.known.topics.get(topic) {
                None => self.topic(at, topic),
                Some(count) => self.partition_number(at, topic, n, *count),
            },
        }
    }

    fn partition_number(&mut self, at: &Path, topic: &str, n: u32, count: u32) {
        if n >= count {
            let what = format!("topic {topic:?} has no partition {n}");
            self.problem(at, what, format!("its partitions are 0 to {}", count - 1));
        }
    }

    fn who(&mut self, at: &Path, who: &Who) {
        let known = self.known;
        match who {
            Who::Named(name) => {
                let all = known.brokers.iter().chain(&known.clients);
                self.known_name(at, "process", name, all.map(String::as_str));
            }
            Who::Role(Role::LeaderOf(of) | Role::FollowersOf(of)) => {
                if !known.queues.contains(of) {
                    self.partition(at, of);
                }
            }
            Who::Role(Role::CoordinatorOf(group)) => {
                self.known_name(at, "group", group, known.groups.iter().map(String::as_str));
            }
            Who::Role(Role::Controller) if !known.kafka => {
                self.problem(at, "only Kafka has a controller", "name a process");
            }
            Who::Role(Role::Controller | Role::Minority | Role::Majority | Role::Rest) => {}
        }
    }

    /// One side of a fault; `rest` only has a meaning beside another side.
    fn side(&mut self, at: &Path, side: &Side, beside: Option<&Side>) {
        for (i, who) in side.0.iter().enumerate() {
            let at = if side.0.len() == 1 {
                at.clone()
            } else {
                at.index(i)
            };
            self.who(&at, who);
            let rest = Who::Role(Role::Rest);
            if *who == rest && beside.is_none_or(|other| other.0.contains(&rest)) {
                let remedy = "name the processes";
                self.problem(&at, "\"rest\" has no other side to be the rest of", remedy);
            }
        }
    }

    fn pattern(&mut self, at: &Path, pattern: &Pattern) {
        for (key, who) in [("node", &pattern.node), ("from", &pattern.from)] {
            if let Some(who) = who {
                self.side(&at.key(key), &Side(vec![who.clone()]), None);
            }
        }
        if let Some(message) = &pattern.message {
            let known = self.known;
            let at = at.key("message");
            let clients = known.clients.iter().map(String::as_str);
            self.known_name(&at, "client", &message.client, clients);
            if let Some(count) = known.sends.get(&message.client)
                && message.n >= *count
            {
                let what = format!("{:?} sends only {count} messages", message.client);
                self.problem(&at, what, "they are counted from 0");
            }
        }
    }
}
