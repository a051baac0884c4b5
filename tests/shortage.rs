//! What a broker does when its disk or its memory runs short.

use glassmq_sim::scenario::expect::Check;
use serde_json::{Value, json};

use crate::faults::violated;
use crate::scenarios::Run;

/// A publisher with confirms, a consumer, and a queue that a fault leaves short of something.
fn rabbitmq(config: &Value, fault: &Value) -> Value {
    json!({
        "title": {"en": "shortage"}, "until": "10s",
        "world": {
            "rabbitmq": {
                "config": config,
                "definitions": {"queues": [
                    {"name": "jobs", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}}
                ]}
            },
            "network": {"latency": "1ms..3ms"}
        },
        "clients": [
            {
                "name": "shop", "is": "rabbitmq.publisher", "routing_key": "jobs", "confirm": true,
                "delivery_mode": 2, "send": {"every": "10ms", "count": 200, "size": "100B"}
            },
            {
                "name": "billing", "is": "rabbitmq.consumer", "queue": "jobs",
                "prefetch_count": 5, "work": "20ms"
            }
        ],
        "faults": [fault]
    })
}

/// When each event happened whose sentence has this in it, in milliseconds.
fn times(run: &Run, part: &str) -> Vec<u64> {
    let told = run.sentences().filter(|(_, it)| it.contains(part));
    told.map(|(event, _)| event.at / 1000).collect()
}

#[test]
fn an_alarm_blocks_who_publishes_and_consumers_go_on() {
    for (fault, reason) in [
        (
            json!({"at": "1s", "disk_free": "rabbit-1", "bytes": "40MB", "for": "3s"}),
            "disk",
        ),
        (
            json!({"at": "1s", "memory": "rabbit-1", "used": "500MB"}),
            "memory",
        ),
    ] {
        let run = Run::of_text(&rabbitmq(&json!({}), &fault).to_string());
        run.first(&format!(
            "rabbit-1 set its {reason} alarm: who publishes is blocked"
        ));
        assert_eq!(
            run.count(&format!("blocked shop's connection: low on {reason}")),
            1
        );
        let enqueued = times(&run, " in jobs (persistent)");
        let settled = times(&run, "it was acknowledged");
        assert!(
            enqueued.iter().all(|at| *at < 1_100 || *at >= 4_000),
            "{reason}"
        );
        assert!(settled.iter().any(|at| *at > 1_200), "{reason}");
        let blocked_for_good = reason == "memory";
        assert_eq!(settled.len() == 200, !blocked_for_good, "{reason}");
        assert_eq!(run.count("cleared its"), usize::from(!blocked_for_good));
    }
}

#[test]
fn a_higher_limit_of_rabbitmq_conf_sounds_the_alarm_earlier() {
    let config = json!({"disk_free_limit.absolute": "2GB"});
    let fault = json!({"at": "1s", "disk_free": "rabbit-1", "bytes": "1GB"});
    let alarms =
        |config| Run::of_text(&rabbitmq(&config, &fault).to_string()).count("set its disk alarm");
    assert_eq!(alarms(config), 1);
    assert_eq!(alarms(json!({})), 0);
}

#[test]
fn a_node_that_cannot_write_ends_and_nothing_confirmed_is_lost() {
    let fault = json!({"at": "1s", "disk_free": "rabbit-1", "bytes": "64B", "for": "3s"});
    let world = rabbitmq(&json!({}), &fault);
    assert_eq!(Run::of_text(&world.to_string()).count("rabbit-1 ended"), 1);
    let checks = [Check::NoAcknowledgedLoss, Check::LedgerCloses];
    assert_eq!(violated(&world, &checks), []);
}

#[test]
fn a_kafka_broker_without_room_acknowledges_nothing_more_and_shuts_down() {
    for acks in ["1", "all"] {
        let world = json!({
            "title": {"en": "shortage"}, "until": "20s",
            "world": {"kafka": {
                "brokers": 1,
                "config": {"offsets.topic.replication.factor": "1"},
                "topics": [{"name": "orders"}]
            }},
            "clients": [{
                "name": "shop", "is": "kafka.producer", "start": "2s", "topic": "orders",
                "config": {"acks": acks}, "send": {"every": "100ms", "count": 50}
            }],
            "faults": [
                {"at": "4s", "disk_free": "kafka-1", "bytes": "1KiB", "for": "6s"},
                {"at": "11s", "restart": "kafka-1"}
            ]
        });
        let run = Run::of_text(&world.to_string());
        assert_eq!(run.count("kafka-1 ended"), 1, "acks={acks}");
        assert_eq!(
            violated(&world, &[Check::NoAcknowledgedLoss, Check::LedgerCloses]),
            []
        );
    }
}
