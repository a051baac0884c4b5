//! A scenario: one JSON file that says who takes part, what they do, what goes wrong and what
//! must come out.
//!
//! The path of a file: [`json`] gives every value a place; [`form`] and [`record`] read the typed
//! values by one table of keys, which [`schema`] publishes; [`check`] looks for references that
//! cannot hold. All problems of a file are found at once, each with its place and its remedy.

pub mod chaos;
pub mod check;
pub mod client;
pub mod definitions;
pub mod expect;
pub mod explain;
pub mod fault;
pub mod form;
pub mod intervention;
pub mod json;
pub mod kafka_python;
pub mod lesson;
pub mod link;
pub mod moment;
pub mod order;
pub mod pattern;
pub mod pika;
pub mod problem;
pub mod program;
pub mod record;
pub mod run;
pub mod schema;
pub mod text;
pub mod time;
pub mod who;
pub mod world;

use self::form::{Fixed, Form, spelt_as_fixed};
use self::problem::{Problem, Problems};
use self::record::{Fields, Record};
use self::text::Text;
use self::time::Time;

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Where its schema lies, for editors; without effect.
    pub schema: Option<String>,
    /// What it shows, as a claim.
    pub title: Text,
    /// What to look at, in a few sentences.
    pub about: Option<Text>,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// When the run ends.
    pub until: Time,
    /// Its entry in the catalogue of anomalies, where it is one.
    pub catalogue: Option<Catalogue>,
    /// The brokers and what lies between and below all processes.
    pub world: world::World,
    /// The applications.
    pub clients: Vec<client::Client>,
    /// What an administrator does.
    pub orders: Vec<order::Order>,
    /// What goes wrong.
    pub faults: Vec<fault::Fault>,
    /// What goes wrong by chance.
    pub chaos: Option<chaos::Chaos>,
    /// What must come out.
    pub expect: Vec<expect::Expectation>,
    /// What a teacher adds.
    pub lesson: Option<lesson::Lesson>,
}

/// An entry of the catalogue of anomalies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Its number there: `K02`.
    pub id: String,
    /// Which of the pair this is.
    pub shows: Shows,
    /// Of a cure, where it differs from its anomaly, as JSON pointers.
    pub by: Vec<String>,
}

/// Which of a pair a scenario is: both have the same clients, seed and faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// The anomaly happens.
    #[default]
    Anomaly,
    /// The cure keeps it from happening.
    Cure,
}

spelt_as_fixed!(Shows);

/// Reads a scenario, or lists everything that is wrong with the text.
pub fn read(text: &str) -> Result<Scenario, Vec<Problem>> {
    let node = json::parse(text)?;
    let mut problems = Problems::default();
    let scenario = Scenario::read(&node, &mut problems);
    if let (Some(scenario), true) = (&scenario, problems.none()) {
        check::check(scenario, &node, &mut problems);
    }
    match scenario {
        Some(scenario) if problems.none() => Ok(scenario),
        _ => Err(problems.list(text)),
    }
}

/// Writes a scenario for people. Reading it gives an equal scenario.
#[must_use]
pub fn write(scenario: &Scenario) -> String {
    json::pretty(&scenario.write())
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario {
            schema: None,
            title: Text::default(),
            about: None,
            seed: 1,
            until: Time(30_000_000),
            catalogue: None,
            world: world::World::default(),
            clients: Vec::new(),
            orders: Vec::new(),
            faults: Vec::new(),
            chaos: None,
            expect: Vec::new(),
            lesson: None,
        }
    }
}

impl Record for Scenario {
    const NAME: &'static str = "scenario";
    const ABOUT: &'static str =
        "Who takes part, what they do, what goes wrong and what must come out.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may(
            "$schema",
            "Where the schema lies, for editors; without effect.",
            &mut self.schema,
        );
        f.need("title", "What it shows, as a claim.", &mut self.title);
        f.may(
            "about",
            "What to look at, in a few sentences.",
            &mut self.about,
        );
        f.may(
            "seed",
            "Decides everything that is left to chance.",
            &mut self.seed,
        );
        f.may("until", "When the run ends.", &mut self.until);
        f.may(
            "catalogue",
            "Its entry in the catalogue of anomalies, where it is one.",
            &mut self.catalogue,
        );
        f.need(
            "world",
            "The brokers and what lies between and below all processes.",
            &mut self.world,
        );
        f.may("clients", "The applications.", &mut self.clients);
        f.may("orders", "What an administrator does.", &mut self.orders);
        f.may("faults", "What goes wrong.", &mut self.faults);
        f.may("chaos", "What goes wrong by chance.", &mut self.chaos);
        f.may("expect", "What must come out.", &mut self.expect);
        f.may("lesson", "What a teacher adds.", &mut self.lesson);
    }
}

impl Record for Catalogue {
    const NAME: &'static str = "catalogue entry";
    const ABOUT: &'static str = "An entry of the catalogue of anomalies.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("id", "Its number there: K02.", &mut self.id);
        f.need("shows", "Which of the pair this is.", &mut self.shows);
        f.may(
            "by",
            "Of a cure, where it differs from its anomaly, as JSON pointers.",
            &mut self.by,
        );
    }
}

impl Fixed for Shows {
    const NAME: &'static str = "side of a pair";
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        ("anomaly", "The anomaly happens.", Shows::Anomaly),
        ("cure", "The cure keeps it from happening.", Shows::Cure),
    ];
}
