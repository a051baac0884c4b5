//! No link of the README or the book leads nowhere.

use super::assert_none;
use super::tree::{File, files, root};

#[test]
fn every_relative_link_leads_somewhere() {
    let dead: Vec<String> = files()
        .iter()
        .filter(|file| file.ending() == "md" && !file.path.starts_with("tests/conformance/"))
        .flat_map(dead_links)
        .collect();
    assert_none(
        &dead,
        "Relative links name a file of the repository, from the folder of the page; `#` names one of its headings.",
    );
}

/// `path:line: target` for each.
fn dead_links(page: &File) -> Vec<String> {
    prose(page)
        .flat_map(|(at, line)| targets(line).into_iter().map(move |target| (at, target)))
        .filter(|(_, target)| !is_elsewhere(target) && !leads_somewhere(page, target))
        .map(|(at, target)| format!("{}:{at}: {target}", page.path))
        .collect()
}

/// The numbered lines outside fenced code.
fn prose(page: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    page.lines().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// `a` of `[text](a)`, `<img src="a">` and `<a href="a">`.
fn targets(line: &str) -> Vec<&str> {
    [("](", ')'), (" src=\"", '"'), (" href=\"", '"')]
        .into_iter()
        .flat_map(|(open, close)| {
            line.split(open)
                .skip(1)
                .filter_map(move |rest| rest.split(close).next())
        })
        .map(|target| target.split(" \"").next().unwrap_or_default())
        .collect()
}

fn is_elsewhere(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:")
}

fn leads_somewhere(page: &File, target: &str) -> bool {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let full = match path {
        "" => root().join(&page.path),
        _ => root().join(folder).join(path),
    };
    if target.is_empty() || !full.exists() {
        return false;
    }
    heading.is_empty()
        || std::fs::read_to_string(full)
            .is_ok_and(|text| text.lines().any(|line| slug(line) == heading))
}

/// The anchor that mdBook and others make of a heading.
fn slug(line: &str) -> String {
    let title = match line.strip_prefix('#') {
        Some(rest) => rest.trim_start_matches('#').trim(),
        None => return String::new(),
    };
    title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn links_are_found_in_every_form() {
    let line = r#"see [a](a.md) and ![b](i/b.png "B") or <img src="c.png">"#;
    assert_eq!(targets(line), ["a.md", "i/b.png", "c.png"]);
    assert_eq!(slug("## How it works: `acks=1`"), "how-it-works-acks1");
}
