//! What the kernel tells of a step: the events, while they happen.
//!
//! These borrow from the step and are generic over the machine; [`crate::trace`] turns them into
//! the one concrete form that the rest of the program reads.

use std::fmt;
use std::str::FromStr;

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Input, Machine, WriteError};
use glassmq_core::names::{FileId, LinkId, NodeId};
use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Toll};

/// The `n`th event of a step, written `903.2`. Step 0 is the scenario itself: `0.0` is the root
/// of every chain of causes.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Fingerprint,
    Serialize,
    Deserialize,
)]
pub struct EventId {
    /// Which step, counted from 1.
    pub step: u32,
    /// Which event of it, counted from 0.
    pub n: u32,
}

impl EventId {
    /// The scenario.
    pub const ROOT: EventId = EventId { step: 0, n: 0 };
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.step, self.n)
    }
}

/// Reads what is printed: `903.2`.
impl FromStr for EventId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<EventId, Self::Err> {
        let wrong = "an event is a step, a dot and its number there, such as 903.2";
        let (step, n) = text.split_once('.').ok_or(wrong)?;
        let number = |digits: &str| digits.parse().map_err(|_| wrong);
        Ok(EventId {
            step: number(step)?,
            n: number(n)?,
        })
    }
}

/// Something that happened.
#[derive(Debug)]
pub struct Event<'a, M: Machine> {
    /// Its place in the run.
    pub id: EventId,
    /// What triggered it.
    pub cause: EventId,
    /// When, in microseconds of virtual time.
    pub at: u64,
    /// Where. For a fault: the first node it concerns.
    pub node: NodeId,
    /// What.
    pub what: What<'a, M>,
}

/// What happened.
#[allow(missing_docs, reason = "fields are named for what they hold")]
#[derive(Debug)]
pub enum What<'a, M: Machine> {
    /// A process started; in the life so numbered, from 0.
    Booted { incarnation: u32 },
    /// A process took an input. `waited` tells whether the input had to wait for it (it was
    /// paused, or busy). A message's cause is its [`What::Sent`], a timer's its [`What::Armed`].
    Took { input: &'a Input<M>, waited: bool },
    /// A choice was made by the dice.
    Drawn {
        purpose: &'static str,
        n: u64,
        value: u64,
    },
    /// A connection was asked for.
    Connecting { to: NodeId, link: LinkId },
    /// A frame was handed to the network.
    Sent {
        link: LinkId,
        message: &'a M::Message,
    },
    /// A frame that was due cannot arrive for now.
    Stalled { link: LinkId, sent: EventId },
    /// A frame will never arrive.
    Lost {
        link: LinkId,
        message: &'a M::Message,
        sent: EventId,
        why: Loss,
    },
    /// This end closed a connection.
    Closed { link: LinkId, how: Close },
    /// A record was written into the page cache.
    Appended {
        file: FileId,
        index: u64,
        record: &'a M::Record,
    },
    /// Records from `end` on were dropped.
    Truncated { file: FileId, end: u64 },
    /// Records before `before` were dropped.
    Trimmed { file: FileId, before: u64 },
    /// A file has other contents now: this many records.
    Replaced { file: FileId, len: u64 },
    /// A file is gone.
    Deleted { file: FileId },
    /// A flush was asked for.
    SyncAsked { file: FileId },
    /// The system flushed a file of its own accord; the process does not know.
    WrittenBack { file: FileId, end: u64 },
    /// A record was not written.
    WriteFailed {
        file: FileId,
        record: &'a M::Record,
        why: WriteError,
    },
    /// A timer was set, to go off at `due`.
    Armed { timer: &'a M::Timer, due: u64 },
    /// A timer was unset.
    Disarmed { timer: &'a M::Timer },
    /// The process told something.
    Fact { fact: &'a M::Fact },
    /// The process ended of its own accord.
    Exited,
    /// A fault struck. `toll` says what it took at once.
    Faulted { fault: &'a Fault, toll: Toll },
}

/// Why a frame never arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// It was sent on a connection that is not open.
    NotConnected,
    /// The other end had closed.
    Closed,
    /// The connection was reset while it was under way.
    Reset,
    /// The process that was to take it, or the one that was still to send it, died first.
    Crashed,
    /// The system gave up resending it.
    TimedOut,
}

/// How a process ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Close {
    /// FIN, behind everything sent.
    Orderly,
    /// RST.
    Abort,
}

/// Whoever follows a run: the trace, digests, ledger, checkers.
pub trait Sink<M: Machine> {
    /// Sees an event, in order.
    fn event(&mut self, event: &Event<'_, M>);

    /// Asked between what a process takes and what it does: whether it dies in between, and after
    /// how many effects.
    fn interrupt(&mut self) -> Option<Interrupt> {
        None
    }
}

/// Death in the middle of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Interrupt {
    /// So many effects are still carried out.
    pub after_effects: u32,
    /// How the process dies.
    pub lose: crate::fault::Lose,
}

/// For runs that nobody follows.
impl<M: Machine> Sink<M> for () {
    fn event(&mut self, _: &Event<'_, M>) {}
}

/// The connection that an input is about.
pub(crate) fn link_of<M: Machine>(input: &Input<M>) -> Option<LinkId> {
    match input {
        Input::Accepted { link, .. }
        | Input::Connected { link }
        | Input::Refused { link, .. }
        | Input::Message { link, .. }
        | Input::Disconnected { link, .. } => Some(*link),
        _ => None,
    }
}
