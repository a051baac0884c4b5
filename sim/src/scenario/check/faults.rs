//! The faults: whom they name, and whether they can happen at all.

use super::{Check, Path};
use crate::scenario::Scenario;
use crate::scenario::fault::{Adversity, Fault};
use crate::scenario::moment::Moment;
use crate::scenario::record::Choice;
use crate::scenario::time::Time;
use crate::scenario::who::{Side, Who};

impl Check<'_> {
    pub(super) fn faults(&mut self, scenario: &Scenario, root: &Path) {
        for (i, fault) in scenario.faults.iter().enumerate() {
            let at = root.key("faults").index(i);
            self.moment(&at, &fault.moment, scenario.until);
            self.named(&at.key(fault.what.word()), &fault.what);
            if fault.lasting.is_some() && fault.what.inverse().is_none() {
                let what = format!("nothing undoes {:?}", fault.what.word());
                self.problem(&at.key("for"), what, "leave \"for\" out");
            }
            self.can_happen(&at.key(fault.what.word()), fault, scenario);
        }
        if let Some(chaos) = &scenario.chaos {
            let at = root.key("chaos");
            if chaos.kinds.is_empty() {
                self.problem(
                    &at.key("kinds"),
                    "chaos of no kind",
                    "name one, such as \"crash\"",
                );
            }
            if chaos.until.is_some_and(|until| until > scenario.until) {
                let what = "this is after the end of the run";
                self.problem(
                    &at.key("until"),
                    what,
                    "choose an earlier time, or leave it out",
                );
            }
        }
    }

    /// Whom a fault names.
    pub(super) fn named(&mut self, at: &Path, what: &Adversity) {
        match what.sides()[..] {
            [from, to] => {
                self.side(&at.index(0), from, Some(to));
                self.side(&at.index(1), to, Some(from));
            }
            [who] => self.side(at, who, None),
            _ => {}
        }
    }

    /// What undoes something needs something to undo. Only what can never happen is refused: a
    /// role, an event or chance may make anything possible.
    fn can_happen(&mut self, at: &Path, fault: &Fault, scenario: &Scenario) {
        if scenario.chaos.is_some() {
            return;
        }
        let earlier = scenario
            .faults
            .iter()
            .filter(|other| may_last_until(other, fault));
        let earlier: Vec<&Adversity> = earlier.map(|other| &other.what).collect();
        let done = |test: fn(&Adversity) -> bool| earlier.iter().any(|other| test(other));
        match &fault.what {
            Adversity::Mend { .. } | Adversity::Heal(_)
                if !done(|it| matches!(it, Adversity::Cut { .. })) =>
            {
                self.problem(at, "nothing is cut by then", "cut something before");
            }
            Adversity::Release(_) if !done(|it| matches!(it, Adversity::Hold(_))) => {
                self.problem(at, "nothing is held by then", "hold something before");
            }
            Adversity::Restart(who) => {
                let downs = |it: &Adversity| match it {
                    Adversity::Crash { who, .. } | Adversity::Stop { who, .. } => Some(who.clone()),
                    _ => None,
                };
                // Who cannot write may have ended by itself, and does not come back with the room.
                let ends = |it: &Fault| match &it.what {
                    Adversity::DiskFree { who, .. } if may_come_before(it, fault) => {
                        Some(who.clone())
                    }
                    _ => None,
                };
                let ended = scenario.faults.iter().filter_map(ends);
                self.undone(
                    at,
                    who,
                    earlier.iter().filter_map(|it| downs(it)).chain(ended),
                    "running",
                    "crash or stop",
                );
            }
            Adversity::Resume(who) => {
                let pauses = |it: &Adversity| match it {
                    Adversity::Pause(who) => Some(who.clone()),
                    _ => None,
                };
                self.undone(
                    at,
                    who,
                    earlier.iter().filter_map(|it| pauses(it)),
                    "not paused",
                    "pause",
                );
            }
            _ => {}
        }
    }

    /// Each process named must have been named before, unless a role may have meant it.
    fn undone(
        &mut self,
        at: &Path,
        who: &Side,
        earlier: impl Iterator<Item = Side>,
        state: &str,
        before: &str,
    ) {
        let earlier: Vec<Who> = earlier.flat_map(|side| side.0).collect();
        if earlier.iter().any(|who| matches!(who, Who::Role(_))) {
            return;
        }
        for (i, one) in who.0.iter().enumerate() {
            if let Who::Named(name) = one
                && !earlier.contains(one)
            {
                let at = if who.0.len() == 1 {
                    at.clone()
                } else {
                    at.index(i)
                };
                self.problem(
                    &at,
                    format!("{name} is {state} then"),
                    format!("{before} it before"),
                );
            }
        }
    }
}

/// Whether one fault may strike before another one.
fn may_come_before(one: &Fault, other: &Fault) -> bool {
    match (&one.moment, &other.moment) {
        (Moment::At(began), Moment::At(then)) => began < then,
        _ => !core::ptr::eq(one, other),
    }
}

/// Whether what one fault does may still hold when another one comes.
fn may_last_until(one: &Fault, other: &Fault) -> bool {
    match (&one.moment, &other.moment) {
        (Moment::At(began), Moment::At(then)) => {
            let ends = one
                .lasting
                .map(|lasting| Time(began.0.saturating_add(lasting.0)));
            began < then && ends.is_none_or(|ends| ends > *then)
        }
        _ => !core::ptr::eq(one, other),
    }
}
