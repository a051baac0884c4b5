//! A node's own clock: how far off, and how fast.

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::time::Now;

/// The clock of one node, against the virtual time that only the kernel knows.
///
/// A skew moves the wall clock alone, as a wrong date does; a rate moves both, as a wrong
/// oscillator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Clock {
    /// The wall clock at virtual time 0, in microseconds since 1970.
    epoch: i64,
    /// How far the wall clock is off, in microseconds.
    skew: i64,
    /// How much too fast it runs, in millionths.
    ppm: i32,
    /// When the rate last changed: virtual time, and what the monotonic clock read.
    since: u64,
    mono: u64,
}

impl Clock {
    /// A clock that is right.
    #[must_use]
    pub fn new(epoch: i64) -> Self {
        Clock {
            epoch,
            skew: 0,
            ppm: 0,
            since: 0,
            mono: 0,
        }
    }

    /// What the node reads at virtual time `at`.
    #[inline]
    #[must_use]
    pub fn read(&self, at: u64) -> Now {
        let mono = self.mono + self.own(at - self.since);
        Now {
            wall: self.epoch + self.skew + mono as i64,
            mono,
        }
    }

    /// The virtual duration of a wait that takes `span` microseconds on this clock, rounded up:
    /// a timer is never early.
    #[inline]
    #[must_use]
    pub fn real(&self, span: u64) -> u64 {
        if self.ppm == 0 {
            return span;
        }
        let pace = self.pace();
        (u128::from(span) * 1_000_000)
            .div_ceil(pace)
            .min(u128::from(u64::MAX)) as u64
    }

    /// Puts the wall clock wrong by so many microseconds.
    pub fn set_skew(&mut self, skew: i64) {
        self.skew = skew;
    }

    /// Lets the clock run too fast by so many millionths, from virtual time `at` on.
    pub fn set_rate(&mut self, ppm: i32, at: u64) {
        self.mono = self.read(at).mono;
        self.since = at;
        self.ppm = ppm.max(-999_999);
    }

    /// Whether the clock differs from virtual time.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.skew != 0 || self.ppm != 0 || self.mono != self.since
    }

    fn own(&self, real: u64) -> u64 {
        if self.ppm == 0 {
            return real;
        }
        (u128::from(real) * self.pace() / 1_000_000) as u64
    }

    /// Own microseconds in a virtual second.
    fn pace(&self) -> u128 {
        (1_000_000 + i64::from(self.ppm)) as u128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skew_moves_the_wall_clock_only() {
        let mut clock = Clock::new(1_000);
        clock.set_skew(-300);
        assert_eq!(
            clock.read(50),
            Now {
                wall: 750,
                mono: 50
            }
        );
    }

    #[test]
    fn a_fast_clock_moves_both_and_its_timers_are_early() {
        let mut clock = Clock::new(0);
        clock.set_rate(100_000, 1_000_000);
        assert_eq!(clock.read(1_000_000).mono, 1_000_000);
        assert_eq!(
            clock.read(2_000_000),
            Now {
                wall: 2_100_000,
                mono: 2_100_000
            }
        );
        let due = 1_000_000 + clock.real(550_000);
        assert_eq!(due, 1_500_000);
        assert_eq!(clock.read(due).mono, 1_550_000);
    }

    #[test]
    fn a_timer_is_never_early_on_its_own_clock() {
        for ppm in [-999_999, -7, 0, 3, 40_000, 1_000_000] {
            let mut clock = Clock::new(0);
            clock.set_rate(ppm, 12_345);
            for span in [0, 1, 7, 999, 1_000_003] {
                assert!(clock.read(12_345 + clock.real(span)).mono >= 12_345 + span);
            }
        }
    }
}
