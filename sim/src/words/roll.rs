//! A list of messages in which runs are told as such: m31 to m50, not twenty names.

use super::marks::bold;

/// How many parts of a roll are named before the rest is only counted.
const NAMED: usize = 3;

/// Messages, as a sentence names them.
pub(super) struct Roll {
    /// How many there are.
    pub count: usize,
    /// Single ones, and the ends of runs of at least three.
    pub parts: Vec<Part>,
    /// How many are in none of the parts.
    pub more: usize,
}

/// One message, or a run of them.
pub(super) enum Part {
    /// Its name.
    One(String),
    /// The names of the first and of the last.
    Run(String, String),
}

impl Roll {
    /// Of these names, in order.
    pub fn of(labels: impl Iterator<Item = String>) -> Roll {
        let mut runs: Vec<Vec<String>> = Vec::new();
        let mut count = 0;
        for label in labels {
            count += 1;
            match runs.last_mut() {
                Some(run) if follows(&run[run.len() - 1], &label) => run.push(label),
                _ => runs.push(vec![label]),
            }
        }
        let mut parts = Vec::new();
        let mut named = 0;
        for run in runs {
            let ones = if run.len() < 3 { run.len() } else { 1 };
            if parts.len() + ones > NAMED {
                break;
            }
            named += run.len();
            if ones == run.len() {
                parts.extend(run.iter().map(|one| Part::One(bold(one))));
            } else {
                parts.push(Part::Run(bold(&run[0]), bold(&run[run.len() - 1])));
            }
        }
        Roll {
            count,
            parts,
            more: count - named,
        }
    }
}

/// Whether two names differ in a number at their end, by one.
fn follows(one: &str, next: &str) -> bool {
    let split = |label: &str| {
        let stem = label.trim_end_matches(|c: char| c.is_ascii_digit());
        let n: Option<u64> = label[stem.len()..].parse().ok();
        n.map(|n| (stem.to_string(), n))
    };
    match (split(one), split(next)) {
        (Some((stem, n)), Some((other, m))) => stem == other && n + 1 == m,
        _ => false,
    }
}
