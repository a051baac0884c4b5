//! Faults, in Chinese.

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
        format!("从 {} 到 {}", all(from), all(to))
    };
    let one_way = |from: NodeId, to: NodeId| way(&[from], &[to]);
    let name = |node: &NodeId| here.node(*node);
    match fault {
        Fault::Cut { from, to } => format!("{} 的网络被切断", way(from, to)),
        Fault::Mend { from, to } => format!("{} 的网络已接通", way(from, to)),
        Fault::Heal => "所有网络切断都已恢复".to_string(),
        Fault::Slow { from, to, by } => match *by == Span::ZERO {
            true => format!("{} 的网络恢复原速", way(from, to)),
            false => format!("{} 的网络变慢 {by}", way(from, to)),
        },
        Fault::Reset { a, b } => format!("{} 与 {} 之间的连接被重置", name(a), name(b)),
        Fault::Hold { from, to, .. } => format!("{} 的帧被扣在途中", one_way(*from, *to)),
        Fault::Release { from, to } => format!("{} 被扣的帧已放行", one_way(*from, *to)),
        Fault::Crash {
            node,
            lose,
            after_effects,
        } => {
            let (node, crash) = (name(node), crash(*lose));
            match after_effects {
                None => format!("{node} {crash}"),
                Some(n) => format!("{node} 注定在某步的 {n} 个动作之后{crash}"),
            }
        }
        Fault::Restart { node } => format!("{} 被重新启动", name(node)),
        Fault::Stop { node, grace } => {
            format!("{} 被要求在 {} 秒内停止", name(node), seconds(*grace))
        }
        Fault::Pause { node } => format!("{} 被暂停", name(node)),
        Fault::Resume { node } => format!("{} 恢复运行", name(node)),
        Fault::Skew { node, by } => {
            let (node, off) = (name(node), seconds(by.unsigned_abs()));
            match by {
                0 => format!("{node} 的墙上时钟已校正"),
                1.. => format!("{node} 的墙上时钟快了 {off} 秒"),
                _ => format!("{node} 的墙上时钟慢了 {off} 秒"),
            }
        }
        Fault::Rate { node, ppm } => {
            let (node, off) = (name(node), ppm.unsigned_abs());
            match ppm {
                0 => format!("{node} 的时钟恢复正常速度"),
                1.. => format!("{node} 的时钟走得太快，快 {off} ppm"),
                _ => format!("{node} 的时钟走得太慢，慢 {off} ppm"),
            }
        }
        Fault::SlowDisk { node, by } => match *by == Span::ZERO {
            true => format!("{} 的磁盘恢复原速", name(node)),
            false => format!("{} 的磁盘每次落盘慢 {by}", name(node)),
        },
        Fault::DiskFree { node, bytes } => match bytes {
            Some(n) => format!("{} 的磁盘只剩 {n} 字节", name(node)),
            None => format!("{} 的磁盘又有空间了", name(node)),
        },
        Fault::TearWrite { node } => format!("{} 注定在下次断电时撕裂一次写入", name(node)),
        Fault::Memory { node, used } => format!("{} 占用 {used} 字节内存", name(node)),
    }
}

const fn crash(lose: Lose) -> &'static str {
    match lose {
        Lose::Process => "崩溃",
        Lose::Power => "断电",
    }
}
