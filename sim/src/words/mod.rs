//! Events as sentences for people, in English and in Chinese.
//!
//! The subject first, one event, past tense, the field's own words, at most 110 characters, the
//! reason last. A sentence says what its event knows and nothing more. Things that have a name are
//! marked `**so**`, keys, settings and codes `` `so` ``: [`plain`] takes the marks away. What
//! scenario patterns match (`{"fact": "elected leader"}`) is not this, but the facts' own clauses.
//!
//! The matches name every variant, so that whoever adds a fact must find its words.

mod en;
mod marks;
mod roll;
mod timer;
mod zh;

use glassmq_core::kafka::api::control::ReplicaId;
use glassmq_core::kafka::topic::BrokerId;
use glassmq_core::machine::Input;
use glassmq_core::names::{LinkId, MessageId, NodeId};

pub use marks::plain;

use crate::cast::Cast;
use crate::event::{Event, What};
use crate::fault::Fault;
use crate::play::names::{self, Names};
use crate::play::peers::Peers;
use marks::bold;

/// The languages that sentences are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// What a sentence needs to know of the run around its event.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Who is who.
    pub names: &'a Names,
    /// Who is at the other end of a connection.
    pub peers: &'a Peers,
    /// What a message is called: `m17` in the player, `shop/17` in a terminal. Names that end in
    /// numbers that follow each other are told as a run: `m31 to m50`.
    pub label: &'a dyn Fn(MessageId) -> String,
}

/// One sentence, with marks and without a full stop.
#[must_use]
pub fn sentence(event: &Event<'_, Cast>, context: &Context<'_>, language: Language) -> String {
    let here = Here {
        context,
        node: event.node,
    };
    match language {
        Language::En => en::kernel::sentence(&event.what, &here),
        Language::Zh => zh::sentence(&event.what, &here),
    }
}

/// A fault as a flag on a time line says it, without marks: `cut kafka-1 from kafka-2`.
#[must_use]
pub fn flag(fault: &Fault, context: &Context<'_>, language: Language) -> String {
    // Whom a fault strikes is in the fault: no place is meant.
    let here = Here {
        context,
        node: NodeId(0),
    };
    plain(&match language {
        Language::En => en::flag::short(fault, &here),
        Language::Zh => zh::flag::short(fault, &here),
    })
}

/// Whether a story tells of an event: what processes say, what becomes of connections and
/// processes, and faults. Frames, timers and files are the machinery below.
#[must_use]
pub fn is_telling(event: &Event<'_, Cast>) -> bool {
    match &event.what {
        What::Fact { .. }
        | What::Faulted { .. }
        | What::Booted { .. }
        | What::Exited
        | What::Lost { .. }
        | What::Stalled { .. }
        | What::WriteFailed { .. } => true,
        What::Took { input, .. } => matches!(
            input,
            Input::Disconnected { .. } | Input::Refused { .. } | Input::Stop | Input::Command(_)
        ),
        _ => false,
    }
}

/// One sentence as a terminal shows it: in English, without marks, messages as `shop/17`.
#[must_use]
pub fn line(event: &Event<'_, Cast>, names: &Names, peers: &Peers) -> String {
    let label = |id: MessageId| names.message(id);
    let context = Context {
        names,
        peers,
        label: &label,
    };
    plain(&sentence(event, &context, Language::En))
}

/// The place that an event is told of.
struct Here<'a> {
    context: &'a Context<'a>,
    node: NodeId,
}

impl Here<'_> {
    /// The process where it happened.
    fn me(&self) -> String {
        self.node(self.node)
    }

    fn node(&self, node: NodeId) -> String {
        bold(self.context.names.of(node))
    }

    /// The client that opened a connection.
    fn client(&self, link: LinkId) -> String {
        self.node(link.opener)
    }

    /// Who is at the other end of a connection.
    fn peer(&self, link: LinkId) -> String {
        self.node(self.context.peers.of(link, self.node))
    }

    fn broker(&self, broker: BrokerId) -> String {
        bold(&names::broker(broker))
    }

    fn voter(&self, voter: ReplicaId) -> String {
        bold(&names::voter(voter))
    }

    fn message(&self, message: MessageId) -> String {
        bold(&(self.context.label)(message))
    }

    /// Messages, with runs told as such.
    fn roll(&self, messages: &[MessageId]) -> roll::Roll {
        let labels = messages.iter().map(|id| (self.context.label)(*id));
        roll::Roll::of(labels)
    }
}

/// Numbers as lists of replicas write them: `1, 2, 3`.
fn numbers(brokers: &[BrokerId]) -> String {
    let all: Vec<String> = brokers.iter().map(BrokerId::to_string).collect();
    all.join(", ")
}

/// Seconds and milliseconds of a time in microseconds.
fn seconds(us: u64) -> String {
    format!("{}.{:03}", us / 1_000_000, us / 1000 % 1000)
}
