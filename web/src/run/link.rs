//! Runs as links, both ways.

use glassmq_sim::scenario;
use glassmq_sim::scenario::form::Word as _;
use glassmq_sim::scenario::link;
use glassmq_sim::scenario::run::{self, End, Engine, Named, Run as Shared, Source};
use serde_json::{Value, json};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Run;
use super::branch::lines;

/// The name of the scenario that a link needs from the library; empty, if it brings its own.
///
/// # Errors
/// All of the link that could not be taken, a line each.
#[wasm_bindgen(js_name = scenarioOfLink)]
pub fn scenario_of_link(link: &str) -> Result<String, JsError> {
    let shared = link::decode(link).map_err(|it| JsError::new(&lines(&it)))?;
    Ok(match shared.of {
        Source::Named(named) => named.name,
        Source::Own(_) => String::new(),
    })
}

impl Run {
    /// Reads what a link says; `text` is the scenario that it names, unless it brings its own.
    ///
    /// # Errors
    /// All of the link that could not be taken, or that is wrong with the scenario, a line each.
    pub fn open_link(link: &str, text: &str) -> Result<Run, String> {
        let shared = link::decode(link).map_err(|it| lines(&it))?;
        let mut notices = Vec::new();
        if shared.other_engine().is_some() {
            let (made, now) = (shared.engine.print(), Engine::this().print());
            notices.push(json!({"is": "engine", "made": made, "now": now}));
        }
        let (scenario, name) = match shared.of {
            Source::Own(scenario) => (*scenario, None),
            Source::Named(named) => {
                let scenario = scenario::read(text).map_err(|it| lines(&it))?;
                if run::content(&scenario) != named.content {
                    notices.push(json!({"is": "scenario", "name": named.name}));
                }
                (scenario, Some(named.name))
            }
        };
        let mut run = Run::of(scenario, name, shared.seed, shared.interventions)?;
        run.end = shared.end.map(|end| end.0);
        run.notices = notices;
        Ok(run)
    }

    /// What of the link that this run was opened by is not as whoever shared it saw it:
    /// `Notice[]` of `protocol.ts`.
    pub(super) fn notices_json(&self) -> Value {
        let base = &self.branches[0];
        let differs = |end| base.is_whole() && end != base.story.digest;
        let end = self.end.filter(|end| differs(*end));
        let end = end.map(|_| json!({"is": "end"}));
        self.notices.iter().cloned().chain(end).collect()
    }

    /// A run as a link.
    ///
    /// # Errors
    /// Its scenario is too large for one.
    pub fn link_of(&mut self, id: &str) -> Result<String, String> {
        self.branch(id).play_on(u32::MAX);
        let branch = self.find(id);
        let scenario = &branch.scenario;
        // A setting that was changed makes a scenario of one's own.
        let name = self.name.as_ref();
        let name = name.filter(|_| *scenario == self.branches[0].scenario);
        let shared = Shared {
            engine: Engine::this(),
            of: match name {
                Some(name) => Source::Named(Named::of(name, scenario)),
                None => Source::Own(Box::new(scenario.clone())),
            },
            seed: (branch.seed != scenario.seed).then_some(branch.seed),
            interventions: branch.done.clone(),
            end: Some(End(branch.story.digest)),
        };
        link::encode(&shared).map_err(|wrong| format!("{}: {}", wrong.what, wrong.remedy))
    }
}
