//! Going anywhere in a run, and forking it there: what is shown is what was, and a fork is the run
//! that had it done from the start.

use std::collections::BTreeMap;

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
