//! Brokers without data, and three controllers: registration, fencing, and the way out.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::kafka::api::RequestBody;
use crate::kafka::api::control::CreatableTopic;
use crate::kafka::config::Configured;
use crate::kafka::controller_node::{ControllerNode, ControllerSetup, ControllerTimer, Founding};
use crate::kafka::metadata::Image;
use crate::kafka::pump::Pump;
use crate::kafka::topic::{BrokerId, LeaderRecoveryState, TopicPartition};
use crate::shared::SortedMap;

/// A controller, or a broker that does nothing but live.
#[derive(Clone, Debug, Fingerprint)]
enum Process {
    Controller(ControllerNode),
    Broker(BrokerLifecycle, Image),
}

#[derive(Clone, Debug)]
enum Setup {
    Controller(ControllerSetup),
    Broker(LifecycleSetup),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
enum Timer {
    Controller(ControllerTimer),
    Broker(LifecycleTimer),
}

impl Machine for Process {
    type Setup = Setup;
    type Command = core::convert::Infallible;
    type Message = Message;
    type Timer = Timer;
    type Record = Entry;
    type Fact = Fact;
    type View = ();
    type Lens = ();

    fn boot(
        setup: &Setup,
        kept: &Kept<Entry>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        match setup {
            Setup::Controller(setup) => Process::Controller(out.within(controller, |out| {
                ControllerNode::boot(setup, kept, now, chance, out)
            })),
            Setup::Broker(setup) => {
                let life = out.within(broker, |out| {
                    BrokerLifecycle::boot(setup, kept, now, chance, out)
                });
                Process::Broker(life, Image::default())
            }
        }
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match self {
            Process::Controller(node) => {
                let input = input_for(input, |timer| match timer {
                    Timer::Controller(timer) => timer,
                    Timer::Broker(timer) => panic!("{timer:?} at a controller"),
                });
                out.within(controller, |out| node.step(input, now, chance, out));
            }
            Process::Broker(life, image) => {
                let input = input_for(input, |timer| match timer {
                    Timer::Broker(timer) => timer,
                    Timer::Controller(timer) => panic!("{timer:?} at a broker"),
                });
                out.within(broker, |out| life.step(input, now, chance, out));
                for event in life.take_events() {
                    match event {
                        LifecycleEvent::Replay(records) => {
                            records.iter().for_each(|record| image.replay(record));
                        }
                        LifecycleEvent::MayStop => out.exit(),
                        LifecycleEvent::Altered(_) | LifecycleEvent::Forwarded(..) => {}
                    }
                }
            }
        }
    }

    fn view(&self, (): &()) {}
}

fn broker(effect: Effect<BrokerLifecycle>) -> Effect<Process> {
    lift(effect, Timer::Broker)
}

fn controller(effect: Effect<ControllerNode>) -> Effect<Process> {
    match effect {
        Effect::Connect { to, link } => Effect::Connect { to, link },
        Effect::Send { link, message } => Effect::Send { link, message },
        Effect::Close { link } => Effect::Close { link },
        Effect::Abort { link } => Effect::Abort { link },
        Effect::Append { file, record } => Effect::Append { file, record },
        Effect::Truncate { file, end } => Effect::Truncate { file, end },
        Effect::Replace { file, with } => Effect::Replace { file, with },
        Effect::Sync { file } => Effect::Sync { file },
        Effect::Arm { timer, after } => Effect::Arm {
            timer: Timer::Controller(timer),
            after,
        },
        Effect::Disarm(timer) => Effect::Disarm(Timer::Controller(timer)),
        Effect::Tell(fact) => Effect::Tell(fact),
        Effect::Exit => Effect::Exit,
        other => panic!("not asked for by a controller: {other:?}"),
    }
}

fn input_for<M>(input: Input<Process>, timer: impl Fn(Timer) -> M::Timer) -> Input<M>
where
    M: Machine<Message = Message, Record = Entry>,
{
    match input {
        Input::Command(command) => match command {},
        Input::Accepted { link, from } => Input::Accepted { link, from },
        Input::Connected { link } => Input::Connected { link },
        Input::Refused { link, why } => Input::Refused { link, why },
        Input::Message { link, message } => Input::Message { link, message },
        Input::Disconnected { link, why } => Input::Disconnected { link, why },
        Input::Timer(name) => Input::Timer(timer(name)),
        Input::Synced { file, end } => Input::Synced { file, end },
        Input::WriteFailed { file, why } => Input::WriteFailed { file, why },
        Input::DiskFree { bytes } => Input::DiskFree { bytes },
        Input::Memory { used } => Input::Memory { used },
        Input::Stop => Input::Stop,
    }
}

/// Brokers 1 to 3 on the processes 1 to 3, controllers 4 to 6 on the processes 4 to 6. Process 0
/// is a broker, too, that nobody needs.
fn cluster(seed: u64) -> Pump<Process> {
    founded(seed, &Founding::default())
}

fn founded(seed: u64, founding: &Founding) -> Pump<Process> {
    let config = Rc::new(BrokerConfig::parse([]).unwrap());
    let voters: SortedMap<_, _> = (4..=6).map(|id| (ReplicaId(id), NodeId(id))).collect();
    let setup = |id: u32| match id {
        4.. => Setup::Controller(ControllerSetup {
            me: ReplicaId(id),
            voters: voters.clone(),
            config: config.clone(),
            founding: founding.clone(),
        }),
        _ => Setup::Broker(LifecycleSetup {
            broker: Endpoint {
                id: BrokerId(id),
                node: NodeId(id),
            },
            voters: voters.clone(),
            config: config.clone(),
        }),
    };
    Pump::new(seed, (0..=6).map(setup).collect())
}

/// A cluster in which all brokers are at work, with a topic `orders` of three partitions.
fn with_orders(seed: u64) -> Pump<Process> {
    let mut pump = cluster(seed);
    pump.run(200);
    pump.crash(NodeId(0), false);
    pump.run(30_000);
    let topics = vec![orders()];
    ask(&mut pump, Request::CreateTopics { topics });
    pump.run(2000);
    pump
}

fn orders() -> CreatableTopic {
    CreatableTopic {
        name: "orders".into(),
        num_partitions: Some(3),
        replication_factor: Some(3),
        configs: vec![("min.insync.replicas".into(), "2".into())],
    }
}

/// Asks all controllers: one of them is active.
fn ask(pump: &mut Pump<Process>, request: Request) {
    let link = LinkId {
        opener: NodeId(99),
        ordinal: 0,
    };
    for id in (4..=6).map(NodeId) {
        let message = Message::Request(api::Request {
            correlation_id: 0,
            client_id: "test".into(),
            body: RequestBody::Control(request.clone()),
        });
        pump.input(id, Input::Message { link, message });
    }
}

fn image(pump: &Pump<Process>, id: u32) -> Image {
    match pump.machine(NodeId(id)) {
        Process::Broker(_, image) => image.clone(),
        Process::Controller(node) => node.view(&()).image,
    }
}

fn leaders(image: &Image) -> Vec<(Option<u32>, usize)> {
    let partitions = image.partitions();
    let state = partitions.map(|(_, _, p)| (p.state.leader.map(|id| id.0), p.state.isr.len()));
    state.collect()
}

#[test]
fn brokers_register_catch_up_and_are_unfenced() {
    let mut pump = cluster(1);
    pump.run(10_000);
    for id in 0..=3 {
        let registered = pump.heard(&alloc::format!("broker {id} registered"));
        assert_eq!(registered.len(), 1, "{:?}", pump.told);
        assert!(image(&pump, id).is_active(BrokerId(id)));
        let Process::Broker(life, _) = pump.machine(NodeId(id)) else {
            panic!("a broker");
        };
        assert_eq!(life.view(&()), BrokerRun::Running);
        assert_eq!(
            life.broker_epoch(),
            Some(image(&pump, id).brokers[&BrokerId(id)].epoch)
        );
    }
    // Every broker and every controller has the same metadata.
    pump.run(2000);
    for id in 1..=6 {
        assert_eq!(image(&pump, id), image(&pump, 0));
    }
}

#[test]
fn a_topic_is_placed_on_brokers_at_work() {
    let pump = with_orders(2);
    let image = image(&pump, 1);
    assert_eq!(leaders(&image).len(), 3);
    let mut led: Vec<_> = leaders(&image)
        .into_iter()
        .map(|(leader, _)| leader)
        .collect();
    led.sort();
    assert_eq!(led, [Some(1), Some(2), Some(3)]);
    assert_eq!(pump.heard("topic orders created").len(), 1);
}

#[test]
fn the_first_topics_are_created_once_when_all_brokers_are_at_work() {
    let founding = Founding {
        brokers: 4,
        topics: vec![orders()],
    };
    let mut pump = founded(9, &founding);
    pump.run(10_000);
    assert_eq!(
        pump.heard("topic orders created").len(),
        1,
        "{:?}",
        pump.told
    );
    let image = image(&pump, 1);
    for (leader, isr) in leaders(&image) {
        assert!(leader.is_some());
        assert_eq!(isr, 3, "every replica was at work");
    }
    assert_eq!(image.config("orders", "min.insync.replicas"), Some("2"));
    let elected = pump
        .told
        .iter()
        .find(|(_, _, told)| told.starts_with("elected leader"));
    let active = elected.expect("a leader of the quorum").1;
    pump.crash(active, false);
    pump.run(20_000);
    assert_eq!(
        pump.heard("topic orders").len(),
        1,
        "the next controller finds it there"
    );
}

#[test]
fn a_silent_broker_is_fenced_and_its_leaderships_move_within_the_isr() {
    let mut pump = with_orders(3);
    pump.crash(NodeId(1), false);
    pump.run(8000);
    assert_eq!(
        pump.heard("broker 1 fenced").len(),
        0,
        "the session lasts 9 s"
    );
    pump.run(3000);
    assert_eq!(pump.heard("broker 1 fenced").len(), 1);
    let image = image(&pump, 2);
    for (leader, isr) in leaders(&image) {
        assert!(matches!(leader, Some(2 | 3)), "{image:?}");
        assert_eq!(isr, 2);
    }
    // The longest silent session began with the last heartbeat, at most 2 s before the crash.
    assert_eq!(pump.heard(": ISR {").len(), 3, "{:?}", pump.told);
    assert_eq!(pump.heard("elected leader 1, epoch 0").len(), 1);
}

#[test]
fn a_broker_that_comes_back_too_early_is_a_duplicate_until_its_session_is_over() {
    let mut pump = with_orders(4);
    pump.crash(NodeId(1), false);
    pump.run(100);
    pump.start(NodeId(1));
    pump.run(5000);
    assert_eq!(pump.heard("broker 1 registered").len(), 1);
    pump.run(20_000);
    assert_eq!(pump.heard("broker 1 registered").len(), 2);
    assert!(image(&pump, 1).is_active(BrokerId(1)));
}

#[test]
fn the_last_in_sync_replica_stays_in_sync_without_leading() {
    let mut pump = with_orders(5);
    for id in 1..=3 {
        pump.crash(NodeId(id), false);
        pump.run(12_000);
    }
    let active = image(&pump, 4);
    assert_eq!(leaders(&active), [(None, 1), (None, 1), (None, 1)]);
    // Only broker 3 may lead again: the others lack what it has.
    pump.start(NodeId(1));
    pump.run(12_000);
    assert_eq!(leaders(&image(&pump, 1)), [(None, 1), (None, 1), (None, 1)]);
    pump.start(NodeId(3));
    pump.run(12_000);
    assert_eq!(
        leaders(&image(&pump, 1)),
        [(Some(3), 1), (Some(3), 1), (Some(3), 1)]
    );
}

#[test]
fn an_unclean_election_takes_whoever_is_at_work() {
    let mut unclean = orders();
    unclean.configs = vec![("unclean.leader.election.enable".into(), "true".into())];
    let founding = Founding {
        brokers: 4,
        topics: vec![unclean],
    };
    let mut pump = founded(10, &founding);
    pump.run(10_000);
    let replicas = |pump: &Pump<Process>| {
        let first = TopicPartition::new(&"orders".into(), 0);
        image(pump, 4).partition(&first).unwrap().state.clone()
    };
    // All leave but the last, which alone stays in sync; one comes back; the last leaves, too.
    let order = replicas(&pump).replicas;
    for broker in &order[..2] {
        pump.crash(NodeId(broker.0), false);
        pump.run(12_000);
    }
    assert_eq!(replicas(&pump).isr, order[2..]);
    pump.start(NodeId(order[1].0));
    pump.run(12_000);
    pump.crash(NodeId(order[2].0), false);
    pump.run(12_000);
    let state = replicas(&pump);
    assert_eq!(
        (state.leader, &state.isr[..]),
        (Some(order[1]), &order[1..2])
    );
    assert_eq!(state.recovery, LeaderRecoveryState::Recovering);
    let told = alloc::format!("orders-0: elected leader {}, epoch 3 (unclean)", order[1]);
    assert_eq!(pump.heard(&told).len(), 1, "{:?}", pump.heard("orders-0"));
    // Nobody is left: the last one does not succeed itself.
    pump.crash(NodeId(order[1].0), false);
    pump.run(12_000);
    assert_eq!(replicas(&pump).leader, None);
}

#[test]
fn the_last_broker_may_stop_and_leaves_partitions_without_a_leader() {
    let mut pump = with_orders(11);
    for id in [1, 2] {
        pump.crash(NodeId(id), false);
        pump.run(12_000);
    }
    pump.input(NodeId(3), Input::Stop);
    pump.run(5000);
    assert!(!pump.is_up(NodeId(3)));
    assert_eq!(leaders(&image(&pump, 4)), [(None, 1), (None, 1), (None, 1)]);
}

#[test]
fn a_broker_that_stops_gives_its_leaderships_away_first() {
    let mut pump = with_orders(6);
    pump.input(NodeId(1), Input::Stop);
    pump.run(10_000);
    assert!(!pump.is_up(NodeId(1)));
    assert_eq!(pump.heard("broker 1 in controlled shutdown").len(), 1);
    let told = &pump.told;
    let when = |text: &str| told.iter().position(|(_, _, told)| told.contains(text));
    assert!(when("broker 1 in controlled shutdown") < when("broker 1 fenced"));
    for (leader, isr) in leaders(&image(&pump, 2)) {
        assert!(matches!(leader, Some(2 | 3)));
        assert_eq!(isr, 2);
    }
}

#[test]
fn the_cluster_lives_on_when_the_active_controller_dies() {
    let mut pump = with_orders(7);
    let elected = pump
        .told
        .iter()
        .find(|(_, id, told)| id.0 >= 4 && told.starts_with("elected leader"));
    let active = elected.expect("a leader of the quorum").1;
    pump.crash(active, true);
    pump.run(1000);
    pump.crash(NodeId(2), false);
    pump.run(30_000);
    assert_eq!(pump.heard("broker 2 fenced").len(), 1);
    assert_eq!(pump.heard("broker 1 fenced").len(), 0, "{:?}", pump.told);
    for (leader, isr) in leaders(&image(&pump, 1)) {
        assert!(matches!(leader, Some(1 | 3)));
        assert_eq!(isr, 2);
    }
}

#[test]
fn alter_partition_answers_in_kafka_s_order() {
    let mut pump = with_orders(8);
    let image = image(&pump, 1);
    let partition = TopicPartition::new(&"orders".into(), 0);
    let state = image.partition(&partition).unwrap().state.clone();
    let leader = state.leader.unwrap();
    let epoch_of = |id: BrokerId| image.brokers[&id].epoch;
    let other = *state.isr.iter().find(|&&id| id != leader).unwrap();
    let right = AlterPartition {
        partition: partition.clone(),
        leader_epoch: state.leader_epoch,
        partition_epoch: state.partition_epoch,
        new_isr: vec![
            (leader, Some(epoch_of(leader))),
            (other, Some(epoch_of(other))),
        ],
        recovery: LeaderRecoveryState::Recovered,
    };
    // Each change of the right wish, and what Kafka answers.
    type Spoil = fn(&mut AlterPartition);
    let cases: [(Spoil, &str); 8] = [
        (|p| p.partition.partition = 9, "UNKNOWN_TOPIC_OR_PARTITION"),
        (|p| p.partition.topic = "none".into(), "UNKNOWN_TOPIC_ID"),
        (|p| p.leader_epoch += 1, "NOT_CONTROLLER"),
        (|p| p.partition_epoch += 1, "NOT_CONTROLLER"),
        (|p| p.new_isr[1].0 = BrokerId(9), "INVALID_REQUEST"),
        (|p| p.new_isr.truncate(0), "INVALID_REQUEST"),
        (
            |p| p.recovery = LeaderRecoveryState::Recovering,
            "INVALID_REQUEST",
        ),
        (|p| p.new_isr[1].1 = Some(0), "INELIGIBLE_REPLICA"),
    ];
    let wish = |broker, partition: &AlterPartition| {
        Request::AlterPartition(AlterPartitionRequest {
            broker,
            broker_epoch: epoch_of(broker),
            partitions: vec![partition.clone()],
        })
    };
    for (spoil, error) in cases {
        let mut wrong = right.clone();
        spoil(&mut wrong);
        let before = pump.told.len();
        ask(&mut pump, wish(leader, &wrong));
        let told = &pump.told[before].2;
        assert!(told.ends_with(error), "{told} is not {error}");
    }
    let before = pump.told.len();
    ask(&mut pump, wish(other, &right));
    assert!(
        pump.told[before].2.ends_with("INVALID_REQUEST"),
        "not the leader"
    );

    ask(&mut pump, wish(leader, &right));
    pump.run(1000);
    let changed = pump.heard("orders-0: ISR");
    assert_eq!(changed.len(), 1);
    let before = pump.told.len();
    ask(&mut pump, wish(leader, &right));
    assert!(
        pump.told[before].2.ends_with("INVALID_UPDATE_VERSION"),
        "an old epoch"
    );
}
