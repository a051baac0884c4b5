//! Following: fetching from the leader, truncating where the logs part.
//!
//! Source: the handlers of BeginQuorumEpoch, EndQuorumEpoch and of Fetch's answers in
//! KafkaRaftClient.

use alloc::vec::Vec;

use super::{Kraft, State};
use crate::kafka::api::control::{ReplicaId, Request, Response};
use crate::kafka::api::data::EpochEnd;
use crate::kafka::controller_node::{ControllerNode, ControllerTimer as Timer};
use crate::kafka::entry::{Entry, file};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::control::ControlFact;
use crate::kafka::metadata::MetadataBatch;
use crate::machine::Out;
use crate::time::Span;

/// `MAX_FETCH_WAIT_MS`: how long the leader may keep a fetch that finds nothing, in milliseconds.
pub const MAX_FETCH_WAIT_MS: u32 = 500;

impl Kraft {
    pub(super) fn send_fetch(&mut self, leader: ReplicaId, out: &mut Out<ControllerNode>) {
        let request = Request::Fetch {
            replica_id: self.me,
            current_leader_epoch: self.epoch,
            last_fetched_epoch: self.log.last_epoch(),
            fetch_offset: self.log.end_offset(),
            max_wait_ms: MAX_FETCH_WAIT_MS,
        };
        let peer = self.peer(leader);
        if peer.is_ready() {
            peer.request(request, out);
        }
    }

    /// The leader answered a fetch.
    pub(super) fn fetched(
        &mut self,
        high_watermark: Option<u64>,
        diverging_epoch: Option<EpochEnd>,
        batches: Vec<MetadataBatch>,
        out: &mut Out<ControllerNode>,
    ) {
        if !matches!(self.state, State::Follower { .. }) {
            return;
        }
        if let Some(leaders) = diverging_epoch {
            self.truncate(leaders, out);
        } else {
            for batch in batches {
                self.log.append(batch.clone());
                out.append(file::METADATA_LOG, Entry::MetadataBatch(batch));
                self.flush.log = true;
            }
            if let Some(offset) = high_watermark {
                let end = self.log.end_offset();
                self.raise_high_watermark(offset.min(end), out);
            }
        }
        self.arm_fetch_timeout(out);
    }

    fn truncate(&mut self, leaders: EpochEnd, out: &mut Out<ControllerNode>) {
        let from = self.log.end_offset();
        let left = self.log.truncate_to(leaders);
        let to = self.log.end_offset();
        assert!(to >= self.delivered, "what is committed is never truncated");
        out.truncate(file::METADATA_LOG, left);
        let fact = ControlFact::Truncated {
            node: self.node,
            from,
            to,
            epoch: self.epoch,
        };
        out.tell(fact.into());
    }

    pub(super) fn on_begin_quorum_epoch(
        &mut self,
        leader: ReplicaId,
        epoch: u32,
        out: &mut Out<ControllerNode>,
    ) -> Response {
        if epoch < self.epoch {
            return Response::BeginQuorumEpoch(self.status(ErrorCode::FencedLeaderEpoch));
        }
        self.maybe_transition(Some(leader), epoch, out);
        Response::BeginQuorumEpoch(self.status(ErrorCode::None))
    }

    /// The leader resigned: the first of its successors stands at once, the others wait in turn.
    pub(super) fn on_end_quorum_epoch(
        &mut self,
        leader: ReplicaId,
        epoch: u32,
        successors: &[ReplicaId],
        out: &mut Out<ControllerNode>,
    ) -> Response {
        if epoch < self.epoch {
            return Response::EndQuorumEpoch(self.status(ErrorCode::FencedLeaderEpoch));
        }
        self.maybe_transition(Some(leader), epoch, out);
        if matches!(self.state, State::Follower { leader: followed } if followed == leader) {
            let place = successors.iter().position(|&id| id == self.me);
            let wait = self.turn(place.unwrap_or(successors.len()), successors.len());
            self.arm(Timer::FetchTimeout, Span::ms(wait), out);
        }
        Response::EndQuorumEpoch(self.status(ErrorCode::None))
    }

    /// How long the successor at a place waits, in milliseconds
    /// (KafkaRaftClient.strictExponentialElectionBackoffMs).
    fn turn(&self, place: usize, successors: usize) -> u64 {
        let most = u64::from(self.config.election_backoff_max_ms);
        match place {
            0 => 0,
            place if place >= successors => most,
            place => ((most >> (successors - 1)) << (place - 1)).min(most),
        }
    }
}
