//! What Kafka's clients tell, in English.

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
                "{me} sent {} to topic {}",
                here.message(*message),
                bold(topic)
            )
        }
        ClientWhat::Buffered { message, partition } => {
            let (id, partition) = (here.message(*message), place(partition));
            format!("{me} buffered {id} in a batch for {partition}")
        }
        ClientWhat::InFlight {
            messages,
            partition,
            to,
            attempt,
        } => {
            let (ids, to) = (records(messages, here), here.broker(*to));
            let again = match attempt {
                0 | 1 => String::new(),
                n => format!(", attempt {n}"),
            };
            format!("{me} produced {ids} to {} at {to}{again}", place(partition))
        }
        ClientWhat::Retried {
            messages,
            partition,
            error,
        } => {
            let (ids, error) = (records(messages, here), mono(error.name()));
            format!(
                "{me} took {ids} back to retry for {}: {error}",
                place(partition)
            )
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
                    format!("{me} had {ids} acknowledged: {at} of {partition}")
                }
                None => {
                    let acks = mono("acks=0");
                    format!("{me} took {ids} to {partition} for acknowledged, unanswered: {acks}")
                }
            }
        }
        ClientWhat::Failed {
            messages, error, ..
        } => {
            let (ids, error) = (records(messages, here), mono(error.name()));
            let them = them(messages);
            format!("{me} failed to send {ids}, and no broker has {them}: {error}")
        }
        ClientWhat::Indeterminate {
            messages, error, ..
        } => {
            let (ids, error) = (records(messages, here), mono(error.name()));
            let them = them(messages);
            format!("{me} failed to send {ids}, but a broker may have {them}: {error}")
        }
        ClientWhat::Assigned {
            generation,
            partitions,
            ..
        } => {
            let partitions = places(partitions);
            match generation {
                Some(n) => format!("{me} was assigned {partitions} in generation {n}"),
                None => format!("{me} assigned itself {partitions}"),
            }
        }
        ClientWhat::Revoked { group, partitions } => {
            format!(
                "{me} gave up {} in group {}",
                places(partitions),
                bold(group)
            )
        }
        ClientWhat::PositionReset {
            partition,
            to,
            from,
        } => {
            let partition = place(partition);
            match from {
                Some(from) => format!("{me} reset its position in {partition} from {from} to {to}"),
                None => format!("{me} set its position in {partition} to {to}"),
            }
        }
        ClientWhat::Delivered {
            partition,
            offset,
            message,
            ..
        } => format!("{me} got {}", record(*message, *offset, partition, here)),
        ClientWhat::Processed {
            partition,
            offset,
            message,
        } => {
            let record = record(*message, *offset, partition, here);
            format!("{me} finished its work on {record}")
        }
        ClientWhat::Committed { offsets, .. } => {
            let all: Vec<String> = offsets
                .iter()
                .map(|(partition, offset)| format!("offset {offset} of {}", place(partition)))
                .collect();
            format!("{me} committed {}", list(&all))
        }
        ClientWhat::CommitFailed { group, error } => {
            let error = mono(error.name());
            format!(
                "{me} was refused its commit in group {}: {error}",
                bold(group)
            )
        }
        ClientWhat::Answered { request, outcomes } => {
            let request = mono(request);
            match failed(outcomes) {
                failed if failed.is_empty() => {
                    let all: Vec<String> = outcomes.iter().map(|it| bold(&it.of)).collect();
                    format!("{me} was told that {request} is done for {}", list(&all))
                }
                failed => format!("{me} was refused {request} for {}", list(&failed)),
            }
        }
        ClientWhat::Line { line } => format!("{me} came to line {line}"),
        ClientWhat::Printed { text } => printed(&me, text),
        ClientWhat::Raised { exception } => format!("{me} ended with {}", mono(exception)),
    }
}

fn them(messages: &[MessageId]) -> &'static str {
    if messages.len() == 1 { "it" } else { "them" }
}

/// What was refused, with the reason.
fn failed(outcomes: &[Outcome]) -> Vec<String> {
    let refused = outcomes.iter().filter(|it| !it.error.is_none());
    refused
        .map(|it| format!("{} ({})", bold(&it.of), mono(it.error.name())))
        .collect()
}

/// `m1, offset 5 of orders-0`.
fn record(
    message: Option<MessageId>,
    offset: u64,
    partition: &TopicPartition,
    here: &Here<'_>,
) -> String {
    let partition = place(partition);
    match message {
        Some(id) => format!("{}, offset {offset} of {partition}", here.message(id)),
        None => format!("offset {offset} of {partition}"),
    }
}

pub(super) fn place(partition: &TopicPartition) -> String {
    bold(&partition.to_string())
}

fn places(partitions: &[TopicPartition]) -> String {
    let all: Vec<String> = partitions.iter().map(place).collect();
    list(&all)
}

/// `offset 5`, `offsets 5 to 9`.
pub(super) fn offsets(first: u64, count: usize) -> String {
    match count as u64 {
        0 | 1 => format!("offset {first}"),
        n => format!("offsets {first} to {}", first + n - 1),
    }
}
