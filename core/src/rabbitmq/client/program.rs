//! A program told line by line, as it would be written with pika's blocking connection: each call
//! waits for its answer before the next line runs, and an exception ends the program.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::call::{Call, Step};
use super::session::{News, Session};
use super::{Client, ClientView, Timer};
use crate::fingerprint::Fingerprint;
use crate::machine::{Input, Out};
use crate::names::{MessageId, Name, NodeId};
use crate::rabbitmq::fact::Fact;
use crate::rabbitmq::message::{Content, Properties};
use crate::rabbitmq::method::{
    BasicAck, BasicConsume, BasicGet, BasicNack, BasicPublish, BasicReject, Close, Method,
};
use crate::shared::SortedMap;

/// A running program.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Program {
    node: NodeId,
    blocks: Vec<Block>,
    wait: Wait,
    session: Option<Session>,
    channel: u16,
    /// What each consumer's callback does.
    callbacks: SortedMap<Name, Rc<[Step]>>,
    /// Delivered, and no callback has begun.
    inbox: VecDeque<AtHand>,
    at_hand: Option<AtHand>,
    /// Publishes since `confirm_delivery`, if it was called.
    confirms: Option<u64>,
    /// The publish that is waited for came back.
    returned: bool,
    /// An exception that the next call raises.
    failed: Option<Name>,
    sent: u32,
    processed: u32,
}

/// A list of steps under way.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
struct Block {
    steps: Rc<[Step]>,
    next: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
enum Kind {
    Main,
    Loop { round: u32, times: u32 },
    Callback,
}

/// What the current call waits for.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
enum Wait {
    /// Nothing: the next line runs.
    Nothing,
    Connection,
    Answer,
    /// The answer to `basic_consume`, then this is its callback.
    Consume(Rc<[Step]>),
    Confirm,
    Sleep,
    Messages,
    Close,
}

/// A message that the program holds.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
struct AtHand {
    consumer: Option<Name>,
    delivery_tag: u64,
    redelivered: bool,
    content: Content,
}

impl Program {
    /// Starts with the first line.
    pub fn start(setup: &super::Setup, steps: &Rc<[Step]>, out: &mut Out<Client>) -> Self {
        let mut program = Program {
            node: setup.node,
            blocks: Vec::new(),
            wait: Wait::Nothing,
            session: None,
            channel: 0,
            callbacks: SortedMap::new(),
            inbox: VecDeque::new(),
            at_hand: None,
            confirms: None,
            returned: false,
            failed: None,
            sent: 0,
            processed: 0,
        };
        program.enter(steps, Kind::Main);
        program.run(out);
        program
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Client>, out: &mut Out<Client>) {
        match input {
            Input::Connected { .. } => {
                if let Some(session) = &mut self.session {
                    session.connected(out);
                }
            }
            Input::Message { message, .. } => {
                let Some(session) = &mut self.session else {
                    return;
                };
                match session.frame(message, out) {
                    News::None => {}
                    News::Open => self.go_on(out),
                    News::Method(_, method) => self.method(method, out),
                    News::Closed(close) => self.fail("ConnectionClosedByBroker", &close, out),
                    News::Done => {
                        self.session = None;
                        self.go_on(out);
                    }
                }
            }
            Input::Refused { .. } => self.raise("AMQPConnectionError".into(), out),
            Input::Disconnected { .. } => {
                let lost = self.session.take();
                if lost.is_some() {
                    self.raise("StreamLostError".into(), out);
                }
            }
            Input::Timer(Timer::Work) => self.go_on(out),
            Input::Timer(Timer::HeartbeatSend) => {
                let asleep = self.wait == Wait::Sleep;
                if let Some(session) = &mut self.session {
                    if asleep {
                        session.heartbeat_missed(out);
                    } else {
                        session.heartbeat_send(out);
                    }
                }
            }
            Input::Timer(Timer::HeartbeatCheck) => {
                if let Some(session) = &mut self.session
                    && session.heartbeat_check(out)
                {
                    self.session = None;
                    self.raise("AMQPHeartbeatTimeout".into(), out);
                }
            }
            Input::Stop => out.exit(),
            _ => {}
        }
    }

    /// What an inspector shows.
    #[must_use]
    pub fn view(&self) -> ClientView {
        ClientView {
            connected: self.session.as_ref().is_some_and(Session::is_open),
            sent: self.sent,
            unconfirmed: u32::from(self.wait == Wait::Confirm),
            waiting: u32::try_from(self.inbox.len()).unwrap_or(u32::MAX),
            processed: self.processed,
        }
    }

    /// Runs line after line until a call has to wait, or the program ends.
    fn run(&mut self, out: &mut Out<Client>) {
        while self.wait == Wait::Nothing {
            if let Some(exception) = self.failed.take() {
                self.raise(exception, out);
                return;
            }
            let Some(block) = self.blocks.last_mut() else {
                out.exit();
                return;
            };
            match block.steps.get(block.next as usize).cloned() {
                Some(step) => {
                    block.next += 1;
                    out.tell(Fact::Line {
                        node: self.node,
                        line: step.line,
                    });
                    self.call(step.call, out);
                }
                None => self.leave(out),
            }
        }
    }

    /// The answer came: the next line runs.
    fn go_on(&mut self, out: &mut Out<Client>) {
        self.wait = Wait::Nothing;
        self.run(out);
    }

    fn enter(&mut self, steps: &Rc<[Step]>, kind: Kind) {
        self.blocks.push(Block {
            steps: steps.clone(),
            next: 0,
            kind,
        });
    }

    /// A list of steps is at its end.
    fn leave(&mut self, out: &mut Out<Client>) {
        let Some(mut block) = self.blocks.pop() else {
            return;
        };
        match block.kind {
            Kind::Main => {}
            Kind::Loop { round, times } if round + 1 < times => {
                block.next = 0;
                let round = round + 1;
                block.kind = Kind::Loop { round, times };
                self.blocks.push(block);
            }
            Kind::Loop { .. } => {}
            Kind::Callback => {
                if let Some(done) = self.at_hand.take() {
                    self.processed += 1;
                    out.tell(Fact::Processed {
                        node: self.node,
                        message: done.content.message,
                    });
                }
                self.wait_for_messages(out);
            }
        }
    }

    fn call(&mut self, call: Call, out: &mut Out<Client>) {
        match call {
            Call::Sleep(span) => {
                self.wait = Wait::Sleep;
                out.arm(Timer::Work, span);
            }
            Call::Print(text) => self.print(&text, out),
            Call::Repeat { times: 0, .. } => {}
            Call::Repeat { times, steps } => self.enter(&steps, Kind::Loop { round: 0, times }),
            Call::BlockingConnection(parameters) => {
                self.wait = Wait::Connection;
                self.session = Some(Session::connect(&parameters, out));
            }
            Call::Channel => {
                self.channel += 1;
                self.confirms = None;
                self.ask(Method::ChannelOpen, out);
            }
            Call::ConfirmDelivery => {
                self.confirms = Some(0);
                self.ask(Method::ConfirmSelect, out);
            }
            Call::Ask(method) => self.ask(method, out),
            Call::BasicPublish {
                exchange,
                routing_key,
                body,
                mandatory,
                delivery_mode,
            } => {
                let properties = Properties {
                    delivery_mode,
                    ..Properties::default()
                };
                let content = Content::new(properties, self.filled(&body).as_str().into());
                self.publish(
                    BasicPublish {
                        exchange,
                        routing_key: self.filled(&routing_key).into(),
                        mandatory,
                        immediate: false,
                        content,
                    },
                    out,
                );
            }
            Call::BasicGet { queue, auto_ack } => {
                let no_ack = auto_ack;
                self.ask(Method::BasicGet(BasicGet { queue, no_ack }), out);
            }
            Call::BasicConsume {
                queue,
                auto_ack,
                on_message,
            } => {
                let consume = BasicConsume {
                    queue,
                    no_ack: auto_ack,
                    ..BasicConsume::default()
                };
                self.send(Method::BasicConsume(consume), out);
                self.wait = Wait::Consume(on_message);
            }
            Call::StartConsuming => self.wait_for_messages(out),
            Call::BasicAck => self.settle(out, |delivery_tag| {
                let multiple = false;
                Method::BasicAck(BasicAck {
                    delivery_tag,
                    multiple,
                })
            }),
            Call::BasicNack { requeue } => self.settle(out, |delivery_tag| {
                let multiple = false;
                Method::BasicNack(BasicNack {
                    delivery_tag,
                    multiple,
                    requeue,
                })
            }),
            Call::BasicReject { requeue } => self.settle(out, |delivery_tag| {
                Method::BasicReject(BasicReject {
                    delivery_tag,
                    requeue,
                })
            }),
            Call::Close => {
                if let Some(session) = &mut self.session {
                    self.wait = Wait::Close;
                    session.close(out);
                }
            }
        }
    }

    fn send(&mut self, method: Method, out: &mut Out<Client>) {
        if let Some(session) = &mut self.session {
            session.send(self.channel, method, out);
        }
    }

    fn ask(&mut self, method: Method, out: &mut Out<Client>) {
        self.wait = Wait::Answer;
        self.send(method, out);
    }

    fn publish(&mut self, mut publish: BasicPublish, out: &mut Out<Client>) {
        let message = MessageId {
            client: self.node,
            n: self.sent,
        };
        self.sent += 1;
        publish.content.message = Some(message);
        out.tell(Fact::Sent {
            message,
            attempt: 1,
        });
        if let Some(count) = &mut self.confirms {
            *count += 1;
            self.returned = false;
            self.wait = Wait::Confirm;
        }
        self.send(Method::BasicPublish(publish), out);
    }

    fn settle(&mut self, out: &mut Out<Client>, method: impl FnOnce(u64) -> Method) {
        if let Some(delivery_tag) = self.at_hand.as_ref().map(|message| message.delivery_tag) {
            self.send(method(delivery_tag), out);
        }
    }

    fn print(&mut self, text: &str, out: &mut Out<Client>) {
        let text = match &self.at_hand {
            Some(message) if text.is_empty() => {
                String::from_utf8_lossy(message.content.body.bytes()).into_owned()
            }
            _ => self.filled(text),
        };
        out.tell(Fact::Printed {
            node: self.node,
            text: text.into(),
        });
    }

    /// A text with the round of the innermost loop in the place of `{i}`.
    fn filled(&self, text: &str) -> String {
        let round = self.blocks.iter().rev().find_map(|block| match block.kind {
            Kind::Loop { round, .. } => Some(round),
            _ => None,
        });
        match round {
            Some(round) => text.replace("{i}", &alloc::format!("{round}")),
            None => String::from(text),
        }
    }

    /// `start_consuming` waits for as long as there is a consumer.
    fn wait_for_messages(&mut self, out: &mut Out<Client>) {
        self.wait = if self.callbacks.is_empty() {
            Wait::Nothing
        } else {
            Wait::Messages
        };
        self.begin(out);
    }

    /// Calls back with the next message, if one is there and nothing else is at hand.
    fn begin(&mut self, out: &mut Out<Client>) {
        if self.wait != Wait::Messages {
            return;
        }
        let Some(message) = self.inbox.pop_front() else {
            return;
        };
        let tag = message.consumer.clone().unwrap_or_default();
        if let Some(steps) = self.callbacks.get(&tag).cloned() {
            self.receive(message, out);
            self.wait = Wait::Nothing;
            self.enter(&steps, Kind::Callback);
        }
    }

    fn receive(&mut self, message: AtHand, out: &mut Out<Client>) {
        out.tell(Fact::Received {
            node: self.node,
            message: message.content.message,
            consumer: message.consumer.clone(),
            redelivered: message.redelivered,
        });
        self.at_hand = Some(message);
    }

    fn method(&mut self, method: Method, out: &mut Out<Client>) {
        match method {
            Method::BasicDeliver(m) => {
                self.inbox.push_back(AtHand {
                    consumer: Some(m.consumer_tag),
                    delivery_tag: m.delivery_tag,
                    redelivered: m.redelivered,
                    content: m.content,
                });
                self.begin(out);
                self.run(out);
            }
            Method::BasicReturn(m) => {
                self.returned = true;
                if let Some(message) = m.content.message {
                    out.tell(Fact::PublishReturned { message });
                }
            }
            Method::BasicAck(_) => self.confirmed(true, out),
            Method::BasicNack(_) => self.confirmed(false, out),
            Method::BasicCancel(m) => {
                self.callbacks.remove(&m.consumer_tag);
                if self.wait == Wait::Messages && self.callbacks.is_empty() {
                    self.go_on(out);
                }
            }
            Method::ChannelClose(close) => {
                self.send(Method::ChannelCloseOk, out);
                self.fail("ChannelClosedByBroker", &close, out);
            }
            Method::BasicConsumeOk(m) => {
                if let Wait::Consume(steps) = core::mem::replace(&mut self.wait, Wait::Nothing) {
                    self.callbacks.insert(m.consumer_tag, steps);
                }
                self.run(out);
            }
            Method::BasicGetOk(m) => {
                let message = AtHand {
                    consumer: None,
                    delivery_tag: m.delivery_tag,
                    redelivered: m.redelivered,
                    content: m.content,
                };
                self.receive(message, out);
                self.go_on(out);
            }
            Method::BasicGetEmpty => {
                self.at_hand = None;
                self.go_on(out);
            }
            _ if self.wait == Wait::Answer => self.go_on(out),
            _ => {}
        }
    }

    /// The one publish that is waited for was confirmed or refused.
    fn confirmed(&mut self, ack: bool, out: &mut Out<Client>) {
        let message = MessageId {
            client: self.node,
            n: self.sent.saturating_sub(1),
        };
        if !ack {
            out.tell(Fact::PublishNacked { message });
            self.raise("NackError".into(), out);
            return;
        }
        out.tell(Fact::PublishConfirmed { message });
        if self.returned {
            self.raise("UnroutableError".into(), out);
        } else if self.wait == Wait::Confirm {
            self.go_on(out);
        }
    }

    fn fail(&mut self, exception: &str, close: &Close, out: &mut Out<Client>) {
        let (code, text) = (close.reply_code, &close.reply_text);
        let exception: Name = alloc::format!("{exception}: ({code}, {text:?})").into();
        self.raise(exception, out);
    }

    /// An exception ends the program; one that comes during a sleep waits for the next call.
    fn raise(&mut self, exception: Name, out: &mut Out<Client>) {
        if self.wait == Wait::Sleep {
            self.failed.get_or_insert(exception);
            return;
        }
        out.tell(Fact::Raised {
            node: self.node,
            exception,
        });
        self.blocks.clear();
        out.exit();
    }
}
