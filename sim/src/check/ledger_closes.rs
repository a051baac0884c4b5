//! ledger-closes: every message is accounted for, after every event.
//!
//! Definition: for each queue, enqueued = ready + unacked + acknowledged + expired + dropped +
//! lost; for each replica, appended = live + truncated + power-lost; for each client, sent =
//! buffered + in flight + confirmed + failed + indeterminate + returned. It is what Jepsen's
//! `total-queue` checker asks of a queue's attempts, acknowledgements and dequeues at the end of a
//! run (`jepsen.checker/total-queue`), asked at every moment. A violation is a flaw of the
//! simulator, never of a broker's configuration.

use super::{Checker, Violation};
use crate::cast::Cast;
use crate::event::Event;
use crate::ledger::Ledger;

/// The state of the checker: none, the ledger has it all.
#[derive(Clone, Debug, Default)]
pub struct LedgerCloses;

impl Checker for LedgerCloses {
    fn see(&mut self, _: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        let gap = ledger.closes().err()?;
        Some(Violation {
            at: gap.at,
            messages: gap.messages,
            says: gap.says,
        })
    }
}
