//! Three voters through elections, crashes, cuts and power losses.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use crate::kafka::api::control::{CreatableTopic, ReplicaId, Request};
use crate::kafka::api::{self, Message, RequestBody};
use crate::kafka::config::Configured;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::controller_node::{ControllerNode, ControllerSetup, Founding};
use crate::kafka::pump::Pump;
use crate::kafka::topic::{BrokerId, Endpoint};
use crate::machine::{Input, Machine};
use crate::names::{LinkId, NodeId};
use crate::shared::{SortedMap, SortedSet};

type Quorum = Pump<ControllerNode>;

/// Voters 1..=n on the processes 0..n.
fn quorum(seed: u64, n: u32) -> Quorum {
    let voters: SortedMap<_, _> = (0..n)
        .map(|node| (ReplicaId(node + 1), NodeId(node)))
        .collect();
    let setup = |node| ControllerSetup {
        me: ReplicaId(node + 1),
        voters: voters.clone(),
        config: Rc::new(BrokerConfig::parse([]).unwrap()),
        founding: Founding::default(),
    };
    Pump::new(seed, (0..n).map(setup).collect())
}

/// Those that say they lead, with their epochs.
fn leaders(quorum: &Quorum, n: u32) -> Vec<(NodeId, u32)> {
    let up = (0..n).map(NodeId).filter(|&node| quorum.is_up(node));
    let views = up.map(|node| (node, quorum.machine(node).view(&())));
    let leads = views.filter(|(_, view)| view.state == "leader");
    leads.map(|(node, view)| (node, view.epoch)).collect()
}

/// The active controller registers a broker, as if it had asked.
fn register(quorum: &mut Quorum, at: NodeId, broker: u32) {
    let link = LinkId {
        opener: NodeId(99),
        ordinal: broker,
    };
    let request = Request::BrokerRegistration {
        broker: Endpoint {
            id: BrokerId(broker),
            node: NodeId(90 + broker),
        },
        incarnation_id: 1,
    };
    ask(quorum, at, link, request);
}

fn ask(quorum: &mut Quorum, at: NodeId, link: LinkId, request: Request) {
    let message = Message::Request(api::Request {
        correlation_id: 0,
        client_id: "test".into(),
        body: RequestBody::Control(request),
    });
    quorum.input(at, Input::Message { link, message });
}

fn brokers(quorum: &Quorum, node: NodeId) -> Vec<u32> {
    let image = quorum.machine(node).view(&()).image;
    image.brokers.keys().map(|id| id.0).collect()
}

#[test]
fn three_voters_elect_one_leader_and_commit_its_first_record() {
    let mut quorum = quorum(1, 3);
    quorum.run(5000);
    let [(leader, epoch)] = leaders(&quorum, 3)[..] else {
        panic!("one leader: {:?}", quorum.told);
    };
    for node in (0..3).map(NodeId) {
        let view = quorum.machine(node).view(&());
        assert_eq!(view.leader, Some(ReplicaId(leader.0 + 1)));
        assert_eq!((view.epoch, view.high_watermark), (epoch, Some(1)));
    }
    assert_eq!(quorum.heard("elected leader").len(), 1);
}

#[test]
fn a_single_voter_leads_at_once() {
    let mut quorum = quorum(1, 1);
    quorum.run(10);
    assert_eq!(leaders(&quorum, 1), [(NodeId(0), 1)]);
    assert_eq!(quorum.machine(NodeId(0)).view(&()).high_watermark, Some(1));
}

#[test]
fn what_was_committed_outlives_the_leader() {
    let mut quorum = quorum(2, 3);
    quorum.run(5000);
    let (first, epoch) = leaders(&quorum, 3)[0];
    register(&mut quorum, first, 1);
    quorum.run(2000);
    quorum.crash(first, true);
    quorum.run(10_000);
    let [(second, later)] = leaders(&quorum, 3)[..] else {
        panic!("a second leader");
    };
    assert!(second != first && later > epoch);
    assert_eq!(brokers(&quorum, second), [1]);
    quorum.start(first);
    quorum.run(5000);
    assert_eq!(brokers(&quorum, first), [1]);
    assert_eq!(leaders(&quorum, 3), [(second, later)]);
}

#[test]
fn a_leader_that_nobody_fetches_from_resigns_and_its_tail_is_truncated() {
    let mut quorum = quorum(3, 3);
    quorum.run(5000);
    let (old, epoch) = leaders(&quorum, 3)[0];
    let others: Vec<NodeId> = (0..3).map(NodeId).filter(|&node| node != old).collect();
    for &other in &others {
        quorum.cut(old, other);
    }
    register(&mut quorum, old, 1);
    // One and a half times the fetch timeout.
    quorum.run(3100);
    assert_eq!(quorum.heard("a majority does not fetch").len(), 1);
    quorum.run(10_000);
    let [(new, later)] = leaders(&quorum, 3)[..] else {
        panic!("the others elect one of them: {:?}", quorum.told);
    };
    assert!(new != old && later > epoch);
    register(&mut quorum, new, 2);
    quorum.run(2000);
    quorum.heal();
    quorum.run(10_000);
    // The old leader came back with a higher epoch, or follows: in any case one leads.
    let [(leader, _)] = leaders(&quorum, 3)[..] else {
        panic!("one leader after healing");
    };
    assert_eq!(quorum.heard("truncated").len(), 1, "{:?}", quorum.told);
    for node in (0..3).map(NodeId) {
        assert_eq!(brokers(&quorum, node), [2], "led by {leader:?}");
    }
}

#[test]
fn a_leader_that_stops_hands_over_and_then_exits() {
    let mut quorum = quorum(4, 3);
    quorum.run(5000);
    let (old, _) = leaders(&quorum, 3)[0];
    quorum.input(old, Input::Stop);
    // The preferred successor stands at once: no timeout is waited for.
    quorum.run(500);
    assert!(!quorum.is_up(old));
    assert_eq!(leaders(&quorum, 3).len(), 1, "{:?}", quorum.told);
}

#[test]
fn a_vote_outlives_a_power_loss() {
    let mut quorum = quorum(6, 3);
    for other in [NodeId(1), NodeId(2)] {
        quorum.crash(other, false);
    }
    let vote = |candidate: u32| Request::Vote {
        candidate_epoch: 50,
        candidate_id: ReplicaId(candidate),
        last_offset_epoch: 0,
        last_offset: 0,
    };
    let link = LinkId {
        opener: NodeId(99),
        ordinal: 0,
    };
    ask(&mut quorum, NodeId(0), link, vote(2));
    quorum.run(10);
    quorum.crash(NodeId(0), true);
    quorum.start(NodeId(0));
    quorum.run(10);
    ask(&mut quorum, NodeId(0), link, vote(3));
    quorum.run(10);
    assert_eq!(
        quorum.heard("epoch 50"),
        ["votes for 2, epoch 50", "does not vote for 3, epoch 50"]
    );
}

#[test]
fn only_the_active_controller_decides() {
    let mut quorum = quorum(5, 3);
    quorum.run(5000);
    let (leader, _) = leaders(&quorum, 3)[0];
    let follower = (0..3).map(NodeId).find(|&node| node != leader).unwrap();
    register(&mut quorum, follower, 7);
    quorum.run(2000);
    assert_eq!(brokers(&quorum, leader), [0; 0]);
    let link = LinkId {
        opener: NodeId(99),
        ordinal: 0,
    };
    let topic = CreatableTopic {
        name: "orders".into(),
        num_partitions: Some(1),
        replication_factor: Some(1),
        configs: vec![],
    };
    ask(
        &mut quorum,
        leader,
        link,
        Request::CreateTopics {
            topics: vec![topic],
        },
    );
    assert_eq!(
        quorum.heard("orders"),
        ["topic orders not created: INVALID_REPLICATION_FACTOR"]
    );
}

#[test]
fn whatever_crashes_one_leads_in_each_epoch_and_nothing_committed_is_lost() {
    for seed in 0..60 {
        let mut quorum = quorum(seed, 3);
        let mut committed = SortedSet::new();
        let mut random = seed;
        for broker in 1..30 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(seed | 1);
            let dice = (random >> 33) as u32;
            let victim = NodeId(dice % 3);
            match dice / 3 % 6 {
                0 if quorum.is_up(victim) => quorum.crash(victim, true),
                1 if quorum.is_up(victim) => quorum.crash(victim, false),
                2 => quorum.cut(victim, NodeId((victim.0 + 1) % 3)),
                3 => quorum.heal(),
                _ => {}
            }
            for node in (0..3).map(NodeId) {
                if !quorum.is_up(node) && (dice / 18).is_multiple_of(2) {
                    quorum.start(node);
                }
            }
            for (leader, _) in leaders(&quorum, 3) {
                register(&mut quorum, leader, broker);
            }
            quorum.run(u64::from(dice / 36 % 3000));
            for node in (0..3).map(NodeId).filter(|&node| quorum.is_up(node)) {
                committed.extend(brokers(&quorum, node));
            }
        }
        quorum.heal();
        for node in (0..3).map(NodeId) {
            if !quorum.is_up(node) {
                quorum.start(node);
            }
        }
        quorum.run(30_000);
        assert_eq!(leaders(&quorum, 3).len(), 1, "seed {seed}");
        for node in (0..3).map(NodeId) {
            let kept: SortedSet<u32> = brokers(&quorum, node).into_iter().collect();
            let lost: Vec<_> = committed.difference(&kept).collect();
            assert!(lost.is_empty(), "seed {seed}: node {node:?} lost {lost:?}");
        }
        let elected = quorum.heard("elected leader");
        let epochs: SortedSet<&str> = elected.iter().copied().collect();
        assert_eq!(
            epochs.len(),
            elected.len(),
            "seed {seed}: one leader for each epoch"
        );
    }
}
