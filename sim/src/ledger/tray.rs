//! The player's line: every message that was sent, under exactly one word.

use std::fmt;

/// Where a message is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Bucket {
    /// Settled by a consumer in every queue that had it.
    Acknowledged,
    /// In a queue, to be delivered.
    Ready,
    /// Delivered and not settled.
    Unacked,
    /// In the log of a partition.
    Stored,
    /// In its client library.
    Buffered,
    /// Handed to the network, its fate not yet known.
    InFlight,
    /// Given back: no route.
    Returned,
    /// Refused, and its sender knows.
    Failed,
    /// Its sender was told of an error, and cannot know.
    Indeterminate,
    /// Outlived its time.
    Expired,
    /// Let go of by a rule or an order.
    Dropped,
    /// No queue was bound for it, and its sender had not asked to be told.
    Unroutable,
    /// Gone, and nobody asked for it.
    Lost,
}

/// How many messages are under each word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tray {
    counts: [u64; Bucket::ALL.len()],
}

impl Bucket {
    /// All, in the order of the line.
    pub const ALL: [Bucket; 13] = [
        Bucket::Acknowledged,
        Bucket::Ready,
        Bucket::Unacked,
        Bucket::Stored,
        Bucket::Buffered,
        Bucket::InFlight,
        Bucket::Returned,
        Bucket::Failed,
        Bucket::Indeterminate,
        Bucket::Expired,
        Bucket::Dropped,
        Bucket::Unroutable,
        Bucket::Lost,
    ];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Bucket::Acknowledged => "acknowledged",
            Bucket::Ready => "ready",
            Bucket::Unacked => "unacked",
            Bucket::Stored => "in the log",
            Bucket::Buffered => "buffered",
            Bucket::InFlight => "in flight",
            Bucket::Returned => "returned",
            Bucket::Failed => "failed",
            Bucket::Indeterminate => "indeterminate",
            Bucket::Expired => "expired",
            Bucket::Dropped => "dropped",
            Bucket::Unroutable => "unroutable",
            Bucket::Lost => "lost",
        }
    }
}

impl Tray {
    /// How many messages are under a word.
    #[must_use]
    pub fn count(&self, bucket: Bucket) -> u64 {
        self.counts[bucket as usize]
    }

    /// How many messages there are.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The words that apply, with their counts.
    pub fn parts(&self) -> impl Iterator<Item = (Bucket, u64)> + '_ {
        let parts = Bucket::ALL.into_iter();
        parts
            .map(|bucket| (bucket, self.count(bucket)))
            .filter(|(_, count)| *count > 0)
    }

    pub(super) fn put(&mut self, bucket: Bucket) {
        self.counts[bucket as usize] += 1;
    }

    pub(super) fn take(&mut self, bucket: Bucket) {
        self.counts[bucket as usize] -= 1;
    }
}

/// `18 published = 5 acknowledged + 13 ready`
impl fmt::Display for Tray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} published", self.sent())?;
        for (n, (bucket, count)) in self.parts().enumerate() {
            let sign = if n == 0 { "=" } else { "+" };
            write!(f, " {sign} {count} {}", bucket.word())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_a_sum() {
        let mut tray = Tray::default();
        assert_eq!(tray.to_string(), "0 published");
        for bucket in [Bucket::Ready, Bucket::Ready, Bucket::Acknowledged] {
            tray.put(bucket);
        }
        tray.take(Bucket::Ready);
        assert_eq!(tray.to_string(), "2 published = 1 acknowledged + 1 ready");
    }

    #[test]
    fn the_list_is_in_the_order_of_the_numbers() {
        for (n, bucket) in Bucket::ALL.into_iter().enumerate() {
            assert_eq!(bucket as usize, n);
        }
    }
}
