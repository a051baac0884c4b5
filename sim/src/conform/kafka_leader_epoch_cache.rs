//! Walks of Apache Kafka's `LeaderEpochFileCache` (`"format": "kafka.leader_epoch_cache"`).

use glassmq_core::kafka::leader_epoch::LeaderEpochCache;
use serde_json::{Value, json};

use super::{CaseResult, Outcome};

/// One result for each walk.
///
/// # Panics
/// When the file has not the layout of its format.
#[must_use]
pub fn replay(file: &Value) -> Vec<CaseResult> {
    let cases = file["cases"].as_array().expect("a list of cases");
    let result = |case: &Value| CaseResult {
        name: format!("case {}", case["case"]),
        area: "leader-epoch-cache".to_string(),
        outcome: of_walk(case),
    };
    cases.iter().map(result).collect()
}

fn of_walk(case: &Value) -> Outcome {
    let mut cache = LeaderEpochCache::default();
    for (n, op) in list(case, "ops").iter().enumerate() {
        match op["op"].as_str().expect("an operation's name") {
            "assign" => cache.assign(number(op, "epoch") as u32, number(op, "start_offset")),
            "truncate_from_start" => cache.truncate_from_start(number(op, "offset")),
            "truncate_from_end" => cache.truncate_from_end(number(op, "offset")),
            other => return Outcome::NotModelled(format!("the operation {other}")),
        }
        let entries: Vec<(u32, u64)> = cache.entries().collect();
        let outcome = Outcome::of(format!("ops[{n}]"), &op["entries"], &json!(entries));
        if outcome != Outcome::Passed {
            return outcome;
        }
    }
    for asked in list(case, "end_offset_for") {
        // Epoch -1 is undefined; here it cannot be asked for.
        let epoch = asked["epoch"].as_i64().and_then(|e| u32::try_from(e).ok());
        let end = epoch.and_then(|epoch| cache.end_offset_for(epoch, number(asked, "leo")));
        let (found, end) = end.map_or((-1, -1), |end| {
            (i64::from(end.epoch), end.end_offset as i64)
        });
        let expected = json!([asked["found_epoch"], asked["end_offset"]]);
        let step = format!("end_offset_for epoch {}", asked["epoch"]);
        let outcome = Outcome::of(step, &expected, &json!([found, end]));
        if outcome != Outcome::Passed {
            return outcome;
        }
    }
    for asked in list(case, "epoch_for_offset") {
        let offset = number(asked, "offset");
        let epoch = cache.epoch_for(offset).map_or(-1, i64::from);
        let outcome = Outcome::of(
            format!("epoch of offset {offset}"),
            &asked["epoch"],
            &json!(epoch),
        );
        if outcome != Outcome::Passed {
            return outcome;
        }
    }
    Outcome::Passed
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key]
        .as_array()
        .unwrap_or_else(|| panic!("a list: {key}"))
}

fn number(value: &Value, key: &str) -> u64 {
    value[key]
        .as_u64()
        .unwrap_or_else(|| panic!("a whole number: {key}"))
}
