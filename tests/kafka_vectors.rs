//! Vectors from Apache Kafka's own classes, against the pure modules that broker and controller
//! call.

use glassmq_sim::conform::{
    CaseResult, Outcome, kafka_assignors, kafka_leader_epoch_cache, kafka_murmur2,
    kafka_partition_election,
};
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let path = format!(
        "{}/conformance/kafka/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// How many passed, after the first difference, if any, made the test fail.
fn passed(results: &[CaseResult]) -> usize {
    for result in results {
        if let Outcome::Differs {
            step,
            expected,
            got,
        } = &result.outcome
        {
            panic!(
                "{}: {step}\nexpected {expected}\n     got {got}",
                result.name
            );
        }
    }
    let passed = results.iter().filter(|r| r.outcome == Outcome::Passed);
    passed.count()
}

#[test]
fn range_and_round_robin_assign_as_kafka_does() {
    let results = kafka_assignors::replay(&vectors("assignors"));
    let of = |area: &str| -> Vec<CaseResult> {
        let results = results.iter().filter(|result| result.area == area);
        results.cloned().collect()
    };
    assert_eq!(passed(&of("assignor.range")), 45);
    assert_eq!(passed(&of("assignor.roundrobin")), 45);
}

#[test]
fn an_assignor_that_is_not_modelled_is_named() {
    let results = kafka_assignors::replay(&vectors("assignors"));
    let sticky = results.iter().find(|r| r.area == "assignor.sticky");
    assert_eq!(
        sticky.map(|result| &result.outcome),
        Some(&Outcome::NotModelled("the assignor sticky".to_string()))
    );
}

#[test]
fn partitions_change_as_in_kafka_s_own_random_walks() {
    let results = kafka_partition_election::replay(&vectors("partition_election"));
    assert_eq!(passed(&results), 36);
}

#[test]
fn a_key_goes_to_the_partition_that_every_client_sends_it_to() {
    let results = kafka_murmur2::replay(&vectors("murmur2"));
    assert_eq!(passed(&results), 120);
}

#[test]
fn leader_epochs_start_and_end_where_kafka_s_own_cache_says() {
    let results = kafka_leader_epoch_cache::replay(&vectors("leader_epoch_cache"));
    assert_eq!(passed(&results), 36);
}
