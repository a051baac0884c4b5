//! What a teacher says at an event: `Lesson` of `scene.ts`.

use glassmq_core::names::NodeId;
use glassmq_sim::play::seen::Seen;
use glassmq_sim::play::{Play, roles};
use glassmq_sim::scenario::Scenario;
use glassmq_sim::scenario::lesson::{Lesson, Question};
use glassmq_sim::scenario::pattern::Pattern;
use glassmq_sim::scenario::text::Text;
use glassmq_sim::scenario::who::Who;
use serde_json::{Value, json};

use super::words::Language;

/// The beats of a lesson in the order of the run.
#[derive(Debug, Default)]
pub struct Teacher {
    /// What is waited for, how often it was seen, and what is said then.
    waiting: Vec<(Pattern, u32, Beat)>,
    /// What is said from which event on.
    beats: Vec<(u32, Beat)>,
}

/// Something that is said.
#[derive(Clone, Debug)]
enum Beat {
    Says(Text),
    Asks(Box<Question>),
}

impl Teacher {
    /// Of a scenario's lesson, if it has one.
    pub fn new(scenario: &Scenario) -> Self {
        let Some(lesson) = &scenario.lesson else {
            return Teacher::default();
        };
        let says = lesson.narration.iter();
        let says = says.map(|it| (it.on.clone(), 0, Beat::Says(it.say.clone())));
        let asks = lesson.questions.iter();
        let asks = asks.map(|it| (it.on.clone(), 0, Beat::Asks(Box::new(it.clone()))));
        Teacher {
            waiting: says.chain(asks).collect(),
            beats: Vec::new(),
        }
    }

    /// Whether something is still waited for.
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What a step showed, each with the number of its event.
    pub fn see(&mut self, seen: &[(Seen, u32)], play: &Play) {
        let (stage, names) = (play.stage(), play.names());
        let is = |node: NodeId, who: &Who| roles::resolve(who, stage, names).contains(&node);
        for (event, n) in seen {
            let beats = &mut self.beats;
            self.waiting.retain_mut(|(pattern, times, beat)| {
                if !event.is_meant(pattern, names, &is) {
                    return true;
                }
                *times += 1;
                if *times < pattern.nth.map_or(1, u32::from) {
                    return true;
                }
                beats.push((*n, beat.clone()));
                false
            });
        }
    }

    /// What is said at event `n`.
    pub fn at(&self, n: u32, scenario: &Scenario, language: Language) -> Option<Value> {
        let lesson = scenario.lesson.as_ref()?;
        let past = self.beats.partition_point(|(at, _)| *at <= n);
        let text = |text: &Text| match language {
            Language::Zh if !text.zh.is_empty() => text.zh.clone(),
            _ => text.en.clone(),
        };
        let so_far = &self.beats[..past];
        let mut said = so_far.iter().rev();
        let says = said.find_map(|(_, beat)| match beat {
            Beat::Says(says) => Some(text(says)),
            Beat::Asks(_) => None,
        });
        let question = match so_far.last() {
            Some((_, Beat::Asks(it))) => Some(json!({
                "ask": text(&it.ask),
                "choices": it.choices.iter().map(text).collect::<Vec<_>>(),
                "right": it.right.get() - 1,
                "because": text(&it.because),
            })),
            _ => None,
        };
        Some(json!({
            "step": past,
            "steps": self.beats.len(),
            "title": text(&scenario.title),
            "says": says.or_else(|| goal(lesson, &text)).unwrap_or_default(),
            "question": question,
            "hint": lesson.hint.as_ref().map(text),
        }))
    }
}

/// What the learner is to bring about: said before anything else is.
fn goal(lesson: &Lesson, text: &impl Fn(&Text) -> String) -> Option<String> {
    lesson.goal.as_ref().map(|goal| text(&goal.say))
}
