//! A run is the same everywhere: the native half. `tests/parity/parity.test.mjs` holds the wasm
//! module against the same goldens, and every scenario of the library against what is noted here;
//! `cargo xtask test` runs both.

use std::io::Write as _;
use std::path::Path;

use glassmq_web::Session;
use serde_json::{Map, Value};

use crate::scenario::{SCENARIOS, short_name};

#[test]
fn native_runs_reach_the_golden_digests() {
    let goldens: Value = serde_json::from_str(include_str!("parity/goldens.json")).unwrap();
    let runs = goldens.as_array().unwrap();
    assert!(!runs.is_empty());
    for run in runs {
        let mut session = Session::new(run["scenario"].as_str().unwrap().into());
        for _ in 0..run["steps"].as_u64().unwrap() {
            session.step();
        }
        assert_eq!(
            session.digest(),
            run["digest"].as_str().unwrap(),
            "another digest than tests/parity/goldens.json has: {}",
            run["name"]
        );
    }
    if std::env::var_os("GLASSMQ_PARITY").is_none() {
        // Not by eprintln!, which the test runner would keep to itself.
        writeln!(
            std::io::stderr(),
            "note: wasm parity was not checked; `cargo xtask test` does"
        )
        .unwrap();
    }
}

/// Notes how every scenario goes natively, or why it is refused, in a file that the wasm half reads.
#[test]
fn every_scenario_is_noted_for_wasm_to_repeat() {
    let mut runs = Map::new();
    for (path, text) in SCENARIOS.iter() {
        let run = match glassmq_web::parity::play(text) {
            Ok(run) => serde_json::from_str(&run).unwrap(),
            Err(why) => Value::String(why),
        };
        runs.insert(short_name(path), run);
    }
    assert!(runs.values().any(Value::is_object), "{runs:?}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parity.json");
    std::fs::write(file, Value::Object(runs).to_string()).unwrap();
}
