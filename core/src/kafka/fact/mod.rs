//! What may be told of Kafka, in its own words.

pub mod client;
pub mod control;
pub mod group;
pub mod replica;

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::names::MessageId;
use crate::subject::{Subject, Told};

/// What any of Kafka's machines tells.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// Of the metadata quorum and the controller.
    Control(control::ControlFact),
    /// Of a consumer group, by its coordinator.
    Group(group::GroupFact),
    /// Of one replica of a partition.
    Replica(replica::ReplicaFact),
    /// Of a producer, a consumer or a program.
    Client(client::ClientFact),
}

impl Told for Fact {
    fn subject(&self) -> Subject {
        match self {
            Fact::Control(fact) => fact.subject(),
            Fact::Group(fact) => fact.subject(),
            Fact::Replica(fact) => fact.subject(),
            Fact::Client(fact) => fact.subject(),
        }
    }

    fn rests_on(&self, on: &mut Vec<Subject>) {
        match self {
            Fact::Control(fact) => fact.rests_on(on),
            Fact::Group(fact) => fact.rests_on(on),
            Fact::Replica(fact) => fact.rests_on(on),
            Fact::Client(fact) => fact.rests_on(on),
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        match self {
            Fact::Control(fact) => fact.messages(each),
            Fact::Group(fact) => fact.messages(each),
            Fact::Replica(fact) => fact.messages(each),
            Fact::Client(fact) => fact.messages(each),
        }
    }
}

impl From<control::ControlFact> for Fact {
    fn from(fact: control::ControlFact) -> Self {
        Fact::Control(fact)
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Control(fact) => fact.fmt(f),
            Fact::Group(fact) => fact.fmt(f),
            Fact::Replica(fact) => fact.fmt(f),
            Fact::Client(fact) => fact.fmt(f),
        }
    }
}

/// Replica sets as Kafka's logs write them: `{1,2,3}`.
pub struct Set<'a, T>(pub &'a [T]);

impl<T: fmt::Display> fmt::Display for Set<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (n, item) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(",")?;
            }
            item.fmt(f)?;
        }
        f.write_str("}")
    }
}
