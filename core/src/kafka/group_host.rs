//! A broker as the home of its group coordinator: hands it requests, timers and leaderships, and
//! carries out what it asks for.

use alloc::vec;
use alloc::vec::Vec;

use crate::kafka::api::ResponseBody;
use crate::kafka::api::control::{CreatableTopic, Request as ControlRequest};
use crate::kafka::api::data::{Acks, ProduceRequest, Response as DataResponse};
use crate::kafka::api::group::{Request, Response};
use crate::kafka::broker::{Broker, Timer};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Fact;
use crate::kafka::group_coordinator::{GroupCoordinator, OFFSETS_TOPIC, Surroundings, find};
use crate::kafka::group_env::{Caller, GroupEffect, GroupTimer};
use crate::kafka::group_record::GroupRecord;
use crate::kafka::lifecycle::Forward;
use crate::kafka::partition::Role;
use crate::kafka::purgatory::Waiter;
use crate::kafka::record::{Batch, Record};
use crate::kafka::replica_manager::Produced;
use crate::kafka::topic::TopicPartition;
use crate::machine::{Chance, Out};
use crate::names::Name;
use crate::time::Now;

impl Broker {
    /// Serves a request about a group.
    pub(super) fn handle_group(
        &mut self,
        request: Request,
        caller: Caller,
        client_id: &str,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        if let Request::FindCoordinator(groups) = &request {
            if !self.image.topics.contains_key(OFFSETS_TOPIC) {
                self.create_offsets_topic(chance, out);
            }
            let found = groups.iter().map(|group| find(&self.image, group));
            let response = Response::FindCoordinator(found.collect());
            let body = ResponseBody::Group(response);
            self.send(caller.link, caller.correlation_id, body, out);
            return;
        }
        self.with_groups(now, chance, out, |groups, around| {
            groups.handle(request, caller, client_id, around);
        });
    }

    /// A coordinator's timer went off.
    pub(super) fn group_timer(
        &mut self,
        timer: &GroupTimer,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        self.with_groups(now, chance, out, |groups, around| {
            groups.timer(timer, around)
        });
    }

    /// What the coordinator wrote is replicated, or is known not to be.
    pub(super) fn group_written(
        &mut self,
        ticket: u64,
        response: &DataResponse,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let DataResponse::Produce(partitions) = response else {
            panic!("{} does not answer Produce", response.label());
        };
        let error = partitions.first().map_or(ErrorCode::None, |p| p.error);
        self.with_groups(now, chance, out, |groups, around| {
            groups.written(ticket, error, around);
        });
    }

    /// The partitions of `__consumer_offsets` that this broker leads, each with its epoch.
    pub(super) fn led_offsets(&self) -> Vec<(u32, u32)> {
        let partitions = self.replicas.partitions().iter();
        let offsets = partitions.filter(|(id, _)| &*id.topic == OFFSETS_TOPIC);
        let led = offsets.filter(|(_, replica)| matches!(replica.role(), Role::Leader(_)));
        led.map(|(id, replica)| {
            (
                id.partition,
                replica.leader_and_epoch(self.endpoint.id).epoch,
            )
        })
        .collect()
    }

    /// Tells the coordinator which groups it has from now on, and which it has no longer.
    pub(super) fn move_groups(
        &mut self,
        before: &[(u32, u32)],
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let after = self.led_offsets();
        for (partition, _) in before.iter().filter(|led| !after.contains(led)) {
            self.with_groups(now, chance, out, |groups, around| {
                groups.resigned(*partition, around);
            });
        }
        for (partition, _) in after.iter().filter(|led| !before.contains(led)) {
            let id = TopicPartition::new(&OFFSETS_TOPIC.into(), *partition);
            let replica = self.replicas.partitions().get(&id);
            let batches: Vec<Batch> = replica
                .map(|replica| replica.log().batches().cloned().collect())
                .unwrap_or_default();
            self.with_groups(now, chance, out, |groups, around| {
                let records = batches.iter().flat_map(|batch| batch.records.iter());
                groups.elected(*partition, records, around);
            });
        }
    }

    /// Lends the coordinator its surroundings, and carries out what it asks for.
    fn with_groups(
        &mut self,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
        act: impl FnOnce(&mut GroupCoordinator, Surroundings<'_, '_>),
    ) {
        let mut effects = Vec::new();
        let around = Surroundings {
            config: &self.config,
            image: &self.image,
            chance,
            out: &mut effects,
        };
        act(&mut self.groups, around);
        for effect in effects {
            match effect {
                GroupEffect::Reply(caller, response) => {
                    let body = ResponseBody::Group(response);
                    self.send(caller.link, caller.correlation_id, body, out);
                    self.woken.insert(caller.link);
                }
                GroupEffect::Append {
                    partition,
                    ticket,
                    records,
                } => self.write_group(partition, ticket, &records, now, chance, out),
                GroupEffect::Arm(timer, after) => out.arm(Timer::Group(timer), after),
                GroupEffect::Disarm(timer) => out.disarm(Timer::Group(timer)),
                GroupEffect::Tell(fact) => out.tell(Fact::Group(fact)),
            }
        }
    }

    /// Appends to a partition of `__consumer_offsets` with acks=all.
    fn write_group(
        &mut self,
        partition: u32,
        ticket: u64,
        records: &[GroupRecord],
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let records: Vec<Record> = records.iter().map(|one| one.encode(now)).collect();
        let id = TopicPartition::new(&OFFSETS_TOPIC.into(), partition);
        let request = ProduceRequest {
            acks: Acks::All,
            timeout_ms: self.config.offsets_commit_timeout_ms,
            partitions: vec![(id, Batch::of(records))],
        };
        let waiter = Waiter::Coordinator(ticket);
        let produced = self.with_env(now, out, |replicas, env| {
            replicas.produce(&request, waiter, env)
        });
        if let Produced::Now(response) = produced {
            self.group_written(ticket, &response, now, chance, out);
        }
    }

    /// Asks the controller for `__consumer_offsets`, for the first group of all.
    fn create_offsets_topic(&mut self, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        let name = Name::from(OFFSETS_TOPIC);
        if self.lifecycle.is_none() || !self.creating.insert(name.clone()) {
            return;
        }
        let topics = vec![CreatableTopic {
            name,
            num_partitions: Some(self.config.offsets_topic_num_partitions),
            replication_factor: Some(self.config.offsets_topic_replication_factor),
            configs: Vec::new(),
        }];
        let request = ControlRequest::CreateTopics { topics };
        self.forward(request, Forward::InternalTopic, chance, out);
    }
}
