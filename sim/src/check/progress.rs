//! progress: after healing, work completes.
//!
//! Definition: a liveness claim, judged at the end of a run (FoundationDB's and TigerBeetle's
//! simulators end a run alike: heal everything, then demand that all requests are answered; the
//! catalogue calls its failure `STUCK`). Once no fault is in force any more and [`PATIENCE`] has
//! passed, nothing may have waited for longer than that: no record in a Kafka producer without an
//! outcome; no queue that has consumers and messages, of which none is settled; no partition of
//! which a live consumer does not get what is committed.
//!
//! While something is down, cut, held, paused, or out of disk, nothing is owed. Slow links, slow
//! disks and wrong clocks excuse nothing.

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::{ClientFact, ClientWhat};
use glassmq_core::kafka::fact::replica::ReplicaWhat;
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::{Name, NodeId};
use glassmq_core::rabbitmq::fact::Fact as Rabbitmq;
use glassmq_core::shared::{Deque, Map};

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, EventId, What};
use crate::fault::Fault;
use crate::ledger::{Ledger, Sender, words};

/// How long work may rest once nothing stands in its way: 10 s of virtual time, in microseconds.
/// Longer than any broker needs to notice a dead peer and to elect another (Kafka's
/// `broker.session.timeout.ms` is 9 s).
pub const PATIENCE: u64 = 10_000_000;

/// What is in force, and when things last moved.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    hindrances: Hindrances,
    /// When something last broke or healed.
    disturbed: u64,
    /// The first event of each of the last seconds.
    seconds: Deque<(u64, EventId)>,
    /// Clients that told of Kafka's sending.
    producers: Map<NodeId, ()>,
    /// The consumers of each queue, with the node of the queue.
    consumers: Map<Name, (NodeId, u64)>,
    queues: Map<Name, Moved>,
    /// What each live consumer reads.
    assigned: Map<NodeId, Vec<TopicPartition>>,
    readers: Map<(Name, TopicPartition), Moved>,
}

/// When something last moved.
#[derive(Clone, Copy, Debug)]
struct Moved {
    at: u64,
    event: EventId,
}

/// Faults that are in force.
#[derive(Clone, Debug, Default)]
struct Hindrances {
    cuts: u64,
    holds: u64,
    down: Map<NodeId, ()>,
    paused: Map<NodeId, ()>,
    full: Map<NodeId, ()>,
}

impl Checker for Progress {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        let second = event.at / 1_000_000;
        if self.seconds.back().is_none_or(|(last, _)| *last < second) {
            self.seconds.push_back((second, event.id));
            if self.seconds.len() as u64 > PATIENCE / 1_000_000 + 1 {
                self.seconds.pop_front();
            }
        }
        match &event.what {
            What::Faulted { fault, .. } => {
                self.hindrances.strike(fault);
                self.disturbed = event.at;
            }
            What::Booted { .. } => {
                self.hindrances.down.remove(&event.node);
                self.disturbed = event.at;
                self.leave(event.node);
            }
            What::Exited => self.leave(event.node),
            What::Fact { fact } => match fact {
                Fact::Rabbitmq(fact) => self.rabbitmq(event, fact, ledger),
                Fact::Kafka(Kafka::Client(fact)) => self.client(event, fact, ledger),
                Fact::Kafka(Kafka::Replica(fact)) => {
                    if let ReplicaWhat::HighWatermark { from, .. } = &fact.what {
                        self.committed(event, &fact.replica.partition, *from, ledger);
                    }
                }
                Fact::Kafka(_) => {}
            },
            _ => {}
        }
        None
    }

    fn finish(&self, at: u64, ledger: &Ledger) -> Option<Violation> {
        if self.hindrances.any() || at < self.disturbed + PATIENCE {
            return None;
        }
        let waits = self.waiting_record(at, ledger);
        let waits = waits.or_else(|| self.stuck_queue(at, ledger));
        waits.or_else(|| self.stuck_reader(at, ledger))
    }
}

impl Progress {
    /// A process is gone, and what it consumed is nobody's.
    fn leave(&mut self, node: NodeId) {
        self.assigned.remove(&node);
        let on_it = self.consumers.iter().filter(|(_, (at, _))| *at == node);
        let queues: Vec<Name> = on_it.map(|(queue, _)| queue.clone()).collect();
        for queue in queues {
            self.consumers.remove(&queue);
        }
    }

    fn rabbitmq(&mut self, event: &Event<'_, Cast>, fact: &Rabbitmq, ledger: &Ledger) {
        let moved = Moved {
            at: event.at,
            event: event.id,
        };
        match fact {
            Rabbitmq::ConsumerStarted { queue, .. } => {
                let consumers = self
                    .consumers
                    .get_or_insert_with(queue.clone(), || (event.node, 0));
                consumers.1 += 1;
                self.queues.insert(queue.clone(), moved);
            }
            Rabbitmq::ConsumerCancelled { queue, .. } => {
                if let Some((_, count)) = self.consumers.get_mut(queue) {
                    *count = count.saturating_sub(1);
                }
            }
            Rabbitmq::Acknowledged { copy, .. }
            | Rabbitmq::Dropped { copy, .. }
            | Rabbitmq::Expired { copy } => {
                self.queues.insert(copy.queue.clone(), moved);
            }
            Rabbitmq::Enqueued { copy, .. } | Rabbitmq::Recovered { copy, .. } => {
                let account = ledger.queue(&copy.queue, copy.node);
                if account.is_none_or(|account| account.ready + account.unacked <= 1) {
                    self.queues.insert(copy.queue.clone(), moved);
                }
            }
            _ => {}
        }
    }

    fn client(&mut self, event: &Event<'_, Cast>, fact: &ClientFact, ledger: &Ledger) {
        let moved = Moved {
            at: event.at,
            event: event.id,
        };
        match &fact.what {
            ClientWhat::Sent { .. } => {
                self.producers.insert(fact.client, ());
            }
            ClientWhat::Assigned { partitions, .. } => {
                for partition in partitions {
                    let key = (ledger.reader(fact.client), partition.clone());
                    self.readers.insert(key, moved);
                }
                self.assigned.insert(fact.client, partitions.clone());
            }
            ClientWhat::Revoked { .. } => {
                self.assigned.remove(&fact.client);
            }
            ClientWhat::Delivered { partition, .. } => {
                let key = (ledger.reader(fact.client), partition.clone());
                self.readers.insert(key, moved);
            }
            _ => {}
        }
    }

    /// More is committed; who had read all begins to wait now.
    fn committed(
        &mut self,
        event: &Event<'_, Cast>,
        partition: &TopicPartition,
        from: u64,
        ledger: &Ledger,
    ) {
        if ledger.leader(partition).map(|leader| leader.node) != Some(event.node) {
            return;
        }
        let moved = Moved {
            at: event.at,
            event: event.id,
        };
        for reader in self.readers_of(partition, ledger) {
            if position(ledger, &reader, partition) >= from {
                self.readers.insert((reader, partition.clone()), moved);
            }
        }
    }

    fn readers_of(&self, partition: &TopicPartition, ledger: &Ledger) -> Vec<Name> {
        let assigned = self.assigned.iter();
        let reads = assigned.filter(|(_, partitions)| partitions.contains(partition));
        reads.map(|(client, _)| ledger.reader(*client)).collect()
    }

    /// The first event within the last [`PATIENCE`].
    fn recent(&self, at: u64) -> EventId {
        let since = at.saturating_sub(PATIENCE).div_ceil(1_000_000);
        let mut seconds = self.seconds.iter();
        let first = seconds.find(|(second, _)| *second >= since);
        let never = EventId {
            step: u32::MAX,
            n: u32::MAX,
        };
        first.map_or(never, |(_, event)| *event)
    }

    fn waiting_record(&self, at: u64, ledger: &Ledger) -> Option<Violation> {
        let recent = self.recent(at);
        let waits = |sender| matches!(sender, Sender::Buffered | Sender::InFlight);
        let mut waiting = ledger.fates().filter(|(id, fate)| {
            waits(fate.sender) && fate.told < recent && self.producers.contains_key(&id.client)
        });
        let (first, fate) = waiting.next()?;
        let messages: Vec<_> = [first]
            .into_iter()
            .chain(waiting.map(|(id, _)| id))
            .collect();
        Some(Violation {
            at: fate.told,
            says: format!(
                "{} has waited for an outcome for more than {} s",
                words::messages(&messages, ledger.names()),
                PATIENCE / 1_000_000
            ),
            messages,
        })
    }

    fn stuck_queue(&self, at: u64, ledger: &Ledger) -> Option<Violation> {
        ledger.queues().find_map(|(queue, _, account)| {
            let waiting = account.ready + account.unacked;
            let consumers = self.consumers.get(queue).map_or(0, |(_, count)| *count);
            let moved = self.queues.get(queue)?;
            let stuck = waiting > 0 && consumers > 0 && moved.at + PATIENCE < at;
            stuck.then(|| Violation {
                at: moved.event,
                messages: Vec::new(),
                says: format!(
                    "{queue} has consumers, {waiting} to settle, and settled none for more than {} s",
                    PATIENCE / 1_000_000
                ),
            })
        })
    }

    fn stuck_reader(&self, at: u64, ledger: &Ledger) -> Option<Violation> {
        self.assigned.iter().find_map(|(client, partitions)| {
            let reader = ledger.reader(*client);
            partitions.iter().find_map(|partition| {
                let leader = ledger.leader(partition)?;
                let log = ledger.replica(partition, leader.node)?;
                let (end, position) = (log.high_watermark, position(ledger, &reader, partition));
                let moved = self.readers.get(&(reader.clone(), partition.clone()))?;
                let stuck = position < end && moved.at + PATIENCE < at;
                stuck.then(|| Violation {
                    at: moved.event,
                    messages: Vec::new(),
                    says: format!(
                        "{reader} is at offset {position} of {partition}, which is committed up to {end}, and got nothing for more than {} s",
                        PATIENCE / 1_000_000
                    ),
                })
            })
        })
    }
}

/// The next offset that a reader reads.
fn position(ledger: &Ledger, reader: &Name, partition: &TopicPartition) -> u64 {
    let account = ledger.group(reader, partition);
    account.map_or(0, |account| account.position.max(account.committed))
}

impl Hindrances {
    fn any(&self) -> bool {
        let nodes = [&self.down, &self.paused, &self.full];
        self.cuts + self.holds > 0 || nodes.iter().any(|nodes| !nodes.is_empty())
    }

    fn strike(&mut self, fault: &Fault) {
        match fault {
            Fault::Cut { .. } => self.cuts += 1,
            Fault::Mend { .. } => self.cuts = self.cuts.saturating_sub(1),
            Fault::Heal => self.cuts = 0,
            Fault::Hold { .. } => self.holds += 1,
            Fault::Release { .. } => self.holds = self.holds.saturating_sub(1),
            Fault::Crash { node, .. } | Fault::Stop { node, .. } => {
                self.down.insert(*node, ());
                self.paused.remove(node);
            }
            Fault::Pause { node } => {
                self.paused.insert(*node, ());
            }
            Fault::Resume { node } => {
                self.paused.remove(node);
            }
            Fault::DiskFree {
                node,
                bytes: Some(_),
            } => {
                self.full.insert(*node, ());
            }
            Fault::DiskFree { node, bytes: None } => {
                self.full.remove(node);
            }
            // A restart is seen when the process starts.
            Fault::Restart { .. }
            | Fault::Slow { .. }
            | Fault::Reset { .. }
            | Fault::Skew { .. }
            | Fault::Rate { .. }
            | Fault::SlowDisk { .. }
            | Fault::TearWrite { .. }
            | Fault::Memory { .. } => {}
        }
    }
}
