//! A whole scenario at once: what shows that wasm and native tell the same run.

use glassmq_sim::cast::Cast;
use glassmq_sim::event::{Event, Sink};
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::scenario::problem::Problem;
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

/// Plays a scenario, given as its text, to its end under its own seed. What comes back is JSON:
/// how many steps there were, and the digests of the behaviour and of the whole trace, in
/// hexadecimal: a number of 64 bits is more than JSON holds.
///
/// # Errors
/// What is wrong with the scenario, one problem on each line.
#[wasm_bindgen]
pub fn play(scenario_json: &str) -> Result<String, String> {
    let scenario = scenario::read(scenario_json).map_err(|it| lines(&it))?;
    let mut play = Play::of(&scenario, scenario.seed, &[]).map_err(|it| lines(&it))?;
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut Nobody) {}
    let digests = play.digests();
    let result = json!({
        "steps": play.stage().steps(),
        "behaviour": format!("{:016x}", digests.behaviour()),
        "trace": format!("{:016x}", digests.whole()),
    });
    Ok(result.to_string())
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// An audience that looks away: the play keeps its digests itself.
struct Nobody;

impl Sink<Cast> for Nobody {
    fn event(&mut self, _: &Event<'_, Cast>) {}
}
