//! Time in whole microseconds, as a machine reads and asks for it.

use core::fmt;

use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

/// A node's two clocks at the start of a step, in microseconds.
///
/// Each use names the clock that the real broker uses: record timestamps and expiry are `wall`,
/// session and poll timeouts are `mono`. A skewed clock moves `wall` only, a fast one moves both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Now {
    /// Since the Unix epoch, as the node believes.
    pub wall: i64,
    /// Since the start of the run, at the pace of the node's oscillator; never goes back.
    pub mono: u64,
}

impl Now {
    /// The wall clock in milliseconds, as record timestamps and AMQP headers have it.
    #[must_use]
    pub fn wall_ms(self) -> i64 {
        self.wall.div_euclid(1000)
    }

    /// The monotonic clock in milliseconds.
    #[must_use]
    pub fn mono_ms(self) -> u64 {
        self.mono / 1000
    }
}

/// A wait or a delay in microseconds. A span with room asks the kernel to choose within it,
/// both ends included.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize,
)]
pub struct Span {
    /// The shortest.
    pub least: u64,
    /// The longest; never below `least`.
    pub most: u64,
}

impl Span {
    /// No wait at all.
    pub const ZERO: Span = Span { least: 0, most: 0 };

    /// Between two waits, in microseconds, in either order.
    #[must_use]
    pub const fn between(a: u64, b: u64) -> Span {
        if a <= b {
            Span { least: a, most: b }
        } else {
            Span { least: b, most: a }
        }
    }

    /// Exactly so many microseconds.
    #[must_use]
    pub const fn us(n: u64) -> Span {
        Span { least: n, most: n }
    }

    /// Exactly so many milliseconds.
    #[must_use]
    pub const fn ms(n: u64) -> Span {
        Span::us(n.saturating_mul(1000))
    }

    /// Exactly so many seconds.
    #[must_use]
    pub const fn secs(n: u64) -> Span {
        Span::ms(n.saturating_mul(1000))
    }

    /// Whether there is nothing to choose.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        self.least == self.most
    }
}

/// As scenarios write it: `5ms`, `1ms..4ms`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_time(f, self.least)?;
        if self.is_exact() {
            return Ok(());
        }
        f.write_str("..")?;
        write_time(f, self.most)
    }
}

/// In the largest unit that needs no fraction.
fn write_time(f: &mut fmt::Formatter<'_>, us: u64) -> fmt::Result {
    match us {
        0 => f.write_str("0s"),
        _ if us.is_multiple_of(1_000_000) => write!(f, "{}s", us / 1_000_000),
        _ if us.is_multiple_of(1000) => write!(f, "{}ms", us / 1000),
        _ => write!(f, "{us}us"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_span_is_written_as_scenarios_write_it() {
        assert_eq!(Span::secs(5).to_string(), "5s");
        assert_eq!(Span::between(4000, 1000).to_string(), "1ms..4ms");
        assert_eq!(Span::us(1500).to_string(), "1500us");
        assert_eq!(Span::ZERO.to_string(), "0s");
    }

    #[test]
    fn a_wall_clock_before_1970_rounds_down() {
        assert_eq!(Now { wall: -1, mono: 0 }.wall_ms(), -1);
    }
}
