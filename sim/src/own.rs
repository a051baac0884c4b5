//! Copy on first write: what a keyframe shares with the running world.

use std::rc::Rc;

/// What is shared, to be changed: copied first if a keyframe shares it. As `Rc::make_mut`, but
/// small enough to be inlined where nothing is shared.
#[inline]
pub(crate) fn own<T: Clone>(shared: &mut Rc<T>) -> &mut T {
    if Rc::strong_count(shared) != 1 {
        copy(shared);
    }
    Rc::get_mut(shared).expect("nobody holds a weak reference")
}

#[cold]
#[inline(never)]
fn copy<T: Clone>(shared: &mut Rc<T>) {
    *shared = Rc::new((**shared).clone());
}
