//! An application that publishes: on a schedule, with confirms if it asks for them. When its
//! connection ends before a message is confirmed, it connects again and sends that message again,
//! as pika's users write it; so the message may arrive twice.

use alloc::rc::Rc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::session::{News, Parameters, Session};
use super::{Client, ClientView, RECONNECT, Timer};
use crate::fingerprint::Fingerprint;
use crate::machine::{Input, Out};
use crate::names::{MessageId, Name, NodeId};
use crate::rabbitmq::fact::Fact;
use crate::rabbitmq::message::{Body, Content, Properties};
use crate::rabbitmq::method::{BasicPublish, Close, Method};
use crate::shared::SortedMap;
use crate::time::Span;

/// The channel that it works on.
const CHANNEL: u16 = 1;

/// What it publishes, and when.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Setup {
    /// To which exchange; empty: the default one.
    pub exchange: Name,
    /// With which keys, in turn.
    pub routing_keys: Vec<Name>,
    /// Whether it asks for confirms.
    pub confirm: bool,
    /// Whether a message that no queue takes comes back.
    pub mandatory: bool,
    /// 1: transient, 2: persistent.
    pub delivery_mode: u8,
    /// From one message to the next.
    pub every: Span,
    /// How many; none: without end.
    pub count: Option<u32>,
    /// How large each body is, in bytes.
    pub size: u32,
}

/// The application.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Publisher {
    node: NodeId,
    parameters: Parameters,
    setup: Setup,
    /// Those of each message.
    properties: Rc<Properties>,
    session: Option<Session>,
    /// The channel is ready for publishing.
    ready: bool,
    /// A message fell due while it was not.
    due: bool,
    /// It had enough, or an error ended it.
    finished: bool,
    next: u32,
    /// Publishes on this channel, in confirm mode.
    published: u64,
    /// Publishes that are not confirmed, by their number on the channel.
    unconfirmed: SortedMap<u64, MessageId>,
    /// To be sent again, in the order of the first sending, and how often they were sent.
    again: SortedMap<u32, u32>,
    /// How often each unconfirmed message was sent.
    attempts: SortedMap<u32, u32>,
}

impl Publisher {
    /// Starts: connects.
    pub fn start(setup: &super::Setup, role: &Setup, out: &mut Out<Client>) -> Self {
        let properties = Properties {
            delivery_mode: Some(role.delivery_mode),
            ..Properties::default()
        };
        Publisher {
            node: setup.node,
            properties: Rc::new(properties),
            parameters: setup.parameters.clone(),
            setup: role.clone(),
            session: Some(Session::connect(&setup.parameters, out)),
            ready: false,
            due: true,
            finished: false,
            next: 0,
            published: 0,
            unconfirmed: SortedMap::new(),
            again: SortedMap::new(),
            attempts: SortedMap::new(),
        }
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
                    News::Open => session.send(CHANNEL, Method::ChannelOpen, out),
                    News::Method(_, method) => self.method(method, out),
                    News::Closed(close) => self.closed(&close, out),
                    News::Done => self.session = None,
                }
            }
            Input::Refused { .. } | Input::Disconnected { .. } => {
                if let Some(mut session) = self.session.take() {
                    session.end(out);
                    self.lost(out);
                }
            }
            Input::Timer(Timer::Reconnect) => {
                self.session = Some(Session::connect(&self.parameters, out));
            }
            Input::Timer(Timer::Send) => {
                self.due = true;
                self.publish_due(out);
            }
            Input::Timer(Timer::HeartbeatSend) => {
                if let Some(session) = &mut self.session {
                    session.heartbeat_send(out);
                }
            }
            Input::Timer(Timer::HeartbeatCheck) => {
                if let Some(session) = &mut self.session
                    && session.heartbeat_check(out)
                {
                    self.session = None;
                    self.lost(out);
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
            sent: self.next,
            unconfirmed: u32::try_from(self.unconfirmed.len()).unwrap_or(u32::MAX),
            ..ClientView::default()
        }
    }

    fn method(&mut self, method: Method, out: &mut Out<Client>) {
        match method {
            Method::ChannelOpenOk if self.setup.confirm => {
                self.send(Method::ConfirmSelect, out);
            }
            Method::ChannelOpenOk | Method::ConfirmSelectOk => {
                self.ready = true;
                for (n, attempts) in core::mem::take(&mut self.again) {
                    self.publish(n, attempts + 1, out);
                }
                self.publish_due(out);
            }
            Method::BasicAck(ack) => {
                for message in self.settled(ack.delivery_tag, ack.multiple) {
                    out.tell(Fact::PublishConfirmed { message });
                }
                self.end_if_done(out);
            }
            Method::BasicNack(nack) => {
                for message in self.settled(nack.delivery_tag, nack.multiple) {
                    out.tell(Fact::PublishNacked { message });
                }
                self.end_if_done(out);
            }
            Method::BasicReturn(returned) => {
                if let Some(message) = returned.content.message {
                    out.tell(Fact::PublishReturned { message });
                }
            }
            Method::ChannelClose(close) => {
                self.send(Method::ChannelCloseOk, out);
                self.raise("ChannelClosedByBroker", &close, out);
                if let Some(session) = &mut self.session {
                    session.close(out);
                }
            }
            _ => {}
        }
    }

    fn settled(&mut self, number: u64, multiple: bool) -> Vec<MessageId> {
        let first = if multiple { 0 } else { number };
        let numbers: Vec<u64> = self
            .unconfirmed
            .range(first..=number)
            .map(|(number, _)| *number)
            .collect();
        let mut messages = Vec::new();
        for number in numbers {
            if let Some(message) = self.unconfirmed.remove(&number) {
                self.attempts.remove(&message.n);
                messages.push(message);
            }
        }
        messages
    }

    fn publish_due(&mut self, out: &mut Out<Client>) {
        let all = self.setup.count.is_some_and(|count| self.next >= count);
        if !self.ready || !self.due || all {
            return;
        }
        self.due = false;
        let n = self.next;
        self.next += 1;
        self.publish(n, 1, out);
        if self.setup.count.is_none_or(|count| self.next < count) {
            out.arm(Timer::Send, self.setup.every);
        }
        self.end_if_done(out);
    }

    fn publish(&mut self, n: u32, attempt: u32, out: &mut Out<Client>) {
        let message = MessageId {
            client: self.node,
            n,
        };
        let keys = self.setup.routing_keys.len().max(1);
        let key = self.setup.routing_keys.get(n as usize % keys);
        let content = Content {
            message: Some(message),
            properties: self.properties.clone(),
            body: body(n, self.setup.size),
        };
        let publish = BasicPublish {
            exchange: self.setup.exchange.clone(),
            routing_key: key.cloned().unwrap_or_default(),
            mandatory: self.setup.mandatory,
            immediate: false,
            content,
        };
        out.tell(Fact::Sent { message, attempt });
        if self.setup.confirm {
            self.published += 1;
            self.unconfirmed.insert(self.published, message);
            self.attempts.insert(n, attempt);
        }
        self.send(Method::BasicPublish(publish), out);
    }

    fn send(&mut self, method: Method, out: &mut Out<Client>) {
        if let Some(session) = &mut self.session {
            session.send(CHANNEL, method, out);
        }
    }

    /// It had all of its messages confirmed: it closes its connection, as a script ends.
    fn end_if_done(&mut self, out: &mut Out<Client>) {
        let all = self.setup.count.is_some_and(|count| self.next >= count);
        if all && self.unconfirmed.is_empty() && self.again.is_empty() && !self.finished {
            self.finished = true;
            if let Some(session) = &mut self.session {
                session.close(out);
            }
        }
    }

    fn closed(&mut self, close: &Close, out: &mut Out<Client>) {
        self.session = None;
        // 320: the node stops; another attempt may find it again. All else is a mistake of the
        // application, which would only repeat itself.
        if close.reply_code != 320 {
            self.raise("ConnectionClosedByBroker", close, out);
        }
        self.lost(out);
    }

    /// The connection is gone: what is not confirmed may have arrived or not.
    fn lost(&mut self, out: &mut Out<Client>) {
        self.ready = false;
        self.published = 0;
        if self.finished {
            return;
        }
        for message in core::mem::take(&mut self.unconfirmed).into_values() {
            out.tell(Fact::PublishUnknown { message });
            let attempts = self.attempts.remove(&message.n).unwrap_or(1);
            self.again.insert(message.n, attempts);
        }
        out.arm(Timer::Reconnect, RECONNECT);
    }

    fn raise(&mut self, exception: &str, close: &Close, out: &mut Out<Client>) {
        let Close {
            reply_code: code,
            reply_text: text,
        } = close;
        self.finished = true;
        self.ready = false;
        out.disarm(Timer::Send);
        out.tell(Fact::Raised {
            node: self.node,
            exception: alloc::format!("{exception}: ({code}, {text:?})").into(),
        });
    }
}

/// The number of the message, filled up with dots.
fn body(n: u32, size: u32) -> Body {
    let mut bytes = alloc::format!("{n}").into_bytes();
    bytes.resize(bytes.len().max(size as usize), b'.');
    Body::from(&*bytes)
}
