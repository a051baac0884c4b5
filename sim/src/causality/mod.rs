//! Why something came to be: causes, kept while a run goes, and followed backwards on demand.
//!
//! There are two kinds. A *trigger* is what made a step happen: the frame that arrived, the timer
//! that went off; it is the kernel's `cause`. A *state* cause is what a fact rested on: each fact
//! declares the subjects that it depended on ([`Told::rests_on`]), and is linked to the last fact
//! about each of them. A crash, a cut and a pause are facts about the nodes they strike.
//!
//! Kept: for each step its trigger, 8 bytes; for each fact and fault about 60 bytes, and 4 for each
//! state cause. Frames and timers need no entry: an event's step tells its trigger. So `why` never
//! runs anything again.

mod role;
mod rule;
mod why;

use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::shared::{Log, Map};
use glassmq_core::subject::{Subject, Told};

pub use role::Role;
pub use why::{Because, LONGEST, Target};

use crate::cast::Cast;
use crate::event::{Event, EventId, Sink, What};
use crate::fault::Fault;

/// The causes of a run.
#[derive(Clone, Debug, Default)]
pub struct Causality {
    /// What triggered each step, by its number.
    triggers: Log<EventId>,
    /// The facts and faults, in order.
    entries: Log<Entry>,
    /// The entries that entries rested on.
    rests: Log<u32>,
    /// The messages of entries, each with the entry before about the same message.
    told: Log<(MessageId, Option<u32>)>,
    /// The last entry about each subject.
    subjects: Map<Subject, u32>,
    /// The last entry about each message.
    messages: Map<MessageId, u32>,
}

/// A fact or a fault.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: EventId,
    at: u64,
    node: NodeId,
    role: Role,
    /// The setting or rule that decided it.
    rule: Option<&'static str>,
    /// Where its state causes end in `rests`; they start where those of the entry before end.
    rests_end: u32,
    /// Where its messages end in `told`.
    told_end: u32,
}

impl Causality {
    /// Sees an event.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        // The first event of a step tells what triggered it; a step that shows nothing has none.
        while self.triggers.end() <= u64::from(event.id.step) {
            let own = self.triggers.end() == u64::from(event.id.step);
            self.triggers
                .push(if own { event.cause } else { EventId::ROOT });
        }
        match &event.what {
            What::Fact { fact } => {
                let mut rests_on = Vec::new();
                fact.rests_on(&mut rests_on);
                let mut messages = Vec::new();
                fact.messages(&mut |id| messages.push(id));
                let part = (Role::of(fact), rule::of(fact));
                self.enter(event, part, &[fact.subject()], &rests_on, &messages);
            }
            What::Faulted { fault, .. } => {
                let nodes: Vec<Subject> = struck(fault).into_iter().map(Subject::Node).collect();
                let part = (Role::of_fault(fault), None);
                self.enter(event, part, &nodes, &nodes, &[]);
            }
            What::Booted { .. } => {
                let node = [Subject::Node(event.node)];
                self.enter(event, (Role::Booted, None), &node, &node, &[]);
            }
            _ => {}
        }
    }

    fn enter(
        &mut self,
        event: &Event<'_, Cast>,
        (role, rule): (Role, Option<&'static str>),
        about: &[Subject],
        rests_on: &[Subject],
        messages: &[MessageId],
    ) {
        let this = self.entries.end() as u32;
        // What a fact is about was in some state before.
        for subject in rests_on.iter().chain(about) {
            if let Some(last) = self.subjects.get(subject) {
                self.rests.push(*last);
            }
        }
        for id in messages {
            let before = self.messages.insert(*id, this);
            self.told.push((*id, before));
        }
        for subject in about {
            self.subjects.insert(subject.clone(), this);
        }
        self.entries.push(Entry {
            id: event.id,
            at: event.at,
            node: event.node,
            role,
            rule,
            rests_end: self.rests.end() as u32,
            told_end: self.told.end() as u32,
        });
    }

    fn entry(&self, at: u32) -> &Entry {
        self.entries
            .get(u64::from(at))
            .expect("entries are never dropped")
    }

    /// The entry of an event, if it has one.
    fn find(&self, id: EventId) -> Option<u32> {
        let (mut low, mut high) = (0, self.entries.end() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle).id < id {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let found = self.entries.get(u64::from(low))?;
        (found.id == id).then_some(low)
    }

    /// What an entry rested on.
    fn rests_of(&self, at: u32) -> impl Iterator<Item = u32> + '_ {
        let start = at
            .checked_sub(1)
            .map_or(0, |before| self.entry(before).rests_end);
        let end = self.entry(at).rests_end;
        let rests = self.rests.iter_from(u64::from(start));
        rests.take((end - start) as usize).copied()
    }

    /// The messages of an entry.
    fn told_of(&self, at: u32) -> impl Iterator<Item = (MessageId, Option<u32>)> + '_ {
        let start = at
            .checked_sub(1)
            .map_or(0, |before| self.entry(before).told_end);
        let end = self.entry(at).told_end;
        let told = self.told.iter_from(u64::from(start));
        told.take((end - start) as usize).copied()
    }

    /// All entries about a message, the last first.
    fn life_of(&self, message: MessageId) -> Vec<u32> {
        let mut life = Vec::new();
        let mut next = self.messages.get(&message).copied();
        while let Some(at) = next {
            life.push(at);
            let mut told = self.told_of(at).filter(|(id, _)| *id == message);
            next = told.find_map(|(_, before)| before.filter(|before| *before < at));
        }
        life
    }
}

/// Follows a run as any audience does: whoever asks no `why` does not pay for it.
impl Sink<Cast> for Causality {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.see(event);
    }
}

/// The nodes that a fault is about.
fn struck(fault: &Fault) -> Vec<NodeId> {
    match fault {
        Fault::Cut { from, to } | Fault::Mend { from, to } | Fault::Slow { from, to, .. } => {
            from.iter().chain(to).copied().collect()
        }
        Fault::Reset { a, b } => vec![*a, *b],
        Fault::Hold { from, to, .. } | Fault::Release { from, to } => vec![*from, *to],
        other => other.node().into_iter().collect(),
    }
}
