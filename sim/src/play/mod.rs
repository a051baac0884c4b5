//! A scenario being played: the stage, what happens to it from outside, and who keeps count.
//!
//! A play is a pure function of (engine version, scenario, seed, interventions). It is `Clone`:
//! a copy is a keyframe, and goes on exactly as the original would.

mod build;
mod director;
pub mod names;
pub mod peers;
pub mod roles;
pub mod seen;
pub mod tally;

use std::rc::Rc;

use director::Director;
pub use director::Given;
use names::Names;
use peers::Peers;
use seen::Seen;

use crate::cast::{Cast, Stage};
use crate::check::Panel;
use crate::dice::Generators;
use crate::event::{Event, Sink};
use crate::scenario::Scenario;
use crate::scenario::expect::Claim;
use crate::scenario::intervention::Intervention;
use crate::scenario::pattern::Pattern;
use crate::scenario::problem::Problem;
use crate::trace::Digests;
use crate::world::Scratch;

/// A scenario being played.
#[derive(Clone, Debug)]
pub struct Play {
    stage: Stage,
    names: Rc<Names>,
    peers: Peers,
    director: Director,
    digests: Digests,
    panel: Panel,
    until: u64,
    /// What the scenario expects to see, or not to see, and how often it was seen.
    expected: Vec<(Pattern, u32)>,
}

/// Room that steps use over and over. Not part of the play.
#[derive(Debug, Default)]
pub struct Desk {
    scratch: Scratch<Cast>,
    generators: Generators,
    seen: Vec<Seen>,
}

impl Play {
    /// Sets a scenario up under a seed, with what a person did to the run.
    ///
    /// # Errors
    /// What the scenario asks for and no machine here can do, by name.
    pub fn of(scenario: &Scenario, seed: u64, done: &[Intervention]) -> Result<Play, Vec<Problem>> {
        let (stage, names) = build::stage(scenario, seed)?;
        let patterns = scenario.expect.iter().filter_map(|it| match &it.0 {
            Claim::Sometimes(it) | Claim::Eventually(it) | Claim::Never(it) => Some(it.clone()),
            Claim::Check { .. } => None,
        });
        let names = Rc::new(names);
        Ok(Play {
            stage,
            panel: Panel::new(names.clone()),
            names,
            peers: Peers::default(),
            director: Director::new(seed, scenario, done),
            digests: Digests::default(),
            until: scenario.until.0,
            expected: patterns.map(|pattern| (pattern, 0)).collect(),
        })
    }

    /// Takes the next step, and tells `audience` of it. False when the run is over.
    pub fn step(&mut self, desk: &mut Desk, audience: &mut dyn Sink<Cast>) -> bool {
        loop {
            self.director.act_before_step(&mut self.stage, &self.names);
            let cue = self.director.next_at().filter(|at| *at <= self.until);
            if self.step_by(cue.unwrap_or(self.until), desk, audience) {
                return true;
            }
            if cue.is_none() {
                return false;
            }
            // All that was due by then is done: now roles mean what they mean at that moment.
            self.director.act_next(&mut self.stage, &self.names);
        }
    }

    fn step_by(&mut self, latest: u64, desk: &mut Desk, audience: &mut dyn Sink<Cast>) -> bool {
        desk.seen.clear();
        let watches = self.director.watches() || !self.expected.is_empty();
        let mut box_office = BoxOffice {
            peers: &mut self.peers,
            digests: &mut self.digests,
            panel: &mut self.panel,
            seen: watches.then_some(&mut desk.seen),
            audience,
        };
        let stepped = self
            .stage
            .step_within(latest, &mut desk.scratch, &mut box_office);
        if watches && !desk.seen.is_empty() {
            self.look(desk);
        }
        stepped
    }

    /// What the step showed: the director's cues, and what the scenario expects.
    fn look(&mut self, desk: &mut Desk) {
        let (stage, names) = (&self.stage, &*self.names);
        let is = |node, who: &_| roles::resolve(who, stage, names).contains(&node);
        for (pattern, times) in &mut self.expected {
            let meant = |seen: &&Seen| seen.is_meant(pattern, names, &is);
            *times += desk.seen.iter().filter(meant).count() as u32;
        }
        self.director
            .see(&desk.seen, stage, names, &mut desk.generators);
    }

    /// The processes, disks and connections.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Who is who.
    #[must_use]
    pub fn names(&self) -> &Rc<Names> {
        &self.names
    }

    /// Who is at the other end of connections.
    #[must_use]
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// The digests of the run so far.
    #[must_use]
    pub fn digests(&self) -> Digests {
        self.digests
    }

    /// The books and the checkers.
    #[must_use]
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// When the run ends, in microseconds.
    #[must_use]
    pub fn until(&self) -> u64 {
        self.until
    }

    /// How often each pattern of the scenario's expectations was seen, in their order.
    pub fn expected(&self) -> impl Iterator<Item = u32> + '_ {
        self.expected.iter().map(|(_, times)| *times)
    }

    /// What waits to see something, and has not happened: whether it is a fault (else it is an
    /// order), and the pattern.
    pub fn waiting(&self) -> impl Iterator<Item = (bool, &Pattern)> {
        self.director.waiting()
    }

    /// The faults whose time came, and the orders that nobody was there to take.
    #[must_use]
    pub fn given(&self) -> &[Given] {
        self.director.given()
    }

    /// A person does something to the run.
    pub fn intervene(&mut self, act: &Intervention) {
        self.director.intervene(act);
    }
}

/// Everyone who follows a step.
struct BoxOffice<'a> {
    peers: &'a mut Peers,
    digests: &'a mut Digests,
    panel: &'a mut Panel,
    seen: Option<&'a mut Vec<Seen>>,
    audience: &'a mut dyn Sink<Cast>,
}

impl Sink<Cast> for BoxOffice<'_> {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        self.digests.feed_behaviour(event);
        self.digests.feed_whole(event);
        self.panel.see(event);
        if let Some(seen) = &mut self.seen {
            seen.extend(Seen::of(event, self.peers));
        }
        self.audience.event(event);
    }
}
