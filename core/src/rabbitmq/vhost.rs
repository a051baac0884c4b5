//! A virtual host: the declared world of exchanges, queues and bindings, with the checks that
//! the broker makes before it changes it.

use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::binding::{Binding, Destination};
use super::classic_queue::ClassicQueue;
use super::error::{Code, Exception};
use super::exchange::{self, Exchange, Kind};
use super::field_value::{FieldValue, Table};
use super::message::Message;
use super::method::ExchangeDeclare;
use super::queue::{check_argument_agrees, check_field, locked, resource};
use crate::fingerprint::Fingerprint;
use crate::names::{LinkId, Name};
use crate::shared::{SortedMap, SortedSet};

/// One virtual host. Names of one are unknown in every other.
#[derive(Clone, Debug, Fingerprint)]
pub struct VHost {
    /// Its name.
    pub name: Name,
    /// Exchanges by name. Few steps change one.
    pub exchanges: Rc<SortedMap<Name, Exchange>>,
    /// Queues by name, each shared with keyframes until it changes.
    pub queues: SortedMap<Name, Rc<ClassicQueue>>,
}

/// What went with something that was deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Bindings, from or to it.
    pub bindings: Vec<Binding>,
    /// Exchanges: itself, and auto-delete ones that lost their last binding.
    pub exchanges: Vec<Name>,
}

impl VHost {
    /// A virtual host with nothing but the exchanges that every one has.
    #[must_use]
    pub fn new(name: Name) -> Self {
        let predeclared = [
            ("", Kind::Direct, false),
            ("amq.direct", Kind::Direct, false),
            ("amq.fanout", Kind::Fanout, false),
            ("amq.headers", Kind::Headers, false),
            ("amq.match", Kind::Headers, false),
            ("amq.rabbitmq.trace", Kind::Topic, true),
            ("amq.topic", Kind::Topic, false),
        ];
        let exchanges = predeclared.into_iter().map(|(name, kind, internal)| {
            let declared = exchange::Declaration {
                name: name.into(),
                kind,
                durable: true,
                auto_delete: false,
                internal,
                arguments: Table::new(),
            };
            (Name::from(name), Exchange::new(declared))
        });
        VHost {
            name,
            exchanges: Rc::new(exchanges.collect()),
            queues: SortedMap::new(),
        }
    }

    /// A queue as texts name it.
    #[must_use]
    pub fn queue_resource(&self, queue: &str) -> alloc::string::String {
        resource("queue", queue, &self.name)
    }

    /// An exchange as texts name it.
    #[must_use]
    pub fn exchange_resource(&self, exchange: &str) -> alloc::string::String {
        resource("exchange", exchange, &self.name)
    }

    /// An exchange.
    ///
    /// # Errors
    /// 404.
    pub fn exchange(&self, name: &str) -> Result<&Exchange, Exception> {
        let missing = || Exception::not_found(&self.exchange_resource(name));
        self.exchanges.get(name).ok_or_else(missing)
    }

    /// A queue, whoever owns it.
    ///
    /// # Errors
    /// 404.
    pub fn queue(&self, name: &str) -> Result<&ClassicQueue, Exception> {
        let missing = || Exception::not_found(&self.queue_resource(name));
        let queue = self.queues.get(name).ok_or_else(missing)?;
        Ok(queue)
    }

    /// A queue that this connection may use.
    ///
    /// # Errors
    /// 404; 405 for another connection's exclusive queue.
    pub fn accessible_queue(&self, name: &str, link: LinkId) -> Result<&ClassicQueue, Exception> {
        let queue = self.queue(name)?;
        match queue.declared.owner {
            Some(owner) if owner != link => Err(locked(&self.queue_resource(name))),
            _ => Ok(queue),
        }
    }

    /// What `exchange.declare` asks for: none if it is there already and agrees.
    ///
    /// # Errors
    /// 403 for a reserved name, 404 for a passive one that is missing, 406 for a difference.
    pub fn check_exchange_declare(
        &self,
        wanted: &ExchangeDeclare,
    ) -> Result<Option<exchange::Declaration>, Exception> {
        let name = &stripped(&wanted.exchange);
        if wanted.passive {
            check_not_default(name)?;
            return self.exchange(name).map(|_| None);
        }
        let kind = Kind::named(&wanted.kind)?;
        check_not_default(name)?;
        let resource = self.exchange_resource(name);
        if let Some(Exchange { declared, .. }) = self.exchanges.get(name) {
            check_field("type", declared.kind.name(), kind.name(), &resource)?;
            check_field("durable", declared.durable, wanted.durable, &resource)?;
            let (current, auto_delete) = (declared.auto_delete, wanted.auto_delete);
            check_field("auto_delete", current, auto_delete, &resource)?;
            check_field("internal", declared.internal, wanted.internal, &resource)?;
            let (current, arguments) = (&declared.arguments, &wanted.arguments);
            check_argument_agrees("alternate-exchange", current, arguments, &resource)?;
            return Ok(None);
        }
        check_name("exchange", name)?;
        if let Some(alternate) = wanted.arguments.get("alternate-exchange")
            && alternate.as_text().is_none()
        {
            return Err(Exception::precondition_failed(format!(
                "invalid type '{}' for arg 'alternate-exchange' in {resource}",
                alternate.type_name()
            )));
        }
        Ok(Some(exchange::Declaration {
            name: name.clone(),
            kind,
            durable: wanted.durable,
            auto_delete: wanted.auto_delete,
            internal: wanted.internal,
            arguments: wanted.arguments.clone(),
        }))
    }

    /// Whether an exchange may be deleted; false if there is none, which is no error.
    ///
    /// # Errors
    /// 403 for the broker's own, 406 for one in use.
    pub fn check_exchange_delete(&self, name: &str, if_unused: bool) -> Result<bool, Exception> {
        check_not_default(name)?;
        let resource = self.exchange_resource(name);
        if name.starts_with("amq.") {
            let text = format!("deletion of system {resource} not allowed");
            return Err(Exception::new(Code::AccessRefused, text));
        }
        match self.exchanges.get(name) {
            None => Ok(false),
            Some(exchange) if if_unused && exchange.is_used() => {
                Err(Exception::precondition_failed(format!("{resource} in use")))
            }
            Some(_) => Ok(true),
        }
    }

    /// Whether a binding may be made by this connection: both ends are there, the source looked at
    /// first, and the exchange likes the arguments.
    ///
    /// # Errors
    /// 403 for the default exchange, 404, 405, 406.
    pub fn check_bind(&self, binding: &Binding, link: LinkId) -> Result<(), Exception> {
        self.check_ends(binding)?;
        let source = self.exchange(&binding.source)?;
        match &binding.destination {
            Destination::Queue(queue) => drop(self.queue(queue)?),
            Destination::Exchange(exchange) => drop(self.exchange(exchange)?),
        }
        source.check_binding(&binding.arguments)?;
        match &binding.destination {
            Destination::Queue(queue) => self.accessible_queue(queue, link).map(drop),
            Destination::Exchange(_) => Ok(()),
        }
    }

    /// Whether a binding is there and may be removed by this connection. What is missing is no
    /// error.
    ///
    /// # Errors
    /// 403 for the default exchange, 405.
    pub fn check_unbind(&self, binding: &Binding, link: LinkId) -> Result<bool, Exception> {
        self.check_ends(binding)?;
        let bound = |exchange: &Exchange| exchange.bindings().any(|b| b == binding);
        if !self.exchanges.get(&binding.source).is_some_and(bound) {
            return Ok(false);
        }
        if let Destination::Queue(queue) = &binding.destination {
            self.accessible_queue(queue, link)?;
        }
        Ok(true)
    }

    fn check_ends(&self, binding: &Binding) -> Result<(), Exception> {
        if let Destination::Exchange(exchange) = &binding.destination {
            check_not_default(exchange)?;
        }
        check_not_default(&binding.source)
    }

    /// Whether a binding survives a restart: if both its ends do.
    #[must_use]
    pub fn is_durable(&self, binding: &Binding) -> bool {
        let exchange = |name: &Name| self.exchanges.get(name).is_some_and(|e| e.declared.durable);
        let destination = match &binding.destination {
            Destination::Queue(queue) => self.queues.get(queue).is_some_and(|q| q.declared.durable),
            Destination::Exchange(name) => exchange(name),
        };
        exchange(&binding.source) && destination
    }

    /// Makes a binding; false if it was there.
    pub fn bind(&mut self, binding: Binding) -> bool {
        match Rc::make_mut(&mut self.exchanges).get_mut(&binding.source) {
            Some(exchange) => exchange.bind(binding),
            None => false,
        }
    }

    /// Removes bindings and exchanges that go with their last one.
    pub fn unbind(&mut self, binding: &Binding) -> Gone {
        let mut gone = Gone::default();
        self.unbind_into(binding, &mut gone);
        gone
    }

    /// Removes an exchange, its bindings, and what goes with them.
    pub fn delete_exchange(&mut self, name: &Name) -> Gone {
        let mut gone = Gone::default();
        self.delete_exchange_into(name, &mut gone);
        gone
    }

    /// Removes all bindings to a queue, and what goes with them.
    pub fn unbind_queue(&mut self, queue: &Name) -> Gone {
        let mut gone = Gone::default();
        self.unbind_destination(&Destination::Queue(queue.clone()), &mut gone);
        gone
    }

    fn unbind_destination(&mut self, destination: &Destination, gone: &mut Gone) {
        let of = |exchange: &Exchange| -> Vec<Binding> {
            let bindings = exchange.bindings();
            let of = bindings.filter(|b| b.destination == *destination);
            of.cloned().collect()
        };
        let bindings: Vec<Binding> = self.exchanges.values().flat_map(of).collect();
        for binding in &bindings {
            self.unbind_into(binding, gone);
        }
    }

    fn unbind_into(&mut self, binding: &Binding, gone: &mut Gone) {
        let exchanges = Rc::make_mut(&mut self.exchanges);
        let Some(exchange) = exchanges.get_mut(&binding.source) else {
            return;
        };
        if !exchange.unbind(binding) {
            return;
        }
        gone.bindings.push(binding.clone());
        if exchange.declared.auto_delete && !exchange.is_used() {
            let name = exchange.declared.name.clone();
            self.delete_exchange_into(&name, gone);
        }
    }

    fn delete_exchange_into(&mut self, name: &Name, gone: &mut Gone) {
        let Some(exchange) = Rc::make_mut(&mut self.exchanges).remove(name) else {
            return;
        };
        gone.exchanges.push(name.clone());
        gone.bindings.extend(exchange.bindings().cloned());
        self.unbind_destination(&Destination::Exchange(name.clone()), gone);
    }

    /// The queues that a message goes to, each once, in the order of their names
    /// (`rabbit_exchange:route/2`). Exchanges on the way are visited once, so a cycle ends; one
    /// that routes nowhere hands the message to its alternate exchange.
    #[must_use]
    pub fn route(&self, message: &Message, keys: &[Name]) -> SortedSet<Name> {
        if message.exchange.is_empty() {
            let bound = keys.iter().filter(|key| self.queues.contains_key(*key));
            return bound.cloned().collect();
        }
        let mut queues = SortedSet::new();
        let mut seen = SortedSet::from([message.exchange.clone()]);
        let mut work = alloc::vec![message.exchange.clone()];
        while let Some(name) = work.pop() {
            let Some(exchange) = self.exchanges.get(&name) else {
                continue;
            };
            let mut destinations = exchange.destinations(message, keys);
            if destinations.is_empty() {
                let arguments = &exchange.declared.arguments;
                let alternate = arguments.get("alternate-exchange");
                let alternate = alternate.and_then(FieldValue::as_text);
                destinations.extend(alternate.cloned().map(Destination::Exchange));
            }
            for destination in destinations {
                match destination {
                    Destination::Queue(queue) => drop(queues.insert(queue)),
                    Destination::Exchange(exchange) => {
                        if seen.insert(exchange.clone()) {
                            work.push(exchange);
                        }
                    }
                }
            }
        }
        queues
    }
}

/// 403 for the default exchange, which cannot be declared, deleted or bound.
fn check_not_default(exchange: &str) -> Result<(), Exception> {
    if exchange.is_empty() {
        let text = "operation not permitted on the default exchange";
        return Err(Exception::new(Code::AccessRefused, text));
    }
    Ok(())
}

/// 403 for a new queue or exchange whose name is the broker's own.
///
/// # Errors
/// If the name begins with `amq.`.
pub fn check_name(kind: &str, name: &str) -> Result<(), Exception> {
    if name.starts_with("amq.") {
        let text = format!("{kind} name '{name}' contains reserved prefix 'amq.*'");
        return Err(Exception::new(Code::AccessRefused, text));
    }
    Ok(())
}

/// A name without line ends, which declarations and bindings drop (`strip_cr_lf`).
#[must_use]
pub fn stripped(name: &Name) -> Name {
    if name.contains(['\r', '\n']) {
        name.replace(['\r', '\n'], "").into()
    } else {
        name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(declares: &[(&str, &str, bool)]) -> VHost {
        let mut vhost = VHost::new("/".into());
        for (name, kind, auto_delete) in declares {
            let wanted = ExchangeDeclare {
                exchange: (*name).into(),
                kind: (*kind).into(),
                auto_delete: *auto_delete,
                ..ExchangeDeclare::default()
            };
            let declared = vhost.check_exchange_declare(&wanted).unwrap().unwrap();
            let exchange = Exchange::new(declared);
            Rc::make_mut(&mut vhost.exchanges).insert((*name).into(), exchange);
        }
        vhost
    }

    fn bind(vhost: &mut VHost, source: &str, destination: Destination, key: &str) -> Binding {
        let binding = Binding::new(source.into(), destination, key.into(), &Table::new());
        assert!(vhost.bind(binding.clone()));
        binding
    }

    fn exchange(name: &str) -> Destination {
        Destination::Exchange(name.into())
    }

    fn queue(name: &str) -> Destination {
        Destination::Queue(name.into())
    }

    fn routed(vhost: &VHost, exchange: &str, key: &str) -> Vec<Name> {
        let message = Message {
            exchange: exchange.into(),
            routing_key: key.into(),
            content: super::super::message::Content::default(),
        };
        vhost.route(&message, &[key.into()]).into_iter().collect()
    }

    #[test]
    fn a_cycle_of_exchanges_ends_and_each_queue_gets_one_copy() {
        let mut vhost = with(&[("a", "fanout", false), ("b", "topic", false)]);
        bind(&mut vhost, "a", exchange("b"), "");
        bind(&mut vhost, "b", exchange("a"), "#");
        bind(&mut vhost, "a", exchange("a"), "");
        bind(&mut vhost, "a", queue("q1"), "");
        bind(&mut vhost, "b", queue("q2"), "k");
        assert_eq!(routed(&vhost, "b", "k"), ["q1".into(), "q2".into()]);
        assert_eq!(routed(&vhost, "a", "x"), ["q1".into()]);
    }

    #[test]
    fn auto_delete_exchanges_go_with_their_last_binding_one_after_the_other() {
        let mut vhost = with(&[("a", "fanout", true), ("b", "fanout", true)]);
        bind(&mut vhost, "a", exchange("b"), "");
        let last = bind(&mut vhost, "b", queue("q"), "");
        let gone = vhost.unbind(&last);
        assert_eq!(gone.exchanges, ["b".into(), "a".into()]);
        assert_eq!(gone.bindings.len(), 2);
    }

    #[test]
    fn the_alternate_exchange_takes_what_goes_nowhere() {
        let mut vhost = with(&[("spare", "fanout", false)]);
        let wanted = ExchangeDeclare {
            exchange: "main".into(),
            kind: "direct".into(),
            arguments: serde_json::from_str(r#"{"alternate-exchange":"spare"}"#).unwrap(),
            ..ExchangeDeclare::default()
        };
        let declared = vhost.check_exchange_declare(&wanted).unwrap().unwrap();
        Rc::make_mut(&mut vhost.exchanges).insert("main".into(), Exchange::new(declared));
        bind(&mut vhost, "main", queue("q"), "k");
        bind(&mut vhost, "spare", queue("rest"), "");
        assert_eq!(routed(&vhost, "main", "k"), ["q".into()]);
        assert_eq!(routed(&vhost, "main", "other"), ["rest".into()]);
    }
}
