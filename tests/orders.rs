//! What an administrator asks for happens, and is told; an order that came to nothing is reported.
//!
//! `orders/told.txt` is the story of `orders/orders.json`: what the administrator asks for, what
//! the controller makes of it, what the administrator is told. `BLESS=1` writes it anew.

use std::fs;

use glassmq_sim::judge::judge;
use glassmq_sim::scenario::{self, Scenario};

use crate::scenario::{expect_file, root};
use crate::scenarios::Run;

fn text() -> String {
    fs::read_to_string(root("tests/orders/orders.json")).unwrap()
}

fn read() -> Scenario {
    scenario::read(&text()).unwrap()
}

#[test]
fn orders_are_given_decided_and_answered() {
    let run = Run::of_text(&text());
    let is_told = |says: &&String| {
        says.starts_with("admin was") || {
            let decided = says.starts_with("controller-") && says.contains("invoices");
            decided || says.contains(" of topic orders") || says.contains(" for orders-0, epoch")
        }
    };
    let told = run
        .says
        .iter()
        .filter(is_told)
        .map(|says| format!("{says}\n"));
    expect_file(&root("tests/orders/told.txt"), &told.collect::<String>());
}

#[test]
fn a_topic_has_its_new_setting_from_then_on() {
    let run = Run::of_text(&text());
    let refused =
        run.first("kafka-1 did not acknowledge shop/18 of orders-0, acks=all: NOT_ENOUGH_REPLICAS");
    let set = run
        .sentences()
        .find(|(_, says)| says.ends_with("set min.insync.replicas of topic orders to 3"));
    assert!(set.unwrap().0.at < refused.at);
}

#[test]
fn an_order_that_came_to_nothing_is_reported() {
    let scenario = read();
    let judged = judge(&scenario, scenario.seed, &[]).unwrap();
    let unmet = judged.claims.iter().filter(|it| it.unmet.is_some());
    let unmet: Vec<String> = unmet
        .map(|it| format!("{}: {}", it.claim, it.unmet.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        unmet,
        [
            "ElectLeaders@2500ms: nobody was whom it means then, or there was nothing to do to them",
            "an order is given when {\"fact\":\"no such words\"}: that was never seen: \
             the order was not given",
        ]
    );
}

#[test]
fn an_order_that_nobody_answers_is_reported() {
    let mut scenario = read();
    scenario.orders.truncate(2);
    scenario.orders.remove(0);
    let cut = r#"{"at": "2900ms", "cut": ["admin", "rest"]}"#;
    let text = scenario::write(&scenario);
    let text = text.replacen("\"faults\": [", &format!("\"faults\": [{cut},"), 1);
    let scenario = scenario::read(&text).unwrap();
    let judged = judge(&scenario, scenario.seed, &[]).unwrap();
    let unmet = judged.claims.iter().filter_map(|it| it.unmet.as_deref());
    assert_eq!(
        unmet.collect::<Vec<_>>(),
        ["nobody answered it by the end of the run"]
    );
}

#[test]
fn a_fault_that_finds_nobody_is_reported() {
    let mut scenario = read();
    scenario.orders.truncate(0);
    let crash = r#"{"at": "100ms", "crash": "leader of orders-0"},
        {"at": "13s", "crash": "kafka-3"}"#;
    let text = scenario::write(&scenario);
    let text = text.replacen("\"faults\": [", &format!("\"faults\": [{crash},"), 1);
    let scenario = scenario::read(&text).unwrap();
    let judged = judge(&scenario, scenario.seed, &[]).unwrap();
    let unmet = judged.claims.iter().filter(|it| it.unmet.is_some());
    let unmet: Vec<&str> = unmet.map(|it| it.claim.as_str()).collect();
    assert_eq!(
        unmet,
        ["crash:leader%20of%20orders-0@100ms", "crash:kafka-3@13s"]
    );
}
