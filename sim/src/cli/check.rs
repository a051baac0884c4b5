//! `glassmq check --syntax`: reads files and says what is wrong with them.

use std::io;

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde_json::{Value, json};

use super::{BAD_INPUT, OK, Streams, input};

/// Check scenarios, run files and links.
#[derive(Args)]
pub struct Check {
    /// Read them, without running them.
    #[arg(long, required = true)]
    syntax: bool,
    /// Scenarios, run files, or links in quotes.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

impl Check {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> io::Result<u8> {
        let mut all: Vec<Value> = Vec::new();
        let mut code = OK;
        for file in &self.files {
            let opened = input::open(file);
            match &opened {
                Ok(input) => {
                    all.push(json!({"file": file, "problems": [], "notes": input.notes}));
                }
                Err(refused) => {
                    all.push(refused.json());
                    code = BAD_INPUT;
                }
            }
            match opened {
                _ if streams.json => {}
                Ok(input) => {
                    let green = AnsiColor::Green.on_default();
                    writeln!(streams.out, "{file}: {green}well-formed{green:#}")?;
                    for note in input.notes {
                        writeln!(streams.err, "{file}: {note}")?;
                    }
                }
                Err(refused) => refused.tell(streams.err)?,
            }
        }
        if streams.json {
            writeln!(streams.out, "{}", Value::Array(all))?;
        }
        Ok(code)
    }
}
