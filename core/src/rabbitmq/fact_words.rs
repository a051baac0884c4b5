//! Facts as the story tells them.

use core::fmt;

use super::fact::{Drop, Fact};
use crate::names::Name;

impl Fact {
    /// What kind of thing happened, in the words that patterns and stories use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Fact::ConnectionOpened { .. } => "connection opened",
            Fact::ConnectionClosed { .. } => "connection closed",
            Fact::ChannelOpened { .. } => "channel opened",
            Fact::ChannelClosed { .. } => "channel closed",
            Fact::AlarmSet { .. } => "alarm set",
            Fact::AlarmCleared { .. } => "alarm cleared",
            Fact::ConnectionBlocked { .. } => "connection blocked",
            Fact::ConnectionUnblocked { .. } => "connection unblocked",
            Fact::ExchangeDeclared { .. } => "exchange declared",
            Fact::ExchangeDeleted { .. } => "exchange deleted",
            Fact::QueueDeclared { .. } => "queue declared",
            Fact::QueueDeleted { .. } => "queue deleted",
            Fact::Bound { .. } => "bound",
            Fact::Unbound { .. } => "unbound",
            Fact::ConsumerStarted { .. } => "consumer started",
            Fact::ConsumerCancelled { .. } => "consumer cancelled",
            Fact::Routed { .. } => "routed",
            Fact::Returned { .. } => "returned",
            Fact::DroppedUnroutable { .. } => "dropped (unroutable)",
            Fact::Enqueued { .. } => "enqueued",
            Fact::Persisted { .. } => "persisted",
            Fact::PublishRejected { .. } => "publish rejected",
            Fact::Delivered { .. } => "delivered",
            Fact::Acknowledged { .. } => "acknowledged",
            Fact::Requeued { .. } => "requeued",
            Fact::Expired { .. } => "expired",
            Fact::Dropped { why, .. } => match why {
                Drop::Rejected => "dropped (rejected)",
                Drop::MaxLength => "dropped (max length)",
                Drop::Purged => "dropped (purged)",
                Drop::QueueDeleted => "dropped (queue deleted)",
            },
            Fact::Recovered { .. } => "recovered",
            Fact::Confirmed { .. } => "confirmed",
            Fact::Nacked { .. } => "nacked",
            Fact::Sent { .. } => "sent",
            Fact::PublishConfirmed { .. } => "publish confirmed",
            Fact::PublishNacked { .. } => "publish nacked",
            Fact::PublishReturned { .. } => "publish returned",
            Fact::PublishUnknown { .. } => "publish unknown",
            Fact::Received { .. } => "received",
            Fact::Processed { .. } => "processed",
            Fact::Line { .. } => "line",
            Fact::Printed { .. } => "printed",
            Fact::Raised { .. } => "raised",
            Fact::Heard { .. } => "heard",
            Fact::HungUp { .. } => "hung up",
            Fact::QueueRecovered { .. } => "queue recovered",
            Fact::NodeRecovered { .. } => "node recovered",
        }
    }
}

/// A clause for the story, without the message, which its own column names.
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Fact::ConnectionOpened { vhost, .. } => write!(f, " to vhost '{vhost}'"),
            Fact::ConnectionClosed { reply, .. } => write_reply(f, reply.as_ref()),
            Fact::ChannelOpened { channel, .. } => write!(f, " {channel}"),
            Fact::ChannelClosed { channel, reply, .. } => {
                write!(f, " {channel}")?;
                write_reply(f, reply.as_ref())
            }
            Fact::AlarmSet { resource, .. } | Fact::AlarmCleared { resource, .. } => {
                write!(f, " ({})", resource.name())
            }
            Fact::ConnectionBlocked { reason, .. } => write!(f, ": {reason}"),
            Fact::ExchangeDeclared { exchange, kind } => write!(f, " {exchange} ({kind})"),
            Fact::ExchangeDeleted { exchange } => write!(f, " {exchange}"),
            Fact::QueueDeclared { queue, durable } => {
                let durable = if *durable { "durable" } else { "transient" };
                write!(f, " {queue} ({durable})")
            }
            Fact::QueueDeleted { queue } => write!(f, " {queue}"),
            Fact::Bound {
                exchange,
                destination,
                routing_key,
            }
            | Fact::Unbound {
                exchange,
                destination,
                routing_key,
            } => write!(f, " {exchange} -> {} ({routing_key})", destination.name()),
            Fact::ConsumerStarted { queue, tag, .. }
            | Fact::ConsumerCancelled { queue, tag, .. } => write!(f, " {tag} on {queue}"),
            Fact::Routed { queues, .. } if queues.is_empty() => f.write_str(" nowhere"),
            Fact::Routed { queues, .. } => write!(f, " to {}", queues.join(", ")),
            Fact::Enqueued { copy, persistent } => {
                let kind = if *persistent {
                    "persistent"
                } else {
                    "transient"
                };
                write!(f, " in {} ({kind})", copy.queue)
            }
            Fact::Delivered {
                copy,
                consumer,
                tag,
                redelivered,
            } => {
                write!(f, " from {}", copy.queue)?;
                match consumer {
                    Some(consumer) => write!(f, " to {consumer}")?,
                    None => f.write_str(" by basic.get")?,
                }
                write!(f, ", tag {}", tag.delivery_tag)?;
                f.write_str(if *redelivered { ", redelivered" } else { "" })
            }
            Fact::Confirmed { tag, .. } | Fact::Nacked { tag, .. } => {
                write!(f, " as {}", tag.delivery_tag)
            }
            Fact::Sent { attempt, .. } if *attempt > 1 => write!(f, " again ({attempt})"),
            Fact::Line { line, .. } => write!(f, " {line}"),
            Fact::Printed { text, .. } => write!(f, " {text}"),
            Fact::Raised { exception, .. } => write!(f, " {exception}"),
            Fact::QueueRecovered {
                queue, messages, ..
            } => write!(f, " {queue}: {messages} messages"),
            Fact::NodeRecovered {
                queues, messages, ..
            } => write!(f, ": {queues} queues, {messages} messages"),
            other => match other.copy() {
                Some(copy) => write!(f, " in {}", copy.queue),
                None => Ok(()),
            },
        }
    }
}

fn write_reply(f: &mut fmt::Formatter<'_>, reply: Option<&(u16, Name)>) -> fmt::Result {
    match reply {
        Some((code, text)) => write!(f, ": {code} {text}"),
        None => Ok(()),
    }
}
