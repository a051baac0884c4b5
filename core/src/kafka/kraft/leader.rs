//! Leading: serving fetches, committing, and noticing that nobody follows any more.
//!
//! Source: LeaderState and the handlers of Fetch in KafkaRaftClient.

use alloc::vec::Vec;

use super::log::Fetched;
use super::{FetchPosition, Kraft, ParkedFetch, QuorumEvent, State};
use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{ReplicaId, Request, Response};
use crate::kafka::api::{self, Message, ResponseBody};
use crate::kafka::controller_node::{ControllerNode, ControllerTimer as Timer};
use crate::kafka::entry::{Entry, file};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::control::{ControlFact, ResignedBecause};
use crate::kafka::metadata::{MetadataBatch, QuorumRecord};
use crate::machine::Out;
use crate::majority;
use crate::names::LinkId;
use crate::shared::{SortedMap, SortedSet};
use crate::time::Span;

/// What a leader keeps.
#[derive(Clone, Debug, Fingerprint)]
pub(super) struct Leadership {
    /// The end of its log when it was elected: where its `LeaderChange` record is.
    epoch_start: u64,
    /// The end of its own log on disk.
    pub(super) own_end: u64,
    /// Up to where the other voters have it on disk, as their fetches tell.
    ends: SortedMap<ReplicaId, Option<u64>>,
    /// Who fetched since a majority last had.
    fetched: SortedSet<ReplicaId>,
    /// Whether the others are to be told of this leader (again).
    pub(super) begin_is_due: bool,
    /// Whether a majority stayed away for too long.
    pub(super) is_over: bool,
}

impl Kraft {
    pub(super) fn become_leader(
        &mut self,
        granting_voters: Vec<ReplicaId>,
        out: &mut Out<ControllerNode>,
    ) {
        let epoch_start = self.log.end_offset();
        self.state = State::Leader(Leadership {
            epoch_start,
            own_end: epoch_start,
            ends: self.peers.keys().map(|&id| (id, None)).collect(),
            fetched: SortedSet::new(),
            begin_is_due: true,
            is_over: false,
        });
        // What the new leader knew to be committed counts again once its own record is.
        self.high_watermark = None;
        self.flush.quorum_state = true;
        let mut voters: Vec<ReplicaId> = self.peers.keys().copied().collect();
        voters.push(self.me);
        voters.sort_unstable();
        let fact = ControlFact::Elected {
            node: self.node,
            epoch: self.epoch,
            granting_voters: granting_voters.clone(),
        };
        out.tell(fact.into());
        let first = QuorumRecord::LeaderChange {
            leader_id: self.me,
            voters,
            granting_voters,
        };
        self.append([first].into(), out);
        self.proposed_end = self.log.end_offset();
        self.arm_check_quorum(out);
    }

    pub(super) fn leave_leadership(&mut self, out: &mut Out<ControllerNode>) {
        self.disarm(Timer::CheckQuorum, out);
        self.disarm(Timer::BeginQuorumEpoch, out);
        for parked in core::mem::take(&mut self.parked) {
            self.disarm(Timer::ParkedFetch(parked.link, parked.correlation_id), out);
            let response = self.refused_fetch(ErrorCode::NotLeaderOrFollower);
            self.respond(parked.link, parked.correlation_id, response);
        }
        self.renounce();
    }

    /// Steps down without a successor (QuorumState.transitionToResigned).
    pub(super) fn resign(&mut self, because: ResignedBecause, out: &mut Out<ControllerNode>) {
        let State::Leader(leadership) = &self.state else {
            return;
        };
        let mut successors: Vec<_> = leadership
            .ends
            .iter()
            .map(|(&id, &end)| (end, id))
            .collect();
        successors.sort_by(|a, b| b.cmp(a));
        let successors = successors.into_iter().map(|(_, id)| id).collect();
        let fact = ControlFact::Resigned {
            node: self.node,
            epoch: self.epoch,
            because,
        };
        out.tell(fact.into());
        self.leave_leadership(out);
        for peer in self.peers.values_mut() {
            peer.reset(out);
        }
        self.state = self.resigned(successors);
        self.arm_election(out);
    }

    pub(super) fn resigned(&self, preferred_successors: Vec<ReplicaId>) -> State {
        State::Resigned {
            unacked: self.peers.keys().copied().collect(),
            preferred_successors,
        }
    }

    /// A leader that a majority does not fetch from resigns after one and a half times the fetch
    /// timeout (LeaderState.CHECK_QUORUM_TIMEOUT_FACTOR).
    fn arm_check_quorum(&mut self, out: &mut Out<ControllerNode>) {
        if !self.peers.is_empty() {
            let timeout = u64::from(self.config.fetch_timeout_ms) * 3 / 2;
            self.arm(Timer::CheckQuorum, Span::ms(timeout), out);
        }
    }

    pub(super) fn send_begin_quorum_epoch(&mut self, out: &mut Out<ControllerNode>) {
        let request = Request::BeginQuorumEpoch {
            leader_id: self.me,
            leader_epoch: self.epoch,
        };
        for peer in self.peers.values_mut().filter(|peer| peer.is_ready()) {
            peer.request(request.clone(), out);
        }
        if let State::Leader(leadership) = &mut self.state {
            leadership.begin_is_due = false;
        }
        // LeaderState: every half of the fetch timeout.
        let again = u64::from(self.config.fetch_timeout_ms) / 2;
        self.arm(Timer::BeginQuorumEpoch, Span::ms(again), out);
    }

    pub(super) fn send_end_quorum_epoch(&mut self, out: &mut Out<ControllerNode>) {
        let State::Resigned {
            unacked,
            preferred_successors,
        } = &self.state
        else {
            return;
        };
        let request = Request::EndQuorumEpoch {
            leader_id: self.me,
            leader_epoch: self.epoch,
            preferred_successors: preferred_successors.clone(),
        };
        for (id, peer) in &mut self.peers {
            if unacked.contains(id) && peer.is_ready() {
                peer.request(request.clone(), out);
            }
        }
    }

    /// Appends what the controller proposed.
    pub(super) fn append_proposed(&mut self, out: &mut Out<ControllerNode>) {
        if !self.flush.under_way.is_empty() || self.proposed.is_empty() {
            return;
        }
        for records in core::mem::take(&mut self.proposed) {
            self.append(records, out);
        }
        // They may go to the followers while this disk is still busy.
        for parked in core::mem::take(&mut self.parked) {
            self.disarm(Timer::ParkedFetch(parked.link, parked.correlation_id), out);
            let (response, _) = self.serve_fetch(&parked.request, out);
            let response = api::Response {
                correlation_id: parked.correlation_id,
                body: ResponseBody::Control(response),
            };
            out.send(parked.link, Message::Response(response));
        }
    }

    fn append(&mut self, records: Vec<QuorumRecord>, out: &mut Out<ControllerNode>) {
        let batch = MetadataBatch {
            base_offset: self.log.end_offset(),
            epoch: self.epoch,
            records: records.into(),
        };
        self.log.append(batch.clone());
        out.append(file::METADATA_LOG, Entry::MetadataBatch(batch));
        self.flush.log = true;
    }

    pub(super) fn on_fetch(
        &mut self,
        link: LinkId,
        correlation_id: u32,
        request: FetchPosition,
        max_wait_ms: u32,
        out: &mut Out<ControllerNode>,
    ) {
        let (response, has_news) = self.serve_fetch(&request, out);
        if has_news || max_wait_ms == 0 {
            self.respond(link, correlation_id, response);
            return;
        }
        let wait = Span::ms(u64::from(max_wait_ms));
        self.arm(Timer::ParkedFetch(link, correlation_id), wait, out);
        self.parked.push(ParkedFetch {
            link,
            correlation_id,
            request,
        });
    }

    /// A fetch has waited long enough. It brings at least the high watermark of now: in Kafka a
    /// `NoOpRecord` every half second does (KIP-835), which is left out here.
    pub(super) fn unpark(
        &mut self,
        link: LinkId,
        correlation_id: u32,
        out: &mut Out<ControllerNode>,
    ) {
        let found =
            |parked: &ParkedFetch| parked.link == link && parked.correlation_id == correlation_id;
        if let Some(at) = self.parked.iter().position(found) {
            let parked = self.parked.remove(at);
            let (response, _) = self.serve_fetch(&parked.request, out);
            self.respond(link, correlation_id, response);
        }
    }

    fn refused_fetch(&self, error: ErrorCode) -> Response {
        Response::Fetch {
            quorum: self.status(error),
            high_watermark: None,
            diverging_epoch: None,
            batches: Vec::new(),
        }
    }

    /// The answer to a fetch, and whether it says more than that there is nothing new
    /// (KafkaRaftClient.tryCompleteFetchRequest).
    fn serve_fetch(
        &mut self,
        request: &FetchPosition,
        out: &mut Out<ControllerNode>,
    ) -> (Response, bool) {
        let error = if request.last_fetched_epoch > request.current_leader_epoch {
            ErrorCode::InvalidRequest
        } else if request.current_leader_epoch < self.epoch {
            ErrorCode::FencedLeaderEpoch
        } else if request.current_leader_epoch > self.epoch {
            ErrorCode::UnknownLeaderEpoch
        } else if !matches!(self.state, State::Leader(_)) {
            ErrorCode::NotLeaderOrFollower
        } else {
            ErrorCode::None
        };
        if !error.is_none() {
            return (self.refused_fetch(error), true);
        }
        let fetched = self
            .log
            .validate(request.fetch_offset, request.last_fetched_epoch);
        let (diverging_epoch, batches) = match fetched {
            Fetched::Diverging(end) => (Some(end), Vec::new()),
            Fetched::Valid => {
                self.has_fetched(request.replica_id, request.fetch_offset, out);
                (None, self.log.read(request.fetch_offset))
            }
        };
        let has_news = diverging_epoch.is_some() || !batches.is_empty();
        let response = Response::Fetch {
            quorum: self.status(ErrorCode::None),
            high_watermark: self.high_watermark,
            diverging_epoch,
            batches,
        };
        (response, has_news)
    }

    /// A voter has everything before an offset on disk.
    fn has_fetched(&mut self, replica: ReplicaId, offset: u64, out: &mut Out<ControllerNode>) {
        let State::Leader(leadership) = &mut self.state else {
            return;
        };
        // Observers fetch, too, but have no say.
        let Some(end) = leadership.ends.get_mut(&replica) else {
            return;
        };
        *end = Some(offset);
        leadership.fetched.insert(replica);
        let others_needed = majority::needed(leadership.ends.len() as u32 + 1) - 1;
        if leadership.fetched.len() as u32 >= others_needed {
            leadership.fetched.clear();
            self.arm_check_quorum(out);
        }
        self.advance_high_watermark(out);
    }

    /// Commits what a majority has on disk, once that includes a record of this epoch
    /// (LeaderState.maybeUpdateHighWatermark).
    pub(super) fn advance_high_watermark(&mut self, out: &mut Out<ControllerNode>) {
        let State::Leader(leadership) = &self.state else {
            return;
        };
        let mut ends: Vec<Option<u64>> = leadership.ends.values().copied().collect();
        ends.push(Some(leadership.own_end));
        let epoch_start = leadership.epoch_start;
        if let Some(reached) = majority::reached_by(&mut ends)
            && reached > epoch_start
        {
            self.raise_high_watermark(reached, out);
            if !self.claimed {
                self.claimed = true;
                self.events.push(QuorumEvent::Claimed { epoch: self.epoch });
            }
        }
    }

    /// Everything before `offset` is committed: hands it to the controller.
    pub(super) fn raise_high_watermark(&mut self, offset: u64, out: &mut Out<ControllerNode>) {
        if self.high_watermark.is_some_and(|known| known >= offset) {
            return;
        }
        self.high_watermark = Some(offset);
        let fact = ControlFact::HighWatermark {
            node: self.node,
            offset,
        };
        out.tell(fact.into());
        for batch in self.log.read(self.delivered) {
            if batch.next_offset() <= offset {
                self.delivered = batch.next_offset();
                self.events.push(QuorumEvent::Committed(batch));
            }
        }
    }
}
