//! The deterministic world around the protocols.

pub mod conform;
pub mod scenario;
