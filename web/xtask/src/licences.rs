//! The licences of what the page ships. Vite writes those of its packages; those of the crates in
//! the wasm module follow here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::timed;
use crate::{Res, paths, tools};

/// One crate of the module.
struct Crate {
    name: String,
    version: String,
    /// As its manifest says, in SPDX's terms.
    licence: String,
}

/// Adds the crates to the list that Vite has just written.
pub fn append() -> Res {
    timed("licences", || {
        let list = paths::site().join("licences.md");
        let said = |why: std::io::Error| format!("{}: {why}", list.display());
        let mut text = fs::read_to_string(&list).map_err(said)?;
        text.push_str("\n# In the wasm module\n\nThe Rust standard library (MIT OR Apache-2.0) and these crates:\n");
        let folders = folders()?;
        for shipped in shipped()? {
            let (name, version) = (&shipped.name, &shipped.version);
            text.push_str(&format!(
                "\n## {name} - {version} ({})\n\n",
                shipped.licence
            ));
            if let Some(folder) = folders.get(&(name.clone(), version.clone())) {
                text.push_str(&texts(folder));
            }
        }
        fs::write(&list, text).map_err(said)
    })
}

/// What cargo links into the module: no macros, nothing that only a build or a test needs.
fn shipped() -> Res<Vec<Crate>> {
    let tree = ask(&[
        "tree",
        "--package=glassmq-web",
        "--target=wasm32-unknown-unknown",
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--format={p}|{l}",
    ])?;
    let mut lines: Vec<&str> = tree
        .lines()
        .filter(|line| !line.starts_with("glassmq-"))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
        .into_iter()
        .map(|line| read(line).ok_or_else(|| format!("cargo tree: cannot read {line}")))
        .collect()
}

/// `serde v1.0.0|MIT OR Apache-2.0`, with ` (*)` behind a crate that was listed before.
fn read(line: &str) -> Option<Crate> {
    let (package, licence) = line.split_once('|')?;
    let (name, version) = package.split_once(" v")?;
    Some(Crate {
        name: name.into(),
        version: version.split(' ').next()?.into(),
        licence: licence.trim_end_matches(" (*)").into(),
    })
}

/// Where cargo keeps the sources of each crate, by name and version.
fn folders() -> Res<BTreeMap<(String, String), PathBuf>> {
    let text = ask(&["metadata", "--format-version=1"])?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).map_err(|why| format!("cargo metadata: {why}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages
        .filter_map(|package| {
            let text = |key: &str| package[key].as_str().map(str::to_owned);
            let manifest = PathBuf::from(text("manifest_path")?);
            Some(((text("name")?, text("version")?), manifest.parent()?.into()))
        })
        .collect())
}

/// Its licence files. Where both are offered, MIT is taken and Apache's long text left out.
fn texts(folder: &Path) -> String {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            ["LICEN", "COPYING", "NOTICE"]
                .iter()
                .any(|start| name.starts_with(start))
        })
        .collect();
    names.sort();
    if names.iter().any(|name| name.contains("MIT")) {
        names.retain(|name| !name.contains("APACHE"));
    }
    names
        .iter()
        .filter_map(|name| fs::read_to_string(folder.join(name)).ok())
        .map(|text| format!("{}\n\n", text.trim_end()))
        .collect()
}

fn ask(arguments: &[&str]) -> Res<String> {
    let mut cargo = tools::cargo();
    cargo
        .args(arguments)
        .arg("--locked")
        .current_dir(paths::root());
    let out = cargo
        .output()
        .map_err(|why| format!("cannot start cargo: {why}"))?;
    if !out.status.success() {
        let why = String::from_utf8_lossy(&out.stderr);
        return Err(format!("cargo {}: {}", arguments[0], why.trim()));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_s_crates_are_found_with_their_licences() {
        let shipped = shipped().unwrap();
        let folders = folders().unwrap();
        assert!(shipped.iter().any(|one| one.name == "wasm-bindgen"));
        assert!(!shipped.iter().any(|one| one.name == "wasm-bindgen-macro"));
        for one in shipped {
            assert!(!one.licence.is_empty(), "{} names no licence", one.name);
            let folder = &folders[&(one.name.clone(), one.version)];
            assert!(
                !texts(folder).is_empty(),
                "{} has no licence file",
                one.name
            );
        }
    }

    #[test]
    fn a_line_of_cargo_tree_is_read() {
        let one = read("serde v1.0.0 (proc-macro)|MIT OR Apache-2.0 (*)").unwrap();
        assert_eq!(
            (one.name.as_str(), one.version.as_str()),
            ("serde", "1.0.0")
        );
        assert_eq!(one.licence, "MIT OR Apache-2.0");
    }
}
