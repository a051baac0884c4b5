//! What Chromium looks at: the site, served as `play` serves it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::run;
use crate::{Res, paths, serve, tools};

/// Every browser test.
pub fn test() -> Res {
    let mut node = node()?;
    node.args(["--test", "--test-reporter=spec"]).args(tests()?);
    run("browser tests", &mut node)
}

/// Times the player on generated runs of so many events, and prints a table.
pub fn bench(events: &[&str]) -> Res {
    let mut node = node()?;
    node.arg(folder().join("bench.mjs")).args(events);
    run("browser bench", &mut node)
}

/// Takes the picture that README.md shows.
pub fn picture() -> Res {
    let to = paths::root().join("book/src/player.png");
    println!("xtask: the picture: {}", to.display());
    let mut node = node()?;
    node.arg(folder().join("readme.mjs")).arg(to);
    run("picture", &mut node)
}

/// Node.js, told where the site is served and which Chromium to open it with.
fn node() -> Res<Command> {
    let chromium = tools::chromium()?;
    let port = serve::start(paths::site(), 0)?;
    let mut node = tools::node()?;
    node.current_dir(paths::ui())
        .env("GLASSMQ_URL", format!("http://127.0.0.1:{port}/"))
        .env("GLASSMQ_SHOTS", paths::target().join("browser"))
        .env("GLASSMQ_CHROMIUM", chromium);
    Ok(node)
}

/// Named one by one: not every Node.js takes a folder or a pattern here.
fn tests() -> Res<Vec<PathBuf>> {
    let folder = folder();
    let entries =
        std::fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_test(path))
        .collect();
    files.sort();
    Ok(files)
}

fn is_test(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".test.mjs")
}

fn folder() -> PathBuf {
    paths::root().join("tests/browser")
}
