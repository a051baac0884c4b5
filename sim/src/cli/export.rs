//! `glassmq export`: a run in the formats of others.

use std::io::{self, Write};
use std::rc::Rc;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::ready::Ready;
use super::stop::Stop;
use super::words::word;
use super::{OK, Streams};
use crate::cast::Cast;
use crate::event::{Event, Sink};
use crate::export::jsonl;
use crate::export::mermaid::Mermaid;
use crate::play::Desk;
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::scenario::form::{Word, Wrong};
use crate::scenario::pattern::MessageRef;
use crate::scenario::problem::did_you_mean;
use crate::scenario::time::Time;
use crate::trace::Told;

/// Write a run in another format.
#[derive(Args)]
pub struct Export {
    /// A scenario, a run file, or a link in quotes.
    #[arg(value_name = "FILE")]
    file: String,
    /// In which format.
    #[arg(long, value_enum)]
    format: Format,
    /// Decide chance by another seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Only what happens from this time on: 1.5s.
    #[arg(long, value_name = "TIME", value_parser = word::<Time>, allow_hyphen_values = true)]
    from: Option<Time>,
    /// Only what happens before this time.
    #[arg(long, value_name = "TIME", value_parser = word::<Time>, allow_hyphen_values = true)]
    until: Option<Time>,
    /// Only what concerns this message: shop/17. May be given more than once.
    #[arg(long = "message", value_name = "MESSAGE", value_parser = word::<MessageRef>)]
    messages: Vec<MessageRef>,
    /// How many arrows and notes a diagram has at most.
    #[arg(long, default_value_t = 200)]
    limit: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A header, then every event as a line of JSON.
    Jsonl,
    /// A Mermaid sequence diagram.
    Mermaid,
}

impl Export {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let ready = Ready::open(&self.file, self.seed, streams)?;
        let mut play = ready.play()?;
        self.check(play.names())?;
        let mut window = Window {
            from: self.from.map_or(0, |time| time.0),
            until: self.until.map_or(u64::MAX, |time| time.0),
            names: play.names().clone(),
            peers: Peers::default(),
            told: Vec::new(),
        };
        let mut diagram = Mermaid::new(play.names(), &self.messages, self.limit);
        if self.format == Format::Jsonl {
            let done = &ready.input.run.interventions;
            let scenario = &ready.input.scenario;
            let header = jsonl::header(scenario, ready.seed, done, play.names());
            writeln!(streams.out, "{header}")?;
        }
        let wanted: Vec<String> = self.messages.iter().map(Word::print).collect();
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut window) {
            for event in window.told.drain(..) {
                match self.format {
                    Format::Mermaid => diagram.draw(&event),
                    Format::Jsonl => write_if_wanted(&event, &wanted, streams.out)?,
                }
            }
        }
        ready.compare(&play, streams)?;
        if self.format == Format::Mermaid {
            write!(streams.out, "{}", diagram.text())?;
        }
        Ok(OK)
    }
}

impl Export {
    /// What is asked for must be possible: a time that is none, or a stranger's message, would give
    /// an export with nothing in it.
    fn check(&self, names: &Names) -> Result<(), Stop> {
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until.0 <= from.0
        {
            let what = format!("this is not after --from {}", from.print());
            let given = format!("--until {}", until.print());
            let remedy = "give a later time, or leave one of them out";
            return Err(Stop::argument(given, Wrong::new(what, remedy)));
        }
        for message in &self.messages {
            let client = &message.client;
            if names.find(client).is_none() {
                let what = format!("there is no client {client:?}");
                let known: Vec<&str> = names.nodes().map(|node| names.of(node)).collect();
                let wrong = Wrong::new(what, did_you_mean(client, known.iter().copied()));
                return Err(Stop::argument(
                    format!("--message {}", message.print()),
                    wrong,
                ));
            }
        }
        Ok(())
    }
}

fn write_if_wanted(event: &Told, wanted: &[String], to: &mut dyn Write) -> io::Result<()> {
    let concerns = |id| wanted.contains(id);
    if wanted.is_empty() || event.messages.iter().any(concerns) {
        writeln!(to, "{}", json!(event))?;
    }
    Ok(())
}

/// Keeps the events of a step that lie within a time.
struct Window {
    from: u64,
    until: u64,
    names: Rc<Names>,
    peers: Peers,
    told: Vec<Told>,
}

impl Sink<Cast> for Window {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        if (self.from..self.until).contains(&event.at) {
            self.told.push(Told::of(event, &self.names, &self.peers));
        }
    }
}
