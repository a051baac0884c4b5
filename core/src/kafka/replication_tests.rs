//! What replication promises, and what each rule of it is for: three brokers, a producer, and a
//! controller that the test plays.

use alloc::rc::Rc;
use alloc::vec;

use crate::kafka::client::App;
use crate::kafka::cluster::{Cluster, node};
use crate::kafka::config::Configured;
use crate::kafka::config::broker::{BrokerConfig, Truncation};
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::partition::Role;
use crate::kafka::topic::BrokerId;

fn producer(config: &[(&str, &str)]) -> App {
    let config = ProducerConfig::parse(config.iter().copied()).unwrap();
    App::Producer {
        config: Rc::new(config),
        workload: None,
    }
}

/// A topic `orders` with one partition on three brokers, and a producer.
fn orders_with(brokers: &[(&str, &str)], client: &[(&str, &str)]) -> Cluster {
    let mut cluster = Cluster::new(brokers, vec![producer(client)]);
    cluster.create("orders", 1);
    cluster.run(100);
    cluster
}

#[test]
fn acks_all_waits_for_every_in_sync_replica() {
    let mut cluster = orders_with(&[], &[("acks", "all")]);
    cluster.send("a");
    cluster.run(100);
    assert_eq!(cluster.pump.heard("acknowledged at offset 0").len(), 1);
    for broker in 1..=3 {
        assert_eq!(cluster.values(broker), ["a"]);
    }
    assert_eq!(cluster.replica(1).high_watermark(), 1);
    // Followers learn it with a later fetch.
    cluster.run(600);
    assert_eq!(cluster.replica(2).high_watermark(), 1);
}

#[test]
fn acks_1_loses_an_acknowledged_record_with_a_clean_election() {
    let mut cluster = orders_with(&[], &[("acks", "1")]);
    cluster.send("kept");
    cluster.run(100);
    cluster.pump.cut(node(1), node(2));
    cluster.pump.cut(node(1), node(3));
    cluster.send("lost");
    cluster.run(50);
    assert_eq!(cluster.pump.heard("acknowledged at offset 1").len(), 1);
    cluster.crash(1);
    cluster.pump.heal();
    cluster.elect(2, &[2, 3]);
    cluster.run(100);
    cluster.restart(1);
    cluster.run(2000);
    assert_eq!(
        cluster.pump.heard("truncated"),
        ["truncated orders-0 from 2 to 1: on the leader epoch 0 ends at 1"]
    );
    for broker in 1..=3 {
        assert_eq!(cluster.values(broker), ["kept"]);
    }
}

#[test]
fn acks_all_resends_what_the_crashed_leader_had_alone() {
    let mut cluster = orders_with(&[], &[("acks", "all")]);
    cluster.send("a");
    cluster.run(100);
    cluster.pump.cut(node(1), node(2));
    cluster.pump.cut(node(1), node(3));
    cluster.send("b");
    cluster.run(50);
    cluster.crash(1);
    cluster.pump.heal();
    cluster.elect(2, &[2, 3]);
    cluster.run(3000);
    assert_eq!(cluster.values(2), ["a", "b"]);
    assert_eq!(cluster.pump.heard("acknowledged at offset 1").len(), 1);
    cluster.restart(1);
    cluster.run(3000);
    assert_eq!(cluster.values(1), ["a", "b"]);
    assert_eq!(
        cluster.pump.heard("asks for"),
        ["asks for orders-0 ISR {2,3} -> {1,2,3}"]
    );
}

#[test]
fn a_follower_that_lags_leaves_the_isr_and_comes_back() {
    let mut cluster = orders_with(&[], &[]);
    cluster.pump.cut(node(1), node(3));
    cluster.send("a");
    cluster.run(20_000);
    assert_eq!(cluster.pump.heard("acknowledged at").len(), 0);
    cluster.run(30_000);
    assert_eq!(
        cluster.pump.heard("orders-0 ISR"),
        [
            "asks for orders-0 ISR {1,2,3} -> {1,2}",
            "orders-0 ISR {1,2,3} -> {1,2}"
        ]
    );
    // The producer gave up waiting after request.timeout.ms and sent the record again.
    assert_eq!(cluster.values(1), ["a", "a"]);
    assert_eq!(cluster.pump.heard("acknowledged at offset 1").len(), 1);
    cluster.pump.heal();
    cluster.run(5000);
    assert_eq!(
        cluster.pump.heard("orders-0 ISR")[2..],
        [
            "asks for orders-0 ISR {1,2} -> {1,2,3}",
            "orders-0 ISR {1,2} -> {1,2,3}"
        ]
    );
}

#[test]
fn too_few_in_sync_replicas_refuse_acks_all_before_anything_is_written() {
    let mut cluster = orders_with(&[("min.insync.replicas", "2")], &[("retries", "0")]);
    cluster.elect(1, &[1]);
    cluster.deaf = true;
    cluster.crash(2);
    cluster.crash(3);
    cluster.send("a");
    cluster.run(100);
    assert!(cluster.values(1).is_empty());
    assert_eq!(
        cluster.pump.heard("failed"),
        ["1 record failed: NOT_ENOUGH_REPLICAS"]
    );
}

#[test]
fn too_few_in_sync_replicas_after_the_append_is_another_error() {
    // Before 3.7 the high watermark moved on with one replica, and the answer said so (K15).
    let mut config = BrokerConfig::parse([("min.insync.replicas", "2")]).unwrap();
    config.rules.strict_min_isr = false;
    for (strict, told) in [
        (false, "1 record failed: NOT_ENOUGH_REPLICAS_AFTER_APPEND"),
        (true, "1 record failed: REQUEST_TIMED_OUT"),
    ] {
        config.rules.strict_min_isr = strict;
        let client = producer(&[
            ("retries", "0"),
            ("request.timeout.ms", "3000"),
            ("delivery.timeout.ms", "3005"),
        ]);
        let mut cluster = Cluster::with(config.clone(), vec![client]);
        cluster.create("orders", 1);
        cluster.run(100);
        cluster.pump.cut(node(1), node(2));
        cluster.pump.cut(node(1), node(3));
        cluster.send("a");
        cluster.run(50);
        cluster.elect(1, &[1]);
        cluster.run(4000);
        let failed = cluster.pump.heard("failed");
        assert_eq!(failed.len(), 1, "{failed:?}");
        assert!(failed[0].starts_with(told), "{failed:?}");
        assert_eq!(cluster.values(1), ["a"]);
    }
}

#[test]
fn a_process_crash_keeps_the_page_cache_and_a_power_loss_does_not() {
    for (power, kept) in [(false, vec!["a"]), (true, vec![])] {
        let mut cluster = orders_with(&[], &[("acks", "1")]);
        cluster.send("a");
        cluster.run(6000);
        if power {
            cluster.power_off(1);
        } else {
            cluster.crash(1);
        }
        cluster.restart(1);
        assert_eq!(cluster.values(1), kept);
        let opened = cluster.pump.heard("opened orders-0");
        let expected = if power {
            "opened orders-0: log end 0, high watermark 0"
        } else {
            "opened orders-0: log end 1, high watermark 1"
        };
        assert_eq!(opened.last(), Some(&expected));
    }
}

/// KIP-101, first scenario: a follower restarts with an old high watermark, the leader crashes,
/// the follower is elected. (K05)
#[test]
fn truncation_to_the_high_watermark_loses_what_was_acknowledged() {
    for (rule, left) in [
        (Truncation::HighWatermark, vec!["m0"]),
        (Truncation::Kip101, vec!["m0", "m1"]),
        (Truncation::Kip279, vec!["m0", "m1"]),
        (Truncation::Kip320, vec!["m0", "m1"]),
    ] {
        let mut config = BrokerConfig::parse([]).unwrap();
        config.rules.truncation = rule;
        let mut cluster = Cluster::with(config, vec![producer(&[])]);
        cluster.create("orders", 1);
        cluster.run(100);
        cluster.elect(1, &[1, 2]);
        cluster.crash(3);
        cluster.send("m0");
        // Long enough for a checkpoint of high watermark 1.
        cluster.run(6000);
        cluster.send("m1");
        cluster.run(20);
        assert_eq!(cluster.pump.heard("acknowledged at offset 1").len(), 1);
        cluster.crash(2);
        cluster.restart(2);
        assert_eq!(cluster.replica(2).high_watermark(), 1, "{rule:?}");
        cluster.crash(1);
        cluster.elect(2, &[2]);
        cluster.run(100);
        assert_eq!(cluster.values(2), left, "{rule:?}");
    }
}

/// KIP-279: two leaderships in a row, and a follower that never heard of the first. (K07)
#[test]
fn two_fast_elections_fork_the_log_without_kip_279() {
    for (rule, forked) in [
        (Truncation::Kip101, true),
        (Truncation::Kip279, false),
        (Truncation::Kip320, false),
    ] {
        let mut config = BrokerConfig::parse([]).unwrap();
        config.rules.truncation = rule;
        let mut cluster = Cluster::with(config, vec![producer(&[("acks", "1")])]);
        cluster.create("orders", 1);
        cluster.run(100);
        cluster.elect(1, &[1, 2]);
        cluster.crash(3);
        cluster.send("m0");
        cluster.run(1000);
        cluster.pump.cut(node(1), node(2));
        cluster.send("x");
        cluster.run(20);
        cluster.crash(1);
        cluster.elect(2, &[1, 2]);
        cluster.run(1000);
        cluster.send("y");
        cluster.run(2000);
        assert_eq!(cluster.values(2), ["m0", "y"], "{rule:?}");
        cluster.crash(2);
        cluster.elect(1, &[1, 2]);
        cluster.restart(1);
        cluster.run(1000);
        cluster.send("z");
        cluster.run(2000);
        assert_eq!(cluster.values(1), ["m0", "x", "z"], "{rule:?}");
        cluster.pump.heal();
        cluster.restart(2);
        cluster.run(3000);
        assert_eq!(cluster.values(2) != cluster.values(1), forked, "{rule:?}");
    }
}

#[test]
fn an_unclean_leader_makes_the_others_truncate_to_it() {
    let mut cluster = orders_with(&[], &[("acks", "1")]);
    cluster.send("a");
    cluster.run(1000);
    cluster.pump.cut(node(1), node(2));
    cluster.pump.cut(node(1), node(3));
    for value in ["b", "c"] {
        cluster.send(value);
        cluster.run(50);
    }
    cluster.crash(1);
    cluster.pump.heal();
    cluster.elect(2, &[2]);
    cluster.run(2000);
    cluster.send("n");
    cluster.run(2000);
    cluster.restart(1);
    cluster.run(3000);
    for broker in 1..=3 {
        assert_eq!(cluster.values(broker), ["a", "n"]);
    }
}

#[test]
fn a_follower_that_keeps_up_is_let_in_again() {
    let mut cluster = orders_with(&[], &[]);
    cluster.elect(1, &[1]);
    cluster.run(2000);
    let Role::Leader(leadership) = cluster.replica(1).role() else {
        panic!("broker 1 leads");
    };
    assert_eq!(leadership.isr(), [1, 2, 3].map(BrokerId));
}
