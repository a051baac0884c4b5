//! Frames on their way: sent, arriving, stalled, given up.

use glassmq_core::machine::{Gone, Input, Machine, Parcel, Refusal};
use glassmq_core::names::{LinkId, NodeId};

use super::{Due, Rare, Turn, World};
use crate::event::{Close, EventId, Loss, Sink, What};
use crate::network::{Carried, End, Frame, Link, Put, Side, Slot, Way, other};
use crate::process::{Life, Waiting};

impl<M: Machine> World<M> {
    /// Puts a frame on its way.
    pub(super) fn put_frame(
        &mut self,
        slot: Slot,
        side: Side,
        what: Carried<M>,
        sent: EventId,
        generators: &mut crate::dice::Generators,
    ) {
        self.tickets += 1;
        let (now, ticket) = (self.now, self.tickets);
        let way = &mut self.network.link_mut(slot).ways[side as usize];
        let put = way.put(what, sent, ticket, now, &self.pace, generators);
        self.plan(slot, side, put);
    }

    /// Puts the first frame of a way into the agenda.
    #[inline]
    pub(super) fn plan(&mut self, slot: Slot, side: Side, put: Put) {
        if let Put::First { due, ticket } = put {
            self.agenda
                .push(due.max(self.now), ticket, || Due::Frame { slot, side });
        }
    }
}

impl<M: Machine, S: Sink<M>> Turn<'_, M, S> {
    /// Asks for a connection.
    pub(super) fn connect(&mut self, node: NodeId, to: NodeId, id: LinkId, cause: EventId) {
        assert_ne!(node, to, "a process does not connect to itself");
        let sent = self.emit(node, cause, What::Connecting { to, link: id });
        let world = &mut *self.world;
        let mut way = |from: NodeId, to: NodeId, side: u64| {
            let names = [
                &**world.nodes[from.0 as usize].name(),
                &**world.nodes[to.0 as usize].name(),
            ];
            let stream = world
                .dice
                .stream("latency", &names, u64::from(id.ordinal) * 2 + side);
            let slow = world.network.condition(from, to).slow;
            Way::new(super::faults::slowed(world.pace.latency, slow), stream)
        };
        let ways = [way(node, to, 0), way(to, node, 1)];
        let link = Link {
            id,
            to,
            ends: [End::Opening, End::Opening],
            ways,
        };
        let slot = world.network.add(link);
        world.put_frame(slot, 0, Carried::Syn, sent, &mut self.scratch.generators);
    }

    /// Sends a frame on a connection, if it is open.
    #[inline]
    pub(super) fn send(&mut self, node: NodeId, id: LinkId, message: M::Message, cause: EventId) {
        let sent = self.emit(
            node,
            cause,
            What::Sent {
                link: id,
                message: &message,
            },
        );
        let world = &mut *self.world;
        if let Some(slot) = world.network.find(id) {
            let link = world.network.link_mut(slot);
            let side = link.side_of(node);
            if matches!(link.ends[side as usize], End::Open | End::Opening) {
                world.tickets += 1;
                let (now, ticket, what) = (world.now, world.tickets, Carried::Message(message));
                let generators = &mut self.scratch.generators;
                let way = &mut link.ways[side as usize];
                let put = way.put(what, sent, ticket, now, &world.pace, generators);
                if let Put::First { due, ticket } = put {
                    world.agenda.push(due, ticket, || Due::Frame { slot, side });
                }
                return;
            }
        }
        let why = Loss::NotConnected;
        self.emit(
            node,
            sent,
            What::Lost {
                link: id,
                message: &message,
                sent,
                why,
            },
        );
    }

    /// Ends a connection from this end.
    pub(super) fn close(&mut self, node: NodeId, id: LinkId, how: Close, cause: EventId) {
        let unread = self.world.process(node).forget(id);
        let Some(slot) = self.world.network.find(id) else {
            return self.lose_unread(node, unread, Loss::Closed, cause);
        };
        let link = self.world.network.link(slot);
        let side = link.side_of(node);
        if !matches!(link.ends[side as usize], End::Open | End::Opening) {
            return self.lose_unread(node, unread, Loss::Closed, cause);
        }
        let sent = self.emit(node, cause, What::Closed { link: id, how });
        self.lose_unread(node, unread, Loss::Closed, sent);
        let parting = match how {
            Close::Orderly => Carried::Fin,
            Close::Abort => {
                let lost = self.drop_frames(slot, other(side));
                self.lose(lost, Loss::Reset, sent);
                let unsent = self.drop_unsent(slot, side);
                self.lose(unsent, Loss::Reset, sent);
                Carried::Rst
            }
        };
        self.world.network.link_mut(slot).ends[side as usize] = End::Closed;
        self.world
            .put_frame(slot, side, parting, sent, &mut self.scratch.generators);
    }

    /// The receiver has taken so many bytes off a connection.
    pub(super) fn taken(&mut self, node: NodeId, id: LinkId, bytes: u64) {
        let world = &mut *self.world;
        let Some(slot) = world.network.find(id) else {
            return;
        };
        let link = world.network.link_mut(slot);
        let side = other(link.side_of(node));
        let way = &mut link.ways[side as usize];
        let put = way.taken(bytes, world.now, &world.pace, &mut self.scratch.generators);
        world.plan(slot, side, put);
    }

    /// The first frame of a way is due.
    #[inline(always)]
    pub(super) fn arrive(&mut self, slot: Slot, side: Side, ticket: u64) -> bool {
        if !self.world.network.calm && self.obstructed(slot, side, ticket) {
            return self.stall(slot, side, ticket);
        }
        let world = &mut *self.world;
        let Some(link) = world.network.get_mut(slot) else {
            return false;
        };
        let (id, to, end) = (
            link.id,
            link.holder(other(side)),
            link.ends[other(side) as usize],
        );
        let way = &mut link.ways[side as usize];
        if way.scheduled != ticket {
            return false;
        }
        way.scheduled = 0;
        let Frame { what, sent, .. } = way
            .frames
            .pop_front()
            .expect("the first frame is scheduled");
        if let Put::First { due, ticket } = way.schedule() {
            world
                .agenda
                .push(due.max(world.now), ticket, || Due::Frame { slot, side });
        }
        let link = id;
        match what {
            Carried::Message(message) if end == End::Open => {
                let bytes = message.bytes();
                let input = Input::Message { link, message };
                if world.nodes[to.0 as usize].idle && way.waiting.is_empty() {
                    way.bytes -= bytes;
                    self.take(to, input, sent, false);
                } else {
                    self.offer(to, input, sent, bytes);
                }
            }
            what => {
                self.receive(slot, side, to, what, sent);
                self.world.network.remove_if_over(slot);
            }
        }
        true
    }

    /// Whether something stands in the way of a frame that is due.
    #[inline(never)]
    fn obstructed(&self, slot: Slot, side: Side, ticket: u64) -> bool {
        let world = &*self.world;
        let Some(link) = world.network.get(slot) else {
            return false;
        };
        let (from, to) = (link.holder(side), link.holder(other(side)));
        let held = link.ways[side as usize]
            .held
            .is_some_and(|since| ticket >= since);
        let unreachable = world.nodes[to.0 as usize].life() == Life::Down { host: false };
        held || unreachable || world.network.condition(from, to).cuts > 0
    }

    /// Something other than a message for an open end reaches the other end.
    #[inline(never)]
    fn receive(&mut self, slot: Slot, side: Side, to: NodeId, what: Carried<M>, sent: EventId) {
        let end = other(side) as usize;
        let link = self.world.network.link_mut(slot);
        let id = link.id;
        match what {
            Carried::Message(message) => {
                let vanished = link.ends[end] == End::Vanished;
                self.taken(to, id, message.bytes());
                let why = if vanished { Loss::Reset } else { Loss::Closed };
                let lost = What::Lost {
                    link: id,
                    message: &message,
                    sent,
                    why,
                };
                let cause = self.emit(to, sent, lost);
                if vanished {
                    self.deny(slot, other(side), cause);
                }
            }
            Carried::Syn => self.knock(slot, id, to, sent),
            Carried::SynAck => {
                if link.ends[end] == End::Opening {
                    link.ends[end] = End::Open;
                    self.offer(to, Input::Connected { link: id }, sent, 0);
                } else if link.ends[end] == End::Vanished {
                    self.deny(slot, other(side), sent);
                }
            }
            Carried::Refuse(why) => {
                let waits = link.ends[end] == End::Opening;
                link.ends[end] = End::Closed;
                if waits {
                    self.offer(to, Input::Refused { link: id, why }, sent, 0);
                }
            }
            Carried::Fin => self.hang_up(slot, end, id, to, Gone::Closed, sent),
            Carried::Rst => self.hang_up(slot, end, id, to, Gone::Reset, sent),
        }
    }

    /// A host that has lost power since knows of no such connection.
    fn deny(&mut self, slot: Slot, side: Side, cause: EventId) {
        self.world.network.link_mut(slot).ends[side as usize] = End::Closed;
        let generators = &mut self.scratch.generators;
        self.world
            .put_frame(slot, side, Carried::Rst, cause, generators);
    }

    /// Someone wants to connect to `to`.
    fn knock(&mut self, slot: Slot, id: LinkId, to: NodeId, sent: EventId) {
        let refused = matches!(self.world.nodes[to.0 as usize].life(), Life::Down { .. });
        let link = self.world.network.link_mut(slot);
        let answer = if refused {
            link.ends[1] = End::Closed;
            Carried::Refuse(Refusal::Refused)
        } else {
            link.ends[1] = End::Open;
            Carried::SynAck
        };
        self.world
            .put_frame(slot, 1, answer, sent, &mut self.scratch.generators);
        if !refused {
            let from = id.opener;
            self.offer(to, Input::Accepted { link: id, from }, sent, 0);
        }
    }

    /// An end learns that the connection is gone.
    fn hang_up(
        &mut self,
        slot: Slot,
        end: usize,
        id: LinkId,
        to: NodeId,
        why: Gone,
        sent: EventId,
    ) {
        let link = self.world.network.link_mut(slot);
        match std::mem::replace(&mut link.ends[end], End::Closed) {
            End::Open => self.offer(to, Input::Disconnected { link: id, why }, sent, 0),
            // Whoever was to accept it never heard of it.
            End::Opening if end == 1 => {}
            End::Opening => {
                let why = Refusal::Refused;
                self.offer(to, Input::Refused { link: id, why }, sent, 0);
            }
            End::Closed => {}
            End::Vanished => self.world.network.link_mut(slot).ends[end] = End::Vanished,
        }
    }

    /// The first frame of a way cannot move on. False if its entry in the agenda is void.
    fn stall(&mut self, slot: Slot, side: Side, ticket: u64) -> bool {
        let world = &mut *self.world;
        let link = world.network.link_mut(slot);
        if link.ways[side as usize].scheduled != ticket {
            return false;
        }
        let (id, from) = (link.id, link.holder(side));
        let gone = link.ends[side as usize] == End::Vanished;
        let way = &mut link.ways[side as usize];
        way.scheduled = 0;
        let frame = way.frames.front().expect("the first frame is there");
        if gone {
            // Nobody is there to send it again.
            let sent = frame.sent;
            let cause = self.emit(from, sent, What::Stalled { link: id, sent });
            let lost = self.drop_frames(slot, side);
            self.lose(lost, Loss::Crashed, cause);
            self.world.network.remove_if_over(slot);
            return true;
        }
        way.stalled = true;
        way.stalls += 1;
        let patience = match frame.what {
            Carried::Syn | Carried::SynAck => world.pace.connect_give_up,
            _ => world.pace.give_up,
        };
        let (sent, stall) = (frame.sent, way.stalls);
        world.put_rare(
            world.now + patience,
            Rare::GiveUp {
                slot,
                link: id,
                side,
                stall,
            },
        );
        self.emit(from, sent, What::Stalled { link: id, sent });
        true
    }

    /// The sender's system has resent a frame often enough.
    pub(super) fn give_up(&mut self, slot: Slot, id: LinkId, side: Side, stall: u32) -> bool {
        let world = &mut *self.world;
        let Some(link) = world.network.get_mut(slot) else {
            return false;
        };
        let way = &mut link.ways[side as usize];
        if link.id != id || !way.stalled || way.stalls != stall {
            return false;
        }
        let first = way.frames.front().expect("what has stalled is there");
        let cause = first.sent;
        let answer = matches!(first.what, Carried::SynAck);
        let from = link.holder(side);
        let end = std::mem::replace(&mut link.ends[side as usize], End::Closed);
        let lost = self.drop_frames(slot, side);
        self.lose(lost, Loss::TimedOut, cause);
        match end {
            End::Open => {
                let why = Gone::TimedOut;
                self.offer(from, Input::Disconnected { link: id, why }, cause, 0);
            }
            End::Opening => {
                self.world.network.link_mut(slot).ends[1] = End::Closed;
                let why = Refusal::TimedOut;
                self.offer(from, Input::Refused { link: id, why }, cause, 0);
            }
            End::Closed => {}
            End::Vanished => self.world.network.link_mut(slot).ends[side as usize] = end,
        }
        if answer {
            self.never_answered(slot, id, cause);
        }
        self.world.network.remove_if_over(slot);
        true
    }

    /// The answer to a connect did not get through: nor did the repeated questions.
    fn never_answered(&mut self, slot: Slot, id: LinkId, cause: EventId) {
        // Whoever was told that it is over may have died of that, and the connection with it.
        let link = self.world.network.get_mut(slot);
        let Some(link) = link.filter(|link| link.id == id) else {
            return;
        };
        let opener = &mut link.ends[0];
        if *opener == End::Opening {
            *opener = End::Closed;
            let why = Refusal::TimedOut;
            self.offer(id.opener, Input::Refused { link: id, why }, cause, 0);
        }
    }

    /// Takes everything off a way, sent and unsent.
    pub(super) fn drop_frames(
        &mut self,
        slot: Slot,
        side: Side,
    ) -> Vec<(LinkId, NodeId, Frame<M>)> {
        let link = self.world.network.link_mut(slot);
        let (id, from) = (link.id, link.holder(side));
        let way = &mut link.ways[side as usize];
        way.scheduled = 0;
        way.stalled = false;
        way.bytes = 0;
        let frames = way.frames.drain(..).chain(way.waiting.drain(..));
        frames.map(|frame| (id, from, frame)).collect()
    }

    /// Takes off a way what is not yet sent.
    pub(super) fn drop_unsent(
        &mut self,
        slot: Slot,
        side: Side,
    ) -> Vec<(LinkId, NodeId, Frame<M>)> {
        let link = self.world.network.link_mut(slot);
        let (id, from) = (link.id, link.holder(side));
        let unsent = link.ways[side as usize].waiting.drain(..);
        unsent.map(|frame| (id, from, frame)).collect()
    }

    /// Tells of frames that arrived and that nobody will take. They leave room in the buffer:
    /// whoever waits for it sends on, and finds out.
    pub(super) fn lose_unread(
        &mut self,
        node: NodeId,
        unread: impl IntoIterator<Item = Waiting<M>>,
        why: Loss,
        cause: EventId,
    ) {
        for waiting in unread {
            if let Input::Message { link, message } = &waiting.input {
                let (link, sent) = (*link, waiting.cause);
                self.taken(node, link, waiting.bytes);
                self.emit(
                    node,
                    cause,
                    What::Lost {
                        link,
                        message,
                        sent,
                        why,
                    },
                );
            }
        }
    }

    /// Tells of frames that will never arrive.
    pub(super) fn lose(
        &mut self,
        frames: Vec<(LinkId, NodeId, Frame<M>)>,
        why: Loss,
        cause: EventId,
    ) {
        for (link, from, frame) in frames {
            if let Carried::Message(message) = &frame.what {
                let sent = frame.sent;
                self.emit(
                    from,
                    cause,
                    What::Lost {
                        link,
                        message,
                        sent,
                        why,
                    },
                );
            }
        }
    }
}
