//! All that ever exists in a run and its forks: `Topology` of `scene.ts`.

use glassmq_core::names::NodeId;
use glassmq_core::shared::SortedMap;
use glassmq_sim::play::names::Names;
use serde_json::{Value, json};

use super::things::Things;

/// What the picture is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Rabbitmq,
    Kafka,
}

impl Family {
    pub fn word(self) -> &'static str {
        match self {
            Family::Rabbitmq => "rabbitmq",
            Family::Kafka => "kafka",
        }
    }
}

/// `Topology` of `scene.ts`.
pub fn topology(family: Family, things: &Things, names: &Names) -> Value {
    let shown = |all: &[String]| -> Vec<String> {
        let here = |id: &&String| (family == Family::Kafka) == id.starts_with("partition:");
        all.iter().filter(here).cloned().collect()
    };
    let producers = things
        .senders
        .iter()
        .map(|(node, to)| json!({"name": names.of(*node), "to": shown(to)}));
    let consumers = things.receivers.iter().map(|(node, from, _)| {
        let group = things.groups.get(node).map(|group| &**group);
        let tag = (family == Family::Rabbitmq).then(|| things.tag_of(*node));
        json!({"name": names.of(*node), "from": shown(from), "group": group, "tag": tag})
    });
    let mut topology = json!({
        "family": family.word(),
        "producers": producers.collect::<Vec<_>>(),
        "consumers": consumers.collect::<Vec<_>>(),
        "exchanges": [],
        "queues": [],
        "brokers": [],
        "partitions": [],
        "controllers": [],
    });
    match family {
        Family::Rabbitmq => {
            topology["exchanges"] = exchanges(things);
            let queues = things.queues.iter();
            topology["queues"] = queues
                .map(|queue| json!({"name": &**queue, "kind": "classic", "replicas": []}))
                .collect();
        }
        Family::Kafka => {
            topology["brokers"] = brokers(names)
                .map(|(node, id)| json!({"name": names.of(node), "id": id}))
                .collect();
            topology["partitions"] = partitions(things, names);
            topology["controllers"] = controllers(names)
                .map(|node| Value::from(names.of(node)))
                .collect();
        }
    }
    topology
}

/// Kafka's brokers with their ids.
pub fn brokers(names: &Names) -> impl Iterator<Item = (NodeId, u32)> + '_ {
    let ids = names.nodes();
    ids.filter_map(|node| Some((node, broker_id(names.of(node))?)))
}

/// A broker's `node.id` is the number in its name.
pub fn broker_id(name: &str) -> Option<u32> {
    name.strip_prefix("kafka-")?.parse().ok()
}

/// The controllers that are processes of their own.
pub fn controllers(names: &Names) -> impl Iterator<Item = NodeId> + '_ {
    let is_one = |node: &NodeId| names.of(*node).starts_with("controller-");
    names.nodes().filter(is_one)
}

/// What a process is as a thing of the picture: `producer:shop`, `broker:kafka-1`.
pub fn thing_of(node: NodeId, things: &Things, names: &Names) -> String {
    let name = names.of(node);
    let sends = things.senders.iter().any(|(who, _)| *who == node);
    let receives = things.receivers.iter().any(|(who, ..)| *who == node);
    let kind = if name.starts_with("controller-") {
        "controller"
    } else if broker_id(name).is_some() || name.starts_with("rabbit-") {
        "broker"
    } else if receives && !sends {
        "consumer"
    } else {
        "producer"
    };
    format!("{kind}:{name}")
}

fn exchanges(things: &Things) -> Value {
    let exchanges = things.exchanges.iter().map(|(exchange, kind)| {
        let own = things.bindings.iter().filter(|(from, ..)| from == exchange);
        let bindings: Vec<Value> = own
            .map(|(_, to, key)| json!({"to": to, "key": &**key}))
            .collect();
        json!({"name": &**exchange, "kind": &**kind, "bindings": bindings})
    });
    exchanges.collect()
}

fn partitions(things: &Things, names: &Names) -> Value {
    let mut partitions: SortedMap<(&str, u32), Vec<u32>> = SortedMap::new();
    for (topic, partition, node) in &things.replicas {
        let id = broker_id(names.of(*node)).unwrap_or(0);
        partitions.entry((topic, *partition)).or_default().push(id);
    }
    let partitions = partitions.into_iter();
    partitions
        .map(|((topic, partition), replicas)| {
            json!({"topic": topic, "partition": partition, "replicas": replicas})
        })
        .collect()
}
