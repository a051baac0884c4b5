//! A small set in order: destinations, voters, the topics of a subscription.

use core::borrow::Borrow;
use core::fmt;
use core::ops::RangeBounds;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::sorted_map::{self, SortedMap};
use crate::fingerprint::{Digest, Fingerprint};

/// A set kept as one sorted vector, as [`SortedMap`] is. It does what `BTreeSet` does, in the same
/// order, and is written and fingerprinted as one: for sets that stay small, or grow at their end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortedSet<T> {
    items: SortedMap<T, ()>,
}

/// Items in order, from both ends.
pub struct Items<'a, T>(sorted_map::Iter<'a, T, ()>);

/// Items in order, and nothing of the set.
pub struct IntoItems<T>(alloc::vec::IntoIter<(T, ())>);

impl<T> SortedSet<T> {
    /// An empty one, which takes no memory.
    #[must_use]
    pub const fn new() -> Self {
        SortedSet {
            items: SortedMap::new(),
        }
    }

    /// The number of items.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no item is there.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The least item.
    #[must_use]
    pub fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    /// The greatest item.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.iter().next_back()
    }

    /// Takes the least item away.
    pub fn pop_first(&mut self) -> Option<T> {
        self.items.pop_first().map(|(item, ())| item)
    }

    /// All items, from the least.
    #[must_use]
    pub fn iter(&self) -> Items<'_, T> {
        Items(self.items.iter())
    }

    /// Keeps only the items that `wanted` says yes to.
    pub fn retain(&mut self, mut wanted: impl FnMut(&T) -> bool) {
        self.items.retain(|item, ()| wanted(item));
    }

    /// Drops all items.
    pub fn clear(&mut self) {
        self.items.clear();
    }
}

impl<T: Ord> SortedSet<T> {
    /// Whether an item is there.
    #[must_use]
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.items.contains_key(item)
    }

    /// Puts an item in; false if it was there.
    pub fn insert(&mut self, item: T) -> bool {
        self.items.insert(item, ()).is_none()
    }

    /// Takes an item away; false if it was not there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.items.remove(item).is_some()
    }

    /// The items between two bounds; none if the bounds are the wrong way round.
    #[must_use]
    pub fn range<Q: Ord + ?Sized>(&self, bounds: impl RangeBounds<Q>) -> Items<'_, T>
    where
        T: Borrow<Q>,
    {
        Items(self.items.range(bounds))
    }

    /// The items that the other set lacks, in order.
    pub fn difference<'a>(&'a self, other: &'a Self) -> impl DoubleEndedIterator<Item = &'a T> {
        self.iter().filter(|item| !other.contains(*item))
    }

    /// Whether the other set has all items of this one.
    #[must_use]
    pub fn is_subset(&self, of: &Self) -> bool {
        self.iter().all(|item| of.contains(item))
    }
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        SortedSet::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for SortedSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

impl<T: Fingerprint> Fingerprint for SortedSet<T> {
    fn fingerprint(&self, to: &mut Digest) {
        self.items.fingerprint(to);
    }
}

impl<T: Serialize> Serialize for SortedSet<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self)
    }
}

impl<'de, T: Deserialize<'de> + Ord> Deserialize<'de> for SortedSet<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Read(SortedSet::new()))
    }
}

/// Reads a set; an item that is there twice counts once.
struct Read<T>(SortedSet<T>);

impl<'de, T: Deserialize<'de> + Ord> Visitor<'de> for Read<T> {
    type Value = SortedSet<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut from: A) -> Result<Self::Value, A::Error> {
        while let Some(item) = from.next_element()? {
            self.0.insert(item);
        }
        Ok(self.0)
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = SortedSet::new();
        set.extend(items);
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(items: [T; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = IntoItems<T>;

    fn into_iter(self) -> IntoItems<T> {
        IntoItems(self.items.into_iter())
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = Items<'a, T>;

    fn into_iter(self) -> Items<'a, T> {
        self.iter()
    }
}

impl<'a, T> Iterator for Items<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        self.0.next().map(|(item, ())| item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> DoubleEndedIterator for Items<'_, T> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(item, ())| item)
    }
}

impl<T> ExactSizeIterator for Items<'_, T> {}

impl<T> Clone for Items<'_, T> {
    fn clone(&self) -> Self {
        Items(self.0.clone())
    }
}

impl<T> Iterator for IntoItems<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.next().map(|(item, ())| item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
