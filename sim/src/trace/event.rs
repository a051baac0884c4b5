//! The one public form of an event: concrete, owned, with names in the place of numbers.
//!
//! What `glassmq export` writes, what the player reads. Held by a golden: a change here changes
//! every export.

use std::fmt::Write as _;

use glassmq_core::machine::{Gone, Input, Parcel, Refusal, WriteError};
use glassmq_core::names::{LinkId, MessageId};
use glassmq_core::subject::Told;
use serde::Serialize;
use serde_json::Value;

use crate::cast::{Cast, Command, Fact, Timer, Wire};
use crate::event::{self, Close, Loss};
use crate::fault::{Fault, Toll};
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::trace::fault_words;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Its place in the run: `903.2`.
    pub id: String,
    /// What triggered it.
    pub cause: String,
    /// When, in microseconds of virtual time.
    pub at: u64,
    /// Where.
    pub node: String,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// The messages it concerns: `shop/17`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "fields are named for what they hold")]
pub enum What {
    /// A process started.
    Booted { incarnation: u32 },
    /// A process was asked something.
    Commanded { command: Command },
    /// Another process connected to this one.
    Accepted { link: String, from: String },
    /// A connection that this process asked for is open.
    Connected { link: String, to: String },
    /// A connection that this process asked for did not come about.
    Refused {
        link: String,
        to: String,
        why: Refusal,
    },
    /// A frame arrived.
    Delivered {
        link: String,
        from: String,
        name: &'static str,
        sent: String,
        message: Wire,
        waited: bool,
    },
    /// A connection is gone.
    Disconnected {
        link: String,
        peer: String,
        why: Gone,
    },
    /// A timer went off.
    Fired { timer: Timer, waited: bool },
    /// A flush is done.
    Synced { file: u64, end: u64 },
    /// The process learnt something of its host.
    Informed { of: String },
    /// The process was asked to stop.
    Stopping,
    /// The dice chose.
    Drawn {
        purpose: &'static str,
        n: u64,
        value: u64,
    },
    /// A connection was asked for.
    Connecting { link: String, to: String },
    /// A frame was handed to the network.
    Sent {
        link: String,
        to: String,
        name: &'static str,
        message: Wire,
    },
    /// A frame cannot move on for now.
    Stalled { link: String, sent: String },
    /// A frame will never arrive.
    Lost {
        link: String,
        name: &'static str,
        sent: String,
        why: Loss,
    },
    /// This end closed a connection.
    Closed {
        link: String,
        peer: String,
        how: Close,
    },
    /// A record was written into the page cache.
    Appended {
        file: u64,
        index: u64,
        record: &'static str,
    },
    /// Records from `end` on were dropped.
    Truncated { file: u64, end: u64 },
    /// Records before `before` were dropped.
    Trimmed { file: u64, before: u64 },
    /// A file has other contents.
    Replaced { file: u64, len: u64 },
    /// A file is gone.
    Deleted { file: u64 },
    /// A flush was asked for.
    SyncAsked { file: u64 },
    /// The system flushed a file of its own accord.
    WrittenBack { file: u64, end: u64 },
    /// A record was not written.
    WriteFailed {
        file: u64,
        record: &'static str,
        why: WriteError,
    },
    /// A timer was set.
    Armed { timer: Timer, due: u64 },
    /// A timer was unset.
    Disarmed { timer: Timer },
    /// A process told something.
    Fact { says: String, fact: Fact },
    /// A process ended of its own accord.
    Exited,
    /// A fault struck.
    Faulted {
        says: String,
        fault: Fault,
        toll: Toll,
    },
}

impl Event {
    /// The public form of a kernel event.
    #[must_use]
    pub fn of(event: &event::Event<'_, Cast>, names: &Names, peers: &Peers) -> Event {
        let node = event.node;
        let link = |id: LinkId| names.link(id);
        let peer = |id: LinkId| names.of(peers.of(id, node)).to_string();
        let mut messages = Vec::new();
        let mut each = |id: MessageId| messages.push(names.message(id));
        use event::What as Kernel;
        let what = match &event.what {
            Kernel::Booted { incarnation } => What::Booted {
                incarnation: *incarnation,
            },
            Kernel::Took { input, waited } => match input {
                Input::Message { message, .. } => {
                    message.messages(&mut each);
                    taken(input, *waited, event.cause, &link, &peer, names)
                }
                _ => taken(input, *waited, event.cause, &link, &peer, names),
            },
            Kernel::Drawn { purpose, n, value } => What::Drawn {
                purpose,
                n: *n,
                value: *value,
            },
            Kernel::Connecting { to, link: id } => What::Connecting {
                link: link(*id),
                to: names.of(*to).to_string(),
            },
            Kernel::Sent { link: id, message } => {
                message.messages(&mut each);
                let (to, name) = (peer(*id), message.label());
                What::Sent {
                    link: link(*id),
                    to,
                    name,
                    message: (*message).clone(),
                }
            }
            Kernel::Stalled { link: id, sent } => What::Stalled {
                link: link(*id),
                sent: sent.to_string(),
            },
            Kernel::Lost {
                link: id,
                message,
                sent,
                why,
            } => {
                message.messages(&mut each);
                let (name, sent) = (message.label(), sent.to_string());
                What::Lost {
                    link: link(*id),
                    name,
                    sent,
                    why: *why,
                }
            }
            Kernel::Closed { link: id, how } => What::Closed {
                link: link(*id),
                peer: peer(*id),
                how: *how,
            },
            Kernel::Appended {
                file,
                index,
                record,
            } => {
                record.messages(&mut each);
                What::Appended {
                    file: file.0,
                    index: *index,
                    record: record.label(),
                }
            }
            Kernel::Truncated { file, end } => What::Truncated {
                file: file.0,
                end: *end,
            },
            Kernel::Trimmed { file, before } => What::Trimmed {
                file: file.0,
                before: *before,
            },
            Kernel::Replaced { file, len } => What::Replaced {
                file: file.0,
                len: *len,
            },
            Kernel::Deleted { file } => What::Deleted { file: file.0 },
            Kernel::SyncAsked { file } => What::SyncAsked { file: file.0 },
            Kernel::WrittenBack { file, end } => What::WrittenBack {
                file: file.0,
                end: *end,
            },
            Kernel::WriteFailed { file, record, why } => What::WriteFailed {
                file: file.0,
                record: record.label(),
                why: *why,
            },
            Kernel::Armed { timer, due } => What::Armed {
                timer: (*timer).clone(),
                due: *due,
            },
            Kernel::Disarmed { timer } => What::Disarmed {
                timer: (*timer).clone(),
            },
            Kernel::Fact { fact } => {
                fact.messages(&mut each);
                What::Fact {
                    says: fact.to_string(),
                    fact: (*fact).clone(),
                }
            }
            Kernel::Exited => What::Exited,
            Kernel::Faulted { fault, toll } => What::Faulted {
                says: fault_words::clause(fault, names),
                fault: (*fault).clone(),
                toll: *toll,
            },
        };
        Event {
            id: event.id.to_string(),
            cause: event.cause.to_string(),
            at: event.at,
            node: names.of(node).to_string(),
            what,
            messages,
        }
    }

    /// One line for people: what happened, without when.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = self.clause();
        if !self.messages.is_empty() {
            let _ = write!(text, " [{}]", self.messages.join(", "));
        }
        text
    }

    fn clause(&self) -> String {
        let node = &self.node;
        match &self.what {
            What::Booted { incarnation: 0 } => format!("{node} started"),
            What::Booted { incarnation } => {
                format!("{node} started again, life {}", incarnation + 1)
            }
            What::Commanded { command } => format!("{node} was asked: {}", name(command)),
            What::Accepted { from, .. } => format!("{node} accepted a connection from {from}"),
            What::Connected { to, .. } => format!("{node} connected to {to}"),
            What::Refused { to, why, .. } => match why {
                Refusal::Refused => format!("{to} refused {node}'s connection"),
                Refusal::TimedOut => format!("{node} could not reach {to}: timed out"),
            },
            What::Delivered { from, name, .. } => format!("{name} from {from} reached {node}"),
            What::Disconnected { peer, why, .. } => {
                let how = match why {
                    Gone::Closed => "closed",
                    Gone::Reset => "reset",
                    Gone::TimedOut => "timed out",
                };
                format!("{node} lost its connection to {peer}: {how}")
            }
            What::Fired { timer, .. } => format!("a timer of {node} went off: {}", name(timer)),
            What::Synced { file, end } => format!("{node} flushed file {file} up to {end}"),
            What::Informed { of } => format!("{node} learnt: {of}"),
            What::Stopping => format!("{node} was asked to stop"),
            What::Drawn { purpose, n, value } => {
                format!("{node} drew {value} below {n}: {purpose}")
            }
            What::Connecting { to, .. } => format!("{node} connects to {to}"),
            What::Sent { to, name, .. } => format!("{node} sent {name} to {to}"),
            What::Stalled { link, .. } => format!("{node}'s frame on {link} stalled"),
            What::Lost { name, why, .. } => {
                let why = match why {
                    Loss::NotConnected => "it is not connected",
                    Loss::Closed => "the other end had closed",
                    Loss::Reset => "the connection was reset",
                    Loss::Crashed => "a process at its ends died",
                    Loss::TimedOut => "the system gave up resending it",
                };
                format!("{name} of {node} is lost: {why}")
            }
            What::Closed { peer, how, .. } => match how {
                Close::Orderly => format!("{node} closed its connection to {peer}"),
                Close::Abort => format!("{node} aborted its connection to {peer}"),
            },
            What::Appended {
                file,
                index,
                record,
            } => {
                format!("{node} wrote {record} {index} of file {file}, not flushed")
            }
            What::Truncated { file, end } => format!("{node} truncated file {file} to {end}"),
            What::Trimmed { file, before } => {
                format!("{node} dropped file {file} before {before}")
            }
            What::Replaced { file, len } => {
                format!("{node} replaced file {file}: {len} records")
            }
            What::Deleted { file } => format!("{node} deleted file {file}"),
            What::SyncAsked { file } => format!("{node} flushes file {file}"),
            What::WrittenBack { file, end } => {
                format!("{node}'s system wrote file {file} back up to {end}")
            }
            What::WriteFailed { file, record, .. } => {
                format!("{node} could not write {record} to file {file}: the disk is full")
            }
            What::Armed { timer, .. } => format!("{node} set a timer: {}", name(timer)),
            What::Disarmed { timer } => format!("{node} unset a timer: {}", name(timer)),
            What::Fact { says, .. } => format!("{node} {says}"),
            What::Exited => format!("{node} ended"),
            What::Faulted { says, .. } => format!("fault: {says}"),
        }
    }
}

fn taken(
    input: &Input<Cast>,
    waited: bool,
    sent: event::EventId,
    link: &impl Fn(LinkId) -> String,
    peer: &impl Fn(LinkId) -> String,
    names: &Names,
) -> What {
    match input {
        Input::Command(command) => What::Commanded {
            command: command.clone(),
        },
        Input::Accepted { link: id, from } => What::Accepted {
            link: link(*id),
            from: names.of(*from).to_string(),
        },
        Input::Connected { link: id } => What::Connected {
            link: link(*id),
            to: peer(*id),
        },
        Input::Refused { link: id, why } => What::Refused {
            link: link(*id),
            to: peer(*id),
            why: *why,
        },
        Input::Message { link: id, message } => What::Delivered {
            link: link(*id),
            from: peer(*id),
            name: message.label(),
            sent: sent.to_string(),
            message: message.clone(),
            waited,
        },
        Input::Disconnected { link: id, why } => What::Disconnected {
            link: link(*id),
            peer: peer(*id),
            why: *why,
        },
        Input::Timer(timer) => What::Fired {
            timer: (*timer).clone(),
            waited,
        },
        Input::Synced { file, end } => What::Synced {
            file: file.0,
            end: *end,
        },
        Input::WriteFailed { .. } => What::Informed {
            of: "a write failed".to_string(),
        },
        Input::DiskFree { bytes } => What::Informed {
            of: format!("{bytes} bytes of disk free"),
        },
        Input::Memory { used } => What::Informed {
            of: format!("{used} bytes of memory used"),
        },
        Input::Stop => What::Stopping,
    }
}

/// What a timer or a command is called: the words that its JSON begins with.
fn name(of: &impl Serialize) -> String {
    words(&serde_json::to_value(of).unwrap_or_default())
}

fn words(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(keys) => match (keys.get("do"), keys.iter().next()) {
            (Some(order), _) => words(order),
            (None, Some((word, of))) if keys.len() == 1 => {
                format!("{word} {}", words(of)).trim_end().to_string()
            }
            _ => String::new(),
        },
        _ => String::new(),
    }
}
