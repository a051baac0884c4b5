//! A run as the player sees it: its story, its things, and the scene at any of its events.
//!
//! The shapes are those of `web/ui/src/scene.ts`. An event of the player is one that a person
//! would tell: a fact, a fault, or a frame that carries a message. The scene of an event is the
//! state after its step.

mod kafka;
mod rabbitmq;
mod story;
mod things;

use glassmq_sim::ledger::Bucket;
use glassmq_sim::play::Play;
use glassmq_sim::scenario::{self, Scenario};
use glassmq_sim::timeline::Timeline;
use serde_json::{Value, json};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use story::Story;

/// A scenario, run to its end and open to be looked at anywhere.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Run {
    scenario: Scenario,
    timeline: Timeline,
    story: Story,
}

#[wasm_bindgen]
impl Run {
    /// Reads a scenario and runs it to its end.
    ///
    /// # Errors
    /// All that is wrong with it: a line each, with place and remedy.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<Run, JsError> {
        Run::open(text).map_err(|wrong| JsError::new(&wrong))
    }

    /// What the run is, apart from where one looks: `Run` of `scene.ts`.
    #[must_use]
    pub fn about(&self) -> String {
        let total = self.story.lines.len();
        let numbers = |wanted: fn(&story::Line) -> bool| -> Vec<usize> {
            let lines = self.story.lines.iter().zip(1..);
            lines
                .filter(|(line, _)| wanted(line))
                .map(|(_, n)| n)
                .collect()
        };
        let flags = self.story.lines.iter().zip(1..);
        let flags = flags.filter(|(line, _)| line.fault);
        let flags: Vec<Value> = flags
            .map(|(line, n)| json!({"n": n, "text": line.flag}))
            .collect();
        json!({
            "title": self.scenario.title.en,
            "family": self.family(),
            "topology": self.topology(),
            "total": total,
            "interesting": numbers(|line| line.interesting),
            "hops": numbers(|line| line.hop),
            "flags": flags,
            "checks": self.checks(),
            "forks": [],
            "columns": self.columns(),
        })
        .to_string()
    }

    /// The state after event `n`: `Shown` of `session.ts`. 0 is before the first.
    pub fn frame(&mut self, n: u32) -> String {
        let step = match n {
            0 => 0,
            n => self
                .story
                .lines
                .get(n as usize - 1)
                .map_or(u32::MAX, |line| line.step),
        };
        self.timeline.seek(step);
        let play = self.timeline.here();
        let scene = match self.family() {
            "kafka" => kafka::scene(play, &self.story),
            _ => rabbitmq::scene(play, &self.story),
        };
        json!({
            "event": self.event(n),
            "scene": scene,
            "listings": self.listings(n),
        })
        .to_string()
    }

    /// The story from one event to another, both included: `Event[]` of `scene.ts`.
    #[must_use]
    pub fn events(&self, from: u32, to: u32) -> String {
        let last = self.story.lines.len() as u32;
        let all: Vec<Value> = (from..=to.min(last)).map(|n| self.event(n)).collect();
        Value::Array(all).to_string()
    }

    /// The digest of the whole run, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        format!("{:016x}", self.story.digest)
    }
}

impl Run {
    /// Reads a scenario and runs it to its end.
    ///
    /// # Errors
    /// All that is wrong with it: a line each.
    pub fn open(text: &str) -> Result<Run, String> {
        let lines = |problems: Vec<scenario::problem::Problem>| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            lines.join("\n")
        };
        let scenario = scenario::read(text).map_err(lines)?;
        let play = Play::of(&scenario, scenario.seed, &[]).map_err(lines)?;
        let mut story = Story::new(play.names().clone());
        let mut timeline = Timeline::new(play);
        while timeline.step(&mut story) {}
        story.close(timeline.here());
        Ok(Run {
            scenario,
            timeline,
            story,
        })
    }

    /// What became of the checks: `Check[]` of `scene.ts`.
    fn checks(&self) -> Vec<Value> {
        let verdicts = self.story.verdicts.iter();
        verdicts
            .map(|(name, violation)| match violation {
                None => json!({"name": name, "is": "holds"}),
                Some((at, says)) => {
                    let before = self.story.lines.iter().filter(|line| line.step < at.step);
                    json!({"name": name, "is": "breaks", "at": before.count() + 1, "text": says})
                }
            })
            .collect()
    }

    fn family(&self) -> &'static str {
        match self.scenario.world.kafka {
            Some(_) => "kafka",
            None => "rabbitmq",
        }
    }

    fn event(&self, n: u32) -> Value {
        let Some(line) = (n as usize)
            .checked_sub(1)
            .and_then(|at| self.story.lines.get(at))
        else {
            return json!({"n": 0, "at": 0, "says": "Nothing has happened yet."});
        };
        let mut event = json!({"n": n, "at": line.at, "says": line.says});
        if line.fault {
            event["tag"] = json!({"text": "fault", "tone": "fault"});
        }
        event
    }

    fn topology(&self) -> Value {
        match self.family() {
            "kafka" => kafka::topology(self.timeline.here(), &self.story),
            _ => rabbitmq::topology(&self.story),
        }
    }

    fn columns(&self) -> Vec<String> {
        self.story.things.columns(&self.story.names)
    }

    /// The programs of the run, each with the line it is at.
    fn listings(&self, n: u32) -> Vec<Value> {
        use glassmq_sim::scenario::client::Kind;
        let programs = self
            .scenario
            .clients
            .iter()
            .filter_map(|client| match &client.is {
                Kind::Program(program) => Some((&client.name, program)),
                _ => None,
            });
        programs
            .map(|(name, program)| {
                let runs = self.story.runs_of(name);
                let current = runs
                    .iter()
                    .rev()
                    .find(|(at, _)| *at <= n)
                    .map(|(_, line)| *line);
                let through = |line: u32| {
                    let step = program.steps.iter().find(|step| step.line.get() == line);
                    step.map_or(line, |step| step.last_line().get())
                };
                let mut lines = serde_json::Map::new();
                for (at, line) in &runs {
                    let events = lines.entry(line.to_string()).or_insert_with(|| json!([]));
                    if let Some(events) = events.as_array_mut() {
                        events.push(json!(at));
                    }
                }
                json!({
                    "file": program.file,
                    "who": name,
                    "status": if current.is_some() { "running" } else { "not started" },
                    "lines": program.listing,
                    "discs": {},
                    "current": current.map(|line| [line, through(line)]),
                    "runs": lines,
                })
            })
            .collect()
    }
}

/// The equation under the tray: every message under exactly one word.
fn ledger(play: &Play) -> Value {
    let ledger = play.panel().ledger();
    json!({"text": ledger.tray().to_string(), "closes": ledger.closes().is_ok()})
}

/// The ways out of the flow that were taken.
fn tray(play: &Play) -> Vec<Value> {
    let tray = play.panel().ledger().tray();
    let ways = [
        (Bucket::Returned, "returned"),
        (Bucket::Expired, "expired"),
        (Bucket::Dropped, "dropped"),
        (Bucket::Unroutable, "dropped"),
        (Bucket::Lost, "lost"),
    ];
    let taken = ways
        .into_iter()
        .filter(|(bucket, _)| tray.count(*bucket) > 0);
    taken
        .map(|(bucket, why)| {
            json!({"why": why, "count": tray.count(bucket), "detail": bucket.word()})
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str) -> Run {
        let file = format!("{}/../scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
        Run::open(&std::fs::read_to_string(file).expect("it is there")).expect("it runs")
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).expect("it is JSON")
    }

    #[test]
    fn hello_is_told_and_shown() {
        let mut run = run("rabbitmq/hello");
        let about = value(&run.about());
        assert_eq!(about["topology"]["queues"][0]["name"], "hello");
        assert_eq!(about["topology"]["producers"][0]["name"], "hello");
        assert_eq!(about["topology"]["consumers"][0]["name"], "printer");
        let total = about["total"].as_u64().expect("a number") as u32;
        let mut states = Vec::new();
        for n in 0..=total {
            let shown = value(&run.frame(n));
            let tokens = shown["scene"]["queues"][0]["tokens"]
                .as_array()
                .expect("a list");
            let state = tokens
                .first()
                .map_or("none", |t| t["state"].as_str().expect("a state"));
            if states.last() != Some(&state.to_string()) {
                states.push(state.to_string());
            }
        }
        assert_eq!(states, ["none", "ready", "unacked", "none"]);
    }

    #[test]
    fn going_back_shows_what_was_shown() {
        let mut run = run("kafka/acks-1-loses-an-acknowledged-record");
        let total = run.story.lines.len() as u32;
        let forth: Vec<String> = (0..=total).step_by(37).map(|n| run.frame(n)).collect();
        let mut back: Vec<String> = (0..=total)
            .step_by(37)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .map(|n| run.frame(n))
            .collect();
        back.reverse();
        assert_eq!(forth, back);
    }
}
