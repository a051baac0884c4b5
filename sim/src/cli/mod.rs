//! The command line: one file for each subcommand.
//!
//! Exit codes: 0 all is well, 1 a verdict is against the run, 2 the input is bad. What is asked
//! for goes to the output, everything else to the error output. Texts carry their colours; the
//! streams drop them where they are no terminal.

mod check;
mod completions;
mod conform;
pub mod input;
mod junit;
mod new;
mod run;
mod schema;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Parser, Subcommand};

/// All is well.
pub const OK: u8 = 0;
/// A verdict is against the run.
pub const VERDICT: u8 = 1;
/// The input is bad.
pub const BAD_INPUT: u8 = 2;

/// RabbitMQ and Kafka under glass: run, check and share what happens to messages.
#[derive(Parser)]
#[command(name = "glassmq", version, max_term_width = 100)]
struct Cli {
    /// Print JSON instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Check(check::Check),
    Conform(conform::Conform),
    Schema(schema::Schema),
    New(new::New),
    Completions(completions::Completions),
}

/// Where a subcommand writes.
struct Streams<'a> {
    /// What was asked for.
    out: &'a mut dyn Write,
    /// What went wrong.
    err: &'a mut dyn Write,
    /// Whether as JSON.
    json: bool,
}

/// Runs the command with these arguments (the first is its own name) and returns its exit code.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let done = match Cli::try_parse_from(arguments) {
        Ok(cli) => {
            let mut streams = Streams {
                out,
                err,
                json: cli.json,
            };
            match cli.command {
                Command::Run(it) => it.run(&mut streams),
                Command::Check(it) => it.run(&mut streams),
                Command::Conform(it) => it.run(&mut streams),
                Command::Schema(it) => it.run(&mut streams),
                Command::New(it) => it.run(&mut streams),
                Command::Completions(it) => it.run(&mut streams),
            }
        }
        Err(usage) => told(&usage, out, err),
    };
    // Nobody reads on when a pipe is closed: that is no failure of ours, and nothing can be said.
    done.unwrap_or(OK)
}

/// Help and version are what was asked for; anything else is bad input.
fn told(usage: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let text = usage.render();
    if usage.use_stderr() {
        write!(err, "{}", text.ansi())?;
        Ok(BAD_INPUT)
    } else {
        write!(out, "{}", text.ansi())?;
        Ok(OK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }
}
