//! A Mermaid sequence diagram: an arrow for each frame that arrives, a note for each fact.

use std::fmt::Write;

use crate::play::names::Names;
use crate::scenario::form::Word;
use crate::scenario::pattern::MessageRef;
use crate::trace::{Told, ToldWhat};

/// Frames that pass all the time and say little unless they carry a message.
const QUIET: [&str; 7] = [
    "heartbeat",
    "BrokerHeartbeat",
    "BrokerHeartbeatResponse",
    "Fetch",
    "FetchResponse",
    "Heartbeat",
    "HeartbeatResponse",
];

/// A diagram that grows event by event.
#[derive(Clone, Debug)]
pub struct Mermaid {
    names: Vec<String>,
    /// Only what concerns one of these; none: everything.
    messages: Vec<String>,
    /// How many arrows and notes may still be drawn.
    room: u32,
    lines: Vec<String>,
    /// How many found no room.
    left_out: u32,
}

impl Mermaid {
    /// An empty diagram with room for so many arrows and notes.
    #[must_use]
    pub fn new(names: &Names, messages: &[MessageRef], room: u32) -> Self {
        let names = names.nodes().map(|node| names.of(node).to_string());
        Mermaid {
            names: names.collect(),
            messages: messages.iter().map(Word::print).collect(),
            room,
            lines: Vec::new(),
            left_out: 0,
        }
    }

    /// Draws an event, if it belongs into the diagram.
    pub fn draw(&mut self, event: &Told) {
        let concerns = |id| self.messages.contains(id);
        if !self.messages.is_empty() && !event.messages.iter().any(concerns) {
            return;
        }
        let Some(line) = self.line(event) else {
            return;
        };
        match self.room.checked_sub(1) {
            Some(room) => {
                self.room = room;
                self.lines.push(line);
            }
            None => self.left_out += 1,
        }
    }

    fn line(&self, event: &Told) -> Option<String> {
        let node = self.place(&event.node)?;
        let note = |text: &str| format!("Note over {node}: {}", escaped(text));
        Some(match &event.what {
            ToldWhat::Delivered { from, name, .. } => {
                if event.messages.is_empty() && QUIET.contains(name) {
                    return None;
                }
                let from = self.place(from)?;
                let messages = match event.messages.is_empty() {
                    true => String::new(),
                    false => format!(" [{}]", event.messages.join(", ")),
                };
                format!("{from}->>{node}: {}", escaped(&format!("{name}{messages}")))
            }
            ToldWhat::Lost { link: _, name, .. } => note(&format!("{name} is lost")),
            ToldWhat::Fact { says, .. } => note(says),
            ToldWhat::Faulted { .. }
            | ToldWhat::Disconnected { .. }
            | ToldWhat::Refused { .. }
            | ToldWhat::Exited => note(event.sentence()),
            ToldWhat::Booted { incarnation } if *incarnation > 0 => note(event.sentence()),
            _ => return None,
        })
    }

    /// The participant of a process. Names may hold what Mermaid takes for an arrow.
    fn place(&self, name: &str) -> Option<String> {
        let at = self.names.iter().position(|each| each == name)?;
        Some(format!("p{at}"))
    }

    /// The diagram, as a text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = head(self.names.iter().map(String::as_str));
        for line in &self.lines {
            let _ = writeln!(out, "  {line}");
        }
        if self.left_out > 0 {
            let _ = writeln!(out, "  Note over p0: {} more are left out", self.left_out);
        }
        out
    }
}

/// How a sequence diagram begins: who takes part, `p0` first.
#[must_use]
pub fn head<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::from("sequenceDiagram\n");
    for (at, name) in names.enumerate() {
        let _ = writeln!(out, "  participant p{at} as {}", escaped(name));
    }
    out
}

/// A note over a participant, by its place.
#[must_use]
pub fn note(place: usize, text: &str) -> String {
    format!("  Note over p{place}: {}\n", escaped(text))
}

/// A text in which nothing ends the line or starts an entity.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '#' => out.push_str("#35;"),
            ';' => out.push_str("#59;"),
            '<' => out.push_str("#60;"),
            '>' => out.push_str("#62;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
