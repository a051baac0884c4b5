//! Chance: one ChaCha8 stream for each purpose, and whole-number odds.
//!
//! A stream's key is the hash of the seed, the purpose and stable names, never of an index, so that
//! taking a client, a fault or a link out of a scenario changes no draw of any other stream. The
//! world keeps (key, count) alone; generators are built from that when needed and cached outside.

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::time::Span;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// At most so many generators are cached (about 330 bytes each).
const CACHED: u32 = 4096;

/// One sequence of draws: where it comes from and how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: u64,
    count: u64,
    /// Where its generator is cached; no part of what it is.
    place: u32,
}

/// The seed of a run, from which streams are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dice {
    seed: u64,
    opened: u32,
}

/// Generators at hand. A cache: losing it costs time and changes nothing.
#[derive(Default)]
pub struct Generators(Vec<Option<Box<Generator>>>);

struct Generator {
    key: u64,
    count: u64,
    chacha: ChaCha8Rng,
}

impl Dice {
    /// The dice of a run.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Dice { seed, opened: 0 }
    }

    /// The seed they were made of.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream for a purpose, told apart by names that do not depend on what else is there.
    pub fn stream(&mut self, purpose: &str, names: &[&str], ordinal: u64) -> Stream {
        let mut key = Digest::default();
        key.word(self.seed);
        purpose.fingerprint(&mut key);
        names.fingerprint(&mut key);
        key.word(ordinal);
        self.opened = self.opened.wrapping_add(1);
        Stream {
            key: key.value(),
            count: 0,
            place: self.opened % CACHED,
        }
    }
}

impl Stream {
    /// A whole number below `n`, which is at least 1.
    #[inline]
    pub fn below(&mut self, n: u64, at_hand: &mut Generators) -> u64 {
        let wide = u128::from(at_hand.draw(self)) * u128::from(n);
        (wide >> 64) as u64
    }

    /// A time within a span. An exact span takes no draw.
    #[inline]
    pub fn within(&mut self, span: Span, at_hand: &mut Generators) -> u64 {
        if span.is_exact() {
            return span.least;
        }
        span.least + self.below(span.most - span.least + 1, at_hand)
    }
}

impl Generators {
    #[inline]
    fn draw(&mut self, stream: &mut Stream) -> u64 {
        let place = stream.place as usize;
        let (key, count) = (stream.key, stream.count);
        stream.count += 1;
        if let Some(Some(generator)) = self.0.get_mut(place)
            && generator.key == key
            && generator.count == count
        {
            generator.count += 1;
            return generator.chacha.next_u64();
        }
        self.draw_anew(place, key, count)
    }

    #[cold]
    fn draw_anew(&mut self, place: usize, key: u64, count: u64) -> u64 {
        if self.0.len() <= place {
            self.0.resize_with(place + 1, || None);
        }
        let mut chacha = ChaCha8Rng::from_seed(seed(key));
        // A draw is two words of the keystream.
        chacha.set_word_pos(u128::from(count) * 2);
        let value = chacha.next_u64();
        let count = count + 1;
        self.0[place] = Some(Box::new(Generator { key, count, chacha }));
        value
    }
}

impl std::fmt::Debug for Generators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Generators({})", self.0.iter().flatten().count())
    }
}

/// Stretches a key over the 256 bits that ChaCha takes.
fn seed(key: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    let mut digest = Digest::default();
    for part in seed.chunks_exact_mut(8) {
        digest.word(key);
        part.copy_from_slice(&digest.value().to_le_bytes());
    }
    seed
}

impl Fingerprint for Stream {
    fn fingerprint(&self, to: &mut Digest) {
        to.word(self.key);
        to.word(self.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(stream: &mut Stream, n: usize, at_hand: &mut Generators) -> Vec<u64> {
        (0..n).map(|_| stream.below(1000, at_hand)).collect()
    }

    #[test]
    fn a_copied_stream_goes_on_as_the_original_would() {
        let at_hand = &mut Generators::default();
        let mut stream = Dice::new(7).stream("latency", &["shop", "rabbit-1"], 0);
        draws(&mut stream, 45, at_hand);
        let mut copy = stream;
        let after = draws(&mut stream, 45, at_hand);
        assert_eq!(draws(&mut copy, 45, &mut Generators::default()), after);
    }

    #[test]
    fn another_stream_changes_no_draw() {
        let at_hand = &mut Generators::default();
        let alone = draws(&mut Dice::new(7).stream("latency", &["a"], 0), 20, at_hand);
        let mut dice = Dice::new(7);
        dice.stream("latency", &["b"], 0);
        let beside = draws(&mut dice.stream("latency", &["a"], 0), 20, at_hand);
        assert_eq!(alone, beside);
        assert_ne!(
            alone,
            draws(&mut dice.stream("latency", &["a"], 1), 20, at_hand)
        );
        assert_ne!(
            alone,
            draws(&mut Dice::new(8).stream("latency", &["a"], 0), 20, at_hand)
        );
    }

    #[test]
    fn draws_keep_to_the_span_and_reach_both_ends() {
        let at_hand = &mut Generators::default();
        let mut stream = Dice::new(1).stream("latency", &[], 0);
        let times: Vec<_> = (0..500)
            .map(|_| stream.within(Span::between(3, 6), at_hand))
            .collect();
        assert_eq!(times.iter().min(), Some(&3));
        assert_eq!(times.iter().max(), Some(&6));
        assert_eq!(stream.within(Span::us(9), at_hand), 9);
    }

    #[test]
    fn the_numbers_are_fixed() {
        // Every shared link rests on these: they may never change.
        let mut stream = Dice::new(7).stream("latency", &["shop", "rabbit-1"], 0);
        assert_eq!(
            draws(&mut stream, 5, &mut Generators::default()),
            [836, 177, 928, 231, 205]
        );
    }
}
