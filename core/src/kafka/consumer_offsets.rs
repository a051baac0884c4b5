//! What a consumer commits, and what its group had committed before.
//!
//! Source: `ConsumerCoordinator`.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::RequestBody;
use crate::kafka::api::group::Response as GroupResponse;
use crate::kafka::client::Client;
use crate::kafka::consumer::{Asked, Consumer};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::client::ClientWhat;
use crate::kafka::network_client::Peer;
use crate::kafka::subscription_state::Stage;
use crate::kafka::topic::TopicPartition;
use crate::machine::Out;
use crate::shared::SortedMap;
use crate::time::Now;

/// A commit that the application waits for.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Commit {
    /// Waits for the coordinator to be reached.
    ToSend(SortedMap<TopicPartition, u64>),
    /// Waits for the answer.
    InFlight,
    /// Answered.
    Done(ErrorCode),
}

impl Consumer {
    /// Asks for committed positions.
    pub(super) fn fetch_committed(&mut self, now: Now, out: &mut Out<Client>) {
        let to_ask = self
            .positions
            .to_ask(Stage::AwaitCommitted, &self.network.cluster, now);
        let partitions: Vec<TopicPartition> = to_ask.into_values().flatten().collect();
        if partitions.is_empty() {
            return;
        }
        let Some(peer @ Peer::Coordinator(_)) = self.coordinator_peer(now, out) else {
            return;
        };
        let Some(group) = &self.coordinator else {
            return;
        };
        let request = group.fetch_request(partitions.clone());
        for id in &partitions {
            if let Some(position) = self.positions.get_mut(id) {
                position.asked = true;
            }
        }
        let asked = Asked::Committed(partitions);
        self.network
            .send(peer, asked, RequestBody::Group(request), None, now, out);
    }

    pub(super) fn on_committed(
        &mut self,
        partitions: &[TopicPartition],
        response: GroupResponse,
        now: Now,
        out: &mut Out<Client>,
    ) {
        let GroupResponse::OffsetFetch(answer) = response else {
            panic!("{response:?} does not answer OffsetFetch");
        };
        match answer {
            Ok(committed) => {
                for id in partitions {
                    let Some(position) = self.positions.get_mut(id) else {
                        continue;
                    };
                    position.asked = false;
                    position.offset = committed.get(id).copied().flatten();
                    position.stage = match position.offset {
                        Some(_) => Stage::Fetching,
                        None => Stage::AwaitReset,
                    };
                }
            }
            Err(error) => {
                self.retry_later(partitions, self.retry_at(now));
                self.refused(error, now, out);
            }
        }
    }

    /// Sends the commit that the application waits for.
    pub(super) fn send_commit(&mut self, now: Now, out: &mut Out<Client>) {
        if !matches!(self.commit, Some(Commit::ToSend(_))) {
            return;
        }
        let Some(peer @ Peer::Coordinator(_)) = self.coordinator_peer(now, out) else {
            return;
        };
        if let Some(Commit::ToSend(offsets)) = self.commit.replace(Commit::InFlight) {
            self.commit_at(peer, offsets, true, now, out);
        }
    }

    /// Commits all positions without waiting, if the coordinator can be reached at once.
    pub(super) fn commit_all(&mut self, now: Now, out: &mut Out<Client>) {
        let offsets = self.positions.consumed();
        if offsets.is_empty() {
            return;
        }
        if let Some(peer @ Peer::Coordinator(_)) = self.coordinator_peer(now, out) {
            self.commit_at(peer, offsets, false, now, out);
        }
    }

    pub(super) fn commit_at(
        &mut self,
        peer: Peer,
        offsets: SortedMap<TopicPartition, u64>,
        sync: bool,
        now: Now,
        out: &mut Out<Client>,
    ) {
        if let Some(group) = &self.coordinator {
            let request = group.commit_request(offsets.clone());
            let asked = Asked::Commit { offsets, sync };
            self.network
                .send(peer, asked, RequestBody::Group(request), None, now, out);
        }
    }

    /// Every `auto.commit.interval.ms`, `poll` commits what the polls before it returned.
    pub(super) fn auto_commit(&mut self, now: Now, out: &mut Out<Client>) {
        if self.config.enable_auto_commit && self.next_auto_commit <= now.mono {
            let interval = u64::from(self.config.auto_commit_interval_ms) * 1000;
            self.next_auto_commit = now.mono + interval;
            self.commit_all(now, out);
        }
    }

    /// `OffsetCommitResponseHandler`. Where only the coordinator is the trouble, a commit that the
    /// application waits for is sent again.
    pub(super) fn on_commit(
        &mut self,
        offsets: SortedMap<TopicPartition, u64>,
        sync: bool,
        response: &GroupResponse,
        now: Now,
        out: &mut Out<Client>,
    ) {
        let GroupResponse::OffsetCommit(answer) = response else {
            panic!("{response:?} does not answer OffsetCommit");
        };
        let Some(group) = self.group_id() else {
            return;
        };
        let errors = answer.values().filter(|error| !error.is_none());
        let error = errors.copied().next().unwrap_or(ErrorCode::None);
        if error.is_none() {
            let offsets = offsets.into_iter().collect();
            self.tell(ClientWhat::Committed { group, offsets }, out);
        } else if error.is_retriable() && sync {
            self.refused(error, now, out);
            self.commit = Some(Commit::ToSend(offsets));
            return;
        } else {
            self.tell(ClientWhat::CommitFailed { group, error }, out);
            self.refused(error, now, out);
        }
        if sync {
            self.commit = Some(Commit::Done(error));
        }
    }
}
