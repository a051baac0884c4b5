//! `glassmq graph`: who speaks to whom through what.

use super::{file, glassmq};
use crate::scenario::{expect_file, root};

fn graph(arguments: &[&str]) -> String {
    let (code, out, err) = glassmq(&[&["graph"], arguments].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    out
}

#[test]
fn rabbitmq_is_drawn_with_its_exchanges_bindings_and_queues() {
    let out = graph(&[&file("tests/cli/exchanges.json")]);
    assert!(out.contains("[label=\"order.*, refund.#\"]"), "{out}");
    expect_file(&root("tests/golden/graph-exchanges.dot"), &out);
    let out = graph(&[
        &file("scenarios/rabbitmq/hello.json"),
        "--format",
        "mermaid",
    ]);
    expect_file(&root("tests/golden/graph-hello.mmd"), &out);
}

#[test]
fn kafka_is_drawn_with_its_brokers_partitions_and_groups() {
    let acks = file("scenarios/kafka/acks-all-keeps-it.json");
    let out = graph(&[&acks, "--format", "mermaid"]);
    expect_file(&root("tests/golden/graph-acks-all.mmd"), &out);
}

#[test]
fn every_tie_of_a_graph_is_between_its_things() {
    let out = graph(&["--json", &file("tests/cli/exchanges.json")]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    let things = told["things"].as_array().unwrap();
    let named = |end: &serde_json::Value| {
        let is = |it: &serde_json::Value| it["is"] == end["is"] && it["name"] == end["name"];
        things.iter().any(is)
    };
    let ties = told["ties"].as_array().unwrap();
    assert_eq!(ties.len(), 5);
    assert!(
        ties.iter()
            .all(|tie| named(&tie["from"]) && named(&tie["to"]))
    );
    let events = things.iter().find(|it| it["name"] == "events").unwrap();
    assert_eq!(events["type"], "topic");
}
