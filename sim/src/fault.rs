//! The adversary's alphabet: everything that can go wrong outside the protocols.

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Input, Machine};
use glassmq_core::names::NodeId;
use glassmq_core::time::Span;
use serde::{Deserialize, Serialize};

use crate::event::{Event, EventId, What};

/// One fault, with every role resolved to a node.
#[allow(missing_docs, reason = "fields are named for what they hold")]
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Nothing passes from these nodes to those any more; what is under way stalls.
    Cut { from: Vec<NodeId>, to: Vec<NodeId> },
    /// One [`Fault::Cut`] of the same nodes is undone.
    Mend { from: Vec<NodeId>, to: Vec<NodeId> },
    /// All cuts are undone.
    Heal,
    /// What these nodes send to those takes so much longer. [`Span::ZERO`] undoes it.
    Slow {
        from: Vec<NodeId>,
        to: Vec<NodeId>,
        by: Span,
    },
    /// A middlebox resets all connections between two nodes: what is under way is lost, and both
    /// ends learn of it.
    Reset { a: NodeId, b: NodeId },
    /// What is on the open connections from one node to another stays there, from a frame on
    /// (by default all that has not arrived); newer connections pass.
    Hold {
        from: NodeId,
        to: NodeId,
        since: Option<EventId>,
    },
    /// What was held goes on.
    Release { from: NodeId, to: NodeId },
    /// A process dies. With `after_effects` it dies in the middle of the next step that asks for
    /// more effects than that.
    Crash {
        node: NodeId,
        lose: Lose,
        after_effects: Option<u32>,
    },
    /// A process that is down starts again.
    Restart { node: NodeId },
    /// A process is asked to stop, and killed after a grace (microseconds).
    Stop { node: NodeId, grace: u64 },
    /// A process takes no more input; its host still answers for it.
    Pause { node: NodeId },
    /// A paused process goes on with all that waited.
    Resume { node: NodeId },
    /// A wall clock is off by so many microseconds. 0 puts it right.
    Skew { node: NodeId, by: i64 },
    /// A clock runs too fast by so many millionths.
    Rate { node: NodeId, ppm: i32 },
    /// Flushing takes so much longer. [`Span::ZERO`] undoes it.
    SlowDisk { node: NodeId, by: Span },
    /// Only so many bytes are left on a disk; no value: as many as it likes.
    DiskFree { node: NodeId, bytes: Option<u64> },
    /// The next power loss leaves a file with half a record at its end.
    TearWrite { node: NodeId },
    /// A process uses so much memory, as its meter reads it (bytes).
    Memory { node: NodeId, used: u64 },
}

/// What a crash takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lose {
    /// The process only: what it wrote is in the page cache, its host resets its connections.
    Process,
    /// The host: what was not flushed is gone, and nobody is told anything.
    Power,
}

/// What a fault took at once, counted by the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Toll {
    /// Connections that it broke, stalled or slowed.
    pub links: u32,
    /// Frames that it lost or stalled.
    pub frames: u32,
    /// Inputs that waited for the process.
    pub inputs: u32,
    /// Timers that will not go off.
    pub timers: u32,
    /// Records that had not been flushed, and flushed ones that come back.
    pub records: u32,
    /// Files that it left with half a record at their end.
    pub torn: u32,
    /// Effects of the step that were not carried out.
    pub effects: u32,
}

impl Fault {
    /// The first node it concerns.
    #[must_use]
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Fault::Cut { from, .. } | Fault::Mend { from, .. } | Fault::Slow { from, .. } => {
                from.first().copied()
            }
            Fault::Heal => None,
            Fault::Reset { a: node, .. }
            | Fault::Hold { from: node, .. }
            | Fault::Release { from: node, .. }
            | Fault::Crash { node, .. }
            | Fault::Restart { node }
            | Fault::Stop { node, .. }
            | Fault::Pause { node }
            | Fault::Resume { node }
            | Fault::Skew { node, .. }
            | Fault::Rate { node, .. }
            | Fault::SlowDisk { node, .. }
            | Fault::DiskFree { node, .. }
            | Fault::TearWrite { node }
            | Fault::Memory { node, .. } => Some(*node),
        }
    }

    /// Whether an event shows that this fault made a difference: the table of evidence. The fault
    /// struck at `struck` and is in force; `peer` is at the other end of the connection that the
    /// event is about.
    ///
    /// | fault | evidence |
    /// |---|---|
    /// | cut, hold | a frame on that way stalled |
    /// | slow | a frame sent on that way since then arrived |
    /// | reset | there was a connection |
    /// | crash | the toll: a connection, frame, input, timer, effect or unflushed record; or, while the process was down, a connect was refused or a frame stalled |
    /// | stop | the process was told, or was killed |
    /// | restart | the process started |
    /// | pause | when it was over, or the process died, an input was waiting |
    /// | skew, rate | the process took an input, or started: it read a clock that was wrong |
    /// | slow disk | a flush asked for since then was done |
    /// | disk free | the process was told, or a record was not written |
    /// | torn write | a loss of power left half a record |
    /// | memory | the process was told |
    /// | mend, heal, release, resume, and a value of 0 | none is asked for: they undo a fault that has its own |
    #[must_use]
    pub fn bites<M: Machine>(
        &self,
        struck: EventId,
        event: &Event<'_, M>,
        peer: Option<NodeId>,
    ) -> bool {
        if self.is_cure() {
            return true;
        }
        let is_own = event.id == struck;
        let is_caused = event.cause == struck;
        let is_from = |from: &[NodeId], to: &[NodeId]| {
            from.contains(&event.node) && peer.is_some_and(|peer| to.contains(&peer))
        };
        match (self, &event.what) {
            (Fault::Cut { from, to }, What::Stalled { .. }) => is_from(from, to),
            (Fault::Hold { from, to, .. }, What::Stalled { .. }) => is_from(&[*from], &[*to]),
            (Fault::Slow { from, to, .. }, What::Took { .. }) => {
                event.cause > struck && is_from(to, from)
            }
            (Fault::Reset { .. }, What::Faulted { toll, .. }) => is_own && toll.links > 0,
            (Fault::Crash { .. }, What::Faulted { toll, .. }) => {
                (is_own || is_caused) && *toll != Toll::default()
            }
            (Fault::Crash { node, .. }, What::Stalled { .. }) => peer == Some(*node),
            (Fault::Crash { node, .. }, What::Took { input, .. }) => {
                matches!(input, Input::Refused { .. }) && peer == Some(*node)
            }
            (Fault::Restart { .. }, What::Booted { .. }) => is_caused,
            (Fault::Stop { .. }, What::Took { .. } | What::Faulted { .. }) => is_caused,
            (Fault::Pause { node }, What::Faulted { fault, toll }) => {
                let is_over = matches!(fault, Fault::Resume { .. } | Fault::Crash { .. });
                is_over && fault.node() == Some(*node) && toll.inputs > 0
            }
            (
                Fault::Skew { node, .. } | Fault::Rate { node, .. },
                What::Took { .. } | What::Booted { .. },
            ) => event.node == *node,
            (Fault::SlowDisk { node, .. }, What::Took { input, .. }) => {
                let is_flushed = matches!(input, Input::Synced { .. });
                is_flushed && event.node == *node && event.cause > struck
            }
            (Fault::DiskFree { node, .. }, What::Took { input, .. }) => {
                // A process that starts later learns of it then.
                let is_told = matches!(input, Input::DiskFree { .. });
                is_told && event.node == *node && event.cause >= struck
            }
            (Fault::Memory { .. }, What::Took { .. }) => is_caused,
            (Fault::DiskFree { node, .. }, What::WriteFailed { .. }) => event.node == *node,
            (Fault::TearWrite { node }, What::Faulted { toll, .. }) => {
                event.node == *node && toll.torn > 0
            }
            _ => false,
        }
    }

    /// Whether it undoes a fault rather than being one.
    #[must_use]
    pub fn is_cure(&self) -> bool {
        match self {
            Fault::Mend { .. }
            | Fault::Heal
            | Fault::Release { .. }
            | Fault::Resume { .. }
            | Fault::Skew { by: 0, .. }
            | Fault::Rate { ppm: 0, .. }
            | Fault::DiskFree { bytes: None, .. } => true,
            Fault::Slow { by, .. } | Fault::SlowDisk { by, .. } => *by == Span::ZERO,
            _ => false,
        }
    }

    /// Whether an earlier fault is no longer in force once this one has struck.
    #[must_use]
    pub fn ends(&self, earlier: &Fault) -> bool {
        match (self, earlier) {
            (Fault::Heal, Fault::Cut { .. }) => true,
            (Fault::Mend { from, to }, Fault::Cut { from: a, to: b })
            | (Fault::Slow { from, to, .. }, Fault::Slow { from: a, to: b, .. }) => {
                from == a && to == b
            }
            (Fault::Release { from, to }, Fault::Hold { from: a, to: b, .. }) => {
                from == a && to == b
            }
            (
                Fault::Resume { node }
                | Fault::Crash {
                    node,
                    after_effects: None,
                    ..
                },
                Fault::Pause { node: of },
            )
            | (
                Fault::Restart { node },
                Fault::Crash {
                    node: of,
                    after_effects: None,
                    ..
                },
            )
            | (Fault::Skew { node, .. }, Fault::Skew { node: of, .. })
            | (Fault::Rate { node, .. }, Fault::Rate { node: of, .. })
            | (Fault::SlowDisk { node, .. }, Fault::SlowDisk { node: of, .. })
            | (Fault::DiskFree { node, .. }, Fault::DiskFree { node: of, .. }) => node == of,
            _ => false,
        }
    }

    /// Whether a crash may follow of which this is the cause.
    #[must_use]
    pub fn kills(&self) -> bool {
        matches!(
            self,
            Fault::Stop { .. }
                | Fault::Crash {
                    after_effects: Some(_),
                    ..
                }
        )
    }
}
