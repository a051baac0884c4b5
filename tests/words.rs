//! Events as sentences: all that may be told, in both languages.
//!
//! `words/told.txt` has every fact and every fault as JSON, and below each what is said of it;
//! `words/kinds.txt` has every kind of sentence that four runs of the library bring forth.
//! `BLESS=1 cargo test` rewrites both; read the difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::rc::Rc;

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::fact::control::ControlFact;
use glassmq_core::kafka::fact::group::GroupWhat;
use glassmq_core::kafka::fact::replica::ReplicaWhat;
use glassmq_core::names::{LinkId, MessageId, NodeId};
use glassmq_core::rabbitmq::fact::Fact as Rabbitmq;
use glassmq_sim::cast::{Cast, Fact};
use glassmq_sim::event::{Event, EventId, Sink, What};
use glassmq_sim::fault::{Fault, Toll};
use glassmq_sim::play::names::Names;
use glassmq_sim::play::peers::Peers;
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::words::{Context, Language, plain, sentence};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::scenario::{SCENARIOS, expect_file, root, short_name};

/// The longest that a sentence may be, in characters.
const LONGEST: usize = 110;

/// The runs whose sentences are written down; those of all others are checked only.
const QUOTED: [&str; 4] = [
    "kafka/acks-1-loses-an-acknowledged-record",
    "kafka/acks-all-keeps-it",
    "kafka/test-topic",
    "rabbitmq/hello",
];

const NODES: &str =
    "rabbit-1 shop printer kafka-1 kafka-2 kafka-3 controller-1 controller-2 controller-3";

/// An event in both languages, marks and all.
fn both(event: &Event<'_, Cast>, names: &Names, peers: &Peers) -> [String; 2] {
    // As the player calls them: counted from 1.
    let label = |id: MessageId| format!("m{}", id.n + 1);
    let context = Context {
        names,
        peers,
        label: &label,
    };
    [Language::En, Language::Zh].map(|language| {
        let says = sentence(event, &context, language);
        check(&says, language);
        says
    })
}

/// What holds of every sentence.
fn check(says: &str, language: Language) {
    let text = plain(says);
    let length = text.chars().count();
    assert!(length <= LONGEST, "{length} characters: {text}");
    assert!(!text.contains(['!', '！', '\n']), "{text}");
    assert!(!text.ends_with(['.', '。', ' ']), "{text}");
    assert!(!text.contains("successfully"), "{text}");
    assert_eq!(says.matches("**").count() % 2, 0, "{says}");
    let begins_with_a_subject = match language {
        Language::En => text.starts_with(|c: char| c.is_alphanumeric()) && says.contains(' '),
        Language::Zh => !text.starts_with(['，', '：', '；']),
    };
    assert!(begins_with_a_subject, "{says}");
    if language == Language::En {
        assert!(text.is_ascii() || text.contains('…'), "{text}");
    }
}

fn event<'a>(node: NodeId, what: What<'a, Cast>) -> Event<'a, Cast> {
    Event {
        id: EventId { step: 1, n: 0 },
        cause: EventId::ROOT,
        at: 0,
        node,
        what,
    }
}

fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|why| panic!("{json}: {why}"))
}

#[test]
fn every_fact_and_every_fault_has_its_words() {
    let names = Names::new(NODES.split(' ').map(Into::into));
    let mut peers = Peers::default();
    for client in ["shop", "printer"].map(|name| names.find(name).unwrap()) {
        let link = LinkId {
            opener: client,
            ordinal: 0,
        };
        let to = NodeId(0);
        peers.see(&event(client, What::Connecting { to, link }));
    }
    let path = root("tests/words/told.txt");
    let text = fs::read_to_string(&path).unwrap();
    let mut told = String::new();
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with(' ')) {
        let (node, rest) = line.split_once(' ').unwrap();
        let (family, json) = rest.split_once(' ').unwrap();
        seen.entry(family).or_default().push_str(json);
        let node = names.find(node).unwrap();
        let says = match family {
            "fault" => {
                let (fault, toll) = (read::<Fault>(json), Toll::default());
                let fault = &fault;
                both(&event(node, What::Faulted { fault, toll }), &names, &peers)
            }
            family => {
                let fact = match family {
                    "rabbitmq" => Fact::Rabbitmq(read(json)),
                    "client" => Fact::Kafka(Kafka::Client(read(json))),
                    "control" => Fact::Kafka(Kafka::Control(read(json))),
                    "group" => Fact::Kafka(Kafka::Group(read(json))),
                    "replica" => Fact::Kafka(Kafka::Replica(read(json))),
                    other => panic!("no family: {other}"),
                };
                both(&event(node, What::Fact { fact: &fact }), &names, &peers)
            }
        };
        writeln!(told, "{line}\n    {}\n    {}", says[0], says[1]).unwrap();
    }
    expect_file(&path, &told);
    let missing: Vec<String> = [
        missing::<Rabbitmq>(&seen["rabbitmq"]),
        missing::<ClientWhat>(&seen["client"]),
        missing::<ControlFact>(&seen["control"]),
        missing::<GroupWhat>(&seen["group"]),
        missing::<ReplicaWhat>(&seen["replica"]),
        missing::<Fault>(&seen["fault"]),
    ]
    .concat();
    assert!(missing.is_empty(), "told.txt lacks {missing:?}");
}

/// The variants of an enum that are in none of the lines; serde lists them when it is asked for
/// one that there is not.
fn missing<T: DeserializeOwned>(lines: &str) -> Vec<String> {
    let wrong = [json!("?"), json!({"fact": "?"})];
    let wrong = wrong.map(|it| serde_json::from_value::<T>(it).err().unwrap().to_string());
    let list = wrong
        .iter()
        .find_map(|it| it.split_once("expected one of "));
    let (_, list) = list.unwrap_or_else(|| panic!("no list in {wrong:?}"));
    let names = list.split('`').skip(1).step_by(2);
    names
        .filter(|name| !lines.contains(&format!("\"{name}\"")))
        .map(str::to_string)
        .collect()
}

/// Hears a run, and notes the kinds of sentences.
struct Listener {
    names: Rc<Names>,
    peers: Peers,
    kinds: BTreeMap<String, String>,
}

impl Sink<Cast> for Listener {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        let [en, zh] = both(event, &self.names, &self.peers).map(|says| kind(&says));
        self.kinds.insert(en, zh);
    }
}

/// A sentence without what it names and counts.
fn kind(says: &str) -> String {
    let parts = says.split("**").enumerate();
    let words = parts.map(|(n, part)| if n % 2 == 0 { part } else { "_" });
    let words: String = words.collect();
    let mut kind = String::new();
    for c in words.chars() {
        match c.is_ascii_digit() {
            true if kind.ends_with('0') => {}
            true => kind.push('0'),
            false => kind.push(c),
        }
    }
    kind
}

#[test]
fn the_kinds_of_sentences_of_the_library() {
    let mut kinds = BTreeMap::new();
    for (path, text) in SCENARIOS.iter() {
        let scenario = scenario::read(text).unwrap();
        let mut play = Play::of(&scenario, scenario.seed, &[]).unwrap();
        let mut listener = Listener {
            names: play.names().clone(),
            peers: Peers::default(),
            kinds: BTreeMap::new(),
        };
        while play.step(&mut Desk::default(), &mut listener) {}
        if QUOTED.contains(&short_name(path).as_str()) {
            kinds.extend(listener.kinds);
        }
    }
    assert!(kinds.len() > 80, "only {} kinds of sentences", kinds.len());
    let told = kinds.iter().map(|(en, zh)| format!("{en}\n    {zh}\n"));
    expect_file(&root("tests/words/kinds.txt"), &told.collect::<String>());
}
