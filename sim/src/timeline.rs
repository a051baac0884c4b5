//! Going to any step of a run: keyframes, and running on from the nearest.
//!
//! Keyframes are thinned out as a run grows, so that their number is bounded; going back leaves
//! new ones near the cursor, so that the next step back is short.

use std::collections::BTreeMap;

use crate::cast::Cast;
use crate::event::Sink;
use crate::play::{Desk, Play};
use crate::scenario::intervention::Intervention;

/// At most so many keyframes; then every second one goes.
const KEYFRAMES: usize = 128;
/// Steps between keyframes at first.
const EVERY: u32 = 64;

/// A run that can be looked at anywhere.
#[derive(Debug)]
pub struct Timeline {
    keyframes: BTreeMap<u32, Play>,
    every: u32,
    here: Play,
    desk: Desk,
}

impl Timeline {
    /// Before the first step of a play.
    #[must_use]
    pub fn new(play: Play) -> Self {
        Timeline {
            keyframes: BTreeMap::from([(play.stage().steps(), play.clone())]),
            every: EVERY,
            here: play,
            desk: Desk::default(),
        }
    }

    /// Takes the next step and tells of it. False at the end of the run.
    pub fn step(&mut self, audience: &mut dyn Sink<Cast>) -> bool {
        if !self.here.step(&mut self.desk, audience) {
            return false;
        }
        let steps = self.here.stage().steps();
        if steps.is_multiple_of(self.every) {
            self.keep(steps);
        }
        true
    }

    /// Goes to just after a step; 0 is before the first. At most to the end of the run.
    pub fn seek(&mut self, step: u32) -> &Play {
        let here = self.here.stage().steps();
        let (at, nearest) = self
            .keyframes
            .range(..=step)
            .next_back()
            .expect("the start is kept");
        if step < here || *at > here {
            self.here = nearest.clone();
        }
        let far = step.saturating_sub(self.here.stage().steps());
        let stride = (far / 8).max(1);
        while self.here.stage().steps() < step && self.here.step(&mut self.desk, &mut ()) {
            let left = step - self.here.stage().steps();
            if left > 0 && left.is_multiple_of(stride) {
                self.keep(self.here.stage().steps());
            }
        }
        &self.here
    }

    /// The play at the cursor.
    #[must_use]
    pub fn here(&self) -> &Play {
        &self.here
    }

    /// Another run that is the same up to a step, and then has something done to it.
    pub fn fork(&mut self, before: u32, act: &Intervention) -> Timeline {
        let mut play = self.seek(before.saturating_sub(1)).clone();
        play.intervene(act);
        let mut keyframes = self.keyframes.clone();
        keyframes.retain(|at, _| *at < before);
        keyframes.insert(play.stage().steps(), play.clone());
        Timeline {
            keyframes,
            every: self.every,
            here: play,
            desk: Desk::default(),
        }
    }

    fn keep(&mut self, steps: u32) {
        self.keyframes.insert(steps, self.here.clone());
        if self.keyframes.len() > KEYFRAMES {
            self.every *= 2;
            let (every, last) = (self.every, steps);
            let kept = |at: &u32| *at == 0 || *at == last || at.is_multiple_of(every);
            self.keyframes.retain(|at, _| kept(at));
        }
    }
}
