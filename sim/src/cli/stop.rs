//! Why a subcommand ends before its time, and how that is told.

use std::io::{self, ErrorKind};

use clap::builder::styling::{AnsiColor, Style};
use serde_json::json;

use super::input::Refused;
use super::{BAD_INPUT, OK, Streams};
use crate::scenario::form::Wrong;

/// Why a subcommand ends before its time.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nothing more can be written.
    Output(io::Error),
    /// The scenario, run file or link is not right.
    Refused(Refused),
    /// Another argument is not right.
    Argument {
        /// As it was given: `--message shop/99`.
        given: String,
        /// What is wrong with it.
        wrong: Wrong,
    },
}

impl Stop {
    /// An argument that is not right.
    pub(super) fn argument(given: impl Into<String>, wrong: Wrong) -> Stop {
        let given = given.into();
        Stop::Argument { given, wrong }
    }

    /// Tells it, and gives the exit code.
    pub(super) fn tell(self, streams: &mut Streams<'_>) -> io::Result<u8> {
        match self {
            // Nobody reads on: that is no failure of ours, and nothing can be said.
            Stop::Output(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(OK),
            Stop::Output(error) => {
                let remedy = "check the room and your rights where it goes";
                writeln!(
                    streams.err,
                    "the output cannot be written: {error}; {remedy}"
                )?;
            }
            Stop::Refused(refused) if streams.json => {
                writeln!(streams.out, "{}", refused.json())?;
            }
            Stop::Refused(refused) => refused.tell(streams.err)?,
            Stop::Argument { given, wrong } if streams.json => {
                let problem = json!({"what": wrong.what, "remedy": wrong.remedy});
                writeln!(
                    streams.out,
                    "{}",
                    json!({"argument": given, "problems": [problem]})
                )?;
            }
            Stop::Argument { given, wrong } => {
                let (bold, red) = (Style::new().bold(), AnsiColor::Red.on_default());
                let Wrong { what, remedy } = wrong;
                writeln!(
                    streams.err,
                    "{bold}{given}:{bold:#} {red}{what}{red:#}; {remedy}"
                )?;
            }
        }
        Ok(BAD_INPUT)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Output(error)
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Stop {
        Stop::Refused(refused)
    }
}
