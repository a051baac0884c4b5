//! The small identities that cross the boundary.

use alloc::rc::Rc;
use core::fmt;

use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

/// A name given by people: a queue, a topic, a group. Cheap to clone.
pub type Name = Rc<str>;

/// A process: one broker, one controller or one client. Its place in the world's list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Fingerprint, Serialize, Deserialize,
)]
pub struct NodeId(pub u32);

/// A TCP connection, named by who opened it and the how-many-eth that was.
///
/// Machines speak to connections, never to nodes: one process may hold several to one node, and a
/// reply goes back on the connection its request came from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Fingerprint, Serialize, Deserialize,
)]
pub struct LinkId {
    /// Who connected.
    pub opener: NodeId,
    /// Counted by opener from 0, never reused, not even by a restarted process.
    pub ordinal: u32,
}

/// A file of one node. The machine chooses the numbers and knows what they mean after a restart.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Fingerprint, Serialize, Deserialize,
)]
pub struct FileId(pub u64);

/// A message as its application knows it: the `n`th that `client` sent, counted from 0.
///
/// Given once, at the application's send. It rides along as metadata of no size: copies, resends
/// and dead-lettered messages keep it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Fingerprint, Serialize, Deserialize,
)]
pub struct MessageId {
    /// The client that sent it.
    pub client: NodeId,
    /// Counted from 0.
    pub n: u32,
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.opener.0, self.ordinal)
    }
}
