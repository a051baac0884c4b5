//! Becoming one thing after another: votes, candidates, and who leads in which epoch.
//!
//! Source: QuorumState and the handlers of Vote in KafkaRaftClient.

use alloc::vec::Vec;

use super::{Kraft, QuorumEvent, State};
use crate::kafka::api::control::{ReplicaId, Request, Response};
use crate::kafka::controller_node::{ControllerNode, ControllerTimer as Timer};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::control::ControlFact;
use crate::machine::{Chance, Out};
use crate::majority::{Tally, tally};
use crate::shared::SortedMap;
use crate::time::Span;

/// `RETRY_BACKOFF_BASE_MS`: the unit of the wait after a lost election, in milliseconds.
const ELECTION_BACKOFF_BASE_MS: u64 = 100;

impl Kraft {
    /// Waits for a leader: once to twice the election timeout.
    pub(super) fn arm_election(&mut self, out: &mut Out<ControllerNode>) {
        let timeout = u64::from(self.config.election_timeout_ms);
        let most = 2 * timeout - 1;
        let wait = Span::between(timeout * 1000, most * 1000);
        self.arm(Timer::Election, wait, out);
    }

    pub(super) fn arm_fetch_timeout(&mut self, out: &mut Out<ControllerNode>) {
        let timeout = Span::ms(u64::from(self.config.fetch_timeout_ms));
        self.arm(Timer::FetchTimeout, timeout, out);
    }

    /// Ends what the state before needed. The election timer lives on where the next state says so.
    fn leave_state(&mut self, out: &mut Out<ControllerNode>) {
        match &self.state {
            State::Follower { .. } => self.disarm(Timer::FetchTimeout, out),
            State::Candidate { .. } => self.disarm(Timer::ElectionBackoff, out),
            State::Leader(_) => self.leave_leadership(out),
            State::Unattached { .. } | State::Resigned { .. } => {}
        }
        for peer in self.peers.values_mut() {
            peer.reset(out);
        }
    }

    pub(super) fn renounce(&mut self) {
        if core::mem::take(&mut self.claimed) {
            self.proposed.clear();
            self.events.push(QuorumEvent::Renounced);
        }
    }

    /// A higher epoch, and no leader known in it.
    fn become_unattached(&mut self, epoch: u32, out: &mut Out<ControllerNode>) {
        assert!(epoch > self.epoch, "only a higher epoch is news");
        // Whoever waited for a leader goes on with the rest of that wait.
        let expired = match self.state {
            State::Candidate { expired, .. } | State::Unattached { expired, .. } => Some(expired),
            State::Follower { .. } | State::Leader(_) | State::Resigned { .. } => None,
        };
        self.leave_state(out);
        if expired.is_none() {
            self.arm_election(out);
        }
        self.epoch = epoch;
        self.state = State::Unattached {
            voted: None,
            expired: expired.unwrap_or(false),
        };
        self.flush.quorum_state = true;
    }

    pub(super) fn become_follower(
        &mut self,
        epoch: u32,
        leader: ReplicaId,
        out: &mut Out<ControllerNode>,
    ) {
        assert!(epoch >= self.epoch, "epochs never go back");
        assert_ne!(leader, self.me, "nobody follows itself");
        self.leave_state(out);
        self.disarm(Timer::Election, out);
        self.epoch = epoch;
        self.state = State::Follower { leader };
        self.flush.quorum_state = true;
        self.arm_fetch_timeout(out);
        let fact = ControlFact::Following {
            node: self.node,
            leader,
            epoch,
        };
        out.tell(fact.into());
    }

    pub(super) fn candidate(&self, retries: u32) -> State {
        State::Candidate {
            retries,
            votes: SortedMap::from([(self.me, true)]),
            backing_off: false,
            expired: false,
        }
    }

    pub(super) fn become_candidate(&mut self, out: &mut Out<ControllerNode>) {
        if self.stopping {
            return;
        }
        let retries = match self.state {
            State::Candidate { retries, .. } => retries + 1,
            _ => 1,
        };
        self.leave_state(out);
        self.epoch += 1;
        self.state = self.candidate(retries);
        self.flush.quorum_state = true;
        self.arm_election(out);
        let fact = ControlFact::Candidate {
            node: self.node,
            epoch: self.epoch,
        };
        out.tell(fact.into());
        self.count_votes(out);
    }

    /// An epoch and perhaps its leader, from a request or an answer
    /// (KafkaRaftClient.maybeTransition).
    pub(super) fn maybe_transition(
        &mut self,
        leader: Option<ReplicaId>,
        epoch: u32,
        out: &mut Out<ControllerNode>,
    ) {
        if epoch > self.epoch {
            match leader {
                Some(leader) => self.become_follower(epoch, leader, out),
                None => self.become_unattached(epoch, out),
            }
            return;
        }
        match (leader, self.leader()) {
            (Some(told), Some(known)) if epoch == self.epoch => {
                assert_eq!(told, known, "one leader in epoch {epoch}");
            }
            (Some(leader), None) if epoch == self.epoch => self.become_follower(epoch, leader, out),
            _ => {}
        }
    }

    /// The wait for a leader is over.
    pub(super) fn election_timed_out(
        &mut self,
        chance: &mut Chance<'_>,
        out: &mut Out<ControllerNode>,
    ) {
        match &mut self.state {
            State::Unattached { .. } | State::Resigned { .. } => self.become_candidate(out),
            State::Candidate {
                backing_off,
                expired,
                ..
            } => {
                *expired = true;
                if !*backing_off {
                    self.back_off(chance, out);
                }
            }
            State::Follower { .. } | State::Leader(_) => {}
        }
    }

    /// Waits before standing again: longer and longer, by chance
    /// (KafkaRaftClient.binaryExponentialElectionBackoffMs).
    fn back_off(&mut self, chance: &mut Chance<'_>, out: &mut Out<ControllerNode>) {
        let State::Candidate {
            retries,
            backing_off,
            ..
        } = &mut self.state
        else {
            return;
        };
        *backing_off = true;
        let slots = 2u64 << (*retries - 1).min(20);
        let wait = ELECTION_BACKOFF_BASE_MS * chance.below(slots, "election backoff");
        let most = u64::from(self.config.election_backoff_max_ms);
        self.arm(Timer::ElectionBackoff, Span::ms(wait.min(most)), out);
    }

    pub(super) fn send_votes(&mut self, out: &mut Out<ControllerNode>) {
        let State::Candidate {
            votes, backing_off, ..
        } = &self.state
        else {
            return;
        };
        if *backing_off {
            return;
        }
        let request = Request::Vote {
            candidate_epoch: self.epoch,
            candidate_id: self.me,
            last_offset_epoch: self.log.last_epoch(),
            last_offset: self.log.end_offset(),
        };
        for (id, peer) in &mut self.peers {
            if !votes.contains_key(id) && peer.is_ready() {
                peer.request(request.clone(), out);
            }
        }
    }

    /// A candidate asks for this voter's vote: the epoch and end of its log come with it.
    pub(super) fn on_vote(
        &mut self,
        candidate: ReplicaId,
        epoch: u32,
        last: (u32, u64),
        out: &mut Out<ControllerNode>,
    ) -> Response {
        let refuse = |quorum| Response::Vote {
            quorum,
            vote_granted: false,
        };
        if last.0 >= epoch {
            return refuse(self.status(ErrorCode::InvalidRequest));
        }
        if epoch < self.epoch {
            return refuse(self.status(ErrorCode::FencedLeaderEpoch));
        }
        if epoch > self.epoch {
            self.become_unattached(epoch, out);
        }
        let own = (self.log.last_epoch(), self.log.end_offset());
        let vote_granted = match self.state {
            State::Unattached {
                voted: Some(voted), ..
            } => voted == candidate,
            State::Unattached { voted: None, .. } => last >= own,
            _ => false,
        };
        if let (true, State::Unattached { voted, expired }) = (vote_granted, &mut self.state)
            && voted.is_none()
        {
            *voted = Some(candidate);
            *expired = false;
            self.flush.quorum_state = true;
            self.arm_election(out);
        }
        let fact = ControlFact::Voted {
            node: self.node,
            candidate,
            epoch,
            granted: vote_granted,
        };
        out.tell(fact.into());
        Response::Vote {
            quorum: self.status(ErrorCode::None),
            vote_granted,
        }
    }

    /// A voter answered this candidate.
    pub(super) fn voted(
        &mut self,
        from: ReplicaId,
        granted: bool,
        chance: &mut Chance<'_>,
        out: &mut Out<ControllerNode>,
    ) {
        let State::Candidate { votes, .. } = &mut self.state else {
            return;
        };
        votes.insert(from, granted);
        if self.count_votes(out) == Tally::Lost
            && let State::Candidate {
                backing_off: false, ..
            } = self.state
        {
            self.back_off(chance, out);
        }
    }

    fn count_votes(&mut self, out: &mut Out<ControllerNode>) -> Tally {
        let State::Candidate { votes, .. } = &self.state else {
            return Tally::Open;
        };
        let granting = votes.iter().filter(|(_, granted)| **granted);
        let granting: Vec<ReplicaId> = granting.map(|(&id, _)| id).collect();
        let granted = granting.len() as u32;
        let tally = tally(self.voters(), granted, votes.len() as u32 - granted);
        if tally == Tally::Won {
            self.leave_state(out);
            self.disarm(Timer::Election, out);
            self.become_leader(granting, out);
        }
        tally
    }
}
