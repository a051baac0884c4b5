//! `glassmq new`: writes a scenario to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::stop::Stop;
use super::{BAD_INPUT, OK, Streams};

/// Write a small scenario to start from.
#[derive(Args)]
pub struct New {
    /// The file to write; one that exists is left alone.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which broker it is about.
    #[arg(long, value_enum, default_value_t = Broker::Rabbitmq)]
    broker: Broker,
}

#[derive(Clone, Copy, ValueEnum)]
enum Broker {
    Rabbitmq,
    Kafka,
}

impl Broker {
    fn starter(self) -> &'static str {
        match self {
            Broker::Rabbitmq => include_str!("new/rabbitmq.json"),
            Broker::Kafka => include_str!("new/kafka.json"),
        }
    }
}

impl New {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let file = self.file.display();
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&self.file);
        let written = created.and_then(|mut to| to.write_all(self.broker.starter().as_bytes()));
        if let Err(error) = written {
            let remedy = match error.kind() {
                ErrorKind::AlreadyExists => "choose another name, or remove it first",
                _ => "check its folder and your rights",
            };
            writeln!(streams.err, "{file}: cannot be written: {error}; {remedy}")?;
            return Ok(BAD_INPUT);
        }
        if streams.json {
            writeln!(streams.out, "{}", json!({"written": file.to_string()}))?;
        } else {
            writeln!(streams.out, "{file}: written")?;
        }
        Ok(OK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn every_starter_is_a_good_scenario() {
        for broker in Broker::value_variants() {
            let read = scenario::read(broker.starter()).unwrap();
            assert!(!read.clients.is_empty() && !read.faults.is_empty() && !read.expect.is_empty());
        }
    }
}
