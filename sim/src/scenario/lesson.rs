//! What a teacher adds to a scenario: narration, questions, a goal.

use core::num::NonZeroU32;

use super::expect::Expectation;
use super::intervention::Intervention;
use super::pattern::Pattern;
use super::record::{Fields, Record};
use super::text::Text;

/// What a teacher adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// Sentences said when something is seen.
    pub narration: Vec<Remark>,
    /// Questions asked when something is seen.
    pub questions: Vec<Question>,
    /// What the learner is to bring about.
    pub goal: Option<Goal>,
    /// A help towards it.
    pub hint: Option<Text>,
    /// One way to it, as a link writes it: `crash:kafka-1@8.5s`.
    pub solution: Vec<Intervention>,
}

/// A sentence said when something is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// The event.
    pub on: Pattern,
    /// The sentence.
    pub say: Text,
}

/// A question asked when something is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The event.
    pub on: Pattern,
    /// The question.
    pub ask: Text,
    /// The answers to choose from.
    pub choices: Vec<Text>,
    /// Which of them is right, counted from 1.
    pub right: NonZeroU32,
    /// Why it is.
    pub because: Text,
}

/// What the learner is to bring about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// In a sentence.
    pub say: Text,
    /// What must then come out of the run.
    pub reach: Vec<Expectation>,
}

impl Default for Question {
    fn default() -> Self {
        Question {
            on: Pattern::default(),
            ask: Text::default(),
            choices: Vec::new(),
            right: NonZeroU32::MIN,
            because: Text::default(),
        }
    }
}

impl Record for Lesson {
    const NAME: &'static str = "lesson";
    const ABOUT: &'static str = "What a teacher adds: narration, questions, a goal.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.may(
            "narration",
            "Sentences said when something is seen.",
            &mut self.narration,
        );
        f.may(
            "questions",
            "Questions asked when something is seen.",
            &mut self.questions,
        );
        f.may(
            "goal",
            "What the learner is to bring about.",
            &mut self.goal,
        );
        f.may("hint", "A help towards the goal.", &mut self.hint);
        f.may(
            "solution",
            "One way to the goal: interventions as a link writes them.",
            &mut self.solution,
        );
    }
}

impl Record for Remark {
    const NAME: &'static str = "remark";
    const ABOUT: &'static str = "A sentence said when something is seen.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("on", "The event.", &mut self.on);
        f.need("say", "The sentence.", &mut self.say);
    }
}

impl Record for Question {
    const NAME: &'static str = "question";
    const ABOUT: &'static str =
        "A question asked when something is seen; the run waits for the answer.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("on", "The event.", &mut self.on);
        f.need("ask", "The question.", &mut self.ask);
        f.need("choices", "The answers to choose from.", &mut self.choices);
        f.need(
            "right",
            "Which of them is right, counted from 1.",
            &mut self.right,
        );
        f.need("because", "Why it is.", &mut self.because);
    }
}

impl Record for Goal {
    const NAME: &'static str = "goal";
    const ABOUT: &'static str = "What the learner is to bring about.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("say", "In a sentence.", &mut self.say);
        f.need(
            "reach",
            "What must then come out of the run.",
            &mut self.reach,
        );
    }
}
