//! What looking at another step costs: copies of a large world, the first change after a copy, the
//! memory that a copy holds on to, and going to any step of a long run.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Chance, Input, Kept, Machine, Out};
use glassmq_core::shared::{Deque, Map};
use glassmq_core::time::{Now, Span};
use glassmq_sim::disk::DiskPace;
use glassmq_sim::process::ServicePace;
use glassmq_sim::trace::Recorder;
use glassmq_sim::world::{Scratch, Spec, World};

use crate::args::Args;
use crate::report::rss_kib;
use crate::{Payload, pace, payload};

const MESSAGES: u32 = 1_000_000;
const PARTITIONS: u32 = 10_000;
const NODES: u32 = 100;

/// Holds much, and changes a little of it every millisecond: a message comes, one goes, and a
/// partition moves on.
#[derive(Clone, Debug, Fingerprint)]
struct Hoard {
    messages: Deque<Payload>,
    partitions: Map<u32, [u64; 4]>,
    steps: u32,
}

/// Its only timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
struct Tick;

impl Machine for Hoard {
    type Setup = (u32, u32);
    type Command = Infallible;
    type Message = Infallible;
    type Timer = Tick;
    type Record = Infallible;
    type Fact = Infallible;
    type View = ();
    type Lens = ();

    fn boot(
        (messages, partitions): &(u32, u32),
        _: &Kept<Infallible>,
        _: Now,
        _: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        out.arm(Tick, Span::between(1, 1_000));
        Hoard {
            messages: (0..*messages).map(|n| payload(0, n)).collect(),
            partitions: (0..*partitions).map(|n| (n, [0; 4])).collect(),
            steps: 0,
        }
    }

    fn step(&mut self, _: Input<Self>, _: Now, _: &mut Chance<'_>, out: &mut Out<Self>) {
        self.steps += 1;
        self.messages.pop_front();
        self.messages.push_back(payload(1, self.steps));
        let partition = self.steps.wrapping_mul(7919) % PARTITIONS;
        if let Some(partition) = self.partitions.get_mut(&partition) {
            partition[0] += 1;
        }
        out.arm(Tick, Span::us(1_000));
    }

    fn view(&self, (): &()) {}
}

/// A world of `nodes`, of which the first holds all there is to hold.
fn world(seed: u64, nodes: u32) -> World<Hoard> {
    let mut world = World::new(seed, 0, pace());
    for n in 0..nodes {
        let large = (MESSAGES, PARTITIONS);
        world.add(Spec {
            name: format!("node-{n}").into(),
            setup: if n == 0 { large } else { (100, 100) },
            disk: DiskPace::default(),
            service: ServicePace::default(),
            starts: 0,
        });
    }
    world
}

/// Prints one JSON line: the middle of many measurements, in microseconds and KiB.
pub fn run(args: &Args) {
    let mut recorder = Recorder::default();
    let mut scratch = Scratch::default();
    let mut many = world(args.seed, NODES);
    many.run_until(20_000, &mut scratch, &mut recorder);
    let clone = middle(1_000, || {
        many.step(&mut scratch, &mut recorder);
        time(|| many.clone())
    });
    let mut alone = world(args.seed, 1);
    alone.run_until(20_000, &mut scratch, &mut recorder);
    let untouched = middle(1_000, || time(|| alone.step(&mut scratch, &mut recorder)));
    let touch = middle(1_000, || {
        let keyframe = alone.clone();
        let took = time(|| alone.step(&mut scratch, &mut recorder));
        drop(keyframe);
        took
    });
    let before = rss_kib();
    let kept: Vec<_> = (0..500)
        .map(|_| {
            for _ in 0..64 {
                many.step(&mut scratch, &mut ());
            }
            many.clone()
        })
        .collect();
    let memory = (rss_kib() - before) as f64 / kept.len() as f64;
    black_box(kept);
    let (events, seek) = seek(args.seed);
    println!(
        "{{\"engine\":\"glassmq\",\"workload\":\"keyframes\",\"clone_us\":{},\"step_us\":{},\
         \"first_touch_us\":{},\"kib_a_keyframe\":{memory:.1},\"seek_events\":{events},\
         \"seek_us\":{}}}",
        us(clone),
        us(untouched),
        us(touch),
        us(seek),
    );
}

/// Going to anywhere in a run of a million events, with a keyframe every 1/128 of it, as a timeline
/// has them: copying the nearest and running on.
fn seek(seed: u64) -> (u64, Duration) {
    let mut scratch = Scratch::default();
    let mut recorder = Recorder::default();
    let mut world = world(seed, NODES);
    let mut kept = BTreeMap::new();
    const STEPS: u32 = 500_000;
    while world.steps() < STEPS {
        if world.steps().is_multiple_of(STEPS / 128) {
            kept.insert(world.steps(), world.clone());
        }
        world.step(&mut scratch, &mut recorder);
    }
    let mut to = 0u32;
    let took = middle(500, || {
        to = (to + 309_017) % STEPS;
        time(|| {
            let (_, nearest) = kept.range(..=to).next_back().expect("the start is kept");
            let mut here = nearest.clone();
            while here.steps() < to {
                here.step(&mut scratch, &mut ());
            }
            here
        })
    });
    (recorder.trace.len(), took)
}

fn time<R>(act: impl FnOnce() -> R) -> Duration {
    let begun = Instant::now();
    let result = act();
    let took = begun.elapsed();
    drop(black_box(result));
    took
}

fn middle(times: usize, mut measure: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<_> = (0..times).map(|_| measure()).collect();
    all.sort_unstable();
    all[times / 2]
}

fn us(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1000.0
}
