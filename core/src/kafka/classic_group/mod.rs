//! A consumer group under the classic protocol: joining, syncing, and the generations in between.
//!
//! A group is `Empty`, becomes `PreparingRebalance` when someone joins, `CompletingRebalance` when
//! all have joined or had their time, and `Stable` when its leader's assignment is stored. Anyone
//! who comes, goes or changes its mind starts the next round for all.
//!
//! Source: ClassicGroup and the classic part of GroupMetadataManager. `Dead` is a group that was
//! deleted, which is not modelled, as static members (KIP-345) are not.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::group::{
    Assignment, JoinGroup, JoinRefused, Joined, JoinedMember, Response,
};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::group::{GroupWhat, RebalanceBecause, RemovedBecause};
use crate::kafka::group_env::{Caller, GroupEnv, Written};
use crate::kafka::group_record::{GroupRecord, GroupValue, MemberValue};
use crate::names::Name;
use crate::shared::{SortedMap, SortedSet};

mod sync;

/// `group.new.member.join.timeout`: a member that is new may be silent for so long while it waits
/// for a rebalance to end, in milliseconds (CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS).
const NEW_MEMBER_JOIN_TIMEOUT_MS: u32 = 300_000;

/// Where a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub enum GroupState {
    /// Nobody is in it; it may have committed offsets.
    Empty,
    /// Everyone has to join.
    PreparingRebalance,
    /// Everyone waits for the leader's assignment.
    CompletingRebalance,
    /// Everyone has its assignment.
    Stable,
}

/// A consumer group.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct ClassicGroup {
    state: GroupState,
    /// Whether the rebalance under way is the first after nobody was there.
    initial: Option<InitialDelay>,
    generation: u32,
    protocol: Name,
    leader: Option<Name>,
    members: SortedMap<Name, GroupMember>,
    /// Those that were given an id and have not come back with it.
    pending: SortedSet<Name>,
    /// Those that have not asked for this generation's assignment.
    pending_sync: SortedSet<Name>,
}

/// The wait of a first rebalance for others to come, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
struct InitialDelay {
    /// This part of it.
    delay: u32,
    /// What may come after it.
    remaining: u32,
    /// Whether someone came during this part.
    someone_came: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
struct GroupMember {
    rebalance_timeout_ms: u32,
    session_timeout_ms: u32,
    protocols: Vec<Name>,
    subscription: SortedSet<Name>,
    assignment: Assignment,
    /// Has not been through a rebalance.
    is_new: bool,
    joining: Option<Caller>,
    syncing: Option<Caller>,
}

impl Default for ClassicGroup {
    fn default() -> Self {
        ClassicGroup {
            state: GroupState::Empty,
            initial: None,
            generation: 0,
            protocol: Name::default(),
            leader: None,
            members: SortedMap::new(),
            pending: SortedSet::new(),
            pending_sync: SortedSet::new(),
        }
    }
}

impl ClassicGroup {
    /// As the log has it. Every session starts anew.
    pub fn load(value: &GroupValue, env: &mut GroupEnv<'_, '_>) -> Self {
        let mut group = ClassicGroup {
            generation: value.generation,
            protocol: value.protocol.clone(),
            ..ClassicGroup::default()
        };
        env.tell(GroupWhat::Loaded {
            generation: value.generation,
        });
        if value.members.is_empty() {
            return group;
        }
        group.state = GroupState::Stable;
        group.leader = Some(value.leader.clone());
        for (id, member) in &value.members {
            env.arm_session(id, member.session_timeout_ms);
            let member = GroupMember {
                rebalance_timeout_ms: member.rebalance_timeout_ms,
                session_timeout_ms: member.session_timeout_ms,
                protocols: [value.protocol.clone()].into(),
                subscription: member.subscription.iter().cloned().collect(),
                assignment: member.assignment.clone(),
                is_new: false,
                joining: None,
                syncing: None,
            };
            group.members.insert(id.clone(), member);
        }
        group
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> GroupState {
        self.state
    }

    /// Its generation.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Its members and what each got.
    pub fn assignments(&self) -> impl Iterator<Item = (&Name, &Assignment)> {
        self.members
            .iter()
            .map(|(id, member)| (id, &member.assignment))
    }

    /// Someone joins, or joins again (classicGroupJoinToClassicGroup).
    pub fn join(
        &mut self,
        request: JoinGroup,
        caller: Caller,
        client_id: &str,
        env: &mut GroupEnv<'_, '_>,
    ) {
        let id = request.member_id.clone();
        let known = self.members.contains_key(&id);
        if !self.accepts(&id, env.config.group_max_size) {
            self.members.remove(&id);
            self.pending.remove(&id);
            refuse_join(caller, ErrorCode::GroupMaxSizeReached, Name::default(), env);
        } else if !self.supports(&request.protocols) {
            refuse_join(caller, ErrorCode::InconsistentGroupProtocol, id, env);
        } else if id.is_empty() {
            // KIP-394: come back with this id, so that a lost answer leaves no ghost behind.
            let id = env.member_id(client_id);
            self.pending.insert(id.clone());
            env.arm_session(&id, request.session_timeout_ms);
            refuse_join(caller, ErrorCode::MemberIdRequired, id, env);
        } else if self.pending.contains(&id) {
            self.add(id, request, caller, env);
        } else if known {
            self.join_again(&id, request, caller, env);
        } else {
            refuse_join(caller, ErrorCode::UnknownMemberId, id, env);
        }
    }

    fn accepts(&self, id: &Name, group_max_size: u32) -> bool {
        let known = self.members.get(id);
        let joining = self
            .members
            .values()
            .filter(|member| member.joining.is_some());
        match self.state {
            GroupState::Empty => true,
            GroupState::PreparingRebalance => {
                known.is_some_and(|member| member.joining.is_some())
                    || (joining.count() as u64) < u64::from(group_max_size)
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                known.is_some() || (self.members.len() as u64) < u64::from(group_max_size)
            }
        }
    }

    /// Whether at least one of these assignors can be used by all members.
    fn supports(&self, protocols: &[Name]) -> bool {
        if self.state == GroupState::Empty {
            return !protocols.is_empty();
        }
        let common = |name: &Name| self.members.values().all(|m| m.protocols.contains(name));
        protocols.iter().any(common)
    }

    fn add(&mut self, id: Name, request: JoinGroup, caller: Caller, env: &mut GroupEnv<'_, '_>) {
        if let Some(initial) = &mut self.initial {
            initial.someone_came = true;
        }
        let member = GroupMember {
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols,
            subscription: request.subscription,
            assignment: Assignment::new(),
            is_new: true,
            joining: Some(caller),
            syncing: None,
        };
        self.pending.remove(&id);
        self.leader.get_or_insert_with(|| id.clone());
        self.members.insert(id.clone(), member);
        env.arm_session(&id, NEW_MEMBER_JOIN_TIMEOUT_MS);
        env.tell(GroupWhat::Joined { member: id });
        self.rebalance_or_complete(RebalanceBecause::MemberJoined, env);
    }

    fn join_again(
        &mut self,
        id: &Name,
        request: JoinGroup,
        caller: Caller,
        env: &mut GroupEnv<'_, '_>,
    ) {
        let is_leader = self.leader.as_ref() == Some(id);
        let member = self.members.get_mut(id).expect("a member");
        let changed =
            member.protocols != request.protocols || member.subscription != request.subscription;
        let because = match self.state {
            GroupState::PreparingRebalance => RebalanceBecause::MemberJoined,
            GroupState::CompletingRebalance | GroupState::Stable if changed => {
                RebalanceBecause::SubscriptionChanged
            }
            GroupState::Stable if is_leader => RebalanceBecause::LeaderRejoined,
            GroupState::CompletingRebalance | GroupState::Stable => {
                // Its answer was lost: here it is again.
                let joined = self.joined(id);
                return env.reply(caller, Response::JoinGroup(Ok(joined)));
            }
            GroupState::Empty => {
                return refuse_join(caller, ErrorCode::UnknownMemberId, id.clone(), env);
            }
        };
        member.protocols = request.protocols;
        member.subscription = request.subscription;
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.session_timeout_ms = request.session_timeout_ms;
        member.joining = Some(caller);
        self.rebalance_or_complete(because, env);
    }

    /// Starts a round, or ends the one under way if this was the last one waited for.
    fn rebalance_or_complete(&mut self, because: RebalanceBecause, env: &mut GroupEnv<'_, '_>) {
        if self.state == GroupState::PreparingRebalance {
            self.maybe_complete(env);
        } else {
            self.prepare(because, env);
        }
    }

    fn maybe_complete(&mut self, env: &mut GroupEnv<'_, '_>) {
        // A first round always waits for its time.
        if self.initial.is_none() && self.all_joined() {
            self.complete(env);
        }
    }

    fn all_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|m| m.joining.is_some())
    }

    fn prepare(&mut self, because: RebalanceBecause, env: &mut GroupEnv<'_, '_>) {
        if self.state == GroupState::CompletingRebalance {
            self.refuse_syncs(ErrorCode::RebalanceInProgress, env);
        }
        self.pending_sync.clear();
        env.disarm_sync();
        let was_empty = self.state == GroupState::Empty;
        self.state = GroupState::PreparingRebalance;
        env.tell(GroupWhat::PreparingRebalance {
            generation: self.generation,
            because,
        });
        if was_empty {
            let delay = env.config.group_initial_rebalance_delay_ms;
            self.initial = Some(InitialDelay {
                delay,
                remaining: self.rebalance_timeout_ms().saturating_sub(delay),
                someone_came: false,
            });
            env.arm_join(delay);
        } else if self.all_joined() {
            self.complete(env);
        } else {
            env.arm_join(self.rebalance_timeout_ms());
        }
    }

    /// The longest patience of any member, in milliseconds.
    fn rebalance_timeout_ms(&self) -> u32 {
        let all = self
            .members
            .values()
            .map(|member| member.rebalance_timeout_ms);
        all.max().unwrap_or(0)
    }

    /// The time to join is over.
    pub fn join_timed_out(&mut self, env: &mut GroupEnv<'_, '_>) {
        if self.state != GroupState::PreparingRebalance {
            return;
        }
        match self.initial {
            Some(initial) if initial.someone_came && initial.remaining != 0 => {
                let delay = env.config.group_initial_rebalance_delay_ms;
                let next = InitialDelay {
                    delay: delay.min(initial.remaining),
                    remaining: initial.remaining.saturating_sub(initial.delay),
                    someone_came: false,
                };
                self.initial = Some(next);
                env.arm_join(next.delay);
            }
            _ => self.complete(env),
        }
    }

    /// A generation begins with those who joined (completeClassicGroupJoin).
    fn complete(&mut self, env: &mut GroupEnv<'_, '_>) {
        env.disarm_join();
        let absent = self
            .members
            .iter()
            .filter(|(_, member)| member.joining.is_none());
        let absent: Vec<Name> = absent.map(|(id, _)| id.clone()).collect();
        for id in absent {
            self.remove(&id, RemovedBecause::DidNotRejoin, env);
        }
        self.initial = None;
        self.generation += 1;
        env.tell(GroupWhat::Generation {
            generation: self.generation,
            members: self.members.keys().cloned().collect(),
        });
        if self.members.is_empty() {
            self.protocol = Name::default();
            self.state = GroupState::Empty;
            let record = self.record(&SortedMap::new(), env);
            return env.write([record].into(), Written::Group);
        }
        self.protocol = self.elect_protocol();
        self.state = GroupState::CompletingRebalance;
        self.pending_sync = self.members.keys().cloned().collect();
        let ids: Vec<Name> = self.members.keys().cloned().collect();
        for id in ids {
            let joined = self.joined(&id);
            let member = self.members.get_mut(&id).expect("a member");
            member.is_new = false;
            env.arm_session(&id, member.session_timeout_ms);
            if let Some(caller) = member.joining.take() {
                env.reply(caller, Response::JoinGroup(Ok(joined)));
            }
        }
        env.arm_sync(self.rebalance_timeout_ms());
    }

    /// Each member votes for the first of its assignors that all can use.
    fn elect_protocol(&self) -> Name {
        let usable = |name: &&Name| self.members.values().all(|m| m.protocols.contains(*name));
        let mut votes: SortedMap<&Name, u32> = SortedMap::new();
        for member in self.members.values() {
            if let Some(vote) = member.protocols.iter().find(usable) {
                *votes.entry(vote).or_default() += 1;
            }
        }
        let most = votes.iter().max_by_key(|(_, count)| **count);
        most.map(|(name, _)| (*name).clone()).unwrap_or_default()
    }

    /// What a member is told of this generation.
    fn joined(&self, id: &Name) -> Joined {
        let leader = self.leader.clone().unwrap_or_default();
        let of_leader = |(id, member): (&Name, &GroupMember)| JoinedMember {
            member_id: id.clone(),
            group_instance_id: None,
            subscription: member.subscription.clone(),
        };
        Joined {
            generation_id: self.generation,
            protocol: self.protocol.clone(),
            members: if leader == *id {
                self.members.iter().map(of_leader).collect()
            } else {
                Vec::new()
            },
            leader,
            member_id: id.clone(),
        }
    }

    /// A member leaves.
    pub fn leave(&mut self, id: &Name, env: &mut GroupEnv<'_, '_>) -> ErrorCode {
        if self.pending.remove(id) {
            env.disarm_session(id);
        } else if self.members.contains_key(id) {
            self.remove(id, RemovedBecause::Left, env);
        } else {
            return ErrorCode::UnknownMemberId;
        }
        self.after_removal(env);
        ErrorCode::None
    }

    /// A member was not heard of for its session timeout.
    pub fn session_expired(&mut self, id: &Name, env: &mut GroupEnv<'_, '_>) {
        if self.pending.remove(id) {
            return self.maybe_complete_preparing(env);
        }
        // Who waits for an answer of this coordinator lives, unless it never was through a round.
        let waits = |m: &GroupMember| !m.is_new && (m.joining.is_some() || m.syncing.is_some());
        if self.members.get(id).is_some_and(|member| !waits(member)) {
            self.remove(id, RemovedBecause::SessionExpired, env);
            self.after_removal(env);
        }
    }

    fn after_removal(&mut self, env: &mut GroupEnv<'_, '_>) {
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare(RebalanceBecause::MemberGone, env);
            }
            _ => self.maybe_complete_preparing(env),
        }
    }

    fn maybe_complete_preparing(&mut self, env: &mut GroupEnv<'_, '_>) {
        if self.state == GroupState::PreparingRebalance {
            self.maybe_complete(env);
        }
    }

    fn remove(&mut self, id: &Name, because: RemovedBecause, env: &mut GroupEnv<'_, '_>) {
        let Some(member) = self.members.remove(id) else {
            return;
        };
        env.disarm_session(id);
        if let Some(caller) = member.joining {
            refuse_join(caller, ErrorCode::UnknownMemberId, Name::default(), env);
        }
        if let Some(caller) = member.syncing {
            env.reply(caller, Response::SyncGroup(Err(ErrorCode::UnknownMemberId)));
        }
        self.pending_sync.remove(id);
        if self.leader.as_ref() == Some(id) {
            // A member that has joined already, if there is one.
            let joined = self
                .members
                .iter()
                .find(|(_, member)| member.joining.is_some());
            let any = self.members.iter().next();
            self.leader = joined.or(any).map(|(id, _)| id.clone());
        }
        env.tell(GroupWhat::Removed {
            member: id.clone(),
            because,
        });
    }

    /// This broker coordinates the group no more: whoever waits is sent elsewhere.
    pub fn unload(&mut self, env: &mut GroupEnv<'_, '_>) {
        env.disarm_join();
        env.disarm_sync();
        for id in &self.pending {
            env.disarm_session(id);
        }
        for (id, member) in &mut self.members {
            env.disarm_session(id);
            if let Some(caller) = member.joining.take() {
                refuse_join(caller, ErrorCode::NotCoordinator, id.clone(), env);
            }
            if let Some(caller) = member.syncing.take() {
                env.reply(caller, Response::SyncGroup(Err(ErrorCode::NotCoordinator)));
            }
        }
    }

    /// The group as the log shall have it.
    fn record(
        &self,
        assignments: &SortedMap<Name, Assignment>,
        env: &GroupEnv<'_, '_>,
    ) -> GroupRecord {
        let value = |(id, member): (&Name, &GroupMember)| {
            let value = MemberValue {
                rebalance_timeout_ms: member.rebalance_timeout_ms,
                session_timeout_ms: member.session_timeout_ms,
                subscription: member.subscription.iter().cloned().collect(),
                assignment: assignments.get(id).cloned().unwrap_or_default(),
            };
            (id.clone(), value)
        };
        GroupRecord::Group {
            group: env.group.clone(),
            value: GroupValue {
                generation: self.generation,
                protocol: self.protocol.clone(),
                leader: self.leader.clone().unwrap_or_default(),
                members: self.members.iter().map(value).collect(),
            },
        }
    }
}

fn refuse_join(caller: Caller, error: ErrorCode, member_id: Name, env: &mut GroupEnv<'_, '_>) {
    let refused = JoinRefused { error, member_id };
    env.reply(caller, Response::JoinGroup(Err(refused)));
}
