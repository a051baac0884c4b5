//! What applications see of producers and consumers.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::kafka::client::{App, Workload};
use crate::kafka::cluster::{Cluster, node, orders};
use crate::kafka::config::Configured;
use crate::kafka::config::consumer::ConsumerConfig;
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::consumer::Reads;
use crate::kafka::producer::ToSend;
use crate::kafka::program::{Call, PYTHON_PRODUCER, Step};
use crate::kafka::reader::{Commit, Work};
use crate::names::NodeId;
use crate::time::Span;

fn producer(config: &[(&str, &str)], workload: Option<Workload>) -> App {
    let config = ProducerConfig::parse(config.iter().copied()).unwrap();
    App::Producer {
        config: Rc::new(config),
        workload,
    }
}

fn workload(count: u32, every: Span, keys: &[&str]) -> Option<Workload> {
    Some(Workload {
        topic: "orders".into(),
        every,
        count: Some(count),
        keys: keys.iter().map(|key| key.as_bytes().into()).collect(),
        value_bytes: 0,
    })
}

/// Reads `orders-0` on its own.
fn consumer(config: &[(&str, &str)]) -> App {
    let config = ConsumerConfig::parse(config.iter().copied()).unwrap();
    App::Consumer {
        config: Rc::new(config),
        group: None,
        reads: Reads::Assigned(vec![orders()]),
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
fn a_consumer_gets_every_record_in_order() {
    let apps = vec![
        producer(&[], workload(20, Span::ms(3), &["a"])),
        consumer(&[("auto.offset.reset", "earliest")]),
    ];
    let mut cluster = Cluster::new(&[], apps);
    cluster.create("orders", 1);
    cluster.run(2000);
    let expected: Vec<String> = (0..20)
        .map(|n| alloc::format!("got orders-0 offset {n}"))
        .collect();
    assert_eq!(told_by(&cluster, 4, "got"), expected);
}

#[test]
fn records_of_one_key_share_a_partition_and_others_stick_to_one() {
    let apps = vec![producer(&[], workload(30, Span::ms(20), &["a", "b", "c"]))];
    let mut cluster = Cluster::new(&[], apps);
    cluster.create("orders", 3);
    cluster.run(3000);
    let buffered = told_by(&cluster, 3, "buffered for");
    assert_eq!(buffered.len(), 30);
    for (n, told) in buffered.iter().enumerate() {
        assert_eq!(*told, buffered[n % 3], "the same key, the same partition");
    }

    let apps = vec![producer(&[], workload(30, Span::ms(20), &[]))];
    let mut cluster = Cluster::new(&[], apps);
    cluster.create("orders", 3);
    cluster.run(3000);
    let buffered = told_by(&cluster, 3, "buffered for");
    assert!(buffered.iter().all(|told| *told == buffered[0]));
}

#[test]
fn records_that_come_within_linger_ms_travel_together() {
    for (linger, requests) in [("0", 6), ("200", 1)] {
        let apps = vec![producer(
            &[("linger.ms", linger)],
            workload(5, Span::ms(30), &["a"]),
        )];
        let mut cluster = Cluster::new(&[], apps);
        cluster.create("orders", 1);
        cluster.send("first");
        cluster.run(1000);
        let sent = told_by(&cluster, 3, "produced");
        assert_eq!(sent.len(), requests, "linger.ms={linger}: {sent:?}");
    }
}

#[test]
fn one_request_in_flight_keeps_the_order() {
    let settings = [
        ("max.in.flight.requests.per.connection", "1"),
        ("batch.size", "1"),
    ];
    let mut cluster = Cluster::new(&[], vec![producer(&settings, None)]);
    cluster.create("orders", 1);
    cluster.send("first");
    cluster.run(1000);
    for value in ["a", "b", "c"] {
        cluster.send(value);
        cluster.run(1);
    }
    cluster.run(1000);
    let told = told_by(&cluster, 3, "");
    let told = told.iter().filter_map(|told| {
        let (sent, done) = (told.contains("produced"), told.contains("acknowledged"));
        (sent || done).then_some(done)
    });
    let told: Vec<bool> = told.collect();
    let in_turn = told.chunks(2).all(|pair| pair == [false, true]);
    assert!(told.len() >= 6 && in_turn, "{told:?}");
}

#[test]
fn a_consumer_reads_only_what_is_below_the_high_watermark() {
    let apps = vec![
        producer(&[("acks", "1")], None),
        consumer(&[("auto.offset.reset", "earliest")]),
    ];
    let mut cluster = Cluster::new(&[], apps);
    cluster.create("orders", 1);
    cluster.run(100);
    cluster.pump.cut(node(1), node(2));
    cluster.send("a");
    cluster.run(1000);
    assert_eq!(told_by(&cluster, 3, "acknowledged").len(), 1);
    assert!(told_by(&cluster, 4, "got").is_empty());
    cluster.pump.heal();
    cluster.run(2000);
    assert_eq!(told_by(&cluster, 4, "got"), ["got orders-0 offset 0"]);
}

#[test]
fn a_consumer_without_a_position_starts_where_auto_offset_reset_says() {
    for (reset, told) in [
        ("earliest", "position of orders-0 reset to 0"),
        ("latest", "position of orders-0 reset to 1"),
        ("none", "raised NoOffsetForPartitionException"),
    ] {
        let apps = vec![
            producer(&[], None),
            consumer(&[("auto.offset.reset", reset)]),
        ];
        let mut cluster = Cluster::new(&[], apps);
        cluster.pump.cut(NodeId(4), node(1));
        cluster.pump.cut(NodeId(4), node(2));
        cluster.pump.cut(NodeId(4), node(3));
        cluster.create("orders", 1);
        cluster.run(100);
        cluster.send("before");
        cluster.run(1000);
        cluster.pump.heal();
        cluster.run(1000);
        assert_eq!(
            told_by(&cluster, 4, "reset to")
                .first()
                .or(told_by(&cluster, 4, "raised").first())
                .map(String::as_str),
            Some(told)
        );
    }
}

/// KIP-320: the consumer learns that records it got are no more. (K14)
#[test]
fn a_position_on_truncated_records_goes_back_to_where_the_logs_part() {
    let apps = vec![
        producer(&[("acks", "1")], None),
        consumer(&[("auto.offset.reset", "earliest")]),
    ];
    let mut cluster = Cluster::new(&[], apps);
    cluster.create("orders", 1);
    cluster.run(100);
    cluster.send("kept");
    cluster.run(1000);
    cluster.elect(1, &[1]);
    cluster.deaf = true;
    cluster.crash(2);
    cluster.crash(3);
    for value in ["a", "b", "c"] {
        cluster.send(value);
        cluster.run(100);
    }
    assert_eq!(told_by(&cluster, 4, "got").len(), 4);
    cluster.crash(1);
    cluster.restart(2);
    cluster.elect(2, &[2]);
    cluster.run(2000);
    cluster.send("n");
    cluster.run(3000);
    let resets = told_by(&cluster, 4, "reset to");
    assert_eq!(
        resets.last().map(String::as_str),
        Some("position of orders-0 reset to 1"),
        "where the logs part, not where auto.offset.reset says"
    );
    assert_eq!(
        told_by(&cluster, 4, "got").last().unwrap(),
        "got orders-0 offset 1"
    );
}

#[test]
fn a_batch_that_is_not_delivered_in_time_fails_or_stays_open() {
    // Never sent: nobody has it. Sent without an answer: somebody may.
    for (cut_early, told) in [
        (true, "1 record failed: REQUEST_TIMED_OUT"),
        (
            false,
            "1 record failed: REQUEST_TIMED_OUT; a broker may have written them",
        ),
    ] {
        let config = [
            ("request.timeout.ms", "1000"),
            ("delivery.timeout.ms", "2000"),
            ("max.block.ms", "2000"),
        ];
        let mut cluster = Cluster::new(&[], vec![producer(&config, None)]);
        cluster.create("orders", 1);
        cluster.run(100);
        if !cut_early {
            cluster.send("first");
            cluster.run(100);
        }
        for broker in 1..=3 {
            cluster.pump.cut(NodeId(3), node(broker));
        }
        cluster.send("a");
        cluster.run(10_000);
        assert_eq!(told_by(&cluster, 3, "failed"), [told]);
    }
}

#[test]
fn without_idempotence_a_retry_may_write_twice() {
    let config = [("request.timeout.ms", "1000")];
    let mut cluster = Cluster::new(&[], vec![producer(&config, None)]);
    cluster.create("orders", 1);
    cluster.run(100);
    cluster.send("first");
    cluster.run(100);
    // The request arrives, its answer does not.
    cluster.pump.cut_one_way(node(1), NodeId(3));
    cluster.send("a");
    cluster.run(1500);
    cluster.pump.heal();
    cluster.run(3000);
    assert_eq!(cluster.values(1), ["first", "a", "a"]);
    assert_eq!(told_by(&cluster, 3, "acknowledged").len(), 2);
}

#[test]
fn the_first_program_runs_line_by_line() {
    let config = ProducerConfig::parse(PYTHON_PRODUCER.iter().copied()).unwrap();
    let send = ToSend {
        topic: "orders".into(),
        partition: None,
        key: None,
        value: Some(b"Hello".as_slice().into()),
    };
    let call = |line, call| Step { line, call };
    let steps = [
        call(3, Call::KafkaProducer(Rc::new(config))),
        call(4, Call::Send(send)),
        call(
            5,
            Call::Get {
                timeout: Some(Span::secs(10)),
            },
        ),
        call(6, Call::PrintRecord),
        call(7, Call::CloseProducer),
    ];
    let program = App::Program {
        steps: steps.into(),
    };
    let mut cluster = Cluster::new(&[], vec![program]);
    cluster.create("orders", 1);
    cluster.run(3000);
    let lines: Vec<&str> = vec!["line 3", "line 4", "line 5", "line 6", "line 7"];
    assert_eq!(told_by(&cluster, 3, "line"), lines);
    assert_eq!(told_by(&cluster, 3, "printed"), ["printed 0 0"]);
    assert_eq!(cluster.values(1), ["Hello"]);
    assert!(!cluster.pump.is_up(NodeId(3)), "the process has ended");
}

#[test]
fn a_program_that_does_not_flush_loses_what_it_sent() {
    let config = ProducerConfig::parse(PYTHON_PRODUCER.iter().copied()).unwrap();
    let send = ToSend {
        topic: "orders".into(),
        partition: None,
        key: None,
        value: Some(b"Hello".as_slice().into()),
    };
    let steps = [
        Step {
            line: 1,
            call: Call::KafkaProducer(Rc::new(config)),
        },
        Step {
            line: 2,
            call: Call::Send(send),
        },
    ];
    let program = App::Program {
        steps: steps.into(),
    };
    let mut cluster = Cluster::new(&[], vec![program]);
    cluster.create("orders", 1);
    cluster.run(3000);
    assert_eq!(
        told_by(&cluster, 3, "failed"),
        ["1 record failed: REQUEST_TIMED_OUT".to_string()]
    );
    assert!(cluster.values(1).is_empty());
}
