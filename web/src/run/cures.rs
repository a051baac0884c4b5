//! What would have kept a violation from happening: the same run, with the same seed and the same
//! faults, tried with one setting changed at a time. Only what was tried, and held, is told.

use glassmq_core::names::MessageId;
use glassmq_sim::check::Verdict;
use serde_json::{Value, json};

use super::branch::Branch;
use super::change;
use super::timed;

/// Settings that keep promises, as the brokers and libraries spell them, the usual ones first.
const SAFER: [&str; 6] = [
    "acks=all",
    "min.insync.replicas=2",
    "unclean.leader.election.enable=false",
    "enable.idempotence=true",
    "confirm=true",
    "delivery_mode=2",
];

/// Longer runs than this, in events, are not tried again and again.
const LONGEST: u32 = 20_000;

impl Branch {
    /// The settings that would have kept a check from breaking, or the check that a message broke:
    /// `Cures` of `protocol.ts`. Nothing, if nothing is broken.
    pub fn cures(&self, thing: &str) -> Option<Value> {
        let broken = self.broken_by(thing)?;
        let short = self.is_whole() && self.story.total() <= LONGEST;
        let kept = SAFER
            .into_iter()
            .filter(|change| short && self.holds_with(change, broken) == Some(true));
        Some(json!({"check": broken.check.name(), "changes": kept.collect::<Vec<_>>()}))
    }

    fn broken_by(&self, thing: &str) -> Option<&Verdict> {
        let message: Option<MessageId> = thing
            .strip_prefix("message:")
            .and_then(|label| self.story.message(label));
        let mut verdicts = self.story.verdicts.iter();
        verdicts.find(|verdict| {
            let name = verdict.check.name();
            let found = verdict.violation.as_ref();
            found.is_some_and(|found| {
                thing.strip_prefix("check:") == Some(name)
                    || message.is_some_and(|id| found.messages.contains(&id))
            })
        })
    }

    /// Whether a check holds with a setting changed; nothing, if no part of the run takes it.
    fn holds_with(&self, change: &str, broken: &Verdict) -> Option<bool> {
        let scenario = change::setting(change, &self.scenario).ok()?;
        let done = self.done.iter().map(|act| timed(act, self)).collect();
        let tried = Branch::new(String::new(), Default::default(), scenario, self.seed, done);
        let mut tried = tried.ok()?;
        tried.play_on(u32::MAX);
        let mut verdicts = tried.story.verdicts.iter();
        let same = verdicts.find(|verdict| verdict.check == broken.check)?;
        Some(same.violation.is_none())
    }
}
