//! One run: as the scenario has it, or a fork of another.

use glassmq_sim::play::Play;
use glassmq_sim::scenario::client::Kind;
use glassmq_sim::scenario::intervention::Intervention;
use glassmq_sim::scenario::problem::Problem;
use glassmq_sim::scenario::{Scenario, expect::Claim};
use glassmq_sim::timeline::Timeline;
use serde_json::{Value, json};

use super::frame::frame;
use super::lesson::Teacher;
use super::lines::{Line, Teller};
use super::metrics::Meter;
use super::story::Story;
use super::things::Life;
use super::words::Language;

/// Events of the story that a page shows before the cursor.
const STORY: u32 = 24;

/// A run to its end, open to be looked at anywhere.
#[derive(Debug)]
pub struct Branch {
    /// Names it among its forks; `run` is the one that was opened.
    pub id: String,
    /// What is different in it: `crash kafka-1`.
    pub name: String,
    pub scenario: Scenario,
    pub seed: u64,
    /// What a person did.
    pub done: Vec<Intervention>,
    /// The event before which it left the run it is a fork of.
    pub left: u32,
    pub timeline: Timeline,
    pub story: Story,
    pub meter: Meter,
    teacher: Teacher,
}

impl Branch {
    /// Plays a scenario to its end.
    ///
    /// # Errors
    /// What of it no machine here can do, a line each.
    pub fn play(
        id: String,
        name: String,
        scenario: Scenario,
        seed: u64,
        done: Vec<Intervention>,
    ) -> Result<Branch, String> {
        let play = Play::of(&scenario, seed, &done).map_err(|it| lines(&it))?;
        let mut story = Story::new(play.names().clone());
        story.things.declare(&scenario.clients, &story.names);
        let mut timeline = Timeline::new(play);
        let mut meter = Meter::new(timeline.here().until());
        let mut teacher = Teacher::new(&scenario);
        story.watch(teacher.waits());
        while timeline.step(&mut story) {
            if teacher.waits() {
                teacher.see(&story.take_seen(), timeline.here());
            }
            meter.see(timeline.here(), story.total(), story.received);
        }
        story.watch(false);
        story.close(timeline.here());
        Ok(Branch {
            id,
            name,
            scenario,
            seed,
            done,
            left: 0,
            timeline,
            story,
            meter,
            teacher,
        })
    }

    /// Events in words, from one to another, both included; event 0, before the first, has none.
    pub fn lines(&mut self, from: u32, to: u32, language: Language) -> Vec<Line> {
        let (from, to) = (from.max(1), to.min(self.story.total()));
        if from > to {
            return Vec::new();
        }
        let (first, last) = (self.story.step_of(from), self.story.step_of(to));
        self.timeline.seek(first - 1);
        let peers = self.timeline.here().peers().clone();
        let mut teller = Teller::new(&self.story, peers, language, from, to);
        while self.timeline.here().stage().steps() < last && self.timeline.step(&mut teller) {}
        teller.lines
    }

    /// The story from one event to another, both included: `Event[]` of `scene.ts`.
    pub fn events(&mut self, from: u32, to: u32, language: Language) -> Vec<Value> {
        let start = (from == 0).then(|| nothing_yet(language));
        let lines = self.lines(from, to, language);
        let told = lines.iter().map(|line| line.json(language));
        start.into_iter().chain(told).collect()
    }

    /// The state after event `n`, with its sentence and the programs. 0 is before the first.
    pub fn shown(&mut self, n: u32, language: Language) -> Value {
        let n = n.min(self.story.total());
        // The story around the cursor is asked for next: going there first leaves a keyframe.
        let start = self.story.step_of(n.saturating_sub(STORY));
        self.timeline.seek(start.saturating_sub(1));
        let line = self.lines(n, n, language).pop();
        if line.is_none() {
            self.timeline.seek(0);
        }
        let play = self.timeline.here();
        let epoch = self.scenario.world.epoch.0 * 1_000_000;
        let event = line
            .as_ref()
            .map_or_else(|| nothing_yet(language), |line| line.json(language));
        json!({
            "event": event,
            "frame": frame(play, &self.story, line.as_ref(), epoch),
            "lesson": self.teacher.at(n, &self.scenario, language),
            "listings": self.listings(n, language),
        })
    }

    /// What became of the checks: those that the scenario names, then the others, all of which
    /// are always on. `Check[]` of `scene.ts`.
    pub fn checks(&self) -> Vec<Value> {
        let expected = |name: &str| {
            let mut all = self.scenario.expect.iter();
            all.find_map(|expectation| match &expectation.0 {
                Claim::Check { check, holds } if check.name() == name => Some(*holds),
                _ => None,
            })
        };
        let mut checks: Vec<(bool, Value)> = self
            .story
            .verdicts
            .iter()
            .map(|verdict| {
                let name = verdict.check.name();
                let mut check = match &verdict.violation {
                    None => json!({"name": name, "is": "holds"}),
                    Some(found) => json!({
                        "name": name,
                        "is": "breaks",
                        "at": self.story.first_from(found.at),
                        "text": name,
                        "found": found.says,
                    }),
                };
                let expects = expected(name);
                if let Some(holds) = expects {
                    check["expects"] = json!(if holds { "holds" } else { "breaks" });
                }
                (expects.is_none(), check)
            })
            .collect();
        checks.sort_by_key(|(unnamed, _)| *unnamed);
        checks.into_iter().map(|(_, check)| check).collect()
    }

    /// What a program does after event `n`, in a word.
    fn status(&self, name: &str, n: u32, language: Language) -> &'static str {
        let node = self.story.names.find(name);
        let turn = node.and_then(|node| self.story.things.last_turn(node, self.story.step_of(n)));
        match (turn.map(|turn| turn.to), language) {
            (None, Language::En) => "not started",
            (None, Language::Zh) => "未开始",
            (Some(Life::Up), Language::En) => "running",
            (Some(Life::Up), Language::Zh) => "运行中",
            (Some(Life::Down), Language::En) => "crashed",
            (Some(Life::Down), Language::Zh) => "已崩溃",
            (Some(Life::Ended), Language::En) => "ended",
            (Some(Life::Ended), Language::Zh) => "已结束",
        }
    }

    /// The programs of the run, each with the line it is at.
    fn listings(&self, n: u32, language: Language) -> Vec<Value> {
        let clients = self.scenario.clients.iter();
        let programs = clients.filter_map(|client| match &client.is {
            Kind::Program(program) => Some((&client.name, program)),
            _ => None,
        });
        programs
            .map(|(name, program)| {
                let runs = self.story.runs_of(name);
                let past = runs.iter().rev().find(|(at, _)| *at <= n);
                let current = past.map(|(_, line)| *line);
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
                    "status": self.status(name, n, language),
                    "lines": program.listing,
                    "discs": {},
                    "current": current.map(|line| [line, through(line)]),
                    "runs": lines,
                })
            })
            .collect()
    }
}

/// Event 0.
fn nothing_yet(language: Language) -> Value {
    let says = match language {
        Language::En => "Nothing has happened yet.",
        Language::Zh => "还没有发生任何事。",
    };
    json!({"n": 0, "at": 0, "says": says})
}

/// Problems, a line each.
pub fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}
