//! The command line as a person types it: what it prints, and its exit codes.

mod check;
mod conform;
mod explain;
mod export;
mod graph;
mod shared;
mod why;

use std::fs;
use std::path::PathBuf;

use glassmq_sim::cli;

/// Exit code, output, errors (without colours).
fn glassmq(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["glassmq"].iter().chain(arguments).map(Into::into);
    let code = cli::run(arguments, &mut out, &mut err);
    let plain = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        plain + rest
    };
    (code, plain(out), plain(err))
}

fn file(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_good_file_is_well_formed() {
    let hello = file("scenarios/rabbitmq/hello.json");
    let (code, out, err) = glassmq(&["check", "--syntax", &hello]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (0, &*format!("{hello}: well-formed\n"), "")
    );
}

#[test]
fn every_problem_has_its_file_line_and_column_and_the_exit_code_is_2() {
    let bad = file("tests/scenario/bad/unknown-keys.json");
    let (code, out, err) = glassmq(&["check", "--syntax", &bad]);
    assert_eq!((code, out.as_str()), (2, ""));
    let first = format!("{bad}:2:3: unknown key \"tittle\" in scenario; did you mean \"title\"?");
    assert_eq!(err.lines().next(), Some(first.as_str()));
    assert_eq!(err.lines().count(), 6);
}

#[test]
fn programs_get_json() {
    let bad = file("tests/scenario/bad/key-twice.json");
    let (code, out, err) = glassmq(&["--json", "check", "--syntax", &bad]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, err.as_str()), (2, ""));
    assert_eq!(told[0]["problems"][0]["at"]["line"], 5);
    assert_eq!(told[0]["problems"][0]["remedy"], "keep one of them");
}

#[test]
fn a_link_is_taken_wherever_a_file_is() {
    let (code, out, err) = glassmq(&[
        "check",
        "--syntax",
        "#g1;engine=0.1;rabbitmq/hello@00000000",
    ]);
    assert_eq!(code, 0, "{err}");
    assert!(out.ends_with("well-formed\n"));
    assert!(
        err.contains("rabbitmq/hello has changed since this run was shared"),
        "{err}"
    );
    let (code, _, err) = glassmq(&["check", "--syntax", "#g1;engine=0.1;rabbitmq/helo@00000000"]);
    assert_eq!(code, 2);
    assert!(err.contains("this file cannot be read"), "{err}");
    let link = "#g1;engine=0.1;rabbitmq/hello@00000000;pause:rabit-1@s7";
    let (code, _, err) = glassmq(&["check", "--syntax", link]);
    assert_eq!(code, 2);
    let said =
        "link:1:1: pause:rabit-1@s7: there is no process \"rabit-1\"; did you mean \"rabbit-1\"?\n";
    assert_eq!(err, said);
    let (code, _, err) = glassmq(&["check", "--syntax", "#g1;nonsense"]);
    assert_eq!(code, 2);
    assert!(
        err.starts_with("link:1:5: \"nonsense\" has no meaning in a link;"),
        "{err}"
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let missing = file("scenarios/nowhere.json");
    let (code, _, err) = glassmq(&["check", "--syntax", &missing]);
    assert_eq!(code, 2);
    assert!(err.contains("this file cannot be read"), "{err}");
    let binary = folder("binary").join("x.json");
    fs::write(&binary, [0xff, 0xfe]).unwrap();
    let (code, _, err) = glassmq(&["check", "--syntax", binary.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("not UTF-8"), "{err}");
}

#[test]
fn a_new_scenario_is_good_and_nothing_is_overwritten() {
    let file = folder("new").join("mine.json");
    let file = file.to_str().unwrap();
    for (broker, code) in [("kafka", 0), ("rabbitmq", 2)] {
        let (got, _, err) = glassmq(&["new", file, "--broker", broker]);
        assert_eq!(got, code);
        assert_eq!(err.contains("choose another name"), code == 2, "{err}");
    }
    assert!(fs::read_to_string(file).unwrap().contains("\"kafka\""));
}

#[test]
fn a_new_scenario_does_what_it_says() {
    for broker in ["kafka", "rabbitmq"] {
        let file = folder(&format!("new-{broker}")).join("mine.json");
        let file = file.to_str().unwrap();
        glassmq(&["new", file, "--broker", broker]);
        let (code, out, err) = glassmq(&["check", file]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
    }
}

#[test]
fn the_schema_is_printed() {
    let (code, out, _) = glassmq(&["schema"]);
    assert_eq!(code, 0);
    let published = fs::read_to_string(file("scenarios/scenario.schema.json")).unwrap();
    assert!(out == published, "the published schema is another one");
}

#[test]
fn a_mistyped_command_is_bad_input() {
    let (code, out, err) = glassmq(&["chekc"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("similar subcommand"), "{err}");
}

#[test]
fn help_is_what_was_asked_for() {
    let (code, out, err) = glassmq(&["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("RabbitMQ and Kafka under glass") && out.contains("completions"),
        "{out}"
    );
}

#[test]
fn completions_name_the_subcommands() {
    let (code, out, _) = glassmq(&["completions", "bash"]);
    assert_eq!(code, 0);
    assert!(out.contains("schema"));
}

#[test]
fn wrong_input_is_said_in_plain_words_and_is_exit_code_2() {
    let hello = file("scenarios/rabbitmq/hello.json");
    let bad = file("tests/scenario/bad/unknown-keys.json");
    let folder = file("scenarios");
    let cases = include_str!("cli/bad-input.txt");
    let mut count = 0;
    for case in cases.lines().filter(|line| !line.starts_with('#')) {
        let (arguments, said) = case.split_once(" => ").unwrap();
        let arguments: Vec<&str> = arguments
            .split(' ')
            .map(|word| match word {
                "HELLO" => &hello,
                "BAD" => &bad,
                "FOLDER" => &folder,
                word => word,
            })
            .collect();
        let (code, out, err) = glassmq(&arguments);
        // A check tells of a run before it fails to write its report.
        assert!(out.is_empty() || case.contains("--junit"), "{case}: {out}");
        assert_eq!(code, 2, "{case}: {err}");
        assert!(err.contains(said), "{case}: {err}");
        count += 1;
    }
    assert!(count >= 30, "{count}");
}
