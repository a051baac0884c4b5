//! TCP connections: each direction a queue of frames, with delay, width and a socket buffer.
//!
//! A frame in a live connection is never missing and never overtakes another: loss shows as a
//! stall, then as a reset, then as the client's own reconnect. This file holds connections and
//! their queues; [`crate::world`] moves frames and tells processes.

use std::collections::VecDeque;
use std::rc::Rc;

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Machine, Parcel, Refusal};
use glassmq_core::names::{LinkId, NodeId};
use glassmq_core::shared::SortedMap;
use glassmq_core::time::Span;
use serde::{Deserialize, Serialize};

use crate::dice::{Generators, Stream};
use crate::event::EventId;
use crate::own::own;

/// How the network behaves between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct NetworkPace {
    /// How long a frame is under way.
    pub latency: Span,
    /// Bytes a second in each direction of a connection; no value: as many as you like.
    pub bandwidth: Option<u64>,
    /// Bytes under way or waiting for the receiver before the sender's own socket holds back.
    pub buffer: u64,
    /// When the system gives up resending (microseconds): Linux's `tcp_retries2`, 15 times.
    pub give_up: u64,
    /// When it gives up connecting (microseconds): Linux's `tcp_syn_retries`, 6 times.
    pub connect_give_up: u64,
}

impl Default for NetworkPace {
    fn default() -> Self {
        NetworkPace {
            latency: Span::between(1_000, 5_000),
            bandwidth: None,
            buffer: 1 << 20,
            give_up: 924_600_000,
            connect_give_up: 127_000_000,
        }
    }
}

/// Where a link is kept. Given to another link when this one is gone.
pub(crate) type Slot = u32;

/// Which end of a link: 0 opened it, 1 accepted it. Also names the direction that starts there.
pub(crate) type Side = u8;

/// All connections.
#[derive(Clone, Debug)]
pub(crate) struct Network<M: Machine> {
    links: Vec<Option<Rc<Link<M>>>>,
    free: Vec<Slot>,
    /// For each node, the links it opened that are still there: (ordinal, slot), oldest first.
    opened: Vec<Vec<(u32, Slot)>>,
    /// What the faults did to pairs of nodes.
    conditions: SortedMap<(NodeId, NodeId), Condition>,
    /// Whether no fault has ever stood in the way of a frame: then no frame is asked.
    pub calm: bool,
}

/// What faults did to the way from one node to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
pub(crate) struct Condition {
    /// How many cuts lie on it.
    pub cuts: u32,
    /// How much longer frames take.
    pub slow: Option<Span>,
}

/// One connection.
#[derive(Clone, Debug, Fingerprint)]
pub(crate) struct Link<M: Machine> {
    pub id: LinkId,
    /// Who accepts it.
    pub to: NodeId,
    pub ends: [End; 2],
    pub ways: [Way<M>; 2],
}

/// What one end of a connection has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub(crate) enum End {
    /// The opener's, until it is told that it is connected; the acceptor's, until it has accepted.
    Opening,
    Open,
    /// It closed, was told of the end, or its process died with its host alive.
    Closed,
    /// Its host lost power: nobody there knows of the connection, nobody was told.
    Vanished,
}

/// One direction of a connection.
#[derive(Clone, Debug, Fingerprint)]
pub(crate) struct Way<M: Machine> {
    /// Under way, in order.
    pub frames: VecDeque<Frame<M>>,
    /// Not yet sent, because the buffer is full: still with the process.
    pub waiting: VecDeque<Frame<M>>,
    pub latency: Span,
    pub stream: Stream,
    /// When the last frame is due: none overtakes it.
    pub last_due: u64,
    /// When the wire is free for the next frame.
    pub wire_free: u64,
    /// Bytes under way or not yet taken by the receiver.
    pub bytes: u64,
    /// The ticket under which the first frame stands in the agenda; 0: it does not.
    pub scheduled: u64,
    /// Whether the first frame cannot move on, and how often that was so.
    pub stalled: bool,
    pub stalls: u32,
    /// Frames from this ticket on are held.
    pub held: Option<u64>,
}

/// Something under way.
#[derive(Clone, Debug, Fingerprint)]
pub(crate) struct Frame<M: Machine> {
    pub what: Carried<M>,
    /// The event that sent it.
    pub sent: EventId,
    pub due: u64,
    pub ticket: u64,
}

impl<M: Machine> Frame<M> {
    /// The message in it, if it carries one.
    pub fn message(&self) -> Option<&M::Message> {
        match &self.what {
            Carried::Message(message) => Some(message),
            _ => None,
        }
    }
}

/// What a frame is.
#[derive(Clone, Debug, Fingerprint)]
pub(crate) enum Carried<M: Machine> {
    /// May I connect?
    Syn,
    /// You are connected.
    SynAck,
    /// You are not.
    Refuse(Refusal),
    Message(M::Message),
    /// I send no more.
    Fin,
    /// There is no such connection.
    Rst,
}

impl<M: Machine> Carried<M> {
    fn bytes(&self) -> u64 {
        match self {
            Carried::Message(message) => message.bytes(),
            _ => 0,
        }
    }
}

/// What sending a frame came to.
pub(crate) enum Put {
    /// It is the first under way: put it in the agenda.
    First { due: u64, ticket: u64 },
    /// It follows others, or waits.
    Behind,
}

impl<M: Machine> Way<M> {
    pub fn new(latency: Span, stream: Stream) -> Self {
        Way {
            frames: VecDeque::new(),
            waiting: VecDeque::new(),
            latency,
            stream,
            last_due: 0,
            wire_free: 0,
            bytes: 0,
            scheduled: 0,
            stalled: false,
            stalls: 0,
            held: None,
        }
    }

    /// Sends a frame, or lets it wait for room in the buffer.
    #[inline(always)]
    pub fn put(
        &mut self,
        what: Carried<M>,
        sent: EventId,
        ticket: u64,
        now: u64,
        pace: &NetworkPace,
        at_hand: &mut Generators,
    ) -> Put {
        let bytes = what.bytes();
        if self.bytes > 0 && self.bytes + bytes > pace.buffer || !self.waiting.is_empty() {
            return self.wait(what, sent, ticket, now);
        }
        let due = self.launch(bytes, now, pace, at_hand);
        self.frames.push_back(Frame {
            what,
            sent,
            due,
            ticket,
        });
        self.schedule()
    }

    #[cold]
    fn wait(&mut self, what: Carried<M>, sent: EventId, ticket: u64, due: u64) -> Put {
        self.waiting.push_back(Frame {
            what,
            sent,
            due,
            ticket,
        });
        Put::Behind
    }

    /// The receiver has taken so many bytes: lets what waited go.
    pub fn taken(
        &mut self,
        bytes: u64,
        now: u64,
        pace: &NetworkPace,
        at_hand: &mut Generators,
    ) -> Put {
        // Less than that if the connection lost what was on it.
        self.bytes = self.bytes.saturating_sub(bytes);
        let mut first = Put::Behind;
        while let Some(frame) = self.waiting.front() {
            let bytes = frame.what.bytes();
            if self.bytes > 0 && self.bytes + bytes > pace.buffer {
                break;
            }
            let due = self.launch(bytes, now, pace, at_hand);
            let frame = self.waiting.pop_front().expect("it is there");
            self.frames.push_back(Frame { due, ..frame });
            if let put @ Put::First { .. } = self.schedule() {
                first = put;
            }
        }
        first
    }

    /// The first frame, to be put in the agenda, unless it is there already or may not move.
    #[inline]
    pub fn schedule(&mut self) -> Put {
        if self.scheduled != 0 || self.stalled {
            return Put::Behind;
        }
        let Some(frame) = self.frames.front() else {
            return Put::Behind;
        };
        self.scheduled = frame.ticket;
        let (due, ticket) = (frame.due, frame.ticket);
        Put::First { due, ticket }
    }

    /// A stall is over: the first frame is resent.
    pub fn resume(&mut self, now: u64, at_hand: &mut Generators) -> Put {
        if !std::mem::take(&mut self.stalled) {
            return Put::Behind;
        }
        let delay = self.stream.within(self.latency, at_hand);
        if let Some(frame) = self.frames.front_mut() {
            frame.due = now + delay;
        }
        self.last_due = self.last_due.max(now + delay);
        self.schedule()
    }

    /// When a frame of so many bytes that leaves now will arrive.
    #[inline]
    fn launch(
        &mut self,
        bytes: u64,
        now: u64,
        pace: &NetworkPace,
        at_hand: &mut Generators,
    ) -> u64 {
        self.bytes += bytes;
        let mut leaves = now;
        if let Some(bandwidth) = pace.bandwidth {
            let wire = u128::from(bytes) * 1_000_000 / u128::from(bandwidth.max(1));
            self.wire_free = self.wire_free.max(now) + wire as u64;
            leaves = self.wire_free;
        }
        let due = leaves + self.stream.within(self.latency, at_hand);
        self.last_due = self.last_due.max(due);
        self.last_due
    }
}

impl<M: Machine> Link<M> {
    /// The end that `node` holds.
    #[inline]
    pub fn side_of(&self, node: NodeId) -> Side {
        u8::from(self.id.opener != node)
    }

    /// Who holds an end.
    #[inline]
    pub fn holder(&self, side: Side) -> NodeId {
        if side == 0 { self.id.opener } else { self.to }
    }

    /// Whether the process at an end has the connection: nobody accepts one before its SYN arrives.
    pub fn is_known_to(&self, side: Side) -> bool {
        match self.ends[side as usize] {
            End::Open => true,
            End::Opening => side == 0,
            End::Closed | End::Vanished => false,
        }
    }

    /// Whether nothing will ever happen on it again.
    pub fn is_over(&self) -> bool {
        let ended = |end| matches!(end, End::Closed | End::Vanished);
        self.ends.iter().all(|end| ended(*end))
            && self
                .ways
                .iter()
                .all(|way| way.frames.is_empty() && way.waiting.is_empty())
    }
}

/// The other end, or the other direction.
#[inline]
pub(crate) fn other(side: Side) -> Side {
    1 - side
}

impl<M: Machine> Network<M> {
    pub fn new() -> Self {
        Network {
            links: Vec::new(),
            free: Vec::new(),
            opened: Vec::new(),
            conditions: SortedMap::new(),
            calm: true,
        }
    }

    /// Makes room for one more node.
    pub fn add_node(&mut self) {
        self.opened.push(Vec::new());
    }

    /// Where a link is, if it is still there.
    #[inline]
    pub fn find(&self, id: LinkId) -> Option<Slot> {
        let opened = self.opened.get(id.opener.0 as usize)?;
        opened
            .iter()
            .rev()
            .find(|(ordinal, _)| *ordinal == id.ordinal)
            .map(|(_, slot)| *slot)
    }

    /// Some number that cannot be had without looking at a link.
    #[inline]
    pub fn weight(&self, slot: Slot) -> usize {
        self.links[slot as usize]
            .as_ref()
            .map_or(0, Rc::strong_count)
    }

    /// A link that is known to be there.
    #[inline]
    pub fn link(&self, slot: Slot) -> &Rc<Link<M>> {
        self.links[slot as usize]
            .as_ref()
            .expect("the link is there")
    }

    /// A link that is known to be there, to be changed.
    #[inline]
    pub fn link_mut(&mut self, slot: Slot) -> &mut Link<M> {
        own(self.links[slot as usize]
            .as_mut()
            .expect("the link is there"))
    }

    /// A link that may be gone.
    #[inline]
    pub fn get(&self, slot: Slot) -> Option<&Link<M>> {
        self.links[slot as usize].as_deref()
    }

    /// A link that may be gone, to be changed.
    #[inline]
    pub fn get_mut(&mut self, slot: Slot) -> Option<&mut Link<M>> {
        self.links[slot as usize].as_mut().map(own)
    }

    /// Adds a link.
    pub fn add(&mut self, link: Link<M>) -> Slot {
        let id = link.id;
        let slot = self.free.pop().unwrap_or(self.links.len() as Slot);
        if slot as usize == self.links.len() {
            self.links.push(None);
        }
        self.links[slot as usize] = Some(Rc::new(link));
        self.opened[id.opener.0 as usize].push((id.ordinal, slot));
        slot
    }

    /// Forgets a link on which nothing will happen again.
    pub fn remove_if_over(&mut self, slot: Slot) {
        let Some(link) = &self.links[slot as usize] else {
            return;
        };
        if !link.is_over() {
            return;
        }
        let id = link.id;
        self.opened[id.opener.0 as usize].retain(|(_, at)| *at != slot);
        self.links[slot as usize] = None;
        self.free.push(slot);
    }

    /// The slots of all links, in order.
    pub fn slots(&self) -> Vec<Slot> {
        let there = |(slot, link): (usize, &Option<_>)| link.as_ref().map(|_| slot as Slot);
        self.links.iter().enumerate().filter_map(there).collect()
    }

    /// The slots of a node's links, in order.
    pub fn slots_of(&self, node: NodeId) -> Vec<Slot> {
        let has = |slot: &Slot| {
            let link = self.link(*slot);
            link.id.opener == node || link.to == node
        };
        self.slots().into_iter().filter(has).collect()
    }

    /// What the faults did to the way between two nodes.
    #[inline]
    pub fn condition(&self, from: NodeId, to: NodeId) -> Condition {
        self.conditions
            .get(&(from, to))
            .copied()
            .unwrap_or_default()
    }

    /// Changes what the faults did to the way between two nodes.
    pub fn set_condition(&mut self, from: NodeId, to: NodeId, change: impl FnOnce(&mut Condition)) {
        let condition = self.conditions.entry((from, to)).or_default();
        change(condition);
        if *condition == Condition::default() {
            self.conditions.remove(&(from, to));
        }
    }

    /// All ways that are cut.
    pub fn cuts(&self) -> Vec<(NodeId, NodeId)> {
        let cut = |(pair, condition): (&(NodeId, NodeId), &Condition)| {
            (condition.cuts > 0).then_some(*pair)
        };
        self.conditions.iter().filter_map(cut).collect()
    }

    /// All links, for whoever looks at the world.
    pub fn iter(&self) -> impl Iterator<Item = &Link<M>> {
        self.links.iter().flatten().map(AsRef::as_ref)
    }
}

impl<M: Machine> Fingerprint for Network<M> {
    fn fingerprint(&self, to: &mut glassmq_core::fingerprint::Digest) {
        for link in self.iter() {
            link.fingerprint(to);
        }
        self.conditions.fingerprint(to);
    }
}
