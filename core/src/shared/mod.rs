//! Collections that a keyframe shares with the running world.
//!
//! `World: Clone` is the keyframe, so whatever can grow with a run lives in one of these. A clone
//! copies one pointer, whatever the size; the first change after it copies a few chunks of 32
//! items and the pointers that lead to them; a clone never sees a later change. Order, equality,
//! `Debug` and fingerprints depend on contents alone, never on how they are cut into chunks.
//!
//! Nobody should fear to use them where a plain collection would do. An unshared change must be as
//! cheap as in `VecDeque`, which rules out `alloc::sync::Arc`: it finds out whether it is shared by
//! a locked instruction, 6 to 12 ns for each push and each pop. [`triomphe::Arc`] has no weak
//! references and needs but a plain load, and keeps the world `Send`.
//!
//! Why not a library, in nanoseconds at 1,000 / 1,000,000 items of 100 bytes
//! (`cargo bench -p glassmq-core`, on a machine with other work):
//!
//! | | in and out | get | clone | first touch after it |
//! |---|---|---|---|---|
//! | `Deque` | 13 / 26 | 8 / 45 | 3 | 1,100 / 1,900 |
//! | `std` `VecDeque` | 7 / 62 | 2 / 2 | 3,800 / 71,000,000 | |
//! | `Log` (in only) | 22 / 48 | 14 / 58 | 3 | 700 / 1,300 |
//! | rpds `Vector` (in only) | 50 / 95 | 5 / 148 | 10 | 400 / 37,000 |
//! | `Map` | 215 / 312 | 40 / 1,232 | 4 | 750 / 1,900 |
//! | rpds `RedBlackTreeMap` | 569 / 1,273 | 26 / 2,741 | 10 | 660 / 2,500 |
//! | `std` `BTreeMap` | 93 / 206 | 16 / 496 | 7,600 / 37,000,000 | |
//!
//! rpds pays one or two allocations for each entry. The ordered map of `imbl` is about as fast as
//! this one (in and out 199 / 428, get 48 / 814, touch 800 / 4,300, with items of 64 bytes), but
//! it needs the standard library, whose absence keeps clocks and IO out of this crate. The first
//! change after a clone allocates at most 10 KB, at a million items.

mod chunks;
mod deque;
mod ends;
mod log;
mod map;
mod tree;

pub use deque::{Deque, Iter};
pub use log::Log;
pub use map::{Map, Range};

#[cfg(test)]
mod tests;
