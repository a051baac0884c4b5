//! What may be told of a client: a producer, a consumer, a program.
//!
//! A message that was sent is buffered, then in flight, then exactly one of acknowledged, failed
//! (no broker has it) and indeterminate (a broker may have it).

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::api::admin::Outcome;
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::{BrokerId, TopicPartition};
use crate::names::{MessageId, Name, NodeId};
use crate::subject::{Place, Subject};

/// What happened at one client.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ClientFact {
    /// The client.
    pub client: NodeId,
    /// What.
    #[serde(flatten)]
    pub what: ClientWhat,
}

/// What may happen at a client.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum ClientWhat {
    /// The application called `send`; the topic's partitions may not be known yet.
    Sent {
        /// The message.
        message: MessageId,
        /// To which topic.
        topic: Name,
        /// Its key, as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Name>,
    },
    /// The record waits in a batch of this partition.
    Buffered {
        /// The message.
        message: MessageId,
        /// The partition that the partitioner chose.
        partition: TopicPartition,
    },
    /// A batch went out in a Produce request.
    InFlight {
        /// The records.
        messages: Vec<MessageId>,
        /// Their partition.
        partition: TopicPartition,
        /// To which broker.
        to: BrokerId,
        /// The how-many-eth attempt this is, counted from 1.
        attempt: u32,
    },
    /// An attempt failed; the batch goes back into the buffer.
    Retried {
        /// The records.
        messages: Vec<MessageId>,
        /// Their partition.
        partition: TopicPartition,
        /// Why.
        error: ErrorCode,
    },
    /// The application was told that its records are written (with acks=0: that they left).
    Acknowledged {
        /// The records.
        messages: Vec<MessageId>,
        /// Their partition.
        partition: TopicPartition,
        /// The offset of the first; `None` with acks=0.
        base_offset: Option<u64>,
    },
    /// The application was told of an error, and no broker has the records.
    Failed {
        /// The records.
        messages: Vec<MessageId>,
        /// Their partition, if one was chosen.
        partition: Option<TopicPartition>,
        /// What it was told.
        error: ErrorCode,
    },
    /// The application was told of an error, and a broker may have the records all the same.
    Indeterminate {
        /// The records.
        messages: Vec<MessageId>,
        /// Their partition.
        partition: TopicPartition,
        /// What it was told.
        error: ErrorCode,
    },
    /// The consumer now reads these partitions.
    Assigned {
        /// Its group, if it has one.
        group: Option<Name>,
        /// The group's generation, if it has one.
        generation: Option<u32>,
        /// All it reads.
        partitions: Vec<TopicPartition>,
    },
    /// The consumer gave these partitions up.
    Revoked {
        /// Its group.
        group: Name,
        /// All it read.
        partitions: Vec<TopicPartition>,
    },
    /// The consumer will read on from here, which is neither where it was nor a committed offset.
    PositionReset {
        /// The partition.
        partition: TopicPartition,
        /// The next offset to read.
        to: u64,
        /// Where it was, if it was anywhere.
        from: Option<u64>,
    },
    /// The application got a record.
    Delivered {
        /// The consumer's group, if it has one.
        group: Option<Name>,
        /// The partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: u64,
        /// Whose it is, unless an application had no part in it.
        message: Option<MessageId>,
    },
    /// The application has finished its work on a record.
    Processed {
        /// The partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: u64,
        /// Whose it is, unless an application had no part in it.
        message: Option<MessageId>,
    },
    /// The coordinator confirmed a commit.
    Committed {
        /// The group.
        group: Name,
        /// The next offsets to read.
        offsets: Vec<(TopicPartition, u64)>,
    },
    /// The coordinator refused a commit.
    CommitFailed {
        /// The group.
        group: Name,
        /// Why.
        error: ErrorCode,
    },
    /// A program came to a line of its listing.
    Line {
        /// Counted from 1.
        line: u32,
    },
    /// A program printed a line.
    Printed {
        /// What.
        text: Name,
    },
    /// The program ended with an exception.
    Raised {
        /// The exception, as the client library spells it.
        exception: Name,
    },
    /// An administrator has an answer, or gave up waiting for one.
    Answered {
        /// The request's name on the wire.
        request: Name,
        /// How it went with each topic or partition.
        outcomes: Vec<Outcome>,
    },
}

impl ClientFact {
    /// See [`crate::subject::Told`].
    #[must_use]
    pub fn subject(&self) -> Subject {
        let own = |message: &MessageId| Subject::Copy(*message, Place::Client(self.client));
        let node = || Subject::Node(self.client);
        match &self.what {
            ClientWhat::Sent { message, .. } => Subject::Message(*message),
            ClientWhat::Buffered { message, .. } => own(message),
            ClientWhat::InFlight { messages, .. }
            | ClientWhat::Retried { messages, .. }
            | ClientWhat::Acknowledged { messages, .. }
            | ClientWhat::Failed { messages, .. }
            | ClientWhat::Indeterminate { messages, .. } => messages.first().map_or_else(node, own),
            ClientWhat::Delivered { message, .. } | ClientWhat::Processed { message, .. } => {
                message.as_ref().map_or_else(node, own)
            }
            ClientWhat::Assigned { group, .. } => match group {
                Some(group) => Subject::Group(group.clone()),
                None => node(),
            },
            ClientWhat::Revoked { group, .. } => Subject::Group(group.clone()),
            ClientWhat::Committed { group, offsets } => match offsets.first() {
                Some((partition, _)) => committed(group, partition),
                None => Subject::Group(group.clone()),
            },
            ClientWhat::CommitFailed { group, .. } => Subject::Group(group.clone()),
            ClientWhat::PositionReset { .. }
            | ClientWhat::Answered { .. }
            | ClientWhat::Line { .. }
            | ClientWhat::Printed { .. }
            | ClientWhat::Raised { .. } => node(),
        }
    }

    /// See [`crate::subject::Told`].
    pub fn rests_on(&self, on: &mut Vec<Subject>) {
        let own = |message: &MessageId| Subject::Copy(*message, Place::Client(self.client));
        match &self.what {
            ClientWhat::Buffered { message, .. } => on.push(Subject::Message(*message)),
            ClientWhat::InFlight { messages, .. }
            | ClientWhat::Retried { messages, .. }
            | ClientWhat::Acknowledged { messages, .. }
            | ClientWhat::Indeterminate { messages, .. }
            | ClientWhat::Failed { messages, .. } => on.extend(messages.iter().map(own)),
            ClientWhat::Processed {
                message: Some(message),
                ..
            } => on.push(own(message)),
            ClientWhat::Committed { group, .. } | ClientWhat::CommitFailed { group, .. } => {
                on.push(Subject::Group(group.clone()));
            }
            _ => {}
        }
    }

    /// See [`crate::subject::Told`].
    pub fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        match &self.what {
            ClientWhat::Sent { message, .. } | ClientWhat::Buffered { message, .. } => {
                each(*message);
            }
            ClientWhat::InFlight { messages, .. }
            | ClientWhat::Retried { messages, .. }
            | ClientWhat::Acknowledged { messages, .. }
            | ClientWhat::Failed { messages, .. }
            | ClientWhat::Indeterminate { messages, .. } => messages.iter().copied().for_each(each),
            ClientWhat::Delivered { message, .. } | ClientWhat::Processed { message, .. } => {
                message.iter().copied().for_each(each);
            }
            _ => {}
        }
    }
}

/// A group's committed offset in a partition.
fn committed(group: &Name, partition: &TopicPartition) -> Subject {
    Subject::Committed(group.clone(), format!("{partition}").into())
}

impl fmt::Display for ClientFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            ClientWhat::Sent { topic, .. } => write!(f, "sent to {topic}"),
            ClientWhat::Buffered { partition, .. } => write!(f, "buffered for {partition}"),
            ClientWhat::InFlight {
                messages,
                partition,
                to,
                attempt,
            } => {
                write!(
                    f,
                    "produced {} to {partition} at broker {to}",
                    Records(messages)
                )?;
                if *attempt > 1 {
                    write!(f, ", attempt {attempt}")?;
                }
                Ok(())
            }
            ClientWhat::Retried {
                messages,
                partition,
                error,
            } => write!(f, "retries {} to {partition}: {error}", Records(messages)),
            ClientWhat::Acknowledged {
                messages,
                partition,
                base_offset,
            } => {
                write!(f, "{} to {partition} acknowledged", Records(messages))?;
                match base_offset {
                    Some(offset) => write!(f, " at offset {offset}"),
                    None => f.write_str(" without an answer, acks=0"),
                }
            }
            ClientWhat::Failed {
                messages, error, ..
            } => write!(f, "{} failed: {error}", Records(messages)),
            ClientWhat::Indeterminate {
                messages, error, ..
            } => write!(
                f,
                "{} failed: {error}; a broker may have written them",
                Records(messages)
            ),
            ClientWhat::Assigned {
                partitions,
                generation,
                ..
            } => {
                write!(f, "assigned {}", super::Set(partitions))?;
                if let Some(generation) = generation {
                    write!(f, ", generation {generation}")?;
                }
                Ok(())
            }
            ClientWhat::Revoked { partitions, .. } => {
                write!(f, "revoked {}", super::Set(partitions))
            }
            ClientWhat::PositionReset { partition, to, .. } => {
                write!(f, "position of {partition} reset to {to}")
            }
            ClientWhat::Delivered {
                partition, offset, ..
            } => write!(f, "got {partition} offset {offset}"),
            ClientWhat::Processed {
                partition, offset, ..
            } => write!(f, "finished {partition} offset {offset}"),
            ClientWhat::Committed { offsets, .. } => {
                f.write_str("committed")?;
                for (partition, offset) in offsets {
                    write!(f, " {partition} offset {offset}")?;
                }
                Ok(())
            }
            ClientWhat::CommitFailed { error, .. } => write!(f, "commit refused: {error}"),
            ClientWhat::Answered { request, outcomes } => {
                write!(f, "{request} answered")?;
                for (n, Outcome { of, error }) in outcomes.iter().enumerate() {
                    write!(f, "{} {of} {error}", if n == 0 { ":" } else { "," })?;
                }
                Ok(())
            }
            ClientWhat::Line { line } => write!(f, "line {line}"),
            ClientWhat::Printed { text } => write!(f, "printed {text}"),
            ClientWhat::Raised { exception } => write!(f, "raised {exception}"),
        }
    }
}

/// A count of records.
struct Records<'a>(&'a [MessageId]);

impl fmt::Display for Records<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("1 record"),
            n => write!(f, "{n} records"),
        }
    }
}
