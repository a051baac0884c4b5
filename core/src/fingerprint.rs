//! A digest of a value that is the same on every machine, in every build.
//!
//! `core::hash` promises neither: it writes `usize` at the width of the target and may change
//! between compilers. Here the algorithm is fixed (a folded 64 x 64 multiplication for each word)
//! and every number is fed at a fixed width.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

pub use glassmq_derive::Fingerprint;

/// Feeds a value to a [`Digest`]. Derive it: fields in the order written.
pub trait Fingerprint {
    /// Feeds all that distinguishes this value from others of its type.
    fn fingerprint(&self, to: &mut Digest);
}

/// A running digest of 64 bits. Not cryptographic: it tells runs apart, it does not seal them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0x9e37_79b9_7f4a_7c15)
    }
}

impl Digest {
    /// The digest of one value.
    pub fn of(value: &impl Fingerprint) -> u64 {
        let mut digest = Digest::default();
        value.fingerprint(&mut digest);
        digest.value()
    }

    /// Feeds one word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ 0x2d35_8dcc_aa6c_78a5) * 0x8bb8_4b93_962e_acc9_u128;
        self.0 = (wide as u64) ^ ((wide >> 64) as u64);
    }

    /// Feeds bytes and their number.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let fold = |word, byte: &u8| word << 8 | u64::from(*byte);
            self.word(rest.iter().rev().fold(0, fold));
        }
    }

    /// The digest of what was fed so far.
    #[must_use]
    pub fn value(self) -> u64 {
        self.0
    }
}

macro_rules! as_word {
    ($($number:ty)*) => {$(
        impl Fingerprint for $number {
            #[inline]
            fn fingerprint(&self, to: &mut Digest) {
                to.word(*self as u64);
            }
        }
    )*};
}
as_word!(u8 u16 u32 u64 i8 i16 i32 i64 bool char);

impl Fingerprint for () {
    fn fingerprint(&self, _: &mut Digest) {}
}

impl Fingerprint for core::convert::Infallible {
    fn fingerprint(&self, _: &mut Digest) {
        match *self {}
    }
}

impl Fingerprint for str {
    fn fingerprint(&self, to: &mut Digest) {
        to.bytes(self.as_bytes());
    }
}

impl Fingerprint for String {
    fn fingerprint(&self, to: &mut Digest) {
        self.as_str().fingerprint(to);
    }
}

impl<T: Fingerprint + ?Sized> Fingerprint for &T {
    fn fingerprint(&self, to: &mut Digest) {
        (**self).fingerprint(to);
    }
}

impl<T: Fingerprint + ?Sized> Fingerprint for Box<T> {
    fn fingerprint(&self, to: &mut Digest) {
        (**self).fingerprint(to);
    }
}

impl<T: Fingerprint + ?Sized> Fingerprint for Rc<T> {
    fn fingerprint(&self, to: &mut Digest) {
        (**self).fingerprint(to);
    }
}

impl<T: Fingerprint> Fingerprint for Option<T> {
    fn fingerprint(&self, to: &mut Digest) {
        match self {
            None => to.word(0),
            Some(value) => {
                to.word(1);
                value.fingerprint(to);
            }
        }
    }
}

impl<T: Fingerprint, E: Fingerprint> Fingerprint for Result<T, E> {
    fn fingerprint(&self, to: &mut Digest) {
        match self {
            Ok(value) => {
                to.word(0);
                value.fingerprint(to);
            }
            Err(error) => {
                to.word(1);
                error.fingerprint(to);
            }
        }
    }
}

impl<T: Fingerprint> Fingerprint for [T] {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.len() as u64);
        for item in self {
            item.fingerprint(to);
        }
    }
}

impl<T: Fingerprint, const N: usize> Fingerprint for [T; N] {
    #[inline]
    fn fingerprint(&self, to: &mut Digest) {
        for item in self {
            item.fingerprint(to);
        }
    }
}

impl<T: Fingerprint> Fingerprint for Vec<T> {
    fn fingerprint(&self, to: &mut Digest) {
        self.as_slice().fingerprint(to);
    }
}

impl<T: Fingerprint> Fingerprint for VecDeque<T> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.len() as u64);
        for item in self {
            item.fingerprint(to);
        }
    }
}

impl<T: Fingerprint> Fingerprint for BTreeSet<T> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.len() as u64);
        for item in self {
            item.fingerprint(to);
        }
    }
}

impl<K: Fingerprint, V: Fingerprint> Fingerprint for BTreeMap<K, V> {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.len() as u64);
        for (key, value) in self {
            key.fingerprint(to);
            value.fingerprint(to);
        }
    }
}

impl<A: Fingerprint, B: Fingerprint> Fingerprint for (A, B) {
    fn fingerprint(&self, to: &mut Digest) {
        self.0.fingerprint(to);
        self.1.fingerprint(to);
    }
}

impl<A: Fingerprint, B: Fingerprint, C: Fingerprint> Fingerprint for (A, B, C) {
    fn fingerprint(&self, to: &mut Digest) {
        self.0.fingerprint(to);
        self.1.fingerprint(to);
        self.2.fingerprint(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    #[derive(Fingerprint)]
    enum Shape {
        Dot,
        Line { from: u32, to: u32 },
        Text(String),
    }

    #[test]
    fn values_that_differ_have_different_fingerprints() {
        let shapes = [
            Shape::Dot,
            Shape::Line { from: 1, to: 2 },
            Shape::Line { from: 2, to: 1 },
            Shape::Text("a".to_string()),
            Shape::Text("a\0".to_string()),
        ];
        let digests: BTreeSet<u64> = shapes.iter().map(Digest::of).collect();
        assert_eq!(digests.len(), shapes.len());
    }

    #[test]
    fn the_algorithm_is_fixed() {
        // Written into shared links and goldens: these three may never change.
        assert_eq!(Digest::of(&()), 0x9e37_79b9_7f4a_7c15);
        assert_eq!(Digest::of(&vec![1u64, 2]), Digest::of(&vec![1u8, 2]));
        assert_eq!(Digest::of(&"glass".to_string()), 0x47d4_d555_5687_afcb);
    }

    #[test]
    fn an_empty_list_is_not_no_list() {
        assert_ne!(
            Digest::of(&Some(Vec::<u8>::new())),
            Digest::of(&None::<Vec<u8>>)
        );
    }
}
