//! Requests and answers: who gets which, and what every answer tells of epoch and leader.
//!
//! Source: KafkaRaftClient.handleRequest, handleResponse.

use super::{FetchPosition, Kraft, State};
use crate::kafka::api::control::{QuorumStatus, Request, Response};
use crate::kafka::api::{self, Message, ResponseBody};
use crate::kafka::controller_node::ControllerNode;
use crate::kafka::error::ErrorCode;
use crate::machine::{Chance, Out};
use crate::names::LinkId;

impl Kraft {
    pub(super) fn on_request(
        &mut self,
        link: LinkId,
        request: api::Request,
        out: &mut Out<ControllerNode>,
    ) {
        let api::RequestBody::Control(body) = request.body else {
            return;
        };
        let id = request.correlation_id;
        let response = match body {
            Request::Vote {
                candidate_epoch,
                candidate_id,
                last_offset_epoch,
                last_offset,
            } => {
                let last = (last_offset_epoch, last_offset);
                self.on_vote(candidate_id, candidate_epoch, last, out)
            }
            Request::BeginQuorumEpoch {
                leader_id,
                leader_epoch,
            } => self.on_begin_quorum_epoch(leader_id, leader_epoch, out),
            Request::EndQuorumEpoch {
                leader_id,
                leader_epoch,
                preferred_successors,
            } => self.on_end_quorum_epoch(leader_id, leader_epoch, &preferred_successors, out),
            Request::Fetch {
                replica_id,
                current_leader_epoch,
                last_fetched_epoch,
                fetch_offset,
                max_wait_ms,
            } => {
                let position = FetchPosition {
                    replica_id,
                    current_leader_epoch,
                    last_fetched_epoch,
                    fetch_offset,
                };
                return self.on_fetch(link, id, position, max_wait_ms, out);
            }
            _ => return,
        };
        self.respond(link, id, response);
    }

    /// Answers once what the answer promises is on disk.
    pub(super) fn respond(&mut self, link: LinkId, correlation_id: u32, response: Response) {
        let response = api::Response {
            correlation_id,
            body: ResponseBody::Control(response),
        };
        self.outbox.push((link, Message::Response(response)));
    }

    pub(super) fn status(&self, error: ErrorCode) -> QuorumStatus {
        QuorumStatus {
            error,
            leader_id: self.leader(),
            leader_epoch: self.epoch,
        }
    }

    pub(super) fn on_response(
        &mut self,
        link: LinkId,
        response: api::Response,
        chance: &mut Chance<'_>,
        out: &mut Out<ControllerNode>,
    ) {
        let found = self.peers.iter_mut().find(|(_, peer)| peer.is_on(link));
        let Some((&from, peer)) = found else {
            return;
        };
        if !peer.answered(response.correlation_id, out) {
            return;
        }
        let ResponseBody::Control(body) = response.body else {
            return;
        };
        let status = match &body {
            Response::Vote { quorum, .. }
            | Response::Fetch { quorum, .. }
            | Response::BeginQuorumEpoch(quorum)
            | Response::EndQuorumEpoch(quorum) => *quorum,
            _ => return,
        };
        if self.learns(status, out) || !status.error.is_none() {
            return;
        }
        match body {
            Response::Vote { vote_granted, .. } => self.voted(from, vote_granted, chance, out),
            Response::EndQuorumEpoch(_) => {
                if let State::Resigned { unacked, .. } = &mut self.state {
                    unacked.remove(&from);
                }
            }
            Response::Fetch {
                high_watermark,
                diverging_epoch,
                batches,
                ..
            } => self.fetched(high_watermark, diverging_epoch, batches, out),
            _ => {}
        }
    }

    /// Takes from an answer what it tells of epoch and leader. True if nothing else in it counts
    /// (KafkaRaftClient.maybeHandleCommonResponse).
    fn learns(&mut self, status: QuorumStatus, out: &mut Out<ControllerNode>) -> bool {
        let stale = status.leader_epoch < self.epoch;
        if stale || status.error == ErrorCode::UnknownLeaderEpoch {
            return true;
        }
        let corrected = matches!(
            status.error,
            ErrorCode::FencedLeaderEpoch | ErrorCode::NotLeaderOrFollower
        );
        if status.leader_epoch > self.epoch || corrected {
            self.maybe_transition(status.leader_id, status.leader_epoch, out);
            return true;
        }
        if let (Some(leader), None) = (status.leader_id, self.leader()) {
            self.become_follower(self.epoch, leader, out);
        }
        false
    }
}
