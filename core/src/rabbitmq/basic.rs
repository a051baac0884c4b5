//! Methods of an open channel: publishing, consuming, settling (`rabbit_channel:handle_method`).

use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::binding::{Binding, Destination};
use super::broker::Step;
use super::channel::{PendingAck, Settled};
use super::classic_queue::placed;
use super::consumer::Consumer;
use super::delivery::Publish;
use super::error::{Code, Exception};
use super::fact::{Fact, QueueCopy};
use super::field_value::{FieldValue, Table, erlang_string};
use super::message::Message;
use super::method::{
    BasicConsume, BasicGet, BasicGetOk, BasicPublish, BasicQos, BasicReturn, ConsumerTag, Flow,
    Method,
};
use super::prefetch::ChannelId;
use super::queue::parse_expiration;
use crate::names::Name;

/// How a channel lets go of deliveries.
#[derive(Clone, Copy)]
enum How {
    Ack,
    Requeue,
    Discard,
}

impl Step<'_, '_> {
    /// A method on an open channel.
    ///
    /// # Errors
    /// What closes the channel or the connection.
    pub fn channel_method(&mut self, id: ChannelId, method: Method) -> Result<(), Exception> {
        let Some(vhost) = self.vhost_of(id) else {
            return Ok(());
        };
        let method = self.expand(id, method)?;
        let answer = match method {
            Method::ExchangeDeclare(m) => self.exchange_declare(&vhost, &m)?,
            Method::ExchangeDelete(m) => self.exchange_delete(&vhost, &m)?,
            Method::ExchangeBind(m) => {
                let destination = Destination::Exchange(m.destination);
                let binding = Binding::new(m.source, destination, m.routing_key, &m.arguments);
                self.bind_checked(id, &vhost, binding, Method::ExchangeBindOk)?
            }
            Method::ExchangeUnbind(m) => {
                let destination = Destination::Exchange(m.destination);
                let binding = Binding::new(m.source, destination, m.routing_key, &m.arguments);
                self.unbind_checked(id, &vhost, &binding, Method::ExchangeUnbindOk)?
            }
            Method::QueueDeclare(m) => self.queue_declare(id, &vhost, &m)?,
            Method::QueueBind(m) => {
                let destination = Destination::Queue(m.queue);
                let binding = Binding::new(m.exchange, destination, m.routing_key, &m.arguments);
                self.bind_checked(id, &vhost, binding, Method::QueueBindOk)?
            }
            Method::QueueUnbind(m) => {
                let destination = Destination::Queue(m.queue);
                let binding = Binding::new(m.exchange, destination, m.routing_key, &m.arguments);
                self.unbind_checked(id, &vhost, &binding, Method::QueueUnbindOk)?
            }
            Method::QueuePurge(m) => self.queue_purge(id, &vhost, &m)?,
            Method::QueueDelete(m) => self.queue_delete(id, &vhost, &m)?,
            Method::BasicPublish(m) => return self.publish(id, &vhost, m),
            Method::BasicGet(m) => self.get(id, &vhost, &m)?,
            Method::BasicConsume(m) => return self.consume(id, &vhost, m),
            Method::BasicCancel(m) => return self.cancel(id, &vhost, m),
            Method::BasicQos(m) => self.qos(id, &vhost, m)?,
            Method::BasicAck(m) => {
                return self.settle(id, &vhost, m.delivery_tag, m.multiple, How::Ack);
            }
            Method::BasicNack(m) => {
                return self.settle(id, &vhost, m.delivery_tag, m.multiple, how(m.requeue));
            }
            Method::BasicReject(m) => {
                return self.settle(id, &vhost, m.delivery_tag, false, how(m.requeue));
            }
            Method::BasicRecover(m) => {
                if !m.requeue {
                    return Err(Exception::new(Code::NotImplemented, "requeue=false"));
                }
                let channel = self.open_channel(id);
                let all = channel.map(super::channel::Channel::take_all_unacked);
                self.settle_all(id, &vhost, all.unwrap_or_default(), How::Requeue);
                Method::BasicRecoverOk
            }
            Method::ConfirmSelect => {
                if let Some(channel) = self.open_channel(id) {
                    channel.confirms.get_or_insert_default();
                }
                Method::ConfirmSelectOk
            }
            Method::ChannelFlow(Flow { active: true }) => {
                Method::ChannelFlowOk(Flow { active: true })
            }
            Method::ChannelFlow(Flow { active: false }) => {
                return Err(Exception::new(Code::NotImplemented, "active=false"));
            }
            Method::TxSelect | Method::TxCommit | Method::TxRollback => {
                return Err(Exception::not_modelled(method.name()));
            }
            _ => {
                return Err(Exception::new(Code::CommandInvalid, "unimplemented method"));
            }
        };
        self.send(id, answer);
        Ok(())
    }

    /// An empty queue name means the one last declared on the channel; so does an empty binding
    /// key, if the queue's name is empty too.
    fn expand(&mut self, id: ChannelId, mut method: Method) -> Result<Method, Exception> {
        let (queue, key) = match &mut method {
            Method::BasicGet(m) => (&mut m.queue, None),
            Method::BasicConsume(m) => (&mut m.queue, None),
            Method::QueueDelete(m) => (&mut m.queue, None),
            Method::QueuePurge(m) => (&mut m.queue, None),
            Method::QueueBind(m) | Method::QueueUnbind(m) => {
                (&mut m.queue, Some(&mut m.routing_key))
            }
            _ => return Ok(method),
        };
        if queue.is_empty() {
            let channel = self.open_channel(id);
            let last = channel.map(|channel| channel.last_queue.clone());
            let last = last
                .filter(|last| !last.is_empty())
                .ok_or_else(|| Exception::new(Code::NotFound, "no previously declared queue"))?;
            if let Some(key) = key.filter(|key| key.is_empty()) {
                *key = last.clone();
            }
            *queue = last;
        }
        Ok(method)
    }

    fn publish(&mut self, id: ChannelId, vhost: &Name, m: BasicPublish) -> Result<(), Exception> {
        if m.immediate {
            return Err(Exception::new(Code::NotImplemented, "immediate=true"));
        }
        let found = self.vhost(vhost)?;
        if found.exchange(&m.exchange)?.declared.internal {
            let text = format!(
                "cannot publish to internal {}",
                found.exchange_resource(&m.exchange)
            );
            return Err(Exception::new(Code::AccessRefused, text));
        }
        self.check_properties(id, &m)?;
        let number = self
            .open_channel(id)
            .and_then(|channel| channel.confirms.as_mut())
            .map(super::confirm::Confirms::number);
        let published = Message {
            exchange: m.exchange,
            routing_key: m.routing_key,
            content: m.content,
        };
        let keys = published.routing_keys().map_err(|(header, kind)| {
            Exception::precondition_failed(format!(
                "invalid message: {{unacceptable_type_in_header,{},{kind}}}",
                erlang_string(header.as_bytes())
            ))
        })?;
        let message = Rc::new(published.clone().without_bcc());
        let queues = self.vhost(vhost)?.route(&message, &keys);
        let named = message.content.message;
        let exchange = placed(vhost, &message.exchange);
        let places: Vec<Name> = queues.iter().map(|queue| placed(vhost, queue)).collect();
        let node = self.broker.node;
        let copy = |queue: &Name| QueueCopy {
            message: named,
            node,
            queue: queue.clone(),
        };
        let expected = number.map(|number| (number, places.iter().map(copy).collect()));
        self.out.tell(Fact::Routed {
            message: named,
            exchange: exchange.clone(),
            routing_key: message.routing_key.clone(),
            queues: places,
        });
        if queues.is_empty() {
            self.unroutable(id, &message, exchange, m.mandatory);
        }
        if let Some((number, copies)) = expected
            && let Some(confirms) = self.confirms(id)
        {
            confirms.expect(number, named, queues.clone(), copies);
        }
        let confirm = number.map(|number| Publish {
            channel: id,
            number,
        });
        for queue in queues {
            self.with_queue(vhost, &queue, |queue, desk| {
                queue.publish(&message, confirm, desk);
            });
        }
        Ok(())
    }

    fn check_properties(&self, id: ChannelId, m: &BasicPublish) -> Result<(), Exception> {
        let properties = &m.content.properties;
        if properties.reply_to.as_deref() == Some("amq.rabbitmq.reply-to") {
            return Err(Exception::not_modelled("amq.rabbitmq.reply-to"));
        }
        let connection = self.broker.connections.get(&id.link);
        if let (Some(claimed), Some(connection)) = (&properties.user_id, connection)
            && *claimed != connection.user
        {
            return Err(Exception::precondition_failed(format!(
                "user_id property set to '{claimed}' but authenticated user was '{}'",
                connection.user
            )));
        }
        if let Some(expiration) = &properties.expiration {
            parse_expiration(expiration).map_err(|error| {
                Exception::precondition_failed(format!(
                    "invalid expiration '{expiration}': {error}"
                ))
            })?;
        }
        Ok(())
    }

    fn unroutable(&mut self, id: ChannelId, message: &Message, exchange: Name, mandatory: bool) {
        let named = message.content.message;
        if !mandatory {
            self.out.tell(Fact::DroppedUnroutable {
                message: named,
                exchange,
            });
            return;
        }
        self.out.tell(Fact::Returned {
            message: named,
            exchange,
        });
        let returned = BasicReturn {
            reply_code: 312,
            reply_text: "NO_ROUTE".into(),
            exchange: message.exchange.clone(),
            routing_key: message.routing_key.clone(),
            content: message.content.clone(),
        };
        self.send(id, Method::BasicReturn(returned));
    }

    fn get(&mut self, id: ChannelId, vhost: &Name, m: &BasicGet) -> Result<Method, Exception> {
        self.vhost(vhost)?.accessible_queue(&m.queue, id.link)?;
        let got = self.with_queue(vhost, &m.queue, |queue, desk| {
            let delivery = queue.get(id, !m.no_ack, desk)?;
            Some((delivery, queue.ready_count()))
        });
        let Some((delivery, message_count)) = got.flatten() else {
            return Ok(Method::BasicGetEmpty);
        };
        let channel = self.open_channel(id);
        let delivery_tag = channel.map_or(0, |channel| channel.delivered(&m.queue, &delivery));
        for fact in delivery.facts(delivery_tag) {
            self.out.tell(fact);
        }
        Ok(Method::BasicGetOk(BasicGetOk {
            delivery_tag,
            redelivered: delivery.redelivered,
            exchange: delivery.message.exchange.clone(),
            routing_key: delivery.message.routing_key.clone(),
            message_count,
            content: delivery.message.content.clone(),
        }))
    }

    fn consume(&mut self, id: ChannelId, vhost: &Name, m: BasicConsume) -> Result<(), Exception> {
        let Some(channel) = self.open_channel(id) else {
            return Ok(());
        };
        let prefetch = channel.prefetch;
        if channel.consumers.contains_key(&m.consumer_tag) {
            let text = format!("attempt to reuse consumer tag '{}'", m.consumer_tag);
            return Err(Exception::new(Code::NotAllowed, text));
        }
        if &*m.queue == "amq.rabbitmq.reply-to" {
            return Err(Exception::not_modelled("amq.rabbitmq.reply-to"));
        }
        let tag = if m.consumer_tag.is_empty() {
            self.generated("amq.ctag-", "consumer tag", |step, tag| {
                let connection = step.broker.connections.get(&id.link);
                let channel = connection.and_then(|c| c.channels.get(&id.number));
                channel.is_some_and(|channel| channel.consumers.contains_key(tag))
            })
        } else {
            m.consumer_tag.clone()
        };
        let found = self.vhost(vhost)?;
        let queue = found.accessible_queue(&m.queue, id.link)?;
        let resource = found.queue_resource(&m.queue);
        let priority = check_consume_arguments(&resource, &m.arguments)?;
        if !queue.admits(m.exclusive) {
            let text = format!("{resource} in exclusive use");
            return Err(Exception::new(Code::AccessRefused, text));
        }
        let place = queue.place().clone();
        let limiter = self.broker.limiters.get(&id);
        let limited = limiter.is_some_and(super::prefetch::Limiter::is_active);
        let consumer = Consumer {
            channel: id,
            tag: tag.clone(),
            ack_required: !m.no_ack,
            prefetch,
            priority,
        };
        if let Some(channel) = self.open_channel(id) {
            channel.consumers.insert(tag.clone(), m.queue.clone());
        }
        self.with_queue(vhost, &m.queue, |queue, _| {
            queue.consume(consumer, m.exclusive, limited);
        });
        self.out.tell(Fact::ConsumerStarted {
            queue: place,
            tag: tag.clone(),
            link: id.link,
            channel: id.number,
        });
        let ok = ConsumerTag { consumer_tag: tag };
        self.send(id, Method::BasicConsumeOk(ok));
        self.with_queue(vhost, &m.queue, |queue, desk| queue.run(desk));
        Ok(())
    }

    /// An unknown tag is no error: the consumer may be gone already.
    fn cancel(&mut self, id: ChannelId, vhost: &Name, m: ConsumerTag) -> Result<(), Exception> {
        let channel = self.open_channel(id);
        let queue = channel.and_then(|channel| channel.consumers.remove(&m.consumer_tag));
        let tag = m.consumer_tag.clone();
        self.send(id, Method::BasicCancelOk(m));
        let Some(queue) = queue else {
            return Ok(());
        };
        let delete = self.with_queue(vhost, &queue, |queue, desk| {
            desk.tell(Fact::ConsumerCancelled {
                queue: queue.place().clone(),
                tag: tag.clone(),
                link: id.link,
                channel: id.number,
            });
            queue.cancel(id, &tag)
        });
        if delete == Some(true) {
            self.remove_queue(vhost, &queue);
        }
        Ok(())
    }

    fn qos(&mut self, id: ChannelId, vhost: &Name, m: BasicQos) -> Result<Method, Exception> {
        if m.prefetch_size != 0 {
            let text = format!("prefetch_size!=0 ({})", m.prefetch_size);
            return Err(Exception::new(Code::NotImplemented, text));
        }
        let Some(channel) = self.open_channel(id) else {
            return Ok(Method::BasicQosOk);
        };
        let unacked = channel.unacked_count();
        let queues: Vec<Name> = channel.consumers.values().cloned().collect();
        if !m.global {
            channel.prefetch = m.prefetch_count;
        }
        let Some(limiter) = self.broker.limiters.get_mut(&id) else {
            return Ok(Method::BasicQosOk);
        };
        let was_limited = limiter.is_active();
        let limit = if m.global { m.prefetch_count } else { 0 };
        // Setting the limit of later consumers lifts that of the channel.
        let freed = if limit == 0 {
            limiter.lift()
        } else {
            limiter.limit_to(limit.into(), unacked)
        };
        let limited = limiter.is_active();
        self.resume(id, vhost, freed);
        if limited != was_limited {
            for queue in queues {
                self.with_queue(vhost, &queue, |queue, desk| {
                    queue.set_limited(id, limited, desk);
                });
            }
        }
        Ok(Method::BasicQosOk)
    }

    fn settle(
        &mut self,
        id: ChannelId,
        vhost: &Name,
        delivery_tag: u64,
        multiple: bool,
        how: How,
    ) -> Result<(), Exception> {
        let Some(channel) = self.open_channel(id) else {
            return Ok(());
        };
        let taken = channel.take_unacked(delivery_tag, multiple)?;
        self.settle_all(id, vhost, taken, how);
        Ok(())
    }

    /// The queues are told first, then the channel's limit is looked at.
    fn settle_all(&mut self, id: ChannelId, vhost: &Name, taken: Vec<PendingAck>, how: How) {
        let settled = Settled::group(taken);
        for (queue, seqs) in settled.by_queue {
            self.with_queue(vhost, &queue, |queue, desk| match how {
                How::Ack => queue.ack(id, &seqs, desk),
                How::Requeue => queue.requeue(id, &seqs, desk),
                How::Discard => queue.reject(id, &seqs, desk),
            });
        }
        if let Some(limiter) = self.broker.limiters.get_mut(&id)
            && limiter.is_active()
        {
            let freed = limiter.settled(settled.to_consumers);
            self.resume(id, vhost, freed);
        }
    }

    /// Queues that were refused go on. With several, chance says which is first
    /// (`rabbit_limiter:notify_queues/1`).
    fn resume(&mut self, id: ChannelId, vhost: &Name, mut queues: Vec<Name>) {
        if queues.len() > 1 {
            let count = queues.len() as u64;
            let first = self.chance.below(count, "queue that gets freed prefetch");
            queues.rotate_left(first as usize);
        }
        for queue in queues {
            self.with_queue(vhost, &queue, |queue, desk| queue.resume(id, desk));
        }
    }
}

fn how(requeue: bool) -> How {
    if requeue { How::Requeue } else { How::Discard }
}

/// Checks the arguments of a consumer of a classic queue and gives its priority
/// (`rabbit_amqqueue:check_consume_arguments/3`).
fn check_consume_arguments(queue: &str, arguments: &Table) -> Result<i64, Exception> {
    let refused = |name: &str, error: &str| {
        Exception::precondition_failed(format!("invalid arg '{name}' for {queue}{error}"))
    };
    let mut priority = 0;
    if let Some(value) = arguments.get("x-priority") {
        priority = value.as_integer().ok_or_else(|| {
            let error = format!("expected integer, got {}", value.type_name());
            refused(
                "x-priority",
                &format!(": {}", erlang_string(error.as_bytes())),
            )
        })?;
    }
    if let Some(value) = arguments.get("x-cancel-on-ha-failover")
        && !matches!(value, FieldValue::Bool(_))
    {
        let error = format!(": {{unacceptable_type,{}}}", value.type_name());
        return Err(refused("x-cancel-on-ha-failover", &error));
    }
    if arguments.get("x-stream-offset").is_some() {
        let error = " of queue type rabbit_classic_queue";
        return Err(refused("x-stream-offset", error));
    }
    if arguments.get("x-credit").is_some() {
        return Err(Exception::not_modelled("x-credit"));
    }
    Ok(priority)
}
