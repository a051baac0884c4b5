//! A queue with two ends: frames in flight on a link, the ready messages of a queue.

use alloc::boxed::Box;
use alloc::collections::{VecDeque, vec_deque};
use alloc::sync::Arc;
use core::fmt;
use core::iter::FusedIterator;
use core::mem;
use core::ops::Range;

use super::chunks::{CHUNK, Chunk, Chunks};
use crate::fingerprint::{Digest, Fingerprint};

/// A list that grows and shrinks at both ends. Cloning it shares all but its two ends, at most 32
/// items each; while it holds no more than that, it is one plain ring.
#[derive(Clone)]
pub struct Deque<T> {
    /// The last items, at most [`CHUNK`]; all of them while there is no `rest`.
    back: VecDeque<T>,
    /// What lies before `back`; never without items.
    rest: Option<Box<Rest<T>>>,
}

/// The items before the last ones.
#[derive(Clone)]
struct Rest<T> {
    /// The first items, at most [`CHUNK`]. Empty until one is taken or put there: a list that is
    /// only ever appended to keeps its head shared.
    front: VecDeque<T>,
    /// What lies between `front` and the deque's `back`.
    chunks: Chunks<T>,
}

/// The items of a [`Deque`] or a [`Log`](super::Log), in order, from both ends.
pub struct Iter<'a, T> {
    deque: &'a Deque<T>,
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
            back: VecDeque::new(),
            rest: None,
        }
    }

    /// The number of items.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.back.len() + self.rest.as_ref().map_or(0, |rest| rest.len())
    }

    /// Whether no item is there.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.back.is_empty() && self.rest.is_none()
    }

    /// The item at a place, counted from the front.
    #[must_use]
    #[inline]
    pub fn get(&self, at: usize) -> Option<&T> {
        if self.rest.is_none() {
            return self.back.get(at);
        }
        let (ring, at) = self.place(at);
        self.ring(ring)?.get(at)
    }

    /// The first item.
    #[must_use]
    #[inline]
    pub fn front(&self) -> Option<&T> {
        match &self.rest {
            None => self.back.front(),
            Some(_) => self.get(0),
        }
    }

    /// The last item.
    #[must_use]
    #[inline]
    pub fn back(&self) -> Option<&T> {
        self.back
            .back()
            .or_else(|| self.get(self.len().checked_sub(1)?))
    }

    /// All items, from the front.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        self.iter_from(0)
    }

    /// The items from the place `at` on. Reaching it costs nothing.
    #[must_use]
    pub fn iter_from(&self, at: usize) -> Iter<'_, T> {
        let (ring, offset) = self.place(at);
        Iter {
            deque: self,
            front: self
                .ring(ring)
                .filter(|items| offset < items.len())
                .map(|items| items.range(offset..))
                .unwrap_or_default(),
            rings: ring + 1..self.rings().max(ring + 1),
            back: vec_deque::Iter::default(),
            left: self.len().saturating_sub(at),
        }
    }

    /// Drops all items, and keeps a little room.
    pub fn clear(&mut self) {
        self.back.clear();
        self.rest = None;
    }

    /// The plain rings it is made of, in order.
    fn rings(&self) -> usize {
        self.rest.as_ref().map_or(1, |rest| rest.chunks.len() + 2)
    }

    fn ring(&self, ring: usize) -> Option<&VecDeque<T>> {
        let last = self.rings() - 1;
        match &self.rest {
            _ if ring == last => Some(&self.back),
            None => None,
            Some(rest) if ring == 0 => Some(&rest.front),
            Some(rest) => rest.chunks.get(ring - 1),
        }
    }

    /// The ring of a place, and the place in it. Behind the last item it is some ring's end.
    fn place(&self, at: usize) -> (usize, usize) {
        let Some(rest) = &self.rest else {
            return (0, at);
        };
        let Some(behind) = at.checked_sub(rest.front.len()) else {
            return (0, at);
        };
        let chunk = (behind / CHUNK).min(rest.chunks.len());
        (1 + chunk, behind - chunk * CHUNK)
    }
}

impl<T: Clone> Deque<T> {
    /// Adds an item behind the last one.
    #[inline]
    pub fn push_back(&mut self, item: T) {
        if self.back.len() == CHUNK {
            self.spill();
        }
        self.back.push_back(item);
    }

    /// Takes the first item.
    #[inline]
    pub fn pop_front(&mut self) -> Option<T> {
        if self.rest.is_none() {
            return self.back.pop_front();
        }
        self.pop_front_of_rest()
    }

    /// Adds an item before the first one.
    pub fn push_front(&mut self, item: T) {
        if self.rest.is_none() {
            if self.back.len() < CHUNK {
                self.back.push_front(item);
                return;
            }
            self.spill();
        }
        let rest = self.rest.get_or_insert_default();
        if rest.front.len() == CHUNK {
            let full = mem::replace(&mut rest.front, VecDeque::with_capacity(CHUNK));
            rest.chunks.push_front(Arc::new(full));
        }
        rest.front.push_front(item);
    }

    /// Takes the last item.
    #[inline]
    pub fn pop_back(&mut self) -> Option<T> {
        if self.back.is_empty() {
            self.refill();
        }
        self.back.pop_back()
    }

    /// The item at a place, to be changed.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let (ring, at) = self.place(at);
        if ring == self.rings() - 1 {
            return self.back.get_mut(at);
        }
        let rest = self.rest.as_mut()?;
        match ring.checked_sub(1) {
            None => rest.front.get_mut(at),
            Some(chunk) => Arc::make_mut(rest.chunks.get_mut(chunk)?).get_mut(at),
        }
    }

    /// Drops the items from the place `len` on. Whole chunks go without a look at their items.
    pub fn truncate(&mut self, len: usize) {
        let mut excess = self.len().saturating_sub(len);
        while excess > 0 {
            let here = excess.min(self.back.len());
            self.back.truncate(self.back.len() - here);
            excess -= here;
            while let Some(rest) = &mut self.rest
                && excess >= CHUNK
                && rest.chunks.pop_back().is_some()
            {
                excess -= CHUNK;
            }
            if excess > 0 || self.rest.as_ref().is_some_and(|rest| rest.len() == 0) {
                self.refill();
            }
        }
    }

    /// Drops the first `count` items. Whole chunks go without a look at their items.
    pub fn trim(&mut self, count: usize) {
        let mut count = count.min(self.len());
        if let Some(rest) = &mut self.rest {
            let here = count.min(rest.front.len());
            rest.front.drain(..here);
            count -= here;
            while count >= CHUNK && rest.chunks.pop_front().is_some() {
                count -= CHUNK;
            }
            if rest.len() == 0 {
                self.rest = None;
            }
        }
        for _ in 0..count {
            self.pop_front();
        }
    }

    /// Puts the full `back` among the shared chunks.
    #[cold]
    fn spill(&mut self) {
        let full = mem::replace(&mut self.back, VecDeque::with_capacity(CHUNK));
        let rest = self.rest.get_or_insert_default();
        rest.chunks.push_back(Arc::new(full));
    }

    /// Brings the last chunk into the empty `back`.
    #[cold]
    fn refill(&mut self) {
        let Some(rest) = &mut self.rest else {
            return;
        };
        self.back = match rest.chunks.pop_back() {
            Some(chunk) => own(chunk),
            None => mem::take(&mut rest.front),
        };
        if rest.len() == 0 {
            self.rest = None;
        }
    }

    fn pop_front_of_rest(&mut self) -> Option<T> {
        let rest = self.rest.as_mut()?;
        if rest.front.is_empty() {
            rest.front = own(rest.chunks.pop_front()?);
        }
        let item = rest.front.pop_front();
        if rest.len() == 0 {
            self.rest = None;
        }
        item
    }
}

impl<T> Rest<T> {
    #[inline]
    fn len(&self) -> usize {
        self.front.len() + self.chunks.len() * CHUNK
    }
}

/// The items of a chunk, copied only if a clone still looks at it.
fn own<T: Clone>(chunk: Chunk<T>) -> VecDeque<T> {
    Arc::try_unwrap(chunk).unwrap_or_else(|shared| VecDeque::clone(&shared))
}

impl<T> Default for Rest<T> {
    fn default() -> Self {
        Rest {
            front: VecDeque::new(),
            chunks: Chunks::default(),
        }
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
                Some(ring) => self.deque.ring(ring)?.iter(),
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
                Some(ring) => self.deque.ring(ring)?.iter(),
                None if self.left > 0 => mem::take(&mut self.front),
                None => return None,
            };
        }
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

impl<T> FusedIterator for Iter<'_, T> {}
