//! AMQP 0-9-1 methods as sent between client and broker, with the fields that matter here.
//!
//! Names are those on the wire (`basic.publish`). A method that carries content has the content
//! header and body ride with it: they are never interleaved with other frames of the channel.
//! Left out: reserved fields, locales, and `no-wait`, which only leaves out the answer.

use serde::{Deserialize, Serialize};

use super::message::{Content, table_bytes};
pub use super::method_fields::*;
use crate::fingerprint::Fingerprint;
use crate::machine::Parcel;
use crate::names::{MessageId, Name};

/// What travels on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frame {
    /// The eight bytes with which a client begins.
    ProtocolHeader,
    /// A method, and its content if it has any; channel 0 is the connection itself.
    Method {
        /// Which channel.
        channel: u16,
        /// What is asked or answered.
        #[serde(flatten)]
        method: Method,
    },
    /// Sign of life on an idle connection.
    Heartbeat,
}

/// Every method of this slice.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(tag = "method")]
pub enum Method {
    /// The broker opens the conversation.
    #[serde(rename = "connection.start")]
    ConnectionStart,
    /// The client authenticates.
    #[serde(rename = "connection.start-ok")]
    ConnectionStartOk(ConnectionStartOk),
    /// The broker proposes limits.
    #[serde(rename = "connection.tune")]
    ConnectionTune(Tune),
    /// The client settles them.
    #[serde(rename = "connection.tune-ok")]
    ConnectionTuneOk(Tune),
    /// The client enters a virtual host.
    #[serde(rename = "connection.open")]
    ConnectionOpen(ConnectionOpen),
    /// The connection may be used.
    #[serde(rename = "connection.open-ok")]
    ConnectionOpenOk,
    /// Either side ends the connection.
    #[serde(rename = "connection.close")]
    ConnectionClose(Close),
    /// The other side agrees.
    #[serde(rename = "connection.close-ok")]
    ConnectionCloseOk,
    /// The broker does not read from a connection that publishes (RabbitMQ's extension).
    #[serde(rename = "connection.blocked")]
    ConnectionBlocked(Blocked),
    /// It does again.
    #[serde(rename = "connection.unblocked")]
    ConnectionUnblocked,
    /// A new channel.
    #[serde(rename = "channel.open")]
    ChannelOpen,
    /// It is open.
    #[serde(rename = "channel.open-ok")]
    ChannelOpenOk,
    /// Asks the other side to pause or go on.
    #[serde(rename = "channel.flow")]
    ChannelFlow(Flow),
    /// It does.
    #[serde(rename = "channel.flow-ok")]
    ChannelFlowOk(Flow),
    /// Either side ends a channel.
    #[serde(rename = "channel.close")]
    ChannelClose(Close),
    /// The other side agrees.
    #[serde(rename = "channel.close-ok")]
    ChannelCloseOk,
    /// Makes sure that an exchange exists.
    #[serde(rename = "exchange.declare")]
    ExchangeDeclare(ExchangeDeclare),
    /// It does.
    #[serde(rename = "exchange.declare-ok")]
    ExchangeDeclareOk,
    /// Removes an exchange.
    #[serde(rename = "exchange.delete")]
    ExchangeDelete(ExchangeDelete),
    /// It is gone.
    #[serde(rename = "exchange.delete-ok")]
    ExchangeDeleteOk,
    /// Binds an exchange to an exchange.
    #[serde(rename = "exchange.bind")]
    ExchangeBind(ExchangeBind),
    /// It is bound.
    #[serde(rename = "exchange.bind-ok")]
    ExchangeBindOk,
    /// Undoes that.
    #[serde(rename = "exchange.unbind")]
    ExchangeUnbind(ExchangeBind),
    /// It is unbound.
    #[serde(rename = "exchange.unbind-ok")]
    ExchangeUnbindOk,
    /// Makes sure that a queue exists.
    #[serde(rename = "queue.declare")]
    QueueDeclare(QueueDeclare),
    /// It does; how full it is.
    #[serde(rename = "queue.declare-ok")]
    QueueDeclareOk(QueueDeclareOk),
    /// Binds a queue to an exchange.
    #[serde(rename = "queue.bind")]
    QueueBind(QueueBind),
    /// It is bound.
    #[serde(rename = "queue.bind-ok")]
    QueueBindOk,
    /// Undoes that.
    #[serde(rename = "queue.unbind")]
    QueueUnbind(QueueBind),
    /// It is unbound.
    #[serde(rename = "queue.unbind-ok")]
    QueueUnbindOk,
    /// Drops the ready messages of a queue.
    #[serde(rename = "queue.purge")]
    QueuePurge(QueuePurge),
    /// How many those were.
    #[serde(rename = "queue.purge-ok")]
    QueuePurgeOk(Count),
    /// Removes a queue.
    #[serde(rename = "queue.delete")]
    QueueDelete(QueueDelete),
    /// How many ready messages went with it.
    #[serde(rename = "queue.delete-ok")]
    QueueDeleteOk(Count),
    /// Limits what may be unacknowledged.
    #[serde(rename = "basic.qos")]
    BasicQos(BasicQos),
    /// The limit holds.
    #[serde(rename = "basic.qos-ok")]
    BasicQosOk,
    /// Starts a consumer.
    #[serde(rename = "basic.consume")]
    BasicConsume(BasicConsume),
    /// It started, under this tag.
    #[serde(rename = "basic.consume-ok")]
    BasicConsumeOk(ConsumerTag),
    /// Ends a consumer; either side may.
    #[serde(rename = "basic.cancel")]
    BasicCancel(ConsumerTag),
    /// It has ended.
    #[serde(rename = "basic.cancel-ok")]
    BasicCancelOk(ConsumerTag),
    /// A message for an exchange.
    #[serde(rename = "basic.publish")]
    BasicPublish(BasicPublish),
    /// A mandatory message that no queue took.
    #[serde(rename = "basic.return")]
    BasicReturn(BasicReturn),
    /// A message for a consumer.
    #[serde(rename = "basic.deliver")]
    BasicDeliver(BasicDeliver),
    /// Asks for one message.
    #[serde(rename = "basic.get")]
    BasicGet(BasicGet),
    /// Here it is.
    #[serde(rename = "basic.get-ok")]
    BasicGetOk(BasicGetOk),
    /// There is none.
    #[serde(rename = "basic.get-empty")]
    BasicGetEmpty,
    /// Settles deliveries; from the broker, confirms publishes.
    #[serde(rename = "basic.ack")]
    BasicAck(BasicAck),
    /// Hands one delivery back.
    #[serde(rename = "basic.reject")]
    BasicReject(BasicReject),
    /// Hands deliveries back; from the broker, refuses publishes.
    #[serde(rename = "basic.nack")]
    BasicNack(BasicNack),
    /// Hands all deliveries of the channel back.
    #[serde(rename = "basic.recover")]
    BasicRecover(BasicRecover),
    /// They are.
    #[serde(rename = "basic.recover-ok")]
    BasicRecoverOk,
    /// Asks for publisher confirms (RabbitMQ's extension).
    #[serde(rename = "confirm.select")]
    ConfirmSelect,
    /// They will come.
    #[serde(rename = "confirm.select-ok")]
    ConfirmSelectOk,
    /// Asks for transactions.
    #[serde(rename = "tx.select")]
    TxSelect,
    /// Ends a transaction.
    #[serde(rename = "tx.commit")]
    TxCommit,
    /// Abandons a transaction.
    #[serde(rename = "tx.rollback")]
    TxRollback,
}

impl Method {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Method::ConnectionStart => "connection.start",
            Method::ConnectionStartOk(_) => "connection.start-ok",
            Method::ConnectionTune(_) => "connection.tune",
            Method::ConnectionTuneOk(_) => "connection.tune-ok",
            Method::ConnectionOpen(_) => "connection.open",
            Method::ConnectionOpenOk => "connection.open-ok",
            Method::ConnectionClose(_) => "connection.close",
            Method::ConnectionCloseOk => "connection.close-ok",
            Method::ConnectionBlocked(_) => "connection.blocked",
            Method::ConnectionUnblocked => "connection.unblocked",
            Method::ChannelOpen => "channel.open",
            Method::ChannelOpenOk => "channel.open-ok",
            Method::ChannelFlow(_) => "channel.flow",
            Method::ChannelFlowOk(_) => "channel.flow-ok",
            Method::ChannelClose(_) => "channel.close",
            Method::ChannelCloseOk => "channel.close-ok",
            Method::ExchangeDeclare(_) => "exchange.declare",
            Method::ExchangeDeclareOk => "exchange.declare-ok",
            Method::ExchangeDelete(_) => "exchange.delete",
            Method::ExchangeDeleteOk => "exchange.delete-ok",
            Method::ExchangeBind(_) => "exchange.bind",
            Method::ExchangeBindOk => "exchange.bind-ok",
            Method::ExchangeUnbind(_) => "exchange.unbind",
            Method::ExchangeUnbindOk => "exchange.unbind-ok",
            Method::QueueDeclare(_) => "queue.declare",
            Method::QueueDeclareOk(_) => "queue.declare-ok",
            Method::QueueBind(_) => "queue.bind",
            Method::QueueBindOk => "queue.bind-ok",
            Method::QueueUnbind(_) => "queue.unbind",
            Method::QueueUnbindOk => "queue.unbind-ok",
            Method::QueuePurge(_) => "queue.purge",
            Method::QueuePurgeOk(_) => "queue.purge-ok",
            Method::QueueDelete(_) => "queue.delete",
            Method::QueueDeleteOk(_) => "queue.delete-ok",
            Method::BasicQos(_) => "basic.qos",
            Method::BasicQosOk => "basic.qos-ok",
            Method::BasicConsume(_) => "basic.consume",
            Method::BasicConsumeOk(_) => "basic.consume-ok",
            Method::BasicCancel(_) => "basic.cancel",
            Method::BasicCancelOk(_) => "basic.cancel-ok",
            Method::BasicPublish(_) => "basic.publish",
            Method::BasicReturn(_) => "basic.return",
            Method::BasicDeliver(_) => "basic.deliver",
            Method::BasicGet(_) => "basic.get",
            Method::BasicGetOk(_) => "basic.get-ok",
            Method::BasicGetEmpty => "basic.get-empty",
            Method::BasicAck(_) => "basic.ack",
            Method::BasicReject(_) => "basic.reject",
            Method::BasicNack(_) => "basic.nack",
            Method::BasicRecover(_) => "basic.recover",
            Method::BasicRecoverOk => "basic.recover-ok",
            Method::ConfirmSelect => "confirm.select",
            Method::ConfirmSelectOk => "confirm.select-ok",
            Method::TxSelect => "tx.select",
            Method::TxCommit => "tx.commit",
            Method::TxRollback => "tx.rollback",
        }
    }

    /// The message it carries.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        match self {
            Method::BasicPublish(m) => Some(&m.content),
            Method::BasicReturn(m) => Some(&m.content),
            Method::BasicDeliver(m) => Some(&m.content),
            Method::BasicGetOk(m) => Some(&m.content),
            _ => None,
        }
    }

    /// Names and tables, in bytes; what else there is takes a few bytes and is not counted.
    fn payload_bytes(&self) -> u64 {
        let names = |names: &[&Name]| names.iter().map(|n| 1 + n.len() as u64).sum::<u64>();
        match self {
            Method::ConnectionStartOk(m) => names(&[&m.user, &m.password]),
            Method::ConnectionOpen(m) => names(&[&m.vhost]),
            Method::ConnectionBlocked(m) => names(&[&m.reason]),
            Method::ConnectionClose(m) | Method::ChannelClose(m) => 6 + names(&[&m.reply_text]),
            Method::ExchangeDeclare(m) => {
                names(&[&m.exchange, &m.kind]) + table_bytes(&m.arguments)
            }
            Method::ExchangeDelete(m) => names(&[&m.exchange]),
            Method::ExchangeBind(m) | Method::ExchangeUnbind(m) => {
                names(&[&m.destination, &m.source, &m.routing_key]) + table_bytes(&m.arguments)
            }
            Method::QueueDeclare(m) => names(&[&m.queue]) + table_bytes(&m.arguments),
            Method::QueueDeclareOk(m) => 8 + names(&[&m.queue]),
            Method::QueueBind(m) | Method::QueueUnbind(m) => {
                names(&[&m.queue, &m.exchange, &m.routing_key]) + table_bytes(&m.arguments)
            }
            Method::QueuePurge(m) => names(&[&m.queue]),
            Method::QueueDelete(m) => names(&[&m.queue]),
            Method::BasicConsume(m) => {
                names(&[&m.queue, &m.consumer_tag]) + table_bytes(&m.arguments)
            }
            Method::BasicConsumeOk(m) | Method::BasicCancel(m) | Method::BasicCancelOk(m) => {
                names(&[&m.consumer_tag])
            }
            Method::BasicPublish(m) => names(&[&m.exchange, &m.routing_key]),
            Method::BasicReturn(m) => 2 + names(&[&m.reply_text, &m.exchange, &m.routing_key]),
            Method::BasicDeliver(m) => 9 + names(&[&m.consumer_tag, &m.exchange, &m.routing_key]),
            Method::BasicGet(m) => names(&[&m.queue]),
            Method::BasicGetOk(m) => 13 + names(&[&m.exchange, &m.routing_key]),
            Method::BasicAck(_) | Method::BasicNack(_) | Method::BasicReject(_) => 9,
            _ => 0,
        }
    }
}

impl Frame {
    /// A method on a channel.
    #[must_use]
    pub const fn new(channel: u16, method: Method) -> Self {
        Frame::Method { channel, method }
    }
}

impl Parcel for Frame {
    fn bytes(&self) -> u64 {
        match self {
            Frame::ProtocolHeader | Frame::Heartbeat => 8,
            // Frame header and end (8), class and method (4).
            Frame::Method { method, .. } => {
                12 + method.payload_bytes() + method.content().map_or(0, Content::bytes)
            }
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Frame::ProtocolHeader => "AMQP 0-9-1",
            Frame::Method { method, .. } => method.name(),
            Frame::Heartbeat => "heartbeat",
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        if let Frame::Method { method, .. } = self
            && let Some(message) = method.content().and_then(|content| content.message)
        {
            each(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_method_is_written_with_its_wire_name() {
        let text = r#"{"method":"basic.publish","routing_key":"hello","body":"Hi"}"#;
        let method: Method = serde_json::from_str(text).unwrap();
        assert_eq!(method.name(), "basic.publish");
        assert_eq!(method.content().unwrap().body.bytes(), b"Hi");
        let again: Method = serde_json::from_str(&serde_json::to_string(&method).unwrap()).unwrap();
        assert_eq!(again, method);
    }

    #[test]
    fn every_wire_name_is_the_serialised_one() {
        let name = Name::from("x");
        let methods = [
            Method::ConnectionStart,
            Method::ChannelOpenOk,
            Method::TxRollback,
            Method::BasicGetEmpty,
            Method::BasicCancelOk(ConsumerTag { consumer_tag: name }),
            Method::QueuePurgeOk(Count { message_count: 1 }),
            Method::BasicNack(BasicNack::default()),
        ];
        for method in methods {
            let json = serde_json::to_value(&method).unwrap();
            assert_eq!(
                json["method"].to_string(),
                alloc::format!("\"{}\"", method.name())
            );
        }
    }

    #[test]
    fn content_counts_and_the_identity_takes_no_room() {
        let publish = |body: &str, message| {
            let mut publish = BasicPublish::default();
            publish.content.body = body.into();
            publish.content.message = message;
            Frame::new(1, Method::BasicPublish(publish)).bytes()
        };
        let id = MessageId {
            client: crate::names::NodeId(3),
            n: 1,
        };
        assert_eq!(publish("12345", None), publish("", None) + 5);
        assert_eq!(publish("", Some(id)), publish("", None));
    }
}
