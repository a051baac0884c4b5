//! What a teacher adds, and what must come out.

use super::{Check, Path};
use crate::scenario::Scenario;
use crate::scenario::expect::{Claim, Expectation};

impl Check<'_> {
    pub(super) fn lesson(&mut self, scenario: &Scenario, root: &Path) {
        self.expectations(&root.key("expect"), &scenario.expect);
        let Some(lesson) = &scenario.lesson else {
            return;
        };
        let at = root.key("lesson");
        for (i, remark) in lesson.narration.iter().enumerate() {
            self.pattern(&at.key("narration").index(i).key("on"), &remark.on);
        }
        for (i, question) in lesson.questions.iter().enumerate() {
            let at = at.key("questions").index(i);
            self.pattern(&at.key("on"), &question.on);
            if question.right.get() as usize > question.choices.len() {
                let what = format!("there is no answer {}", question.right);
                let remedy = format!("there are {}, counted from 1", question.choices.len());
                self.problem(&at.key("right"), what, remedy);
            }
        }
        for (i, step) in lesson.solution.iter().enumerate() {
            self.named(&at.key("solution").index(i), &step.what);
        }
        if let Some(goal) = &lesson.goal {
            self.expectations(&at.key("goal").key("reach"), &goal.reach);
        }
    }

    fn expectations(&mut self, at: &Path, expectations: &[Expectation]) {
        for (i, Expectation(claim)) in expectations.iter().enumerate() {
            let at = at.index(i);
            match claim {
                Claim::Check { .. } => {}
                Claim::Sometimes(seen) => self.pattern(&at.key("sometimes"), seen),
                Claim::Eventually(seen) => self.pattern(&at.key("eventually"), seen),
                Claim::Never(seen) => self.pattern(&at.key("never"), seen),
            }
        }
    }
}
