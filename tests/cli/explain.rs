//! `glassmq explain`: what a word means here, and how far it is modelled.

use super::{file, glassmq};

fn explain(word: &str) -> String {
    let (code, out, err) = glassmq(&["explain", word]);
    assert_eq!((code, err.as_str()), (0, ""), "{word}");
    out
}

#[test]
fn a_word_is_told_with_its_default_and_its_source() {
    assert_eq!(
        explain("acks"),
        "acks: configuration of a Kafka producer\n  \
         How many replicas must have a batch before the leader answers.\n  \
         If not given: all\n  \
         https://kafka.apache.org/40/documentation/#producerconfigs_acks\n"
    );
    for (word, said) in [
        (
            "x-max-length",
            "x-max-length: argument of a RabbitMQ queue\n  How many ready messages",
        ),
        (
            "x-queue-mode",
            "It is accepted and makes no difference here.",
        ),
        (
            "x-expires",
            "Not modelled: a scenario that sets it is refused.",
        ),
        (
            "transactional.id",
            "Not modelled: a scenario that sets it is refused.",
        ),
        (
            "crash",
            "crash: fault\n  A process dies, or its host loses power.",
        ),
        (
            "no-duplicate",
            "no-duplicate: check\n  One send is one record",
        ),
        (
            "seed",
            "seed: key in scenario\n  Decides everything that is left to chance.\n  If not given: 1",
        ),
        (
            "kafka.producer",
            "kafka.producer: is in client\n  Sends to Kafka.",
        ),
        (
            "channel.basic_publish",
            "channel.basic_publish: call in step\n  Publishes a message.",
        ),
    ] {
        let out = explain(word);
        assert!(out.contains(said), "{out}");
    }
}

#[test]
fn an_unknown_word_gets_the_nearest_known_one() {
    let (code, out, err) = glassmq(&["explain", "min.insync.replica"]);
    assert_eq!((code, out.as_str()), (2, ""));
    let said =
        "min.insync.replica: this means nothing here; did you mean \"min.insync.replicas\"?\n";
    assert_eq!(err, said);
}

/// Every word of a kind, from the list that `explain` gives.
fn words(of: &str) -> Vec<String> {
    let (_, out, _) = glassmq(&["--json", "explain"]);
    let all: serde_json::Value = serde_json::from_str(&out).unwrap();
    let all = all.as_array().unwrap().iter();
    let of = all.filter(|it| it["is"] == of);
    of.map(|it| it["word"].as_str().unwrap().to_string())
        .collect()
}

#[test]
fn every_key_that_a_scenario_may_set_is_listed_and_explained() {
    let (code, out, _) = glassmq(&["explain"]);
    assert_eq!(code, 0);
    assert!(out.contains("configuration of a Kafka broker\n"), "{out}");
    assert!(out.contains("  transactional.id (not modelled)\n"), "{out}");
    // The checks and faults of the library, as its files write them.
    let text = std::fs::read_to_string(file("scenarios/kafka/acks-all-keeps-it.json")).unwrap();
    let scenario: serde_json::Value = serde_json::from_str(&text).unwrap();
    for expectation in scenario["expect"].as_array().unwrap() {
        if let Some(check) = expectation["check"].as_str() {
            assert!(words("check").iter().any(|it| it == check), "{check}");
        }
    }
    for fault in ["cut", "hold", "crash", "pause", "skew", "tear_write"] {
        assert!(words("fault").iter().any(|it| it == fault), "{fault}");
    }
}
