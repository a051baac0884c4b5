//! Methods that change the declared world: exchanges, queues, bindings, virtual hosts.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::binding::{Binding, Destination};
use super::broker::{Step, Timer};
use super::classic_queue::{ClassicQueue, placed};
use super::definitions::Definitions;
use super::error::Exception;
use super::exchange::Exchange;
use super::fact::Fact;
use super::method::{
    ConsumerTag, Count, ExchangeDeclare, ExchangeDelete, Method, QueueDeclare, QueueDeclareOk,
    QueueDelete, QueuePurge,
};
use super::prefetch::ChannelId;
use super::queue::{Declaration, check_arguments, check_equivalence};
use super::record::Record;
use super::vhost::{Gone, VHost, check_name, stripped};
use crate::machine::Kept;
use crate::names::{LinkId, Name};
use crate::shared::Log;

impl Step<'_, '_> {
    /// Reads the definitions and then each durable queue's file.
    pub fn recover(&mut self, definitions: &Log<Record>, kept: &Kept<Record>) {
        for (file, found) in kept {
            self.broker.files.found(*file, found.records.end());
            if found.torn {
                // Half a record has no end marker: it is dropped (`rabbit_msg_file:scan`).
                self.out.truncate(*file, found.records.end());
            }
        }
        let node = self.broker.node;
        for record in definitions {
            let vhosts = &mut self.broker.vhosts;
            match record.clone() {
                Record::VHostAdded(vhost) => {
                    vhosts.insert(vhost.clone(), VHost::new(vhost));
                }
                Record::VHostDeleted(vhost) => drop(vhosts.remove(&vhost)),
                Record::ExchangeDeclared(vhost, declared) => {
                    if let Some(vhost) = vhosts.get_mut(&vhost) {
                        let name = declared.name.clone();
                        let exchanges = Rc::make_mut(&mut vhost.exchanges);
                        exchanges.insert(name, Exchange::new(declared));
                    }
                }
                Record::ExchangeDeleted(vhost, name) => {
                    if let Some(vhost) = vhosts.get_mut(&vhost) {
                        vhost.delete_exchange(&name);
                    }
                }
                Record::QueueDeclared(vhost, declared, file) => {
                    if let Some(vhost) = vhosts.get_mut(&vhost) {
                        // They passed when the queue was declared.
                        let limits = check_arguments("", &declared.arguments).unwrap_or_default();
                        let name = declared.name.clone();
                        let queue =
                            ClassicQueue::new(declared, limits, Some(file), node, &vhost.name);
                        vhost.queues.insert(name, Rc::new(queue));
                    }
                }
                Record::QueueDeleted(vhost, name) => {
                    if let Some(vhost) = vhosts.get_mut(&vhost) {
                        vhost.queues.remove(&name);
                        vhost.unbind_queue(&name);
                    }
                }
                Record::Bound(vhost, binding) => {
                    if let Some(vhost) = vhosts.get_mut(&vhost) {
                        vhost.bind(binding);
                    }
                }
                Record::Unbound(vhost, binding) => {
                    if let Some(vhost) = vhosts.get_mut(&vhost) {
                        vhost.unbind(&binding);
                    }
                }
                Record::Enqueued { .. }
                | Record::Delivered(_)
                | Record::Settled(_)
                | Record::Terminated
                | Record::Cleared => {}
            }
        }
        let nothing = Log::default();
        let (mut queues, mut messages) = (0, 0);
        for (vhost, queue) in self.all_queues() {
            let found = self.with_queue(&vhost, &queue, |queue, desk| {
                let file = queue.file().and_then(|file| kept.get(&file));
                queue.recover(file.map_or(&nothing, |file| &file.records), desk);
                queue.ready_count()
            });
            queues += 1;
            messages += found.unwrap_or_default();
        }
        self.out.tell(Fact::NodeRecovered {
            node,
            queues,
            messages,
        });
    }

    /// Notes of each queue that its node stops in an orderly way.
    pub fn terminate_queues(&mut self) {
        for (vhost, queue) in self.all_queues() {
            self.with_queue(&vhost, &queue, ClassicQueue::terminate);
        }
    }

    fn all_queues(&self) -> Vec<(Name, Name)> {
        let vhosts = self.broker.vhosts.values();
        let queues = vhosts.flat_map(|v| v.queues.keys().map(|q| (v.name.clone(), q.clone())));
        queues.collect()
    }

    /// Declares what a definitions file says, on a node that starts for the first time.
    pub fn import(&mut self, definitions: &Definitions) {
        for vhost in definitions.vhosts() {
            self.add_vhost(&vhost);
        }
        for (vhost, declare) in definitions.exchanges() {
            self.declare_exchange(&vhost, &declare)
                .unwrap_or_else(|e| panic!("definitions were checked: {e:?}"));
        }
        for (vhost, declare) in definitions.queues() {
            let owner = None;
            self.declare_queue(&vhost, declare.queue.clone(), &declare, owner)
                .unwrap_or_else(|e| panic!("definitions were checked: {e:?}"));
        }
        for (vhost, binding) in definitions.bindings() {
            self.bind(&vhost, binding);
        }
    }

    /// Adds a virtual host, unless it is there.
    pub fn add_vhost(&mut self, vhost: &Name) {
        if !self.broker.vhosts.contains_key(vhost) {
            let new = VHost::new(vhost.clone());
            self.broker.vhosts.insert(vhost.clone(), new);
            self.define(Record::VHostAdded(vhost.clone()));
        }
    }

    /// Deletes a virtual host: its queues, then its connections are closed.
    pub fn delete_vhost(&mut self, vhost: &Name) {
        let Some(found) = self.broker.vhosts.get(vhost) else {
            return;
        };
        let queues: Vec<Name> = found.queues.keys().cloned().collect();
        for queue in queues {
            self.remove_queue(vhost, &queue);
        }
        let connections = self.broker.connections.iter();
        let inside = connections.filter(|(_, connection)| connection.vhost == *vhost);
        let links: Vec<LinkId> = inside.map(|(link, _)| *link).collect();
        for link in links {
            self.force_close(link, &alloc::format!("vhost '{vhost}' is deleted"));
        }
        self.broker.vhosts.remove(vhost);
        self.define(Record::VHostDeleted(vhost.clone()));
    }

    pub fn exchange_declare(
        &mut self,
        vhost: &Name,
        wanted: &ExchangeDeclare,
    ) -> Result<Method, Exception> {
        self.declare_exchange(vhost, wanted)?;
        Ok(Method::ExchangeDeclareOk)
    }

    fn declare_exchange(
        &mut self,
        vhost: &Name,
        wanted: &ExchangeDeclare,
    ) -> Result<(), Exception> {
        let Some(declared) = self.vhost(vhost)?.check_exchange_declare(wanted)? else {
            return Ok(());
        };
        if declared.durable {
            self.define(Record::ExchangeDeclared(vhost.clone(), declared.clone()));
        }
        self.out.tell(Fact::ExchangeDeclared {
            exchange: placed(vhost, &declared.name),
            kind: declared.kind.name().into(),
        });
        let name = declared.name.clone();
        let exchange = Exchange::new(declared);
        Rc::make_mut(&mut self.vhost(vhost)?.exchanges).insert(name, exchange);
        Ok(())
    }

    pub fn exchange_delete(
        &mut self,
        vhost: &Name,
        wanted: &ExchangeDelete,
    ) -> Result<Method, Exception> {
        let name = stripped(&wanted.exchange);
        let found = self.vhost(vhost)?;
        if found.check_exchange_delete(&name, wanted.if_unused)? {
            let durable = found.exchange(&name)?.declared.durable;
            let gone = found.delete_exchange(&name);
            if durable {
                self.define(Record::ExchangeDeleted(vhost.clone(), name));
            }
            self.tell_gone(vhost, gone);
        }
        Ok(Method::ExchangeDeleteOk)
    }

    /// Binds, and answers with this method.
    pub fn bind_checked(
        &mut self,
        id: ChannelId,
        vhost: &Name,
        binding: Binding,
        answer: Method,
    ) -> Result<Method, Exception> {
        self.vhost(vhost)?.check_bind(&binding, id.link)?;
        self.bind(vhost, binding);
        Ok(answer)
    }

    fn bind(&mut self, vhost: &Name, binding: Binding) {
        let Some(found) = self.broker.vhosts.get_mut(vhost) else {
            return;
        };
        if !found.bind(binding.clone()) {
            return;
        }
        let durable = found.is_durable(&binding);
        self.out.tell(Fact::Bound {
            exchange: placed(vhost, &binding.source),
            destination: placed_destination(vhost, &binding),
            routing_key: binding.key.clone(),
        });
        if durable {
            self.define(Record::Bound(vhost.clone(), binding));
        }
    }

    /// Unbinds, and answers with this method.
    pub fn unbind_checked(
        &mut self,
        id: ChannelId,
        vhost: &Name,
        binding: &Binding,
        answer: Method,
    ) -> Result<Method, Exception> {
        let found = self.vhost(vhost)?;
        if found.check_unbind(binding, id.link)? {
            let durable = found.is_durable(binding);
            let gone = found.unbind(binding);
            if durable {
                self.define(Record::Unbound(vhost.clone(), binding.clone()));
            }
            self.tell_gone(vhost, gone);
        }
        Ok(answer)
    }

    pub fn queue_declare(
        &mut self,
        id: ChannelId,
        vhost: &Name,
        wanted: &QueueDeclare,
    ) -> Result<Method, Exception> {
        let mut name = stripped(&wanted.queue);
        if name.starts_with("amq.rabbitmq.reply-to") {
            return Err(Exception::not_modelled("amq.rabbitmq.reply-to"));
        }
        if wanted.passive {
            self.vhost(vhost)?.queue(&name)?;
            self.vhost(vhost)?.accessible_queue(&name, id.link)?;
        } else {
            if name.is_empty() {
                name = self.generated("amq.gen-", "queue name", |step, name| {
                    let vhost = step.broker.vhosts.get(vhost);
                    vhost.is_some_and(|vhost| vhost.queues.contains_key(name))
                });
            } else {
                check_name("queue", &name)?;
            }
            let owner = wanted.exclusive.then_some(id.link);
            self.declare_queue(vhost, name.clone(), wanted, owner)?;
        }
        let queue = self.vhost(vhost)?.queue(&name)?;
        let (message_count, consumer_count) = (queue.ready_count(), queue.consumers.count());
        if let Some(channel) = self.open_channel(id) {
            channel.last_queue = name.clone();
        }
        Ok(Method::QueueDeclareOk(QueueDeclareOk {
            queue: name,
            message_count,
            consumer_count,
        }))
    }

    fn declare_queue(
        &mut self,
        vhost: &Name,
        name: Name,
        wanted: &QueueDeclare,
        owner: Option<LinkId>,
    ) -> Result<(), Exception> {
        let node = self.broker.node;
        let unused = self.broker.files.unused();
        let found = self.vhost(vhost)?;
        let resource = found.queue_resource(&name);
        let declared = Declaration {
            name: name.clone(),
            durable: wanted.durable && owner.is_none(),
            auto_delete: wanted.auto_delete,
            owner,
            arguments: wanted.arguments.clone(),
        };
        if let Some(current) = found.queues.get(&name) {
            return check_equivalence(&current.declared, &declared, &resource);
        }
        let limits = check_arguments(&resource, &declared.arguments)?;
        let file = declared.durable.then_some(unused);
        let queue = ClassicQueue::new(declared.clone(), limits, file, node, vhost);
        self.out.tell(Fact::QueueDeclared {
            queue: queue.place().clone(),
            durable: declared.durable,
        });
        self.vhost(vhost)?.queues.insert(name, Rc::new(queue));
        if let Some(file) = file {
            self.broker.files.found(file, 0);
            self.define(Record::QueueDeclared(vhost.clone(), declared, file));
        }
        Ok(())
    }

    pub fn queue_purge(
        &mut self,
        id: ChannelId,
        vhost: &Name,
        wanted: &QueuePurge,
    ) -> Result<Method, Exception> {
        self.vhost(vhost)?
            .accessible_queue(&wanted.queue, id.link)?;
        let purged = self.with_queue(vhost, &wanted.queue, |queue, desk| queue.purge(desk));
        Ok(Method::QueuePurgeOk(Count {
            message_count: purged.unwrap_or_default(),
        }))
    }

    pub fn queue_delete(
        &mut self,
        id: ChannelId,
        vhost: &Name,
        wanted: &QueueDelete,
    ) -> Result<Method, Exception> {
        let name = stripped(&wanted.queue);
        let found = self.vhost(vhost)?;
        let mut message_count = 0;
        if found.queues.contains_key(&name) {
            let queue = found.accessible_queue(&name, id.link)?;
            let refused = |why: &str| {
                let resource = found.queue_resource(&name);
                Err(Exception::precondition_failed(alloc::format!(
                    "{resource} {why}"
                )))
            };
            message_count = queue.ready_count();
            if wanted.if_empty && message_count > 0 {
                return refused("not empty");
            }
            if wanted.if_unused && queue.consumers.count() > 0 {
                return refused("in use");
            }
            self.remove_queue(vhost, &name);
        }
        Ok(Method::QueueDeleteOk(Count { message_count }))
    }

    /// Deletes a queue: its messages, its bindings, and its consumers, which are told.
    pub fn remove_queue(&mut self, vhost: &Name, name: &Name) {
        let deleted = self.with_queue(vhost, name, |queue, desk| {
            let place = queue.place().clone();
            desk.tell(Fact::QueueDeleted { queue: place });
            queue.delete(desk);
        });
        let Some(found) = self.broker.vhosts.get_mut(vhost) else {
            return;
        };
        let (Some(()), Some(queue)) = (deleted, found.queues.remove(name)) else {
            return;
        };
        let gone = found.unbind_queue(name);
        self.tell_gone(vhost, gone);
        self.cancel_consumers(&queue);
        self.release_from_channels(vhost, name);
        let (vhost, queue_name) = (vhost.clone(), name.clone());
        self.out.disarm(Timer::Expiry {
            vhost: vhost.clone(),
            queue: queue_name.clone(),
        });
        if let Some(file) = queue.file() {
            self.define(Record::QueueDeleted(vhost, queue_name));
            self.broker.files.delete(file, self.out);
        }
    }

    /// Tells each channel, consumer by consumer in the order of their tags.
    fn cancel_consumers(&mut self, queue: &ClassicQueue) {
        let consumers = queue.consumers.iter();
        let mut consumers: Vec<(ChannelId, Name)> = consumers
            .map(|(consumer, _)| (consumer.channel, consumer.tag.clone()))
            .collect();
        consumers.sort();
        for (id, consumer_tag) in consumers {
            let Some(channel) = self.open_channel(id) else {
                continue;
            };
            channel.consumers.remove(&consumer_tag);
            self.out.tell(Fact::ConsumerCancelled {
                queue: queue.place().clone(),
                tag: consumer_tag.clone(),
                link: id.link,
                channel: id.number,
            });
            self.send(id, Method::BasicCancel(ConsumerTag { consumer_tag }));
        }
    }

    /// Nothing of this queue can be settled any more, and nobody waits for its confirms.
    fn release_from_channels(&mut self, vhost: &Name, queue: &Name) {
        let mut ids = Vec::new();
        let connections = self.broker.connections.iter_mut();
        for (link, connection) in connections.filter(|(_, c)| c.vhost == *vhost) {
            for (number, channel) in &mut connection.channels {
                channel.queue_gone(queue);
                ids.push(ChannelId {
                    link: *link,
                    number: *number,
                });
            }
        }
        for id in ids {
            if let Some(confirms) = self.confirms(id) {
                confirms.queue_gone(queue);
            }
        }
    }

    fn tell_gone(&mut self, vhost: &Name, gone: Gone) {
        for binding in gone.bindings {
            self.out.tell(Fact::Unbound {
                exchange: placed(vhost, &binding.source),
                destination: placed_destination(vhost, &binding),
                routing_key: binding.key,
            });
        }
        for exchange in gone.exchanges {
            let exchange = placed(vhost, &exchange);
            self.out.tell(Fact::ExchangeDeleted { exchange });
        }
    }

    /// A virtual host that a connection is in.
    ///
    /// # Errors
    /// If it was deleted; its connections are closed for that.
    pub fn vhost(&mut self, vhost: &Name) -> Result<&mut VHost, Exception> {
        let missing = || Exception::not_found(&alloc::format!("vhost '{vhost}'"));
        self.broker.vhosts.get_mut(vhost).ok_or_else(missing)
    }

    /// A name that the broker makes: a prefix and 48 random bits as base64url writes them. One
    /// that is taken is passed over.
    pub fn generated(
        &mut self,
        prefix: &str,
        purpose: &'static str,
        taken: impl Fn(&Self, &Name) -> bool,
    ) -> Name {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bits = self.chance.below(1 << 48, purpose);
        loop {
            let mut name = String::from(prefix);
            for digit in (0..8).rev() {
                let digit = (bits >> (6 * digit)) & 63;
                name.push(char::from(ALPHABET[digit as usize]));
            }
            let name = Name::from(name);
            if !taken(self, &name) {
                return name;
            }
            bits = bits.wrapping_add(1);
        }
    }
}

fn placed_destination(vhost: &str, binding: &Binding) -> Destination {
    match &binding.destination {
        Destination::Queue(name) => Destination::Queue(placed(vhost, name)),
        Destination::Exchange(name) => Destination::Exchange(placed(vhost, name)),
    }
}
