//! The files of the repository, as the rules see them.

use std::fs;
use std::path::{Path, PathBuf};

/// What git ignores, wherever it lies.
const IGNORED: [&str; 4] = [".git", "node_modules", "pkg", "target"];

/// One file.
pub struct File {
    /// Relative to the repository, with `/` on every system.
    pub path: String,
    /// Its text; nothing where it is not text.
    pub text: Option<String>,
}

impl File {
    /// `rs`, `ts`; nothing for `LICENSE-MIT`.
    pub fn ending(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// The numbered lines, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let text = self.text.as_deref().unwrap_or_default();
        text.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// The numbered lines of a Rust file without its comments. A `//` in a string cuts its line
    /// short, which is enough for these rules.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines()
            .map(|(at, line)| (at, line.split_once("//").map_or(line, |(code, _)| code)))
    }
}

/// The folder of `Cargo.lock`.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests lies in the repository").into()
}

/// The text of a file that must be there.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// Every file that git would keep, in order of path.
pub fn files() -> Vec<File> {
    let mut found = Vec::new();
    gather(&root(), "", &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// The names in a folder, without what git ignores.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    entries
        .map(|entry| entry.expect("a readable folder").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| !IGNORED.contains(&name.as_str()))
        .collect()
}

fn gather(folder: &Path, prefix: &str, found: &mut Vec<File>) {
    for name in names(folder) {
        let (full, path) = (folder.join(&name), format!("{prefix}{name}"));
        if full.is_dir() {
            gather(&full, &format!("{path}/"), found);
        } else {
            let text = String::from_utf8(fs::read(&full).expect("a readable file")).ok();
            found.push(File { path, text });
        }
    }
}
