//! What Kafka's clients tell, in Chinese.

use glassmq_core::kafka::api::admin::Outcome;
use glassmq_core::kafka::fact::client::{ClientFact, ClientWhat};
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::MessageId;

use super::rabbitmq::printed;
use super::{list, records};
use crate::words::Here;
use crate::words::marks::{bold, mono};

pub(super) fn sentence(fact: &ClientFact, here: &Here<'_>) -> String {
    let me = here.me();
    match &fact.what {
        ClientWhat::Sent { message, topic, .. } => {
            format!(
                "{me} 向主题 {} 发送 {}",
                bold(topic),
                here.message(*message)
            )
        }
        ClientWhat::Buffered { message, partition } => {
            let (id, partition) = (here.message(*message), place(partition));
            format!("{me} 把 {id} 放进 {partition} 的批次")
        }
        ClientWhat::InFlight {
            messages,
            partition,
            to,
            attempt,
        } => {
            let (ids, to, partition) =
                (records(messages, here), here.broker(*to), place(partition));
            let again = match attempt {
                0 | 1 => String::new(),
                n => format!("，第 {n} 次尝试"),
            };
            format!("{me} 把 {ids} 生产到 {to} 的 {partition}{again}")
        }
        ClientWhat::Retried {
            messages,
            partition,
            error,
        } => {
            let (ids, error) = (records(messages, here), mono(error.name()));
            format!("{me} 收回 {ids}，准备重发到 {}：{error}", place(partition))
        }
        ClientWhat::Acknowledged {
            messages,
            partition,
            base_offset,
        } => {
            let (ids, partition) = (records(messages, here), place(partition));
            match base_offset {
                Some(offset) => {
                    let at = offsets(*offset, messages.len());
                    format!("{me} 得知 {ids} 已确认：{partition} 的{at}")
                }
                None => {
                    let acks = mono("acks=0");
                    format!("{me} 把发往 {partition} 的 {ids} 视为已确认，不等答复：{acks}")
                }
            }
        }
        ClientWhat::Failed {
            messages, error, ..
        } => {
            let (ids, error) = (records(messages, here), mono(error.name()));
            format!("{me} 发送 {ids} 失败，代理都没有它：{error}")
        }
        ClientWhat::Indeterminate {
            messages, error, ..
        } => {
            let (ids, error) = (records(messages, here), mono(error.name()));
            format!("{me} 发送 {ids} 失败，但代理可能有它：{error}")
        }
        ClientWhat::Assigned {
            generation,
            partitions,
            ..
        } => {
            let partitions = places(partitions);
            match generation {
                Some(n) => format!("{me} 分得 {partitions}，第 {n} 代"),
                None => format!("{me} 给自己指派 {partitions}"),
            }
        }
        ClientWhat::Revoked { group, partitions } => {
            format!("{me} 在组 {} 中放弃 {}", bold(group), places(partitions))
        }
        ClientWhat::PositionReset {
            partition,
            to,
            from,
        } => {
            let partition = place(partition);
            match from {
                Some(from) => format!("{me} 把 {partition} 的位置从 {from} 重置为 {to}"),
                None => format!("{me} 把 {partition} 的位置设为 {to}"),
            }
        }
        ClientWhat::Delivered {
            partition,
            offset,
            message,
            ..
        } => format!("{me} 得到 {}", record(*message, *offset, partition, here)),
        ClientWhat::Processed {
            partition,
            offset,
            message,
        } => {
            let record = record(*message, *offset, partition, here);
            format!("{me} 处理完 {record}")
        }
        ClientWhat::Committed { offsets, .. } => {
            let all: Vec<String> = offsets
                .iter()
                .map(|(partition, offset)| format!("{} 的偏移 {offset}", place(partition)))
                .collect();
            format!("{me} 提交 {}", list(&all))
        }
        ClientWhat::CommitFailed { group, error } => {
            let error = mono(error.name());
            format!("{me} 在组 {} 中的提交被拒绝：{error}", bold(group))
        }
        ClientWhat::Answered { request, outcomes } => {
            let request = mono(request);
            match failed(outcomes) {
                failed if failed.is_empty() => {
                    let all: Vec<String> = outcomes.iter().map(|it| bold(&it.of)).collect();
                    format!("{me} 得知 {request} 已完成：{}", list(&all))
                }
                failed => format!("{me} 的 {request} 被拒绝：{}", list(&failed)),
            }
        }
        ClientWhat::Line { line } => format!("{me} 执行到第 {line} 行"),
        ClientWhat::Printed { text } => printed(&me, text),
        ClientWhat::Raised { exception } => format!("{me} 以异常结束：{}", mono(exception)),
    }
}

/// What was refused, with the reason.
fn failed(outcomes: &[Outcome]) -> Vec<String> {
    let refused = outcomes.iter().filter(|it| !it.error.is_none());
    refused
        .map(|it| format!("{}（{}）", bold(&it.of), mono(it.error.name())))
        .collect()
}

/// `m1，orders-0 的偏移 5`.
fn record(
    message: Option<MessageId>,
    offset: u64,
    partition: &TopicPartition,
    here: &Here<'_>,
) -> String {
    let partition = place(partition);
    match message {
        Some(id) => format!("{}，{partition} 的偏移 {offset}", here.message(id)),
        None => format!("{partition} 的偏移 {offset}"),
    }
}

pub(super) fn place(partition: &TopicPartition) -> String {
    bold(&partition.to_string())
}

fn places(partitions: &[TopicPartition]) -> String {
    let all: Vec<String> = partitions.iter().map(place).collect();
    list(&all)
}

/// `偏移 5`, `偏移 5 至 9`.
pub(super) fn offsets(first: u64, count: usize) -> String {
    match count as u64 {
        0 | 1 => format!("偏移 {first}"),
        n => format!("偏移 {first} 至 {}", first + n - 1),
    }
}
