//! Scenario files: good ones are read and written alike, bad ones are told what is wrong with
//! them, and the published schema is the reader's own.
//!
//! `BLESS=1 cargo test` rewrites the expected messages and the schema; read the difference.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use glassmq_sim::play::Play;
use glassmq_sim::scenario::{self, Catalogue, Shows, problem::Problem, schema};
use proptest::prelude::*;
use serde_json::Value;

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

/// A path of the repository.
pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// All scenarios of the library: file and text.
pub static SCENARIOS: LazyLock<Vec<(PathBuf, String)>> = LazyLock::new(|| {
    let all = files(&root("scenarios"), ".json").into_iter();
    all.filter(|path| !path.ends_with("scenario.schema.json"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
});

/// A scenario of the library as a page names it: `rabbitmq/hello`.
pub fn short_name(path: &Path) -> String {
    let inside = path.strip_prefix(root("scenarios")).unwrap();
    inside
        .with_extension("")
        .to_string_lossy()
        .replace('\\', "/")
}

/// Compares with what a file holds, or puts it there.
pub fn expect_file(path: &Path, actual: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let differs = actual.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert!(
        actual == expected,
        "{} differs, first in {differs:?}; BLESS=1 accepts it",
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
    assert!(SCENARIOS.len() >= 4);
    for (path, text) in SCENARIOS.iter() {
        let read = scenario::read(text);
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

/// An anomaly and its cure have the same clients, seed and faults but for what the cure names.
#[test]
fn a_cure_differs_from_its_anomaly_in_what_it_names_alone() {
    let mut pairs: BTreeMap<String, Vec<(Catalogue, Value)>> = BTreeMap::new();
    for (_, text) in SCENARIOS.iter() {
        if let Some(entry) = scenario::read(text).unwrap().catalogue {
            let plain = serde_json::from_str(text).unwrap();
            pairs
                .entry(entry.id.clone())
                .or_default()
                .push((entry, plain));
        }
    }
    assert!(!pairs.is_empty());
    for (id, mut pair) in pairs {
        pair.sort_by_key(|(entry, _)| entry.shows == Shows::Cure);
        let [(anomaly, broken), (cure, mended)] = &mut pair[..] else {
            panic!("{id} is not a pair");
        };
        assert_eq!(
            (anomaly.shows, cure.shows),
            (Shows::Anomaly, Shows::Cure),
            "{id}"
        );
        let told = ["/title", "/about", "/catalogue", "/expect", "/lesson"].map(String::from);
        for pointer in told.iter().chain(&cure.by) {
            let sides =
                [&mut *broken, &mut *mended].map(|it| it.pointer_mut(pointer).map(Value::take));
            let named = told.contains(pointer) || sides[0] != sides[1];
            assert!(named, "{id}: {pointer} does not differ");
        }
        assert_eq!(broken, mended, "{id}");
    }
}

#[test]
fn the_published_schema_is_the_readers_own() {
    expect_file(&root("scenarios/scenario.schema.json"), &schema::text());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::cases(512)))]

    #[test]
    fn a_damaged_scenario_is_read_or_refused_with_places(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, "[\\PC]{0,6}|[{}\\[\\]\",:0-9-]{0,3}"), 1..4),
    ) {
        let mut text = which.get(&SCENARIOS).1.clone();
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
        let mut value: Value = serde_json::from_str(&which.get(&SCENARIOS).1).unwrap();
        let mut paths: Vec<String> = Vec::new();
        pointers(&value, String::new(), &mut paths);
        let moved = value.pointer(from.get(&paths).as_str()).unwrap().clone();
        *value.pointer_mut(to.get(&paths).as_str()).unwrap() = moved;
        if let Ok(read) = scenario::read(&value.to_string()) {
            // What can be read can be set up, or is refused by name.
            if let Err(problems) = Play::of(&read, read.seed, &[]) {
                prop_assert!(problems.iter().all(|it| !it.what.is_empty()));
            }
            prop_assert_eq!(scenario::read(&scenario::write(&read)), Ok(read));
        }
    }
}

/// The JSON pointers of all values.
fn pointers(value: &Value, here: String, into: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(inner, format!("{here}/{key}"), into);
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                pointers(inner, format!("{here}/{i}"), into);
            }
        }
        _ => {}
    }
    into.push(here);
}
