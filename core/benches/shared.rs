//! What a keyframe costs: each shared collection beside the plain one (which has no cheap clone)
//! and beside rpds. `cargo bench -p glassmq-core` prints nanoseconds for each operation.
//!
//! *cycle* is one item in at the end and one out at the head, while nothing is shared. *clone* and
//! *touch* are the two halves of a keyframe: the clone, then the first change after it while the
//! clone lives (the mean, and the slowest but one in a hundred: a bench on a busy machine is
//! interrupted now and then; some 30 ns of each are the clock's own).

// A bench is the one place that looks at the real clock.
#![allow(clippy::disallowed_types)]

use std::collections::{BTreeMap, VecDeque};
use std::hint::black_box;
use std::time::Instant;

use glassmq_core::shared::{Deque, Log, Map};
use rpds::{RedBlackTreeMapSync, VectorSync};

/// The size of a frame or a record without its payload.
type Item = [u32; 25];

const SIZES: [u64; 4] = [8, 1_000, 10_000, 1_000_000];
/// Cycles in one measurement.
const MANY: u64 = 1_000_000;
/// Keyframes in one measurement.
const KEYFRAMES: u64 = 400;

/// One collection: how it is filled and used.
struct Subject<C> {
    name: &'static str,
    /// The collection of `n` items, keys or indexes 0 to n - 1.
    fill: fn(u64) -> C,
    /// Adds item `n` at the end, and takes the head away (a log or vector keeps it).
    cycle: fn(&mut C, u64),
    /// Looks at item `n`.
    get: fn(&C, u64) -> Option<&Item>,
    /// The change after a keyframe, somewhere near `n`.
    touch: fn(&mut C, u64),
    clone: fn(&C) -> C,
    /// Whether a clone is cheap enough to be made hundreds of times.
    shared: bool,
}

fn main() {
    println!(
        "{:<20} {:>9} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9}",
        "", "items", "fill", "cycle", "get", "clone", "touch", "slowest"
    );
    deques();
    logs();
    maps();
}

fn deques() {
    run(&Subject {
        name: "Deque",
        fill: |n| (0..n).map(item).collect::<Deque<Item>>(),
        cycle: |deque, n| {
            deque.push_back(item(n));
            black_box(&deque.pop_front());
        },
        get: |deque, n| deque.get(n as usize),
        touch: |deque, n| match n % 3 {
            0 => deque.push_back(item(n)),
            1 => drop(deque.pop_front()),
            _ => deque.get_mut(deque.len() / 2).unwrap()[0] += 1,
        },
        clone: Deque::clone,
        shared: true,
    });
    run(&Subject {
        name: "std VecDeque",
        fill: |n| (0..n).map(item).collect::<VecDeque<Item>>(),
        cycle: |deque, n| {
            deque.push_back(item(n));
            black_box(&deque.pop_front());
        },
        get: |deque, n| deque.get(n as usize),
        touch: |deque, n| deque.push_back(item(n)),
        clone: VecDeque::clone,
        shared: false,
    });
}

fn logs() {
    run(&Subject {
        name: "Log",
        fill: |n| (0..n).map(item).collect::<Log<Item>>(),
        cycle: |log, n| log.push(item(n)),
        get: |log, n| log.get(n),
        touch: |log, n| match n % 3 {
            0 => log.push(item(n)),
            1 => log.truncate(log.end() - 1),
            _ => log.trim_head(log.first() + 1),
        },
        clone: Log::clone,
        shared: true,
    });
    run(&Subject {
        name: "rpds Vector",
        fill: |n| (0..n).map(item).collect::<VectorSync<Item>>(),
        cycle: |vector, n| vector.push_back_mut(item(n)),
        get: |vector, n| vector.get(n as usize),
        touch: |vector, n| vector.push_back_mut(item(n)),
        clone: VectorSync::clone,
        shared: true,
    });
}

fn maps() {
    run(&Subject {
        name: "Map",
        fill: |n| (0..n).map(|n| (n, item(n))).collect::<Map<u64, Item>>(),
        cycle: |map, n| {
            map.insert(n, item(n));
            black_box(&map.pop_first());
        },
        get: |map, n| map.get(&n),
        touch: |map, n| match n % 3 {
            0 => drop(map.insert(u64::MAX - n, item(n))),
            1 => drop(map.pop_first()),
            _ => {
                if let Some(item) = map.get_mut(&n) {
                    item[0] += 1;
                }
            }
        },
        clone: Map::clone,
        shared: true,
    });
    run(&Subject {
        name: "rpds RedBlackTreeMap",
        fill: |n| {
            (0..n)
                .map(|n| (n, item(n)))
                .collect::<RedBlackTreeMapSync<u64, Item>>()
        },
        cycle: |map, n| {
            map.insert_mut(n, item(n));
            let first = *map.first().unwrap().0;
            black_box(&map.remove_mut(&first));
        },
        get: |map, n| map.get(&n),
        touch: |map, n| match n % 3 {
            0 => map.insert_mut(u64::MAX - n, item(n)),
            1 => {
                let first = *map.first().unwrap().0;
                map.remove_mut(&first);
            }
            _ => {
                if let Some(item) = map.get_mut(&n) {
                    item[0] += 1;
                }
            }
        },
        clone: RedBlackTreeMapSync::clone,
        shared: true,
    });
    run(&Subject {
        name: "std BTreeMap",
        fill: |n| {
            (0..n)
                .map(|n| (n, item(n)))
                .collect::<BTreeMap<u64, Item>>()
        },
        cycle: |map, n| {
            map.insert(n, item(n));
            black_box(&map.pop_first());
        },
        get: |map, n| map.get(&n),
        touch: |map, n| {
            map.insert(u64::MAX - n, item(n));
        },
        clone: BTreeMap::clone,
        shared: false,
    });
}

fn item(n: u64) -> Item {
    [n as u32; 25]
}

fn run<C>(subject: &Subject<C>) {
    for n in SIZES {
        let [fill, cycle, get] = best(|| use_alone(subject, n));
        let [clone, touch, slowest] = best(|| keyframes(subject, n));
        println!(
            "{:<20} {n:>9} {fill:>7} {cycle:>7} {get:>7} {clone:>9} {touch:>9} {slowest:>9}",
            subject.name,
        );
    }
}

/// The least of three: the machine has other work.
fn best(mut measure: impl FnMut() -> [u64; 3]) -> [u64; 3] {
    let (a, b, c) = (measure(), measure(), measure());
    [0, 1, 2].map(|at| a[at].min(b[at]).min(c[at]))
}

/// Nanoseconds for each item filled in, each cycle, each look.
fn use_alone<C>(subject: &Subject<C>, n: u64) -> [u64; 3] {
    let mut filled = None;
    let fill = nanos(|| filled = Some((subject.fill)(n)));
    let mut warm = filled.unwrap();
    let get = nanos(|| {
        for at in 0..MANY {
            black_box((subject.get)(&warm, at.wrapping_mul(40_503) % n));
        }
    });
    let cycle = nanos(|| {
        for next in n..n + MANY {
            (subject.cycle)(&mut warm, next);
        }
    });
    [fill / n, cycle / MANY, get / MANY]
}

/// Nanoseconds of a clone, of the first touch after it, and of the slowest such but one in 100.
fn keyframes<C>(subject: &Subject<C>, n: u64) -> [u64; 3] {
    let frames = if subject.shared { KEYFRAMES } else { 2 };
    let mut running = (subject.fill)(n);
    let mut kept = Vec::with_capacity(frames as usize);
    let cloned = nanos(|| {
        for _ in 0..frames {
            kept.push((subject.clone)(&running));
        }
    });
    kept.clear();
    let mut touched = Vec::with_capacity(frames as usize);
    for frame in 0..frames {
        // So many touches would empty a small one.
        if frame % n == 0 {
            running = (subject.fill)(n);
        }
        kept.push((subject.clone)(&running));
        touched.push(nanos(|| {
            (subject.touch)(&mut running, frame.wrapping_mul(40_503) % n);
        }));
    }
    touched.sort_unstable();
    let slowest = touched[touched.len() - 1 - touched.len() / 100];
    [
        cloned / frames,
        touched.iter().sum::<u64>() / frames,
        slowest,
    ]
}

fn nanos(work: impl FnOnce()) -> u64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as u64
}
