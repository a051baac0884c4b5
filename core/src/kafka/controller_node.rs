//! A controller process (`process.roles=controller`): a voter of the metadata quorum and, while it
//! leads, the active controller.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{
    AlterPartitionResponse, CreatableTopic, CreatedTopic, ReplicaId, Request, Response,
};
use crate::kafka::api::{self, Message, RequestBody, ResponseBody};
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::controller::{Controller, ControllerConfig, Decision};
use crate::kafka::entry::Entry;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Fact;
use crate::kafka::fact::control::ControlFact;
use crate::kafka::kraft::{Kraft, QuorumConfig, QuorumEvent};
use crate::kafka::metadata::{Image, MetadataRecord, QuorumRecord};
use crate::kafka::peer::Dials;
use crate::kafka::session::Wishes;
use crate::machine::{Chance, Input, Kept, Machine, Out};
use crate::names::{LinkId, NodeId};
use crate::shared::SortedMap;
use crate::time::{Now, Span};

/// What a controller is started with.
#[derive(Clone, Debug)]
pub struct ControllerSetup {
    /// Its `node.id`.
    pub me: ReplicaId,
    /// `controller.quorum.voters`: all controllers, this one included.
    pub voters: SortedMap<ReplicaId, NodeId>,
    /// `server.properties`.
    pub config: Rc<BrokerConfig>,
    /// What an administrator does once the cluster is up.
    pub founding: Founding,
}

/// The topics that a cluster begins with: created by the active controller when all brokers have
/// come up for the first time, as an administrator's script would.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Founding {
    /// How many brokers there are.
    pub brokers: u32,
    /// The topics.
    pub topics: Vec<CreatableTopic>,
}

/// A controller's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControllerTimer {
    /// `controller.quorum.election.timeout.ms`: no leader for so long.
    Election,
    /// The wait after a lost election.
    ElectionBackoff,
    /// `controller.quorum.fetch.timeout.ms`: the leader has not answered for so long.
    FetchTimeout,
    /// A majority has not fetched for so long.
    CheckQuorum,
    /// Time to make the leader known again.
    BeginQuorumEpoch,
    /// Time to try a voter again.
    RetryBackoff(ReplicaId),
    /// A voter has not answered for so long.
    RequestTimeout(ReplicaId),
    /// A fetch has waited for records for so long.
    ParkedFetch(LinkId, u32),
    /// Time to look for a broker whose session is over.
    Sessions,
}

/// What an inspector shows of a controller.
#[derive(Clone, Debug)]
pub struct ControllerView {
    /// What it is to the quorum: `leader`, `follower`.
    pub state: &'static str,
    /// The epoch that it knows.
    pub epoch: u32,
    /// Who leads in it.
    pub leader: Option<ReplicaId>,
    /// The end of its log.
    pub end_offset: u64,
    /// The end of what is committed.
    pub high_watermark: Option<u64>,
    /// The committed metadata.
    pub image: Image,
}

/// A controller process.
#[derive(Clone, Debug, Fingerprint)]
pub struct ControllerNode {
    config: ControllerConfig,
    kraft: Kraft,
    /// What is committed.
    image: Image,
    /// Present while this is the active controller.
    active: Option<Controller>,
    /// Answers that wait for a commit, in the order of their offsets.
    deferred: VecDeque<Deferred>,
    sessions_armed: bool,
    founding: Founding,
    /// Whether this leadership has seen to the founding.
    founded: bool,
}

/// An answer that is given once what it tells is committed.
#[derive(Clone, Debug, Fingerprint)]
struct Deferred {
    /// Given when everything before this offset is committed.
    until: u64,
    link: LinkId,
    correlation_id: u32,
    request: Request,
    response: Response,
}

impl Machine for ControllerNode {
    type Setup = ControllerSetup;
    type Command = core::convert::Infallible;
    type Message = Message;
    type Timer = ControllerTimer;
    type Record = Entry;
    type Fact = Fact;
    type View = ControllerView;
    type Lens = ();

    fn boot(
        setup: &Self::Setup,
        kept: &Kept<Entry>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        let kraft = Kraft::boot(
            setup.me,
            &setup.voters,
            QuorumConfig::from(&*setup.config),
            kept,
            chance,
            out,
        );
        let mut node = ControllerNode {
            config: ControllerConfig::from(&*setup.config),
            kraft,
            image: Image::default(),
            active: None,
            deferred: VecDeque::new(),
            sessions_armed: false,
            founding: setup.founding.clone(),
            founded: false,
        };
        node.quorum_events(now, out);
        node
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match input {
            Input::Command(command) => match command {},
            Input::Message { link, message } => self.message(link, message, now, chance, out),
            Input::Connected { link } => self.kraft.connected(link, chance, out),
            Input::Refused { link, .. } => self.kraft.lost(link, chance, out),
            Input::Disconnected { link, .. } => {
                self.deferred.retain(|deferred| deferred.link != link);
                self.kraft.lost(link, chance, out);
            }
            Input::Timer(ControllerTimer::Sessions) => self.check_sessions(now, chance, out),
            Input::Timer(timer) => self.kraft.timer(timer, chance, out),
            Input::Synced { file, .. } => self.kraft.synced(file, chance, out),
            // ProcessTerminatingFaultHandler: a voter that cannot write must not go on.
            Input::WriteFailed { .. } => out.exit(),
            Input::Stop => self.kraft.stop(chance, out),
            Input::Accepted { .. } | Input::DiskFree { .. } | Input::Memory { .. } => {}
        }
        self.quorum_events(now, out);
        self.found(now, chance, out);
    }

    fn view(&self, (): &()) -> ControllerView {
        ControllerView {
            state: self.kraft.state_name(),
            epoch: self.kraft.epoch(),
            leader: self.kraft.leader(),
            end_offset: self.kraft.end_offset(),
            high_watermark: self.kraft.high_watermark(),
            image: self.image.clone(),
        }
    }
}

impl Dials<ReplicaId> for ControllerNode {
    fn request_timeout(peer: ReplicaId) -> ControllerTimer {
        ControllerTimer::RequestTimeout(peer)
    }

    fn retry_backoff(peer: ReplicaId) -> ControllerTimer {
        ControllerTimer::RetryBackoff(peer)
    }
}

impl ControllerNode {
    fn message(
        &mut self,
        link: LinkId,
        message: Message,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let of_the_quorum = match &message {
            Message::Response(_) => true,
            Message::Request(request) => matches!(
                request.body,
                RequestBody::Control(
                    Request::Vote { .. }
                        | Request::BeginQuorumEpoch { .. }
                        | Request::EndQuorumEpoch { .. }
                        | Request::Fetch { .. }
                )
            ),
        };
        match message {
            message if of_the_quorum => self.kraft.message(link, message, chance, out),
            Message::Request(api::Request {
                correlation_id,
                body: RequestBody::Control(request),
                ..
            }) => self.decide(link, correlation_id, request, now, chance, out),
            // Controllers listen for nothing else: the connection is closed.
            _ => out.close(link),
        }
    }

    /// A broker or an administrator asks for something that only the active controller can give.
    fn decide(
        &mut self,
        link: LinkId,
        correlation_id: u32,
        request: Request,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let Some(active) = &mut self.active else {
            let response = not_controller(&request);
            return respond(link, correlation_id, response, out);
        };
        let decision = match &request {
            Request::BrokerRegistration {
                broker,
                incarnation_id,
            } => active.register(*broker, *incarnation_id, self.kraft.next_offset(), now),
            Request::BrokerHeartbeat {
                broker_id,
                broker_epoch,
                current_metadata_offset,
                want_fence,
                want_shut_down,
            } => {
                let wishes = Wishes {
                    metadata_offset: *current_metadata_offset,
                    fence: *want_fence,
                    shut_down: *want_shut_down,
                };
                active.heartbeat(*broker_id, *broker_epoch, wishes, now)
            }
            Request::AlterPartition(request) => active.alter_partition(request),
            Request::CreateTopics { topics } => active.create_topics(topics, chance),
            Request::Admin(request) => active.administer(request, chance),
            Request::Vote { .. }
            | Request::BeginQuorumEpoch { .. }
            | Request::EndQuorumEpoch { .. }
            | Request::Fetch { .. } => unreachable!("the quorum's own"),
        };
        let Decision {
            records,
            response,
            refusals,
        } = decision;
        for refusal in refusals {
            out.tell(refusal.into());
        }
        self.write(records, now, chance, out);
        // What was read may not be committed yet, so even an answer that changes nothing waits.
        let until = self.kraft.next_offset();
        if self
            .kraft
            .high_watermark()
            .is_some_and(|committed| committed >= until)
        {
            respond(link, correlation_id, response, out);
        } else {
            self.deferred.push_back(Deferred {
                until,
                link,
                correlation_id,
                request,
                response,
            });
        }
        self.arm_sessions(now, out);
    }

    fn write(
        &mut self,
        records: Vec<MetadataRecord>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        if let (false, Some(active)) = (records.is_empty(), &mut self.active) {
            active.replay(&records, self.kraft.next_offset(), now);
            let records = records.into_iter().map(QuorumRecord::Metadata).collect();
            self.kraft.propose(records, chance, out);
        }
    }

    /// Creates the topics that the cluster begins with, when all brokers are at work.
    fn found(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        let Some(active) = self.active.as_ref().filter(|_| !self.founded) else {
            return;
        };
        let image = active.image();
        let at_work = image.brokers.values().filter(|broker| broker.is_active());
        if (at_work.count() as u64) < u64::from(self.founding.brokers) {
            return;
        }
        self.founded = true;
        let missing = |topic: &&CreatableTopic| !image.topics.contains_key(&topic.name);
        let topics: Vec<_> = self
            .founding
            .topics
            .iter()
            .filter(missing)
            .cloned()
            .collect();
        let decision = active.create_topics(&topics, chance);
        for refusal in decision.refusals {
            out.tell(refusal.into());
        }
        self.write(decision.records, now, chance, out);
    }

    /// Fences brokers that have been silent for too long.
    fn check_sessions(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        self.sessions_armed = false;
        while let Some(records) = self
            .active
            .as_mut()
            .and_then(|active| active.fence_stale(now))
        {
            self.write(records, now, chance, out);
        }
        self.arm_sessions(now, out);
    }

    fn arm_sessions(&mut self, now: Now, out: &mut Out<Self>) {
        let next = self
            .active
            .as_ref()
            .and_then(|active| active.next_session_check(now));
        if let (false, Some(wait)) = (self.sessions_armed, next) {
            self.sessions_armed = true;
            out.arm(ControllerTimer::Sessions, Span::us(wait));
        }
    }

    fn quorum_events(&mut self, now: Now, out: &mut Out<Self>) {
        for event in self.kraft.take_events() {
            match event {
                QuorumEvent::Committed(batch) => {
                    for record in batch.metadata() {
                        // One voice is enough: the one that decided.
                        if self.active.is_some() {
                            ControlFact::of(record, &self.image, &mut |fact| {
                                out.tell(fact.into());
                            });
                        }
                        self.image.replay(record);
                    }
                    self.answer(batch.next_offset(), out);
                }
                QuorumEvent::Claimed { .. } => {
                    self.founded = false;
                    self.active = Some(Controller::claim(self.config, self.image.clone(), now));
                    self.arm_sessions(now, out);
                }
                QuorumEvent::Renounced => {
                    self.active = None;
                    for deferred in core::mem::take(&mut self.deferred) {
                        let response = not_controller(&deferred.request);
                        respond(deferred.link, deferred.correlation_id, response, out);
                    }
                }
            }
        }
    }

    fn answer(&mut self, committed: u64, out: &mut Out<Self>) {
        while let Some(deferred) = self.deferred.pop_front_if(|first| first.until <= committed) {
            respond(
                deferred.link,
                deferred.correlation_id,
                deferred.response,
                out,
            );
        }
    }
}

fn respond(link: LinkId, correlation_id: u32, response: Response, out: &mut Out<ControllerNode>) {
    let response = api::Response {
        correlation_id,
        body: ResponseBody::Control(response),
    };
    out.send(link, Message::Response(response));
}

/// What a controller says that is not the active one.
fn not_controller(request: &Request) -> Response {
    let error = ErrorCode::NotController;
    match request {
        Request::BrokerHeartbeat { .. } => Response::BrokerHeartbeat {
            error,
            is_caught_up: false,
            is_fenced: true,
            should_shut_down: false,
        },
        Request::AlterPartition(_) => Response::AlterPartition(AlterPartitionResponse {
            error,
            partitions: Vec::new(),
        }),
        Request::CreateTopics { topics } => {
            let each = |topic: &CreatableTopic| CreatedTopic {
                name: topic.name.clone(),
                result: Err(error),
            };
            Response::CreateTopics {
                topics: topics.iter().map(each).collect(),
            }
        }
        Request::Admin(request) => Response::Admin(request.answered(error)),
        _ => Response::BrokerRegistration {
            error,
            broker_epoch: 0,
        },
    }
}
