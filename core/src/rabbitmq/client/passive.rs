//! A client that does what it is commanded, one method at a time, and tells every frame it hears:
//! for replaying recordings, and for trying things by hand.

use super::session::{News, Parameters, Session};
use super::{Client, ClientView, Command, Timer};
use crate::fingerprint::Fingerprint;
use crate::machine::{Input, Out};
use crate::names::LinkId;
use crate::rabbitmq::fact::Fact;
use crate::rabbitmq::method::{Frame, Method};

/// At most one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Passive {
    session: Option<Session>,
}

impl Passive {
    /// Takes one input.
    pub fn step(&mut self, input: Input<Client>, out: &mut Out<Client>) {
        match input {
            Input::Command(Command::Connect(parameters)) => self.connect(&parameters, out),
            Input::Command(Command::Send { channel, method }) => {
                if let Some(session) = &mut self.session {
                    session.send(channel, method, out);
                }
            }
            Input::Command(Command::Drop) => {
                if let Some(mut session) = self.session.take() {
                    session.end(out);
                    out.abort(session.link);
                }
            }
            Input::Connected { .. } => {
                if let Some(session) = &mut self.session {
                    session.connected(out);
                }
            }
            Input::Message { message, .. } => self.frame(message, out),
            Input::Disconnected { link, .. } | Input::Refused { link, .. } => {
                self.hung_up(link, out);
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
            ..ClientView::default()
        }
    }

    fn connect(&mut self, parameters: &Parameters, out: &mut Out<Client>) {
        if self.session.is_none() {
            self.session = Some(Session::connect(parameters, out));
        }
    }

    fn hung_up(&mut self, link: LinkId, out: &mut Out<Client>) {
        if self.session.as_ref().is_some_and(|s| s.link == link) {
            self.session = None;
            out.tell(Fact::HungUp { link });
        }
    }

    fn frame(&mut self, frame: Frame, out: &mut Out<Client>) {
        let Some(session) = &mut self.session else {
            return;
        };
        let link = session.link;
        // The handshake and signs of life are the library's business.
        let shown = !matches!(
            frame,
            Frame::Heartbeat
                | Frame::Method {
                    method: Method::ConnectionStart | Method::ConnectionTune(_),
                    ..
                }
        );
        if shown {
            let frame = frame.clone();
            out.tell(Fact::Heard { link, frame });
        }
        match session.frame(frame, out) {
            News::Method(channel, Method::ChannelClose(_)) => {
                session.send(channel, Method::ChannelCloseOk, out);
            }
            News::Closed(_) | News::Done => self.session = None,
            News::Open | News::Method(..) | News::None => {}
        }
    }
}
