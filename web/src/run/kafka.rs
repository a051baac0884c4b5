//! The stage of a Kafka run.

use std::collections::BTreeMap;

use glassmq_core::kafka::controller_node::ControllerView;
use glassmq_core::kafka::view::{BrokerView, ClientView, Lens as KafkaLens, ReplicaView};
use glassmq_core::machine::{Machine as _, Parcel as _};
use glassmq_core::names::NodeId;
use glassmq_sim::cast::{Lens, View, Wire};
use glassmq_sim::play::Play;
use serde_json::{Value, json};

use super::rabbitmq::{message_token, presence};
use super::story::Story;

/// Records of a log that are shown: the last ones.
const SHOWN: u32 = 12;

/// `Topology` of `scene.ts`.
pub fn topology(play: &Play, story: &Story) -> Value {
    let (things, names) = (&story.things, &story.names);
    let brokers: Vec<Value> = brokers(story)
        .map(|(node, id)| json!({"name": names.of(node), "id": id}))
        .collect();
    let mut partitions: BTreeMap<(&str, u32), Vec<u32>> = BTreeMap::new();
    for (topic, partition, node) in &things.replicas {
        let id = broker_id(names.of(*node)).unwrap_or(0);
        partitions.entry((topic, *partition)).or_default().push(id);
    }
    let partitions: Vec<Value> = partitions
        .into_iter()
        .map(|((topic, partition), replicas)| {
            json!({"topic": topic, "partition": partition, "replicas": replicas})
        })
        .collect();
    let producers: Vec<Value> = things
        .senders
        .iter()
        .map(|(node, to)| json!({"name": names.of(*node), "to": to}))
        .collect();
    let consumers: Vec<Value> = things
        .receivers
        .iter()
        .map(|(node, from, _)| {
            let group = things.groups.get(node).map(|group| &**group);
            json!({"name": names.of(*node), "from": from, "group": group})
        })
        .collect();
    let controllers: Vec<&str> = controllers(play).map(|(node, _)| names.of(node)).collect();
    json!({
        "family": "kafka",
        "producers": producers,
        "consumers": consumers,
        "exchanges": [],
        "queues": [],
        "brokers": brokers,
        "partitions": partitions,
        "controllers": controllers,
    })
}

/// `Scene` of `scene.ts`.
pub fn scene(play: &Play, story: &Story) -> Value {
    let (things, names) = (&story.things, &story.names);
    let views: BTreeMap<NodeId, BrokerView> = broker_views(play).collect();
    let brokers: Vec<Value> = brokers(story)
        .map(|(node, _)| broker(play, node, &views, story))
        .collect();
    let producers: Vec<Value> = things
        .senders
        .iter()
        .map(|(node, _)| {
            let view = client(play, *node);
            let sent = view.as_ref().map_or(0, |view| view.sent);
            let under_way = view
                .and_then(|view| view.backlog)
                .map_or(0, |(a, b, c)| a + b + c);
            let note = (under_way > 0)
                .then(|| json!({"text": format!("{under_way} not acknowledged"), "tone": "wait"}));
            json!({"name": names.of(*node), "presence": presence(play, *node),
                "line": format!("{sent} sent"), "note": note})
        })
        .collect();
    let consumers: Vec<Value> = things
        .receivers
        .iter()
        .map(|(node, ..)| {
            let view = client(play, *node);
            let positions = view.as_ref().map(|view| &view.positions);
            let assigned: Vec<String> = positions
                .into_iter()
                .flatten()
                .map(|(partition, _)| partition.to_string())
                .collect();
            let generation = view.and_then(|view| view.generation_id);
            json!({"name": names.of(*node), "presence": presence(play, *node), "line": "",
                "assigned": assigned, "generation": generation})
        })
        .collect();
    let quorum: Vec<(NodeId, ControllerView)> = controller_views(play).collect();
    let epoch = quorum.iter().map(|(_, view)| view.epoch).max();
    let controllers: Vec<Value> = controllers(play)
        .map(|(node, _)| {
            let view = quorum
                .iter()
                .find(|(who, _)| *who == node)
                .map(|(_, view)| view);
            json!({
                "name": names.of(node),
                "presence": presence(play, node),
                "active": view.is_some_and(|view| view.state == "leader"),
                "end": view.map_or(0, |view| view.end_offset),
            })
        })
        .collect();
    let flights = flights(play, &views, story);
    json!({
        "family": "kafka",
        "producers": producers,
        "consumers": consumers,
        "exchanges": [],
        "queues": [],
        "brokers": brokers,
        "controllers": controllers,
        "controllerEpoch": epoch,
        "links": links(play, &views, &flights, story),
        "flights": flights,
        "tray": super::tray(play),
        "ledger": super::ledger(play),
        "remarks": [],
        "causes": [],
    })
}

fn brokers(story: &Story) -> impl Iterator<Item = (NodeId, u32)> + '_ {
    let names = &story.names;
    names
        .nodes()
        .filter_map(|node| Some((node, broker_id(names.of(node))?)))
}

/// A broker's `node.id` is the number in its name.
fn broker_id(name: &str) -> Option<u32> {
    name.strip_prefix("kafka-")?.parse().ok()
}

fn view(play: &Play, node: NodeId) -> Option<View> {
    let mut lens = Lens::counts();
    lens.kafka = KafkaLens::Tail { records: SHOWN };
    play.stage()
        .node(node)
        .machine()
        .map(|machine| machine.view(&lens))
}

fn broker_views(play: &Play) -> impl Iterator<Item = (NodeId, BrokerView)> + '_ {
    play.stage()
        .nodes()
        .filter_map(|(node, _)| match view(play, node) {
            Some(View::KafkaBroker(view)) => Some((node, view)),
            _ => None,
        })
}

fn controllers(play: &Play) -> impl Iterator<Item = (NodeId, ())> + '_ {
    let named = |(node, process): (NodeId, &glassmq_sim::process::Process<_>)| {
        process
            .name()
            .starts_with("controller-")
            .then_some((node, ()))
    };
    play.stage().nodes().filter_map(named)
}

fn controller_views(play: &Play) -> impl Iterator<Item = (NodeId, ControllerView)> + '_ {
    play.stage()
        .nodes()
        .filter_map(|(node, _)| match view(play, node) {
            Some(View::KafkaController(view)) => Some((node, *view)),
            _ => None,
        })
}

fn client(play: &Play, node: NodeId) -> Option<ClientView> {
    match view(play, node) {
        Some(View::KafkaClient(view)) => Some(view),
        _ => None,
    }
}

fn broker(play: &Play, node: NodeId, views: &BTreeMap<NodeId, BrokerView>, story: &Story) -> Value {
    let held = story.things.replicas.iter().filter(|(.., on)| *on == node);
    let replicas: Vec<Value> = held
        .filter_map(|(topic, partition, _)| {
            let name = format!("{topic}-{partition}");
            let replica = replica(views.get(&node)?, &name)?;
            Some(replica_scene(replica, &name, views, story))
        })
        .collect();
    let life = play.stage().node(node).incarnation();
    let line = match life {
        0 => String::new(),
        n => format!("life {}", n + 1),
    };
    let presence = match views.contains_key(&node) {
        true => json!({"is": "there"}),
        false => {
            let deaths = story.things.deaths.iter().rev();
            let past = deaths.filter(|(who, at)| *who == node && *at <= play.stage().now());
            let since = past.map(|(_, at)| *at).next();
            let since = since.map_or_else(String::new, |at| {
                format!("{}.{:03} s", at / 1_000_000, at / 1000 % 1000)
            });
            json!({"is": "down", "since": since})
        }
    };
    json!({"name": story.names.of(node), "presence": presence, "line": line, "replicas": replicas})
}

fn replica<'a>(view: &'a BrokerView, name: &str) -> Option<&'a ReplicaView> {
    view.replicas
        .iter()
        .find(|replica| replica.partition.to_string() == name)
}

fn replica_scene(
    it: &ReplicaView,
    name: &str,
    views: &BTreeMap<NodeId, BrokerView>,
    story: &Story,
) -> Value {
    let leader = leader(views, name);
    let newest = leader.map_or(it.leader_epoch, |leader| leader.leader_epoch);
    let me = views
        .values()
        .find(|view| replica(view, name).is_some_and(|other| std::ptr::eq(other, it)))
        .map(|view| view.id);
    let in_sync = leader.is_none_or(|leader| me.is_none_or(|me| leader.isr.contains(&me)));
    let (role, line) = if it.leader && it.leader_epoch < newest {
        ("stale", format!("still leads epoch {}", it.leader_epoch))
    } else if it.leader {
        let isr: Vec<String> = it.isr.iter().map(ToString::to_string).collect();
        (
            "leader",
            format!("epoch {}, ISR {}", it.leader_epoch, isr.join(" ")),
        )
    } else if in_sync {
        ("follower", "follower, in sync".to_string())
    } else {
        ("out", "out of ISR".to_string())
    };
    let from = it.cells.first().map_or(it.log_end, |cell| cell.offset);
    let cells: Vec<Value> = it
        .cells
        .iter()
        .map(|cell| {
            json!({
                "offset": cell.offset,
                "is": "record",
                "key": key_mark(cell.key.as_deref(), story),
                "id": cell.message.map(|id| story.label(id)),
            })
        })
        .collect();
    let shown = it
        .epochs
        .iter()
        .filter(|(_, start)| *start >= from && *start < it.log_end);
    let epochs: Vec<Value> = shown
        .map(|(epoch, offset)| json!({"epoch": epoch, "offset": offset}))
        .collect();
    let behind = leader.map_or(0, |leader| leader.log_end.saturating_sub(it.log_end));
    let note = (behind > 0).then(|| json!({"text": format!("{behind} behind"), "tone": "wait"}));
    json!({
        "partition": name,
        "role": role,
        "line": line,
        "from": from,
        "leo": it.log_end,
        "hw": it.high_watermark,
        "cells": cells,
        "epochs": epochs,
        "committed": [],
        "note": note,
    })
}

/// Marks of keys, in the order of the keys themselves.
fn key_mark(key: Option<&str>, story: &Story) -> &'static str {
    story.things.mark(key)
}

/// The live claimant of the highest epoch.
fn leader<'a>(views: &'a BTreeMap<NodeId, BrokerView>, name: &str) -> Option<&'a ReplicaView> {
    let claims = views.values().filter_map(|view| replica(view, name));
    claims
        .filter(|replica| replica.leader)
        .reduce(|best, claim| {
            if claim.leader_epoch > best.leader_epoch {
                claim
            } else {
                best
            }
        })
}

fn leader_node(views: &BTreeMap<NodeId, BrokerView>, name: &str) -> Option<NodeId> {
    let best = leader(views, name)?;
    let mut all = views.iter();
    all.find(|(_, view)| replica(view, name).is_some_and(|r| std::ptr::eq(r, best)))
        .map(|(node, _)| *node)
}

fn links(
    play: &Play,
    views: &BTreeMap<NodeId, BrokerView>,
    flights: &[Value],
    story: &Story,
) -> Vec<Value> {
    let (things, names) = (&story.things, &story.names);
    let mut links: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |from: String, to: String, kind: &str| {
        let id = format!("link:{from}>{to}");
        let live = flights.iter().any(|flight| flight["link"] == id.as_str());
        let link = json!({"id": id, "from": from, "to": to, "kind": kind, "live": live});
        links.insert(id, link);
    };
    for (node, to) in &things.senders {
        for name in to.iter().filter_map(|to| to.strip_prefix("partition:")) {
            if let Some(leader) = leader_node(views, name) {
                let to = format!("replica:{name}@{}", names.of(leader));
                add(format!("producer:{}", names.of(*node)), to, "publish");
            }
        }
    }
    for (node, ..) in &things.receivers {
        let positions = client(play, *node)
            .map(|view| view.positions)
            .unwrap_or_default();
        for (partition, _) in positions {
            let name = partition.to_string();
            if let Some(leader) = leader_node(views, &name) {
                let from = format!("replica:{name}@{}", names.of(leader));
                add(from, format!("consumer:{}", names.of(*node)), "assign");
            }
        }
    }
    let all: Vec<NodeId> = brokers(story).map(|(node, _)| node).collect();
    for (at, a) in all.iter().enumerate() {
        for b in &all[at + 1..] {
            let (from, to) = (names.of(*a), names.of(*b));
            add(
                format!("broker:{from}"),
                format!("broker:{to}"),
                "replicate",
            );
        }
    }
    for (from, to) in play.stage().cuts() {
        let (a, b) = (from.min(to), from.max(to));
        let id = format!("link:broker:{}>broker:{}", names.of(a), names.of(b));
        if let Some(link) = links.get_mut(&id) {
            link["cut"] = json!(format!("{} to {}\ncut", names.of(a), names.of(b)));
        }
    }
    links.into_values().collect()
}

/// Records between clients and brokers, and between brokers.
fn flights(play: &Play, views: &BTreeMap<NodeId, BrokerView>, story: &Story) -> Vec<Value> {
    let (things, names) = (&story.things, &story.names);
    let mut flights = Vec::new();
    for (_, from, to, wire) in play.stage().frames() {
        let Wire::Kafka(_) = wire else { continue };
        let mut ids = Vec::new();
        wire.messages(&mut |id| ids.push(id));
        let Some(first) = ids.first() else { continue };
        let Some(partition) = things.partitions.get(first) else {
            continue;
        };
        let (sender, receiver) = (views.contains_key(&from), views.contains_key(&to));
        let link = match (broker_id(names.of(from)), broker_id(names.of(to))) {
            (Some(_), Some(_)) => {
                let (a, b) = (from.min(to), from.max(to));
                format!("link:broker:{}>broker:{}", names.of(a), names.of(b))
            }
            (None, Some(_)) if receiver => format!(
                "link:producer:{}>replica:{partition}@{}",
                names.of(from),
                names.of(to)
            ),
            (Some(_), None) if sender => format!(
                "link:replica:{partition}@{}>consumer:{}",
                names.of(from),
                names.of(to)
            ),
            _ => continue,
        };
        let batch = ids.len() > 1;
        let tokens: Vec<Value> = ids
            .iter()
            .map(|id| message_token(Some(*id), "flight", story))
            .collect();
        flights.push(json!({
            "link": link, "tokens": tokens, "batch": batch, "label": wire.label(),
        }));
    }
    flights
}
