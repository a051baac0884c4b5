//! What a step showed, as patterns ask for it.

use glassmq_core::machine::{Input, Parcel};
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::subject::{Subject, Told};

use super::names::Names;
use super::peers::Peers;
use crate::cast::Cast;
use crate::event::{Event, EventId, What};
use crate::scenario::pattern::{Pattern, Sighting};
use crate::scenario::who::Who;

/// An event that a pattern may mean: a fact, or a frame sent or delivered.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which event.
    pub id: EventId,
    kind: Kind,
    node: NodeId,
    /// The sender of a frame.
    from: NodeId,
    /// The fact's sentence, or the frame's name.
    words: String,
    subject: Option<Subject>,
    messages: Vec<MessageId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fact,
    Sent,
    Delivered,
}

impl Seen {
    /// What an event shows, if a pattern may mean it.
    #[must_use]
    pub fn of(event: &Event<'_, Cast>, peers: &Peers) -> Option<Seen> {
        let mut messages = Vec::new();
        let mut each = |id| messages.push(id);
        let (kind, from, words, subject) = match &event.what {
            What::Fact { fact } => {
                fact.messages(&mut each);
                (
                    Kind::Fact,
                    event.node,
                    fact.to_string(),
                    Some(fact.subject()),
                )
            }
            What::Sent { message, .. } => {
                message.messages(&mut each);
                (Kind::Sent, event.node, message.label().to_string(), None)
            }
            What::Took {
                input: Input::Message { link, message },
                ..
            } => {
                message.messages(&mut each);
                let from = peers.of(*link, event.node);
                (Kind::Delivered, from, message.label().to_string(), None)
            }
            _ => return None,
        };
        Some(Seen {
            id: event.id,
            kind,
            node: event.node,
            from,
            words,
            subject,
            messages,
        })
    }

    /// Whether a pattern means this, whichever of its occurrences it is. `is` says whether a
    /// process is whom the pattern names.
    #[must_use]
    pub fn is_meant(
        &self,
        by: &Pattern,
        names: &Names,
        is: &impl Fn(NodeId, &Who) -> bool,
    ) -> bool {
        let what = match &by.what {
            Sighting::Fact(words) => self.kind == Kind::Fact && self.words.contains(words.as_str()),
            Sighting::Sent(name) => self.kind == Kind::Sent && self.words == *name,
            Sighting::Delivered(name) => self.kind == Kind::Delivered && self.words == *name,
        };
        let message = by.message.as_ref().is_none_or(|wanted| {
            let client = names.find(&wanted.client);
            let meant = |id: &MessageId| Some(id.client) == client && id.n == wanted.n;
            self.messages.iter().any(meant)
        });
        let subject = by.subject.as_ref().is_none_or(|wanted| {
            let subject = self.subject.as_ref();
            subject.is_some_and(|subject| is_about(subject, wanted))
        });
        what && message
            && subject
            && by.node.as_ref().is_none_or(|who| is(self.node, who))
            && by.from.as_ref().is_none_or(|who| is(self.from, who))
    }
}

/// Whether a subject is what people call so: `orders-0`, `hello`, `queue hello`, `billing`.
fn is_about(subject: &Subject, wanted: &str) -> bool {
    let (kind, name) = match subject {
        Subject::Queue(name) => ("queue", name),
        Subject::Exchange(name) => ("exchange", name),
        Subject::Consumer(name) => ("consumer", name),
        Subject::Leadership(name) => ("leader of", name),
        Subject::Isr(name) => ("ISR of", name),
        Subject::Log(_, name) => ("log of", name),
        Subject::HighWatermark(_, name) => ("high watermark of", name),
        Subject::Group(name) => ("group", name),
        Subject::Committed(_, name) => ("committed offset of", name),
        Subject::Copy(_, place) => return is_in(place, wanted),
        Subject::Node(_) | Subject::Link(_) | Subject::Message(_) => return false,
    };
    **name == *wanted
        || wanted
            .strip_prefix(kind)
            .is_some_and(|rest| rest.trim_start() == &**name)
}

fn is_in(place: &glassmq_core::subject::Place, wanted: &str) -> bool {
    use glassmq_core::subject::Place;
    match place {
        Place::Queue { queue, .. } => {
            **queue == *wanted || wanted.strip_prefix("queue ") == Some(queue)
        }
        Place::Replica {
            topic, partition, ..
        } => wanted == format!("{topic}-{partition}"),
        Place::Client(_) => false,
    }
}
