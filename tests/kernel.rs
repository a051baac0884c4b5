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

/// The digest of a world that was told some lines, with `;` between them.
fn digest(lines: &[&str]) -> u64 {
    let mut stage = Stage::default();
    let all = lines.iter().flat_map(|line| line.split(';'));
    for line in all.map(str::trim).filter(|line| !line.is_empty()) {
        stage
            .run(line)
            .unwrap_or_else(|why| panic!("`{line}`: {why}"));
    }
    stage.digest()
}

#[test]
fn worlds_that_differ_in_one_thing_have_different_digests() {
    let cases = include_str!("kernel/apart.cases").lines();
    for case in cases.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [both, one, other] = case.split('|').collect::<Vec<_>>()[..] else {
            panic!("two `|` in `{case}`");
        };
        assert_eq!(digest(&[both, one]), digest(&[both, one]), "{case}");
        assert_ne!(digest(&[both, one]), digest(&[both, other]), "{case}");
    }
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

/// The faults as `bites` tells them, and whether one can be without a difference. What undoes
/// another has no evidence of its own.
const FAULTS_TOLD: [(&str, bool); 14] = [
    ("cut ", true),
    ("slow ", true),
    ("reset ", true),
    ("hold ", true),
    ("crash ", true),
    ("restart ", false),
    ("stop ", false),
    ("pause ", true),
    ("skew ", true),
    ("rate ", true),
    ("slow disk ", true),
    ("disk of ", true),
    ("tear a write of ", true),
    ("memory of ", true),
];

#[test]
fn every_fault_is_seen_to_bite_and_not_to() {
    let stories = scripts()
        .into_iter()
        .map(|path| fs::read_to_string(path).unwrap());
    let stories: String = stories.collect();
    // `7.0 cut a -> b: bit at 9.0`
    let told: Vec<&str> = stories
        .lines()
        .filter_map(|line| Some(line.split_once(' ')?.1))
        .collect();
    for (fault, can_be_vacuous) in FAULTS_TOLD {
        let is_told = |ending: &str| {
            let of_it = |line: &&&str| line.starts_with(fault) && line.contains(ending);
            told.iter().any(|line| of_it(&line))
        };
        assert!(is_told(": bit at "), "no script shows that {fault}bites");
        assert_eq!(
            is_told(": did not bite"),
            can_be_vacuous,
            "a script shows that {fault}made no difference"
        );
    }
}
