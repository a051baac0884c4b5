//! A map in the order of its keys: bindings, unacknowledged deliveries, partitions, files.

use alloc::rc::Rc;
use core::borrow::Borrow;
use core::fmt;
use core::iter::FusedIterator;
use core::ops::{Bound, RangeBounds};

use super::tree::{Entry, Inserted, Node};
use crate::fingerprint::{Digest, Fingerprint};

/// A map whose entries are met in the order of their keys. Cloning it copies one pointer; the
/// first change after that copies the way to one leaf, at most 32 entries and as many pointers a
/// level. There is no way to change all values at once: it would copy them all.
#[derive(Clone)]
pub struct Map<K, V> {
    len: usize,
    /// Nothing until the first insertion.
    root: Option<Rc<Node<K, V>>>,
}

/// Entries of a [`Map`] in the order of their keys, from both ends.
pub struct Range<'a, K, V> {
    root: Option<&'a Node<K, V>>,
    /// What is left of the leaf at the lower end, and at the upper.
    lower: &'a [Entry<K, V>],
    upper: &'a [Entry<K, V>],
    /// The next entry from below and from above, until they have met.
    ends: Option<Ends<'a, K, V>>,
}

type Ends<'a, K, V> = (&'a Entry<K, V>, &'a Entry<K, V>);

impl<K, V> Map<K, V> {
    /// An empty one, which takes no memory.
    #[must_use]
    pub const fn new() -> Self {
        Map { len: 0, root: None }
    }

    /// The number of entries.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no entry is there.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entry of the least key.
    #[must_use]
    pub fn first(&self) -> Option<(&K, &V)> {
        pair(self.root.as_ref()?.first_leaf().first())
    }

    /// The entry of the greatest key.
    #[must_use]
    pub fn last(&self) -> Option<(&K, &V)> {
        pair(self.root.as_ref()?.last_leaf().last())
    }

    /// Drops all entries.
    pub fn clear(&mut self) {
        *self = Map::new();
    }
}

impl<K: Ord, V> Map<K, V> {
    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.root.as_ref()?.get(key).map(|(_, value)| value)
    }

    /// Whether a key is there.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// All entries, from the least key.
    #[must_use]
    pub fn iter(&self) -> Range<'_, K, V> {
        self.range::<K, _>(..)
    }

    /// All keys, from the least.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values, from that of the least key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The entries whose keys lie between two bounds; none if the bounds are the wrong way round.
    #[must_use]
    pub fn range<Q: Ord + ?Sized, R: RangeBounds<Q>>(&self, bounds: R) -> Range<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let root = self.root.as_deref();
        let lower = root.map_or(&[][..], |root| root.upwards(bounds.start_bound()));
        let upper = root.map_or(&[][..], |root| root.downwards(bounds.end_bound()));
        let ends = lower.first().zip(upper.last());
        Range {
            root,
            lower,
            upper,
            ends: ends.filter(|(first, last)| first.0 <= last.0),
        }
    }
}

impl<K: Clone + Ord, V: Clone> Map<K, V> {
    /// Sets the value of a key, and returns the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let root = self.root.get_or_insert_with(Rc::default);
        match Rc::make_mut(root).insert(key, value) {
            Inserted::Replaced(value) => return Some(value),
            Inserted::Added => {}
            Inserted::Split(upper) => *root = Rc::new(Node::over(Rc::clone(root), upper)),
        }
        self.len += 1;
        None
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        Rc::make_mut(self.root.as_mut()?).get_mut(key)
    }

    /// The value of a key, to be changed; made first if the key is not there.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        if !self.contains_key(&key) {
            self.insert(key.clone(), make());
        }
        self.get_mut(&key).expect("found or inserted")
    }

    /// Takes a key away, and returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Takes the entry of the least key away.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        let key = self.first()?.0.clone();
        self.remove_entry(&key)
    }

    fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let root = self.root.as_mut()?;
        let entry = Rc::make_mut(root).remove(key)?;
        self.len -= 1;
        while let Some(only) = root.only_child() {
            *root = only;
        }
        Some(entry)
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map::new()
    }
}

impl<K: fmt::Debug + Ord, V: fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<K: Ord, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other)
    }
}

impl<K: Ord, V: Eq> Eq for Map<K, V> {}

impl<K: Fingerprint + Ord, V: Fingerprint> Fingerprint for Map<K, V> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.len as u64);
        for (key, value) in self {
            key.fingerprint(to);
            value.fingerprint(to);
        }
    }
}

impl<K: Clone + Ord, V: Clone> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Clone + Ord, V: Clone> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Map::new();
        map.extend(entries);
        map
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Range<'a, K, V>;

    fn into_iter(self) -> Range<'a, K, V> {
        self.iter()
    }
}

impl<'a, K: Ord, V> Iterator for Range<'a, K, V> {
    type Item = (&'a K, &'a V);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (first, last) = self.ends?;
        self.lower = &self.lower[1..];
        if self.lower.is_empty() {
            self.lower = self.root?.upwards(Bound::Excluded(&first.0));
        }
        let met = core::ptr::eq(first, last);
        let next = self.lower.first().filter(|_| !met);
        self.ends = next.map(|next| (next, last));
        pair(Some(first))
    }
}

impl<K: Ord, V> DoubleEndedIterator for Range<'_, K, V> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let (first, last) = self.ends?;
        self.upper = &self.upper[..self.upper.len() - 1];
        if self.upper.is_empty() {
            self.upper = self.root?.downwards(Bound::Excluded(&last.0));
        }
        let met = core::ptr::eq(first, last);
        let next = self.upper.last().filter(|_| !met);
        self.ends = next.map(|next| (first, next));
        pair(Some(last))
    }
}

impl<K: Ord, V> FusedIterator for Range<'_, K, V> {}

fn pair<K, V>(entry: Option<&Entry<K, V>>) -> Option<(&K, &V)> {
    entry.map(|(key, value)| (key, value))
}

#[cfg(test)]
impl<K: Ord, V> Map<K, V> {
    /// Asserts that the tree is sound, and as long as it says.
    pub(super) fn check(&self) {
        let entries = self.root.as_ref().map_or(0, |root| root.check(true).0);
        assert_eq!(entries, self.len);
    }
}
