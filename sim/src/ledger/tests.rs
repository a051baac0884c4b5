//! What is forgotten, and what a keyframe keeps. Histories are in the tests of the whole.

use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::rabbitmq::fact::{Fact as Rabbitmq, QueueCopy};

use super::{Ledger, REMEMBERED};
use crate::cast::Fact;
use crate::event::{Event, EventId, What};

const SHOP: NodeId = NodeId(0);
const RABBIT: NodeId = NodeId(1);

fn tell(ledger: &mut Ledger, step: u32, facts: &[Rabbitmq]) {
    for (n, fact) in (0..).zip(facts) {
        let fact = &Fact::Rabbitmq(fact.clone());
        ledger.see(&Event {
            id: EventId { step, n },
            cause: EventId::ROOT,
            at: u64::from(step),
            node: RABBIT,
            what: What::Fact { fact },
        });
    }
}

fn message(n: u32) -> MessageId {
    MessageId { client: SHOP, n }
}

/// A message is sent, enqueued, delivered and acknowledged, and its sender hears nothing.
fn pass(ledger: &mut Ledger, n: u32) {
    let copy = QueueCopy {
        message: Some(message(n)),
        node: RABBIT,
        queue: "work".into(),
    };
    let tag = glassmq_core::rabbitmq::fact::Tag {
        link: glassmq_core::names::LinkId {
            opener: SHOP,
            ordinal: 0,
        },
        channel: 1,
        delivery_tag: 1,
    };
    let facts = [
        Rabbitmq::Sent {
            message: message(n),
            attempt: 1,
        },
        Rabbitmq::Enqueued {
            copy: copy.clone(),
            persistent: true,
        },
        Rabbitmq::Delivered {
            copy: copy.clone(),
            consumer: None,
            tag,
            redelivered: false,
        },
        Rabbitmq::Acknowledged {
            copy,
            automatic: false,
        },
    ];
    tell(ledger, n + 1, &facts);
}

#[test]
fn old_fates_are_forgotten_and_stay_in_the_sums() {
    let mut ledger = Ledger::default();
    let count = REMEMBERED as u32 + 500;
    for n in 0..count {
        pass(&mut ledger, n);
    }
    assert_eq!(ledger.fates().count(), REMEMBERED);
    assert_eq!(ledger.tray().sent(), u64::from(count));
    assert!(ledger.fate(message(499)).is_none());
    assert!(ledger.fate(message(500)).is_some());
    ledger.closes().unwrap();

    // The confirm of a forgotten message comes late.
    let confirmed = Rabbitmq::PublishConfirmed {
        message: message(7),
    };
    tell(&mut ledger, count + 1, &[confirmed]);
    let (_, client) = ledger.clients().next().unwrap();
    let line = format!("{count} sent = {} in flight + 1 confirmed", count - 1);
    assert_eq!(client.to_string(), line);
    ledger.closes().unwrap();

    // It is sent again: no new message, but another copy.
    let again = Rabbitmq::Sent {
        message: message(8),
        attempt: 2,
    };
    tell(&mut ledger, count + 2, &[again]);
    assert!(ledger.fate(message(8)).unwrap().forgotten);
    assert_eq!(ledger.tray().sent(), u64::from(count));
    ledger.closes().unwrap();
}

#[test]
fn a_copy_of_the_books_stays_as_it_was() {
    let mut ledger = Ledger::default();
    pass(&mut ledger, 0);
    let keyframe = ledger.clone();
    pass(&mut ledger, 1);
    assert_eq!(keyframe.tray().to_string(), "1 published = 1 acknowledged");
    assert_eq!(ledger.tray().to_string(), "2 published = 2 acknowledged");
    assert!(keyframe.fate(message(1)).is_none());
}
