//! Rows of 32 bytes in pooled chunks.

use std::cell::RefCell;
use std::rc::Rc;

use glassmq_core::machine::{Input, Machine, Parcel};
use glassmq_core::names::{LinkId, MessageId, NodeId};
use glassmq_core::subject::{Subject, Told};

use super::subjects::Subjects;
use crate::event::{Event, EventId, What};

/// Rows of a chunk: 128 KiB.
const CHUNK: usize = 4096;
/// Emptied chunks kept for the next run on this thread: 1 GiB at most, and no more than its largest
/// run had. Fresh memory costs a page fault for every 4 KiB, ten times the price of writing the
/// rows.
const POOL: usize = 8192;

thread_local! {
    static SPARE: RefCell<Vec<Vec<Row>>> = const { RefCell::new(Vec::new()) };
}

/// One event, as much of it as is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// step (32 bits), number within it (24), kind (8).
    id: u64,
    /// The cause's step (32 bits), number within it (24), marks (8).
    cause: u64,
    /// Time in microseconds (48 bits), node (16).
    at: u64,
    /// Subject (32 bits), message (32).
    about: u64,
}

/// What happened, without what it happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[allow(
    missing_docs,
    reason = "they are the variants of `What` and of `Input`"
)]
pub enum Kind {
    Booted,
    Commanded,
    Accepted,
    Connected,
    Refused,
    Delivered,
    Disconnected,
    Fired,
    Synced,
    Informed,
    Stopping,
    Drawn,
    Connecting,
    Sent,
    Stalled,
    Lost,
    Closed,
    Appended,
    Truncated,
    Trimmed,
    Replaced,
    Deleted,
    SyncAsked,
    WrittenBack,
    WriteFailed,
    Armed,
    Disarmed,
    Fact,
    Exited,
    Faulted,
}

/// In the order of their numbers.
const KINDS: [Kind; 30] = [
    Kind::Booted,
    Kind::Commanded,
    Kind::Accepted,
    Kind::Connected,
    Kind::Refused,
    Kind::Delivered,
    Kind::Disconnected,
    Kind::Fired,
    Kind::Synced,
    Kind::Informed,
    Kind::Stopping,
    Kind::Drawn,
    Kind::Connecting,
    Kind::Sent,
    Kind::Stalled,
    Kind::Lost,
    Kind::Closed,
    Kind::Appended,
    Kind::Truncated,
    Kind::Trimmed,
    Kind::Replaced,
    Kind::Deleted,
    Kind::SyncAsked,
    Kind::WrittenBack,
    Kind::WriteFailed,
    Kind::Armed,
    Kind::Disarmed,
    Kind::Fact,
    Kind::Exited,
    Kind::Faulted,
];

/// What else is to be said of an event, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(pub u8);

impl Marks {
    /// The input had to wait for its process.
    pub const WAITED: Marks = Marks(1);
    /// It concerns more messages than the one in its row.
    pub const MANY: Marks = Marks(2);
    /// It belongs to a request and answer that led to nothing: see [`Quiet`](super::Quiet).
    pub const QUIET: Marks = Marks(4);

    /// Whether all of these marks are set.
    #[must_use]
    pub fn has(self, marks: Marks) -> bool {
        self.0 & marks.0 == marks.0
    }
}

/// The rows of a run, and the subjects they name by number.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    full: Vec<Rc<Vec<Row>>>,
    last: Vec<Row>,
    subjects: Subjects,
}

impl Trace {
    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        (self.full.len() * CHUNK + self.last.len()) as u64
    }

    /// Whether nothing has happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The event at a place, counted from 0.
    #[must_use]
    pub fn get(&self, at: u64) -> Option<&Row> {
        let (chunk, at) = ((at / CHUNK as u64) as usize, (at % CHUNK as u64) as usize);
        match self.full.get(chunk) {
            Some(rows) => rows.get(at),
            None if chunk == self.full.len() => self.last.get(at),
            None => None,
        }
    }

    /// All rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.full
            .iter()
            .flat_map(|chunk| chunk.iter())
            .chain(&self.last)
    }

    /// The place of the first event that is not before the one given.
    #[must_use]
    pub fn place_of(&self, id: EventId) -> u64 {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle) {
                Some(row) if row.id() < id => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// Marks an event that was kept.
    pub fn mark(&mut self, id: EventId, marks: Marks) {
        let place = self.place_of(id);
        let (chunk, at) = (
            (place / CHUNK as u64) as usize,
            (place % CHUNK as u64) as usize,
        );
        let row = match self.full.get_mut(chunk) {
            Some(rows) => Rc::make_mut(rows).get_mut(at),
            None => self.last.get_mut(at),
        };
        if let Some(row) = row.filter(|row| row.id() == id) {
            row.cause |= u64::from(marks.0);
        }
    }

    /// Forgets all rows from a place on.
    pub fn truncate(&mut self, len: u64) {
        while (self.full.len() * CHUNK) as u64 > len {
            let chunk = self.full.pop().expect("it holds at least one");
            recycle(std::mem::replace(
                &mut self.last,
                Rc::unwrap_or_clone(chunk),
            ));
        }
        self.last
            .truncate((len - (self.full.len() * CHUNK) as u64) as usize);
    }

    /// The subject a row names.
    #[must_use]
    pub fn subject(&self, row: &Row) -> Option<&Subject> {
        self.subjects.get(row.subject())
    }

    /// Keeps an event.
    #[inline(always)]
    pub fn push<M: Machine>(&mut self, event: &Event<'_, M>) {
        let (subject, message, marks) = self.about(&event.what);
        self.push_row(Row {
            id: u64::from(event.id.step) << 32
                | u64::from(event.id.n) << 8
                | Kind::of(&event.what) as u64,
            cause: u64::from(event.cause.step) << 32
                | u64::from(event.cause.n) << 8
                | u64::from(marks.0),
            at: event.at << 16 | u64::from(event.node.0 & 0xffff),
            about: u64::from(subject) << 32 | u64::from(message),
        });
    }

    #[inline]
    fn push_row(&mut self, row: Row) {
        if self.last.len() == self.last.capacity() {
            self.next_chunk();
        }
        self.last.push(row);
    }

    #[cold]
    fn next_chunk(&mut self) {
        if !self.last.len().is_multiple_of(CHUNK) {
            // A copy has room for no more than it copied.
            return self.last.reserve_exact(CHUNK - self.last.len());
        }
        let fresh = SPARE.with_borrow_mut(Vec::pop);
        let fresh = fresh.unwrap_or_else(|| Vec::with_capacity(CHUNK));
        let full = std::mem::replace(&mut self.last, fresh);
        if !full.is_empty() {
            self.full.push(Rc::new(full));
        }
    }

    #[inline(always)]
    fn about<M: Machine>(&mut self, what: &What<'_, M>) -> (u32, u32, Marks) {
        match what {
            What::Took { input, waited } => {
                let waited = Marks(u8::from(*waited));
                match input {
                    Input::Message { link, message } => {
                        let (message, many) = carried(message);
                        (pack(*link), message, Marks(waited.0 | many.0))
                    }
                    Input::Accepted { link, .. }
                    | Input::Connected { link }
                    | Input::Refused { link, .. }
                    | Input::Disconnected { link, .. } => (pack(*link), NONE, waited),
                    _ => (NONE, NONE, waited),
                }
            }
            What::Sent { link, message } | What::Lost { link, message, .. } => {
                let (message, many) = carried(*message);
                (pack(*link), message, many)
            }
            What::Stalled { link, .. } | What::Closed { link, .. } => {
                (pack(*link), NONE, Marks::default())
            }
            What::Fact { fact } => {
                let (message, many) = several(|each| fact.messages(each));
                (self.subjects.number(fact.subject()), message, many)
            }
            What::Appended { record, .. } => {
                let (message, many) = carried(*record);
                (NONE, message, many)
            }
            _ => (NONE, NONE, Marks::default()),
        }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        recycle(std::mem::take(&mut self.last));
        for chunk in self.full.drain(..) {
            if let Ok(rows) = Rc::try_unwrap(chunk) {
                recycle(rows);
            }
        }
    }
}

fn recycle(mut rows: Vec<Row>) {
    if rows.capacity() != CHUNK {
        return;
    }
    rows.clear();
    // At the end of a thread the pool may be gone before the last trace: then it is just freed.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < POOL {
            spare.push(rows);
        }
    });
}

/// No subject, no message.
const NONE: u32 = u32::MAX;

/// A link in 32 bits: 12 for who opened it, 20 for which. Only equality matters to its readers.
#[inline]
fn pack(link: LinkId) -> u32 {
    link.opener.0 << 20 | link.ordinal & 0xf_ffff
}

/// A message in 32 bits: 10 for its client, 22 for its number. One that does not fit is found by
/// running its step again.
#[inline]
fn pack_message(id: MessageId) -> u32 {
    if id.client.0 < 1023 && id.n < 1 << 22 {
        id.client.0 << 22 | id.n
    } else {
        NONE
    }
}

#[inline]
fn carried(parcel: &impl Parcel) -> (u32, Marks) {
    several(|each| parcel.messages(each))
}

#[inline]
fn several(tell: impl FnOnce(&mut dyn FnMut(MessageId))) -> (u32, Marks) {
    let (mut first, mut marks) = (NONE, Marks::default());
    tell(&mut |id| {
        if first == NONE {
            first = pack_message(id);
        } else {
            marks = Marks::MANY;
        }
    });
    (first, marks)
}

impl Row {
    /// Which event.
    #[must_use]
    pub fn id(&self) -> EventId {
        EventId {
            step: (self.id >> 32) as u32,
            n: (self.id >> 8) as u32 & 0xff_ffff,
        }
    }

    /// What triggered it.
    #[must_use]
    pub fn cause(&self) -> EventId {
        EventId {
            step: (self.cause >> 32) as u32,
            n: (self.cause >> 8) as u32 & 0xff_ffff,
        }
    }

    /// When, in microseconds of virtual time.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.at >> 16
    }

    /// Where.
    #[must_use]
    pub fn node(&self) -> NodeId {
        NodeId((self.at & 0xffff) as u32)
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> Kind {
        KINDS[(self.id & 0xff) as usize]
    }

    /// What else is to be said.
    #[must_use]
    pub fn marks(&self) -> Marks {
        Marks(self.cause as u8)
    }

    /// The message it concerns, or the first of several.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        let packed = self.about as u32;
        let id = || MessageId {
            client: NodeId(packed >> 22),
            n: packed & 0x3f_ffff,
        };
        (packed != NONE).then(id)
    }

    /// The number of its subject, or its link in short; compare only within a kind.
    #[must_use]
    pub fn subject(&self) -> u32 {
        (self.about >> 32) as u32
    }
}

impl Kind {
    /// The kind of an event.
    #[inline(always)]
    #[must_use]
    pub fn of<M: Machine>(what: &What<'_, M>) -> Kind {
        match what {
            What::Booted { .. } => Kind::Booted,
            What::Took { input, .. } => match input {
                Input::Command(_) => Kind::Commanded,
                Input::Accepted { .. } => Kind::Accepted,
                Input::Connected { .. } => Kind::Connected,
                Input::Refused { .. } => Kind::Refused,
                Input::Message { .. } => Kind::Delivered,
                Input::Disconnected { .. } => Kind::Disconnected,
                Input::Timer(_) => Kind::Fired,
                Input::Synced { .. } => Kind::Synced,
                Input::WriteFailed { .. } | Input::DiskFree { .. } | Input::Memory { .. } => {
                    Kind::Informed
                }
                Input::Stop => Kind::Stopping,
            },
            What::Drawn { .. } => Kind::Drawn,
            What::Connecting { .. } => Kind::Connecting,
            What::Sent { .. } => Kind::Sent,
            What::Stalled { .. } => Kind::Stalled,
            What::Lost { .. } => Kind::Lost,
            What::Closed { .. } => Kind::Closed,
            What::Appended { .. } => Kind::Appended,
            What::Truncated { .. } => Kind::Truncated,
            What::Trimmed { .. } => Kind::Trimmed,
            What::Replaced { .. } => Kind::Replaced,
            What::Deleted { .. } => Kind::Deleted,
            What::SyncAsked { .. } => Kind::SyncAsked,
            What::WrittenBack { .. } => Kind::WrittenBack,
            What::WriteFailed { .. } => Kind::WriteFailed,
            What::Armed { .. } => Kind::Armed,
            What::Disarmed { .. } => Kind::Disarmed,
            What::Fact { .. } => Kind::Fact,
            What::Exited => Kind::Exited,
            What::Faulted { .. } => Kind::Faulted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::Puppet;

    fn tell(trace: &mut Trace, steps: std::ops::Range<u32>) {
        for step in steps {
            trace.push(&Event::<Puppet> {
                id: EventId { step, n: 0 },
                cause: EventId::ROOT,
                at: 0,
                node: NodeId(0),
                what: What::Exited,
            });
        }
    }

    #[test]
    fn a_copy_goes_on_as_the_original_does() {
        let few = CHUNK as u32 + 7;
        let many = 3 * CHUNK as u32;
        let mut trace = Trace::default();
        tell(&mut trace, 0..few);
        let mut copy = trace.clone();
        for trace in [&mut trace, &mut copy] {
            tell(trace, few..many);
            assert_eq!(trace.len(), u64::from(many));
            let steps = (0..many).map(|step| trace.get(u64::from(step)).map(|row| row.id().step));
            assert!(steps.eq((0..many).map(Some)));
        }
    }
}
