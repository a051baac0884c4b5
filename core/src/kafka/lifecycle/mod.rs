//! A broker's life as the controller sees it: registration, heartbeats, the metadata it applies,
//! and its way out.
//!
//! The broker owns one of these, lends it each input that is its own ([`BrokerLifecycle::owns`]),
//! and takes what it learnt ([`BrokerLifecycle::take_events`]).
//!
//! Source: BrokerLifecycleManager, BrokerServer.

use alloc::rc::Rc;
use alloc::vec::Vec;

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{
    AlterPartition, AlterPartitionRequest, AlterPartitionResponse, ReplicaId, Request, Response,
};
use crate::kafka::api::{self, Message, ResponseBody};
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::entry::{Entry, file};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Fact;
use crate::kafka::kraft::log::MetadataLog;
use crate::kafka::metadata::MetadataRecord;
use crate::kafka::peer::{Dials, Peer};
use crate::kafka::topic::Endpoint;
use crate::machine::{Chance, Effect, Input, Kept, Machine, Out};
use crate::names::{LinkId, NodeId};
use crate::shared::SortedMap;
use crate::time::{Now, Span};

use channel::Channel;
use observer::Observer;

pub mod channel;
pub mod observer;

/// `controller.socket.timeout.ms`: patience with the controller, in milliseconds.
const CONTROLLER_SOCKET_TIMEOUT_MS: u32 = 30_000;

/// What a broker needs to find the controllers.
#[derive(Clone, Debug)]
pub struct LifecycleSetup {
    /// Itself.
    pub broker: Endpoint,
    /// `controller.quorum.voters`.
    pub voters: SortedMap<ReplicaId, NodeId>,
    /// `server.properties`.
    pub config: Rc<BrokerConfig>,
}

/// What a connection to a controller is for. Each purpose has its own, as in Kafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Fetching metadata from this voter.
    Metadata(ReplicaId),
    /// Registration and heartbeats.
    Heartbeat,
    /// Changes of in-sync replicas.
    AlterPartition,
    /// What clients ask of the controller.
    Forwarding,
}

/// A lifecycle's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LifecycleTimer {
    /// Time for the next registration or heartbeat.
    Communication,
    /// `initial.broker.registration.timeout.ms`.
    RegistrationTimeout,
    /// A controller has not answered in time.
    RequestTimeout(Purpose),
    /// Time to try a controller again.
    RetryBackoff(Purpose),
}

/// What a broker learns from the controllers.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum LifecycleEvent {
    /// These records are committed.
    Replay(Vec<MetadataRecord>),
    /// The controller answered an `AlterPartition`.
    Altered(AlterPartitionResponse),
    /// The controller answered what was forwarded under this token.
    Forwarded(Forward, Response),
    /// Nothing keeps the broker from stopping: it writes down what it has and exits.
    MayStop,
}

/// For whom a request was forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub enum Forward {
    /// A client, on this connection, with this correlation id.
    Client(LinkId, u32),
    /// The broker itself, which needs an internal topic.
    InternalTopic,
}

/// Where a broker is in its life (BrokerState).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub enum BrokerRun {
    /// Has not applied its own registration yet.
    Starting,
    /// Has, and waits to be unfenced.
    Recovery,
    /// At work.
    Running,
    /// Waits for its leaderships to move.
    PendingControlledShutdown,
    /// On its way out.
    ShuttingDown,
}

/// A broker's life as the controller sees it.
#[derive(Clone, Debug, Fingerprint)]
pub struct BrokerLifecycle {
    broker: Endpoint,
    heartbeat_interval_ms: u32,
    session_timeout_ms: u32,
    voters: SortedMap<ReplicaId, NodeId>,
    observer: Observer,
    heartbeats: Channel<()>,
    alterations: Channel<()>,
    forwards: Channel<Forward>,
    run: BrokerRun,
    incarnation_id: u64,
    broker_epoch: Option<u64>,
    in_flight: bool,
    /// The next communication is due at the answer to this one.
    at_once: bool,
    failures: u32,
    /// Whether the controller has answered a wish to stop.
    waits_for_leaders: bool,
    events: Vec<LifecycleEvent>,
}

impl Machine for BrokerLifecycle {
    type Setup = LifecycleSetup;
    type Command = core::convert::Infallible;
    type Message = Message;
    type Timer = LifecycleTimer;
    type Record = Entry;
    type Fact = Fact;
    type View = BrokerRun;
    type Lens = ();

    fn boot(
        setup: &Self::Setup,
        kept: &Kept<Entry>,
        _: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        let me = ReplicaId(setup.broker.id.0);
        let config = &setup.config;
        let log = MetadataLog::kept(kept.get(&file::METADATA_LOG));
        let session = config.broker_session_timeout_ms;
        let mut lifecycle = BrokerLifecycle {
            broker: setup.broker,
            heartbeat_interval_ms: config.broker_heartbeat_interval_ms,
            session_timeout_ms: session,
            voters: setup.voters.clone(),
            observer: Observer::new(me, &setup.voters, config, log),
            heartbeats: Channel::new(Purpose::Heartbeat, session / 2),
            alterations: Channel::new(Purpose::AlterPartition, CONTROLLER_SOCKET_TIMEOUT_MS),
            forwards: Channel::new(Purpose::Forwarding, CONTROLLER_SOCKET_TIMEOUT_MS),
            run: BrokerRun::Starting,
            incarnation_id: chance.below(1 << 53, "incarnation id"),
            broker_epoch: None,
            in_flight: false,
            at_once: false,
            failures: 0,
            waits_for_leaders: false,
            events: Vec::new(),
        };
        let patience = u64::from(config.initial_broker_registration_timeout_ms);
        out.arm(LifecycleTimer::RegistrationTimeout, Span::ms(patience));
        lifecycle.communicate();
        lifecycle.poll(chance, out);
        lifecycle
    }

    fn step(&mut self, input: Input<Self>, _: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match input {
            Input::Message {
                link,
                message: Message::Response(response),
            } => self.answered(link, response, out),
            Input::Connected { link } => {
                if let Some(peer) = self.peer_on(link) {
                    peer.connected(out);
                }
            }
            Input::Refused { link, .. } | Input::Disconnected { link, .. } => {
                if let Some(peer) = self.peer_on(link) {
                    peer.failed(out);
                }
            }
            Input::Timer(timer) => self.timer(timer, out),
            Input::Stop => self.stop(out),
            _ => {}
        }
        self.poll(chance, out);
    }

    fn view(&self, (): &()) -> BrokerRun {
        self.run
    }
}

impl Dials<Purpose> for BrokerLifecycle {
    fn request_timeout(peer: Purpose) -> LifecycleTimer {
        LifecycleTimer::RequestTimeout(peer)
    }

    fn retry_backoff(peer: Purpose) -> LifecycleTimer {
        LifecycleTimer::RetryBackoff(peer)
    }
}

impl BrokerLifecycle {
    /// Whether a connection is one of these.
    pub fn owns(&mut self, link: LinkId) -> bool {
        self.peer_on(link).is_some()
    }

    /// What happened since the last time.
    pub fn take_events(&mut self) -> Vec<LifecycleEvent> {
        core::mem::take(&mut self.events)
    }

    /// The broker's epoch, once it is registered.
    #[must_use]
    pub fn broker_epoch(&self) -> Option<u64> {
        self.broker_epoch
    }

    /// Asks the controller for other in-sync replicas. One such request is under way at a time, so
    /// the caller waits for [`LifecycleEvent::Altered`] before the next one.
    pub fn alter_partitions(
        &mut self,
        partitions: Vec<AlterPartition>,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let request = AlterPartitionRequest {
            broker: self.broker.id,
            broker_epoch: self.broker_epoch.unwrap_or_default(),
            partitions,
        };
        self.alterations.push(Request::AlterPartition(request), ());
        self.poll(chance, out);
    }

    /// Passes a request on to the controller.
    pub fn forward(
        &mut self,
        request: Request,
        whose: Forward,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        self.forwards.push(request, whose);
        self.poll(chance, out);
    }

    fn poll(&mut self, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        self.observer.poll(chance, out);
        let leader = self.observer.leader();
        let controller = leader.and_then(|leader| self.voters.get(&leader)).copied();
        self.heartbeats.poll(controller, out);
        self.alterations.poll(controller, out);
        self.forwards.poll(controller, out);
    }

    fn peer_on(&mut self, link: LinkId) -> Option<&mut Peer<Purpose>> {
        if self.heartbeats.is_on(link) {
            self.heartbeats.peer()
        } else if self.alterations.is_on(link) {
            self.alterations.peer()
        } else if self.forwards.is_on(link) {
            self.forwards.peer()
        } else {
            self.observer.peer_on(link)
        }
    }

    fn peer_for(&mut self, purpose: Purpose) -> Option<&mut Peer<Purpose>> {
        match purpose {
            Purpose::Metadata(voter) => Some(self.observer.peer(voter)),
            Purpose::Heartbeat => self.heartbeats.peer(),
            Purpose::AlterPartition => self.alterations.peer(),
            Purpose::Forwarding => self.forwards.peer(),
        }
    }

    fn timer(&mut self, timer: LifecycleTimer, out: &mut Out<Self>) {
        match timer {
            LifecycleTimer::Communication if self.in_flight => self.at_once = true,
            LifecycleTimer::Communication => self.communicate(),
            LifecycleTimer::RegistrationTimeout if self.broker_epoch.is_none() => {
                self.run = BrokerRun::ShuttingDown;
                self.events.push(LifecycleEvent::MayStop);
            }
            LifecycleTimer::RegistrationTimeout => {}
            LifecycleTimer::RequestTimeout(purpose) => {
                if let Some(peer) = self.peer_for(purpose) {
                    peer.timed_out(out);
                }
            }
            LifecycleTimer::RetryBackoff(purpose) => {
                if let Some(peer) = self.peer_for(purpose) {
                    peer.retry();
                }
            }
        }
    }

    /// Registers, or sends a heartbeat.
    fn communicate(&mut self) {
        let request = match self.broker_epoch {
            None => Request::BrokerRegistration {
                broker: self.broker,
                incarnation_id: self.incarnation_id,
            },
            Some(broker_epoch) => Request::BrokerHeartbeat {
                broker_id: self.broker.id,
                broker_epoch,
                current_metadata_offset: self.observer.replayed(),
                want_fence: self.run == BrokerRun::Starting,
                want_shut_down: self.run == BrokerRun::PendingControlledShutdown,
            },
        };
        self.heartbeats.push(request, ());
        self.in_flight = true;
    }

    fn answered(&mut self, link: LinkId, response: api::Response, out: &mut Out<Self>) {
        let ResponseBody::Control(body) = response.body else {
            return;
        };
        let id = response.correlation_id;
        let refused = is_of_no_controller(&body);
        if self.heartbeats.is_on(link) {
            if self.heartbeats.answered(id, refused, out).is_some() {
                self.in_flight = false;
                self.on_heartbeat(&body, out);
            }
        } else if self.alterations.is_on(link) {
            let answered = self.alterations.answered(id, refused, out);
            if let (Some(()), Response::AlterPartition(response)) = (answered, body) {
                self.events.push(LifecycleEvent::Altered(response));
            }
        } else if self.forwards.is_on(link) {
            if let Some(whose) = self.forwards.answered(id, refused, out) {
                self.events.push(LifecycleEvent::Forwarded(whose, body));
            }
        } else if let Some(peer) = self.observer.peer_on(link)
            && peer.answered(id, out)
            && let Response::Fetch {
                quorum,
                high_watermark,
                diverging_epoch,
                batches,
            } = body
        {
            if !quorum.error.is_none() {
                // Whoever cannot help now can hardly do so in a moment.
                peer.back_off(out);
            }
            let observer = &mut self.observer;
            let records = observer.fetched(quorum, high_watermark, diverging_epoch, batches, out);
            if !records.is_empty() {
                self.events.push(LifecycleEvent::Replay(records));
            }
        }
    }

    /// The controller answered a registration or a heartbeat.
    fn on_heartbeat(&mut self, response: &Response, out: &mut Out<Self>) {
        match *response {
            Response::BrokerRegistration {
                error: ErrorCode::None,
                broker_epoch,
            } => {
                self.failures = 0;
                self.broker_epoch = Some(broker_epoch);
                out.disarm(LifecycleTimer::RegistrationTimeout);
                self.schedule(Span::ZERO, out);
            }
            Response::BrokerHeartbeat {
                error: ErrorCode::None,
                is_caught_up,
                is_fenced,
                should_shut_down,
            } => {
                self.failures = 0;
                let next = self.after_heartbeat(is_caught_up, is_fenced, should_shut_down);
                if let Some(wait_ms) = next {
                    self.schedule(Span::ms(wait_ms), out);
                }
            }
            _ => {
                // 100 ms, doubled each time up to the session timeout, give or take 2 %.
                let longest = u64::from(self.session_timeout_ms) * 1000;
                let wait = (100_000u64 << self.failures.min(20)).min(longest);
                self.failures += 1;
                self.at_once = false;
                self.schedule(Span::between(wait - wait / 50, wait + wait / 50), out);
            }
        }
    }

    /// How long until the next heartbeat, in milliseconds.
    fn after_heartbeat(
        &mut self,
        is_caught_up: bool,
        is_fenced: bool,
        should_shut_down: bool,
    ) -> Option<u64> {
        let interval = u64::from(self.heartbeat_interval_ms);
        match self.run {
            BrokerRun::Starting => {
                if is_caught_up {
                    self.run = BrokerRun::Recovery;
                }
                Some(10)
            }
            BrokerRun::Recovery => {
                if !is_fenced {
                    self.run = BrokerRun::Running;
                }
                Some(interval)
            }
            BrokerRun::Running => Some(interval),
            BrokerRun::PendingControlledShutdown if should_shut_down => {
                self.run = BrokerRun::ShuttingDown;
                self.events.push(LifecycleEvent::MayStop);
                None
            }
            BrokerRun::PendingControlledShutdown => {
                let first = !core::mem::replace(&mut self.waits_for_leaders, true);
                Some(if first { 50 } else { interval })
            }
            BrokerRun::ShuttingDown => None,
        }
    }

    fn schedule(&mut self, wait: Span, out: &mut Out<Self>) {
        let at_once = core::mem::take(&mut self.at_once);
        let wait = if at_once { Span::ZERO } else { wait };
        out.arm(LifecycleTimer::Communication, wait);
    }

    /// Asked to stop: a broker at work asks the controller to move its leaderships first.
    fn stop(&mut self, out: &mut Out<Self>) {
        match self.run {
            BrokerRun::Running => {
                self.run = BrokerRun::PendingControlledShutdown;
                self.schedule(Span::ZERO, out);
            }
            BrokerRun::PendingControlledShutdown => {}
            BrokerRun::Starting | BrokerRun::Recovery | BrokerRun::ShuttingDown => {
                self.run = BrokerRun::ShuttingDown;
                self.events.push(LifecycleEvent::MayStop);
            }
        }
    }
}

fn is_of_no_controller(response: &Response) -> bool {
    let error = match response {
        Response::BrokerRegistration { error, .. } | Response::BrokerHeartbeat { error, .. } => {
            *error
        }
        Response::AlterPartition(response) => response.error,
        Response::CreateTopics { topics } => {
            let mut errors = topics.iter().filter_map(|topic| topic.result.err());
            errors.next().unwrap_or(ErrorCode::None)
        }
        Response::Admin(response) => {
            let mut errors = response.outcomes().iter().map(|outcome| outcome.error);
            errors.next().unwrap_or(ErrorCode::None)
        }
        _ => ErrorCode::None,
    };
    error == ErrorCode::NotController
}

/// What a lifecycle asks for, in the terms of the broker around it.
pub fn lift<M>(
    effect: Effect<BrokerLifecycle>,
    timer: impl Fn(LifecycleTimer) -> M::Timer,
) -> Effect<M>
where
    M: Machine<Message = Message, Record = Entry, Fact = Fact>,
{
    match effect {
        Effect::Connect { to, link } => Effect::Connect { to, link },
        Effect::Send { link, message } => Effect::Send { link, message },
        Effect::Close { link } => Effect::Close { link },
        Effect::Abort { link } => Effect::Abort { link },
        Effect::Append { file, record } => Effect::Append { file, record },
        Effect::Truncate { file, end } => Effect::Truncate { file, end },
        Effect::TrimHead { file, before } => Effect::TrimHead { file, before },
        Effect::Replace { file, with } => Effect::Replace { file, with },
        Effect::Delete { file } => Effect::Delete { file },
        Effect::Sync { file } => Effect::Sync { file },
        Effect::Arm { timer: name, after } => Effect::Arm {
            timer: timer(name),
            after,
        },
        Effect::Disarm(name) => Effect::Disarm(timer(name)),
        Effect::Tell(fact) => Effect::Tell(fact),
        Effect::Exit => Effect::Exit,
    }
}

#[cfg(test)]
mod tests;
