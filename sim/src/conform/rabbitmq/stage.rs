//! The world in which a case is played, and its steps as orders.

use std::collections::{BTreeMap, BTreeSet};

use glassmq_core::names::{LinkId, Name, NodeId};
use glassmq_core::rabbitmq::client::session::Parameters;
use glassmq_core::rabbitmq::fact::Fact;
use glassmq_core::rabbitmq::method::{Close, Frame, Method};
use glassmq_core::rabbitmq::{broker, client};
use glassmq_core::time::Span;
use serde_json::{Value, json};

use super::words::{self, Heard, Place};
use crate::cast::{self, Cast, Command, Setup, Stage};
use crate::disk::DiskPace;
use crate::event::{Event, EventId, Sink, What};
use crate::fault::Fault;
use crate::network::NetworkPace;
use crate::process::ServicePace;
use crate::world::{Scratch, Spec};

/// What passes after every step, as it did when the case was recorded (microseconds).
const QUIET: u64 = 100_000;

/// The wall clock at the start; cases do not depend on it (microseconds since 1970).
const EPOCH: i64 = 1_700_000_000_000_000;

/// A world, and who is who in it.
pub struct Played {
    world: Stage,
    scratch: Scratch<Cast>,
    broker: NodeId,
    /// The client of each connection.
    connections: BTreeMap<String, NodeId>,
    /// The connection and number of each channel.
    channels: BTreeMap<String, (String, u16)>,
    /// Open publishes of each channel in confirm mode, and how many there were.
    unconfirmed: BTreeMap<String, (u64, BTreeSet<u64>)>,
}

/// What a step brought.
pub enum Done {
    /// The reply, and the events in canonical order.
    Heard(Value, Vec<Value>),
    /// The step asks for what the core does not have.
    NotModelled(String),
}

/// What the clients tell while a step settles.
#[derive(Default)]
struct Ear(Vec<(NodeId, Option<Frame>, LinkId)>);

impl Sink<Cast> for Ear {
    fn event(&mut self, event: &Event<'_, Cast>) {
        if let What::Fact {
            fact: cast::Fact::Rabbitmq(fact),
        } = &event.what
        {
            match fact {
                Fact::Heard { link, frame } => {
                    self.0.push((event.node, Some(frame.clone()), *link));
                }
                Fact::HungUp { link } => self.0.push((event.node, None, *link)),
                _ => {}
            }
        }
    }
}

impl Played {
    /// One node, nobody connected.
    pub fn new() -> Self {
        let network = NetworkPace {
            latency: Span::ZERO,
            ..NetworkPace::default()
        };
        let mut played = Played {
            world: Stage::new(0, EPOCH, network),
            scratch: Scratch::default(),
            broker: NodeId(0),
            connections: BTreeMap::new(),
            channels: BTreeMap::new(),
            unconfirmed: BTreeMap::new(),
        };
        let setup = Setup::RabbitmqNode(broker::Setup::new(NodeId(0)));
        played.broker = played.add("rabbit".into(), setup);
        played.settle(QUIET, &mut Ear::default());
        played
    }

    /// Takes a step, with its real names.
    pub fn step(&mut self, step: &Value) -> Done {
        let text = |key: &str| step[key].as_str().unwrap_or_default();
        let mut ear = Ear::default();
        let mut wait = QUIET;
        // Where the reply to this step comes from, if it has one.
        let mut asked = None;
        let mut reply = json!({"none": {}});
        match text("do") {
            "connection.open" => asked = Some((self.connect(step), String::new())),
            "connection.close" => {
                let close = Method::ConnectionClose(goodbye());
                let connection = text("connection").to_string();
                self.send(&connection, 0, close);
                asked = Some((connection, String::new()));
            }
            "connection.drop" => {
                let node = self.connections[text("connection")];
                self.order(node, client::Command::Drop);
            }
            "channel.open" => {
                let (connection, channel) = (text("connection"), text("channel"));
                self.open_channel(connection, channel);
                asked = Some((connection.to_string(), channel.to_string()));
            }
            "sleep" => wait += step["ms"].as_u64().unwrap_or_default() * 1000,
            "broker.restart" => {
                let (node, grace) = (self.broker, 60_000_000);
                let fault = Fault::Stop { node, grace };
                self.world.fault(self.world.now(), fault, EventId::ROOT);
                self.settle(QUIET, &mut ear);
                let fault = Fault::Restart { node };
                self.world.fault(self.world.now(), fault, EventId::ROOT);
                reply = json!({"ok": {}});
            }
            what @ ("vhost.add" | "vhost.delete") => {
                let command = json!({"do": what, "vhost": text("vhost")});
                let command = serde_json::from_value(command).expect("a command");
                let now = self.world.now();
                let command = Command::Rabbitmq(command);
                self.world.order(now, self.broker, command, EventId::ROOT);
                reply = json!({"ok": {}});
            }
            what => {
                let Some((connection, number)) = self.channels.get(text("channel")).cloned() else {
                    return Done::NotModelled(what.to_string());
                };
                let Some(method) = method(step) else {
                    return Done::NotModelled(what.to_string());
                };
                let channel = text("channel").to_string();
                self.note_publish(&channel, &method);
                if answered(&method) {
                    asked = Some((connection.clone(), channel));
                }
                self.send(&connection, number, method);
            }
        }
        self.settle(wait, &mut ear);
        let events = self.sort(ear, asked, &mut reply);
        Done::Heard(reply, events)
    }

    fn connect(&mut self, step: &Value) -> String {
        let text =
            |key: &str, default: &str| -> Name { step[key].as_str().unwrap_or(default).into() };
        let user = text("user", "guest");
        let parameters = Parameters {
            broker: self.broker,
            vhost: text("vhost", "/"),
            password: text("password", &user),
            user,
            heartbeat: Some(0),
        };
        let name = text("connection", "");
        let node = match self.connections.get(&*name) {
            Some(node) => *node,
            None => {
                let setup = Setup::RabbitmqClient(client::Setup {
                    node: NodeId(u32::try_from(self.connections.len() + 1).expect("few")),
                    parameters: parameters.clone(),
                    role: client::Role::Passive,
                });
                let node = self.add(name.clone(), setup);
                self.connections.insert(name.to_string(), node);
                node
            }
        };
        self.order(node, client::Command::Connect(parameters));
        name.to_string()
    }

    /// A channel gets a number that was never used on its connection.
    fn open_channel(&mut self, connection: &str, channel: &str) {
        let used = self.channels.values().filter(|(of, _)| of == connection);
        let number = used.map(|(_, number)| *number).max().unwrap_or_default() + 1;
        let opened = (connection.to_string(), number);
        self.channels.insert(channel.to_string(), opened);
        self.unconfirmed.remove(channel);
        self.send(connection, number, Method::ChannelOpen);
    }

    fn note_publish(&mut self, channel: &str, method: &Method) {
        match method {
            Method::ConfirmSelect => {
                self.unconfirmed.entry(channel.to_string()).or_default();
            }
            Method::BasicPublish(_) => {
                if let Some((count, open)) = self.unconfirmed.get_mut(channel) {
                    *count += 1;
                    open.insert(*count);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, name: Name, setup: Setup) -> NodeId {
        self.world.add(Spec {
            name,
            setup,
            disk: DiskPace::default(),
            service: ServicePace::default(),
            starts: self.world.now(),
        })
    }

    fn send(&mut self, connection: &str, channel: u16, method: Method) {
        let node = self.connections[connection];
        self.order(node, client::Command::Send { channel, method });
    }

    fn order(&mut self, node: NodeId, command: client::Command) {
        let now = self.world.now();
        let command = Command::RabbitmqClient(command);
        self.world.order(now, node, command, EventId::ROOT);
    }

    fn settle(&mut self, wait: u64, ear: &mut Ear) {
        let until = self.world.now() + wait;
        self.world.run_until(until, &mut self.scratch, ear);
    }

    /// Tells the reply from the events, and puts those in order.
    fn sort(
        &mut self,
        ear: Ear,
        mut asked: Option<(String, String)>,
        reply: &mut Value,
    ) -> Vec<Value> {
        let mut events: Vec<(Place, Value)> = Vec::new();
        let mut closed = BTreeSet::new();
        for (node, frame, link) in ear.0 {
            let connection = self.connection_of(node);
            let Some(frame) = frame else {
                // The socket's end after a close is no news; without one it is.
                if !closed.contains(&link) {
                    let event = json!({"connection_closed": {
                        "connection": connection, "code": null,
                        "text": "socket closed by peer",
                    }});
                    events.push((words::of_connection(&connection), event));
                }
                continue;
            };
            let Frame::Method { channel, method } = frame else {
                continue;
            };
            if matches!(
                method,
                Method::ConnectionClose(_) | Method::ConnectionCloseOk
            ) {
                closed.insert(link);
            }
            let channel = self.channel_of(&connection, channel);
            match words::heard(&connection, &channel, &method) {
                Heard::Reply(value) => {
                    if asked.take_if(|asked| asked.0 == connection).is_some() {
                        *reply = value;
                    }
                }
                Heard::Closed(place, word, mut fields) => {
                    let mine = |asked: &mut (String, String)| {
                        asked.0 == connection && (place.of_connection || asked.1 == channel)
                    };
                    if asked.take_if(mine).is_some() {
                        *reply = json!({word: fields});
                    } else {
                        let (key, name) = if place.of_connection {
                            ("connection", &connection)
                        } else {
                            ("channel", &channel)
                        };
                        fields.insert(key.to_string(), json!(name));
                        events.push((place, json!({word: fields})));
                    }
                }
                Heard::Event(place, event) => events.push((place, event)),
                Heard::Confirms {
                    multiple,
                    delivery_tag,
                    ack,
                } => {
                    for tag in self.confirmed(&channel, delivery_tag, multiple) {
                        events.push(words::confirm(&connection, &channel, tag, ack));
                    }
                }
            }
        }
        events.sort_by(|a, b| a.0.cmp(&b.0));
        events.into_iter().map(|(_, event)| event).collect()
    }

    /// The open publishes that a confirm means.
    fn confirmed(&mut self, channel: &str, delivery_tag: u64, multiple: bool) -> Vec<u64> {
        let Some((_, open)) = self.unconfirmed.get_mut(channel) else {
            return vec![delivery_tag];
        };
        let first = if multiple { 0 } else { delivery_tag };
        let tags: Vec<u64> = open.range(first..=delivery_tag).copied().collect();
        for tag in &tags {
            open.remove(tag);
        }
        tags
    }

    fn connection_of(&self, node: NodeId) -> String {
        let found = self.connections.iter().find(|(_, of)| **of == node);
        found.map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn channel_of(&self, connection: &str, number: u16) -> String {
        let mut channels = self.channels.iter();
        let found = channels.find(|(_, (of, n))| of == connection && *n == number);
        found.map(|(name, _)| name.clone()).unwrap_or_default()
    }
}

/// The method that a step sends.
fn method(step: &Value) -> Option<Method> {
    let mut fields = step.as_object()?.clone();
    let name = fields.remove("do")?;
    fields.insert("method".to_string(), name);
    if fields["method"] == "channel.close" {
        return Some(Method::ChannelClose(goodbye()));
    }
    serde_json::from_value(Value::Object(fields)).ok()
}

/// Whether the protocol has an answer to it.
fn answered(method: &Method) -> bool {
    !matches!(
        method,
        Method::BasicPublish(_)
            | Method::BasicAck(_)
            | Method::BasicNack(_)
            | Method::BasicReject(_)
    )
}

fn goodbye() -> Close {
    Close {
        reply_code: 200,
        reply_text: "Normal shutdown".into(),
    }
}
