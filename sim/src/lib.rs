//! The deterministic world around the protocols.

#[cfg(feature = "cli")]
pub mod cli;
pub mod conform;
pub mod scenario;
