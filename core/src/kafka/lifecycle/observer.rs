//! A broker's copy of the metadata log: it fetches as the voters do, but has no say.
//!
//! Source: KafkaRaftClient for observers. A broker does not flush its copy, and what it keeps of
//! the quorum's epoch is what its log says.

use alloc::vec::Vec;

use super::{BrokerLifecycle, Purpose};
use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{QuorumStatus, ReplicaId, Request};
use crate::kafka::api::data::EpochEnd;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::entry::{Entry, file};
use crate::kafka::error::ErrorCode;
use crate::kafka::kraft::MAX_FETCH_WAIT_MS;
use crate::kafka::kraft::log::MetadataLog;
use crate::kafka::metadata::{MetadataBatch, MetadataRecord};
use crate::kafka::peer::{Patience, Peer};
use crate::machine::{Chance, Out};
use crate::names::{LinkId, NodeId};
use crate::shared::SortedMap;

/// An observer of the metadata quorum.
#[derive(Clone, Debug, Fingerprint)]
pub struct Observer {
    me: ReplicaId,
    epoch: u32,
    leader: Option<ReplicaId>,
    log: MetadataLog,
    /// The end of what was replayed.
    replayed: u64,
    voters: SortedMap<ReplicaId, Peer<Purpose>>,
}

impl Observer {
    /// Starts from what the disk kept.
    pub fn new(
        me: ReplicaId,
        voters: &SortedMap<ReplicaId, NodeId>,
        config: &BrokerConfig,
        log: MetadataLog,
    ) -> Self {
        let patience = Patience {
            request_timeout_ms: config.controller_quorum_request_timeout_ms,
            retry_backoff_ms: config.controller_quorum_retry_backoff_ms,
        };
        let peer = |(&id, &node)| (id, Peer::new(Purpose::Metadata(id), node, patience));
        Observer {
            me,
            epoch: log.last_epoch(),
            leader: None,
            log,
            replayed: 0,
            voters: voters.iter().map(peer).collect(),
        }
    }

    /// The active controller, as far as the quorum told.
    #[must_use]
    pub fn leader(&self) -> Option<ReplicaId> {
        self.leader
    }

    /// The end of the metadata that was replayed.
    #[must_use]
    pub fn replayed(&self) -> u64 {
        self.replayed
    }

    /// Asks for more: the leader, or by chance any voter that may know who leads.
    pub fn poll(&mut self, chance: &mut Chance<'_>, out: &mut Out<BrokerLifecycle>) {
        if self.voters.values().any(Peer::is_busy) {
            return;
        }
        let ready = |id: &ReplicaId| self.voters.get(id).is_some_and(Peer::is_ready);
        let target = self.leader.filter(ready).or_else(|| {
            let ready: Vec<ReplicaId> = self.voters.keys().copied().filter(ready).collect();
            let n = ready.len() as u64;
            (n > 0).then(|| ready[chance.below(n, "bootstrap controller") as usize])
        });
        let Some(target) = target else {
            return;
        };
        let request = Request::Fetch {
            replica_id: self.me,
            current_leader_epoch: self.epoch,
            last_fetched_epoch: self.log.last_epoch(),
            fetch_offset: self.log.end_offset(),
            max_wait_ms: MAX_FETCH_WAIT_MS,
        };
        self.peer(target).request(request, out);
    }

    /// One of its connections.
    pub fn peer(&mut self, id: ReplicaId) -> &mut Peer<Purpose> {
        self.voters.get_mut(&id).expect("one of the voters")
    }

    /// The connection of that name, if it is one of these.
    pub fn peer_on(&mut self, link: LinkId) -> Option<&mut Peer<Purpose>> {
        self.voters.values_mut().find(|peer| peer.is_on(link))
    }

    /// A voter answered. Returns what is newly known to be committed.
    pub fn fetched(
        &mut self,
        status: QuorumStatus,
        high_watermark: Option<u64>,
        diverging_epoch: Option<EpochEnd>,
        batches: Vec<MetadataBatch>,
        out: &mut Out<BrokerLifecycle>,
    ) -> Vec<MetadataRecord> {
        if status.leader_epoch < self.epoch || status.error == ErrorCode::UnknownLeaderEpoch {
            return Vec::new();
        }
        let newer = status.leader_epoch > self.epoch;
        if newer || status.leader_id.is_some() {
            self.epoch = status.leader_epoch;
            self.leader = status.leader_id;
        }
        if newer || !status.error.is_none() {
            return Vec::new();
        }
        if let Some(leaders) = diverging_epoch {
            let left = self.log.truncate_to(leaders);
            assert!(
                self.log.end_offset() >= self.replayed,
                "what is committed stays"
            );
            out.truncate(file::METADATA_LOG, left);
            return Vec::new();
        }
        for batch in batches {
            self.log.append(batch.clone());
            out.append(file::METADATA_LOG, Entry::MetadataBatch(batch));
        }
        let mut records = Vec::new();
        for batch in self.log.read(self.replayed) {
            if high_watermark.is_some_and(|committed| batch.next_offset() <= committed) {
                self.replayed = batch.next_offset();
                records.extend(batch.metadata().cloned());
            }
        }
        records
    }
}
