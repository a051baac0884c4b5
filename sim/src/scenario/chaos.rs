//! Faults chosen by the seed.

use glassmq_core::time::Span;

use super::form::{Fixed, spelt_as_fixed};
use super::record::{Fields, Record};
use super::time::Time;

/// Faults chosen by the seed; each is undone before the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chaos {
    /// Of these kinds.
    pub kinds: Vec<Kind>,
    /// How long from one to the next.
    pub every: Span,
    /// Until when; afterwards everything is healed. Not given: until the end.
    pub until: Option<Time>,
}

/// A kind of fault that chance may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A broker dies and is started again.
    Crash,
    /// A host loses power and is started again.
    Power,
    /// One broker is cut off from the rest.
    Cut,
    /// A broker takes no more input for a while.
    Pause,
    /// A broker is stopped in an orderly way and started again.
    Stop,
    /// The connections between two processes are reset.
    Reset,
    /// What passes between two processes takes longer.
    Slow,
    /// A wall clock jumps.
    Skew,
}

spelt_as_fixed!(Kind);

impl Default for Chaos {
    fn default() -> Self {
        Chaos {
            kinds: Vec::new(),
            every: Span::between(1_000_000, 4_000_000),
            until: None,
        }
    }
}

impl Record for Chaos {
    const NAME: &'static str = "chaos";
    const ABOUT: &'static str = "Faults chosen by the seed; each is undone before the next one.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("kinds", "Of these kinds.", &mut self.kinds);
        f.may("every", "How long from one to the next.", &mut self.every);
        f.may(
            "until",
            "Until when; afterwards everything is healed.",
            &mut self.until,
        );
    }
}

impl Fixed for Kind {
    const NAME: &'static str = "kind of chaos";
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        ("crash", "A broker dies and is started again.", Kind::Crash),
        (
            "power",
            "A host loses power and is started again.",
            Kind::Power,
        ),
        ("cut", "One broker is cut off from the rest.", Kind::Cut),
        (
            "pause",
            "A broker takes no more input for a while.",
            Kind::Pause,
        ),
        (
            "stop",
            "A broker is stopped in an orderly way and started again.",
            Kind::Stop,
        ),
        (
            "reset",
            "The connections between two processes are reset.",
            Kind::Reset,
        ),
        (
            "slow",
            "What passes between two processes takes longer.",
            Kind::Slow,
        ),
        ("skew", "A wall clock jumps.", Kind::Skew),
    ];
}
