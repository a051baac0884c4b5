//! What a scenario has happen from outside: faults, at a time or when something is seen.
//!
//! Roles are resolved at the moment of the fault, after everything that was due before it.

use glassmq_core::names::NodeId;
use glassmq_core::shared::SortedMap;
use glassmq_core::time::Span;

use super::names::Names;
use super::roles;
use super::seen::Seen;
use crate::cast::Stage;
use crate::dice::{Dice, Generators, Stream};
use crate::event::EventId;
use crate::fault::{Fault, Lose};
use crate::scenario::fault::{self as scenario, Adversity};
use crate::scenario::intervention::{Before, Intervention};
use crate::scenario::moment::Moment;
use crate::scenario::pattern::Pattern;
use crate::scenario::time::Time;
use crate::scenario::who::{Side, Sides};

/// The faults of a run that are still to come.
#[derive(Clone, Debug)]
pub struct Director {
    /// Those that wait to see something.
    watching: Vec<Watch>,
    /// Those whose time is known, by time and then as they came.
    due: SortedMap<(u64, u32), Planned>,
    /// Those that a person put before a step.
    before: SortedMap<(u32, u32), Planned>,
    planned: u32,
}

#[derive(Clone, Debug)]
struct Watch {
    pattern: Pattern,
    after: Span,
    /// The dice for the wait.
    stream: Stream,
    seen: u32,
    what: Adversity,
    lasting: Option<Time>,
}

/// A fault whose time has come, or will.
#[derive(Clone, Debug)]
struct Planned {
    what: Adversity,
    lasting: Option<Time>,
    cause: EventId,
}

impl Director {
    /// For the faults of a scenario, and what a person did to a run of it.
    #[must_use]
    pub fn new(seed: u64, faults: &[scenario::Fault], done: &[Intervention]) -> Self {
        let mut director = Director {
            watching: Vec::new(),
            due: SortedMap::new(),
            before: SortedMap::new(),
            planned: 0,
        };
        let mut dice = Dice::new(seed);
        for fault in faults {
            let (what, lasting) = (fault.what.clone(), fault.lasting);
            match &fault.moment {
                Moment::At(time) => director.plan(time.0, what, lasting, EventId::ROOT),
                Moment::When { seen, after } => {
                    let name = format!("{seen:?} {what:?}");
                    director.watching.push(Watch {
                        pattern: seen.clone(),
                        after: *after,
                        stream: dice.stream("fault", &[&name], 0),
                        seen: 0,
                        what,
                        lasting,
                    });
                }
            }
        }
        for act in done {
            director.intervene(act);
        }
        director
    }

    /// A person does something.
    pub fn intervene(&mut self, act: &Intervention) {
        let (what, lasting) = (act.what.clone(), act.lasting);
        match act.before {
            Before::Time(time) => self.plan(time.0, what, lasting, EventId::ROOT),
            Before::Step(step) => {
                self.planned += 1;
                let cause = EventId::ROOT;
                let planned = Planned {
                    what,
                    lasting,
                    cause,
                };
                self.before.insert((step as u32, self.planned), planned);
            }
        }
    }

    /// Whether steps must be watched.
    #[must_use]
    pub fn watches(&self) -> bool {
        !self.watching.is_empty()
    }

    /// What faults wait to see that have not struck yet.
    pub fn waiting(&self) -> impl Iterator<Item = &Pattern> {
        self.watching.iter().map(|watch| &watch.pattern)
    }

    /// A step is done; this is what it showed.
    pub fn see(&mut self, seen: &[Seen], stage: &Stage, names: &Names, at_hand: &mut Generators) {
        let is = |node: NodeId, who: &_| roles::resolve(who, stage, names).contains(&node);
        let mut set_off = Vec::new();
        for event in seen {
            self.watching.retain_mut(|watch| {
                if !event.is_meant(&watch.pattern, names, &is) {
                    return true;
                }
                watch.seen += 1;
                let wanted = watch.pattern.nth.map_or(1, u32::from);
                if watch.seen < wanted {
                    return true;
                }
                let at = stage.now() + watch.stream.within(watch.after, at_hand);
                set_off.push((at, watch.what.clone(), watch.lasting, event.id));
                false
            });
        }
        for (at, what, lasting, cause) in set_off {
            self.plan(at, what, lasting, cause);
        }
    }

    /// Hands to the stage what a person put before its next step.
    pub fn act_before_step(&mut self, stage: &mut Stage, names: &Names) {
        let next_step = stage.steps() + 1;
        while let Some((&(step, _), _)) = self.before.first_key_value()
            && step <= next_step
            && let Some((_, planned)) = self.before.pop_first()
        {
            strike(&planned, stage.now(), stage, names);
        }
    }

    /// When the next fault is due whose time is known.
    #[must_use]
    pub fn next_at(&self) -> Option<u64> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Hands to the stage the next fault whose time is known.
    pub fn act_next(&mut self, stage: &mut Stage, names: &Names) {
        if let Some(((at, _), planned)) = self.due.pop_first() {
            strike(&planned, at, stage, names);
        }
    }

    fn plan(&mut self, at: u64, what: Adversity, lasting: Option<Time>, cause: EventId) {
        self.planned += 1;
        let planned = Planned {
            what,
            lasting,
            cause,
        };
        self.due.insert((at, self.planned), planned);
    }
}

/// Does a fault to whom it means now, and orders its end.
fn strike(planned: &Planned, at: u64, stage: &mut Stage, names: &Names) {
    for fault in resolved(&planned.what, stage, names) {
        if let (Some(lasting), Some(inverse)) = (planned.lasting, inverse(&fault)) {
            stage.fault(at + lasting.0, inverse, planned.cause);
        }
        stage.fault(at, fault, planned.cause);
    }
}

/// A scenario's fault as the kernel's, with nodes for names and roles.
fn resolved(what: &Adversity, stage: &Stage, names: &Names) -> Vec<Fault> {
    let sides = |sides: &Sides| {
        let from = roles::resolve_side(&sides.from, &sides.to, stage, names);
        let to = roles::resolve_side(&sides.to, &sides.from, stage, names);
        (from, to)
    };
    let each = |who: &Side, make: &dyn Fn(NodeId) -> Fault| -> Vec<Fault> {
        let nodes = roles::resolve_side(who, &Side::default(), stage, names);
        nodes.into_iter().map(make).collect()
    };
    let pairs = |between: &Sides, make: &dyn Fn(NodeId, NodeId) -> Fault| -> Vec<Fault> {
        let (from, to) = sides(between);
        let across = |a: NodeId| to.iter().filter(move |b| **b != a).map(move |b| (a, *b));
        from.iter()
            .copied()
            .flat_map(across)
            .map(|(a, b)| make(a, b))
            .collect()
    };
    match what {
        Adversity::Cut {
            sides: between,
            one_way,
        } => {
            let (from, to) = sides(between);
            let mut faults = vec![Fault::Cut {
                from: from.clone(),
                to: to.clone(),
            }];
            if !one_way {
                faults.push(Fault::Cut { from: to, to: from });
            }
            faults
        }
        Adversity::Mend {
            sides: between,
            one_way,
        } => {
            let (from, to) = sides(between);
            let mut faults = vec![Fault::Mend {
                from: from.clone(),
                to: to.clone(),
            }];
            if !one_way {
                faults.push(Fault::Mend { from: to, to: from });
            }
            faults
        }
        Adversity::Heal(_) => vec![Fault::Heal],
        Adversity::Slow {
            sides: between,
            by,
            one_way,
        } => {
            let (from, to) = sides(between);
            let mut faults = vec![Fault::Slow {
                from: from.clone(),
                to: to.clone(),
                by: *by,
            }];
            if !one_way {
                faults.push(Fault::Slow {
                    from: to,
                    to: from,
                    by: *by,
                });
            }
            faults
        }
        Adversity::Reset(between) => pairs(between, &|a, b| Fault::Reset { a, b }),
        Adversity::Hold(between) => pairs(between, &|from, to| Fault::Hold {
            from,
            to,
            since: None,
        }),
        Adversity::Release(between) => pairs(between, &|from, to| Fault::Release { from, to }),
        Adversity::Crash {
            who,
            lose,
            after_effects,
        } => {
            let lose = match lose {
                scenario::Lose::Process => Lose::Process,
                scenario::Lose::Power => Lose::Power,
            };
            let after_effects = *after_effects;
            each(who, &|node| Fault::Crash {
                node,
                lose,
                after_effects,
            })
        }
        Adversity::Restart(who) => each(who, &|node| Fault::Restart { node }),
        Adversity::Stop { who, grace } => each(who, &|node| Fault::Stop {
            node,
            grace: grace.0,
        }),
        Adversity::Pause(who) => each(who, &|node| Fault::Pause { node }),
        Adversity::Resume(who) => each(who, &|node| Fault::Resume { node }),
        Adversity::Skew { who, by } => each(who, &|node| Fault::Skew { node, by: by.0 }),
        Adversity::Rate { who, ppm } => each(who, &|node| Fault::Rate { node, ppm: *ppm }),
        Adversity::SlowDisk { who, by } => each(who, &|node| Fault::SlowDisk { node, by: *by }),
        Adversity::DiskFree { who, bytes } => {
            let bytes = bytes.map(|bytes| bytes.0);
            each(who, &|node| Fault::DiskFree { node, bytes })
        }
        Adversity::TearWrite(who) => each(who, &|node| Fault::TearWrite { node }),
        Adversity::Memory { who, used } => each(who, &|node| Fault::Memory { node, used: used.0 }),
    }
}

/// What undoes a fault to the very nodes it was done to.
fn inverse(fault: &Fault) -> Option<Fault> {
    Some(match fault {
        Fault::Cut { from, to } => Fault::Mend {
            from: from.clone(),
            to: to.clone(),
        },
        Fault::Slow { from, to, .. } => Fault::Slow {
            from: from.clone(),
            to: to.clone(),
            by: Span::ZERO,
        },
        Fault::Hold { from, to, .. } => Fault::Release {
            from: *from,
            to: *to,
        },
        Fault::Crash { node, .. } | Fault::Stop { node, .. } => Fault::Restart { node: *node },
        Fault::Pause { node } => Fault::Resume { node: *node },
        Fault::Skew { node, .. } => Fault::Skew { node: *node, by: 0 },
        Fault::Rate { node, .. } => Fault::Rate {
            node: *node,
            ppm: 0,
        },
        Fault::SlowDisk { node, .. } => Fault::SlowDisk {
            node: *node,
            by: Span::ZERO,
        },
        Fault::DiskFree { node, .. } => Fault::DiskFree {
            node: *node,
            bytes: None,
        },
        _ => return None,
    })
}
