//! A consumer: polls, keeps its positions, commits; alone or in a group.
//!
//! Source: `KafkaConsumer` with the classic protocol (`ClassicKafkaConsumer`). How it fetches is in
//! [`consumer_fetcher`](super::consumer_fetcher), how it lives in its group in
//! [`consumer_coordinator`](super::consumer_coordinator), how it commits in
//! [`consumer_offsets`](super::consumer_offsets).

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::group::{Request as GroupRequest, Response as GroupResponse};
use crate::kafka::api::{RequestBody, ResponseBody};
use crate::kafka::client::Client;
use crate::kafka::config::consumer::ConsumerConfig;
use crate::kafka::consumer_coordinator::{Api, ConsumerCoordinator, News};
use crate::kafka::consumer_offsets::Commit;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Fact;
use crate::kafka::fact::client::{ClientFact, ClientWhat};
use crate::kafka::network_client::{Backoff, Lost, NetworkClient, NetworkConfig, Peer};
use crate::kafka::record::Record;
use crate::kafka::subscription_state::{Stage, SubscriptionState};
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::machine::{Chance, Out};
use crate::names::{Name, NodeId};
use crate::shared::{Deque, SortedMap, SortedSet};
use crate::time::Now;

/// A consumer.
#[derive(Clone, Debug, Fingerprint)]
pub struct Consumer {
    node: NodeId,
    pub(super) config: Rc<ConsumerConfig>,
    /// Its connections, and what requests were for.
    pub(super) network: NetworkClient<Asked>,
    pub(super) positions: SubscriptionState,
    pub(super) coordinator: Option<ConsumerCoordinator>,
    /// What was fetched and not yet polled, in the order of arrival.
    pub(super) fetched: VecDeque<Fetched>,
    pub(super) fetching: SortedSet<BrokerId>,
    polling: bool,
    last_poll: u64,
    pub(super) next_auto_commit: u64,
    pub(super) commit: Option<Commit>,
    pub(super) raised: Option<Name>,
}

/// What a consumer reads.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Reads {
    /// Topics, shared with the others of its group (`subscribe`).
    Subscribed(Vec<Name>),
    /// Partitions of its own choice (`assign`).
    Assigned(Vec<TopicPartition>),
}

/// What a request in flight is for.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Asked {
    /// The group's life.
    Group(Api),
    /// Leaving the group.
    Leave,
    /// Committing these offsets.
    Commit {
        /// The next offsets to read.
        offsets: SortedMap<TopicPartition, u64>,
        /// Whether the application waits for it.
        sync: bool,
    },
    /// What the group committed.
    Committed(Vec<TopicPartition>),
    /// Data from this broker, from these offsets on.
    Fetch(BrokerId, Vec<(TopicPartition, u64)>),
    /// Where logs start or end.
    ListOffsets(Vec<TopicPartition>),
    /// Where the epoch of a position ended.
    EndOfEpoch(Vec<(TopicPartition, u64)>),
}

/// Records of one partition, fetched together.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Fetched {
    /// The partition.
    pub partition: TopicPartition,
    /// Its records.
    pub records: Deque<Polled>,
}

/// A record as the application gets it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Polled {
    /// Its partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: u64,
    /// The epoch of the leader that appended it.
    pub leader_epoch: Option<u32>,
    /// The record.
    pub record: Record,
}

impl Consumer {
    /// A consumer that has not connected yet.
    #[must_use]
    pub fn new(
        node: NodeId,
        client_id: Name,
        bootstrap: Vec<NodeId>,
        config: Rc<ConsumerConfig>,
        group: Option<Name>,
        reads: &Reads,
        out: &mut Out<Client>,
    ) -> Self {
        let network = NetworkConfig {
            request_timeout_ms: config.request_timeout_ms,
            retry: Backoff {
                least_ms: config.retry_backoff_ms,
                most_ms: config.retry_backoff_max_ms,
            },
            reconnect: Backoff {
                least_ms: config.reconnect_backoff_ms,
                most_ms: config.reconnect_backoff_max_ms,
            },
            metadata_max_age_ms: config.metadata_max_age_ms,
            // KafkaConsumer's own limit, which no key sets.
            max_in_flight: 100,
        };
        let mut network = NetworkClient::new(client_id, bootstrap, network);
        let subscription: SortedSet<Name> = match reads {
            Reads::Subscribed(topics) => topics.iter().cloned().collect(),
            Reads::Assigned(_) => SortedSet::new(),
        };
        for topic in &subscription {
            network.want_topic(topic);
        }
        let mut consumer = Consumer {
            node,
            config,
            network,
            positions: SubscriptionState::default(),
            coordinator: group.map(|group| ConsumerCoordinator::new(group, subscription)),
            fetched: VecDeque::new(),
            fetching: SortedSet::new(),
            polling: false,
            last_poll: 0,
            next_auto_commit: 0,
            commit: None,
            raised: None,
        };
        if let Reads::Assigned(partitions) = reads {
            consumer.assign(partitions, out);
        }
        consumer
    }

    /// `poll`: what is there, up to `max.poll.records`. Positions move on with it. The application
    /// is inside of `poll` until it gets something.
    pub fn poll(&mut self, now: Now, out: &mut Out<Client>) -> Vec<Polled> {
        self.polling = true;
        self.last_poll = now.mono;
        self.auto_commit(now, out);
        if self
            .coordinator
            .as_ref()
            .is_some_and(ConsumerCoordinator::rejoin_needed)
        {
            return Vec::new();
        }
        let mut polled = Vec::new();
        while let Some(fetched) = self.fetched.front_mut() {
            let Some(position) = self.positions.get_mut(&fetched.partition) else {
                self.fetched.pop_front();
                continue;
            };
            match fetched.records.pop_front() {
                Some(record) if position.offset == Some(record.offset) => {
                    position.offset = Some(record.offset + 1);
                    position.offset_epoch = record.leader_epoch;
                    polled.push(record);
                }
                // The end, or not what the position asks for any more.
                _ => {
                    self.fetched.pop_front();
                }
            }
            if polled.len() as u32 >= self.config.max_poll_records {
                break;
            }
        }
        self.polling = polled.is_empty();
        polled
    }

    /// `commitSync` of one position: the application waits for [`Consumer::take_committed`].
    pub fn commit_sync(&mut self, offsets: SortedMap<TopicPartition, u64>) {
        self.commit = Some(Commit::ToSend(offsets));
    }

    /// How the commit went that the application waits for, once that is known.
    pub fn take_committed(&mut self) -> Option<ErrorCode> {
        match self.commit {
            Some(Commit::Done(error)) => {
                self.commit = None;
                Some(error)
            }
            _ => None,
        }
    }

    /// The exception that ended it, if one did.
    #[must_use]
    pub fn raised(&self) -> Option<&Name> {
        self.raised.as_ref()
    }

    /// Where it is.
    #[must_use]
    pub fn positions(&self) -> &SubscriptionState {
        &self.positions
    }

    /// `close`: commits if it is to commit by itself, gives up what it reads
    /// (`ConsumerCoordinator.onLeavePrepare`), leaves the group, hangs up.
    pub fn close(&mut self, now: Now, out: &mut Out<Client>) {
        if self.config.enable_auto_commit {
            self.commit_all(now, out);
        }
        self.revoke(out);
        self.leave(now, out);
        self.network.close(out);
    }

    /// Does all that can be done now.
    pub fn drive(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Client>) {
        if self.raised.is_some() {
            return;
        }
        let lost = self.network.drive(now, chance, out);
        self.lost(lost, now);
        self.check_poll_interval(now, out);
        self.drive_group(now, out);
        self.send_commit(now, out);
        self.fetch_committed(now, out);
        self.drive_fetching(now, out);
    }

    /// When to be driven again, in microseconds of the monotonic clock.
    #[must_use]
    pub fn next_deadline(&self, now: Now) -> Option<u64> {
        if self.raised.is_some() {
            return None;
        }
        let group = self.coordinator.as_ref();
        let in_group = group.and_then(|group| group.next_deadline(&self.config, now));
        let auto_commit = group.filter(|_| self.polling && self.config.enable_auto_commit);
        let auto_commit = auto_commit.map(|_| self.next_auto_commit);
        let max_poll = group.filter(|group| !self.polling && group.generation_id().is_some());
        let max_poll = max_poll.map(|_| self.poll_deadline());
        let all = [
            self.network.next_deadline(now),
            self.positions.next_retry(now),
            in_group,
            auto_commit,
            max_poll,
        ];
        all.into_iter().flatten().min()
    }

    /// Requests that got no answer.
    pub fn lost(&mut self, lost: Vec<Lost<Asked>>, now: Now) {
        let retry_at = self.retry_at(now);
        for one in lost {
            match one.purpose {
                Asked::Group(api) => self.with_group(|group, config| {
                    group.lost(Some(api), config, now);
                }),
                Asked::Leave => {}
                Asked::Commit { offsets, sync } => {
                    self.with_group(|group, config| group.lost(None, config, now));
                    if sync {
                        self.commit = Some(Commit::ToSend(offsets));
                    }
                }
                Asked::Committed(partitions) => {
                    self.with_group(|group, config| group.lost(None, config, now));
                    self.retry_later(&partitions, retry_at);
                }
                Asked::Fetch(broker, asked) => {
                    self.fetching.remove(&broker);
                    let partitions: Vec<_> = asked.into_iter().map(|(id, _)| id).collect();
                    self.retry_later(&partitions, retry_at);
                }
                Asked::ListOffsets(partitions) => self.retry_later(&partitions, retry_at),
                Asked::EndOfEpoch(asked) => {
                    let partitions: Vec<_> = asked.into_iter().map(|(id, _)| id).collect();
                    self.retry_later(&partitions, retry_at);
                }
            }
        }
    }

    /// Takes an answer.
    pub fn answered(&mut self, asked: Asked, body: ResponseBody, now: Now, out: &mut Out<Client>) {
        match (asked, body) {
            (Asked::Group(api), ResponseBody::Group(response)) => {
                self.on_group(api, &response, now, out);
            }
            (Asked::Commit { offsets, sync }, ResponseBody::Group(response)) => {
                self.on_commit(offsets, sync, &response, now, out);
            }
            (Asked::Committed(partitions), ResponseBody::Group(response)) => {
                self.on_committed(&partitions, response, now, out);
            }
            (Asked::Leave, ResponseBody::Group(_)) => {}
            (asked, ResponseBody::Data(response)) => self.on_data(asked, response, now, out),
            (asked, body) => panic!("{} does not answer {asked:?}", body.label()),
        }
    }

    pub(super) fn tell(&self, what: ClientWhat, out: &mut Out<Client>) {
        out.tell(Fact::Client(ClientFact {
            client: self.node,
            what,
        }));
    }

    /// The generation of its group that it is part of.
    #[must_use]
    pub fn generation_id(&self) -> Option<u32> {
        self.coordinator.as_ref()?.generation_id()
    }

    pub(super) fn group_id(&self) -> Option<Name> {
        let group = self.coordinator.as_ref();
        group.map(|group| group.group_id().clone())
    }

    pub(super) fn retry_at(&self, now: Now) -> u64 {
        now.mono + u64::from(self.config.retry_backoff_ms) * 1000
    }

    /// Leaves partitions alone for a while.
    pub(super) fn retry_later(&mut self, partitions: &[TopicPartition], retry_at: u64) {
        for id in partitions {
            if let Some(position) = self.positions.get_mut(id) {
                position.asked = false;
                position.retry_at = retry_at;
            }
        }
    }

    /// The application gets an exception, and the consumer ends.
    pub(super) fn raise(&mut self, exception: &str, out: &mut Out<Client>) {
        let exception = Name::from(exception);
        self.raised = Some(exception.clone());
        self.tell(ClientWhat::Raised { exception }, out);
        self.network.close(out);
    }

    fn assign(&mut self, partitions: &[TopicPartition], out: &mut Out<Client>) {
        let stage = match self.coordinator {
            Some(_) => Stage::AwaitCommitted,
            None => Stage::AwaitReset,
        };
        self.positions.assign(partitions, stage);
        self.fetched.clear();
        for partition in partitions {
            self.network.want_topic(&partition.topic);
        }
        let generation = self.coordinator.as_ref().and_then(|g| g.generation_id());
        self.tell(
            ClientWhat::Assigned {
                group: self.group_id(),
                generation,
                partitions: partitions.to_vec(),
            },
            out,
        );
    }

    /// Gives up everything (eager rebalancing).
    fn revoke(&mut self, out: &mut Out<Client>) {
        let partitions = self.positions.assigned();
        self.positions.assign(&[], Stage::AwaitCommitted);
        self.fetched.clear();
        if let Some(group) = self.group_id().filter(|_| !partitions.is_empty()) {
            self.tell(ClientWhat::Revoked { group, partitions }, out);
        }
    }

    fn with_group(&mut self, act: impl FnOnce(&mut ConsumerCoordinator, &ConsumerConfig)) {
        if let Some(group) = &mut self.coordinator {
            act(group, &self.config);
        }
    }

    /// Who answers group requests, if a request can be sent there now.
    pub(super) fn coordinator_peer(&mut self, now: Now, out: &mut Out<Client>) -> Option<Peer> {
        let group = self.coordinator.as_mut()?;
        if let Some(id) = group.coordinator
            && self.network.is_unavailable(Peer::Coordinator(id), now)
        {
            group.unavailable(&self.config, now);
        }
        let peer = match group.coordinator {
            Some(id) => Peer::Coordinator(id),
            None => self.network.any_peer(now)?,
        };
        self.network.ready(peer, now, out).then_some(peer)
    }

    /// `AbstractCoordinator`'s part of `poll`, and its heartbeat thread.
    fn drive_group(&mut self, now: Now, out: &mut Out<Client>) {
        self.with_group(|group, config| group.check_session(config, now));
        while let Some(peer) = self.coordinator_peer(now, out)
            && let Some(group) = &mut self.coordinator
            && let Some((api, request, timeout_ms)) =
                group.next_request(self.polling, &self.config, &self.network.cluster, now)
        {
            if api == Api::Join {
                // Before it gives up what it reads: the coordinator takes this first.
                if self.config.enable_auto_commit {
                    self.commit_all(now, out);
                }
                self.revoke(out);
            }
            let body = RequestBody::Group(request);
            self.network
                .send(peer, Asked::Group(api), body, timeout_ms, now, out);
            if api == Api::FindCoordinator {
                return;
            }
        }
    }

    fn on_group(&mut self, api: Api, response: &GroupResponse, now: Now, out: &mut Out<Client>) {
        let Some(group) = &mut self.coordinator else {
            return;
        };
        let news = group.answered(api, response, &self.config, now);
        if let GroupResponse::JoinGroup(Ok(joined)) = response
            && let Some(id) = group.coordinator
        {
            let request = group.sync_request(joined, &self.network.cluster);
            let peer = Peer::Coordinator(id);
            let asked = Asked::Group(Api::Sync);
            self.network
                .send(peer, asked, RequestBody::Group(request), None, now, out);
        }
        self.take_news(news, out);
    }

    fn take_news(&mut self, news: News, out: &mut Out<Client>) {
        match news {
            News::None => {}
            News::Assigned(partitions) => self.assign(&partitions, out),
            News::Lost => self.revoke(out),
            News::Fatal(error) => self.raise(error.name(), out),
        }
    }

    pub(super) fn refused(&mut self, error: ErrorCode, now: Now, out: &mut Out<Client>) {
        if let Some(group) = &mut self.coordinator {
            let news = group.refused(error, &self.config, now);
            self.take_news(news, out);
        }
    }

    fn poll_deadline(&self) -> u64 {
        self.last_poll + u64::from(self.config.max_poll_interval_ms) * 1000
    }

    /// An application that has not polled for `max.poll.interval.ms` is taken out of its group, so
    /// that others get its partitions.
    fn check_poll_interval(&mut self, now: Now, out: &mut Out<Client>) {
        let member = self.coordinator.as_ref();
        let member = member.is_some_and(|group| group.generation_id().is_some());
        if member && !self.polling && self.poll_deadline() <= now.mono {
            self.leave(now, out);
            self.revoke(out);
        }
    }

    /// Leaves its group (`maybeLeaveGroup`). If it cannot tell the coordinator, that one will find
    /// out when the session ends; the generation is over either way.
    fn leave(&mut self, now: Now, out: &mut Out<Client>) {
        let peer = self.coordinator_peer(now, out);
        let group = self.coordinator.as_mut();
        let request: Option<GroupRequest> = group.and_then(ConsumerCoordinator::leave_request);
        if let Some(request) = request
            && let Some(peer @ Peer::Coordinator(_)) = peer
        {
            let body = RequestBody::Group(request);
            self.network.send(peer, Asked::Leave, body, None, now, out);
        }
    }
}
