//! A run: a scenario, its seed, and what a person did. As a run file, and (in [`link`]) as a link.
//!
//! [`link`]: super::link

use glassmq_core::fingerprint::Digest;

use super::Scenario;
use super::form::{Form, Word, Wrong, spelt_as_word};
use super::intervention::Intervention;
use super::json;
use super::problem::{Problem, Problems};
use super::record::{Choice, Fields, Record};

/// All that a run is a function of, and how it ended for whoever shared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The version of GlassMQ that it was made with: `0.1`.
    pub engine: Engine,
    /// Its scenario.
    pub of: Source,
    /// The seed, where it is not the scenario's own.
    pub seed: Option<u64>,
    /// What a person did, in the order of the run.
    pub interventions: Vec<Intervention>,
    /// The digest of its end.
    pub end: Option<End>,
}

/// Where the scenario of a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the library of scenarios.
    Named(Named),
    /// Here.
    Own(Box<Scenario>),
}

/// A scenario of the library: `kafka/acks-1@1a2b3c4d`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its file under `scenarios/`, without `.json`.
    pub name: String,
    /// The digest of its content, by which a changed one is recognised.
    pub content: u32,
}

/// Major and minor version: a run of another engine may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The first number.
    pub major: u32,
    /// The second.
    pub minor: u32,
}

/// The digest of the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End(pub u64);

spelt_as_word!(Named Engine End);

impl Engine {
    /// This one.
    #[must_use]
    pub fn this() -> Engine {
        Engine::parse(env!("CARGO_PKG_VERSION")).expect("a package has a version")
    }
}

impl Named {
    /// A scenario of the library, as it is now.
    #[must_use]
    pub fn of(name: &str, scenario: &Scenario) -> Named {
        Named {
            name: name.to_string(),
            content: content(scenario),
        }
    }
}

/// The digest of what a scenario says; how its file is laid out does not matter.
#[must_use]
pub fn content(scenario: &Scenario) -> u32 {
    let digest = Digest::of(&scenario.write().to_string());
    (digest >> 32) as u32
}

impl Run {
    /// A scenario of one's own, run as it stands.
    #[must_use]
    pub fn own(scenario: Scenario) -> Run {
        Run {
            of: Source::Own(Box::new(scenario)),
            ..Run::default()
        }
    }

    /// What to tell people when another engine made it.
    #[must_use]
    pub fn other_engine(&self) -> Option<String> {
        let this = Engine::this();
        (self.engine != this).then(|| {
            format!(
                "this run was made with GlassMQ {}, this is {}: it may differ from the one shared",
                self.engine.print(),
                this.print()
            )
        })
    }

    /// Reads what a file holds: a scenario or a run file.
    pub fn open(text: &str) -> Result<Run, Vec<Problem>> {
        match json::parse(text)?.get("engine") {
            Some(_) => Run::read(text),
            None => super::read(text).map(Run::own),
        }
    }

    /// Reads a run file.
    pub fn read(text: &str) -> Result<Run, Vec<Problem>> {
        let node = json::parse(text)?;
        let mut problems = Problems::default();
        let run = <Run as Form>::read(&node, &mut problems);
        if let (Some(run), true) = (&run, problems.none())
            && let Source::Own(scenario) = &run.of
            && let Some(node) = node.get("scenario")
        {
            super::check::check(scenario, node, &mut problems);
        }
        match run {
            Some(run) if problems.none() => Ok(run),
            _ => Err(problems.list(text)),
        }
    }

    /// Writes a run file. Reading it gives an equal run.
    #[must_use]
    pub fn write(&self) -> String {
        json::pretty(&Form::write(self))
    }
}

impl Default for Run {
    fn default() -> Self {
        Run {
            engine: Engine::this(),
            of: Source::Named(Named::default()),
            seed: None,
            interventions: Vec::new(),
            end: None,
        }
    }
}

impl Record for Run {
    const NAME: &'static str = "run";
    const ABOUT: &'static str = "A scenario, its seed, and what a person did.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need(
            "engine",
            "The version of GlassMQ that it was made with.",
            &mut self.engine,
        );
        f.by_key(&mut self.of);
        f.may(
            "seed",
            "The seed, where it is not the scenario's own.",
            &mut self.seed,
        );
        f.may(
            "interventions",
            "What a person did, in the order of the run.",
            &mut self.interventions,
        );
        f.may("end", "The digest of its end.", &mut self.end);
    }
}

impl Choice for Source {
    const NAME: &'static str = "source";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        vec![
            (
                "from",
                "A scenario of the library.",
                Source::Named(Named::default()),
            ),
            (
                "scenario",
                "A scenario of one's own.",
                Source::Own(Box::default()),
            ),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Source::Named(_) => "from",
            Source::Own(_) => "scenario",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Source::Named(named) => {
                f.need("from", "Its name and the digest of its content.", named)
            }
            Source::Own(scenario) => f.need("scenario", "The scenario.", &mut **scenario),
        }
    }
}

impl Word for Named {
    const NAME: &'static str = "scenario of the library";
    const ABOUT: &'static str = "A file under scenarios/ without .json, @, and eight hexadecimal \
        digits of its content.";
    const EXAMPLES: &'static [&'static str] = &["kafka/acks-all-keeps-it@1a2b3c4d"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let legal = |part: &str| {
            let mut chars = part.chars();
            !part.starts_with('.')
                && !part.is_empty()
                && chars.all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        let named = text.rsplit_once('@').and_then(|(name, content)| {
            let content = hexadecimal(content, 8)?;
            let name = name.split('/').all(legal).then(|| name.to_string())?;
            Some(Named {
                name,
                content: u32::try_from(content).ok()?,
            })
        });
        named.ok_or_else(|| {
            let remedy = format!("write it as in {:?}", Self::EXAMPLES[0]);
            Wrong::new(format!("{text:?} is not a scenario of the library"), remedy)
        })
    }

    fn print(&self) -> String {
        format!("{}@{:08x}", self.name, self.content)
    }
}

impl Word for Engine {
    const NAME: &'static str = "version";
    const ABOUT: &'static str = "A version of GlassMQ: two numbers.";
    const EXAMPLES: &'static [&'static str] = &["0.1"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let mut numbers = text.split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok(Engine { major, minor }),
            _ => Err(Wrong::new(
                format!("{text:?} is not a version"),
                "write two numbers, such as \"0.1\"",
            )),
        }
    }

    fn print(&self) -> String {
        format!("{}.{}", self.major, self.minor)
    }
}

impl Word for End {
    const NAME: &'static str = "digest";
    const ABOUT: &'static str = "The digest of the end of a run: sixteen hexadecimal digits.";
    const EXAMPLES: &'static [&'static str] = &["0123456789abcdef"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let digest = hexadecimal(text, 16).map(End);
        digest.ok_or_else(|| {
            Wrong::new(
                format!("{text:?} is not a digest"),
                "write sixteen digits (0-9, a-f)",
            )
        })
    }

    fn print(&self) -> String {
        format!("{:016x}", self.0)
    }
}

fn hexadecimal(text: &str, digits: usize) -> Option<u64> {
    let plain = text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u64::from_str_radix(text, 16).ok())?
}
