//! What a RabbitMQ node keeps on its disk: one file of definitions, one for each durable queue.

use alloc::rc::Rc;

use super::binding::Binding;
use super::message::{Message, table_bytes};
use super::{exchange, queue};
use crate::fingerprint::Fingerprint;
use crate::machine::{Machine, Out, Parcel};
use crate::names::{FileId, MessageId, Name};
use crate::shared::{SortedMap, SortedSet};

/// The file of definitions: what is durable of vhosts, exchanges, queues and bindings.
pub const DEFINITIONS: FileId = FileId(0);

/// One entry of a file.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Record {
    /// Definitions: a virtual host.
    VHostAdded(Name),
    /// Definitions: it is gone, with all in it.
    VHostDeleted(Name),
    /// Definitions: a durable exchange.
    ExchangeDeclared(Name, exchange::Declaration),
    /// Definitions: it is gone.
    ExchangeDeleted(Name, Name),
    /// Definitions: a durable queue, and the file with its messages.
    QueueDeclared(Name, queue::Declaration, FileId),
    /// Definitions: it is gone.
    QueueDeleted(Name, Name),
    /// Definitions: a binding between durable ends.
    Bound(Name, Binding),
    /// Definitions: it is gone.
    Unbound(Name, Binding),
    /// A queue: a persistent message came.
    Enqueued {
        /// Its place in the queue.
        seq: u64,
        /// The message.
        message: Rc<Message>,
        /// When it expires, in microseconds on the wall clock.
        expiry: Option<i64>,
    },
    /// A queue: it was delivered.
    Delivered(u64),
    /// A queue: it is settled.
    Settled(u64),
    /// A queue: its node stopped in an orderly way, and all above is as it was then
    /// (`rabbit_recovery_terms`).
    Terminated,
    /// A queue: its node started again, and that is true no longer.
    Cleared,
}

impl Parcel for Record {
    fn bytes(&self) -> u64 {
        let binding = |b: &Binding| {
            let names = b.source.len() + b.destination.name().len() + b.key.len();
            names as u64 + table_bytes(&b.arguments)
        };
        16 + match self {
            Record::VHostAdded(name) | Record::VHostDeleted(name) => name.len() as u64,
            Record::ExchangeDeclared(vhost, d) => {
                (vhost.len() + d.name.len()) as u64 + table_bytes(&d.arguments)
            }
            Record::QueueDeclared(vhost, d, _) => {
                (vhost.len() + d.name.len()) as u64 + table_bytes(&d.arguments)
            }
            Record::ExchangeDeleted(vhost, name) | Record::QueueDeleted(vhost, name) => {
                (vhost.len() + name.len()) as u64
            }
            Record::Bound(vhost, b) | Record::Unbound(vhost, b) => vhost.len() as u64 + binding(b),
            Record::Enqueued { message, .. } => {
                let names = message.exchange.len() + message.routing_key.len();
                names as u64 + message.content.bytes()
            }
            Record::Delivered(_) | Record::Settled(_) | Record::Terminated | Record::Cleared => 0,
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Record::VHostAdded(_) => "vhost added",
            Record::VHostDeleted(_) => "vhost deleted",
            Record::ExchangeDeclared(..) => "exchange declared",
            Record::ExchangeDeleted(..) => "exchange deleted",
            Record::QueueDeclared(..) => "queue declared",
            Record::QueueDeleted(..) => "queue deleted",
            Record::Bound(..) => "bound",
            Record::Unbound(..) => "unbound",
            Record::Enqueued { .. } => "enqueued",
            Record::Delivered(_) => "delivered",
            Record::Settled(_) => "settled",
            Record::Terminated => "recovery terms",
            Record::Cleared => "recovery terms cleared",
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        if let Record::Enqueued { message, .. } = self
            && let Some(message) = message.content.message
        {
            each(message);
        }
    }
}

/// Where each file ends, and which have something that a power loss would take.
///
/// A file is flushed as soon as its owner has nothing else to do, and again when the flush ends if
/// more was written meanwhile: `rabbit_amqqueue_process` syncs when its mailbox is empty, and is
/// busy while it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Files {
    ends: SortedMap<FileId, u64>,
    dirty: SortedSet<FileId>,
    syncing: SortedSet<FileId>,
}

impl Files {
    /// Notes a file that was there before the start, and its end.
    pub fn found(&mut self, file: FileId, end: u64) {
        self.ends.insert(file, end);
    }

    /// Writes a record and gives its index.
    pub fn append<M: Machine<Record = Record>>(
        &mut self,
        file: FileId,
        record: Record,
        out: &mut Out<M>,
    ) -> u64 {
        let end = self.ends.entry(file).or_default();
        let index = *end;
        *end += 1;
        self.dirty.insert(file);
        out.append(file, record);
        index
    }

    /// Removes a file.
    pub fn delete<M: Machine<Record = Record>>(&mut self, file: FileId, out: &mut Out<M>) {
        self.ends.remove(&file);
        self.dirty.remove(&file);
        self.syncing.remove(&file);
        out.delete(file);
    }

    /// Flushes what is written and not being flushed.
    pub fn sync<M: Machine<Record = Record>>(&mut self, out: &mut Out<M>) {
        let Files { dirty, syncing, .. } = self;
        dirty.retain(|file| {
            let idle = syncing.insert(*file);
            if idle {
                out.sync(*file);
            }
            !idle
        });
    }

    /// A flush ended.
    pub fn synced(&mut self, file: FileId) {
        self.syncing.remove(&file);
    }

    /// Whether nothing would be lost with the power.
    #[must_use]
    pub fn are_safe(&self) -> bool {
        self.dirty.is_empty() && self.syncing.is_empty()
    }

    /// A number for a new file.
    #[must_use]
    pub fn unused(&self) -> FileId {
        let last = self.ends.last_key_value().map_or(0, |(file, _)| file.0);
        FileId(last + 1)
    }
}
