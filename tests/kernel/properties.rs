//! What holds in every world, whatever the puppets are told and whichever faults strike them.

use std::collections::{BTreeMap, BTreeSet};

use glassmq_core::machine::Input;
use glassmq_core::names::{LinkId, NodeId};
use glassmq_core::time::Span;
use glassmq_sim::NetworkPace;
use glassmq_sim::disk::DiskPace;
use glassmq_sim::event::{Event, EventId, Sink, What};
use glassmq_sim::fault::{Fault, Lose};
use glassmq_sim::process::ServicePace;
use glassmq_sim::toy::{Pull, Puppet, Text};
use glassmq_sim::trace::Digests;
use glassmq_sim::world::{Scratch, Spec, World};
use proptest::prelude::*;
use proptest::sample::Index;

const NODES: [&str; 4] = ["a", "b", "c", "d"];

/// Something that a script orders, in microseconds of virtual time.
#[derive(Clone, Debug)]
enum Act {
    Pull(NodeId, Pull),
    Fault(Fault),
}

fn node() -> impl Strategy<Value = NodeId> {
    (0..NODES.len() as u32).prop_map(NodeId)
}

/// Two different nodes.
fn pair() -> impl Strategy<Value = (NodeId, NodeId)> {
    let apart = |(a, by): (NodeId, u32)| (a, NodeId((a.0 + by) % NODES.len() as u32));
    (node(), 1..NODES.len() as u32).prop_map(apart)
}

fn texts() -> impl Strategy<Value = Vec<Text>> {
    let text = prop_oneof!["[a-z]", "[a-z]{90}"].prop_map(Text::from);
    proptest::collection::vec(text, 1..5)
}

fn span() -> impl Strategy<Value = Span> {
    (0..20_000u64, 0..20_000u64).prop_map(|(a, b)| Span::between(a, b))
}

fn pull() -> impl Strategy<Value = Act> {
    let timer = || "[xyz]".prop_map(Text::from);
    let pull = prop_oneof![
        8 => (0..6u32, texts()).prop_map(|(link, texts)| Pull::Send(link, texts)),
        3 => (0..2u64, texts()).prop_map(|(file, texts)| Pull::Append(file, texts)),
        2 => (0..2u64).prop_map(Pull::Sync),
        1 => (0..6u32).prop_map(Pull::Close),
        1 => (0..6u32).prop_map(Pull::Abort),
        1 => (0..2u64, 0..9u64).prop_map(|(file, end)| Pull::Truncate(file, end)),
        1 => (0..2u64, 0..9u64).prop_map(|(file, before)| Pull::TrimHead(file, before)),
        1 => (0..2u64, texts()).prop_map(|(file, texts)| Pull::Replace(file, texts)),
        1 => (0..2u64).prop_map(Pull::Delete),
        2 => (timer(), span()).prop_map(|(timer, after)| Pull::Arm(timer, after)),
        1 => timer().prop_map(Pull::Disarm),
        1 => Just(Pull::Draw(1000)),
        1 => Just(Pull::Exit),
    ];
    let pulled = (node(), pull).prop_map(|(node, pull)| Act::Pull(node, pull));
    let connect = pair().prop_map(|(a, b)| Act::Pull(a, Pull::Connect(b)));
    prop_oneof![1 => connect, 4 => pulled]
}

fn lose() -> impl Strategy<Value = Lose> {
    prop_oneof![Just(Lose::Process), Just(Lose::Power)]
}

fn fault() -> impl Strategy<Value = Fault> {
    let one = |(a, b): (NodeId, NodeId)| (vec![a], vec![b]);
    let network = prop_oneof![
        pair()
            .prop_map(one)
            .prop_map(|(from, to)| Fault::Cut { from, to }),
        pair()
            .prop_map(one)
            .prop_map(|(from, to)| Fault::Mend { from, to }),
        Just(Fault::Heal),
        (pair().prop_map(one), span()).prop_map(|((from, to), by)| Fault::Slow { from, to, by }),
        pair().prop_map(|(a, b)| Fault::Reset { a, b }),
        (pair(), proptest::option::of(1..40u32)).prop_map(|((from, to), step)| {
            let since = step.map(|step| EventId { step, n: 0 });
            Fault::Hold { from, to, since }
        }),
        pair().prop_map(|(from, to)| Fault::Release { from, to }),
    ];
    let crash = (node(), lose(), proptest::option::of(0..4u32));
    let process = prop_oneof![
        2 => crash.prop_map(|(node, lose, after_effects)| Fault::Crash {
            node,
            lose,
            after_effects,
        }),
        3 => node().prop_map(|node| Fault::Restart { node }),
        1 => (node(), 0..20_000u64).prop_map(|(node, grace)| Fault::Stop { node, grace }),
        1 => node().prop_map(|node| Fault::Pause { node }),
        2 => node().prop_map(|node| Fault::Resume { node }),
    ];
    let host = prop_oneof![
        (node(), -5_000..5_000i64).prop_map(|(node, by)| Fault::Skew { node, by }),
        (node(), -900_000..900_000i32).prop_map(|(node, ppm)| Fault::Rate { node, ppm }),
        (node(), span()).prop_map(|(node, by)| Fault::SlowDisk { node, by }),
        (node(), proptest::option::of(0..200u64))
            .prop_map(|(node, bytes)| Fault::DiskFree { node, bytes }),
        node().prop_map(|node| Fault::TearWrite { node }),
        (node(), 0..9u64).prop_map(|(node, used)| Fault::Memory { node, used }),
    ];
    prop_oneof![2 => network, 2 => process, 1 => host]
}

/// Orders for half a second; connections come first, so that there is something to break.
fn script(faults: u32) -> impl Strategy<Value = Vec<(u64, Act)>> {
    let act = prop_oneof![6 => pull(), faults => fault().prop_map(Act::Fault)];
    let connect = pair().prop_map(|(a, b)| (0, Act::Pull(a, Pull::Connect(b))));
    let connects = proptest::collection::vec(connect, 3..6);
    let acts = proptest::collection::vec((0..500_000u64, act), 5..60);
    (connects, acts).prop_map(|(mut script, acts)| {
        script.extend(acts);
        script
    })
}

/// A world in which frames meet: they are slow, buffers are small, `b` is busy and `c` answers.
fn world(script: &[(u64, Act)]) -> World<Puppet> {
    let pace = NetworkPace {
        latency: Span::between(1_000, 30_000),
        bandwidth: Some(20_000),
        buffer: 200,
        give_up: 300_000,
        connect_give_up: 200_000,
    };
    let mut world = World::new(7, 0, pace);
    for name in NODES {
        world.add(Spec {
            name: name.into(),
            setup: name == "c",
            disk: DiskPace {
                sync: Span::between(100, 9_000),
                per_kib: 50,
                writeback: Span::between(20_000, 90_000),
            },
            service: ServicePace {
                each: if name == "b" { 8_000 } else { 0 },
                per_kib: 0,
            },
            starts: 0,
        });
    }
    for (at, act) in script {
        match act.clone() {
            Act::Pull(node, pull) => world.order(*at, node, pull, EventId::ROOT),
            Act::Fault(fault) => world.fault(*at, fault, EventId::ROOT),
        }
    }
    world
}

/// Takes both digests of every event.
#[derive(Clone, Default, PartialEq, Debug)]
struct Both(Digests);

impl Sink<Puppet> for Both {
    fn event(&mut self, event: &Event<'_, Puppet>) {
        self.0.feed_behaviour(event);
        self.0.feed_whole(event);
    }
}

/// Follows every frame and every connection.
#[derive(Default)]
struct Laws {
    under_way: BTreeSet<EventId>,
    /// The last frame that a node took off a connection.
    last: BTreeMap<(NodeId, LinkId), EventId>,
    /// Connections that a process has been told of and may use; by its life.
    open: BTreeSet<(NodeId, LinkId)>,
    /// Connections that are over for a process.
    over: BTreeSet<(NodeId, LinkId)>,
}

impl Sink<Puppet> for Laws {
    fn event(&mut self, event: &Event<'_, Puppet>) {
        let node = event.node;
        match &event.what {
            What::Sent { .. } => assert!(self.under_way.insert(event.id)),
            What::Lost { sent, .. } => {
                assert!(
                    self.under_way.remove(sent),
                    "{sent} was lost before, or arrived"
                );
            }
            What::Closed { link, .. } => assert!(self.over.insert((node, *link))),
            What::Booted { .. } => self.open.retain(|(of, _)| *of != node),
            What::Took { input, .. } => self.take(node, event.cause, input),
            _ => {}
        }
    }
}

impl Laws {
    fn take(&mut self, node: NodeId, cause: EventId, input: &Input<Puppet>) {
        match input {
            Input::Accepted { link, .. } | Input::Connected { link } => {
                assert!(!self.over.contains(&(node, *link)), "{link} is over");
                assert!(self.open.insert((node, *link)), "{link} came about twice");
            }
            Input::Message { link, .. } => {
                assert!(
                    self.under_way.remove(&cause),
                    "{cause} was lost, or came twice"
                );
                assert!(!self.over.contains(&(node, *link)), "{link} is over");
                assert!(
                    self.open.contains(&(node, *link)),
                    "{link} is not there yet"
                );
                let last = self.last.insert((node, *link), cause);
                assert!(last.is_none_or(|last| last < cause), "{cause} overtook");
            }
            Input::Refused { link, .. } => {
                assert_eq!(link.opener, node, "only who asks can be refused");
                assert!(!self.open.contains(&(node, *link)));
                assert!(self.over.insert((node, *link)), "{link} ended twice");
            }
            Input::Disconnected { link, .. } => {
                assert!(self.open.contains(&(node, *link)), "{link} was never there");
                assert!(self.over.insert((node, *link)), "{link} ended twice");
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::cases(48),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_copy_of_any_step_goes_on_as_the_world_does(script in script(2)) {
        let mut world = world(&script);
        let (mut scratch, mut both) = (Scratch::default(), Both::default());
        let mut keyframes = Vec::new();
        loop {
            keyframes.push((world.clone(), both.clone(), world.digest()));
            if !world.step(&mut scratch, &mut both) {
                break;
            }
        }
        for (mut copy, mut from, digest) in keyframes {
            prop_assert_eq!(copy.digest(), digest, "a keyframe never changes");
            let mut scratch = Scratch::default();
            while copy.step(&mut scratch, &mut from) {}
            prop_assert_eq!(&from, &both);
            prop_assert_eq!(copy.digest(), world.digest());
        }
    }

    #[test]
    fn every_frame_is_taken_or_lost_once_and_in_order(script in script(2)) {
        let mut world = world(&script);
        let (mut scratch, mut laws) = (Scratch::default(), Laws::default());
        world.run_until(600_000, &mut scratch, &mut laws);
        // Whoever is paused goes on, what is held is let go: nothing may be left under way.
        for a in 0..NODES.len() as u32 {
            let now = world.now();
            world.fault(now, Fault::Resume { node: NodeId(a) }, EventId::ROOT);
            for b in 0..NODES.len() as u32 {
                let (from, to) = (NodeId(a), NodeId(b));
                world.fault(now, Fault::Release { from, to }, EventId::ROOT);
            }
        }
        while world.step(&mut scratch, &mut laws) {}
        prop_assert!(laws.under_way.is_empty(), "{:?} vanished", laws.under_way);
    }

    #[test]
    fn a_link_that_is_not_there_changes_no_other(
        pairs in proptest::collection::vec(pair(), 2..8),
        sends in proptest::collection::vec((any::<Index>(), 1..400_000u64), 1..40),
        gone in any::<Index>(),
    ) {
        let (opener, _) = *gone.get(&pairs);
        // A link is named by how many its opener opened before: the last one is taken away.
        let gone = pairs.iter().rposition(|pair| pair.0 == opener).expect("it opened one");
        let without = |at: usize| at != gone;
        let whole = links(&pairs, &sends, |_| true);
        let mut less = whole.clone();
        less.retain(|link, _| link.opener != opener || link.ordinal != ordinal(&pairs, gone));
        prop_assert_eq!(less.len() + 1, whole.len());
        prop_assert_eq!(links(&pairs, &sends, without), less);
    }

    #[test]
    fn whoever_is_not_there_changes_nothing_for_others(script in script(1)) {
        let apart = |node: NodeId| node.0 >= 2;
        let concerns = |act: &Act| match act {
            Act::Pull(node, Pull::Connect(to)) => apart(*node) || apart(*to),
            Act::Pull(node, _) => apart(*node),
            Act::Fault(fault) => fault.node().is_some_and(apart),
        };
        // Two pairs that have nothing to do with each other.
        let mut script = script;
        script.retain(|(_, act)| match act {
            Act::Pull(node, Pull::Connect(to)) => apart(*node) == apart(*to),
            // These are about everyone, or name an event by its number.
            Act::Fault(Fault::Heal | Fault::Hold { since: Some(_), .. }) => false,
            _ => true,
        });
        let whole = heard(&script);
        script.retain(|(_, act)| !concerns(act));
        prop_assert_eq!(heard(&script), whole);
    }
}

/// What the first two nodes hear, and when.
fn heard(script: &[(u64, Act)]) -> Vec<String> {
    struct Ears(Vec<String>);
    impl Sink<Puppet> for Ears {
        fn event(&mut self, event: &Event<'_, Puppet>) {
            let of_the_pair = event.node.0 < 2 && !matches!(event.what, What::Faulted { .. });
            let heard = match &event.what {
                What::Took { input, .. } if of_the_pair => format!("{input:?}"),
                What::Drawn { value, .. } if of_the_pair => value.to_string(),
                What::Armed { timer, due } if of_the_pair => format!("{timer:?} {due}"),
                What::WrittenBack { file, end } if of_the_pair => format!("{file:?} {end}"),
                _ => return,
            };
            self.0
                .push(format!("{} {} {heard}", event.at, event.node.0));
        }
    }
    let mut ears = Ears(Vec::new());
    world(script).run_until(5_000_000, &mut Scratch::default(), &mut ears);
    ears.0
}

/// How many links its opener opened before this one.
fn ordinal(pairs: &[(NodeId, NodeId)], at: usize) -> u32 {
    let before = pairs[..at].iter();
    before.filter(|pair| pair.0 == pairs[at].0).count() as u32
}

/// For each of these links that is there, when frames were sent on it and when they arrived.
fn links(
    pairs: &[(NodeId, NodeId)],
    sends: &[(Index, u64)],
    is_there: impl Fn(usize) -> bool,
) -> BTreeMap<LinkId, Vec<(u64, u64)>> {
    #[derive(Default)]
    struct Way {
        sent: BTreeMap<EventId, u64>,
        took: BTreeMap<LinkId, Vec<(u64, u64)>>,
    }
    impl Sink<Puppet> for Way {
        fn event(&mut self, event: &Event<'_, Puppet>) {
            match &event.what {
                What::Connecting { .. } | What::Sent { .. } => {
                    self.sent.insert(event.id, event.at);
                }
                What::Took {
                    input: Input::Accepted { link, .. } | Input::Message { link, .. },
                    ..
                } => {
                    let times = (self.sent[&event.cause], event.at);
                    self.took.entry(*link).or_default().push(times);
                }
                _ => {}
            }
        }
    }
    let pace = NetworkPace {
        latency: Span::between(1_000, 30_000),
        ..NetworkPace::default()
    };
    let mut world = World::new(7, 0, pace);
    for name in NODES {
        world.add(Spec {
            name: name.into(),
            setup: false,
            disk: DiskPace::default(),
            service: ServicePace::default(),
            starts: 0,
        });
    }
    // One after the other, so that a puppet's numbers for them are known.
    for (at, (from, to)) in pairs.iter().enumerate() {
        if is_there(at) {
            let when = at as u64 * 100_000;
            world.order(when, *from, Pull::Connect(*to), EventId::ROOT);
        }
    }
    for (link, when) in sends {
        let at = link.index(pairs.len());
        if is_there(at) {
            let opener = pairs[at].0;
            let before = (0..at).filter(|at| is_there(*at));
            let number = before.filter(|at| [pairs[*at].0, pairs[*at].1].contains(&opener));
            let send = Pull::Send(number.count() as u32, vec![Text::from("x")]);
            world.order(1_000_000 + when, opener, send, EventId::ROOT);
        }
    }
    let mut way = Way::default();
    world.run_until(2_000_000, &mut Scratch::default(), &mut way);
    way.took
}
