//! The stage of a RabbitMQ run.

use glassmq_core::machine::{Machine as _, Parcel as _};
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::rabbitmq::method::{Frame, Method};
use glassmq_core::rabbitmq::view::{BrokerView, Cell, QueueView};
use glassmq_sim::cast::{Lens, View, Wire};
use glassmq_sim::play::Play;
use glassmq_sim::process::Life;
use serde_json::{Value, json};

use super::story::Story;

/// Messages of a queue that are shown, from each end.
const SHOWN: u32 = 12;

/// `Topology` of `scene.ts`.
pub fn topology(story: &Story) -> Value {
    let (things, names) = (&story.things, &story.names);
    let producers: Vec<Value> = things
        .senders
        .iter()
        .map(|(node, to)| json!({"name": names.of(*node), "to": to}))
        .collect();
    let consumers: Vec<Value> = things
        .receivers
        .iter()
        .map(|(node, from, _)| {
            json!({"name": names.of(*node), "from": from, "tag": things.tag_of(*node)})
        })
        .collect();
    let exchanges: Vec<Value> = things
        .exchanges
        .iter()
        .map(|(exchange, kind)| {
            let all = things.bindings.iter().filter(|(from, ..)| from == exchange);
            let bindings: Vec<Value> = all
                .map(|(_, to, key)| json!({"to": to, "key": &**key}))
                .collect();
            json!({"name": &**exchange, "kind": &**kind, "bindings": bindings})
        })
        .collect();
    let queues: Vec<Value> = things
        .queues
        .iter()
        .map(|queue| json!({"name": &**queue, "kind": "classic", "replicas": []}))
        .collect();
    json!({
        "family": "rabbitmq",
        "producers": producers,
        "consumers": consumers,
        "exchanges": exchanges,
        "queues": queues,
        "brokers": [],
        "partitions": [],
        "controllers": [],
    })
}

/// `Scene` of `scene.ts`.
pub fn scene(play: &Play, story: &Story) -> Value {
    let (things, names) = (&story.things, &story.names);
    let view = broker(play);
    let queue = |name: &str| {
        view.iter()
            .flat_map(|v| &v.queues)
            .find(|q| *q.name == *name)
    };
    let queues: Vec<Value> = things
        .queues
        .iter()
        .map(|name| match queue(name) {
            Some(queue) => queue_scene(queue, story),
            None => json!({
                "name": &**name, "presence": {"is": "absent"}, "line": "", "ready": 0,
                "unacked": 0, "tokens": [], "replicas": [],
            }),
        })
        .collect();
    let exchanges: Vec<Value> = things
        .exchanges
        .iter()
        .map(|(name, _)| {
            let mut there = view.iter().flat_map(|v| &v.exchanges);
            let is = if name.is_empty() || there.any(|e| e.name == *name) {
                "there"
            } else {
                "absent"
            };
            json!({"name": &**name, "presence": {"is": is}})
        })
        .collect();
    let producers: Vec<Value> = things
        .senders
        .iter()
        .map(|(node, _)| {
            let sent = client_numbers(play, *node).map_or(0, |view| view.0);
            json!({"name": names.of(*node), "presence": presence(play, *node),
                "line": format!("{sent} sent")})
        })
        .collect();
    let consumers: Vec<Value> = things
        .receivers
        .iter()
        .map(|(node, from, _)| {
            let line = consumer_line(from, view.as_ref(), *node);
            json!({"name": names.of(*node), "presence": presence(play, *node), "line": line})
        })
        .collect();
    let (links, flights) = (links(play, story), flights(play, story));
    json!({
        "family": "rabbitmq",
        "producers": producers,
        "consumers": consumers,
        "exchanges": exchanges,
        "queues": queues,
        "brokers": [],
        "controllers": [],
        "links": links,
        "flights": flights,
        "tray": super::tray(play),
        "ledger": super::ledger(play),
        "remarks": [],
        "causes": [],
    })
}

fn broker(play: &Play) -> Option<BrokerView> {
    let mut lens = Lens::counts();
    lens.rabbitmq.head = SHOWN;
    lens.rabbitmq.tail = 1;
    play.stage().nodes().find_map(|(_, process)| {
        match process.machine().map(|machine| machine.view(&lens)) {
            Some(View::RabbitmqNode(view)) => Some(view),
            _ => None,
        }
    })
}

/// What a client sent and finished.
fn client_numbers(play: &Play, node: NodeId) -> Option<(u32, u32)> {
    let machine = play.stage().node(node).machine()?;
    match machine.view(&Lens::counts()) {
        View::RabbitmqClient(view) => Some((view.sent, view.processed)),
        _ => None,
    }
}

/// Whether a process is there.
pub fn presence(play: &Play, node: NodeId) -> Value {
    let process = play.stage().node(node);
    match process.life() {
        Life::Down { .. } => json!({"is": "absent"}),
        Life::Running | Life::Paused => json!({"is": "there"}),
    }
}

fn consumer_line(from: &[String], view: Option<&BrokerView>, node: NodeId) -> String {
    let queues = view.into_iter().flat_map(|view| &view.queues);
    for queue in queues {
        if !from.contains(&format!("queue:{}", queue.name)) {
            continue;
        }
        let own = queue.consumers.iter().find(|c| c.link.opener == node);
        if let Some(consumer) = own {
            let cells = queue.unacked.iter().filter_map(|cell| cell.owner);
            let out = cells.filter(|(link, ..)| link.opener == node).count();
            return match consumer.prefetch {
                0 => format!("no prefetch limit, {out} out"),
                n => format!("prefetch {n}, {out} out"),
            };
        }
    }
    String::new()
}

fn queue_scene(queue: &QueueView, story: &Story) -> Value {
    let unacked = queue
        .unacked
        .iter()
        .map(|cell| token(cell, "unacked", story));
    let ready = queue.ready.iter().map(|cell| {
        let state = if cell.redelivered {
            "requeued"
        } else {
            "ready"
        };
        token(cell, state, story)
    });
    let tokens: Vec<Value> = unacked.chain(ready).collect();
    let durable = if queue.durable {
        "durable"
    } else {
        "transient"
    };
    json!({
        "name": &*queue.name,
        "presence": {"is": "there"},
        "line": format!("classic, {durable}"),
        "ready": queue.ready_count,
        "unacked": queue.unacked_count,
        "tokens": tokens,
        "replicas": [],
    })
}

fn token(cell: &Cell, state: &str, story: &Story) -> Value {
    let mut token = message_token(cell.message, state, story);
    if !cell.persistent {
        token["transient"] = json!(true);
    }
    if let Some((link, ..)) = cell.owner {
        token["owner"] = json!(story.things.tag_of(link.opener));
    }
    if cell.redelivered {
        token["deliveries"] = json!(2);
    }
    token
}

/// A message on the stage.
pub fn message_token(message: Option<MessageId>, state: &str, story: &Story) -> Value {
    let key = message.and_then(|id| story.things.keys.get(&id));
    json!({
        "id": message.map_or_else(|| "?".to_string(), |id| story.label(id)),
        "state": state,
        "key": story.things.mark(key.map(|key| &**key)),
        "keyText": key.map(|key| &**key),
    })
}

fn links(play: &Play, story: &Story) -> Vec<Value> {
    let (things, names) = (&story.things, &story.names);
    let live: Vec<String> = flights(play, story)
        .iter()
        .filter_map(|flight| flight["link"].as_str().map(String::from))
        .collect();
    let link = |from: String, to: &str, kind: &str| {
        let id = format!("link:{from}>{to}");
        let moves = live.contains(&id);
        json!({"id": id, "from": from, "to": to, "kind": kind, "live": moves})
    };
    let mut links = Vec::new();
    for (node, to) in &things.senders {
        for to in to {
            links.push(link(format!("producer:{}", names.of(*node)), to, "publish"));
        }
    }
    for (exchange, to, key) in &things.bindings {
        let mut binding = link(format!("exchange:{exchange}"), to, "binding");
        if !key.is_empty() && !exchange.is_empty() {
            binding["label"] = json!(&**key);
        }
        links.push(binding);
    }
    for (node, from, _) in &things.receivers {
        for from in from {
            let to = format!("consumer:{}", names.of(*node));
            links.push(link(from.clone(), &to, "deliver"));
        }
    }
    links
}

/// Messages between a client and the broker.
fn flights(play: &Play, story: &Story) -> Vec<Value> {
    let names = &story.names;
    let mut flights = Vec::new();
    for (_, from, to, wire) in play.stage().frames() {
        let Wire::Amqp(Frame::Method { method, .. }) = wire else {
            continue;
        };
        let link = match method {
            Method::BasicPublish(it) => {
                format!("link:producer:{}>exchange:{}", names.of(from), it.exchange)
            }
            Method::BasicDeliver(_) => {
                let receiver = story.things.receivers.iter().find(|(node, ..)| *node == to);
                let Some(queue) = receiver.and_then(|(_, from, _)| from.first()) else {
                    continue;
                };
                format!("link:{queue}>consumer:{}", names.of(to))
            }
            _ => continue,
        };
        let mut tokens = Vec::new();
        wire.messages(&mut |id| tokens.push(message_token(Some(id), "flight", story)));
        if !tokens.is_empty() {
            flights.push(json!({"link": link, "tokens": tokens, "label": wire.label()}));
        }
    }
    flights
}
