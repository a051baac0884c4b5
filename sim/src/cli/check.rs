//! `glassmq check`: runs scenarios and judges what they expect; or reads them only.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde_json::{Value, json};

use super::input::{Input, Refused};
use super::ready::differs;
use super::stop::Stop;
use super::{BAD_INPUT, OK, Streams, VERDICT, input, junit};
use crate::judge::{self, Judged};

/// Check scenarios, run files and links.
#[derive(Args)]
pub struct Check {
    /// Read them, without running them.
    #[arg(long)]
    syntax: bool,
    /// Write a report in JUnit's XML to this file too.
    #[arg(long, value_name = "XML")]
    junit: Option<PathBuf>,
    /// Scenarios, run files, or links in quotes.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

/// What became of a file.
pub struct Case {
    /// As it was given.
    pub file: String,
    /// What one should know before relying on the outcome.
    pub notes: Vec<String>,
    /// What was found.
    pub outcome: Outcome,
}

/// What was found about a file.
pub enum Outcome {
    /// It can be read, and more was not asked.
    WellFormed,
    /// Its claims, each met or not.
    Judged(Vec<Judged>),
    /// It cannot be run.
    Refused(Refused),
}

impl Check {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let mut cases = Vec::new();
        let mut code = OK;
        for file in &self.files {
            let case = self.case(file);
            code = code.max(case.code());
            if !streams.json {
                case.tell(streams)?;
            }
            cases.push(case);
        }
        if streams.json {
            let all: Vec<Value> = cases.iter().map(Case::json).collect();
            writeln!(streams.out, "{}", Value::Array(all))?;
        }
        if let Some(path) = &self.junit
            && let Err(error) = fs::write(path, junit::report(&cases))
        {
            let remedy = "check its folder and your rights";
            let path = path.display();
            writeln!(streams.err, "{path}: cannot be written: {error}; {remedy}")?;
            code = BAD_INPUT;
        }
        Ok(code)
    }

    fn case(&self, file: &str) -> Case {
        let mut notes = Vec::new();
        let outcome = input::open(file).and_then(|input| {
            notes.clone_from(&input.notes);
            match self.syntax {
                true => Ok(Outcome::WellFormed),
                false => judged(file, &input, &mut notes),
            }
        });
        Case {
            file: file.to_string(),
            notes,
            outcome: outcome.unwrap_or_else(Outcome::Refused),
        }
    }
}

fn judged(file: &str, input: &Input, notes: &mut Vec<String>) -> Result<Outcome, Refused> {
    let seed = input.run.seed.unwrap_or(input.scenario.seed);
    let judged = judge::judge(&input.scenario, seed, &input.run.interventions);
    let refused = |problems| Refused {
        name: file.to_string(),
        problems,
    };
    let judged = judged.map_err(refused)?;
    notes.extend(differs(input, seed, judged.end));
    Ok(Outcome::Judged(judged.claims))
}

impl Case {
    fn code(&self) -> u8 {
        match &self.outcome {
            Outcome::Refused(_) => BAD_INPUT,
            Outcome::Judged(claims) if claims.iter().any(|it| it.unmet.is_some()) => VERDICT,
            Outcome::Judged(_) | Outcome::WellFormed => OK,
        }
    }

    /// One line for each claim.
    fn tell(&self, streams: &mut Streams<'_>) -> io::Result<()> {
        let file = &self.file;
        let (green, red) = (AnsiColor::Green.on_default(), AnsiColor::Red.on_default());
        for note in &self.notes {
            writeln!(streams.err, "{file}: {note}")?;
        }
        match &self.outcome {
            Outcome::Refused(refused) => refused.tell(streams.err),
            Outcome::WellFormed => writeln!(streams.out, "{file}: {green}well-formed{green:#}"),
            Outcome::Judged(claims) if claims.is_empty() => {
                writeln!(streams.out, "{file}: it expects nothing")
            }
            Outcome::Judged(claims) => claims.iter().try_for_each(|it| match &it.unmet {
                None => writeln!(streams.out, "{file}: {green}met{green:#} {}", it.claim),
                Some(why) => {
                    let claim = &it.claim;
                    writeln!(streams.out, "{file}: {red}not met{red:#} {claim}: {why}")
                }
            }),
        }
    }

    /// The same for programs.
    fn json(&self) -> Value {
        let (file, notes) = (&self.file, &self.notes);
        match &self.outcome {
            Outcome::Refused(refused) => refused.json(),
            Outcome::WellFormed => json!({"file": file, "problems": [], "notes": notes}),
            Outcome::Judged(claims) => {
                let claim = |it: &Judged| json!({"claim": it.claim, "unmet": it.unmet});
                let claims: Vec<Value> = claims.iter().map(claim).collect();
                json!({"file": file, "problems": [], "notes": notes, "claims": claims})
            }
        }
    }
}
