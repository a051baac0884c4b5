//! The reference pages, written from what they describe. `BLESS=1 cargo test` rewrites them.

use std::fmt::Write as _;

use glassmq_sim::{cli, scenario::schema};
use serde_json::{Map, Value};

use crate::scenario::{expect_file, root};

pub(super) fn expect_page(name: &str, text: &str) {
    let path = root("book/src/reference").join(name);
    expect_file(&path, text);
}

#[test]
fn the_page_of_scenario_files_is_the_schema() {
    let schema = schema::schema();
    let mut page =
        "# Scenario files\n\nA scenario is one JSON file; unknown keys are errors. Start \
        with [scenario](#scenario); `glassmq schema` prints the same as JSON Schema.\n"
            .to_string();
    let all = schema["$defs"].as_object().unwrap();
    let first = all.iter().filter(|(name, _)| *name == "scenario");
    let others = all.iter().filter(|(name, _)| *name != "scenario");
    for (name, def) in first.chain(others) {
        define(name, def, &mut page);
    }
    expect_page("scenario.md", &page);
}

/// One section for each thing that has a name.
fn define(name: &str, def: &Value, page: &mut String) {
    writeln!(page, "\n## {name}\n").unwrap();
    if let Some(text) = def["description"].as_str() {
        writeln!(page, "{text}\n").unwrap();
    }
    if let Some(examples) = def["examples"].as_array() {
        let examples: Vec<String> = examples.iter().map(code).collect();
        writeln!(page, "For example {}.", examples.join(", ")).unwrap();
    } else if def["type"] == "object" {
        rows(def, &[], page);
        for choice in def["allOf"].as_array().into_iter().flatten() {
            alternatives(&choice["oneOf"], page);
        }
    } else if let Some(words) = def["oneOf"].as_array() {
        writeln!(page, "| word | meaning |\n|---|---|").unwrap();
        for word in words {
            let meaning = word["description"].as_str().unwrap_or_default();
            writeln!(page, "| {} | {} |", code(&word["const"]), cell(meaning)).unwrap();
        }
    } else {
        writeln!(page, "{}.", form(def)).unwrap();
    }
}

/// One of several groups of keys, each told by its word or by the key it needs.
fn alternatives(choices: &Value, page: &mut String) {
    writeln!(page, "\nOne of:\n").unwrap();
    for choice in choices.as_array().unwrap() {
        let empty = Map::new();
        let keys = choice["properties"].as_object().unwrap_or(&empty);
        let word = keys.iter().find(|(_, it)| it.get("const").is_some());
        let told = match word {
            Some((key, it)) => format!("`{key}`: {}", code(&it["const"])),
            None => format!("`{}`", choice["required"][0].as_str().unwrap_or_default()),
        };
        let text = choice["description"].as_str().unwrap_or_default();
        writeln!(page, "**{told}** {text}\n").unwrap();
        let hidden: Vec<&str> = word.iter().map(|(key, _)| key.as_str()).collect();
        rows(choice, &hidden, page);
    }
}

/// A table of keys.
fn rows(def: &Value, hidden: &[&str], page: &mut String) {
    let empty = Map::new();
    let keys = def["properties"].as_object().unwrap_or(&empty);
    let required: Vec<&str> = def["required"].as_array().map_or_else(Vec::new, |all| {
        all.iter().filter_map(Value::as_str).collect()
    });
    let shown: Vec<_> = keys
        .iter()
        .filter(|(key, _)| !hidden.contains(&key.as_str()))
        .collect();
    if shown.is_empty() {
        return;
    }
    writeln!(
        page,
        "| key | form | if not given | meaning |\n|---|---|---|---|"
    )
    .unwrap();
    for (key, it) in shown {
        let default = match it.get("default") {
            Some(value) => code(value),
            None if required.contains(&key.as_str()) => "needed".to_string(),
            None => String::new(),
        };
        let text = cell(it["description"].as_str().unwrap_or_default());
        writeln!(
            page,
            "| `{key}` | {} | {default} | {text} |",
            cell(&form(it))
        )
        .unwrap();
    }
    writeln!(page).unwrap();
}

/// What a value looks like.
fn form(it: &Value) -> String {
    if let Some(reference) = it["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        return format!("[{name}](#{name})");
    }
    let each = |all: &Value, join: &str| {
        let all: Vec<String> = all.as_array().unwrap().iter().map(form).collect();
        all.join(join)
    };
    if it.get("anyOf").is_some() {
        return each(&it["anyOf"], " or ");
    }
    if it.get("prefixItems").is_some() {
        return format!("\\[{}\\]", each(&it["prefixItems"], ", "));
    }
    if let Some(words) = it["enum"].as_array() {
        let words: Vec<String> = words.iter().map(code).collect();
        return words.join(", ");
    }
    match it["type"].as_str() {
        Some("array") => format!("list of {}", form(&it["items"])),
        Some("string") => "text".to_string(),
        Some("integer") => "whole number".to_string(),
        Some("boolean") => "`true` or `false`".to_string(),
        Some(other) => other.to_string(),
        None => "any value".to_string(),
    }
}

fn code(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_string);
    match text.is_empty() {
        true => "empty".to_string(),
        false => format!("`{text}`"),
    }
}

/// A bar would end the cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_page_of_faults_is_the_reader_s_and_the_kernel_s() {
    let schema = schema::schema();
    let mut page =
        "# Faults\n\nA fault happens outside the protocols: to processes, hosts and the \
        network between them. How a scenario writes one, and when it strikes: \
        [fault](scenario.md#fault).\n\n## What they do\n\n| fault | what it does |\n|---|---|\n"
            .to_string();
    for fault in schema["$defs"]["fault"]["allOf"][1]["oneOf"]
        .as_array()
        .unwrap()
    {
        let text = cell(fault["description"].as_str().unwrap());
        writeln!(page, "| {} | {text} |", code(&fault["required"][0])).unwrap();
    }
    page.push_str(
        "\n## What counts as evidence\n\nA fault of a scenario must make a difference: a run in \
         which it changed nothing shows nothing. For each kind this is looked for in the trace.\n\n",
    );
    let source = include_str!("../../sim/src/fault.rs");
    for row in source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// |"))
    {
        writeln!(page, "|{row}").unwrap();
    }
    expect_page("faults.md", &page);
}

/// Whose facts, where they are defined, and as what.
const FACTS: [(&str, &str, &str); 5] = [
    (
        "Of RabbitMQ's nodes and clients",
        include_str!("../../core/src/rabbitmq/fact.rs"),
        "Fact",
    ),
    (
        "Of Kafka's clients",
        include_str!("../../core/src/kafka/fact/client.rs"),
        "ClientWhat",
    ),
    (
        "Of replicas of partitions",
        include_str!("../../core/src/kafka/fact/replica.rs"),
        "ReplicaWhat",
    ),
    (
        "Of the metadata quorum and the controller",
        include_str!("../../core/src/kafka/fact/control.rs"),
        "ControlFact",
    ),
    (
        "Of group coordinators",
        include_str!("../../core/src/kafka/fact/group.rs"),
        "GroupWhat",
    ),
];

#[test]
fn the_page_of_events_is_their_definition() {
    let source = include_str!("../../sim/src/trace/event.rs");
    let part = |start: &str| {
        source
            .split_once(start)
            .unwrap()
            .1
            .split_once("\n}\n")
            .unwrap()
            .0
    };
    let mut page = "# Events\n\n`glassmq export --format jsonl FILE` writes one JSON object for each \
        event, a line each, in order. The line before them holds all that the run is a function of: \
        `engine` (the version of GlassMQ), `scenario`, `seed`, `interventions`; and with them \
        `names`, the processes, and `epoch`, the wall clock at time 0. `glassmq run --json --trace \
        FILE` writes the events without that line and the totals behind them.\n\nOutside `fact`, `timer`, \
        `fault` and `message` processes have their names. Inside, where the brokers' own structures \
        are, a number stands for a process: its place in `names`, from 0. This form is kept: what \
        reads it today reads it tomorrow, new keys aside.\n\nEvery event has these keys:\n\n\
        | key | meaning |\n|---|---|\n"
        .to_string();
    let mut says = "";
    for line in part("pub struct Event {").lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            says = text;
        } else if let Some((key, _)) = line.strip_prefix("pub ").and_then(|it| it.split_once(':')) {
            writeln!(page, "| `{key}` | {says} |").unwrap();
        }
    }
    page.push_str("\n`what` is one of these, each with keys of its own:\n\n| `what` | meaning | its keys |\n|---|---|---|\n");
    let variants = part("pub enum What {").split("/// ").skip(1);
    for variant in variants {
        let (text, rest) = variant.split_once('\n').unwrap();
        let (name, fields) = rest.split_once('{').unwrap_or((rest, ""));
        let keys: Vec<String> = fields
            .split([',', '\n'])
            .filter_map(|field| field.split_once(':'))
            .map(|(key, _)| format!("`{}`", key.trim()))
            .collect();
        let name = kebab(name.trim().trim_end_matches(','));
        writeln!(page, "| `{name}` | {text} | {} |", keys.join(", ")).unwrap();
    }
    page.push_str(
        "\n## Facts\n\nAn event whose `what` is `fact` is what a process told, in the field's words. \
         `says` is the clause that [patterns](scenario.md#pattern) look into, `fact` holds the parts.\n",
    );
    for (of, source, name) in FACTS {
        write!(page, "\n### {of}\n\n| fact | meaning |\n|---|---|\n").unwrap();
        let (_, rest) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
        let (body, _) = rest.split_once("\n}\n").unwrap();
        let mut says = "";
        for line in body.lines() {
            match line.strip_prefix("    ") {
                Some(doc) if doc.starts_with("/// ") => says = &doc[4..],
                Some(variant) if variant.starts_with(char::is_uppercase) => {
                    let name = variant.trim_end_matches([' ', '{', ',']);
                    writeln!(page, "| `{}` | {} |", kebab(name), cell(says)).unwrap();
                }
                _ => {}
            }
        }
    }
    expect_page("events.md", &page);
}

/// As serde spells it.
fn kebab(name: &str) -> String {
    let mut spelt = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !spelt.is_empty() {
            spelt.push('-');
        }
        spelt.push(letter.to_ascii_lowercase());
    }
    spelt
}

#[test]
fn every_event_of_the_library_has_its_row() {
    let page = std::fs::read_to_string(root("book/src/reference/events.md")).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for event in crate::scenarios::Run::of("rabbitmq/hello").told {
        let event = serde_json::to_value(&event).unwrap();
        let kind = event["what"].as_str().unwrap().to_string();
        let row = page
            .lines()
            .find(|it| it.starts_with(&format!("| `{kind}` |")));
        let row = row.unwrap_or_else(|| panic!("no row for {kind}"));
        for key in event.as_object().unwrap().keys() {
            let known = ["id", "cause", "at", "node", "messages", "what"].contains(&key.as_str());
            assert!(known || row.contains(&format!("`{key}`")), "{kind}: {key}");
        }
        kinds.insert(kind);
    }
    assert!(kinds.len() > 8, "{kinds:?}");
}

#[test]
fn the_page_of_the_command_line_is_its_help() {
    let help = |arguments: &[&str]| {
        let mut out = Vec::new();
        let arguments = ["glassmq"].iter().chain(arguments).chain(&["--help"]);
        cli::run(arguments.map(Into::into), &mut out, &mut Vec::new());
        plain(&String::from_utf8(out).unwrap())
    };
    let whole = help(&[]);
    let mut page = format!(
        "# The command line\n\nExit codes: 0 all is well, 1 a verdict is against the run, 2 the input \
         is bad.\n\n```text\n{whole}```\n"
    );
    let (_, commands) = whole.split_once("Commands:\n").unwrap();
    let names = commands
        .lines()
        .map_while(|line| line.split_whitespace().next());
    for name in names.filter(|name| *name != "help") {
        let text = help(&[name]);
        writeln!(page, "\n## {name}\n\n```text\n{text}```").unwrap();
    }
    expect_page("command-line.md", &page);
}

/// Without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_string();
    let rest = parts.map(|part| part.split_once('m').map_or("", |(_, after)| after));
    first + &rest.collect::<String>()
}
