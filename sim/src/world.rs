//! The world: nodes, network and agenda, advanced one step at a time.
//!
//! A step is one thing that falls due, run to completion: a frame arrives, a timer goes off, a
//! flush is done, a fault strikes. `World: Clone` is the keyframe; a run is a pure function of the
//! world at its start and what is ordered on the way.

mod effects;
mod faults;
mod frames;
mod inputs;

use std::rc::Rc;

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::machine::{Input, Machine, Out};
use glassmq_core::names::{FileId, LinkId, Name, NodeId};

use crate::agenda::{Agenda, Entry};
use crate::clock::Clock;
use crate::dice::{Dice, Generators};
use crate::disk::{Disk, DiskPace};
use crate::event::{Event, EventId, Sink, What};
use crate::fault::Fault;
use crate::network::{Network, NetworkPace, Side, Slot};
use crate::process::{Process, Rest, ServicePace};

/// Voided entries tolerated in the agenda before they are swept.
const VOID: u64 = 4096;
/// Worlds of so many nodes are larger than the processor's caches.
const LARGE: usize = 1024;

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
    /// The files that this step could not write.
    failed: Vec<FileId>,
}

impl<M: Machine> Default for Scratch<M> {
    fn default() -> Self {
        Scratch {
            out: Out::new(NodeId(0), 0),
            generators: Generators::default(),
            drawn: Vec::new(),
            failed: Vec::new(),
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
        let slow_stream = self.dice.stream("slow disk", &[name], 0);
        let timer_stream = self.dice.stream("timer", &[name], 0);
        self.nodes.push(Process::new(Rest {
            name: spec.name,
            setup: Rc::new(spec.setup),
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
            slow_stream,
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
        self.step_within(u64::MAX, scratch, sink)
    }

    /// Takes the next step, if it is due at or before `until`. Only this skips what the agenda
    /// holds and counts no more: [`World::next_at`] may be earlier than the next step.
    #[inline]
    pub fn step_within<S: Sink<M>>(
        &mut self,
        until: u64,
        scratch: &mut Scratch<M>,
        sink: &mut S,
    ) -> bool {
        loop {
            if self.agenda.is_drained() {
                self.warm_up();
            }
            let Some(entry) = self.agenda.pop(until) else {
                return false;
            };
            let before = self.now;
            self.now = entry.at;
            self.steps += 1;
            let mut turn = Turn {
                world: self,
                scratch,
                sink,
                n: 0,
            };
            if turn.run(entry) {
                return true;
            }
            // Nothing came of it: it was void.
            self.now = before;
            self.steps -= 1;
        }
    }

    /// Looks at what the next few hundred microseconds will touch. In a large world each of these
    /// looks misses the processor's caches; made one right after the other they wait for memory
    /// together, made step by step each waits alone.
    #[inline(never)]
    fn warm_up(&mut self) {
        let entries = self.agenda.soonest();
        if self.nodes.len() < LARGE {
            return;
        }
        let look = |sum: usize, entry: &Entry<Due<M>>| match entry.due {
            Due::Timer { node, .. } => sum + self.nodes[node.0 as usize].weight(),
            Due::Frame { slot, .. } => sum + self.network.weight(slot),
            _ => sum,
        };
        std::hint::black_box(entries.iter().fold(0, look));
    }

    /// Takes steps until nothing is due at or before `until`, and lets time pass up to there.
    pub fn run_until<S: Sink<M>>(&mut self, until: u64, scratch: &mut Scratch<M>, sink: &mut S) {
        while self.step_within(until, scratch, sink) {}
        self.now = self.now.max(until);
    }

    /// Nothing is due before this, in microseconds; no value: nothing is due at all. What is due
    /// then may turn out to be void, so that the next step comes later.
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

    /// What is under way between processes, link by link and in order: on which link, from whom,
    /// to whom, and what.
    pub fn frames(&self) -> impl Iterator<Item = (LinkId, NodeId, NodeId, &M::Message)> {
        self.network.iter().flat_map(|link| {
            [0u8, 1].into_iter().flat_map(move |side| {
                let (from, to) = (link.holder(side), link.holder(1 - side));
                let way = &link.ways[side as usize];
                let carried = way.frames.iter().chain(&way.waiting);
                carried.filter_map(move |frame| Some((link.id, from, to, frame.message()?)))
            })
        })
    }

    /// The ways that are cut: from whom, to whom.
    #[must_use]
    pub fn cuts(&self) -> Vec<(NodeId, NodeId)> {
        self.network.cuts()
    }

    /// One node.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &Process<M> {
        &self.nodes[node.0 as usize]
    }

    /// The connections that something may still happen on, and who accepted each.
    pub fn links(&self) -> impl Iterator<Item = (LinkId, NodeId)> {
        self.network.iter().map(|link| (link.id, link.to))
    }

    /// A digest of the whole state: equal for equal pasts, whatever the machine or build.
    #[must_use]
    pub fn digest(&self) -> u64 {
        Digest::of(self)
    }

    fn put(&mut self, at: u64, due: Due<M>) -> u64 {
        self.tickets += 1;
        self.agenda.push(at.max(self.now), self.tickets, || due);
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
                let down = !self.world.node(node).lives();
                if down {
                    self.boot(node, cause);
                }
                down
            }
            Rare::Fault { fault, cause } => self.strike(&fault, cause),
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
}

impl<M: Machine> Fingerprint for World<M> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.now);
        self.steps.fingerprint(to);
        to.word(self.tickets);
        to.word(self.dice.seed());
        self.nodes.fingerprint(to);
        self.network.fingerprint(to);
        self.agenda.fingerprint(to);
    }
}
