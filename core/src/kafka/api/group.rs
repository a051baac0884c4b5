//! The APIs of consumer groups, answered by a group's coordinator.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::error::ErrorCode;
use crate::kafka::topic::Endpoint;
use crate::names::Name;

/// A request about a group.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Request {
    /// Ask any broker who coordinates these groups (API key 10).
    FindCoordinator(Vec<Name>),
}

/// A response about a group.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub enum Response {
    /// To FindCoordinator.
    FindCoordinator(Vec<FoundCoordinator>),
}

/// One group of a `FindCoordinatorResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct FoundCoordinator {
    /// The group.
    pub group: Name,
    /// COORDINATOR_NOT_AVAILABLE while there is none.
    pub error: ErrorCode,
    /// The coordinator.
    pub coordinator: Option<Endpoint>,
}

impl Request {
    /// The API's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Request::FindCoordinator(_) => "FindCoordinator",
        }
    }

    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Request::FindCoordinator(groups) => {
                5 + groups.iter().map(|g| 2 + g.len() as u64).sum::<u64>()
            }
        }
    }
}

impl Response {
    /// The schema's name.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Response::FindCoordinator(_) => "FindCoordinatorResponse",
        }
    }

    /// Its size without the header, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Response::FindCoordinator(found) => {
                8 + found.iter().map(|f| 26 + f.group.len() as u64).sum::<u64>()
            }
        }
    }
}
