//! The tree inside a map: sorted entries in leaves, which branches share.
//!
//! A B+ tree with two liberties. A node at the end of which a key is added splits there and stays
//! full, because most keys here only ascend (delivery tags, offsets, ticket numbers). A node that
//! loses entries is joined to its neighbour only once both fit in half a node, so that keys coming
//! and going at one border do not split and join all the time.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::mem;
use core::ops::Bound;

/// Entries of a leaf, children of a branch: at most.
pub(super) const FULL: usize = 32;

/// A node with fewer is joined to a neighbour if both fit in half a node.
const SPARSE: usize = FULL / 4;

/// One entry.
pub(super) type Entry<K, V> = (K, V);

/// No node but a lone leaf is ever empty.
#[derive(Clone)]
pub(super) enum Node<K, V> {
    /// Entries in the order of their keys.
    Leaf(Vec<Entry<K, V>>),
    /// Children in the order of their keys; a lone root has at least two.
    Branch(Vec<Child<K, V>>),
}

/// A subtree.
pub(super) struct Child<K, V> {
    /// No key under this child is less, no key under the one before is as great.
    from: K,
    node: Rc<Node<K, V>>,
}

// Not derived: that would ask for `V: Clone`, and no value is cloned here.
impl<K: Clone, V> Clone for Child<K, V> {
    fn clone(&self) -> Self {
        Child {
            from: self.from.clone(),
            node: Rc::clone(&self.node),
        }
    }
}

/// What an insertion did.
pub(super) enum Inserted<K, V> {
    /// The key was there, with this value.
    Replaced(V),
    /// The key is new.
    Added,
    /// The key is new, and the node's upper part is now this neighbour.
    Split(Child<K, V>),
}

impl<K, V> Node<K, V> {
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&Entry<K, V>>
    where
        K: Borrow<Q> + Ord,
    {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => return entries.get(find(entries, key).ok()?),
                Node::Branch(children) => node = &children[towards(children, key)].node,
            }
        }
    }

    /// The least entry's leaf.
    pub(super) fn first_leaf(&self) -> &[Entry<K, V>] {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => return entries,
                Node::Branch(children) => node = &children[0].node,
            }
        }
    }

    /// The greatest entry's leaf.
    pub(super) fn last_leaf(&self) -> &[Entry<K, V>] {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => return entries,
                Node::Branch(children) => node = &children[children.len() - 1].node,
            }
        }
    }

    /// The entries of one leaf from the first one on that is not below `bound`; empty if all are.
    pub(super) fn upwards<Q: Ord + ?Sized>(&self, bound: Bound<&Q>) -> &[Entry<K, V>]
    where
        K: Borrow<Q> + Ord,
    {
        let (Bound::Included(key) | Bound::Excluded(key)) = bound else {
            return self.first_leaf();
        };
        let mut node = self;
        let mut next = None;
        loop {
            match node {
                Node::Leaf(entries) => {
                    let at = entries.partition_point(|(other, _)| match bound {
                        Bound::Excluded(_) => other.borrow() <= key,
                        _ => other.borrow() < key,
                    });
                    return match next {
                        Some(node) if at == entries.len() => Node::first_leaf(node),
                        _ => &entries[at..],
                    };
                }
                Node::Branch(children) => {
                    let at = towards(children, key);
                    next = children.get(at + 1).map(|child| &*child.node).or(next);
                    node = &children[at].node;
                }
            }
        }
    }

    /// The entries of one leaf up to the last one that is not above `bound`; empty if all are.
    pub(super) fn downwards<Q: Ord + ?Sized>(&self, bound: Bound<&Q>) -> &[Entry<K, V>]
    where
        K: Borrow<Q> + Ord,
    {
        let (Bound::Included(key) | Bound::Excluded(key)) = bound else {
            return self.last_leaf();
        };
        let mut node = self;
        let mut next = None;
        loop {
            match node {
                Node::Leaf(entries) => {
                    let end = entries.partition_point(|(other, _)| match bound {
                        Bound::Excluded(_) => other.borrow() < key,
                        _ => other.borrow() <= key,
                    });
                    return match next {
                        Some(node) if end == 0 => Node::last_leaf(node),
                        _ => &entries[..end],
                    };
                }
                Node::Branch(children) => {
                    let at = towards(children, key);
                    let before = at.checked_sub(1).map(|at| &*children[at].node);
                    next = before.or(next);
                    node = &children[at].node;
                }
            }
        }
    }

    /// How many entries or children it has itself.
    fn width(&self) -> usize {
        match self {
            Node::Leaf(entries) => entries.len(),
            Node::Branch(children) => children.len(),
        }
    }
}

impl<K: Clone + Ord, V: Clone> Node<K, V> {
    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => {
                    let at = find(entries, key).ok()?;
                    return Some(&mut entries[at].1);
                }
                Node::Branch(children) => {
                    let at = towards(children, key);
                    node = Rc::make_mut(&mut children[at].node);
                }
            }
        }
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Inserted<K, V> {
        match self {
            Node::Leaf(entries) => match find(entries, &key) {
                Ok(at) => Inserted::Replaced(mem::replace(&mut entries[at].1, value)),
                Err(at) => match add(entries, at, (key, value)) {
                    None => Inserted::Added,
                    Some(upper) => Inserted::Split(Child {
                        from: upper[0].0.clone(),
                        node: Rc::new(Node::Leaf(upper)),
                    }),
                },
            },
            Node::Branch(children) => {
                let at = towards(children, &key);
                let child = &mut children[at];
                if key < child.from {
                    child.from = key.clone();
                }
                match Rc::make_mut(&mut child.node).insert(key, value) {
                    Inserted::Split(upper) => match add(children, at + 1, upper) {
                        None => Inserted::Added,
                        Some(upper) => Inserted::Split(Child {
                            from: upper[0].from.clone(),
                            node: Rc::new(Node::Branch(upper)),
                        }),
                    },
                    done => done,
                }
            }
        }
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<Entry<K, V>>
    where
        K: Borrow<Q>,
    {
        match self {
            Node::Leaf(entries) => {
                let at = find(entries, key).ok()?;
                Some(entries.remove(at))
            }
            Node::Branch(children) => {
                let at = towards(children, key);
                let child = Rc::make_mut(&mut children[at].node);
                let removed = child.remove(key)?;
                let width = child.width();
                if width == 0 {
                    children.remove(at);
                } else if width < SPARSE {
                    join(children, at);
                }
                Some(removed)
            }
        }
    }
}

impl<K: Clone, V> Node<K, V> {
    /// A root over an old one and the neighbour that an insertion split off.
    pub(super) fn over(lower: Rc<Self>, upper: Child<K, V>) -> Self {
        let from = match &*lower {
            Node::Leaf(entries) => entries[0].0.clone(),
            Node::Branch(children) => children[0].from.clone(),
        };
        let mut children = Vec::with_capacity(FULL);
        children.extend([Child { from, node: lower }, upper]);
        Node::Branch(children)
    }

    /// The child that may stand for this node, if it has no other.
    pub(super) fn only_child(&self) -> Option<Rc<Self>> {
        match self {
            Node::Branch(children) if children.len() == 1 => Some(Rc::clone(&children[0].node)),
            _ => None,
        }
    }
}

impl<K, V> Default for Node<K, V> {
    fn default() -> Self {
        Node::Leaf(Vec::new())
    }
}

/// The place of a key in a leaf, or where it would be.
fn find<K: Borrow<Q>, V, Q: Ord + ?Sized>(
    entries: &[Entry<K, V>],
    key: &Q,
) -> Result<usize, usize> {
    entries.binary_search_by(|(other, _)| other.borrow().cmp(key))
}

/// The child under which a key is, if it is anywhere.
fn towards<K: Borrow<Q>, V, Q: Ord + ?Sized>(children: &[Child<K, V>], key: &Q) -> usize {
    children
        .partition_point(|child| child.from.borrow() <= key)
        .saturating_sub(1)
}

/// Adds a part to a node. If it was full, what now lies above is returned.
fn add<P>(parts: &mut Vec<P>, at: usize, part: P) -> Option<Vec<P>> {
    if parts.len() < FULL {
        parts.insert(at, part);
        return None;
    }
    let cut = if at == FULL { FULL } else { FULL / 2 };
    let mut upper = Vec::with_capacity(FULL);
    upper.extend(parts.drain(cut..));
    if at >= cut {
        upper.insert(at - cut, part);
    } else {
        parts.insert(at, part);
    }
    Some(upper)
}

/// Joins a sparse child with a neighbour, if both together are no more than half full.
fn join<K: Clone, V: Clone>(children: &mut Vec<Child<K, V>>, at: usize) {
    let fits = |lower: usize| {
        let pair = children.get(lower..lower + 2);
        pair.is_some_and(|pair| pair[0].node.width() + pair[1].node.width() <= FULL / 2)
    };
    let Some(lower) = [at.checked_sub(1), Some(at)]
        .into_iter()
        .flatten()
        .find(|lower| fits(*lower))
    else {
        return;
    };
    let upper = own(children.remove(lower + 1).node);
    match (Rc::make_mut(&mut children[lower].node), upper) {
        (Node::Leaf(entries), Node::Leaf(more)) => entries.extend(more),
        (Node::Branch(inner), Node::Branch(more)) => inner.extend(more),
        _ => unreachable!("all leaves are equally deep"),
    }
}

/// A node, copied only if a clone still looks at it.
fn own<K: Clone, V: Clone>(node: Rc<Node<K, V>>) -> Node<K, V> {
    Rc::try_unwrap(node).unwrap_or_else(|shared| Node::clone(&shared))
}

#[cfg(test)]
impl<K: Ord, V> Node<K, V> {
    /// Asserts what the functions above rely on, and counts the entries and the levels.
    pub(super) fn check(&self, root: bool) -> (usize, u32) {
        assert!(self.width() <= FULL);
        match self {
            Node::Leaf(entries) => {
                assert!(root || !entries.is_empty());
                assert!(entries.is_sorted_by(|a, b| a.0 < b.0));
                (entries.len(), 1)
            }
            Node::Branch(children) => {
                assert!(children.len() > usize::from(root));
                let below: Vec<_> = children
                    .iter()
                    .map(|child| child.node.check(false))
                    .collect();
                assert!(below.iter().all(|(_, levels)| *levels == below[0].1));
                for (at, child) in children.iter().enumerate() {
                    assert!(child.node.first_leaf()[0].0 >= child.from);
                    let last = child.node.last_leaf().last().map(|(key, _)| key);
                    let next = children.get(at + 1);
                    assert!(next.is_none_or(|next| last < Some(&next.from)));
                }
                (
                    below.iter().map(|(entries, _)| entries).sum(),
                    below[0].1 + 1,
                )
            }
        }
    }
}
