//! Where a consumer is in each partition that it reads.
//!
//! Source: `SubscriptionState`, `FetchPosition`; KIP-320 for positions that remember an epoch.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::cluster_view::ClusterView;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::shared::SortedMap;
use crate::time::Now;

/// The partitions that a consumer reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct SubscriptionState {
    partitions: SortedMap<TopicPartition, Position>,
}

/// Where it is in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Position {
    /// What it has to find out first.
    pub stage: Stage,
    /// The next record that the application gets.
    pub offset: Option<u64>,
    /// The leader epoch of the record before.
    pub offset_epoch: Option<u32>,
    /// The leader epoch at which the position was last known to be on the leader's log.
    pub valid_in: Option<u32>,
    /// Left alone until then, in microseconds of the monotonic clock.
    pub retry_at: u64,
    /// Whether a request about it waits for an answer.
    pub asked: bool,
}

/// What a consumer has to find out about a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Stage {
    /// What its group committed.
    AwaitCommitted,
    /// Where the log starts or ends, as `auto.offset.reset` says.
    AwaitReset,
    /// Whether the log was truncated below its position, since there is a new leader (KIP-320).
    AwaitValidation,
    /// Nothing: it may fetch.
    Fetching,
}

impl SubscriptionState {
    /// Reads these partitions from now on, each from a position to be found out.
    pub fn assign(&mut self, partitions: &[TopicPartition], stage: Stage) {
        let fresh = Position {
            stage,
            offset: None,
            offset_epoch: None,
            valid_in: None,
            retry_at: 0,
            asked: false,
        };
        self.partitions = partitions.iter().map(|id| (id.clone(), fresh)).collect();
    }

    /// All partitions.
    #[must_use]
    pub fn assigned(&self) -> Vec<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, partition: &TopicPartition) -> Option<&Position> {
        self.partitions.get(partition)
    }

    /// One of them.
    pub fn get_mut(&mut self, partition: &TopicPartition) -> Option<&mut Position> {
        self.partitions.get_mut(partition)
    }

    /// The positions, for a commit of everything.
    #[must_use]
    pub fn consumed(&self) -> SortedMap<TopicPartition, u64> {
        let known = self.partitions.iter();
        let known = known.filter_map(|(id, position)| Some((id.clone(), position.offset?)));
        known.collect()
    }

    /// Positions under a leader that they were not checked against have to be.
    pub fn check_leaders(&mut self, cluster: &ClusterView) {
        for (id, position) in &mut self.partitions {
            let Some(leader) = cluster.leader(id).filter(|l| l.leader.is_some()) else {
                continue;
            };
            if position.stage == Stage::Fetching && position.valid_in < Some(leader.epoch) {
                match position.offset_epoch {
                    Some(_) => position.stage = Stage::AwaitValidation,
                    None => position.valid_in = Some(leader.epoch),
                }
            }
        }
    }

    /// The partitions in this stage that may be asked about now, by their leader. Those without a
    /// leader are under `None`.
    #[must_use]
    pub fn to_ask(
        &self,
        stage: Stage,
        cluster: &ClusterView,
        now: Now,
    ) -> SortedMap<Option<BrokerId>, Vec<TopicPartition>> {
        let mut by_leader: SortedMap<Option<BrokerId>, Vec<TopicPartition>> = SortedMap::new();
        for (id, position) in &self.partitions {
            if position.stage == stage && !position.asked && position.retry_at <= now.mono {
                let leader = cluster.leader(id).and_then(|leader| leader.leader);
                by_leader.entry(leader).or_default().push(id.clone());
            }
        }
        by_leader
    }

    /// When the next partition may be asked about again, in microseconds of the monotonic clock.
    #[must_use]
    pub fn next_retry(&self, now: Now) -> Option<u64> {
        let waits = self.partitions.values().map(|position| position.retry_at);
        waits.filter(|at| *at > now.mono).min()
    }
}
