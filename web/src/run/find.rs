//! Finding events: by a message, a key, a number, a word.

use serde_json::Value;

use super::branch::Branch;
use super::lines::Line;
use super::words::{self, Language};

/// How many are found at most.
const FOUND: usize = 12;
/// Events that are put into words at a time.
const CHUNK: u32 = 1024;

impl Branch {
    /// The first events that a text is found in: `Event[]` of `scene.ts`.
    pub fn search(&mut self, text: &str, language: Language) -> Vec<Value> {
        let text = text.trim();
        if text.is_empty() {
            return Vec::new();
        }
        let numbers = self.numbers_of(text);
        let found: Vec<Line> = if numbers.is_empty() {
            self.in_words(&text.to_lowercase(), language)
        } else {
            let lines = numbers.into_iter().take(FOUND);
            lines.flat_map(|n| self.lines(n, n, language)).collect()
        };
        found.iter().map(|line| line.json(language)).collect()
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

    /// The events whose sentence contains a text in lower case.
    fn in_words(&mut self, text: &str, language: Language) -> Vec<Line> {
        let mut found = Vec::new();
        let mut from = 1;
        while from <= self.story.total() && found.len() < FOUND {
            let lines = self.lines(from, from + CHUNK - 1, language);
            let has = |line: &Line| words::plain(&line.says).to_lowercase().contains(text);
            found.extend(lines.into_iter().filter(has));
            from += CHUNK;
        }
        found.truncate(FOUND);
        found
    }
}
