//! `glassmq completions`: prints what a shell needs to complete the command.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::stop::Stop;
use super::{Cli, OK, Streams};

/// Print completions for a shell.
#[derive(Args)]
pub struct Completions {
    /// Which shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "glassmq", &mut text);
        streams.out.write_all(&text)?;
        Ok(OK)
    }
}
