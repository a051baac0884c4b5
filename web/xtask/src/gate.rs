//! `cargo xtask test`: every test there is, the quick ones first.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::run::run;
use crate::{Res, book, paths, serve, tools, ui, wasm};

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
        name: "browser tests",
        run: browser,
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

fn cargo(step: &str, arguments: &[&str]) -> Res {
    let mut cargo = tools::cargo();
    // The tests say so when nobody checks that wasm does the same; here somebody does.
    cargo
        .args(arguments)
        .current_dir(paths::root())
        .env("GLASSMQ_PARITY", "checked");
    run(step, &mut cargo)
}

/// The module does in Node what the native build does: both are held against the same goldens, and
/// every scenario against what `cargo test` has just noted of the native build.
fn parity() -> Res {
    let mut node = tools::node()?;
    node.args(["--test", "--test-reporter=spec"])
        .arg(paths::root().join("tests/parity/parity.test.mjs"))
        .env("GLASSMQ_PKG", paths::pkg())
        .env("GLASSMQ_NATIVE", paths::target().join("tmp/parity.json"));
    run("wasm parity", &mut node)
}

/// Serves the site as `play` does and looks at it with Chromium.
fn browser() -> Res {
    let chromium = tools::chromium()?;
    let port = serve::start(paths::site(), 0)?;
    let mut node = tools::node()?;
    node.args(["--test", "--test-reporter=spec"])
        .args(browser_tests()?)
        .current_dir(paths::ui())
        .env("GLASSMQ_URL", format!("http://127.0.0.1:{port}/"))
        .env("GLASSMQ_SHOTS", paths::target().join("browser"))
        .env("GLASSMQ_CHROMIUM", chromium);
    run("browser tests", &mut node)
}

/// Named one by one: not every Node.js takes a folder or a pattern here.
fn browser_tests() -> Res<Vec<PathBuf>> {
    let folder = paths::root().join("tests/browser");
    let entries =
        std::fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    Ok(files)
}
