//! Messages and places as sentences name them.

use glassmq_core::names::MessageId;
use glassmq_core::subject::Place;

use crate::play::names::Names;

/// Messages as people write them: `shop/17, shop/18 and 3 more`.
#[must_use]
pub fn messages(ids: &[MessageId], names: &Names) -> String {
    const NAMED: usize = 4;
    let named: Vec<String> = ids
        .iter()
        .take(NAMED)
        .map(|id| names.message(*id))
        .collect();
    match (ids.len(), ids.len().saturating_sub(NAMED)) {
        (0, _) => "a message without a name".into(),
        (_, 0) => named.join(", "),
        (_, more) => format!("{} and {more} more", named.join(", ")),
    }
}

/// The word for one message, or that for several.
#[must_use]
pub const fn of<'a>(ids: &[MessageId], one: &'a str, several: &'a str) -> &'a str {
    if ids.len() > 1 { several } else { one }
}

/// A place: `hello`, `orders-0 on kafka-1`.
#[must_use]
pub fn place(place: &Place, names: &Names) -> String {
    match place {
        Place::Client(node) => names.of(*node).into(),
        Place::Queue { queue, .. } => queue.to_string(),
        Place::Replica {
            node,
            topic,
            partition,
        } => format!("{topic}-{partition} on {}", names.of(*node)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassmq_core::names::NodeId;

    #[test]
    fn long_lists_are_counted() {
        let names = Names::new(["shop".into()]);
        let ids = |count| -> Vec<MessageId> {
            let client = NodeId(0);
            (0..count).map(|n| MessageId { client, n }).collect()
        };
        assert_eq!(messages(&ids(2), &names), "shop/0, shop/1");
        assert_eq!(
            messages(&ids(6), &names),
            "shop/0, shop/1, shop/2, shop/3 and 2 more"
        );
        assert_eq!(messages(&[], &names), "a message without a name");
    }
}
