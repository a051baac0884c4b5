//! RabbitMQ's nodes, and the applications that speak AMQP.

use core::num::NonZeroU32;
use std::rc::Rc;

use glassmq_core::names::{Name, NodeId};
use glassmq_core::rabbitmq::broker;
use glassmq_core::rabbitmq::client::call;
use glassmq_core::rabbitmq::client::session::Parameters;
use glassmq_core::rabbitmq::client::{Role, Setup as ClientSetup, publisher, subscriber};
use glassmq_core::rabbitmq::definitions::Definitions;
use glassmq_core::rabbitmq::field_value::Table;
use glassmq_core::rabbitmq::method::{BasicQos, ExchangeDeclare, Method, QueueBind, QueueDeclare};
use glassmq_core::time::Span;

use super::Site;
use crate::cast::Setup;
use crate::scenario::client::{RabbitmqConsumer, RabbitmqPublisher, Settle};
use crate::scenario::definitions::Arguments;
use crate::scenario::form::Form as _;
use crate::scenario::pika::Pika;
use crate::scenario::program::{Call, Program, Step};
use crate::scenario::record::spelt_out;
use crate::scenario::who::Who;
use crate::scenario::world::Rabbitmq;

/// The nodes of a cluster. More than one is not modelled yet.
pub(super) fn nodes(site: &mut Site<'_>, cluster: &Rabbitmq) -> Vec<Setup> {
    if cluster.nodes.get() > 1 {
        site.refuse("not modelled: a RabbitMQ cluster of more than one node");
    }
    if cluster.version != "3.10" {
        site.refuse(&format!("not modelled: RabbitMQ {}", cluster.version));
    }
    let given = &cluster.definitions;
    let mut all = given.write();
    all["exchanges"] = given.exchanges.iter().map(spelt_out).collect();
    all["queues"] = given.queues.iter().map(spelt_out).collect();
    all["bindings"] = given.bindings.iter().map(spelt_out).collect();
    let definitions = serde_json::from_value::<Definitions>(all);
    let definitions = definitions.unwrap_or_else(|error| {
        site.refuse(&format!("definitions: {error}"));
        Definitions::default()
    });
    for problem in definitions.problems() {
        site.refuse(&format!("definitions: {problem}"));
    }
    let mut config = broker::Config::default();
    for (key, value) in &cluster.config {
        if let Err(must) = config.set(key, value) {
            site.refuse(&format!("{key} of rabbitmq.conf {must}"));
        }
    }
    let node = |n: u32| {
        Setup::RabbitmqNode(broker::Setup {
            node: NodeId(n),
            config,
            definitions: definitions.clone(),
        })
    };
    (0..cluster.nodes.get()).map(node).collect()
}

/// An application that publishes.
pub(super) fn publisher(
    site: &mut Site<'_>,
    node: NodeId,
    it: &RabbitmqPublisher,
) -> Option<Setup> {
    let parameters = parameters(site.broker(it.to.as_ref(), "rabbit")?);
    let role = Role::Publisher(publisher::Setup {
        exchange: it.exchange.as_str().into(),
        routing_keys: vec![it.routing_key.as_str().into()],
        confirm: it.confirm,
        mandatory: it.mandatory,
        delivery_mode: it.delivery_mode as u8,
        every: it.send.every,
        count: it.send.count.map(NonZeroU32::get),
        size: it.send.size.0 as u32,
    });
    Some(client(node, parameters, role))
}

/// An application that consumes.
pub(super) fn consumer(site: &mut Site<'_>, node: NodeId, it: &RabbitmqConsumer) -> Option<Setup> {
    let parameters = parameters(site.broker(it.to.as_ref(), "rabbit")?);
    let role = Role::Subscriber(subscriber::Setup {
        queue: it.queue.as_str().into(),
        prefetch: it.prefetch_count as u16,
        work: it.work,
        ack: match it.ack {
            Settle::After => subscriber::Ack::After,
            Settle::Before => subscriber::Ack::Before,
            Settle::Auto => subscriber::Ack::Auto,
        },
    });
    Some(client(node, parameters, role))
}

/// An application told line by line.
pub(super) fn program(site: &mut Site<'_>, node: NodeId, program: &Program) -> Option<Setup> {
    let steps = lines(site, &program.steps)?;
    // Each connection says whom it is to; these are for one that would not.
    let parameters = parameters(NodeId(0));
    Some(client(node, parameters, Role::Program(steps)))
}

fn lines(site: &mut Site<'_>, steps: &[Step]) -> Option<Rc<[call::Step]>> {
    let line = |step: &Step| {
        let call = call(site, &step.call)?;
        let line = step.line.get();
        Some(call::Step { line, call })
    };
    steps.iter().map(line).collect()
}

fn call(site: &mut Site<'_>, call: &Call) -> Option<call::Call> {
    use call::Call as To;
    Some(match call {
        Call::Sleep(time) => To::Sleep(Span::us(time.0)),
        // An empty text stands for the message at hand.
        Call::Print { text } => To::Print(text.as_deref().unwrap_or_default().into()),
        Call::Repeat { times, steps } => To::Repeat {
            times: times.get(),
            steps: lines(site, steps)?,
        },
        Call::Pika(it) => pika(site, it)?,
        Call::KafkaPython(_) => {
            site.refuse("not modelled: one program that speaks to both brokers");
            return None;
        }
    })
}

fn pika(site: &mut Site<'_>, it: &Pika) -> Option<call::Call> {
    use call::Call as To;
    let name = |text: &str| Name::from(text);
    Some(match it {
        Pika::BlockingConnection { host } => {
            let host = Who::Named(host.clone());
            To::BlockingConnection(parameters(site.broker(Some(&host), "rabbit")?))
        }
        Pika::Channel => To::Channel,
        Pika::ConfirmDelivery => To::ConfirmDelivery,
        Pika::ExchangeDeclare {
            exchange,
            exchange_type,
            passive,
            durable,
            auto_delete,
            internal,
            arguments,
        } => To::Ask(Method::ExchangeDeclare(ExchangeDeclare {
            exchange: name(exchange),
            kind: name(exchange_type),
            passive: *passive,
            durable: *durable,
            auto_delete: *auto_delete,
            internal: *internal,
            arguments: table(site, arguments)?,
        })),
        Pika::QueueDeclare {
            queue,
            passive,
            durable,
            exclusive,
            auto_delete,
            arguments,
        } => To::Ask(Method::QueueDeclare(QueueDeclare {
            queue: name(queue),
            passive: *passive,
            durable: *durable,
            exclusive: *exclusive,
            auto_delete: *auto_delete,
            arguments: table(site, arguments)?,
        })),
        Pika::QueueBind {
            queue,
            exchange,
            routing_key,
        } => To::Ask(Method::QueueBind(QueueBind {
            queue: name(queue),
            exchange: name(exchange),
            routing_key: name(routing_key),
            arguments: Table::default(),
        })),
        Pika::BasicQos { prefetch_count } => To::Ask(Method::BasicQos(BasicQos {
            prefetch_size: 0,
            prefetch_count: *prefetch_count as u16,
            global: false,
        })),
        Pika::BasicPublish {
            exchange,
            routing_key,
            body,
            mandatory,
            delivery_mode,
        } => To::BasicPublish {
            exchange: name(exchange),
            routing_key: name(routing_key),
            body: name(body),
            mandatory: *mandatory,
            delivery_mode: delivery_mode.map(|mode| mode as u8),
        },
        Pika::BasicGet { queue, auto_ack } => To::BasicGet {
            queue: name(queue),
            auto_ack: *auto_ack,
        },
        Pika::BasicConsume {
            queue,
            auto_ack,
            on_message,
        } => To::BasicConsume {
            queue: name(queue),
            auto_ack: *auto_ack,
            on_message: lines(site, on_message)?,
        },
        Pika::StartConsuming => To::StartConsuming,
        Pika::BasicAck => To::BasicAck,
        Pika::BasicNack { requeue } => To::BasicNack { requeue: *requeue },
        Pika::BasicReject { requeue } => To::BasicReject { requeue: *requeue },
        Pika::Close => To::Close,
    })
}

/// Arguments as a field table.
fn table(site: &mut Site<'_>, arguments: &Arguments) -> Option<Table> {
    let json = serde_json::to_value(arguments).ok()?;
    match serde_json::from_value(json) {
        Ok(table) => Some(table),
        Err(error) => {
            site.refuse(&format!("arguments: {error}"));
            None
        }
    }
}

fn client(node: NodeId, parameters: Parameters, role: Role) -> Setup {
    Setup::RabbitmqClient(ClientSetup {
        node,
        parameters,
        role,
    })
}

/// As pika's users connect: the vhost `/`, guest and guest.
fn parameters(broker: NodeId) -> Parameters {
    let guest: Name = "guest".into();
    Parameters {
        broker,
        vhost: "/".into(),
        user: guest.clone(),
        password: guest,
        heartbeat: None,
    }
}
