//! Hand-made histories: a run written down as text, for what only reads events.
//!
//! A line is one step: its number, the time if it matters (`@5s`), who, and what it tells; a
//! number behind `<` is the step that triggered it. Words are RabbitMQ's or Kafka's:
//!
//! ```text
//! nodes shop rabbit
//! 1 shop sent shop/0
//! 2 rabbit enqueued shop/0 hello
//! 3 @5s crash rabbit power
//! ```

use std::collections::BTreeMap;
use std::rc::Rc;

use glassmq_core::kafka::api::data::{Acks, EpochEnd};
use glassmq_core::kafka::error::ErrorCode;
use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::{ClientFact, ClientWhat};
use glassmq_core::kafka::fact::control::ControlFact;
use glassmq_core::kafka::fact::replica::{
    Appender, Replica, ReplicaFact, ReplicaWhat, TruncatedBecause,
};
use glassmq_core::kafka::topic::{BrokerId, TopicPartition};
use glassmq_core::machine::Input;
use glassmq_core::names::{LinkId, MessageId, Name, NodeId};
use glassmq_core::rabbitmq::fact::{Drop, Fact as Rabbitmq, QueueCopy, Requeue, Tag};
use glassmq_core::rabbitmq::message::Content;
use glassmq_core::rabbitmq::method::{BasicDeliver, Frame, Method};

use glassmq_sim::cast::{Cast, Fact, Wire};
use glassmq_sim::event::{Event, EventId, Loss, What};
use glassmq_sim::fault::{Fault, Lose, Toll};
use glassmq_sim::play::names::Names;

/// The connection of all frames.
const LINK: LinkId = LinkId {
    opener: NodeId(0),
    ordinal: 0,
};

/// A history, ready to be told.
pub struct History {
    /// The names of the processes.
    pub nodes: Vec<Name>,
    /// The end of the run, in microseconds.
    pub until: u64,
    lines: Vec<Line>,
}

struct Line {
    step: u32,
    cause: u32,
    at: u64,
    who: String,
    words: Vec<String>,
}

impl History {
    /// Reads a history.
    pub fn read(text: &str) -> History {
        let mut history = History {
            nodes: Vec::new(),
            until: 0,
            lines: Vec::new(),
        };
        let mut at = 0;
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or("").trim();
            let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            match words.first().map(String::as_str) {
                None => continue,
                Some("nodes") => {
                    history.nodes = words.iter().skip(1).map(|w| (**w).into()).collect()
                }
                Some("until") => history.until = seconds(&words[1]),
                Some(_) => {
                    let step = words.remove(0).parse().expect(line);
                    at += 1000;
                    if let Some(time) = words[0].strip_prefix('@') {
                        at = seconds(time);
                        words.remove(0);
                    }
                    let last = words.last().expect(line);
                    let cause = last.strip_prefix('<').map(|step| step.parse().expect(line));
                    if cause.is_some() {
                        words.pop();
                    }
                    history.lines.push(Line {
                        step,
                        cause: cause.unwrap_or(0),
                        at,
                        who: words.remove(0),
                        words,
                    });
                }
            }
        }
        history.until = history.until.max(at);
        history
    }

    /// Who is who.
    pub fn names(&self) -> Rc<Names> {
        Rc::new(Names::new(self.nodes.iter().cloned()))
    }

    /// Tells every event, in order.
    pub fn tell(&self, mut see: impl FnMut(&Event<'_, Cast>)) {
        let mut lives = BTreeMap::new();
        for line in &self.lines {
            let mut n = 0;
            let mut event = |node, what: What<'_, Cast>| {
                let id = EventId { step: line.step, n };
                n += 1;
                let cause = EventId {
                    step: line.cause,
                    n: 0,
                };
                let at = line.at;
                see(&Event {
                    id,
                    cause,
                    at,
                    node,
                    what,
                });
            };
            let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
            match line.who.as_str() {
                "boot" => {
                    let node = self.node(words[0]);
                    let life = lives.entry(node).and_modify(|life| *life += 1).or_insert(0);
                    event(node, What::Booted { incarnation: *life });
                }
                "crash" | "restart" | "cut" | "heal" | "hold" | "fill" | "pause" | "resume" => {
                    let fault = self.fault(&line.who, &words);
                    let node = fault.node().unwrap_or(NodeId(0));
                    let toll = Toll::default();
                    event(
                        node,
                        What::Faulted {
                            fault: &fault,
                            toll,
                        },
                    );
                }
                // frame FROM MESSAGE, arrives TO MESSAGE <STEP, lost TO MESSAGE <STEP
                "frame" | "arrives" | "lost" => {
                    let node = self.node(words[0]);
                    let message = Wire::Amqp(self.delivery(words[1]));
                    let sent = EventId {
                        step: line.cause,
                        n: 0,
                    };
                    let why = Loss::Reset;
                    let arrived = Input::Message {
                        link: LINK,
                        message: message.clone(),
                    };
                    let (link, message) = (LINK, &message);
                    let what = match line.who.as_str() {
                        "frame" => What::Sent { link, message },
                        "lost" => What::Lost {
                            link,
                            message,
                            sent,
                            why,
                        },
                        _ => What::Took {
                            input: &arrived,
                            waited: false,
                        },
                    };
                    event(node, what);
                }
                who => {
                    let node = self.node(who);
                    for fact in self.facts(node, &words) {
                        event(node, What::Fact { fact: &fact });
                    }
                }
            }
        }
    }

    /// A frame that brings a message.
    fn delivery(&self, message: &str) -> Frame {
        let content = Content {
            message: self.named(message),
            ..Content::default()
        };
        Frame::new(
            1,
            Method::BasicDeliver(BasicDeliver {
                consumer_tag: "ctag1".into(),
                delivery_tag: 1,
                redelivered: false,
                exchange: "".into(),
                routing_key: "".into(),
                content,
            }),
        )
    }

    fn fault(&self, kind: &str, words: &[&str]) -> Fault {
        let node = |at: usize| self.node(words[at]);
        match kind {
            "crash" => Fault::Crash {
                node: node(0),
                lose: match words.get(1) {
                    Some(&"power") => Lose::Power,
                    _ => Lose::Process,
                },
                after_effects: None,
            },
            "restart" => Fault::Restart { node: node(0) },
            "pause" => Fault::Pause { node: node(0) },
            "resume" => Fault::Resume { node: node(0) },
            "hold" => Fault::Hold {
                from: node(0),
                to: node(1),
                since: None,
            },
            "fill" => Fault::DiskFree {
                node: node(0),
                bytes: Some(0),
            },
            "cut" => Fault::Cut {
                from: vec![node(0)],
                to: vec![node(1)],
            },
            _ => Fault::Heal,
        }
    }

    fn node(&self, name: &str) -> NodeId {
        let at = self.nodes.iter().position(|known| **known == *name);
        NodeId(at.unwrap_or_else(|| panic!("no node {name}")) as u32)
    }

    fn message(&self, word: &str) -> MessageId {
        let (client, n) = word.split_once('/').unwrap_or_else(|| panic!("{word}"));
        MessageId {
            client: self.node(client),
            n: n.parse().expect(word),
        }
    }

    fn named(&self, word: &str) -> Option<MessageId> {
        (word != "-").then(|| self.message(word))
    }

    fn facts(&self, node: NodeId, words: &[&str]) -> Vec<Fact> {
        let rabbitmq = self
            .rabbitmq(node, words)
            .map(|fact| vec![Fact::Rabbitmq(fact)]);
        let kafka = || self.kafka(node, words);
        rabbitmq
            .or_else(|| Some(kafka()?.into_iter().map(Fact::Kafka).collect()))
            .unwrap_or_else(|| panic!("not a fact: {}", words.join(" ")))
    }

    fn rabbitmq(&self, node: NodeId, words: &[&str]) -> Option<Rabbitmq> {
        let has = |word| words.contains(&word);
        let message = || self.named(words[1]);
        let id = || self.message(words[1]);
        let copy = || QueueCopy {
            message: message(),
            node,
            queue: words[2].into(),
        };
        let link = LINK;
        let tag = Tag {
            link,
            channel: 1,
            delivery_tag: 1,
        };
        Some(match words[0] {
            "sent" => Rabbitmq::Sent {
                message: id(),
                attempt: if has("again") { 2 } else { 1 },
            },
            "confirmed" => Rabbitmq::PublishConfirmed { message: id() },
            "nacked" => Rabbitmq::PublishNacked { message: id() },
            "got-back" => Rabbitmq::PublishReturned { message: id() },
            "unknown" => Rabbitmq::PublishUnknown { message: id() },
            "received" => Rabbitmq::Received {
                node,
                message: message(),
                consumer: None,
                redelivered: false,
            },
            "enqueued" => Rabbitmq::Enqueued {
                copy: copy(),
                persistent: !has("transient"),
            },
            "confirms" => Rabbitmq::Confirmed {
                message: message(),
                tag,
                copies: vec![copy()],
            },
            "consumer" => Rabbitmq::ConsumerStarted {
                queue: words[1].into(),
                tag: "ctag1".into(),
                link,
                channel: 1,
            },
            "delivered" => Rabbitmq::Delivered {
                copy: copy(),
                consumer: None,
                tag,
                redelivered: has("redelivered"),
            },
            "acked" => Rabbitmq::Acknowledged {
                copy: copy(),
                automatic: has("automatic"),
            },
            "requeued" => Rabbitmq::Requeued {
                copy: copy(),
                why: Requeue::Asked,
            },
            "expired" => Rabbitmq::Expired { copy: copy() },
            "rejected" => Rabbitmq::Dropped {
                copy: copy(),
                why: Drop::Rejected,
            },
            "overflowed" => Rabbitmq::Dropped {
                copy: copy(),
                why: Drop::MaxLength,
            },
            "purged" => Rabbitmq::Dropped {
                copy: copy(),
                why: Drop::Purged,
            },
            "recovered" => Rabbitmq::Recovered {
                copy: copy(),
                redelivered: false,
            },
            "unroutable" => Rabbitmq::DroppedUnroutable {
                message: message(),
                exchange: words[2].into(),
            },
            _ => return None,
        })
    }

    fn kafka(&self, node: NodeId, words: &[&str]) -> Option<Vec<Kafka>> {
        if let Some(fact) = self.control(words) {
            return Some(vec![Kafka::Control(fact)]);
        }
        if let Some(what) = self.replica(words) {
            let name = &self.nodes[node.0 as usize];
            let broker = BrokerId(name.rsplit('-').next()?.parse().ok()?);
            let partition = partition(words[1]);
            let replica = Replica {
                node,
                broker,
                partition,
            };
            return Some(vec![Kafka::Replica(ReplicaFact { replica, what })]);
        }
        let client = |what| Kafka::Client(ClientFact { client: node, what });
        Some(self.client(words)?.into_iter().map(client).collect())
    }

    fn control(&self, words: &[&str]) -> Option<ControlFact> {
        Some(match words[0] {
            "quorum-led-by" => ControlFact::Elected {
                node: self.node(words[1]),
                epoch: number(words[2]),
                granting_voters: Vec::new(),
            },
            "quorum-watermark" => ControlFact::HighWatermark {
                node: self.node(words[1]),
                offset: number(words[2]).into(),
            },
            "fenced" => ControlFact::BrokerFenced {
                node: self.node(words[1]),
                broker: BrokerId(1),
            },
            // elected orders-0 broker epoch [instead of node]
            "elected" => ControlFact::PartitionLeader {
                partition: partition(words[1]),
                leader: Some(BrokerId(number(words[2]))),
                leader_epoch: number(words[3]),
                unclean: words.contains(&"unclean"),
                was: words.get(6).map(|node| self.node(node)),
            },
            // in-sync orders-0 1,2,3 to 2,3
            "in-sync" => ControlFact::Isr {
                partition: partition(words[1]),
                from: brokers(words[2]),
                to: brokers(words[4]),
                leader: None,
            },
            _ => return None,
        })
    }

    fn replica(&self, words: &[&str]) -> Option<ReplicaWhat> {
        // appended orders-0 offset epoch messages...
        let appended = |by| {
            let base_offset = number(words[2]).into();
            let messages: Vec<_> = (base_offset..).zip(&words[4..]).collect();
            ReplicaWhat::Appended {
                base_offset,
                log_end: base_offset + messages.len() as u64,
                leader_epoch: number(words[3]),
                by,
                messages: messages
                    .into_iter()
                    .filter_map(|(offset, word)| Some((offset, self.named(word)?)))
                    .collect(),
            }
        };
        Some(match words[0] {
            "opened" => ReplicaWhat::Opened {
                log_end: number(words[2]).into(),
                high_watermark: number(words[2]).into(),
            },
            "appended" => appended(Appender::Leader),
            "replicated" => appended(Appender::Follower),
            // truncated orders-0 from to messages...
            "truncated" => {
                let (from, to): (u64, u64) = (number(words[2]).into(), number(words[3]).into());
                let end_offset = to;
                ReplicaWhat::Truncated {
                    from,
                    to,
                    because: TruncatedBecause::LeaderEpoch(EpochEnd {
                        epoch: 0,
                        end_offset,
                    }),
                    messages: (to..)
                        .zip(&words[4..])
                        .filter_map(|(offset, word)| Some((offset, self.named(word)?)))
                        .collect(),
                }
            }
            // watermark orders-0 from to [leader]
            "watermark" => ReplicaWhat::HighWatermark {
                from: number(words[2]).into(),
                to: number(words[3]).into(),
                leader: words.contains(&"leader"),
            },
            // leads orders-0 epoch offset
            "leads" => ReplicaWhat::BecameLeader {
                epoch: number(words[2]),
                start_offset: number(words[3]).into(),
                isr: Vec::new(),
            },
            // follows orders-0 broker epoch
            "follows" => ReplicaWhat::BecameFollower {
                epoch: number(words[3]),
                leader: Some(BrokerId(number(words[2]))),
            },
            // answered orders-0 acks messages...
            "answered" => ReplicaWhat::Answered {
                acks: match words[2] {
                    "all" => Acks::All,
                    "1" => Acks::Leader,
                    _ => Acks::None,
                },
                error: ErrorCode::None,
                base_offset: Some(0),
                messages: words[3..].iter().map(|word| self.message(word)).collect(),
            },
            _ => return None,
        })
    }

    fn client(&self, words: &[&str]) -> Option<Vec<ClientWhat>> {
        let messages = |from: usize| -> Vec<MessageId> {
            words[from..]
                .iter()
                .map(|word| self.message(word))
                .collect()
        };
        let place = || partition(words[1]);
        Some(vec![match words[0] {
            // sends orders-0 message [key], which is at once in flight
            "sends" => {
                let message = self.message(words[2]);
                return Some(vec![
                    ClientWhat::Sent {
                        message,
                        topic: place().topic,
                        key: words.get(3).map(|key| (*key).into()),
                    },
                    ClientWhat::Buffered {
                        message,
                        partition: place(),
                    },
                    ClientWhat::InFlight {
                        messages: vec![message],
                        partition: place(),
                        to: BrokerId(1),
                        attempt: 1,
                    },
                ]);
            }
            "resends" => ClientWhat::InFlight {
                messages: messages(2),
                partition: place(),
                to: BrokerId(1),
                attempt: 2,
            },
            "retries" => ClientWhat::Retried {
                messages: messages(2),
                partition: place(),
                error: ErrorCode::RequestTimedOut,
            },
            "acknowledged" => ClientWhat::Acknowledged {
                messages: messages(2),
                partition: place(),
                base_offset: None,
            },
            "failed" => ClientWhat::Failed {
                messages: messages(2),
                partition: Some(place()),
                error: ErrorCode::RequestTimedOut,
            },
            "indeterminate" => ClientWhat::Indeterminate {
                messages: messages(2),
                partition: place(),
                error: ErrorCode::RequestTimedOut,
            },
            // got orders-0 offset message
            "got" => ClientWhat::Delivered {
                group: None,
                partition: place(),
                offset: number(words[2]).into(),
                message: self.named(words[3]),
            },
            "assigned" => ClientWhat::Assigned {
                group: words.get(2).map(|group| (*group).into()),
                generation: Some(1),
                partitions: vec![place()],
            },
            // commits orders-0 offset group
            "commits" => ClientWhat::Committed {
                group: words[3].into(),
                offsets: vec![(place(), number(words[2]).into())],
            },
            // jumps orders-0 from to
            "jumps" => ClientWhat::PositionReset {
                partition: place(),
                from: Some(number(words[2]).into()),
                to: number(words[3]).into(),
            },
            _ => return None,
        }])
    }
}

fn partition(word: &str) -> TopicPartition {
    let (topic, number) = word.rsplit_once('-').unwrap_or_else(|| panic!("{word}"));
    TopicPartition::new(&topic.into(), number.parse().expect(word))
}

fn brokers(word: &str) -> Vec<BrokerId> {
    word.split(',').map(|id| BrokerId(number(id))).collect()
}

fn number(word: &str) -> u32 {
    word.parse()
        .unwrap_or_else(|_| panic!("{word} is no number"))
}

fn seconds(word: &str) -> u64 {
    let number = word.strip_suffix('s').unwrap_or(word);
    number.parse::<u64>().expect(word) * 1_000_000
}
