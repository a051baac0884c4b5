//! Who is at the other end of a connection.

use glassmq_core::names::{LinkId, NodeId};
use glassmq_core::shared::SortedMap;

use crate::cast::Cast;
use crate::event::{Event, What};

/// All connections ever asked for, with who they lead to.
#[derive(Clone, Debug, Default)]
pub struct Peers(SortedMap<LinkId, NodeId>);

impl Peers {
    /// Notes a connection when it is asked for.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        if let What::Connecting { to, link } = event.what {
            self.0.insert(link, to);
        }
    }

    /// Who is at the end of a link that `node` does not hold.
    #[must_use]
    pub fn of(&self, link: LinkId, node: NodeId) -> NodeId {
        if link.opener == node {
            self.0.get(&link).copied().unwrap_or(node)
        } else {
            link.opener
        }
    }
}
