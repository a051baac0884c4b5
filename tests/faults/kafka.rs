//! Three brokers and three voters, one partition on all of them.

use glassmq_sim::scenario::expect::Check;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Mishap, Wrong, mishaps, violated};

const NODES: [&str; 6] = [
    "kafka-1",
    "kafka-2",
    "kafka-3",
    "controller-1",
    "controller-2",
    "controller-3",
];

/// All that leaves the page cache as it is: Kafka acknowledges from it.
const KINDS: &[Wrong] = &[
    Wrong::Crash,
    Wrong::Crash,
    Wrong::Cut,
    Wrong::Mute,
    Wrong::Part,
    Wrong::Full,
    Wrong::Pause,
    Wrong::Reset,
    Wrong::Slow,
];

/// What no fault may break.
const ALWAYS: &[Check] = &[
    Check::OneLeaderPerEpoch,
    Check::HighWatermarkMonotonic,
    Check::LogMatching,
    Check::NoAcknowledgedLoss,
    Check::LedgerCloses,
    Check::Progress,
];

/// A shop that sends 60 records with these acks while all this goes wrong, and a reader in a group.
fn world(seed: u64, acks: &str, truncation: &str, mishaps: &[Mishap]) -> Value {
    let faults: Vec<Value> = mishaps.iter().flat_map(|it| it.faults(&NODES)).collect();
    json!({
        "title": {"en": "faults"}, "seed": seed, "until": "60s",
        "world": {
            "kafka": {
                "brokers": 3,
                "config": {
                    "min.insync.replicas": "2",
                    "unclean.leader.election.enable": "false",
                    "offsets.topic.num.partitions": "1"
                },
                "rules": {"truncation": truncation},
                "topics": [{"name": "orders", "replication.factor": 3}]
            },
            "network": {"latency": "1ms..10ms"}
        },
        "clients": [
            {
                "name": "shop", "is": "kafka.producer", "start": "2s", "topic": "orders",
                "config": {"acks": acks},
                "send": {"every": "200ms", "count": 60, "keys": ["a", "b"]}
            },
            {
                "name": "billing", "is": "kafka.consumer", "start": "2s", "topics": ["orders"],
                "group": "billing", "config": {"auto.offset.reset": "earliest"}
            }
        ],
        "faults": faults
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::cases(6),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn acks_all_keeps_every_promise_whatever_fails(
        seed in 0..1_000_000u64,
        mishaps in mishaps(KINDS, 2_500..15_000),
    ) {
        let violated = violated(&world(seed, "all", "kip-320", &mishaps), ALWAYS);
        prop_assert!(violated.is_empty(), "{violated:?}");
    }
}

/// The way to the followers is cut for a moment, and the leader crashes in it.
#[test]
fn acks_1_sometimes_loses_what_it_acknowledged_and_acks_all_never() {
    let lost = |acks: &str| {
        let seeds = (0..6).filter(|seed| {
            let mut world = world(*seed, acks, "kip-320", &[]);
            world["faults"] = json!([
                {"at": "4.9s", "cut": ["leader of orders-0", "followers of orders-0"], "for": "400ms"},
                {"at": "5.2s", "crash": "leader of orders-0", "for": "10s"}
            ]);
            !violated(&world, &[Check::NoAcknowledgedLoss]).is_empty()
        });
        seeds.count()
    };
    assert!(lost("1") > 0);
    assert_eq!(lost("all"), 0);
}

/// The leader goes, the next one is elected, and its only follower cannot reach it; then that
/// leader goes, too. KIP-101, section "Motivation": what the follower cut off down to its high
/// watermark, which lags, had been acknowledged.
#[test]
fn truncating_to_the_high_watermark_loses_what_leader_epochs_keep() {
    let lost = |truncation: &str| {
        let pairs = [(0, 1), (1, 2), (2, 0)].into_iter();
        let lost = pairs.filter(|(a, b)| {
            let mut world = world(7, "all", truncation, &[]);
            world["faults"] = json!([
                {"at": "5s", "cut": [NODES[*a], NODES[*b]]},
                {"at": "8s", "crash": "leader of orders-0", "for": "40s"},
                {"at": "20s", "crash": "leader of orders-0", "for": "30s"}
            ]);
            !violated(&world, &[Check::NoAcknowledgedLoss]).is_empty()
        });
        lost.count()
    };
    assert!(lost("high-watermark") > 0);
    assert_eq!(lost("kip-320"), 0);
}

/// Cases that broke a promise once, each with what was mended.
#[test]
fn every_case_that_once_failed_holds() {
    let mishap = |at, lasting, what, node| Mishap {
        at,
        lasting,
        what,
        node,
    };
    let cases = [
        // A follower's high watermark falls back with a new leader's: so does Kafka's own.
        (53_012, vec![mishap(11_022, 50, Wrong::Crash, 1)]),
        // The answer to a connect was cut off when the controller died, and nobody asked again.
        (
            217_293,
            vec![
                mishap(3_199, 1_190, Wrong::Crash, 1),
                mishap(4_875, 2_893, Wrong::Mute, 3),
                mishap(6_623, 50, Wrong::Crash, 3),
            ],
        ),
    ];
    for (seed, mishaps) in cases {
        let violated = violated(&world(seed, "all", "kip-320", &mishaps), ALWAYS);
        assert!(violated.is_empty(), "{seed}: {violated:?}");
    }
}
