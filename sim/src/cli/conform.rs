//! `glassmq conform`: recordings of real brokers, replayed against the core.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde::Serialize;
use serde_json::{Value, json};

use super::stop::Stop;
use super::{BAD_INPUT, OK, Streams, VERDICT};
use crate::conform::format::Format;
use crate::conform::{CaseResult, Outcome};

/// Replay recordings of real brokers, and tell every difference.
#[derive(Args)]
pub struct Conform {
    /// Recordings, or folders with recordings in them.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Count what is not modelled as a difference.
    #[arg(long)]
    strict: bool,
}

/// What became of the cases of an area.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Count {
    passed: u32,
    not_modelled: u32,
    differs: u32,
}

/// All that was replayed.
#[derive(Default)]
struct Summary {
    areas: BTreeMap<String, Count>,
    /// What the core does not have, and how many cases need it.
    lacking: BTreeMap<String, u32>,
    not_replayable: Vec<String>,
}

impl Conform {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let mut files = Vec::new();
        for path in &self.paths {
            let before = files.len();
            let found = recordings(path, &mut files).map_err(|error| error.to_string());
            let nothing = || "there is no *.json file in this folder".to_string();
            let found =
                found.and_then(|()| (files.len() > before).then_some(()).ok_or_else(nothing));
            if let Err(why) = found {
                return Ok(refuse(path, &why, streams)?);
            }
        }
        let mut summary = Summary::default();
        let mut told: Vec<Value> = Vec::new();
        for path in &files {
            let (file, format) = match read(path) {
                Ok(read) => read,
                Err(why) => return Ok(refuse(path, &why, streams)?),
            };
            let Some(results) = format.replay(&file) else {
                summary.not_replayable.push(path.display().to_string());
                continue;
            };
            for result in &results {
                summary.count(result);
                match streams.json {
                    true => told.push(plain(path, result)),
                    false => tell(path, result, streams)?,
                }
            }
        }
        if streams.json {
            let Summary {
                areas,
                not_replayable,
                ..
            } = &summary;
            let all = json!({"cases": told, "areas": areas, "not_replayable": not_replayable});
            writeln!(streams.out, "{all}")?;
        } else {
            summary.tell(streams)?;
        }
        let all = summary.all();
        let against = all.differs > 0 || (self.strict && all.not_modelled > 0);
        Ok(if against { VERDICT } else { OK })
    }
}

/// A file; of a folder, every `*.json` in it and below it, by name.
fn recordings(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        found.push(path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path)?;
    let mut inside: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    inside.sort();
    for path in inside {
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        if path.is_dir() || is_json {
            recordings(&path, found)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<(Value, Format), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let format = Format::of(&file)?;
    Ok((file, format))
}

fn refuse(path: &Path, why: &str, streams: &mut Streams<'_>) -> io::Result<u8> {
    let remedy = "give recordings, or folders with nothing else in them";
    let path = path.display().to_string();
    if streams.json {
        let refused = json!({"file": path, "problem": why, "remedy": remedy});
        writeln!(streams.out, "{refused}")?;
    } else {
        writeln!(streams.err, "{path}: {why}; {remedy}")?;
    }
    Ok(BAD_INPUT)
}

/// One line for a case that differs.
fn tell(path: &Path, result: &CaseResult, streams: &mut Streams<'_>) -> io::Result<()> {
    let Outcome::Differs {
        step,
        expected,
        got,
    } = &result.outcome
    else {
        return Ok(());
    };
    let (red, path, name) = (AnsiColor::Red.on_default(), path.display(), &result.name);
    writeln!(
        streams.out,
        "{path}: {red}{name}{red:#}, {step}: expected {expected}, got {got}"
    )
}

fn plain(path: &Path, result: &CaseResult) -> Value {
    let outcome = match &result.outcome {
        Outcome::Passed => json!("passed"),
        Outcome::NotModelled(what) => json!({"not_modelled": what}),
        Outcome::Differs {
            step,
            expected,
            got,
        } => json!({"differs": {"step": step, "expected": expected, "got": got}}),
    };
    let (file, CaseResult { name, area, .. }) = (path.display().to_string(), result);
    json!({"file": file, "case": name, "area": area, "outcome": outcome})
}

impl Summary {
    fn count(&mut self, result: &CaseResult) {
        let of_area = self.areas.entry(result.area.clone()).or_default();
        match &result.outcome {
            Outcome::Passed => of_area.passed += 1,
            Outcome::Differs { .. } => of_area.differs += 1,
            Outcome::NotModelled(what) => {
                of_area.not_modelled += 1;
                *self.lacking.entry(what.clone()).or_default() += 1;
            }
        }
    }

    fn all(&self) -> Count {
        let add = |sum: Count, one: &Count| Count {
            passed: sum.passed + one.passed,
            not_modelled: sum.not_modelled + one.not_modelled,
            differs: sum.differs + one.differs,
        };
        self.areas.values().fold(Count::default(), add)
    }

    fn tell(&self, streams: &mut Streams<'_>) -> io::Result<()> {
        let yellow = AnsiColor::Yellow.on_default();
        for (what, cases) in &self.lacking {
            let cases = match cases {
                1 => "1 case".to_string(),
                n => format!("{n} cases"),
            };
            writeln!(
                streams.out,
                "{yellow}not modelled{yellow:#}: {what} ({cases})"
            )?;
        }
        for file in &self.not_replayable {
            writeln!(streams.out, "{file}: not replayable")?;
        }
        let wide = self.areas.keys().map(String::len).max().unwrap_or(0).max(5);
        let row =
            |area: &str, [a, b, c]: [&str; 3]| format!("{area:wide$}  {a:>6}  {b:>12}  {c:>7}");
        let head = row("area", ["passed", "not modelled", "differs"]);
        writeln!(streams.out, "{head}")?;
        let total = ("total".to_string(), self.all());
        for (area, count) in self.areas.iter().chain([(&total.0, &total.1)]) {
            let numbers = [count.passed, count.not_modelled, count.differs];
            let [a, b, c] = numbers.map(|n| n.to_string());
            writeln!(streams.out, "{}", row(area, [&a, &b, &c]))?;
        }
        Ok(())
    }
}
