//! The whole of it: three brokers, three controllers, clients, and nobody who plays a part.

use alloc::string::String;
use alloc::sync::Arc;
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
    App::Producer {
        config: Arc::new(ProducerConfig::parse([("acks", acks)]).unwrap()),
        workload: Some(Workload {
            topic: "orders".into(),
            every: Span::ms(100),
            count: Some(count),
            keys: Vec::new(),
            value_bytes: 0,
        }),
    }
}

fn reader() -> App {
    let config = ConsumerConfig::parse([("auto.offset.reset", "earliest")]).unwrap();
    App::Consumer {
        config: Arc::new(config),
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
