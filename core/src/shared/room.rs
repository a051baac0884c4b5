//! Room that steps use over and over.

use alloc::vec::Vec;
use core::mem;

use crate::fingerprint::{Digest, Fingerprint};

/// An empty list that keeps its memory between steps, so that a step need not ask for some. It is
/// no part of the state that holds it: a copy has none, all are equal, and no digest hears of it.
#[derive(Debug)]
pub struct Room<T>(Vec<T>);

impl<T> Room<T> {
    /// The room, to be put to use; [`Room::put_back`] ends that.
    #[inline]
    #[must_use]
    pub fn take(&mut self) -> Vec<T> {
        mem::take(&mut self.0)
    }

    /// Empties what was in use, and keeps its memory.
    #[inline]
    pub fn put_back(&mut self, mut used: Vec<T>) {
        used.clear();
        self.0 = used;
    }
}

impl<T> Default for Room<T> {
    fn default() -> Self {
        Room(Vec::new())
    }
}

impl<T> Clone for Room<T> {
    fn clone(&self) -> Self {
        Room::default()
    }
}

impl<T> PartialEq for Room<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Room<T> {}

impl<T> Fingerprint for Room<T> {
    fn fingerprint(&self, _: &mut Digest) {}
}
