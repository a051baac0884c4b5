//! What a deque holds: a ring at each end, and shared chunks between them.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use core::mem;

use super::chunks::{CHUNK, Chunk, Chunks};

/// The items of a deque; while they are at most [`CHUNK`], one plain ring.
#[derive(Clone)]
pub(super) struct Ends<T> {
    /// The last items, at most [`CHUNK`]; all of them while there is no `rest`.
    back: VecDeque<T>,
    /// What lies before `back`, once there were more than a chunk.
    rest: Option<Box<Rest<T>>>,
}

/// The items before the last ones.
#[derive(Clone)]
struct Rest<T> {
    /// The first items, at most [`CHUNK`]. Empty until one is taken or put there: a list that is
    /// only ever appended to keeps its head shared.
    front: VecDeque<T>,
    /// What lies between `front` and the deque's `back`.
    chunks: Chunks<T>,
    /// An empty ring: the room of the last chunk eaten at the front, for the next full `back`.
    spare: VecDeque<T>,
}

impl<T> Ends<T> {
    /// The number of items.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.back.len() + self.rest.as_ref().map_or(0, |rest| rest.len())
    }

    /// Whether no item is there.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at a place, counted from the front.
    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        if self.rest.is_none() {
            return self.back.get(at);
        }
        let (ring, at) = self.place(at);
        self.ring(ring)?.get(at)
    }

    /// The first item.
    #[inline]
    pub(super) fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The last item.
    #[inline]
    pub(super) fn back(&self) -> Option<&T> {
        self.back
            .back()
            .or_else(|| self.get(self.len().checked_sub(1)?))
    }

    /// The plain rings it is made of, in order.
    pub(super) fn rings(&self) -> usize {
        self.rest.as_ref().map_or(1, |rest| rest.chunks.len() + 2)
    }

    pub(super) fn ring(&self, ring: usize) -> Option<&VecDeque<T>> {
        let last = self.rings() - 1;
        match &self.rest {
            _ if ring == last => Some(&self.back),
            None => None,
            Some(rest) if ring == 0 => Some(&rest.front),
            Some(rest) => rest.chunks.get(ring - 1),
        }
    }

    /// The ring of a place, and the place in it. Behind the last item it is some ring's end.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let Some(rest) = &self.rest else {
            return (0, at);
        };
        let Some(behind) = at.checked_sub(rest.front.len()) else {
            return (0, at);
        };
        let chunk = (behind / CHUNK).min(rest.chunks.len());
        (1 + chunk, behind - chunk * CHUNK)
    }
}

impl<T: Clone> Ends<T> {
    /// Adds an item behind the last one.
    #[inline]
    pub(super) fn push_back(&mut self, item: T) {
        if self.back.len() == CHUNK {
            self.spill();
        }
        self.back.push_back(item);
    }

    /// Takes the first item.
    #[inline]
    pub(super) fn pop_front(&mut self) -> Option<T> {
        if let Some(rest) = &self.rest
            && rest.front.is_empty()
        {
            self.refill_front();
        }
        match &mut self.rest {
            None => self.back.pop_front(),
            Some(rest) => rest.front.pop_front(),
        }
    }

    /// Adds an item before the first one.
    pub(super) fn push_front(&mut self, item: T) {
        if self.rest.is_none() {
            if self.back.len() < CHUNK {
                self.back.push_front(item);
                return;
            }
            self.spill();
        }
        let rest = self.rest.get_or_insert_default();
        if rest.front.len() == CHUNK {
            let full = mem::replace(&mut rest.front, VecDeque::with_capacity(CHUNK));
            rest.chunks.push_front(Rc::new(full));
        }
        rest.front.push_front(item);
    }

    /// Takes the last item.
    #[inline]
    pub(super) fn pop_back(&mut self) -> Option<T> {
        if self.back.is_empty() {
            self.refill_back();
        }
        self.back.pop_back()
    }

    /// The item at a place, to be changed.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let (ring, at) = self.place(at);
        if ring == self.rings() - 1 {
            return self.back.get_mut(at);
        }
        let rest = self.rest.as_mut()?;
        match ring.checked_sub(1) {
            None => rest.front.get_mut(at),
            Some(chunk) => Rc::make_mut(rest.chunks.get_mut(chunk)?).get_mut(at),
        }
    }

    /// Drops the items from the place `len` on. Whole chunks go without a look at their items.
    pub(super) fn truncate(&mut self, len: usize) {
        let mut excess = self.len().saturating_sub(len);
        while excess > 0 {
            let here = excess.min(self.back.len());
            self.back.truncate(self.back.len() - here);
            excess -= here;
            while let Some(rest) = &mut self.rest
                && excess >= CHUNK
                && rest.chunks.pop_back().is_some()
            {
                excess -= CHUNK;
            }
            if excess > 0 {
                self.refill_back();
            }
        }
    }

    /// Drops the first `count` items. Whole chunks go without a look at their items.
    pub(super) fn trim(&mut self, count: usize) {
        let mut count = count.min(self.len());
        if let Some(rest) = &mut self.rest {
            let here = count.min(rest.front.len());
            rest.front.drain(..here);
            count -= here;
            while count >= CHUNK && rest.chunks.pop_front().is_some() {
                count -= CHUNK;
            }
        }
        for _ in 0..count {
            self.pop_front();
        }
    }

    /// Puts the full `back` among the shared chunks.
    #[cold]
    fn spill(&mut self) {
        let rest = self.rest.get_or_insert_default();
        let mut room = mem::take(&mut rest.spare);
        room.reserve_exact(CHUNK);
        let full = mem::replace(&mut self.back, room);
        rest.chunks.push_back(Rc::new(full));
    }

    /// Brings the next chunk into the empty `front`; without one, only `back` is left.
    #[cold]
    fn refill_front(&mut self) {
        let next = self.rest.as_mut().and_then(|rest| rest.chunks.pop_front());
        match (&mut self.rest, next) {
            (Some(rest), Some(chunk)) => rest.spare = mem::replace(&mut rest.front, own(chunk)),
            _ => self.rest = None,
        }
    }

    /// Brings the last chunk into the empty `back`; without one, what is left of `front`.
    #[cold]
    fn refill_back(&mut self) {
        let Some(rest) = &mut self.rest else {
            return;
        };
        match rest.chunks.pop_back() {
            Some(chunk) => self.back = own(chunk),
            None => {
                self.back = mem::take(&mut rest.front);
                self.rest = None;
            }
        }
    }
}

impl<T> Rest<T> {
    #[inline]
    fn len(&self) -> usize {
        self.front.len() + self.chunks.len() * CHUNK
    }
}

/// The items of a chunk, copied only if a clone still looks at it.
fn own<T: Clone>(chunk: Chunk<T>) -> VecDeque<T> {
    Rc::try_unwrap(chunk).unwrap_or_else(|shared| VecDeque::clone(&shared))
}

impl<T> Default for Rest<T> {
    fn default() -> Self {
        Rest {
            front: VecDeque::new(),
            spare: VecDeque::new(),
            chunks: Chunks::default(),
        }
    }
}

impl<T> From<VecDeque<T>> for Ends<T> {
    /// Of at most [`CHUNK`] items.
    fn from(back: VecDeque<T>) -> Self {
        Ends { back, rest: None }
    }
}
