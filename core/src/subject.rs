//! What a fact is about, and what it rested on: the anchors of state causes.

use alloc::vec::Vec;
use core::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::names::{LinkId, MessageId, Name, NodeId};

/// Where a copy of a message is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// With the application or its client library.
    Client(NodeId),
    /// In a queue, on one node.
    Queue {
        /// The node that holds this copy.
        node: NodeId,
        /// The queue's name (with its vhost in front, unless that is `/`).
        queue: Name,
    },
    /// In the log of one replica.
    Replica {
        /// The broker that holds this copy.
        node: NodeId,
        /// The topic.
        topic: Name,
        /// The partition's number.
        partition: u32,
    },
}

/// A thing whose state facts change and other facts rest on.
///
/// Two facts about an equal subject are about the same thing; the later one may rest on the
/// earlier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A process.
    Node(NodeId),
    /// A connection.
    Link(LinkId),
    /// A message, wherever its copies are.
    Message(MessageId),
    /// One copy of it.
    Copy(MessageId, Place),
    /// A RabbitMQ queue (its existence, arguments, consumers).
    Queue(Name),
    /// A RabbitMQ exchange and its bindings.
    Exchange(Name),
    /// A consumer of a queue, by tag.
    Consumer(Name),
    /// Who leads a partition or a Raft group, and in which epoch or term.
    Leadership(Name),
    /// The in-sync replicas of a partition.
    Isr(Name),
    /// One replica's log: its end and epochs.
    Log(NodeId, Name),
    /// One replica's high watermark or commit index.
    HighWatermark(NodeId, Name),
    /// A consumer group: members, generation, assignment.
    Group(Name),
    /// A group's committed offset in a partition.
    Committed(Name, Name),
}

/// What the trace must know of a fact.
pub trait Told: Clone + Debug + Fingerprint {
    /// What it is about.
    fn subject(&self) -> Subject;
    /// The subjects whose state it rested on, the most telling first.
    fn rests_on(&self, on: &mut Vec<Subject>);
    /// The messages it decides about.
    fn messages(&self, each: &mut dyn FnMut(MessageId));
}

/// For machines that have nothing to tell.
impl Told for core::convert::Infallible {
    fn subject(&self) -> Subject {
        match *self {}
    }

    fn rests_on(&self, _: &mut Vec<Subject>) {
        match *self {}
    }

    fn messages(&self, _: &mut dyn FnMut(MessageId)) {
        match *self {}
    }
}
