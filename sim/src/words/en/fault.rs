//! Faults, in English.

use glassmq_core::names::NodeId;
use glassmq_core::time::Span;

use super::list;
use crate::fault::{Fault, Lose};
use crate::words::{Here, seconds};

pub(super) fn sentence(fault: &Fault, here: &Here<'_>) -> String {
    let way = |from: &[NodeId], to: &[NodeId]| {
        let all = |nodes: &[NodeId]| {
            let nodes: Vec<String> = nodes.iter().map(|node| here.node(*node)).collect();
            list(&nodes)
        };
        format!("from {} to {}", all(from), all(to))
    };
    let one_way = |from: NodeId, to: NodeId| way(&[from], &[to]);
    let name = |node: &NodeId| here.node(*node);
    match fault {
        Fault::Cut { from, to } => format!("The network was cut {}", way(from, to)),
        Fault::Mend { from, to } => format!("The network was mended {}", way(from, to)),
        Fault::Heal => "All cuts of the network were healed".to_string(),
        Fault::Slow { from, to, by } => match *by == Span::ZERO {
            true => format!("The network was as fast as before {}", way(from, to)),
            false => format!("The network was slower by {by} {}", way(from, to)),
        },
        Fault::Reset { a, b } => {
            format!(
                "The connections between {} and {} were reset",
                name(a),
                name(b)
            )
        }
        Fault::Hold { from, to, .. } => {
            format!("Frames {} were held on their way", one_way(*from, *to))
        }
        Fault::Release { from, to } => {
            format!("Frames held {} were released", one_way(*from, *to))
        }
        Fault::Crash {
            node,
            lose,
            after_effects,
        } => {
            let (node, (crash, crashed)) = (name(node), crash(*lose));
            match after_effects {
                None => format!("{node} {crashed}"),
                Some(n) => format!("{node} was doomed to {crash} after {n} effects of a step"),
            }
        }
        Fault::Restart { node } => format!("{} was started again", name(node)),
        Fault::Stop { node, grace } => {
            format!(
                "{} was told to stop within {} s",
                name(node),
                seconds(*grace)
            )
        }
        Fault::Pause { node } => format!("{} was paused", name(node)),
        Fault::Resume { node } => format!("{} was resumed", name(node)),
        Fault::Skew { node, by } => {
            let (node, off) = (name(node), seconds(by.unsigned_abs()));
            match by {
                0 => format!("{node}'s wall clock was put right"),
                1.. => format!("{node}'s wall clock was put ahead by {off} s"),
                _ => format!("{node}'s wall clock was put back by {off} s"),
            }
        }
        Fault::Rate { node, ppm } => {
            let (node, off) = (name(node), ppm.unsigned_abs());
            match ppm {
                0 => format!("{node}'s clocks ran at the right pace again"),
                1.. => format!("{node}'s clocks ran too fast, by {off} ppm"),
                _ => format!("{node}'s clocks ran too slowly, by {off} ppm"),
            }
        }
        Fault::SlowDisk { node, by } => match *by == Span::ZERO {
            true => format!("{}'s disk was as fast as before", name(node)),
            false => format!("{}'s disk took {by} longer for each flush", name(node)),
        },
        Fault::DiskFree { node, bytes } => match bytes {
            Some(n) => format!("{}'s disk had {n} bytes left", name(node)),
            None => format!("{}'s disk had room again", name(node)),
        },
        Fault::TearWrite { node } => {
            format!(
                "{} was doomed to tear a write at its next power loss",
                name(node)
            )
        }
        Fault::Memory { node, used } => {
            format!("{} used {used} bytes of memory", name(node))
        }
    }
}

/// What it will do, and what it did.
const fn crash(lose: Lose) -> (&'static str, &'static str) {
    match lose {
        Lose::Process => ("crash", "crashed"),
        Lose::Power => ("lose power", "lost power"),
    }
}
