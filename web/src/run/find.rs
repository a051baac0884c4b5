//! Finding events: by a message, a key, a number, a word.

use serde_json::{Value, json};

use super::branch::Branch;
use super::lines::Line;
use super::words::{self, Language};

/// How many are found at most.
const FOUND: usize = 12;
/// Events that are put into words at a time.
const CHUNK: u32 = 4096;

impl Branch {
    /// The first events, from one on, that a text is found in: `Found` of `protocol.ts`. Putting
    /// a long run into words takes its time: `next` is where to go on, if something is left.
    pub fn search(&mut self, text: &str, from: u32, language: Language) -> Value {
        let text = text.trim();
        let numbers = self.numbers_of(text);
        let mut next = None;
        let found: Vec<Line> = if text.is_empty() {
            Vec::new()
        } else if numbers.is_empty() {
            let to = from + CHUNK - 1;
            next = (to < self.story.total()).then_some(to + 1);
            self.in_words(&text.to_lowercase(), from, to, language)
        } else {
            let lines = numbers.into_iter().take(FOUND);
            lines.flat_map(|n| self.lines(n, n, language)).collect()
        };
        let events: Vec<Value> = found.iter().map(|line| line.json(language)).collect();
        json!({"events": events, "next": next.filter(|_| found.len() < FOUND)})
    }

    /// The events of a message (`m17`, `shop/17`), of the messages with a key, or of that number.
    fn numbers_of(&self, text: &str) -> Vec<u32> {
        let story = &self.story;
        if let Some(id) = story.message(text) {
            return story.mentions(|one| one == id).collect();
        }
        if let Ok(n) = text.parse::<u32>() {
            return (1..=story.total())
                .contains(&n)
                .then_some(n)
                .into_iter()
                .collect();
        }
        let keyed = |id| story.things.keys.get(&id).is_some_and(|key| **key == *text);
        let mut all: Vec<u32> = story.mentions(keyed).collect();
        all.dedup();
        all
    }

    /// The events of a stretch whose sentence contains a text in lower case.
    fn in_words(&mut self, text: &str, from: u32, to: u32, language: Language) -> Vec<Line> {
        let lines = self.lines(from, to, language).into_iter();
        let has = |line: &Line| words::plain(&line.says).to_lowercase().contains(text);
        lines.filter(has).take(FOUND).collect()
    }
}
