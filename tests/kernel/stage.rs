//! The world that a script plays in.

use std::fmt::Write as _;

use glassmq_core::names::NodeId;
use glassmq_core::time::Span;
use glassmq_sim::NetworkPace;
use glassmq_sim::bites::Bites;
use glassmq_sim::disk::DiskPace;
use glassmq_sim::event::{Event, EventId, Sink};
use glassmq_sim::process::ServicePace;
use glassmq_sim::toy::{Pull, Puppet};
use glassmq_sim::world::{Scratch, Spec, World};

use super::command::{Answer, FAULTS, Words, number, span, time};
use super::story;

/// A world of puppets, and what is told of it.
pub struct Stage {
    world: World<Puppet>,
    scratch: Scratch<Puppet>,
    names: Vec<String>,
    follower: Follower,
}

/// Writes the story down, and follows which faults have bitten.
#[derive(Default)]
struct Follower {
    names: Vec<String>,
    story: String,
    bites: Bites,
}

impl Sink<Puppet> for Follower {
    fn event(&mut self, event: &Event<'_, Puppet>) {
        self.bites.event(event);
        if let Some(line) = story::line(event, &self.names) {
            self.story += &line;
            self.story.push('\n');
        }
    }
}

impl Default for Stage {
    fn default() -> Self {
        Stage::new(7, pace())
    }
}

/// Frames take 1 ms, so that every time in a story can be told in advance.
fn pace() -> NetworkPace {
    NetworkPace {
        latency: Span::ms(1),
        ..NetworkPace::default()
    }
}

impl Stage {
    fn new(seed: u64, pace: NetworkPace) -> Self {
        Stage {
            world: World::new(seed, 0, pace),
            scratch: Scratch::default(),
            names: Vec::new(),
            follower: Follower::default(),
        }
    }

    /// What happened since it was asked last.
    pub fn take_story(&mut self) -> String {
        std::mem::take(&mut self.follower.story)
    }

    /// The digest of the world.
    pub fn digest(&self) -> u64 {
        self.world.digest()
    }

    /// Does what a line says.
    pub fn run(&mut self, line: &str) -> Answer<()> {
        let names = self.names.clone();
        let mut words = Words::new(line, &names);
        let mut word = words.next()?;
        let mut at = self.world.now();
        if word == "at" {
            at = time(words.next()?)?;
            word = words.next()?;
        }
        match word {
            "new" => *self = new(&mut words)?,
            "node" => self.add(&mut words)?,
            "run" => {
                let until = self.world.now() + time(words.next()?)?;
                self.run_until(until);
            }
            "bites" => self.tell_bites(),
            "backlog" => {
                let node = words.node()?;
                let backlog = self.world.node(node).backlog();
                self.say(&format!(
                    "{} inputs wait for {}",
                    backlog, names[node.0 as usize]
                ));
            }
            "links" => self.say(&format!("{} connections", self.world.links().count())),
            "all" => {
                let (node, line) = (words.node()?, words.rest().collect::<Vec<_>>().join(" "));
                let pulls = line
                    .split(" + ")
                    .map(|part| Words::new(part, &names).pull());
                let pulls = Pull::All(pulls.collect::<Answer<_>>()?);
                self.world.order(at, node, pulls, EventId::ROOT);
            }
            fault if FAULTS.contains(&fault) => {
                self.world.fault(at, words.fault(fault)?, EventId::ROOT);
            }
            _ => {
                let node = words.node()?;
                let line = format!("{word} {}", words.rest().collect::<Vec<_>>().join(" "));
                let pull = Words::new(&line, &names).pull()?;
                self.world.order(at, node, pull, EventId::ROOT);
            }
        }
        match words.rest().next() {
            Some(word) => Err(format!("what is `{word}`?")),
            None => Ok(()),
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.follower.story, "{line}").expect("a text takes it");
    }

    fn add(&mut self, words: &mut Words<'_>) -> Answer<()> {
        let spans = |word: Option<&str>| word.map_or(Ok(Span::ZERO), span);
        let times = |word: Option<&str>| word.map_or(Ok(0), time);
        let spec = Spec {
            setup: words.option("echoes").is_some(),
            disk: DiskPace {
                sync: spans(words.option("sync"))?,
                per_kib: times(words.option("sync-kib"))?,
                writeback: words.option("writeback").map_or(Ok(Span::secs(30)), span)?,
            },
            service: ServicePace {
                each: times(words.option("service"))?,
                per_kib: times(words.option("service-kib"))?,
            },
            starts: times(words.option("starts"))?,
            name: words.next()?.into(),
        };
        self.names.push(spec.name.to_string());
        self.follower.names.clone_from(&self.names);
        self.world.add(spec);
        Ok(())
    }

    /// Runs, and checks on the way that a copy of the world goes on as the world does.
    fn run_until(&mut self, until: u64) {
        let mut copy = self.world.clone();
        self.world
            .run_until(until, &mut self.scratch, &mut self.follower);
        copy.run_until(until, &mut Scratch::default(), &mut ());
        assert_eq!(
            copy.digest(),
            self.world.digest(),
            "a copy goes its own way"
        );
        assert_eq!(
            self.world.now(),
            until,
            "time passes up to there, not beyond"
        );
    }

    fn tell_bites(&mut self) {
        self.follower.bites.end(&self.world);
        for struck in self.follower.bites.struck() {
            let fault = story::fault(&struck.fault, &self.names);
            let bitten = match struck.bitten {
                Some(id) => format!("bit at {id}"),
                None => "did not bite".into(),
            };
            writeln!(self.follower.story, "{} {fault}: {bitten}", struck.id).expect("it fits");
        }
    }
}

fn new(words: &mut Words<'_>) -> Answer<Stage> {
    let seed = words.option("seed").map_or(Ok(7), number)?;
    let mut pace = pace();
    if let Some(latency) = words.option("latency") {
        pace.latency = span(latency)?;
    }
    if let Some(bandwidth) = words.option("bandwidth") {
        pace.bandwidth = Some(number(bandwidth)?);
    }
    if let Some(buffer) = words.option("buffer") {
        pace.buffer = number(buffer)?;
    }
    if let Some(give_up) = words.option("give-up") {
        pace.give_up = time(give_up)?;
    }
    if let Some(give_up) = words.option("connect-give-up") {
        pace.connect_give_up = time(give_up)?;
    }
    Ok(Stage::new(seed, pace))
}

/// The name of a node.
pub fn name(names: &[String], node: NodeId) -> &str {
    &names[node.0 as usize]
}
