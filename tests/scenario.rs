//! Scenario files: good ones are read and written alike, bad ones are told what is wrong with
//! them, and the published schema is the reader's own.
//!
//! `BLESS=1 cargo test` rewrites the expected messages and the schema; read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use glassmq_sim::scenario::{self, problem::Problem, schema};
use proptest::prelude::*;

/// The files of a folder, and of the folders in it, by name.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn scenarios() -> Vec<(PathBuf, String)> {
    let all = files(&root("scenarios"), ".json").into_iter();
    all.filter(|path| !path.ends_with("scenario.schema.json"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// Compares with what a file holds, or puts it there.
fn expect_file(path: &Path, actual: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        actual,
        expected,
        "{} differs; BLESS=1 accepts it",
        path.display()
    );
}

fn lines(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect()
}

#[test]
fn every_scenario_is_read_and_written_alike() {
    assert!(scenarios().len() >= 4);
    for (path, text) in scenarios() {
        let read = scenario::read(&text);
        let read = read.unwrap_or_else(|it| panic!("{}:\n{}", path.display(), lines(&it)));
        assert_eq!(
            scenario::read(&scenario::write(&read)),
            Ok(read),
            "{}",
            path.display()
        );
    }
}

#[test]
fn a_bad_scenario_is_told_everything_that_is_wrong_with_it() {
    let bad = files(&root("tests/scenario/bad"), ".json");
    assert!(bad.len() >= 15);
    for path in bad {
        let problems = scenario::read(&fs::read_to_string(&path).unwrap()).unwrap_err();
        expect_file(&path.with_extension("txt"), &lines(&problems));
    }
}

#[test]
fn the_published_schema_is_the_readers_own() {
    expect_file(&root("scenarios/scenario.schema.json"), &schema::text());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_damaged_scenario_is_read_or_refused_with_places(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, "[\\PC]{0,6}|[{}\\[\\]\",:0-9-]{0,3}"), 1..4),
    ) {
        let all = scenarios();
        let mut text = which.get(&all).1.clone();
        for (at, length, instead) in &cuts {
            let chars: Vec<char> = text.chars().collect();
            let from = at.index(chars.len() + 1);
            let to = (from + length).min(chars.len());
            text = chars[..from].iter().chain(&instead.chars().collect::<Vec<_>>()).chain(&chars[to..]).collect();
        }
        if let Err(problems) = scenario::read(&text) {
            prop_assert!(!problems.is_empty());
            let lines = u32::try_from(text.split('\n').count()).unwrap();
            for problem in problems {
                prop_assert!((1..=lines).contains(&problem.at.line) && problem.at.column >= 1);
                prop_assert!(!problem.what.is_empty() && !problem.remedy.is_empty());
            }
        }
    }

    #[test]
    fn a_value_in_the_wrong_place_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let all = scenarios();
        let mut value: serde_json::Value = serde_json::from_str(&which.get(&all).1).unwrap();
        let mut paths: Vec<String> = Vec::new();
        pointers(&value, String::new(), &mut paths);
        let moved = value.pointer(from.get(&paths).as_str()).unwrap().clone();
        *value.pointer_mut(to.get(&paths).as_str()).unwrap() = moved;
        if let Ok(read) = scenario::read(&value.to_string()) {
            prop_assert_eq!(scenario::read(&scenario::write(&read)), Ok(read));
        }
    }
}

/// The JSON pointers of all values.
fn pointers(value: &serde_json::Value, here: String, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, inner) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(inner, format!("{here}/{key}"), into);
            }
        }
        serde_json::Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                pointers(inner, format!("{here}/{i}"), into);
            }
        }
        _ => {}
    }
    into.push(here);
}
