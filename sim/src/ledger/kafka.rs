//! Kafka's facts, entered.

use glassmq_core::kafka::fact::Fact;
use glassmq_core::kafka::fact::client::{ClientFact, ClientWhat};
use glassmq_core::kafka::fact::group::GroupWhat;
use glassmq_core::kafka::fact::replica::{Replica, ReplicaFact, ReplicaWhat};
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::{MessageId, Name};
use glassmq_core::subject::Place;

use super::account::{GroupAccount, ReplicaAccount};
use super::{Copy, Leadership, Ledger, Loss, Sender, State, words};
use crate::event::EventId;

impl Ledger {
    pub(super) fn enter_kafka(&mut self, at: EventId, fact: &Fact) {
        match fact {
            Fact::Client(fact) => self.enter_client(at, fact),
            Fact::Replica(fact) => self.enter_replica(at, fact),
            Fact::Group(fact) => {
                if let GroupWhat::Committed {
                    partition, offset, ..
                } = &fact.what
                {
                    self.group_mut(&fact.group, partition, *offset).committed = *offset;
                }
            }
            Fact::Control(_) => {}
        }
    }

    fn enter_client(&mut self, at: EventId, fact: &ClientFact) {
        match &fact.what {
            ClientWhat::Sent { message, key, .. } => {
                self.send(at, *message, Sender::Buffered);
                self.change(*message, at, |fate| fate.key.clone_from(key));
            }
            ClientWhat::InFlight { messages, .. } => self.learn_all(at, messages, Sender::InFlight),
            ClientWhat::Retried { messages, .. } => self.learn_all(at, messages, Sender::Buffered),
            ClientWhat::Acknowledged { messages, .. } => {
                self.learn_all(at, messages, Sender::Confirmed);
            }
            ClientWhat::Failed { messages, .. } => self.learn_all(at, messages, Sender::Failed),
            ClientWhat::Indeterminate { messages, .. } => {
                self.learn_all(at, messages, Sender::Indeterminate);
            }
            ClientWhat::Assigned {
                group: Some(group), ..
            } => {
                self.members.insert(fact.client, group.clone());
            }
            ClientWhat::Delivered {
                group,
                partition,
                offset,
                message,
            } => {
                let reader = group.clone().unwrap_or_else(|| self.reader(fact.client));
                let account = self.group_mut(&reader, partition, *offset);
                account.skipped += offset.saturating_sub(account.position);
                account.position = account.position.max(offset + 1);
                if let Some(id) = message
                    && self.fate(*id).is_some()
                {
                    self.change(*id, at, |fate| fate.received = true);
                }
            }
            ClientWhat::Committed { group, offsets } => {
                for (partition, offset) in offsets {
                    self.group_mut(group, partition, *offset).committed = *offset;
                }
            }
            ClientWhat::PositionReset {
                partition,
                to,
                from,
            } => {
                let reader = self.reader(fact.client);
                let account = self.group_mut(&reader, partition, from.unwrap_or(*to));
                account.skipped += to.saturating_sub(account.position);
                account.position = account.position.max(*to);
            }
            _ => {}
        }
    }

    fn learn_all(&mut self, at: EventId, messages: &[MessageId], to: Sender) {
        for id in messages {
            let known = self.fate(*id).map_or(Sender::Unheard, |fate| fate.sender);
            if matches!(
                known,
                Sender::Confirmed | Sender::Failed | Sender::Indeterminate
            ) {
                self.note_gap(at, messages, |names| {
                    let (message, known) = (names.message(*id), known.word());
                    format!("{message} was {known}, and is {} after that", to.word())
                });
            }
            self.learn(at, *id, to);
        }
    }

    fn enter_replica(&mut self, at: EventId, fact: &ReplicaFact) {
        let replica = &fact.replica;
        match &fact.what {
            ReplicaWhat::Opened {
                log_end,
                high_watermark,
            } => self.open(at, replica, *log_end, *high_watermark),
            ReplicaWhat::Appended {
                base_offset,
                log_end,
                messages,
                ..
            } => self.append(at, replica, *base_offset..*log_end, messages),
            ReplicaWhat::Truncated { to, from, .. } => {
                let account = self.replica_mut(replica);
                let before = account.end;
                account.truncated += from.saturating_sub(*to);
                if before != *from {
                    let messages = Vec::new();
                    self.note_gap_at(at, replica, &messages, |name| {
                        format!("{name} was truncated from {from}, and ended at {before}")
                    });
                }
                self.cut(at, replica, *to, at, State::Truncated);
            }
            ReplicaWhat::HighWatermark { to, .. } => self.replica_mut(replica).high_watermark = *to,
            ReplicaWhat::BecameLeader { epoch, .. } => {
                let newer = |known: &Leadership| known.epoch >= *epoch;
                if !self.leader(&replica.partition).is_some_and(newer) {
                    let leadership = Leadership {
                        node: replica.node,
                        epoch: *epoch,
                        since: at,
                    };
                    self.leaders.insert(replica.partition.clone(), leadership);
                }
            }
            _ => {}
        }
    }

    /// A log is created, or found again; what a power loss took is not there any more.
    fn open(&mut self, at: EventId, replica: &Replica, log_end: u64, high_watermark: u64) {
        let by = self.crashes.get(&replica.node).copied().unwrap_or(at);
        let account = self.replica_mut(replica);
        account.high_watermark = high_watermark;
        if log_end < account.end {
            account.power_lost += account.end - log_end;
            self.cut(at, replica, log_end, by, State::Lost);
        } else {
            // A process that died in the middle of a step wrote what it did not tell.
            account.appended += log_end - account.end;
            account.end = log_end;
        }
    }

    fn append(
        &mut self,
        at: EventId,
        replica: &Replica,
        offsets: std::ops::Range<u64>,
        messages: &[(u64, MessageId)],
    ) {
        let account = self.replica_mut(replica);
        let before = account.end;
        account.appended += offsets.end.saturating_sub(offsets.start);
        account.end = offsets.end;
        for placed in messages {
            account.named.push_back(*placed);
        }
        let closes = account.closes();
        if !closes || before != offsets.start {
            let ids: Vec<_> = messages.iter().map(|(_, id)| *id).collect();
            self.note_gap_at(at, replica, &ids, |name| {
                let start = offsets.start;
                format!("{name} was appended to at {start}, and ended at {before}")
            });
        }
        for (offset, id) in messages {
            self.change(*id, at, |fate| {
                fate.copies.push(Copy {
                    place: place_of(replica),
                    state: State::Stored { offset: *offset },
                    born: at,
                    since: at,
                });
            });
        }
    }

    /// The log ends at `to` from now on; what was behind it was taken by the event `by`.
    fn cut(&mut self, at: EventId, replica: &Replica, to: u64, by: EventId, state: State) {
        let account = self.replica_mut(replica);
        let count = account.end.saturating_sub(to);
        account.end = to;
        account.losses.push((by, count));
        let mut gone = Vec::new();
        while account
            .named
            .back()
            .is_some_and(|(offset, _)| *offset >= to)
        {
            gone.extend(account.named.pop_back());
        }
        let closes = account.closes();
        let place = place_of(replica);
        for (offset, id) in gone.iter().rev() {
            self.change(*id, at, |fate| {
                let here = |copy: &&mut Copy| {
                    copy.place == place && copy.state == State::Stored { offset: *offset }
                };
                if let Some(copy) = fate.copies.iter_mut().find(here) {
                    (copy.state, copy.since) = (state, by);
                }
            });
            self.losses.push(Loss {
                message: Some(*id),
                place: place.clone(),
                by,
            });
        }
        if !closes {
            let account = self.replica_mut(replica).clone();
            self.note_gap_at(at, replica, &[], |name| {
                format!("{name} does not close: {account}")
            });
        }
    }

    fn note_gap_at(
        &mut self,
        at: EventId,
        replica: &Replica,
        messages: &[MessageId],
        says: impl FnOnce(&str) -> String,
    ) {
        let place = place_of(replica);
        self.note_gap(at, messages, |names| says(&words::place(&place, names)));
    }

    fn replica_mut(&mut self, replica: &Replica) -> &mut ReplicaAccount {
        let key = (replica.partition.clone(), replica.node);
        self.replicas
            .get_or_insert_with(key, ReplicaAccount::default)
    }

    fn group_mut(
        &mut self,
        reader: &Name,
        partition: &TopicPartition,
        at: u64,
    ) -> &mut GroupAccount {
        let key = (reader.clone(), partition.clone());
        self.groups.get_or_insert_with(key, || GroupAccount {
            start: at,
            position: at,
            ..GroupAccount::default()
        })
    }
}

fn place_of(replica: &Replica) -> Place {
    Place::Replica {
        node: replica.node,
        topic: replica.partition.topic.clone(),
        partition: replica.partition.partition,
    }
}
