//! The deterministic world around the protocols.

pub mod agenda;
pub mod bites;
pub mod cast;
pub mod causality;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod conform;
pub mod dice;
pub mod disk;
pub mod event;
pub mod export;
pub mod fault;
pub mod judge;
pub mod ledger;
mod network;
mod own;
pub mod play;
pub mod process;
pub mod scenario;
pub mod timeline;
pub mod timers;
pub mod toy;
pub mod trace;
pub mod words;
pub mod world;

pub use network::NetworkPace;
