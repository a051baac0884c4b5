//! Finds the outside programs, and installs those that a Debian machine's root may install.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Res;
use crate::run::{output, run};

/// The oldest Node.js that Vite 8 runs on.
const NODE: (u32, u32) = (20, 19);

/// The cargo that runs xtask, which cargo itself tells; else the one on `PATH`.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Node.js, if it is there and new enough.
pub fn node() -> Res<Command> {
    let version = output(Command::new("node").arg("--version"));
    let found = version.as_deref().unwrap_or("none");
    if version.as_deref().and_then(major_minor) >= Some(NODE) {
        return Ok(Command::new("node"));
    }
    let (major, minor) = NODE;
    Err(format!(
        "Node.js {major}.{minor} or later is needed, found {found}: install Node.js with npm and put both on PATH"
    ))
}

/// `v20.19.1` is (20, 19).
fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// npm, under the name that the system gives it.
pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Python, under the name that the system gives it.
pub fn python() -> Command {
    Command::new(if cfg!(windows) { "python" } else { "python3" })
}

/// A Chromium for the browser tests: `GLASSMQ_CHROMIUM`, else one on `PATH`, else Debian's.
pub fn chromium() -> Res<PathBuf> {
    if installed_chromium().is_none() && named_chromium().is_none() && debian_root() {
        apt_install(
            "the browser tests need Chromium (about 100 MB)",
            &["chromium"],
        )?;
    }
    find_chromium()
}

fn named_chromium() -> Option<PathBuf> {
    std::env::var_os("GLASSMQ_CHROMIUM").map(PathBuf::from)
}

fn find_chromium() -> Res<PathBuf> {
    match named_chromium() {
        Some(named) if named.is_file() => Ok(named),
        Some(named) => Err(format!(
            "GLASSMQ_CHROMIUM names no file: {}",
            named.display()
        )),
        None => installed_chromium().ok_or_else(|| {
            "no Chromium: install Chromium or Chrome, or set GLASSMQ_CHROMIUM to its path".into()
        }),
    }
}

fn installed_chromium() -> Option<PathBuf> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ];
    let bundles = [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .chain(bundles.map(PathBuf::from))
        .find(|candidate| candidate.is_file())
}

/// Whether this is Debian, or a child of it, where this process may run apt-get.
pub fn debian_root() -> bool {
    Path::new("/etc/debian_version").exists()
        && output(Command::new("id").arg("-u")).as_deref() == Some("0")
        && output(Command::new("apt-get").arg("--version")).is_some()
}

/// Installs Debian packages and removes none; says why first. Package lists that are absent or
/// old make the first try fail: then they are brought up to date.
pub fn apt_install(why: &str, packages: &[&str]) -> Res {
    let names = packages.join(" ");
    eprintln!("xtask: {why}: apt-get install {names}");
    let install = || {
        let mut apt = Command::new("apt-get");
        apt.args([
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "--no-remove",
        ])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null());
        run("apt-get install", &mut apt)
    };
    install().or_else(|_| {
        eprintln!("xtask: trying once more with new package lists: apt-get update");
        run(
            "apt-get update",
            Command::new("apt-get").args(["update", "-qq"]),
        )?;
        install().map_err(|why| format!("{why}: install by hand: apt-get install {names}"))
    })
}

/// Says what is found, installs nothing; an error if anything is missing.
pub fn doctor() -> Res {
    let checks = [
        ("wasm std", crate::wasm::find().map(|std| std.describe())),
        ("node", node().map(|_| "new enough".into())),
        (
            "npm",
            output(npm().arg("--version")).ok_or("not found: it comes with Node.js".into()),
        ),
        ("mdbook", crate::book::describe()),
        (
            "chromium",
            find_chromium().map(|path| path.display().to_string()),
        ),
    ];
    let mut missing: u32 = 0;
    for (what, found) in checks {
        match found {
            Ok(text) => println!("{what}: {text}"),
            Err(why) => {
                missing += 1;
                println!("{what}: MISSING: {why}");
            }
        }
    }
    match missing {
        0 => Ok(()),
        n => Err(format!(
            "{n} missing; as root on Debian, `cargo xtask test` installs the wasm std, mdbook and chromium itself, but never Node.js"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::major_minor;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(major_minor("v20.19.1"), Some((20, 19)));
        assert!(major_minor("v9.11.2") < major_minor("v20.19.0"));
        assert_eq!(major_minor("none"), None);
    }
}
