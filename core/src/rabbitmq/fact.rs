//! What RabbitMQ's machines tell onlookers, in RabbitMQ's own words.
//!
//! Every way in which a message enters or leaves a queue is a fact that names the message and the
//! queue, so that a ledger can close from facts alone: enqueued = ready + unacknowledged +
//! acknowledged + expired + dropped + lost. `recovered` counts what a restarted broker found again;
//! what was in the queue before and is not recovered is lost.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::alarm::Resource;
use super::binding::Destination;
use super::method::Frame;
use crate::fingerprint::Fingerprint;
use crate::names::{LinkId, MessageId, Name, NodeId};
use crate::subject::{Place, Subject, Told};

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct QueueCopy {
    /// The message; none if its publisher did not name it.
    pub message: Option<MessageId>,
    /// The node that holds this copy.
    pub node: NodeId,
    /// The queue (with its vhost in front, unless that is `/`).
    pub queue: Name,
}

/// A delivery: on which connection and channel, and with which tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Tag {
    /// The connection.
    pub link: LinkId,
    /// The channel.
    pub channel: u16,
    /// The delivery tag, or the number of the publish.
    pub delivery_tag: u64,
}

/// Why a message went back to its place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requeue {
    /// `basic.reject`, `basic.nack` or `basic.recover`.
    Asked,
    /// Its channel or connection ended.
    ChannelGone,
}

/// Why the broker let go of a message without an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drop {
    /// A consumer rejected it without requeueing.
    Rejected,
    /// The queue was full: `x-overflow` `drop-head`.
    MaxLength,
    /// `queue.purge`.
    Purged,
    /// Its queue was deleted.
    QueueDeleted,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// A client entered a virtual host.
    ConnectionOpened {
        /// The connection.
        link: LinkId,
        /// Which virtual host.
        vhost: Name,
    },
    /// A connection ended.
    ConnectionClosed {
        /// The connection.
        link: LinkId,
        /// The reply code and text, if it ended with a close method.
        reply: Option<(u16, Name)>,
    },
    /// A channel is open.
    ChannelOpened {
        /// Its connection.
        link: LinkId,
        /// Its number.
        channel: u16,
    },
    /// A channel ended.
    ChannelClosed {
        /// Its connection.
        link: LinkId,
        /// Its number.
        channel: u16,
        /// The reply code and text, if the broker closed it.
        reply: Option<(u16, Name)>,
    },
    /// The node has too little of something, and blocks who publishes.
    AlarmSet {
        /// The node.
        node: NodeId,
        /// Of what.
        resource: Resource,
    },
    /// It has enough of it again.
    AlarmCleared {
        /// The node.
        node: NodeId,
        /// Of what.
        resource: Resource,
    },
    /// A connection published while an alarm was set: it is not read from.
    ConnectionBlocked {
        /// The connection.
        link: LinkId,
        /// `low on disk`, `low on memory`.
        reason: Name,
    },
    /// It is read from again.
    ConnectionUnblocked {
        /// The connection.
        link: LinkId,
    },
    /// An exchange came to be.
    ExchangeDeclared {
        /// Its name.
        exchange: Name,
        /// Its type.
        kind: Name,
    },
    /// An exchange is gone.
    ExchangeDeleted {
        /// Its name.
        exchange: Name,
    },
    /// A queue came to be.
    QueueDeclared {
        /// Its name.
        queue: Name,
        /// Survives a restart.
        durable: bool,
    },
    /// A queue is gone.
    QueueDeleted {
        /// Its name.
        queue: Name,
    },
    /// A binding came to be.
    Bound {
        /// From this exchange.
        exchange: Name,
        /// To this queue or exchange.
        destination: Destination,
        /// With this key.
        routing_key: Name,
    },
    /// A binding is gone.
    Unbound {
        /// From this exchange.
        exchange: Name,
        /// To this queue or exchange.
        destination: Destination,
        /// With this key.
        routing_key: Name,
    },
    /// A consumer may get messages.
    ConsumerStarted {
        /// From this queue.
        queue: Name,
        /// Its tag.
        tag: Name,
        /// Its connection.
        link: LinkId,
        /// Its channel.
        channel: u16,
    },
    /// A consumer gets no more messages.
    ConsumerCancelled {
        /// From this queue.
        queue: Name,
        /// Its tag.
        tag: Name,
        /// Its connection.
        link: LinkId,
        /// Its channel.
        channel: u16,
    },
    /// An exchange took a message and knows these queues for it; none: it is unroutable.
    Routed {
        /// Which message.
        message: Option<MessageId>,
        /// Which exchange.
        exchange: Name,
        /// The key it was published with.
        routing_key: Name,
        /// Where it goes.
        queues: Vec<Name>,
    },
    /// An unroutable message was mandatory and went back to its publisher.
    Returned {
        /// Which message.
        message: Option<MessageId>,
        /// Which exchange had no route for it.
        exchange: Name,
    },
    /// An unroutable message was dropped.
    DroppedUnroutable {
        /// Which message.
        message: Option<MessageId>,
        /// Which exchange had no route for it.
        exchange: Name,
    },
    /// A copy is in a queue.
    Enqueued {
        /// Which.
        copy: QueueCopy,
        /// Survives a restart.
        persistent: bool,
    },
    /// A copy survives a power loss from now on.
    Persisted {
        /// Which.
        copy: QueueCopy,
    },
    /// A full queue refused a message; the publisher learns of it if it asked for confirms.
    PublishRejected {
        /// Which.
        copy: QueueCopy,
    },
    /// A copy went to a consumer, or to `basic.get`.
    Delivered {
        /// Which.
        copy: QueueCopy,
        /// The consumer's tag; none for `basic.get`.
        consumer: Option<Name>,
        /// On which channel, as what.
        tag: Tag,
        /// Whether it was delivered before.
        redelivered: bool,
    },
    /// A copy is settled for good.
    Acknowledged {
        /// Which.
        copy: QueueCopy,
        /// Delivered was as good as acknowledged.
        automatic: bool,
    },
    /// A copy is back in its place.
    Requeued {
        /// Which.
        copy: QueueCopy,
        /// Why.
        why: Requeue,
    },
    /// A copy outlived its time.
    Expired {
        /// Which.
        copy: QueueCopy,
    },
    /// A copy is gone without an acknowledgement.
    Dropped {
        /// Which.
        copy: QueueCopy,
        /// Why.
        why: Drop,
    },
    /// A restarted broker found a copy on its disk.
    Recovered {
        /// Which.
        copy: QueueCopy,
        /// Whether it counts as delivered before: it was, or the node did not stop in an orderly
        /// way.
        redelivered: bool,
    },
    /// The broker told a publisher that it took care of a message.
    Confirmed {
        /// Which.
        message: Option<MessageId>,
        /// Which publish, on which channel.
        tag: Tag,
        /// The copies that it waited for.
        copies: Vec<QueueCopy>,
    },
    /// The broker told a publisher that it did not.
    Nacked {
        /// Which.
        message: Option<MessageId>,
        /// Which publish, on which channel.
        tag: Tag,
    },
    /// An application gave a message to its client library.
    Sent {
        /// Which.
        message: MessageId,
        /// The how-many-eth time, counted from 1.
        attempt: u32,
    },
    /// A publisher learnt that its message is safe.
    PublishConfirmed {
        /// Which.
        message: MessageId,
    },
    /// A publisher learnt that its message was refused.
    PublishNacked {
        /// Which.
        message: MessageId,
    },
    /// A publisher got its message back.
    PublishReturned {
        /// Which.
        message: MessageId,
    },
    /// A publisher lost its connection before it learnt what became of a message.
    PublishUnknown {
        /// Which.
        message: MessageId,
    },
    /// An application got a message.
    Received {
        /// The client.
        node: NodeId,
        /// Which.
        message: Option<MessageId>,
        /// Under which consumer tag; none for `basic.get`.
        consumer: Option<Name>,
        /// Whether it may have seen it before.
        redelivered: bool,
    },
    /// An application finished its work on a message.
    Processed {
        /// The client.
        node: NodeId,
        /// Which.
        message: Option<MessageId>,
    },
    /// An application is at this line of its listing.
    Line {
        /// The client.
        node: NodeId,
        /// Counted from 1.
        line: u32,
    },
    /// An application wrote this to its terminal.
    Printed {
        /// The client.
        node: NodeId,
        /// What.
        text: Name,
    },
    /// An application ended with an exception of its client library.
    Raised {
        /// The client.
        node: NodeId,
        /// `ChannelClosedByBroker: (404, "...")`.
        exception: Name,
    },
    /// A client that only watches heard this frame.
    Heard {
        /// On which connection.
        link: LinkId,
        /// The frame.
        frame: Frame,
    },
    /// A client that only watches saw its connection end.
    HungUp {
        /// Which connection.
        link: LinkId,
    },
    /// A node that started again has read the file of a durable queue.
    QueueRecovered {
        /// The node.
        node: NodeId,
        /// The queue.
        queue: Name,
        /// How many messages the queue has now. What was transient is not among them.
        messages: u32,
    },
    /// A node that started again has read its disk: what is not durable is gone.
    NodeRecovered {
        /// The node.
        node: NodeId,
        /// How many queues there are now.
        queues: u32,
        /// How many messages they have.
        messages: u32,
    },
}

impl Fact {
    /// The copy in a queue that it is about.
    #[must_use]
    pub const fn copy(&self) -> Option<&QueueCopy> {
        match self {
            Fact::Enqueued { copy, .. }
            | Fact::Persisted { copy }
            | Fact::PublishRejected { copy }
            | Fact::Delivered { copy, .. }
            | Fact::Acknowledged { copy, .. }
            | Fact::Requeued { copy, .. }
            | Fact::Expired { copy }
            | Fact::Dropped { copy, .. }
            | Fact::Recovered { copy, .. } => Some(copy),
            _ => None,
        }
    }

    /// The message that it is about, where it has a name.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Fact::Routed { message, .. }
            | Fact::Returned { message, .. }
            | Fact::DroppedUnroutable { message, .. }
            | Fact::Confirmed { message, .. }
            | Fact::Nacked { message, .. }
            | Fact::Received { message, .. }
            | Fact::Processed { message, .. } => *message,
            Fact::Sent { message, .. }
            | Fact::PublishConfirmed { message }
            | Fact::PublishNacked { message }
            | Fact::PublishReturned { message }
            | Fact::PublishUnknown { message } => Some(*message),
            _ => self.copy().and_then(|copy| copy.message),
        }
    }
}

impl QueueCopy {
    /// The copy as a subject; the queue, if the message has no name.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let queue = self.queue.clone();
        match self.message {
            None => Subject::Queue(queue),
            Some(message) => {
                let node = self.node;
                Subject::Copy(message, Place::Queue { node, queue })
            }
        }
    }
}

impl Told for Fact {
    fn subject(&self) -> Subject {
        match self {
            Fact::ConnectionOpened { link, .. }
            | Fact::ConnectionClosed { link, .. }
            | Fact::ChannelOpened { link, .. }
            | Fact::ChannelClosed { link, .. }
            | Fact::ConnectionBlocked { link, .. }
            | Fact::ConnectionUnblocked { link }
            | Fact::Heard { link, .. }
            | Fact::HungUp { link } => Subject::Link(*link),
            Fact::ExchangeDeclared { exchange, .. }
            | Fact::ExchangeDeleted { exchange }
            | Fact::Bound { exchange, .. }
            | Fact::Unbound { exchange, .. } => Subject::Exchange(exchange.clone()),
            Fact::QueueDeclared { queue, .. }
            | Fact::QueueDeleted { queue }
            | Fact::QueueRecovered { queue, .. } => Subject::Queue(queue.clone()),
            Fact::ConsumerStarted { tag, .. } | Fact::ConsumerCancelled { tag, .. } => {
                Subject::Consumer(tag.clone())
            }
            Fact::AlarmSet { node, .. }
            | Fact::AlarmCleared { node, .. }
            | Fact::Line { node, .. }
            | Fact::Printed { node, .. }
            | Fact::Raised { node, .. }
            | Fact::NodeRecovered { node, .. } => Subject::Node(*node),
            Fact::Routed { exchange, .. }
            | Fact::Returned { exchange, .. }
            | Fact::DroppedUnroutable { exchange, .. } => self
                .message()
                .map_or_else(|| Subject::Exchange(exchange.clone()), Subject::Message),
            Fact::Confirmed { tag, .. } | Fact::Nacked { tag, .. } => self
                .message()
                .map_or(Subject::Link(tag.link), Subject::Message),
            Fact::Received { node, .. } | Fact::Processed { node, .. } => self
                .message()
                .map_or(Subject::Node(*node), Subject::Message),
            Fact::Sent { message, .. }
            | Fact::PublishConfirmed { message }
            | Fact::PublishNacked { message }
            | Fact::PublishReturned { message }
            | Fact::PublishUnknown { message } => Subject::Message(*message),
            Fact::Enqueued { copy, .. }
            | Fact::Persisted { copy }
            | Fact::PublishRejected { copy }
            | Fact::Delivered { copy, .. }
            | Fact::Acknowledged { copy, .. }
            | Fact::Requeued { copy, .. }
            | Fact::Expired { copy }
            | Fact::Dropped { copy, .. }
            | Fact::Recovered { copy, .. } => copy.subject(),
        }
    }

    fn rests_on(&self, on: &mut Vec<Subject>) {
        match self {
            Fact::Routed { exchange, .. }
            | Fact::Returned { exchange, .. }
            | Fact::DroppedUnroutable { exchange, .. } => {
                on.push(Subject::Exchange(exchange.clone()));
            }
            Fact::Enqueued { copy, .. } | Fact::PublishRejected { copy } => {
                on.extend(copy.message.map(Subject::Message));
                on.push(Subject::Queue(copy.queue.clone()));
            }
            Fact::Delivered { consumer, .. } => {
                on.extend(consumer.clone().map(Subject::Consumer));
            }
            Fact::Dropped {
                copy,
                why: Drop::QueueDeleted,
            } => on.push(Subject::Queue(copy.queue.clone())),
            Fact::Confirmed { copies, .. } => on.extend(copies.iter().map(QueueCopy::subject)),
            Fact::ConsumerStarted { queue, link, .. } => {
                on.push(Subject::Queue(queue.clone()));
                on.push(Subject::Link(*link));
            }
            Fact::ConsumerCancelled { queue, .. } => on.push(Subject::Queue(queue.clone())),
            _ => {}
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        if let Some(message) = self.message() {
            each(message);
        }
    }
}
