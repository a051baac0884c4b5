//! A small world for unit tests: processes on a clean network, with crashes and cuts.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::machine::{Chance, Effect, Gone, Input, Kept, KeptFile, Machine, Oracle, Out, Refusal};
use crate::names::{FileId, LinkId, NodeId};
use crate::shared::Log;
use crate::time::{Now, Span};

/// Each frame takes a millisecond, each sync two.
const LATENCY: u64 = 1000;
const SYNC: u64 = 2000;

pub struct Pump<M: Machine> {
    pub now: u64,
    nodes: Vec<Node<M>>,
    agenda: BTreeMap<(u64, u64), Box<Due<M>>>,
    tickets: u64,
    links: BTreeMap<LinkId, (NodeId, NodeId)>,
    cut: BTreeSet<(NodeId, NodeId)>,
    stalled: Vec<Due<M>>,
    dice: Dice,
    /// How many timers went off.
    pub fired: u64,
    /// What was told: when, by whom, what.
    pub told: Vec<(u64, NodeId, String)>,
}

struct Node<M: Machine> {
    setup: M::Setup,
    machine: Option<M>,
    life: u32,
    opened: u32,
    disk: BTreeMap<FileId, File<M>>,
    timers: BTreeMap<M::Timer, u64>,
}

/// As written, and as it would survive a power loss.
type File<M> = (Log<<M as Machine>::Record>, Log<<M as Machine>::Record>);

enum Due<M: Machine> {
    /// To a process, whatever it is by now.
    Arrives(NodeId, NodeId, LinkId, Arrival<M>),
    /// To that life of the process only.
    Local(NodeId, u32, Input<M>),
    Timer(NodeId, u32, M::Timer, u64),
    Synced(NodeId, u32, FileId, Log<M::Record>),
}

enum Arrival<M: Machine> {
    Syn,
    Frame(M::Message),
    Gone(Gone),
}

struct Dice(u64);

impl Oracle for Dice {
    fn below(&mut self, n: u64, _: &'static str) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % n
    }
}

impl<M: Machine> Pump<M>
where
    M::Fact: ToString,
{
    /// Starts one process for each setup.
    pub fn new(seed: u64, setups: Vec<M::Setup>) -> Self {
        let nodes = setups.into_iter().map(|setup| Node {
            setup,
            machine: None,
            life: 0,
            opened: 0,
            disk: BTreeMap::new(),
            timers: BTreeMap::new(),
        });
        let mut pump = Pump {
            now: 0,
            nodes: nodes.collect(),
            agenda: BTreeMap::new(),
            tickets: 0,
            links: BTreeMap::new(),
            cut: BTreeSet::new(),
            stalled: Vec::new(),
            dice: Dice(seed),
            fired: 0,
            told: Vec::new(),
        };
        for node in 0..pump.nodes.len() as u32 {
            pump.start(NodeId(node));
        }
        pump
    }

    pub fn start(&mut self, id: NodeId) {
        let node = &mut self.nodes[id.0 as usize];
        assert!(node.machine.is_none(), "stopped before");
        node.life += 1;
        let kept = node.disk.iter().map(|(&file, (records, _))| {
            let records = records.clone();
            (
                file,
                KeptFile {
                    records,
                    torn: false,
                },
            )
        });
        let kept: Kept<M::Record> = kept.collect();
        let mut out = Out::new(id, node.opened);
        let chance = &mut Chance::new(&mut self.dice);
        let now = clock(self.now);
        node.machine = Some(M::boot(&node.setup, &kept, now, chance, &mut out));
        self.carry_out(id, out);
    }

    /// Kills a process; with `power`, what was not synced is lost.
    pub fn crash(&mut self, id: NodeId, power: bool) {
        let node = &mut self.nodes[id.0 as usize];
        node.machine = None;
        node.timers.clear();
        if power {
            for (records, durable) in node.disk.values_mut() {
                *records = durable.clone();
            }
        }
        self.hang_up(id);
    }

    fn hang_up(&mut self, id: NodeId) {
        let of_it = |&(_, (a, b)): &(&LinkId, &(NodeId, NodeId))| *a == id || *b == id;
        let gone: Vec<_> = self
            .links
            .iter()
            .filter(of_it)
            .map(|(&link, &ends)| (link, ends))
            .collect();
        for (link, (a, b)) in gone {
            let other = if a == id { b } else { a };
            self.links.remove(&link);
            self.post(id, other, link, Arrival::Gone(Gone::Reset));
        }
    }

    pub fn cut(&mut self, a: NodeId, b: NodeId) {
        self.cut.insert((a, b));
        self.cut.insert((b, a));
    }

    pub fn cut_one_way(&mut self, from: NodeId, to: NodeId) {
        self.cut.insert((from, to));
    }

    pub fn heal(&mut self) {
        self.cut.clear();
        for due in core::mem::take(&mut self.stalled) {
            self.push(self.now + LATENCY, due);
        }
    }

    pub fn is_up(&self, id: NodeId) -> bool {
        self.nodes[id.0 as usize].machine.is_some()
    }

    pub fn machine(&self, id: NodeId) -> &M {
        let machine = self.nodes[id.0 as usize].machine.as_ref();
        machine.expect("the process runs")
    }

    /// Gives one input to a process, now.
    pub fn input(&mut self, id: NodeId, input: Input<M>) {
        let node = &mut self.nodes[id.0 as usize];
        let Some(machine) = &mut node.machine else {
            return;
        };
        let mut out = Out::new(id, node.opened);
        let chance = &mut Chance::new(&mut self.dice);
        machine.step(input, clock(self.now), chance, &mut out);
        self.carry_out(id, out);
    }

    /// Runs for so many milliseconds.
    pub fn run(&mut self, ms: u64) {
        let end = self.now + ms * 1000;
        while let Some(entry) = self.agenda.first_entry() {
            let at = entry.key().0;
            if at > end {
                break;
            }
            let due = entry.remove();
            self.now = at;
            self.happen(*due);
        }
        self.now = end;
    }

    /// What was told so far that contains a text.
    pub fn heard(&self, text: &str) -> Vec<&str> {
        let all = self.told.iter().map(|(_, _, told)| told.as_str());
        all.filter(|told| told.contains(text)).collect()
    }

    fn happen(&mut self, due: Due<M>) {
        match due {
            Due::Arrives(from, to, ..) if self.cut.contains(&(from, to)) => self.stalled.push(due),
            Due::Arrives(from, to, link, arrival) => self.arrive(from, to, link, arrival),
            Due::Local(id, life, input) if self.nodes[id.0 as usize].life == life => {
                self.input(id, input);
            }
            Due::Timer(id, life, timer, ticket) => {
                let node = &mut self.nodes[id.0 as usize];
                if node.life == life && node.timers.get(&timer) == Some(&ticket) {
                    node.timers.remove(&timer);
                    self.fired += 1;
                    self.input(id, Input::Timer(timer));
                }
            }
            Due::Synced(id, life, file, state) => {
                let node = &mut self.nodes[id.0 as usize];
                if node.life == life && node.machine.is_some() {
                    let end = state.end();
                    if let Some((_, durable)) = node.disk.get_mut(&file) {
                        *durable = state;
                    }
                    self.input(id, Input::Synced { file, end });
                }
            }
            Due::Local(..) => {}
        }
    }

    fn arrive(&mut self, from: NodeId, to: NodeId, link: LinkId, arrival: Arrival<M>) {
        let up = self.is_up(to);
        match arrival {
            Arrival::Syn if up => {
                self.links.insert(link, (from, to));
                self.input(to, Input::Accepted { link, from });
                let life = self.nodes[from.0 as usize].life;
                self.push(
                    self.now + LATENCY,
                    Due::Local(from, life, Input::Connected { link }),
                );
            }
            Arrival::Syn => {
                let why = Refusal::Refused;
                let life = self.nodes[from.0 as usize].life;
                self.push(
                    self.now + LATENCY,
                    Due::Local(from, life, Input::Refused { link, why }),
                );
            }
            Arrival::Frame(message) if self.links.contains_key(&link) => {
                self.input(to, Input::Message { link, message });
            }
            Arrival::Frame(_) => {}
            Arrival::Gone(why) if up => self.input(to, Input::Disconnected { link, why }),
            Arrival::Gone(_) => {}
        }
    }

    fn push(&mut self, at: u64, due: Due<M>) {
        self.tickets += 1;
        self.agenda.insert((at, self.tickets), Box::new(due));
    }

    fn post(&mut self, from: NodeId, to: NodeId, link: LinkId, arrival: Arrival<M>) {
        self.push(self.now + LATENCY, Due::Arrives(from, to, link, arrival));
    }

    fn carry_out(&mut self, id: NodeId, mut out: Out<M>) {
        let life = self.nodes[id.0 as usize].life;
        self.nodes[id.0 as usize].opened = out.opened();
        let effects: Vec<Effect<M>> = out.drain().collect();
        for effect in effects {
            match effect {
                Effect::Connect { to, link } => self.post(id, to, link, Arrival::Syn),
                Effect::Send { link, message } => {
                    if let Some(&(a, b)) = self.links.get(&link) {
                        let to = if a == id { b } else { a };
                        self.post(id, to, link, Arrival::Frame(message));
                    }
                }
                Effect::Close { link } | Effect::Abort { link } => {
                    if let Some((a, b)) = self.links.remove(&link) {
                        let to = if a == id { b } else { a };
                        self.post(id, to, link, Arrival::Gone(Gone::Reset));
                    }
                }
                Effect::Append { file, record } => self.file(id, file).push(record),
                Effect::Truncate { file, end } => self.file(id, file).truncate(end),
                Effect::TrimHead { file, before } => self.file(id, file).trim_head(before),
                Effect::Replace { file, with } => *self.file(id, file) = with.into_iter().collect(),
                Effect::Delete { file } => {
                    self.nodes[id.0 as usize].disk.remove(&file);
                }
                Effect::Sync { file } => {
                    let state = self.file(id, file).clone();
                    self.push(self.now + SYNC, Due::Synced(id, life, file, state));
                }
                Effect::Arm { timer, after } => {
                    let wait = self.within(after);
                    self.tickets += 1;
                    let ticket = self.tickets;
                    self.nodes[id.0 as usize]
                        .timers
                        .insert(timer.clone(), ticket);
                    self.push(self.now + wait, Due::Timer(id, life, timer, ticket));
                }
                Effect::Disarm(timer) => {
                    self.nodes[id.0 as usize].timers.remove(&timer);
                }
                Effect::Tell(fact) => self.told.push((self.now, id, fact.to_string())),
                Effect::Exit => self.crash(id, false),
            }
        }
    }

    fn within(&mut self, span: Span) -> u64 {
        span.least + self.dice.below(span.most - span.least + 1, "wait")
    }

    fn file(&mut self, id: NodeId, file: FileId) -> &mut Log<M::Record> {
        let disk = &mut self.nodes[id.0 as usize].disk;
        &mut disk.entry(file).or_default().0
    }
}

/// Clocks that agree, from 2001-09-09 on.
fn clock(mono: u64) -> Now {
    Now {
        wall: 1_000_000_000_000_000 + mono as i64,
        mono,
    }
}
