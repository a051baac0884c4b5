//! What the book says holds: every quoted listing and story, every number, and the reference
//! pages, which are written from the sources themselves.

mod checks;
mod fidelity;
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
        let figures = text.matches("<glass-player").count();
        let named = text.matches("<glass-player scenario=\"").count();
        assert_eq!(figures, named, "{chapter}: a figure shows a scenario");
    }
}

#[test]
fn the_sender_of_hello_is_never_connected_to_the_receiver_nor_answered() {
    let run = Run::of("rabbitmq/hello");
    let ended = run.first("hello ended").at;
    assert!(ended < run.first("printer started").at);
    let links = run
        .sentences()
        .filter(|(_, it)| it.ends_with(" for a connection"));
    for (_, sentence) in links {
        assert!(
            sentence.ends_with(" asked rabbit-1 for a connection"),
            "{sentence}"
        );
    }
    assert_eq!(run.count("received basic.ack from rabbit-1"), 0);
    // The call returned before the broker had the frame.
    let sent = run.first("hello came to line 11").at;
    assert!(
        sent < run
            .first("The default exchange routed hello/0 to hello, key hello")
            .at
    );
    // It was delivered in the step that took up the consumer, and once.
    let consumer =
        run.first("printer started to consume from hello, consumer tag amq.ctag-NCwQgMFY");
    let delivered =
        run.first("Queue hello delivered hello/0 to printer (amq.ctag-NCwQgMFY), delivery tag 1");
    let step = |id: &str| id.split('.').next().map(str::to_string);
    assert_eq!(step(&consumer.id), step(&delivered.id));
    assert_eq!(run.count("Queue hello delivered"), 1);
    assert_eq!(run.count("printer ended"), 0);
}

#[test]
fn the_group_of_test_topic_waits_three_seconds_and_the_record_stays() {
    let run = Run::of("kafka/test-topic");
    let waited = run
        .first("kafka-1 began generation 1 of group printer with 1 member")
        .at
        - run
            .first("kafka-1 ended generation 0 of group printer to rebalance: a member joined")
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
    assert_eq!(lost.count(" to topic orders"), 50);
    let sent = |n: u64| {
        lost.first(&format!("shop sent shop/{n} to topic orders"))
            .at
    };
    assert_eq!(sent(29) - sent(28), 100_000);
    let struck = |run: &Run, fault: &str| run.first(fault).at;
    let cut = struck(
        &lost,
        "The network was cut from kafka-2 to kafka-1 and kafka-3",
    );
    let crashed = struck(&lost, "kafka-2 crashed");
    assert_eq!(crashed - cut, 100_000);
    let down = struck(&lost, "kafka-2 was started again") - crashed;
    assert_eq!(down, 10_000_000);
    // What carried it to the followers stalled, and was lost.
    let frames = lost.sentences().filter(|(event, it)| {
        it.starts_with("kafka-2 lost FetchResponse to ")
            && event.messages.contains(&"shop/29".to_string())
    });
    assert_eq!(frames.count(), 2);
    // With acks=all there was no answer before the crash.
    let acknowledged = kept.first("shop had shop/29 acknowledged: offset 29 of orders-0");
    assert!(acknowledged.at > struck(&kept, "kafka-2 crashed"));
    assert_eq!(kept.count(" fenced kafka-2"), 1);
}

#[test]
fn a_producer_goes_on_while_its_consumer_is_down() {
    let run = Run::of("rabbitmq/a-producer-goes-on-while-the-consumer-is-down");
    let crashed = run.first("mailer crashed").at;
    let back = run.first("mailer started again, life 2").at;
    assert_eq!(back - crashed, 2_000_000);
    let of = |n: u32, says: &str| run.first(&says.replace("{}", &format!("shop/{n}"))).at;
    let confirmed = |n| of(n, "shop learnt that {} was confirmed");
    let waiting: Vec<u32> = (0..8)
        .filter(|n| (crashed..back).contains(&confirmed(*n)))
        .collect();
    assert_eq!(waiting, [3, 4, 5, 6, 7]);
    let received: Vec<u64> = (0..8).map(|n| of(n, "mailer received {}")).collect();
    assert!(received.is_sorted(), "{received:?}");
    assert!(received[3] > back);
    assert_eq!(run.count("mailer received shop/"), 8);
    let mut asked = run
        .sentences()
        .filter(|(_, it)| it.ends_with(" for a connection"));
    assert!(asked.all(|(_, it)| it.ends_with(" asked rabbit-1 for a connection")));
}

#[test]
fn a_producer_does_not_wait_for_a_slow_consumer() {
    let run = Run::of("rabbitmq/a-producer-does-not-wait-for-a-slow-consumer");
    let confirmed = run.first("shop learnt that shop/4 was confirmed").at;
    let first = run.first("mailer finished its work on shop/0").at;
    assert!(confirmed < first);
    assert_eq!(first - run.first("mailer received shop/0").at, 500_000);
    assert_eq!(run.count("mailer finished its work"), 5);
    let sent = |n: u32| {
        let says = format!("shop gave shop/{n} to its client library");
        run.first(&says).at
    };
    assert_eq!(sent(4) - sent(0), 80_000);
}

#[test]
fn what_was_not_acknowledged_is_delivered_again_and_once_more_only() {
    let run = Run::of("rabbitmq/an-unacknowledged-message-is-delivered-again");
    assert_eq!(run.count("mailer-1 received shop/"), 1);
    assert_eq!(run.count("mailer-1 finished its work"), 0);
    assert_eq!(run.count("mailer-2 received shop/0, redelivered"), 1);
    assert_eq!(run.count(" finished its work on shop/"), 4);
}

#[test]
fn two_consumers_do_half_of_the_work_each_in_half_the_time() {
    let run = Run::of("rabbitmq/two-consumers-share-the-work");
    assert_eq!(run.count("mailer-1 finished its work"), 4);
    assert_eq!(run.count("mailer-2 finished its work"), 4);
    let began = run.first("mailer-1 received shop/0").at;
    let ended = run.first("mailer-2 finished its work on shop/7").at;
    // Eight times 100 ms, and the way of each message, for one alone.
    assert!((400_000..500_000).contains(&(ended - began)));
}

#[test]
fn the_queue_of_hello_is_not_durable() {
    let View::RabbitmqNode(node) = Run::of("rabbitmq/hello").view("rabbit-1") else {
        panic!("rabbit-1 is a node of RabbitMQ");
    };
    assert!(!node.queues[0].durable);
}
