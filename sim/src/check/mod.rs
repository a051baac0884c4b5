//! The checkers: what a run must not do, each judged while it goes.
//!
//! A checker reads events in order and the [`Ledger`], which has entered each event before. It
//! takes time linear in the trace, and memory for what is live. It stops at its first violation
//! and names the event and the messages. Some claims can only be judged at the end of a run;
//! [`Panel::finish`] judges those.

mod claim;
mod high_watermark_monotonic;
mod ledger_closes;
mod log_matching;
mod no_acknowledged_loss;
mod no_duplicate;
mod no_silent_drop;
mod one_leader_per_epoch;
mod order;
mod progress;

use std::rc::Rc;

use glassmq_core::names::MessageId;

pub use claim::{Unmet, judge};
use high_watermark_monotonic::HighWatermarkMonotonic;
use ledger_closes::LedgerCloses;
use log_matching::LogMatching;
use no_acknowledged_loss::NoAcknowledgedLoss;
use no_duplicate::NoDuplicate;
use no_silent_drop::NoSilentDrop;
use one_leader_per_epoch::OneLeaderPerEpoch;
use order::Order;
pub use progress::PATIENCE;
use progress::Progress;

use crate::cast::Cast;
use crate::event::{Event, EventId};
use crate::ledger::Ledger;
use crate::play::names::Names;
use crate::scenario::expect::Check;

/// What a checker says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which checker.
    pub check: Check,
    /// What it found; nothing: it holds.
    pub violation: Option<Violation>,
}

/// The first thing that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// At this event.
    pub at: EventId,
    /// The messages it concerns, where they have names.
    pub messages: Vec<MessageId>,
    /// In one sentence.
    pub says: String,
}

/// One property of a run.
trait Checker: Clone + Default {
    /// Sees an event, which the ledger has entered. After its first violation it sees no more.
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation>;

    /// What would be wrong if the run ended now, at this time (microseconds).
    fn finish(&self, _at: u64, _ledger: &Ledger) -> Option<Violation> {
        None
    }
}

/// A checker and what it found.
#[derive(Clone, Debug, Default)]
struct Post<C> {
    checker: C,
    found: Option<Violation>,
}

/// The ledger and all checkers, fed by one sink.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    ledger: Ledger,
    no_acknowledged_loss: Post<NoAcknowledgedLoss>,
    no_duplicate: Post<NoDuplicate>,
    order: Post<Order>,
    no_silent_drop: Post<NoSilentDrop>,
    one_leader_per_epoch: Post<OneLeaderPerEpoch>,
    high_watermark_monotonic: Post<HighWatermarkMonotonic>,
    log_matching: Post<LogMatching>,
    ledger_closes: Post<LedgerCloses>,
    progress: Post<Progress>,
}

impl Panel {
    /// For a world whose processes have these names.
    #[must_use]
    pub fn new(names: Rc<Names>) -> Self {
        Panel {
            ledger: Ledger::new(names),
            ..Panel::default()
        }
    }

    /// Sees an event.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        self.ledger.see(event);
        let ledger = &self.ledger;
        self.no_acknowledged_loss.see(event, ledger);
        self.no_duplicate.see(event, ledger);
        self.order.see(event, ledger);
        self.no_silent_drop.see(event, ledger);
        self.one_leader_per_epoch.see(event, ledger);
        self.high_watermark_monotonic.see(event, ledger);
        self.log_matching.see(event, ledger);
        self.ledger_closes.see(event, ledger);
        self.progress.see(event, ledger);
    }

    /// The books of the run so far.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What is already certain, in the order in which a scenario may name the checks.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        self.judged(None)
    }

    /// What is to be said if the run ends at this time (microseconds). It changes nothing: the run
    /// may go on.
    #[must_use]
    pub fn finish(&self, at: u64) -> Vec<Verdict> {
        self.judged(Some(at))
    }

    fn judged(&self, end: Option<u64>) -> Vec<Verdict> {
        let ledger = &self.ledger;
        let verdict = |check, violation| Verdict { check, violation };
        vec![
            verdict(
                Check::NoAcknowledgedLoss,
                self.no_acknowledged_loss.violation(end, ledger),
            ),
            verdict(Check::NoDuplicate, self.no_duplicate.violation(end, ledger)),
            verdict(Check::Order, self.order.violation(end, ledger)),
            verdict(
                Check::NoSilentDrop,
                self.no_silent_drop.violation(end, ledger),
            ),
            verdict(
                Check::OneLeaderPerEpoch,
                self.one_leader_per_epoch.violation(end, ledger),
            ),
            verdict(
                Check::HighWatermarkMonotonic,
                self.high_watermark_monotonic.violation(end, ledger),
            ),
            verdict(Check::LogMatching, self.log_matching.violation(end, ledger)),
            verdict(
                Check::LedgerCloses,
                self.ledger_closes.violation(end, ledger),
            ),
            verdict(Check::Progress, self.progress.violation(end, ledger)),
        ]
    }
}

impl<C: Checker> Post<C> {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) {
        if self.found.is_none() {
            self.found = self.checker.see(event, ledger);
        }
    }

    fn violation(&self, end: Option<u64>, ledger: &Ledger) -> Option<Violation> {
        let at_the_end = || self.checker.finish(end?, ledger);
        self.found.clone().or_else(at_the_end)
    }
}
