//! The timers of a process, by name. Most have one or none, a broker may have thousands.

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::shared::Map;

use crate::event::EventId;

/// A timer that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Armed {
    /// The entry in the agenda that counts.
    pub ticket: u64,
    /// When, on the node's monotonic clock, in microseconds.
    pub mono: u64,
    /// The event that set it.
    pub cause: EventId,
}

/// All timers that are set.
#[derive(Clone, Debug, Default)]
pub enum Timers<T: Ord> {
    /// None.
    #[default]
    None,
    /// One, held in place.
    One(T, Armed),
    /// More; or fewer, after there were more.
    Many(Box<Map<T, Armed>>),
}

impl<T: Ord + Clone> Timers<T> {
    /// Sets a timer, in the place of one of the same name. Returns whether there was one.
    #[inline(always)]
    pub fn arm(&mut self, timer: T, ticket: u64, mono: u64, cause: EventId) -> bool {
        let armed = || Armed {
            ticket,
            mono,
            cause,
        };
        if let Timers::None = self {
            *self = Timers::One(timer, armed());
            return false;
        }
        self.arm_beside(timer, armed())
    }

    #[inline(never)]
    fn arm_beside(&mut self, timer: T, armed: Armed) -> bool {
        match self {
            Timers::None => unreachable!("there is another"),
            Timers::One(one, was) if *one == timer => {
                *was = armed;
                true
            }
            Timers::One(one, was) => {
                let mut many = Map::new();
                many.insert(one.clone(), *was);
                many.insert(timer, armed);
                *self = Timers::Many(Box::new(many));
                false
            }
            Timers::Many(many) => many.insert(timer, armed).is_some(),
        }
    }

    /// Unsets a timer and returns what it was.
    #[inline]
    pub fn disarm(&mut self, timer: &T) -> Option<Armed> {
        match self {
            Timers::One(one, armed) if one == timer => {
                let armed = *armed;
                *self = Timers::None;
                Some(armed)
            }
            Timers::Many(many) => many.remove(timer),
            _ => None,
        }
    }

    /// Unsets a timer if it was set under this ticket, and returns what it was.
    #[inline(always)]
    pub fn go_off(&mut self, timer: &T, ticket: u64) -> Option<Armed> {
        match self {
            Timers::One(one, armed) if one == timer && armed.ticket == ticket => {
                let armed = *armed;
                *self = Timers::None;
                Some(armed)
            }
            Timers::Many(many) if many.get(timer)?.ticket == ticket => many.remove(timer),
            _ => None,
        }
    }

    /// A timer, if it is set.
    #[inline]
    pub fn get(&self, timer: &T) -> Option<&Armed> {
        match self {
            Timers::One(one, armed) if one == timer => Some(armed),
            Timers::Many(many) => many.get(timer),
            _ => None,
        }
    }

    /// How many are set.
    #[must_use]
    pub fn len(&self) -> u32 {
        match self {
            Timers::None => 0,
            Timers::One(..) => 1,
            Timers::Many(many) => many.len() as u32,
        }
    }

    /// Whether none is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All that are set, in the order of their names.
    #[must_use]
    pub fn to_vec(&self) -> Vec<(T, Armed)> {
        match self {
            Timers::None => Vec::new(),
            Timers::One(one, armed) => vec![(one.clone(), *armed)],
            Timers::Many(many) => many
                .iter()
                .map(|(timer, armed)| (timer.clone(), *armed))
                .collect(),
        }
    }
}

/// The contents alone: how they are held depends on how many there once were.
impl<T: Fingerprint + Ord + Clone> Fingerprint for Timers<T> {
    fn fingerprint(&self, to: &mut Digest) {
        self.to_vec().fingerprint(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(timers: &mut Timers<&'static str>, timer: &'static str, ticket: u64) -> bool {
        timers.arm(timer, ticket, 0, EventId::ROOT)
    }

    #[test]
    fn one_or_many_makes_no_difference() {
        let mut timers = Timers::default();
        assert!(!arm(&mut timers, "a", 1));
        let one = Digest::of(&timers);
        assert!(arm(&mut timers, "a", 2), "armed again, it replaces itself");
        assert!(!arm(&mut timers, "b", 3));
        assert_eq!(timers.get(&"a").map(|armed| armed.ticket), Some(2));
        assert_eq!(timers.disarm(&"b").map(|armed| armed.ticket), Some(3));
        arm(&mut timers, "a", 1);
        assert_eq!(timers.len(), 1);
        assert_eq!(Digest::of(&timers), one);
        assert_eq!(timers.disarm(&"b"), None);
    }
}
