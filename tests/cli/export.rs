//! `glassmq export`, and the form of events that it makes public.
//!
//! `tests/golden/events.jsonl` holds one event of each form that small scenarios show: each kind of
//! event, and of those, each frame, fact, fault and timer. It holds the form, not the run: numbers
//! are 0, texts that name a place or a process are empty, of a list only the first item stays.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{file, glassmq};
use crate::scenario::{expect_file, root};

/// What an export prints, each line parsed.
fn export(arguments: &[&str]) -> Vec<Value> {
    let (code, out, err) = glassmq(&[&["export", "--format", "jsonl"], arguments].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    let parse = |line| serde_json::from_str(line).unwrap();
    out.lines().map(parse).collect()
}

/// The kinds of events that no scenario shows: an administrator's command, a file without its head.
const ONLY_IN_TESTS: [&str; 2] = ["commanded", "trimmed"];

#[test]
fn the_form_of_events_is_as_it_always_was() {
    let mut forms: BTreeMap<String, Value> = BTreeMap::new();
    for scenario in [
        "scenarios/rabbitmq/hello.json",
        "scenarios/kafka/test-topic.json",
        "scenarios/kafka/acks-1-loses-an-acknowledged-record.json",
        "tests/cli/every-event.json",
    ] {
        for event in export(&[&file(scenario)]).into_iter().skip(1) {
            forms.entry(form(&event)).or_insert(event);
        }
    }
    let page = std::fs::read_to_string(root("book/src/reference/events.md")).unwrap();
    let (kinds, _) = page.split_once("## Facts").unwrap();
    let rows = kinds
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    for (kind, _) in rows.skip_while(|(key, _)| *key != "booted") {
        let shown = forms.values().any(|event| event["what"] == kind);
        assert_eq!(shown, !ONLY_IN_TESTS.contains(&kind), "{kind}");
    }
    let lines: Vec<String> = forms
        .values()
        .map(|event| format!("{}\n", shape("", event)))
        .collect();
    expect_file(&root("tests/golden/events.jsonl"), &lines.concat());
}

/// Events of one form have the same keys, as far as their kind and what it is about can tell.
fn form(event: &Value) -> String {
    let about = match event["what"].as_str() {
        Some("sent") => "name",
        Some("fact") => "fact",
        Some("faulted") => "fault",
        Some("armed") => "timer",
        _ => "what",
    };
    format!("{} {}", event["what"], tags(&event[about]))
}

/// The words by which serde tells one variant from another.
fn tags(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Object(keys) => match (keys.get("fact"), keys.iter().next()) {
            (Some(word), _) => tags(word),
            (None, Some((word, of))) if keys.len() == 1 => format!("{word} {}", tags(of)),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// Keys whose texts tell of a run.
const OF_THE_RUN: [&str; 9] = [
    "id", "cause", "sent", "node", "link", "from", "to", "peer", "says",
];

fn shape(key: &str, value: &Value) -> Value {
    match value {
        Value::Number(_) => json!(0),
        Value::String(_) if OF_THE_RUN.contains(&key) => json!(""),
        Value::Array(items) => items.iter().take(1).map(|item| shape("", item)).collect(),
        Value::Object(entries) => {
            let entries = entries.iter();
            let shaped = entries.map(|(key, value)| (key.clone(), shape(key, value)));
            Value::Object(shaped.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn an_export_begins_with_all_that_the_run_is_a_function_of() {
    let hello = file("scenarios/rabbitmq/hello.json");
    let header = &export(&[&hello, "--seed", "9"])[0];
    let keys: Vec<&String> = header.as_object().unwrap().keys().collect();
    let wanted = [
        "engine",
        "seed",
        "epoch",
        "names",
        "interventions",
        "scenario",
    ];
    assert_eq!(keys, wanted);
    assert_eq!(header["seed"], 9);
    assert_eq!(header["names"], json!(["rabbit-1", "hello", "printer"]));
    let text = header["scenario"].to_string();
    assert!(glassmq_sim::scenario::read(&text).is_ok(), "{text}");
}

#[test]
fn an_export_may_be_of_a_time_and_of_a_message() {
    let hello = file("scenarios/rabbitmq/hello.json");
    let part = export(&[&hello, "--from", "10ms", "--until", "200ms"]);
    assert!(part.len() > 2);
    for event in &part[1..] {
        let at = event["at"].as_u64().unwrap();
        assert!((10_000..200_000).contains(&at), "{event}");
    }
    let of_message = export(&[&hello, "--message", "hello/0"]);
    assert!(of_message.len() > 4);
    for event in &of_message[1..] {
        assert_eq!(event["messages"], json!(["hello/0"]));
    }
}

#[test]
fn what_cannot_be_exported_is_said() {
    let hello = file("scenarios/rabbitmq/hello.json");
    for (arguments, said) in [
        (&["--from", "soon"][..], "\"soon\""),
        (&["--until", "-1s"], "\"-1s\""),
        (
            &["--from", "2s", "--until", "1s"],
            "--until 1s: this is not after --from 2s",
        ),
        (
            &["--message", "helo/0"],
            "there is no client \"helo\"; did you mean \"hello\"?",
        ),
        (
            &["--message", "hello/0", "--from"],
            "a value is required for '--from <TIME>'",
        ),
    ] {
        let arguments = [&["export", &hello, "--format", "mermaid"], arguments].concat();
        let (code, out, err) = glassmq(&arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
}

#[test]
fn a_diagram_has_an_arrow_for_each_frame_and_a_note_for_each_fact() {
    let hello = file("scenarios/rabbitmq/hello.json");
    let (code, out, err) = glassmq(&["export", &hello, "--format", "mermaid"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("sequenceDiagram"));
    assert_eq!(lines.next(), Some("  participant p0 as rabbit-1"));
    let has = |line: &str| {
        let found = out.lines().any(|each| each == line);
        assert!(found, "{line} is not in\n{out}");
    };
    has("  p1->>p0: basic.publish [hello/0]");
    has("  p0->>p2: basic.deliver [hello/0]");
    assert!(out.contains("  Note over p0: "), "{out}");
    let short = ["export", &hello, "--format", "mermaid", "--limit", "3"];
    let (_, short, _) = glassmq(&short);
    assert_eq!(short.lines().count(), 1 + 3 + 3 + 1);
    assert!(short.ends_with(" more are left out\n"), "{short}");
}
