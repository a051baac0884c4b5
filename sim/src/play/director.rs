//! What a scenario has happen from outside: faults and an administrator's orders, at a time or when
//! something is seen.
//!
//! Roles are resolved at that moment, after everything that was due before it.

use glassmq_core::kafka::api::control::Request;
use glassmq_core::kafka::client::Command;
use glassmq_core::names::NodeId;
use glassmq_core::shared::SortedMap;
use glassmq_core::time::Span;

use super::build::kafka::request;
use super::names::Names;
use super::roles;
use super::seen::Seen;
use crate::cast::Stage;
use crate::dice::{Dice, Generators, Stream};
use crate::event::EventId;
use crate::fault::{Fault, Lose};
use crate::scenario::Scenario;
use crate::scenario::fault::{self as scenario, Adversity};
use crate::scenario::form::Word as _;
use crate::scenario::intervention::{Before, Intervention};
use crate::scenario::moment::Moment;
use crate::scenario::order::{ADMINISTRATOR, Order};
use crate::scenario::pattern::Pattern;
use crate::scenario::time::Time;
use crate::scenario::who::{Side, Sides, Who};

/// What is still to happen to a run from outside.
#[derive(Clone, Debug)]
pub struct Director {
    /// What waits to see something.
    watching: Vec<Watch>,
    /// What has a time, by time and then as it came.
    due: SortedMap<(u64, u32), Planned>,
    /// What a person put before a step.
    before: SortedMap<(u32, u32), Planned>,
    planned: u32,
    /// The faults whose time came, and the orders that nobody was there to take.
    given: Vec<Given>,
}

/// What was to happen at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// When, in microseconds.
    pub at: u64,
    /// The fault as links write it, or the order's name; and when.
    pub what: String,
    /// What the stage was handed: nothing, if nobody was whom it meant.
    pub faults: Vec<Fault>,
}

#[derive(Clone, Debug)]
struct Watch {
    pattern: Pattern,
    after: Span,
    /// The dice for the wait.
    stream: Stream,
    seen: u32,
    what: Act,
}

/// What happens.
#[derive(Clone, Debug)]
enum Act {
    Fault {
        what: Adversity,
        lasting: Option<Time>,
    },
    Order {
        /// Who is asked; nobody named: any broker.
        on: Option<Who>,
        request: Request,
    },
}

/// Something whose time has come, or will.
#[derive(Clone, Debug)]
struct Planned {
    what: Act,
    cause: EventId,
}

impl Director {
    /// For the faults and orders of a scenario, and what a person did to a run of it.
    #[must_use]
    pub fn new(seed: u64, scenario: &Scenario, done: &[Intervention]) -> Self {
        let mut director = Director {
            watching: Vec::new(),
            due: SortedMap::new(),
            before: SortedMap::new(),
            planned: 0,
            given: Vec::new(),
        };
        let mut dice = Dice::new(seed);
        for fault in &scenario.faults {
            let name = |seen: &Pattern| format!("{seen:?} {:?}", fault.what);
            let act = Act::Fault {
                what: fault.what.clone(),
                lasting: fault.lasting,
            };
            director.expect(&fault.moment, act, |seen| {
                dice.stream("fault", &[&name(seen)], 0)
            });
        }
        for Order { moment, on, what } in &scenario.orders {
            let Some(request) = request(what) else {
                continue;
            };
            let name = |seen: &Pattern| format!("{seen:?} {request:?}");
            let act = Act::Order {
                on: on.clone(),
                request: request.clone(),
            };
            director.expect(moment, act, |seen| dice.stream("order", &[&name(seen)], 0));
        }
        for act in done {
            director.intervene(act);
        }
        director
    }

    /// A person does something.
    pub fn intervene(&mut self, act: &Intervention) {
        let (what, lasting) = (act.what.clone(), act.lasting);
        let what = Act::Fault { what, lasting };
        let cause = EventId::ROOT;
        match act.before {
            Before::Time(time) => self.plan(time.0, what, cause),
            Before::Step(step) => {
                self.planned += 1;
                let planned = Planned { what, cause };
                self.before.insert((step as u32, self.planned), planned);
            }
        }
    }

    /// Whether steps must be watched.
    #[must_use]
    pub fn watches(&self) -> bool {
        !self.watching.is_empty()
    }

    /// What waits to see something, and has not happened: whether it is a fault, and the pattern.
    pub fn waiting(&self) -> impl Iterator<Item = (bool, &Pattern)> {
        let is_fault = |watch: &Watch| matches!(watch.what, Act::Fault { .. });
        self.watching
            .iter()
            .map(move |watch| (is_fault(watch), &watch.pattern))
    }

    /// The faults whose time came, and the orders that nobody was there to take.
    #[must_use]
    pub fn given(&self) -> &[Given] {
        &self.given
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
                set_off.push((at, watch.what.clone(), event.id));
                false
            });
        }
        for (at, what, cause) in set_off {
            self.plan(at, what, cause);
        }
    }

    /// Hands to the stage what a person put before its next step.
    pub fn act_before_step(&mut self, stage: &mut Stage, names: &Names) {
        let next_step = stage.steps() + 1;
        while let Some((&(step, _), _)) = self.before.first_key_value()
            && step <= next_step
            && let Some((_, planned)) = self.before.pop_first()
        {
            self.act(&planned, stage.now(), stage, names);
        }
    }

    /// When the next thing is due whose time is known.
    #[must_use]
    pub fn next_at(&self) -> Option<u64> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Hands to the stage the next thing whose time is known.
    pub fn act_next(&mut self, stage: &mut Stage, names: &Names) {
        if let Some(((at, _), planned)) = self.due.pop_first() {
            self.act(&planned, at, stage, names);
        }
    }

    fn expect(&mut self, moment: &Moment, what: Act, stream: impl FnOnce(&Pattern) -> Stream) {
        match moment {
            Moment::At(time) => self.plan(time.0, what, EventId::ROOT),
            Moment::When { seen, after } => self.watching.push(Watch {
                pattern: seen.clone(),
                after: *after,
                stream: stream(seen),
                seen: 0,
                what,
            }),
        }
    }

    fn plan(&mut self, at: u64, what: Act, cause: EventId) {
        self.planned += 1;
        self.due.insert((at, self.planned), Planned { what, cause });
    }

    /// Lets it happen to whom it means now.
    fn act(&mut self, planned: &Planned, at: u64, stage: &mut Stage, names: &Names) {
        let cause = planned.cause;
        let (what, faults) = match &planned.what {
            Act::Fault { what, lasting } => {
                let faults = strike(what, *lasting, at, cause, stage, names);
                let told = Intervention {
                    what: what.clone(),
                    lasting: *lasting,
                    before: Before::Time(Time(at)),
                };
                (told.print(), faults)
            }
            Act::Order { on, request } => {
                if give(on.as_ref(), request, at, cause, stage, names) {
                    return;
                }
                let label = request.label();
                (format!("{label}@{}", Time(at).print()), Vec::new())
            }
        };
        self.given.push(Given { at, what, faults });
    }
}

/// Does a fault to whom it means now, and orders its end.
fn strike(
    what: &Adversity,
    lasting: Option<Time>,
    at: u64,
    cause: EventId,
    stage: &mut Stage,
    names: &Names,
) -> Vec<Fault> {
    let faults = resolved(what, stage, names);
    for fault in &faults {
        if let (Some(lasting), Some(inverse)) = (lasting, inverse(fault)) {
            stage.fault(at + lasting.0, inverse, cause);
        }
        stage.fault(at, fault.clone(), cause);
    }
    faults
}

/// Has the administrator ask for something. False if it is to ask nobody.
fn give(
    on: Option<&Who>,
    request: &Request,
    at: u64,
    cause: EventId,
    stage: &mut Stage,
    names: &Names,
) -> bool {
    let asked = on.map(|who| roles::resolve(who, stage, names));
    let (Some(me), false) = (
        names.find(ADMINISTRATOR),
        asked.as_ref().is_some_and(Vec::is_empty),
    ) else {
        return false;
    };
    let ask = Command::Ask {
        on: asked.and_then(|asked| asked.first().copied()),
        request: request.clone(),
    };
    stage.order(at, me, ask.into(), cause);
    true
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
