//! The calls of a program, as pika names them.

use alloc::rc::Rc;

use serde::{Deserialize, Serialize};

use super::session::Parameters;
use crate::fingerprint::Fingerprint;
use crate::names::Name;
use crate::rabbitmq::method::Method;
use crate::time::Span;

/// One call and the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Step {
    /// The first line of the call, from 1.
    pub line: u32,
    /// What is called.
    pub call: Call,
}

/// What a line does. In texts that say so, `{i}` is the round of the innermost loop, from 0.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// `time.sleep(...)`: meanwhile the library does nothing, not even heartbeats.
    Sleep(Span),
    /// `print(...)`, with `{i}`; an empty text is the body of the message at hand.
    Print(Name),
    /// `for i in range(...)`
    Repeat {
        /// How often.
        times: u32,
        /// What.
        steps: Rc<[Step]>,
    },
    /// `pika.BlockingConnection(...)`
    BlockingConnection(Parameters),
    /// `connection.channel()`
    Channel,
    /// `channel.confirm_delivery()`: from now on publishing waits for the confirm.
    ConfirmDelivery,
    /// Any call that sends a method and waits for its answer: `queue_declare`, `queue_bind`,
    /// `basic_qos` and the like.
    Ask(Method),
    /// `channel.basic_publish(...)`, with `{i}` in key and body.
    BasicPublish {
        /// To which exchange; empty: the default one.
        exchange: Name,
        /// With which key.
        routing_key: Name,
        /// The body, as a text.
        body: Name,
        /// Comes back if no queue takes it.
        mandatory: bool,
        /// 2: persistent.
        delivery_mode: Option<u8>,
    },
    /// `channel.basic_get(...)`
    BasicGet {
        /// From which queue.
        queue: Name,
        /// Acknowledged by being sent.
        auto_ack: bool,
    },
    /// `channel.basic_consume(...)`
    BasicConsume {
        /// From which queue; empty: the last one declared.
        queue: Name,
        /// Acknowledged by being sent.
        auto_ack: bool,
        /// What the callback does with each message.
        on_message: Rc<[Step]>,
    },
    /// `channel.start_consuming()`
    StartConsuming,
    /// `channel.basic_ack(...)` of the message at hand.
    BasicAck,
    /// `channel.basic_nack(...)` of the message at hand.
    BasicNack {
        /// Back into the queue.
        requeue: bool,
    },
    /// `channel.basic_reject(...)` of the message at hand.
    BasicReject {
        /// Back into the queue.
        requeue: bool,
    },
    /// `connection.close()`
    Close,
}
