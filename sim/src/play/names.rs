//! The names of the processes of a run, and how messages and connections are written with them.

use glassmq_core::kafka::api::control::ReplicaId;
use glassmq_core::kafka::topic::BrokerId;
use glassmq_core::names::{LinkId, MessageId, Name, NodeId};
use glassmq_core::shared::SortedMap;

/// `controller.quorum.voters` have ids of their own, far from those of the brokers.
const VOTERS_AFTER: u32 = 100;

/// The name of the broker with a `node.id`.
#[must_use]
pub fn broker(id: BrokerId) -> String {
    format!("kafka-{}", id.0)
}

/// The name of the controller with a `node.id`.
#[must_use]
pub fn voter(id: ReplicaId) -> String {
    format!("controller-{}", id.0.saturating_sub(VOTERS_AFTER))
}

/// The `node.id` of the `n`th controller, counted from 1.
#[must_use]
pub const fn voter_id(n: u32) -> ReplicaId {
    ReplicaId(VOTERS_AFTER + n)
}

/// Who is who.
#[derive(Clone, Debug, Default)]
pub struct Names {
    of: Vec<Name>,
    by_name: SortedMap<Name, NodeId>,
}

impl Names {
    /// In the order of their nodes.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = Name>) -> Self {
        let of: Vec<Name> = names.into_iter().collect();
        let numbered = of.iter().zip(0u32..);
        let by_name = numbered
            .map(|(name, n)| (name.clone(), NodeId(n)))
            .collect();
        Names { of, by_name }
    }

    /// The name of a process.
    #[must_use]
    pub fn of(&self, node: NodeId) -> &str {
        self.of.get(node.0 as usize).map_or("?", |name| name)
    }

    /// The process of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.by_name.get(name).copied()
    }

    /// All processes.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.of.len() as u32).map(NodeId)
    }

    /// A message as scenarios write it: `shop/17`.
    #[must_use]
    pub fn message(&self, id: MessageId) -> String {
        format!("{}/{}", self.of(id.client), id.n)
    }

    /// A connection by who opened it and which of its connections it is: `shop#0`.
    #[must_use]
    pub fn link(&self, id: LinkId) -> String {
        format!("{}#{}", self.of(id.opener), id.ordinal)
    }
}
