//! Going to any step of a run: keyframes, and running on from the nearest.
//!
//! Keyframes are thinned out as a run grows, so that their number is bounded; going back leaves
//! new ones near the cursor, so that the next step back is short.

use glassmq_core::shared::SortedMap;

use crate::cast::Cast;
use crate::event::Sink;
use crate::play::{Desk, Play};
use crate::scenario::intervention::Intervention;

/// At most so many keyframes; then every second one goes.
const KEYFRAMES: usize = 384;
/// Steps between keyframes at first.
const EVERY: u32 = 64;
/// At most so many keyframes near the cursor; then the farthest goes.
const NEAR: usize = 32;
/// A way of at least so many steps leaves a keyframe where it ends, too.
const FAR: u32 = 64;
/// Into so many parts the way from a keyframe to the cursor is divided by new ones.
const STRIDES: u32 = 8;

/// A run that can be looked at anywhere.
#[derive(Debug)]
pub struct Timeline {
    keyframes: SortedMap<u32, Play>,
    every: u32,
    /// Those that going back left near the cursor.
    near: SortedMap<u32, Play>,
    here: Play,
    desk: Desk,
}

impl Timeline {
    /// Before the first step of a play.
    #[must_use]
    pub fn new(play: Play) -> Self {
        Timeline {
            keyframes: SortedMap::from([(play.stage().steps(), play.clone())]),
            every: EVERY,
            near: SortedMap::new(),
            here: play,
            desk: Desk::default(),
        }
    }

    /// Takes the next step and tells of it. False at the end of the run.
    pub fn step(&mut self, audience: &mut dyn Sink<Cast>) -> bool {
        if !self.here.step(&mut self.desk, audience) {
            return false;
        }
        if self.is_due(&self.here) {
            self.keep(self.here.clone());
        }
        true
    }

    /// The run is played elsewhere and has come to here: a keyframe, if it is time for one.
    pub fn note(&mut self, play: &Play) {
        if self.is_due(play) {
            self.keep(play.clone());
        }
    }

    /// Goes to just after a step; 0 is before the first. At most to the end of the run.
    pub fn seek(&mut self, step: u32) -> &Play {
        let here = self.here.stage().steps();
        let nearest = |all: &SortedMap<u32, Play>| {
            let found = all.range(..=step).next_back();
            found.map(|(at, play)| (*at, play.clone()))
        };
        let kept = nearest(&self.keyframes).into_iter();
        let (at, play) = kept
            .chain(nearest(&self.near))
            .max_by_key(|(at, _)| *at)
            .expect("the start is kept");
        if step < here || at > here {
            self.here = play;
        }
        let far = step.saturating_sub(self.here.stage().steps());
        let stride = (far / STRIDES).max(1);
        while self.here.stage().steps() < step && self.here.step(&mut self.desk, &mut ()) {
            let left = step.saturating_sub(self.here.stage().steps());
            if left > 0 && left.is_multiple_of(stride) {
                self.keep_near(step);
            }
        }
        if far >= FAR {
            self.keep_near(step);
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
            near: SortedMap::new(),
            here: play,
            desk: Desk::default(),
        }
    }

    fn keep_near(&mut self, cursor: u32) {
        self.near
            .insert(self.here.stage().steps(), self.here.clone());
        while self.near.len() > NEAR {
            let ends = [self.near.keys().next(), self.near.keys().next_back()];
            let farthest = ends
                .into_iter()
                .flatten()
                .max_by_key(|at| at.abs_diff(cursor));
            let farthest = farthest.copied().unwrap_or_default();
            self.near.remove(&farthest);
        }
    }

    /// Leaves a keyframe at the cursor: one comes back to it at once.
    pub fn mark(&mut self) {
        self.keep_near(self.here.stage().steps());
    }

    fn is_due(&self, play: &Play) -> bool {
        let steps = play.stage().steps();
        steps.is_multiple_of(self.every) && !self.keyframes.contains_key(&steps)
    }

    fn keep(&mut self, play: Play) {
        let steps = play.stage().steps();
        self.keyframes.insert(steps, play);
        if self.keyframes.len() > KEYFRAMES {
            self.every *= 2;
            let (every, last) = (self.every, steps);
            let kept = |at: &u32| *at == 0 || *at == last || at.is_multiple_of(every);
            self.keyframes.retain(|at, _| kept(at));
        }
    }
}
