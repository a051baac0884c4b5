//! Frames in the words of a recording: which is a reply, which an event, and in what order events
//! are compared.

use glassmq_core::rabbitmq::method::{BasicAck, BasicNack, Close, Method};
use serde_json::{Map, Value, json};

/// Where an event stands among the others of its step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The connection's name.
    pub connection: String,
    /// Events of the connection itself come after those of its channels.
    pub of_connection: bool,
    /// The channel's name.
    pub channel: String,
    kind: Kind,
    /// Confirms are ordered by it.
    delivery_tag: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Deliveries, returns and cancels, as they came.
    Message,
    Confirm,
    Closed,
}

/// What a method is to the step after which it came.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The answer to the step.
    Reply(Value),
    /// The broker closed the channel or connection: the reply to a step that waits for one, else
    /// an event.
    Closed(Place, &'static str, Map<String, Value>),
    /// Something else that came.
    Event(Place, Value),
    /// Confirms: the publishes from the first to the last, that are still open.
    Confirms {
        /// All that are open up to the tag, or only that one.
        multiple: bool,
        /// The tag.
        delivery_tag: u64,
        /// Confirmed, or refused.
        ack: bool,
    },
}

/// A method that came on a channel of this name; an empty one is the connection itself.
pub fn heard(connection: &str, channel: &str, method: &Method) -> Heard {
    let fields = fields(method);
    let pick = |keys: &[&str]| -> Map<String, Value> {
        let of = |key: &&str| {
            (
                (*key).to_string(),
                fields.get(*key).cloned().unwrap_or(Value::Null),
            )
        };
        keys.iter().map(of).collect()
    };
    let message = |word: &str, keys: &[&str]| {
        let mut event = pick(keys);
        event.insert("channel".to_string(), json!(channel));
        Heard::Event(
            place(connection, channel, Kind::Message, 0),
            json!({word: event}),
        )
    };
    let ok = |keys: &[&str]| Heard::Reply(json!({"ok": pick(keys)}));
    match method {
        Method::BasicDeliver(_) => message(
            "deliver",
            &[
                "consumer_tag",
                "delivery_tag",
                "redelivered",
                "exchange",
                "routing_key",
                "body",
                "properties",
            ],
        ),
        Method::BasicReturn(_) => message(
            "return",
            &[
                "reply_code",
                "reply_text",
                "exchange",
                "routing_key",
                "body",
                "properties",
            ],
        ),
        Method::BasicCancel(_) => message("cancel", &["consumer_tag"]),
        Method::BasicAck(BasicAck {
            delivery_tag,
            multiple,
        }) => Heard::Confirms {
            multiple: *multiple,
            delivery_tag: *delivery_tag,
            ack: true,
        },
        Method::BasicNack(BasicNack {
            delivery_tag,
            multiple,
            ..
        }) => Heard::Confirms {
            multiple: *multiple,
            delivery_tag: *delivery_tag,
            ack: false,
        },
        Method::ChannelClose(close) => Heard::Closed(
            place(connection, channel, Kind::Closed, 0),
            "channel_closed",
            closed(close),
        ),
        Method::ConnectionClose(close) => Heard::Closed(
            of_connection(connection),
            "connection_closed",
            closed(close),
        ),
        Method::BasicGetOk(_) => Heard::Reply(json!({"message": pick(&[
            "delivery_tag", "redelivered", "exchange", "routing_key", "message_count", "body", "properties",
        ])})),
        Method::BasicGetEmpty => Heard::Reply(json!({"empty": {}})),
        Method::QueueDeclareOk(_) => ok(&["queue", "message_count", "consumer_count"]),
        Method::QueueDeleteOk(_) | Method::QueuePurgeOk(_) => ok(&["message_count"]),
        Method::BasicConsumeOk(_) | Method::BasicCancelOk(_) => ok(&["consumer_tag"]),
        Method::ChannelFlowOk(_) => ok(&["active"]),
        _ => ok(&[]),
    }
}

/// One confirm.
pub fn confirm(connection: &str, channel: &str, delivery_tag: u64, ack: bool) -> (Place, Value) {
    let event = json!({"confirm": {
        "channel": channel, "ack": ack, "delivery_tag": delivery_tag, "multiple": false,
    }});
    (
        place(connection, channel, Kind::Confirm, delivery_tag),
        event,
    )
}

/// The place of an event that concerns the connection itself.
pub fn of_connection(connection: &str) -> Place {
    Place {
        connection: connection.to_string(),
        of_connection: true,
        channel: String::new(),
        kind: Kind::Closed,
        delivery_tag: 0,
    }
}

fn place(connection: &str, channel: &str, kind: Kind, delivery_tag: u64) -> Place {
    Place {
        connection: connection.to_string(),
        of_connection: false,
        channel: channel.to_string(),
        kind,
        delivery_tag,
    }
}

fn fields(method: &Method) -> Map<String, Value> {
    match serde_json::to_value(method) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn closed(close: &Close) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("code".to_string(), json!(close.reply_code));
    fields.insert("text".to_string(), json!(close.reply_text));
    fields
}
