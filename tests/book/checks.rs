//! The pages of the checks: each shows histories in which it holds and in which it is violated,
//! and the verdicts that `tests/check/*.txt` come to.

use std::fmt::Write as _;
use std::fs;

use glassmq_sim::scenario::expect::Check;
use glassmq_sim::scenario::form::Fixed;

use super::quotes;
use super::reference::expect_page;
use crate::scenario::{expect_file, root};

/// A hand-made history, and what was found in it.
fn history(name: &str) -> (String, String) {
    let path = root("tests/check").join(format!("{name}.txt"));
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
    let (history, found) = text.split_once("----\n").unwrap();
    (history.trim_end().to_string(), found.to_string())
}

/// What a check found in a history, if anything.
fn verdict<'a>(found: &'a str, check: &str) -> Option<&'a str> {
    let begins = format!("{check} at ");
    found.lines().find(|line| line.starts_with(&begins))
}

#[test]
fn every_check_has_a_page_with_histories_that_come_out_as_it_says() {
    for (name, about, _) in Check::ALL {
        let path = root("book/src/checks").join(format!("{name}.md"));
        let page = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(
            page.starts_with(&format!("# {name}\n\n**{about}**\n")),
            "{name}"
        );
        for part in ["## Where it comes from", "## What it reads"] {
            assert!(page.contains(part), "{name}: {part}");
        }
        let (holds, violated) = (quotes(&page, "holds"), quotes(&page, "violated"));
        assert!(!holds.is_empty() && !violated.is_empty(), "{name}");
        let mut expected = page.clone();
        for (from, lines) in holds {
            let (above, found) = history(from);
            assert_eq!(verdict(&found, name), None, "{name}: {from}");
            expected = expected.replace(&lines.join("\n"), &above);
        }
        for (from, lines) in violated {
            let (above, found) = history(from);
            let verdict = verdict(&found, name);
            let verdict = verdict.unwrap_or_else(|| panic!("{name} holds in {from}"));
            let quoted = format!("{above}\n----\n{verdict}");
            expected = expected.replace(&lines.join("\n"), &quoted);
        }
        expect_file(&path, &expected);
    }
}

#[test]
fn the_page_of_checks_is_their_list() {
    let mut page = "# Checks\n\nA check reads the events of a run and says whether what it claims \
        holds; if not, it names the event that violates it first, and the messages concerned. All of \
        them watch every run. What must come out, a scenario [expects](scenario.md#expectation) by \
        name.\n\n| check | what holds |\n|---|---|\n"
        .to_string();
    for (name, about, _) in Check::ALL {
        writeln!(page, "| [{name}](../checks/{name}.md) | {about} |").unwrap();
    }
    page.push_str(
        "\n## Histories\n\nThe page of each check shows histories: runs written down by hand, of \
         which nothing is left but what the check reads. A line is a step: its number, the time if it \
         matters (`@5s`), who, and what happened there. Names of messages are `shop/0`, the first \
         that `shop` sent; in Kafka an offset stands before them and, where a broker \
         appends, the leader epoch. Below the line is what the check found. The same files are \
         played to the checks in the tests.\n",
    );
    expect_page("checks.md", &page);
}
