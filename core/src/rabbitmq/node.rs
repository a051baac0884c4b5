//! RabbitMQ's machines as one: a broker or a client, so that both can live in one world.

use super::broker::{self, Broker};
use super::client::{self, Client};
use super::fact::Fact;
use super::method::Frame;
use super::record::Record;
use super::view::{BrokerView, Lens};
use crate::fingerprint::Fingerprint;
use crate::machine::{Chance, Effect, Input, Kept, Machine, Out};
use crate::time::Now;

/// A process of a RabbitMQ world.
#[derive(Clone, Debug, Fingerprint)]
pub enum Node {
    /// A broker.
    Broker(Broker),
    /// A client.
    Client(Client),
}

/// What it is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setup {
    /// A broker.
    Broker(broker::Setup),
    /// A client.
    Client(client::Setup),
}

/// What is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Command {
    /// Of a broker.
    Broker(broker::Command),
    /// Of a client.
    Client(client::Command),
}

/// What it waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Timer {
    /// A broker.
    Broker(broker::Timer),
    /// A client.
    Client(client::Timer),
}

/// What an inspector shows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Of a broker.
    Broker(BrokerView),
    /// Of a client.
    Client(client::ClientView),
}

impl Machine for Node {
    type Setup = Setup;
    type Command = Command;
    type Message = Frame;
    type Timer = Timer;
    type Record = Record;
    type Fact = Fact;
    type View = View;
    type Lens = Lens;

    fn boot(
        setup: &Setup,
        kept: &Kept<Record>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        match setup {
            Setup::Broker(setup) => Node::Broker(
                out.within(of_broker, |out| Broker::boot(setup, kept, now, chance, out)),
            ),
            Setup::Client(setup) => Node::Client(
                out.within(of_client, |out| Client::boot(setup, kept, now, chance, out)),
            ),
        }
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match self {
            Node::Broker(broker) => {
                let command = |command| match command {
                    Command::Broker(command) => Some(command),
                    Command::Client(_) => None,
                };
                let timer = |timer| match timer {
                    Timer::Broker(timer) => Some(timer),
                    Timer::Client(_) => None,
                };
                if let Some(input) = passed(input, command, timer) {
                    out.within(of_broker, |out| broker.step(input, now, chance, out));
                }
            }
            Node::Client(client) => {
                let command = |command| match command {
                    Command::Client(command) => Some(command),
                    Command::Broker(_) => None,
                };
                let timer = |timer| match timer {
                    Timer::Client(timer) => Some(timer),
                    Timer::Broker(_) => None,
                };
                if let Some(input) = passed(input, command, timer) {
                    out.within(of_client, |out| client.step(input, now, chance, out));
                }
            }
        }
    }

    fn view(&self, lens: &Lens) -> View {
        match self {
            Node::Broker(broker) => View::Broker(broker.view(lens)),
            Node::Client(client) => View::Client(client.view(&())),
        }
    }
}

/// An input in the terms of the machine inside; none for a command or timer of another kind of
/// machine, which was never meant for it.
fn passed<I>(
    input: Input<Node>,
    command: impl FnOnce(Command) -> Option<I::Command>,
    timer: impl FnOnce(Timer) -> Option<I::Timer>,
) -> Option<Input<I>>
where
    I: Machine<Message = Frame>,
{
    Some(match input {
        Input::Command(asked) => Input::Command(command(asked)?),
        Input::Timer(due) => Input::Timer(timer(due)?),
        Input::Accepted { link, from } => Input::Accepted { link, from },
        Input::Connected { link } => Input::Connected { link },
        Input::Refused { link, why } => Input::Refused { link, why },
        Input::Message { link, message } => Input::Message { link, message },
        Input::Disconnected { link, why } => Input::Disconnected { link, why },
        Input::Synced { file, end } => Input::Synced { file, end },
        Input::WriteFailed { file, why } => Input::WriteFailed { file, why },
        Input::DiskFree { bytes } => Input::DiskFree { bytes },
        Input::Memory { used } => Input::Memory { used },
        Input::Stop => Input::Stop,
    })
}

fn of_broker(effect: Effect<Broker>) -> Effect<Node> {
    wrapped(effect, Timer::Broker)
}

fn of_client(effect: Effect<Client>) -> Effect<Node> {
    wrapped(effect, Timer::Client)
}

fn wrapped<I>(effect: Effect<I>, timer_of: impl FnOnce(I::Timer) -> Timer) -> Effect<Node>
where
    I: Machine<Message = Frame, Record = Record, Fact = Fact>,
{
    match effect {
        Effect::Connect { to, link } => Effect::Connect { to, link },
        Effect::Send { link, message } => Effect::Send { link, message },
        Effect::Close { link } => Effect::Close { link },
        Effect::Abort { link } => Effect::Abort { link },
        Effect::Append { file, record } => Effect::Append { file, record },
        Effect::Truncate { file, end } => Effect::Truncate { file, end },
        Effect::TrimHead { file, before } => Effect::TrimHead { file, before },
        Effect::Replace { file, with } => Effect::Replace { file, with },
        Effect::Delete { file } => Effect::Delete { file },
        Effect::Sync { file } => Effect::Sync { file },
        Effect::Arm { timer, after } => Effect::Arm {
            timer: timer_of(timer),
            after,
        },
        Effect::Disarm(timer) => Effect::Disarm(timer_of(timer)),
        Effect::Tell(fact) => Effect::Tell(fact),
        Effect::Exit => Effect::Exit,
    }
}
