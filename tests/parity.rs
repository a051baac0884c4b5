//! A run is the same everywhere. `parity/goldens.json` holds what each scenario of the library
//! comes to under this version of the engine, and every build is held to it: debug and release
//! here, wasm under Node in `parity/parity.test.mjs` and in Chromium in `browser/parity.test.mjs`.
//! `cargo xtask test` runs them all.
//!
//! A debug build is slow: it plays a fixed sample, and the scenarios whose files changed; all of
//! them by night (`cargo xtask nightly`).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use glassmq_core::fingerprint::Digest;
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::timeline::Timeline;
use serde_json::{Map, Value, json};

use crate::scenario::{SCENARIOS, root, short_name};

/// How many scenarios a debug build plays.
const SAMPLE: usize = 12;

/// A scenario of the library: its short name, and its text.
type Named = (String, &'static str);

fn goldens_file() -> PathBuf {
    root("tests/parity/goldens.json")
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn library() -> Vec<Named> {
    let all = SCENARIOS.iter();
    all.map(|(path, text)| (short_name(path), text.as_str()))
        .collect()
}

/// The scenarios with the lowest hashes of their names: a new one displaces one at most. Those
/// that changed follow, as `cargo xtask test` names them.
fn sample() -> Vec<Named> {
    let changed = std::env::var("GLASSMQ_CHANGED").unwrap_or_default();
    let mut all = library();
    all.sort_by_key(|(name, _)| Digest::of(name));
    let places = all.into_iter().enumerate();
    places
        .filter(|(at, (name, _))| {
            *at < SAMPLE || crate::nightly() || changed.split(' ').any(|it| it == name)
        })
        .map(|(_, named)| named)
        .collect()
}

/// What a scenario comes to: steps and digests.
fn result(text: &str) -> Value {
    let told = glassmq_web::parity::play(text).expect("a scenario of the library plays");
    serde_json::from_str(&told).unwrap()
}

#[test]
fn every_scenario_comes_twice_to_what_its_golden_has() {
    let played = if cfg!(debug_assertions) && !blessing() {
        sample()
    } else {
        library()
    };
    let mut runs = BTreeMap::new();
    for (name, text) in played {
        let run = result(text);
        assert_eq!(run, result(text), "{name}: the second time");
        runs.insert(name, run);
    }
    if blessing() {
        let engine = glassmq_web::engine_version();
        let goldens = json!({"engine": engine, "runs": runs});
        let text = serde_json::to_string_pretty(&goldens).unwrap() + "\n";
        std::fs::write(goldens_file(), text).unwrap();
    }
    let goldens = goldens();
    let differ: Vec<String> = runs
        .iter()
        .filter(|(name, run)| goldens.get(*name) != Some(*run))
        .map(|(name, run)| match goldens.get(name) {
            Some(golden) => format!("{name}: {run}, not {golden}"),
            None => format!("{name}: {run}, which no golden has"),
        })
        .collect();
    assert!(
        differ.is_empty(),
        "\n{}\nThe engine plays these otherwise than tests/parity/goldens.json says. If that is \
         meant, BLESS=1 cargo test -p glassmq-tests parity:: writes what came; links that were \
         shared under this version will say that their run differs.\n",
        differ.join("\n")
    );
    if std::env::var_os("GLASSMQ_PARITY").is_none() {
        // Not by eprintln!, which the test runner would keep to itself.
        writeln!(
            std::io::stderr(),
            "note: wasm parity was not checked; `cargo xtask test` does"
        )
        .unwrap();
    }
}

/// The goldens, made by the version of the engine that this is.
fn goldens() -> Map<String, Value> {
    let text = std::fs::read_to_string(goldens_file()).unwrap();
    let goldens: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        goldens["engine"],
        glassmq_web::engine_version(),
        "tests/parity/goldens.json was made by another version: write it anew (BLESS=1)"
    );
    goldens["runs"].as_object().unwrap().clone()
}

#[test]
fn there_is_a_golden_for_every_scenario_and_no_other() {
    let names: Vec<String> = library().into_iter().map(|(name, _)| name).collect();
    let goldens: Vec<String> = goldens().keys().cloned().collect();
    assert_eq!(
        goldens, names,
        "BLESS=1 cargo test -p glassmq-tests parity::"
    );
}

/// Going back to any step shows the state that was there, though keyframes were thinned out.
#[test]
fn every_keyframe_holds_the_state_that_was_there() {
    for (name, text) in sample() {
        let scenario = scenario::read(text).unwrap();
        let mut play = Play::of(&scenario, scenario.seed, &[]).unwrap();
        let mut timeline = Timeline::new(play.clone());
        while timeline.step(&mut ()) {}
        let end = timeline.here().stage().steps();
        // Keyframes lie at multiples of powers of two: these meet them, and steps between them.
        let every = (end / 256).max(1);
        let mut states = Vec::new();
        let mut desk = Desk::default();
        loop {
            let steps = play.stage().steps();
            if steps.is_multiple_of(every) || steps.is_multiple_of(64) || steps == end {
                let verdicts = play.panel().verdicts();
                states.push((steps, play.stage().digest(), play.digests(), verdicts));
            }
            if !play.step(&mut desk, &mut ()) {
                break;
            }
        }
        for (steps, state, digests, verdicts) in states.into_iter().rev() {
            let there = timeline.seek(steps);
            assert_eq!(
                there.stage().digest(),
                state,
                "{name}: the state at step {steps}"
            );
            assert_eq!(
                there.digests(),
                digests,
                "{name}: the run up to step {steps}"
            );
            assert_eq!(
                there.panel().verdicts(),
                verdicts,
                "{name}: what the checkers had found by step {steps}"
            );
        }
    }
}
