//! `glassmq why`: what led to something, in a few lines.

use super::{file, glassmq};
use crate::scenario::{expect_file, root};

/// What `why` prints of a file.
fn why(arguments: &[&str]) -> String {
    let (code, out, err) = glassmq(&[&["why"], arguments].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    out
}

fn acks_1() -> String {
    file("scenarios/kafka/acks-1-loses-an-acknowledged-record.json")
}

#[test]
fn a_lost_record_is_told_from_produce_to_truncation() {
    let out = why(&[&acks_1()]);
    assert!(out.lines().count() <= 1 + 8, "{out}");
    let parts = [
        "produced it",
        "appended it, as leader",
        "no follower has it yet [acks=1]",
        "crashed",
        "chose another leader [clean: from the ISR]",
        "cut it off its log [leader epochs: KIP-101",
    ];
    let mut rest = out.as_str();
    for part in parts {
        let (_, after) = rest
            .split_once(part)
            .unwrap_or_else(|| panic!("no {part:?} in its place:\n{out}"));
        rest = after;
    }
    expect_file(&root("tests/golden/why-acks-1.txt"), &out);
}

#[test]
fn a_lost_message_is_told_from_its_send_to_the_restart() {
    let out = why(&[&file("tests/cli/lost-at-restart.json")]);
    expect_file(&root("tests/golden/why-lost-at-restart.txt"), &out);
}

#[test]
fn a_message_that_is_delivered_again_has_its_story() {
    let starter = file("sim/src/cli/new/rabbitmq.json");
    let out = why(&[&starter, "--message", "shop/2"]);
    expect_file(&root("tests/golden/why-redelivered.txt"), &out);
}

#[test]
fn programs_and_diagrams_get_the_same_events() {
    let text = why(&[&acks_1()]);
    let ids: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    let json: serde_json::Value = serde_json::from_str(&why(&["--json", &acks_1()])).unwrap();
    let because = json["because"].as_array().unwrap();
    let events: Vec<&str> = because
        .iter()
        .filter_map(|it| it["event"].as_str())
        .collect();
    assert_eq!(events, ids);
    assert_eq!(because[2]["role"], "acknowledged");
    assert_eq!(because[2]["rule"], "acks=1");
    assert_eq!(because[2]["node"], "shop");
    let diagram = why(&["--mermaid", &acks_1()]);
    assert!(diagram.starts_with("sequenceDiagram\n  participant p0 as controller-3\n"));
    assert_eq!(diagram.matches("  Note over p").count(), ids.len());
}

#[test]
fn an_event_that_plays_no_part_is_still_shown_with_what_led_to_it() {
    let starter = file("sim/src/cli/new/rabbitmq.json");
    let out = why(&[&starter, "--event", "127.1"]);
    let said: Vec<&str> = out.lines().map(str::trim).collect();
    assert_eq!(said[0], "127.1");
    assert!(said[1].ends_with("54.0  worker crashed"), "{out}");
    assert!(said[2].ends_with("127.1  worker started"), "{out}");
    // A frame is no fact: it is shown as the story tells it.
    let frame = why(&[&starter, "--event", "47.0"]);
    let last = frame.lines().last().unwrap();
    assert!(
        last.ends_with("rabbit-1 received basic.publish from shop: shop/2"),
        "{frame}"
    );
}

#[test]
fn what_is_not_in_the_run_is_said() {
    let hello = file("scenarios/rabbitmq/hello.json");
    for (arguments, said) in [
        (
            &[][..],
            "every check holds, so it is not clear what to explain; name a message",
        ),
        (
            &["--message", "hello/7"],
            "--message hello/7: the last message that hello sent is 0; take one from hello/0 to hello/0",
        ),
        (
            &["--message", "helo/0"],
            "\"helo\" sent nothing; did you mean \"hello\"?",
        ),
        (
            &["--message", "hello"],
            "\"hello\" is not a message; write the client's name",
        ),
        (&["--event", "999999.0"], "and no event 999999.0; take one"),
        (
            &["--event", "last"],
            "an event is a step, a dot and its number there, such as 903.2",
        ),
        (
            &["--event", "3.0", "--message", "hello/0"],
            "cannot be used with",
        ),
    ] {
        let (code, out, err) = glassmq(&[&["why", &hello], arguments].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
}
