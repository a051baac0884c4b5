//! Words that must not be found, and where.

use super::assert_none;
use super::tree::{File, files};

/// A word that is banned somewhere.
struct Ban {
    words: &'static [&'static str],
    /// Whether the rule holds in a file.
    within: fn(&str) -> bool,
    /// Whether comments count as well as code.
    comments: bool,
    /// Longer words that are allowed.
    but: &'static [&'static str],
    remedy: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        words: &["TODO", "FIXME", "XXX", "todo!", "unimplemented!"],
        within: |_| true,
        comments: true,
        but: &[],
        remedy: "Nothing is left half done: do it now, or leave it out.",
    },
    Ban {
        words: &[
            "dbg!",
            "#[ignore",
            "it.skip",
            "test.skip",
            "it.only",
            "test.only",
            "debugger;",
        ],
        within: |_| true,
        comments: true,
        but: &[],
        remedy: "A leftover of debugging: take it out. A test that cannot pass is mended or removed.",
    },
    Ban {
        words: &[
            "HashMap",
            "HashSet",
            "Instant",
            "SystemTime",
            "thread_rng",
            "RandomState",
        ],
        within: deterministic,
        comments: false,
        but: &[],
        remedy: "Two runs of one seed would differ: use BTreeMap, BTreeSet or `shared`, the kernel's clock and its dice.",
    },
    Ban {
        words: &["f32", "f64"],
        within: |path| {
            path.starts_with("core/src/")
                && path != "core/src/rabbitmq/field_value.rs"
                && path != "core/src/rabbitmq/consistent_hash.rs"
        },
        comments: false,
        but: &[],
        remedy: "No floats in the protocols: use whole numbers, in a unit small enough.",
    },
    Ban {
        words: &["/work/", "/tmp/", "/home/", "/root/", "../shared"],
        within: |_| true,
        comments: true,
        // Kafka's own default of `log.dirs`.
        but: &["/tmp/kafka-logs"],
        remedy: "A path of one machine means nothing on another: make it relative to the repository, or ask the system for a folder.",
    },
];

/// Where a run must depend on nothing but its scenario and its seed. Benches measure real time.
fn deterministic(path: &str) -> bool {
    let bench = path.starts_with("sim/src/bin/") || path.contains("/benches/");
    (path.starts_with("core/") || path.starts_with("sim/")) && path.ends_with(".rs") && !bench
}

/// Everything that people write; not recordings, not lock files, not this list.
fn written(file: &File) -> bool {
    let generated = file.path.ends_with("lock.json") || file.path == "Cargo.lock";
    let recorded = file.path.starts_with("tests/conformance/") && file.ending() == "json";
    !generated && !recorded && file.path != "tests/tidy/words.rs"
}

#[test]
fn no_banned_word_is_found() {
    let files = files();
    let found: Vec<String> = BANS
        .iter()
        .filter_map(|ban| {
            let found: Vec<String> = files
                .iter()
                .filter(|file| written(file) && (ban.within)(&file.path))
                .flat_map(|file| breaches(ban, file))
                .collect();
            (!found.is_empty()).then(|| format!("{}\n{}\n", found.join("\n"), ban.remedy))
        })
        .collect();
    assert_none(&found, "Above each sentence, the places it is about.");
}

/// `path:line: word` for each.
fn breaches(ban: &Ban, file: &File) -> Vec<String> {
    let lines: Vec<_> = if ban.comments {
        file.lines().collect()
    } else {
        file.code().collect()
    };
    let mut found = Vec::new();
    for (at, line) in lines {
        let rest = ban
            .but
            .iter()
            .fold(line.to_owned(), |line, allowed| line.replace(allowed, ""));
        for word in ban.words.iter().filter(|word| has_word(&rest, word)) {
            found.push(format!("{}:{at}: {word}", file.path));
        }
    }
    found
}

/// Whether a line has the word, and not only as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let starts = word.starts_with(|c: char| c.is_alphanumeric());
    let ends = word.ends_with(|c: char| c.is_alphanumeric());
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let inside = (starts && joins(before)) || (ends && joins(after));
        !inside
    })
}

#[test]
fn a_word_is_not_a_part_of_a_longer_one() {
    assert!(has_word("use std::time::Instant;", "Instant"));
    assert!(!has_word("Instantly", "Instant"));
    assert!(!has_word("MyInstant", "Instant"));
    assert!(has_word("see ../shared/x", "../shared"));
    assert!(has_word("x: todo!()", "todo!"));
}
