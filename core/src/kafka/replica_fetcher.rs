//! The follower's side of replication: fetch from a leader, drop what it does not have, append.
//!
//! Source: `AbstractFetcherThread`, `ReplicaFetcherThread`, `RemoteLeaderEndPoint`. One fetcher
//! for each leader, with one connection and one request at a time (`num.replica.fetchers` is 1).

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::{
    EndOfEpoch, EpochEnd, EpochPartition, FetchPartition, FetchRequest, FetchedPartition,
    ListOffsetsPartition, ListOffsetsRequest, ListedOffset, OffsetAt, OffsetForLeaderEpochRequest,
    ReplicaState, Request, Response,
};
use crate::kafka::api::{Message, Request as Frame, RequestBody};
use crate::kafka::broker::Timer;
use crate::kafka::config::broker::Truncation;
use crate::kafka::env::Env;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::replica::TruncatedBecause;
use crate::kafka::partition::Partition;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::names::LinkId;
use crate::shared::SortedMap;
use crate::time::Span;

/// The partitions of a broker, by name, each shared with keyframes until it changes.
pub type Partitions = SortedMap<TopicPartition, Rc<Partition>>;

/// A partition, to be changed.
pub fn changed<'a>(
    partitions: &'a mut Partitions,
    id: &TopicPartition,
) -> Option<&'a mut Partition> {
    partitions.get_mut(id).map(Rc::make_mut)
}

/// Follows one leader in all partitions that it leads.
#[derive(Clone, Debug, Fingerprint)]
pub struct ReplicaFetcher {
    leader: BrokerId,
    connection: Connection,
    next_correlation_id: u32,
    followed: SortedMap<TopicPartition, Followed>,
    /// In which order partitions are asked for: what got data goes behind the others.
    order: Vec<TopicPartition>,
}

/// The connection to the leader.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
enum Connection {
    None,
    Connecting(LinkId),
    Open {
        link: LinkId,
        /// The correlation id of the request that waits for an answer, and what it asked.
        asked: Option<(u32, Asked)>,
    },
}

/// What the request in flight was for.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
enum Asked {
    /// Where epochs end.
    Epochs(Vec<EpochPartition>),
    /// Where the leader's log ends.
    LogEnds(Vec<ListOffsetsPartition>),
    /// For data.
    Data(Vec<FetchPartition>),
}

/// How it stands with one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
struct Followed {
    /// The leader's epoch.
    epoch: u32,
    stage: Stage,
    /// Left alone until then, in microseconds of the monotonic clock.
    delayed_until: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
enum Stage {
    /// Has to ask first where its epochs end at the leader.
    Truncating,
    /// Fetches.
    Fetching,
    /// Its log goes on behind the leader's, or begins before it.
    OutOfRange,
}

impl ReplicaFetcher {
    /// A fetcher without partitions.
    #[must_use]
    pub fn new(leader: BrokerId) -> Self {
        ReplicaFetcher {
            leader,
            connection: Connection::None,
            next_correlation_id: 0,
            followed: SortedMap::new(),
            order: Vec::new(),
        }
    }

    /// Follows the leader in one more partition, from a new epoch on.
    pub fn add(&mut self, partition: &Partition, epoch: u32, env: &Env<'_>) {
        let has_epochs = partition.log().epochs().latest().is_some();
        let stage = match env.config.rules.truncation {
            Truncation::HighWatermark => Stage::Fetching,
            Truncation::Kip320 if has_epochs => Stage::Fetching,
            Truncation::Kip101 | Truncation::Kip279 | Truncation::Kip320 => Stage::Truncating,
        };
        let followed = Followed {
            epoch,
            stage,
            delayed_until: 0,
        };
        self.remove(&partition.id);
        self.followed.insert(partition.id.clone(), followed);
        self.order.push(partition.id.clone());
    }

    /// Follows it there no longer.
    pub fn remove(&mut self, partition: &TopicPartition) {
        self.followed.remove(partition);
        self.order.retain(|one| one != partition);
    }

    /// Whether it follows nobody anywhere.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.followed.is_empty()
    }

    /// Whether this is its connection.
    #[must_use]
    pub fn owns(&self, link: LinkId) -> bool {
        match self.connection {
            Connection::None => false,
            Connection::Connecting(own) | Connection::Open { link: own, .. } => own == link,
        }
    }

    /// Gives up the connection.
    pub fn stop(&mut self, env: &mut Env<'_>) {
        if let Connection::Connecting(link) | Connection::Open { link, .. } = self.connection {
            env.out.close(link);
        }
        self.connection = Connection::None;
        env.out.disarm(Timer::FetchBackoff(self.leader));
        env.out.disarm(Timer::FetchTimeout(self.leader));
    }

    /// The connection is open.
    pub fn connected(&mut self, link: LinkId) {
        self.connection = Connection::Open { link, asked: None };
    }

    /// The connection is gone or did not come about: all partitions are left alone for a while.
    pub fn disconnected(&mut self, env: &mut Env<'_>) {
        self.connection = Connection::None;
        env.out.disarm(Timer::FetchTimeout(self.leader));
        let all: Vec<TopicPartition> = self.order.clone();
        self.delay(&all, env);
    }

    /// No answer within `replica.socket.timeout.ms`.
    pub fn timed_out(&mut self, env: &mut Env<'_>) {
        if let Connection::Open { link, .. } = self.connection {
            env.out.close(link);
        }
        self.disconnected(env);
    }

    /// Sends the next request, if there is something to ask and nobody to wait for.
    pub fn drive(&mut self, partitions: &mut Partitions, env: &mut Env<'_>) {
        self.truncate_without_epochs(partitions, env);
        let ready = self.ready(env);
        if ready.is_empty() {
            self.arm_backoff(env);
            return;
        }
        match self.connection {
            Connection::None => {
                let Some(leader) = env.image.brokers.get(&self.leader) else {
                    self.delay(&ready, env);
                    self.arm_backoff(env);
                    return;
                };
                let link = env.out.connect(leader.endpoint.node);
                self.connection = Connection::Connecting(link);
            }
            Connection::Connecting(_) | Connection::Open { asked: Some(_), .. } => {}
            Connection::Open { link, asked: None } => {
                if let Some((asked, request)) = self.next_request(&ready, partitions, env) {
                    self.send(link, asked, request, env);
                }
            }
        }
    }

    /// Takes an answer.
    pub fn answer(
        &mut self,
        correlation_id: u32,
        response: Response,
        partitions: &mut Partitions,
        env: &mut Env<'_>,
    ) {
        let Connection::Open { asked, .. } = &mut self.connection else {
            return;
        };
        let Some((_, asked)) = asked.take_if(|(expected, _)| *expected == correlation_id) else {
            return;
        };
        env.out.disarm(Timer::FetchTimeout(self.leader));
        match (asked, response) {
            (Asked::Data(asked), Response::Fetch(answers)) => {
                for (asked, answer) in asked.iter().zip(answers) {
                    self.on_data(asked, answer, partitions, env);
                }
            }
            (Asked::Epochs(asked), Response::OffsetForLeaderEpoch(answers)) => {
                for (asked, answer) in asked.iter().zip(answers) {
                    self.on_end_of_epoch(asked, &answer, partitions, env);
                }
            }
            (Asked::LogEnds(asked), Response::ListOffsets(answers)) => {
                for (asked, answer) in asked.iter().zip(answers) {
                    self.on_log_end(asked, &answer, partitions, env);
                }
            }
            (asked, response) => panic!("{response:?} does not answer {asked:?}"),
        }
    }

    /// Partitions of a follower that knows no epoch keep nothing above their high watermark
    /// (`truncateToHighWatermark`).
    fn truncate_without_epochs(&mut self, partitions: &mut Partitions, env: &mut Env<'_>) {
        for (id, followed) in &mut self.followed {
            let Some(partition) = partitions.get_mut(id) else {
                continue;
            };
            let no_epochs = partition.log().epochs().latest().is_none();
            if followed.stage == Stage::Truncating && no_epochs {
                let high_watermark = partition.high_watermark();
                let partition = Rc::make_mut(partition);
                partition.truncate_to(high_watermark, TruncatedBecause::HighWatermark, env);
                followed.stage = Stage::Fetching;
            }
        }
    }

    /// The partitions that are not left alone now.
    fn ready(&self, env: &Env<'_>) -> Vec<TopicPartition> {
        let ready = |id: &&TopicPartition| {
            let followed = self.followed.get(*id);
            followed.is_some_and(|one| one.delayed_until <= env.now.mono)
        };
        self.order.iter().filter(ready).cloned().collect()
    }

    /// What to ask next: where epochs end, then where the leader's log ends, then for data.
    fn next_request(
        &self,
        ready: &[TopicPartition],
        partitions: &Partitions,
        env: &Env<'_>,
    ) -> Option<(Asked, Request)> {
        let in_stage = |stage: Stage| {
            ready.iter().filter_map(move |id| {
                let followed = self.followed.get(id)?;
                let partition = partitions.get(id)?;
                (followed.stage == stage).then_some((partition, followed.epoch))
            })
        };
        let epochs: Vec<EpochPartition> = in_stage(Stage::Truncating)
            .filter_map(|(partition, epoch)| {
                Some(EpochPartition {
                    partition: partition.id.clone(),
                    current_leader_epoch: Some(epoch),
                    leader_epoch: partition.log().epochs().latest()?,
                })
            })
            .collect();
        if !epochs.is_empty() {
            let request = Request::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest {
                replica: Some(env.id),
                partitions: epochs.clone(),
            });
            return Some((Asked::Epochs(epochs), request));
        }
        let ends: Vec<ListOffsetsPartition> = in_stage(Stage::OutOfRange)
            .map(|(partition, epoch)| ListOffsetsPartition {
                partition: partition.id.clone(),
                current_leader_epoch: Some(epoch),
                at: OffsetAt::Latest,
            })
            .collect();
        if !ends.is_empty() {
            let request = Request::ListOffsets(ListOffsetsRequest {
                replica: Some(env.id),
                partitions: ends.clone(),
            });
            return Some((Asked::LogEnds(ends), request));
        }
        let diverging = env.config.rules.truncation == Truncation::Kip320;
        let data: Vec<FetchPartition> = in_stage(Stage::Fetching)
            .map(|(partition, epoch)| FetchPartition {
                partition: partition.id.clone(),
                current_leader_epoch: Some(epoch),
                fetch_offset: partition.log().end_offset(),
                last_fetched_epoch: partition.log().epochs().latest().filter(|_| diverging),
                log_start_offset: Some(partition.log().start_offset()),
                partition_max_bytes: env.config.replica_fetch_max_bytes,
            })
            .collect();
        if data.is_empty() {
            return None;
        }
        let request = Request::Fetch(FetchRequest {
            replica: Some(ReplicaState {
                id: env.id,
                epoch: env.broker_epoch,
            }),
            max_wait_ms: env.config.replica_fetch_wait_max_ms,
            min_bytes: env.config.replica_fetch_min_bytes,
            max_bytes: env.config.replica_fetch_response_max_bytes,
            partitions: data.clone(),
        });
        Some((Asked::Data(data), request))
    }

    fn send(&mut self, link: LinkId, asked: Asked, request: Request, env: &mut Env<'_>) {
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id += 1;
        let frame = Frame {
            correlation_id,
            client_id: "replica".into(),
            body: RequestBody::Data(request),
        };
        env.out.send(link, Message::Request(frame));
        let timeout = Span::ms(u64::from(env.config.replica_socket_timeout_ms));
        env.out.arm(Timer::FetchTimeout(self.leader), timeout);
        self.connection = Connection::Open {
            link,
            asked: Some((correlation_id, asked)),
        };
    }

    /// `processFetchRequest`, for one partition. An answer to what is no longer asked is dropped:
    /// the epoch changed meanwhile, or the log was cut.
    fn on_data(
        &mut self,
        asked: &FetchPartition,
        answer: FetchedPartition,
        partitions: &mut Partitions,
        env: &mut Env<'_>,
    ) {
        let id = &asked.partition;
        let (Some(followed), Some(partition)) =
            (self.followed.get_mut(id), changed(partitions, id))
        else {
            return;
        };
        let still_asked = Some(followed.epoch) == asked.current_leader_epoch
            && followed.stage == Stage::Fetching
            && partition.log().end_offset() == asked.fetch_offset;
        if !still_asked {
            return;
        }
        match (answer.error, answer.diverging_epoch) {
            (ErrorCode::None, Some(end)) => {
                truncate_by_epoch(partition, Some(end), Truncation::Kip320, env);
            }
            (ErrorCode::None, None) => {
                let got_data = !answer.batches.is_empty();
                let high_watermark = answer.high_watermark.unwrap_or(0);
                partition.append_as_follower(answer.batches, high_watermark, env);
                if got_data {
                    self.order.retain(|one| one != id);
                    self.order.push(id.clone());
                }
            }
            (ErrorCode::OffsetOutOfRange, _) => followed.stage = Stage::OutOfRange,
            (error, _) => self.on_error(id, error, env),
        }
    }

    /// `maybeTruncateToEpochEndOffsets`, for one partition.
    fn on_end_of_epoch(
        &mut self,
        asked: &EpochPartition,
        answer: &EndOfEpoch,
        partitions: &mut Partitions,
        env: &mut Env<'_>,
    ) {
        let id = &asked.partition;
        let (Some(followed), Some(partition)) =
            (self.followed.get_mut(id), changed(partitions, id))
        else {
            return;
        };
        if Some(followed.epoch) != asked.current_leader_epoch {
            return;
        }
        if !answer.error.is_none() {
            self.on_error(id, answer.error, env);
            return;
        }
        let rule = env.config.rules.truncation;
        if truncate_by_epoch(partition, answer.end, rule, env) {
            followed.stage = Stage::Fetching;
        }
    }

    /// `fetchOffsetAndTruncate`: a follower whose log goes on behind the leader's end cuts it
    /// there. (A leader's log never begins above a follower's end here: nothing deletes records.)
    fn on_log_end(
        &mut self,
        asked: &ListOffsetsPartition,
        answer: &ListedOffset,
        partitions: &mut Partitions,
        env: &mut Env<'_>,
    ) {
        let id = &asked.partition;
        let (Some(followed), Some(partition)) =
            (self.followed.get_mut(id), changed(partitions, id))
        else {
            return;
        };
        if Some(followed.epoch) != asked.current_leader_epoch {
            return;
        }
        match answer.offset {
            Some(leader_end) => {
                if leader_end < partition.log().end_offset() {
                    partition.truncate_to(leader_end, TruncatedBecause::LeaderLogEnd, env);
                }
                followed.stage = Stage::Fetching;
            }
            None => self.on_error(id, answer.error, env),
        }
    }

    /// A fenced follower waits for the metadata log to tell it the new epoch; any other error is
    /// tried again after `replica.fetch.backoff.ms`.
    fn on_error(&mut self, id: &TopicPartition, error: ErrorCode, env: &mut Env<'_>) {
        if error == ErrorCode::FencedLeaderEpoch {
            self.remove(id);
        } else {
            self.delay(core::slice::from_ref(id), env);
        }
    }

    fn delay(&mut self, which: &[TopicPartition], env: &mut Env<'_>) {
        let backoff = u64::from(env.config.replica_fetch_backoff_ms) * 1000;
        for id in which {
            if let Some(followed) = self.followed.get_mut(id) {
                followed.delayed_until = env.now.mono + backoff;
            }
        }
    }

    /// Wakes up when the first partition may be asked for again.
    fn arm_backoff(&self, env: &mut Env<'_>) {
        let until = self
            .followed
            .values()
            .map(|followed| followed.delayed_until);
        let later = until.filter(|until| *until > env.now.mono).min();
        if let Some(until) = later {
            let wait = Span::us(until - env.now.mono);
            env.out.arm(Timer::FetchBackoff(self.leader), wait);
        }
    }
}

/// Drops what the leader does not have, by where it says that an epoch ends. Answers whether that
/// was all, or the leader has to be asked again (`getOffsetTruncationState`).
fn truncate_by_epoch(
    partition: &mut Partition,
    answer: Option<EpochEnd>,
    rule: Truncation,
    env: &mut Env<'_>,
) -> bool {
    let log_end = partition.log().end_offset();
    let Some(end) = answer else {
        let high_watermark = partition.high_watermark();
        partition.truncate_to(high_watermark, TruncatedBecause::HighWatermark, env);
        return true;
    };
    let because = TruncatedBecause::LeaderEpoch(end);
    let own = match rule {
        // KIP-101 took the leader's word without asking which epoch it was about.
        Truncation::HighWatermark | Truncation::Kip101 => None,
        Truncation::Kip279 | Truncation::Kip320 => partition.log().end_offset_for(end.epoch),
    };
    match own {
        None => {
            partition.truncate_to(end.end_offset.min(log_end), because, env);
            true
        }
        Some(own) if own.epoch == end.epoch => {
            let to = own.end_offset.min(end.end_offset).min(log_end);
            partition.truncate_to(to, because, env);
            true
        }
        Some(own) => {
            partition.truncate_to(own.end_offset.min(log_end), because, env);
            false
        }
    }
}
