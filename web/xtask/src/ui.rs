//! The player: an npm package built by Vite.

use std::path::PathBuf;
use std::process::Command;

use crate::run::{output, run};
use crate::{Res, paths, tools};

/// Installs the packages, but only when `package-lock.json` is not the one of the last time.
pub fn install() -> Res {
    tools::node()?;
    if output(tools::npm().arg("--version")).is_none() {
        return Err("npm not found: it comes with Node.js; on Debian, apt-get install npm".into());
    }
    let lock = paths::ui().join("package-lock.json");
    let lock = std::fs::read(&lock).map_err(|why| format!("{}: {why}", lock.display()))?;
    let stamp = stamp();
    if std::fs::read(&stamp).is_ok_and(|last| last == lock) {
        return Ok(());
    }
    eprintln!("xtask: the player's packages: npm ci");
    run(
        "npm ci",
        &mut npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    )?;
    std::fs::write(&stamp, lock).map_err(|why| format!("{}: {why}", stamp.display()))
}

/// The sandbox and the player's module, into the site.
pub fn build() -> Res {
    let out = paths::site();
    run(
        "vite build",
        script("build").args(["--", "--outDir"]).arg(out),
    )
}

/// TypeScript's own verdict.
pub fn check() -> Res {
    run("tsc", &mut script("check"))
}

/// The player's unit tests.
pub fn test() -> Res {
    run("vitest", &mut script("test"))
}

/// Remembers the lock file of the last installation; goes when `node_modules` goes.
fn stamp() -> PathBuf {
    paths::ui().join("node_modules/.glassmq-lock")
}

fn script(name: &str) -> Command {
    npm(&["run", "--silent", name])
}

fn npm(arguments: &[&str]) -> Command {
    let mut npm = tools::npm();
    npm.args(arguments).current_dir(paths::ui());
    npm
}
