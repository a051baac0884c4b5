//! A client library's side of a connection: handshake, signs of life, and the end.

use super::{Client, Timer};
use crate::fingerprint::Fingerprint;
use crate::machine::Out;
use crate::names::{LinkId, Name, NodeId};
use crate::rabbitmq::method::{Close, ConnectionOpen, ConnectionStartOk, Frame, Method, Tune};
use crate::time::Span;

use serde::{Deserialize, Serialize};

/// Whom to connect to, and as whom.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Parameters {
    /// Which node.
    pub broker: NodeId,
    /// Which virtual host.
    pub vhost: Name,
    /// Whom to authenticate as.
    pub user: Name,
    /// The password.
    pub password: Name,
    /// Seconds between signs of life; none: what the broker proposes.
    pub heartbeat: Option<u16>,
}

/// A connection, from the asking to the end.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Session {
    /// The connection.
    pub link: LinkId,
    parameters: Parameters,
    open: bool,
    heartbeat: u16,
    sent: bool,
    heard: bool,
    silent: u8,
}

/// What a frame meant for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing that concerns it.
    None,
    /// The connection may be used.
    Open,
    /// A method on a channel.
    Method(u16, Method),
    /// The broker closed the connection; the library agreed.
    Closed(Close),
    /// The broker agreed to close; the socket is closed too.
    Done,
}

impl Parameters {
    /// As `guest` in `/`.
    #[must_use]
    pub fn new(broker: NodeId) -> Self {
        Parameters {
            broker,
            vhost: "/".into(),
            user: "guest".into(),
            password: "guest".into(),
            heartbeat: None,
        }
    }
}

impl Session {
    /// Asks for a connection.
    pub fn connect(parameters: &Parameters, out: &mut Out<Client>) -> Self {
        Session {
            link: out.connect(parameters.broker),
            parameters: parameters.clone(),
            open: false,
            heartbeat: 0,
            sent: false,
            heard: false,
            silent: 0,
        }
    }

    /// Whether the handshake is over.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The socket is there: the conversation begins.
    pub fn connected(&mut self, out: &mut Out<Client>) {
        out.send(self.link, Frame::ProtocolHeader);
    }

    /// Sends a method.
    pub fn send(&mut self, channel: u16, method: Method, out: &mut Out<Client>) {
        self.sent = true;
        out.send(self.link, Frame::new(channel, method));
    }

    /// Asks the broker to close the connection.
    pub fn close(&mut self, out: &mut Out<Client>) {
        let close = Close {
            reply_code: 200,
            reply_text: "Normal shutdown".into(),
        };
        self.send(0, Method::ConnectionClose(close), out);
    }

    /// A frame came: the library does its part and says what is left for the client.
    pub fn frame(&mut self, frame: Frame, out: &mut Out<Client>) -> News {
        self.heard = true;
        let Frame::Method { channel, method } = frame else {
            return News::None;
        };
        if channel > 0 {
            return News::Method(channel, method);
        }
        match method {
            Method::ConnectionStart => {
                let start = ConnectionStartOk {
                    user: self.parameters.user.clone(),
                    password: self.parameters.password.clone(),
                };
                self.send(0, Method::ConnectionStartOk(start), out);
                News::None
            }
            Method::ConnectionTune(tune) => {
                self.tune(tune, out);
                News::None
            }
            Method::ConnectionOpenOk => {
                self.open = true;
                News::Open
            }
            Method::ConnectionClose(close) => {
                self.send(0, Method::ConnectionCloseOk, out);
                self.end(out);
                News::Closed(close)
            }
            Method::ConnectionCloseOk => {
                self.end(out);
                out.close(self.link);
                News::Done
            }
            _ => News::None,
        }
    }

    /// The connection is of no use any more.
    pub fn end(&mut self, out: &mut Out<Client>) {
        self.open = false;
        out.disarm(Timer::HeartbeatSend);
        out.disarm(Timer::HeartbeatCheck);
    }

    fn tune(&mut self, proposed: Tune, out: &mut Out<Client>) {
        let heartbeat = self.parameters.heartbeat.unwrap_or(proposed.heartbeat);
        self.heartbeat = heartbeat;
        let tune = Tune {
            heartbeat,
            ..proposed
        };
        self.send(0, Method::ConnectionTuneOk(tune), out);
        if heartbeat > 0 {
            self.arm_send(out);
            self.arm_check(out);
        }
        let vhost = self.parameters.vhost.clone();
        self.send(0, Method::ConnectionOpen(ConnectionOpen { vhost }), out);
    }

    /// Half the interval passed: if nothing else was sent, a heartbeat is.
    pub fn heartbeat_send(&mut self, out: &mut Out<Client>) {
        if !core::mem::take(&mut self.sent) {
            out.send(self.link, Frame::Heartbeat);
        }
        self.arm_send(out);
    }

    /// Half the interval passed, and the library had no chance to do anything.
    pub fn heartbeat_missed(&mut self, out: &mut Out<Client>) {
        self.arm_send(out);
    }

    /// The interval passed. True if the connection has to be given up: nothing came for two.
    pub fn heartbeat_check(&mut self, out: &mut Out<Client>) -> bool {
        self.silent = if core::mem::take(&mut self.heard) {
            0
        } else {
            self.silent + 1
        };
        if self.silent < 2 {
            self.arm_check(out);
            return false;
        }
        self.end(out);
        out.abort(self.link);
        true
    }

    fn arm_send(&self, out: &mut Out<Client>) {
        let half = Span::ms(u64::from(self.heartbeat) * 500);
        out.arm(Timer::HeartbeatSend, half);
    }

    fn arm_check(&self, out: &mut Out<Client>) {
        out.arm(Timer::HeartbeatCheck, Span::secs(self.heartbeat.into()));
    }
}
