//! A topology as a graph for other programs to draw: DOT (Graphviz) and a Mermaid flowchart.

use std::fmt::Write as _;

use super::mermaid::escaped;
use super::topology::{Thing, Topology};

/// As DOT.
#[must_use]
pub fn dot(topology: &Topology) -> String {
    let mut out = String::from("digraph glassmq {\n  rankdir=LR;\n");
    let things: Vec<&Thing> = topology.things().map(|(thing, _)| thing).collect();
    for (at, (thing, also)) in topology.things().enumerate() {
        let shape = match thing {
            Thing::Client(_) => "box, style=rounded",
            Thing::Exchange(_) => "diamond",
            Thing::Queue(_) | Thing::Partition(..) => "cylinder",
            Thing::Broker(_) => "box3d",
            Thing::Group(_) => "ellipse",
        };
        let label = quoted(&label(thing, also));
        let _ = writeln!(out, "  n{at} [label={label}, shape={shape}];");
    }
    for (from, to, words) in topology.ties() {
        let (from_at, to_at) = (place(&things, from), place(&things, to));
        let style = match from {
            Thing::Broker(_) => ", style=dashed, arrowhead=none",
            _ => "",
        };
        let words = quoted(&words);
        let _ = writeln!(out, "  n{from_at} -> n{to_at} [label={words}{style}];");
    }
    out + "}\n"
}

/// As a Mermaid flowchart.
#[must_use]
pub fn mermaid(topology: &Topology) -> String {
    let mut out = String::from("flowchart LR\n");
    let things: Vec<&Thing> = topology.things().map(|(thing, _)| thing).collect();
    for (at, (thing, also)) in topology.things().enumerate() {
        let (open, close) = match thing {
            Thing::Client(_) => ("(", ")"),
            Thing::Exchange(_) => ("{", "}"),
            Thing::Queue(_) | Thing::Partition(..) => ("[(", ")]"),
            Thing::Broker(_) => ("[[", "]]"),
            Thing::Group(_) => ("([", "])"),
        };
        let label = inside_quotes(&label(thing, also));
        let _ = writeln!(out, "  n{at}{open}\"{label}\"{close}");
    }
    for (from, to, words) in topology.ties() {
        let (from_at, to_at) = (place(&things, from), place(&things, to));
        let arrow = match from {
            Thing::Broker(_) => "-.-",
            _ => "-->",
        };
        let words = match words.is_empty() {
            true => String::new(),
            false => format!("|\"{}\"|", inside_quotes(&words)),
        };
        let _ = writeln!(out, "  n{from_at} {arrow}{words} n{to_at}");
    }
    out
}

/// What a thing is called and what it is, where its name does not say so.
fn label(thing: &Thing, also: &str) -> String {
    match (thing, also) {
        (Thing::Client(_), _) => thing.name(),
        (Thing::Exchange(name), _) if name.is_empty() => thing.name(),
        (_, "") => format!("{} ({})", thing.name(), thing.kind()),
        (_, also) => format!("{} ({also} {})", thing.name(), thing.kind()),
    }
}

fn place(things: &[&Thing], wanted: &Thing) -> usize {
    let at = things.iter().position(|thing| *thing == wanted);
    at.expect("a tie is between things")
}

/// A text of DOT.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn inside_quotes(text: &str) -> String {
    escaped(text).replace('"', "#quot;")
}
