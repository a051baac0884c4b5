//! What `why` answers of messages and of events, on hand-made histories.

use glassmq_core::names::{MessageId, NodeId};
use glassmq_sim::causality::{Causality, LONGEST, Role, Target};
use glassmq_sim::event::EventId;

use crate::history::History;

/// The first message of the first node.
const FIRST: MessageId = MessageId {
    client: NodeId(0),
    n: 0,
};

fn causes(text: &str, target: Target<'_>) -> Vec<(EventId, Role, String)> {
    let history = History::read(text);
    let mut causality = Causality::default();
    history.tell(|event| causality.see(event));
    let causes = causality.why(target, &history.names()).into_iter();
    causes
        .map(|cause| (cause.event, cause.role, cause.says))
        .collect()
}

fn at(step: u32) -> EventId {
    EventId { step, n: 0 }
}

#[test]
fn a_message_that_arrives_has_a_story_too() {
    let text = include_str!("check/rabbitmq-hello.txt");
    let (history, _) = text.split_once("----").unwrap();
    let story: Vec<_> = causes(history, Target::Message(FIRST))
        .into_iter()
        .map(|(_, _, says)| says)
        .collect();
    assert_eq!(
        story,
        [
            "shop sent it",
            "rabbit put it into a queue",
            "shop was told that it is safe",
            "rabbit delivered it",
            "billing got it",
            "rabbit has its acknowledgement",
        ]
    );
}

#[test]
fn a_long_story_keeps_its_beginning_and_its_end() {
    let mut text = "nodes shop rabbit\n1 shop sent shop/0\n2 rabbit enqueued shop/0 q\n".to_owned();
    for step in (3..43).step_by(2) {
        text += &format!("{step} rabbit delivered shop/0 q\n");
        text += &format!("{} rabbit requeued shop/0 q\n", step + 1);
    }
    text += "43 rabbit delivered shop/0 q\n44 rabbit acked shop/0 q\n";
    let story = causes(&text, Target::Message(FIRST));
    assert_eq!(story.len(), LONGEST);
    assert_eq!(story[0].1, Role::Sent);
    assert_eq!(story[1].1, Role::Enqueued);
    assert_eq!(story[LONGEST - 1].1, Role::Settled);
}

#[test]
fn an_election_is_explained_by_the_crash_before_it() {
    let text = "nodes kafka-1 kafka-2 controller
        1 controller elected orders-0 1 0
        2 kafka-1 leads orders-0 0 0
        3 crash kafka-1 process
        4 controller elected orders-0 2 1 instead of kafka-1
        5 crash kafka-2 process";
    let story = causes(text, Target::Event(at(4)));
    let events: Vec<_> = story.iter().map(|(event, ..)| *event).collect();
    assert_eq!(events, [at(1), at(3), at(4)], "{story:?}");
}

#[test]
fn what_came_later_is_no_cause() {
    let text = include_str!("check/rabbitmq-hello.txt");
    let (history, _) = text.split_once("----").unwrap();
    let whole = causes(history, Target::Message(FIRST));
    for (n, (event, ..)) in whole.iter().enumerate() {
        let until = causes(history, Target::Event(*event));
        assert_eq!(until.last().map(|(last, ..)| last), Some(event));
        assert!(until.len() <= n + 1, "{event}: {until:?}");
    }
}

#[test]
fn triggers_lead_back_to_a_fault() {
    // The crash resets the connection, a frame follows from that, and the publisher gives up; no
    // fact about the broker lies between.
    let text = "nodes shop rabbit
        1 shop sent shop/0
        2 crash rabbit process
        3 arrives shop - <2
        4 shop unknown shop/0 <3";
    let story = causes(text, Target::Message(FIRST));
    let roles: Vec<_> = story.iter().map(|(_, role, _)| *role).collect();
    assert_eq!(roles, [Role::Sent, Role::Crashed, Role::Indeterminate]);
}

#[test]
fn other_messages_are_left_out() {
    let text = "nodes shop kafka-1
        1 kafka-1 leads orders-0 0 0
        2 shop sends orders-0 shop/0
        3 kafka-1 appended orders-0 0 0 shop/0
        4 shop sends orders-0 shop/1
        5 kafka-1 appended orders-0 1 0 shop/1
        6 kafka-1 truncated orders-0 2 1 shop/1";
    let story = causes(text, Target::Message(FIRST));
    let steps: Vec<_> = story.iter().map(|(event, ..)| event.step).collect();
    assert_eq!(steps, [2, 3]);
}
