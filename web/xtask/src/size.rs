//! How much a reader downloads before the first picture, and what may follow later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::split::{PARTS, REST};
use crate::{Res, paths};

/// Of all that the first picture needs, compressed: the budget of the design, in bytes.
const BUDGET: usize = 400 * 1000;

/// A file of the site and its size, in bytes, as gzip at its best sends it.
struct Part {
    name: String,
    gzip: usize,
}

/// Prints the files that the page loads at once, largest first, and beside the budget their sum
/// with the largest part of the module that a first picture takes; then what it loads on demand.
pub fn report() -> Res {
    let site = paths::site();
    let files = read(&site)?;
    let (mut initial, mut on_demand) = reachable(&files);
    let parts = PARTS[..REST].iter().filter_map(|part| module(part, &files));
    let largest = parts.max_by_key(|name| compressed(name, &files[name]));
    if let Some(part) = largest {
        on_demand.remove(&part);
        initial.insert(part);
    }
    let total: usize = print("loaded at once", &files, &initial);
    let verdict = match total.checked_sub(BUDGET) {
        None | Some(0) => "within the budget".to_owned(),
        Some(over) => format!("over by {}", kilo(over)),
    };
    println!(
        "xtask: {}  initial load, gzip; budget {}: {verdict}",
        kilo(total),
        kilo(BUDGET)
    );
    if !on_demand.is_empty() {
        print("loaded on demand", &files, &on_demand);
    }
    Ok(())
}

/// Prints the parts and returns their sum, in bytes.
fn print(heading: &str, files: &BTreeMap<String, Vec<u8>>, names: &BTreeSet<String>) -> usize {
    let mut parts: Vec<Part> = names
        .iter()
        .map(|name| Part {
            name: name.clone(),
            gzip: compressed(name, &files[name]),
        })
        .collect();
    parts.sort_by(|a, b| b.gzip.cmp(&a.gzip).then(a.name.cmp(&b.name)));
    println!("xtask: {heading}:");
    for Part { name, gzip } in &parts {
        println!("xtask: {}  {name}", kilo(*gzip));
    }
    parts.iter().map(|part| part.gzip).sum()
}

/// The page and all its assets: name and content.
fn read(site: &Path) -> Res<BTreeMap<String, Vec<u8>>> {
    let said = |path: &Path, why: std::io::Error| {
        format!("{}: {why}: run `cargo xtask build`", path.display())
    };
    let page = site.join("index.html");
    let mut files = BTreeMap::from([(
        "index.html".to_owned(),
        std::fs::read(&page).map_err(|why| said(&page, why))?,
    )]);
    let assets = site.join("assets");
    for entry in std::fs::read_dir(&assets)
        .map_err(|why| said(&assets, why))?
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let content = std::fs::read(entry.path()).map_err(|why| said(&entry.path(), why))?;
        files.insert(name, content);
    }
    Ok(files)
}

/// The file of a part of the wasm module.
fn module(part: &str, files: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let begins = format!("glassmq_{part}-");
    files.keys().find(|name| name.starts_with(&begins)).cloned()
}

/// What the page names, and what those name, without and with the ways through `import(...)`; the
/// parts of the wasm module are on demand, too.
fn reachable(files: &BTreeMap<String, Vec<u8>>) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut initial = BTreeSet::new();
    let mut later = Vec::new();
    let mut todo = vec!["index.html".to_owned()];
    while let Some(name) = todo.pop() {
        if initial.insert(name.clone()) {
            let (now, on_demand) = mentions(&name, files);
            todo.extend(now);
            later.extend(on_demand);
        }
    }
    let mut on_demand = BTreeSet::new();
    while let Some(name) = later.pop() {
        if !initial.contains(&name) && on_demand.insert(name.clone()) {
            let (now, more) = mentions(&name, files);
            later.extend(now);
            later.extend(more);
        }
    }
    (initial, on_demand)
}

/// The files that one names: those it needs, and those it imports on demand. A build gives every
/// file a name with a hash, so a name that stands anywhere in a text is that file.
fn mentions(name: &str, files: &BTreeMap<String, Vec<u8>>) -> (Vec<String>, Vec<String>) {
    let text = match name.rsplit_once('.') {
        Some((_, "html" | "js" | "css")) => {
            without_preloads(&String::from_utf8_lossy(&files[name]))
        }
        _ => return (Vec::new(), Vec::new()),
    };
    let mut now = Vec::new();
    let mut on_demand = Vec::new();
    for other in files.keys().filter(|other| *other != name) {
        let mut places = text.match_indices(other.as_str()).peekable();
        if places.peek().is_none() {
            continue;
        }
        let lazily = places.all(|(at, _)| {
            let before = text[..at].trim_end_matches(['.', '/', '"', '\'', '`']);
            before.ends_with("import(")
        }) || PARTS
            .iter()
            .any(|part| module(part, files).as_ref() == Some(other));
        let list = if lazily { &mut on_demand } else { &mut now };
        list.push(other.clone());
    }
    (now, on_demand)
}

/// Without Vite's list of what it loads ahead once something is imported on demand.
fn without_preloads(text: &str) -> String {
    let list = text.split_once("m.f=[");
    match list.and_then(|(before, rest)| Some((before, rest.split_once(']')?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

/// In bytes, as gzip sends it; fonts are compressed already.
fn compressed(name: &str, content: &[u8]) -> usize {
    /// What gzip writes around its data, in bytes: a header of 10, a checksum and a length.
    const AROUND: usize = 18;
    if name.ends_with(".woff2") {
        return content.len();
    }
    miniz_oxide::deflate::compress_to_vec(content, 9).len() + AROUND
}

fn kilo(bytes: usize) -> String {
    let tenths = (bytes + 50) / 100;
    format!("{:>6}.{} KB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_imported_on_demand_is_not_loaded_at_once() {
        let files = BTreeMap::from(
            [
                ("index.html", r#"<script src="./assets/index-1.js">"#),
                (
                    "index-1.js",
                    r#"import"./base-2.js";import("./chart-3.js")"#,
                ),
                ("base-2.js", r#"new URL("worker-4.js", import.meta.url)"#),
                ("worker-4.js", "glassmq_bg-5.wasm glassmq_kafka-8.wasm"),
                ("glassmq_kafka-8.wasm", "\0asm"),
                ("glassmq_bg-5.wasm", "\0asm chart-3.js"),
                ("chart-3.js", r#"import"./base-2.js";"./plot-6.js""#),
                ("plot-6.js", ""),
                ("gallery-7.js", ""),
            ]
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())),
        );
        let (initial, on_demand) = reachable(&files);
        let names = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(
            names(initial),
            "base-2.js glassmq_bg-5.wasm index-1.js index.html worker-4.js"
        );
        assert_eq!(
            names(on_demand),
            "chart-3.js glassmq_kafka-8.wasm plot-6.js"
        );
    }

    #[test]
    fn sizes_are_read_in_thousands_of_bytes() {
        assert_eq!(kilo(399_960).trim(), "400.0 KB");
        assert_eq!(kilo(1_234).trim(), "1.2 KB");
    }
}
