//! Collections that a keyframe shares with the running world.
//!
//! `World: Clone` is the keyframe, so whatever can grow with a run lives in one of these. A clone
//! copies one pointer (of a [`Deque`] or [`Log`] of at most 16 items: the items); the first change
//! after it copies a few chunks of 32 items and the pointers that lead to them; a clone never sees
//! a later change. Order, equality, `Debug` and fingerprints depend on contents alone, never on how
//! they are cut into chunks.
//!
//! Why not a library. In nanoseconds, at 1,000 / 1,000,000 items of 100 bytes, in one run on a
//! machine with other work:
//!
//! | | in and out | get | clone | first touch after it |
//! |---|---|---|---|---|
//! | `Deque` | 22 / 28 | 8 / 33 | 15 | 1,000 / 1,900 |
//! | `std` `VecDeque` | 8 / 62 | 2 / 2 | 2,800 / 75,000,000 | |
//! | `Log` (in only) | 14 / 57 | 9 / 68 | 9 | 440 / 1,100 |
//! | rpds `Vector` (in only) | 63 / 156 | 6 / 188 | 10 | 360 / 38,000 |
//! | `Map` | 198 / 503 | 30 / 1,700 | 5 | 600 / 3,000 |
//! | rpds `RedBlackTreeMap` | 781 / 2,089 | 26 / 5,770 | 10 | 460 / 6,000 |
//! | `std` `BTreeMap` | 289 / 746 | 57 / 2,795 | 8,000 / 110,000,000 | |
//!
//! rpds pays one or two allocations for each entry. The ordered map of `imbl` is about as fast as
//! this one (in and out 199 / 428, get 48 / 814, touch 800 / 4,300, in another run with items of
//! 64 bytes), but it needs the standard library, whose absence keeps clocks and IO out of this
//! crate. The first change after a clone allocates at most 10 KB, at a million items.
//!
//! A small deque takes one in and gives one out in 7 ns, as `VecDeque` does. A shared pointer
//! around it cost 14 ns more, of which `Rc` saves those that an `Arc` needs to find out by a locked
//! instruction whether it is shared: a world is played on one thread.
//!
//! What stays small shares nothing: [`SortedMap`] and [`SortedSet`] are sorted vectors, which a
//! clone copies. `std`'s `BTreeMap` in their place was a quarter of the browser's module.

mod chunks;
mod deque;
mod ends;
mod log;
mod map;
mod room;
mod sorted_map;
mod sorted_set;
mod tree;

pub use deque::{Deque, Iter};
pub use log::Log;
pub use map::{Map, Range};
pub use room::Room;
pub use sorted_map::SortedMap;
pub use sorted_set::SortedSet;

#[cfg(test)]
mod sorted_tests;
#[cfg(test)]
mod tests;
