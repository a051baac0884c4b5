//! A queue with two ends: frames in flight on a link, the ready messages of a queue.

use alloc::collections::{VecDeque, vec_deque};
use alloc::rc::Rc;
use core::fmt;
use core::iter::FusedIterator;
use core::mem;
use core::ops::Range;

use super::ends::Ends;
use crate::fingerprint::{Digest, Fingerprint};

/// Items of a deque that is still a plain ring, at most. Copying that many is about as cheap as
/// sharing them, and a ring of its own is changed without asking who else has it.
const SMALL: usize = 16;

/// A list that grows and shrinks at both ends. Up to 16 items it is a plain ring. Beyond that, and
/// until it is empty again, cloning it copies one pointer, and the first change after that the
/// items at its two ends, at most 32 each.
#[derive(Clone)]
pub struct Deque<T> {
    held: Held<T>,
}

#[derive(Clone)]
enum Held<T> {
    Small(VecDeque<T>),
    Large(Rc<Ends<T>>),
}

/// The items of a [`Deque`] or a [`Log`](super::Log), in order, from both ends.
pub struct Iter<'a, T> {
    /// Nothing if all was in `front` from the beginning.
    ends: Option<&'a Ends<T>>,
    front: vec_deque::Iter<'a, T>,
    /// The rings between `front` and `back` that were not begun.
    rings: Range<usize>,
    back: vec_deque::Iter<'a, T>,
    left: usize,
}

impl<T> Deque<T> {
    /// An empty one, which takes no memory.
    #[must_use]
    pub const fn new() -> Self {
        Deque {
            held: Held::Small(VecDeque::new()),
        }
    }

    /// The number of items.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        match &self.held {
            Held::Small(ring) => ring.len(),
            Held::Large(ends) => ends.len(),
        }
    }

    /// Whether no item is there.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        match &self.held {
            Held::Small(ring) => ring.is_empty(),
            Held::Large(ends) => ends.is_empty(),
        }
    }

    /// The item at a place, counted from the front.
    #[must_use]
    #[inline]
    pub fn get(&self, at: usize) -> Option<&T> {
        match &self.held {
            Held::Small(ring) => ring.get(at),
            Held::Large(ends) => ends.get(at),
        }
    }

    /// The first item.
    #[must_use]
    #[inline]
    pub fn front(&self) -> Option<&T> {
        match &self.held {
            Held::Small(ring) => ring.front(),
            Held::Large(ends) => ends.front(),
        }
    }

    /// The last item.
    #[must_use]
    #[inline]
    pub fn back(&self) -> Option<&T> {
        match &self.held {
            Held::Small(ring) => ring.back(),
            Held::Large(ends) => ends.back(),
        }
    }

    /// All items, from the front.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        self.iter_from(0)
    }

    /// The items from the place `at` on. Reaching it costs nothing.
    #[must_use]
    pub fn iter_from(&self, at: usize) -> Iter<'_, T> {
        let (ends, ring, offset, rings) = match &self.held {
            Held::Small(ring) => (None, Some(ring), at, 1..1),
            Held::Large(ends) => {
                let (ring, offset) = ends.place(at);
                let rings = ring + 1..ends.rings().max(ring + 1);
                (Some(&**ends), ends.ring(ring), offset, rings)
            }
        };
        Iter {
            ends,
            front: ring
                .filter(|items| offset < items.len())
                .map(|items| items.range(offset..))
                .unwrap_or_default(),
            rings,
            back: vec_deque::Iter::default(),
            left: self.len().saturating_sub(at),
        }
    }

    /// Drops all items.
    pub fn clear(&mut self) {
        *self = Deque::new();
    }
}

impl<T: Clone> Deque<T> {
    /// Adds an item behind the last one.
    #[inline]
    pub fn push_back(&mut self, item: T) {
        match &mut self.held {
            Held::Small(ring) if ring.len() < SMALL => ring.push_back(item),
            _ => self.large().push_back(item),
        }
    }

    /// Takes the first item.
    #[inline]
    pub fn pop_front(&mut self) -> Option<T> {
        match &mut self.held {
            Held::Small(ring) => ring.pop_front(),
            Held::Large(_) => self.cut(Ends::pop_front),
        }
    }

    /// Adds an item before the first one.
    #[inline]
    pub fn push_front(&mut self, item: T) {
        match &mut self.held {
            Held::Small(ring) if ring.len() < SMALL => ring.push_front(item),
            _ => self.large().push_front(item),
        }
    }

    /// Takes the last item.
    #[inline]
    pub fn pop_back(&mut self) -> Option<T> {
        match &mut self.held {
            Held::Small(ring) => ring.pop_back(),
            Held::Large(_) => self.cut(Ends::pop_back),
        }
    }

    /// The item at a place, to be changed.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        match &mut self.held {
            Held::Small(ring) => ring.get_mut(at),
            Held::Large(ends) => Rc::make_mut(ends).get_mut(at),
        }
    }

    /// Drops the items from the place `len` on. Whole chunks go without a look at their items.
    pub fn truncate(&mut self, len: usize) {
        match &mut self.held {
            Held::Small(ring) => ring.truncate(len),
            Held::Large(ends) if len >= ends.len() => {}
            Held::Large(_) => self.cut(|ends| ends.truncate(len)),
        }
    }

    /// Drops the first `count` items. Whole chunks go without a look at their items.
    pub fn trim(&mut self, count: usize) {
        match &mut self.held {
            Held::Small(ring) => drop(ring.drain(..count.min(ring.len()))),
            Held::Large(_) if count == 0 => {}
            Held::Large(_) => self.cut(|ends| ends.trim(count)),
        }
    }

    /// What it holds as a large one, to be changed.
    fn large(&mut self) -> &mut Ends<T> {
        if let Held::Small(ring) = &mut self.held {
            self.held = Held::Large(Rc::new(Ends::from(mem::take(ring))));
        }
        match &mut self.held {
            Held::Large(ends) => Rc::make_mut(ends),
            Held::Small(_) => unreachable!("it was made large"),
        }
    }

    /// Takes something out of a large one, which is small again once it is empty.
    fn cut<R>(&mut self, take: impl FnOnce(&mut Ends<T>) -> R) -> R {
        let ends = self.large();
        let taken = take(ends);
        if ends.is_empty() {
            self.clear();
        }
        taken
    }
}

impl<T> Default for Deque<T> {
    fn default() -> Self {
        Deque::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for Deque<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<T: PartialEq> PartialEq for Deque<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl<T: Eq> Eq for Deque<T> {}

impl<T: Fingerprint> Fingerprint for Deque<T> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.len() as u64);
        for item in self {
            item.fingerprint(to);
        }
    }
}

impl<T: Clone> Extend<T> for Deque<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.push_back(item);
        }
    }
}

impl<T: Clone> FromIterator<T> for Deque<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut deque = Deque::new();
        deque.extend(items);
        deque
    }
}

impl<'a, T> IntoIterator for &'a Deque<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(item) = self.front.next() {
                self.left -= 1;
                return Some(item);
            }
            self.front = match self.rings.next() {
                Some(ring) => self.ends?.ring(ring)?.iter(),
                None if self.left > 0 => mem::take(&mut self.back),
                None => return None,
            };
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> DoubleEndedIterator for Iter<'_, T> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.back.next_back() {
                self.left -= 1;
                return Some(item);
            }
            self.back = match self.rings.next_back() {
                Some(ring) => self.ends?.ring(ring)?.iter(),
                None if self.left > 0 => mem::take(&mut self.front),
                None => return None,
            };
        }
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

impl<T> FusedIterator for Iter<'_, T> {}
