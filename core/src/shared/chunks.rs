//! The shared middle of a deque: full chunks, found through pages of pointers.

use alloc::collections::VecDeque;
use alloc::rc::Rc;

/// Items in a chunk. Small enough that a copied chunk of 100-byte items (3 KB) is cheap in time
/// and in a keyframe's memory; large enough that its allocation is spread thin.
pub(super) const CHUNK: usize = 32;

/// Chunks in a page. At a million items there are 31,250 chunks in 245 pages, so that the first
/// change after a clone copies at most 245 + 128 pointers instead of 31,250.
const PAGE: usize = 128;

/// Exactly [`CHUNK`] items.
pub(super) type Chunk<T> = Rc<VecDeque<T>>;

/// At most [`PAGE`] chunks.
type Page<T> = Rc<VecDeque<Chunk<T>>>;

/// A deque of full chunks. Only the first and the last page may be less than full, so that a
/// place is found by division. An only page may be empty, and keeps its room.
pub(super) struct Chunks<T> {
    pages: Rc<VecDeque<Page<T>>>,
    len: usize,
}

// Not derived: that would ask for `T: Clone`, and no item is cloned here.
impl<T> Clone for Chunks<T> {
    fn clone(&self) -> Self {
        Chunks {
            pages: Rc::clone(&self.pages),
            len: self.len,
        }
    }
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Chunks {
            pages: Rc::default(),
            len: 0,
        }
    }
}

impl<T> Chunks<T> {
    /// The number of chunks.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn get(&self, at: usize) -> Option<&VecDeque<T>> {
        let (page, at) = self.place(at)?;
        Some(&**self.pages.get(page)?.get(at)?)
    }

    /// The chunk itself: the caller decides whether it must be copied.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Chunk<T>> {
        let (page, at) = self.place(at)?;
        let page = Rc::make_mut(&mut self.pages).get_mut(page)?;
        Rc::make_mut(page).get_mut(at)
    }

    pub(super) fn push_back(&mut self, chunk: Chunk<T>) {
        let pages = Rc::make_mut(&mut self.pages);
        match pages.back_mut() {
            Some(page) if page.len() < PAGE => Rc::make_mut(page).push_back(chunk),
            _ => pages.push_back(Rc::new(VecDeque::from([chunk]))),
        }
        self.len += 1;
    }

    pub(super) fn push_front(&mut self, chunk: Chunk<T>) {
        let pages = Rc::make_mut(&mut self.pages);
        match pages.front_mut() {
            Some(page) if page.len() < PAGE => Rc::make_mut(page).push_front(chunk),
            _ => pages.push_front(Rc::new(VecDeque::from([chunk]))),
        }
        self.len += 1;
    }

    pub(super) fn pop_back(&mut self) -> Option<Chunk<T>> {
        if self.is_empty() {
            return None;
        }
        let pages = Rc::make_mut(&mut self.pages);
        let page = Rc::make_mut(pages.back_mut()?);
        let chunk = page.pop_back();
        if page.is_empty() && pages.len() > 1 {
            pages.pop_back();
        }
        self.len -= 1;
        chunk
    }

    pub(super) fn pop_front(&mut self) -> Option<Chunk<T>> {
        if self.is_empty() {
            return None;
        }
        let pages = Rc::make_mut(&mut self.pages);
        let page = Rc::make_mut(pages.front_mut()?);
        let chunk = page.pop_front();
        if page.is_empty() && pages.len() > 1 {
            pages.pop_front();
        }
        self.len -= 1;
        chunk
    }

    /// The page of a chunk, and its place there.
    fn place(&self, at: usize) -> Option<(usize, usize)> {
        let first = self.pages.front()?.len();
        match at.checked_sub(first) {
            None => Some((0, at)),
            Some(behind) => Some((1 + behind / PAGE, behind % PAGE)),
        }
    }
}
