//! A scenario run to its end and judged: is everything as it expects, did every fault that it asks
//! for make a difference, and was every order given and answered?

use core::mem::{Discriminant, discriminant};

use glassmq_core::kafka::admin::about;
use glassmq_core::kafka::client::Command::Ask;
use glassmq_core::kafka::fact::Fact as Kafka;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::machine::Input;
use glassmq_core::names::Name;
use glassmq_core::shared::SortedMap;

use crate::bites::Bites;
use crate::cast::{Cast, Command, Fact};
use crate::check::{self, Panel};
use crate::event::{Event, EventId, Sink, What};
use crate::fault::Fault;
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::play::{Desk, Given, Play};
use crate::scenario::Scenario;
use crate::scenario::expect::Claim;
use crate::scenario::form::Form;
use crate::scenario::intervention::Intervention;
use crate::scenario::pattern::Pattern;
use crate::scenario::problem::Problem;
use crate::words;

/// A claim about a run, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The expectation as scenarios write it, or the fault or order in words.
    pub claim: String,
    /// Why it is not met; nothing: it is.
    pub unmet: Option<String>,
}

/// What a whole run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Its claims, each met or not.
    pub claims: Vec<Judged>,
    /// The digest of its end.
    pub end: u64,
}

/// Plays a scenario under a seed, with what a person did to the run, and judges each of its
/// expectations in their order, then each fault that was asked for in the order they struck, then
/// each order.
///
/// # Errors
/// What the scenario asks for and no machine here can do, by name.
pub fn judge(
    scenario: &Scenario,
    seed: u64,
    done: &[Intervention],
) -> Result<Judgement, Vec<Problem>> {
    let mut play = Play::of(scenario, seed, done)?;
    let mut audience = Audience {
        panel: Panel::new(play.names().clone()),
        bites: Bites::default(),
        names: play.names().clone(),
        peers: Peers::default(),
        struck: SortedMap::new(),
        orders: Vec::new(),
    };
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut audience) {}
    audience.bites.end(play.stage());
    let mut judged = expectations(scenario, &play, &audience.panel);
    judged.extend(audience.faults());
    judged.extend(audience.idle(play.given()));
    judged.extend(audience.orders.into_iter().map(Order::judged));
    judged.extend(play.waiting().map(never_seen));
    Ok(Judgement {
        claims: judged,
        end: play.digests().whole(),
    })
}

fn expectations(scenario: &Scenario, play: &Play, panel: &Panel) -> Vec<Judged> {
    let verdicts = panel.finish(play.until());
    let mut times = play.expected();
    let judged = scenario.expect.iter().map(|expectation| {
        let seen = match &expectation.0 {
            Claim::Check { .. } => false,
            Claim::Sometimes(by) | Claim::Eventually(by) | Claim::Never(by) => {
                let wanted = by.nth.map_or(1, u32::from);
                times.next().is_some_and(|times| times >= wanted)
            }
        };
        let unmet = check::judge(&expectation.0, &verdicts, seen).err();
        Judged {
            claim: expectation.write().to_string(),
            unmet: unmet.map(|why| why.0),
        }
    });
    judged.collect()
}

/// Everyone who must see a run to judge it.
struct Audience {
    panel: Panel,
    bites: Bites,
    names: std::rc::Rc<Names>,
    peers: Peers,
    /// Each fault that struck: when (microseconds) and in words.
    struck: SortedMap<EventId, (u64, String)>,
    orders: Vec<Order>,
}

/// An order that was given.
struct Order {
    /// Who gave it, in words, and the event.
    claim: String,
    request: &'static str,
    about: Vec<Name>,
    answered: bool,
}

impl Sink<Cast> for Audience {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        self.panel.see(event);
        self.bites.event(event);
        for loss in self.panel.ledger().losses() {
            self.bites.lost(loss.by, event.id);
        }
        let words = || words::line(event, &self.names, &self.peers);
        match &event.what {
            What::Faulted { .. } => {
                self.struck.insert(event.id, (event.at, words()));
            }
            What::Took {
                input: Input::Command(Command::Kafka(Ask { request, .. })),
                ..
            } => self.orders.push(Order {
                claim: format!("{} ({})", words(), event.id),
                request: request.label(),
                about: about(request),
                answered: false,
            }),
            What::Fact {
                fact: Fact::Kafka(Kafka::Client(fact)),
            } => self.answered(&fact.what),
            _ => {}
        }
    }
}

impl Order {
    fn judged(self) -> Judged {
        let unmet = "nobody answered it by the end of the run";
        Judged {
            claim: self.claim,
            unmet: (!self.answered).then(|| unmet.to_string()),
        }
    }
}

/// A fault or an order that waited in vain.
fn never_seen((is_fault, pattern): (bool, &Pattern)) -> Judged {
    let (claim, unmet) = match is_fault {
        true => ("a fault strikes", "the fault did not strike"),
        false => ("an order is given", "the order was not given"),
    };
    Judged {
        claim: format!("{claim} when {}", pattern.write()),
        unmet: Some(format!("that was never seen: {unmet}")),
    }
}

impl Audience {
    /// An administrator has an answer: to the first such order that had none.
    fn answered(&mut self, what: &ClientWhat) {
        let ClientWhat::Answered { request, outcomes } = what else {
            return;
        };
        let of = || outcomes.iter().map(|outcome| &outcome.of);
        let is_it = |order: &&mut Order| {
            !order.answered && *order.request == **request && order.about.iter().eq(of())
        };
        if let Some(order) = self.orders.iter_mut().find(is_it) {
            order.answered = true;
        }
    }

    /// What came to nothing when its time came: a fault that found nobody, or nothing to do to
    /// whom it found, and an order that found nobody to ask.
    fn idle(&self, given: &[Given]) -> Vec<Judged> {
        let struck = |at: u64, fault: &Fault| {
            let mut all = self.bites.struck().iter();
            all.any(|it| {
                it.fault == *fault && self.struck.get(&it.id).is_some_and(|(then, _)| *then == at)
            })
        };
        let idle = given.iter().filter(|given| {
            let is_cure = given.faults.iter().all(Fault::is_cure);
            let is_cure = is_cure && !given.faults.is_empty();
            !is_cure && !given.faults.iter().any(|fault| struck(given.at, fault))
        });
        let unmet = "nobody was whom it means then, or there was nothing to do to them";
        idle.map(|given| Judged {
            claim: given.what.clone(),
            unmet: Some(unmet.to_string()),
        })
        .collect()
    }

    /// Each fault that was asked for. One that strikes several at once (a cut does, on its way
    /// there and back) needs to bite only one of them.
    fn faults(&self) -> Vec<Judged> {
        let mut judged: Vec<Judged> = Vec::new();
        let mut last: Option<(u64, EventId, Discriminant<Fault>)> = None;
        for struck in self.bites.struck() {
            if struck.fault.is_cure() {
                continue;
            }
            let Some((at, words)) = self.struck.get(&struck.id) else {
                continue;
            };
            let this = (*at, struck.cause, discriminant(&struck.fault));
            let bit = struck.bitten.is_some();
            match judged.last_mut() {
                Some(same) if last == Some(this) => {
                    if bit {
                        same.unmet = None;
                    }
                }
                _ => judged.push(Judged {
                    claim: format!("{words} ({})", struck.id),
                    unmet: (!bit).then(|| "it made no difference: it proves nothing".to_string()),
                }),
            }
            last = Some(this);
        }
        judged
    }
}
