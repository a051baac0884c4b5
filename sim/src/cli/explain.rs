//! `glassmq explain`: what a word of a scenario or a configuration means here.

use std::collections::BTreeMap;
use std::io;

use clap::Args;
use clap::builder::styling::{AnsiColor, Style};
use serde_json::json;

use super::stop::Stop;
use super::{OK, Streams};
use crate::scenario::explain::{self, Meaning, Status};
use crate::scenario::form::Wrong;
use crate::scenario::problem::did_you_mean;

/// Tell what a configuration key, an argument, a check, a fault or a key means here.
#[derive(Args)]
pub struct Explain {
    /// What to explain: acks, x-overflow, no-duplicate, crash. If not given, all words are listed.
    #[arg(value_name = "WORD")]
    word: Option<String>,
}

impl Explain {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let all = explain::all();
        let Some(word) = self.word else {
            match streams.json {
                true => writeln!(streams.out, "{}", json!(all))?,
                false => list(&all, streams.out)?,
            }
            return Ok(OK);
        };
        let found: Vec<&Meaning> = all.iter().filter(|it| it.word == word).collect();
        if found.is_empty() {
            let known = all.iter().map(|it| it.word.as_str());
            let wrong = Wrong::new("this means nothing here", did_you_mean(&word, known));
            return Err(Stop::argument(word, wrong));
        }
        if streams.json {
            writeln!(streams.out, "{}", json!(found))?;
        } else {
            found.iter().try_for_each(|it| tell(it, streams.out))?;
        }
        Ok(OK)
    }
}

fn tell(it: &Meaning, to: &mut dyn io::Write) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(to, "{bold}{}{bold:#}: {}", it.word, it.is)?;
    if !it.about.is_empty() {
        writeln!(to, "  {}", it.about)?;
    }
    if let Some(default) = &it.default {
        let default = if default.is_empty() { "empty" } else { default };
        writeln!(to, "  If not given: {default}")?;
    }
    match it.status {
        Status::Modelled => {}
        Status::NoEffect => writeln!(to, "  It is accepted and makes no difference here.")?,
        Status::Absent => writeln!(to, "  Not modelled: a scenario that sets it is refused.")?,
    }
    if let Some(source) = &it.source {
        writeln!(to, "  {source}")?;
    }
    Ok(())
}

/// All words, by what they are.
fn list(all: &[Meaning], to: &mut dyn io::Write) -> io::Result<()> {
    let dim = AnsiColor::BrightBlack.on_default();
    let mut by_kind: BTreeMap<&str, Vec<&Meaning>> = BTreeMap::new();
    for it in all {
        by_kind.entry(&it.is).or_default().push(it);
    }
    for (kind, words) in by_kind {
        let bold = Style::new().bold();
        writeln!(to, "{bold}{kind}{bold:#}")?;
        for it in words {
            match it.status {
                Status::Absent => writeln!(to, "  {dim}{} (not modelled){dim:#}", it.word)?,
                Status::Modelled | Status::NoEffect => writeln!(to, "  {}", it.word)?,
            }
        }
    }
    Ok(())
}
