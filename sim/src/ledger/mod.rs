//! The books of a run, closed after every event: nothing vanishes without an entry.
//!
//! Double entry: whatever comes into a queue, a log or a client's library is on one side of an
//! account, what became of it on the other, and the two are equal after every event. The ledger
//! reads facts alone, so a fact that is missing, told twice or told wrongly shows as a [`Gap`].
//!
//! What is kept: the accounts; the fate of every message that is somewhere, or that was lost,
//! refused or returned; and of the last few thousand that came to another end. The older ones are
//! in the sums.

mod account;
mod fate;
mod kafka;
mod rabbitmq;
mod tray;
pub mod words;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::machine::{Input, Parcel};
use glassmq_core::names::{LinkId, MessageId, Name, NodeId};
use glassmq_core::shared::{Deque, Map};
use glassmq_core::subject::Place;

pub use account::{ClientAccount, GroupAccount, QueueAccount, ReplicaAccount};
pub use fate::{Copy, Fate, Sender, State, node_of};
pub use tray::{Bucket, Tray};

use crate::cast::{Cast, Fact};
use crate::event::{Event, EventId, What};
use crate::fault::Fault;
use crate::play::names::Names;

/// How many messages that came to their end are remembered one by one.
const REMEMBERED: usize = 4096;

/// The books of a run.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    names: Rc<Names>,
    fates: Map<MessageId, Rc<Fate>>,
    /// Those that came to their end, the oldest first.
    settled: Deque<MessageId>,
    tray: Tray,
    queues: Map<(Name, NodeId), QueueAccount>,
    replicas: Map<(TopicPartition, NodeId), ReplicaAccount>,
    leaders: Map<TopicPartition, Leadership>,
    groups: Map<(Name, TopicPartition), GroupAccount>,
    /// The group of a consumer.
    members: Map<NodeId, Name>,
    clients: Map<NodeId, ClientAccount>,
    /// Frames with messages that are under way.
    wire: Map<EventId, Underway>,
    /// The last crash, or stop, of each node.
    crashes: Map<NodeId, EventId>,
    /// A RabbitMQ node that is looking for its messages, in this step.
    starting: Option<Starting>,
    losses: Vec<Loss>,
    gap: Option<Gap>,
}

/// Where the books do not close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The event that cannot be entered.
    pub at: EventId,
    /// The messages it concerns, where they have names.
    pub messages: Vec<MessageId>,
    /// Why not, in a sentence.
    pub says: String,
}

/// A copy that is gone although nobody asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Which message; none if its publisher did not name it.
    pub message: Option<MessageId>,
    /// From where.
    pub place: Place,
    /// The event that took it: a truncation, or the crash before a start that did not find it.
    pub by: EventId,
}

/// Who leads a partition, by the highest epoch that anyone took up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leadership {
    /// The broker's process.
    pub node: NodeId,
    /// Its epoch.
    pub epoch: u32,
    /// The event at which it became leader.
    pub since: EventId,
}

/// A frame with messages, most often one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Underway {
    link: LinkId,
    first: MessageId,
    others: Vec<MessageId>,
}

impl Underway {
    fn carries(&self, message: MessageId) -> bool {
        self.first == message || self.others.contains(&message)
    }
}

#[derive(Clone, Debug)]
struct Starting {
    node: NodeId,
    step: u32,
    crash: EventId,
    /// Named messages that were in its queues.
    sought: Vec<MessageId>,
}

impl Ledger {
    /// Empty books of a world whose processes have these names.
    #[must_use]
    pub fn new(names: Rc<Names>) -> Self {
        Ledger {
            names,
            ..Ledger::default()
        }
    }

    /// Enters an event.
    pub fn see(&mut self, event: &Event<'_, Cast>) {
        self.losses.clear();
        let over = |starting: &mut Starting| starting.step != event.id.step;
        if let Some(starting) = self.starting.take_if(over) {
            self.give_up_seeking(&starting);
        }
        match &event.what {
            What::Fact { fact } => match fact {
                Fact::Rabbitmq(fact) => self.enter_rabbitmq(event.id, fact),
                Fact::Kafka(fact) => self.enter_kafka(event.id, fact),
            },
            What::Sent { link, message } => {
                let (mut first, mut others) = (None, Vec::new());
                message.messages(&mut |id| match first {
                    None => first = Some(id),
                    Some(_) => others.push(id),
                });
                if let Some(first) = first {
                    let underway = Underway {
                        link: *link,
                        first,
                        others,
                    };
                    self.wire.insert(event.id, underway);
                }
            }
            What::Took {
                input: Input::Message { .. },
                ..
            } => {
                self.wire.remove(&event.cause);
            }
            What::Lost { sent, .. } => {
                self.wire.remove(sent);
            }
            What::Faulted {
                fault: Fault::Crash { node, .. } | Fault::Stop { node, .. },
                ..
            } => {
                self.crashes.insert(*node, event.id);
            }
            What::Booted { incarnation } if *incarnation > 0 => self.seek(event),
            _ => {}
        }
    }

    /// Whether everything is accounted for so far; if not, the first thing that is not.
    ///
    /// # Errors
    ///
    /// The first event that could not be entered.
    pub fn closes(&self) -> Result<(), Gap> {
        self.gap.clone().map_or(Ok(()), Err)
    }

    /// The names of the world's processes.
    #[must_use]
    pub fn names(&self) -> &Rc<Names> {
        &self.names
    }

    /// Every message that was sent, under one word each: the player's line.
    #[must_use]
    pub fn tray(&self) -> &Tray {
        &self.tray
    }

    /// What became of a message. Of those that were settled only the last few thousand are
    /// remembered.
    #[must_use]
    pub fn fate(&self, message: MessageId) -> Option<&Fate> {
        self.fates.get(&message).map(|fate| &**fate)
    }

    /// All messages whose fate is known, in the order of their names.
    pub fn fates(&self) -> impl Iterator<Item = (MessageId, &Fate)> {
        self.fates.iter().map(|(id, fate)| (*id, &**fate))
    }

    /// The frames under way that carry a message: when each was sent, and on which connection.
    pub fn on_the_wire(&self, message: MessageId) -> impl Iterator<Item = (EventId, LinkId)> {
        let frames = self.wire.iter();
        frames
            .filter(move |(_, frame)| frame.carries(message))
            .map(|(sent, frame)| (*sent, frame.link))
    }

    /// The accounts of all queues, each on its node.
    pub fn queues(&self) -> impl Iterator<Item = (&Name, NodeId, &QueueAccount)> {
        let queues = self.queues.iter();
        queues.map(|((queue, node), account)| (queue, *node, account))
    }

    /// The accounts of all replicas.
    pub fn replicas(&self) -> impl Iterator<Item = (&TopicPartition, NodeId, &ReplicaAccount)> {
        let replicas = self.replicas.iter();
        replicas.map(|((partition, node), account)| (partition, *node, account))
    }

    /// The accounts of all groups (of a consumer without one: by its own name), partition by
    /// partition.
    pub fn groups(&self) -> impl Iterator<Item = (&Name, &TopicPartition, &GroupAccount)> {
        let groups = self.groups.iter();
        groups.map(|((group, partition), account)| (group, partition, account))
    }

    /// The account of a queue on a node.
    #[must_use]
    pub fn queue(&self, queue: &Name, node: NodeId) -> Option<&QueueAccount> {
        self.queues.get(&(queue.clone(), node))
    }

    /// The account of a replica.
    #[must_use]
    pub fn replica(&self, partition: &TopicPartition, node: NodeId) -> Option<&ReplicaAccount> {
        self.replicas.get(&(partition.clone(), node))
    }

    /// The account of a group in a partition.
    #[must_use]
    pub fn group(&self, group: &Name, partition: &TopicPartition) -> Option<&GroupAccount> {
        self.groups.get(&(group.clone(), partition.clone()))
    }

    /// The accounts of all clients that sent something.
    pub fn clients(&self) -> impl Iterator<Item = (NodeId, &ClientAccount)> {
        self.clients.iter().map(|(node, account)| (*node, account))
    }

    /// Who leads each partition.
    pub fn leaders(&self) -> impl Iterator<Item = (&TopicPartition, &Leadership)> {
        self.leaders.iter()
    }

    /// Who leads a partition.
    #[must_use]
    pub fn leader(&self, partition: &TopicPartition) -> Option<&Leadership> {
        self.leaders.get(partition)
    }

    /// The copies that the last event showed to be lost.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Under which name a consumer's reading is entered: its group, or its own.
    #[must_use]
    pub fn reader(&self, client: NodeId) -> Name {
        let group = self.members.get(&client);
        group.map_or_else(|| self.names.of(client).into(), Name::clone)
    }

    fn note_gap(
        &mut self,
        at: EventId,
        messages: &[MessageId],
        says: impl FnOnce(&Names) -> String,
    ) {
        if self.gap.is_none() {
            let (messages, says) = (messages.to_vec(), says(&self.names));
            self.gap = Some(Gap { at, messages, says });
        }
    }

    /// Changes a fate, and its word in the line with it.
    fn change<R>(&mut self, id: MessageId, at: EventId, act: impl FnOnce(&mut Fate) -> R) -> R {
        let new = || Rc::new(Fate::new(at));
        let fate = Rc::make_mut(self.fates.get_or_insert_with(id, new));
        let counted = |fate: &Fate| {
            let counts = fate.sender != Sender::Unheard && !fate.forgotten;
            counts.then(|| fate.bucket())
        };
        let (before, was_settled) = (counted(fate), fate.is_settled());
        let result = act(fate);
        let (after, is_settled) = (counted(fate), fate.is_settled());
        if before != after {
            before.into_iter().for_each(|bucket| self.tray.take(bucket));
            after.into_iter().for_each(|bucket| self.tray.put(bucket));
        }
        if is_settled && !was_settled {
            self.settled.push_back(id);
            self.forget_the_oldest();
        }
        result
    }

    fn forget_the_oldest(&mut self) {
        while self.settled.len() > REMEMBERED {
            let Some(id) = self.settled.pop_front() else {
                return;
            };
            if self.fates.get(&id).is_some_and(|fate| fate.is_settled()) {
                self.fates.remove(&id);
            }
        }
    }

    /// An application gave a message to its client library.
    fn send(&mut self, at: EventId, id: MessageId, to: Sender) {
        self.clients
            .get_or_insert_with(id.client, ClientAccount::default)
            .sent += 1;
        self.change(id, at, |fate| (fate.sender, fate.told) = (to, at));
        self.count_sender(id.client, Sender::Unheard, to);
        self.check_client(at, id);
    }

    /// A client learnt something of its message.
    fn learn(&mut self, at: EventId, id: MessageId, to: Sender) {
        if !self.fates.contains_key(&id) {
            // It was taken out of its queue before its sender heard of it, and forgotten.
            self.count_sender(id.client, Sender::InFlight, to);
            return self.check_client(at, id);
        }
        let from = self.change(id, at, |fate| {
            let from = fate.sender;
            (fate.sender, fate.told) = (to, at);
            (!fate.forgotten).then_some(from)
        });
        let Some(from) = from else {
            return;
        };
        if from == Sender::Unheard {
            self.note_gap(at, &[id], |names| {
                let message = names.message(id);
                format!("{message} has an outcome, and was never sent")
            });
        }
        self.count_sender(id.client, from, to);
        self.check_client(at, id);
    }

    fn count_sender(&mut self, client: NodeId, from: Sender, to: Sender) {
        let account = self
            .clients
            .get_or_insert_with(client, ClientAccount::default);
        if let Some(side) = account.side(from) {
            // Where it falls short the account does not close, and that is reported.
            *side = side.saturating_sub(1);
        }
        if let Some(side) = account.side(to) {
            *side += 1;
        }
    }

    fn check_client(&mut self, at: EventId, id: MessageId) {
        let account = self.clients.get(&id.client).copied().unwrap_or_default();
        if !account.closes() {
            self.note_gap(at, &[id], |names| {
                format!("{} does not close: {account}", names.of(id.client))
            });
        }
    }
}
