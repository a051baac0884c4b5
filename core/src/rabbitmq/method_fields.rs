//! The fields of each AMQP 0-9-1 method, named as the specification names them.
//!
//! What a client may leave out has the value that it would have on the wire as a zero bit, an
//! empty string or an empty table; `requeue` is true, as the specification's examples have it.

use serde::{Deserialize, Serialize};

use super::field_value::Table;
use super::message::Content;
use crate::fingerprint::Fingerprint;
use crate::names::Name;

/// Fields of `connection.start-ok`; the mechanism is PLAIN.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ConnectionStartOk {
    /// Whom to authenticate.
    pub user: Name,
    /// The password.
    pub password: Name,
}

/// Fields of `connection.tune` and `connection.tune-ok`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Tune {
    /// The highest channel number.
    pub channel_max: u16,
    /// The largest frame, in bytes.
    pub frame_max: u32,
    /// Seconds between signs of life; 0 for none.
    pub heartbeat: u16,
}

/// Fields of `connection.open`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct ConnectionOpen {
    /// Which virtual host.
    pub vhost: Name,
}

/// Fields of `connection.close` and `channel.close`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Close {
    /// Why, as a number; 200 if all is well.
    pub reply_code: u16,
    /// Why, in words.
    pub reply_text: Name,
}

/// Fields of `connection.blocked`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct Blocked {
    /// What is short.
    pub reason: Name,
}

/// Fields of `channel.flow` and `channel.flow-ok`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct Flow {
    /// Whether content may be sent.
    pub active: bool,
}

/// Fields of `exchange.declare`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct ExchangeDeclare {
    /// Its name.
    pub exchange: Name,
    /// `direct`, `fanout`, `topic`, `headers`, or a plugin's.
    #[serde(rename = "type")]
    pub kind: Name,
    /// Only look whether it exists.
    pub passive: bool,
    /// Survives a restart.
    pub durable: bool,
    /// Goes with its last binding.
    pub auto_delete: bool,
    /// Takes messages from exchanges only.
    pub internal: bool,
    /// Further wishes.
    pub arguments: Table,
}

/// Fields of `exchange.delete`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct ExchangeDelete {
    /// Its name.
    pub exchange: Name,
    /// Only if nothing is bound to it.
    pub if_unused: bool,
}

/// Fields of `exchange.bind` and `exchange.unbind`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct ExchangeBind {
    /// The exchange that receives.
    pub destination: Name,
    /// The exchange that messages come from.
    pub source: Name,
    /// The binding key.
    pub routing_key: Name,
    /// What a headers exchange matches with.
    pub arguments: Table,
}

/// Fields of `queue.declare`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueDeclare {
    /// Its name; empty for one that the broker chooses.
    pub queue: Name,
    /// Only look whether it exists.
    pub passive: bool,
    /// Survives a restart.
    pub durable: bool,
    /// Belongs to this connection and goes with it.
    pub exclusive: bool,
    /// Goes with its last consumer.
    pub auto_delete: bool,
    /// Further wishes: `x-message-ttl` and the like.
    pub arguments: Table,
}

/// Fields of `queue.declare-ok`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct QueueDeclareOk {
    /// The queue's name.
    pub queue: Name,
    /// Ready messages.
    pub message_count: u32,
    /// Consumers.
    pub consumer_count: u32,
}

/// Fields of `queue.bind` and `queue.unbind`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueBind {
    /// The queue; empty for the one last declared on this channel.
    pub queue: Name,
    /// The exchange.
    pub exchange: Name,
    /// The binding key.
    pub routing_key: Name,
    /// What a headers exchange matches with.
    pub arguments: Table,
}

/// Fields of `queue.purge`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct QueuePurge {
    /// The queue; empty for the one last declared on this channel.
    pub queue: Name,
}

/// Fields of `queue.delete`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueDelete {
    /// The queue; empty for the one last declared on this channel.
    pub queue: Name,
    /// Only if it has no consumers.
    pub if_unused: bool,
    /// Only if no message is ready.
    pub if_empty: bool,
}

/// Fields of `queue.purge-ok` and `queue.delete-ok`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Count {
    /// Ready messages that are gone.
    pub message_count: u32,
}

/// Fields of `basic.qos`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicQos {
    /// In bytes; the broker knows only 0.
    pub prefetch_size: u32,
    /// Messages that may be unacknowledged; 0 for any number.
    pub prefetch_count: u16,
    /// For the whole channel instead of each later consumer.
    pub global: bool,
}

/// Fields of `basic.consume`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicConsume {
    /// The queue; empty for the one last declared on this channel.
    pub queue: Name,
    /// The consumer's name; empty for one that the broker chooses.
    pub consumer_tag: Name,
    /// The broker ignores it.
    pub no_local: bool,
    /// Delivered is as good as acknowledged.
    pub no_ack: bool,
    /// Nobody else may consume.
    pub exclusive: bool,
    /// Further wishes: `x-priority`.
    pub arguments: Table,
}

/// Fields of `basic.consume-ok`, `basic.cancel` and `basic.cancel-ok`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct ConsumerTag {
    /// The consumer's name.
    pub consumer_tag: Name,
}

/// Fields of `basic.publish`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicPublish {
    /// To which exchange.
    pub exchange: Name,
    /// With which key.
    pub routing_key: Name,
    /// Return it if no queue takes it.
    pub mandatory: bool,
    /// The broker no longer knows it.
    pub immediate: bool,
    /// Properties and body.
    #[serde(flatten)]
    pub content: Content,
}

/// Fields of `basic.return`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct BasicReturn {
    /// Why, as a number.
    pub reply_code: u16,
    /// Why, in words.
    pub reply_text: Name,
    /// The exchange it was published to.
    pub exchange: Name,
    /// The key it was published with.
    pub routing_key: Name,
    /// Properties and body.
    #[serde(flatten)]
    pub content: Content,
}

/// Fields of `basic.deliver`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct BasicDeliver {
    /// For which consumer of the channel.
    pub consumer_tag: Name,
    /// Counted by channel from 1.
    pub delivery_tag: u64,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// The exchange it was published to.
    pub exchange: Name,
    /// The key it was published with.
    pub routing_key: Name,
    /// Properties and body.
    #[serde(flatten)]
    pub content: Content,
}

/// Fields of `basic.get`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicGet {
    /// The queue; empty for the one last declared on this channel.
    pub queue: Name,
    /// Delivered is as good as acknowledged.
    pub no_ack: bool,
}

/// Fields of `basic.get-ok`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct BasicGetOk {
    /// Counted by channel from 1.
    pub delivery_tag: u64,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// The exchange it was published to.
    pub exchange: Name,
    /// The key it was published with.
    pub routing_key: Name,
    /// Ready messages that are left.
    pub message_count: u32,
    /// Properties and body.
    #[serde(flatten)]
    pub content: Content,
}

/// Fields of `basic.ack`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicAck {
    /// Which delivery or publish; 0 with `multiple` for all.
    pub delivery_tag: u64,
    /// All up to this one.
    pub multiple: bool,
}

/// Fields of `basic.reject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicReject {
    /// Which delivery.
    pub delivery_tag: u64,
    /// Put it back instead of dropping it.
    pub requeue: bool,
}

/// Fields of `basic.nack`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicNack {
    /// Which delivery or publish; 0 with `multiple` for all.
    pub delivery_tag: u64,
    /// All up to this one.
    pub multiple: bool,
    /// Put them back instead of dropping them.
    pub requeue: bool,
}

/// Fields of `basic.recover`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default)]
pub struct BasicRecover {
    /// To whoever is next; the broker knows nothing else.
    pub requeue: bool,
}

impl Default for BasicReject {
    fn default() -> Self {
        BasicReject {
            delivery_tag: 0,
            requeue: true,
        }
    }
}

impl Default for BasicNack {
    fn default() -> Self {
        BasicNack {
            delivery_tag: 0,
            multiple: false,
            requeue: true,
        }
    }
}

impl Default for BasicRecover {
    fn default() -> Self {
        BasicRecover { requeue: true }
    }
}
