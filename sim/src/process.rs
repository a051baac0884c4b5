//! A process as the kernel sees it: its lives, its backlog, its timers.

use std::collections::VecDeque;
use std::rc::Rc;

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::machine::{Chance, Input, Machine, Oracle, Out};
use glassmq_core::names::{LinkId, Name, NodeId};
use glassmq_core::shared::SortedMap;
use glassmq_core::time::{Now, Span};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::dice::Stream;
use crate::disk::{Disk, DiskPace};
use crate::event::{EventId, Interrupt, link_of};
use crate::own::own;
use crate::timers::Timers;

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

/// One process. Processes lie side by side, so this holds only what nearly every step touches and
/// what a keyframe copies cheaply; the rest is shared with keyframes until it changes. Of a machine
/// with small timers, it is one line of the processor's cache.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Process<M: Machine> {
    pub(crate) machine: Option<Rc<M>>,
    pub(crate) timers: Timers<M::Timer>,
    rest: Rc<Rest<M>>,
    pub(crate) incarnation: u32,
    /// How many connections it has opened in all its lives.
    pub(crate) opened: u32,
    life: Life,
    /// Whether an input goes straight in: it runs, works in no time, and nothing waits.
    pub(crate) idle: bool,
    /// Whether its clock is virtual time itself.
    pub(crate) punctual: bool,
    /// Whether it dies in the middle of a coming step.
    pub(crate) doomed: bool,
}

/// What few steps touch.
#[derive(Clone, Debug)]
pub(crate) struct Rest<M: Machine> {
    pub name: Name,
    pub setup: Rc<M::Setup>,
    pub clock: Clock,
    pub timer_stream: Stream,
    /// The dice for its own choices, by purpose.
    pub chances: SortedMap<&'static str, Stream>,
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
    /// The dice for what a slow disk takes: a fault changes no draw of the disk's own.
    pub slow_stream: Stream,
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

impl<M: Machine> Process<M> {
    pub(crate) fn new(rest: Rest<M>) -> Self {
        Process {
            machine: None,
            timers: Timers::default(),
            rest: Rc::new(rest),
            incarnation: 0,
            opened: 0,
            life: Life::Down { host: true },
            idle: false,
            punctual: true,
            doomed: false,
        }
    }

    /// Its name in the scenario; its dice hang on it.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.rest.name
    }

    /// Its state, while it lives.
    #[must_use]
    pub fn machine(&self) -> Option<&M> {
        self.machine.as_deref()
    }

    /// The state that it would come back with from its disk: what there is of one that is down.
    /// Nothing of it happens: what it would do is dropped, and its choices are the first ones.
    #[must_use]
    pub fn asleep(&self, node: NodeId, at: u64, epoch: i64) -> M {
        struct First;
        impl Oracle for First {
            fn below(&mut self, _: u64, _: &'static str) -> u64 {
                0
            }
        }
        let mut out = Out::new(node, self.opened);
        let (kept, now) = (self.rest.disk.kept(), self.read_clock(at, epoch));
        let (mut first, setup) = (First, &self.rest.setup);
        M::boot(setup, &kept, now, &mut Chance::new(&mut first), &mut out)
    }

    /// What it is doing.
    #[must_use]
    pub fn life(&self) -> Life {
        self.life
    }

    /// Whether there is a process at all.
    #[must_use]
    pub fn lives(&self) -> bool {
        !matches!(self.life, Life::Down { .. })
    }

    /// Which life this is, from 0.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Its files.
    #[must_use]
    pub fn disk(&self) -> &Disk<M::Record> {
        &self.rest.disk
    }

    /// How many inputs wait for it.
    #[must_use]
    pub fn backlog(&self) -> u32 {
        self.rest.backlog.len() as u32
    }

    /// How many timers are set.
    #[must_use]
    pub fn timers(&self) -> u32 {
        self.timers.len()
    }

    pub(crate) fn rest(&self) -> &Rest<M> {
        &self.rest
    }

    /// The rest, to be changed. [`Process::refresh`] follows when life, clock, backlog or doom
    /// changed.
    pub(crate) fn rest_mut(&mut self) -> &mut Rest<M> {
        own(&mut self.rest)
    }

    /// The state of a process that lives, and the rest.
    #[inline(always)]
    pub(crate) fn state(&mut self) -> (&mut M, &mut Rc<Rest<M>>) {
        let machine = self
            .machine
            .as_mut()
            .expect("a process that lives has a state");
        (own(machine), &mut self.rest)
    }

    /// The rest, not yet to be changed.
    pub(crate) fn shared_rest(&mut self) -> &mut Rc<Rest<M>> {
        &mut self.rest
    }

    /// Some number that cannot be had without looking at what a step will need.
    #[inline]
    pub(crate) fn weight(&self) -> usize {
        self.machine.as_ref().map_or(0, Rc::strong_count)
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

    /// What its monotonic clock will read after a wait of so many microseconds on that clock, and
    /// when that is in virtual time.
    #[inline]
    pub(crate) fn after(&self, now: u64, wait: u64) -> (u64, u64) {
        if self.punctual {
            let due = now.saturating_add(wait);
            return (due, due);
        }
        let clock = &self.rest.clock;
        let mono = clock.read(now).mono.saturating_add(wait);
        (mono, now.saturating_add(clock.real(wait)))
    }

    /// From now on it does this.
    pub(crate) fn live(&mut self, life: Life) {
        self.life = life;
        self.refresh();
    }

    /// Takes no more input; what waits from now on has waited.
    pub(crate) fn pause(&mut self) {
        for waiting in &mut self.rest_mut().backlog {
            waiting.waited = true;
        }
        self.live(Life::Paused);
    }

    /// Brings what is remembered of the rest up to date.
    pub(crate) fn refresh(&mut self) {
        let rest = &*self.rest;
        let instant = rest.service == ServicePace::default();
        self.idle = self.life == Life::Running && instant && rest.backlog.is_empty();
        self.punctual = !rest.clock.is_off();
        self.doomed = rest.doom.is_some();
    }

    /// The process is no more. Returns what waited for it, and how many timers will not go off.
    pub(crate) fn end(&mut self, life: Life) -> (VecDeque<Waiting<M>>, u32) {
        self.machine = None;
        let rest = own(&mut self.rest);
        let waiting = std::mem::take(&mut rest.backlog);
        rest.turn = false;
        rest.doom = None;
        self.live(life);
        (waiting, std::mem::take(&mut self.timers).len())
    }

    /// Takes out of the backlog what is about a connection.
    pub(crate) fn forget(&mut self, link: LinkId) -> Vec<Waiting<M>> {
        let is_about = |waiting: &Waiting<M>| link_of(&waiting.input) == Some(link);
        if !self.rest.backlog.iter().any(is_about) {
            return Vec::new();
        }
        let backlog = std::mem::take(&mut self.rest_mut().backlog);
        let (about, others): (Vec<_>, Vec<_>) = backlog.into_iter().partition(is_about);
        self.rest_mut().backlog = others.into();
        self.refresh();
        about
    }
}

impl<M: Machine> Fingerprint for Process<M> {
    fn fingerprint(&self, to: &mut Digest) {
        self.machine.fingerprint(to);
        self.timers.fingerprint(to);
        self.incarnation.fingerprint(to);
        self.opened.fingerprint(to);
        self.life.fingerprint(to);
        let rest = &*self.rest;
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
            to.word(waiting.bytes);
            waiting.waited.fingerprint(to);
        }
        rest.turn.fingerprint(to);
        rest.doom.fingerprint(to);
        rest.disk.fingerprint(to);
        rest.disk_slow.fingerprint(to);
        rest.disk_stream.fingerprint(to);
        rest.slow_stream.fingerprint(to);
    }
}
