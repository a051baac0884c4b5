//! What Kafka's metadata quorum and its controller tell, in Chinese.

use glassmq_core::kafka::fact::control::{ControlFact, ResignedBecause, quorum};
use glassmq_core::kafka::topic::BrokerId;

use super::client::place;
use crate::words::marks::{bold, mono};
use crate::words::{Here, numbers};

pub(super) fn sentence(fact: &ControlFact, here: &Here<'_>) -> String {
    let me = here.me();
    match fact {
        ControlFact::Candidate { epoch, .. } => {
            format!("{me} 参选元数据仲裁组的主，纪元 {epoch}")
        }
        ControlFact::Voted {
            candidate,
            epoch,
            granted,
            ..
        } => {
            let candidate = here.voter(*candidate);
            match granted {
                true => format!("{me} 投票给 {candidate}，纪元 {epoch}"),
                false => format!("{me} 拒绝投票给 {candidate}，纪元 {epoch}"),
            }
        }
        ControlFact::Elected {
            epoch,
            granting_voters,
            ..
        } => {
            let votes = granting_voters.len();
            format!("{me} 以 {votes} 票当选元数据仲裁组的主，纪元 {epoch}")
        }
        ControlFact::Following { leader, epoch, .. } => {
            format!("{me} 跟随 {}，纪元 {epoch}", here.voter(*leader))
        }
        ControlFact::Resigned { epoch, because, .. } => {
            let why = match because {
                ResignedBecause::NoMajorityFetches => "太久没有多数来拉取",
                ResignedBecause::Stopping => "它被要求停止",
            };
            format!("{me} 辞去元数据仲裁组的主，纪元 {epoch}：{why}")
        }
        ControlFact::Truncated {
            from, to, epoch, ..
        } => {
            let log = bold(&quorum());
            format!("{me} 把 {log} 从 {from} 截断到 {to}：纪元 {epoch} 的主没有更多")
        }
        ControlFact::HighWatermark { offset, .. } => {
            format!("{me} 把 {} 的高水位提高到 {offset}", bold(&quorum()))
        }
        ControlFact::BrokerRegistered {
            broker,
            broker_epoch,
            ..
        } => {
            let broker = here.broker(*broker);
            format!("{me} 登记 {broker}，代理纪元 {broker_epoch}；它仍被隔离")
        }
        ControlFact::BrokerUnfenced { broker, .. } => {
            format!(
                "{me} 解除对 {} 的隔离：它可以为主，可以同步",
                here.broker(*broker)
            )
        }
        ControlFact::BrokerFenced { broker, .. } => {
            format!("{me} 隔离 {}：它不能为主，也不算同步", here.broker(*broker))
        }
        ControlFact::ControlledShutdown { broker, .. } => {
            format!(
                "{me} 开始受控关闭 {}：先移走它为主的分区",
                here.broker(*broker)
            )
        }
        ControlFact::TopicCreated { topic } => format!("{me} 创建主题 {}", bold(topic)),
        ControlFact::TopicRefused { topic, error } => {
            format!("{me} 没有创建主题 {}：{}", bold(topic), mono(error.name()))
        }
        ControlFact::TopicConfig { topic, key, value } => {
            let (topic, key) = (bold(topic), mono(key));
            match value {
                Some(value) => format!("{me} 把主题 {topic} 的 {key} 设为 {}", mono(value)),
                None => format!("{me} 把主题 {topic} 的 {key} 恢复为默认值"),
            }
        }
        ControlFact::PartitionLeader {
            partition,
            leader: None,
            leader_epoch,
            ..
        } => format!("{me} 让 {} 没有主，纪元 {leader_epoch}", place(partition)),
        ControlFact::PartitionLeader {
            partition,
            leader: Some(leader),
            leader_epoch,
            unclean,
            ..
        } => {
            let (leader, partition) = (here.broker(*leader), place(partition));
            let unclean = if *unclean { "；它不在 ISR 中" } else { "" };
            format!("{me} 选 {leader} 为 {partition} 的主，纪元 {leader_epoch}{unclean}")
        }
        ControlFact::Isr {
            partition,
            from,
            to,
            ..
        } => format!("{me} 把 {} 的 ISR {}", place(partition), isr(from, to)),
        ControlFact::AlterPartitionRefused {
            partition,
            broker,
            error,
        } => {
            let (broker, error) = (here.broker(*broker), mono(error.name()));
            format!(
                "{me} 拒绝 {broker} 更改 {} 的 ISR：{error}",
                place(partition)
            )
        }
    }
}

/// `从 1, 2, 3 缩小到 1`.
pub(super) fn isr(from: &[BrokerId], to: &[BrokerId]) -> String {
    let verb = match to.len().cmp(&from.len()) {
        std::cmp::Ordering::Less => "缩小",
        std::cmp::Ordering::Equal => "改",
        std::cmp::Ordering::Greater => "扩大",
    };
    format!("从 {} {verb}到 {}", numbers(from), numbers(to))
}
