//! For tests: a broker with a disk that is safe at once, and clients that only watch.

use alloc::vec::Vec;
use std::string::String;

use super::broker::{Broker, Command, Setup, Timer};
use super::fact::Fact;
use super::method::{ConnectionOpen, ConnectionStartOk, Frame, Method, Tune};
use super::record::Record;
use crate::machine::{Chance, Effect, Gone, Input, Kept, KeptFile, Machine, Oracle, Out};
use crate::names::{FileId, LinkId, NodeId};
use crate::shared::{Log, SortedMap};
use crate::time::Now;

/// A broker on its own.
pub struct Rig {
    broker: Broker,
    now: Now,
    files: SortedMap<FileId, Log<Record>>,
    timers: SortedMap<Timer, u64>,
    dice: Counter,
    opened: u32,
    /// What the broker sent since the last look, in order.
    pub sent: Vec<(LinkId, Frame)>,
    /// What it told since the start.
    pub facts: Vec<Fact>,
    /// Whether flushes end.
    pub disk_works: bool,
    unsynced: Vec<FileId>,
    down: bool,
}

/// Dice that never fall alike.
struct Counter(u64);

impl Oracle for Counter {
    fn below(&mut self, n: u64, _: &'static str) -> u64 {
        self.0 += 1;
        self.0 % n
    }
}

const NODE: NodeId = NodeId(0);

impl Rig {
    /// A fresh node.
    pub fn new() -> Self {
        let now = Now {
            wall: 1_700_000_000_000_000,
            mono: 0,
        };
        let mut dice = Counter(0);
        let mut out = Out::new(NODE, 0);
        let setup = Setup::new(NODE);
        let mut chance = Chance::new(&mut dice);
        let broker = Broker::boot(&setup, &Kept::new(), now, &mut chance, &mut out);
        let mut rig = Rig {
            broker,
            now,
            files: SortedMap::new(),
            timers: SortedMap::new(),
            dice,
            opened: 0,
            sent: Vec::new(),
            facts: Vec::new(),
            disk_works: true,
            unsynced: Vec::new(),
            down: false,
        };
        rig.carry_out(out);
        rig
    }

    /// Opens a connection without heartbeats; gives its link and what the broker answered to
    /// `connection.open`.
    pub fn open(&mut self, vhost: &str, user: &str, password: &str) -> (LinkId, Method) {
        self.open_with(vhost, user, password, 0)
    }

    fn open_with(
        &mut self,
        vhost: &str,
        user: &str,
        password: &str,
        heartbeat: u16,
    ) -> (LinkId, Method) {
        let link = LinkId {
            opener: NodeId(1),
            ordinal: self.opened,
        };
        self.opened += 1;
        let from = link.opener;
        self.input(Input::Accepted { link, from });
        self.frame(link, Frame::ProtocolHeader);
        let start = ConnectionStartOk {
            user: user.into(),
            password: password.into(),
        };
        self.send(link, 0, Method::ConnectionStartOk(start));
        let tune = Tune {
            channel_max: 2047,
            frame_max: 131_072,
            heartbeat,
        };
        self.send(link, 0, Method::ConnectionTuneOk(tune));
        let open = ConnectionOpen {
            vhost: vhost.into(),
        };
        self.send(link, 0, Method::ConnectionOpen(open));
        let mut answers = core::mem::take(&mut self.sent).into_iter();
        let refused = answers.by_ref().find_map(|(_, frame)| match frame {
            Frame::Method {
                method: m @ (Method::ConnectionClose(_) | Method::ConnectionOpenOk),
                ..
            } => Some(m),
            _ => None,
        });
        (link, refused.unwrap_or(Method::ConnectionCloseOk))
    }

    /// A connection to `/` with one open channel.
    pub fn client(&mut self) -> LinkId {
        let (link, _) = self.open("/", "guest", "guest");
        self.ask(link, 1, r#"{"method":"channel.open"}"#);
        link
    }

    /// A connection to `/` that asked for heartbeats, in seconds.
    pub fn client_with_heartbeat(&mut self, heartbeat: u16) -> LinkId {
        self.open_with("/", "guest", "guest", heartbeat).0
    }

    /// Whether the broker still knows a connection and has not closed it.
    pub fn is_open(&self, link: LinkId) -> bool {
        self.view().connections.iter().any(|c| c.link == link)
    }

    /// Whether a channel is open.
    pub fn has_channel(&self, link: LinkId, number: u16) -> bool {
        let view = self.view();
        let connection = view.connections.iter().find(|c| c.link == link);
        connection.is_some_and(|c| c.channels.iter().any(|channel| channel.number == number))
    }

    /// The most records that a file has.
    pub fn longest_file(&self) -> u64 {
        let files = self.files.values();
        files
            .map(|file| file.end() - file.first())
            .max()
            .unwrap_or_default()
    }

    /// Sends a method, as JSON, and gives what came back on that connection.
    pub fn ask(&mut self, link: LinkId, channel: u16, method: &str) -> Vec<Method> {
        self.sent.clear();
        self.send(link, channel, serde_json::from_str(method).unwrap());
        let sent = core::mem::take(&mut self.sent).into_iter();
        sent.filter(|(to, _)| *to == link)
            .filter_map(|(_, frame)| match frame {
                Frame::Method { method, .. } => Some(method),
                _ => None,
            })
            .collect()
    }

    /// Like [`Rig::ask`], and gives the answers as JSON.
    pub fn told(&mut self, link: LinkId, channel: u16, method: &str) -> Vec<String> {
        let methods = self.ask(link, channel, method);
        methods
            .iter()
            .map(|m| serde_json::to_string(m).unwrap())
            .collect()
    }

    /// Sends a method.
    pub fn send(&mut self, link: LinkId, channel: u16, method: Method) {
        self.frame(link, Frame::new(channel, method));
    }

    /// Sends a frame; what the broker closes, the client agrees to.
    pub fn frame(&mut self, link: LinkId, message: Frame) {
        let from = self.sent.len();
        self.input(Input::Message { link, message });
        self.agree(from);
    }

    fn agree(&mut self, from: usize) {
        let frames: Vec<(LinkId, Frame)> = self.sent[from..].into();
        for (link, frame) in frames {
            if let Frame::Method { channel, method } = frame {
                let ok = match method {
                    Method::ConnectionClose(_) => Method::ConnectionCloseOk,
                    Method::ChannelClose(_) => Method::ChannelCloseOk,
                    _ => continue,
                };
                self.send(link, channel, ok);
            }
        }
    }

    /// Cuts a connection.
    pub fn drop(&mut self, link: LinkId) {
        let why = Gone::Reset;
        self.input(Input::Disconnected { link, why });
    }

    /// An administrator's command.
    pub fn command(&mut self, command: Command) {
        let from = self.sent.len();
        self.input(Input::Command(command));
        self.agree(from);
    }

    /// Lets time pass.
    pub fn sleep(&mut self, ms: u64) {
        let end = self.now.mono + ms * 1000;
        loop {
            let next = self.timers.iter().min_by_key(|(_, due)| **due);
            let Some((timer, due)) = next.map(|(timer, due)| (timer.clone(), *due)) else {
                break;
            };
            if due > end {
                break;
            }
            self.advance(due);
            self.timers.remove(&timer);
            self.input(Input::Timer(timer));
        }
        self.advance(end);
    }

    fn advance(&mut self, mono: u64) {
        self.now.wall += i64::try_from(mono - self.now.mono).unwrap();
        self.now.mono = mono;
    }

    /// Stops the broker in an orderly way and starts it again.
    pub fn restart(&mut self) {
        self.input(Input::Stop);
        assert!(self.down, "a stopped broker ends");
        self.start();
    }

    /// Kills the broker and starts it again.
    pub fn crash(&mut self) {
        self.start();
    }

    fn start(&mut self) {
        self.timers.clear();
        self.unsynced.clear();
        self.down = false;
        let files = self.files.iter();
        let kept: Kept<Record> = files
            .map(|(file, records)| {
                let records = records.clone();
                (
                    *file,
                    KeptFile {
                        records,
                        torn: false,
                    },
                )
            })
            .collect();
        let mut out = Out::new(NODE, 0);
        let mut chance = Chance::new(&mut self.dice);
        self.broker = Broker::boot(&Setup::new(NODE), &kept, self.now, &mut chance, &mut out);
        self.carry_out(out);
    }

    /// Lets the disk finish its flushes.
    pub fn sync(&mut self) {
        for file in core::mem::take(&mut self.unsynced) {
            let end = self.files.get(&file).map_or(0, Log::end);
            self.input(Input::Synced { file, end });
        }
    }

    fn input(&mut self, input: Input<Broker>) {
        let mut out = Out::new(NODE, 0);
        let mut chance = Chance::new(&mut self.dice);
        self.broker.step(input, self.now, &mut chance, &mut out);
        self.carry_out(out);
        if self.disk_works && !self.unsynced.is_empty() {
            self.sync();
        }
    }

    fn carry_out(&mut self, mut out: Out<Broker>) {
        for effect in out.drain() {
            match effect {
                Effect::Send { link, message } => self.sent.push((link, message)),
                Effect::Append { file, record } => {
                    self.files.entry(file).or_default().push(record);
                }
                Effect::TrimHead { file, before } => {
                    self.files.entry(file).or_default().trim_head(before);
                }
                Effect::Delete { file } => drop(self.files.remove(&file)),
                Effect::Sync { file } => self.unsynced.push(file),
                Effect::Arm { timer, after } => {
                    self.timers.insert(timer, self.now.mono + after.least);
                }
                Effect::Disarm(timer) => drop(self.timers.remove(&timer)),
                Effect::Tell(fact) => self.facts.push(fact),
                Effect::Exit => self.down = true,
                Effect::Close { .. } | Effect::Abort { .. } => {}
                Effect::Connect { .. } | Effect::Truncate { .. } | Effect::Replace { .. } => {
                    panic!("a broker does not do that: {effect:?}")
                }
            }
        }
    }

    /// What an inspector sees.
    pub fn view(&self) -> super::view::BrokerView {
        let lens = super::view::Lens {
            head: 100,
            ..super::view::Lens::default()
        };
        self.broker.view(&lens)
    }
}
