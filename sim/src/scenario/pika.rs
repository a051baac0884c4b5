//! The calls of pika's blocking connection, by pika's own names and defaults
//! (`pika.adapters.blocking_connection`).

use super::definitions::Arguments;
use super::program::Step;
use super::record::{Choice, Fields};

/// A call of pika.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pika {
    /// `pika.BlockingConnection(pika.ConnectionParameters(host))`
    BlockingConnection {
        /// Which node.
        host: String,
    },
    /// `connection.channel()`
    Channel,
    /// `channel.confirm_delivery()`
    ConfirmDelivery,
    /// `channel.exchange_declare(...)`
    ExchangeDeclare {
        /// Its name.
        exchange: String,
        /// `direct`, `fanout`, `topic`, `headers`.
        exchange_type: String,
        /// Only asks whether it is there.
        passive: bool,
        /// Survives a restart.
        durable: bool,
        /// Goes with its last binding.
        auto_delete: bool,
        /// Only exchanges may publish to it.
        internal: bool,
        /// Further arguments.
        arguments: Arguments,
    },
    /// `channel.queue_declare(...)`
    QueueDeclare {
        /// Its name; empty: the server chooses.
        queue: String,
        /// Only asks whether it is there.
        passive: bool,
        /// Survives a restart.
        durable: bool,
        /// Belongs to this connection.
        exclusive: bool,
        /// Goes with its last consumer.
        auto_delete: bool,
        /// Further arguments.
        arguments: Arguments,
    },
    /// `channel.queue_bind(...)`
    QueueBind {
        /// Which queue; empty: the last one declared.
        queue: String,
        /// To which exchange.
        exchange: String,
        /// With which key.
        routing_key: String,
    },
    /// `channel.basic_qos(...)`
    BasicQos {
        /// How many may be unacknowledged.
        prefetch_count: u32,
    },
    /// `channel.basic_publish(...)`
    BasicPublish {
        /// To which exchange; empty: the default one.
        exchange: String,
        /// With which key.
        routing_key: String,
        /// The body, as a text.
        body: String,
        /// Comes back if no queue takes it.
        mandatory: bool,
        /// 2: persistent.
        delivery_mode: Option<u32>,
    },
    /// `channel.basic_get(...)`
    BasicGet {
        /// From which queue.
        queue: String,
        /// Acknowledged by being sent.
        auto_ack: bool,
    },
    /// `channel.basic_consume(...)`
    BasicConsume {
        /// From which queue; empty: the last one declared.
        queue: String,
        /// Acknowledged by being sent.
        auto_ack: bool,
        /// What the callback does with each message.
        on_message: Vec<Step>,
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

impl Choice for Pika {
    const NAME: &'static str = "call";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        let none = String::new;
        let exchange_declare = Pika::ExchangeDeclare {
            exchange: none(),
            exchange_type: "direct".to_string(),
            passive: false,
            durable: false,
            auto_delete: false,
            internal: false,
            arguments: Arguments::new(),
        };
        let queue_declare = Pika::QueueDeclare {
            queue: none(),
            passive: false,
            durable: false,
            exclusive: false,
            auto_delete: false,
            arguments: Arguments::new(),
        };
        let queue_bind = Pika::QueueBind {
            queue: none(),
            exchange: none(),
            routing_key: none(),
        };
        let publish = Pika::BasicPublish {
            exchange: none(),
            routing_key: none(),
            body: none(),
            mandatory: false,
            delivery_mode: None,
        };
        let get = Pika::BasicGet {
            queue: none(),
            auto_ack: false,
        };
        let on_message = Vec::new();
        let consume = Pika::BasicConsume {
            queue: none(),
            auto_ack: false,
            on_message,
        };
        let connection = Pika::BlockingConnection { host: none() };
        vec![
            (
                "pika.BlockingConnection",
                "Connects, and waits until the connection is open.",
                connection,
            ),
            ("connection.channel", "Opens a channel.", Pika::Channel),
            (
                "channel.confirm_delivery",
                "Asks for confirms (confirm.select).",
                Pika::ConfirmDelivery,
            ),
            (
                "channel.exchange_declare",
                "Declares an exchange.",
                exchange_declare,
            ),
            ("channel.queue_declare", "Declares a queue.", queue_declare),
            ("channel.queue_bind", "Binds a queue.", queue_bind),
            (
                "channel.basic_qos",
                "Sets the prefetch.",
                Pika::BasicQos { prefetch_count: 0 },
            ),
            ("channel.basic_publish", "Publishes a message.", publish),
            (
                "channel.basic_get",
                "Takes one message, if there is one.",
                get,
            ),
            ("channel.basic_consume", "Starts a consumer.", consume),
            (
                "channel.start_consuming",
                "Waits for messages from here on.",
                Pika::StartConsuming,
            ),
            (
                "channel.basic_ack",
                "Acknowledges the message at hand.",
                Pika::BasicAck,
            ),
            (
                "channel.basic_nack",
                "Refuses the message at hand.",
                Pika::BasicNack { requeue: true },
            ),
            (
                "channel.basic_reject",
                "Refuses the message at hand.",
                Pika::BasicReject { requeue: true },
            ),
            ("connection.close", "Closes the connection.", Pika::Close),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Pika::BlockingConnection { .. } => "pika.BlockingConnection",
            Pika::Channel => "connection.channel",
            Pika::ConfirmDelivery => "channel.confirm_delivery",
            Pika::ExchangeDeclare { .. } => "channel.exchange_declare",
            Pika::QueueDeclare { .. } => "channel.queue_declare",
            Pika::QueueBind { .. } => "channel.queue_bind",
            Pika::BasicQos { .. } => "channel.basic_qos",
            Pika::BasicPublish { .. } => "channel.basic_publish",
            Pika::BasicGet { .. } => "channel.basic_get",
            Pika::BasicConsume { .. } => "channel.basic_consume",
            Pika::StartConsuming => "channel.start_consuming",
            Pika::BasicAck => "channel.basic_ack",
            Pika::BasicNack { .. } => "channel.basic_nack",
            Pika::BasicReject { .. } => "channel.basic_reject",
            Pika::Close => "connection.close",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Pika::BlockingConnection { host } => f.need("host", "Which node.", host),
            Pika::ExchangeDeclare {
                exchange,
                exchange_type,
                passive,
                durable,
                auto_delete,
                internal,
                arguments,
            } => {
                f.need("exchange", "Its name.", exchange);
                f.may(
                    "exchange_type",
                    "direct, fanout, topic, headers.",
                    exchange_type,
                );
                f.may("passive", "Only asks whether it is there.", passive);
                f.may("durable", "Survives a restart.", durable);
                f.may("auto_delete", "Goes with its last binding.", auto_delete);
                f.may("internal", "Only exchanges may publish to it.", internal);
                f.may("arguments", "Further arguments.", arguments);
            }
            Pika::QueueDeclare {
                queue,
                passive,
                durable,
                exclusive,
                auto_delete,
                arguments,
            } => {
                f.need("queue", "Its name; empty lets the server choose.", queue);
                f.may("passive", "Only asks whether it is there.", passive);
                f.may("durable", "Survives a restart.", durable);
                f.may("exclusive", "Belongs to this connection.", exclusive);
                f.may("auto_delete", "Goes with its last consumer.", auto_delete);
                f.may("arguments", "Further arguments.", arguments);
            }
            Pika::QueueBind {
                queue,
                exchange,
                routing_key,
            } => {
                f.need(
                    "queue",
                    "Which queue; empty is the last one declared.",
                    queue,
                );
                f.need("exchange", "To which exchange.", exchange);
                f.may("routing_key", "With which key.", routing_key);
            }
            Pika::BasicQos { prefetch_count } => {
                f.need(
                    "prefetch_count",
                    "How many may be unacknowledged.",
                    prefetch_count,
                );
            }
            Pika::BasicPublish {
                exchange,
                routing_key,
                body,
                mandatory,
                delivery_mode,
            } => {
                f.need(
                    "exchange",
                    "To which exchange; empty is the default one.",
                    exchange,
                );
                f.need("routing_key", "With which key.", routing_key);
                f.need("body", "The body, as a text.", body);
                f.may("mandatory", "Comes back if no queue takes it.", mandatory);
                f.may("delivery_mode", "2 is persistent.", delivery_mode);
            }
            Pika::BasicGet { queue, auto_ack } => {
                f.need("queue", "From which queue.", queue);
                f.may("auto_ack", "Acknowledged by being sent.", auto_ack);
            }
            Pika::BasicConsume {
                queue,
                auto_ack,
                on_message,
            } => {
                f.need(
                    "queue",
                    "From which queue; empty is the last one declared.",
                    queue,
                );
                f.may("auto_ack", "Acknowledged by being sent.", auto_ack);
                f.need(
                    "on_message_callback",
                    "What the callback does with each message.",
                    on_message,
                );
            }
            Pika::BasicNack { requeue } | Pika::BasicReject { requeue } => {
                f.may("requeue", "Back into the queue.", requeue);
            }
            Pika::Channel
            | Pika::ConfirmDelivery
            | Pika::StartConsuming
            | Pika::BasicAck
            | Pika::Close => {}
        }
    }
}
