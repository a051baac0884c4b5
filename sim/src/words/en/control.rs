//! What Kafka's metadata quorum and its controller tell, in English.

use glassmq_core::kafka::fact::control::{ControlFact, ResignedBecause, quorum};
use glassmq_core::kafka::topic::BrokerId;

use super::client::place;
use super::count;
use crate::words::marks::{bold, mono};
use crate::words::{Here, numbers};

pub(super) fn sentence(fact: &ControlFact, here: &Here<'_>) -> String {
    let me = here.me();
    match fact {
        ControlFact::Candidate { epoch, .. } => {
            format!("{me} stood for election to the metadata quorum's leader, epoch {epoch}")
        }
        ControlFact::Voted {
            candidate,
            epoch,
            granted,
            ..
        } => {
            let candidate = here.voter(*candidate);
            match granted {
                true => format!("{me} voted for {candidate}, epoch {epoch}"),
                false => format!("{me} refused {candidate} its vote, epoch {epoch}"),
            }
        }
        ControlFact::Elected {
            epoch,
            granting_voters,
            ..
        } => {
            let votes = count(granting_voters.len(), "vote", "votes");
            format!("{me} was elected leader of the metadata quorum, epoch {epoch}, by {votes}")
        }
        ControlFact::Following { leader, epoch, .. } => {
            format!("{me} followed {}, epoch {epoch}", here.voter(*leader))
        }
        ControlFact::Resigned { epoch, because, .. } => {
            let why = match because {
                ResignedBecause::NoMajorityFetches => "no majority had fetched for too long",
                ResignedBecause::Stopping => "it was asked to stop",
            };
            format!("{me} resigned as leader of the metadata quorum, epoch {epoch}: {why}")
        }
        ControlFact::Truncated {
            from, to, epoch, ..
        } => {
            let log = bold(&quorum());
            format!("{me} truncated {log} from {from} to {to}: epoch {epoch}'s leader has no more")
        }
        ControlFact::HighWatermark { offset, .. } => {
            format!(
                "{me} raised the high watermark of {} to {offset}",
                bold(&quorum())
            )
        }
        ControlFact::BrokerRegistered {
            broker,
            broker_epoch,
            ..
        } => {
            let broker = here.broker(*broker);
            format!("{me} registered {broker}, broker epoch {broker_epoch}; it is still fenced")
        }
        ControlFact::BrokerUnfenced { broker, .. } => {
            format!(
                "{me} unfenced {}: it may lead and be in sync",
                here.broker(*broker)
            )
        }
        ControlFact::BrokerFenced { broker, .. } => {
            let broker = here.broker(*broker);
            format!("{me} fenced {broker}: it may neither lead nor be in sync")
        }
        ControlFact::ControlledShutdown { broker, .. } => {
            let broker = here.broker(*broker);
            format!("{me} began the controlled shutdown of {broker}: its leaderships move first")
        }
        ControlFact::TopicCreated { topic } => format!("{me} created topic {}", bold(topic)),
        ControlFact::TopicRefused { topic, error } => {
            format!(
                "{me} did not create topic {}: {}",
                bold(topic),
                mono(error.name())
            )
        }
        ControlFact::TopicConfig { topic, key, value } => {
            let (topic, key) = (bold(topic), mono(key));
            match value {
                Some(value) => format!("{me} set {key} of topic {topic} to {}", mono(value)),
                None => format!("{me} set {key} of topic {topic} back to its default"),
            }
        }
        ControlFact::PartitionLeader {
            partition,
            leader: None,
            leader_epoch,
            ..
        } => format!(
            "{me} left {} without a leader, epoch {leader_epoch}",
            place(partition)
        ),
        ControlFact::PartitionLeader {
            partition,
            leader: Some(leader),
            leader_epoch,
            unclean,
            ..
        } => {
            let (leader, partition) = (here.broker(*leader), place(partition));
            let unclean = match unclean {
                true => "; it was not in the ISR",
                false => "",
            };
            format!("{me} elected {leader} for {partition}, epoch {leader_epoch}{unclean}")
        }
        ControlFact::Isr {
            partition,
            from,
            to,
            ..
        } => format!(
            "{me} {} the ISR of {} {}",
            changed(from, to),
            place(partition),
            isr(from, to)
        ),
        ControlFact::AlterPartitionRefused {
            partition,
            broker,
            error,
        } => {
            let (broker, error) = (here.broker(*broker), mono(error.name()));
            format!(
                "{me} refused {broker} another ISR of {}: {error}",
                place(partition)
            )
        }
    }
}

/// What became of a set of in-sync replicas.
fn changed(from: &[BrokerId], to: &[BrokerId]) -> &'static str {
    match to.len().cmp(&from.len()) {
        std::cmp::Ordering::Less => "shrank",
        std::cmp::Ordering::Equal => "changed",
        std::cmp::Ordering::Greater => "expanded",
    }
}

/// `from 1, 2, 3 to 1`.
pub(super) fn isr(from: &[BrokerId], to: &[BrokerId]) -> String {
    format!("from {} to {}", numbers(from), numbers(to))
}
