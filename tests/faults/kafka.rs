//! Three brokers and three voters, one partition on all of them.

use glassmq_sim::scenario::expect::Check;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Mishap, Wrong, mishaps, some_mishaps, violated};

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

/// What it takes to break a weaker promise: some replicas go on while others do not see it.
const APART: &[Wrong] = &[Wrong::Part, Wrong::Crash];

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
        cases: 6,
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

#[test]
fn acks_1_sometimes_loses_what_it_acknowledged() {
    let lost = some_mishaps(APART, 5_000..9_000, 150)
        .iter()
        .any(|mishaps| {
            let world = world(7, "1", "kip-320", mishaps);
            !violated(&world, &[Check::NoAcknowledgedLoss]).is_empty()
        });
    assert!(lost);
}

#[test]
fn truncating_to_the_high_watermark_sometimes_breaks_what_kip_101_mended() {
    let broken = some_mishaps(APART, 5_000..9_000, 150)
        .iter()
        .any(|mishaps| {
            let world = world(7, "all", "high-watermark", mishaps);
            !violated(&world, &[Check::NoAcknowledgedLoss, Check::LogMatching]).is_empty()
        });
    assert!(broken);
}
