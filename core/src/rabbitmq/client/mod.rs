//! The applications and their client library, each one process: they connect, publish, consume,
//! and try again, as users of pika write them.

pub mod call;
pub mod passive;
pub mod program;
pub mod publisher;
pub mod session;
pub mod subscriber;

use alloc::rc::Rc;

use serde::{Deserialize, Serialize};

use self::passive::Passive;
use self::program::Program;
use self::publisher::Publisher;
use self::session::Parameters;
use self::subscriber::Subscriber;
use super::fact::Fact;
use super::method::{Frame, Method};
use super::record::Record;
use crate::fingerprint::Fingerprint;
use crate::machine::{Chance, Input, Kept, Machine, Out};
use crate::names::NodeId;
use crate::time::{Now, Span};

/// How long an application waits before it connects again.
pub const RECONNECT: Span = Span::secs(1);

/// What a client is started with.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Setup {
    /// Which node it is; its messages are named after it.
    pub node: NodeId,
    /// Whom it connects to.
    pub parameters: Parameters,
    /// What it does.
    pub role: Role,
}

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Publishes.
    Publisher(publisher::Setup),
    /// Consumes.
    Subscriber(subscriber::Setup),
    /// Runs a program line by line.
    Program(Rc<[call::Step]>),
    /// Does what it is commanded, and tells what it hears.
    Passive,
}

/// What a passive client is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Connects as these say.
    Connect(Parameters),
    /// Sends a method on a channel.
    Send {
        /// Which channel; 0 is the connection itself.
        channel: u16,
        /// What.
        method: Method,
    },
    /// Resets the connection.
    Drop,
}

/// What a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// Time to connect again.
    Reconnect,
    /// Time for the next message.
    Send,
    /// The work on a message, or a sleep, is done.
    Work,
    /// Time for a sign of life.
    HeartbeatSend,
    /// Time to look whether anything came.
    HeartbeatCheck,
}

/// A client.
#[derive(Clone, Debug, Fingerprint)]
pub enum Client {
    /// Publishes.
    Publisher(Publisher),
    /// Consumes.
    Subscriber(Subscriber),
    /// Runs a program.
    Program(Program),
    /// Watches.
    Passive(Passive),
}

/// What an inspector shows of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientView {
    /// Whether its connection is open.
    pub connected: bool,
    /// Messages given to the library.
    pub sent: u32,
    /// Publishes whose fate it does not know.
    pub unconfirmed: u32,
    /// Deliveries that wait for their turn.
    pub waiting: u32,
    /// Deliveries it is done with.
    pub processed: u32,
}

impl Machine for Client {
    type Setup = Setup;
    type Command = Command;
    type Message = Frame;
    type Timer = Timer;
    type Record = Record;
    type Fact = Fact;
    type View = ClientView;
    type Lens = ();

    fn boot(
        setup: &Setup,
        _: &Kept<Record>,
        _: Now,
        _: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        match &setup.role {
            Role::Publisher(role) => Client::Publisher(Publisher::start(setup, role, out)),
            Role::Subscriber(role) => Client::Subscriber(Subscriber::start(setup, role, out)),
            Role::Program(steps) => Client::Program(Program::start(setup, steps, out)),
            Role::Passive => Client::Passive(Passive::default()),
        }
    }

    fn step(&mut self, input: Input<Self>, _: Now, _: &mut Chance<'_>, out: &mut Out<Self>) {
        match self {
            Client::Publisher(publisher) => publisher.step(input, out),
            Client::Subscriber(subscriber) => subscriber.step(input, out),
            Client::Program(program) => program.step(input, out),
            Client::Passive(passive) => passive.step(input, out),
        }
    }

    fn view(&self, (): &()) -> ClientView {
        match self {
            Client::Publisher(publisher) => publisher.view(),
            Client::Subscriber(subscriber) => subscriber.view(),
            Client::Program(program) => program.view(),
            Client::Passive(passive) => passive.view(),
        }
    }
}
