//! Each collection against the plain one that it stands for, with clones kept along the way.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;
use proptest::prelude::*;

use super::{Deque, Log, Map};
use crate::fingerprint::Digest;

/// What may happen to a deque. Pushes come in runs, so that short histories cross many chunks.
#[derive(Clone, Debug)]
enum DequeStep {
    PushBack(u16),
    PushFront(u16),
    PopBack(u16),
    PopFront(u16),
    Truncate(u16),
    Trim(u16),
    Change(u16),
    Clear,
    Keep,
}

fn deque_step() -> impl Strategy<Value = DequeStep> {
    prop_oneof![
        4 => (0..90u16).prop_map(DequeStep::PushBack),
        3 => (0..90u16).prop_map(DequeStep::PushFront),
        3 => (0..90u16).prop_map(DequeStep::PopBack),
        3 => (0..90u16).prop_map(DequeStep::PopFront),
        1 => any::<u16>().prop_map(DequeStep::Truncate),
        1 => (0..200u16).prop_map(DequeStep::Trim),
        3 => any::<u16>().prop_map(DequeStep::Change),
        1 => Just(DequeStep::Clear),
        4 => Just(DequeStep::Keep),
    ]
}

fn same_deque(deque: &Deque<u32>, plain: &VecDeque<u32>) {
    assert_eq!(deque.len(), plain.len());
    assert_eq!(deque.is_empty(), plain.is_empty());
    assert_eq!(deque.front(), plain.front());
    assert_eq!(deque.back(), plain.back());
    assert!(deque.iter().eq(plain));
    assert!(deque.iter().rev().eq(plain.iter().rev()));
    for at in 0..plain.len() + 2 {
        assert_eq!(deque.get(at), plain.get(at));
    }
    for at in (0..plain.len() + 2).step_by(7) {
        assert_eq!(deque.iter_from(at).len(), plain.len().saturating_sub(at));
        assert!(deque.iter_from(at).eq(plain.iter().skip(at)));
    }
    // Equality and fingerprint do not see how either was cut into chunks.
    let rebuilt: Deque<u32> = plain.iter().copied().collect();
    assert_eq!(*deque, rebuilt);
    assert_eq!(Digest::of(deque), Digest::of(plain));
    assert_eq!(format!("{deque:?}"), format!("{plain:?}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_deque_is_a_vec_deque_and_its_clones_stay(steps in prop::collection::vec(deque_step(), 0..60)) {
        let mut deque = Deque::new();
        let mut plain = VecDeque::new();
        let mut kept = Vec::new();
        let mut fresh = 0..;
        for step in steps {
            match step {
                DequeStep::PushBack(times) => for item in fresh.by_ref().take(times.into()) {
                    deque.push_back(item);
                    plain.push_back(item);
                },
                DequeStep::PushFront(times) => for item in fresh.by_ref().take(times.into()) {
                    deque.push_front(item);
                    plain.push_front(item);
                },
                DequeStep::PopBack(times) => for _ in 0..times {
                    assert_eq!(deque.pop_back(), plain.pop_back());
                },
                DequeStep::PopFront(times) => for _ in 0..times {
                    assert_eq!(deque.pop_front(), plain.pop_front());
                },
                DequeStep::Truncate(to) => {
                    let len = usize::from(to) % (plain.len() + 2);
                    deque.truncate(len);
                    plain.truncate(len);
                }
                DequeStep::Trim(count) => {
                    deque.trim(count.into());
                    plain.drain(..usize::from(count).min(plain.len()));
                }
                DequeStep::Change(at) => {
                    let at = usize::from(at) % (plain.len() + 2);
                    assert_eq!(deque.get(at), plain.get(at));
                    if let (Some(ours), Some(theirs)) = (deque.get_mut(at), plain.get_mut(at)) {
                        *ours += 1_000_000;
                        *theirs += 1_000_000;
                    }
                }
                DequeStep::Clear => {
                    deque.clear();
                    plain.clear();
                }
                DequeStep::Keep => kept.push((deque.clone(), plain.clone())),
            }
            assert_eq!(deque.len(), plain.len());
            assert_eq!(deque.back(), plain.back());
        }
        kept.push((deque, plain));
        for (deque, plain) in &kept {
            same_deque(deque, plain);
        }
    }

    #[test]
    fn an_iterator_may_be_eaten_from_both_ends(
        front in 0..200u32,
        len in 0..200u32,
        from in 0..420usize,
        ends in prop::collection::vec(any::<bool>(), 420),
    ) {
        let mut deque: Deque<u32> = (0..len).collect();
        (0..front).for_each(|item| deque.push_front(1000 + item));
        let plain: Vec<u32> = deque.iter().copied().collect();
        let (mut ours, mut theirs) = (deque.iter_from(from), plain.iter().skip(from));
        for back in ends {
            if back {
                assert_eq!(ours.next_back(), theirs.next_back());
            } else {
                assert_eq!(ours.next(), theirs.next());
            }
            assert_eq!(ours.len(), theirs.len());
        }
    }

    #[test]
    fn a_log_keeps_its_indexes(
        steps in prop::collection::vec((0..4u8, 0..400u64), 0..60),
    ) {
        // The plain one never forgets its head: it only remembers where it begins.
        let (mut log, mut plain, mut first) = (Log::default(), Vec::new(), 0);
        let mut kept = Vec::new();
        let mut fresh = 0..;
        for (what, amount) in steps {
            let end = plain.len() as u64;
            match what {
                0 => for item in fresh.by_ref().take(amount as usize / 4) {
                    log.push(item);
                    plain.push(item);
                },
                1 => {
                    // Now and then beyond the end, or before the head.
                    let to = (end + 10).saturating_sub(amount);
                    log.truncate(to);
                    plain.truncate(to.max(first) as usize);
                }
                2 => {
                    let before = first.saturating_sub(10) + amount / 3;
                    log.trim_head(before);
                    first = before.min(end).max(first);
                }
                _ => kept.push((log.clone(), plain.clone(), first)),
            }
        }
        kept.push((log, plain, first));
        for (log, plain, first) in &kept {
            same_log(log, plain, *first);
        }
    }
}

fn same_log(log: &Log<u32>, plain: &[u32], first: u64) {
    let rest = &plain[first as usize..];
    assert_eq!((log.first(), log.end()), (first, plain.len() as u64));
    assert_eq!(log.is_empty(), rest.is_empty());
    assert_eq!(log.last(), rest.last());
    assert!(log.iter().eq(rest));
    for index in 0..log.end() + 2 {
        let there = (index >= first).then(|| plain.get(index as usize));
        assert_eq!(log.get(index), there.flatten());
        let from = index.max(first) as usize;
        assert!(log.iter_from(index).eq(plain.iter().skip(from)));
    }
    assert_eq!(log.get(u64::MAX), None);
    assert_eq!(log.iter_from(u64::MAX).next(), None);
}

#[test]
fn a_log_trimmed_to_nothing_goes_on_where_it_was() {
    let mut log: Log<u32> = (0..100).collect();
    log.trim_head(u64::MAX);
    assert_eq!((log.first(), log.end(), log.is_empty()), (100, 100, true));
    assert_ne!(log, Log::default());
    assert_ne!(Digest::of(&log), Digest::of(&Log::<u32>::default()));
    log.push(7);
    assert_eq!(log.get(100), Some(&7));
}

#[test]
fn a_million_items_cross_pages_at_both_ends() {
    const MILLION: u32 = 1_000_000;
    let mut deque: Deque<u32> = (0..MILLION).collect();
    let kept = deque.clone();
    for item in 0..300_000 {
        assert_eq!(deque.pop_front(), Some(item));
    }
    deque.truncate(500_000);
    for item in (0..300_000).rev() {
        deque.push_front(item);
    }
    for item in 800_000..MILLION {
        deque.push_back(item);
    }
    assert_eq!(deque, kept);
    assert!((0..MILLION).all(|item| deque.get(item as usize) == Some(&item)));
}

/// What may happen to a map. Keys are few, so that they meet; runs of them fill and empty leaves.
#[derive(Clone, Debug)]
enum MapStep {
    Insert { from: u16, run: u16, by: u16 },
    Remove { from: u16, run: u16, by: u16 },
    Change(u16),
    MakeSure(u16),
    PopFirst(u16),
    Clear,
    Keep,
}

fn map_step() -> impl Strategy<Value = MapStep> {
    let run = || (0..3000u16, 0..400u16, 1..5u16);
    prop_oneof![
        5 => run().prop_map(|(from, run, by)| MapStep::Insert { from, run, by }),
        5 => run().prop_map(|(from, run, by)| MapStep::Remove { from, run, by }),
        3 => (0..3000u16).prop_map(MapStep::Change),
        1 => (0..3000u16).prop_map(MapStep::MakeSure),
        1 => (0..200u16).prop_map(MapStep::PopFirst),
        1 => Just(MapStep::Clear),
        4 => Just(MapStep::Keep),
    ]
}

/// Keys from both sides of a place, alternately: the middle of leaves as well as their ends.
fn keys(from: u16, run: u16, by: u16) -> impl Iterator<Item = u16> {
    (0..run).map(move |n| {
        let far = n.wrapping_mul(by);
        let key = if by.is_multiple_of(2) && n.is_multiple_of(2) {
            from.wrapping_sub(far)
        } else {
            from.wrapping_add(far)
        };
        key % 3000
    })
}

fn same_map(map: &Map<u16, u32>, plain: &BTreeMap<u16, u32>, bounds: &[(u16, u16)]) {
    assert_eq!((map.len(), map.is_empty()), (plain.len(), plain.is_empty()));
    assert_eq!(
        (map.first(), map.last()),
        (plain.first_key_value(), plain.last_key_value())
    );
    assert!(map.iter().eq(plain));
    assert!(map.iter().rev().eq(plain.iter().rev()));
    assert!(map.keys().eq(plain.keys()) && map.values().eq(plain.values()));
    assert!((0..3000).all(|key| map.get(&key) == plain.get(&key)));
    for &(a, b) in bounds {
        let (a, b) = (a.min(b), a.max(b));
        assert!(map.range(a..b).eq(plain.range(a..b)));
        assert!(map.range(a..=b).rev().eq(plain.range(a..=b).rev()));
        assert!(map.range(a..).eq(plain.range(a..)));
        assert!(map.range(..b).rev().eq(plain.range(..b).rev()));
        let open = (Bound::Excluded(a), Bound::Included(b));
        assert!(map.range(open).eq(plain.range(open)));
        assert_eq!(map.range(b + 1..a).next(), None);
        // From both ends at once.
        let (mut ours, mut theirs) = (map.range(a..b), plain.range(a..b));
        while let Some(entry) = theirs.next() {
            assert_eq!(ours.next(), Some(entry));
            assert_eq!(ours.next_back(), theirs.next_back());
        }
        assert_eq!((ours.next(), ours.next_back()), (None, None));
    }
    let rebuilt: Map<u16, u32> = plain.iter().map(|(key, value)| (*key, *value)).collect();
    assert_eq!(*map, rebuilt);
    assert_eq!(Digest::of(map), Digest::of(plain));
    assert_eq!(format!("{map:?}"), format!("{plain:?}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_map_is_a_btree_map_and_its_clones_stay(
        steps in prop::collection::vec(map_step(), 0..40),
        bounds in prop::collection::vec((0..3000u16, 0..3000u16), 8),
    ) {
        let (mut map, mut plain) = (Map::new(), BTreeMap::new());
        let mut kept = Vec::new();
        let mut fresh = 0..;
        for step in steps {
            match step {
                MapStep::Insert { from, run, by } => for (key, value) in keys(from, run, by).zip(fresh.by_ref()) {
                    assert_eq!(map.insert(key, value), plain.insert(key, value));
                },
                MapStep::Remove { from, run, by } => for key in keys(from, run, by) {
                    assert_eq!(map.remove(&key), plain.remove(&key));
                },
                MapStep::Change(key) => {
                    assert_eq!(map.contains_key(&key), plain.contains_key(&key));
                    if let Some(value) = plain.get_mut(&key) {
                        *value += 1_000_000;
                        *map.get_mut(&key).unwrap() += 1_000_000;
                    } else {
                        assert_eq!(map.get_mut(&key), None);
                    }
                }
                MapStep::MakeSure(key) => {
                    assert_eq!(map.get_or_insert_with(key, || 7), plain.entry(key).or_insert(7));
                }
                MapStep::PopFirst(times) => for _ in 0..times {
                    assert_eq!(map.pop_first(), plain.pop_first());
                },
                MapStep::Clear => {
                    map.clear();
                    plain.clear();
                }
                MapStep::Keep => kept.push((map.clone(), plain.clone())),
            }
            map.check();
        }
        kept.push((map, plain));
        for (map, plain) in &kept {
            same_map(map, plain, &bounds);
        }
    }
}

#[test]
fn a_map_of_names_is_asked_by_text() {
    let names = ["orders", "billing", "shop"];
    let map: Map<String, usize> = names
        .iter()
        .map(|name| (name.to_string(), name.len()))
        .collect();
    assert_eq!(map.get("billing"), Some(&7));
    assert_eq!(
        map.range::<str, _>((Bound::Excluded("billing"), Bound::Unbounded))
            .count(),
        2
    );
}

#[test]
fn removing_what_is_not_there_leaves_the_tree_as_it_was() {
    // A full leaf down to 15, beside one of a single key: half a node together, but not joined
    // until the smaller one loses something.
    let mut map: Map<u16, u32> = (0..193).map(|n| (n * 3, 0)).collect();
    while map.len() > 16 {
        map.pop_first();
    }
    for absent in (0..600).filter(|key| key % 3 == 1) {
        assert_eq!(map.remove(&absent), None);
        map.check();
    }
    assert_eq!(map.len(), 16);
}

#[test]
fn a_hundred_thousand_keys_come_and_go_in_any_order() {
    const MANY: u64 = 100_000;
    // A multiplication by an odd number visits every residue once, in no order.
    let shuffled = || {
        (0..1 << 17)
            .map(|n: u64| n.wrapping_mul(40_503) % (1 << 17))
            .filter(|key| *key < MANY)
    };
    let mut map: Map<u64, u64> = shuffled().map(|key| (key, key)).collect();
    map.check();
    let kept = map.clone();
    for (n, key) in shuffled().enumerate() {
        assert_eq!(map.remove(&key), Some(key));
        if n % 10_000 == 0 {
            map.check();
        }
    }
    assert!(map.is_empty());
    assert!(kept.keys().copied().eq(0..MANY));
}
