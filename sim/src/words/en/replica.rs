//! What Kafka's brokers tell of their replicas, in English.

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
        } => format!("{me} opened {log}: log end {log_end}, high watermark {high_watermark}"),
        ReplicaWhat::Appended {
            base_offset,
            log_end,
            leader_epoch,
            by,
            messages,
        } => {
            let verb = match by {
                Appender::Leader => "appended",
                Appender::Follower => "replicated",
            };
            let at = offsets(*base_offset, (log_end - base_offset) as usize);
            match &ids(messages)[..] {
                [] => format!("{me} {verb} {at} of {log}, epoch {leader_epoch}"),
                ids => {
                    let ids = records(ids, here);
                    format!("{me} {verb} {ids} at {at} of {log}, epoch {leader_epoch}")
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
                ids => format!(" and lost {}", records(ids, here)),
            };
            let why = match because {
                TruncatedBecause::HighWatermark => "its own high watermark was there".to_string(),
                TruncatedBecause::LeaderEpoch(end) => {
                    format!(
                        "on the leader, epoch {} ends at {}",
                        end.epoch, end.end_offset
                    )
                }
                TruncatedBecause::LeaderLogEnd => "the leader's log ends there".to_string(),
            };
            format!("{me} truncated {log} from {from} to {to}{lost}: {why}")
        }
        ReplicaWhat::HighWatermark { from, to, leader } => match (to < from, leader) {
            (true, _) => format!("{me} lowered the high watermark of {log} from {from} to {to}"),
            (false, true) => format!("{me} raised the high watermark of {log} to {to}"),
            (false, false) => format!("{me} learnt the high watermark of {log}: {to}"),
        },
        ReplicaWhat::BecameLeader {
            epoch,
            start_offset,
            isr,
        } => {
            let isr = numbers(isr);
            format!(
                "{me} became leader of {log}, epoch {epoch}, from offset {start_offset}, ISR {isr}"
            )
        }
        ReplicaWhat::BecameFollower { epoch, leader } => match leader {
            Some(leader) => {
                format!(
                    "{me} became follower of {} in {log}, epoch {epoch}",
                    here.broker(*leader)
                )
            }
            None => format!("{me} learnt that {log} has no leader, epoch {epoch}"),
        },
        ReplicaWhat::IsrProposed { from, to } => {
            let verb = match to.len().cmp(&from.len()) {
                std::cmp::Ordering::Less => "shrink",
                std::cmp::Ordering::Equal => "change",
                std::cmp::Ordering::Greater => "expand",
            };
            format!("{me} asked to {verb} the ISR of {log} {}", isr(from, to))
        }
        ReplicaWhat::Isr { from, to, .. } => {
            format!("{me} learnt that the ISR of {log} went {}", isr(from, to))
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
            let what = answered(messages, *base_offset, here);
            match error {
                ErrorCode::None => format!("{me} acknowledged {what} of {log}, {acks}"),
                error => {
                    let error = mono(error.name());
                    format!("{me} did not acknowledge {what} of {log}, {acks}: {error}")
                }
            }
        }
    }
}

/// The records that a producer waits for, and where they are.
fn answered(messages: &[MessageId], base_offset: Option<u64>, here: &Here<'_>) -> String {
    let at = base_offset.map(|first| offsets(first, messages.len()));
    match (messages, at) {
        ([], None) => "records".to_string(),
        ([], Some(at)) => at,
        (ids, None) => records(ids, here),
        (ids, Some(at)) => format!("{} at {at}", records(ids, here)),
    }
}

fn ids(placed: &[Placed]) -> Vec<MessageId> {
    placed.iter().map(|(_, message)| *message).collect()
}
