//! When something happens: at a time, or some time after an event is seen.

use glassmq_core::time::Span;

use super::pattern::Pattern;
use super::record::{Choice, Fields};
use super::time::Time;

/// When something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At a time of the run.
    At(Time),
    /// When an event is seen for the first time.
    When {
        /// Which event; without `nth`, the first.
        seen: Pattern,
        /// How long after it.
        after: Span,
    },
}

impl Default for Moment {
    fn default() -> Self {
        Moment::At(Time(0))
    }
}

impl Choice for Moment {
    const NAME: &'static str = "moment";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        let when = Moment::When {
            seen: Pattern::default(),
            after: Span::ZERO,
        };
        vec![
            ("at", "At a time of the run.", Moment::default()),
            (
                "when",
                "When an event is seen: the first, or the `nth`.",
                when,
            ),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Moment::At(_) => "at",
            Moment::When { .. } => "when",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Moment::At(time) => f.need("at", "When, from the start of the run.", time),
            Moment::When { seen, after } => {
                f.need(
                    "when",
                    "The event that sets it off, directly after its step.",
                    seen,
                );
                f.may("after", "How long after the event.", after);
            }
        }
    }
}
