//! What is wrong with a file, where, and what to do about it.

use core::fmt;

use serde::Serialize;

/// One thing that is wrong with a text, with its place and its remedy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Where.
    pub at: Place,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// A place in a text, as editors count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
}

/// A stretch of a text in bytes, the end not included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// The problems of one text while it is being read.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<(Stretch, String, String)>,
}

impl Place {
    /// The place of a byte in a text; beyond its end, the end.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Place {
        let before = text
            .char_indices()
            .take_while(|(at, _)| *at < byte)
            .map(|(_, c)| c);
        let mut place = Place { line: 1, column: 1 };
        for c in before {
            if c == '\n' {
                place.line += 1;
                place.column = 1;
            } else {
                place.column += 1;
            }
        }
        place
    }
}

impl Problems {
    /// Notes one: where, what, and the remedy.
    pub fn add(&mut self, at: Stretch, what: impl Into<String>, remedy: impl Into<String>) {
        self.found.push((at, what.into(), remedy.into()));
    }

    /// Whether none was found.
    #[must_use]
    pub fn none(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, in the order of the text that they are about.
    #[must_use]
    pub fn list(self, text: &str) -> Vec<Problem> {
        let place = |(at, what, remedy): (Stretch, String, String)| Problem {
            at: Place::of(text, at.start),
            what,
            remedy,
        };
        let mut list: Vec<Problem> = self.found.into_iter().map(place).collect();
        list.sort();
        list.dedup();
        list
    }
}

/// The known name that a mistyped one most likely meant: at most a third of it differs.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |candidate: &&str| distance(name, candidate) * 3 <= candidate.chars().count().max(3);
    known
        .into_iter()
        .filter(near)
        .min_by_key(|candidate| distance(name, candidate))
}

/// The remedy for a name that is not known: the nearest one, or all there are, or the nearest few.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    remedy(name, known.into_iter().collect())
}

/// Apart from its caller, which is compiled for each kind of list.
fn remedy(name: &str, mut known: Vec<&str>) -> String {
    const AT_MOST: usize = 20;
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("did you mean {near:?}?");
    }
    match known.len() {
        0 => "none is known here; add one, or leave this out".to_string(),
        1..=AT_MOST => format!("known here: {}", known.join(", ")),
        many => {
            known.sort_by_key(|candidate| distance(name, candidate));
            format!(
                "the nearest of {many} known here: {}",
                known[..3].join(", ")
            )
        }
    }
}

fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One line: `12:5: unknown key "lantency" in network; did you mean "latency"?`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.at, self.what, self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let text = "a\n消息x";
        assert_eq!(Place::of(text, 0), Place { line: 1, column: 1 });
        assert_eq!(Place::of(text, 8), Place { line: 2, column: 3 });
        assert_eq!(Place::of(text, 99), Place { line: 2, column: 4 });
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["latency", "bandwidth"];
        assert_eq!(nearest("lantency", known), Some("latency"));
        assert_eq!(nearest("Latency", known), Some("latency"));
        assert_eq!(nearest("color", known), None);
    }
}
