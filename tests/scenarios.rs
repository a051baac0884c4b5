//! Every scenario of the library, played to its end: equally each time, and showing what it is
//! there for.

use std::rc::Rc;

use glassmq_core::kafka::view::ReplicaView;
use glassmq_core::machine::Machine;
use glassmq_core::names::MessageId;
use glassmq_core::{kafka, rabbitmq};
use glassmq_sim::cast::{Cast, Lens, View};
use glassmq_sim::event::{Event, Sink};
use glassmq_sim::play::names::Names;
use glassmq_sim::play::peers::Peers;
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::trace::Told;
use glassmq_sim::words;

use crate::scenario::{SCENARIOS, short_name};

/// A scenario played to its end, and everything that happened.
pub struct Run {
    /// As it was at the end.
    pub play: Play,
    /// Every event, as `glassmq run --json --trace` prints it.
    pub told: Vec<Told>,
    /// The sentence of each, as `glassmq run` tells it.
    pub says: Vec<String>,
}

impl Run {
    /// Plays a scenario of the library, by its short name.
    pub fn of(name: &str) -> Run {
        let mut library = SCENARIOS.iter();
        let found = library.find(|(path, _)| short_name(path) == name);
        let (_, text) = found.unwrap_or_else(|| panic!("there is no scenario {name}"));
        Run::of_text(text)
    }

    /// Plays a scenario that a test wrote.
    pub fn of_text(text: &str) -> Run {
        let mut play = start(text).unwrap_or_else(|why| panic!("{why}"));
        let mut listener = Listener {
            names: play.names().clone(),
            peers: Peers::default(),
            told: Vec::new(),
            says: Vec::new(),
        };
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut listener) {}
        let (told, says) = (listener.told, listener.says);
        Run { play, told, says }
    }

    /// The sentences of all events, in order.
    pub fn sentences(&self) -> impl Iterator<Item = (&Told, &String)> {
        self.told.iter().zip(&self.says)
    }

    /// The first event whose sentence is this one.
    #[track_caller]
    pub fn first(&self, sentence: &str) -> &Told {
        let found = self.sentences().find(|(_, it)| *it == sentence);
        found.unwrap_or_else(|| panic!("never: {sentence}")).0
    }

    /// How many events have a sentence with this in it.
    pub fn count(&self, part: &str) -> usize {
        self.sentences().filter(|(_, it)| it.contains(part)).count()
    }

    /// What a process shows at the end.
    pub fn view(&self, node: &str) -> View {
        let node = self.play.names().find(node).unwrap();
        let lens = Lens {
            rabbitmq: rabbitmq::view::Lens {
                head: u32::MAX,
                ..Default::default()
            },
            kafka: kafka::view::Lens::Tail { records: u32::MAX },
        };
        let machine = self.play.stage().node(node).machine();
        machine.expect("it is up").view(&lens)
    }

    /// The replicas of a broker at the end, with all their records.
    pub fn replicas(&self, broker: &str) -> Vec<ReplicaView> {
        match self.view(broker) {
            View::KafkaBroker(broker) => broker.replicas,
            other => panic!("{broker} is no broker: {other:?}"),
        }
    }

    /// On which brokers a record of `orders-0` is at the end.
    pub fn holders(&self, record: &str) -> Vec<&'static str> {
        let has = |broker: &&str| {
            let replicas = self.replicas(broker);
            let orders = replicas
                .iter()
                .find(|it| it.partition.to_string() == "orders-0");
            let mut cells = orders.unwrap().cells.iter().filter_map(|cell| cell.message);
            cells.any(|id: MessageId| self.play.names().message(id) == record)
        };
        ["kafka-1", "kafka-2", "kafka-3"]
            .into_iter()
            .filter(has)
            .collect()
    }
}

/// Writes down all that it hears.
struct Listener {
    names: Rc<Names>,
    peers: Peers,
    told: Vec<Told>,
    says: Vec<String>,
}

impl Sink<Cast> for Listener {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        self.told.push(Told::of(event, &self.names, &self.peers));
        self.says.push(words::line(event, &self.names, &self.peers));
    }
}

/// Looks away.
struct Nobody;

impl Sink<Cast> for Nobody {
    fn event(&mut self, _: &Event<'_, Cast>) {}
}

fn start(text: &str) -> Result<Play, String> {
    let scenario = scenario::read(text).map_err(|problems| format!("{problems:?}"))?;
    Play::of(&scenario, scenario.seed, &[]).map_err(|problems| format!("{problems:?}"))
}

fn finish(mut play: Play) -> Play {
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut Nobody) {}
    play
}

#[test]
fn every_scenario_plays_to_its_end_equally_each_time() {
    for (path, text) in SCENARIOS.iter() {
        let name = short_name(path);
        let begin = || start(text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let once = finish(begin());
        let steps = once.stage().steps();
        assert!(steps > 0, "{name}: nothing happens");

        let again = finish(begin());
        assert_eq!(once.digests(), again.digests(), "{name}: the second time");

        let mut to_a_third = begin();
        let mut desk = Desk::default();
        while to_a_third.stage().steps() < steps / 3 {
            assert!(to_a_third.step(&mut desk, &mut Nobody), "{name}");
        }
        let copy = to_a_third.clone();
        assert_eq!(
            once.digests(),
            finish(copy).digests(),
            "{name}: from a copy"
        );
        assert_eq!(
            once.digests(),
            finish(to_a_third).digests(),
            "{name}: after a copy"
        );
        assert_eq!(
            once.stage().digest(),
            again.stage().digest(),
            "{name}: the state"
        );
    }
}

#[test]
fn hello_is_printed_and_acknowledged_and_leaves_the_queue_empty() {
    let run = Run::of("rabbitmq/hello");
    run.first("printer printed Hello under glass");
    run.first("Queue hello removed hello/0: it was acknowledged");
    let View::RabbitmqNode(node) = run.view("rabbit-1") else {
        panic!("rabbit-1 is a node of RabbitMQ");
    };
    let [queue] = &node.queues[..] else {
        panic!("there is one queue: {:?}", node.queues);
    };
    assert_eq!(&*queue.name, "hello");
    assert_eq!((queue.ready_count, queue.unacked_count), (0, 0));
}

#[test]
fn acks_1_loses_the_record_that_was_acknowledged() {
    let run = Run::of("kafka/acks-1-loses-an-acknowledged-record");
    assert_eq!(run.holders("shop/28"), ["kafka-1", "kafka-2", "kafka-3"]);
    assert_eq!(run.holders("shop/29"), [""; 0]);
    let truncated = run.sentences().find(|(event, it)| {
        it.starts_with("kafka-2 truncated") && event.messages.contains(&"shop/29".to_string())
    });
    assert!(truncated.is_some(), "kafka-2 truncates shop/29");
}

#[test]
fn acks_all_keeps_the_record() {
    let run = Run::of("kafka/acks-all-keeps-it");
    assert_eq!(run.holders("shop/29"), ["kafka-1", "kafka-2", "kafka-3"]);
}

#[test]
fn every_event_has_a_form_in_json() {
    for name in ["rabbitmq/hello", "kafka/acks-all-keeps-it"] {
        for event in Run::of(name).told {
            let form = serde_json::to_value(&event);
            assert!(form.is_ok(), "{name}, event {}: {form:?}", event.id);
        }
    }
}
