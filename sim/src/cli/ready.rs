//! What every subcommand that plays a run begins with: the input opened, its notes told, the stage
//! set up.

use super::Streams;
use super::input::{self, Input, Refused};
use super::stop::Stop;
use crate::play::Play;
use crate::scenario::form::Word as _;
use crate::scenario::run::End;

/// A run, about to begin.
pub(super) struct Ready {
    /// What was given.
    pub(super) input: Input,
    /// The seed: asked for, shared, or the scenario's own.
    pub(super) seed: u64,
}

impl Ready {
    /// Opens what was given.
    pub(super) fn open(
        file: &str,
        seed: Option<u64>,
        streams: &mut Streams<'_>,
    ) -> Result<Ready, Stop> {
        let input = input::open(file)?;
        for note in &input.notes {
            writeln!(streams.err, "{}: {note}", input.name)?;
        }
        let seed = seed.or(input.run.seed).unwrap_or(input.scenario.seed);
        Ok(Ready { input, seed })
    }

    /// The run, before its first step.
    pub(super) fn play(&self) -> Result<Play, Stop> {
        let Input { run, scenario, .. } = &self.input;
        Play::of(scenario, self.seed, &run.interventions).map_err(|problems| {
            let name = self.input.name.clone();
            Stop::Refused(Refused { name, problems })
        })
    }

    /// Says so if a run that was shared has come to another end here.
    pub(super) fn compare(&self, ended: &Play, streams: &mut Streams<'_>) -> Result<(), Stop> {
        if let Some(note) = differs(&self.input, self.seed, ended.digests().whole()) {
            writeln!(streams.err, "{}: {note}", self.input.name)?;
        }
        Ok(())
    }
}

/// What to tell people when a run was shared with the digest of its end, and that is another here.
pub(super) fn differs(shared: &Input, seed: u64, end: u64) -> Option<String> {
    let is_meant = shared.run.seed.unwrap_or(shared.scenario.seed) == seed;
    let wanted = shared
        .run
        .end
        .filter(|wanted| is_meant && wanted.0 != end)?;
    let here = End(end).print();
    Some(format!(
        "this run differs from the one shared: it ends with {here}, the other with {}",
        wanted.print()
    ))
}
