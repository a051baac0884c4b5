//! Carrying out what a process asked for, in the order asked for.

use glassmq_core::machine::{Effect, Input, Machine, WriteError};
use glassmq_core::names::{FileId, NodeId};
use glassmq_core::time::Span;

use super::{Draw, Due, Flush, Rare, Turn};
use crate::disk::Disk;
use crate::event::{Close, EventId, Interrupt, Sink, What};
use crate::fault::{Fault, Toll};

impl<M: Machine, S: Sink<M>> Turn<'_, M, S> {
    /// Does what the process asked for in this step, of which `cause` is the first event.
    #[inline(always)]
    pub(super) fn carry_out(&mut self, node: NodeId, cause: EventId) {
        if !self.scratch.drawn.is_empty() {
            self.tell_draws(node, cause);
        }
        if let Some(now) = self.sink.interrupt() {
            return self.carry_out_part(node, cause, now, cause);
        }
        if self.world.node(node).doomed
            && let Some((doom, by)) = self.world.node(node).rest().doom
            && (doom.after_effects as usize) < self.scratch.out.effects().len()
        {
            return self.carry_out_part(node, cause, doom, by);
        }
        if self.scratch.out.effects().is_empty() {
            return;
        }
        let mut effects = self.scratch.out.take();
        for effect in effects.drain(..) {
            if !self.perform(node, effect, cause) {
                break;
            }
        }
        self.scratch.out.put_back(effects);
        if !self.scratch.failed.is_empty() {
            self.scratch.failed.clear();
        }
    }

    /// Does the first effects that the process asked for; then it dies of `by`, unless one of them
    /// was its end.
    #[cold]
    fn carry_out_part(&mut self, node: NodeId, cause: EventId, doom: Interrupt, by: EventId) {
        let mut effects = self.scratch.out.take();
        let limit = doom.after_effects as usize;
        let left = effects.len().saturating_sub(limit) as u32;
        let lives = effects
            .drain(..)
            .take(limit)
            .all(|effect| self.perform(node, effect, cause));
        self.scratch.out.put_back(effects);
        self.scratch.failed.clear();
        if lives {
            self.die_of(node, doom, left, by);
        }
    }

    /// Does what is asked for. Says whether the process goes on.
    #[inline(always)]
    fn perform(&mut self, node: NodeId, effect: Effect<M>, cause: EventId) -> bool {
        match effect {
            Effect::Send { link, message } => self.send(node, link, message, cause),
            Effect::Arm { timer, after } => self.arm(node, timer, after, cause),
            Effect::Tell(fact) => {
                self.emit(node, cause, What::Fact { fact: &fact });
            }
            Effect::Exit => {
                self.exit(node, cause);
                return false;
            }
            other => self.perform_rare(node, other, cause),
        }
        true
    }

    /// Does what is asked for less often.
    #[inline(never)]
    fn perform_rare(&mut self, node: NodeId, effect: Effect<M>, cause: EventId) {
        match effect {
            Effect::Disarm(timer) => self.disarm(node, &timer, cause),
            Effect::Connect { to, link } => self.connect(node, to, link, cause),
            Effect::Close { link } => self.close(node, link, Close::Orderly, cause),
            Effect::Abort { link } => self.close(node, link, Close::Abort, cause),
            Effect::Append { file, record } => {
                let failed = self.scratch.failed.contains(&file);
                if failed || !self.append(node, file, record, cause) {
                    self.scratch.failed.push(file);
                }
            }
            Effect::Sync { file } => self.sync(node, file, cause),
            Effect::Truncate { file, end } => {
                self.disk(node).truncate(file, end);
                self.changed(node, file, What::Truncated { file, end }, cause);
            }
            Effect::TrimHead { file, before } => {
                self.disk(node).trim_head(file, before);
                self.changed(node, file, What::Trimmed { file, before }, cause);
            }
            Effect::Replace { file, with } => {
                let len = with.len() as u64;
                self.disk(node).replace(file, with);
                self.changed(node, file, What::Replaced { file, len }, cause);
            }
            Effect::Delete { file } => {
                self.disk(node).delete(file);
                self.changed(node, file, What::Deleted { file }, cause);
            }
            Effect::Send { .. } | Effect::Arm { .. } | Effect::Tell(_) | Effect::Exit => {
                unreachable!("these are asked for often, and done at once")
            }
        }
    }

    fn disk(&mut self, node: NodeId) -> &mut Disk<M::Record> {
        &mut self.world.process(node).rest_mut().disk
    }

    /// A file was changed: tells it, and lets the system flush it in a while.
    fn changed(&mut self, node: NodeId, file: FileId, what: What<'_, M>, cause: EventId) {
        self.emit(node, cause, what);
        self.plan_write_back(node, file, cause);
    }

    fn tell_draws(&mut self, node: NodeId, cause: EventId) {
        let mut drawn = std::mem::take(&mut self.scratch.drawn);
        for Draw { purpose, n, value } in drawn.drain(..) {
            self.emit(node, cause, What::Drawn { purpose, n, value });
        }
        self.scratch.drawn = drawn;
    }

    fn die_of(&mut self, node: NodeId, doom: Interrupt, left: u32, cause: EventId) {
        let after_effects = Some(doom.after_effects);
        let fault = Fault::Crash {
            node,
            lose: doom.lose,
            after_effects,
        };
        let toll = Toll {
            effects: left,
            ..Toll::default()
        };
        self.crash(node, doom.lose, &fault, toll, cause);
    }

    #[inline(always)]
    fn arm(&mut self, node: NodeId, timer: M::Timer, after: Span, cause: EventId) {
        let now = self.world.now;
        let process = self.world.process(node);
        let wait = if after.is_exact() {
            after.least
        } else {
            let generators = &mut self.scratch.generators;
            process.rest_mut().timer_stream.within(after, generators)
        };
        let (mono, due) = process.after(now, wait);
        let id = self.emit(node, cause, What::Armed { timer: &timer, due });
        let (name, world) = (timer.clone(), &mut *self.world);
        world.tickets += 1;
        let ticket = world.tickets;
        let replaced = world.nodes[node.0 as usize]
            .timers
            .arm(name, ticket, mono, id);
        world
            .agenda
            .push(due, ticket, || Due::Timer { node, timer });
        if replaced {
            world.voided(1);
        }
    }

    fn disarm(&mut self, node: NodeId, timer: &M::Timer, cause: EventId) {
        if self.world.process(node).timers.disarm(timer).is_some() {
            self.world.voided(1);
            self.emit(node, cause, What::Disarmed { timer });
        }
    }

    /// Writes a record, if there is room. Says whether there was.
    fn append(&mut self, node: NodeId, file: FileId, record: M::Record, cause: EventId) -> bool {
        let process = self.world.process(node);
        if !process.rest().disk.has_room_for(&record) {
            let why = WriteError::Full;
            let id = self.emit(
                node,
                cause,
                What::WriteFailed {
                    file,
                    record: &record,
                    why,
                },
            );
            let incarnation = Some(self.world.node(node).incarnation);
            let input = Input::WriteFailed { file, why };
            let failed = Rare::Input {
                node,
                incarnation,
                input,
                cause: id,
            };
            self.world.put_rare(self.world.now, failed);
            return false;
        }
        let index = process.rest().disk.end(file);
        self.emit(
            node,
            cause,
            What::Appended {
                file,
                index,
                record: &record,
            },
        );
        self.disk(node).append(file, record);
        self.plan_write_back(node, file, cause);
        true
    }

    fn sync(&mut self, node: NodeId, file: FileId, cause: EventId) {
        let id = self.emit(node, cause, What::SyncAsked { file });
        let generators = &mut self.scratch.generators;
        let process = self.world.process(node);
        let rest = process.rest_mut();
        let end = rest.disk.end(file);
        let slow = rest.disk_slow.unwrap_or(Span::ZERO);
        let mut takes = rest.disk_stream.within(rest.disk_pace.sync, generators)
            + rest.slow_stream.within(slow, generators);
        if rest.disk_pace.per_kib > 0 {
            takes += rest.disk_pace.per_kib * rest.disk.dirty(file).div_ceil(1024);
        }
        let incarnation = process.incarnation;
        let flush = Flush {
            node,
            incarnation,
            file,
            end,
            cause: id,
        };
        self.world
            .put_rare(self.world.now + takes, Rare::Synced(flush));
    }

    /// A flush is done.
    pub(super) fn synced(&mut self, flush: &Flush) -> bool {
        let Flush {
            node, file, end, ..
        } = *flush;
        let process = self.world.process(node);
        if process.incarnation != flush.incarnation || process.machine.is_none() {
            return false;
        }
        process.rest_mut().disk.sync(file, end);
        self.offer(node, Input::Synced { file, end }, flush.cause, 0);
        true
    }

    /// Lets the system flush a file in a while, if it has something to flush.
    fn plan_write_back(&mut self, node: NodeId, file: FileId, cause: EventId) {
        let generators = &mut self.scratch.generators;
        let process = self.world.process(node);
        let rest = process.rest_mut();
        if rest.disk.wants_writeback(file) {
            let wait = rest
                .disk_stream
                .within(rest.disk_pace.writeback, generators);
            self.world
                .put_rare(self.world.now + wait, Rare::WriteBack { node, file, cause });
        }
    }

    /// The system flushes a file of its own accord.
    pub(super) fn write_back(&mut self, node: NodeId, file: FileId, cause: EventId) -> bool {
        let Some(end) = self.world.process(node).rest_mut().disk.write_back(file) else {
            return false;
        };
        self.emit(node, cause, What::WrittenBack { file, end });
        true
    }
}
