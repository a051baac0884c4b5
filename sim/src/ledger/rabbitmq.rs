//! RabbitMQ's facts, entered.

use std::rc::Rc;

use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::rabbitmq::fact::{Drop, Fact, QueueCopy};
use glassmq_core::subject::Place;

use super::account::QueueAccount;
use super::{Copy, Ledger, Loss, Sender, Starting, State, node_of, words};
use crate::cast::Cast;
use crate::event::{Event, EventId};

impl Ledger {
    pub(super) fn enter_rabbitmq(&mut self, at: EventId, fact: &Fact) {
        match fact {
            Fact::Enqueued { copy, .. } => self.come_in(at, copy, State::Ready),
            Fact::Recovered { copy, .. } => self.find_again(at, copy),
            Fact::NodeRecovered { .. } => {
                if let Some(starting) = self.starting.take() {
                    self.give_up_seeking(&starting);
                }
            }
            Fact::Delivered { copy, .. } => self.shift(at, copy, State::Unacked, "delivered"),
            Fact::Requeued { copy, .. } => self.shift(at, copy, State::Ready, "requeued"),
            Fact::Expired { copy } => self.shift(at, copy, State::Expired, "expired"),
            Fact::Dropped { copy, why } => self.shift(at, copy, State::Dropped(*why), "dropped"),
            Fact::Acknowledged { copy, automatic } => {
                let automatic = *automatic;
                self.shift(at, copy, State::Acknowledged { automatic }, "acknowledged");
            }
            Fact::DroppedUnroutable {
                message: Some(id), ..
            } => self.change(*id, at, |fate| fate.unroutable = Some(at)),
            Fact::Sent { message, attempt } => self.publish(at, *message, *attempt),
            Fact::PublishConfirmed { message } => {
                // What was returned is confirmed all the same; it is still nowhere.
                let returned = |fate: &super::Fate| fate.sender == Sender::Returned;
                if !self.fate(*message).is_some_and(returned) {
                    self.learn(at, *message, Sender::Confirmed);
                }
            }
            Fact::PublishNacked { message } => self.learn(at, *message, Sender::Failed),
            Fact::PublishReturned { message } => self.learn(at, *message, Sender::Returned),
            Fact::PublishUnknown { message } => self.learn(at, *message, Sender::Indeterminate),
            Fact::Received {
                message: Some(id), ..
            } if self.fate(*id).is_some() => self.change(*id, at, |fate| fate.received = true),
            _ => {}
        }
    }

    fn publish(&mut self, at: EventId, id: MessageId, attempt: u32) {
        if attempt <= 1 {
            self.send(at, id, Sender::InFlight);
        } else if self.fate(id).is_none() {
            // Its first fate was settled long ago: its books are closed, this is another copy.
            self.change(id, at, |fate| {
                (fate.sender, fate.forgotten) = (Sender::InFlight, true);
            });
        } else {
            self.learn(at, id, Sender::InFlight);
        }
    }

    /// A copy comes into a queue.
    fn come_in(&mut self, at: EventId, copy: &QueueCopy, state: State) {
        let account = self.queue_mut(copy);
        account.enqueued += 1;
        *account.side(state) += 1;
        if copy.message.is_none()
            && let Some(side) = account.unnamed.side(state)
        {
            *side += 1;
        }
        let closes = account.closes();
        if let Some(id) = copy.message {
            self.change(id, at, |fate| {
                fate.copies.push(Copy {
                    place: place_of(copy),
                    state,
                    born: at,
                    since: at,
                });
            });
        }
        self.check_queue(at, copy, closes);
    }

    /// A copy in a queue changes its state.
    fn shift(&mut self, at: EventId, copy: &QueueCopy, to: State, word: &str) {
        let Some(from) = self.take_from(at, copy, to) else {
            return self.note_gap(at, copy.message.as_slice(), |names| {
                let (message, queue) =
                    (words::messages(copy.message.as_slice(), names), &copy.queue);
                format!("{message} was {word} in {queue}, and was not there to be {word}")
            });
        };
        let account = self.queue_mut(copy);
        *account.side(from) -= 1;
        *account.side(to) += 1;
        let closes = account.closes();
        self.check_queue(at, copy, closes);
    }

    /// Puts one copy of those that may come to this state into it. Answers what it was.
    fn take_from(&mut self, at: EventId, copy: &QueueCopy, to: State) -> Option<State> {
        let Some(id) = copy.message else {
            let unnamed = &mut self.queue_mut(copy).unnamed;
            let states = [State::Sought, State::Ready, State::Unacked];
            let from = states.into_iter().find(|from| {
                may_become(*from, to) && unnamed.side(*from).is_some_and(|side| *side > 0)
            })?;
            *unnamed.side(from)? -= 1;
            if let Some(side) = unnamed.side(to) {
                *side += 1;
            }
            return Some(from);
        };
        self.fate(id)?;
        let place = place_of(copy);
        self.change(id, at, |fate| {
            let mut copies = fate.copies.iter_mut();
            let copy = copies.find(|copy| copy.place == place && may_become(copy.state, to))?;
            copy.since = at;
            Some(std::mem::replace(&mut copy.state, to))
        })
    }

    /// A starting node has a copy on its disk. It may be one that was settled, if the node died
    /// before that reached the disk.
    fn find_again(&mut self, at: EventId, copy: &QueueCopy) {
        if let Some(from) = self.take_from(at, copy, State::Ready) {
            let account = self.queue_mut(copy);
            *account.side(from) -= 1;
            account.ready += 1;
            let closes = account.closes();
            return self.check_queue(at, copy, closes);
        }
        let settled = copy.message.and_then(|id| {
            self.fate(id)?;
            let place = place_of(copy);
            self.change(id, at, |fate| {
                let mut copies = fate.copies.iter_mut();
                let copy = copies.find(|copy| copy.place == place && !copy.state.is_live())?;
                copy.since = at;
                Some(std::mem::replace(&mut copy.state, State::Ready))
            })
        });
        match settled {
            Some(from) => {
                let account = self.queue_mut(copy);
                *account.side(from) -= 1;
                account.ready += 1;
                let closes = account.closes();
                self.check_queue(at, copy, closes);
            }
            None => self.come_in(at, copy, State::Ready),
        }
    }

    /// A node starts again: what was in its queues is looked for on its disk.
    pub(super) fn seek(&mut self, event: &Event<'_, Cast>) {
        let node = event.node;
        let crash = self.crashes.get(&node).copied().unwrap_or(event.id);
        let mut queues = Vec::new();
        for ((queue, on), account) in &self.queues {
            if *on == node && account.ready + account.unacked > 0 {
                queues.push((queue.clone(), *on));
            }
        }
        for key in &queues {
            let account = self.queues.get_mut(key).expect("it was just listed");
            account.sought += account.ready + account.unacked;
            (account.ready, account.unacked) = (0, 0);
            let unnamed = &mut account.unnamed;
            unnamed.sought += unnamed.ready + unnamed.unacked;
            (unnamed.ready, unnamed.unacked) = (0, 0);
        }
        let mut sought = Vec::new();
        if !queues.is_empty() {
            let here = |copy: &Copy| is_queued_on(copy, node);
            let fates = self.fates.iter();
            sought.extend(
                fates
                    .filter(|(_, fate)| fate.live().any(here))
                    .map(|(id, _)| *id),
            );
        }
        for id in &sought {
            self.change(*id, event.id, |fate| {
                let copies = fate.copies.iter_mut();
                for copy in copies.filter(|copy| is_queued_on(copy, node)) {
                    copy.state = State::Sought;
                }
            });
        }
        self.starting = Some(Starting {
            node,
            step: event.id.step,
            crash,
            sought,
        });
    }

    /// The start is over: what was not found is lost.
    pub(super) fn give_up_seeking(&mut self, starting: &Starting) {
        let (node, crash) = (starting.node, starting.crash);
        for id in &starting.sought {
            let mut lost = Vec::new();
            self.change(*id, crash, |fate| {
                let sought =
                    |copy: &&mut Copy| copy.state == State::Sought && node_of(&copy.place) == node;
                for copy in fate.copies.iter_mut().filter(sought) {
                    (copy.state, copy.since) = (State::Lost, crash);
                    lost.push(copy.place.clone());
                }
            });
            self.losses.extend(lost.into_iter().map(|place| Loss {
                message: Some(*id),
                place,
                by: crash,
            }));
        }
        let mut keys = Vec::new();
        for (key, account) in &self.queues {
            if key.1 == node && account.sought > 0 {
                keys.push(key.clone());
            }
        }
        for key in keys {
            let account = self.queues.get_mut(&key).expect("it was just listed");
            let (lost, unnamed) = (account.sought, account.unnamed.sought);
            (account.sought, account.unnamed.sought) = (0, 0);
            account.lost += lost;
            account.losses.push((crash, lost));
            let (queue, node) = key;
            let place = Place::Queue { node, queue };
            let loss = Loss {
                message: None,
                place,
                by: crash,
            };
            self.losses
                .extend(std::iter::repeat_n(loss, unnamed as usize));
        }
    }

    fn queue_mut(&mut self, copy: &QueueCopy) -> &mut QueueAccount {
        let key = (Rc::clone(&copy.queue), copy.node);
        self.queues.get_or_insert_with(key, QueueAccount::default)
    }

    fn check_queue(&mut self, at: EventId, copy: &QueueCopy, closes: bool) {
        if !closes {
            let account = self.queue_mut(copy);
            let says = format!("{} does not close: {account}", copy.queue);
            self.note_gap(at, copy.message.as_slice(), |_| says);
        }
    }
}

fn place_of(copy: &QueueCopy) -> Place {
    Place::Queue {
        node: copy.node,
        queue: copy.queue.clone(),
    }
}

fn is_queued_on(copy: &Copy, node: NodeId) -> bool {
    matches!(&copy.place, Place::Queue { node: on, .. } if *on == node) && copy.state.is_live()
}

/// Which states lead to which.
fn may_become(from: State, to: State) -> bool {
    match to {
        State::Ready => matches!(from, State::Unacked | State::Sought),
        State::Unacked | State::Expired => from == State::Ready,
        State::Acknowledged { .. } | State::Dropped(Drop::Rejected) => from == State::Unacked,
        State::Dropped(Drop::MaxLength | Drop::Purged) => from == State::Ready,
        State::Dropped(Drop::QueueDeleted) => matches!(from, State::Ready | State::Unacked),
        State::Sought | State::Stored { .. } | State::Truncated | State::Lost => false,
    }
}
