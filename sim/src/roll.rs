//! The names of a world's processes, by number, for sentences.

use std::sync::Arc;

use glassmq_core::names::{MessageId, Name, NodeId};
use glassmq_core::subject::Place;

/// Who is who. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Roll(Arc<[Name]>);

impl Roll {
    /// The name of a process; its number, if it has none.
    #[must_use]
    pub fn node(&self, node: NodeId) -> Name {
        let name = self.0.get(node.0 as usize);
        name.map_or_else(|| node.0.to_string().into(), Name::clone)
    }

    /// A message as people write it: `shop/17`.
    #[must_use]
    pub fn message(&self, id: MessageId) -> String {
        format!("{}/{}", self.node(id.client), id.n)
    }

    /// Messages as people write them: `shop/17, shop/18 and 3 more`.
    #[must_use]
    pub fn messages(&self, ids: &[MessageId]) -> String {
        const NAMED: usize = 4;
        let named: Vec<String> = ids.iter().take(NAMED).map(|id| self.message(*id)).collect();
        let mut text = named.join(", ");
        if ids.is_empty() {
            text.push_str("a message without a name");
        }
        if ids.len() > NAMED {
            text.push_str(&format!(" and {} more", ids.len() - NAMED));
        }
        text
    }

    /// A place: `hello`, `orders-0 on kafka-1`.
    #[must_use]
    pub fn place(&self, place: &Place) -> String {
        match place {
            Place::Client(node) => self.node(*node).to_string(),
            Place::Queue { queue, .. } => queue.to_string(),
            Place::Replica {
                node,
                topic,
                partition,
            } => format!("{topic}-{partition} on {}", self.node(*node)),
        }
    }
}

impl<N: Into<Name>> FromIterator<N> for Roll {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Roll(names.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_counted() {
        let roll: Roll = ["shop"].into_iter().collect();
        let ids = |count| -> Vec<MessageId> {
            let client = NodeId(0);
            (0..count).map(|n| MessageId { client, n }).collect()
        };
        assert_eq!(roll.messages(&ids(2)), "shop/0, shop/1");
        assert_eq!(
            roll.messages(&ids(6)),
            "shop/0, shop/1, shop/2, shop/3 and 2 more"
        );
        assert_eq!(roll.messages(&[]), "a message without a name");
    }
}
