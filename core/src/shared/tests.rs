//! Each collection against the plain one that it stands for, with clones kept along the way.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::vec::Vec;
use proptest::prelude::*;

use super::{Deque, Log};
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
    #![proptest_config(ProptestConfig::with_cases(128))]

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
