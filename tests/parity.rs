//! A run is the same everywhere: the native half. `tests/parity/parity.test.mjs` holds the wasm
//! module against the same goldens; `cargo xtask test` runs both.

use std::io::Write as _;

use glassmq_web::Session;
use serde_json::Value;

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
