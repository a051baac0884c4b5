//! The fidelity ledger: which rules of the real brokers are modelled, and what shows it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::reference::{cell, expect_page};
use crate::scenario::{SCENARIOS, root, short_name};

fn rows() -> Vec<Value> {
    let text = fs::read_to_string(root("book/src/reference/fidelity.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

fn evidence(row: &Value) -> Vec<&str> {
    let by = row["by"].as_array().unwrap().iter();
    by.map(|it| it.as_str().unwrap()).collect()
}

/// The areas of the recordings of a real RabbitMQ.
fn areas() -> BTreeSet<String> {
    let cases = fs::read_dir(root("tests/conformance/rabbitmq")).unwrap();
    let areas = cases.map(|case| {
        let case = fs::read_to_string(case.unwrap().path()).unwrap();
        let case: Value = serde_json::from_str(&case).unwrap();
        text(&case, "area").to_string()
    });
    areas.collect()
}

#[test]
fn every_row_of_the_ledger_names_evidence_that_exists() {
    let areas = areas();
    let library: Vec<String> = SCENARIOS.iter().map(|(path, _)| short_name(path)).collect();
    for row in rows() {
        let rule = text(&row, "rule");
        assert!(["RabbitMQ", "Kafka"].contains(&text(&row, "of")), "{rule}");
        assert!(
            !text(&row, "source").is_empty(),
            "{rule}: whose rule is it?"
        );
        let (status, evidence) = (text(&row, "status"), evidence(&row));
        let (shown, explained) = match status {
            "modelled" => (true, false),
            "simplified" => (true, true),
            "absent" => (false, true),
            other => panic!("{rule}: no status: {other}"),
        };
        assert_eq!(!evidence.is_empty(), shown, "{rule} is {status}");
        assert!(
            !explained || !text(&row, "note").is_empty(),
            "{rule}: what differs?"
        );
        for it in evidence {
            let (kind, name) = it.split_once(": ").unwrap();
            let exists = match kind {
                "recordings" => areas.contains(name),
                "vectors" => root("tests/conformance/kafka")
                    .join(format!("{name}.json"))
                    .exists(),
                "scenario" => library.contains(&name.to_string()),
                "test" => is_test(name),
                other => panic!("{rule}: no kind of evidence: {other}"),
            };
            assert!(exists, "{rule}: there is no {it}");
        }
    }
}

/// Whether a file has a test of that name.
fn is_test(place: &str) -> bool {
    let (file, test) = place.split_once(' ').unwrap();
    let source = fs::read_to_string(root(file)).unwrap_or_default();
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let begins = format!("fn {test}(");
    lines
        .windows(2)
        .any(|two| two[0] == "#[test]" && two[1].starts_with(&begins))
}

#[test]
fn the_page_of_fidelity_is_its_ledger() {
    let mut page = "# Fidelity\n\nEach rule of the real brokers that is here, or is left out, with \
        where the rule stands and what shows that it is kept. *Recordings* are of a real RabbitMQ, \
        *vectors* are of Apache Kafka's own classes: `glassmq conform` replays both. *Simplified* says \
        what differs. What is *absent* is refused by name where a scenario or a client asks for it, \
        or is told here.\n"
        .to_string();
    for family in ["RabbitMQ", "Kafka"] {
        write!(page, "\n## {family}\n\n").unwrap();
        page.push_str("| rule | source | status | shown by |\n|---|---|---|---|\n");
        for row in rows() {
            if text(&row, "of") != family {
                continue;
            }
            let mut shown: Vec<String> = evidence(&row).into_iter().map(told).collect();
            shown.extend(row["note"].as_str().map(str::to_string));
            let [rule, source] = ["rule", "source"].map(|key| cell(text(&row, key)));
            let (status, shown) = (text(&row, "status"), cell(&shown.join("; ")));
            writeln!(page, "| {rule} | {source} | {status} | {shown} |").unwrap();
        }
    }
    expect_page("fidelity.md", &page);
}

/// Evidence as a reader finds it.
fn told(evidence: &str) -> String {
    match evidence.split_once(": ").unwrap() {
        ("test", name) => format!("`{}`", name.split_once(' ').unwrap().1),
        (kind, name) => format!("{kind} `{name}`"),
    }
}
