//! The ledger and the checkers on hand-made histories: `tests/check/*.txt`.
//!
//! Above the line a history, below it the books, what is violated, and why. `BLESS=1 cargo test`
//! rewrites what is below; read the difference.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use glassmq_sim::causality::{Causality, Target};
use glassmq_sim::check::Panel;
use glassmq_sim::ledger::words;
use glassmq_sim::scenario::expect::Check;
use glassmq_sim::scenario::form::Fixed;

use crate::history::History;

const LINE: &str = "----\n";

#[test]
fn every_history_has_its_verdicts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("check");
    let mut wrong = Vec::new();
    let mut violated = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let (above, below) = text.split_once(LINE).unwrap_or((&text, ""));
        let (found, checks) = judged(above);
        violated.extend(checks);
        if found != below {
            if std::env::var_os("BLESS").is_some() {
                fs::write(&path, format!("{above}{LINE}{found}")).unwrap();
            }
            wrong.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, _, check) in Check::ALL {
        assert!(violated.contains(check), "no history violates {name}");
    }
}

/// The books and the verdicts at the end of a history, and which checks it violates.
fn judged(text: &str) -> (String, Vec<Check>) {
    let history = History::read(text);
    let mut panel = Panel::new(history.names());
    let mut causality = Causality::default();
    history.tell(|event| {
        panel.see(event);
        causality.see(event);
    });
    let ledger = panel.ledger();
    let (names, mut out) = (ledger.names(), String::new());
    writeln!(out, "{}", ledger.tray()).unwrap();
    for (queue, _, account) in ledger.queues() {
        writeln!(out, "{queue}: {account}").unwrap();
    }
    for (partition, node, account) in ledger.replicas() {
        writeln!(out, "{partition} on {}: {account}", names.of(node)).unwrap();
    }
    for (group, partition, account) in ledger.groups() {
        let (committed, skipped) = (account.committed, account.skipped);
        let open = account.uncommitted();
        writeln!(
            out,
            "{group} in {partition}: committed {committed}, {open} passed and not committed, {skipped} skipped"
        )
        .unwrap();
    }
    for (client, account) in ledger.clients() {
        writeln!(out, "{}: {account}", names.of(client)).unwrap();
    }
    let mut violated = Vec::new();
    for verdict in panel.finish(history.until) {
        let Some(found) = verdict.violation else {
            continue;
        };
        violated.push(verdict.check);
        let name = verdict.check.name();
        let messages = match &found.messages[..] {
            [] => String::new(),
            messages => format!(" ({})", words::messages(messages, names)),
        };
        writeln!(out, "{name} at {}{messages}: {}", found.at, found.says).unwrap();
        for cause in causality.why(Target::Violation(&found), names) {
            writeln!(out, "    {:<5} {}", cause.event.to_string(), cause.says).unwrap();
        }
    }
    if violated.is_empty() {
        writeln!(out, "all checks hold").unwrap();
    }
    (out, violated)
}
