//! A definitions file, in exactly the layout that RabbitMQ exports (`rabbitmqctl
//! export_definitions`): what a node that starts for the first time imports.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::binding::{Binding, Destination};
use super::error::Exception;
use super::exchange::Exchange;
use super::field_value::{FieldValue, Table};
use super::method::{ExchangeDeclare, QueueDeclare};
use super::queue::check_arguments;
use super::vhost::VHost;
use crate::names::{Name, NodeId};
use crate::shared::SortedMap;

/// The whole file. What is not modelled is kept, so that it can be named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Definitions {
    /// Who may log in; `guest` with password `guest` if nobody is named.
    pub users: Vec<User>,
    /// Virtual hosts; `/` if none is named.
    pub vhosts: Vec<Named>,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Exchanges.
    pub exchanges: Vec<ExchangeDefinition>,
    /// Bindings.
    pub bindings: Vec<BindingDefinition>,
    /// Not modelled, unless each grants everything.
    pub permissions: Vec<Permission>,
    /// Not modelled.
    pub topic_permissions: Vec<Table>,
    /// Not modelled.
    pub policies: Vec<Table>,
    /// Not modelled.
    pub parameters: Vec<Table>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its name.
    pub name: Name,
    /// The password; a real export has only its hash, then it is the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Name>,
}

/// A virtual host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: Name,
}

/// A queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Queue {
    /// Its name.
    pub name: Name,
    /// Its virtual host.
    pub vhost: Name,
    /// Survives a restart.
    pub durable: bool,
    /// Goes with its last consumer.
    pub auto_delete: bool,
    /// Further wishes.
    pub arguments: Table,
}

/// An exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExchangeDefinition {
    /// Its name.
    pub name: Name,
    /// Its virtual host.
    pub vhost: Name,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Name,
    /// Survives a restart.
    pub durable: bool,
    /// Goes with its last binding.
    pub auto_delete: bool,
    /// Takes messages from exchanges only.
    pub internal: bool,
    /// Further wishes.
    pub arguments: Table,
}

/// A binding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BindingDefinition {
    /// The exchange that messages come from.
    pub source: Name,
    /// The virtual host of both ends.
    pub vhost: Name,
    /// Where they go.
    pub destination: Name,
    /// `queue` or `exchange`.
    pub destination_type: Name,
    /// The binding key.
    pub routing_key: Name,
    /// What a headers exchange matches with.
    pub arguments: Table,
}

/// A user's rights in a virtual host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permission {
    /// Whose.
    pub user: Name,
    /// Where.
    pub vhost: Name,
    /// What may be declared, as a regular expression.
    pub configure: Name,
    /// What may be written to.
    pub write: Name,
    /// What may be read from.
    pub read: Name,
}

impl Definitions {
    /// Whether a node could import this; every definition that it would refuse, and why.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut vhosts: SortedMap<Name, VHost> = self
            .vhosts()
            .map(|name| (name.clone(), VHost::new(name)))
            .collect();
        let unknown = |vhost: &str| Exception::not_found(&format!("vhost '{vhost}'"));
        let mut note = |what: &str, name: &str, result: Result<(), Exception>| {
            if let Err(exception) = result {
                problems.push(format!("{what} '{name}': {}", exception.explanation));
            }
        };
        for (vhost, declare) in self.exchanges() {
            let found = vhosts.get_mut(&vhost).ok_or_else(|| unknown(&vhost));
            let result = found.and_then(|found| {
                if let Some(declared) = found.check_exchange_declare(&declare)? {
                    let name = declared.name.clone();
                    Rc::make_mut(&mut found.exchanges).insert(name, Exchange::new(declared));
                }
                Ok(())
            });
            note("exchange", &declare.exchange, result);
        }
        let mut queues = Vec::new();
        for (vhost, declare) in self.queues() {
            let found = vhosts.get(&vhost).ok_or_else(|| unknown(&vhost));
            let result = found.and_then(|found| {
                let resource = found.queue_resource(&declare.queue);
                check_arguments(&resource, &declare.arguments).map(drop)
            });
            note("queue", &declare.queue, result);
            queues.push((vhost, declare.queue));
        }
        for (vhost, binding) in self.bindings() {
            let found = vhosts.get(&vhost).ok_or_else(|| unknown(&vhost));
            let result = found.and_then(|found| {
                let source = found.exchange(&binding.source)?;
                source.check_binding(&binding.arguments)?;
                match &binding.destination {
                    Destination::Exchange(name) => found.exchange(name).map(drop),
                    Destination::Queue(name) => {
                        let known = queues.contains(&(vhost.clone(), name.clone()));
                        let missing = || Exception::not_found(&found.queue_resource(name));
                        known.then_some(()).ok_or_else(missing)
                    }
                }
            });
            note("binding from", &binding.source, result);
        }
        problems.extend(self.not_modelled());
        problems
    }

    fn not_modelled(&self) -> Vec<String> {
        let named = |kind: &str, tables: &[Table]| -> Vec<String> {
            let name = |table: &Table| {
                let name = table.get("name").and_then(FieldValue::as_text);
                name.map_or_else(String::new, |name| format!(" '{name}'"))
            };
            let say = |table| format!("not modelled: {kind}{}", name(table));
            tables.iter().map(say).collect()
        };
        let mut list = named("policy", &self.policies);
        list.extend(named("parameter", &self.parameters));
        list.extend(named("topic permission", &self.topic_permissions));
        let limited = self.permissions.iter().filter(|p| {
            [&p.configure, &p.write, &p.read]
                .iter()
                .any(|right| &***right != ".*")
        });
        list.extend(limited.map(|p| format!("not modelled: permissions of '{}'", p.user)));
        list
    }

    /// Who may log in with which password.
    #[must_use]
    pub fn users(&self) -> SortedMap<Name, Name> {
        if self.users.is_empty() {
            return SortedMap::from([("guest".into(), "guest".into())]);
        }
        let password = |user: &User| user.password.clone().unwrap_or_else(|| user.name.clone());
        let users = self.users.iter();
        users
            .map(|user| (user.name.clone(), password(user)))
            .collect()
    }

    /// The virtual hosts.
    pub fn vhosts(&self) -> impl Iterator<Item = Name> {
        let named = self.vhosts.iter().map(|vhost| vhost.name.clone());
        named.chain(self.vhosts.is_empty().then(|| Name::from("/")))
    }

    /// The exchanges by virtual host, as if clients declared them.
    pub fn exchanges(&self) -> impl Iterator<Item = (Name, ExchangeDeclare)> {
        self.exchanges.iter().map(|exchange| {
            let declare = ExchangeDeclare {
                exchange: exchange.name.clone(),
                kind: exchange.kind.clone(),
                passive: false,
                durable: exchange.durable,
                auto_delete: exchange.auto_delete,
                internal: exchange.internal,
                arguments: exchange.arguments.clone(),
            };
            (exchange.vhost.clone(), declare)
        })
    }

    /// The queues by virtual host, as if clients declared them.
    pub fn queues(&self) -> impl Iterator<Item = (Name, QueueDeclare)> {
        self.queues.iter().map(|queue| {
            let declare = QueueDeclare {
                queue: queue.name.clone(),
                passive: false,
                durable: queue.durable,
                exclusive: false,
                auto_delete: queue.auto_delete,
                arguments: queue.arguments.clone(),
            };
            (queue.vhost.clone(), declare)
        })
    }

    /// The bindings by virtual host.
    pub fn bindings(&self) -> impl Iterator<Item = (Name, Binding)> {
        self.bindings.iter().map(|binding| {
            let destination = binding.destination.clone();
            let destination = match &*binding.destination_type {
                "exchange" => Destination::Exchange(destination),
                _ => Destination::Queue(destination),
            };
            let (source, key) = (binding.source.clone(), binding.routing_key.clone());
            let bound = Binding::new(source, destination, key, &binding.arguments);
            (binding.vhost.clone(), bound)
        })
    }
}

/// What a broker is started with when nothing else is said.
impl super::broker::Setup {
    /// Defaults, and nothing declared.
    #[must_use]
    pub fn new(node: NodeId) -> Self {
        super::broker::Setup {
            node,
            config: super::broker::Config::default(),
            definitions: Definitions::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_read_and_what_is_wrong_or_not_modelled_is_named() {
        let text = r#"{"rabbit_version":"3.10.8",
            "users":[{"name":"guest","password_hash":"x","tags":["administrator"]}],
            "vhosts":[{"name":"/","limits":[]}],
            "permissions":[{"user":"guest","vhost":"/","configure":".*","write":".*","read":"^$"}],
            "policies":[{"name":"ha","pattern":"","definition":{"ha-mode":"all"}}],
            "queues":[{"name":"q","vhost":"/","durable":true,"auto_delete":false,"arguments":{}},
                      {"name":"bad","vhost":"/","arguments":{"x-expires":0}}],
            "exchanges":[{"name":"e","vhost":"/","type":"odd"}],
            "bindings":[{"source":"amq.direct","vhost":"/","destination":"q",
                         "destination_type":"queue","routing_key":"k","arguments":{}},
                        {"source":"e","vhost":"/","destination":"q","destination_type":"queue"}]}"#;
        let definitions: Definitions = serde_json::from_str(text).unwrap();
        assert_eq!(
            definitions.problems(),
            [
                "exchange 'e': unknown exchange type 'odd'",
                "queue 'bad': invalid arg 'x-expires' for queue 'bad' in vhost '/': {value_zero,0}",
                "binding from 'e': no exchange 'e' in vhost '/'",
                "not modelled: policy 'ha'",
                "not modelled: permissions of 'guest'",
            ]
        );
        assert_eq!(definitions.users().get("guest"), Some(&"guest".into()));
    }
}
