//! A broker's group coordinator: the groups whose partition of `__consumer_offsets` it leads.
//!
//! The partition's log is the groups' memory: a broker that becomes its leader reads it and goes
//! on where the one before left off. What was decided counts once it is replicated there.
//!
//! The broker around it gives it requests ([`GroupCoordinator::handle`]), timers, outcomes of
//! appends and changes of leadership, and carries out the effects that it gets back.
//!
//! Source: GroupCoordinatorService, CoordinatorRuntime, GroupMetadataManager.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::group::{FoundCoordinator, Member, Request, Response};
use crate::kafka::classic_group::ClassicGroup;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::group::GroupWhat;
use crate::kafka::group_env::{Caller, GroupEffect, GroupEnv, GroupTimer, Tickets, Written};
use crate::kafka::group_record::GroupRecord;
use crate::kafka::metadata::Image;
use crate::kafka::offsets::Offsets;
use crate::kafka::record::Record;
use crate::kafka::topic::TopicPartition;
use crate::machine::Chance;
use crate::names::Name;
use crate::shared::SortedMap;

/// The topic in which groups and their offsets are kept.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// A broker's group coordinator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct GroupCoordinator {
    /// One for each partition that this broker leads.
    shards: SortedMap<u32, Shard>,
    tickets: Tickets,
}

/// The groups of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
struct Shard {
    groups: SortedMap<Name, ClassicGroup>,
    offsets: Offsets,
}

/// What the coordinator needs of the broker for one step.
pub struct Surroundings<'a, 'c> {
    /// `server.properties`.
    pub config: &'a BrokerConfig,
    /// The metadata that the broker has applied.
    pub image: &'a Image,
    /// The dice.
    pub chance: &'a mut Chance<'c>,
    /// What is asked of the broker.
    pub out: &'a mut Vec<GroupEffect>,
}

/// Which of `count` partitions of `__consumer_offsets` a group is kept in: Java's hash of its id,
/// without its sign (GroupCoordinatorService.partitionFor).
#[must_use]
pub fn partition_for(group: &str, count: u32) -> u32 {
    let units = group.encode_utf16();
    let hash = units.fold(0i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    });
    // Utils.abs: there is no positive counterpart of the least number, which becomes 0.
    hash.checked_abs().unwrap_or(0) as u32 % count
}

/// The answer to `FindCoordinator`, which any broker can give: the leader of the group's
/// partition. While `__consumer_offsets` is missing, there is none, and the broker asks the
/// controller to create it.
#[must_use]
pub fn find(image: &Image, group: &Name) -> FoundCoordinator {
    let coordinator = || {
        let offsets = image.topics.get(OFFSETS_TOPIC)?;
        let number = partition_for(group, offsets.partitions.len() as u32);
        let leader = offsets.partitions.get(&number)?.state.leader?;
        let broker = image.brokers.get(&leader).filter(|broker| !broker.fenced)?;
        Some(broker.endpoint)
    };
    let error = match group.is_empty() {
        true => Some(ErrorCode::InvalidGroupId),
        false => None,
    };
    let coordinator = if error.is_none() { coordinator() } else { None };
    FoundCoordinator {
        group: group.clone(),
        error: error.unwrap_or(match coordinator {
            Some(_) => ErrorCode::None,
            None => ErrorCode::CoordinatorNotAvailable,
        }),
        coordinator,
    }
}

impl GroupCoordinator {
    /// This broker leads a partition of `__consumer_offsets` from now on, and its log says this.
    pub fn elected<'r>(
        &mut self,
        partition: u32,
        log: impl IntoIterator<Item = &'r Record>,
        around: Surroundings<'_, '_>,
    ) {
        let mut groups = SortedMap::new();
        let mut shard = Shard::default();
        for record in log {
            match GroupRecord::decode(record) {
                Some(GroupRecord::Offset {
                    group,
                    partition,
                    offset,
                }) => shard.offsets.commit(&group, partition, offset),
                Some(GroupRecord::Group { group, value }) => {
                    groups.insert(group, value);
                }
                None => {}
            }
        }
        let mut around = around;
        for (name, value) in groups {
            let mut env = env(&mut around, &mut self.tickets, partition, &name);
            shard
                .groups
                .insert(name, ClassicGroup::load(&value, &mut env));
        }
        self.shards.insert(partition, shard);
    }

    /// This broker does not lead a partition of `__consumer_offsets` any more.
    pub fn resigned(&mut self, partition: u32, around: Surroundings<'_, '_>) {
        let mut around = around;
        let Some(shard) = self.shards.remove(&partition) else {
            return;
        };
        for (name, mut group) in shard.groups {
            group.unload(&mut env(&mut around, &mut self.tickets, partition, &name));
        }
        let tickets = self.tickets.waiting.iter();
        let of_it = tickets.filter(|(_, (of, _))| *of == partition);
        let of_it: Vec<u64> = of_it.map(|(&ticket, _)| ticket).collect();
        for ticket in of_it {
            if let Some((
                _,
                Written::Offsets {
                    offsets, caller, ..
                },
            )) = self.tickets.waiting.remove(&ticket)
            {
                let error = ErrorCode::NotCoordinator;
                let all = offsets.into_keys().map(|partition| (partition, error));
                let response = Response::OffsetCommit(all.collect());
                around.out.push(GroupEffect::Reply(caller, response));
            }
        }
    }

    /// Serves a request of a group's member.
    ///
    /// # Panics
    /// With `FindCoordinator`, which needs no coordinator: see [`find`].
    pub fn handle(
        &mut self,
        request: Request,
        caller: Caller,
        client_id: &str,
        around: Surroundings<'_, '_>,
    ) {
        let mut around = around;
        let group = request.group_id().cloned();
        let group = group.expect("FindCoordinator needs no coordinator");
        let refusal = match &request {
            _ if group.is_empty() => Some(ErrorCode::InvalidGroupId),
            Request::JoinGroup(join) => {
                let shortest = around.config.group_min_session_timeout_ms;
                let longest = around.config.group_max_session_timeout_ms;
                let fits = (shortest..=longest).contains(&join.session_timeout_ms);
                (!fits).then_some(ErrorCode::InvalidSessionTimeout)
            }
            _ => None,
        };
        let partition = around.image.topics.get(OFFSETS_TOPIC);
        let count = partition.map_or(0, |topic| topic.partitions.len() as u32);
        let partition = if count == 0 {
            0
        } else {
            partition_for(&group, count)
        };
        let Some(shard) = self.shards.get_mut(&partition) else {
            let error = refusal.unwrap_or(ErrorCode::NotCoordinator);
            return around
                .out
                .push(GroupEffect::Reply(caller, request.refused(error)));
        };
        if let Some(error) = refusal {
            return around
                .out
                .push(GroupEffect::Reply(caller, request.refused(error)));
        }
        let image = around.image;
        let mut env = env(&mut around, &mut self.tickets, partition, &group);
        shard.serve(request, caller, client_id, image, &mut env);
    }

    /// A timer went off.
    pub fn timer(&mut self, timer: &GroupTimer, around: Surroundings<'_, '_>) {
        let mut around = around;
        let (GroupTimer::Join(name) | GroupTimer::Sync(name) | GroupTimer::Session(name, _)) =
            timer;
        for (&partition, shard) in &mut self.shards {
            let Some(group) = shard.groups.get_mut(name) else {
                continue;
            };
            let env = &mut env(&mut around, &mut self.tickets, partition, name);
            match timer {
                GroupTimer::Join(_) => group.join_timed_out(env),
                GroupTimer::Sync(_) => group.sync_timed_out(env),
                GroupTimer::Session(_, member) => group.session_expired(member, env),
            }
        }
    }

    /// The records of a ticket are replicated, or are known not to be.
    pub fn written(&mut self, ticket: u64, error: ErrorCode, around: Surroundings<'_, '_>) {
        let mut around = around;
        let Some((partition, written)) = self.tickets.waiting.remove(&ticket) else {
            return;
        };
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        let error = as_coordinator(error);
        match written {
            Written::Group => {}
            Written::Assignment {
                group,
                generation,
                assignments,
            } => {
                let mut env = env(&mut around, &mut self.tickets, partition, &group);
                if let Some(group) = shard.groups.get_mut(&group) {
                    let outcome = if error.is_none() {
                        Ok(assignments)
                    } else {
                        Err(error)
                    };
                    group.stored(generation, outcome, &mut env);
                }
            }
            Written::Offsets {
                group,
                generation,
                offsets,
                caller,
                unknown,
            } => {
                let mut env = env(&mut around, &mut self.tickets, partition, &group);
                let mut answer = SortedMap::new();
                for (partition, offset) in offsets {
                    if error.is_none() {
                        shard.offsets.commit(&group, partition.clone(), offset);
                        env.tell(GroupWhat::Committed {
                            partition: partition.clone(),
                            offset,
                            generation,
                        });
                    }
                    answer.insert(partition, error);
                }
                answer.extend(unknown.into_iter().map(unknown_partition));
                env.reply(caller, Response::OffsetCommit(answer));
            }
        }
    }

    /// A group, if this broker coordinates it.
    #[must_use]
    pub fn group(&self, name: &Name) -> Option<&ClassicGroup> {
        self.shards
            .values()
            .find_map(|shard| shard.groups.get(name))
    }

    /// What a group has committed, if this broker coordinates it.
    #[must_use]
    pub fn committed(&self, name: &Name) -> Vec<(TopicPartition, u64)> {
        self.shards
            .values()
            .flat_map(|shard| shard.offsets.of(name))
            .collect()
    }
}

impl Shard {
    fn serve(
        &mut self,
        request: Request,
        caller: Caller,
        client_id: &str,
        image: &Image,
        env: &mut GroupEnv<'_, '_>,
    ) {
        let name = env.group.clone();
        let group = self.groups.get_mut(&name);
        match (request, group) {
            (Request::JoinGroup(join), _) if join.group_instance_id.is_some() => {
                // Static membership (KIP-345): said, not pretended.
                let what = "group.instance.id".into();
                env.tell(GroupWhat::NotModelled { what });
                let refused = Request::JoinGroup(join).refused(ErrorCode::InvalidRequest);
                env.reply(caller, refused);
            }
            (Request::JoinGroup(join), Some(group)) => group.join(join, caller, client_id, env),
            (Request::JoinGroup(join), None) if join.member_id.is_empty() => {
                let group = self.groups.entry(name).or_default();
                group.join(join, caller, client_id, env);
            }
            (
                Request::SyncGroup {
                    member,
                    assignments,
                },
                Some(group),
            ) => group.sync(&member, assignments, caller, env),
            (Request::Heartbeat { member }, Some(group)) => {
                let error = group.heartbeat(&member, env);
                env.reply(caller, Response::Heartbeat(error));
            }
            (Request::LeaveGroup { member_id, .. }, Some(group)) => {
                let error = group.leave(&member_id, env);
                env.reply(caller, Response::LeaveGroup(error));
            }
            (Request::OffsetCommit { member, offsets }, group) => {
                let allowed = match group {
                    Some(group) => group.may_commit(&member, env),
                    // Whoever commits without a group makes one that is empty.
                    None if member.generation_id.is_none() => Ok(()),
                    None => Err(ErrorCode::IllegalGeneration),
                };
                commit(member, offsets, allowed, caller, image, env);
            }
            (Request::OffsetFetch { partitions, .. }, _) => {
                let fetched = self.offsets.fetch(&name, &partitions);
                env.reply(caller, Response::OffsetFetch(Ok(fetched)));
            }
            (request, _) => env.reply(caller, request.refused(ErrorCode::UnknownMemberId)),
        }
    }
}

fn commit(
    member: Member,
    mut offsets: SortedMap<TopicPartition, u64>,
    allowed: Result<(), ErrorCode>,
    caller: Caller,
    image: &Image,
    env: &mut GroupEnv<'_, '_>,
) {
    if let Err(error) = allowed {
        env.tell(GroupWhat::CommitRefused {
            member: member.member_id.clone(),
            error,
        });
        let request = Request::OffsetCommit { member, offsets };
        return env.reply(caller, request.refused(error));
    }
    let exists = |partition: &TopicPartition| image.partition(partition).is_some();
    let unknown: Vec<_> = offsets.keys().filter(|p| !exists(p)).cloned().collect();
    offsets.retain(|partition, _| exists(partition));
    if offsets.is_empty() {
        let answer = unknown.into_iter().map(unknown_partition).collect();
        return env.reply(caller, Response::OffsetCommit(answer));
    }
    let record = |(partition, &offset): (&TopicPartition, &u64)| GroupRecord::Offset {
        group: env.group.clone(),
        partition: partition.clone(),
        offset,
    };
    let records = offsets.iter().map(record).collect();
    let then = Written::Offsets {
        group: env.group.clone(),
        generation: member.generation_id,
        offsets,
        caller,
        unknown,
    };
    env.write(records, then);
}

fn unknown_partition(partition: TopicPartition) -> (TopicPartition, ErrorCode) {
    (partition, ErrorCode::UnknownTopicOrPartition)
}

fn env<'a, 'c>(
    around: &'a mut Surroundings<'_, 'c>,
    tickets: &'a mut Tickets,
    partition: u32,
    group: &Name,
) -> GroupEnv<'a, 'c> {
    GroupEnv {
        group: group.clone(),
        partition,
        config: around.config,
        chance: around.chance,
        tickets,
        out: around.out,
    }
}

/// What a member is told when the coordinator cannot write (appendGroupMetadataErrorToResponseError).
fn as_coordinator(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        error => error,
    }
}
