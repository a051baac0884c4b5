//! The metadata quorum (KRaft): Raft turned round, in which followers fetch and the leader learns
//! from what they ask for how far they are.
//!
//! A voter is [`State::Unattached`] when it knows an epoch but no leader of it, becomes a
//! [`State::Candidate`] when that lasts too long, and [`State::Leader`] with a majority's votes. A
//! leader first writes a `LeaderChange` record: once a majority has fetched beyond it, that record
//! and everything before it is committed. A [`State::Follower`] whose log has parted from the
//! leader's is told where, and truncates. A leader that a majority no longer fetches from resigns.
//!
//! As in Kafka, all this is one thread, and that thread writes to the disk itself: what comes in
//! while a flush is under way waits until it is over, and no answer leaves before what it promises
//! is on disk.
//!
//! Source: KIP-595; KafkaRaftClient and QuorumState. Snapshots, pre-vote (KIP-996) and changes of the
//! voter set (KIP-853) are not modelled.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::api::Message;
use crate::kafka::api::control::ReplicaId;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::controller_node::{ControllerNode, ControllerTimer as Timer};
use crate::kafka::entry::{Entry, file};
use crate::kafka::fact::control::ResignedBecause;
use crate::kafka::metadata::{MetadataBatch, QuorumRecord};
use crate::kafka::peer::{Patience, Peer};
use crate::machine::{Chance, Kept, Out};
use crate::names::{FileId, LinkId, NodeId};
use crate::shared::{SortedMap, SortedSet};
use crate::time::Span;

pub use follower::MAX_FETCH_WAIT_MS;

use leader::Leadership;
use log::MetadataLog;

mod election;
mod exchange;
mod follower;
mod leader;
pub mod log;

/// A voter's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct QuorumConfig {
    /// `controller.quorum.election.timeout.ms`: the least wait for a leader before standing; up to
    /// twice as long by chance.
    pub election_timeout_ms: u32,
    /// `controller.quorum.fetch.timeout.ms`: a follower's patience with its leader; a leader's
    /// with its followers is half as much again.
    pub fetch_timeout_ms: u32,
    /// `controller.quorum.election.backoff.max.ms`: the longest wait after a lost election.
    pub election_backoff_max_ms: u32,
    /// `controller.quorum.request.timeout.ms`: the patience with any one answer.
    pub request_timeout_ms: u32,
    /// `controller.quorum.retry.backoff.ms`: the pause after a failed request.
    pub retry_backoff_ms: u32,
}

impl From<&BrokerConfig> for QuorumConfig {
    fn from(config: &BrokerConfig) -> Self {
        QuorumConfig {
            election_timeout_ms: config.controller_quorum_election_timeout_ms,
            fetch_timeout_ms: config.controller_quorum_fetch_timeout_ms,
            election_backoff_max_ms: config.controller_quorum_election_backoff_max_ms,
            request_timeout_ms: config.controller_quorum_request_timeout_ms,
            retry_backoff_ms: config.controller_quorum_retry_backoff_ms,
        }
    }
}

/// The contents of the file `quorum-state`: what a voter must not forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct QuorumState {
    /// The latest epoch it knows of.
    pub leader_epoch: u32,
    /// Who leads in it, if it knows.
    pub leader_id: Option<ReplicaId>,
    /// Whom it voted for in it, if it did.
    pub voted_id: Option<ReplicaId>,
}

/// What the quorum tells the controller on top of it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum QuorumEvent {
    /// These records are committed.
    Committed(MetadataBatch),
    /// This voter leads, and knows all that was committed before.
    Claimed {
        /// In this epoch.
        epoch: u32,
    },
    /// It does not lead any more.
    Renounced,
}

/// What a voter is.
#[derive(Clone, Debug, Fingerprint)]
enum State {
    /// Knows an epoch, but not who leads in it.
    Unattached {
        voted: Option<ReplicaId>,
        /// Whether its patience is over already.
        expired: bool,
    },
    /// Fetches from the leader.
    Follower { leader: ReplicaId },
    /// Stands for election.
    Candidate {
        /// The how-many-eth time in a row.
        retries: u32,
        /// The answers so far, its own vote included.
        votes: SortedMap<ReplicaId, bool>,
        /// Whether it waits before standing again.
        backing_off: bool,
        /// Whether the time for this election is over.
        expired: bool,
    },
    /// Leads.
    Leader(Leadership),
    /// Led in this epoch and does not any more.
    Resigned {
        /// Those who have not answered `EndQuorumEpoch` yet.
        unacked: SortedSet<ReplicaId>,
        /// The other voters, the most advanced first.
        preferred_successors: Vec<ReplicaId>,
    },
}

/// What waits while the thread writes to the disk.
#[derive(Clone, Debug, Fingerprint)]
enum Work {
    Message(LinkId, Message),
    Connected(LinkId),
    Lost(LinkId),
    Timer(Timer),
}

/// A `Fetch` that waits for records.
#[derive(Clone, Debug, Fingerprint)]
struct ParkedFetch {
    link: LinkId,
    correlation_id: u32,
    request: FetchPosition,
}

/// Where a replica's log ends.
#[derive(Clone, Copy, Debug, Fingerprint)]
struct FetchPosition {
    replica_id: ReplicaId,
    current_leader_epoch: u32,
    last_fetched_epoch: u32,
    fetch_offset: u64,
}

/// One voter of the metadata quorum.
#[derive(Clone, Debug, Fingerprint)]
pub struct Kraft {
    me: ReplicaId,
    node: NodeId,
    config: QuorumConfig,
    epoch: u32,
    state: State,
    log: MetadataLog,
    high_watermark: Option<u64>,
    /// The end of what the controller was given.
    delivered: u64,
    claimed: bool,
    /// Whether it has been asked to stop: it stands for no election any more.
    stopping: bool,
    peers: SortedMap<ReplicaId, Peer<ReplicaId>>,
    parked: Vec<ParkedFetch>,
    /// Records that wait for the thread to append them.
    proposed: VecDeque<Vec<QuorumRecord>>,
    /// Where `proposed` will end.
    proposed_end: u64,
    flush: Flush,
    backlog: VecDeque<Work>,
    outbox: Vec<(LinkId, Message)>,
    events: Vec<QuorumEvent>,
}

/// What the disk has to do before anything else happens.
#[derive(Clone, Debug, Default, Fingerprint)]
struct Flush {
    quorum_state: bool,
    log: bool,
    under_way: SortedSet<FileId>,
}

impl Kraft {
    /// Starts from what the disk kept (QuorumState.initialize).
    pub fn boot(
        me: ReplicaId,
        voters: &SortedMap<ReplicaId, NodeId>,
        config: QuorumConfig,
        kept: &Kept<Entry>,
        chance: &mut Chance<'_>,
        out: &mut Out<ControllerNode>,
    ) -> Self {
        let node = *voters.get(&me).expect("a controller is one of the voters");
        let log = MetadataLog::kept(kept.get(&file::METADATA_LOG));
        let kept = kept.get(&file::QUORUM_STATE);
        let quorum_state = match kept.and_then(|kept| kept.records.last()) {
            Some(Entry::QuorumState(state)) => Some(*state),
            _ => None,
        };
        let others = voters.iter().filter(|(id, _)| **id != me);
        let patience = Patience {
            request_timeout_ms: config.request_timeout_ms,
            retry_backoff_ms: config.retry_backoff_ms,
        };
        let peer = |(&id, &node)| (id, Peer::new(id, node, patience));
        let mut kraft = Kraft {
            me,
            node,
            config,
            epoch: log.last_epoch(),
            state: State::Unattached {
                voted: None,
                expired: false,
            },
            proposed_end: log.end_offset(),
            log,
            high_watermark: None,
            delivered: 0,
            claimed: false,
            stopping: false,
            peers: others.map(peer).collect(),
            parked: Vec::new(),
            proposed: VecDeque::new(),
            flush: Flush::default(),
            backlog: VecDeque::new(),
            outbox: Vec::new(),
            events: Vec::new(),
        };
        kraft.resume(quorum_state, out);
        kraft.settle(chance, out);
        kraft
    }

    /// In the state in which it stopped; but whoever led does so no more.
    fn resume(&mut self, kept: Option<QuorumState>, out: &mut Out<ControllerNode>) {
        let kept = kept.filter(|kept| kept.leader_epoch >= self.epoch);
        if let Some(kept) = kept {
            self.epoch = kept.leader_epoch;
            if kept.leader_id == Some(self.me) {
                self.state = self.resigned(Vec::new());
            } else if kept.voted_id == Some(self.me) {
                self.state = self.candidate(1);
            } else if let Some(leader) = kept.leader_id {
                self.state = State::Follower { leader };
            } else {
                self.state = State::Unattached {
                    voted: kept.voted_id,
                    expired: false,
                };
            }
        }
        match self.state {
            State::Follower { .. } => self.arm_fetch_timeout(out),
            _ => self.arm_election(out),
        }
        self.flush.quorum_state = true;
        if self.peers.is_empty() {
            // Nobody else to wait for.
            out.disarm(Timer::Election);
            self.become_candidate(out);
        }
    }

    /// A message of the quorum arrived.
    pub fn message(
        &mut self,
        link: LinkId,
        message: Message,
        chance: &mut Chance<'_>,
        out: &mut Out<ControllerNode>,
    ) {
        self.backlog.push_back(Work::Message(link, message));
        self.work(chance, out);
    }

    /// A connection that was asked for is open.
    pub fn connected(
        &mut self,
        link: LinkId,
        chance: &mut Chance<'_>,
        out: &mut Out<ControllerNode>,
    ) {
        self.backlog.push_back(Work::Connected(link));
        self.work(chance, out);
    }

    /// A connection is gone, or did not come about.
    pub fn lost(&mut self, link: LinkId, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        self.backlog.push_back(Work::Lost(link));
        self.work(chance, out);
    }

    /// A timer of the quorum went off.
    pub fn timer(&mut self, timer: Timer, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        self.backlog.push_back(Work::Timer(timer));
        self.work(chance, out);
    }

    /// The disk is done with a file.
    pub fn synced(&mut self, file: FileId, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        self.flush.under_way.remove(&file);
        if self.flush.under_way.is_empty() {
            self.flushed(out);
            self.settle(chance, out);
            self.work(chance, out);
        }
    }

    /// Appends records as the leader, as soon as the thread gets to it. Returns the offset after
    /// the last; their commit is an event, or this leadership's end is.
    ///
    /// # Panics
    /// When this voter has not claimed leadership.
    pub fn propose(
        &mut self,
        records: Vec<QuorumRecord>,
        chance: &mut Chance<'_>,
        out: &mut Out<ControllerNode>,
    ) -> u64 {
        assert!(self.claimed, "only the active controller proposes");
        self.proposed_end += records.len() as u64;
        self.proposed.push_back(records);
        self.work(chance, out);
        self.proposed_end
    }

    /// Asked to stop: a leader resigns and stays until there is another one.
    pub fn stop(&mut self, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        self.stopping = true;
        self.resign(ResignedBecause::Stopping, out);
        if self.flush.under_way.is_empty() {
            self.settle(chance, out);
        }
    }

    /// The offset that the next proposed record will have.
    #[must_use]
    pub fn next_offset(&self) -> u64 {
        self.proposed_end
    }

    /// What happened since the last time.
    pub fn take_events(&mut self) -> Vec<QuorumEvent> {
        core::mem::take(&mut self.events)
    }

    /// The current epoch.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Who leads in it, as far as this voter knows.
    #[must_use]
    pub fn leader(&self) -> Option<ReplicaId> {
        match &self.state {
            State::Follower { leader } => Some(*leader),
            State::Leader(_) | State::Resigned { .. } => Some(self.me),
            State::Unattached { .. } | State::Candidate { .. } => None,
        }
    }

    /// The name of its state, as Kafka's metric `current-state` has it.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match self.state {
            State::Unattached { voted: None, .. } => "unattached",
            State::Unattached { .. } => "unattached-voted",
            State::Follower { .. } => "follower",
            State::Candidate { .. } => "candidate",
            State::Leader(_) => "leader",
            State::Resigned { .. } => "resigned",
        }
    }

    /// The end of its log.
    #[must_use]
    pub fn end_offset(&self) -> u64 {
        self.log.end_offset()
    }

    /// The end of what is committed, as far as it knows.
    #[must_use]
    pub fn high_watermark(&self) -> Option<u64> {
        self.high_watermark
    }

    fn voters(&self) -> u32 {
        self.peers.len() as u32 + 1
    }

    /// Does what waits, until the disk is needed.
    fn work(&mut self, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        while self.flush.under_way.is_empty() {
            match self.backlog.pop_front() {
                Some(Work::Message(link, Message::Request(request))) => {
                    self.on_request(link, request, out);
                }
                Some(Work::Message(link, Message::Response(response))) => {
                    self.on_response(link, response, chance, out);
                }
                Some(Work::Connected(link)) => {
                    if let Some(peer) = self.peer_on(link) {
                        peer.connected(out);
                    }
                }
                Some(Work::Lost(link)) => {
                    self.parked.retain(|parked| parked.link != link);
                    if let Some(peer) = self.peer_on(link) {
                        peer.failed(out);
                    }
                }
                Some(Work::Timer(timer)) => self.on_timer(timer, chance, out),
                None if self.proposed.is_empty() => break,
                None => {}
            }
            self.settle(chance, out);
        }
    }

    fn peer_on(&mut self, link: LinkId) -> Option<&mut Peer<ReplicaId>> {
        self.peers.values_mut().find(|peer| peer.is_on(link))
    }

    /// Ends a piece of work: what is new goes to the disk, then out, and the state asks for what
    /// it needs (KafkaRaftClient.poll).
    fn settle(&mut self, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        self.append_proposed(out);
        if core::mem::take(&mut self.flush.quorum_state) {
            out.replace(
                file::QUORUM_STATE,
                [Entry::QuorumState(self.quorum_state())].into(),
            );
            self.sync(file::QUORUM_STATE, out);
        }
        if core::mem::take(&mut self.flush.log) {
            self.sync(file::METADATA_LOG, out);
        }
        if self.flush.under_way.is_empty() {
            for (link, message) in self.outbox.drain(..) {
                out.send(link, message);
            }
            self.poll(chance, out);
        }
    }

    fn sync(&mut self, file: FileId, out: &mut Out<ControllerNode>) {
        self.flush.under_way.insert(file);
        out.sync(file);
    }

    fn quorum_state(&self) -> QuorumState {
        QuorumState {
            leader_epoch: self.epoch,
            leader_id: self.leader(),
            voted_id: match &self.state {
                State::Unattached { voted, .. } => *voted,
                State::Candidate { .. } => Some(self.me),
                State::Follower { .. } | State::Leader(_) | State::Resigned { .. } => None,
            },
        }
    }

    /// Everything that was written is on disk.
    fn flushed(&mut self, out: &mut Out<ControllerNode>) {
        let end = self.log.end_offset();
        if let State::Leader(leadership) = &mut self.state {
            leadership.own_end = end;
            self.advance_high_watermark(out);
        }
    }

    /// Sends what the state asks for, to whoever is ready for it.
    fn poll(&mut self, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        let resigned = matches!(self.state, State::Resigned { .. });
        if self.stopping && (self.peers.is_empty() || !resigned) {
            out.exit();
            return;
        }
        match &self.state {
            State::Unattached { expired: true, .. } => {
                self.become_candidate(out);
                self.settle(chance, out);
            }
            State::Unattached { .. } => {}
            State::Candidate { .. } => self.send_votes(out),
            State::Follower { leader } => {
                let leader = *leader;
                self.send_fetch(leader, out);
            }
            State::Leader(leadership) if leadership.is_over => {
                self.resign(ResignedBecause::NoMajorityFetches, out);
                self.settle(chance, out);
            }
            State::Leader(leadership) if leadership.begin_is_due => {
                self.send_begin_quorum_epoch(out)
            }
            State::Leader(_) => {}
            State::Resigned { .. } => self.send_end_quorum_epoch(out),
        }
    }

    fn on_timer(&mut self, timer: Timer, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        match timer {
            Timer::Election => self.election_timed_out(chance, out),
            Timer::ElectionBackoff | Timer::FetchTimeout => self.become_candidate(out),
            Timer::CheckQuorum => {
                if let State::Leader(leadership) = &mut self.state {
                    leadership.is_over = true;
                }
            }
            Timer::BeginQuorumEpoch => {
                if let State::Leader(leadership) = &mut self.state {
                    leadership.begin_is_due = true;
                }
            }
            Timer::RetryBackoff(peer) => self.peer(peer).retry(),
            Timer::RequestTimeout(peer) => self.peer(peer).timed_out(out),
            Timer::ParkedFetch(link, correlation_id) => self.unpark(link, correlation_id, out),
            Timer::Sessions => unreachable!("not a timer of the quorum"),
        }
    }

    fn peer(&mut self, id: ReplicaId) -> &mut Peer<ReplicaId> {
        self.peers.get_mut(&id).expect("one of the voters")
    }

    /// Sets a timer; that it went off before and waits for the disk no longer counts.
    fn arm(&mut self, timer: Timer, after: Span, out: &mut Out<ControllerNode>) {
        self.forget(timer);
        out.arm(timer, after);
    }

    fn disarm(&mut self, timer: Timer, out: &mut Out<ControllerNode>) {
        self.forget(timer);
        out.disarm(timer);
    }

    fn forget(&mut self, timer: Timer) {
        let other = |work: &Work| !matches!(work, Work::Timer(waiting) if *waiting == timer);
        self.backlog.retain(other);
    }
}

#[cfg(test)]
mod tests;
