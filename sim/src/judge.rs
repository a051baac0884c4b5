//! A scenario run to its end and judged: is everything as it expects, and did every fault that it
//! asks for make a difference?

use core::mem::{Discriminant, discriminant};

use glassmq_core::shared::SortedMap;

use crate::bites::Bites;
use crate::cast::Cast;
use crate::check::{self, Panel};
use crate::event::{Event, EventId, Sink, What};
use crate::fault::Fault;
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::play::{Desk, Play};
use crate::scenario::Scenario;
use crate::scenario::expect::Claim;
use crate::scenario::form::Form;
use crate::scenario::intervention::Intervention;
use crate::scenario::problem::Problem;
use crate::words;

/// A claim about a run, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The expectation as scenarios write it, or the fault in words.
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
/// expectations in their order, then each fault that was asked for in the order they struck.
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
    };
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut audience) {}
    audience.bites.end(play.stage());
    let mut judged = expectations(scenario, &play, &audience.panel);
    judged.extend(audience.faults());
    judged.extend(play.waiting().map(|pattern| Judged {
        claim: format!("a fault strikes when {}", pattern.write()),
        unmet: Some("that was never seen: the fault did not strike".to_string()),
    }));
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
    names: std::sync::Arc<Names>,
    peers: Peers,
    /// Each fault that struck: when (microseconds) and in words.
    struck: SortedMap<EventId, (u64, String)>,
}

impl Sink<Cast> for Audience {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        self.panel.see(event);
        self.bites.event(event);
        if let What::Faulted { .. } = event.what {
            let words = words::line(event, &self.names, &self.peers);
            self.struck.insert(event.id, (event.at, words));
        }
    }
}

impl Audience {
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
