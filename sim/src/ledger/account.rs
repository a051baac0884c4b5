//! The accounts, one for each place: their two sides are equal after every event.

use std::fmt;

use glassmq_core::rabbitmq::fact::Drop;
use glassmq_core::shared::Deque;

use glassmq_core::names::MessageId;

use super::fate::{Sender, State};
use crate::event::EventId;

/// A queue on one node: enqueued = ready + unacked + acknowledged + expired + dropped + lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueAccount {
    /// All that ever went in.
    pub enqueued: u64,
    /// To be delivered.
    pub ready: u64,
    /// Delivered and not settled.
    pub unacked: u64,
    /// Being looked for on the disk of a starting node.
    pub sought: u64,
    /// Settled by consumers.
    pub acknowledged: u64,
    /// Outlived.
    pub expired: u64,
    /// Let go of, by why: rejected, maximum length, purged, queue deleted.
    pub dropped: [u64; 4],
    /// Not there any more when the node came back.
    pub lost: u64,
    /// How many were lost by which event.
    pub losses: Vec<(EventId, u64)>,
    /// The live ones that no publisher named, which have no fate of their own.
    pub(super) unnamed: Unnamed,
}

/// Live copies without a name, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unnamed {
    pub ready: u64,
    pub unacked: u64,
    pub sought: u64,
}

/// A replica's log: appended = live + truncated + power-lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicaAccount {
    /// Records that were ever written here.
    pub appended: u64,
    /// Records cut off its end.
    pub truncated: u64,
    /// Records that were not there any more when the log was opened again.
    pub power_lost: u64,
    /// How many were cut off, or lost, by which event.
    pub losses: Vec<(EventId, u64)>,
    /// The offset after the last record.
    pub end: u64,
    /// The high watermark as the replica knows it.
    pub high_watermark: u64,
    /// The application's records in it, by offset.
    pub(super) named: Deque<(u64, MessageId)>,
}

/// A group, or a consumer without one, in a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupAccount {
    /// The first offset that it was given or had committed.
    pub start: u64,
    /// The offset after the last record that an application got.
    pub position: u64,
    /// The next offset to read, as the coordinator knows it.
    pub committed: u64,
    /// Records that it passed over.
    pub skipped: u64,
}

/// A client: sent = buffered + in flight + confirmed + failed + indeterminate + returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientAccount {
    /// What its application sent.
    pub sent: u64,
    /// In the library.
    pub buffered: u64,
    /// Handed to the network; without publisher confirms they stay here.
    pub in_flight: u64,
    /// Taken care of.
    pub confirmed: u64,
    /// Refused.
    pub failed: u64,
    /// Unknown for ever.
    pub indeterminate: u64,
    /// Given back.
    pub returned: u64,
}

impl QueueAccount {
    /// Whether both sides are equal.
    #[must_use]
    pub fn closes(&self) -> bool {
        let dropped: u64 = self.dropped.iter().sum();
        let settled = self.acknowledged + self.expired + dropped + self.lost;
        self.enqueued == self.ready + self.unacked + self.sought + settled
    }

    /// Copies that were let go of for a reason.
    #[must_use]
    pub fn dropped(&self, why: Drop) -> u64 {
        self.dropped[place_of(why)]
    }

    pub(super) fn side(&mut self, state: State) -> &mut u64 {
        match state {
            State::Ready => &mut self.ready,
            State::Unacked => &mut self.unacked,
            State::Sought => &mut self.sought,
            State::Acknowledged { .. } => &mut self.acknowledged,
            State::Expired => &mut self.expired,
            State::Dropped(why) => &mut self.dropped[place_of(why)],
            State::Lost | State::Truncated | State::Stored { .. } => &mut self.lost,
        }
    }
}

impl Unnamed {
    /// Those in a live state; the others are only counted.
    pub fn side(&mut self, state: State) -> Option<&mut u64> {
        match state {
            State::Ready => Some(&mut self.ready),
            State::Unacked => Some(&mut self.unacked),
            State::Sought => Some(&mut self.sought),
            _ => None,
        }
    }
}

const fn place_of(why: Drop) -> usize {
    match why {
        Drop::Rejected => 0,
        Drop::MaxLength => 1,
        Drop::Purged => 2,
        Drop::QueueDeleted => 3,
    }
}

impl ReplicaAccount {
    /// Records that are there.
    #[must_use]
    pub fn live(&self) -> u64 {
        self.end
    }

    /// Whether both sides are equal.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.appended == self.live() + self.truncated + self.power_lost
    }
}

impl GroupAccount {
    /// Offsets that were passed, and are not committed: what is read again after a failure.
    #[must_use]
    pub fn uncommitted(&self) -> u64 {
        self.position.saturating_sub(self.committed.max(self.start))
    }
}

impl ClientAccount {
    /// Whether both sides are equal.
    #[must_use]
    pub fn closes(&self) -> bool {
        let told = self.confirmed + self.failed + self.indeterminate + self.returned;
        self.sent == self.buffered + self.in_flight + told
    }

    pub(super) fn side(&mut self, sender: Sender) -> Option<&mut u64> {
        Some(match sender {
            Sender::Unheard => return None,
            Sender::Buffered => &mut self.buffered,
            Sender::InFlight => &mut self.in_flight,
            Sender::Confirmed => &mut self.confirmed,
            Sender::Failed => &mut self.failed,
            Sender::Indeterminate => &mut self.indeterminate,
            Sender::Returned => &mut self.returned,
        })
    }
}

/// `7 enqueued = 2 ready + 5 acknowledged`
impl fmt::Display for QueueAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [rejected, max_length, purged, deleted] = self.dropped;
        let parts = [
            (self.ready, "ready"),
            (self.unacked, "unacked"),
            (self.sought, "sought on the disk"),
            (self.acknowledged, "acknowledged"),
            (self.expired, "expired"),
            (rejected, "dropped (rejected)"),
            (max_length, "dropped (max length)"),
            (purged, "dropped (purged)"),
            (deleted, "dropped (queue deleted)"),
            (self.lost, "lost"),
        ];
        sum(f, self.enqueued, "enqueued", &parts)
    }
}

/// `7 appended = 5 live + 2 truncated`
impl fmt::Display for ReplicaAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.live(), "live"),
            (self.truncated, "truncated"),
            (self.power_lost, "power-lost"),
        ];
        sum(f, self.appended, "appended", &parts)
    }
}

/// `7 sent = 1 in flight + 6 confirmed`
impl fmt::Display for ClientAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.buffered, "buffered"),
            (self.in_flight, "in flight"),
            (self.confirmed, "confirmed"),
            (self.failed, "failed"),
            (self.indeterminate, "indeterminate"),
            (self.returned, "returned"),
        ];
        sum(f, self.sent, "sent", &parts)
    }
}

fn sum(f: &mut fmt::Formatter<'_>, whole: u64, word: &str, parts: &[(u64, &str)]) -> fmt::Result {
    write!(f, "{whole} {word}")?;
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    for (n, (count, word)) in parts.enumerate() {
        let sign = if n == 0 { "=" } else { "+" };
        write!(f, " {sign} {count} {word}")?;
    }
    Ok(())
}
