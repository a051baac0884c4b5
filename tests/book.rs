//! What the book says holds: every quoted listing and story, every number, and the reference
//! pages, which are written from the sources themselves.

mod reference;

use std::fs;

use glassmq_sim::cast::View;
use serde_json::Value;

use crate::scenario::{SCENARIOS, root, short_name};
use crate::scenarios::Run;

/// The chapters: name and text.
fn chapters() -> Vec<(String, String)> {
    let summary = fs::read_to_string(root("book/src/SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1);
    let names = links.filter_map(|rest| rest.split(')').next());
    names
        .map(|name| {
            let text = fs::read_to_string(root("book/src").join(name));
            let text = text.unwrap_or_else(|why| panic!("{name}: {why}"));
            (name.to_string(), text)
        })
        .collect()
}

/// The fenced blocks behind `<!-- kind: words -->`: the words, and the lines.
fn quotes<'a>(text: &'a str, kind: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let opening = format!("<!-- {kind}: ");
    text.split(&*opening)
        .skip(1)
        .map(|rest| {
            let (words, rest) = rest.split_once(" -->\n```").expect("a block follows");
            let (block, _) = rest.split_once("\n```").expect("the block ends");
            (words, block.lines().skip(1).collect())
        })
        .collect()
}

#[test]
fn every_quoted_story_is_told_in_that_order() {
    let mut quoted = 0;
    for (chapter, text) in chapters() {
        for (scenario, lines) in quotes(&text, "story") {
            quoted += 1;
            let run = Run::of(scenario);
            let mut story = run.sentences().map(|(_, sentence)| sentence);
            for line in lines {
                assert!(
                    story.any(|it| it == line),
                    "{chapter}: {scenario} does not tell, from there on: {line}"
                );
            }
        }
    }
    assert!(quoted >= 9, "only {quoted} stories were found");
}

#[test]
fn every_quoted_listing_is_that_of_its_scenario() {
    let mut quoted = 0;
    for (chapter, text) in chapters() {
        for (words, lines) in quotes(&text, "listing") {
            quoted += 1;
            let (scenario, file) = words.split_once(' ').unwrap();
            let mut library = SCENARIOS.iter();
            let (_, source) = library.find(|it| short_name(&it.0) == scenario).unwrap();
            let source: Value = serde_json::from_str(source).unwrap();
            let mut clients = source["clients"].as_array().unwrap().iter();
            let client = clients.find(|client| client["file"] == file).unwrap();
            assert_eq!(client["listing"], Value::from(lines), "{chapter}: {words}");
        }
    }
    assert!(quoted >= 4, "only {quoted} listings were found");
}

#[test]
fn every_figure_is_a_scenario_of_the_library() {
    let library: Vec<String> = SCENARIOS.iter().map(|(path, _)| short_name(path)).collect();
    for (chapter, text) in chapters() {
        for figure in text.split("<glass-player scenario=\"").skip(1) {
            let name = figure.split('"').next().unwrap().to_string();
            assert!(library.contains(&name), "{chapter}: there is no {name}");
        }
    }
}

#[test]
fn the_sender_of_hello_is_never_connected_to_the_receiver_nor_answered() {
    let run = Run::of("rabbitmq/hello");
    let ended = run.first("hello ended").at;
    assert!(ended < run.first("printer started").at);
    let links = run
        .sentences()
        .filter(|(_, it)| it.contains(" connects to "));
    for (_, sentence) in links {
        assert!(sentence.ends_with(" connects to rabbit-1"), "{sentence}");
    }
    assert_eq!(run.count("basic.ack from rabbit-1"), 0);
    // The call returned before the broker had the frame.
    let sent = run.first("hello line 11").at;
    assert!(sent < run.first("rabbit-1 routed to hello [hello/0]").at);
    // It was delivered in the step that took up the consumer, and once.
    let consumer = run.first("rabbit-1 consumer started amq.ctag-NCwQgMFY on hello");
    let delivered =
        run.first("rabbit-1 delivered from hello to amq.ctag-NCwQgMFY, tag 1 [hello/0]");
    let step = |id: &str| id.split('.').next().map(str::to_string);
    assert_eq!(step(&consumer.id), step(&delivered.id));
    assert_eq!(run.count("rabbit-1 delivered"), 1);
    assert_eq!(run.count("printer ended"), 0);
}

#[test]
fn the_group_of_test_topic_waits_three_seconds_and_the_record_stays() {
    let run = Run::of("kafka/test-topic");
    let waited = run.first("kafka-1 printer: generation 1, 1 members").at
        - run
            .first("kafka-1 printer: rebalancing after generation 0: member joined")
            .at;
    assert_eq!(waited / 100_000, 30);
    let logs = run.replicas("kafka-1");
    let log = logs
        .iter()
        .find(|it| it.partition.to_string() == "test_topic-0");
    let log = log.unwrap();
    assert_eq!((log.log_start, log.log_end, log.leader_epoch), (0, 1, 0));
    let controllers = run
        .sentences()
        .filter(|(_, it)| it.starts_with("controller-") && it.ends_with(" started"));
    assert_eq!(controllers.count(), 1, "it has the only vote");
}

#[test]
fn acks_1_loses_one_of_fifty_and_acks_all_none() {
    let everywhere = ["kafka-1", "kafka-2", "kafka-3"];
    let lost = Run::of("kafka/acks-1-loses-an-acknowledged-record");
    let kept = Run::of("kafka/acks-all-keeps-it");
    for n in 0..50 {
        let record = format!("shop/{n}");
        let expected: &[&str] = if n == 29 { &[] } else { &everywhere };
        assert_eq!(lost.holders(&record), expected, "{record}");
        assert_eq!(kept.holders(&record), everywhere, "{record}");
    }
    assert_eq!(lost.count("shop sent to orders [shop/"), 50);
    let sent = |n: u64| lost.first(&format!("shop sent to orders [shop/{n}]")).at;
    assert_eq!(sent(29) - sent(28), 100_000);
    let struck = |run: &Run, fault: &str| run.first(fault).at;
    let cut = struck(
        &lost,
        "fault: nothing passes from kafka-2 to kafka-1, kafka-3",
    );
    let crashed = struck(&lost, "fault: kafka-2 crashed");
    assert_eq!(crashed - cut, 100_000);
    let down = struck(&lost, "fault: kafka-2 restarted") - crashed;
    assert_eq!(down, 10_000_000);
    // What carried it to the followers stalled, and was lost.
    let frames = lost.sentences().filter(|(event, it)| {
        it.starts_with("FetchResponse of kafka-2 is lost")
            && event.messages.contains(&"shop/29".to_string())
    });
    assert_eq!(frames.count(), 2);
    // With acks=all there was no answer before the crash.
    let acknowledged = kept.first("shop 1 record to orders-0 acknowledged at offset 29 [shop/29]");
    assert!(acknowledged.at > struck(&kept, "fault: kafka-2 crashed"));
    assert_eq!(kept.count("broker 2 fenced"), 1);
}

#[test]
fn the_queue_of_hello_is_not_durable() {
    let View::RabbitmqNode(node) = Run::of("rabbitmq/hello").view("rabbit-1") else {
        panic!("rabbit-1 is a node of RabbitMQ");
    };
    assert!(!node.queues[0].durable);
}
