//! The backward slice, cut to what concerns a message, its copies, and what decided their fate.
//!
//! The whole slice of almost any event is almost the whole run. What is kept: all that was told of
//! the message; and of what those facts rested on, directly or not, what happened since the
//! message was first heard of and is not about other messages: crashes, elections, changed in-sync
//! replicas. What was so before the message came is circumstance, but for the in-sync replicas that
//! an answer rested on.

use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::shared::{SortedMap, SortedSet};

use super::{Causality, Role};
use crate::check::Violation;
use crate::event::EventId;
use crate::play::names::Names;

/// How many causes are listed at most.
pub const LONGEST: usize = 8;

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// What became of a message.
    Message(MessageId),
    /// An event.
    Event(EventId),
    /// What a checker found.
    Violation(&'a Violation),
}

/// One cause in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// Which event.
    pub event: EventId,
    /// When, in microseconds of virtual time.
    pub at: u64,
    /// Where it happened.
    pub node: NodeId,
    /// The part it plays.
    pub role: Role,
    /// A sentence.
    pub says: String,
    /// The setting or rule that decided it, as its field spells it: `acks=1`, `KIP-101`.
    pub rule: Option<&'static str>,
}

impl Causality {
    /// The causes of something, the first first; at most [`LONGEST`].
    #[must_use]
    pub fn why(&self, target: Target<'_>, names: &Names) -> Vec<Because> {
        let (event, messages) = match target {
            Target::Message(id) => (None, vec![id]),
            Target::Event(id) => (Some(id), self.messages_of(id)),
            Target::Violation(found) => {
                let first = found.messages.iter().take(1);
                (Some(found.at), first.copied().collect())
            }
        };
        // What is asked of an event lies before it.
        let past = |at: &u32| match target {
            Target::Event(id) => self.entry(*at).id <= id,
            Target::Violation(found) => self.entry(*at).id <= found.at,
            Target::Message(_) => true,
        };
        let life = messages.iter().flat_map(|id| self.life_of(*id));
        let life: SortedSet<u32> = life.filter(past).collect();
        let own: Vec<u32> = event.and_then(|id| self.find(id)).into_iter().collect();
        let since = life.first().map(|first| self.entry(*first).id);
        let mut slice = Slice {
            causality: self,
            messages: &messages,
            since: since.unwrap_or(EventId::ROOT),
            found: life.iter().chain(&own).copied().collect(),
            steps: SortedSet::new(),
        };
        let mut open: Vec<u32> = slice.found.iter().copied().collect();
        if own.is_empty()
            && let Some(id) = event
        {
            slice.follow_triggers(id, &mut open);
        }
        while let Some(at) = open.pop() {
            slice.follow_state(at, &mut open);
            slice.follow_triggers(self.entry(at).id, &mut open);
        }
        self.list(slice.found, own.first().copied(), &messages, names)
    }

    fn messages_of(&self, id: EventId) -> Vec<MessageId> {
        let entry = self.find(id);
        let told = entry.into_iter().flat_map(|at| self.told_of(at));
        told.map(|(id, _)| id).take(1).collect()
    }

    /// The most telling of what was found, in order.
    fn list(
        &self,
        found: SortedSet<u32>,
        target: Option<u32>,
        messages: &[MessageId],
        names: &Names,
    ) -> Vec<Because> {
        let roles: SortedSet<Role> = found.iter().map(|at| self.entry(*at).role).collect();
        let elections = found
            .iter()
            .map(|at| self.entry(*at))
            .filter(|entry| entry.role == Role::Elected);
        let elections: SortedSet<u32> = elections.map(|entry| entry.id.step).collect();
        let rules = self.rules(&found);
        let told = |at: &u32| {
            let entry = self.entry(*at);
            match entry.role {
                // One of two words for the same thing.
                Role::Sent => !roles.contains(&Role::Produced),
                Role::Answered => !roles.contains(&Role::Acknowledged) && !messages.is_empty(),
                // Who leads, and who is in sync, is one decision.
                Role::InSync => !elections.contains(&entry.id.step),
                role => role.weight() > 0,
            }
        };
        let mut listed: Vec<u32> = found
            .into_iter()
            .filter(|at| told(at) || target == Some(*at))
            .collect();
        while listed.len() > LONGEST {
            let weight = |at: &u32| match target == Some(*at) {
                true => u8::MAX,
                false => self.entry(*at).role.weight(),
            };
            let least = listed.iter().map(weight).min().unwrap_or(0);
            // Of equals the last goes: the first is the cause of more.
            let last = listed.iter().rposition(|at| weight(at) == least);
            // Of an event without a message, the far past goes.
            let at = if messages.is_empty() { Some(0) } else { last };
            listed.remove(at.unwrap_or(0));
        }
        let mut replicated = false;
        let mut appended = false;
        let told = listed.into_iter().map(|at| {
            let entry = self.entry(at);
            appended |= entry.role == Role::Appended;
            replicated |= entry.role == Role::Replicated;
            let mut says = format!("{} {}", names.of(entry.node), entry.role.words());
            if entry.role == Role::Acknowledged && appended && !replicated {
                says.push_str("; no follower has it yet");
            }
            Because {
                event: entry.id,
                at: entry.at,
                node: entry.node,
                role: entry.role,
                says,
                rule: rules.get(&at).copied(),
            }
        });
        told.collect()
    }

    /// The rule of each entry. A client learns what its broker decided: its own word for it is by
    /// the rule of the answer before it.
    fn rules(&self, found: &SortedSet<u32>) -> SortedMap<u32, &'static str> {
        let mut answered = None;
        let rule = |at: &u32| {
            let entry = self.entry(*at);
            if entry.role == Role::Answered {
                answered = entry.rule;
            }
            let by_answer = answered.filter(|_| entry.role == Role::Acknowledged);
            Some((*at, entry.rule.or(by_answer)?))
        };
        found.iter().filter_map(rule).collect()
    }
}

/// A slice in the making.
struct Slice<'a> {
    causality: &'a Causality,
    messages: &'a [MessageId],
    since: EventId,
    found: SortedSet<u32>,
    steps: SortedSet<u32>,
}

impl Slice<'_> {
    fn follow_state(&mut self, from: u32, open: &mut Vec<u32>) {
        let is_own = self.concerns(from);
        let rests: Vec<u32> = self.causality.rests_of(from).collect();
        for at in rests {
            let entry = self.causality.entry(at);
            let circumstance = entry.id < self.since && !(is_own && entry.role == Role::InSync);
            let others = self.causality.told_of(at).next().is_some() && !self.concerns(at);
            if !circumstance && !others && self.found.insert(at) {
                open.push(at);
            }
        }
    }

    /// Goes back from step to step, for faults.
    fn follow_triggers(&mut self, from: EventId, open: &mut Vec<u32>) {
        let mut step = from.step;
        while self.steps.insert(step) {
            let Some(cause) = self.causality.triggers.get(u64::from(step)) else {
                return;
            };
            if *cause < self.since || *cause == EventId::ROOT {
                return;
            }
            let fault = self.causality.find(*cause);
            let fault = fault.filter(|at| self.causality.told_of(*at).next().is_none());
            if let Some(at) = fault
                && self.found.insert(at)
            {
                open.push(at);
            }
            step = cause.step;
        }
    }

    fn concerns(&self, at: u32) -> bool {
        let mut told = self.causality.told_of(at);
        told.any(|(id, _)| self.messages.contains(&id))
    }
}
