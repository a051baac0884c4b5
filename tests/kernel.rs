//! The kernel, told by scripts: puppets that do what they are commanded, faults that strike them,
//! and the story of what came of it. `tests/README.md` describes the scripts.

mod command;
mod properties;
mod stage;
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use stage::Stage;

/// Runs every block of a script and puts what came of it in the place of what was expected.
fn replay(script: &str) -> String {
    let mut stage = Stage::default();
    let mut fresh = String::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        fresh += line;
        fresh.push('\n');
        if line == "----" {
            fresh += &stage.take_story();
            fresh.push('\n');
            // What was expected ends at an empty line.
            lines
                .by_ref()
                .take_while(|line| !line.is_empty())
                .for_each(drop);
        } else if !line.is_empty() && !line.starts_with('#') {
            stage
                .run(line)
                .unwrap_or_else(|why| panic!("`{line}`: {why}"));
        }
    }
    fresh
}

/// All scripts, by name.
fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel");
    let entries = fs::read_dir(folder).unwrap();
    let mut found: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    found.sort();
    found
}

#[test]
fn every_script_tells_the_expected_story() {
    let mut wrong = Vec::new();
    for path in scripts() {
        let script = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let fresh = replay(&script);
        if fresh == script {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &fresh).unwrap();
            continue;
        }
        let lines = script.lines().map(Some).chain(std::iter::repeat(None));
        let differs = fresh.lines().zip(lines).enumerate();
        let (at, (got, expected)) = { differs }
            .find(|(_, (got, expected))| Some(*got) != *expected)
            .expect("they differ");
        wrong.push(format!(
            "{name}:{}\n  expected {expected:?}\n  got      {got:?}",
            at + 1
        ));
    }
    assert!(
        wrong.is_empty(),
        "{}\n`BLESS=1 cargo test kernel` accepts what came; read the difference.",
        wrong.join("\n")
    );
}

#[test]
fn every_fault_has_a_script() {
    let all: String = scripts()
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let used: Vec<&str> = all
        .lines()
        .flat_map(|line| [line.split(' ').next(), line.split(' ').nth(2)])
        .flatten()
        .collect();
    let unused: Vec<_> = command::FAULTS
        .iter()
        .filter(|name| !used.contains(name))
        .collect();
    assert!(unused.is_empty(), "no script shows {unused:?}");
}
