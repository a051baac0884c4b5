//! A broker's way to the active controller: requests in order, each tried until a controller that
//! is the active one answers.
//!
//! Source: NodeToControllerChannelManager.

use alloc::collections::VecDeque;

use super::{BrokerLifecycle, Purpose};
use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::Request;
use crate::kafka::peer::{Patience, Peer};
use crate::machine::Out;
use crate::names::{LinkId, NodeId};

/// `NodeToControllerRequestThread`: how long to wait before asking again who the controller is, in
/// milliseconds.
const RETRY_BACKOFF_MS: u32 = 100;

/// Requests for the active controller, each with what its answer is for.
#[derive(Clone, Debug, Fingerprint)]
pub struct Channel<T> {
    purpose: Purpose,
    request_timeout_ms: u32,
    peer: Option<Peer<Purpose>>,
    queue: VecDeque<(Request, T)>,
}

impl<T: Clone> Channel<T> {
    /// Nothing to ask yet.
    #[must_use]
    pub fn new(purpose: Purpose, request_timeout_ms: u32) -> Self {
        Channel {
            purpose,
            request_timeout_ms,
            peer: None,
            queue: VecDeque::new(),
        }
    }

    /// Adds a request.
    pub fn push(&mut self, request: Request, token: T) {
        self.queue.push_back((request, token));
    }

    /// Whether that is its connection.
    #[must_use]
    pub fn is_on(&self, link: LinkId) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.is_on(link))
    }

    /// Its connection.
    pub fn peer(&mut self) -> Option<&mut Peer<Purpose>> {
        self.peer.as_mut()
    }

    /// Sends the first request that has no answer yet to the active controller, if it is known.
    pub fn poll(&mut self, controller: Option<NodeId>, out: &mut Out<BrokerLifecycle>) {
        let (Some(node), Some((request, _))) = (controller, self.queue.front()) else {
            return;
        };
        let patience = Patience {
            request_timeout_ms: self.request_timeout_ms,
            retry_backoff_ms: RETRY_BACKOFF_MS,
        };
        let purpose = self.purpose;
        let peer = self
            .peer
            .get_or_insert_with(|| Peer::new(purpose, node, patience));
        if peer.is_ready() {
            peer.turn_to(node, out);
            peer.request(request.clone(), out);
        }
    }

    /// An answer came. Returns what it is for, unless it is of a controller that is not active:
    /// then the request is tried again.
    pub fn answered(
        &mut self,
        correlation_id: u32,
        not_controller: bool,
        out: &mut Out<BrokerLifecycle>,
    ) -> Option<T> {
        let peer = self.peer.as_mut()?;
        if !peer.answered(correlation_id, out) {
            return None;
        }
        if not_controller {
            peer.back_off(out);
            return None;
        }
        self.queue.pop_front().map(|(_, token)| token)
    }
}
