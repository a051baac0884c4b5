//! `cargo xtask play | test`: builds, serves and tests what cargo alone cannot.
//!
//! Whatever is missing is fetched by an ordinary package client after a line that says so; where
//! that may not be, the error is one line that names the remedy.

mod book;
mod browser;
mod gate;
mod licences;
mod paths;
mod run;
mod serve;
mod size;
mod split;
mod tools;
mod ui;
mod wasm;

use std::process::ExitCode;

/// A failure is one line for a person: what went wrong, and what to do about it.
type Res<T = ()> = Result<T, String>;

const USAGE: &str = "usage: cargo xtask COMMAND
  play [PORT]   build everything, then serve the sandbox and the book (port 4173)
  test          run every test there is
  nightly       the same with the whole library everywhere, and twenty times the random cases
  build         build everything into target/site
  bench [N...]  time the player in Chromium on runs of so many events (200000 1000000)
  picture       take the picture of README.md anew
  wasm          build the wasm module only
  doctor        say which outside programs are found";

/// The port of `play` when none is named.
const PORT: u16 = 4173;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["play"] => play(PORT),
        ["play", port] => port
            .parse()
            .map_err(|_| {
                format!("not a port: {port} (a number from 0 to 65535; 0 takes a free one)")
            })
            .and_then(play),
        ["test"] => gate::test(),
        ["nightly"] => gate::nightly(),
        ["build"] => build(),
        ["bench", ref events @ ..] => bench(events),
        ["picture"] => picture(),
        ["wasm"] => wasm::build(),
        ["doctor"] => tools::doctor(),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that is served, in the order in which one part needs another.
fn build() -> Res {
    wasm::build()?;
    ui::install()?;
    site()?;
    book::build()?;
    size::report()
}

/// The sandbox and the player's module, with the licences of all that is in them.
fn site() -> Res {
    ui::build()?;
    licences::append()
}

/// How large the page is and how fast it answers, beside its budgets. Nothing fails here.
fn bench(events: &[&str]) -> Res {
    build()?;
    let events = if events.is_empty() {
        &["200000", "1000000"]
    } else {
        events
    };
    browser::bench(events)
}

/// Builds, and has a browser test leave the picture where README.md shows it.
fn picture() -> Res {
    build()?;
    browser::picture()
}

/// Builds, then serves until it is stopped.
fn play(port: u16) -> Res {
    build()?;
    let port = serve::start(paths::site(), port)?;
    println!("GlassMQ: http://127.0.0.1:{port}/");
    println!("the book: http://127.0.0.1:{port}/book/");
    println!("Ctrl-C stops.");
    loop {
        std::thread::park();
    }
}
