//! A process as the kernel sees it: its lives, its backlog, its timers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::machine::{Input, Machine};
use glassmq_core::names::{FileId, Name};
use glassmq_core::time::{Now, Span};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::clock::Clock;
use crate::dice::Stream;
use crate::disk::{Disk, DiskPace};
use crate::event::{EventId, Interrupt};

/// How long a process works on one input before its effects are seen. Zero unless told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ServicePace {
    /// For each input, in microseconds.
    pub each: u64,
    /// For each KiB of a message, in microseconds.
    pub per_kib: u64,
}

impl ServicePace {
    /// How long an input of so many bytes takes.
    #[must_use]
    pub fn time(self, bytes: u64) -> u64 {
        self.each + self.per_kib * bytes / 1024
    }
}

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// Not there. Its host may answer for it, or be without power.
    Down {
        /// Whether its host has power, and so refuses connections.
        host: bool,
    },
    /// Taking inputs.
    Running,
    /// There, but taking no inputs.
    Paused,
}

/// One process. What every step touches fits in a cache line or two; the rest is a pointer away.
#[derive(Clone, Debug)]
pub struct Process<M: Machine> {
    /// Its state, while it lives.
    pub machine: Option<M>,
    /// What it is doing.
    pub life: Life,
    /// Whether an input goes straight in: it runs, works in no time, and nothing waits.
    pub(crate) idle: bool,
    /// Whether its clock is virtual time itself.
    pub(crate) punctual: bool,
    /// Whether it dies in the middle of a coming step.
    pub(crate) doomed: bool,
    /// Which life this is, from 0. Voids what an earlier one was waiting for.
    pub incarnation: u32,
    /// How many connections it has opened in all its lives.
    pub(crate) opened: u32,
    /// Its timers, by name.
    pub(crate) timers: SmallVec<[Armed<M::Timer>; 1]>,
    pub(crate) rest: Box<Rest<M>>,
}

/// What few steps touch.
#[derive(Clone, Debug)]
pub(crate) struct Rest<M: Machine> {
    pub name: Name,
    pub setup: Arc<M::Setup>,
    pub clock: Clock,
    pub timer_stream: Stream,
    /// The dice for its own choices, by purpose.
    pub chances: BTreeMap<&'static str, Stream>,
    pub service: ServicePace,
    /// Inputs that wait.
    pub backlog: VecDeque<Waiting<M>>,
    /// Whether the agenda has its next turn.
    pub turn: bool,
    /// It dies in the middle of the next step that asks for more effects than this; and the fault
    /// that doomed it.
    pub doom: Option<(Interrupt, EventId)>,
    pub disk: Disk<M::Record>,
    pub disk_pace: DiskPace,
    /// How much slower a fault made the disk.
    pub disk_slow: Option<Span>,
    pub disk_stream: Stream,
    /// Files that end in half a record since the power went.
    pub torn: Vec<FileId>,
}

/// An input on its way into a process.
#[derive(Clone, Debug)]
pub(crate) struct Waiting<M: Machine> {
    pub input: Input<M>,
    pub cause: EventId,
    /// Bytes of its connection's buffer that it occupies.
    pub bytes: u64,
    /// Whether it had to wait.
    pub waited: bool,
}

/// A timer that is set.
#[derive(Clone, Debug, Fingerprint)]
pub(crate) struct Armed<T> {
    pub timer: T,
    /// The entry in the agenda that counts.
    pub ticket: u64,
    /// When, on the node's monotonic clock.
    pub mono: u64,
    /// The event that set it.
    pub cause: EventId,
}

impl<M: Machine> Process<M> {
    /// Its name in the scenario; its dice hang on it.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.rest.name
    }

    /// Its files.
    #[must_use]
    pub fn disk(&self) -> &Disk<M::Record> {
        &self.rest.disk
    }

    /// What its clocks read at virtual time `at`.
    #[inline]
    pub(crate) fn read_clock(&self, at: u64, epoch: i64) -> Now {
        if self.punctual {
            return Now {
                wall: epoch + at as i64,
                mono: at,
            };
        }
        self.rest.clock.read(at)
    }

    /// After its life, its clock or its backlog changed.
    pub(crate) fn refresh(&mut self) {
        let rest = &self.rest;
        let instant = rest.service == ServicePace::default();
        self.idle = self.life == Life::Running && instant && rest.backlog.is_empty();
        self.punctual = !rest.clock.is_off();
        self.doomed = rest.doom.is_some();
    }

    /// Sets a timer, in the place of one of the same name. Returns whether there was one.
    pub(crate) fn arm(&mut self, armed: Armed<M::Timer>) -> bool {
        match self.find(&armed.timer) {
            Ok(at) => {
                self.timers[at] = armed;
                true
            }
            Err(at) => {
                self.timers.insert(at, armed);
                false
            }
        }
    }

    /// Unsets a timer. Returns whether it was set.
    pub(crate) fn disarm(&mut self, timer: &M::Timer) -> bool {
        self.find(timer).map(|at| self.timers.remove(at)).is_ok()
    }

    /// A timer's entry came up: unsets the timer if that is the entry that counts.
    pub(crate) fn fire(&mut self, timer: &M::Timer, ticket: u64) -> Option<EventId> {
        let at = self.find(timer).ok()?;
        (self.timers[at].ticket == ticket).then(|| self.timers.remove(at).cause)
    }

    /// Whether a timer's entry in the agenda counts.
    pub(crate) fn awaits(&self, timer: &M::Timer, ticket: u64) -> bool {
        self.find(timer)
            .is_ok_and(|at| self.timers[at].ticket == ticket)
    }

    /// The process is no more. Returns how many timers will not go off.
    pub(crate) fn end(&mut self, life: Life) -> usize {
        self.life = life;
        self.machine = None;
        self.rest.backlog.clear();
        self.rest.turn = false;
        self.rest.doom = None;
        self.refresh();
        std::mem::take(&mut self.timers).len()
    }

    fn find(&self, timer: &M::Timer) -> Result<usize, usize> {
        self.timers.binary_search_by(|armed| armed.timer.cmp(timer))
    }
}

impl<M: Machine> Fingerprint for Process<M> {
    fn fingerprint(&self, to: &mut Digest) {
        self.machine.fingerprint(to);
        self.life.fingerprint(to);
        self.incarnation.fingerprint(to);
        self.opened.fingerprint(to);
        self.timers.as_slice().fingerprint(to);
        let rest = &self.rest;
        rest.name.fingerprint(to);
        rest.clock.fingerprint(to);
        rest.timer_stream.fingerprint(to);
        for (purpose, stream) in &rest.chances {
            purpose.fingerprint(to);
            stream.fingerprint(to);
        }
        to.word(rest.backlog.len() as u64);
        for waiting in &rest.backlog {
            waiting.input.fingerprint(to);
            waiting.cause.fingerprint(to);
        }
        rest.doom.fingerprint(to);
        rest.disk.fingerprint(to);
        rest.disk_slow.fingerprint(to);
        rest.disk_stream.fingerprint(to);
        rest.torn.fingerprint(to);
    }
}
