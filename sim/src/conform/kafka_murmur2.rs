//! Keyed partitions as every client computes them (`"format": "kafka.murmur2"`).

use glassmq_core::kafka::partitioner::{murmur2, partition_for_key, to_positive};
use serde_json::{Value, json};

use super::{CaseResult, Outcome};

/// One result for each key.
///
/// # Panics
/// When the file has not the layout of its format.
#[must_use]
pub fn replay(file: &Value) -> Vec<CaseResult> {
    let counts = file["partition_counts"].as_array().expect("counts");
    let counts: Vec<u32> = counts
        .iter()
        .map(|count| u32::try_from(count.as_u64().expect("a count")).expect("a small count"))
        .collect();
    let rows = file["rows"].as_array().expect("a list of rows");
    let result = |row: &Value| CaseResult {
        name: format!("key 0x{}", row["key_hex"].as_str().expect("a key")),
        area: "partitioner.murmur2".to_string(),
        outcome: of_key(row, &counts),
    };
    rows.iter().map(result).collect()
}

fn of_key(row: &Value, counts: &[u32]) -> Outcome {
    let key = bytes(row["key_hex"].as_str().expect("a key"));
    let hash = murmur2(&key);
    let partitions: Vec<u32> = counts.iter().map(|n| partition_for_key(&key, *n)).collect();
    let compared = [
        ("murmur2_u32", json!(hash)),
        ("to_positive", json!(to_positive(hash))),
        ("partition", json!(partitions)),
        ("e2e_partition_of_12", json!(partition_for_key(&key, 12))),
    ];
    let outcomes = compared.map(|(column, got)| Outcome::of(column, &row[column], &got));
    let differs = outcomes.into_iter().find(|one| *one != Outcome::Passed);
    differs.unwrap_or(Outcome::Passed)
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|two| {
            let two = std::str::from_utf8(two).expect("hexadecimal digits");
            u8::from_str_radix(two, 16).expect("hexadecimal digits")
        })
        .collect()
}
