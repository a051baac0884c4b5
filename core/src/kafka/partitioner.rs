//! Which partition a record goes to: by its key, or stuck to one for a while.
//!
//! Source: `BuiltInPartitioner`, `Utils.murmur2`; KIP-480 and KIP-794 for the sticky choice.

use crate::fingerprint::Fingerprint;
use crate::machine::Chance;

/// The partition of a record with this key, out of `count`. An empty key is a key.
#[must_use]
pub fn partition_for_key(key: &[u8], count: u32) -> u32 {
    assert!(count > 0, "a topic has at least one partition");
    to_positive(murmur2(key)) % count
}

/// `Utils.toPositive`: the number without its sign bit, which is not its absolute value.
#[must_use]
pub fn to_positive(hash: u32) -> u32 {
    hash & 0x7fff_ffff
}

/// MurmurHash2 of 32 bits with Kafka's seed.
#[must_use]
pub fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;

    let mut hash = SEED ^ data.len() as u32;
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        k = k.wrapping_mul(M);
        k ^= k >> R;
        k = k.wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (byte, shift) in rest.iter().zip([0, 8, 16]) {
            hash ^= u32::from(*byte) << shift;
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

/// Where records of one topic without a key go: to one partition, until enough bytes went there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Sticky {
    current: Option<u32>,
    produced_bytes: u64,
}

impl Sticky {
    /// The partition to use now. Where there is none yet, one of `available` is drawn (of all
    /// `count` if no partition has a leader).
    pub fn partition(&mut self, available: &[u32], count: u32, chance: &mut Chance<'_>) -> u32 {
        if let Some(current) = self.current {
            return current;
        }
        let next = draw(available, count, chance);
        self.current = Some(next);
        next
    }

    /// Counts what went to the current partition, and moves on after `batch_size` bytes if the
    /// batch is ready to be sent, or after twice as much in any case (KIP-794).
    pub fn produced(
        &mut self,
        bytes: u64,
        batch_size: u64,
        batch_is_ready: bool,
        available: &[u32],
        count: u32,
        chance: &mut Chance<'_>,
    ) {
        self.produced_bytes += bytes;
        let enough = self.produced_bytes >= batch_size && batch_is_ready;
        if enough || self.produced_bytes >= batch_size * 2 {
            self.produced_bytes = 0;
            self.current = Some(draw(available, count, chance));
        }
    }
}

/// One of the available partitions, each as likely; of all, if none is available.
fn draw(available: &[u32], count: u32, chance: &mut Chance<'_>) -> u32 {
    const PURPOSE: &str = "sticky partition";
    match available {
        [] => chance.below(u64::from(count), PURPOSE) as u32,
        [only] => *only,
        _ => available[chance.below(available.len() as u64, PURPOSE) as usize],
    }
}
