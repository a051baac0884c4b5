//! One node, a durable queue, a publisher with confirms and persistent messages, and a consumer.

use glassmq_sim::scenario::expect::Check;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Mishap, Wrong, mishaps, some_mishaps, violated};

const NODES: [&str; 3] = ["rabbit-1", "shop", "billing"];

const KINDS: &[Wrong] = &[
    Wrong::Crash,
    Wrong::Power,
    Wrong::Cut,
    Wrong::Mute,
    Wrong::Full,
    Wrong::Pause,
    Wrong::Reset,
    Wrong::Slow,
];

/// What no fault may break.
const ALWAYS: &[Check] = &[
    Check::NoAcknowledgedLoss,
    Check::LedgerCloses,
    Check::Progress,
];

fn world(seed: u64, delivery_mode: u32, mishaps: &[Mishap]) -> Value {
    let faults: Vec<Value> = mishaps.iter().flat_map(|it| it.faults(&NODES)).collect();
    json!({
        "title": {"en": "faults"}, "seed": seed, "until": "100s",
        "world": {
            "rabbitmq": {
                "nodes": 1,
                "definitions": {"queues": [{
                    "name": "jobs", "vhost": "/", "durable": true, "auto_delete": false,
                    "arguments": {}
                }]}
            },
            "network": {"latency": "1ms..10ms"}
        },
        "clients": [
            {
                "name": "shop", "is": "rabbitmq.publisher", "routing_key": "jobs", "confirm": true,
                "delivery_mode": delivery_mode,
                "send": {"every": "50ms", "count": 200}
            },
            {
                "name": "billing", "is": "rabbitmq.consumer", "queue": "jobs",
                "prefetch_count": 5, "work": "10ms..80ms"
            }
        ],
        "faults": faults
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::cases(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_durable_persistent_and_confirmed_is_never_lost(
        seed in 0..1_000_000u64,
        mishaps in mishaps(KINDS, 100..12_000),
    ) {
        let violated = violated(&world(seed, 2, &mishaps), ALWAYS);
        prop_assert!(violated.is_empty(), "{violated:?}");
    }
}

#[test]
fn what_is_confirmed_and_transient_is_sometimes_lost() {
    let lost = some_mishaps(KINDS, 100..12_000, 40)
        .iter()
        .any(|mishaps| !violated(&world(7, 1, mishaps), &[Check::NoAcknowledgedLoss]).is_empty());
    assert!(lost);
}
