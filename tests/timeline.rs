//! Going anywhere in a run, and forking it there: what is shown is what was, and a fork is the run
//! that had it done from the start.

use std::collections::BTreeMap;

use glassmq_sim::cast::Cast;
use glassmq_sim::event::{Event, Sink, What};
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::scenario::form::Word as _;
use glassmq_sim::scenario::intervention::Intervention;
use glassmq_sim::timeline::Timeline;
use glassmq_sim::trace::Digests;

use crate::scenario::{SCENARIOS, short_name};

/// What a play comes to: steps, the digests of the run, and that of the state.
type Moment = (u32, Digests, u64);

fn moment(play: &Play) -> Moment {
    (play.stage().steps(), play.digests(), play.stage().digest())
}

fn play(text: &str, done: &[&Intervention]) -> Play {
    let read = scenario::read(text).unwrap_or_else(|why| panic!("{why:?}"));
    let done: Vec<_> = done.iter().copied().cloned().collect();
    Play::of(&read, read.seed, &done).unwrap_or_else(|why| panic!("{why:?}"))
}

/// Every so many steps, and the end.
fn straight(mut play: Play, every: u32) -> BTreeMap<u32, Moment> {
    let mut moments = BTreeMap::from([(0, moment(&play))]);
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut ()) {
        if play.stage().steps().is_multiple_of(every) {
            moments.insert(play.stage().steps(), moment(&play));
        }
    }
    moments.insert(play.stage().steps(), moment(&play));
    moments
}

/// Goes to all of them, the last first, and then onwards.
#[track_caller]
fn shows(timeline: &mut Timeline, moments: &BTreeMap<u32, Moment>, what: &str) {
    for (step, then) in moments.iter().rev().chain(moments) {
        let there = moment(timeline.seek(*step));
        assert_eq!(there, *then, "{what}: step {step}");
    }
}

fn library(name: &str) -> &'static str {
    let mut library = SCENARIOS.iter();
    let (_, text) = library
        .find(|(path, _)| short_name(path) == name)
        .unwrap_or_else(|| panic!("there is no scenario {name}"));
    text
}

/// A scenario, and what a person does to it, first and later.
const DEEDS: [(&str, &str, &str); 4] = [
    (
        "rabbitmq/hello",
        "pause:rabbit-1,for=300ms",
        "skew:rabbit-1,by=+5ms",
    ),
    (
        "rabbitmq/two-consumers-share-the-work",
        "crash:rabbit-1,for=200ms",
        "cut:mailer-1~rabbit-1,for=100ms",
    ),
    (
        "kafka/test-topic",
        "slow:kafka-1~kafka-2,by=9ms",
        "reset:kafka-1~kafka-2",
    ),
    (
        "kafka/acks-1-loses-an-acknowledged-record",
        "pause:kafka-2,for=2s",
        "crash:kafka-3,lose=power",
    ),
];

#[test]
fn a_fork_is_the_run_that_had_it_done_from_the_start() {
    for (name, first, later) in DEEDS {
        let text = library(name);
        let untouched = straight(play(text, &[]), 97);
        let end = *untouched.keys().next_back().unwrap();
        let mut timeline = Timeline::new(play(text, &[]));
        while timeline.step(&mut ()) {}
        for before in [1, 20, end / 3, end / 2 / 64 * 64, end] {
            let before = before.max(1);
            let what = format!("{name}: {first}@s{before}");
            let act = |deed: &str, step| {
                let deed = format!("{deed}@s{step}");
                Intervention::parse(&deed).unwrap_or_else(|why| panic!("{deed}: {}", why.what))
            };
            let first = act(first, before);
            let forked = straight(play(text, &[&first]), 97);
            let mut fork = timeline.fork(before, &first);
            let forks_end = moment(fork.seek(u32::MAX));
            assert_eq!(Some(&forks_end), forked.values().next_back(), "{what}");
            assert_ne!(Some(&forks_end), untouched.values().next_back(), "{what}");
            while fork.step(&mut ()) {}
            shows(&mut fork, &forked, &what);

            let later = act(later, before + 15);
            let mut again = fork.fork(before + 15, &later);
            let twice = straight(play(text, &[&first, &later]), 97);
            shows(
                &mut again,
                &twice,
                &format!("{what}, and {}", later.print()),
            );
        }
        shows(&mut timeline, &untouched, name);
    }
}

/// The steps in which a fault struck.
#[derive(Default)]
struct Struck(Vec<u32>);

impl Sink<Cast> for Struck {
    fn event(&mut self, event: &Event<'_, Cast>) {
        if let What::Faulted { .. } = event.what {
            self.0.push(event.id.step);
        }
    }
}

/// What is due at the very moment of the step before still comes first.
#[test]
fn what_is_put_before_a_step_strikes_before_time_goes_on() {
    let text = library("rabbitmq/hello");
    let mut times = vec![0];
    let (mut untouched, mut desk) = (play(text, &[]), Desk::default());
    while untouched.step(&mut desk, &mut ()) {
        times.push(untouched.stage().now());
    }
    let mut timeline = Timeline::new(play(text, &[]));
    let mut exact = 0;
    for step in 1..times.len() {
        let deed = format!("skew:rabbit-1,by=+5ms@s{step}");
        let act = Intervention::parse(&deed).unwrap_or_else(|why| panic!("{}", why.what));
        let before = step as u32;
        let (mut fork, mut struck) = (timeline.fork(before, &act), Struck::default());
        while fork.step(&mut struck) {}
        let later = times[step..].iter().position(|at| *at > times[step - 1]);
        let waits = later.unwrap_or(times.len() - step) as u32;
        assert_eq!(struck.0, [before + waits], "before step {step}");
        exact += u32::from(waits == 0);
    }
    assert!(exact > 20, "only {exact} steps come alone");
}

#[test]
fn another_seed_is_another_run() {
    let read = scenario::read(library("rabbitmq/two-consumers-share-the-work")).unwrap();
    let digests = |seed| {
        let mut play = Play::of(&read, seed, &[]).unwrap_or_else(|why| panic!("{why:?}"));
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut ()) {}
        (play.digests().behaviour(), play.digests().whole())
    };
    let (one, other) = (digests(1), digests(2));
    assert_ne!(one.0, other.0, "the behaviour");
    assert_ne!(one.1, other.1, "the whole trace");
    assert_ne!(one.0, one.1);
}

#[test]
fn a_run_that_is_long_enough_for_keyframes_to_be_thinned_out_is_shown_as_it_was() {
    let text = r#"{
        "title": {"en": "Long", "zh": "长"}, "seed": 3, "until": "60s",
        "world": {"rabbitmq": {"nodes": 1, "definitions": {"queues": [{"name": "q", "durable": false}]}}},
        "clients": [
            {"name": "shop", "is": "rabbitmq.publisher", "routing_key": "q", "send": {"every": "8ms", "count": 7000}},
            {"name": "till", "is": "rabbitmq.consumer", "queue": "q"}
        ]
    }"#;
    let mut timeline = Timeline::new(play(text, &[]));
    while timeline.step(&mut ()) {}
    let moments = straight(play(text, &[]), 1543);
    let end = *moments.keys().next_back().unwrap();
    assert!(
        end > 25_000,
        "only {end} steps: no keyframe was thinned out"
    );
    shows(&mut timeline, &moments, "long");
}
