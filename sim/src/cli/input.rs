//! What a subcommand is given: a scenario, a run file or a link, each wherever another is.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::styling::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::scenario::Scenario;
use crate::scenario::problem::{Place, Problem};
use crate::scenario::run::{self, Named, Run, Source};
use crate::scenario::{check, link};

/// What was given, ready to run.
#[derive(Debug)]
pub struct Input {
    /// What messages call it: a file's name, or `link`.
    pub name: String,
    /// The seed, what a person did, how it ended for whoever shared it.
    pub run: Run,
    /// The scenario itself, wherever it was.
    pub scenario: Scenario,
    /// What the person should know before relying on it.
    pub notes: Vec<String>,
}

/// What is wrong with an input.
#[derive(Debug)]
pub struct Refused {
    /// What was given: a file's name, or `link`.
    pub name: String,
    /// All that is wrong, in the order of the text.
    pub problems: Vec<Problem>,
}

/// Opens what was given.
pub fn open(given: &str) -> Result<Input, Refused> {
    let is_link = link::is_link(given);
    let name = if is_link { "link" } else { given };
    let refused = |problems| Refused {
        name: name.to_string(),
        problems,
    };
    let run = match is_link {
        true => link::decode(given),
        false => read_file(Path::new(given)).and_then(|text| Run::open(&text)),
    };
    let run = run.map_err(refused)?;
    let mut notes: Vec<String> = run.other_engine().into_iter().collect();
    let scenario = match &run.of {
        Source::Own(scenario) => (**scenario).clone(),
        Source::Named(named) => in_library(named, &mut notes)?,
    };
    let nobody = check::interventions(&scenario, &run.interventions);
    if !nobody.is_empty() {
        return Err(refused(nobody));
    }
    Ok(Input {
        name: name.to_string(),
        run,
        scenario,
        notes,
    })
}

/// A scenario that a link or run file names: in `scenarios/` here or in a folder above.
fn in_library(named: &Named, notes: &mut Vec<String>) -> Result<Scenario, Refused> {
    let file = PathBuf::from("scenarios").join(format!("{}.json", named.name));
    let here = std::env::current_dir().unwrap_or_default();
    let found = here
        .ancestors()
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file());
    let path = found.unwrap_or(file);
    let refused = |problems| Refused {
        name: path.display().to_string(),
        problems,
    };
    let text = read_file(&path).map_err(refused)?;
    let scenario = crate::scenario::read(&text).map_err(refused)?;
    if run::content(&scenario) != named.content {
        notes.push(format!(
            "{} has changed since this run was shared: it may differ",
            named.name
        ));
    }
    Ok(scenario)
}

fn read_file(path: &Path) -> Result<String, Vec<Problem>> {
    let problem = |what: String, remedy: &str| {
        let at = Place { line: 1, column: 1 };
        vec![Problem {
            at,
            what,
            remedy: remedy.to_string(),
        }]
    };
    let bytes = fs::read(path).map_err(|error| {
        problem(
            format!("this file cannot be read: {error}"),
            "check its name and your rights",
        )
    })?;
    String::from_utf8(bytes).map_err(|_| {
        problem(
            "this file is not UTF-8 text".to_string(),
            "save it as UTF-8",
        )
    })
}

impl Refused {
    /// One line for each problem: `file:line:column: what; remedy`.
    pub fn tell(&self, to: &mut dyn Write) -> io::Result<()> {
        let (place, what) = (Style::new().bold(), AnsiColor::Red.on_default());
        for it in &self.problems {
            let (name, at) = (&self.name, it.at);
            let (said, remedy) = (&it.what, &it.remedy);
            writeln!(
                to,
                "{place}{name}:{at}:{place:#} {what}{said}{what:#}; {remedy}"
            )?;
        }
        Ok(())
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({"file": self.name, "problems": self.problems})
    }
}
