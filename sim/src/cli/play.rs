//! `glassmq play`: how to see a run in the player.

use clap::Args;
use serde_json::json;

use super::ready::Ready;
use super::stop::Stop;
use super::{OK, Streams};
use crate::play::Desk;
use crate::scenario::link;
use crate::scenario::run::{End, Engine};

/// Print the link by which the player shows a run, and the command that serves the player.
#[derive(Args)]
pub struct Play {
    /// A scenario, a run file, or a link in quotes.
    #[arg(value_name = "FILE")]
    file: String,
    /// Decide chance by another seed.
    #[arg(long)]
    seed: Option<u64>,
}

impl Play {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let ready = Ready::open(&self.file, self.seed, streams)?;
        let mut play = ready.play()?;
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut ()) {}
        ready.compare(&play, streams)?;
        let mut shared = ready.input.run.clone();
        shared.engine = Engine::this();
        shared.seed = (ready.seed != ready.input.scenario.seed).then_some(ready.seed);
        shared.end = Some(End(play.digests().whole()));
        let link = link::encode(&shared).map_err(|wrong| Stop::argument(&self.file, wrong))?;
        if streams.json {
            writeln!(streams.out, "{}", json!({"link": link}))?;
        } else {
            writeln!(streams.out, "{link}")?;
            let how = "`cargo xtask play` serves the player: put this link behind its address";
            writeln!(streams.err, "{how}")?;
        }
        Ok(OK)
    }
}
