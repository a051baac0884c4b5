//! Faults, done to the world.

use glassmq_core::machine::{Input, Machine};
use glassmq_core::names::NodeId;
use glassmq_core::time::Span;

use super::{Due, Rare, Turn, World};
use crate::event::{Close, EventId, Interrupt, Loss, Sink, What};
use crate::fault::{Fault, Lose, Toll};
use crate::network::{Carried, End, Side, Slot, other};
use crate::process::Life;

/// A latency with what a fault added to it.
pub(super) fn slowed(latency: Span, by: Option<Span>) -> Span {
    let by = by.unwrap_or(Span::ZERO);
    Span {
        least: latency.least + by.least,
        most: latency.most + by.most,
    }
}

impl<M: Machine> World<M> {
    /// The ways of all links from some nodes to others.
    fn ways(&self, from: &[NodeId], to: &[NodeId]) -> Vec<(Slot, Side)> {
        let mut ways = Vec::new();
        for slot in self.network.slots() {
            let link = self.network.link(slot);
            for side in [0, 1] {
                let (sender, receiver) = (link.holder(side), link.holder(other(side)));
                if from.contains(&sender) && to.contains(&receiver) {
                    ways.push((slot, side));
                }
            }
        }
        ways
    }

    /// Whether a way may move again: nothing cuts or holds it, and its receiver has power.
    fn is_passable(&self, slot: Slot, side: Side) -> bool {
        let link = self.network.link(slot);
        let (from, to) = (link.holder(side), link.holder(other(side)));
        let way = &link.ways[side as usize];
        let held = way
            .held
            .zip(way.frames.front())
            .is_some_and(|(since, frame)| frame.ticket >= since);
        let off = self.nodes[to.0 as usize].life() == Life::Down { host: false };
        !held && !off && self.network.condition(from, to).cuts == 0
    }

    /// How many frames are on some ways.
    fn frames_on(&self, ways: &[(Slot, Side)]) -> u32 {
        let on = |(slot, side): &(Slot, Side)| {
            let way = &self.network.link(*slot).ways[*side as usize];
            (way.frames.len() + way.waiting.len()) as u32
        };
        ways.iter().map(on).sum()
    }
}

impl<M: Machine, S: Sink<M>> Turn<'_, M, S> {
    /// A fault strikes. Says whether it found anything to do: to stop what is down, or to start
    /// what runs, is no fault and no step.
    pub(super) fn strike(&mut self, fault: &Fault, cause: EventId) -> bool {
        if matches!(fault, Fault::Cut { .. } | Fault::Hold { .. }) {
            self.world.network.calm = false;
        }
        match fault {
            Fault::Cut { from, to } => self.cut(from, to, fault, cause),
            Fault::Mend { from, to } => self.mend(from, to, fault, cause),
            Fault::Heal => self.heal(fault, cause),
            Fault::Slow { from, to, by } => self.slow(from, to, *by, fault, cause),
            Fault::Reset { a, b } => self.reset(*a, *b, fault, cause),
            Fault::Hold { from, to, since } => self.hold(*from, *to, *since, fault, cause),
            Fault::Release { from, to } => {
                let ways = self.world.ways(&[*from], &[*to]);
                let toll = self.toll_of(&ways);
                self.struck(fault, toll, cause);
                for (slot, side) in &ways {
                    self.world.network.link_mut(*slot).ways[*side as usize].held = None;
                }
                self.resume(&ways);
            }
            Fault::Crash {
                node,
                lose,
                after_effects: None,
            } => match (self.world.node(*node).life(), lose) {
                (Life::Down { host: false }, _) | (Life::Down { .. }, Lose::Process) => {
                    return false;
                }
                _ => self.crash(*node, *lose, fault, Toll::default(), cause),
            },
            Fault::Crash {
                node,
                lose,
                after_effects: Some(after_effects),
            } => {
                let by = self.struck(fault, Toll::default(), cause);
                let process = self.world.process(*node);
                let doom = Interrupt {
                    after_effects: *after_effects,
                    lose: *lose,
                };
                process.rest_mut().doom = Some((doom, by));
                process.refresh();
            }
            Fault::Restart { node } => {
                if self.world.node(*node).lives() {
                    return false;
                }
                self.restart(*node, fault, cause);
            }
            Fault::Stop { node, grace } => {
                if !self.world.node(*node).lives() {
                    return false;
                }
                let by = self.struck(fault, Toll::default(), cause);
                let (node, incarnation) = (*node, self.world.node(*node).incarnation);
                let kill = Rare::Kill {
                    node,
                    incarnation,
                    cause: by,
                };
                self.world.put_rare(self.world.now + grace, kill);
                self.offer(node, Input::Stop, by, 0);
            }
            Fault::Pause { node } => {
                if self.world.node(*node).life() != Life::Running {
                    return false;
                }
                self.struck(fault, Toll::default(), cause);
                self.world.process(*node).pause();
            }
            Fault::Resume { node } => {
                if self.world.node(*node).life() != Life::Paused {
                    return false;
                }
                let toll = Toll {
                    inputs: self.world.node(*node).backlog(),
                    ..Toll::default()
                };
                self.struck(fault, toll, cause);
                self.world.process(*node).live(Life::Running);
                self.plan_turn(*node);
            }
            Fault::Skew { node, by } => {
                self.struck(fault, Toll::default(), cause);
                let process = self.world.process(*node);
                process.rest_mut().clock.set_skew(*by);
                process.refresh();
            }
            Fault::Rate { node, ppm } => self.set_rate(*node, *ppm, fault, cause),
            Fault::SlowDisk { node, by } => {
                self.struck(fault, Toll::default(), cause);
                self.world.process(*node).rest_mut().disk_slow = (*by != Span::ZERO).then_some(*by);
            }
            Fault::DiskFree { node, bytes } => {
                let by = self.struck(fault, Toll::default(), cause);
                self.world.process(*node).rest_mut().disk.set_free(*bytes);
                let input = Input::DiskFree {
                    bytes: bytes.unwrap_or(u64::MAX),
                };
                self.input(*node, None, input, by);
            }
            Fault::TearWrite { node } => {
                self.struck(fault, Toll::default(), cause);
                self.world.process(*node).rest_mut().disk.set_tear();
            }
            Fault::Memory { node, used } => {
                let by = self.struck(fault, Toll::default(), cause);
                self.input(*node, None, Input::Memory { used: *used }, by);
            }
        }
        true
    }

    fn struck(&mut self, fault: &Fault, toll: Toll, cause: EventId) -> EventId {
        let node = fault.node().unwrap_or(NodeId(0));
        self.emit(node, cause, What::Faulted { fault, toll })
    }

    /// What is on some ways, which come link by link.
    fn toll_of(&self, ways: &[(Slot, Side)]) -> Toll {
        let links = ways.chunk_by(|(a, _), (b, _)| a == b).count() as u32;
        let frames = self.world.frames_on(ways);
        Toll {
            links,
            frames,
            ..Toll::default()
        }
    }

    fn cut(&mut self, from: &[NodeId], to: &[NodeId], fault: &Fault, cause: EventId) {
        let toll = self.toll_of(&self.world.ways(from, to));
        self.struck(fault, toll, cause);
        each_pair(from, to, |a, b| {
            self.world.network.set_condition(a, b, |c| c.cuts += 1)
        });
    }

    fn mend(&mut self, from: &[NodeId], to: &[NodeId], fault: &Fault, cause: EventId) {
        let ways = self.world.ways(from, to);
        let toll = self.toll_of(&ways);
        self.struck(fault, toll, cause);
        let less = |c: &mut crate::network::Condition| c.cuts = c.cuts.saturating_sub(1);
        each_pair(from, to, |a, b| {
            self.world.network.set_condition(a, b, less)
        });
        self.resume(&ways);
    }

    fn heal(&mut self, fault: &Fault, cause: EventId) {
        let cuts = self.world.network.cuts();
        let mut ways: Vec<_> = cuts
            .iter()
            .flat_map(|(from, to)| self.world.ways(&[*from], &[*to]))
            .collect();
        ways.sort_unstable();
        let toll = self.toll_of(&ways);
        self.struck(fault, toll, cause);
        for (from, to) in cuts {
            self.world.network.set_condition(from, to, |c| c.cuts = 0);
        }
        self.resume(&ways);
    }

    /// Lets frames move again on those ways where nothing stands in their way any more.
    fn resume(&mut self, ways: &[(Slot, Side)]) {
        for &(slot, side) in ways {
            if self.world.is_passable(slot, side) {
                let now = self.world.now;
                let way = &mut self.world.network.link_mut(slot).ways[side as usize];
                let put = way.resume(now, &mut self.scratch.generators);
                self.world.plan(slot, side, put);
            }
        }
    }

    fn slow(&mut self, from: &[NodeId], to: &[NodeId], by: Span, fault: &Fault, cause: EventId) {
        let ways = self.world.ways(from, to);
        let toll = self.toll_of(&ways);
        self.struck(fault, toll, cause);
        let slow = (by != Span::ZERO).then_some(by);
        each_pair(from, to, |a, b| {
            self.world.network.set_condition(a, b, |c| c.slow = slow)
        });
        let latency = slowed(self.world.pace.latency, slow);
        for (slot, side) in ways {
            self.world.network.link_mut(slot).ways[side as usize].latency = latency;
        }
    }

    fn reset(&mut self, a: NodeId, b: NodeId, fault: &Fault, cause: EventId) {
        let both = [a, b];
        let mut ways = self.world.ways(&both, &both);
        ways.retain(|(slot, _)| {
            let ends = self.world.network.link(*slot).ends;
            ends.iter()
                .any(|end| matches!(end, End::Open | End::Opening))
        });
        let toll = self.toll_of(&ways);
        let by = self.struck(fault, toll, cause);
        for &(slot, side) in &ways {
            let lost = self.drop_frames(slot, side);
            self.lose(lost, Loss::Reset, by);
        }
        for (slot, side) in ways {
            self.world
                .put_frame(slot, side, Carried::Rst, by, &mut self.scratch.generators);
        }
    }

    fn hold(
        &mut self,
        from: NodeId,
        to: NodeId,
        since: Option<EventId>,
        fault: &Fault,
        cause: EventId,
    ) {
        let ways = self.world.ways(&[from], &[to]);
        let toll = self.toll_of(&ways);
        self.struck(fault, toll, cause);
        let next = self.world.tickets + 1;
        for (slot, side) in ways {
            let way = &mut self.world.network.link_mut(slot).ways[side as usize];
            let mut coming = way.frames.iter().chain(&way.waiting);
            let first = coming.find(|frame| since.is_none_or(|since| frame.sent >= since));
            let first = first.map_or(next, |frame| frame.ticket);
            way.held = Some(way.held.map_or(first, |held| held.min(first)));
        }
    }

    fn restart(&mut self, node: NodeId, fault: &Fault, cause: EventId) {
        let by = self.struck(fault, Toll::default(), cause);
        self.world.process(node).incarnation += 1;
        self.boot(node, by);
        if let Some(bytes) = self.world.node(node).rest().disk.free() {
            self.input(node, None, Input::DiskFree { bytes }, by);
        }
        // Its host has power again and answers what was sent to its former life.
        let everyone: Vec<NodeId> = self.world.nodes().map(|(node, _)| node).collect();
        self.resume(&self.world.ways(&everyone, &[node]));
    }

    /// The grace after a stop is over.
    pub(super) fn kill(&mut self, node: NodeId, incarnation: u32, cause: EventId) -> bool {
        let process = self.world.node(node);
        if !process.lives() || process.incarnation != incarnation {
            return false;
        }
        let fault = Fault::Crash {
            node,
            lose: Lose::Process,
            after_effects: None,
        };
        self.crash(node, Lose::Process, &fault, Toll::default(), cause);
        true
    }

    /// A process dies.
    pub(super) fn crash(
        &mut self,
        node: NodeId,
        lose: Lose,
        fault: &Fault,
        mut toll: Toll,
        cause: EventId,
    ) {
        let end = match lose {
            Lose::Process => End::Closed,
            Lose::Power => {
                self.world.network.calm = false;
                End::Vanished
            }
        };
        let mut lost = Vec::new();
        let mut told = Vec::new();
        let mut again = Vec::new();
        for slot in self.world.network.slots_of(node) {
            let link = self.world.network.link_mut(slot);
            let side = link.side_of(node);
            let open = link.is_known_to(side);
            let was = std::mem::replace(&mut link.ends[side as usize], end);
            match lose {
                Lose::Process if open => {
                    let peer = self.world.network.link(slot).holder(other(side));
                    let cut_off = self.world.network.condition(node, peer).cuts > 0;
                    lost.extend(self.drop_frames(slot, other(side)));
                    // What has stalled is no longer sent again, and neither is the reset: the
                    // other end learns when its own frames are answered.
                    lost.extend(
                        match self.world.network.link(slot).ways[side as usize].stalled {
                            true => self.drop_frames(slot, side),
                            false => self.drop_unsent(slot, side),
                        },
                    );
                    match cut_off {
                        true => {
                            let ends = &mut self.world.network.link_mut(slot).ends;
                            // Who was not answered yet asks again.
                            let asks = side == 1 && ends[0] == End::Opening;
                            ends[side as usize] = if asks { End::Opening } else { End::Vanished };
                            if asks {
                                again.push(slot);
                            }
                        }
                        false => told.push((slot, side)),
                    }
                }
                Lose::Process => link.ends[side as usize] = was,
                Lose::Power => {
                    // What has stalled is no longer sent again.
                    let stalled = link.ways[side as usize].stalled;
                    toll.frames += self.world.frames_on(&[(slot, other(side))]);
                    lost.extend(match stalled {
                        true => self.drop_frames(slot, side),
                        false => self.drop_unsent(slot, side),
                    });
                }
            }
            toll.links += u32::from(open);
        }
        let process = self.world.process(node);
        let (unread, timers) = process.end(Life::Down {
            host: lose == Lose::Process,
        });
        if lose == Lose::Power {
            let loss = process.rest_mut().disk.lose_power();
            toll.records += loss.records as u32;
            toll.torn += loss.torn;
        }
        toll.inputs += unread.len() as u32;
        toll.timers += timers;
        toll.frames += lost.len() as u32;
        let by = self.struck(fault, toll, cause);
        self.world.voided(u64::from(timers));
        self.lose(lost, Loss::Crashed, by);
        self.lose_unread(node, unread, Loss::Crashed, by);
        for slot in again {
            let generators = &mut self.scratch.generators;
            self.world.put_frame(slot, 0, Carried::Syn, by, generators);
        }
        for (slot, side) in told {
            let generators = &mut self.scratch.generators;
            self.world
                .put_frame(slot, side, Carried::Rst, by, generators);
        }
        for slot in self.world.network.slots_of(node) {
            self.world.network.remove_if_over(slot);
        }
    }

    /// A process ends of its own accord: its connections are closed, not reset.
    pub(super) fn exit(&mut self, node: NodeId, cause: EventId) {
        let by = self.emit(node, cause, What::Exited);
        for slot in self.world.network.slots_of(node) {
            let link = self.world.network.link(slot);
            if link.is_known_to(link.side_of(node)) {
                self.close(node, link.id, Close::Orderly, by);
            }
        }
        let (unread, timers) = self.world.process(node).end(Life::Down { host: true });
        self.lose_unread(node, unread, Loss::Closed, by);
        self.world.voided(u64::from(timers));
    }

    fn set_rate(&mut self, node: NodeId, ppm: i32, fault: &Fault, cause: EventId) {
        self.struck(fault, Toll::default(), cause);
        let now = self.world.now;
        let process = self.world.process(node);
        process.rest_mut().clock.set_rate(ppm, now);
        process.refresh();
        let clock = process.rest().clock;
        let read = clock.read(now).mono;
        let mut timers = process.timers.to_vec();
        // What was set earlier stays due earlier.
        timers.sort_by_key(|(_, armed)| armed.ticket);
        for (timer, armed) in timers {
            let due = now + clock.real(armed.mono.saturating_sub(read));
            let ticket = self.world.put(
                due,
                Due::Timer {
                    node,
                    timer: timer.clone(),
                },
            );
            self.world
                .process(node)
                .timers
                .arm(timer, ticket, armed.mono, armed.cause);
            self.world.voided(1);
        }
    }
}

fn each_pair(from: &[NodeId], to: &[NodeId], mut act: impl FnMut(NodeId, NodeId)) {
    for a in from {
        for b in to {
            if a != b {
                act(*a, *b);
            }
        }
    }
}
