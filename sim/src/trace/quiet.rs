//! Quiet traffic: a request and its answer that led to no fact, as an empty fetch or a heartbeat.
//!
//! It stays in the trace and in the digests; pictures fold it. An exchange is quiet if neither the
//! step that took the request nor the one that took the answer told or wrote anything, opened or
//! lost a connection. So it is known once the answer is taken: in between it counts as loud. Of
//! AMQP only the heartbeats are quiet: each other frame is one that a person asked for.

use glassmq_core::kafka::api::Message;
use glassmq_core::machine::Input;
use glassmq_core::names::LinkId;
use glassmq_core::rabbitmq::method::Frame;
use glassmq_core::shared::SortedMap;

use super::{Marks, Recorder};
use crate::cast::{Cast, Wire};
use crate::event::{Event, EventId, Sink, What, link_of};

/// Follows a run and finds its quiet events.
#[derive(Clone, Debug, Default)]
pub struct Quiet {
    here: Step,
    open: SortedMap<Exchange, Traffic>,
    found: Vec<EventId>,
}

/// A request and its answer: a connection, and Kafka's correlation id.
type Exchange = (LinkId, u32);

/// The step that goes on.
#[derive(Clone, Debug, Default)]
struct Step {
    number: u32,
    /// What it took: a frame of an exchange, and whether that was the answer.
    took: Option<(Exchange, bool)>,
    loud: bool,
    /// Its events but the frames that it sent.
    events: Vec<EventId>,
}

/// The events of an exchange so far.
#[derive(Clone, Debug, Default)]
struct Traffic {
    loud: bool,
    events: Vec<EventId>,
}

impl Quiet {
    /// Sees an event.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        if event.id.step != self.here.number {
            self.end_of_step();
            self.here.number = event.id.step;
        }
        match &event.what {
            What::Took { input, .. } => {
                self.here.events.push(event.id);
                match input {
                    Input::Message { link, message } => self.take(*link, message),
                    Input::Timer(_) => {}
                    other => self.be_loud(link_of(other)),
                }
            }
            What::Sent { link, message } => match message {
                Wire::Kafka(message) => {
                    let (id, _) = correlation(message);
                    let traffic = self.open.entry((*link, id)).or_default();
                    traffic.events.push(event.id);
                }
                Wire::Amqp(Frame::Heartbeat) => self.found.push(event.id),
                Wire::Amqp(_) => self.here.loud = true,
            },
            What::Armed { .. } | What::Disarmed { .. } | What::Drawn { .. } => {
                self.here.events.push(event.id);
            }
            What::Lost { link, .. } | What::Stalled { link, .. } | What::Closed { link, .. } => {
                self.be_loud(Some(*link));
            }
            _ => self.here.loud = true,
        }
    }

    /// The run is over: so is its last step.
    pub fn end(&mut self) {
        self.end_of_step();
    }

    /// What is known to be quiet since this was last asked. A step is judged when the next one
    /// begins.
    pub fn take_found(&mut self) -> Vec<EventId> {
        std::mem::take(&mut self.found)
    }

    fn take(&mut self, link: LinkId, message: &Wire) {
        match message {
            Wire::Kafka(message) => {
                let (id, is_answer) = correlation(message);
                self.here.took = Some(((link, id), is_answer));
            }
            Wire::Amqp(Frame::Heartbeat) => {}
            Wire::Amqp(_) => self.here.loud = true,
        }
    }

    /// Something happened to a connection: what is open on it is never answered.
    fn be_loud(&mut self, link: Option<LinkId>) {
        self.here.loud = true;
        if let Some(link) = link {
            self.open.retain(|(of, _), _| *of != link);
        }
    }

    fn end_of_step(&mut self) {
        let Step {
            took, loud, events, ..
        } = std::mem::take(&mut self.here);
        let Some((exchange, is_answer)) = took else {
            if !loud {
                self.found.extend(events);
            }
            return;
        };
        let Some(traffic) = self.open.get_mut(&exchange) else {
            return;
        };
        traffic.loud |= loud;
        traffic.events.extend(events);
        if is_answer
            && let Some(traffic) = self.open.remove(&exchange)
            && !traffic.loud
        {
            self.found.extend(traffic.events);
        }
    }
}

/// Which exchange of its connection, and whether it is the answer.
fn correlation(message: &Message) -> (u32, bool) {
    match message {
        Message::Request(request) => (request.correlation_id, false),
        Message::Response(response) => (response.correlation_id, true),
    }
}

/// The columns of a scenario's run, with the quiet events marked.
#[derive(Clone, Debug, Default)]
pub struct Marked {
    /// The columns and the digest.
    pub recorder: Recorder,
    quiet: Quiet,
}

impl Marked {
    /// The run is over.
    pub fn end(&mut self) {
        self.quiet.end();
        self.mark();
    }

    fn mark(&mut self) {
        for id in self.quiet.take_found() {
            self.recorder.trace.mark(id, Marks::QUIET);
        }
    }
}

impl Sink<Cast> for Marked {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.recorder.event(event);
        self.quiet.see(event);
        self.mark();
    }
}
