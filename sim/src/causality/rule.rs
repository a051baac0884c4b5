//! The setting or rule that decided a fact, as its field spells it.
//!
//! Only what the fact itself proves: where it does not tell which of several settings it was, there
//! is no rule to name.

use glassmq_core::kafka::api::data::Acks;
use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::fact::control::ControlFact;
use glassmq_core::kafka::fact::replica::{ReplicaWhat, TruncatedBecause};
use glassmq_core::rabbitmq::fact::{Drop, Fact as Rabbitmq};

use crate::cast::Fact;

/// The rule of a fact, if it has one.
pub(super) fn of(fact: &Fact) -> Option<&'static str> {
    match fact {
        Fact::Rabbitmq(fact) => of_rabbitmq(fact),
        Fact::Kafka(fact) => of_kafka(fact),
    }
}

fn of_rabbitmq(fact: &Rabbitmq) -> Option<&'static str> {
    Some(match fact {
        Rabbitmq::Enqueued {
            persistent: true, ..
        } => "delivery-mode=2",
        Rabbitmq::PublishConfirmed { .. } => "confirm.select",
        Rabbitmq::PublishRejected { .. } => "x-overflow=reject-publish",
        Rabbitmq::Returned { .. } => "mandatory=true",
        Rabbitmq::DroppedUnroutable { .. } => "mandatory=false",
        Rabbitmq::Acknowledged {
            automatic: true, ..
        } => "no-ack=true",
        Rabbitmq::Dropped { why, .. } => match why {
            Drop::Rejected => "requeue=false",
            Drop::MaxLength => "x-overflow=drop-head",
            Drop::Purged => "queue.purge",
            Drop::QueueDeleted => "queue.delete",
        },
        _ => return None,
    })
}

fn of_kafka(fact: &Kafka) -> Option<&'static str> {
    Some(match fact {
        Kafka::Client(fact) => match &fact.what {
            ClientWhat::Acknowledged {
                base_offset: None, ..
            } => "acks=0",
            _ => return None,
        },
        Kafka::Replica(fact) => match &fact.what {
            ReplicaWhat::Answered { acks, .. } => match acks {
                Acks::None => "acks=0",
                Acks::Leader => "acks=1",
                Acks::All => "acks=all",
            },
            ReplicaWhat::Truncated { because, .. } => match because {
                TruncatedBecause::HighWatermark => "truncation: high-watermark",
                TruncatedBecause::LeaderEpoch(_) => "leader epochs: KIP-101, KIP-279, KIP-595",
                TruncatedBecause::LeaderLogEnd => "the leader's log end",
            },
            _ => return None,
        },
        Kafka::Control(fact) => match fact {
            ControlFact::PartitionLeader { unclean: true, .. } => {
                "unclean.leader.election.enable=true"
            }
            ControlFact::PartitionLeader { was: Some(_), .. } => "clean: from the ISR",
            ControlFact::Elected { .. } => "KRaft: a majority of the voters",
            _ => return None,
        },
        Kafka::Group(_) => return None,
    })
}
