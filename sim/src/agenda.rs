//! What is due, ordered by (time, ticket).
//!
//! Time is cut into slices. The next 64 of them are a ring: what is due there is put in once, and
//! a slice is sorted when its time comes. What is due later waits on a hierarchy of wheels: a slot
//! of one level is as wide as all 64 slots of the level below, an entry waits on the level of the
//! highest bit in which its slice differs from the present one, and moves down when time reaches
//! its slot. Putting in and taking out are O(1). Slots are shared with keyframes and copied when
//! first touched. Order depends on the contents only, never on how they got there.

use std::rc::Rc;

use glassmq_core::fingerprint::{Digest, Fingerprint};

use crate::own::own;

/// log2 of a slice, in microseconds: 256 us.
const SLICE: u32 = 8;
/// log2 of the slots of a level.
const BITS: u32 = 6;
/// The slots of a level.
const SLOTS: usize = 1 << BITS;
/// Enough levels for every u64 of microseconds; the lowest is the ring.
const LEVELS: usize = 10;
/// Emptied slots kept to be filled again.
const SPARE: usize = 64;
/// Entries of the present slice that a new one is compared with one by one; beyond, by halves.
const NEAR: usize = 16;

/// One thing that is due.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// When, in microseconds of virtual time.
    pub at: u64,
    /// Breaks ties: what was asked for earlier is due earlier.
    pub ticket: u64,
    /// What.
    pub due: T,
}

impl<T> Entry<T> {
    /// Time and ticket in one number.
    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.at) << 64 | u128::from(self.ticket)
    }
}

type Slot<T> = Rc<Vec<Entry<T>>>;

#[derive(Clone, Debug)]
struct Level<T> {
    /// Which slots hold something.
    busy: u64,
    slots: Box<[Option<Slot<T>>; SLOTS]>,
}

/// The future of a world.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    /// The slice being drained, counted from 1: at first none is. Everything in the levels is
    /// later.
    slice: u64,
    /// The entries of that slice and, should the caller look back, of earlier ones; the earliest
    /// is the last.
    current: Slot<T>,
    /// The ring.
    near: Level<T>,
    /// The wheels: levels 1 and up.
    far: Vec<Level<T>>,
    /// The slice at which the next slot of the wheels that holds something begins.
    far_begins: u64,
    len: u64,
    spare: Spare<T>,
}

/// Room for slots. Not part of the contents: a copy starts without.
#[derive(Debug)]
struct Spare<T>(Vec<Slot<T>>);

impl<T> Clone for Spare<T> {
    fn clone(&self) -> Self {
        Spare(Vec::new())
    }
}

impl<T> Default for Level<T> {
    fn default() -> Self {
        Level {
            busy: 0,
            slots: Box::new([const { None }; SLOTS]),
        }
    }
}

impl<T: Clone> Default for Agenda<T> {
    fn default() -> Self {
        Agenda {
            slice: 0,
            current: Slot::default(),
            near: Level::default(),
            far: (1..LEVELS).map(|_| Level::default()).collect(),
            far_begins: u64::MAX,
            len: 0,
            spare: Spare(Vec::new()),
        }
    }
}

impl<T: Clone> Agenda<T> {
    /// How many entries wait.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts an entry in. Tickets are unique; two entries never have the same time and ticket.
    /// `due` is made where it stays: made before, it would be moved while it is still being
    /// written, for which the processor waits.
    #[inline(always)]
    pub fn push(&mut self, at: u64, ticket: u64, due: impl FnOnce() -> T) {
        self.len += 1;
        let slice = slice_of(at);
        // What is not later wraps around to far away.
        if slice.wrapping_sub(self.slice).wrapping_sub(1) < SLOTS as u64 - 1 {
            let due = due();
            self.room(slice).push(Entry { at, ticket, due });
        } else {
            let due = due();
            self.put_elsewhere(Entry { at, ticket, due }, slice);
        }
    }

    /// The time of the earliest entry.
    #[inline]
    pub fn next_at(&mut self) -> Option<u64> {
        if self.current.is_empty() && !self.advance() {
            return None;
        }
        self.current.last().map(|entry| entry.at)
    }

    /// Takes the earliest entry out, if it is due at or before `until`.
    #[inline(always)]
    pub fn pop(&mut self, until: u64) -> Option<Entry<T>> {
        if self.next_at()? > until {
            return None;
        }
        self.len -= 1;
        own(&mut self.current).pop()
    }

    /// Whether the next entry is in a slice that is not yet sorted.
    #[inline]
    pub fn is_drained(&self) -> bool {
        self.current.is_empty()
    }

    /// The earliest entries, at least one if anything is due at all; the very earliest is the last.
    pub fn soonest(&mut self) -> &[Entry<T>] {
        if self.current.is_empty() {
            self.advance();
        }
        &self.current
    }

    /// Drops the entries for which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&Entry<T>) -> bool) {
        own(&mut self.current).retain(&mut keep);
        self.len = self.current.len() as u64;
        for level in std::iter::once(&mut self.near).chain(&mut self.far) {
            for (at, slot) in level.slots.iter_mut().enumerate() {
                let Some(entries) = slot else { continue };
                if entries.iter().all(&mut keep) {
                    self.len += entries.len() as u64;
                    continue;
                }
                let kept: Vec<_> = entries.iter().filter(|e| keep(e)).cloned().collect();
                self.len += kept.len() as u64;
                *slot = (!kept.is_empty()).then(|| Rc::new(kept));
                if slot.is_none() {
                    level.busy &= !(1 << at);
                }
            }
        }
        self.far_begins = self.next_of_far().map_or(u64::MAX, |(_, _, slice)| slice);
    }

    /// All entries, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Entry<T>> {
        let levels = std::iter::once(&self.near).chain(&self.far);
        let waiting = levels.flat_map(|level| level.slots.iter());
        self.current
            .iter()
            .chain(waiting.flatten().flat_map(|slot| slot.iter()))
    }

    /// The slot of the ring for a slice.
    #[inline(always)]
    fn room(&mut self, slice: u64) -> &mut Vec<Entry<T>> {
        let slot = slice as usize % SLOTS;
        self.near.busy |= 1 << slot;
        let room = &mut self.near.slots[slot];
        own(room.get_or_insert_with(|| self.spare.0.pop().unwrap_or_default()))
    }

    /// Puts an entry into the present slice, or onto a wheel.
    #[inline(never)]
    fn put_elsewhere(&mut self, entry: Entry<T>, slice: u64) {
        if slice > self.slice {
            return self.put_far(entry, slice);
        }
        let current = own(&mut self.current);
        let key = entry.key();
        let later = |e: &Entry<T>| e.key() > key;
        let far = current.len().saturating_sub(NEAR);
        let at = match current[far..].iter().rposition(later) {
            Some(at) => far + at + 1,
            None => current[..far].partition_point(later),
        };
        current.insert(at, entry);
    }

    /// Puts an entry onto a wheel.
    fn put_far(&mut self, entry: Entry<T>, slice: u64) {
        let level = (slice ^ self.slice).ilog2() / BITS;
        let begins = slice >> (level * BITS);
        self.far_begins = self.far_begins.min(begins << (level * BITS));
        let slot = begins as usize % SLOTS;
        let level = &mut self.far[level as usize - 1];
        level.busy |= 1 << slot;
        let room = &mut level.slots[slot];
        let room = room.get_or_insert_with(|| self.spare.0.pop().unwrap_or_default());
        own(room).push(entry);
    }

    /// Moves on to the next slice that holds something.
    #[inline(never)]
    fn advance(&mut self) -> bool {
        loop {
            let busy = self.near.busy;
            let ahead = busy.rotate_right((self.slice % SLOTS as u64) as u32);
            // Nowhere, if nothing is busy.
            let near = self.slice + u64::from(ahead.trailing_zeros());
            if busy != 0 && near < self.far_begins {
                self.slice = near;
                self.sort_out(near as usize % SLOTS);
                return true;
            }
            let Some((level, slot, slice)) = self.next_of_far() else {
                return false;
            };
            self.slice = slice;
            self.move_down(level, slot);
        }
    }

    /// The next slot of the wheels that holds something: its level, its place, and the slice at
    /// which it begins. All of a lower level is earlier than anything of a higher one.
    fn next_of_far(&self) -> Option<(usize, usize, u64)> {
        let level = self.far.iter().position(|level| level.busy != 0)?;
        let slot = self.far[level].busy.trailing_zeros() as usize;
        let width = (level + 1) as u32 * BITS;
        // The present slice with this level's digit replaced and the lower ones at 0.
        let above = self.slice >> width >> BITS << BITS;
        Some((level, slot, (above | slot as u64) << width))
    }

    /// Moves the entries of a slot of the wheels to lower levels.
    fn move_down(&mut self, level: usize, slot: usize) {
        let mut entries = self.far[level].take(slot);
        self.far_begins = self.next_of_far().map_or(u64::MAX, |(_, _, slice)| slice);
        for entry in own(&mut entries).drain(..) {
            let slice = slice_of(entry.at);
            if slice - self.slice < SLOTS as u64 {
                self.room(slice).push(entry);
            } else {
                self.put_far(entry, slice);
            }
        }
        self.save(entries);
    }

    /// Makes a slot of the ring the present slice.
    fn sort_out(&mut self, slot: usize) {
        let mut entries = self.near.take(slot);
        let order = own(&mut entries);
        if order.len() > 1 {
            order.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.key()));
        }
        let empty = std::mem::replace(&mut self.current, entries);
        self.save(empty);
    }

    /// Keeps an emptied slot, unless a keyframe shares it.
    fn save(&mut self, slot: Slot<T>) {
        if self.spare.0.len() < SPARE && Rc::strong_count(&slot) == 1 {
            self.spare.0.push(slot);
        }
    }
}

impl<T> Level<T> {
    fn take(&mut self, slot: usize) -> Slot<T> {
        self.busy &= !(1 << slot);
        self.slots[slot]
            .take()
            .expect("a busy slot holds something")
    }
}

/// The slice of a time.
#[inline]
fn slice_of(at: u64) -> u64 {
    (at >> SLICE) + 1
}

impl<T: Fingerprint + Clone> Fingerprint for Agenda<T> {
    /// The contents in any order: a sum over the entries.
    fn fingerprint(&self, to: &mut Digest) {
        let sum = self.iter().fold(0u64, |sum, entry| {
            let mut one = Digest::default();
            one.word(entry.at);
            one.word(entry.ticket);
            entry.due.fingerprint(&mut one);
            sum.wrapping_add(one.value())
        });
        to.word(self.len);
        to.word(sum);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Act {
        /// Due so many microseconds after the present.
        Push(u64),
        Pop,
        /// Drop what is divisible by.
        Sweep(u64),
        /// Go on with a copy, and check that the original did not change.
        Copy,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let delay = prop_oneof![
            Just(0u64),
            0..1000u64,
            0..100_000u64,
            0..60_000_000u64,
            0..u64::MAX / 4,
        ];
        let act = prop_oneof![
            5 => delay.prop_map(Act::Push),
            4 => Just(Act::Pop),
            1 => (2..5u64).prop_map(Act::Sweep),
            1 => Just(Act::Copy),
        ];
        proptest::collection::vec(act, 0..300)
    }

    fn contents(agenda: &Agenda<u64>) -> Vec<(u64, u64)> {
        let mut all: Vec<_> = agenda.iter().map(|e| (e.at, e.ticket)).collect();
        all.sort_unstable();
        all
    }

    proptest! {
        #[test]
        fn it_pops_as_an_ordered_map_does(acts in acts()) {
            let mut agenda = Agenda::default();
            let mut plain = BTreeMap::new();
            let (mut now, mut ticket) = (0u64, 0u64);
            for act in acts {
                match act {
                    Act::Push(delay) => {
                        ticket += 1;
                        let at = now.saturating_add(delay);
                        agenda.push(at, ticket, || at ^ ticket);
                        plain.insert((at, ticket), at ^ ticket);
                    }
                    Act::Pop => {
                        let next = agenda.next_at();
                        prop_assert_eq!(next, plain.keys().next().map(|key| key.0));
                        let popped = agenda.pop(u64::MAX).map(|e| ((e.at, e.ticket), e.due));
                        prop_assert_eq!(popped, plain.pop_first());
                        now = popped.map_or(now, |(key, _)| key.0);
                    }
                    Act::Sweep(by) => {
                        agenda.retain(|e| e.due % by != 0);
                        plain.retain(|_, due| *due % by != 0);
                    }
                    Act::Copy => {
                        let mut copy = agenda.clone();
                        let before = contents(&agenda);
                        prop_assert_eq!(Digest::of(&copy), Digest::of(&agenda));
                        copy.push(now, u64::MAX, || 0);
                        while copy.pop(u64::MAX).is_some() {}
                        prop_assert_eq!(contents(&agenda), before);
                    }
                }
                prop_assert_eq!(agenda.len(), plain.len() as u64);
            }
        }
    }
}
