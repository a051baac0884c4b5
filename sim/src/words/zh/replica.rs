//! What Kafka's brokers tell of their replicas, in Chinese.

use glassmq_core::kafka::api::data::Acks;
use glassmq_core::kafka::error::ErrorCode;
use glassmq_core::kafka::fact::replica::{
    Appender, Placed, ReplicaFact, ReplicaWhat, TruncatedBecause,
};
use glassmq_core::names::MessageId;

use super::client::{offsets, place};
use super::control::isr;
use super::records;
use crate::words::marks::mono;
use crate::words::{Here, numbers};

pub(super) fn sentence(fact: &ReplicaFact, here: &Here<'_>) -> String {
    let (me, log) = (here.me(), place(&fact.replica.partition));
    match &fact.what {
        ReplicaWhat::Opened {
            log_end,
            high_watermark,
        } => format!("{me} 打开 {log}：日志末端 {log_end}，高水位 {high_watermark}"),
        ReplicaWhat::Appended {
            base_offset,
            log_end,
            leader_epoch,
            by,
            messages,
        } => {
            let verb = match by {
                Appender::Leader => "追加",
                Appender::Follower => "复制",
            };
            let at = offsets(*base_offset, (log_end - base_offset) as usize);
            match &ids(messages)[..] {
                [] => format!("{me} {verb} {log} 的{at}，纪元 {leader_epoch}"),
                ids => {
                    let ids = records(ids, here);
                    format!("{me} 把 {ids} {verb}到 {log} 的{at}，纪元 {leader_epoch}")
                }
            }
        }
        ReplicaWhat::Truncated {
            to,
            from,
            because,
            messages,
        } => {
            let lost = match &ids(messages)[..] {
                [] => String::new(),
                ids => format!("，失去 {}", records(ids, here)),
            };
            let why = match because {
                TruncatedBecause::HighWatermark => "它自己的高水位在此".to_string(),
                TruncatedBecause::LeaderEpoch(end) => {
                    format!("在主上，纪元 {} 止于 {}", end.epoch, end.end_offset)
                }
                TruncatedBecause::LeaderLogEnd => "主的日志止于此".to_string(),
            };
            format!("{me} 把 {log} 从 {from} 截断到 {to}{lost}：{why}")
        }
        ReplicaWhat::HighWatermark { from, to, leader } => match (to < from, leader) {
            (true, _) => format!("{me} 把 {log} 的高水位从 {from} 降到 {to}"),
            (false, true) => format!("{me} 把 {log} 的高水位提高到 {to}"),
            (false, false) => format!("{me} 得知 {log} 的高水位：{to}"),
        },
        ReplicaWhat::BecameLeader {
            epoch,
            start_offset,
            isr,
        } => {
            let isr = numbers(isr);
            format!("{me} 成为 {log} 的主，纪元 {epoch}，起始偏移 {start_offset}，ISR {isr}")
        }
        ReplicaWhat::BecameFollower { epoch, leader } => match leader {
            Some(leader) => {
                format!(
                    "{me} 在 {log} 中成为 {} 的从，纪元 {epoch}",
                    here.broker(*leader)
                )
            }
            None => format!("{me} 得知 {log} 没有主，纪元 {epoch}"),
        },
        ReplicaWhat::IsrProposed { from, to } => {
            format!("{me} 请求把 {log} 的 ISR {}", isr(from, to))
        }
        ReplicaWhat::Isr { from, to, .. } => {
            format!("{me} 得知 {log} 的 ISR {}", isr(from, to))
        }
        ReplicaWhat::Answered {
            acks,
            error,
            base_offset,
            messages,
        } => {
            let acks = mono(match acks {
                Acks::None => "acks=0",
                Acks::Leader => "acks=1",
                Acks::All => "acks=all",
            });
            let what = answered(messages, *base_offset, &log, here);
            match error {
                ErrorCode::None => format!("{me} 确认 {what}，{acks}"),
                error => format!("{me} 没有确认 {what}，{acks}：{}", mono(error.name())),
            }
        }
    }
}

/// The records that a producer waits for, and where they are.
fn answered(messages: &[MessageId], base: Option<u64>, log: &str, here: &Here<'_>) -> String {
    let at = base.map(|first| offsets(first, messages.len()));
    match (messages, at) {
        ([], None) => format!("{log} 的记录"),
        ([], Some(at)) => format!("{log} 的{at}"),
        (ids, None) => format!("{log} 的 {}", records(ids, here)),
        (ids, Some(at)) => format!("{}，{log} 的{at}", records(ids, here)),
    }
}

fn ids(placed: &[Placed]) -> Vec<MessageId> {
    placed.iter().map(|(_, message)| *message).collect()
}
