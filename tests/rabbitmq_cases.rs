//! Recordings of a real RabbitMQ against the core: what is modelled answers as the real one did,
//! and what is not says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use glassmq_sim::conform::{CaseResult, Outcome, rabbitmq};

/// The areas whose cases pass whole, but for those that need what is not modelled.
const WHOLE: [&str; 31] = [
    "ack",
    "cancel",
    "confirm",
    "connection",
    "consumer.dispatch",
    "consumer.exclusive",
    "consumer.priority",
    "durability.restart",
    "exchange.alternate",
    "exchange.default",
    "exchange.direct",
    "exchange.e2e",
    "exchange.fanout",
    "exchange.headers",
    "exchange.internal",
    "exchange.lifecycle",
    "exchange.topic",
    "get",
    "properties",
    "protocol",
    "queue.auto-delete",
    "queue.declare",
    "queue.delete",
    "queue.exclusive",
    "queue.server-named",
    "recover",
    "requeue",
    "return",
    "sender-selected",
    "ttl.message",
    "vhost",
];

/// What these areas still miss.
const MISSING: [&str; 4] = [
    "auto-delete-dead-letters-nothing",
    "confirm-and-tx-exclude",
    "drop-tx-rolls-back",
    "internal-as-alternate-and-dlx",
];

fn results() -> Vec<CaseResult> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/rabbitmq");
    let files = fs::read_dir(folder).expect("a folder of cases");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |path| fs::read_to_string(path).expect("a file");
    let parse = |text: String| serde_json::from_str(&text).expect("JSON");
    let cases = files.iter().map(|path| parse(read(path)));
    cases.flat_map(|case| rabbitmq::replay(&case)).collect()
}

#[test]
fn no_recorded_case_is_answered_wrongly_and_the_first_slice_passes() {
    let results = results();
    assert_eq!(results.len(), 228);
    let mut passed: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for CaseResult {
        name,
        area,
        outcome,
    } in &results
    {
        let (ok, all) = passed.entry(area).or_default();
        *all += 1;
        *ok += u32::from(*outcome == Outcome::Passed);
        let whole = WHOLE.contains(&area.as_str()) && !MISSING.contains(&name.as_str());
        match outcome {
            Outcome::Passed => {}
            Outcome::NotModelled(what) if whole => wrong.push(format!("{name}: lacks {what}")),
            Outcome::NotModelled(_) => {}
            Outcome::Differs {
                step,
                expected,
                got,
            } => wrong.push(format!(
                "{name}, {step}\n  expected {expected}\n  got      {got}"
            )),
        }
    }
    for (area, (ok, all)) in passed {
        println!("{area}: {ok} of {all}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
