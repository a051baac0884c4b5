//! Runs as the player sees them: the story, the things, and the state at any event, of a run and
//! of all its forks.
//!
//! The shapes are those of `web/ui/src/engine/protocol.ts`. An event of the player is one that a
//! person would tell; the state of an event is that after its step.

mod branch;
mod change;
mod cones;
mod cures;
mod find;
mod found;
mod frame;
mod history;
mod inspect;
mod lesson;
mod lines;
mod link;
mod metrics;
mod story;
mod things;
mod told;
mod topology;
mod why;
mod words;

#[cfg(test)]
mod tests;

use glassmq_sim::scenario::intervention::{Before, Intervention};
use glassmq_sim::scenario::time::Time;
use glassmq_sim::scenario::{self, Scenario};
use serde_json::{Value, json};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use branch::Branch;
use change::Change;
use things::Things;
use topology::Family;
use words::Language;

/// The run that was opened.
const BASE: &str = "run";

/// A scenario being run, with all its forks. Each is played by and by ([`Run::play_on`]), and can be
/// looked at as far as it was played. Runs are named by id; a language is `en` or `zh`; answers are
/// JSON.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Run {
    /// Its scenario's name in the library, if it has one.
    name: Option<String>,
    branches: Vec<Branch>,
    notices: Vec<Value>,
    /// How the run ended for whoever shared it.
    end: Option<u64>,
}

#[wasm_bindgen]
impl Run {
    /// Reads a scenario. `name` is its name in the library; empty, if it has none.
    ///
    /// # Errors
    /// All that is wrong with it: a line each, with place and remedy.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, name: &str) -> Result<Run, JsError> {
        Run::open(text, name).map_err(|wrong| JsError::new(&wrong))
    }

    /// Reads what a link says; `text` is the scenario of the library that it names, if it does.
    ///
    /// # Errors
    /// All of the link that could not be taken, or that is wrong with the scenario, a line each.
    #[wasm_bindgen(js_name = ofLink)]
    pub fn of_link(link: &str, text: &str) -> Result<Run, JsError> {
        Run::open_link(link, text).map_err(|wrong| JsError::new(&wrong))
    }

    /// Plays a run on for so many events. False at its end.
    #[wasm_bindgen(js_name = playOn)]
    pub fn play_on(&mut self, id: &str, events: u32) -> bool {
        let branch = self.branch(id);
        branch.play_on(branch.story.total().saturating_add(events))
    }

    /// How far a run was played, in millionths of its time; a whole run is at a million.
    #[must_use]
    pub fn played(&self, id: &str) -> u32 {
        self.find(id).played() as u32
    }

    /// The number of the last event so far.
    #[must_use]
    pub fn total(&self, id: &str) -> u32 {
        self.find(id).story.total()
    }

    /// What of its link is not as whoever shared it saw it: `Notice[]` of `protocol.ts`.
    #[must_use]
    pub fn notices(&self) -> String {
        self.notices_json().to_string()
    }

    /// A run as a link: `#g1;engine=...`. It says how the run ends, which is played to there.
    ///
    /// # Errors
    /// Its scenario is too large for one.
    pub fn link(&mut self, id: &str) -> Result<String, JsError> {
        self.link_of(id).map_err(|wrong| JsError::new(&wrong))
    }

    /// What a run is, apart from where one looks: `Run` of `scene.ts`.
    pub fn about(&mut self, id: &str, language: &str) -> String {
        self.branch(id).catch_up();
        self.about_json(id, words::language(language)).to_string()
    }

    /// The state after event `n`: `Shown` of `protocol.ts`. 0 is before the first.
    pub fn shown(&mut self, id: &str, n: u32, language: &str) -> String {
        self.branch(id)
            .shown(n, words::language(language))
            .to_string()
    }

    /// The state after event `n`, and the story from so many events before it to so many after
    /// it: `Moment` of `protocol.ts`.
    pub fn moment(&mut self, id: &str, n: u32, before: u32, after: u32, language: &str) -> String {
        let branch = self.branch(id);
        branch
            .moment(n, before, after, words::language(language))
            .to_string()
    }

    /// The number of the last event that is not later than a time, in microseconds. The run is
    /// played to there.
    pub fn last_until(&mut self, id: &str, at: f64) -> u32 {
        let (branch, at) = (self.branch(id), at as u64);
        let is_before = |branch: &Branch| branch.story.rows.last().is_none_or(|row| row.at <= at);
        while is_before(branch) && branch.play_on(branch.story.total() + 1) {}
        branch.story.last_until(at)
    }

    /// The part of the run around event `n`, with the folds after these events open: `Slice` of
    /// `protocol.ts`.
    pub fn history(&mut self, id: &str, n: u32, unfolded: &[u32], language: &str) -> String {
        let slice = self
            .branch(id)
            .history(n, unfolded, words::language(language));
        slice.to_string()
    }

    /// The first events, from one on, that a text is found in: `Found` of `protocol.ts`.
    pub fn search(&mut self, id: &str, text: &str, from: u32, language: &str) -> String {
        let branch = self.branch(id);
        let found = branch.search(text, from, words::language(language));
        found.to_string()
    }

    /// What led to the state of a thing at event `n`: `Causes` of `protocol.ts`, or null. An empty
    /// thing is the event itself.
    pub fn why(&mut self, id: &str, thing: &str, n: u32, language: &str) -> String {
        let why = self.branch(id).why(thing, n, words::language(language));
        json!(why).to_string()
    }

    /// What would have kept a check, or what became of a message, from breaking: `Cures` of
    /// `protocol.ts`, or null.
    #[must_use]
    pub fn cures(&self, id: &str, thing: &str) -> String {
        json!(self.find(id).cures(thing)).to_string()
    }

    /// What is known of a thing at event `n`: `Inspected` of `protocol.ts`.
    pub fn inspect(&mut self, id: &str, thing: &str, n: u32, language: &str) -> String {
        let known = self.branch(id).inspect(thing, n, words::language(language));
        known.to_string()
    }

    /// What was measured along the run: `Measured[]` of `protocol.ts`.
    pub fn metrics(&mut self, id: &str) -> String {
        self.branch(id).meter.json().to_string()
    }

    /// Makes the run as it would have been, had something changed after event `n`: `Change` of
    /// the player. It is played to where it leaves the run. Comes back with its id.
    ///
    /// # Errors
    /// Why the change makes no sense, in one line.
    pub fn fork(&mut self, id: &str, n: u32, change: &str) -> Result<String, JsError> {
        let change = serde_json::from_str(change).map_err(|wrong| wrong.to_string());
        let forked = change.and_then(|change| self.fork_by(id, n, &change));
        forked.map_err(|wrong| JsError::new(&wrong))
    }

    /// The event of a fork at which it left the run that it is a fork of.
    #[must_use]
    pub fn left(&self, id: &str) -> u32 {
        self.find(id).left
    }
}

impl Run {
    /// Reads a scenario.
    ///
    /// # Errors
    /// All that is wrong with it: a line each.
    pub fn open(text: &str, name: &str) -> Result<Run, String> {
        let scenario = scenario::read(text).map_err(|it| branch::lines(&it))?;
        let name = (!name.is_empty()).then(|| name.to_string());
        Run::of(scenario, name, None, Vec::new())
    }

    /// A scenario under its own seed or another, with what a person did.
    fn of(
        scenario: Scenario,
        name: Option<String>,
        seed: Option<u64>,
        done: Vec<Intervention>,
    ) -> Result<Run, String> {
        let seed = seed.unwrap_or(scenario.seed);
        let base = Branch::new(BASE.into(), Default::default(), scenario, seed, done)?;
        Ok(Run {
            name,
            notices: Vec::new(),
            end: None,
            branches: vec![base],
        })
    }

    fn find(&self, id: &str) -> &Branch {
        let found = self.branches.iter().find(|branch| branch.id == id);
        found.unwrap_or(&self.branches[0])
    }

    fn branch(&mut self, id: &str) -> &mut Branch {
        let found = self.branches.iter().position(|branch| branch.id == id);
        &mut self.branches[found.unwrap_or(0)]
    }

    fn fork_by(&mut self, id: &str, n: u32, change: &Change) -> Result<String, String> {
        let new_id = format!("fork-{}", self.branches.len());
        let from = self.branch(id);
        let n = from.reach(n);
        let step = from.story.step_of(n);
        let play = from.timeline.seek(step);
        let story = &from.story;
        let (scenario, seed) = (from.scenario.clone(), from.seed);
        let branch = match change {
            Change::Setting { change } => {
                // Another run from its start: places in this one mean nothing there, times do.
                let scenario = change::setting(change, &scenario)?;
                let done = from.done.iter().map(|act| timed(act, from)).collect();
                let mut branch = Branch::new(
                    new_id,
                    [change.clone(), change.clone()],
                    scenario,
                    seed,
                    done,
                )?;
                branch.play_on(1);
                branch.left = 1;
                branch
            }
            other => {
                let (what, name) = match other {
                    Change::Fault { fault, on } => {
                        let (what, name) = change::fault(*fault, on, play, story)?;
                        (Some(what), name)
                    }
                    Change::Drop { message } => {
                        let (what, name) = change::drop(message, play, story)?;
                        (Some(what), name)
                    }
                    _ => (None, [format!("from {n}"), format!("从 {n} 起")]),
                };
                let next = u64::from(play.stage().steps()) + 1;
                let (now, story) = (play.stage().now(), &from.story);
                let earlier = |act: &&Intervention| match act.before {
                    Before::Step(step) => step <= next,
                    Before::Time(at) => at.0 <= now,
                };
                let mut done: Vec<Intervention> =
                    from.done.iter().filter(earlier).cloned().collect();
                done.extend(what.map(|what| Intervention {
                    what,
                    lasting: None,
                    before: Before::Step(next),
                }));
                let left = story
                    .rows
                    .partition_point(|row| u64::from(row.id.step) < next)
                    as u32
                    + 1;
                let mut branch = Branch::new(new_id, name, scenario, seed, done)?;
                branch.play_on(left);
                branch.left = left.min(branch.story.total());
                branch
            }
        };
        let id = branch.id.clone();
        self.branches.push(branch);
        Ok(id)
    }

    fn about_json(&self, id: &str, language: Language) -> Value {
        let branch = self.find(id);
        let (story, scenario) = (&branch.story, &branch.scenario);
        let family = family(scenario);
        let title = |text: &scenario::text::Text| match language {
            Language::Zh if !text.zh.is_empty() => text.zh.clone(),
            _ => text.en.clone(),
        };
        // Where things are does not change when another run of them is made.
        let mut things = Things::default();
        for branch in &self.branches {
            things.join(&branch.things());
        }
        let columns: Vec<String> = things.columns(&story.names);
        let flags = story.flags.iter();
        let flags: Vec<Value> = flags
            .map(|(n, says)| json!({"n": n, "text": says[language as usize]}))
            .collect();
        json!({
            "title": title(&scenario.title),
            "about": scenario.about.as_ref().map(title),
            "source": scenario_text(scenario),
            "family": family.word(),
            "topology": topology::topology(family, &things, &story.names),
            "total": story.total(),
            "played": branch.played(),
            "quiet": story.quiet,
            "end": story.rows.last().map(|row| row.at),
            "interesting": story.numbers(|row| row.weight == told::Weight::Key),
            "hops": story.numbers(|row| row.hop),
            "flags": flags,
            "checks": branch.checks(language),
            "forks": self.forks(id, language),
            "columns": columns,
        })
    }

    /// The other runs: `Fork[]` of `scene.ts`.
    fn forks(&self, id: &str, language: Language) -> Vec<Value> {
        let here = self.find(id).left;
        let others = self.branches.iter().filter(|branch| branch.id != id);
        others
            .map(|branch| {
                let verdicts = branch.verdicts();
                let mut verdicts = verdicts.iter();
                let broken = verdicts.find(|verdict| verdict.violation.is_some());
                let outcome = match (branch.story.lost, broken, language) {
                    (0, None, Language::En) if !branch.is_whole() => "still running".to_string(),
                    (0, None, Language::Zh) if !branch.is_whole() => "仍在运行".to_string(),
                    (0, None, Language::En) => "nothing lost".to_string(),
                    (0, None, Language::Zh) => "无丢失".to_string(),
                    (0, Some(verdict), _) => verdict.check.name().to_string(),
                    (n, _, Language::En) => format!("{n} lost"),
                    (n, _, Language::Zh) => format!("丢失 {n} 条"),
                };
                let name = match (branch.id == BASE, language) {
                    (false, _) => branch.name[language as usize].clone(),
                    (true, Language::En) => "original".to_string(),
                    (true, Language::Zh) => "原始运行".to_string(),
                };
                // Both left the run that was opened: they are alike until the first of them did.
                let at = match (branch.id == BASE, here == 0) {
                    (true, _) => here,
                    (false, true) => branch.left,
                    (false, false) => branch.left.min(here),
                };
                json!({
                    "id": branch.id,
                    "name": name,
                    "at": at,
                    "end": branch.story.total(),
                    "outcome": outcome,
                    "bad": broken.is_some(),
                })
            })
            .collect()
    }
}

fn family(scenario: &Scenario) -> Family {
    match scenario.world.kafka {
        Some(_) => Family::Kafka,
        None => Family::Rabbitmq,
    }
}

/// An intervention by its time in place of its step.
fn timed(act: &Intervention, of: &Branch) -> Intervention {
    let before = match act.before {
        Before::Time(_) => act.before,
        Before::Step(step) => {
            let rows = &of.story.rows;
            let at = rows.partition_point(|row| u64::from(row.id.step) < step);
            let row = rows.get(at).or(rows.last());
            Before::Time(Time(row.map_or(0, |row| row.at)))
        }
    };
    Intervention {
        before,
        ..act.clone()
    }
}

fn scenario_text(scenario: &Scenario) -> String {
    use scenario::form::Form as _;
    scenario::json::pretty(&scenario.write())
}
