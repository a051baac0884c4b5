//! Between two rounds: assignments handed out, heartbeats, and who may commit.
//!
//! Source: classicGroupSyncToClassicGroup, classicGroupHeartbeatToClassicGroup and
//! ClassicGroup.validateOffsetCommit.

use super::{ClassicGroup, GroupState};
use crate::kafka::api::group::{Assignment, Member, Response};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::group::{GroupWhat, RebalanceBecause, RemovedBecause};
use crate::kafka::group_env::{Caller, GroupEnv, Written};
use crate::names::Name;
use crate::shared::SortedMap;

impl ClassicGroup {
    /// A member asks for its assignment; the leader brings all of them.
    pub fn sync(
        &mut self,
        from: &Member,
        mut assignments: SortedMap<Name, Assignment>,
        caller: Caller,
        env: &mut GroupEnv<'_, '_>,
    ) {
        if let Err(error) = self.validate(from) {
            return env.reply(caller, Response::SyncGroup(Err(error)));
        }
        let id = &from.member_id;
        match self.state {
            GroupState::Empty => {
                env.reply(caller, Response::SyncGroup(Err(ErrorCode::UnknownMemberId)));
            }
            GroupState::PreparingRebalance => {
                let error = ErrorCode::RebalanceInProgress;
                env.reply(caller, Response::SyncGroup(Err(error)));
            }
            GroupState::CompletingRebalance => {
                let member = self.members.get_mut(id).expect("validated");
                member.syncing = Some(caller);
                self.synced(id, env);
                if self.leader.as_ref() == Some(id) {
                    assignments.retain(|id, _| self.members.contains_key(id));
                    let record = self.record(&assignments, env);
                    let then = Written::Assignment {
                        group: env.group.clone(),
                        generation: self.generation,
                        assignments,
                    };
                    env.write([record].into(), then);
                }
            }
            GroupState::Stable => {
                self.synced(id, env);
                let assignment = self.members[id].assignment.clone();
                env.reply(caller, Response::SyncGroup(Ok(assignment)));
            }
        }
    }

    fn synced(&mut self, id: &Name, env: &mut GroupEnv<'_, '_>) {
        self.pending_sync.remove(id);
        if self.pending_sync.is_empty() {
            env.disarm_sync();
        }
    }

    /// The leader's assignment is replicated, or was not to be.
    pub fn stored(
        &mut self,
        generation: u32,
        outcome: Result<SortedMap<Name, Assignment>, ErrorCode>,
        env: &mut GroupEnv<'_, '_>,
    ) {
        if self.state != GroupState::CompletingRebalance || self.generation != generation {
            return;
        }
        match outcome {
            Ok(mut assignments) => {
                self.state = GroupState::Stable;
                env.tell(GroupWhat::Stable { generation });
                for (id, member) in &mut self.members {
                    member.assignment = assignments.remove(id).unwrap_or_default();
                    if let Some(caller) = member.syncing.take() {
                        let assignment = member.assignment.clone();
                        env.reply(caller, Response::SyncGroup(Ok(assignment)));
                        env.arm_session(id, member.session_timeout_ms);
                    }
                }
            }
            Err(error) => {
                self.refuse_syncs(error, env);
                self.prepare(RebalanceBecause::NotStored, env);
            }
        }
    }

    pub(super) fn refuse_syncs(&mut self, error: ErrorCode, env: &mut GroupEnv<'_, '_>) {
        for (id, member) in &mut self.members {
            member.assignment.clear();
            if let Some(caller) = member.syncing.take() {
                env.reply(caller, Response::SyncGroup(Err(error)));
                env.arm_session(id, member.session_timeout_ms);
            }
        }
    }

    /// The time to ask for the assignment is over.
    pub fn sync_timed_out(&mut self, env: &mut GroupEnv<'_, '_>) {
        let waits = matches!(
            self.state,
            GroupState::CompletingRebalance | GroupState::Stable
        );
        if !waits || self.pending_sync.is_empty() {
            return;
        }
        for id in core::mem::take(&mut self.pending_sync) {
            self.remove(&id, RemovedBecause::DidNotSync, env);
        }
        self.prepare(RebalanceBecause::MemberGone, env);
    }

    /// A member lives.
    pub fn heartbeat(&mut self, from: &Member, env: &mut GroupEnv<'_, '_>) -> ErrorCode {
        if let Err(error) = self.validate(from) {
            return error;
        }
        env.arm_session(
            &from.member_id,
            self.members[&from.member_id].session_timeout_ms,
        );
        match self.state {
            GroupState::PreparingRebalance => ErrorCode::RebalanceInProgress,
            _ => ErrorCode::None,
        }
    }

    fn validate(&self, from: &Member) -> Result<(), ErrorCode> {
        if !self.members.contains_key(&from.member_id) {
            return Err(ErrorCode::UnknownMemberId);
        }
        if from.generation_id != Some(self.generation) {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(())
    }

    /// Whether a commit counts (ClassicGroup.validateOffsetCommit); it is a sign of life, too.
    pub fn may_commit(&self, from: &Member, env: &mut GroupEnv<'_, '_>) -> Result<(), ErrorCode> {
        if from.generation_id.is_none() && self.state == GroupState::Empty {
            return Ok(());
        }
        if from.generation_id.is_some() || !from.member_id.is_empty() {
            self.validate(from)?;
        } else if self.state != GroupState::Empty {
            return Err(ErrorCode::UnknownMemberId);
        }
        if self.state == GroupState::CompletingRebalance {
            return Err(ErrorCode::RebalanceInProgress);
        }
        if let Some(member) = self.members.get(&from.member_id) {
            env.arm_session(&from.member_id, member.session_timeout_ms);
        }
        Ok(())
    }
}
