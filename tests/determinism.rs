//! Determinism in worlds of real brokers: who is not there disturbs nobody's dice, a run is the
//! same on any thread, and going to a step is as having stepped there.

use std::collections::BTreeMap;
use std::rc::Rc;

use glassmq_core::names::LinkId;
use glassmq_sim::cast::Cast;
use glassmq_sim::event::{Event, Sink, What};
use glassmq_sim::play::names::Names;
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::timeline::Timeline;
use serde_json::Value;

use crate::scenario::{SCENARIOS, short_name};

/// What the dice said: for each process and purpose, and for each connection how long its first
/// frame took (microseconds).
struct Thrown {
    names: Rc<Names>,
    draws: BTreeMap<(String, &'static str), Vec<(u64, u64)>>,
    connecting: BTreeMap<LinkId, u64>,
    connected: BTreeMap<String, u64>,
}

impl Sink<Cast> for Thrown {
    fn event(&mut self, event: &Event<'_, Cast>) {
        use glassmq_core::machine::Input;
        match &event.what {
            What::Drawn { purpose, n, value } => {
                let node = self.names.of(event.node).to_string();
                let of = self.draws.entry((node, purpose)).or_default();
                of.push((*n, *value));
            }
            What::Connecting { link, .. } => {
                self.connecting.insert(*link, event.at);
            }
            What::Took {
                input: Input::Accepted { link, .. },
                ..
            } => {
                if let Some(at) = self.connecting.get(link) {
                    // Without someone, a broker may connect to another one first.
                    let me = self.names.of(event.node);
                    let name = format!("{} to {me}", self.names.link(*link));
                    self.connected.insert(name, event.at - at);
                }
            }
            _ => {}
        }
    }
}

fn play(scenario: &Value) -> Play {
    let read = scenario::read(&scenario.to_string()).unwrap_or_else(|why| panic!("{why:?}"));
    Play::of(&read, read.seed, &[]).unwrap_or_else(|why| panic!("{why:?}"))
}

fn thrown(scenario: &Value) -> Thrown {
    let mut play = play(scenario);
    let mut thrown = Thrown {
        names: play.names().clone(),
        draws: BTreeMap::new(),
        connecting: BTreeMap::new(),
        connected: BTreeMap::new(),
    };
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut thrown) {}
    thrown
}

/// As long as they were asked the same, the dice answered the same. Says how much was compared.
fn agree(whole: &Thrown, less: &Thrown, what: &str) -> usize {
    let mut compared = 0;
    for (whose, draws) in &less.draws {
        let before = whole.draws.get(whose).map_or(&[][..], |draws| draws);
        for (one, other) in before.iter().zip(draws) {
            if one.0 != other.0 {
                break;
            }
            assert_eq!(one, other, "{what}: {whose:?}");
            compared += 1;
        }
    }
    for (link, took) in &less.connected {
        if let Some(before) = whole.connected.get(link) {
            assert_eq!(before, took, "{what}: {link}");
            compared += 1;
        }
    }
    compared
}

/// The scenarios of the library, without what names a client or a fault that goes.
fn library() -> impl Iterator<Item = (String, Value)> {
    SCENARIOS.iter().map(|(path, text)| {
        let mut scenario: Value = serde_json::from_str(text).unwrap();
        let whole = scenario.as_object_mut().unwrap();
        for part in ["expect", "lesson", "catalogue"] {
            whole.remove(part);
        }
        (short_name(path), scenario)
    })
}

#[test]
fn removing_a_client_or_a_fault_leaves_the_dice_of_all_others() {
    let mut compared = 0;
    for (name, scenario) in library() {
        let whole = thrown(&scenario);
        for part in ["clients", "faults"] {
            let count = scenario[part].as_array().map_or(0, Vec::len);
            for n in 0..count {
                let mut less = scenario.clone();
                less[part].as_array_mut().unwrap().remove(n);
                if scenario::read(&less.to_string()).is_ok() {
                    compared += agree(
                        &whole,
                        &thrown(&less),
                        &format!("{name} without {part}/{n}"),
                    );
                }
            }
        }
    }
    assert!(compared > 100, "only {compared} answers of the dice");
}

#[test]
fn a_run_is_the_same_on_another_thread() {
    let run = |scenario: Value| {
        let (mut play, mut desk) = (play(&scenario), Desk::default());
        while play.step(&mut desk, &mut ()) {}
        (play.digests(), play.stage().digest())
    };
    for (name, scenario) in library() {
        let here = run(scenario.clone());
        let there = std::thread::spawn(move || run(scenario)).join().unwrap();
        assert_eq!(here, there, "{name}");
    }
}

#[test]
fn going_to_a_step_is_as_having_stepped_there() {
    for (name, scenario) in library() {
        let mut straight = BTreeMap::new();
        let (mut play_on, mut desk) = (play(&scenario), Desk::default());
        while play_on.step(&mut desk, &mut ()) {
            let steps = play_on.stage().steps();
            if steps.is_multiple_of(509) {
                straight.insert(steps, (play_on.digests(), play_on.stage().digest()));
            }
        }
        let mut timeline = Timeline::new(play(&scenario));
        while timeline.step(&mut ()) {}
        // Backwards first, so that each jump starts from a keyframe; then onwards.
        for (step, digests) in straight.iter().rev().chain(&straight) {
            let there = timeline.seek(*step);
            assert_eq!(
                (there.digests(), there.stage().digest()),
                *digests,
                "{name} at {step}"
            );
        }
    }
}
