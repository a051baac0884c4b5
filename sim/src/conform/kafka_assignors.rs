//! Assignments by Apache Kafka's own classes (`"format": "kafka.assignors"`), column `java`.

use glassmq_core::kafka::assignor::{Assignor, Subscriber};
use glassmq_core::names::Name;
use glassmq_core::shared::{SortedMap, SortedSet};
use serde_json::{Map, Value};

use super::{CaseResult, Outcome};

/// One result for each case and assignor.
///
/// # Panics
/// When the file has not the layout of its format.
#[must_use]
pub fn replay(file: &Value) -> Vec<CaseResult> {
    let cases = file["cases"].as_array().expect("a list of cases");
    cases.iter().flat_map(of_case).collect()
}

fn of_case(case: &Value) -> Vec<CaseResult> {
    let id = case["id"].as_str().expect("a case has an id");
    let results = case["results"].as_object().expect("results by assignor");
    let result = |(assignor, columns): (&String, &Value)| CaseResult {
        name: format!("{id} {assignor}"),
        area: format!("assignor.{assignor}"),
        outcome: match Assignor::named(assignor) {
            Some(modelled) => compare(modelled, case, &columns["java"]),
            None => Outcome::NotModelled(format!("the assignor {assignor}")),
        },
    };
    results.iter().map(result).collect()
}

fn compare(assignor: Assignor, case: &Value, java: &Value) -> Outcome {
    let topics = case["topics"].as_object().expect("topics by name");
    let partitions: SortedMap<Name, u32> = topics
        .iter()
        .map(|(topic, count)| (Name::from(topic.as_str()), number(count)))
        .collect();
    let members = case["members"].as_array().expect("a list of members");
    let members: Vec<Subscriber> = members.iter().map(subscriber).collect();

    let plain = |of_member: SortedMap<Name, Vec<u32>>| -> Value {
        let topics = of_member.into_iter();
        topics
            .map(|(topic, list)| (topic.to_string(), list.into()))
            .collect::<Map<_, _>>()
            .into()
    };
    let got: Map<String, Value> = assignor
        .assign(&partitions, &members)
        .into_iter()
        .map(|(member, of_member)| (member.to_string(), plain(of_member)))
        .collect();
    Outcome::of("assignment", java, &got.into())
}

fn subscriber(member: &Value) -> Subscriber {
    let topics = member["topics"].as_array().expect("a member's topics");
    let topics: SortedSet<Name> = topics
        .iter()
        .map(|topic| Name::from(topic.as_str().expect("a topic's name")))
        .collect();
    Subscriber {
        member_id: member["member_id"].as_str().expect("a member id").into(),
        group_instance_id: member["group_instance_id"].as_str().map(Name::from),
        topics,
    }
}

fn number(value: &Value) -> u32 {
    let number = value.as_u64().expect("a whole number");
    u32::try_from(number).expect("a number of partitions")
}
