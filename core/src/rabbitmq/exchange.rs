//! An exchange: its type and properties, and what is bound to it, arranged for routing.

use alloc::format;

use serde::{Deserialize, Serialize};

use super::binding::{Binding, Destination};
use super::error::{Code, Exception};
use super::field_value::Table;
use super::headers;
use super::message::Message;
use super::topic::Trie;
use crate::fingerprint::Fingerprint;
use crate::names::Name;
use crate::shared::{SortedMap, SortedSet};

/// How an exchange chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// By the whole key.
    Direct,
    /// Everyone.
    Fanout,
    /// By patterns of words.
    Topic,
    /// By header fields.
    Headers,
}

/// What an exchange is declared as.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Declaration {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: Kind,
    /// Survives a restart.
    pub durable: bool,
    /// Goes with its last binding.
    pub auto_delete: bool,
    /// Takes messages from exchanges only.
    pub internal: bool,
    /// `alternate-exchange`; others are kept and mean nothing.
    pub arguments: Table,
}

/// An exchange and what is bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Exchange {
    /// What it was declared as.
    pub declared: Declaration,
    bindings: SortedSet<Binding>,
    routes: Routes,
}

/// The bindings again, in the form that the type routes by.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
enum Routes {
    /// Who is bound with a key, and how often (with different arguments).
    Direct(SortedMap<Name, SortedMap<Destination, u32>>),
    /// Who is bound, and how often.
    Fanout(SortedMap<Destination, u32>),
    Topic(Trie),
    /// The bindings themselves.
    Headers,
}

impl Kind {
    /// The type by its name.
    ///
    /// # Errors
    /// 503 for a type that no broker knows; "not modelled" for one that a plugin brings.
    pub fn named(name: &str) -> Result<Kind, Exception> {
        match name {
            "direct" => Ok(Kind::Direct),
            "fanout" => Ok(Kind::Fanout),
            "topic" => Ok(Kind::Topic),
            "headers" => Ok(Kind::Headers),
            "x-consistent-hash" => Err(Exception::not_modelled("x-consistent-hash")),
            _ => Err(Exception::new(
                Code::CommandInvalid,
                format!("unknown exchange type '{name}'"),
            )),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Direct => "direct",
            Kind::Fanout => "fanout",
            Kind::Topic => "topic",
            Kind::Headers => "headers",
        }
    }
}

impl Exchange {
    /// An exchange to which nothing is bound.
    #[must_use]
    pub fn new(declared: Declaration) -> Self {
        let routes = match declared.kind {
            Kind::Direct => Routes::Direct(SortedMap::new()),
            Kind::Fanout => Routes::Fanout(SortedMap::new()),
            Kind::Topic => Routes::Topic(Trie::default()),
            Kind::Headers => Routes::Headers,
        };
        Exchange {
            declared,
            bindings: SortedSet::new(),
            routes,
        }
    }

    /// Whether a binding with these arguments may be made.
    ///
    /// # Errors
    /// What the type objects to.
    pub fn check_binding(&self, arguments: &Table) -> Result<(), Exception> {
        match self.declared.kind {
            Kind::Headers => headers::check_binding(arguments),
            _ => Ok(()),
        }
    }

    /// Adds a binding; false if it was there already.
    pub fn bind(&mut self, binding: Binding) -> bool {
        if self.bindings.contains(&binding) {
            return false;
        }
        let destination = binding.destination.clone();
        match &mut self.routes {
            Routes::Direct(keys) => {
                let bound = keys.entry(binding.key.clone()).or_default();
                *bound.entry(destination).or_default() += 1;
            }
            Routes::Fanout(bound) => *bound.entry(destination).or_default() += 1,
            Routes::Topic(trie) => trie.insert(&binding.key, destination),
            Routes::Headers => {}
        }
        self.bindings.insert(binding)
    }

    /// Removes a binding; false if it was not there.
    pub fn unbind(&mut self, binding: &Binding) -> bool {
        if !self.bindings.remove(binding) {
            return false;
        }
        match &mut self.routes {
            Routes::Direct(keys) => {
                if let Some(bound) = keys.get_mut(&binding.key) {
                    release(bound, &binding.destination);
                    if bound.is_empty() {
                        keys.remove(&binding.key);
                    }
                }
            }
            Routes::Fanout(bound) => release(bound, &binding.destination),
            Routes::Topic(trie) => trie.remove(&binding.key, &binding.destination),
            Routes::Headers => {}
        }
        true
    }

    /// What is bound to it.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter()
    }

    /// Whether anything is bound to it.
    #[must_use]
    pub fn is_used(&self) -> bool {
        !self.bindings.is_empty()
    }

    /// Where a message with these keys goes from here, each place once. Only a direct and a topic
    /// exchange look at the keys.
    #[must_use]
    pub fn destinations(&self, message: &Message, keys: &[Name]) -> SortedSet<Destination> {
        match &self.routes {
            Routes::Direct(bound) => keys
                .iter()
                .filter_map(|key| bound.get(key))
                .flat_map(SortedMap::keys)
                .cloned()
                .collect(),
            Routes::Fanout(bound) => bound.keys().cloned().collect(),
            Routes::Topic(trie) => keys.iter().flat_map(|key| trie.matching(key)).collect(),
            Routes::Headers => {
                let none = Table::new();
                let given = message.content.properties.headers.as_ref().unwrap_or(&none);
                self.bindings
                    .iter()
                    .filter(|b| headers::headers_match(&b.arguments, given))
                    .map(|b| b.destination.clone())
                    .collect()
            }
        }
    }
}

fn release(bound: &mut SortedMap<Destination, u32>, destination: &Destination) {
    if let Some(times) = bound.get_mut(destination) {
        *times -= 1;
        if *times == 0 {
            bound.remove(destination);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rabbitmq::message::Content;

    fn exchange(kind: Kind) -> Exchange {
        Exchange::new(Declaration {
            name: "e".into(),
            kind,
            durable: false,
            auto_delete: false,
            internal: false,
            arguments: Table::new(),
        })
    }

    fn binding(queue: &str, key: &str, arguments: &str) -> Binding {
        let arguments = serde_json::from_str(arguments).unwrap();
        let queue = Destination::Queue(queue.into());
        Binding::new("e".into(), queue, key.into(), &arguments)
    }

    fn routed(exchange: &Exchange, key: &str) -> usize {
        let message = Message {
            exchange: "e".into(),
            routing_key: key.into(),
            content: Content::default(),
        };
        exchange.destinations(&message, &[key.into()]).len()
    }

    #[test]
    fn a_queue_bound_twice_gets_one_copy_and_one_unbind_leaves_the_other() {
        for kind in [Kind::Direct, Kind::Fanout, Kind::Topic] {
            let mut exchange = exchange(kind);
            assert!(exchange.bind(binding("q", "k", "{}")));
            assert!(!exchange.bind(binding("q", "k", "{}")));
            assert!(exchange.bind(binding("q", "k", r#"{"a":1}"#)));
            assert_eq!(routed(&exchange, "k"), 1, "{kind:?}");
            assert!(exchange.unbind(&binding("q", "k", "{}")));
            assert_eq!(routed(&exchange, "k"), 1, "{kind:?}");
            assert!(exchange.unbind(&binding("q", "k", r#"{"a":1}"#)));
            assert_eq!(routed(&exchange, "k"), 0, "{kind:?}");
            assert!(!exchange.unbind(&binding("q", "k", "{}")));
            assert!(!exchange.is_used());
        }
    }

    #[test]
    fn arguments_of_a_binding_have_no_order() {
        let mut exchange = exchange(Kind::Headers);
        exchange.bind(binding("q", "", r#"{"a":1,"b":2}"#));
        assert!(exchange.unbind(&binding("q", "", r#"{"b":2,"a":1}"#)));
    }
}
