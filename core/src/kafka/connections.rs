//! The connections that others opened to a broker.
//!
//! Requests of one connection are served one after the other: the next is read when the one before
//! is answered, also while that one waits (`SocketServer` mutes the channel). So what a client
//! pipelines is in order.

use alloc::collections::VecDeque;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::Request;
use crate::names::LinkId;
use crate::shared::SortedMap;

/// All of them.
#[derive(Clone, Debug, Default, Fingerprint)]
pub struct Connections {
    open: SortedMap<LinkId, Connection>,
}

#[derive(Clone, Debug, Default, Fingerprint)]
struct Connection {
    /// Requests behind the one being served.
    queue: VecDeque<Request>,
    /// Whether one is being served.
    busy: bool,
}

impl Connections {
    /// There is one more.
    pub fn accepted(&mut self, link: LinkId) {
        self.open.insert(link, Connection::default());
    }

    /// There is one less; what it still asked for is forgotten.
    pub fn gone(&mut self, link: LinkId) {
        self.open.remove(&link);
    }

    /// Puts a request behind the others. On a connection that this broker has closed, nobody
    /// reads it.
    pub fn receive(&mut self, link: LinkId, request: Request) {
        if let Some(connection) = self.open.get_mut(&link) {
            connection.queue.push_back(request);
        }
    }

    /// The next request to serve, unless one is being served.
    pub fn next(&mut self, link: LinkId) -> Option<Request> {
        let connection = self.open.get_mut(&link).filter(|one| !one.busy)?;
        let request = connection.queue.pop_front()?;
        connection.busy = true;
        Some(request)
    }

    /// The request being served is done with. Says whether the connection is still there.
    pub fn answered(&mut self, link: LinkId) -> bool {
        let connection = self.open.get_mut(&link);
        connection
            .map(|connection| connection.busy = false)
            .is_some()
    }
}
