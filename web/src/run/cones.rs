//! What could know of what: the happened-before of a run, step by step.
//!
//! A step comes after the step before it in the same process, and after the one that triggered it
//! (the frame that was sent, the timer that was set).

use glassmq_core::names::NodeId;
use glassmq_core::shared::SortedSet;
use glassmq_sim::cast::Cast;
use glassmq_sim::event::Event;

/// Where each step happened, and which step triggered it: 8 bytes a step.
#[derive(Clone, Debug, Default)]
pub struct Steps(Vec<(NodeId, u32)>);

/// The place of a step that shows nothing.
const NOWHERE: NodeId = NodeId(u32::MAX);

/// How a step stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stand {
    /// It led there.
    Cause,
    /// It might have.
    Before,
    /// Neither could know of the other.
    Concurrent,
    /// It comes after.
    After,
}

impl Stand {
    /// `HistorySet` of `scene.ts`; what comes after is in none.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Stand::Cause => Some("cause"),
            Stand::Before => Some("before"),
            Stand::Concurrent => Some("concurrent"),
            Stand::After => None,
        }
    }
}

impl Steps {
    /// The first event of a step tells where it happens and what triggered it.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        let step = event.id.step as usize;
        if self.0.len() < step {
            self.0.resize(step, (NOWHERE, 0));
            self.0[step - 1] = (event.node, event.cause.step);
        }
    }

    fn get(&self, step: u32) -> Option<(NodeId, u32)> {
        let found = self.0.get((step as usize).checked_sub(1)?).copied();
        found.filter(|(node, _)| *node != NOWHERE)
    }

    /// How every step stands to one of them, in their order from the first; `known` are steps that
    /// led there in other ways than by triggers.
    pub fn stand(&self, to: u32, known: &[u32]) -> Vec<Stand> {
        let mut stands = vec![Stand::Concurrent; self.0.len()];
        let mut put = |step: u32, stand| {
            if let Some(at) = (step as usize)
                .checked_sub(1)
                .and_then(|at| stands.get_mut(at))
            {
                *at = stand;
            }
        };
        let mut past = vec![false; self.0.len() + 1];
        let mut nodes = SortedSet::new();
        for step in (1..=to).rev() {
            let Some((node, trigger)) = self.get(step) else {
                continue;
            };
            if step == to || past[step as usize] || nodes.contains(&node) {
                put(step, Stand::Before);
                nodes.insert(node);
                past[trigger as usize] = true;
            }
        }
        for first in known.iter().chain([&to]) {
            let mut step = *first;
            while let Some((_, trigger)) = self.get(step) {
                put(step, Stand::Cause);
                step = trigger;
            }
        }
        let mut future = vec![false; self.0.len() + 1];
        let mut nodes = SortedSet::new();
        for step in to..=self.0.len() as u32 {
            let Some((node, trigger)) = self.get(step) else {
                continue;
            };
            if step == to || future[trigger as usize] || nodes.contains(&node) {
                nodes.insert(node);
                future[step as usize] = true;
                if step > to {
                    put(step, Stand::After);
                }
            }
        }
        stands
    }
}
