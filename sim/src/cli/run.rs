//! `glassmq run`: plays a scenario and tells its story.

use std::io;

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde_json::{Value, json};

use super::ready::Ready;
use super::stop::Stop;
use super::words::{hex, moment};
use super::{OK, Streams};
use crate::cast::Cast;
use crate::check::Violation;
use crate::event::{self, Sink};
use crate::ledger::{Fate, Ledger, Sender};
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::play::tally::{Tally, Totals};
use crate::play::{Desk, Play};
use crate::scenario::expect::Check;
use crate::trace::{Told, ToldWhat};
use crate::words;

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
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let ready = Ready::open(&self.file, self.seed, streams)?;
        let mut play = ready.play()?;
        let mut story = Story {
            names: play.names().clone(),
            peers: Peers::default(),
            tally: Tally::default(),
            told: Vec::new(),
            all: self.trace,
        };
        if !self.quiet && !streams.json {
            let bold = clap::builder::styling::Style::new().bold();
            writeln!(
                streams.out,
                "{bold}{}{bold:#}",
                ready.input.scenario.title.en
            )?;
        }
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut story) {
            for (event, sentence) in story.told.drain(..) {
                match (self.quiet, streams.json) {
                    (true, _) => {}
                    (false, true) => writeln!(streams.out, "{}", json!(event))?,
                    (false, false) => tell(&event, &sentence, self.trace, streams.out)?,
                }
            }
        }
        ready.compare(&play, streams)?;
        let totals = story.tally.totals();
        let lost = lost(play.panel().ledger());
        let violated = violated(&play);
        let digests = play.digests();
        if streams.json {
            let (behaviour, whole) = (hex(digests.behaviour()), hex(digests.whole()));
            let digests = json!({"behaviour": behaviour, "trace": whole});
            let violated: Vec<Value> = violated.iter().map(violation).collect();
            let summary = json!({
                "seed": ready.seed, "totals": totals, "lost": lost, "violated": violated,
                "digests": digests,
            });
            writeln!(streams.out, "{summary}")?;
        } else {
            sum_up(&totals, lost, streams.out)?;
            tell_violated(&violated, streams.out)?;
            let (seed, digest) = (ready.seed, hex(digests.whole()));
            let steps = play.stage().steps();
            writeln!(streams.out, "{steps} steps, seed {seed}, trace {digest}")?;
        }
        Ok(OK)
    }
}

/// How many messages are gone that their senders were told are safe.
fn lost(ledger: &Ledger) -> u32 {
    let is_lost = |fate: &Fate| {
        let mut copies = fate.copies.iter();
        fate.sender == Sender::Confirmed
            && copies.any(|copy| copy.state.is_lost() && fate.is_gone_from(&copy.place))
    };
    ledger.fates().filter(|(_, fate)| is_lost(fate)).count() as u32
}

/// The checks that do not hold, whatever the scenario expects of them.
fn violated(play: &Play) -> Vec<(Check, Violation)> {
    let verdicts = play.panel().finish(play.until()).into_iter();
    verdicts
        .filter_map(|it| Some((it.check, it.violation?)))
        .collect()
}

fn violation((check, found): &(Check, Violation)) -> Value {
    json!({"check": check.name(), "at": found.at.to_string(), "says": found.says})
}

fn tell_violated(violated: &[(Check, Violation)], to: &mut dyn io::Write) -> io::Result<()> {
    let red = AnsiColor::Red.on_default();
    violated.iter().try_for_each(|(check, found)| {
        let (check, says, at) = (check.name(), &found.says, found.at);
        writeln!(to, "{red}{check} is violated{red:#} at {at}: {says}")
    })
}

/// Collects what is worth telling.
struct Story {
    names: std::rc::Rc<Names>,
    peers: Peers,
    tally: Tally,
    /// Each event, and its sentence.
    told: Vec<(Told, String)>,
    all: bool,
}

impl Sink<Cast> for Story {
    fn event(&mut self, event: &event::Event<'_, Cast>) {
        self.peers.see(event);
        self.tally.see(event);
        if self.all || words::is_telling(event) {
            let told = Told::of(event, &self.names, &self.peers);
            let sentence = words::line(event, &self.names, &self.peers);
            self.told.push((told, sentence));
        }
    }
}

/// One line: when, which event, and what.
fn tell(event: &Told, sentence: &str, trace: bool, to: &mut dyn io::Write) -> io::Result<()> {
    let dim = AnsiColor::BrightBlack.on_default();
    let time = moment(event.at);
    let style = match event.what {
        ToldWhat::Faulted { .. } | ToldWhat::Lost { .. } | ToldWhat::Disconnected { .. } => {
            AnsiColor::Red.on_default()
        }
        _ => clap::builder::styling::Style::new(),
    };
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

fn sum_up(totals: &Totals, lost: u32, to: &mut dyn io::Write) -> io::Result<()> {
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
    if lost > 0 {
        let red = AnsiColor::Red.on_default();
        write!(to, ", {red}{lost} acknowledged and lost{red:#}")?;
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
