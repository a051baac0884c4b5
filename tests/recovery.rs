//! What a RabbitMQ node finds on its disk when it starts again, and what is known to be gone then.
//!
//! `recovery/crash.txt` and `recovery/stop.txt` are the stories of `recovery/transient.json`, whose
//! node crashes while nobody is connected, and of the same with an orderly stop instead. `BLESS=1`
//! writes them anew.

use std::fs;

use glassmq_sim::judge::judge;
use glassmq_sim::scenario;

use crate::scenario::{expect_file, root};
use crate::scenarios::Run;

fn text() -> String {
    fs::read_to_string(root("tests/recovery/transient.json")).unwrap()
}

/// What is told from the end of the node's first life on, and what the checks say of the whole.
fn story(run: &Run) -> String {
    let told = run
        .sentences()
        .skip_while(|(event, _)| event.at < 5_000_000);
    let told = told.map(|(event, says)| format!("{} {says}\n", event.id));
    let verdicts = run.play.panel().finish(run.play.until()).into_iter();
    let violated = verdicts.filter_map(|it| {
        let found = it.violation?;
        Some(format!(
            "{} at {}: {}\n",
            it.check.name(),
            found.at,
            found.says
        ))
    });
    told.chain(violated).collect()
}

#[test]
fn a_crash_that_nobody_sees_takes_transient_messages_along() {
    let run = Run::of_text(&text());
    expect_file(&root("tests/recovery/crash.txt"), &story(&run));
}

#[test]
fn an_orderly_stop_takes_them_along_too_and_knows_what_was_delivered() {
    let text = text().replace("\"crash\": \"rabbit-1\"", "\"stop\": \"rabbit-1\"");
    expect_file(
        &root("tests/recovery/stop.txt"),
        &story(&Run::of_text(&text)),
    );
}

#[test]
fn what_a_crash_took_from_memory_shows_that_it_made_a_difference() {
    let scenario = scenario::read(&text()).unwrap();
    let judged = judge(&scenario, scenario.seed, &[]).unwrap();
    let unmet = judged.claims.iter().find(|it| it.unmet.is_some());
    assert_eq!(unmet, None);
}

#[test]
fn a_crash_of_a_node_without_messages_makes_no_difference() {
    let text = text();
    let mut scenario = scenario::read(&text).unwrap();
    scenario.clients.clear();
    scenario.expect.clear();
    let judged = judge(&scenario, scenario.seed, &[]).unwrap();
    let unmet = judged.claims.iter().filter_map(|it| it.unmet.as_deref());
    assert_eq!(
        unmet.collect::<Vec<_>>(),
        ["it made no difference: it proves nothing"]
    );
}
