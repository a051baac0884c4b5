//! The one pattern language: which event is meant. Faults, orders, narration, expectations, goals
//! and search all speak it.

use core::num::NonZeroU32;

use super::form::{Word, Wrong, spelt_as_word};
use super::record::{Choice, Fields, Record};
use super::who::{Who, is_name};

/// Which event is meant: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// What happens.
    pub what: Sighting,
    /// At which process: it tells the fact, sends, or is delivered to.
    pub node: Option<Who>,
    /// From which process a frame comes.
    pub from: Option<Who>,
    /// What it is about, in the words of the story: `orders-0`, `queue hello`.
    pub subject: Option<String>,
    /// Which message it concerns.
    pub message: Option<MessageRef>,
    /// Only the so-many-th such event, counted from 1; otherwise every one.
    pub nth: Option<NonZeroU32>,
}

/// What kind of event a pattern looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// A fact whose sentence contains these words, in the field's own terms.
    Fact(String),
    /// A frame of this name is sent.
    Sent(String),
    /// A frame of this name is delivered.
    Delivered(String),
}

/// A message by the client that sent it and its number there, counted from 0: `shop/17`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageRef {
    /// The client's name.
    pub client: String,
    /// Its how-many-eth message, from 0.
    pub n: u32,
}

spelt_as_word!(MessageRef);

impl Default for Sighting {
    fn default() -> Self {
        Sighting::Fact(String::new())
    }
}

impl Record for Pattern {
    const NAME: &'static str = "pattern";
    const ABOUT: &'static str = "Which event is meant: all that is given must hold.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.by_key(&mut self.what);
        f.may(
            "node",
            "At which process: it tells the fact, sends the frame, or is delivered it.",
            &mut self.node,
        );
        f.may(
            "from",
            "From which process the frame comes.",
            &mut self.from,
        );
        f.may(
            "subject",
            "What it is about: a queue, a partition, a group.",
            &mut self.subject,
        );
        f.may("message", "Which message it concerns.", &mut self.message);
        f.may(
            "nth",
            "Only the so-many-th such event, counted from 1.",
            &mut self.nth,
        );
    }
}

impl Choice for Sighting {
    const NAME: &'static str = "pattern";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        let none = String::new;
        vec![
            ("fact", "A process tells something.", Sighting::Fact(none())),
            ("sent", "A process sends a frame.", Sighting::Sent(none())),
            (
                "delivered",
                "A frame reaches a process.",
                Sighting::Delivered(none()),
            ),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Sighting::Fact(_) => "fact",
            Sighting::Sent(_) => "sent",
            Sighting::Delivered(_) => "delivered",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Sighting::Fact(words) => f.need(
                "fact",
                "Words of the fact's sentence, as the story tells it: `elected leader`.",
                words,
            ),
            Sighting::Sent(name) => f.need(
                "sent",
                "The frame's name on the wire: `basic.publish`, `Produce`.",
                name,
            ),
            Sighting::Delivered(name) => f.need(
                "delivered",
                "The frame's name on the wire: `basic.deliver`, `FetchResponse`.",
                name,
            ),
        }
    }
}

impl Word for MessageRef {
    const NAME: &'static str = "message";
    const ABOUT: &'static str =
        "A message: the name of the client that sent it, `/`, and its number there, from 0.";
    const EXAMPLES: &'static [&'static str] = &["shop/17"];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let parts = text
            .rsplit_once('/')
            .and_then(|(client, n)| Some((client, n.parse().ok()?)));
        match parts {
            Some((client, n)) if is_name(client) => Ok(MessageRef {
                client: client.to_string(),
                n,
            }),
            _ => Err(Wrong::new(
                format!("{text:?} is not a message"),
                "write the client's name, / and a number from 0, such as \"shop/17\"",
            )),
        }
    }

    fn print(&self) -> String {
        format!("{}/{}", self.client, self.n)
    }
}
