//! All replicas of a broker: what clients and followers ask of them, and what they ask of others.
//!
//! Source: `kafka.server.ReplicaManager`.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::AlteredPartition;
use crate::kafka::api::data::{
    Acks, EndOfEpoch, FetchPartition, FetchRequest, FetchedPartition, ListOffsetsRequest,
    ListedOffset, OffsetForLeaderEpochRequest, ProduceRequest, ProducedPartition, Response,
};
use crate::kafka::broker::Timer;
use crate::kafka::entry::{Entry, PartitionFile, file};
use crate::kafka::env::Env;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::replica::ReplicaWhat;
use crate::kafka::log::PartitionLog;
use crate::kafka::partition::{Follow, Partition, Role, refused};
use crate::kafka::purgatory::{Delayed, PendingPartition, Purgatory, Waiter, What};
use crate::kafka::record::Batch;
use crate::kafka::replica_fetcher::{Partitions, ReplicaFetcher, changed};
use crate::kafka::topic::{BrokerId, PartitionState, TopicId, TopicPartition};
use crate::machine::Kept;
use crate::names::{FileId, LinkId};
use crate::shared::SortedMap;
use crate::time::Span;

/// The replicas of one broker.
#[derive(Clone, Debug, Default, Fingerprint)]
pub struct ReplicaManager {
    partitions: Partitions,
    fetchers: SortedMap<BrokerId, ReplicaFetcher>,
    purgatory: Purgatory,
    /// The high watermarks of the last checkpoint, for logs that are not open yet.
    checkpoint: SortedMap<TopicPartition, u64>,
}

/// An answer, and who waits for it.
pub type Answer = (Waiter, Response);

impl ReplicaManager {
    /// Finds the logs and the high watermarks that the disk kept. A log without its
    /// `partition.metadata` is nobody's and is removed.
    pub fn recover(kept: &Kept<Entry>, env: &mut Env<'_>) -> Self {
        let mut manager = ReplicaManager::default();
        if let Some(checkpoint) = kept.get(&file::HIGH_WATERMARKS)
            && let Some(Entry::HighWatermarks(all)) = checkpoint.records.last()
        {
            manager.checkpoint = all.iter().cloned().collect();
        }
        let whose = kept.values().flat_map(|kept| kept.records.iter());
        let whose = whose.filter_map(|entry| match entry {
            Entry::PartitionMetadata {
                partition,
                topic_id,
            } => Some((*topic_id, partition)),
            _ => None,
        });
        for (topic, id) in whose {
            let log_file = file::of_partition(topic, id.partition, PartitionFile::Log);
            let log = match kept.get(&log_file) {
                Some(kept) => PartitionLog::recover(log_file, kept, env.out),
                None => PartitionLog::create(log_file),
            };
            manager.open(id.clone(), log, env);
        }
        env.out.arm(
            Timer::HighWatermarkCheckpoint,
            Span::ms(u64::from(
                env.config.replica_high_watermark_checkpoint_interval_ms,
            )),
        );
        manager.arm_isr_check(env);
        manager
    }

    /// Applies what the controller decided about a partition of which this broker is a replica
    /// (`ReplicaManager.applyDelta`).
    pub fn apply(
        &mut self,
        topic: TopicId,
        id: &TopicPartition,
        state: &PartitionState,
        env: &mut Env<'_>,
    ) {
        if !self.partitions.contains_key(id) {
            let log_file = file::of_partition(topic, id.partition, PartitionFile::Log);
            let metadata = file::of_partition(topic, id.partition, PartitionFile::Metadata);
            let entry = Entry::PartitionMetadata {
                partition: id.clone(),
                topic_id: topic,
            };
            env.out.append(metadata, entry);
            env.out.sync(metadata);
            self.open(id.clone(), PartitionLog::create(log_file), env);
        }
        let partition = changed(&mut self.partitions, id).expect("opened above");
        let follow = partition.apply(state, env);
        if let Role::Leader(_) = partition.role() {
            self.unfollow(id, env);
        } else if let Some(Follow { leader, epoch }) = follow {
            self.unfollow(id, env);
            if let Some(leader) = leader {
                let new = || ReplicaFetcher::new(leader);
                let fetcher = self.fetchers.entry(leader).or_insert_with(new);
                let partition = self.partitions.get(id).expect("opened above");
                fetcher.add(partition, epoch, env);
                fetcher.drive(&mut self.partitions, env);
            }
        }
    }

    /// Produce (`appendRecords`): `None` while the answer has to wait, and for acks=0, where there
    /// is none. With acks=0 an error closes the connection, for want of another way to tell.
    pub fn produce(
        &mut self,
        request: &ProduceRequest,
        waiter: Waiter,
        env: &mut Env<'_>,
    ) -> Produced {
        let mut pending = Vec::new();
        for (id, batch) in &request.partitions {
            pending.push(self.append(id, batch, request.acks, env));
        }
        if request.acks == Acks::None {
            let failed = pending.iter().any(|p| !p.answer.error.is_none());
            return if failed {
                Produced::CloseConnection
            } else {
                Produced::NoAnswer
            };
        }
        if request.acks == Acks::All {
            self.settle_produce(&mut pending, env);
        }
        if pending.iter().all(|p| p.required.is_none()) {
            return Produced::Now(self.produced(pending, &request.partitions, request.acks, env));
        }
        let number = self.purgatory.watch(Delayed {
            waiter,
            what: What::Produce {
                pending,
                batches: request.partitions.clone(),
            },
        });
        let timeout = Span::ms(u64::from(request.timeout_ms));
        env.out.arm(Timer::Delayed(number), timeout);
        Produced::Later
    }

    /// Fetch (`fetchMessages`): `None` while the answer has to wait.
    pub fn fetch(
        &mut self,
        request: FetchRequest,
        waiter: Waiter,
        env: &mut Env<'_>,
    ) -> Option<Response> {
        let fetched = self.read(&request, true, env);
        let bytes: u64 = fetched
            .iter()
            .flat_map(|f| &f.batches)
            .map(Batch::bytes)
            .sum();
        let news = |f: &FetchedPartition| !f.error.is_none() || f.diverging_epoch.is_some();
        let now = request.max_wait_ms == 0
            || request.partitions.is_empty()
            || bytes >= u64::from(request.min_bytes)
            || fetched.iter().any(news);
        if now {
            return Some(Response::Fetch(fetched));
        }
        let timeout = Span::ms(u64::from(request.max_wait_ms));
        let number = self.purgatory.watch(Delayed {
            waiter,
            what: What::Fetch(request),
        });
        env.out.arm(Timer::Delayed(number), timeout);
        None
    }

    /// ListOffsets.
    pub fn list_offsets(&self, request: &ListOffsetsRequest, env: &Env<'_>) -> Response {
        let answers = request.partitions.iter().map(|asked| {
            match (self.partitions.get(&asked.partition), request.replica) {
                (Some(partition), Some(_)) => partition.list_offset_for_follower(asked),
                (Some(partition), None) => partition.list_offset(asked),
                (None, _) => ListedOffset {
                    partition: asked.partition.clone(),
                    error: unknown(&asked.partition, env),
                    offset: None,
                    leader_epoch: None,
                },
            }
        });
        Response::ListOffsets(answers.collect())
    }

    /// OffsetForLeaderEpoch.
    pub fn end_of_epochs(&self, request: &OffsetForLeaderEpochRequest, env: &Env<'_>) -> Response {
        let answers =
            request
                .partitions
                .iter()
                .map(|asked| match self.partitions.get(&asked.partition) {
                    Some(partition) => partition.end_of_epoch(asked),
                    None => EndOfEpoch {
                        partition: asked.partition.clone(),
                        error: unknown(&asked.partition, env),
                        end: None,
                    },
                });
        Response::OffsetForLeaderEpoch(answers.collect())
    }

    /// Looks again at the requests that watch what moved in this step, until nothing moves, and
    /// lets the followers of this broker's own replicas go on.
    pub fn settle(&mut self, env: &mut Env<'_>) -> Vec<Answer> {
        let mut answers = Vec::new();
        while let Some(moved) = env.todo.moved.pop_first() {
            for number in self.purgatory.watching(&moved) {
                answers.extend(self.try_complete(number, env));
            }
        }
        answers
    }

    /// The time of a request that waited is over: it is answered with what there is.
    pub fn expire(&mut self, number: u64, env: &mut Env<'_>) -> Option<Answer> {
        self.complete(number, env)
    }

    /// An outgoing connection is open. Answers whether it was a fetcher's.
    pub fn connected(&mut self, link: LinkId, env: &mut Env<'_>) -> bool {
        let Some(fetcher) = self.fetcher_of(link) else {
            return false;
        };
        let fetcher = self.fetchers.get_mut(&fetcher).expect("just found");
        fetcher.connected(link);
        fetcher.drive(&mut self.partitions, env);
        true
    }

    /// A connection is gone, or did not come about: a fetcher's, or that of one who waits.
    pub fn disconnected(&mut self, link: LinkId, env: &mut Env<'_>) {
        if let Some(fetcher) = self.fetcher_of(link) {
            let fetcher = self.fetchers.get_mut(&fetcher).expect("just found");
            fetcher.disconnected(env);
            fetcher.drive(&mut self.partitions, env);
        }
        for number in self.purgatory.forget(link) {
            env.out.disarm(Timer::Delayed(number));
        }
    }

    /// A leader answered. Says whether the connection was a fetcher's.
    pub fn answered(
        &mut self,
        link: LinkId,
        correlation_id: u32,
        response: Response,
        env: &mut Env<'_>,
    ) {
        if let Some(fetcher) = self.fetcher_of(link) {
            let fetcher = self.fetchers.get_mut(&fetcher).expect("just found");
            fetcher.answer(correlation_id, response, &mut self.partitions, env);
            fetcher.drive(&mut self.partitions, env);
        }
    }

    /// A fetcher's backoff is over.
    pub fn resume_fetching(&mut self, leader: BrokerId, env: &mut Env<'_>) {
        if let Some(fetcher) = self.fetchers.get_mut(&leader) {
            fetcher.drive(&mut self.partitions, env);
        }
    }

    /// A leader did not answer a fetcher.
    pub fn fetch_timed_out(&mut self, leader: BrokerId, env: &mut Env<'_>) {
        if let Some(fetcher) = self.fetchers.get_mut(&leader) {
            fetcher.timed_out(env);
            fetcher.drive(&mut self.partitions, env);
        }
    }

    /// Time to look for followers that lag: every half of `replica.lag.time.max.ms`.
    pub fn check_isr(&mut self, env: &mut Env<'_>) {
        for partition in self.partitions.values_mut() {
            Rc::make_mut(partition).shrink_isr(env);
        }
        self.arm_isr_check(env);
    }

    /// The controller answered a change of in-sync replicas.
    pub fn altered(&mut self, answers: &[AlteredPartition], env: &mut Env<'_>) {
        for answer in answers {
            if let Some(partition) = changed(&mut self.partitions, &answer.partition) {
                partition.altered(answer, env);
            }
        }
    }

    /// Time to write down the high watermarks (`checkpointHighWatermarks`). The file is replaced,
    /// and flushed before the new one takes its place.
    pub fn checkpoint_high_watermarks(&mut self, env: &mut Env<'_>) {
        let all = self.partitions.iter();
        let all: Vec<(TopicPartition, u64)> = all
            .map(|(id, partition)| (id.clone(), partition.high_watermark()))
            .collect();
        if !all.is_empty() {
            let entry = Entry::HighWatermarks(all);
            env.out.replace(file::HIGH_WATERMARKS, alloc::vec![entry]);
            env.out.sync(file::HIGH_WATERMARKS);
        }
        let interval = env.config.replica_high_watermark_checkpoint_interval_ms;
        env.out.arm(
            Timer::HighWatermarkCheckpoint,
            Span::ms(u64::from(interval)),
        );
    }

    /// The replicas, by partition.
    #[must_use]
    pub fn partitions(&self) -> &Partitions {
        &self.partitions
    }

    /// The files that an orderly stop flushes (`LogManager.shutdown`).
    pub fn log_files(&self) -> impl Iterator<Item = FileId> {
        self.partitions.values().map(|p| p.log().file())
    }

    /// How many requests wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.purgatory.len()
    }

    fn open(&mut self, id: TopicPartition, log: PartitionLog, env: &mut Env<'_>) {
        let checkpoint = self.checkpoint.get(&id).copied().unwrap_or(0);
        let partition = Partition::open(id.clone(), log, checkpoint, env);
        self.partitions.insert(id, Rc::new(partition));
    }

    /// Follows nobody in this partition; a fetcher without partitions stops.
    fn unfollow(&mut self, id: &TopicPartition, env: &mut Env<'_>) {
        for fetcher in self.fetchers.values_mut() {
            fetcher.remove(id);
            if fetcher.is_idle() {
                fetcher.stop(env);
            }
        }
        self.fetchers.retain(|_, fetcher| !fetcher.is_idle());
    }

    fn fetcher_of(&self, link: LinkId) -> Option<BrokerId> {
        let own = |(_, fetcher): &(&BrokerId, &ReplicaFetcher)| fetcher.owns(link);
        let (leader, _) = self.fetchers.iter().find(own)?;
        Some(*leader)
    }

    /// Appends one batch of a request.
    fn append(
        &mut self,
        id: &TopicPartition,
        batch: &Batch,
        acks: Acks,
        env: &mut Env<'_>,
    ) -> PendingPartition {
        let appended = match changed(&mut self.partitions, id) {
            Some(partition) => partition.append_as_leader(batch, acks, env),
            None => Err(unknown(id, env)),
        };
        let answer = |error, base_offset| ProducedPartition {
            partition: id.clone(),
            error,
            base_offset,
            current_leader: None,
        };
        match (appended, acks) {
            (Err(error), _) => PendingPartition {
                answer: answer(error, None),
                required: None,
            },
            (Ok(appended), Acks::All) => PendingPartition {
                answer: answer(ErrorCode::RequestTimedOut, Some(appended.base_offset)),
                required: Some(appended.next_offset),
            },
            (Ok(appended), Acks::None | Acks::Leader) => PendingPartition {
                answer: answer(ErrorCode::None, Some(appended.base_offset)),
                required: None,
            },
        }
    }

    /// Notes which partitions of an acks=all request are done (`DelayedProduce.tryComplete`).
    fn settle_produce(&self, pending: &mut [PendingPartition], env: &Env<'_>) {
        for one in pending {
            let Some(required) = one.required else {
                continue;
            };
            let outcome = match self.partitions.get(&one.answer.partition) {
                Some(partition) => partition.acknowledged(required, env),
                None => Some(ErrorCode::UnknownTopicOrPartition),
            };
            if let Some(error) = outcome {
                one.answer.error = error;
                one.required = None;
            }
        }
    }

    /// The answer to a Produce request, told to onlookers. A failed batch has no offset, and a
    /// partition that moved says where to (KIP-951).
    fn produced(
        &self,
        pending: Vec<PendingPartition>,
        batches: &[(TopicPartition, Batch)],
        acks: Acks,
        env: &mut Env<'_>,
    ) -> Response {
        let answers = pending.into_iter().map(|mut one| {
            let error = one.answer.error;
            if !error.is_none() {
                one.answer.base_offset = None;
            }
            if error == ErrorCode::NotLeaderOrFollower {
                let partition = self.partitions.get(&one.answer.partition);
                one.answer.current_leader = partition.map(|p| p.leader_and_epoch(env.id));
            }
            let of_it = batches.iter().filter(|(id, _)| *id == one.answer.partition);
            let mut messages = Vec::new();
            for (_, batch) in of_it {
                batch.messages(&mut |message| messages.push(message));
            }
            let answered = ReplicaWhat::Answered {
                acks,
                error,
                base_offset: one.answer.base_offset,
                messages,
            };
            env.tell(&one.answer.partition, answered);
            one.answer
        });
        Response::Produce(answers.collect())
    }

    /// Reads what a Fetch request asks for (`readFromLog`). Only the first partition with data may
    /// go beyond the limits.
    fn read(
        &mut self,
        request: &FetchRequest,
        note: bool,
        env: &mut Env<'_>,
    ) -> Vec<FetchedPartition> {
        let mut room = u64::from(request.max_bytes);
        let mut min_one = true;
        let mut answers = Vec::new();
        for asked in &request.partitions {
            let max_bytes = room.min(u64::from(asked.partition_max_bytes));
            let mut fetched = match changed(&mut self.partitions, &asked.partition) {
                Some(p) => p.fetch(asked, request.replica, max_bytes, min_one, note, env),
                None => refused(&asked.partition, unknown(&asked.partition, env)),
            };
            let moved = [ErrorCode::NotLeaderOrFollower, ErrorCode::FencedLeaderEpoch];
            if moved.contains(&fetched.error) {
                let partition = self.partitions.get(&asked.partition);
                fetched.current_leader = partition.map(|p| p.leader_and_epoch(env.id));
            }
            let bytes: u64 = fetched.batches.iter().map(Batch::bytes).sum();
            min_one &= bytes == 0;
            room = room.saturating_sub(bytes);
            answers.push(fetched);
        }
        answers
    }

    /// Answers a request that waits, if it need not wait any longer.
    fn try_complete(&mut self, number: u64, env: &mut Env<'_>) -> Option<Answer> {
        let delayed = self.purgatory.get_mut(number)?;
        let done = match &mut delayed.what {
            What::Produce { pending, .. } => {
                let mut pending = core::mem::take(pending);
                self.settle_produce(&mut pending, env);
                let done = pending.iter().all(|p| p.required.is_none());
                if let Some(Delayed {
                    what: What::Produce { pending: kept, .. },
                    ..
                }) = self.purgatory.get_mut(number)
                {
                    *kept = pending;
                }
                done
            }
            What::Fetch(request) => {
                let follower = request.replica.is_some();
                let available = |asked: &FetchPartition| {
                    let partition = self.partitions.get(&asked.partition)?;
                    partition.available(asked, follower)
                };
                let all: Option<u64> = request.partitions.iter().map(available).sum();
                all.is_none_or(|bytes| bytes >= u64::from(request.min_bytes))
            }
        };
        if done {
            self.complete(number, env)
        } else {
            None
        }
    }

    /// Answers a request that waits, with what there is.
    fn complete(&mut self, number: u64, env: &mut Env<'_>) -> Option<Answer> {
        let delayed = self.purgatory.take(number)?;
        env.out.disarm(Timer::Delayed(number));
        let response = match delayed.what {
            What::Produce { pending, batches } => self.produced(pending, &batches, Acks::All, env),
            What::Fetch(request) => Response::Fetch(self.read(&request, false, env)),
        };
        Some((delayed.waiter, response))
    }

    fn arm_isr_check(&self, env: &mut Env<'_>) {
        let half = u64::from(env.config.replica_lag_time_max_ms) / 2;
        env.out.arm(Timer::IsrCheck, Span::ms(half));
    }
}

/// What became of a Produce request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Produced {
    /// It is answered.
    Now(Response),
    /// It waits for the in-sync replicas.
    Later,
    /// acks=0: there is no answer.
    NoAnswer,
    /// acks=0 and an error.
    CloseConnection,
}

/// Why a partition is not here: it is elsewhere, or nowhere.
fn unknown(id: &TopicPartition, env: &Env<'_>) -> ErrorCode {
    match env.image.partition(id) {
        Some(_) => ErrorCode::NotLeaderOrFollower,
        None => ErrorCode::UnknownTopicOrPartition,
    }
}
