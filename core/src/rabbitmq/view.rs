//! What an inspector shows of a node: exchanges, bindings, queues, channels and consumers.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::binding::Destination;
use super::broker::Broker;
use super::channel::Channel;
use super::classic_queue::{ClassicQueue, Entry};
use super::exchange::Exchange;
use crate::names::{LinkId, MessageId, Name};

/// How many messages of each queue to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lens {
    /// From the head of every queue.
    pub head: u32,
    /// From the tail of every queue.
    pub tail: u32,
    /// Only this queue, if one is named (with its vhost in front, unless that is `/`).
    pub queue: Option<Name>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerView {
    /// Exchanges that are not the broker's own, or that something is bound to.
    pub exchanges: Vec<ExchangeView>,
    /// Queues.
    pub queues: Vec<QueueView>,
    /// Connections with their channels.
    pub connections: Vec<ConnectionView>,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeView {
    /// Its virtual host.
    pub vhost: Name,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: Name,
    /// Survives a restart.
    pub durable: bool,
    /// What is bound to it: where to, and with which key.
    pub bindings: Vec<(Destination, Name)>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    /// Its virtual host.
    pub vhost: Name,
    /// Its name.
    pub name: Name,
    /// Survives a restart.
    pub durable: bool,
    /// Belongs to this connection.
    pub owner: Option<LinkId>,
    /// Ready messages.
    pub ready_count: u32,
    /// Delivered and not settled messages.
    pub unacked_count: u32,
    /// The ready messages that the lens asks for, head first.
    pub ready: Vec<Cell>,
    /// The unsettled messages that the lens asks for, oldest first.
    pub unacked: Vec<Cell>,
    /// Its consumers in the order of their turn, those that may not take more for now last.
    pub consumers: Vec<ConsumerView>,
}

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Its place in the queue.
    pub seq: u64,
    /// The message, if its publisher named it.
    pub message: Option<MessageId>,
    /// Survives a restart, if the queue does.
    pub persistent: bool,
    /// Whether it was delivered before.
    pub redelivered: bool,
    /// When it expires, in microseconds on the wall clock.
    pub expiry: Option<i64>,
    /// Who has it: channel and delivery tag; none if it is ready.
    pub owner: Option<(LinkId, u16, u64)>,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerView {
    /// Its tag.
    pub tag: Name,
    /// Its connection.
    pub link: LinkId,
    /// Its channel.
    pub channel: u16,
    /// Deliveries that may be unacknowledged at a time; 0 for any number.
    pub prefetch: u16,
    /// Whether deliveries wait for an acknowledgement.
    pub ack_required: bool,
    /// Whether it may take a message now.
    pub in_line: bool,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionView {
    /// Which.
    pub link: LinkId,
    /// Whom it authenticated as.
    pub user: Name,
    /// The virtual host it is in.
    pub vhost: Name,
    /// Its channels.
    pub channels: Vec<ChannelView>,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
    /// Its number.
    pub number: u16,
    /// For consumers started from now on.
    pub prefetch: u16,
    /// For the channel as a whole; 0 for none.
    pub global_prefetch: u64,
    /// Deliveries not settled.
    pub unacked: u64,
    /// Publishes not confirmed; none if not in confirm mode.
    pub unconfirmed: Option<u64>,
}

impl BrokerView {
    /// What the lens asks for.
    #[must_use]
    pub fn of(broker: &Broker, lens: &Lens) -> Self {
        let mut view = BrokerView::default();
        for vhost in broker.vhosts.values() {
            let exchanges = vhost.exchanges.values();
            let shown = exchanges.filter(|e| e.is_used() || !is_own(&e.declared.name));
            view.exchanges
                .extend(shown.map(|e| ExchangeView::of(&vhost.name, e)));
            let queues = vhost.queues.values();
            let shown = queues.filter(|q| lens.queue.as_ref().is_none_or(|n| n == q.place()));
            view.queues
                .extend(shown.map(|q| QueueView::of(broker, &vhost.name, q, lens)));
        }
        for (link, connection) in &broker.connections {
            let channels = connection.channels.iter().map(|(number, channel)| {
                let id = super::prefetch::ChannelId {
                    link: *link,
                    number: *number,
                };
                let limiter = broker.limiters.get(&id);
                ChannelView::of(*number, channel, limiter.map_or(0, |l| l.limit()))
            });
            view.connections.push(ConnectionView {
                link: *link,
                user: connection.user.clone(),
                vhost: connection.vhost.clone(),
                channels: channels.collect(),
            });
        }
        view
    }
}

fn is_own(exchange: &str) -> bool {
    exchange.is_empty() || exchange.starts_with("amq.")
}

impl ExchangeView {
    fn of(vhost: &Name, exchange: &Exchange) -> Self {
        let bindings = exchange.bindings();
        ExchangeView {
            vhost: vhost.clone(),
            name: exchange.declared.name.clone(),
            kind: exchange.declared.kind.name().into(),
            durable: exchange.declared.durable,
            bindings: bindings
                .map(|b| (b.destination.clone(), b.key.clone()))
                .collect(),
        }
    }
}

impl QueueView {
    fn of(broker: &Broker, vhost: &Name, queue: &ClassicQueue, lens: &Lens) -> Self {
        let owners = owners(broker, vhost, &queue.declared.name);
        let owner = |seq| {
            let found = owners.iter().find(|(at, _)| *at == seq);
            found.map(|(_, owner)| *owner)
        };
        let consumers = queue.consumers.iter();
        QueueView {
            vhost: vhost.clone(),
            name: queue.declared.name.clone(),
            durable: queue.declared.durable,
            owner: queue.declared.owner,
            ready_count: queue.ready_count(),
            unacked_count: queue.unacked_count(),
            ready: cells(queue.ready(), queue.ready_count(), lens, |_| None),
            unacked: cells(queue.unacked(), queue.unacked_count(), lens, owner),
            consumers: consumers
                .map(|(consumer, in_line)| ConsumerView {
                    tag: consumer.tag.clone(),
                    link: consumer.channel.link,
                    channel: consumer.channel.number,
                    prefetch: consumer.prefetch,
                    ack_required: consumer.ack_required,
                    in_line,
                })
                .collect(),
        }
    }
}

/// Who has each unsettled message of a queue.
fn owners(broker: &Broker, vhost: &Name, queue: &Name) -> Vec<(u64, (LinkId, u16, u64))> {
    let mut owners = Vec::new();
    let connections = broker.connections.iter();
    for (link, connection) in connections.filter(|(_, c)| c.vhost == *vhost) {
        for (number, channel) in &connection.channels {
            for (tag, pending) in channel.unacked() {
                if let Some((_, seq)) = pending.place.as_ref().filter(|(q, _)| q == queue) {
                    owners.push((*seq, (*link, *number, tag)));
                }
            }
        }
    }
    owners
}

fn cells<'a>(
    entries: impl Iterator<Item = (u64, &'a Entry)>,
    count: u32,
    lens: &Lens,
    owner: impl Fn(u64) -> Option<(LinkId, u16, u64)>,
) -> Vec<Cell> {
    let tail = count.saturating_sub(lens.tail);
    let entries = (0u32..).zip(entries);
    let shown = entries.filter(|(at, _)| *at < lens.head || *at >= tail);
    shown
        .map(|(_, (seq, entry))| Cell {
            seq,
            message: entry.message.content.message,
            persistent: entry.message.content.properties.is_persistent(),
            redelivered: entry.redelivered,
            expiry: entry.expiry,
            owner: owner(seq),
        })
        .collect()
}

impl ChannelView {
    fn of(number: u16, channel: &Channel, global_prefetch: u64) -> Self {
        let confirms = channel.confirms.as_ref();
        ChannelView {
            number,
            prefetch: channel.prefetch,
            global_prefetch,
            unacked: channel.unacked_count(),
            unconfirmed: confirms.map(|confirms| confirms.unconfirmed() as u64),
        }
    }
}
