//! Partition changes by Apache Kafka's own PartitionChangeBuilder
//! (`"format": "kafka.partition_election"`): random walks of fencing, unfencing, ISR changes and
//! elections.

use glassmq_core::kafka::partition_change::{Election, PartitionRegistration, Wish, change};
use glassmq_core::kafka::topic::{BrokerId, LeaderRecoveryState, PartitionState};
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
        name: format!("walk {}", case["case"]),
        area: "partition_election".to_string(),
        outcome: walk(case),
    };
    cases.iter().map(result).collect()
}

fn walk(case: &Value) -> Outcome {
    let mut partition = registration(&case["initial"]);
    let steps = case["steps"].as_array().expect("a list of steps");
    for (number, step) in (1..).zip(steps) {
        let live = ids(&step["live"]);
        let broker = step["broker"].as_u64().map(id);
        let unclean_shutdown = match step["unclean_shutdown"].as_bool() {
            Some(true) => broker.as_slice(),
            _ => &[],
        };
        let wish = Wish {
            isr: ids(&step["target_isr"]),
            unclean_shutdown,
            election: match step["election"].as_str() {
                Some("PREFERRED") => Election::Preferred,
                Some("ONLINE") => Election::Online,
                Some("UNCLEAN") => Election::Unclean,
                other => panic!("no such election: {other:?}"),
            },
            recovery: None,
            elr_enabled: case["elr_enabled"].as_bool().expect("a switch"),
            min_isr: u32::try_from(case["min_isr"].as_u64().expect("a number")).expect("small"),
        };
        let changed = change(&partition, wish, &|id| live.contains(&id));
        if let Some(change) = &changed {
            partition.merge(change);
        }
        let expected = json!({"changed": step["changed"], "after": step["after"]});
        let got = json!({"changed": changed.is_some(), "after": plain(&partition)});
        let name = format!("{number} {}", step["event"].as_str().unwrap_or_default());
        match Outcome::of(name, &expected, &got) {
            Outcome::Passed => {}
            differs => return differs,
        }
    }
    Outcome::Passed
}

fn registration(of: &Value) -> PartitionRegistration {
    let epoch = |key: &str| u32::try_from(of[key].as_u64().expect("an epoch")).expect("small");
    PartitionRegistration {
        state: PartitionState {
            leader: of["leader"].as_u64().map(id),
            leader_epoch: epoch("leader_epoch"),
            replicas: ids(&of["replicas"]),
            isr: ids(&of["isr"]),
            partition_epoch: epoch("partition_epoch"),
            recovery: match of["recovering"].as_bool() {
                Some(true) => LeaderRecoveryState::Recovering,
                _ => LeaderRecoveryState::Recovered,
            },
        },
        elr: ids(&of["elr"]),
        last_known_elr: ids(&of["last_known_elr"]),
    }
}

fn plain(partition: &PartitionRegistration) -> Value {
    let list = |ids: &[BrokerId]| -> Value { ids.iter().map(|id| id.0).collect() };
    let state = &partition.state;
    json!({
        "replicas": list(&state.replicas),
        "isr": list(&state.isr),
        "elr": list(&partition.elr),
        "last_known_elr": list(&partition.last_known_elr),
        "leader": state.leader.map_or(-1, |id| i64::from(id.0)),
        "recovering": state.recovery == LeaderRecoveryState::Recovering,
        "leader_epoch": state.leader_epoch,
        "partition_epoch": state.partition_epoch,
    })
}

fn ids(list: &Value) -> Vec<BrokerId> {
    let list = list.as_array().expect("a list of broker ids");
    list.iter()
        .map(|item| id(item.as_u64().expect("a broker id")))
        .collect()
}

fn id(number: u64) -> BrokerId {
    BrokerId(number.try_into().expect("a broker id"))
}
