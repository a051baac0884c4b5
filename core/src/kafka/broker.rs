//! One broker: the machine that hands each input to the part that owns it.

use alloc::rc::Rc;
use alloc::vec::Vec;

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{
    AlterPartition, AlteredPartition, ReplicaId, Request as ControlRequest,
};
use crate::kafka::api::data::Request as DataRequest;
use crate::kafka::api::{Message, Request, RequestBody, Response, ResponseBody};
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::connections::Connections;
use crate::kafka::controller_link::{Alterations, of_lifecycle};
use crate::kafka::entry::Entry;
use crate::kafka::env::{Env, Todo};
use crate::kafka::fact::Fact;
use crate::kafka::group_coordinator::GroupCoordinator;
use crate::kafka::group_env::{Caller, GroupTimer};
use crate::kafka::lifecycle::{BrokerLifecycle, Forward, LifecycleSetup, LifecycleTimer};
use crate::kafka::metadata::{Image, MetadataRecord};
use crate::kafka::metadata_answer;
use crate::kafka::purgatory::Waiter;
use crate::kafka::replica_manager::{Answer, Produced, ReplicaManager};
use crate::kafka::topic::{BrokerId, Endpoint, TopicId, TopicPartition};
use crate::kafka::view::{BrokerView, Lens};
use crate::machine::{Chance, Effect, Input, Kept, Machine, Out, Parcel};
use crate::names::{LinkId, Name, NodeId};
use crate::shared::{SortedMap, SortedSet};
use crate::time::Now;

/// One broker.
#[derive(Clone, Debug, Fingerprint)]
pub struct Broker {
    pub(super) endpoint: Endpoint,
    pub(super) config: Rc<BrokerConfig>,
    pub(super) image: Rc<Image>,
    pub(super) replicas: ReplicaManager,
    pub(super) connections: Connections,
    /// `None` where nobody is asked: metadata comes by [`Broker::replay`].
    pub(super) lifecycle: Option<BrokerLifecycle>,
    pub(super) groups: GroupCoordinator,
    pub(super) alterations: Alterations,
    /// Topics that the controller has been asked to create.
    pub(super) creating: SortedSet<Name>,
    /// Connections whose waiting request the coordinator has answered: the next one is due.
    pub(super) woken: SortedSet<LinkId>,
    todo: Todo,
}

/// What a restart keeps besides the disk.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The `node.id` and the process.
    pub broker: Endpoint,
    /// `controller.quorum.voters`. Without any, metadata comes by [`Broker::replay`] alone.
    pub voters: SortedMap<ReplicaId, NodeId>,
    /// `server.properties`.
    pub config: Rc<BrokerConfig>,
}

/// A broker's timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// `replica.high.watermark.checkpoint.interval.ms`.
    HighWatermarkCheckpoint,
    /// Half of `replica.lag.time.max.ms`.
    IsrCheck,
    /// A request that waits has waited long enough.
    Delayed(u64),
    /// `replica.fetch.backoff.ms`, for the fetcher of this leader.
    FetchBackoff(BrokerId),
    /// `replica.socket.timeout.ms`, for the fetcher of this leader.
    FetchTimeout(BrokerId),
    /// Time to ask the controller once more for other in-sync replicas.
    AlterPartition,
    /// Of the broker's life as the controller sees it.
    Lifecycle(LifecycleTimer),
    /// Of the group coordinator.
    Group(GroupTimer),
}

impl Machine for Broker {
    type Setup = Setup;
    type Command = core::convert::Infallible;
    type Message = Message;
    type Timer = Timer;
    type Record = Entry;
    type Fact = Fact;
    type View = BrokerView;
    type Lens = Lens;

    fn boot(
        setup: &Setup,
        kept: &Kept<Entry>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        let mut broker = Broker {
            endpoint: setup.broker,
            config: setup.config.clone(),
            image: Rc::default(),
            replicas: ReplicaManager::default(),
            connections: Connections::default(),
            lifecycle: None,
            groups: GroupCoordinator::default(),
            alterations: Alterations::default(),
            creating: SortedSet::new(),
            woken: SortedSet::new(),
            todo: Todo::default(),
        };
        broker.replicas = broker.with_env(now, out, |_, env| ReplicaManager::recover(kept, env));
        if !setup.voters.is_empty() {
            let setup = LifecycleSetup {
                broker: setup.broker,
                voters: setup.voters.clone(),
                config: setup.config.clone(),
            };
            let boot = |out: &mut Out<BrokerLifecycle>| {
                BrokerLifecycle::boot(&setup, kept, now, chance, out)
            };
            broker.lifecycle = Some(out.within(of_lifecycle, boot));
        }
        broker.settle(now, chance, out);
        broker
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        if self.is_for_lifecycle(&input) {
            self.step_lifecycle(input, now, chance, out);
        } else {
            self.take(input, now, chance, out);
        }
        self.settle(now, chance, out);
        self.count_room(out);
        if self.todo.log_dir_failed {
            // Its only one: "Shutdown broker because all log dirs in ... have failed".
            out.exit();
        }
    }

    fn view(&self, lens: &Lens) -> BrokerView {
        BrokerView::of(self.endpoint.id, &self.replicas, lens)
    }
}

impl Broker {
    /// Applies records of the metadata log, as it comes to know that they are committed.
    pub fn replay(
        &mut self,
        records: &[MetadataRecord],
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        self.apply(records, now, chance, out);
        self.settle(now, chance, out);
    }

    /// The changes of in-sync replicas that its leaders want, if nobody is asked.
    pub fn take_alterations(&mut self) -> Vec<AlterPartition> {
        core::mem::take(&mut self.todo.alter)
    }

    /// Takes the controller's answer to them.
    pub fn altered(
        &mut self,
        answers: &[AlteredPartition],
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        self.with_env(now, out, |replicas, env| replicas.altered(answers, env));
        self.settle(now, chance, out);
    }

    /// The metadata that it has applied.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Its replicas.
    #[must_use]
    pub fn replicas(&self) -> &ReplicaManager {
        &self.replicas
    }

    /// Its life as the controller sees it.
    #[must_use]
    pub fn lifecycle(&self) -> Option<&BrokerLifecycle> {
        self.lifecycle.as_ref()
    }

    /// Takes an input of the broker's own.
    fn take(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match input {
            Input::Command(command) => match command {},
            Input::Accepted { link, .. } => self.connections.accepted(link),
            Input::Connected { link } => {
                self.with_env(now, out, |replicas, env| replicas.connected(link, env));
            }
            Input::Refused { link, .. } | Input::Disconnected { link, .. } => {
                self.connections.gone(link);
                self.with_env(now, out, |replicas, env| replicas.disconnected(link, env));
            }
            Input::Message { link, message } => match message {
                Message::Request(request) => {
                    self.connections.receive(link, request);
                    self.serve(link, now, chance, out);
                }
                Message::Response(Response {
                    correlation_id,
                    body: ResponseBody::Data(response),
                }) => {
                    self.with_env(now, out, |replicas, env| {
                        replicas.answered(link, correlation_id, response, env);
                    });
                }
                Message::Response(_) => {}
            },
            Input::Timer(timer) => self.fired(timer, now, chance, out),
            // The only log directory failed: a broker without one halts.
            Input::WriteFailed { .. } => out.exit(),
            Input::Stop => self.stop(now, out),
            Input::DiskFree { bytes } => self.todo.room = (bytes < u64::MAX).then_some(bytes),
            // A JVM has the heap that it was started with: what its host uses is no matter.
            Input::Synced { .. } | Input::Memory { .. } => {}
        }
    }

    /// Applies committed metadata.
    pub(super) fn apply(
        &mut self,
        records: &[MetadataRecord],
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let led = self.led_offsets();
        for record in records {
            Rc::make_mut(&mut self.image).replay(record);
        }
        let id = self.endpoint.id;
        let mine: Vec<_> = self
            .image
            .partitions()
            .filter(|(_, _, partition)| partition.state.replicas.contains(&id))
            .filter(|(topic, id, _)| touches(records, *topic, id))
            .map(|(topic, id, partition)| (topic, id, partition.state.clone()))
            .collect();
        self.with_env(now, out, |replicas, env| {
            for (topic, id, state) in &mine {
                replicas.apply(*topic, id, state, env);
            }
        });
        self.move_groups(&led, now, chance, out);
    }

    /// Serves the requests of a connection until one has to wait.
    pub(super) fn serve(
        &mut self,
        link: LinkId,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        while let Some(request) = self.connections.next(link) {
            self.handle(link, request, now, chance, out);
        }
    }

    /// Hands a request to its owner.
    fn handle(
        &mut self,
        link: LinkId,
        request: Request,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let correlation_id = request.correlation_id;
        let waiter = Waiter::Connection {
            link,
            correlation_id,
        };
        let request = match request.body {
            RequestBody::Data(request) => request,
            RequestBody::Control(
                request @ (ControlRequest::CreateTopics { .. } | ControlRequest::Admin(_)),
            ) => {
                self.forward(request, Forward::Client(link, correlation_id), chance, out);
                return;
            }
            RequestBody::Group(group) => {
                let caller = Caller {
                    link,
                    correlation_id,
                };
                self.handle_group(group, caller, &request.client_id, now, chance, out);
                return;
            }
            // No other API is served on this listener: Kafka closes the connection.
            RequestBody::Control(_) => {
                self.close(link, out);
                return;
            }
        };
        let response = match request {
            DataRequest::Produce(request) => {
                let produced = self.with_env(now, out, |replicas, env| {
                    replicas.produce(&request, waiter, env)
                });
                match produced {
                    Produced::Now(response) => Some(response),
                    Produced::Later => None,
                    Produced::NoAnswer => {
                        self.connections.answered(link);
                        None
                    }
                    Produced::CloseConnection => {
                        self.close(link, out);
                        None
                    }
                }
            }
            DataRequest::Fetch(request) => self.with_env(now, out, |replicas, env| {
                replicas.fetch(request, waiter, env)
            }),
            DataRequest::ListOffsets(request) => self.with_env(now, out, |replicas, env| {
                Some(replicas.list_offsets(&request, env))
            }),
            DataRequest::OffsetForLeaderEpoch(request) => {
                self.with_env(now, out, |replicas, env| {
                    Some(replicas.end_of_epochs(&request, env))
                })
            }
            DataRequest::Metadata(request) => {
                self.create_missing(&request, chance, out);
                Some(metadata_answer::answer(&request, &self.image))
            }
        };
        if let Some(response) = response {
            self.send(link, correlation_id, ResponseBody::Data(response), out);
        }
    }

    /// Sends an answer, unless the connection is gone.
    pub(super) fn send(
        &mut self,
        link: LinkId,
        correlation_id: u32,
        body: ResponseBody,
        out: &mut Out<Self>,
    ) {
        if self.connections.answered(link) {
            let response = Response {
                correlation_id,
                body,
            };
            out.send(link, Message::Response(response));
        }
    }

    /// Sends an answer that was waited for, and goes on with the connection's next request.
    fn reply(
        &mut self,
        (waiter, response): Answer,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        match waiter {
            Waiter::Connection {
                link,
                correlation_id,
            } => {
                self.send(link, correlation_id, ResponseBody::Data(response), out);
                self.serve(link, now, chance, out);
            }
            Waiter::Coordinator(ticket) => {
                self.group_written(ticket, &response, now, chance, out);
            }
        }
    }

    fn close(&mut self, link: LinkId, out: &mut Out<Self>) {
        self.connections.gone(link);
        out.close(link);
    }

    fn fired(&mut self, timer: Timer, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        if let Timer::Group(timer) = &timer {
            self.group_timer(timer, now, chance, out);
        }
        let answer = self.with_env(now, out, |replicas, env| {
            match timer {
                Timer::HighWatermarkCheckpoint => replicas.checkpoint_high_watermarks(env),
                Timer::IsrCheck => replicas.check_isr(env),
                Timer::Delayed(number) => return replicas.expire(number, env),
                Timer::FetchBackoff(leader) => replicas.resume_fetching(leader, env),
                Timer::FetchTimeout(leader) => replicas.fetch_timed_out(leader, env),
                Timer::AlterPartition | Timer::Lifecycle(_) | Timer::Group(_) => {}
            }
            None
        });
        if timer == Timer::AlterPartition {
            self.submit_alterations(chance, out);
        }
        if let Some(answer) = answer {
            self.reply(answer, now, chance, out);
        }
    }

    /// Writes everything down and ends.
    pub(super) fn stop(&mut self, now: Now, out: &mut Out<Self>) {
        self.with_env(now, out, |replicas, env| {
            replicas.checkpoint_high_watermarks(env);
        });
        for file in self.replicas.log_files() {
            out.sync(file);
        }
        out.exit();
    }

    /// Counts what else this step wrote but batches, for which room was taken.
    fn count_room(&mut self, out: &Out<Self>) {
        let Some(room) = &mut self.todo.room else {
            return;
        };
        let written = out.effects().iter().map(|effect| match effect {
            Effect::Append { record, .. } if !matches!(record, Entry::Batch(_)) => record.bytes(),
            Effect::Replace { with, .. } => with.iter().map(Entry::bytes).sum(),
            _ => 0,
        });
        *room = room.saturating_sub(written.sum());
    }

    /// Answers the requests that this step has woken, and does what the controllers said, until
    /// there is nothing left to do.
    fn settle(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        loop {
            let answers = self.with_env(now, out, |replicas, env| replicas.settle(env));
            let events = self.lifecycle.as_mut().map(BrokerLifecycle::take_events);
            let events = events.unwrap_or_default();
            let woken = core::mem::take(&mut self.woken);
            if answers.is_empty() && events.is_empty() && woken.is_empty() {
                break;
            }
            for link in woken {
                self.serve(link, now, chance, out);
            }
            for answer in answers {
                self.reply(answer, now, chance, out);
            }
            for event in events {
                self.learn(event, now, chance, out);
            }
        }
        if self.lifecycle.is_some() && !self.todo.alter.is_empty() {
            for wish in core::mem::take(&mut self.todo.alter) {
                self.alterations.push(wish);
            }
            self.submit_alterations(chance, out);
        }
    }

    /// Lends a part of the broker its surroundings.
    pub(super) fn with_env<R>(
        &mut self,
        now: Now,
        out: &mut Out<Self>,
        act: impl FnOnce(&mut ReplicaManager, &mut Env<'_>) -> R,
    ) -> R {
        let registered = self.image.brokers.get(&self.endpoint.id).map(|b| b.epoch);
        let lifecycle = self.lifecycle.as_ref();
        let mut env = Env {
            id: self.endpoint.id,
            node: self.endpoint.node,
            broker_epoch: lifecycle.map_or(registered, BrokerLifecycle::broker_epoch),
            now,
            config: &self.config,
            image: &self.image,
            out,
            todo: &mut self.todo,
        };
        act(&mut self.replicas, &mut env)
    }
}

/// Whether records speak of a partition.
fn touches(records: &[MetadataRecord], topic: TopicId, id: &TopicPartition) -> bool {
    records.iter().any(|record| match record {
        MetadataRecord::Partition {
            topic_id,
            partition,
            ..
        }
        | MetadataRecord::PartitionChange {
            topic_id,
            partition,
            ..
        } => *topic_id == topic && *partition == id.partition,
        _ => false,
    })
}
