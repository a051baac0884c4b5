//! A voter's connections to the other voters: one request at a time to each.
//!
//! Source: RequestManager and KafkaNetworkChannel.

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::ReplicaId;
use crate::kafka::api::{self, Message, RequestBody, control};
use crate::kafka::controller_node::{ControllerNode, ControllerTimer as Timer};
use crate::machine::Out;
use crate::names::{LinkId, Name, NodeId};
use crate::time::Span;

/// `controller.quorum.request.timeout.ms`, in milliseconds.
const REQUEST_TIMEOUT_MS: u64 = 2000;
/// `controller.quorum.retry.backoff.ms`, in milliseconds.
const RETRY_BACKOFF_MS: u64 = 20;

/// Another voter, as this one reaches it.
#[derive(Clone, Debug, Fingerprint)]
pub struct Peer {
    id: ReplicaId,
    node: NodeId,
    link: Option<Link>,
    next_correlation_id: u32,
    /// The request whose answer still counts.
    expected: Option<u32>,
    /// A request that waits for the connection, or for the answer before it.
    waiting: Option<(u32, control::Request)>,
    backing_off: bool,
}

#[derive(Clone, Debug, Fingerprint)]
struct Link {
    id: LinkId,
    open: bool,
    /// The request on the wire, if one is.
    in_flight: Option<u32>,
}

impl Peer {
    /// Not connected yet.
    #[must_use]
    pub fn new(id: ReplicaId, node: NodeId) -> Self {
        Peer {
            id,
            node,
            link: None,
            next_correlation_id: 0,
            expected: None,
            waiting: None,
            backing_off: false,
        }
    }

    /// Whether that is the connection to this voter.
    #[must_use]
    pub fn is_on(&self, link: LinkId) -> bool {
        self.link.as_ref().is_some_and(|own| own.id == link)
    }

    /// Whether no answer is awaited and no failure waited out.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.expected.is_none() && !self.backing_off
    }

    /// Sends a request as soon as the connection is there and free.
    pub fn request(&mut self, request: control::Request, out: &mut Out<ControllerNode>) {
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id += 1;
        self.expected = Some(correlation_id);
        self.waiting = Some((correlation_id, request));
        if self.link.is_none() {
            self.link = Some(Link {
                id: out.connect(self.node),
                open: false,
                in_flight: None,
            });
        }
        self.send_waiting(out);
    }

    fn send_waiting(&mut self, out: &mut Out<ControllerNode>) {
        let Some(link) = &mut self.link else {
            return;
        };
        if !link.open || link.in_flight.is_some() {
            return;
        }
        if let Some((correlation_id, request)) = self.waiting.take() {
            link.in_flight = Some(correlation_id);
            let request = api::Request {
                correlation_id,
                client_id: Name::from("raft-client"),
                body: RequestBody::Control(request),
            };
            out.send(link.id, Message::Request(request));
            out.arm(Timer::RequestTimeout(self.id), Span::ms(REQUEST_TIMEOUT_MS));
        }
    }

    /// The connection is open.
    pub fn connected(&mut self, out: &mut Out<ControllerNode>) {
        if let Some(link) = &mut self.link {
            link.open = true;
        }
        self.send_waiting(out);
    }

    /// An answer came. Tells whether it still counts: a new state has new questions.
    pub fn answered(&mut self, correlation_id: u32, out: &mut Out<ControllerNode>) -> bool {
        if let Some(link) = &mut self.link
            && link.in_flight == Some(correlation_id)
        {
            link.in_flight = None;
            out.disarm(Timer::RequestTimeout(self.id));
        }
        let counts = self.expected == Some(correlation_id);
        if counts {
            self.expected = None;
        }
        self.send_waiting(out);
        counts
    }

    /// The connection is gone or never came about: waits before the next try.
    pub fn failed(&mut self, out: &mut Out<ControllerNode>) {
        self.link = None;
        self.waiting = None;
        out.disarm(Timer::RequestTimeout(self.id));
        if self.expected.take().is_some() {
            self.backing_off = true;
            out.arm(Timer::RetryBackoff(self.id), Span::ms(RETRY_BACKOFF_MS));
        }
    }

    /// No answer for too long: gives the connection up.
    pub fn timed_out(&mut self, out: &mut Out<ControllerNode>) {
        if let Some(link) = &self.link {
            out.abort(link.id);
        }
        self.failed(out);
    }

    /// The wait after a failure is over.
    pub fn retry(&mut self) {
        self.backing_off = false;
    }

    /// Forgets what was asked: this voter is in a new state.
    pub fn reset(&mut self, out: &mut Out<ControllerNode>) {
        self.expected = None;
        self.waiting = None;
        if self.backing_off {
            self.backing_off = false;
            out.disarm(Timer::RetryBackoff(self.id));
        }
    }
}
