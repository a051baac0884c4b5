//! The command line: one file for each subcommand.
//!
//! Exit codes: 0 all is well, 1 a verdict is against the run, 2 the input is bad. What is asked
//! for goes to the output, everything else to the error output. Texts carry their colours; the
//! streams drop them where they are no terminal.

mod check;
mod completions;
mod conform;
mod explain;
mod export;
mod graph;
pub mod input;
mod junit;
mod new;
mod play;
mod ready;
mod run;
mod schema;
mod stop;
mod why;
mod words;

use std::ffi::OsString;
use std::io::{self, Write};

use stop::Stop;

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
    Why(why::Why),
    Export(export::Export),
    Graph(graph::Graph),
    Explain(explain::Explain),
    Play(play::Play),
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
    let mut streams = Streams {
        out,
        err,
        json: false,
    };
    let done = match Cli::try_parse_from(arguments) {
        Ok(cli) => {
            streams.json = cli.json;
            cli.command.run(&mut streams)
        }
        Err(usage) => told(&usage, &mut streams).map_err(Stop::from),
    };
    let told = done.or_else(|stop| stop.tell(&mut streams));
    // Where not even the error output can be written, nothing more can be said.
    told.unwrap_or(BAD_INPUT)
}

impl Command {
    fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        match self {
            Command::Run(it) => it.run(streams),
            Command::Check(it) => it.run(streams),
            Command::Why(it) => it.run(streams),
            Command::Export(it) => it.run(streams),
            Command::Graph(it) => it.run(streams),
            Command::Explain(it) => it.run(streams),
            Command::Play(it) => it.run(streams),
            Command::Conform(it) => it.run(streams),
            Command::Schema(it) => it.run(streams),
            Command::New(it) => it.run(streams),
            Command::Completions(it) => it.run(streams),
        }
    }
}

/// Help and version are what was asked for; anything else is bad input.
fn told(usage: &clap::Error, streams: &mut Streams<'_>) -> io::Result<u8> {
    let text = usage.render();
    if usage.use_stderr() {
        write!(streams.err, "{}", text.ansi())?;
        Ok(BAD_INPUT)
    } else {
        write!(streams.out, "{}", text.ansi())?;
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
