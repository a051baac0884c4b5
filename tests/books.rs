//! Scenarios of the library, played with the books open.

use glassmq_core::names::MessageId;
use glassmq_sim::cast::Cast;
use glassmq_sim::causality::{Causality, Target};
use glassmq_sim::check::{Panel, judge};
use glassmq_sim::event::{Event, Sink};
use glassmq_sim::ledger::State;
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::scenario::expect::{Check, Claim};

use crate::scenario::SCENARIOS;

const ACKS_1: &str = include_str!("../scenarios/kafka/acks-1-loses-an-acknowledged-record.json");

#[derive(Clone)]
struct Audience {
    panel: Panel,
    causality: Causality,
}

impl Sink<Cast> for Audience {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.panel.see(event);
        self.causality.see(event);
    }
}

/// Plays a scenario to its end; nothing, if it asks for what no machine does yet.
fn played(text: &str) -> Option<(Audience, Vec<Claim>, u64)> {
    let scenario = scenario::read(text).unwrap();
    let mut play = Play::of(&scenario, scenario.seed, &[]).ok()?;
    let mut audience = Audience {
        panel: Panel::new(play.names().clone()),
        causality: Causality::default(),
    };
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut audience) {}
    let claims = scenario.expect.into_iter().map(|it| it.0).collect();
    Some((audience, claims, play.until()))
}

#[test]
fn the_books_close_and_the_checks_are_as_claimed() {
    let mut played_some = 0;
    for (path, text) in SCENARIOS.iter() {
        let Some((audience, mut claims, until)) = played(text) else {
            continue;
        };
        played_some += 1;
        claims.retain(|claim| matches!(claim, Claim::Check { .. }));
        claims.push(Claim::Check {
            check: Check::LedgerCloses,
            holds: true,
        });
        let verdicts = audience.panel.finish(until);
        for claim in claims {
            let path = path.display();
            judge(&claim, &verdicts, false).unwrap_or_else(|unmet| panic!("{path}: {}", unmet.0));
        }
    }
    assert!(played_some >= 3, "only {played_some} scenarios were played");
}

#[test]
fn the_ledger_names_the_record_that_acks_1_loses() {
    let (audience, _, until) = played(ACKS_1).unwrap();
    let ledger = audience.panel.ledger();
    assert_eq!(
        ledger.tray().to_string(),
        "50 published = 49 in the log + 1 lost"
    );
    let verdicts = audience.panel.finish(until);
    let loss = verdicts[0].violation.as_ref().unwrap();
    assert_eq!(
        loss.says,
        "shop/29 was acknowledged, and is gone from orders-0"
    );
    let lost: &[MessageId] = &loss.messages;
    let fate = ledger.fate(lost[0]).unwrap();
    assert_eq!(fate.copies.len(), 1, "no follower ever had it");
    assert_eq!(fate.copies[0].state, State::Truncated);
    assert_eq!(fate.copies[0].since, loss.at);
}

#[test]
fn why_tells_how_acks_1_loses_a_record() {
    let (audience, _, until) = played(ACKS_1).unwrap();
    let verdicts = audience.panel.finish(until);
    let loss = verdicts[0].violation.as_ref().unwrap();
    let names = audience.panel.ledger().names();
    let causes = audience.causality.why(Target::Violation(loss), names);
    let story: Vec<_> = causes.iter().map(|cause| cause.says.as_str()).collect();
    assert_eq!(
        story,
        [
            "shop produced it",
            "kafka-2 appended it, as leader",
            "shop was told that it is safe; no follower has it yet",
            "kafka-2 crashed",
            "controller-3 chose another leader",
            "kafka-2 cut it off its log",
        ]
    );
    let of_the_message = Target::Message(loss.messages[0]);
    assert_eq!(audience.causality.why(of_the_message, names), causes);
}
