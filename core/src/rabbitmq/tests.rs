//! What users of a node rely on, beyond what recordings of a real one show.

use std::format;
use std::string::String;
use std::vec::Vec;

use proptest::prelude::*;

use super::broker::Command;
use super::fact::{Drop, Fact};
use super::method::{BasicPublish, Method};
use super::rig::Rig;
use crate::names::{LinkId, MessageId, Name, NodeId};
use crate::shared::SortedMap;

fn declare(rig: &mut Rig, link: LinkId, queue: &str, rest: &str) {
    let method = format!(r#"{{"method":"queue.declare","queue":"{queue}"{rest}}}"#);
    let answer = rig.told(link, 1, &method);
    assert!(answer[0].contains("queue.declare-ok"), "{answer:?}");
}

fn publish(queue: &str, mode: u8) -> String {
    format!(
        r#"{{"method":"basic.publish","routing_key":"{queue}","body":"m",
            "properties":{{"delivery_mode":{mode}}}}}"#
    )
}

fn names(facts: &[Fact]) -> Vec<&'static str> {
    facts.iter().map(Fact::name).collect()
}

#[test]
fn a_persistent_message_is_confirmed_when_the_disk_has_it_and_not_before() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", r#","durable":true"#);
    rig.ask(link, 1, r#"{"method":"confirm.select"}"#);
    rig.disk_works = false;
    assert!(rig.ask(link, 1, &publish("q", 2)).is_empty());
    // The transient one overtakes it, and so does the unroutable one.
    let transient = rig.told(link, 1, &publish("q", 1));
    assert_eq!(
        transient,
        [r#"{"method":"basic.ack","delivery_tag":2,"multiple":false}"#]
    );
    assert_eq!(rig.ask(link, 1, &publish("nobody", 2)).len(), 1);
    rig.sent.clear();
    rig.sync();
    assert_eq!(rig.sent.len(), 1);
}

#[test]
fn a_persistent_message_that_is_acknowledged_at_once_waits_for_no_disk() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", r#","durable":true"#);
    let consume = r#"{"method":"basic.consume","queue":"q","no_ack":true}"#;
    rig.ask(link, 1, consume);
    rig.ask(link, 1, r#"{"method":"confirm.select"}"#);
    rig.disk_works = false;
    let told: Vec<&str> = rig
        .ask(link, 1, &publish("q", 2))
        .iter()
        .map(Method::name)
        .collect();
    assert_eq!(told, ["basic.deliver", "basic.ack"]);
}

#[test]
fn a_message_that_comes_back_comes_before_its_confirm() {
    // Docs, "Publishers": the basic.return is sent before the basic.ack.
    let mut rig = Rig::new();
    let link = rig.client();
    rig.ask(link, 1, r#"{"method":"confirm.select"}"#);
    let publish =
        r#"{"method":"basic.publish","routing_key":"nobody","mandatory":true,"body":"m"}"#;
    let answers = rig.ask(link, 1, publish);
    let told: Vec<&str> = answers.iter().map(Method::name).collect();
    assert_eq!(told, ["basic.return", "basic.ack"]);
}

#[test]
fn an_auto_delete_queue_waits_for_its_first_consumer() {
    let mut rig = Rig::new();
    let (getter, link) = (rig.client(), rig.client());
    declare(&mut rig, link, "q", r#","auto_delete":true"#);
    rig.ask(link, 1, &publish("q", 1));
    rig.ask(getter, 1, r#"{"method":"basic.get","queue":"q"}"#);
    // Whoever only fetched was no consumer.
    rig.drop(getter);
    assert_eq!(recovered(&rig), [(0, true)]);
    let consume = r#"{"method":"basic.consume","queue":"q","consumer_tag":"c"}"#;
    rig.ask(link, 1, consume);
    rig.ask(link, 1, r#"{"method":"basic.cancel","consumer_tag":"c"}"#);
    assert!(rig.view().queues.is_empty(), "its last consumer is gone");
}

#[test]
fn the_shorter_time_to_live_counts_to_the_millisecond() {
    for (of_queue, own, lives) in [(500, 900, 500), (900, 500, 500)] {
        let mut rig = Rig::new();
        let link = rig.client();
        let arguments = format!(r#","arguments":{{"x-message-ttl":{of_queue}}}"#);
        declare(&mut rig, link, "q", &arguments);
        let publish = format!(
            r#"{{"method":"basic.publish","routing_key":"q","body":"m",
                "properties":{{"expiration":"{own}"}}}}"#
        );
        rig.ask(link, 1, &publish);
        rig.sleep(lives - 1);
        assert_eq!(recovered(&rig).len(), 1, "{of_queue} and {own}");
        rig.sleep(1);
        assert!(recovered(&rig).is_empty(), "{of_queue} and {own}");
    }
}

#[test]
fn publishes_that_became_safe_together_are_confirmed_together() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", r#","durable":true"#);
    rig.ask(link, 1, r#"{"method":"confirm.select"}"#);
    rig.disk_works = false;
    for _ in 0..3 {
        rig.ask(link, 1, &publish("q", 2));
    }
    // The first flush began with the first message; the second takes the others.
    rig.sent.clear();
    rig.sync();
    rig.sync();
    let told: Vec<String> = rig
        .sent
        .iter()
        .map(|(_, frame)| serde_json::to_string(frame).unwrap())
        .collect();
    let last = told.last().unwrap();
    assert!(
        last.contains(r#""delivery_tag":3,"multiple":true"#),
        "{told:?}"
    );
}

/// What is ready in the first queue, and whether it will be marked as redelivered.
fn recovered(rig: &Rig) -> Vec<(u64, bool)> {
    let view = rig.view();
    let cells = view.queues[0].ready.iter();
    cells.map(|cell| (cell.seq, cell.redelivered)).collect()
}

#[test]
fn after_a_restart_the_definitions_and_persistent_messages_are_back() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", r#","durable":true"#);
    for method in [
        r#"{"method":"exchange.declare","exchange":"e","type":"topic","durable":true}"#,
        r#"{"method":"queue.bind","queue":"q","exchange":"e","routing_key":"a.#"}"#,
        r#"{"method":"exchange.declare","exchange":"gone","type":"topic"}"#,
    ] {
        rig.ask(link, 1, method);
    }
    for mode in [2, 1, 2] {
        rig.ask(link, 1, &publish("q", mode));
    }
    rig.ask(link, 1, r#"{"method":"basic.get","queue":"q"}"#);
    // What was delivered is known after an orderly stop alone.
    rig.restart();
    assert_eq!(recovered(&rig), [(0, true), (2, false)]);
    rig.facts.clear();
    rig.crash();
    let told = [
        "recovered",
        "recovered",
        "queue recovered",
        "node recovered",
    ];
    assert_eq!(names(&rig.facts), told);
    assert_eq!(recovered(&rig), [(0, true), (2, true)]);
    let link = rig.client();
    let routed = r#"{"method":"basic.publish","exchange":"e","routing_key":"a.b"}"#;
    rig.ask(link, 1, routed);
    assert_eq!(rig.view().queues[0].ready_count, 3);
    assert!(rig.view().exchanges.iter().all(|e| &*e.name != "gone"));
}

#[test]
fn the_file_of_a_queue_does_not_grow_for_ever() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", r#","durable":true"#);
    let get = r#"{"method":"basic.get","queue":"q","no_ack":true}"#;
    rig.ask(link, 1, &publish("q", 2));
    for _ in 0..2000 {
        rig.ask(link, 1, &publish("q", 2));
        rig.ask(link, 1, get);
    }
    assert!(rig.longest_file() < 1100, "{}", rig.longest_file());
    rig.crash();
    assert_eq!(rig.view().queues[0].ready_count, 1);
}

#[test]
fn a_deleted_queue_cancels_its_consumers_and_confirms_what_awaited_it() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", r#","durable":true"#);
    rig.ask(link, 1, r#"{"method":"confirm.select"}"#);
    let consume = r#"{"method":"basic.consume","queue":"q","consumer_tag":"t"}"#;
    rig.ask(link, 1, consume);
    rig.disk_works = false;
    rig.ask(link, 1, &publish("q", 2));
    let told: Vec<&str> = rig
        .ask(link, 1, r#"{"method":"queue.delete","queue":"q"}"#)
        .iter()
        .map(Method::name)
        .collect();
    assert_eq!(told, ["basic.cancel", "queue.delete-ok", "basic.ack"]);
    // Its delivery can still be acknowledged, even when the name is used again.
    declare(&mut rig, link, "q", "");
    rig.ask(link, 1, &publish("q", 1));
    rig.ask(link, 1, r#"{"method":"basic.get","queue":"q"}"#);
    let ack = r#"{"method":"basic.ack","delivery_tag":1}"#;
    assert!(rig.ask(link, 1, ack).is_empty());
    assert_eq!(rig.view().queues[0].unacked_count, 1);
}

#[test]
fn silence_for_two_intervals_ends_a_connection_with_heartbeats() {
    let mut rig = Rig::new();
    let link = rig.client_with_heartbeat(10);
    rig.sent.clear();
    rig.sleep(19_000);
    assert!(rig.facts.iter().all(|f| f.name() != "connection closed"));
    assert!(!rig.sent.is_empty(), "the broker shows that it lives");
    rig.frame(link, super::method::Frame::Heartbeat);
    rig.sleep(20_000);
    assert!(rig.facts.iter().all(|f| f.name() != "connection closed"));
    rig.sleep(20_000);
    assert!(rig.facts.iter().any(|f| f.name() == "connection closed"));
}

#[test]
fn an_orderly_stop_tells_every_client_and_makes_everything_safe_first() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", r#","durable":true"#);
    rig.ask(link, 1, &publish("q", 2));
    rig.restart();
    let closed = rig.facts.iter().find_map(|fact| match fact {
        Fact::ConnectionClosed { reply, .. } => reply.clone(),
        _ => None,
    });
    let (code, text) = closed.unwrap();
    assert_eq!(code, 320);
    assert_eq!(
        &*text,
        "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"
    );
    assert_eq!(rig.view().queues[0].ready_count, 1);
}

#[test]
fn a_cut_connection_gives_its_deliveries_back_and_takes_its_queues_along() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "mine", r#","exclusive":true"#);
    declare(&mut rig, link, "q", "");
    rig.ask(link, 1, &publish("q", 1));
    rig.ask(link, 1, r#"{"method":"basic.get","queue":"q"}"#);
    rig.drop(link);
    let view = rig.view();
    assert_eq!(view.queues.len(), 1);
    assert!(view.queues[0].ready[0].redelivered);
    assert!(!rig.is_open(link));
}

#[test]
fn a_deleted_virtual_host_closes_its_connections_and_is_empty_when_it_comes_back() {
    let mut rig = Rig::new();
    let vhost = Name::from("v2");
    rig.command(Command::AddVHost {
        vhost: vhost.clone(),
    });
    let (link, _) = rig.open("v2", "guest", "guest");
    rig.ask(link, 1, r#"{"method":"channel.open"}"#);
    declare(&mut rig, link, "q", r#","durable":true"#);
    rig.command(Command::DeleteVHost {
        vhost: vhost.clone(),
    });
    assert!(!rig.is_open(link));
    rig.command(Command::AddVHost { vhost });
    assert!(rig.view().queues.is_empty());
    rig.crash();
    assert!(rig.view().queues.is_empty());
}

#[test]
fn what_is_not_modelled_says_so_and_nothing_else() {
    let mut rig = Rig::new();
    for (method, what) in [
        (r#"{"method":"tx.select"}"#, "tx.select"),
        (
            r#"{"method":"queue.declare","queue":"q","arguments":{"x-queue-type":"quorum"}}"#,
            "x-queue-type quorum",
        ),
        (
            r#"{"method":"basic.consume","queue":"amq.rabbitmq.reply-to","no_ack":true}"#,
            "amq.rabbitmq.reply-to",
        ),
    ] {
        let link = rig.client();
        let told = rig.told(link, 1, method);
        let text = format!(r#""reply_text":"NOT_IMPLEMENTED - not modelled: {what}""#);
        assert!(told[0].contains(&text), "{told:?}");
    }
}

/// What of each queue the facts say: ready, unacknowledged.
fn ledger(facts: &[Fact]) -> SortedMap<Name, (i64, i64)> {
    let mut queues: SortedMap<Name, (i64, i64)> = SortedMap::new();
    for fact in facts {
        let Some(copy) = fact.copy() else { continue };
        let (ready, unacked) = queues.entry(copy.queue.clone()).or_default();
        let (more_ready, more_unacked) = match fact {
            Fact::Enqueued { .. } => (1, 0),
            Fact::Delivered { .. } => (-1, 1),
            Fact::Acknowledged { .. } => (0, -1),
            Fact::Requeued { .. } => (1, -1),
            Fact::Expired { .. } => (-1, 0),
            Fact::Dropped { why, .. } => match why {
                Drop::Rejected => (0, -1),
                Drop::MaxLength | Drop::Purged => (-1, 0),
                // The queue is gone, whatever was in it.
                Drop::QueueDeleted => (0, 0),
            },
            _ => (0, 0),
        };
        *ready += more_ready;
        *unacked += more_unacked;
    }
    queues
}

fn operation() -> impl Strategy<Value = String> {
    let queue = proptest::sample::select(&["a", "b"][..]);
    let tag = 0u64..12;
    prop_oneof![
        4 => (queue.clone(), 1u8..3).prop_map(|(q, mode)| publish(q, mode)),
        2 => (queue.clone(), any::<bool>()).prop_map(|(q, no_ack)| format!(
            r#"{{"method":"basic.get","queue":"{q}","no_ack":{no_ack}}}"#
        )),
        1 => (queue.clone(), any::<bool>()).prop_map(|(q, no_ack)| format!(
            r#"{{"method":"basic.consume","queue":"{q}","no_ack":{no_ack}}}"#
        )),
        1 => (0u16..3, any::<bool>()).prop_map(|(count, global)| format!(
            r#"{{"method":"basic.qos","prefetch_count":{count},"global":{global}}}"#
        )),
        2 => (tag.clone(), any::<bool>()).prop_map(|(tag, multiple)| format!(
            r#"{{"method":"basic.ack","delivery_tag":{tag},"multiple":{multiple}}}"#
        )),
        2 => (tag, any::<bool>(), any::<bool>()).prop_map(|(tag, multiple, requeue)| format!(
            r#"{{"method":"basic.nack","delivery_tag":{tag},"multiple":{multiple},
                "requeue":{requeue}}}"#
        )),
        1 => Just(String::from(r#"{"method":"basic.recover"}"#)),
        1 => queue.prop_map(|q| format!(r#"{{"method":"queue.purge","queue":"{q}"}}"#)),
    ]
}

proptest! {
    #[test]
    fn the_facts_alone_say_what_is_in_every_queue(
        operations in proptest::collection::vec((1u16..3, operation()), 0..60),
    ) {
        let mut rig = Rig::new();
        let link = rig.client();
        declare(&mut rig, link, "a", r#","durable":true,"arguments":{"x-max-length":3}"#);
        declare(&mut rig, link, "b", "");
        for (channel, operation) in operations {
            // A wrong tag closes the channel; it is opened again.
            if !rig.has_channel(link, channel) {
                rig.ask(link, channel, r#"{"method":"channel.open"}"#);
            }
            rig.ask(link, channel, &operation);
            let facts = ledger(&rig.facts);
            for queue in rig.view().queues {
                let (ready, unacked) = facts.get(&queue.name).copied().unwrap_or_default();
                prop_assert_eq!(ready, i64::from(queue.ready_count));
                prop_assert_eq!(unacked, i64::from(queue.unacked_count));
            }
        }
    }
}

#[test]
fn a_message_keeps_its_name_from_publish_to_delivery() {
    let mut rig = Rig::new();
    let link = rig.client();
    declare(&mut rig, link, "q", "");
    rig.ask(link, 1, r#"{"method":"basic.consume","queue":"q"}"#);
    let id = MessageId {
        client: NodeId(1),
        n: 7,
    };
    let mut publish = BasicPublish {
        routing_key: "q".into(),
        ..BasicPublish::default()
    };
    publish.content.message = Some(id);
    rig.facts.clear();
    rig.sent.clear();
    rig.send(link, 1, Method::BasicPublish(publish));
    assert_eq!(names(&rig.facts), ["routed", "enqueued", "delivered"]);
    assert!(rig.facts.iter().all(|fact| fact.message() == Some(id)));
    let mut seen = Vec::new();
    for (_, frame) in &rig.sent {
        crate::machine::Parcel::messages(frame, &mut |message| seen.push(message));
    }
    assert_eq!(seen, [id]);
}
