//! What became of one message: where its copies are, what happened to them, at which events.

use glassmq_core::names::{Name, NodeId};
use glassmq_core::rabbitmq::fact::Drop;
use glassmq_core::subject::Place;

use super::tray::Bucket;
use crate::event::EventId;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// What its sender knows of it.
    pub sender: Sender,
    /// The event at which the sender learnt that.
    pub told: EventId,
    /// The exchange that had no route for it dropped it at this event.
    pub unroutable: Option<EventId>,
    /// An application has received it.
    pub received: bool,
    /// It was sent again after its first fate had been settled, and forgotten.
    pub forgotten: bool,
    /// The key of a Kafka record.
    pub key: Option<Name>,
    /// Its copies, past and present, in the order in which they came to be.
    pub copies: Vec<Copy>,
}

/// What its sender knows of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// No client said that it sent it.
    #[default]
    Unheard,
    /// It waits in the client library.
    Buffered,
    /// It was handed to the network, and no answer came yet. Without publisher confirms there is
    /// never one.
    InFlight,
    /// A broker took care of it, the sender was told.
    Confirmed,
    /// The sender was told that no broker took care of it.
    Failed,
    /// The sender was told of an error; a broker may have it all the same.
    Indeterminate,
    /// A RabbitMQ broker had no route for it and gave it back.
    Returned,
}

/// One copy of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where it is, or was.
    pub place: Place,
    /// How it is.
    pub state: State,
    /// The event that put it there.
    pub born: EventId,
    /// The event that made it what it is.
    pub since: EventId,
}

/// How a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In a queue, to be delivered.
    Ready,
    /// In a queue, delivered and not settled.
    Unacked,
    /// On the disk of a node that is starting; it is being looked for.
    Sought,
    /// In the log of a replica.
    Stored {
        /// Where in the log.
        offset: u64,
    },
    /// Settled by a consumer.
    Acknowledged {
        /// Delivered was as good as acknowledged.
        automatic: bool,
    },
    /// It outlived its time.
    Expired,
    /// Let go of by a rule.
    Dropped(Drop),
    /// Cut off a log.
    Truncated,
    /// It was not there any more when its node came back.
    Lost,
}

impl Sender {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Sender::Unheard => "not sent",
            Sender::Buffered => "buffered",
            Sender::InFlight => "in flight",
            Sender::Confirmed => "confirmed",
            Sender::Failed => "failed",
            Sender::Indeterminate => "indeterminate",
            Sender::Returned => "returned",
        }
    }
}

impl State {
    /// Whether the copy is there, or may be found again.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(
            self,
            State::Ready | State::Unacked | State::Sought | State::Stored { .. }
        )
    }

    /// Whether the copy vanished without anyone having asked for it.
    #[must_use]
    pub fn is_lost(self) -> bool {
        matches!(self, State::Lost | State::Truncated)
    }
}

impl Fate {
    /// Of a message that appeared at an event.
    #[must_use]
    pub(super) fn new(at: EventId) -> Self {
        Fate {
            sender: Sender::Unheard,
            told: at,
            unroutable: None,
            received: false,
            forgotten: false,
            key: None,
            copies: Vec::new(),
        }
    }

    /// The copies that are there now.
    pub fn live(&self) -> impl Iterator<Item = &Copy> {
        self.copies.iter().filter(|copy| copy.state.is_live())
    }

    /// Whether nothing is left of it where it should be: in the queue (on any node), in the
    /// partition (on any replica). What a consumer or a rule took out is not missing.
    #[must_use]
    pub fn is_gone_from(&self, place: &Place) -> bool {
        let here = |copy: &&Copy| same_home(&copy.place, place);
        !self
            .copies
            .iter()
            .filter(here)
            .any(|copy| !copy.state.is_lost())
    }

    /// Whether the books on it can be closed: everybody who should know its end knows it. What was
    /// lost, refused or returned stays on the books.
    #[must_use]
    pub(super) fn is_settled(&self) -> bool {
        if self.sender == Sender::Buffered {
            return false;
        }
        if self.copies.is_empty() {
            return self.unroutable.is_some();
        }
        let is_done = |copy: &Copy| {
            matches!(
                copy.state,
                State::Acknowledged { .. } | State::Expired | State::Dropped(_)
            )
        };
        self.copies.iter().all(is_done)
    }

    /// The one word for it in the player's line: the least finished of its copies speaks for it.
    #[must_use]
    pub fn bucket(&self) -> Bucket {
        let any = |wanted: fn(State) -> bool| self.copies.iter().any(|copy| wanted(copy.state));
        if any(|state| state == State::Unacked) {
            return Bucket::Unacked;
        }
        if any(|state| matches!(state, State::Ready | State::Sought)) {
            return Bucket::Ready;
        }
        if any(|state| matches!(state, State::Stored { .. })) {
            return Bucket::Stored;
        }
        if any(|state| matches!(state, State::Acknowledged { .. })) {
            return Bucket::Acknowledged;
        }
        if any(|state| matches!(state, State::Dropped(_))) {
            return Bucket::Dropped;
        }
        if any(|state| state == State::Expired) {
            return Bucket::Expired;
        }
        // A producer sends again what a log lost before it was acknowledged; a queue's loss is for
        // good.
        let lost_for_good = |copy: &Copy| {
            let in_queue = matches!(copy.place, Place::Queue { .. });
            copy.state.is_lost() && (in_queue || self.sender == Sender::Confirmed)
        };
        match self.sender {
            Sender::Failed => Bucket::Failed,
            Sender::Indeterminate => Bucket::Indeterminate,
            Sender::Returned => Bucket::Returned,
            _ if self.copies.iter().any(lost_for_good) => Bucket::Lost,
            _ if self.unroutable.is_some() => Bucket::Unroutable,
            Sender::Buffered => Bucket::Buffered,
            // With acks=0 a record is confirmed before anyone has it.
            Sender::InFlight | Sender::Confirmed | Sender::Unheard => Bucket::InFlight,
        }
    }
}

/// Whether two places are one queue or one partition, on whatever node.
fn same_home(a: &Place, b: &Place) -> bool {
    match (a, b) {
        (Place::Queue { queue: a, .. }, Place::Queue { queue: b, .. }) => a == b,
        (
            Place::Replica {
                topic, partition, ..
            },
            Place::Replica {
                topic: other,
                partition: number,
                ..
            },
        ) => topic == other && partition == number,
        _ => a == b,
    }
}

/// The node on which a copy lies.
#[must_use]
pub fn node_of(place: &Place) -> NodeId {
    match place {
        Place::Client(node) | Place::Queue { node, .. } | Place::Replica { node, .. } => *node,
    }
}
