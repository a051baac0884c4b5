//! Nodes with a periodic timer of 10 ms and a random phase.

use std::convert::Infallible;
use std::hint::black_box;

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Chance, Input, Kept, Machine, Out};
use glassmq_core::time::{Now, Span};
use glassmq_sim::disk::DiskPace;
use glassmq_sim::process::ServicePace;
use glassmq_sim::trace::Recorder;
use glassmq_sim::world::{Scratch, Spec, World};

use crate::args::Args;
use crate::pace;
use crate::report::{Run, Watch};

const PERIOD_US: u64 = 10_000;

#[derive(Clone, Debug, Fingerprint)]
struct Ticker {
    left: u32,
}

/// Its only timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
struct Tick;

impl Machine for Ticker {
    type Setup = u32;
    type Command = Infallible;
    type Message = Infallible;
    type Timer = Tick;
    type Record = Infallible;
    type Fact = Infallible;
    type View = ();
    type Lens = ();

    fn boot(
        ticks: &u32,
        _: &Kept<Infallible>,
        _: Now,
        _: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        out.arm(Tick, Span::between(1, PERIOD_US));
        Ticker { left: *ticks }
    }

    #[inline]
    fn step(&mut self, _: Input<Self>, _: Now, _: &mut Chance<'_>, out: &mut Out<Self>) {
        self.left -= 1;
        if self.left > 0 {
            out.arm(Tick, Span::us(PERIOD_US));
        }
    }

    fn view(&self, (): &()) {}
}

pub fn run(args: &Args) -> Run {
    let mut watch = Watch::begin();
    let mut world: World<Ticker> = World::new(args.seed, 0, pace());
    for n in 0..args.nodes {
        world.add(Spec {
            name: format!("node-{n}").into(),
            setup: args.ticks,
            disk: DiskPace::default(),
            service: ServicePace::default(),
            starts: 0,
        });
    }
    let mut scratch = Scratch::default();
    let mut recorder = Recorder::default();
    // Booting is set-up: the phases are drawn.
    for _ in 0..args.nodes {
        world.step(&mut scratch, &mut recorder);
    }
    watch.start();
    let mut events = 0;
    while world.step(&mut scratch, &mut recorder) {
        events += 1;
    }
    let (setup, wall, cpu) = watch.stop();
    black_box(recorder.digests.behaviour());
    assert_eq!(events, u64::from(args.nodes) * u64::from(args.ticks));
    Run {
        events,
        records: 0,
        virtual_us: world.now(),
        setup,
        wall,
        cpu,
        digest: 0,
    }
}
