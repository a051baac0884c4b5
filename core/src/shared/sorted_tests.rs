//! The small collections against those of `std` that they stand for.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;
use proptest::prelude::*;

use super::{SortedMap, SortedSet};
use crate::fingerprint::Digest;

/// What may happen to a map.
#[derive(Clone, Debug)]
enum Step {
    Insert(u8),
    Remove(u8),
    MakeSure(u8),
    PopFirst,
    /// Takes those divided by it away.
    Extract(u8),
    /// Keeps those not divided by it.
    Retain(u8),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..60u8).prop_map(Step::Insert),
        4 => (0..60u8).prop_map(Step::Remove),
        3 => (0..60u8).prop_map(Step::MakeSure),
        2 => Just(Step::PopFirst),
        1 => (2..9u8).prop_map(Step::Extract),
        1 => (2..9u8).prop_map(Step::Retain),
        1 => Just(Step::Clear),
    ]
}

fn same_map(map: &SortedMap<u8, u32>, plain: &BTreeMap<u8, u32>, (a, b): (u8, u8)) {
    assert_eq!((map.len(), map.is_empty()), (plain.len(), plain.is_empty()));
    assert_eq!(map.first_key_value(), plain.first_key_value());
    assert_eq!(map.last_key_value(), plain.last_key_value());
    assert!(map.iter().eq(plain));
    assert!(map.iter().rev().eq(plain.iter().rev()));
    assert!(map.keys().eq(plain.keys()) && map.values().eq(plain.values()));
    assert!((0..60).all(|key| map.get(&key) == plain.get(&key)));
    assert!((0..60).all(|key| map.contains_key(&key) == plain.contains_key(&key)));
    let (a, b) = (a.min(b), a.max(b));
    assert!(map.range(a..b).eq(plain.range(a..b)));
    assert!(map.range(a..=b).rev().eq(plain.range(a..=b).rev()));
    assert!(map.range(a..).eq(plain.range(a..)));
    assert!(map.range(..b).eq(plain.range(..b)));
    let open = (Bound::Excluded(a), Bound::Included(b));
    assert!(map.range(open).eq(plain.range(open)));
    assert_eq!(map.range(b + 1..a).next(), None);
    assert_eq!(*map, plain.clone().into_iter().collect());
    assert!(map.clone().into_keys().eq(plain.keys().copied()));
    assert!(map.clone().into_values().eq(plain.values().copied()));
    assert_eq!(Digest::of(map), Digest::of(plain));
    assert_eq!(format!("{map:?}"), format!("{plain:?}"));
}

fn same_set(set: &SortedSet<u8>, plain: &BTreeSet<u8>, other: &BTreeSet<u8>) {
    let sorted: SortedSet<u8> = other.iter().copied().collect();
    assert_eq!((set.len(), set.is_empty()), (plain.len(), plain.is_empty()));
    assert_eq!((set.first(), set.last()), (plain.first(), plain.last()));
    assert!(set.iter().eq(plain) && set.iter().rev().eq(plain.iter().rev()));
    assert!(set.difference(&sorted).eq(plain.difference(other)));
    assert_eq!(set.is_subset(&sorted), plain.is_subset(other));
    assert_eq!(set.cmp(&sorted), plain.cmp(other));
    assert!(set.clone().into_iter().eq(plain.iter().copied()));
    assert_eq!(Digest::of(set), Digest::of(plain));
    assert_eq!(format!("{set:?}"), format!("{plain:?}"));
}

proptest! {
    #[test]
    fn a_sorted_map_is_a_btree_map(
        steps in prop::collection::vec(step(), 0..60),
        bounds in (0..60u8, 0..60u8),
    ) {
        let (mut map, mut plain) = (SortedMap::new(), BTreeMap::new());
        for (value, step) in (0..).zip(steps) {
            match step {
                Step::Insert(key) => assert_eq!(map.insert(key, value), plain.insert(key, value)),
                Step::Remove(key) => assert_eq!(map.remove(&key), plain.remove(&key)),
                Step::MakeSure(key) => {
                    *map.entry(key).or_default() += 1000;
                    *plain.entry(key).or_default() += 1000;
                }
                Step::PopFirst => assert_eq!(map.pop_first(), plain.pop_first()),
                Step::Extract(by) => {
                    let taken: Vec<_> = map.extract_if(|key, _| key.is_multiple_of(by)).collect();
                    assert!(taken.into_iter().eq(plain.extract_if(.., |key, _| key.is_multiple_of(by))));
                }
                Step::Retain(by) => {
                    map.retain(|key, _| !key.is_multiple_of(by));
                    plain.retain(|key, _| !key.is_multiple_of(by));
                }
                Step::Clear => {
                    map.clear();
                    plain.clear();
                }
            }
        }
        for (ours, theirs) in map.values_mut().zip(plain.values_mut()) {
            *ours += 1;
            *theirs += 1;
        }
        same_map(&map, &plain, bounds);
    }

    #[test]
    fn a_sorted_set_is_a_btree_set(
        items in prop::collection::vec((0..20u8, any::<bool>()), 0..40),
        other in prop::collection::btree_set(0..20u8, 0..20),
    ) {
        let (mut set, mut plain) = (SortedSet::new(), BTreeSet::new());
        for (item, put) in items {
            if put {
                assert_eq!(set.insert(item), plain.insert(item));
            } else {
                assert_eq!(set.remove(&item), plain.remove(&item));
            }
            assert_eq!(set.contains(&item), put);
        }
        same_set(&set, &plain, &other);
        let mut least = set.clone();
        assert_eq!(least.pop_first(), plain.first().copied());
    }
}

#[test]
fn they_are_written_and_read_as_those_of_std() {
    let map = SortedMap::from([("b".to_string(), 2), ("a".to_string(), 1)]);
    let text = serde_json::to_string(&map).unwrap();
    assert_eq!(text, r#"{"a":1,"b":2}"#);
    assert_eq!(
        serde_json::from_str::<SortedMap<String, u32>>(&text).unwrap(),
        map
    );
    let twice: SortedMap<String, u32> = serde_json::from_str(r#"{"a":1,"a":2}"#).unwrap();
    assert_eq!(twice, SortedMap::from([("a".to_string(), 2)]));

    let set = SortedSet::from([3, 1, 2, 1]);
    let text = serde_json::to_string(&set).unwrap();
    assert_eq!(text, "[1,2,3]");
    assert_eq!(
        serde_json::from_str::<SortedSet<u32>>("[3,1,2,1]").unwrap(),
        set
    );
}
