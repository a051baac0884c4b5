//! What a leader knows of its followers: how far each has come, which of them are in sync, and so
//! where the high watermark is.
//!
//! Source: `kafka.cluster.Partition` and `Replica`. Catching up is measured on the wall clock, as
//! there (`Time.milliseconds`): a skewed clock moves it.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{AlterPartition, AlteredPartition};
use crate::kafka::api::data::ReplicaState;
use crate::kafka::env::Env;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::replica::ReplicaWhat;
use crate::kafka::partition::{Partition, Role};
use crate::kafka::topic::{BrokerId, LeaderRecoveryState, PartitionState};
use crate::shared::SortedMap;

/// A leader's view of its partition.
#[derive(Clone, Debug, Fingerprint)]
pub struct Leadership {
    start_offset: u64,
    isr: Vec<BrokerId>,
    pending: Option<Pending>,
    followers: SortedMap<BrokerId, Progress>,
}

/// A change of the in-sync replicas that the controller has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
struct Pending {
    isr: Vec<BrokerId>,
    /// Who would come in. It counts for acks and for the high watermark already; who would go
    /// counts until it is confirmed.
    joining: Option<BrokerId>,
}

/// How far a follower has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Progress {
    /// Its log end, by its last fetch; unknown before the first.
    pub log_end: Option<u64>,
    /// When it last had all that the leader had, in milliseconds since the Unix epoch.
    last_caught_up_ms: i64,
    last_fetch_ms: i64,
    last_fetch_leader_end: u64,
    broker_epoch: Option<ReplicaState>,
}

impl Progress {
    /// Of a follower of a new leader.
    fn new(caught_up_ms: i64) -> Self {
        Progress {
            log_end: None,
            last_caught_up_ms: caught_up_ms,
            last_fetch_ms: 0,
            last_fetch_leader_end: 0,
            broker_epoch: None,
        }
    }

    /// `ReplicaState.isCaughtUp`.
    fn is_caught_up(&self, leader_end: u64, now_ms: i64, max_lag_ms: u32) -> bool {
        self.log_end == Some(leader_end) || now_ms - self.last_caught_up_ms <= i64::from(max_lag_ms)
    }
}

impl Leadership {
    /// Of a partition that this broker leads from now on, or leads on in the same or a new epoch.
    pub(super) fn begin(
        before: Option<Leadership>,
        state: &PartitionState,
        new_epoch: bool,
        leader_end: u64,
        env: &mut Env<'_>,
    ) -> Self {
        let now_ms = env.now.wall_ms();
        let (start_offset, mut known) = match before {
            Some(before) if !new_epoch => (before.start_offset, before.followers),
            Some(before) => (leader_end, before.followers),
            None => (leader_end, SortedMap::new()),
        };
        let mut followers = SortedMap::new();
        for id in state.replicas.iter().filter(|id| **id != env.id) {
            let caught_up_ms = if state.isr.contains(id) { now_ms } else { 0 };
            let progress = match known.remove(id) {
                Some(progress) if !new_epoch => progress,
                // The follower is the same, only the epoch is new (`Replica.resetReplicaState`).
                Some(progress) => Progress {
                    last_caught_up_ms: caught_up_ms,
                    last_fetch_ms: caught_up_ms,
                    last_fetch_leader_end: leader_end,
                    ..progress
                },
                None => Progress::new(caught_up_ms),
            };
            followers.insert(*id, progress);
        }
        Leadership {
            start_offset,
            isr: state.isr.clone(),
            pending: None,
            followers,
        }
    }

    /// The first offset of the leader's epoch.
    #[must_use]
    pub fn start_offset(&self) -> u64 {
        self.start_offset
    }

    /// The in-sync replicas, as the controller confirmed them.
    #[must_use]
    pub fn isr(&self) -> &[BrokerId] {
        &self.isr
    }

    /// The followers.
    #[must_use]
    pub fn followers(&self) -> &SortedMap<BrokerId, Progress> {
        &self.followers
    }

    /// Whether a replica counts as in sync, confirmed or on its way in.
    fn in_maximal_isr(&self, id: BrokerId) -> bool {
        self.isr.contains(&id) || self.joining() == Some(id)
    }

    /// How many replicas count so.
    fn maximal_isr_size(&self) -> u32 {
        self.isr.len() as u32 + u32::from(self.joining().is_some())
    }

    fn joining(&self) -> Option<BrokerId> {
        self.pending.as_ref().and_then(|pending| pending.joining)
    }
}

impl Partition {
    /// Whether acks=all is fulfilled up to `required`: `None` while it must wait
    /// (`Partition.checkEnoughReplicasReachOffset`).
    #[must_use]
    pub fn acknowledged(&self, required: u64, env: &Env<'_>) -> Option<ErrorCode> {
        let Role::Leader(leadership) = &self.role else {
            return Some(ErrorCode::NotLeaderOrFollower);
        };
        if self.high_watermark < required {
            None
        } else if leadership.maximal_isr_size() < self.effective_min_isr(env) {
            Some(ErrorCode::NotEnoughReplicasAfterAppend)
        } else {
            Some(ErrorCode::None)
        }
    }

    /// `min.insync.replicas`, but never more than there are replicas.
    #[must_use]
    pub(super) fn effective_min_isr(&self, env: &Env<'_>) -> u32 {
        let min_isr = env.min_insync_replicas(&self.id.topic);
        min_isr.min(self.replicas.len() as u32)
    }

    /// Takes note of a follower's fetch: it has everything before `fetch_offset`
    /// (`Partition.updateFollowerFetchState`).
    pub(super) fn note_fetch(
        &mut self,
        replica: ReplicaState,
        fetch_offset: u64,
        leader_end: u64,
        env: &mut Env<'_>,
    ) -> Result<(), ErrorCode> {
        let Role::Leader(leadership) = &mut self.role else {
            return Err(ErrorCode::NotLeaderOrFollower);
        };
        let registered = env.image.brokers.get(&replica.id).map(|b| b.epoch);
        if replica.epoch.is_some() && registered > replica.epoch {
            // A fetch of a former life of the follower (KIP-903).
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        let Some(progress) = leadership.followers.get_mut(&replica.id) else {
            return Err(ErrorCode::UnknownLeaderEpoch);
        };
        let now_ms = env.now.wall_ms();
        let before = progress.log_end;
        if fetch_offset >= leader_end {
            progress.last_caught_up_ms = progress.last_caught_up_ms.max(now_ms);
        } else if fetch_offset >= progress.last_fetch_leader_end {
            progress.last_caught_up_ms = progress.last_caught_up_ms.max(progress.last_fetch_ms);
        }
        progress.log_end = Some(fetch_offset);
        progress.last_fetch_ms = now_ms;
        progress.last_fetch_leader_end = progress.last_fetch_leader_end.max(leader_end);
        progress.broker_epoch = Some(replica);
        self.expand_isr(replica.id, env);
        if before != Some(fetch_offset) {
            self.increment_high_watermark(env);
        }
        Ok(())
    }

    /// Moves the high watermark to where all that must have come have come
    /// (`Partition.maybeIncrementLeaderHW`).
    pub(super) fn increment_high_watermark(&mut self, env: &mut Env<'_>) {
        let min_isr = self.effective_min_isr(env);
        let Role::Leader(leadership) = &self.role else {
            return;
        };
        if env.config.rules.strict_min_isr && (leadership.isr.len() as u32) < min_isr {
            return;
        }
        let leader_end = self.log.end_offset();
        let now_ms = env.now.wall_ms();
        let mut to = leader_end;
        for (id, progress) in &leadership.followers {
            let max_lag_ms = env.config.replica_lag_time_max_ms;
            let about_to_join = || {
                progress.is_caught_up(leader_end, now_ms, max_lag_ms)
                    && is_eligible(*id, progress, env)
            };
            if leadership.in_maximal_isr(*id) || about_to_join() {
                to = to.min(progress.log_end.unwrap_or(0));
            }
        }
        if to > self.high_watermark {
            self.set_high_watermark(to, true, env);
        }
    }

    /// Asks for a follower to be let in, if it has caught up (`Partition.maybeExpandIsr`).
    fn expand_isr(&mut self, follower: BrokerId, env: &mut Env<'_>) {
        let Role::Leader(leadership) = &self.role else {
            return;
        };
        let Some(progress) = leadership.followers.get(&follower) else {
            return;
        };
        let needed = self.high_watermark.max(leadership.start_offset);
        let in_sync = progress.log_end >= Some(needed);
        if leadership.pending.is_none()
            && !leadership.isr.contains(&follower)
            && in_sync
            && is_eligible(follower, progress, env)
        {
            let mut isr = leadership.isr.clone();
            isr.push(follower);
            isr.sort_unstable();
            self.propose(isr, Some(follower), env);
        }
    }

    /// Asks for followers to be left out that have not caught up for `replica.lag.time.max.ms`
    /// (`Partition.maybeShrinkIsr`).
    pub fn shrink_isr(&mut self, env: &mut Env<'_>) {
        let leader_end = self.log.end_offset();
        let Role::Leader(leadership) = &self.role else {
            return;
        };
        if leadership.pending.is_some() {
            return;
        }
        let now_ms = env.now.wall_ms();
        let max_lag_ms = env.config.replica_lag_time_max_ms;
        let keeps_up = |id: &BrokerId| {
            let progress = leadership.followers.get(id);
            *id == env.id
                || progress.is_some_and(|p| p.is_caught_up(leader_end, now_ms, max_lag_ms))
        };
        let isr: Vec<BrokerId> = leadership.isr.iter().copied().filter(keeps_up).collect();
        if isr.len() < leadership.isr.len() {
            self.propose(isr, None, env);
        }
    }

    /// Has the controller asked for other in-sync replicas, built on the partition epoch that this
    /// leader knows.
    fn propose(&mut self, isr: Vec<BrokerId>, joining: Option<BrokerId>, env: &mut Env<'_>) {
        let Role::Leader(leadership) = &mut self.role else {
            return;
        };
        let (from, to) = (leadership.isr.clone(), isr.clone());
        leadership.pending = Some(Pending { isr, joining });
        env.tell(&self.id, ReplicaWhat::IsrProposed { from, to });
        env.todo.moved.insert(self.id.clone());
        self.submit(env);
    }

    /// Puts the pending change on the way.
    fn submit(&self, env: &mut Env<'_>) {
        let Role::Leader(leadership) = &self.role else {
            return;
        };
        let (Some(pending), Some(leader_epoch), Some(partition_epoch)) =
            (&leadership.pending, self.leader_epoch, self.partition_epoch)
        else {
            return;
        };
        let with_epoch = |id: &BrokerId| {
            let of_follower = leadership
                .followers
                .get(id)
                .and_then(|p| p.broker_epoch?.epoch);
            let epoch = if *id == env.id {
                env.broker_epoch
            } else {
                of_follower
            };
            (*id, epoch)
        };
        let new_isr = pending.isr.iter().map(with_epoch).collect();
        env.todo.alter.push(AlterPartition {
            partition: self.id.clone(),
            leader_epoch,
            partition_epoch,
            new_isr,
            recovery: LeaderRecoveryState::Recovered,
        });
    }

    /// Takes the controller's answer (`handleAlterPartitionUpdate`, `handleAlterPartitionError`).
    /// Where it leaves open what the controller did, the change stays pending until the metadata
    /// log tells.
    pub fn altered(&mut self, answer: &AlteredPartition, env: &mut Env<'_>) {
        let leader_epoch = self.leader_epoch;
        let partition_epoch = self.partition_epoch;
        let Role::Leader(leadership) = &mut self.role else {
            return;
        };
        if leadership.pending.is_none() {
            return;
        }
        match answer.error {
            ErrorCode::None => {
                if Some(answer.leader_epoch) == leader_epoch
                    && Some(answer.partition_epoch) >= partition_epoch
                {
                    self.partition_epoch = Some(answer.partition_epoch);
                    leadership.pending = None;
                    self.set_isr(answer.isr.clone(), env);
                    self.increment_high_watermark(env);
                }
            }
            ErrorCode::IneligibleReplica => leadership.pending = None,
            ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::InvalidUpdateVersion
            | ErrorCode::InvalidRequest
            | ErrorCode::NewLeaderElected => {}
            _ => self.submit(env),
        }
    }

    /// Notes which replicas are in sync, and tells if they are others than before.
    pub(super) fn set_isr(&mut self, isr: Vec<BrokerId>, env: &mut Env<'_>) {
        let partition_epoch = self.partition_epoch.unwrap_or(0);
        let Role::Leader(leadership) = &mut self.role else {
            return;
        };
        let from = core::mem::replace(&mut leadership.isr, isr.clone());
        if from != isr {
            env.todo.moved.insert(self.id.clone());
            env.tell(
                &self.id,
                ReplicaWhat::Isr {
                    from,
                    to: isr,
                    partition_epoch,
                },
            );
        }
    }
}

/// Whether the controller would let a follower in: not fenced, not stopping, and fetching in the
/// life that is registered (`Partition.isReplicaIsrEligible`).
fn is_eligible(follower: BrokerId, progress: &Progress, env: &Env<'_>) -> bool {
    let Some(registered) = env.image.brokers.get(&follower) else {
        return false;
    };
    let fetches_in = progress.broker_epoch.map(|replica| replica.epoch);
    let same_life = match fetches_in {
        None => false,
        Some(None) => true,
        Some(epoch) => epoch == Some(registered.epoch),
    };
    registered.is_active() && same_life
}
