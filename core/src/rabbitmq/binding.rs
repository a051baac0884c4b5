//! A binding: from an exchange to a queue or to another exchange.

use serde::{Deserialize, Serialize};

use super::field_value::Table;
use crate::fingerprint::Fingerprint;
use crate::names::Name;

/// What a binding leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// A queue.
    Queue(Name),
    /// Another exchange.
    Exchange(Name),
}

/// A binding is its four parts and nothing else: the same one twice is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub struct Binding {
    /// The exchange that messages come from.
    pub source: Name,
    /// Where they go.
    pub destination: Destination,
    /// The binding key.
    pub key: Name,
    /// Arguments, in the order of their names.
    pub arguments: Table,
}

impl Binding {
    /// A binding.
    #[must_use]
    pub fn new(source: Name, destination: Destination, key: Name, arguments: &Table) -> Self {
        Binding {
            source,
            destination,
            key,
            arguments: arguments.sorted(),
        }
    }
}

impl Destination {
    /// The queue's or exchange's name.
    #[must_use]
    pub fn name(&self) -> &Name {
        match self {
            Destination::Queue(name) | Destination::Exchange(name) => name,
        }
    }
}
