//! no-silent-drop: nothing vanishes without anybody being told.
//!
//! Definition: a message that an application handed over ends in one of these ways: a consumer
//! took it; a rule or an order that somebody made took it (time to live, maximum length,
//! rejection, purge, deletion); or its sender was told that it was returned, refused, or is
//! uncertain. Everything else is a silent drop. In RabbitMQ: an unroutable message that is not
//! mandatory (docs, "Publishers": unroutable message handling); what a restart or a power loss
//! took, if its publisher has no reason to doubt it; a delivery that needed no acknowledgement and
//! never arrived (docs, "Consumer Acknowledgements": automatic acknowledgement is "unsafe"). In
//! Kafka: an acknowledged record that is gone (with acks=0: that never came in); a consumer whose
//! position jumped over records that it never got (Jepsen's `skip`).

use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::{ClientFact, ClientWhat};
use glassmq_core::machine::Parcel;
use glassmq_core::names::MessageId;
use glassmq_core::rabbitmq::fact::Fact as Rabbitmq;
use glassmq_core::subject::Place;

use super::no_acknowledged_loss::{home, lost_now, unreadable};
use super::{Checker, Violation};
use crate::cast::{Cast, Fact, Wire};
use crate::event::{Event, EventId, What};
use crate::ledger::{Fate, Ledger, Sender, State, words};

/// The state of the checker: none, the ledger has it all.
#[derive(Clone, Debug, Default)]
pub struct NoSilentDrop;

impl Checker for NoSilentDrop {
    fn see(&mut self, event: &Event<'_, Cast>, ledger: &Ledger) -> Option<Violation> {
        if let Some((at, messages, places)) = lost_now(ledger, nobody_was_told) {
            let which = words::messages(&messages, ledger.names());
            let is = words::of(&messages, "is", "are");
            let says = format!("{which} {is} gone from {places}, and nobody was told");
            return Some(Violation { at, messages, says });
        }
        let unnamed = ledger.losses().iter().find(|loss| loss.message.is_none());
        if let Some(loss) = unnamed {
            let place = home(&loss.place);
            return Some(Violation {
                at: loss.by,
                messages: Vec::new(),
                says: format!("a message is gone from {place}, and nobody was told"),
            });
        }
        match &event.what {
            What::Fact {
                fact: Fact::Rabbitmq(Rabbitmq::DroppedUnroutable { message, exchange }),
            } => {
                let messages: Vec<_> = message.iter().copied().collect();
                let which = words::messages(&messages, ledger.names());
                let says = format!(
                    "{which} had no route from exchange '{exchange}' and was dropped: it was not mandatory"
                );
                let at = event.id;
                Some(Violation { at, messages, says })
            }
            What::Fact {
                fact: Fact::Kafka(Kafka::Client(fact)),
            } => jumped(event.id, fact, ledger),
            What::Lost {
                message: Wire::Amqp(frame),
                ..
            } => {
                let mut messages = Vec::new();
                frame.messages(&mut |id| messages.push(id));
                messages.retain(|id| ledger.fate(*id).is_some_and(was_never_received));
                lost_on_the_way(event.id, messages, ledger)
            }
            _ => None,
        }
    }

    fn finish(&self, _: u64, ledger: &Ledger) -> Option<Violation> {
        let (at, (messages, why)) = unreadable(ledger).pop_first()?;
        let which = words::messages(&messages, ledger.names());
        let says = format!("{which}: {why}, and its sender was told that all is well");
        Some(Violation { at, messages, says })
    }
}

/// A Kafka producer without an answer sends again, or is told in the end.
fn nobody_was_told(fate: &Fate, place: &Place) -> bool {
    let queued = matches!(place, Place::Queue { .. });
    match fate.sender {
        Sender::Confirmed => true,
        Sender::Unheard | Sender::InFlight => queued,
        Sender::Buffered | Sender::Failed | Sender::Indeterminate | Sender::Returned => false,
    }
}

/// Settled by its mere delivery, and no application has it.
fn was_never_received(fate: &Fate) -> bool {
    let automatic = State::Acknowledged { automatic: true };
    !fate.received && fate.copies.iter().any(|copy| copy.state == automatic)
}

fn lost_on_the_way(at: EventId, messages: Vec<MessageId>, ledger: &Ledger) -> Option<Violation> {
    (!messages.is_empty()).then(|| Violation {
        at,
        says: format!(
            "{} {} settled by delivery, and never arrived",
            words::messages(&messages, ledger.names()),
            words::of(&messages, "was", "were")
        ),
        messages,
    })
}

fn jumped(at: EventId, fact: &ClientFact, ledger: &Ledger) -> Option<Violation> {
    let ClientWhat::PositionReset {
        partition,
        to,
        from: Some(from),
    } = &fact.what
    else {
        return None;
    };
    (to > from).then(|| Violation {
        at,
        messages: Vec::new(),
        says: format!(
            "{} jumped in {partition} from offset {from} to {to}: it never got what lies between",
            ledger.reader(fact.client)
        ),
    })
}
