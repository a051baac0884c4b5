//! The adversary's alphabet: everything that can go wrong outside the protocols.

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::names::NodeId;
use glassmq_core::time::Span;
use serde::{Deserialize, Serialize};

use crate::event::EventId;

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
    /// Records that had not been flushed.
    pub records: u32,
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
}
