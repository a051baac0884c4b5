//! Collections that a keyframe shares with the running world.
//!
//! `World: Clone` is the keyframe, so whatever can grow with a run lives in one of these: a clone
//! costs the same at ten items and at a million, the first change after it copies a few chunks,
//! and a clone never sees a later change. They keep what changes most in memory of their own
//! (at most a chunk, two in a [`Deque`]) and only the rest behind [`alloc::sync::Arc`]: a link
//! with a handful of frames in flight pays for no shared pointer and no atomic count.
//!
//! Order, equality, `Debug` and fingerprints depend on contents alone, never on how they happen
//! to be cut into chunks.

mod chunks;
mod deque;
mod log;

pub use deque::{Deque, Iter};
pub use log::Log;

#[cfg(test)]
mod tests;
