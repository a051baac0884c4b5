//! Step cases recorded from a real RabbitMQ: an ordinary world of one node and a passive client
//! for each connection, without latency. Each step is an order, followed by the quiet time that
//! the recording had; what the clients heard meanwhile is the step's reply and its events.

mod names;
mod stage;
mod words;

use serde_json::Value;

use self::names::Names;
use self::stage::{Done, Played};
use super::{CaseResult, Outcome};

/// One result for the case in a file.
///
/// # Panics
/// When the file has not the layout of its format.
#[must_use]
pub fn replay(case: &Value) -> Vec<CaseResult> {
    let text = |key: &str| case[key].as_str().expect("a text").to_string();
    vec![CaseResult {
        name: text("name"),
        area: text("area"),
        outcome: outcome(case["steps"].as_array().expect("a list of steps")),
    }]
}

fn outcome(steps: &[Value]) -> Outcome {
    let mut played = Played::new();
    let mut names = Names::default();
    for (at, step) in steps.iter().enumerate() {
        let named = format!(
            "step {} {}",
            at + 1,
            step["do"].as_str().unwrap_or_default()
        );
        let (reply, events) = match played.step(&names.real(step)) {
            Done::Heard(reply, events) => (reply, events),
            Done::NotModelled(what) => return Outcome::NotModelled(what),
        };
        let reply = names.shown(&reply);
        let events = Value::Array(events.iter().map(|event| names.shown(event)).collect());
        for (part, expected, got) in [
            ("reply", &step["reply"], &reply),
            ("events", &step["events"], &events),
        ] {
            if let Some(what) = not_modelled(got) {
                return Outcome::NotModelled(what);
            }
            let compared = Outcome::of(format!("{named}, {part}"), expected, got);
            if compared != Outcome::Passed {
                return compared;
            }
        }
    }
    Outcome::Passed
}

/// What the broker said that it does not have.
fn not_modelled(got: &Value) -> Option<String> {
    let text = got.to_string();
    let (_, after) = text.split_once("NOT_IMPLEMENTED - not modelled: ")?;
    let end = after.find('"').unwrap_or(after.len());
    Some(after[..end].to_string())
}
