//! Random faults in small worlds of real brokers: what must hold whatever fails, and what a weaker
//! setting is seen to lose.
//!
//! `PROPTEST_CASES=2000 cargo test faults` looks for longer. A failing case is printed as a list
//! of mishaps; it goes into `every_case_that_once_failed_holds`.

mod kafka;
mod rabbitmq;

use glassmq_sim::check::Violation;
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::scenario::expect::Check;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// Something that goes wrong in a world, and for how long (milliseconds).
#[derive(Clone, Debug)]
pub struct Mishap {
    at: u32,
    lasting: u32,
    what: Wrong,
    node: usize,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub enum Wrong {
    /// The process dies.
    Crash,
    /// The host loses power, and the last write is torn.
    Power,
    /// Nothing passes between the node and anyone else.
    Cut,
    /// The node is heard by nobody, and hears all.
    Mute,
    /// Nothing passes between the node and the next one.
    Part,
    /// The process takes no input.
    Pause,
    /// Hardly anything fits on its disk any more.
    Full,
    /// Its connections to the next node are reset.
    Reset,
    /// What it sends takes up to 300 ms longer.
    Slow,
}

impl Mishap {
    /// As faults of a scenario whose nodes have these names.
    fn faults(&self, nodes: &[&str]) -> Vec<Value> {
        let node = nodes[self.node % nodes.len()];
        let next = nodes[(self.node + 1) % nodes.len()];
        let (at, lasting) = (format!("{}ms", self.at), format!("{}ms", self.lasting));
        match self.what {
            Wrong::Crash => vec![json!({"at": at, "crash": node, "for": lasting})],
            Wrong::Power => vec![
                json!({"at": at, "tear_write": node}),
                json!({"at": at, "crash": node, "lose": "power", "for": lasting}),
            ],
            Wrong::Cut => vec![json!({"at": at, "cut": [node, "rest"], "for": lasting})],
            Wrong::Mute => {
                vec![json!({"at": at, "cut": [node, "rest"], "one_way": true, "for": lasting})]
            }
            Wrong::Part => vec![json!({"at": at, "cut": [node, next], "for": lasting})],
            Wrong::Full => {
                let over = format!("{}ms", self.at + self.lasting + 1);
                vec![
                    json!({"at": at, "disk_free": node, "bytes": "1KiB", "for": lasting}),
                    json!({"at": over, "restart": node}),
                ]
            }
            Wrong::Pause => vec![json!({"at": at, "pause": node, "for": lasting})],
            Wrong::Reset => vec![json!({"at": at, "reset": [node, next]})],
            Wrong::Slow => vec![json!({
                "at": at, "slow": [node, "rest"], "by": "0ms..300ms", "one_way": true, "for": lasting
            })],
        }
    }
}

/// A few mishaps of these kinds within a time (milliseconds).
pub fn mishaps(
    kinds: &'static [Wrong],
    within: std::ops::Range<u32>,
) -> impl Strategy<Value = Vec<Mishap>> {
    let kind = proptest::sample::select(kinds);
    let mishap = (within, 50..6_000u32, kind, 0..6usize);
    let mishap = mishap.prop_map(|(at, lasting, what, node)| Mishap {
        at,
        lasting,
        what,
        node,
    });
    proptest::collection::vec(mishap, 1..9)
}

/// The same lists of mishaps each time.
pub fn some_mishaps(
    kinds: &'static [Wrong],
    within: std::ops::Range<u32>,
    count: usize,
) -> Vec<Vec<Mishap>> {
    let mut runner = TestRunner::deterministic();
    let strategy = mishaps(kinds, within);
    let mut one = || {
        strategy
            .new_tree(&mut runner)
            .expect("all are allowed")
            .current()
    };
    (0..count).map(|_| one()).collect()
}

/// What a run of a scenario violates, of these checks.
pub fn violated(scenario: &Value, checks: &[Check]) -> Vec<(Check, Violation)> {
    let read = scenario::read(&scenario.to_string());
    let scenario = read.unwrap_or_else(|problems| panic!("{problems:?}"));
    let play = Play::of(&scenario, scenario.seed, &[]);
    let mut play = play.unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut desk = Desk::default();
    while play.step(&mut desk, &mut ()) {}
    let verdicts = play.panel().finish(play.until()).into_iter();
    let wanted = verdicts.filter(|verdict| checks.contains(&verdict.check));
    wanted
        .filter_map(|verdict| Some((verdict.check, verdict.violation?)))
        .collect()
}
