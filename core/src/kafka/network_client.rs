//! A client's connections: to whom, how many requests in flight, how long to wait for an answer,
//! when to try again; and what it knows of the cluster.
//!
//! Source: `NetworkClient`, `ClusterConnectionStates`, `Metadata`. Producers and consumers each
//! have one.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::{MetadataRequest, MetadataResponse, Request as DataRequest};
use crate::kafka::api::{Message, Request, RequestBody};
use crate::kafka::client::Client;
use crate::kafka::cluster_view::ClusterView;
use crate::kafka::topic::BrokerId;
use crate::machine::{Chance, Out};
use crate::names::{LinkId, Name, NodeId};
use crate::shared::{SortedMap, SortedSet};
use crate::time::Now;

/// Where a client connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Peer {
    /// An address of `bootstrap.servers`, before any broker's id is known.
    Bootstrap(u32),
    /// A broker.
    Broker(BrokerId),
    /// A broker as a group's coordinator: over a connection of its own, so that a fetch that waits
    /// does not keep heartbeats waiting.
    Coordinator(BrokerId),
}

/// What a network client is configured with; times in milliseconds.
#[derive(Clone, Copy, Debug, Fingerprint)]
pub struct NetworkConfig {
    /// `request.timeout.ms`.
    pub request_timeout_ms: u32,
    /// `retry.backoff.ms` and `retry.backoff.max.ms`.
    pub retry: Backoff,
    /// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
    pub reconnect: Backoff,
    /// `metadata.max.age.ms`.
    pub metadata_max_age_ms: u32,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: u32,
}

/// Waits that double with each failure, a fifth longer or shorter by chance (KIP-580).
#[derive(Clone, Copy, Debug, Fingerprint)]
pub struct Backoff {
    /// The first, in milliseconds.
    pub least_ms: u32,
    /// The longest, in milliseconds.
    pub most_ms: u32,
}

/// A client's connections and metadata. `P` is what a request was for.
#[derive(Clone, Debug, Fingerprint)]
pub struct NetworkClient<P> {
    client_id: Name,
    bootstrap: Vec<NodeId>,
    config: NetworkConfig,
    connections: SortedMap<Peer, Connection<P>>,
    /// What it knows of the cluster.
    pub cluster: ClusterView,
    topics: SortedSet<Name>,
    refresh: Refresh,
    next_bootstrap: u32,
}

/// When to ask for metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
struct Refresh {
    /// Not before then, in microseconds of the monotonic clock.
    not_before: u64,
    /// Because something was found to be stale or missing.
    wanted: bool,
    /// When the last answer came.
    last: Option<u64>,
    failures: u32,
    in_flight: bool,
}

#[derive(Clone, Debug, Fingerprint)]
struct Connection<P> {
    state: State,
    next_correlation_id: u32,
    in_flight: VecDeque<InFlight<P>>,
    /// In a row.
    failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
enum State {
    /// Not to be tried before then, in microseconds of the monotonic clock.
    Down {
        until: u64,
    },
    Connecting(LinkId),
    Open(LinkId),
}

#[derive(Clone, Debug, Fingerprint)]
struct InFlight<P> {
    correlation_id: u32,
    /// `None` for metadata, which the network client asks for itself.
    purpose: Option<P>,
    /// In microseconds of the monotonic clock.
    deadline: u64,
}

/// A request that got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost<P> {
    /// To whom.
    pub peer: Peer,
    /// For what.
    pub purpose: P,
}

impl Backoff {
    /// The wait after so many failures in a row, in microseconds.
    pub fn after(self, failures: u32, chance: &mut Chance<'_>) -> u64 {
        let doubled = u64::from(self.least_ms) << failures.saturating_sub(1).min(20);
        let base = doubled.min(u64::from(self.most_ms)) * 1000;
        if base == 0 {
            return 0;
        }
        let fifth = base / 5;
        base - fifth + chance.below(2 * fifth + 1, "backoff jitter")
    }
}

impl<P: Clone> NetworkClient<P> {
    /// A client that is not connected to anyone.
    #[must_use]
    pub fn new(client_id: Name, bootstrap: Vec<NodeId>, config: NetworkConfig) -> Self {
        NetworkClient {
            client_id,
            bootstrap,
            config,
            connections: SortedMap::new(),
            cluster: ClusterView::default(),
            topics: SortedSet::new(),
            refresh: Refresh {
                not_before: 0,
                wanted: false,
                last: None,
                failures: 0,
                in_flight: false,
            },
            next_bootstrap: 0,
        }
    }

    /// Wants to know a topic from now on.
    pub fn want_topic(&mut self, topic: &Name) {
        if self.topics.insert(topic.clone()) {
            self.want_metadata();
        }
    }

    /// Something was found to be stale or missing.
    pub fn want_metadata(&mut self) {
        self.refresh.wanted = true;
    }

    /// Whether a request may be sent to `peer` now. If not, a connection is on its way, or will be
    /// tried again when its backoff is over.
    pub fn ready(&mut self, peer: Peer, now: Now, out: &mut Out<Client>) -> bool {
        let max_in_flight = self.config.max_in_flight as usize;
        let to = self.address(peer);
        let connection = self.connection(peer);
        match connection.state {
            State::Open(_) => connection.in_flight.len() < max_in_flight,
            State::Connecting(_) => false,
            State::Down { until } => {
                if until <= now.mono
                    && let Some(to) = to
                {
                    connection.state = State::Connecting(out.connect(to));
                }
                false
            }
        }
    }

    /// Sends a request on an open connection. `timeout_ms` is for this request, if it is not
    /// `request.timeout.ms`.
    ///
    /// # Panics
    ///
    /// When [`NetworkClient::ready`] did not just say yes.
    pub fn send(
        &mut self,
        peer: Peer,
        purpose: P,
        body: RequestBody,
        timeout_ms: Option<u32>,
        now: Now,
        out: &mut Out<Client>,
    ) {
        let timeout_ms = timeout_ms.unwrap_or(self.config.request_timeout_ms);
        self.dispatch(peer, Some(purpose), body, timeout_ms, now, out);
    }

    /// Sends a request that gets no answer.
    ///
    /// # Panics
    ///
    /// When [`NetworkClient::ready`] did not just say yes.
    pub fn send_and_forget(&mut self, peer: Peer, body: RequestBody, out: &mut Out<Client>) {
        let client_id = self.client_id.clone();
        let connection = self.connection(peer);
        let State::Open(link) = connection.state else {
            panic!("{peer:?} is not ready");
        };
        let correlation_id = connection.next_correlation_id;
        connection.next_correlation_id += 1;
        let request = Request {
            correlation_id,
            client_id,
            body,
        };
        out.send(link, Message::Request(request));
    }

    /// A connection is open. Answers whether it is one of these.
    pub fn connected(&mut self, link: LinkId) -> bool {
        let Some(peer) = self.peer_of(link) else {
            return false;
        };
        let connection = self.connection(peer);
        connection.state = State::Open(link);
        connection.failures = 0;
        true
    }

    /// A connection is gone or did not come about. What was in flight is lost.
    pub fn disconnected(
        &mut self,
        link: LinkId,
        now: Now,
        chance: &mut Chance<'_>,
    ) -> Vec<Lost<P>> {
        match self.peer_of(link) {
            Some(peer) => self.fail(peer, now, chance),
            None => Vec::new(),
        }
    }

    /// What the answer with this number is about; `None` if nobody asked.
    pub fn answered(&mut self, link: LinkId, correlation_id: u32) -> Option<(Peer, Option<P>)> {
        let peer = self.peer_of(link)?;
        let connection = self.connection(peer);
        let first = connection.in_flight.front()?;
        assert_eq!(
            first.correlation_id, correlation_id,
            "answers come in the order of the requests"
        );
        let answered = connection.in_flight.pop_front()?;
        Some((peer, answered.purpose))
    }

    /// Takes the answer to a request for metadata. Answers whether something was missing.
    pub fn learn(&mut self, answer: &MetadataResponse, now: Now, chance: &mut Chance<'_>) {
        let complete = self.cluster.learn(answer);
        self.refresh.in_flight = false;
        self.refresh.last = Some(now.mono);
        self.refresh.wanted = !complete;
        self.refresh.failures = if complete {
            0
        } else {
            self.refresh.failures + 1
        };
        let wait = self
            .config
            .retry
            .after(self.refresh.failures.max(1), chance);
        self.refresh.not_before = now.mono + wait;
    }

    /// Gives up connections whose answers are overdue, and asks for metadata if it is time to.
    /// What was in flight on them is lost.
    pub fn drive(
        &mut self,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) -> Vec<Lost<P>> {
        let overdue = |(_, connection): &(&Peer, &Connection<P>)| {
            let mut deadlines = connection.in_flight.iter().map(|one| one.deadline);
            deadlines.any(|deadline| deadline <= now.mono)
        };
        let overdue = self.connections.iter().filter(overdue);
        let overdue: Vec<Peer> = overdue.map(|(peer, _)| *peer).collect();
        let mut lost = Vec::new();
        for peer in overdue {
            if let State::Open(link) = self.connection(peer).state {
                out.close(link);
            }
            lost.extend(self.fail(peer, now, chance));
        }
        self.ask_for_metadata(now, out);
        lost
    }

    /// When to be driven again, in microseconds of the monotonic clock.
    #[must_use]
    pub fn next_deadline(&self, now: Now) -> Option<u64> {
        let of_connection = |connection: &Connection<P>| {
            let answer = connection.in_flight.iter().map(|one| one.deadline).min();
            let retry = match connection.state {
                State::Down { until } if until > now.mono => Some(until),
                _ => None,
            };
            [answer, retry]
        };
        let connections = self.connections.values().flat_map(of_connection).flatten();
        let metadata = self.metadata_due().filter(|due| *due > now.mono);
        connections.chain(metadata).min()
    }

    /// Someone to ask what any broker can answer; `None` while none may be tried.
    #[must_use]
    pub fn any_peer(&self, now: Now) -> Option<Peer> {
        self.least_loaded(now)
    }

    /// Whether the last connection failed, and it is too early to try again
    /// (`NetworkClientUtils.isUnavailable`).
    #[must_use]
    pub fn is_unavailable(&self, peer: Peer, now: Now) -> bool {
        let state = self
            .connections
            .get(&peer)
            .map(|connection| connection.state);
        matches!(state, Some(State::Down { until }) if until > now.mono)
    }

    /// Closes all connections.
    pub fn close(&mut self, out: &mut Out<Client>) {
        for connection in self.connections.values() {
            if let State::Open(link) | State::Connecting(link) = connection.state {
                out.close(link);
            }
        }
        self.connections.clear();
    }

    /// When metadata is to be asked for; `None` while it is being asked for or nobody wants any.
    fn metadata_due(&self) -> Option<u64> {
        if self.refresh.in_flight || self.topics.is_empty() {
            return None;
        }
        let age = u64::from(self.config.metadata_max_age_ms) * 1000;
        let old = self.refresh.last.map_or(0, |last| last + age);
        let due = if self.refresh.wanted { 0 } else { old };
        Some(due.max(self.refresh.not_before))
    }

    fn ask_for_metadata(&mut self, now: Now, out: &mut Out<Client>) {
        if self.metadata_due().is_none_or(|due| due > now.mono) {
            return;
        }
        let Some(peer) = self.least_loaded(now) else {
            return;
        };
        if !self.ready(peer, now, out) {
            return;
        }
        self.refresh.in_flight = true;
        let request = DataRequest::Metadata(MetadataRequest {
            topics: Some(self.topics.iter().cloned().collect()),
            allow_auto_topic_creation: true,
        });
        let timeout_ms = self.config.request_timeout_ms;
        self.dispatch(peer, None, RequestBody::Data(request), timeout_ms, now, out);
    }

    /// A broker that is up and has the least to do, or one that may be tried
    /// (`leastLoadedNode`). Addresses of `bootstrap.servers` are tried in turn.
    fn least_loaded(&self, now: Now) -> Option<Peer> {
        let brokers = self.cluster.brokers().keys().map(|id| Peer::Broker(*id));
        let mut peers: Vec<Peer> = brokers.collect();
        if peers.is_empty() {
            let count = self.bootstrap.len() as u32;
            let from = self.next_bootstrap;
            peers = (0..count)
                .map(|n| Peer::Bootstrap((from + n) % count))
                .collect();
        }
        let rank = |peer: &Peer| match self
            .connections
            .get(peer)
            .map(|c| (c.state, c.in_flight.len()))
        {
            Some((State::Open(_), load)) => Some((0, load)),
            Some((State::Connecting(_), _)) => Some((1, 0)),
            None => Some((2, 0)),
            Some((State::Down { until }, _)) if until <= now.mono => Some((2, 0)),
            Some((State::Down { .. }, _)) => None,
        };
        let ranked = peers.iter().filter_map(|peer| Some((rank(peer)?, *peer)));
        let (_, best) = ranked.min_by_key(|(rank, _)| *rank)?;
        Some(best)
    }

    fn dispatch(
        &mut self,
        peer: Peer,
        purpose: Option<P>,
        body: RequestBody,
        timeout_ms: u32,
        now: Now,
        out: &mut Out<Client>,
    ) {
        self.send_and_forget(peer, body, out);
        let connection = self.connection(peer);
        connection.in_flight.push_back(InFlight {
            correlation_id: connection.next_correlation_id - 1,
            purpose,
            deadline: now.mono + u64::from(timeout_ms) * 1000,
        });
    }

    fn fail(&mut self, peer: Peer, now: Now, chance: &mut Chance<'_>) -> Vec<Lost<P>> {
        let reconnect = self.config.reconnect;
        let connection = self.connection(peer);
        connection.failures += 1;
        let until = now.mono + reconnect.after(connection.failures, chance);
        connection.state = State::Down { until };
        let in_flight = core::mem::take(&mut connection.in_flight);
        // Whoever is gone may have led something.
        self.want_metadata();
        if let Peer::Bootstrap(n) = peer {
            self.next_bootstrap = (n + 1) % self.bootstrap.len().max(1) as u32;
        }
        let mut lost = Vec::new();
        for one in in_flight {
            match one.purpose {
                Some(purpose) => lost.push(Lost { peer, purpose }),
                None => {
                    self.refresh.in_flight = false;
                    self.refresh.failures += 1;
                    let wait = self.config.retry.after(self.refresh.failures, chance);
                    self.refresh.not_before = now.mono + wait;
                }
            }
        }
        lost
    }

    fn address(&self, peer: Peer) -> Option<NodeId> {
        match peer {
            Peer::Bootstrap(n) => self.bootstrap.get(n as usize).copied(),
            Peer::Broker(id) | Peer::Coordinator(id) => self.cluster.brokers().get(&id).copied(),
        }
    }

    fn connection(&mut self, peer: Peer) -> &mut Connection<P> {
        self.connections.entry(peer).or_insert_with(|| Connection {
            state: State::Down { until: 0 },
            next_correlation_id: 0,
            in_flight: VecDeque::new(),
            failures: 0,
        })
    }

    fn peer_of(&self, link: LinkId) -> Option<Peer> {
        let own = |(_, connection): &(&Peer, &Connection<P>)| match connection.state {
            State::Connecting(own) | State::Open(own) => own == link,
            State::Down { .. } => false,
        };
        let (peer, _) = self.connections.iter().find(own)?;
        Some(*peer)
    }
}
