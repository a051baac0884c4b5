//! Faults as flags on a time line say them, in English: a word or two, and whom they struck.

use glassmq_core::names::NodeId;
use glassmq_core::time::Span;

use super::list;
use crate::fault::{Fault, Lose};
use crate::words::{Here, seconds};

pub(in crate::words) fn short(fault: &Fault, here: &Here<'_>) -> String {
    let name = |node: &NodeId| here.node(*node);
    let all = |nodes: &[NodeId]| {
        let nodes: Vec<String> = nodes.iter().map(name).collect();
        list(&nodes)
    };
    match fault {
        Fault::Cut { from, to } => format!("cut {} from {}", all(from), all(to)),
        Fault::Mend { from, to } => format!("mend {} to {}", all(from), all(to)),
        Fault::Heal => "heal".to_string(),
        Fault::Slow { from, to, by } => match *by == Span::ZERO {
            true => format!("fast again {} to {}", all(from), all(to)),
            false => format!("slow {} to {}", all(from), all(to)),
        },
        Fault::Reset { a, b } => format!("reset {} to {}", name(a), name(b)),
        Fault::Hold { from, to, .. } => format!("hold {} to {}", name(from), name(to)),
        Fault::Release { from, to } => format!("release {} to {}", name(from), name(to)),
        Fault::Crash { node, lose, .. } => match lose {
            Lose::Process => format!("crash {}", name(node)),
            Lose::Power => format!("power loss {}", name(node)),
        },
        Fault::Restart { node } => format!("restart {}", name(node)),
        Fault::Stop { node, .. } => format!("stop {}", name(node)),
        Fault::Pause { node } => format!("pause {}", name(node)),
        Fault::Resume { node } => format!("resume {}", name(node)),
        Fault::Skew { node, by } => {
            let sign = if *by < 0 { '-' } else { '+' };
            format!(
                "clock {} {sign}{} s",
                name(node),
                seconds(by.unsigned_abs())
            )
        }
        Fault::Rate { node, ppm } => format!("clock {} {ppm:+} ppm", name(node)),
        Fault::SlowDisk { node, by } => match *by == Span::ZERO {
            true => format!("disk fast again {}", name(node)),
            false => format!("slow disk {}", name(node)),
        },
        Fault::DiskFree { node, bytes } => match bytes {
            Some(0) => format!("disk full {}", name(node)),
            Some(_) => format!("disk short {}", name(node)),
            None => format!("disk has room {}", name(node)),
        },
        Fault::TearWrite { node } => format!("torn write {}", name(node)),
        Fault::Memory { node, .. } => format!("memory {}", name(node)),
    }
}
