//! One replica of a partition, as its broker holds it: its log, its high watermark, its role.
//!
//! Source: `kafka.cluster.Partition`. Leadership is applied, never decided, here: it comes with the
//! metadata log. What a leader knows of its followers is in [`isr`](super::isr).

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::{
    Acks, EndOfEpoch, EpochPartition, FetchPartition, FetchedPartition, LeaderAndEpoch,
    ListOffsetsPartition, ListedOffset, OffsetAt, ReplicaState,
};
use crate::kafka::config::broker::Truncation;
use crate::kafka::env::Env;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::replica::{Appender, Placed, ReplicaWhat, TruncatedBecause};
use crate::kafka::isr::Leadership;
use crate::kafka::log::PartitionLog;
use crate::kafka::record::Batch;
use crate::kafka::topic::{BrokerId, PartitionState, TopicPartition};

/// One replica of a partition.
#[derive(Clone, Debug, Fingerprint)]
pub struct Partition {
    pub(super) id: TopicPartition,
    pub(super) log: PartitionLog,
    pub(super) high_watermark: u64,
    pub(super) replicas: Vec<BrokerId>,
    pub(super) leader_epoch: Option<u32>,
    pub(super) partition_epoch: Option<u32>,
    pub(super) role: Role,
}

/// What a replica does.
#[derive(Clone, Debug, Fingerprint)]
pub enum Role {
    /// It leads.
    Leader(Leadership),
    /// It follows, if there is anyone to follow.
    Follower {
        /// The leader.
        leader: Option<BrokerId>,
    },
}

/// Whom a replica is to follow from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follow {
    /// The leader; `None` while there is none.
    pub leader: Option<BrokerId>,
    /// Its epoch.
    pub epoch: u32,
}

/// A batch in the leader's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The offset of its first record.
    pub base_offset: u64,
    /// The offset after its last: what the high watermark must reach for acks=all.
    pub next_offset: u64,
}

impl Partition {
    /// A replica whose log was just created or found again. Its high watermark is the checkpointed
    /// one, or the log's end if that is lower.
    #[must_use]
    pub fn open(id: TopicPartition, log: PartitionLog, checkpoint: u64, env: &mut Env<'_>) -> Self {
        let log_end = log.end_offset();
        let high_watermark = checkpoint.min(log_end);
        env.tell(
            &id,
            ReplicaWhat::Opened {
                log_end,
                high_watermark,
            },
        );
        Partition {
            id,
            log,
            high_watermark,
            replicas: Vec::new(),
            leader_epoch: None,
            partition_epoch: None,
            role: Role::Follower { leader: None },
        }
    }

    /// Applies what the controller decided. Answers whom to follow from now on, if that changed.
    pub fn apply(&mut self, state: &PartitionState, env: &mut Env<'_>) -> Option<Follow> {
        if Some(state.partition_epoch) < self.partition_epoch {
            return None;
        }
        if state.leader == Some(env.id) {
            self.make_leader(state, env);
            None
        } else {
            self.make_follower(state, env)
        }
    }

    /// Leads from now on, or leads on with other in-sync replicas (`Partition.makeLeader`).
    fn make_leader(&mut self, state: &PartitionState, env: &mut Env<'_>) {
        let new_epoch = Some(state.leader_epoch) > self.leader_epoch;
        self.replicas.clone_from(&state.replicas);
        self.partition_epoch = Some(state.partition_epoch);
        self.leader_epoch = Some(state.leader_epoch);
        let leader_end = self.log.end_offset();
        if new_epoch {
            self.log.start_epoch(state.leader_epoch);
            env.tell(
                &self.id,
                ReplicaWhat::BecameLeader {
                    epoch: state.leader_epoch,
                    start_offset: leader_end,
                    isr: state.isr.clone(),
                },
            );
        }
        let role = core::mem::replace(&mut self.role, Role::Follower { leader: None });
        let before = match role {
            Role::Leader(leadership) => Some(leadership),
            Role::Follower { .. } => None,
        };
        let isr_before = before.as_ref().map(|leadership| leadership.isr().to_vec());
        let leadership = Leadership::begin(before, state, new_epoch, leader_end, env);
        self.role = Role::Leader(leadership);
        if let Some(from) = isr_before.filter(|from| !new_epoch && *from != state.isr) {
            let (to, partition_epoch) = (state.isr.clone(), state.partition_epoch);
            env.tell(
                &self.id,
                ReplicaWhat::Isr {
                    from,
                    to,
                    partition_epoch,
                },
            );
        }
        env.todo.moved.insert(self.id.clone());
        self.increment_high_watermark(env);
    }

    /// Follows from now on (`Partition.makeFollower`).
    fn make_follower(&mut self, state: &PartitionState, env: &mut Env<'_>) -> Option<Follow> {
        let was_leader = matches!(self.role, Role::Leader(_));
        let new_epoch = Some(state.leader_epoch) > self.leader_epoch;
        self.replicas.clone_from(&state.replicas);
        self.partition_epoch = Some(state.partition_epoch);
        self.leader_epoch = Some(state.leader_epoch);
        self.role = Role::Follower {
            leader: state.leader,
        };
        if !new_epoch && !was_leader {
            return None;
        }
        env.tell(
            &self.id,
            ReplicaWhat::BecameFollower {
                epoch: state.leader_epoch,
                leader: state.leader,
            },
        );
        env.todo.moved.insert(self.id.clone());
        if env.config.rules.truncation == Truncation::HighWatermark && state.leader.is_some() {
            self.truncate_to(self.high_watermark, TruncatedBecause::HighWatermark, env);
        }
        Some(Follow {
            leader: state.leader,
            epoch: state.leader_epoch,
        })
    }

    /// Writes a producer's batch (`Partition.appendRecordsToLeader`).
    ///
    /// # Errors
    ///
    /// Nothing was written.
    pub fn append_as_leader(
        &mut self,
        batch: &Batch,
        acks: Acks,
        env: &mut Env<'_>,
    ) -> Result<Appended, ErrorCode> {
        let min_isr = self.effective_min_isr(env);
        let (Role::Leader(leadership), Some(epoch)) = (&self.role, self.leader_epoch) else {
            return Err(ErrorCode::NotLeaderOrFollower);
        };
        if acks == Acks::All && leadership.isr().len() < min_isr as usize {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        if batch.bytes() > u64::from(env.max_message_bytes(&self.id.topic)) {
            return Err(ErrorCode::MessageTooLarge);
        }
        env.reserve(batch)?;
        let placed = self.log.append_as_leader(batch, epoch, env.out);
        self.tell_appended(&placed, Appender::Leader, env);
        env.todo.moved.insert(self.id.clone());
        self.increment_high_watermark(env);
        Ok(Appended {
            base_offset: placed.base_offset,
            next_offset: placed.next_offset(),
        })
    }

    /// Writes what a follower fetched, and takes over the leader's high watermark as far as the
    /// log reaches (`ReplicaFetcherThread.processPartitionData`).
    pub fn append_as_follower(
        &mut self,
        batches: Vec<Batch>,
        leader_high_watermark: u64,
        env: &mut Env<'_>,
    ) {
        for batch in batches {
            if env.reserve(&batch).is_err() {
                return;
            }
            self.log.append(batch.clone(), env.out);
            self.tell_appended(&batch, Appender::Follower, env);
            env.todo.moved.insert(self.id.clone());
        }
        let to = leader_high_watermark.min(self.log.end_offset());
        self.set_high_watermark(to, false, env);
    }

    /// Drops everything from `offset` on. The high watermark does not stay behind the end.
    pub fn truncate_to(&mut self, offset: u64, because: TruncatedBecause, env: &mut Env<'_>) {
        let from = self.log.end_offset();
        let gone = self.log.truncate_to(offset, env.out);
        if gone.is_empty() {
            return;
        }
        let to = self.log.end_offset();
        env.tell(
            &self.id,
            ReplicaWhat::Truncated {
                to,
                from,
                because,
                messages: gone.iter().flat_map(placed).collect(),
            },
        );
        env.todo.moved.insert(self.id.clone());
        if self.high_watermark > to {
            self.set_high_watermark(to, false, env);
        }
    }

    /// Reads for a follower, who gets all and is noted, or for a consumer, who gets what lies
    /// below the high watermark (`Partition.fetchRecords`). Once a fetch waits for data it is not
    /// noted again: `note` is false then.
    pub fn fetch(
        &mut self,
        asked: &FetchPartition,
        replica: Option<ReplicaState>,
        max_bytes: u64,
        min_one: bool,
        note: bool,
        env: &mut Env<'_>,
    ) -> FetchedPartition {
        let mut fetched = match self.read(asked, replica, max_bytes, min_one) {
            Ok(fetched) => fetched,
            Err(error) => return self.refuse(asked, error),
        };
        let Some(replica) = replica.filter(|_| note && fetched.diverging_epoch.is_none()) else {
            return fetched;
        };
        let leader_end = self.log.end_offset();
        if let Err(error) = self.note_fetch(replica, asked.fetch_offset, leader_end, env) {
            fetched = self.refuse(asked, error);
        }
        fetched
    }

    /// `Partition.readRecords`.
    fn read(
        &self,
        asked: &FetchPartition,
        replica: Option<ReplicaState>,
        max_bytes: u64,
        min_one: bool,
    ) -> Result<FetchedPartition, ErrorCode> {
        self.check_epoch(asked.current_leader_epoch)?;
        if let Some(replica) = replica {
            self.check_follower(replica.id, asked.current_leader_epoch)?;
        }
        let mut fetched = FetchedPartition {
            partition: self.id.clone(),
            error: ErrorCode::None,
            high_watermark: Some(self.high_watermark),
            log_start_offset: Some(self.log.start_offset()),
            diverging_epoch: None,
            current_leader: None,
            batches: Vec::new(),
        };
        if let Some(epoch) = asked.last_fetched_epoch {
            let end = self.log.end_offset_for(epoch);
            let end = end.ok_or(ErrorCode::OffsetOutOfRange)?;
            if asked.fetch_offset < self.log.start_offset() {
                return Err(ErrorCode::OffsetOutOfRange);
            }
            if end.epoch < epoch || end.end_offset < asked.fetch_offset {
                fetched.diverging_epoch = Some(end);
                return Ok(fetched);
            }
        }
        let there = self.log.start_offset()..=self.log.end_offset();
        if !there.contains(&asked.fetch_offset) {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let end = match replica {
            Some(_) => self.log.end_offset(),
            None => self.high_watermark,
        };
        fetched.batches = self.log.read(asked.fetch_offset, end, max_bytes, min_one);
        Ok(fetched)
    }

    /// How many bytes `asked` could get now; `None` where there is an error or news to tell
    /// instead (`DelayedFetch.tryComplete`).
    #[must_use]
    pub fn available(&self, asked: &FetchPartition, follower: bool) -> Option<u64> {
        self.check_epoch(asked.current_leader_epoch).ok()?;
        let leads = matches!(self.role, Role::Leader(_));
        if follower && !leads {
            return None;
        }
        if let Some(epoch) = asked.last_fetched_epoch {
            let end = self.log.end_offset_for(epoch)?;
            if end.epoch < epoch || end.end_offset < asked.fetch_offset {
                return None;
            }
        }
        let end = if follower {
            self.log.end_offset()
        } else {
            self.high_watermark
        };
        if asked.fetch_offset > self.log.end_offset() {
            return None;
        }
        let bytes = self.log.bytes_between(asked.fetch_offset, end);
        Some(bytes.min(u64::from(asked.partition_max_bytes)))
    }

    /// Answers ListOffsets, for a client (`Partition.fetchOffsetForTimestamp`). A new leader does
    /// not say where the end is before it knows how far its predecessors committed (KIP-207).
    #[must_use]
    pub fn list_offset(&self, asked: &ListOffsetsPartition) -> ListedOffset {
        let found = self
            .check_leader(asked.current_leader_epoch)
            .and_then(|leadership| {
                let unsure = leadership.start_offset() > self.high_watermark;
                match asked.at {
                    OffsetAt::Latest if unsure => Err(ErrorCode::OffsetNotAvailable),
                    OffsetAt::Latest => Ok(Some(self.high_watermark)),
                    OffsetAt::Earliest => Ok(Some(self.log.start_offset())),
                    OffsetAt::Timestamp(at) => {
                        let offset = self.log.offset_at(at);
                        match offset.filter(|offset| *offset >= self.high_watermark) {
                            Some(_) if unsure => Err(ErrorCode::OffsetNotAvailable),
                            Some(_) => Ok(None),
                            None => Ok(offset),
                        }
                    }
                }
            });
        self.listed(found)
    }

    /// Answers ListOffsets, for a follower that asks where the leader's log starts and ends.
    #[must_use]
    pub fn list_offset_for_follower(&self, asked: &ListOffsetsPartition) -> ListedOffset {
        let leader = self.check_leader(asked.current_leader_epoch);
        self.listed(leader.map(|_| {
            Some(match asked.at {
                OffsetAt::Earliest => self.log.start_offset(),
                OffsetAt::Latest | OffsetAt::Timestamp(_) => self.log.end_offset(),
            })
        }))
    }

    /// Answers OffsetForLeaderEpoch (`Partition.lastOffsetForLeaderEpoch`).
    #[must_use]
    pub fn end_of_epoch(&self, asked: &EpochPartition) -> EndOfEpoch {
        let leader = self.check_leader(asked.current_leader_epoch);
        EndOfEpoch {
            partition: self.id.clone(),
            error: leader.err().unwrap_or(ErrorCode::None),
            end: leader
                .ok()
                .and_then(|_| self.log.end_offset_for(asked.leader_epoch)),
        }
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &PartitionLog {
        &self.log
    }

    /// The high watermark.
    #[must_use]
    pub fn high_watermark(&self) -> u64 {
        self.high_watermark
    }

    /// What it does now.
    #[must_use]
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// Who leads, as far as this broker has heard.
    #[must_use]
    pub fn leader_and_epoch(&self, me: BrokerId) -> LeaderAndEpoch {
        LeaderAndEpoch {
            leader: match self.role {
                Role::Leader(_) => Some(me),
                Role::Follower { leader } => leader,
            },
            epoch: self.leader_epoch.unwrap_or(0),
        }
    }

    /// `Partition.checkCurrentLeaderEpoch` (KIP-320).
    fn check_epoch(&self, asked: Option<u32>) -> Result<(), ErrorCode> {
        match asked {
            Some(epoch) if Some(epoch) < self.leader_epoch => Err(ErrorCode::FencedLeaderEpoch),
            Some(epoch) if Some(epoch) > self.leader_epoch => Err(ErrorCode::UnknownLeaderEpoch),
            _ => Ok(()),
        }
    }

    /// This replica as leader, in the epoch that the asker knows of.
    fn check_leader(&self, asked: Option<u32>) -> Result<&Leadership, ErrorCode> {
        self.check_epoch(asked)?;
        match &self.role {
            Role::Leader(leadership) => Ok(leadership),
            Role::Follower { .. } => Err(ErrorCode::NotLeaderOrFollower),
        }
    }

    /// Whether a follower may fetch here. One that is not a replica yet, by the metadata of this
    /// broker, tries again (`Partition.followerReplicaOrThrow`).
    fn check_follower(&self, follower: BrokerId, asked: Option<u32>) -> Result<(), ErrorCode> {
        self.check_leader(asked)?;
        match asked {
            _ if self.replicas.contains(&follower) => Ok(()),
            Some(_) => Err(ErrorCode::UnknownLeaderEpoch),
            None => Err(ErrorCode::NotLeaderOrFollower),
        }
    }

    /// A fetch that gets an error.
    fn refuse(&self, asked: &FetchPartition, error: ErrorCode) -> FetchedPartition {
        refused(&asked.partition, error)
    }

    /// An answer to ListOffsets.
    fn listed(&self, found: Result<Option<u64>, ErrorCode>) -> ListedOffset {
        ListedOffset {
            partition: self.id.clone(),
            error: found.err().unwrap_or(ErrorCode::None),
            offset: found.ok().flatten(),
            leader_epoch: found.ok().and(self.leader_epoch),
        }
    }

    /// Moves the high watermark, if it moves.
    pub(super) fn set_high_watermark(&mut self, to: u64, leader: bool, env: &mut Env<'_>) {
        let from = core::mem::replace(&mut self.high_watermark, to);
        if from != to {
            env.tell(&self.id, ReplicaWhat::HighWatermark { from, to, leader });
            env.todo.moved.insert(self.id.clone());
        }
    }

    fn tell_appended(&self, batch: &Batch, by: Appender, env: &mut Env<'_>) {
        env.tell(
            &self.id,
            ReplicaWhat::Appended {
                base_offset: batch.base_offset,
                log_end: batch.next_offset(),
                leader_epoch: batch.leader_epoch.unwrap_or(0),
                by,
                messages: placed(batch).collect(),
            },
        );
    }
}

/// A fetch of one partition that gets an error.
#[must_use]
pub fn refused(partition: &TopicPartition, error: ErrorCode) -> FetchedPartition {
    FetchedPartition {
        partition: partition.clone(),
        error,
        high_watermark: None,
        log_start_offset: None,
        diverging_epoch: None,
        current_leader: None,
        batches: Vec::new(),
    }
}

/// The application's records in a batch.
fn placed(batch: &Batch) -> impl Iterator<Item = Placed> {
    batch
        .offsets()
        .filter_map(|(offset, record)| Some((offset, record.message?)))
}
