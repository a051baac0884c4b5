//! The part that a fact or a fault plays in a story, and how much it tells.

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::fact::control::ControlFact;
use glassmq_core::kafka::fact::replica::{Appender, ReplicaWhat};
use glassmq_core::rabbitmq::fact::Fact as Rabbitmq;

use serde::Serialize;

use crate::cast::Fact;
use crate::fault::{Fault, Lose};

/// A part in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An application gave it to its client library.
    Sent,
    /// It went out in a Produce request.
    Produced,
    /// It was put back to be sent again.
    Retried,
    /// An exchange chose its queues.
    Routed,
    /// It came into a queue.
    Enqueued,
    /// The leader wrote it.
    Appended,
    /// A follower wrote it.
    Replicated,
    /// It came to be safe from a power loss.
    Persisted,
    /// The broker answered for it.
    Answered,
    /// Its sender was told that it is safe.
    Acknowledged,
    /// Its sender was told that no broker has it.
    Failed,
    /// Its sender was told that nobody knows.
    Indeterminate,
    /// It went back to its sender: no route.
    Returned,
    /// It went to a consumer.
    Delivered,
    /// An application got it.
    Received,
    /// A consumer reads on from elsewhere.
    Jumped,
    /// A consumer has finished with it.
    Settled,
    /// It went back into its queue.
    Requeued,
    /// It outlived its time.
    Expired,
    /// It was let go of.
    Dropped,
    /// A restarted node found it again.
    Recovered,
    /// The end of a log was cut off.
    Truncated,
    /// A process died; what it wrote is there.
    Crashed,
    /// A host lost its power; what was not flushed is gone.
    PowerLost,
    /// Another fault.
    Disturbed,
    /// A fault was undone.
    Healed,
    /// A process started.
    Booted,
    /// A log was opened again.
    Opened,
    /// The controller chose a leader.
    Elected,
    /// A voter was elected by the metadata quorum.
    QuorumElected,
    /// A broker took up what it was chosen for.
    Led,
    /// A high watermark moved.
    Watermark,
    /// The in-sync replicas changed.
    InSync,
    /// Anything else: passed through, never listed.
    Other,
}

impl Role {
    pub(super) fn of(fact: &Fact) -> Role {
        match fact {
            Fact::Rabbitmq(fact) => Role::of_rabbitmq(fact),
            Fact::Kafka(fact) => Role::of_kafka(fact),
        }
    }

    fn of_rabbitmq(fact: &Rabbitmq) -> Role {
        match fact {
            Rabbitmq::Sent { .. } => Role::Sent,
            Rabbitmq::Routed { .. } => Role::Routed,
            Rabbitmq::Enqueued { .. } => Role::Enqueued,
            Rabbitmq::Persisted { .. } => Role::Persisted,
            Rabbitmq::Confirmed { .. } => Role::Answered,
            Rabbitmq::PublishConfirmed { .. } => Role::Acknowledged,
            Rabbitmq::PublishNacked { .. } => Role::Failed,
            Rabbitmq::PublishUnknown { .. } => Role::Indeterminate,
            Rabbitmq::Returned { .. } => Role::Returned,
            Rabbitmq::Delivered { .. } => Role::Delivered,
            Rabbitmq::Received { .. } => Role::Received,
            Rabbitmq::Acknowledged { .. } => Role::Settled,
            Rabbitmq::Requeued { .. } => Role::Requeued,
            Rabbitmq::Expired { .. } => Role::Expired,
            Rabbitmq::Dropped { .. }
            | Rabbitmq::DroppedUnroutable { .. }
            | Rabbitmq::PublishRejected { .. } => Role::Dropped,
            Rabbitmq::Recovered { .. } => Role::Recovered,
            _ => Role::Other,
        }
    }

    fn of_kafka(fact: &Kafka) -> Role {
        match fact {
            Kafka::Client(fact) => match &fact.what {
                ClientWhat::Sent { .. } => Role::Sent,
                ClientWhat::InFlight { .. } => Role::Produced,
                ClientWhat::Retried { .. } => Role::Retried,
                ClientWhat::Acknowledged { .. } => Role::Acknowledged,
                ClientWhat::Failed { .. } => Role::Failed,
                ClientWhat::Indeterminate { .. } => Role::Indeterminate,
                ClientWhat::Delivered { .. } => Role::Received,
                ClientWhat::PositionReset { .. } => Role::Jumped,
                _ => Role::Other,
            },
            Kafka::Replica(fact) => match &fact.what {
                ReplicaWhat::Appended { by, .. } => match by {
                    Appender::Leader => Role::Appended,
                    Appender::Follower => Role::Replicated,
                },
                ReplicaWhat::Truncated { .. } => Role::Truncated,
                ReplicaWhat::Opened { .. } => Role::Opened,
                ReplicaWhat::Answered { .. } => Role::Answered,
                ReplicaWhat::BecameLeader { .. } => Role::Led,
                ReplicaWhat::HighWatermark { .. } => Role::Watermark,
                _ => Role::Other,
            },
            Kafka::Control(fact) => match fact {
                ControlFact::PartitionLeader { .. } => Role::Elected,
                ControlFact::Elected { .. } => Role::QuorumElected,
                ControlFact::HighWatermark { .. } => Role::Watermark,
                ControlFact::Isr { .. } => Role::InSync,
                _ => Role::Other,
            },
            Kafka::Group(_) => Role::Other,
        }
    }

    pub(super) fn of_fault(fault: &Fault) -> Role {
        match fault {
            Fault::Crash { lose, .. } => match lose {
                Lose::Process => Role::Crashed,
                Lose::Power => Role::PowerLost,
            },
            Fault::Heal
            | Fault::Mend { .. }
            | Fault::Release { .. }
            | Fault::Resume { .. }
            | Fault::Restart { .. } => Role::Healed,
            _ => Role::Disturbed,
        }
    }

    /// How much it tells: the least telling are left out of a long list first. 0 is never listed.
    pub(super) fn weight(self) -> u8 {
        match self {
            Role::Other | Role::Healed | Role::Booted | Role::Answered | Role::Opened => 0,
            Role::Led | Role::Watermark => 0,
            Role::Persisted | Role::Routed | Role::Retried => 1,
            Role::Replicated | Role::InSync | Role::Disturbed => 2,
            Role::Delivered | Role::Received | Role::Requeued | Role::Recovered => 3,
            Role::Sent | Role::Produced | Role::Enqueued | Role::Appended => 4,
            Role::Crashed | Role::PowerLost | Role::Elected => 5,
            Role::QuorumElected | Role::Jumped => 5,
            Role::Acknowledged
            | Role::Failed
            | Role::Indeterminate
            | Role::Returned
            | Role::Settled
            | Role::Expired
            | Role::Dropped
            | Role::Truncated => 6,
        }
    }

    /// What happened, after the name of the process.
    pub(super) fn words(self) -> &'static str {
        match self {
            Role::Sent => "sent it",
            Role::Produced => "produced it",
            Role::Retried => "will send it again",
            Role::Routed => "found its queues",
            Role::Enqueued => "put it into a queue",
            Role::Appended => "appended it, as leader",
            Role::Replicated => "replicated it",
            Role::Persisted => "has it on its disk",
            Role::Answered => "answered for it",
            Role::Acknowledged => "was told that it is safe",
            Role::Failed => "was told that it failed",
            Role::Indeterminate => "was told of an error, and cannot know",
            Role::Returned => "gave it back: no route",
            Role::Delivered => "delivered it",
            Role::Received => "got it",
            Role::Jumped => "reads on from elsewhere",
            Role::Settled => "has its acknowledgement",
            Role::Requeued => "put it back into its queue",
            Role::Expired => "let it expire",
            Role::Dropped => "dropped it",
            Role::Recovered => "found it again",
            Role::Truncated => "cut it off its log",
            Role::Crashed => "crashed",
            Role::PowerLost => "lost its power",
            Role::Disturbed => "was disturbed",
            Role::Healed => "was healed",
            Role::Booted => "started",
            Role::Opened => "opened its log",
            Role::Elected => "chose another leader",
            Role::QuorumElected => "leads the metadata quorum",
            Role::Led => "took up the lead",
            Role::Watermark => "moved the high watermark",
            Role::InSync => "changed the in-sync replicas",
            Role::Other => "is where it showed",
        }
    }
}
