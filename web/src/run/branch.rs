//! One run: as the scenario has it, or a fork of another.

use glassmq_sim::check::Verdict;
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario::client::Kind;
use glassmq_sim::scenario::intervention::Intervention;
use glassmq_sim::scenario::problem::Problem;
use glassmq_sim::scenario::{Scenario, expect::Claim};
use glassmq_sim::timeline::Timeline;
use serde_json::{Value, json};

use super::found::found_says;
use super::frame::frame;
use super::lesson::Teacher;
use super::lines::{Line, Teller, Told};
use super::metrics::Meter;
use super::story::Story;
use super::things::{Life, Things};
use super::words::Language;

/// How far a whole run was played, in millionths.
const MILLION: u64 = 1_000_000;

/// A run that can be looked at anywhere, as far as it was played.
#[derive(Debug)]
pub struct Branch {
    /// Names it among its forks; `run` is the one that was opened.
    pub id: String,
    /// What is different in it, in each language: `crash kafka-1`.
    pub name: [String; 2],
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
    told: Told,
    /// What goes on to the end of the run; nothing, once it is whole.
    front: Option<(Play, Desk)>,
    /// Events whose records nobody has looked at yet.
    unseen: u32,
}

impl Branch {
    /// Before the first step of a scenario.
    ///
    /// # Errors
    /// What of it no machine here can do, a line each.
    pub fn new(
        id: String,
        name: [String; 2],
        scenario: Scenario,
        seed: u64,
        done: Vec<Intervention>,
    ) -> Result<Branch, String> {
        let play = Play::of(&scenario, seed, &done).map_err(|it| lines(&it))?;
        let mut story = Story::new(play.names().clone());
        story.things.declare(&scenario.clients, &story.names);
        let teacher = Teacher::new(&scenario);
        story.watch(teacher.waits());
        Ok(Branch {
            id,
            name,
            scenario,
            seed,
            done,
            left: 0,
            meter: Meter::new(play.until()),
            timeline: Timeline::new(play.clone()),
            story,
            teacher,
            told: Told::default(),
            front: Some((play, Desk::default())),
            unseen: 0,
        })
    }

    /// Plays on until there is an event with this number, or to the end. False at the end.
    pub fn play_on(&mut self, until: u32) -> bool {
        let Some((play, desk)) = &mut self.front else {
            return false;
        };
        let before = self.story.total();
        self.told.go_on(before);
        while self.story.total() < until {
            if !play.step(desk, &mut self.story) {
                self.story.watch(false);
                self.story.things.look(play, u32::MAX);
                self.story.close(play);
                self.front = None;
                return false;
            }
            self.timeline.note(play);
            if self.teacher.waits() {
                self.teacher.see(&self.story.take_seen(), play);
            }
            self.meter
                .see(play, self.story.total(), self.story.received);
        }
        self.unseen += self.story.total() - before;
        true
    }

    /// Before something is shown of a run that goes on: the keys of its new records.
    pub fn catch_up(&mut self) {
        let unseen = std::mem::take(&mut self.unseen);
        if let Some((play, _)) = self.front.as_ref().filter(|_| unseen > 0) {
            self.story.things.look(play, unseen);
        }
    }

    /// Plays on until there is an event `n`; the last one, if there are not so many.
    pub fn reach(&mut self, n: u32) -> u32 {
        self.play_on(n);
        self.catch_up();
        n.min(self.story.total())
    }

    /// Whether it was played to its end.
    pub fn is_whole(&self) -> bool {
        self.front.is_none()
    }

    /// How far it was played, in millionths of its time; a whole run is at a million.
    pub fn played(&self) -> u64 {
        match &self.front {
            None => MILLION,
            Some((play, _)) => play.stage().now() * MILLION / play.until().max(1),
        }
    }

    /// What became of the checks so far; at the end of the run that is the last word.
    pub fn verdicts(&self) -> Vec<Verdict> {
        match &self.front {
            None => self.story.verdicts.clone(),
            Some((play, _)) => play.panel().verdicts(),
        }
    }

    /// All things that were met so far.
    pub fn things(&self) -> Things {
        let mut things = self.story.things.clone();
        if let Some((play, _)) = &self.front {
            things.close(play);
        }
        things
    }

    /// Events in words, from one to another, both included; event 0, before the first, has none.
    pub fn lines(&mut self, from: u32, to: u32, language: Language) -> Vec<Line> {
        let (from, to) = (from.max(1), to.min(self.story.total()));
        if from > to {
            return Vec::new();
        }
        self.lines_by(from, to, u32::MAX, language)
    }

    /// The same; on the way a keyframe is left at a step.
    fn lines_by(&mut self, from: u32, to: u32, at: u32, language: Language) -> Vec<Line> {
        let (first, last) = (self.story.step_of(from), self.story.step_of(to));
        self.timeline.seek(first - 1);
        let peers = self.timeline.here().peers().clone();
        let mut teller = Teller::new(&self.story, peers, language, from, to);
        while self.timeline.here().stage().steps() < last && self.timeline.step(&mut teller) {
            if self.timeline.here().stage().steps() == at {
                self.timeline.mark();
            }
        }
        teller.lines
    }

    /// Sees to it that events are told, on the way to the one that is looked at.
    fn tell(&mut self, from: u32, to: u32, n: u32, language: Language) {
        let total = self.story.total();
        if let Some((from, to)) = self.told.missing(from.max(1), to.min(total), language) {
            let to = to.min(total);
            let at = self.story.step_of(n);
            let lines = self.lines_by(from, to, at, language);
            self.told.keep(lines, n, language);
        }
    }

    /// The state after event `n`, and the story around it: `Moment` of `protocol.ts`.
    pub fn moment(&mut self, n: u32, before: u32, after: u32, language: Language) -> Value {
        let n = self.reach(n);
        let (from, to) = (n.saturating_sub(before), n.saturating_add(after));
        self.tell(from, to, n, language);
        let start = (from == 0).then(|| nothing_yet(language));
        let told = self.told.lines(from, to, language);
        let told = told.map(|line| line.json(language));
        let events: Vec<Value> = start.into_iter().chain(told).collect();
        json!({"shown": self.shown(n, language), "events": events})
    }

    /// The state after event `n`, with its sentence and the programs. 0 is before the first.
    pub fn shown(&mut self, n: u32, language: Language) -> Value {
        let n = self.reach(n);
        let known = self.told.line(n, language).cloned();
        let line = known.or_else(|| self.lines(n, n, language).pop());
        self.timeline.seek(self.story.step_of(n));
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
    pub fn checks(&self, language: Language) -> Vec<Value> {
        let expected = |name: &str| {
            let mut all = self.scenario.expect.iter();
            all.find_map(|expectation| match &expectation.0 {
                Claim::Check { check, holds } if check.name() == name => Some(*holds),
                _ => None,
            })
        };
        let whole = self.front.is_none();
        let mut checks: Vec<(bool, Value)> = self
            .verdicts()
            .iter()
            .map(|verdict| {
                let name = verdict.check.name();
                let mut check = match &verdict.violation {
                    None if !whole => json!({"name": name, "is": "not reached"}),
                    None => json!({"name": name, "is": "holds"}),
                    Some(found) => json!({
                        "name": name,
                        "is": "breaks",
                        "at": self.story.first_from(found.at),
                        "text": name,
                        "found": found_says(verdict.check, found, &self.story, language),
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
