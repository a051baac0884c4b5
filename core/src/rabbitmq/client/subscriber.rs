//! An application that consumes: it works on one message at a time, and acknowledges before or
//! after its work. When its connection ends, it finishes the work at hand, cannot acknowledge it
//! any more, and connects again.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::session::{News, Parameters, Session};
use super::{Client, ClientView, RECONNECT, Timer};
use crate::fingerprint::Fingerprint;
use crate::machine::{Input, Out};
use crate::names::{LinkId, Name, NodeId};
use crate::rabbitmq::fact::Fact;
use crate::rabbitmq::method::{
    BasicAck, BasicConsume, BasicDeliver, BasicNack, BasicQos, Close, ConsumerTag, Method,
};
use crate::time::Span;

/// The channel that it works on.
const CHANNEL: u16 = 1;

/// What it consumes, and how.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Setup {
    /// From which queue.
    pub queue: Name,
    /// How many messages may be with it unacknowledged; 0: any number.
    pub prefetch: u16,
    /// How long it works on each.
    pub work: Span,
    /// What it says to the broker, and when.
    pub ack: Ack,
}

/// What a consumer says about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ack {
    /// `basic.ack` after the work.
    After,
    /// `basic.ack` before the work.
    Before,
    /// Nothing: delivered is as good as acknowledged (`auto_ack`).
    Auto,
    /// `basic.nack` after the work, which failed.
    Nack {
        /// Put it back.
        requeue: bool,
    },
}

/// The application.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Subscriber {
    node: NodeId,
    parameters: Parameters,
    setup: Setup,
    session: Option<Session>,
    finished: bool,
    /// Delivered and not begun.
    inbox: VecDeque<BasicDeliver>,
    /// At work, and the connection it came on.
    at_work: Option<(LinkId, BasicDeliver)>,
    processed: u32,
}

impl Subscriber {
    /// Starts: connects.
    pub fn start(setup: &super::Setup, role: &Setup, out: &mut Out<Client>) -> Self {
        Subscriber {
            node: setup.node,
            parameters: setup.parameters.clone(),
            setup: role.clone(),
            session: Some(Session::connect(&setup.parameters, out)),
            finished: false,
            inbox: VecDeque::new(),
            at_work: None,
            processed: 0,
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
                    News::Closed(close) => {
                        if close.reply_code != 320 {
                            self.raise("ConnectionClosedByBroker", &close, out);
                        }
                        self.lost(out);
                    }
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
            Input::Timer(Timer::Work) => self.work_done(out),
            Input::Timer(Timer::HeartbeatSend) => {
                if let Some(session) = &mut self.session {
                    session.heartbeat_send(out);
                }
            }
            Input::Timer(Timer::HeartbeatCheck) => {
                if let Some(session) = &mut self.session
                    && session.heartbeat_check(out)
                {
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
            waiting: u32::try_from(self.inbox.len()).unwrap_or(u32::MAX),
            processed: self.processed,
            ..ClientView::default()
        }
    }

    fn method(&mut self, method: Method, out: &mut Out<Client>) {
        match method {
            Method::ChannelOpenOk if self.setup.prefetch > 0 => {
                let qos = BasicQos {
                    prefetch_count: self.setup.prefetch,
                    ..BasicQos::default()
                };
                self.send(Method::BasicQos(qos), out);
            }
            Method::ChannelOpenOk | Method::BasicQosOk => {
                let consume = BasicConsume {
                    queue: self.setup.queue.clone(),
                    no_ack: self.setup.ack == Ack::Auto,
                    ..BasicConsume::default()
                };
                self.send(Method::BasicConsume(consume), out);
            }
            Method::BasicDeliver(delivery) => {
                self.inbox.push_back(delivery);
                self.begin_work(out);
            }
            Method::BasicCancel(ConsumerTag { consumer_tag }) => {
                self.finished = true;
                out.tell(Fact::Raised {
                    node: self.node,
                    exception: alloc::format!("ConsumerCancelled: {consumer_tag}").into(),
                });
                if let Some(session) = &mut self.session {
                    session.close(out);
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

    fn begin_work(&mut self, out: &mut Out<Client>) {
        let Some(link) = self.session.as_ref().map(|session| session.link) else {
            return;
        };
        if self.at_work.is_some() {
            return;
        }
        let Some(delivery) = self.inbox.pop_front() else {
            return;
        };
        out.tell(Fact::Received {
            node: self.node,
            message: delivery.content.message,
            consumer: Some(delivery.consumer_tag.clone()),
            redelivered: delivery.redelivered,
        });
        if self.setup.ack == Ack::Before {
            self.settle(&delivery, out);
        }
        self.at_work = Some((link, delivery));
        out.arm(Timer::Work, self.setup.work);
    }

    fn work_done(&mut self, out: &mut Out<Client>) {
        let Some((link, delivery)) = self.at_work.take() else {
            return;
        };
        self.processed += 1;
        out.tell(Fact::Processed {
            node: self.node,
            message: delivery.content.message,
        });
        // A delivery can be settled on its own connection only.
        let same = self.session.as_ref().is_some_and(|s| s.link == link);
        if same && matches!(self.setup.ack, Ack::After | Ack::Nack { .. }) {
            self.settle(&delivery, out);
        }
        self.begin_work(out);
    }

    fn settle(&mut self, delivery: &BasicDeliver, out: &mut Out<Client>) {
        let delivery_tag = delivery.delivery_tag;
        let method = match self.setup.ack {
            Ack::Nack { requeue } => Method::BasicNack(BasicNack {
                delivery_tag,
                multiple: false,
                requeue,
            }),
            _ => Method::BasicAck(BasicAck {
                delivery_tag,
                multiple: false,
            }),
        };
        self.send(method, out);
    }

    fn send(&mut self, method: Method, out: &mut Out<Client>) {
        if let Some(session) = &mut self.session {
            session.send(CHANNEL, method, out);
        }
    }

    /// The connection is gone, and with it what was delivered and not begun; the broker will
    /// deliver that again.
    fn lost(&mut self, out: &mut Out<Client>) {
        self.session = None;
        self.inbox.clear();
        if !self.finished {
            out.arm(Timer::Reconnect, RECONNECT);
        }
    }

    fn raise(&mut self, exception: &str, close: &Close, out: &mut Out<Client>) {
        let (code, text) = (close.reply_code, &close.reply_text);
        self.finished = true;
        out.tell(Fact::Raised {
            node: self.node,
            exception: alloc::format!("{exception}: ({code}, {text:?})").into(),
        });
    }
}
