//! Faults in words.

use glassmq_core::names::NodeId;

use crate::fault::{Fault, Lose};
use crate::play::names::Names;

/// A fault as a clause: `kafka-2 crashed`.
pub(super) fn clause(fault: &Fault, names: &Names) -> String {
    let of = |node: &NodeId| names.of(*node).to_string();
    let all = |nodes: &[NodeId]| {
        let each: Vec<&str> = nodes.iter().map(|node| names.of(*node)).collect();
        each.join(", ")
    };
    match fault {
        Fault::Cut { from, to } => format!("nothing passes from {} to {}", all(from), all(to)),
        Fault::Mend { from, to } => format!("frames pass again from {} to {}", all(from), all(to)),
        Fault::Heal => "all cuts healed".to_string(),
        Fault::Slow { from, to, by } if by.most == 0 => {
            format!(
                "frames from {} to {} are as fast as before",
                all(from),
                all(to)
            )
        }
        Fault::Slow { from, to, by } => {
            format!("frames from {} to {} take {by} longer", all(from), all(to))
        }
        Fault::Reset { a, b } => format!("connections of {} and {} reset", of(a), of(b)),
        Fault::Hold { from, to, .. } => format!("what {} sent to {} is held", of(from), of(to)),
        Fault::Release { from, to } => format!("what {} sent to {} goes on", of(from), of(to)),
        Fault::Crash {
            node,
            lose,
            after_effects,
        } => {
            let how = match lose {
                Lose::Process => "crashed",
                Lose::Power => "lost power",
            };
            match after_effects {
                None => format!("{} {how}", of(node)),
                Some(n) => format!("{} {how} after {n} effects of a step", of(node)),
            }
        }
        Fault::Restart { node } => format!("{} restarted", of(node)),
        Fault::Stop { node, .. } => format!("{} told to stop", of(node)),
        Fault::Pause { node } => format!("{} paused", of(node)),
        Fault::Resume { node } => format!("{} resumed", of(node)),
        Fault::Skew { node, by: 0 } => format!("{}'s wall clock is right again", of(node)),
        Fault::Skew { node, by } => {
            let (ms, side) = (
                by.unsigned_abs() / 1000,
                if *by < 0 { "behind" } else { "ahead" },
            );
            format!("{}'s wall clock is {ms}ms {side}", of(node))
        }
        Fault::Rate { node, ppm } => format!("{}'s clock too fast by {ppm} ppm", of(node)),
        Fault::SlowDisk { node, by } if by.most == 0 => {
            format!("{}'s disk is as fast as before", of(node))
        }
        Fault::SlowDisk { node, by } => format!("{}'s disk takes {by} longer", of(node)),
        Fault::DiskFree { node, bytes } => match bytes {
            Some(n) => format!("{} has {n} bytes of disk left", of(node)),
            None => format!("{} has room on its disk again", of(node)),
        },
        Fault::TearWrite { node } => format!("{}'s next power loss tears a write", of(node)),
        Fault::Memory { node, used } => format!("{} uses {used} bytes of memory", of(node)),
    }
}
