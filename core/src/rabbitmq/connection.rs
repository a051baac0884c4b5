//! A connection: handshake, heartbeats, channels, and how it ends (`rabbit_reader`).

use alloc::format;
use alloc::vec::Vec;

use super::alarm::Throttle;
use super::broker::{Step, Timer};
use super::channel::Channel;
use super::error::{Code, Exception};
use super::fact::Fact;
use super::method::{Close, ConnectionOpen, ConnectionStartOk, Frame, Method, Tune};
use super::prefetch::ChannelId;
use crate::fingerprint::Fingerprint;
use crate::names::{LinkId, Name};
use crate::shared::SortedMap;
use crate::time::Span;

/// How long a client has to agree to a close (`CLOSING_TIMEOUT`).
const CLOSING_TIMEOUT: Span = Span::secs(30);

/// What the broker knows of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Connection {
    /// How far it has come.
    pub state: State,
    /// Whom it authenticated as.
    pub user: Name,
    /// The virtual host it entered.
    pub vhost: Name,
    /// Its channels.
    pub channels: SortedMap<u16, Channel>,
    /// Whether it is read from.
    pub throttle: Throttle,
    /// Seconds between signs of life; 0 for none.
    heartbeat: u16,
    /// The highest channel number; 0 for any.
    channel_max: u16,
    /// Whether something was sent since the last look.
    sent: bool,
    /// Whether something came since the last look.
    heard: bool,
    /// How many looks in a row found nothing.
    silent: u8,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
pub enum State {
    /// The client has to begin.
    #[default]
    Accepted,
    /// The client has to authenticate.
    Starting,
    /// The client has to settle limits.
    Tuning,
    /// The client has to choose a virtual host.
    Opening,
    /// Channels may be opened.
    Running,
    /// Closed by either side; only the agreement is awaited, or the end of the socket.
    Closed,
}

impl Step<'_, '_> {
    /// A frame came.
    pub fn frame(&mut self, link: LinkId, frame: Frame) {
        let Some(frame) = self.unless_blocked(link, frame) else {
            return;
        };
        let Some(connection) = self.broker.connections.get_mut(&link) else {
            return;
        };
        connection.heard = true;
        let state = connection.state;
        let handled = match frame {
            Frame::Heartbeat => Ok(()),
            Frame::ProtocolHeader => {
                connection.state = State::Starting;
                self.send_frame(link, Frame::new(0, Method::ConnectionStart));
                Ok(())
            }
            Frame::Method { channel: 0, method } => self.connection_method(link, state, method),
            Frame::Method { .. } if state != State::Running => Ok(()),
            Frame::Method { channel, method } => {
                let id = ChannelId {
                    link,
                    number: channel,
                };
                self.channel_frame(id, method)
            }
        };
        if let Err(exception) = handled {
            self.connection_exception(link, &exception);
        }
    }

    fn connection_method(
        &mut self,
        link: LinkId,
        state: State,
        method: Method,
    ) -> Result<(), Exception> {
        match (state, method) {
            (State::Starting, Method::ConnectionStartOk(m)) => self.start_ok(link, &m),
            (State::Tuning, Method::ConnectionTuneOk(m)) => {
                self.tune_ok(link, m);
                Ok(())
            }
            (State::Opening, Method::ConnectionOpen(m)) => self.open(link, m),
            (State::Closed, Method::ConnectionCloseOk) => {
                self.broker.connections.remove(&link);
                self.out.disarm(Timer::CloseOverdue(link));
                self.out.close(link);
                Ok(())
            }
            (State::Closed, Method::ConnectionClose(_)) => {
                self.send_frame(link, Frame::new(0, Method::ConnectionCloseOk));
                Ok(())
            }
            (State::Closed, _) => Ok(()),
            (_, Method::ConnectionClose(_)) => {
                self.end_connection(link, None);
                self.send_frame(link, Frame::new(0, Method::ConnectionCloseOk));
                Ok(())
            }
            (state, _) => Err(Exception::new(
                Code::ChannelError,
                format!("unexpected method in connection state {}", state.name()),
            )),
        }
    }

    fn start_ok(&mut self, link: LinkId, ok: &ConnectionStartOk) -> Result<(), Exception> {
        if self.broker.users.get(&ok.user) != Some(&ok.password) {
            return Err(Exception::new(
                Code::AccessRefused,
                "Login was refused using authentication mechanism PLAIN. \
                 For details see the broker logfile.",
            ));
        }
        let config = self.broker.config;
        if let Some(connection) = self.broker.connections.get_mut(&link) {
            connection.user = ok.user.clone();
            connection.state = State::Tuning;
        }
        let tune = Tune {
            channel_max: config.channel_max,
            frame_max: config.frame_max,
            heartbeat: config.heartbeat,
        };
        self.send_frame(link, Frame::new(0, Method::ConnectionTune(tune)));
        Ok(())
    }

    fn tune_ok(&mut self, link: LinkId, tune: Tune) {
        if let Some(connection) = self.broker.connections.get_mut(&link) {
            connection.state = State::Opening;
            connection.heartbeat = tune.heartbeat;
            connection.channel_max = tune.channel_max;
        }
        if tune.heartbeat > 0 {
            self.arm_heartbeat_send(link, tune.heartbeat);
            self.arm_heartbeat_check(link, tune.heartbeat);
        }
    }

    fn open(&mut self, link: LinkId, open: ConnectionOpen) -> Result<(), Exception> {
        let vhost = open.vhost;
        if !self.broker.vhosts.contains_key(&vhost) {
            let text = format!("vhost {vhost} not found");
            return Err(Exception::new(Code::NotAllowed, text));
        }
        if let Some(connection) = self.broker.connections.get_mut(&link) {
            connection.vhost = vhost.clone();
            connection.state = State::Running;
        }
        self.out.tell(Fact::ConnectionOpened { link, vhost });
        self.send_frame(link, Frame::new(0, Method::ConnectionOpenOk));
        Ok(())
    }

    fn channel_frame(&mut self, id: ChannelId, method: Method) -> Result<(), Exception> {
        let Some(connection) = self.broker.connections.get_mut(&id.link) else {
            return Ok(());
        };
        let limit = connection.channel_max;
        match (connection.channels.get(&id.number), method) {
            (None, Method::ChannelOpen) => {
                if limit > 0 && connection.channels.len() >= usize::from(limit) {
                    let count = connection.channels.len();
                    return Err(Exception::new(
                        Code::NotAllowed,
                        format!(
                            "number of channels opened ({count}) has reached \
                             the negotiated channel_max ({limit})"
                        ),
                    ));
                }
                connection.channels.insert(id.number, Channel::default());
                self.broker.limiters.insert(id, Default::default());
                self.out.tell(Fact::ChannelOpened {
                    link: id.link,
                    channel: id.number,
                });
                self.send(id, Method::ChannelOpenOk);
                Ok(())
            }
            (None, _) => Err(Exception::new(
                Code::ChannelError,
                "expected 'channel.open'",
            )),
            (Some(channel), method) if channel.closing => {
                match method {
                    Method::ChannelCloseOk => self.forget_channel(id),
                    Method::ChannelClose(_) => self.send(id, Method::ChannelCloseOk),
                    _ => {}
                }
                Ok(())
            }
            (Some(_), Method::ChannelOpen) => Err(Exception::new(
                Code::ChannelError,
                "second 'channel.open' seen",
            )),
            (Some(_), Method::ChannelClose(_)) => {
                self.release_consumers(id);
                self.forget_channel(id);
                self.out.tell(Fact::ChannelClosed {
                    link: id.link,
                    channel: id.number,
                    reply: None,
                });
                self.send(id, Method::ChannelCloseOk);
                Ok(())
            }
            (Some(_), method) => match self.channel_method(id, method) {
                Err(exception) if !exception.code.ends_connection() => {
                    self.channel_exception(id, &exception);
                    Ok(())
                }
                other => other,
            },
        }
    }

    fn channel_exception(&mut self, id: ChannelId, exception: &Exception) {
        self.release_consumers(id);
        if let Some(channel) = self.open_channel(id) {
            channel.closing = true;
        }
        let close = exception.close();
        self.out.tell(Fact::ChannelClosed {
            link: id.link,
            channel: id.number,
            reply: Some((close.reply_code, close.reply_text.clone())),
        });
        self.send(id, Method::ChannelClose(close));
    }

    /// Closes the connection for an error; the client has to agree.
    fn connection_exception(&mut self, link: LinkId, exception: &Exception) {
        let close = exception.close();
        self.end_connection(link, Some(close.clone()));
        self.send_frame(link, Frame::new(0, Method::ConnectionClose(close)));
        self.out.arm(Timer::CloseOverdue(link), CLOSING_TIMEOUT);
    }

    /// Closes a connection because an operator wants it.
    pub fn force_close(&mut self, link: LinkId, text: &str) {
        let connection = self.broker.connections.get(&link);
        if connection.is_some_and(|c| c.state == State::Running) {
            let exception = Exception::new(Code::ConnectionForced, text);
            self.connection_exception(link, &exception);
        }
    }

    /// The socket is gone, and with it what the connection still had.
    pub fn link_gone(&mut self, link: LinkId) {
        self.end_connection(link, None);
        self.broker.connections.remove(&link);
        self.out.disarm(Timer::CloseOverdue(link));
    }

    /// Ends all channels, then deletes the connection's exclusive queues.
    fn end_connection(&mut self, link: LinkId, close: Option<Close>) {
        let Some(connection) = self.broker.connections.get_mut(&link) else {
            return;
        };
        let state = core::mem::replace(&mut connection.state, State::Closed);
        if state == State::Closed {
            return;
        }
        connection.throttle = Throttle::default();
        let vhost = connection.vhost.clone();
        let numbers: Vec<u16> = connection.channels.keys().copied().collect();
        for number in numbers {
            let id = ChannelId { link, number };
            self.release_consumers(id);
            self.forget_channel(id);
        }
        for queue in self.exclusive_queues(&vhost, link) {
            self.remove_queue(&vhost, &queue);
        }
        self.out.disarm(Timer::HeartbeatSend(link));
        self.out.disarm(Timer::HeartbeatCheck(link));
        let reply = close.map(|close| (close.reply_code, close.reply_text));
        self.out.tell(Fact::ConnectionClosed { link, reply });
    }

    fn exclusive_queues(&self, vhost: &Name, link: LinkId) -> Vec<Name> {
        let Some(vhost) = self.broker.vhosts.get(vhost) else {
            return Vec::new();
        };
        let queues = vhost.queues.values();
        let owned = queues.filter(|queue| queue.declared.owner == Some(link));
        owned.map(|queue| queue.declared.name.clone()).collect()
    }

    /// The channel's consumers are gone from their queues, and what those queues await of the
    /// channel is ready again (`rabbit_channel:notify_queues/1`).
    fn release_consumers(&mut self, id: ChannelId) {
        let Some(channel) = self.open_channel(id) else {
            return;
        };
        let mut queues: Vec<Name> = core::mem::take(&mut channel.consumers)
            .into_values()
            .collect();
        queues.sort();
        queues.dedup();
        for queue in queues {
            self.leave_queue(id, &queue);
        }
    }

    /// The channel is gone: so is what other queues await of it, what `basic.get` took included.
    fn forget_channel(&mut self, id: ChannelId) {
        let Some(connection) = self.broker.connections.get_mut(&id.link) else {
            return;
        };
        let Some(channel) = connection.channels.remove(&id.number) else {
            return;
        };
        self.broker.limiters.remove(&id);
        let places = channel.unacked().filter_map(|(_, p)| p.place.as_ref());
        let mut queues: Vec<Name> = places.map(|(queue, _)| queue.clone()).collect();
        queues.sort();
        queues.dedup();
        for queue in queues {
            self.leave_queue(id, &queue);
        }
    }

    fn leave_queue(&mut self, id: ChannelId, queue: &Name) {
        let Some(vhost) = self.vhost_of(id) else {
            return;
        };
        let left = self.with_queue(&vhost, queue, |queue, desk| {
            let place = queue.place().clone();
            let left = queue.channel_gone(id, desk);
            left.map(|(tags, delete)| (place, tags, delete))
        });
        let Some(Some((place, tags, delete))) = left else {
            return;
        };
        for tag in tags {
            self.out.tell(Fact::ConsumerCancelled {
                queue: place.clone(),
                tag,
                link: id.link,
                channel: id.number,
            });
        }
        if delete {
            self.remove_queue(&vhost, queue);
        }
    }

    /// The virtual host of a channel's connection.
    pub fn vhost_of(&self, id: ChannelId) -> Option<Name> {
        let connection = self.broker.connections.get(&id.link)?;
        Some(connection.vhost.clone())
    }

    /// Sends a frame.
    pub fn send_frame(&mut self, link: LinkId, frame: Frame) {
        if let Some(connection) = self.broker.connections.get_mut(&link) {
            connection.sent = true;
        }
        self.out.send(link, frame);
    }

    /// Half the interval passed: if nothing else was sent, a heartbeat is (`rabbit_heartbeat`).
    pub fn heartbeat_send(&mut self, link: LinkId) {
        let Some(connection) = self.broker.connections.get_mut(&link) else {
            return;
        };
        let heartbeat = connection.heartbeat;
        if !core::mem::take(&mut connection.sent) {
            self.out.send(link, Frame::Heartbeat);
        }
        self.arm_heartbeat_send(link, heartbeat);
    }

    /// The interval passed: after two without a sign of life, the connection is given up; while it
    /// is blocked, nobody looks (`rabbit_heartbeat:pause_monitor/1`).
    pub fn heartbeat_check(&mut self, link: LinkId) {
        let Some(connection) = self.broker.connections.get_mut(&link) else {
            return;
        };
        let heartbeat = connection.heartbeat;
        let heard = core::mem::take(&mut connection.heard);
        connection.silent = if heard || connection.throttle.blocked {
            0
        } else {
            connection.silent + 1
        };
        if connection.silent < 2 {
            self.arm_heartbeat_check(link, heartbeat);
            return;
        }
        self.end_connection(link, None);
        self.broker.connections.remove(&link);
        self.out.abort(link);
    }

    fn arm_heartbeat_send(&mut self, link: LinkId, heartbeat: u16) {
        let half = Span::ms(u64::from(heartbeat) * 500);
        self.out.arm(Timer::HeartbeatSend(link), half);
    }

    fn arm_heartbeat_check(&mut self, link: LinkId, heartbeat: u16) {
        let interval = Span::secs(heartbeat.into());
        self.out.arm(Timer::HeartbeatCheck(link), interval);
    }
}

impl State {
    /// As error texts name it.
    const fn name(self) -> &'static str {
        match self {
            State::Accepted => "pre_init",
            State::Starting => "starting",
            State::Tuning => "tuning",
            State::Opening => "opening",
            State::Running => "running",
            State::Closed => "closed",
        }
    }
}
