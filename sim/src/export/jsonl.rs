//! JSON lines: a header, then every event in its public form, one on each line.

use serde_json::{Value, json};

use crate::play::names::Names;
use crate::scenario::Scenario;
use crate::scenario::form::{Form, Word};
use crate::scenario::intervention::Intervention;
use crate::scenario::run::Engine;

/// The first line: all that the run is a function of, who took part in the order of their
/// numbers, and the wall clock at time 0.
#[must_use]
pub fn header(scenario: &Scenario, seed: u64, done: &[Intervention], names: &Names) -> Value {
    let named: Vec<&str> = names.nodes().map(|node| names.of(node)).collect();
    let done: Vec<String> = done.iter().map(Word::print).collect();
    json!({
        "engine": Engine::this().print(),
        "seed": seed,
        "epoch": scenario.world.epoch.print(),
        "names": named,
        "interventions": done,
        "scenario": scenario.write(),
    })
}
