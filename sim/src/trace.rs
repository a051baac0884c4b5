//! What is kept of every event: 32 bytes in columns, and the digests of a run.
//!
//! Payloads and sentences are not kept: they are had again by running the window of interest anew.

mod event;
mod quiet;
mod rows;
mod subjects;

pub use event::{Event as Told, What as ToldWhat};
pub use quiet::{Marked, Quiet};
pub use rows::{Kind, Marks, Row, Trace};

use glassmq_core::fingerprint::{Digest, Fingerprint};
use glassmq_core::machine::{Input, Machine};

use crate::event::{Event, Sink, What};

/// The two digests of a run.
///
/// *Behaviour* is what processes were given and did to their disks: it stays the same when a new
/// fact is told or a sentence is worded anew. *Whole* is every event with its cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    behaviour: Digest,
    whole: Digest,
}

impl Digests {
    /// Over deliveries, timers, commands, and what was written.
    #[must_use]
    pub fn behaviour(&self) -> u64 {
        self.behaviour.value()
    }

    /// Over every event.
    #[must_use]
    pub fn whole(&self) -> u64 {
        self.whole.value()
    }

    /// Feeds an event to the digest of the behaviour.
    #[inline(always)]
    pub fn feed_behaviour<M: Machine>(&mut self, event: &Event<'_, M>) {
        let to = &mut self.behaviour;
        match &event.what {
            What::Took { input, .. } => {
                to.word(event.at << 16 ^ u64::from(event.node.0));
                match input {
                    Input::Message { link, message } => {
                        to.word(u64::from(link.opener.0) << 32 | u64::from(link.ordinal));
                        message.fingerprint(to);
                    }
                    other => other.fingerprint(to),
                }
            }
            What::Appended {
                file,
                index,
                record,
            } => {
                to.word(file.0);
                to.word(*index);
                record.fingerprint(to);
            }
            What::Truncated { file, end: at }
            | What::Trimmed { file, before: at }
            | What::Replaced { file, len: at }
            | What::WrittenBack { file, end: at } => {
                to.word(Kind::of(&event.what) as u64);
                to.word(file.0);
                to.word(*at);
            }
            What::Deleted { file } => to.word(file.0),
            What::Booted { .. } | What::Exited | What::Faulted { .. } => {
                to.word(Kind::of(&event.what) as u64);
                to.word(event.at);
                to.word(u64::from(event.node.0));
            }
            _ => {}
        }
    }

    /// Feeds an event to the digest of the whole.
    #[inline]
    pub fn feed_whole<M: Machine>(&mut self, event: &Event<'_, M>) {
        let to = &mut self.whole;
        to.word(u64::from(event.id.step) << 32 | u64::from(event.id.n));
        to.word(u64::from(event.cause.step) << 32 | u64::from(event.cause.n));
        to.word(event.at);
        to.word(u64::from(event.node.0) << 8 | Kind::of(&event.what) as u64);
        match &event.what {
            What::Sent { link, message } => {
                link.fingerprint(to);
                message.fingerprint(to);
            }
            What::Fact { fact } => fact.fingerprint(to),
            What::Armed { timer, due } => {
                timer.fingerprint(to);
                to.word(*due);
            }
            What::Drawn { purpose, n, value } => {
                purpose.fingerprint(to);
                to.word(*n);
                to.word(*value);
            }
            What::Faulted { fault, toll } => {
                fault.fingerprint(to);
                toll.fingerprint(to);
            }
            _ => {}
        }
    }
}

/// Columns and the digest of the behaviour: the least that a run leaves.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    /// A row for each event.
    pub trace: Trace,
    /// The digests so far; only that of the behaviour is fed here.
    pub digests: Digests,
}

impl<M: Machine> Sink<M> for Recorder {
    #[inline(always)]
    fn event(&mut self, event: &Event<'_, M>) {
        self.trace.push(event);
        self.digests.feed_behaviour(event);
    }
}
