//! A list whose indexes never change: a file, a partition's log.

use super::deque::{Deque, Iter};
use crate::fingerprint::Fingerprint;

/// An append-only list whose indexes never change: a file, a partition's log. What is cut off at
/// its end may be written again; what is trimmed at its head is gone.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Log<T> {
    first: u64,
    items: Deque<T>,
}

impl<T> Log<T> {
    /// An empty one whose next item has this index.
    #[must_use]
    pub fn starting_at(first: u64) -> Self
    where
        Self: Default,
    {
        Log {
            first,
            ..Self::default()
        }
    }

    /// The index of the first item that is still there.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The index after the last item: that of the next one.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    /// Whether no item is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The item at an index.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<&T> {
        let at = index.checked_sub(self.first)?;
        self.items.get(usize::try_from(at).ok()?)
    }

    /// The last item.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.items.back()
    }

    /// The items from `index` on, in order. Reaching it costs nothing.
    #[must_use]
    pub fn iter_from(&self, index: u64) -> Iter<'_, T> {
        self.items.iter_from(self.place(index))
    }

    /// All items, in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        self.items.iter()
    }

    /// How many items lie before an index: at most all, so that it fits.
    fn place(&self, index: u64) -> usize {
        let at = index.min(self.end()).saturating_sub(self.first);
        at as usize
    }
}

impl<T: Clone> Log<T> {
    /// Adds an item at [`Log::end`].
    #[inline]
    pub fn push(&mut self, item: T) {
        self.items.push_back(item);
    }

    /// Drops the items from `end` on.
    pub fn truncate(&mut self, end: u64) {
        self.items.truncate(self.place(end));
    }

    /// Drops the items before `before`; the indexes of the others stay.
    pub fn trim_head(&mut self, before: u64) {
        let count = self.place(before);
        self.items.trim(count);
        self.first += count as u64;
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Log {
            first: 0,
            items: Deque::new(),
        }
    }
}

impl<T: Clone> FromIterator<T> for Log<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Log {
            first: 0,
            items: items.into_iter().collect(),
        }
    }
}

impl<'a, T> IntoIterator for &'a Log<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
