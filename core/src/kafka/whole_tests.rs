//! The whole of it: three brokers, three controllers, clients, and nobody who plays a part.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::kafka::client::{App, Workload};
use crate::kafka::cluster::{Cluster, node};
use crate::kafka::config::Configured;
use crate::kafka::config::consumer::ConsumerConfig;
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::consumer::Reads;
use crate::kafka::reader::{Commit, Work};
use crate::names::NodeId;
use crate::time::Span;

const BROKERS: &[(&str, &str)] = &[
    ("default.replication.factor", "3"),
    ("min.insync.replicas", "2"),
];

fn producer(acks: &str, count: u32) -> App {
    producer_of(acks, count, &[])
}

fn producer_of(acks: &str, count: u32, keys: &[&str]) -> App {
    App::Producer {
        config: Rc::new(ProducerConfig::parse([("acks", acks)]).unwrap()),
        workload: Some(Workload {
            topic: "orders".into(),
            every: Span::ms(100),
            count: Some(count),
            keys: keys.iter().map(|key| key.as_bytes().into()).collect(),
            value_bytes: 0,
        }),
    }
}

fn reader() -> App {
    let config = ConsumerConfig::parse([("auto.offset.reset", "earliest")]).unwrap();
    App::Consumer {
        config: Rc::new(config),
        group: None,
        reads: Reads::Assigned(vec![crate::kafka::cluster::orders()]),
        work: Work {
            takes: Span::ms(1),
            commit: Commit::Never,
        },
    }
}

fn told_by(cluster: &Cluster, client: u32, text: &str) -> Vec<String> {
    let told = cluster.pump.told.iter();
    let by_it = told.filter(|(_, node, told)| *node == NodeId(client) && told.contains(text));
    by_it.map(|(_, _, told)| told.clone()).collect()
}

#[test]
fn a_topic_is_created_for_the_first_record_and_everything_arrives() {
    let mut cluster = Cluster::whole(BROKERS, vec![producer("all", 20), reader()]);
    cluster.run(15_000);
    assert_eq!(told_by(&cluster, 4, "got orders-0").len(), 20);
    for broker in 1..=3 {
        assert_eq!(cluster.values(broker).len(), 20);
    }
}

#[test]
fn when_the_leader_dies_another_one_is_elected_and_acks_all_loses_nothing() {
    let mut cluster = Cluster::whole(BROKERS, vec![producer("all", 100), reader()]);
    cluster.run(5_000);
    let leader = cluster.leader_by(1).unwrap();
    cluster.crash(leader);
    cluster.run(30_000);
    let other = leader % 3 + 1;
    assert_ne!(cluster.leader_by(other), Some(leader));
    cluster.restart_alone(leader);
    cluster.run(30_000);
    let values = cluster.values(other);
    for broker in 1..=3 {
        assert_eq!(cluster.values(broker), values);
    }
    let mut got: Vec<String> = values;
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 100, "every record is there");
}

#[test]
fn acks_1_loses_what_only_the_leader_had() {
    let mut cluster = Cluster::whole(BROKERS, vec![producer("1", 10)]);
    cluster.run(5_000);
    let leader = cluster.leader_by(1).unwrap();
    for other in (1..=3).filter(|id| *id != leader) {
        cluster.pump.cut(node(leader), node(other));
    }
    cluster.send("lost");
    cluster.run(100);
    let acknowledged = told_by(&cluster, 3, "acknowledged at offset");
    let last = acknowledged.last().map(String::as_str);
    assert_eq!(last, Some("1 record to orders-0 acknowledged at offset 10"));
    cluster.crash(leader);
    cluster.pump.heal();
    cluster.run(20_000);
    cluster.restart_alone(leader);
    cluster.run(20_000);
    let truncated = cluster.pump.heard("truncated");
    assert_eq!(truncated.len(), 1, "{truncated:?}");
    for broker in 1..=3 {
        assert_eq!(cluster.values(broker).len(), 10);
    }
}

fn member(config: &[(&str, &str)], commit: Commit) -> App {
    let earliest = ("auto.offset.reset", "earliest");
    let config = ConsumerConfig::parse(config.iter().copied().chain([earliest])).unwrap();
    App::Consumer {
        config: Rc::new(config),
        group: Some("billing".into()),
        reads: Reads::Subscribed(vec!["orders".into()]),
        work: Work {
            takes: Span::ms(5),
            commit,
        },
    }
}

const PARTITIONED: &[(&str, &str)] = &[
    ("default.replication.factor", "3"),
    ("num.partitions", "4"),
    ("offsets.topic.num.partitions", "3"),
];

#[test]
fn a_group_shares_the_partitions_and_reads_every_record_once() {
    let by_hand = [("enable.auto.commit", "false")];
    let apps = vec![
        producer_of("all", 60, &["a", "b", "c", "d", "e", "f"]),
        member(&by_hand, Commit::After),
        member(&by_hand, Commit::After),
    ];
    let mut cluster = Cluster::whole(PARTITIONED, apps);
    cluster.run(40_000);
    let assigned = |client| told_by(&cluster, client, "assigned").pop().unwrap();
    assert_eq!(assigned(4).matches("orders-").count(), 2, "{}", assigned(4));
    assert_eq!(assigned(5).matches("orders-").count(), 2, "{}", assigned(5));
    let mut got = told_by(&cluster, 4, "finished");
    got.extend(told_by(&cluster, 5, "finished"));
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 60, "every record was read");
}

#[test]
fn a_member_that_dies_is_replaced_from_what_it_committed() {
    let by_hand = [
        ("enable.auto.commit", "false"),
        ("session.timeout.ms", "10000"),
    ];
    let apps = vec![
        producer_of("all", 200, &["a", "b", "c", "d", "e", "f"]),
        member(&by_hand, Commit::After),
        member(&by_hand, Commit::After),
    ];
    let mut cluster = Cluster::whole(PARTITIONED, apps);
    cluster.run(15_000);
    assert!(!told_by(&cluster, 4, "finished").is_empty());
    cluster.pump.crash(NodeId(4), false);
    cluster.run(40_000);
    let assigned = told_by(&cluster, 5, "assigned").pop().unwrap();
    assert_eq!(assigned.matches("orders-").count(), 4, "{assigned}");
    let mut got = told_by(&cluster, 4, "finished");
    got.extend(told_by(&cluster, 5, "finished"));
    let all = got.len();
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 200, "every record was worked on");
    assert!(all - got.len() <= 1, "only the one in hand was done again");
}

#[test]
fn a_member_that_commits_by_itself_goes_on_after_a_restart() {
    let apps = vec![
        producer_of("all", 100, &["a"]),
        member(&[("session.timeout.ms", "6000")], Commit::Never),
    ];
    let mut cluster = Cluster::whole(PARTITIONED, apps);
    cluster.run(30_000);
    let before = told_by(&cluster, 4, "finished").len();
    assert_eq!(before, 100);
    cluster.pump.crash(NodeId(4), false);
    cluster.pump.start(NodeId(4));
    cluster.run(20_000);
    assert_eq!(
        told_by(&cluster, 4, "finished").len(),
        100,
        "nothing is read twice"
    );
}

#[test]
fn a_group_goes_on_at_the_next_coordinator_when_the_first_one_dies() {
    let by_hand = [("enable.auto.commit", "false")];
    let apps = vec![
        producer_of("all", 300, &["a", "b", "c", "d", "e", "f"]),
        member(&by_hand, Commit::After),
        member(&by_hand, Commit::After),
    ];
    let mut cluster = Cluster::whole(PARTITIONED, apps);
    cluster.run(15_000);
    let first = cluster.coordinator_by(4).unwrap();
    cluster.crash(first);
    cluster.run(45_000);
    assert_ne!(cluster.coordinator_by(4).unwrap(), first);
    let mut got = told_by(&cluster, 4, "finished");
    got.extend(told_by(&cluster, 5, "finished"));
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 300, "every record was read");
}

/// With all they know gone, and nothing to be told, clients wait for backoffs, not for microseconds.
#[test]
fn clients_wait_calmly_for_brokers_that_are_gone() {
    let apps = vec![
        producer_of("all", 300, &["a", "b"]),
        member(&[], Commit::Never),
        member(&[("max.poll.interval.ms", "10000")], Commit::After),
    ];
    let mut cluster = Cluster::whole(PARTITIONED, apps);
    cluster.run(15_000);
    for broker in 1..=3 {
        let before = cluster.pump.fired;
        cluster.crash(broker);
        cluster.run(30_000);
        let a_second = (cluster.pump.fired - before) / 30;
        assert!(a_second < 60, "{a_second} timers a second");
    }
}
