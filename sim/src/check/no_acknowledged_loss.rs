//! no-acknowledged-loss: what was acknowledged to its sender is not lost.
//!
//! Definition: Jepsen's `lost` ("acknowledged writes that were never read",
//! `jepsen.tests.kafka`, `jepsen.checker/total-queue`). Acknowledged means that the client library
//! reported success: a publisher confirm, an acknowledged Produce, with acks=0 the mere sending. A
//! message that was not acknowledged may be lost; one whose outcome is indeterminate may be there
//! or not.
//!
//! Lost means, in RabbitMQ: it is in no copy of the queue any more, and neither a consumer nor a
//! rule (time to live, maximum length, rejection, purge, deletion) took it out. In Kafka: it was
//! cut from the last replica that had it; or, at the end of a run, the leader's log does not have
//! it, so that no consumer can read it and every other replica will cut it off; or it never
//! reached a log. A copy on a node that is down may be found again, and is not lost until its log
//! is opened without it.

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::names::MessageId;
use glassmq_core::rabbitmq::fact::Fact as Rabbitmq;
use glassmq_core::shared::SortedMap;
use glassmq_core::subject::Place;

use super::{Checker, Violation};
use crate::cast::{Cast, Fact};
use crate::event::{Event, EventId, What};
use crate::ledger::{Fate, Ledger, Sender, State, node_of, words};

const WERE_AND_ARE: &str = "were acknowledged, and are";

/// The state of the checker: none, the ledger has it all.
#[derive(Clone, Debug, Default)]
pub struct NoAcknowledgedLoss;

impl Checker for NoAcknowledgedLoss {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        lost_now(ledger, |fate, _| fate.sender == Sender::Confirmed)
            .map(|(at, messages, places)| {
                let which = words::messages(&messages, ledger.names());
                let was = words::of(&messages, "was acknowledged, and is", WERE_AND_ARE);
                let says = format!("{which} {was} gone from {places}");
                Violation { at, messages, says }
            })
            .or_else(|| acknowledged_too_late(event, ledger))
    }

    fn finish(&self, _: u64, ledger: &Ledger) -> Option<Violation> {
        let (at, (messages, why)) = unreadable(ledger).pop_first()?;
        let which = words::messages(&messages, ledger.names());
        let was = words::of(&messages, "was", "were");
        let says = format!("{which} {was} acknowledged, and {why}");
        Some(Violation { at, messages, says })
    }
}

/// The messages of which the last event showed the last copy to be lost, if they are as wanted;
/// the event that took them; and from where, in words.
pub(super) fn lost_now(
    ledger: &Ledger,
    wanted: impl Fn(&Fate, &Place) -> bool,
) -> Option<(EventId, Vec<MessageId>, String)> {
    let mut gone = ledger.losses().iter().filter_map(|loss| {
        let id = loss.message?;
        let fate = ledger.fate(id)?;
        let is_gone = fate.is_gone_from(&loss.place) && wanted(fate, &loss.place);
        is_gone.then_some((loss, id))
    });
    let (first, id) = gone.next()?;
    let (mut messages, mut places) = (vec![id], vec![home(&first.place)]);
    for (loss, other) in gone.filter(|(loss, _)| loss.by == first.by) {
        // The copies of a message come one after the other.
        if messages.last() != Some(&other) {
            messages.push(other);
        }
        if !places.contains(&home(&loss.place)) {
            places.push(home(&loss.place));
        }
    }
    Some((first.by, messages, places.join(" and ")))
}

/// The broker acknowledges what is gone already.
fn acknowledged_too_late(event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
    let acknowledged: &[MessageId] = match &event.what {
        What::Fact {
            fact: Fact::Rabbitmq(Rabbitmq::PublishConfirmed { message }),
        } => std::slice::from_ref(message),
        What::Fact {
            fact: Fact::Kafka(Kafka::Client(fact)),
        } => match &fact.what {
            ClientWhat::Acknowledged { messages, .. } => messages,
            _ => return None,
        },
        _ => return None,
    };
    let gone = |id: &&MessageId| {
        let copies = ledger.fate(**id).map(|fate| (fate, &fate.copies));
        copies.is_some_and(|(fate, copies)| {
            let mut copies = copies.iter();
            copies.any(|copy| copy.state.is_lost() && fate.is_gone_from(&copy.place))
        })
    };
    let messages: Vec<_> = acknowledged.iter().filter(gone).copied().collect();
    (!messages.is_empty()).then(|| Violation {
        at: event.id,
        says: format!(
            "{} {} gone already",
            words::messages(&messages, ledger.names()),
            words::of(
                &messages,
                "was acknowledged when it was",
                "were acknowledged when they were"
            )
        ),
        messages,
    })
}

/// Acknowledged records that nobody can read if the run ends now, by the event that decided it.
pub(super) fn unreadable(ledger: &Ledger) -> SortedMap<EventId, (Vec<MessageId>, String)> {
    let mut found: SortedMap<EventId, (Vec<MessageId>, String)> = SortedMap::new();
    for (id, fate) in ledger.fates() {
        if fate.sender != Sender::Confirmed {
            continue;
        }
        if let Some((at, why)) = why_unreadable(ledger, id, fate) {
            found
                .entry(at)
                .or_insert_with(|| (Vec::new(), why))
                .0
                .push(id);
        }
    }
    found
}

fn why_unreadable(ledger: &Ledger, id: MessageId, fate: &Fate) -> Option<(EventId, String)> {
    if fate.copies.is_empty() {
        let nowhere =
            fate.unroutable.is_none() && !fate.forgotten && ledger.on_the_wire(id).next().is_none();
        return nowhere.then(|| (fate.told, "never reached a log".into()));
    }
    let stored = |state| matches!(state, State::Stored { .. });
    let mut copies = fate.copies.iter().filter(|copy| stored(copy.state));
    let partition = copies.clone().find_map(|copy| partition_of(&copy.place))?;
    let leader = ledger.leader(&partition)?;
    if copies.any(|copy| node_of(&copy.place) == leader.node) {
        return None;
    }
    let name = ledger.names().of(leader.node);
    let why = format!(
        "the leader of {partition}, {name} of epoch {}, does not have it",
        leader.epoch
    );
    Some((leader.since, why))
}

fn partition_of(place: &Place) -> Option<TopicPartition> {
    match place {
        Place::Replica {
            topic, partition, ..
        } => Some(TopicPartition::new(topic, *partition)),
        Place::Client(_) | Place::Queue { .. } => None,
    }
}

/// The queue or partition, whatever the node.
pub(super) fn home(place: &Place) -> String {
    match place {
        Place::Queue { queue, .. } => queue.to_string(),
        Place::Replica {
            topic, partition, ..
        } => format!("{topic}-{partition}"),
        Place::Client(_) => "its client".into(),
    }
}
