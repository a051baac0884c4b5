//! Which events a person would tell, and how much they matter.
//!
//! Told are facts, faults, the lives of processes and connections, and frames that carry messages.
//! Not told: what Kafka keeps for itself (`__consumer_offsets`, the metadata log's high watermark),
//! which is in the digest all the same.

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::fact::control::ControlFact;
use glassmq_core::kafka::fact::group::GroupWhat;
use glassmq_core::kafka::fact::replica::ReplicaWhat;
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::machine::{Input, Parcel};
use glassmq_core::names::MessageId;
use glassmq_core::rabbitmq::fact::Fact as RabbitmqFact;
use glassmq_core::subject::Told as _;
use glassmq_sim::cast::{Cast, Fact, Wire};
use glassmq_sim::event::What;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A reader should not miss it.
    Key,
    Plain,
    /// It may be folded with its like.
    Quiet,
}

/// An event that is told.
#[derive(Debug)]
pub struct Weighed {
    pub weight: Weight,
    /// A message goes somewhere.
    pub hop: bool,
    pub messages: Vec<MessageId>,
}

/// How much an event matters; nothing: it is not told.
pub fn weigh(what: &What<'_, Cast>) -> Option<Weighed> {
    let plain = |weight| Weighed {
        weight,
        hop: false,
        messages: Vec::new(),
    };
    let carries = |message: &Wire, weight| {
        let mut messages = Vec::new();
        message.messages(&mut |id| messages.push(id));
        let hop = true;
        (!messages.is_empty()).then_some(Weighed {
            weight,
            hop,
            messages,
        })
    };
    match what {
        What::Fact { fact } => {
            let mut told = plain(weight_of(fact)?);
            fact.messages(&mut |id| told.messages.push(id));
            Some(told)
        }
        What::Faulted { .. } => Some(plain(Weight::Key)),
        What::Booted { incarnation: 0 } => Some(plain(Weight::Quiet)),
        What::Booted { .. } => Some(plain(Weight::Key)),
        What::Exited => Some(plain(Weight::Plain)),
        What::Sent { message, .. } => carries(message, Weight::Plain),
        What::Lost { message, .. } => carries(message, Weight::Key).map(|mut told| {
            told.hop = false;
            told
        }),
        What::Took { input, .. } => match input {
            Input::Message { message, .. } => carries(message, Weight::Plain),
            Input::Disconnected { .. } | Input::Stop => Some(plain(Weight::Plain)),
            Input::Refused { .. } => Some(plain(Weight::Quiet)),
            _ => None,
        },
        _ => None,
    }
}

fn weight_of(fact: &Fact) -> Option<Weight> {
    match fact {
        Fact::Rabbitmq(fact) => of_rabbitmq(fact),
        Fact::Kafka(KafkaFact::Client(fact)) => of_client(&fact.what),
        Fact::Kafka(KafkaFact::Replica(fact)) => {
            let told = !is_internal(&fact.replica.partition);
            told.then(|| of_replica(&fact.what))
        }
        Fact::Kafka(KafkaFact::Control(fact)) => of_control(fact),
        Fact::Kafka(KafkaFact::Group(fact)) => Some(match fact.what {
            GroupWhat::Committed { .. } => Weight::Quiet,
            GroupWhat::Generation { .. } | GroupWhat::Removed { .. } => Weight::Key,
            _ => Weight::Plain,
        }),
    }
}

fn of_rabbitmq(fact: &RabbitmqFact) -> Option<Weight> {
    Some(match fact {
        RabbitmqFact::Line { .. } => return None,
        RabbitmqFact::Returned { .. }
        | RabbitmqFact::DroppedUnroutable { .. }
        | RabbitmqFact::PublishRejected { .. }
        | RabbitmqFact::Requeued { .. }
        | RabbitmqFact::Expired { .. }
        | RabbitmqFact::Dropped { .. }
        | RabbitmqFact::Recovered { .. }
        | RabbitmqFact::QueueRecovered { .. }
        | RabbitmqFact::NodeRecovered { .. }
        | RabbitmqFact::Nacked { .. }
        | RabbitmqFact::PublishNacked { .. }
        | RabbitmqFact::PublishUnknown { .. }
        | RabbitmqFact::Raised { .. } => Weight::Key,
        _ => Weight::Plain,
    })
}

fn of_client(what: &ClientWhat) -> Option<Weight> {
    Some(match what {
        ClientWhat::Line { .. } => return None,
        ClientWhat::Retried { .. }
        | ClientWhat::Failed { .. }
        | ClientWhat::Indeterminate { .. }
        | ClientWhat::Revoked { .. }
        | ClientWhat::PositionReset { .. }
        | ClientWhat::CommitFailed { .. }
        | ClientWhat::Raised { .. } => Weight::Key,
        _ => Weight::Plain,
    })
}

fn of_replica(what: &ReplicaWhat) -> Weight {
    match what {
        ReplicaWhat::Truncated { .. }
        | ReplicaWhat::BecameLeader { .. }
        | ReplicaWhat::Isr { .. } => Weight::Key,
        ReplicaWhat::HighWatermark { leader: false, .. } => Weight::Quiet,
        _ => Weight::Plain,
    }
}

fn of_control(fact: &ControlFact) -> Option<Weight> {
    Some(match fact {
        ControlFact::HighWatermark { .. } => return None,
        ControlFact::TopicCreated { topic } | ControlFact::TopicRefused { topic, .. }
            if topic.starts_with("__") =>
        {
            return None;
        }
        ControlFact::PartitionLeader { partition, .. } | ControlFact::Isr { partition, .. }
            if is_internal(partition) =>
        {
            return None;
        }
        ControlFact::PartitionLeader { was: None, .. } => Weight::Plain,
        ControlFact::PartitionLeader { .. }
        | ControlFact::Isr { .. }
        | ControlFact::Elected { .. }
        | ControlFact::BrokerFenced { .. }
        | ControlFact::Resigned { .. }
        | ControlFact::Truncated { .. } => Weight::Key,
        ControlFact::Candidate { .. }
        | ControlFact::Voted { .. }
        | ControlFact::Following { .. } => Weight::Quiet,
        _ => Weight::Plain,
    })
}

/// Whether a partition is one that Kafka keeps for itself.
pub fn is_internal(partition: &TopicPartition) -> bool {
    partition.topic.starts_with("__")
}
