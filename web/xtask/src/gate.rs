//! `cargo xtask test`: every test there is, the quick ones first.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::run::{output, run};
use crate::{Res, book, browser, paths, size, tools, ui, wasm};

/// One step of the gate.
struct Step {
    name: &'static str,
    run: fn() -> Res,
}

/// In this order: what is cheap and fails often comes first, and what a step needs before it.
const STEPS: &[Step] = &[
    Step {
        name: "format",
        run: format,
    },
    Step {
        name: "clippy",
        run: clippy,
    },
    Step {
        name: "cargo test",
        run: cargo_test,
    },
    Step {
        name: "every scenario in release",
        run: release,
    },
    Step {
        name: "wasm",
        run: wasm::build,
    },
    Step {
        name: "wasm parity under Node",
        run: parity,
    },
    Step {
        name: "npm packages",
        run: ui::install,
    },
    Step {
        name: "types",
        run: ui::check,
    },
    Step {
        name: "unit tests of the player",
        run: ui::test,
    },
    Step {
        name: "site",
        run: crate::site,
    },
    Step {
        name: "book",
        run: book::build,
    },
    Step {
        name: "sizes",
        run: size::report,
    },
    Step {
        name: "browser tests",
        run: browser::test,
    },
];

/// Runs the steps up to the first that fails, and ends with a line that counts them.
pub fn test() -> Res {
    let mut times = Vec::new();
    for (at, step) in STEPS.iter().enumerate() {
        eprintln!("xtask: == {} ({} of {})", step.name, at + 1, STEPS.len());
        let start = Instant::now();
        let done = (step.run)();
        times.push((step.name, start.elapsed()));
        if let Err(why) = done {
            report(&times);
            println!("xtask: {} later steps were not run", STEPS.len() - at - 1);
            println!("steps: {at} passed, 1 failed");
            return Err(format!("{}: {why}", step.name));
        }
    }
    report(&times);
    println!("steps: {} passed, 0 failed", STEPS.len());
    Ok(())
}

/// The gate without its samples: debug builds, keyframes and Chromium take the whole library, and
/// properties are tried with twenty times as many cases. Every step inherits the word for that.
pub fn nightly() -> Res {
    let me = std::env::current_exe().map_err(|why| format!("where is this program: {why}"))?;
    let mut gate = Command::new(me);
    gate.arg("test")
        .env("GLASSMQ_NIGHTLY", "1")
        .env("PROPTEST_CASES", "5120");
    run("cargo xtask nightly", &mut gate)
}

/// How long each step took, and all of them.
fn report(times: &[(&str, Duration)]) {
    let all = ("all", times.iter().map(|(_, time)| *time).sum());
    for (name, time) in times.iter().chain([&all]) {
        println!("xtask: {:>6.1} s  {name}", time.as_secs_f64());
    }
}

fn format() -> Res {
    cargo("cargo fmt", &["fmt", "--all", "--check"])
        .map_err(|why| format!("{why}: run `cargo fmt`"))
}

fn clippy() -> Res {
    cargo(
        "cargo clippy",
        &[
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    )
}

fn cargo_test() -> Res {
    cargo("cargo test", &["test", "--quiet", "--workspace"])
}

/// Plays the whole library twice, and holds it to its goldens; a debug build plays a sample.
fn release() -> Res {
    let words = "test --quiet --profile gate --package glassmq-tests parity::";
    let words: Vec<&str> = words.split(' ').collect();
    cargo("cargo test --profile gate", &words)
}

fn cargo(step: &str, arguments: &[&str]) -> Res {
    let mut cargo = tools::cargo();
    // The tests say so when nobody checks that wasm does the same; here somebody does.
    cargo
        .args(arguments)
        .current_dir(paths::root())
        .env("GLASSMQ_PARITY", "checked")
        .env("GLASSMQ_CHANGED", changed());
    run(step, &mut cargo)
}

/// The short names of the scenarios that differ from the last commit, as `kafka/test-topic`, with
/// spaces between them. Without git, none is known to.
fn changed() -> String {
    let mut git = Command::new("git");
    git.args([
        "status",
        "--porcelain",
        "--untracked-files=all",
        "scenarios",
    ])
    .current_dir(paths::root());
    let status = output(&mut git).unwrap_or_default();
    names(&status).collect::<Vec<_>>().join(" ")
}

/// The short names in what `git status --porcelain` says.
fn names(status: &str) -> impl Iterator<Item = &str> {
    status.lines().filter_map(|line| {
        let (_, path) = line.rsplit_once("scenarios/")?;
        path.strip_suffix(".json")
    })
}

/// The module does in Node what the native builds do: all are held to the same goldens.
fn parity() -> Res {
    let mut node = tools::node()?;
    node.args(["--test", "--test-reporter=spec"])
        .arg(paths::root().join("tests/parity/parity.test.mjs"))
        .env("GLASSMQ_PKG", paths::pkg());
    run("wasm parity", &mut node)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn changed_scenarios_are_known_by_their_short_names() {
        let status = "M scenarios/kafka/test-topic.json\n?? scenarios/rabbitmq/new.json\nR  scenarios/a/old.json -> scenarios/b/new.json\n?? scenarios/notes.txt";
        assert_eq!(
            names(status).collect::<Vec<_>>(),
            ["kafka/test-topic", "rabbitmq/new", "b/new"]
        );
    }
}
