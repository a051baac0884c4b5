//! What every subcommand that plays a run begins with: the input opened, its notes told, the stage
//! set up.

use super::Streams;
use super::input::{self, Input, Refused};
use super::stop::Stop;
use crate::play::Play;

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
}
