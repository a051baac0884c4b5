//! The one public form of an event: concrete, owned, with names in the place of numbers.
//!
//! What `glassmq export` writes, what the player reads. Held by a golden: a change here changes
//! every export.

use glassmq_core::machine::{Gone, Input, Parcel, Refusal, WriteError};
use glassmq_core::names::{LinkId, MessageId};
use glassmq_core::subject::Told;
use serde::Serialize;

use crate::cast::{Cast, Command, Fact, Timer, Wire};
use crate::event::{self, Close, Loss};
use crate::fault::{Fault, Toll};
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::words;

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
    #[serde(skip)]
    sentence: String,
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
        let sentence = words::line(event, names, peers);
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
                says: sentence.clone(),
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
            sentence,
        }
    }

    /// One line for people: what happened, without when.
    #[must_use]
    pub fn sentence(&self) -> &str {
        &self.sentence
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
