//! The only boundary: what a process may be told, and what it may ask for.
//!
//! A [`Machine`] is one process of a cluster, or one client, as a pure function of its inputs. It
//! takes one [`Input`] to completion and asks for [`Effect`]s, which are plain data in the order
//! asked for. It knows neither the network's delays nor the disk's, neither event numbers nor
//! faults: the kernel on the other side deals with those.

use alloc::vec::Vec;
use core::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::names::{FileId, LinkId, MessageId, NodeId};
use crate::shared::{Log, Room, SortedMap};
use crate::subject::Told;
use crate::time::{Now, Span};

/// One process, as a pure function of its inputs.
pub trait Machine: Clone + Debug + Fingerprint {
    /// What a restart keeps besides the disk: configuration, who the others are.
    type Setup: Clone + Debug;
    /// What a person, a workload or an administrator asks of it.
    type Command: Clone + Debug + Fingerprint;
    /// What travels on its connections.
    type Message: Parcel;
    /// The name of a timer; arming a name again replaces it.
    type Timer: Clone + Ord + Debug + Fingerprint;
    /// One durable entry of a file.
    type Record: Parcel;
    /// What an onlooker is told, in the field's own words.
    type Fact: Told;
    /// What an inspector shows.
    type View: Debug;
    /// Which part of a large state an inspector asks for.
    type Lens;

    /// Starts, or starts again, from what the disk kept.
    fn boot(
        setup: &Self::Setup,
        kept: &Kept<Self::Record>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self;

    /// Takes one input to completion. Reads nothing but its arguments, and cannot fail: a
    /// protocol error is a message, a broken invariant is an assert.
    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>);

    /// Counts, and at most the cells that the lens asks for.
    fn view(&self, lens: &Self::Lens) -> Self::View;
}

/// What travels on a connection or lies in a file.
pub trait Parcel: Clone + Debug + Fingerprint {
    /// Its size on the wire or on disk, in bytes.
    fn bytes(&self) -> u64;

    /// Its name on the wire: `basic.publish`, `Fetch`.
    fn label(&self) -> &'static str;

    /// The application messages inside.
    fn messages(&self, _each: &mut dyn FnMut(MessageId)) {}
}

/// For machines that send, or store, nothing.
impl Parcel for core::convert::Infallible {
    fn bytes(&self) -> u64 {
        match *self {}
    }

    fn label(&self) -> &'static str {
        match *self {}
    }
}

/// What a process is told. One input is one step.
#[derive(Clone, Debug, Fingerprint)]
pub enum Input<M: Machine> {
    /// Someone asks something of it.
    Command(M::Command),
    /// Another process connected to this one.
    Accepted {
        /// The new connection.
        link: LinkId,
        /// Who opened it, as `getpeername` would tell.
        from: NodeId,
    },
    /// A connection that this process asked for is open.
    Connected {
        /// The link that [`Out::connect`] returned.
        link: LinkId,
    },
    /// A connection that this process asked for did not come about.
    Refused {
        /// The link that [`Out::connect`] returned; it is gone.
        link: LinkId,
        /// What the caller was told.
        why: Refusal,
    },
    /// A whole frame arrived.
    Message {
        /// On which connection.
        link: LinkId,
        /// The frame.
        message: M::Message,
    },
    /// A connection is gone, and all that was still on it.
    Disconnected {
        /// Which.
        link: LinkId,
        /// How this end learnt of it.
        why: Gone,
    },
    /// A timer that was armed went off; it is no longer armed.
    Timer(M::Timer),
    /// Everything before `end` in this file now survives a power loss.
    Synced {
        /// Which file.
        file: FileId,
        /// The index after the last record that is safe.
        end: u64,
    },
    /// An append did not happen, nor did any later one of the same step to the same file.
    WriteFailed {
        /// Which file.
        file: FileId,
        /// What the system said.
        why: WriteError,
    },
    /// The room left on the disk changed by outside hands.
    DiskFree {
        /// Bytes left.
        bytes: u64,
    },
    /// The memory this process uses, as its own meter reads it, changed by outside hands.
    Memory {
        /// Bytes used.
        used: u64,
    },
    /// Asked to stop in an orderly way; it ends with [`Effect::Exit`], or is killed after a grace.
    Stop,
}

/// What a process may ask for. Plain data, carried out in the order asked for.
#[derive(Clone, Debug)]
pub enum Effect<M: Machine> {
    /// Open a connection; `Connected` or `Refused` will follow.
    Connect {
        /// To whom.
        to: NodeId,
        /// Its name from now on.
        link: LinkId,
    },
    /// Send a frame. On a connection that is gone, it is lost.
    Send {
        /// On which connection.
        link: LinkId,
        /// The frame.
        message: M::Message,
    },
    /// Close in an orderly way: a FIN behind everything sent.
    Close {
        /// Which connection.
        link: LinkId,
    },
    /// Close at once: an RST, whatever is in flight.
    Abort {
        /// Which connection.
        link: LinkId,
    },
    /// Write a record behind the last one, into the page cache.
    Append {
        /// Which file; it comes into being with its first record.
        file: FileId,
        /// The record.
        record: M::Record,
    },
    /// Drop the records from `end` on.
    Truncate {
        /// Which file.
        file: FileId,
        /// The index after the last record that stays.
        end: u64,
    },
    /// Drop the records before `before`; indexes stay as they are.
    TrimHead {
        /// Which file.
        file: FileId,
        /// The index of the first record that stays.
        before: u64,
    },
    /// Put other contents in the place of a file, as write-aside and rename does.
    Replace {
        /// Which file.
        file: FileId,
        /// The new records, from index 0.
        with: Vec<M::Record>,
    },
    /// Remove a file.
    Delete {
        /// Which file.
        file: FileId,
    },
    /// Flush a file; `Synced` will follow.
    Sync {
        /// Which file.
        file: FileId,
    },
    /// Set a timer, in the place of an earlier one of the same name.
    Arm {
        /// Its name.
        timer: M::Timer,
        /// How long to wait, on this node's monotonic clock.
        after: Span,
    },
    /// Unset a timer, if it is set.
    Disarm(M::Timer),
    /// Tell onlookers what happened here.
    Tell(M::Fact),
    /// End this process: its connections are closed, its files stay as written.
    Exit,
}

/// Why a connection did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The host is up, nobody listens: `ECONNREFUSED`.
    Refused,
    /// No answer at all: `ETIMEDOUT`.
    TimedOut,
}

/// How one end of a connection learns that it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gone {
    /// The other end closed in an orderly way (FIN), after all it had sent.
    Closed,
    /// The other end reset it, or is another process by now (RST).
    Reset,
    /// What was sent stayed unacknowledged until the system gave up.
    TimedOut,
}

/// Why an append did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteError {
    /// No room left: `ENOSPC`.
    Full,
}

/// What the disk kept, file by file.
pub type Kept<R> = SortedMap<FileId, KeptFile<R>>;

/// One file as a restarted process finds it.
#[derive(Clone, Debug, PartialEq, Fingerprint)]
pub struct KeptFile<R> {
    /// The whole records, at the indexes they were written at.
    pub records: Log<R>,
    /// Whether the beginning of another record lies behind them: a write that the power cut
    /// short. Its owner must notice (by length or checksum) and drop it.
    pub torn: bool,
}

/// The effects of one step, in the order asked for.
#[derive(Debug)]
pub struct Out<M: Machine> {
    me: NodeId,
    opened: u32,
    effects: Vec<Effect<M>>,
}

impl<M: Machine> Out<M> {
    /// For the process `me`, which has opened `opened` connections in all its lives.
    #[must_use]
    pub fn new(me: NodeId, opened: u32) -> Self {
        Out {
            me,
            opened,
            effects: Vec::new(),
        }
    }

    /// Empty again, for another process: keeps its room.
    #[inline]
    pub fn reset(&mut self, me: NodeId, opened: u32) {
        self.me = me;
        self.opened = opened;
        self.effects.clear();
    }

    /// Asks for a connection and names it.
    pub fn connect(&mut self, to: NodeId) -> LinkId {
        let link = LinkId {
            opener: self.me,
            ordinal: self.opened,
        };
        self.opened += 1;
        self.effects.push(Effect::Connect { to, link });
        link
    }

    /// Sends a frame.
    #[inline]
    pub fn send(&mut self, link: LinkId, message: M::Message) {
        self.effects.push(Effect::Send { link, message });
    }

    /// Closes a connection in an orderly way.
    pub fn close(&mut self, link: LinkId) {
        self.effects.push(Effect::Close { link });
    }

    /// Closes a connection at once.
    pub fn abort(&mut self, link: LinkId) {
        self.effects.push(Effect::Abort { link });
    }

    /// Writes a record.
    pub fn append(&mut self, file: FileId, record: M::Record) {
        self.effects.push(Effect::Append { file, record });
    }

    /// Drops the records from `end` on.
    pub fn truncate(&mut self, file: FileId, end: u64) {
        self.effects.push(Effect::Truncate { file, end });
    }

    /// Drops the records before `before`.
    pub fn trim_head(&mut self, file: FileId, before: u64) {
        self.effects.push(Effect::TrimHead { file, before });
    }

    /// Puts other contents in the place of a file.
    pub fn replace(&mut self, file: FileId, with: Vec<M::Record>) {
        self.effects.push(Effect::Replace { file, with });
    }

    /// Removes a file.
    pub fn delete(&mut self, file: FileId) {
        self.effects.push(Effect::Delete { file });
    }

    /// Flushes a file.
    pub fn sync(&mut self, file: FileId) {
        self.effects.push(Effect::Sync { file });
    }

    /// Sets a timer.
    #[inline]
    pub fn arm(&mut self, timer: M::Timer, after: Span) {
        self.effects.push(Effect::Arm { timer, after });
    }

    /// Unsets a timer.
    pub fn disarm(&mut self, timer: M::Timer) {
        self.effects.push(Effect::Disarm(timer));
    }

    /// Tells onlookers.
    pub fn tell(&mut self, fact: M::Fact) {
        self.effects.push(Effect::Tell(fact));
    }

    /// Ends this process.
    pub fn exit(&mut self) {
        self.effects.push(Effect::Exit);
    }

    /// Lets a machine inside this one (a queue's Raft group, a member of a cast) ask for effects,
    /// and passes them on in this one's terms.
    pub fn within<I: Machine, R>(
        &mut self,
        wrap: impl Fn(Effect<I>) -> Effect<M>,
        act: impl FnOnce(&mut Out<I>) -> R,
    ) -> R {
        self.within_room(&mut Room::default(), wrap, act)
    }

    /// [`Out::within`], over and over: what is asked for is gathered in a room that is kept for the
    /// next time.
    pub fn within_room<I: Machine, R>(
        &mut self,
        room: &mut Room<Effect<I>>,
        wrap: impl Fn(Effect<I>) -> Effect<M>,
        act: impl FnOnce(&mut Out<I>) -> R,
    ) -> R {
        let mut inner = Out {
            me: self.me,
            opened: self.opened,
            effects: room.take(),
        };
        let result = act(&mut inner);
        self.opened = inner.opened;
        self.effects.extend(inner.effects.drain(..).map(wrap));
        room.put_back(inner.effects);
        result
    }

    /// What was asked for so far.
    #[must_use]
    pub fn effects(&self) -> &[Effect<M>] {
        &self.effects
    }

    /// How many connections this process has opened in all its lives.
    #[must_use]
    pub fn opened(&self) -> u32 {
        self.opened
    }

    /// Takes what was asked for.
    pub fn drain(&mut self) -> alloc::vec::Drain<'_, Effect<M>> {
        self.effects.drain(..)
    }

    /// Takes what was asked for, with the room it is in: [`Out::put_back`] gives that back.
    #[inline]
    #[must_use]
    pub fn take(&mut self) -> Vec<Effect<M>> {
        core::mem::take(&mut self.effects)
    }

    /// Gives back, emptied, what [`Out::take`] took.
    #[inline]
    pub fn put_back(&mut self, room: Vec<Effect<M>>) {
        self.effects = room;
    }
}

/// The dice, for choices that are not waits. Each answer goes into the trace and can be forced.
pub struct Chance<'a>(&'a mut dyn Oracle);

/// Who answers a [`Chance`]: the kernel, or a test's script.
pub trait Oracle {
    /// A whole number below `n`; `n` is at least 1.
    fn below(&mut self, n: u64, purpose: &'static str) -> u64;
}

impl<'a> Chance<'a> {
    /// Asks `oracle`.
    pub fn new(oracle: &'a mut dyn Oracle) -> Self {
        Chance(oracle)
    }

    /// A whole number below `n`, which is at least 1. The purpose says what is being chosen, in
    /// the field's words; draws for one purpose do not disturb those for another.
    pub fn below(&mut self, n: u64, purpose: &'static str) -> u64 {
        assert!(n > 0, "a choice needs at least one option: {purpose}");
        self.0.below(n, purpose)
    }
}

impl Debug for Chance<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Chance")
    }
}
