//! Faults as flags on a time line say them, in Chinese: a word or two, and whom they struck.

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
        Fault::Cut { from, to } => format!("切断 {} 到 {}", all(from), all(to)),
        Fault::Mend { from, to } => format!("接通 {} 到 {}", all(from), all(to)),
        Fault::Heal => "全部接通".to_string(),
        Fault::Slow { from, to, by } => match *by == Span::ZERO {
            true => format!("恢复原速 {} 到 {}", all(from), all(to)),
            false => format!("变慢 {} 到 {}", all(from), all(to)),
        },
        Fault::Reset { a, b } => format!("重置 {} 与 {}", name(a), name(b)),
        Fault::Hold { from, to, .. } => format!("扣留 {} 到 {}", name(from), name(to)),
        Fault::Release { from, to } => format!("放行 {} 到 {}", name(from), name(to)),
        Fault::Crash { node, lose, .. } => match lose {
            Lose::Process => format!("崩溃 {}", name(node)),
            Lose::Power => format!("断电 {}", name(node)),
        },
        Fault::Restart { node } => format!("重启 {}", name(node)),
        Fault::Stop { node, .. } => format!("停止 {}", name(node)),
        Fault::Pause { node } => format!("暂停 {}", name(node)),
        Fault::Resume { node } => format!("恢复运行 {}", name(node)),
        Fault::Skew { node, by } => {
            let sign = if *by < 0 { '-' } else { '+' };
            format!(
                "时钟 {} {sign}{} 秒",
                name(node),
                seconds(by.unsigned_abs())
            )
        }
        Fault::Rate { node, ppm } => format!("时钟 {} {ppm:+} ppm", name(node)),
        Fault::SlowDisk { node, by } => match *by == Span::ZERO {
            true => format!("磁盘恢复原速 {}", name(node)),
            false => format!("磁盘变慢 {}", name(node)),
        },
        Fault::DiskFree { node, bytes } => match bytes {
            Some(0) => format!("磁盘已满 {}", name(node)),
            Some(_) => format!("磁盘不足 {}", name(node)),
            None => format!("磁盘有空间 {}", name(node)),
        },
        Fault::TearWrite { node } => format!("残缺写入 {}", name(node)),
        Fault::Memory { node, .. } => format!("内存 {}", name(node)),
    }
}
