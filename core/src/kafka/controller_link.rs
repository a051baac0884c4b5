//! A broker and the controllers: what it learns from them, and what it asks of them.
//!
//! Source: `BrokerMetadataPublisher`, `DefaultAlterPartitionManager`, `AutoTopicCreationManager`.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::ResponseBody;
use crate::kafka::api::control::{
    AlterPartition, AlterPartitionResponse, CreatableTopic, Request, Response,
};
use crate::kafka::api::data::MetadataRequest;
use crate::kafka::broker::{Broker, Timer};
use crate::kafka::lifecycle::{self, BrokerLifecycle, Forward, LifecycleEvent};
use crate::kafka::metadata_answer;
use crate::kafka::topic::TopicPartition;
use crate::machine::{Chance, Effect, Input, Machine, Out};
use crate::names::Name;
use crate::shared::SortedMap;
use crate::time::{Now, Span};

/// How long a leader waits before it asks the controller once more, in milliseconds
/// (`DefaultAlterPartitionManager`).
const ALTER_PARTITION_RETRY_MS: u64 = 50;

/// Changes of in-sync replicas on their way to the controller, one request at a time
/// (`AlterPartitionManager`).
#[derive(Clone, Debug, Default, Fingerprint)]
pub struct Alterations {
    unsent: SortedMap<TopicPartition, AlterPartition>,
    in_flight: Vec<AlterPartition>,
}

impl Alterations {
    /// One more. An earlier one for the same partition that has not been sent gives way.
    pub(super) fn push(&mut self, wish: AlterPartition) {
        self.unsent.insert(wish.partition.clone(), wish);
    }
}

impl Broker {
    /// Whether an input is about the broker's life as the controller sees it.
    pub(super) fn is_for_lifecycle(&mut self, input: &Input<Self>) -> bool {
        let Some(lifecycle) = &mut self.lifecycle else {
            return false;
        };
        match input {
            Input::Timer(Timer::Lifecycle(_)) | Input::Stop => true,
            Input::Connected { link }
            | Input::Refused { link, .. }
            | Input::Disconnected { link, .. }
            | Input::Message { link, .. } => lifecycle.owns(*link),
            _ => false,
        }
    }

    /// Hands on such an input.
    pub(super) fn step_lifecycle(
        &mut self,
        input: Input<Self>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let input = match input {
            Input::Timer(Timer::Lifecycle(timer)) => Input::Timer(timer),
            Input::Stop => Input::Stop,
            Input::Connected { link } => Input::Connected { link },
            Input::Refused { link, why } => Input::Refused { link, why },
            Input::Disconnected { link, why } => Input::Disconnected { link, why },
            Input::Message { link, message } => Input::Message { link, message },
            other => panic!("not about the broker's life: {other:?}"),
        };
        self.with_lifecycle(out, |lifecycle, out| {
            lifecycle.step(input, now, chance, out)
        });
    }

    /// Does what the controllers said.
    pub(super) fn learn(
        &mut self,
        event: LifecycleEvent,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        match event {
            LifecycleEvent::Replay(records) => self.apply(&records, now, chance, out),
            LifecycleEvent::Altered(answer) => self.take_altered(&answer, now, chance, out),
            LifecycleEvent::Forwarded(Forward::Client(link, correlation_id), answer) => {
                self.send(link, correlation_id, ResponseBody::Control(answer), out);
                self.serve(link, now, chance, out);
            }
            LifecycleEvent::Forwarded(Forward::InternalTopic, answer) => {
                if let Response::CreateTopics { topics } = answer {
                    for topic in topics {
                        self.creating.remove(&topic.name);
                    }
                }
            }
            LifecycleEvent::MayStop => self.stop(now, out),
        }
    }

    /// Asks the controller for the changes of in-sync replicas that have gathered.
    pub(super) fn submit_alterations(&mut self, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        if !self.alterations.in_flight.is_empty() || self.alterations.unsent.is_empty() {
            return;
        }
        let all = core::mem::take(&mut self.alterations.unsent);
        let all: Vec<AlterPartition> = all.into_values().collect();
        self.alterations.in_flight.clone_from(&all);
        self.with_lifecycle(out, |lifecycle, out| {
            lifecycle.alter_partitions(all, chance, out);
        });
    }

    /// Takes the controller's answer. One that concerns the request as a whole, as that this
    /// broker's epoch is an old one, leaves all changes to be asked for again.
    pub(super) fn take_altered(
        &mut self,
        answer: &AlterPartitionResponse,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let asked = core::mem::take(&mut self.alterations.in_flight);
        if answer.error.is_none() {
            let answers = &answer.partitions;
            self.with_env(now, out, |replicas, env| replicas.altered(answers, env));
            self.submit_alterations(chance, out);
        } else {
            for wish in asked {
                let unsent = &mut self.alterations.unsent;
                unsent.entry(wish.partition.clone()).or_insert(wish);
            }
            out.arm(Timer::AlterPartition, Span::ms(ALTER_PARTITION_RETRY_MS));
        }
    }

    /// Asks the controller for topics that a client wants to know and that do not exist
    /// (`AutoTopicCreationManager`). The client is told that they do not exist, and asks again.
    pub(super) fn create_missing(
        &mut self,
        request: &MetadataRequest,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        if !(request.allow_auto_topic_creation && self.config.auto_create_topics_enable) {
            return;
        }
        let missing: Vec<Name> = metadata_answer::missing(request, &self.image)
            .filter(|name| !self.creating.contains(*name))
            .cloned()
            .collect();
        let topic = |name: &Name| CreatableTopic {
            name: name.clone(),
            num_partitions: None,
            replication_factor: None,
            configs: Vec::new(),
        };
        let topics: Vec<CreatableTopic> = missing.iter().map(topic).collect();
        if !topics.is_empty() && self.lifecycle.is_some() {
            self.creating.extend(missing);
            let request = Request::CreateTopics { topics };
            self.forward(request, Forward::InternalTopic, chance, out);
        }
    }

    /// Passes a request on to the controller.
    pub(super) fn forward(
        &mut self,
        request: Request,
        whose: Forward,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        self.with_lifecycle(out, |lifecycle, out| {
            lifecycle.forward(request, whose, chance, out);
        });
    }

    pub(super) fn with_lifecycle(
        &mut self,
        out: &mut Out<Self>,
        act: impl FnOnce(&mut BrokerLifecycle, &mut Out<BrokerLifecycle>),
    ) {
        if let Some(lifecycle) = &mut self.lifecycle {
            out.within(of_lifecycle, |out| act(lifecycle, out));
        }
    }
}

/// What the lifecycle asks for, in the broker's terms.
pub(super) fn of_lifecycle(effect: Effect<BrokerLifecycle>) -> Effect<Broker> {
    lifecycle::lift(effect, Timer::Lifecycle)
}
