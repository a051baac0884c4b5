//! Kafka's brokers, controllers and clients.

use core::num::NonZeroU32;
use std::rc::Rc;

use glassmq_core::kafka::api::admin;
use glassmq_core::kafka::api::control::{self, CreatableTopic, ReplicaId};
use glassmq_core::kafka::broker;
use glassmq_core::kafka::client::{App, Setup as ClientSetup, Workload};
use glassmq_core::kafka::config::Configured;
use glassmq_core::kafka::config::broker::BrokerConfig;
use glassmq_core::kafka::config::consumer::ConsumerConfig;
use glassmq_core::kafka::config::producer::ProducerConfig;
use glassmq_core::kafka::consumer::Reads;
use glassmq_core::kafka::controller_node::{ControllerSetup, Founding};
use glassmq_core::kafka::producer::ToSend;
use glassmq_core::kafka::program::{self as core_program, PYTHON_CONSUMER, PYTHON_PRODUCER};
use glassmq_core::kafka::reader::{Commit, Work};
use glassmq_core::kafka::topic::{BrokerId, Endpoint, TopicPartition};
use glassmq_core::names::{Name, NodeId};
use glassmq_core::shared::SortedMap;
use glassmq_core::time::Span;

use super::Site;
use crate::cast::Setup;
use crate::play::names;
use crate::scenario::client::{Client, KafkaConsumer, KafkaProducer, Settle};
use crate::scenario::kafka_python::KafkaPython;
use crate::scenario::order::{self, ADMINISTRATOR};
use crate::scenario::program::{Call, Program, Step};
use crate::scenario::world::{Config, Kafka, Topic};

/// The brokers and controllers of a cluster.
pub(super) fn nodes(site: &mut Site<'_>, cluster: &Kafka) -> Vec<Setup> {
    if cluster.controllers() == 0 {
        site.refuse("not modelled: process.roles=broker,controller");
        return Vec::new();
    }
    let Some(mut config) = read::<BrokerConfig>(site, &[], &cluster.config) else {
        return Vec::new();
    };
    config.rules = cluster.rules;
    let config = Rc::new(config);
    let node = |name: String| site.names.find(&name).unwrap_or(NodeId(0));
    let voters: SortedMap<ReplicaId, NodeId> = (1..=cluster.controllers())
        .map(|n| {
            let id = names::voter_id(n);
            (id, node(names::voter(id)))
        })
        .collect();
    let founding = Founding {
        brokers: cluster.brokers.get(),
        topics: cluster.topics.iter().map(topic).collect(),
    };
    let brokers = (1..=cluster.brokers.get()).map(|n| {
        Setup::KafkaBroker(broker::Setup {
            broker: Endpoint {
                id: BrokerId(n),
                node: node(names::broker(BrokerId(n))),
            },
            voters: voters.clone(),
            config: config.clone(),
        })
    });
    let controllers = voters.keys().map(|me| {
        Setup::KafkaController(ControllerSetup {
            me: *me,
            voters: voters.clone(),
            config: config.clone(),
            founding: founding.clone(),
        })
    });
    brokers.chain(controllers).collect()
}

fn topic(topic: &Topic) -> CreatableTopic {
    let configs = topic.config.iter();
    CreatableTopic {
        name: topic.name.as_str().into(),
        num_partitions: Some(topic.partitions.get()),
        replication_factor: Some(topic.replication_factor.get()),
        configs: configs
            .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
            .collect(),
    }
}

/// An application that sends.
pub(super) fn producer(
    site: &mut Site<'_>,
    node: NodeId,
    client: &Client,
    it: &KafkaProducer,
) -> Option<Setup> {
    if it.partition.is_some() {
        site.refuse("not modelled: a producer that chooses the partition of its workload");
    }
    let config = Rc::new(read::<ProducerConfig>(site, &[], &it.config)?);
    let workload = Some(Workload {
        topic: it.topic.as_str().into(),
        every: it.send.every,
        count: it.send.count.map(NonZeroU32::get),
        keys: it.send.keys.iter().map(|key| bytes(key)).collect(),
        value_bytes: it.send.size.0 as u32,
    });
    let producer = App::Producer { config, workload };
    Some(app(site, node, &client.name, producer))
}

/// An application that reads.
pub(super) fn consumer(
    site: &mut Site<'_>,
    node: NodeId,
    client: &Client,
    it: &KafkaConsumer,
) -> Option<Setup> {
    let config = Rc::new(read::<ConsumerConfig>(site, &[], &it.config)?);
    let reads = if it.partitions.is_empty() {
        Reads::Subscribed(names(&it.topics))
    } else {
        Reads::Assigned(it.partitions.iter().filter_map(|p| partition(p)).collect())
    };
    let work = Work {
        takes: it.work,
        commit: match it.commit {
            Settle::After => Commit::After,
            Settle::Before => Commit::Before,
            Settle::Auto => Commit::Never,
        },
    };
    let group = it.group.as_deref().map(Name::from);
    let consumer = App::Consumer {
        config,
        group,
        reads,
        work,
    };
    Some(app(site, node, &client.name, consumer))
}

/// An application told line by line.
pub(super) fn program(
    site: &mut Site<'_>,
    node: NodeId,
    client: &Client,
    program: &Program,
) -> Option<Setup> {
    let steps = lines(site, &program.steps)?;
    Some(app(site, node, &client.name, App::Program { steps }))
}

/// Whoever gives the orders.
pub(super) fn administrator(site: &Site<'_>, node: NodeId) -> Setup {
    app(site, node, ADMINISTRATOR, App::Admin)
}

/// An order as it goes over the wire, if it is modelled.
pub(in crate::play) fn request(request: &order::Request) -> Option<control::Request> {
    use admin::Request as Admin;
    let text = |text: &String| Name::from(text.as_str());
    let request = match request {
        order::Request::CreateTopics { topics } => {
            let topics = topics.iter().map(topic).collect();
            return Some(control::Request::CreateTopics { topics });
        }
        order::Request::CreatePartitions { topic, count } => Admin::CreatePartitions {
            topics: vec![(text(topic), count.get())],
        },
        order::Request::IncrementalAlterConfigs { topic, config } => {
            let set = config.iter().map(|(key, value)| (text(key), text(value)));
            Admin::IncrementalAlterConfigs {
                topics: vec![(text(topic), set.collect())],
            }
        }
        order::Request::ElectLeaders { partitions } => Admin::ElectLeaders {
            partitions: partitions.iter().filter_map(|p| partition(p)).collect(),
        },
        order::Request::DeleteTopics { .. } => return None,
    };
    Some(control::Request::Admin(request))
}

fn lines(site: &mut Site<'_>, steps: &[Step]) -> Option<Rc<[core_program::Step]>> {
    let line = |step: &Step| {
        let call = call(site, &step.call)?;
        let line = step.line.get();
        Some(core_program::Step { line, call })
    };
    steps.iter().map(line).collect()
}

fn call(site: &mut Site<'_>, call: &Call) -> Option<core_program::Call> {
    use core_program::Call as To;
    Some(match call {
        Call::Sleep(time) => To::Sleep(Span::us(time.0)),
        Call::Print { text: Some(text) } => To::Print(text.as_str().into()),
        Call::Print { text: None } => To::PrintRecord,
        Call::Repeat { times, steps } => To::Repeat {
            body: lines(site, steps)?,
            times: times.get(),
        },
        Call::KafkaPython(it) => match it {
            KafkaPython::Producer { config, .. } => {
                To::KafkaProducer(Rc::new(read(site, PYTHON_PRODUCER, config)?))
            }
            KafkaPython::Send {
                topic,
                value,
                key,
                partition,
            } => To::Send(ToSend {
                topic: topic.as_str().into(),
                partition: *partition,
                key: key.as_deref().map(bytes),
                value: value.as_deref().map(bytes),
            }),
            KafkaPython::Get { timeout } => To::Get {
                timeout: timeout.map(|time| Span::us(time.0)),
            },
            KafkaPython::Flush => To::Flush,
            KafkaPython::CloseProducer => To::CloseProducer,
            KafkaPython::Consumer {
                topics,
                group_id,
                config,
                ..
            } => To::KafkaConsumer {
                config: Rc::new(read(site, PYTHON_CONSUMER, config)?),
                group: group_id.as_deref().map(Name::from),
                reads: Reads::Subscribed(names(topics)),
            },
            KafkaPython::ForRecord { steps } => To::ForRecord {
                body: lines(site, steps)?,
                times: None,
            },
            KafkaPython::Commit => To::Commit,
            KafkaPython::CloseConsumer => {
                site.refuse("not modelled: consumer.close in a program");
                return None;
            }
        },
        Call::Pika(_) => {
            site.refuse("not modelled: one program that speaks to both brokers");
            return None;
        }
    })
}

fn app(site: &Site<'_>, node: NodeId, name: &str, app: App) -> Setup {
    let brokers = site.scenario.world.kafka.as_ref();
    let brokers = brokers.map_or(0, |cluster| cluster.brokers.get());
    let bootstrap = (1..=brokers).filter_map(|n| site.names.find(&names::broker(BrokerId(n))));
    Setup::KafkaClient(ClientSetup {
        node,
        client_id: name.into(),
        bootstrap: bootstrap.collect(),
        app,
    })
}

/// A configuration: the library's own defaults, then the scenario's settings.
fn read<C: Configured>(site: &mut Site<'_>, own: &[(&str, &str)], config: &Config) -> Option<C> {
    let said = config
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    match C::parse(own.iter().copied().chain(said)) {
        Ok(config) => Some(config),
        Err(error) => {
            site.refuse(&error.to_string());
            None
        }
    }
}

fn bytes(text: &str) -> glassmq_core::kafka::record::Bytes {
    text.as_bytes().into()
}

fn names(texts: &[String]) -> Vec<Name> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

fn partition(text: &str) -> Option<TopicPartition> {
    let (topic, number) = text.rsplit_once('-')?;
    Some(TopicPartition::new(&topic.into(), number.parse().ok()?))
}
