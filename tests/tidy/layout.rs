//! Where things lie, and how long they are.

use super::assert_none;
use super::tree::{files, names, root};

/// The top level, besides files whose name starts with a dot.
const TOP: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "book",
    "core",
    "scenarios",
    "sim",
    "tests",
    "web",
];

/// Longer files have more than one idea in them.
const LONGEST: usize = 600;

#[test]
fn the_top_level_is_as_designed() {
    let strangers: Vec<String> = names(&root())
        .into_iter()
        .filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str()))
        .collect();
    assert_none(
        &strangers,
        "The top level has a fixed list of names: move these into the folder they belong to.",
    );
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = files()
        .iter()
        .filter(|file| matches!(file.ending(), "rs" | "ts" | "mjs" | "js" | "css"))
        .map(|file| (&file.path, file.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert_none(
        &long,
        &format!("A source file has {LONGEST} lines at most: split it where a second idea starts."),
    );
}

#[test]
fn every_rust_file_says_what_it_is() {
    let silent: Vec<String> = files()
        .iter()
        .filter(|file| file.ending() == "rs")
        .filter(|file| !file.text.as_deref().unwrap_or("").starts_with("//! "))
        .map(|file| file.path.clone())
        .collect();
    assert_none(
        &silent,
        "A Rust file starts with a `//!` line that says what it is.",
    );
}
