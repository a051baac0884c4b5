//! Which faults made a difference: one that nobody could have noticed proves nothing.

use glassmq_core::machine::Machine;
use glassmq_core::names::{LinkId, NodeId};
use glassmq_core::shared::SortedMap;

use crate::event::{Event, EventId, Sink, What, link_of};
use crate::fault::Fault;
use crate::world::World;

/// Follows a run and keeps, for each fault that struck, the first evidence that it bit.
///
/// A fault that found nothing to do (the crash of what is down) never strikes, so it is not here.
#[derive(Clone, Debug, Default)]
pub struct Bites {
    struck: Vec<Struck>,
    /// Places of those that are still in force and have not bitten.
    open: Vec<usize>,
    /// Who accepts a connection: its opener is part of its name.
    acceptors: SortedMap<LinkId, NodeId>,
}

/// A fault that struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    /// The event that told of it.
    pub id: EventId,
    /// What brought it about: the scenario, or an event it waited for.
    pub cause: EventId,
    /// What it was.
    pub fault: Fault,
    /// The first event that shows that it made a difference.
    pub bitten: Option<EventId>,
}

impl Bites {
    /// All faults that struck, in order.
    #[must_use]
    pub fn struck(&self) -> &[Struck] {
        &self.struck
    }

    /// Those that made no difference.
    pub fn vacuous(&self) -> impl Iterator<Item = &Struck> {
        self.struck.iter().filter(|struck| struck.bitten.is_none())
    }

    /// The books show, at an event, that something was lost by a fault: what a process had in its
    /// memory alone is missed only when it starts again.
    pub fn lost(&mut self, by: EventId, shown: EventId) {
        let struck = &mut self.struck;
        if let Some(at) = struck.iter().position(|struck| struck.id == by) {
            struck[at].bitten.get_or_insert(shown);
            self.open.retain(|open| *open != at);
        }
    }

    /// Looks at the world at the end of a run: a pause that was never over has bitten if something
    /// still waits for the process.
    pub fn end<M: Machine>(&mut self, world: &World<M>) {
        for at in std::mem::take(&mut self.open) {
            let struck = &mut self.struck[at];
            if let Fault::Pause { node } = struck.fault
                && world.node(node).backlog() > 0
            {
                struck.bitten = Some(struck.id);
            }
        }
    }

    /// Whoever is at the other end of the connection that an event is about.
    fn peer<M: Machine>(&self, event: &Event<'_, M>) -> Option<NodeId> {
        let link = match &event.what {
            What::Stalled { link, .. } => *link,
            What::Took { input, .. } => link_of(input)?,
            _ => return None,
        };
        if link.opener == event.node {
            self.acceptors.get(&link).copied()
        } else {
            Some(link.opener)
        }
    }

    /// Takes an event as evidence, where it is.
    fn look<M: Machine>(&mut self, event: &Event<'_, M>) {
        if self.open.is_empty() {
            return;
        }
        let peer = self.peer(event);
        let struck = &mut self.struck;
        self.open.retain(|at| {
            let Struck {
                id, fault, bitten, ..
            } = &mut struck[*at];
            let bites = fault.bites(*id, event, peer);
            if bites {
                *bitten = Some(event.id);
            }
            !bites
        });
    }

    /// A fault strikes: it may end others, and is followed unless another brought it about.
    fn strike<M: Machine>(&mut self, event: &Event<'_, M>, fault: &Fault) {
        let struck = &self.struck;
        self.open.retain(|at| !fault.ends(&struck[*at].fault));
        let by_another = matches!(fault, Fault::Crash { .. })
            && struck
                .iter()
                .rev()
                .any(|earlier| earlier.id == event.cause && earlier.fault.kills());
        if by_another {
            return;
        }
        self.open.push(self.struck.len());
        self.struck.push(Struck {
            id: event.id,
            cause: event.cause,
            fault: fault.clone(),
            bitten: None,
        });
    }
}

impl<M: Machine> Sink<M> for Bites {
    fn event(&mut self, event: &Event<'_, M>) {
        if let What::Connecting { to, link } = event.what {
            self.acceptors.insert(link, to);
        }
        self.look(event);
        if let What::Faulted { fault, .. } = &event.what {
            self.strike(event, fault);
            self.look(event);
        }
    }
}
