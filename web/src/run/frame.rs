//! The state after an event: `Frame` of `web/ui/src/engine/frame.ts`, which is made into a picture
//! there.

use glassmq_core::kafka::view::Lens as KafkaLens;
use glassmq_core::machine::{Machine as _, Parcel as _};
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::rabbitmq::method::{Frame as AmqpFrame, Method};
use glassmq_core::shared::SortedSet;
use glassmq_sim::cast::{Cast, Lens, View, Wire};
use glassmq_sim::event::EventId;
use glassmq_sim::ledger::{Bucket, Fate};
use glassmq_sim::play::Play;
use glassmq_sim::process::{Life as Running, Process};
use serde_json::{Value, json};

use super::lines::{Deed, Line};
use super::story::Story;
use super::things::Life;
use super::told::is_internal;
use super::topology::broker_id;

/// Messages of a queue, records of a log, that are shown.
const SHOWN: u32 = 12;

/// More messages under way than this are a crowd.
const CROWD: usize = 30;
/// Messages of a crowd that are named, on each way.
const FRONT: usize = 8;

/// The state of a play after an event; `epoch` is the wall clock at time 0, in microseconds.
pub fn frame(play: &Play, story: &Story, line: Option<&Line>, epoch: i64) -> Value {
    let mut sight = Sight::default();
    let at = line.map_or(0, |line| line.row.at);
    let step = line.map_or(0, |line| line.row.id.step);
    let nodes: Vec<Value> = play
        .stage()
        .nodes()
        .map(|(node, process)| node_frame(node, process, (step, at, epoch), story, &mut sight))
        .collect();
    let flights = flights(play, story, &mut sight);
    let left = left(play, &mut sight);
    let truncated = truncated(line, &mut sight);
    let messages: Vec<Value> = sight
        .seen
        .iter()
        .map(|id| {
            let published = sight
                .expiring
                .contains(id)
                .then(|| published(*id, story, epoch));
            json!({
                "id": id,
                "label": story.label(*id),
                "key": story.things.keys.get(id).map(|key| &**key).filter(|key| !key.is_empty()),
                "deliveries": null,
                "published": published,
            })
        })
        .collect();
    let groups = play.panel().ledger().groups();
    let committed: Vec<Value> = groups
        .filter(|(_, partition, account)| account.committed > 0 && !is_internal(partition))
        .map(|(group, partition, account)| {
            json!({"group": &**group, "partition": partition, "offset": account.committed})
        })
        .collect();
    let ledger = play.panel().ledger();
    let parts: Vec<Value> = ledger
        .tray()
        .parts()
        .map(|(bucket, count)| json!([bucket.word(), count]))
        .collect();
    let keys: Vec<&str> = story
        .things
        .key_order
        .iter()
        .map(|key| &**key)
        .take(5)
        .collect();
    json!({
        "event": line.map_or(0, |line| line.n),
        "at": at,
        "wall": epoch + at as i64,
        "nodes": nodes,
        "messages": messages,
        "keys": keys,
        "flights": flights,
        "cuts": play.stage().cuts(),
        "committed": committed,
        "truncated": truncated,
        "left": left,
        "ledger": {
            "sent": ledger.tray().sent(),
            "parts": parts,
            "closes": ledger.closes().is_ok(),
        },
        "remarks": [],
    })
}

/// The messages that a frame shows.
#[derive(Default)]
struct Sight {
    seen: SortedSet<MessageId>,
    /// Those with a time to live.
    expiring: SortedSet<MessageId>,
}

fn node_frame(
    node: NodeId,
    process: &Process<Cast>,
    (step, at, epoch): (u32, u64, i64),
    story: &Story,
    sight: &mut Sight,
) -> Value {
    let turn = story.things.last_turn(node, step);
    let name = process.name();
    let serves =
        broker_id(name).is_some() || name.starts_with("rabbit-") || name.starts_with("controller-");
    let life = match (process.life(), turn.map(|turn| turn.to)) {
        (Running::Running, _) => "there",
        (Running::Paused, _) => "paused",
        (Running::Down { .. }, None) => "absent",
        (Running::Down { .. }, Some(Life::Ended)) if !serves => "ended",
        (Running::Down { .. }, Some(_)) => "down",
    };
    let since = matches!(life, "down" | "ended").then(|| turn.map(|turn| turn.at));
    // A broker's log outlives it: what is on its disk is seen.
    let keeps = life == "down" && broker_id(name).is_some();
    let asleep = keeps.then(|| process.asleep(node, at, epoch));
    let shown = match asleep.as_ref().or(process.machine()) {
        Some(machine) => shows(machine, sight),
        None => json!({"is": "down"}),
    };
    json!({
        "node": node,
        "name": &**name,
        "life": life,
        "since": since.flatten(),
        "incarnation": process.incarnation(),
        "shows": shown,
    })
}

/// What a process shows of itself, as serde writes it.
fn shows(machine: &Cast, sight: &mut Sight) -> Value {
    let mut lens = Lens::counts();
    lens.rabbitmq.head = SHOWN;
    lens.rabbitmq.tail = 1;
    lens.kafka = KafkaLens::Tail { records: SHOWN };
    match machine.view(&lens) {
        View::RabbitmqNode(view) => {
            for cell in view
                .queues
                .iter()
                .flat_map(|q| q.ready.iter().chain(&q.unacked))
            {
                sight.seen.extend(cell.message);
                sight
                    .expiring
                    .extend(cell.message.filter(|_| cell.expiry.is_some()));
            }
            json!({"is": "rabbitmq.node", "view": view})
        }
        View::RabbitmqClient(view) => json!({"is": "rabbitmq.client", "view": view}),
        View::KafkaBroker(mut view) => {
            view.replicas
                .retain(|replica| !is_internal(&replica.partition));
            // What is in a record is not drawn.
            let cells = view.replicas.iter_mut().flat_map(|it| &mut it.cells);
            cells.for_each(|cell| cell.value = None);
            let cells = view.replicas.iter().flat_map(|replica| &replica.cells);
            sight.seen.extend(cells.filter_map(|cell| cell.message));
            json!({"is": "kafka.broker", "view": view})
        }
        View::KafkaController(view) => json!({"is": "kafka.controller", "view": {
            "state": view.state,
            "epoch": view.epoch,
            "end_offset": view.end_offset,
            "high_watermark": view.high_watermark,
        }}),
        View::KafkaClient(view) => json!({"is": "kafka.client", "view": view}),
    }
}

/// When a message was first told of, on the wall clock.
fn published(id: MessageId, story: &Story, epoch: i64) -> Option<i64> {
    let first = story.mentions(|one| one == id).next()?;
    Some(epoch + story.row(first)?.at as i64)
}

/// Messages under way, between the things that they are drawn between. A few are told frame by
/// frame; of many, those in front on each way, and how many more there are.
fn flights(play: &Play, story: &Story, sight: &mut Sight) -> Vec<Value> {
    let mut flights: Vec<Flight> = Vec::new();
    for (_, from, to, wire) in play.stage().frames() {
        let mut messages = Vec::new();
        wire.messages(&mut |id| messages.push(id));
        let Some(first) = messages.first() else {
            continue;
        };
        let ends = match wire {
            Wire::Amqp(AmqpFrame::Method { method, .. }) => amqp_ends(method, from, to, story),
            Wire::Amqp(_) => None,
            Wire::Kafka(_) => kafka_ends(*first, from, to, story),
        };
        flights.extend(ends.map(|ends| Flight {
            ends,
            label: wire.label(),
            batch: messages.len() > 1,
            messages,
            more: 0,
        }));
    }
    let all: usize = flights.iter().map(|flight| flight.messages.len()).sum();
    if all > CROWD {
        flights = crowded(flights);
    }
    let told = flights.into_iter().map(|flight| {
        sight.seen.extend(flight.messages.iter().copied());
        json!({
            "from": flight.ends.0,
            "to": flight.ends.1,
            "messages": flight.messages,
            "more": flight.more,
            "label": flight.label,
            "batch": flight.batch,
        })
    });
    told.collect()
}

/// Messages on one way.
struct Flight {
    ends: (String, String),
    messages: Vec<MessageId>,
    /// How many more there are.
    more: usize,
    label: &'static str,
    batch: bool,
}

/// One flight for each way, with those in front.
fn crowded(flights: Vec<Flight>) -> Vec<Flight> {
    let mut ways: Vec<Flight> = Vec::new();
    for flight in flights {
        let at = match ways.iter().position(|way| way.ends == flight.ends) {
            Some(at) => at,
            None => {
                let messages = Vec::new();
                ways.push(Flight {
                    ends: flight.ends.clone(),
                    messages,
                    ..flight
                });
                ways.len() - 1
            }
        };
        ways[at].messages.extend(flight.messages);
    }
    for way in &mut ways {
        way.more = way.messages.len().saturating_sub(FRONT);
        way.messages.truncate(FRONT);
    }
    ways
}

fn amqp_ends(method: &Method, from: NodeId, to: NodeId, story: &Story) -> Option<(String, String)> {
    let names = &story.names;
    match method {
        Method::BasicPublish(it) => Some((
            format!("producer:{}", names.of(from)),
            format!("exchange:{}", it.exchange),
        )),
        Method::BasicDeliver(_) => {
            let mut receivers = story.things.receivers.iter();
            let (_, queues, _) = receivers.find(|(node, ..)| *node == to)?;
            Some((
                queues.first()?.clone(),
                format!("consumer:{}", names.of(to)),
            ))
        }
        _ => None,
    }
}

fn kafka_ends(
    message: MessageId,
    from: NodeId,
    to: NodeId,
    story: &Story,
) -> Option<(String, String)> {
    let (sender, receiver) = (story.names.of(from), story.names.of(to));
    let partition = story.things.partitions.get(&message)?;
    match (broker_id(sender), broker_id(receiver)) {
        // The way between two brokers is one, drawn from the first of them.
        (Some(_), Some(_)) => {
            let (a, b) = (from.min(to), from.max(to));
            let end = |node| format!("broker:{}", story.names.of(node));
            Some((end(a), end(b)))
        }
        (None, Some(_)) => Some((
            format!("producer:{sender}"),
            format!("replica:{partition}@{receiver}"),
        )),
        (Some(_), None) => Some((
            format!("replica:{partition}@{sender}"),
            format!("consumer:{receiver}"),
        )),
        (None, None) => None,
    }
}

/// The ways out of the flow that were taken, each with the last message that took it.
fn left(play: &Play, sight: &mut Sight) -> Vec<Value> {
    let ledger = play.panel().ledger();
    let ways = [
        (Bucket::Returned, "returned"),
        (Bucket::Expired, "expired"),
        (Bucket::Dropped, "dropped"),
        (Bucket::Unroutable, "dropped"),
        (Bucket::Lost, "lost"),
    ];
    let taken = ways
        .into_iter()
        .filter(|(bucket, _)| ledger.tray().count(*bucket) > 0);
    taken
        .map(|(bucket, why)| {
            let fates = ledger.fates().filter(|(_, fate)| fate.bucket() == bucket);
            let last = fates.max_by_key(|(_, fate)| since(fate)).map(|(id, _)| id);
            sight.seen.extend(last);
            json!({
                "why": why,
                "count": ledger.tray().count(bucket),
                "last": last,
                "detail": bucket.word(),
            })
        })
        .collect()
}

/// The last event that changed a fate.
fn since(fate: &Fate) -> EventId {
    let copies = fate.copies.iter().map(|copy| copy.since);
    copies.max().unwrap_or(fate.told)
}

/// Records that this event took from a log.
fn truncated(line: Option<&Line>, sight: &mut Sight) -> Vec<Value> {
    let Some(Line {
        node,
        what:
            Deed::Truncated {
                partition,
                to,
                from,
                records,
            },
        ..
    }) = line
    else {
        return Vec::new();
    };
    sight.seen.extend(records.iter().map(|(_, id)| *id));
    let message = |offset| {
        records
            .iter()
            .find(|(at, _)| *at == offset)
            .map(|(_, id)| id)
    };
    (*to..*from)
        .map(|offset| {
            json!({
                "broker": node,
                "partition": partition,
                "offset": offset,
                "message": message(offset),
            })
        })
        .collect()
}
