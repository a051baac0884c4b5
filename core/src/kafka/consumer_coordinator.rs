//! A consumer's membership in a group: find the coordinator, join, share out, beat, commit.
//!
//! Source: `AbstractCoordinator`, `ConsumerCoordinator`, with the classic protocol and eager
//! rebalancing: a member gives up all it reads before it joins again.

use alloc::vec;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::group::{Assignment, JoinGroup, Joined, Member, Request, Response};
use crate::kafka::assignor::{Assignor, Subscriber};
use crate::kafka::cluster_view::ClusterView;
use crate::kafka::config::consumer::ConsumerConfig;
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::names::Name;
use crate::shared::{SortedMap, SortedSet};
use crate::time::Now;

/// A consumer's membership. Times are microseconds of the monotonic clock.
#[derive(Clone, Debug, Fingerprint)]
pub struct ConsumerCoordinator {
    group_id: Name,
    subscription: SortedSet<Name>,
    /// The coordinator, once it is known.
    pub coordinator: Option<BrokerId>,
    state: MemberState,
    member_id: Name,
    generation_id: Option<u32>,
    rejoin_needed: bool,
    asked: SortedSet<Api>,
    retry_at: u64,
    next_heartbeat: u64,
    /// When the coordinator last answered a heartbeat, or let the member in.
    last_heard: u64,
    /// How many partitions the topics had when this member, as leader, shared them out.
    shared_out: Option<SortedMap<Name, u32>>,
}

/// A consumer's place in the life of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub enum MemberState {
    /// Not a member, or about to join again.
    Unjoined,
    /// Waits for the others to join.
    PreparingRebalance,
    /// Waits for the leader's assignment.
    CompletingRebalance,
    /// Has an assignment.
    Stable,
}

/// The requests of which only one is in flight at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Api {
    /// To any broker.
    FindCoordinator,
    /// To the coordinator.
    Join,
    /// To the coordinator.
    Sync,
    /// To the coordinator.
    Heartbeat,
}

/// What an answer means for the consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing.
    None,
    /// It reads these partitions from now on.
    Assigned(Vec<TopicPartition>),
    /// It may not read any longer: it was thrown out.
    Lost,
    /// The application gets an exception.
    Fatal(ErrorCode),
}

impl ConsumerCoordinator {
    /// Not a member yet. Without a subscription it only commits.
    #[must_use]
    pub fn new(group_id: Name, subscription: SortedSet<Name>) -> Self {
        ConsumerCoordinator {
            group_id,
            rejoin_needed: !subscription.is_empty(),
            subscription,
            coordinator: None,
            state: MemberState::Unjoined,
            member_id: "".into(),
            generation_id: None,
            asked: SortedSet::new(),
            retry_at: 0,
            next_heartbeat: 0,
            last_heard: 0,
            shared_out: None,
        }
    }

    /// The group.
    #[must_use]
    pub fn group_id(&self) -> &Name {
        &self.group_id
    }

    /// The generation it is part of.
    #[must_use]
    pub fn generation_id(&self) -> Option<u32> {
        self.generation_id
    }

    /// Its place in the life of the group.
    #[must_use]
    pub fn state(&self) -> MemberState {
        self.state
    }

    /// Whether it has to join again before it reads on.
    #[must_use]
    pub fn rejoin_needed(&self) -> bool {
        self.rejoin_needed && self.state != MemberState::PreparingRebalance
    }

    /// What to ask next, if anything. `polling` says whether the application is inside of `poll`,
    /// where alone a member joins; heartbeats go on without.
    pub fn next_request(
        &mut self,
        polling: bool,
        config: &ConsumerConfig,
        cluster: &ClusterView,
        now: Now,
    ) -> Option<(Api, Request, Option<u32>)> {
        let waits = self.retry_at > now.mono;
        if self.coordinator.is_none() {
            let request = Request::FindCoordinator(vec![self.group_id.clone()]);
            let free = !waits && self.asked.insert(Api::FindCoordinator);
            return free.then_some((Api::FindCoordinator, request, None));
        }
        if self.subscription.is_empty() {
            return None;
        }
        self.notice_changed_topics(cluster);
        if self.rejoin_needed && polling && !waits && !self.rebalances() {
            self.asked.insert(Api::Join);
            self.state = MemberState::PreparingRebalance;
            // The coordinator answers after the rebalance; a little more is for the way.
            let timeout_ms = config.max_poll_interval_ms + 5000;
            return Some((Api::Join, self.join(config), Some(timeout_ms)));
        }
        let due = self.has_joined() && self.next_heartbeat <= now.mono;
        if due && self.asked.insert(Api::Heartbeat) {
            self.next_heartbeat = now.mono + u64::from(config.heartbeat_interval_ms) * 1000;
            let member = self.member();
            return Some((Api::Heartbeat, Request::Heartbeat { member }, None));
        }
        None
    }

    /// What the member asks for right after it joined: its assignment. The leader brings
    /// everyone's (`onLeaderElected`).
    pub fn sync_request(&mut self, joined: &Joined, cluster: &ClusterView) -> Request {
        self.asked.insert(Api::Sync);
        let assignments = if joined.leader == joined.member_id {
            let topics = joined.members.iter().flat_map(|m| &m.subscription);
            let count = |topic: &Name| Some((topic.clone(), cluster.partition_count(topic)?));
            let counts: SortedMap<Name, u32> = topics.filter_map(count).collect();
            let members: Vec<Subscriber> = joined
                .members
                .iter()
                .map(|member| Subscriber {
                    member_id: member.member_id.clone(),
                    group_instance_id: member.group_instance_id.clone(),
                    topics: member.subscription.clone(),
                })
                .collect();
            let assignments = Assignor::Range.assign(&counts, &members);
            self.shared_out = Some(counts);
            assignments
        } else {
            self.shared_out = None;
            SortedMap::new()
        };
        Request::SyncGroup {
            member: self.member(),
            assignments,
        }
    }

    /// Commits these positions.
    #[must_use]
    pub fn commit_request(&self, offsets: SortedMap<TopicPartition, u64>) -> Request {
        Request::OffsetCommit {
            member: self.member(),
            offsets,
        }
    }

    /// Asks for committed positions.
    #[must_use]
    pub fn fetch_request(&self, partitions: Vec<TopicPartition>) -> Request {
        Request::OffsetFetch {
            group_id: self.group_id.clone(),
            partitions,
        }
    }

    /// Leaves the group, if it is in it (`maybeLeaveGroup`).
    pub fn leave_request(&mut self) -> Option<Request> {
        let member_id = core::mem::replace(&mut self.member_id, "".into());
        let member = self.coordinator.is_some() && !member_id.is_empty();
        self.reset_generation();
        member.then(|| Request::LeaveGroup {
            group_id: self.group_id.clone(),
            member_id,
        })
    }

    /// Takes a coordinator's answer; a joined member's next request is [`Self::sync_request`].
    pub fn answered(
        &mut self,
        api: Api,
        response: &Response,
        config: &ConsumerConfig,
        now: Now,
    ) -> News {
        self.asked.remove(&api);
        match response {
            Response::FindCoordinator(found) => {
                let found = found.first().filter(|found| found.error.is_none());
                self.coordinator = found.and_then(|found| Some(found.coordinator?.id));
                self.last_heard = now.mono;
                if self.coordinator.is_none() {
                    self.back_off(config, now);
                }
                News::None
            }
            Response::JoinGroup(Ok(joined)) => {
                self.member_id = joined.member_id.clone();
                self.generation_id = Some(joined.generation_id);
                self.state = MemberState::CompletingRebalance;
                self.heard(config, now);
                News::None
            }
            Response::JoinGroup(Err(refused)) => {
                self.state = MemberState::Unjoined;
                if refused.error == ErrorCode::MemberIdRequired {
                    self.member_id = refused.member_id.clone();
                    return News::None;
                }
                self.refused(refused.error, config, now)
            }
            Response::SyncGroup(Ok(assignment)) => {
                if self.state != MemberState::CompletingRebalance {
                    return News::None;
                }
                self.state = MemberState::Stable;
                self.rejoin_needed = false;
                self.heard(config, now);
                News::Assigned(partitions_of(assignment))
            }
            Response::SyncGroup(Err(error)) => {
                self.state = MemberState::Unjoined;
                self.refused(*error, config, now)
            }
            Response::Heartbeat(ErrorCode::None) => {
                self.last_heard = now.mono;
                News::None
            }
            Response::Heartbeat(error) => self.refused(*error, config, now),
            Response::LeaveGroup(_) | Response::OffsetCommit(_) | Response::OffsetFetch(_) => {
                News::None
            }
        }
    }

    /// What an error of the coordinator means: look for it again, join again, or give up.
    pub fn refused(&mut self, error: ErrorCode, config: &ConsumerConfig, now: Now) -> News {
        match error {
            ErrorCode::None => {}
            ErrorCode::RebalanceInProgress => self.rejoin_needed = true,
            ErrorCode::UnknownMemberId => {
                self.member_id = "".into();
                self.reset_generation();
                return News::Lost;
            }
            ErrorCode::IllegalGeneration => {
                self.reset_generation();
                return News::Lost;
            }
            ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::RequestTimedOut
            | ErrorCode::NetworkException => {
                self.coordinator = None;
                self.back_off(config, now);
            }
            _ if error.is_retriable() => self.back_off(config, now),
            _ => return News::Fatal(error),
        }
        News::None
    }

    /// A request got no answer.
    pub fn lost(&mut self, api: Option<Api>, config: &ConsumerConfig, now: Now) {
        match api {
            Some(api) => {
                self.asked.remove(&api);
                if matches!(api, Api::Join | Api::Sync) {
                    self.state = MemberState::Unjoined;
                    self.rejoin_needed = true;
                }
                if api != Api::FindCoordinator {
                    self.coordinator = None;
                }
            }
            None => self.coordinator = None,
        }
        self.back_off(config, now);
    }

    /// The coordinator is known, but no connection to it comes about: look for it again in a while
    /// (`ensureCoordinatorReady`). Whoever answers may not know yet that it is gone.
    pub fn unavailable(&mut self, config: &ConsumerConfig, now: Now) {
        self.coordinator = None;
        self.back_off(config, now);
    }

    /// The connection to the coordinator, or the coordinator, is gone for too long
    /// (`session.timeout.ms` without an answer): look for it again.
    pub fn check_session(&mut self, config: &ConsumerConfig, now: Now) {
        if self.has_joined() && self.session_end(config) <= now.mono {
            self.coordinator = None;
            self.last_heard = now.mono;
        }
    }

    /// When there is something to do, in microseconds of the monotonic clock. What is overdue
    /// waits for an answer or a connection, not for the clock.
    #[must_use]
    pub fn next_deadline(&self, config: &ConsumerConfig, now: Now) -> Option<u64> {
        let beats = self.has_joined() && self.coordinator.is_some();
        let heartbeat =
            (beats && !self.asked.contains(&Api::Heartbeat)).then_some(self.next_heartbeat);
        let session = self.has_joined().then(|| self.session_end(config));
        let all = [Some(self.retry_at), heartbeat, session]
            .into_iter()
            .flatten();
        all.filter(|at| *at > now.mono).min()
    }

    /// A member beats from when it was let in (`MemberState.hasNotJoinedGroup`).
    fn has_joined(&self) -> bool {
        matches!(
            self.state,
            MemberState::Stable | MemberState::CompletingRebalance
        )
    }

    fn session_end(&self, config: &ConsumerConfig) -> u64 {
        self.last_heard + u64::from(config.session_timeout_ms) * 1000
    }

    fn join(&self, config: &ConsumerConfig) -> Request {
        Request::JoinGroup(JoinGroup {
            group_id: self.group_id.clone(),
            session_timeout_ms: config.session_timeout_ms,
            rebalance_timeout_ms: config.max_poll_interval_ms,
            member_id: self.member_id.clone(),
            group_instance_id: None,
            protocols: vec![Assignor::Range.name().into()],
            subscription: self.subscription.clone(),
        })
    }

    fn member(&self) -> Member {
        Member {
            group_id: self.group_id.clone(),
            generation_id: self.generation_id,
            member_id: self.member_id.clone(),
            group_instance_id: None,
        }
    }

    fn rebalances(&self) -> bool {
        self.asked.contains(&Api::Join) || self.asked.contains(&Api::Sync)
    }

    /// A leader has to share out again when a topic got other partitions.
    fn notice_changed_topics(&mut self, cluster: &ClusterView) {
        if let Some(counts) = &self.shared_out
            && self.state == MemberState::Stable
        {
            let changed = |(topic, count): (&Name, &u32)| {
                cluster
                    .partition_count(topic)
                    .is_some_and(|now| now != *count)
            };
            self.rejoin_needed |= counts.iter().any(changed);
        }
    }

    fn reset_generation(&mut self) {
        self.generation_id = None;
        self.state = MemberState::Unjoined;
        self.rejoin_needed = !self.subscription.is_empty();
    }

    fn heard(&mut self, config: &ConsumerConfig, now: Now) {
        self.last_heard = now.mono;
        self.next_heartbeat = now.mono + u64::from(config.heartbeat_interval_ms) * 1000;
    }

    fn back_off(&mut self, config: &ConsumerConfig, now: Now) {
        self.retry_at = now.mono + u64::from(config.retry_backoff_ms) * 1000;
    }
}

/// An assignment as a list.
fn partitions_of(assignment: &Assignment) -> Vec<TopicPartition> {
    let all = assignment.iter();
    all.flat_map(|(topic, numbers)| numbers.iter().map(|n| TopicPartition::new(topic, *n)))
        .collect()
}
