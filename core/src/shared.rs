//! Collections that a keyframe can share with the running world.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::fingerprint::{Digest, Fingerprint};

/// An append-only list whose indexes never change: a file, a partition's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log<T> {
    first: u64,
    items: Arc<Vec<T>>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Log {
            first: 0,
            items: Arc::new(Vec::new()),
        }
    }
}

impl<T: Clone> Log<T> {
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
        self.items.last()
    }

    /// Adds an item at [`Log::end`].
    pub fn push(&mut self, item: T) {
        Arc::make_mut(&mut self.items).push(item);
    }

    /// Drops the items from `end` on.
    pub fn truncate(&mut self, end: u64) {
        let keep = end.saturating_sub(self.first) as usize;
        if keep < self.items.len() {
            Arc::make_mut(&mut self.items).truncate(keep);
        }
    }

    /// Drops the items before `before`; the indexes of the others stay.
    pub fn trim_head(&mut self, before: u64) {
        let before = before.min(self.end());
        if before > self.first {
            Arc::make_mut(&mut self.items).drain(..(before - self.first) as usize);
            self.first = before;
        }
    }

    /// The items from `index` on, in order.
    pub fn iter_from(&self, index: u64) -> impl Iterator<Item = &T> {
        let at = index.saturating_sub(self.first) as usize;
        self.items[at.min(self.items.len())..].iter()
    }

    /// All items, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }
}

impl<T: Clone> FromIterator<T> for Log<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Log {
            first: 0,
            items: Arc::new(items.into_iter().collect()),
        }
    }
}

impl<T: Fingerprint> Fingerprint for Log<T> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.first);
        self.items.fingerprint(to);
    }
}
