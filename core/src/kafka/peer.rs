//! A connection to a controller that is opened when needed: one request at a time, a time limit,
//! and a pause after each failure.
//!
//! Source: RequestManager and NodeToControllerRequestThread, both over NetworkClient with one
//! request in flight.

use crate::fingerprint::Fingerprint;
use crate::kafka::api::{self, Message, RequestBody, control};
use crate::machine::{Machine, Out};
use crate::names::{LinkId, Name, NodeId};
use crate::time::Span;

/// A machine with peers that it calls `K`: how it names their timers.
pub trait Dials<K>: Machine<Message = Message> {
    /// A peer has not answered in time.
    fn request_timeout(peer: K) -> Self::Timer;
    /// Time to try a peer again.
    fn retry_backoff(peer: K) -> Self::Timer;
}

/// How patient to be with a peer, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Patience {
    /// With an answer; then the connection is given up.
    pub request_timeout_ms: u32,
    /// After a failure, before the next try.
    pub retry_backoff_ms: u32,
}

/// A controller, as someone else reaches it.
#[derive(Clone, Debug, Fingerprint)]
pub struct Peer<K> {
    id: K,
    node: NodeId,
    patience: Patience,
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

impl<K: Copy> Peer<K> {
    /// Not connected yet.
    #[must_use]
    pub fn new(id: K, node: NodeId, patience: Patience) -> Self {
        Peer {
            id,
            node,
            patience,
            link: None,
            next_correlation_id: 0,
            expected: None,
            waiting: None,
            backing_off: false,
        }
    }

    /// Whether that is the connection to this peer.
    #[must_use]
    pub fn is_on(&self, link: LinkId) -> bool {
        self.link.as_ref().is_some_and(|own| own.id == link)
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.expected.is_some()
    }

    /// Whether no answer is awaited and no failure waited out.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.expected.is_none() && !self.backing_off
    }

    /// Sends a request as soon as the connection is there and free.
    pub fn request<M: Dials<K>>(&mut self, request: control::Request, out: &mut Out<M>) {
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

    fn send_waiting<M: Dials<K>>(&mut self, out: &mut Out<M>) {
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
            out.arm(
                M::request_timeout(self.id),
                Span::ms(u64::from(self.patience.request_timeout_ms)),
            );
        }
    }

    /// The connection is open.
    pub fn connected<M: Dials<K>>(&mut self, out: &mut Out<M>) {
        if let Some(link) = &mut self.link {
            link.open = true;
        }
        self.send_waiting(out);
    }

    /// An answer came. Tells whether it still counts: a new state has new questions.
    pub fn answered<M: Dials<K>>(&mut self, correlation_id: u32, out: &mut Out<M>) -> bool {
        if let Some(link) = &mut self.link
            && link.in_flight == Some(correlation_id)
        {
            link.in_flight = None;
            out.disarm(M::request_timeout(self.id));
        }
        let counts = self.expected == Some(correlation_id);
        if counts {
            self.expected = None;
        }
        self.send_waiting(out);
        counts
    }

    /// The connection is gone or never came about: waits before the next try.
    pub fn failed<M: Dials<K>>(&mut self, out: &mut Out<M>) {
        self.link = None;
        self.waiting = None;
        out.disarm(M::request_timeout(self.id));
        if self.expected.take().is_some() {
            self.back_off(out);
        }
    }

    /// Waits before the next try.
    pub fn back_off<M: Dials<K>>(&mut self, out: &mut Out<M>) {
        self.backing_off = true;
        let wait = Span::ms(u64::from(self.patience.retry_backoff_ms));
        out.arm(M::retry_backoff(self.id), wait);
    }

    /// Goes to another process from now on, which may be the same.
    pub fn turn_to<M: Dials<K>>(&mut self, node: NodeId, out: &mut Out<M>) {
        if self.node != node {
            if let Some(link) = self.link.take() {
                out.close(link.id);
                out.disarm(M::request_timeout(self.id));
            }
            self.node = node;
        }
    }

    /// No answer for too long: gives the connection up.
    pub fn timed_out<M: Dials<K>>(&mut self, out: &mut Out<M>) {
        if let Some(link) = &self.link {
            out.abort(link.id);
        }
        self.failed(out);
    }

    /// The wait after a failure is over.
    pub fn retry(&mut self) {
        self.backing_off = false;
    }

    /// Forgets what was asked: there are other questions now.
    pub fn reset<M: Dials<K>>(&mut self, out: &mut Out<M>) {
        self.expected = None;
        self.waiting = None;
        if self.backing_off {
            self.backing_off = false;
            out.disarm(M::retry_backoff(self.id));
        }
    }
}
