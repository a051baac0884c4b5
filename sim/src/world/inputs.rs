//! What a process is told: at once, or when it comes to it; and its starts.

use std::rc::Rc;

use glassmq_core::machine::{Chance, Input, Machine, Oracle, Parcel};
use glassmq_core::names::NodeId;

use super::{Draw, Due, Scratch, Turn, World};
use crate::dice::{Dice, Generators};
use crate::event::{EventId, Sink, What};
use crate::own::own;
use crate::process::{Life, Rest, Waiting};

impl<M: Machine, S: Sink<M>> Turn<'_, M, S> {
    /// A timer's time has come.
    pub(super) fn fire(&mut self, node: NodeId, timer: M::Timer, ticket: u64) -> bool {
        let Some(armed) = self.world.process(node).timers.go_off(&timer, ticket) else {
            self.world.void = self.world.void.saturating_sub(1);
            return false;
        };
        if self.world.node(node).idle {
            self.take(node, Input::Timer(timer), armed.cause, false);
        } else {
            self.offer(node, Input::Timer(timer), armed.cause, 0);
        }
        true
    }

    /// An input that was ordered for this time.
    pub(super) fn input(
        &mut self,
        node: NodeId,
        incarnation: Option<u32>,
        input: Input<M>,
        cause: EventId,
    ) -> bool {
        let process = self.world.node(node);
        let there = process.lives();
        let same = incarnation.is_none_or(|n| n == process.incarnation);
        if there && same {
            self.offer(node, input, cause, 0);
        }
        there && same
    }

    /// Hands an input to a process that lives: it takes it now, or when it comes to it. Until
    /// then it occupies so many bytes of its connection's buffer.
    #[inline]
    pub(super) fn offer(&mut self, node: NodeId, input: Input<M>, cause: EventId, bytes: u64) {
        let process = self.world.process(node);
        if process.idle {
            if let Input::Message { link, .. } = &input {
                self.taken(node, *link, bytes);
            }
            self.take_out_of_line(node, input, cause, false);
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
    pub(super) fn plan_turn(&mut self, node: NodeId) {
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
    pub(super) fn turn(&mut self, node: NodeId, incarnation: u32) -> bool {
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
        self.take_out_of_line(node, next.input, next.cause, next.waited);
        self.plan_turn(node);
        true
    }

    /// [`Turn::take`], where its speed matters less than its length.
    #[inline(never)]
    fn take_out_of_line(&mut self, node: NodeId, input: Input<M>, cause: EventId, waited: bool) {
        self.take(node, input, cause, waited);
    }

    /// A process takes an input, and what it asks for is done.
    #[inline(always)]
    pub(super) fn take(&mut self, node: NodeId, input: Input<M>, cause: EventId, waited: bool) {
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
            ..
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
    pub(super) fn boot(&mut self, node: NodeId, cause: EventId) {
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
            ..
        } = &mut *self.scratch;
        let process = &mut nodes[node.0 as usize];
        let now = process.read_clock(*now, *epoch);
        out.reset(node, process.opened);
        let rest = process.rest_mut();
        let kept = rest.disk.kept();
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
