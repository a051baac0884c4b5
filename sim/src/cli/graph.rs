//! `glassmq graph`: who speaks to whom through what.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::ready::Ready;
use super::stop::Stop;
use super::{OK, Streams};
use crate::export::graph;
use crate::export::topology::{Thing, Topology};
use crate::play::Desk;

/// Draw who speaks to whom: clients, exchanges, bindings, queues; brokers, partitions, groups.
#[derive(Args)]
pub struct Graph {
    /// A scenario, a run file, or a link in quotes.
    #[arg(value_name = "FILE")]
    file: String,
    /// In which format.
    #[arg(long, value_enum, default_value_t = Format::Dot)]
    format: Format,
    /// Decide chance by another seed.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Graphviz: `| dot -Tsvg`.
    Dot,
    /// A Mermaid flowchart.
    Mermaid,
}

impl Graph {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let ready = Ready::open(&self.file, self.seed, streams)?;
        let mut play = ready.play()?;
        let mut topology = Topology::new(play.names().clone());
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut topology) {}
        ready.compare(&play, streams)?;
        match (streams.json, self.format) {
            (true, _) => writeln!(streams.out, "{}", json(&topology))?,
            (_, Format::Dot) => write!(streams.out, "{}", graph::dot(&topology))?,
            (_, Format::Mermaid) => write!(streams.out, "{}", graph::mermaid(&topology))?,
        }
        Ok(OK)
    }
}

fn json(topology: &Topology) -> Value {
    let end = |thing: &Thing| json!({"is": thing.kind(), "name": thing.name()});
    let things = topology.things();
    let things: Vec<Value> = things
        .map(|(thing, also)| json!({"is": thing.kind(), "name": thing.name(), "type": also}))
        .collect();
    let ties = topology.ties();
    let ties: Vec<Value> = ties
        .map(|(from, to, words)| json!({"from": end(from), "to": end(to), "label": words}))
        .collect();
    json!({"things": things, "ties": ties})
}
