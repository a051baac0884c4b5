//! Who may know whom, and the purity of the core.

use super::assert_none;
use super::tree::{File, files, read};

/// Folders of `core/src`, and the modules beside them that they do not know.
const STRANGERS: [(&str, &[&str]); 3] = [
    ("raft", &["rabbitmq", "kafka", "service"]),
    ("rabbitmq", &["kafka", "service"]),
    ("kafka", &["raft", "rabbitmq", "service"]),
];

/// All that the core may stand on.
const CORE_DEPENDENCIES: [&str; 2] = ["glassmq-derive", "serde"];

#[test]
fn the_core_needs_no_standard_library() {
    let head = read("core/src/lib.rs");
    assert!(
        head.lines().any(|line| line == "#![no_std]"),
        "core/src/lib.rs must have `#![no_std]`: it keeps clocks, files and sockets out of the protocols."
    );
}

#[test]
fn the_core_stands_on_almost_nothing() {
    let manifest = read("core/Cargo.toml");
    let others: Vec<String> = section(&manifest, "[dependencies]")
        .filter_map(|line| line.split(['=', '.']).next())
        .map(|name| name.trim().to_owned())
        .filter(|name| !CORE_DEPENDENCIES.contains(&name.as_str()))
        .collect();
    assert_none(
        &others,
        "core/Cargo.toml: the protocols depend on serde and glassmq-derive only; write what is needed in core/src, or do it in sim.",
    );
}

/// The lines under a heading of a manifest, up to the next one.
fn section<'a>(manifest: &'a str, heading: &'a str) -> impl Iterator<Item = &'a str> {
    manifest
        .lines()
        .skip_while(move |line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn no_protocol_knows_what_it_must_not() {
    let files = files();
    let mut found = Vec::new();
    for (folder, strangers) in STRANGERS {
        let (inside, head) = (
            format!("core/src/{folder}/"),
            format!("core/src/{folder}.rs"),
        );
        for file in files
            .iter()
            .filter(|file| file.path.starts_with(&inside) || file.path == head)
        {
            for stranger in strangers.iter().filter(|stranger| imports(file, stranger)) {
                found.push(format!("{}: knows `{stranger}`", file.path));
            }
        }
    }
    assert_none(
        &found,
        "In core/src, raft knows no broker, the brokers do not know each other, and none knows service: move what they share beside them.",
    );
}

/// Whether a file names the module in a path, or in a `use` of several lines.
fn imports(file: &File, module: &str) -> bool {
    let code: String = file
        .code()
        .map(|(_, line)| line)
        .collect::<Vec<_>>()
        .join("\n");
    let in_use = code
        .split("use ")
        .skip(1)
        .filter_map(|rest| rest.split(';').next())
        .any(|path| {
            path.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|part| part == module)
        });
    in_use
        || code.contains(&format!("crate::{module}::"))
        || code.contains(&format!("super::{module}::"))
}

#[test]
fn an_import_is_seen_in_every_form() {
    let file = |text: &str| File {
        path: String::new(),
        text: Some(text.into()),
    };
    for text in [
        "use crate::kafka::Offset;",
        "use crate::{\n    kafka,\n    names::NodeId,\n};",
        "let x = crate::kafka::zero();",
    ] {
        assert!(imports(&file(text), "kafka"), "{text}");
    }
    for text in [
        "// as in crate::kafka::log",
        "let kafka = 1;",
        "use crate::kafkaesque;",
    ] {
        assert!(!imports(&file(text), "kafka"), "{text}");
    }
}
