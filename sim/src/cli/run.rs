//! `glassmq run`: plays a scenario and tells its story.

use std::io;

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde_json::json;

use super::{BAD_INPUT, OK, Streams, input};
use crate::cast::Cast;
use crate::event::{self, Sink};
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::play::tally::{Tally, Totals};
use crate::play::{Desk, Play};
use crate::scenario::problem::Problem;
use crate::trace::{Told, ToldWhat};

/// Play a scenario and tell its story.
#[derive(Args)]
pub struct Run {
    /// A scenario, a run file, or a link in quotes.
    #[arg(value_name = "FILE")]
    file: String,
    /// Decide chance by another seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Tell every event, with its cause.
    #[arg(long)]
    trace: bool,
    /// Tell the totals alone.
    #[arg(long, short)]
    quiet: bool,
}

impl Run {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> io::Result<u8> {
        let input = match input::open(&self.file) {
            Ok(input) => input,
            Err(refused) => return tell_refused(&refused, streams),
        };
        for note in &input.notes {
            writeln!(streams.err, "{}: {note}", self.file)?;
        }
        let seed = self.seed.or(input.run.seed).unwrap_or(input.scenario.seed);
        let play = Play::of(&input.scenario, seed, &input.run.interventions);
        let mut play = match play {
            Ok(play) => play,
            Err(problems) => return tell_problems(&self.file, problems, streams),
        };
        let mut story = Story {
            names: play.names().clone(),
            peers: Peers::default(),
            tally: Tally::default(),
            told: Vec::new(),
            all: self.trace,
        };
        if !self.quiet && !streams.json {
            let bold = clap::builder::styling::Style::new().bold();
            writeln!(streams.out, "{bold}{}{bold:#}", input.scenario.title.en)?;
        }
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut story) {
            for event in story.told.drain(..) {
                match (self.quiet, streams.json) {
                    (true, _) => {}
                    (false, true) => writeln!(streams.out, "{}", json!(event))?,
                    (false, false) => tell(&event, self.trace, streams.out)?,
                }
            }
        }
        let totals = story.tally.totals();
        let digests = play.digests();
        if streams.json {
            let (behaviour, whole) = (hex(digests.behaviour()), hex(digests.whole()));
            let digests = json!({"behaviour": behaviour, "trace": whole});
            let summary = json!({"seed": seed, "totals": totals, "digests": digests});
            writeln!(streams.out, "{summary}")?;
        } else {
            sum_up(&totals, streams.out)?;
            let (seed, digest) = (seed, hex(digests.whole()));
            let steps = play.stage().steps();
            writeln!(streams.out, "{steps} steps, seed {seed}, trace {digest}")?;
        }
        Ok(OK)
    }
}

/// Sixteen hexadecimal digits.
pub(super) fn hex(digest: u64) -> String {
    format!("{digest:016x}")
}

pub(super) fn tell_refused(refused: &input::Refused, streams: &mut Streams<'_>) -> io::Result<u8> {
    if streams.json {
        writeln!(streams.out, "{}", refused.json())?;
    } else {
        refused.tell(streams.err)?;
    }
    Ok(BAD_INPUT)
}

pub(super) fn tell_problems(
    file: &str,
    problems: Vec<Problem>,
    streams: &mut Streams<'_>,
) -> io::Result<u8> {
    let name = file.to_string();
    tell_refused(&input::Refused { name, problems }, streams)
}

/// Collects what is worth telling.
struct Story {
    names: std::sync::Arc<Names>,
    peers: Peers,
    tally: Tally,
    told: Vec<Told>,
    all: bool,
}

impl Sink<Cast> for Story {
    fn event(&mut self, event: &event::Event<'_, Cast>) {
        self.peers.see(event);
        self.tally.see(event);
        if self.all || is_telling(event) {
            self.told.push(Told::of(event, &self.names, &self.peers));
        }
    }
}

/// What a story tells: what processes say, what becomes of connections and processes, and faults.
/// Frames, timers and files are the machinery below.
fn is_telling(event: &event::Event<'_, Cast>) -> bool {
    use crate::event::What;
    use glassmq_core::machine::Input;
    match &event.what {
        What::Fact { .. }
        | What::Faulted { .. }
        | What::Booted { .. }
        | What::Exited
        | What::Lost { .. }
        | What::Stalled { .. }
        | What::WriteFailed { .. } => true,
        What::Took { input, .. } => matches!(
            input,
            Input::Disconnected { .. } | Input::Refused { .. } | Input::Stop | Input::Command(_)
        ),
        _ => false,
    }
}

/// One line: when, which event, and what.
fn tell(event: &Told, trace: bool, to: &mut dyn io::Write) -> io::Result<()> {
    let dim = AnsiColor::BrightBlack.on_default();
    let time = time(event.at);
    let style = match event.what {
        ToldWhat::Faulted { .. } | ToldWhat::Lost { .. } | ToldWhat::Disconnected { .. } => {
            AnsiColor::Red.on_default()
        }
        _ => clap::builder::styling::Style::new(),
    };
    let sentence = event.sentence();
    write!(
        to,
        "{dim}{time}  {:>9}{dim:#}  {style}{sentence}{style:#}",
        event.id
    )?;
    if trace {
        write!(to, "  {dim}<- {}{dim:#}", event.cause)?;
    }
    writeln!(to)
}

/// Seconds and milliseconds, as long as the run is not hours.
fn time(us: u64) -> String {
    format!("{:>4}.{:03}s", us / 1_000_000, us / 1000 % 1000)
}

fn sum_up(totals: &Totals, to: &mut dyn io::Write) -> io::Result<()> {
    let Totals {
        sent,
        acknowledged,
        delivered,
        deliveries,
        failed,
        returned,
        ..
    } = totals;
    write!(
        to,
        "{sent} sent, {acknowledged} acknowledged, {delivered} delivered"
    )?;
    if deliveries > delivered {
        write!(to, " ({deliveries} deliveries)")?;
    }
    if *failed > 0 {
        write!(to, ", {failed} failed")?;
    }
    if *returned > 0 {
        write!(to, ", {returned} returned")?;
    }
    writeln!(to)?;
    for (what, latency) in [
        ("acknowledged after", totals.acknowledgement),
        ("delivered after", totals.delivery),
    ] {
        if let Some(latency) = latency {
            let ms = |us: u64| format!("{}.{:03} ms", us / 1000, us % 1000);
            let (p50, p99) = (ms(latency.p50), ms(latency.p99));
            writeln!(to, "{what}: p50 {p50}, p99 {p99}")?;
        }
    }
    Ok(())
}
