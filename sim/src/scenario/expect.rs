//! What must come out of a run.

use super::form::{Fixed, spelt_as_fixed};
use super::pattern::Pattern;
use super::record::{Choice, Fields, Record};

/// What must come out of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation(pub Claim);

/// A claim about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A checker finds no violation; or it finds one, where the scenario shows an anomaly.
    Check {
        /// Which checker.
        check: Check,
        /// Whether it must hold.
        holds: bool,
    },
    /// It is seen in at least one of the runs that a file's seeds make.
    Sometimes(Pattern),
    /// It is seen in every run.
    Eventually(Pattern),
    /// It is seen in no run.
    Never(Pattern),
}

/// The checkers, each with a page in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// What was acknowledged is not lost.
    NoAcknowledgedLoss,
    /// One send is one record, where that is promised.
    NoDuplicate,
    /// What is read comes in the order sent.
    Order,
    /// Nothing vanishes without a trace.
    NoSilentDrop,
    /// In an epoch or term there is at most one leader.
    OneLeaderPerEpoch,
    /// A high watermark never goes back.
    HighWatermarkMonotonic,
    /// Logs that agree at a place agree before it.
    LogMatching,
    /// Every message is accounted for.
    LedgerCloses,
    /// After healing, work completes.
    Progress,
}

spelt_as_fixed!(Check);

impl Check {
    /// The name by which scenarios and the book call it: `no-acknowledged-loss`.
    #[must_use]
    pub fn name(self) -> &'static str {
        super::form::print_fixed(self)
    }
}

impl Default for Claim {
    fn default() -> Self {
        Claim::Check {
            check: Check::LedgerCloses,
            holds: true,
        }
    }
}

impl Record for Expectation {
    const NAME: &'static str = "expectation";
    const ABOUT: &'static str = "What must come out of a run.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.by_key(&mut self.0);
    }
}

impl Choice for Claim {
    const NAME: &'static str = "expectation";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        vec![
            (
                "check",
                "A checker holds throughout, or is violated.",
                Claim::default(),
            ),
            (
                "sometimes",
                "Seen in at least one of the runs that a file's seeds make.",
                Claim::Sometimes(Pattern::default()),
            ),
            (
                "eventually",
                "Seen in every run.",
                Claim::Eventually(Pattern::default()),
            ),
            ("never", "Seen in no run.", Claim::Never(Pattern::default())),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Claim::Check { .. } => "check",
            Claim::Sometimes(_) => "sometimes",
            Claim::Eventually(_) => "eventually",
            Claim::Never(_) => "never",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Claim::Check { check, holds } => {
                f.need("check", "Which checker.", check);
                f.may(
                    "holds",
                    "Whether it must hold; false where the scenario shows the anomaly.",
                    holds,
                );
            }
            Claim::Sometimes(seen) => f.need("sometimes", "The event.", seen),
            Claim::Eventually(seen) => f.need("eventually", "The event.", seen),
            Claim::Never(seen) => f.need("never", "The event.", seen),
        }
    }
}

impl Fixed for Check {
    const NAME: &'static str = "check";
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        (
            "no-acknowledged-loss",
            "What was acknowledged is not lost.",
            Check::NoAcknowledgedLoss,
        ),
        (
            "no-duplicate",
            "One send is one record, where that is promised.",
            Check::NoDuplicate,
        ),
        (
            "order",
            "What is read comes in the order sent.",
            Check::Order,
        ),
        (
            "no-silent-drop",
            "Nothing vanishes without a trace.",
            Check::NoSilentDrop,
        ),
        (
            "one-leader-per-epoch",
            "In an epoch or term there is at most one leader.",
            Check::OneLeaderPerEpoch,
        ),
        (
            "high-watermark-monotonic",
            "A high watermark never goes back.",
            Check::HighWatermarkMonotonic,
        ),
        (
            "log-matching",
            "Logs that agree at a place agree before it.",
            Check::LogMatching,
        ),
        (
            "ledger-closes",
            "Every message is accounted for.",
            Check::LedgerCloses,
        ),
        (
            "progress",
            "After healing, work completes.",
            Check::Progress,
        ),
    ];
}
