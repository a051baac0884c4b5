//! A queue with two ends: frames in flight on a link, the ready messages of a queue.

use alloc::collections::vec_deque;
use core::fmt;
use core::iter::FusedIterator;
use core::mem;
use core::ops::Range;

use triomphe::Arc;

use super::ends::Ends;
use crate::fingerprint::{Digest, Fingerprint};

/// A list that grows and shrinks at both ends. Cloning it copies one pointer; the first change
/// after that copies the items at its two ends, at most 32 each. While it holds no more than that,
/// it is one plain ring.
#[derive(Clone)]
pub struct Deque<T> {
    /// Nothing until the first push.
    ends: Option<Arc<Ends<T>>>,
}

/// The items of a [`Deque`] or a [`Log`](super::Log), in order, from both ends.
pub struct Iter<'a, T> {
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
        Deque { ends: None }
    }

    /// The number of items.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.as_ref().map_or(0, |ends| ends.len())
    }

    /// Whether no item is there.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ends.as_ref().is_none_or(|ends| ends.is_empty())
    }

    /// The item at a place, counted from the front.
    #[must_use]
    #[inline]
    pub fn get(&self, at: usize) -> Option<&T> {
        self.ends.as_ref()?.get(at)
    }

    /// The first item.
    #[must_use]
    #[inline]
    pub fn front(&self) -> Option<&T> {
        self.ends.as_ref()?.front()
    }

    /// The last item.
    #[must_use]
    #[inline]
    pub fn back(&self) -> Option<&T> {
        self.ends.as_ref()?.back()
    }

    /// All items, from the front.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        self.iter_from(0)
    }

    /// The items from the place `at` on. Reaching it costs nothing.
    #[must_use]
    pub fn iter_from(&self, at: usize) -> Iter<'_, T> {
        let (ring, offset, rings) = self.ends.as_ref().map_or((0, 0, 0), |ends| {
            let (ring, offset) = ends.place(at);
            (ring, offset, ends.rings())
        });
        let begun = self.ends.as_ref().and_then(|ends| ends.ring(ring));
        Iter {
            ends: self.ends.as_deref(),
            front: begun
                .filter(|items| offset < items.len())
                .map(|items| items.range(offset..))
                .unwrap_or_default(),
            rings: ring + 1..rings.max(ring + 1),
            back: vec_deque::Iter::default(),
            left: self.len().saturating_sub(at),
        }
    }

    /// Drops all items.
    pub fn clear(&mut self) {
        self.ends = None;
    }
}

impl<T: Clone> Deque<T> {
    /// Adds an item behind the last one.
    #[inline]
    pub fn push_back(&mut self, item: T) {
        self.made().push_back(item);
    }

    /// Takes the first item.
    #[inline]
    pub fn pop_front(&mut self) -> Option<T> {
        self.there()?.pop_front()
    }

    /// Adds an item before the first one.
    #[inline]
    pub fn push_front(&mut self, item: T) {
        self.made().push_front(item);
    }

    /// Takes the last item.
    #[inline]
    pub fn pop_back(&mut self) -> Option<T> {
        self.there()?.pop_back()
    }

    /// The item at a place, to be changed.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.there()?.get_mut(at)
    }

    /// Drops the items from the place `len` on. Whole chunks go without a look at their items.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len()
            && let Some(ends) = self.there()
        {
            ends.truncate(len);
        }
    }

    /// Drops the first `count` items. Whole chunks go without a look at their items.
    pub fn trim(&mut self, count: usize) {
        if count > 0
            && let Some(ends) = self.there()
        {
            ends.trim(count);
        }
    }

    /// What it holds, for a change: copied first if a clone still looks at it.
    #[inline]
    fn there(&mut self) -> Option<&mut Ends<T>> {
        let ends = self.ends.as_mut()?;
        if !ends.is_unique() {
            unshare(ends);
        }
        Arc::get_mut(ends)
    }

    /// The same for an addition: made first if there is nothing.
    #[inline]
    fn made(&mut self) -> &mut Ends<T> {
        if self.ends.is_none() {
            self.ends = Some(Arc::default());
        }
        self.there().expect("made if it was not there")
    }
}

/// `Arc::make_mut` without the copying is short enough for every push and pop; this is the rest.
#[cold]
fn unshare<T: Clone>(ends: &mut Arc<Ends<T>>) {
    Arc::make_mut(ends);
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
