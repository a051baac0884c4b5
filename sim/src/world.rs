//! The world: nodes, network and agenda, advanced one step at a time.
//!
//! A step is one thing that falls due, run to completion: a frame arrives, a timer goes off, a
//! flush is done, a fault strikes. `World: Clone` is the keyframe; a run is a pure function of the
//! world at its start and what is ordered on the way.

mod effects;
mod faults;
mod frames;

use std::rc::Rc;
use std::sync::Arc;

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::machine::{Chance, Input, Machine, Oracle, Out, Parcel};
use glassmq_core::names::{FileId, LinkId, Name, NodeId};

use crate::agenda::{Agenda, Entry};
use crate::clock::Clock;
use crate::dice::{Dice, Generators};
use crate::disk::{Disk, DiskPace};
use crate::event::{Event, EventId, Sink, What};
use crate::fault::Fault;
use crate::network::{Network, NetworkPace, Side, Slot};
use crate::own::own;
use crate::process::{Life, Process, Rest, ServicePace, Waiting};

/// Voided entries tolerated in the agenda before they are swept.
const VOID: u64 = 4096;

/// A whole system under simulation.
#[derive(Clone, Debug)]
pub struct World<M: Machine> {
    now: u64,
    steps: u32,
    tickets: u64,
    agenda: Agenda<Due<M>>,
    /// Entries of the agenda that count no more.
    void: u64,
    nodes: Vec<Process<M>>,
    network: Network<M>,
    pace: NetworkPace,
    dice: Dice,
    epoch: i64,
}

/// A node to be added.
#[derive(Clone, Debug)]
pub struct Spec<M: Machine> {
    /// Its name; dice hang on it.
    pub name: Name,
    /// What a restart keeps.
    pub setup: M::Setup,
    /// How its disk behaves.
    pub disk: DiskPace,
    /// How long it works on an input.
    pub service: ServicePace,
    /// When it first boots, in microseconds.
    pub starts: u64,
}

/// Room that steps use over and over. Not part of the world: any will do.
#[derive(Debug)]
pub struct Scratch<M: Machine> {
    out: Out<M>,
    generators: Generators,
    drawn: Vec<Draw>,
}

impl<M: Machine> Default for Scratch<M> {
    fn default() -> Self {
        Scratch {
            out: Out::new(NodeId(0), 0),
            generators: Generators::default(),
            drawn: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Draw {
    purpose: &'static str,
    n: u64,
    value: u64,
}

/// What the agenda holds. Small, since there are many: the rare ones are a pointer away.
#[derive(Clone, Debug, Fingerprint)]
enum Due<M: Machine> {
    Frame { slot: Slot, side: Side },
    Timer { node: NodeId, timer: M::Timer },
    Turn { node: NodeId, incarnation: u32 },
    Rare(Box<Rare<M>>),
}

#[derive(Clone, Debug, Fingerprint)]
enum Rare<M: Machine> {
    Boot {
        node: NodeId,
        cause: EventId,
    },
    Synced(Flush),
    WriteBack {
        node: NodeId,
        file: FileId,
        cause: EventId,
    },
    /// For this life of the node, or for whichever it is in.
    Input {
        node: NodeId,
        incarnation: Option<u32>,
        input: Input<M>,
        cause: EventId,
    },
    GiveUp {
        slot: Slot,
        link: LinkId,
        side: Side,
        stall: u32,
    },
    Kill {
        node: NodeId,
        incarnation: u32,
        cause: EventId,
    },
    Fault {
        fault: Fault,
        cause: EventId,
    },
}

/// A flush under way.
#[derive(Clone, Debug, Fingerprint)]
struct Flush {
    node: NodeId,
    incarnation: u32,
    file: FileId,
    end: u64,
    cause: EventId,
}

/// One step in the doing: the world, who follows it, and the number of the next event.
struct Turn<'a, M: Machine, S: Sink<M>> {
    world: &'a mut World<M>,
    scratch: &'a mut Scratch<M>,
    sink: &'a mut S,
    n: u32,
}

impl<M: Machine> World<M> {
    /// An empty world. `epoch` is the wall clock at time 0, in microseconds since 1970.
    #[must_use]
    pub fn new(seed: u64, epoch: i64, pace: NetworkPace) -> Self {
        World {
            now: 0,
            steps: 0,
            tickets: 0,
            agenda: Agenda::default(),
            void: 0,
            nodes: Vec::new(),
            network: Network::new(),
            pace,
            dice: Dice::new(seed),
            epoch,
        }
    }

    /// Adds a node, which boots when its time comes.
    pub fn add(&mut self, spec: Spec<M>) -> NodeId {
        let node = NodeId(self.nodes.len() as u32);
        let name: &str = &spec.name;
        let disk_stream = self.dice.stream("disk", &[name], 0);
        let timer_stream = self.dice.stream("timer", &[name], 0);
        self.nodes.push(Process::new(Rest {
            name: spec.name,
            setup: Arc::new(spec.setup),
            clock: Clock::new(self.epoch),
            timer_stream,
            chances: Default::default(),
            service: spec.service,
            backlog: Default::default(),
            turn: false,
            doom: None,
            disk: Disk::default(),
            disk_pace: spec.disk,
            disk_slow: None,
            disk_stream,
            torn: Vec::new(),
        }));
        self.network.add_node();
        let cause = EventId::ROOT;
        self.put_rare(spec.starts, Rare::Boot { node, cause });
        node
    }

    /// Orders a command for a node at a time (or now, if that is past). It is lost if nobody is
    /// there to take it.
    pub fn order(&mut self, at: u64, node: NodeId, command: M::Command, cause: EventId) {
        let (input, incarnation) = (Input::Command(command), None);
        self.put_rare(
            at,
            Rare::Input {
                node,
                incarnation,
                input,
                cause,
            },
        );
    }

    /// Orders a fault at a time (or now, if that is past).
    pub fn fault(&mut self, at: u64, fault: Fault, cause: EventId) {
        self.put_rare(at, Rare::Fault { fault, cause });
    }

    /// Takes the next step, if anything is due at all.
    pub fn step<S: Sink<M>>(&mut self, scratch: &mut Scratch<M>, sink: &mut S) -> bool {
        while let Some(entry) = self.agenda.pop() {
            let before = self.now;
            self.now = entry.at;
            self.steps += 1;
            if (Turn {
                world: self,
                scratch,
                sink,
                n: 0,
            })
            .run(entry)
            {
                return true;
            }
            // Nothing came of it: it was void.
            self.now = before;
            self.steps -= 1;
        }
        false
    }

    /// Takes steps until nothing is due at or before `until`, and lets time pass up to there.
    pub fn run_until<S: Sink<M>>(&mut self, until: u64, scratch: &mut Scratch<M>, sink: &mut S) {
        while self.next_at().is_some_and(|at| at <= until) {
            self.step(scratch, sink);
        }
        self.now = self.now.max(until);
    }

    /// When the next step is due, in microseconds. Void entries are skipped.
    pub fn next_at(&mut self) -> Option<u64> {
        self.agenda.next_at()
    }

    /// Virtual time, in microseconds.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now
    }

    /// How many steps were taken.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The seed of the dice.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.dice.seed()
    }

    /// All nodes, in the order in which they were added.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Process<M>)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(n, process)| (NodeId(n as u32), process))
    }

    /// One node.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &Process<M> {
        &self.nodes[node.0 as usize]
    }

    /// A digest of the whole state: equal for equal pasts, whatever the machine or build.
    #[must_use]
    pub fn digest(&self) -> u64 {
        Digest::of(self)
    }

    fn put(&mut self, at: u64, due: Due<M>) -> u64 {
        self.tickets += 1;
        self.agenda.push(at.max(self.now), self.tickets, due);
        self.tickets
    }

    fn put_rare(&mut self, at: u64, rare: Rare<M>) {
        self.put(at, Due::Rare(Box::new(rare)));
    }

    #[inline]
    fn process(&mut self, node: NodeId) -> &mut Process<M> {
        &mut self.nodes[node.0 as usize]
    }

    /// Counts entries of the agenda that count no more, and clears them out when they are many.
    fn voided(&mut self, entries: u64) {
        self.void += entries;
        if self.void > VOID && self.void > self.agenda.len() / 2 {
            let nodes = &self.nodes;
            self.agenda.retain(|entry| match &entry.due {
                Due::Timer { node, timer } => nodes[node.0 as usize]
                    .timers
                    .get(timer)
                    .is_some_and(|armed| armed.ticket == entry.ticket),
                _ => true,
            });
            self.void = 0;
        }
    }
}

impl<M: Machine, S: Sink<M>> Turn<'_, M, S> {
    /// Runs an entry of the agenda; says whether it still counted.
    #[inline]
    fn run(&mut self, entry: Entry<Due<M>>) -> bool {
        match entry.due {
            Due::Frame { slot, side } => self.arrive(slot, side, entry.ticket),
            Due::Timer { node, timer } => self.fire(node, timer, entry.ticket),
            Due::Turn { node, incarnation } => self.turn(node, incarnation),
            Due::Rare(rare) => self.run_rare(*rare),
        }
    }

    fn run_rare(&mut self, rare: Rare<M>) -> bool {
        match rare {
            Rare::Synced(flush) => self.synced(&flush),
            Rare::WriteBack { node, file, cause } => self.write_back(node, file, cause),
            Rare::Input {
                node,
                incarnation,
                input,
                cause,
            } => self.input(node, incarnation, input, cause),
            Rare::GiveUp {
                slot,
                link,
                side,
                stall,
            } => self.give_up(slot, link, side, stall),
            Rare::Kill {
                node,
                incarnation,
                cause,
            } => self.kill(node, incarnation, cause),
            Rare::Boot { node, cause } => {
                self.boot(node, cause);
                true
            }
            Rare::Fault { fault, cause } => {
                self.strike(&fault, cause);
                true
            }
        }
    }

    /// Tells the onlookers, and numbers what they are told.
    #[inline]
    fn emit(&mut self, node: NodeId, cause: EventId, what: What<'_, M>) -> EventId {
        let id = EventId {
            step: self.world.steps,
            n: self.n,
        };
        self.n += 1;
        self.sink.event(&Event {
            id,
            cause,
            at: self.world.now,
            node,
            what,
        });
        id
    }

    /// A timer's time has come.
    fn fire(&mut self, node: NodeId, timer: M::Timer, ticket: u64) -> bool {
        let timers = &mut self.world.process(node).timers;
        if timers
            .get(&timer)
            .is_none_or(|armed| armed.ticket != ticket)
        {
            self.world.void = self.world.void.saturating_sub(1);
            return false;
        }
        let cause = timers.disarm(&timer).expect("it is set").cause;
        self.offer(node, Input::Timer(timer), cause, 0);
        true
    }

    /// An input that was ordered for this time.
    fn input(
        &mut self,
        node: NodeId,
        incarnation: Option<u32>,
        input: Input<M>,
        cause: EventId,
    ) -> bool {
        let process = self.world.node(node);
        let there = !matches!(process.life(), Life::Down { .. });
        let same = incarnation.is_none_or(|n| n == process.incarnation);
        if there && same {
            self.offer(node, input, cause, 0);
        }
        there && same
    }

    /// Hands an input to a process that lives: it takes it now, or when it comes to it. Until
    /// then it occupies so many bytes of its connection's buffer.
    #[inline]
    fn offer(&mut self, node: NodeId, input: Input<M>, cause: EventId, bytes: u64) {
        let process = self.world.process(node);
        if process.idle {
            if let Input::Message { link, .. } = &input {
                self.taken(node, *link, bytes);
            }
            self.take(node, input, cause, false);
            return;
        }
        let waited = process.life() == Life::Paused || process.backlog() > 0;
        let waiting = Waiting {
            input,
            cause,
            bytes,
            waited,
        };
        process.rest_mut().backlog.push_back(waiting);
        process.refresh();
        self.plan_turn(node);
    }

    /// Puts a busy process's next turn into the agenda, unless it is there.
    fn plan_turn(&mut self, node: NodeId) {
        let process = self.world.process(node);
        if process.rest().turn || process.life() != Life::Running {
            return;
        }
        let rest = process.rest_mut();
        let bytes = match rest.backlog.front().map(|next| &next.input) {
            None => return,
            Some(Input::Message { message, .. }) => message.bytes(),
            Some(_) => 0,
        };
        rest.turn = true;
        let busy = rest.service.time(bytes);
        let incarnation = process.incarnation;
        self.world
            .put(self.world.now + busy, Due::Turn { node, incarnation });
    }

    /// A process comes to the next input that waits.
    fn turn(&mut self, node: NodeId, incarnation: u32) -> bool {
        let process = self.world.process(node);
        if process.incarnation != incarnation {
            return false;
        }
        process.rest_mut().turn = false;
        if process.life() != Life::Running {
            return false;
        }
        let Some(next) = process.rest_mut().backlog.pop_front() else {
            return false;
        };
        process.refresh();
        if let Input::Message { link, .. } = &next.input {
            self.taken(node, *link, next.bytes);
        }
        self.take(node, next.input, next.cause, next.waited);
        self.plan_turn(node);
        true
    }

    /// A process takes an input, and what it asks for is done.
    #[inline]
    fn take(&mut self, node: NodeId, input: Input<M>, cause: EventId, waited: bool) {
        let id = self.emit(
            node,
            cause,
            What::Took {
                input: &input,
                waited,
            },
        );
        let World {
            nodes,
            dice,
            now,
            epoch,
            ..
        } = &mut *self.world;
        let Scratch {
            out,
            generators,
            drawn,
        } = &mut *self.scratch;
        let process = &mut nodes[node.0 as usize];
        let now = process.read_clock(*now, *epoch);
        out.reset(node, process.opened);
        let (machine, rest) = process.state();
        let mut answers = Answers {
            rest,
            dice,
            generators,
            drawn,
        };
        machine.step(input, now, &mut Chance::new(&mut answers), out);
        process.opened = out.opened();
        self.carry_out(node, id);
    }

    /// A process starts, or starts again.
    fn boot(&mut self, node: NodeId, cause: EventId) {
        let process = self.world.process(node);
        process.live(Life::Running);
        let incarnation = process.incarnation;
        let id = self.emit(node, cause, What::Booted { incarnation });
        let World {
            nodes,
            dice,
            now,
            epoch,
            ..
        } = &mut *self.world;
        let Scratch {
            out,
            generators,
            drawn,
        } = &mut *self.scratch;
        let process = &mut nodes[node.0 as usize];
        let now = process.read_clock(*now, *epoch);
        out.reset(node, process.opened);
        let rest = process.rest_mut();
        let kept = rest.disk.kept(&std::mem::take(&mut rest.torn));
        let setup = rest.setup.clone();
        let rest = process.shared_rest();
        let mut answers = Answers {
            rest,
            dice,
            generators,
            drawn,
        };
        let chance = &mut Chance::new(&mut answers);
        process.machine = Some(Rc::new(M::boot(&setup, &kept, now, chance, out)));
        process.opened = out.opened();
        self.carry_out(node, id);
    }
}

/// The dice behind a process's [`Chance`].
struct Answers<'a, M: Machine> {
    rest: &'a mut Rc<Rest<M>>,
    dice: &'a mut Dice,
    generators: &'a mut Generators,
    drawn: &'a mut Vec<Draw>,
}

impl<M: Machine> Oracle for Answers<'_, M> {
    fn below(&mut self, n: u64, purpose: &'static str) -> u64 {
        let Rest { name, chances, .. } = own(self.rest);
        let dice = &mut *self.dice;
        let stream = chances
            .entry(purpose)
            .or_insert_with(|| dice.stream(purpose, &[name], 0));
        let value = stream.below(n, self.generators);
        self.drawn.push(Draw { purpose, n, value });
        value
    }
}

impl<M: Machine> Fingerprint for World<M> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.now);
        self.steps.fingerprint(to);
        to.word(self.tickets);
        self.nodes.fingerprint(to);
        self.network.fingerprint(to);
        self.agenda.fingerprint(to);
    }
}
