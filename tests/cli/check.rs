//! `glassmq check`: scenarios run and judged.

use std::fs;

use super::{file, folder, glassmq};

/// `hello.json` with other expectations and faults, in a file of its own.
fn hello(name: &str, expect: &str, faults: &str) -> String {
    let text = fs::read_to_string(file("scenarios/rabbitmq/hello.json")).unwrap();
    let mut scenario: serde_json::Value = serde_json::from_str(&text).unwrap();
    scenario["expect"] = serde_json::from_str(expect).unwrap();
    scenario["faults"] = serde_json::from_str(faults).unwrap();
    let path = folder(name).join("hello.json");
    fs::write(&path, scenario.to_string()).unwrap();
    path.display().to_string()
}

#[test]
fn a_scenario_that_does_what_it_says_is_exit_code_0() {
    let hello = file("scenarios/rabbitmq/hello.json");
    let (code, out, err) = glassmq(&["check", &hello]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let first = format!("{hello}: met {{\"check\":\"ledger-closes\"}}");
    assert_eq!(out.lines().next(), Some(first.as_str()));
    assert_eq!(out.lines().count(), 4);
}

#[test]
fn a_verdict_against_a_run_is_one_line_and_exit_code_1() {
    let expect = r#"[
        {"check": "no-duplicate"},
        {"check": "no-duplicate", "holds": false},
        {"never": {"delivered": "basic.deliver"}},
        {"eventually": {"delivered": "basic.deliver"}},
        {"eventually": {"delivered": "basic.deliver", "nth": 2}},
        {"sometimes": {"delivered": "basic.nack"}}
    ]"#;
    let path = hello("check-verdicts", expect, "[]");
    let (code, out, err) = glassmq(&["check", &path]);
    assert_eq!((code, err.as_str()), (1, ""));
    let told: Vec<&str> = out.lines().map(|line| &line[path.len() + 2..]).collect();
    assert_eq!(
        told,
        [
            "met {\"check\":\"no-duplicate\"}",
            "not met {\"check\":\"no-duplicate\",\"holds\":false}: \
             no-duplicate should be violated, and it holds",
            "not met {\"never\":{\"delivered\":\"basic.deliver\"}}: seen, and it must never be",
            "met {\"eventually\":{\"delivered\":\"basic.deliver\"}}",
            "not met {\"eventually\":{\"delivered\":\"basic.deliver\",\"nth\":2}}: \
             not seen by the end of the run",
            "not met {\"sometimes\":{\"delivered\":\"basic.nack\"}}: \
             never seen in any run: the scenario shows nothing",
        ]
    );
}

#[test]
fn a_fault_must_make_a_difference() {
    let faults = r#"[
        {"at": "200ms", "crash": "rabbit-1"},
        {"at": "2.5s", "cut": ["hello", "printer"]},
        {"when": {"fact": "no such words"}, "crash": "rabbit-1"}
    ]"#;
    let (code, out, err) = glassmq(&["check", &hello("check-bites", "[]", faults)]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3, "{out}");
    assert!(lines[0].contains(": met rabbit-1 crashed ("), "{out}");
    assert!(
        lines[1].contains(": not met The network was cut from hello to printer ("),
        "{out}"
    );
    assert!(
        lines[1].ends_with("it made no difference: it proves nothing"),
        "{out}"
    );
    assert!(
        lines[2].ends_with("that was never seen: the fault did not strike"),
        "{out}"
    );
}

#[test]
fn continuous_integration_gets_its_report() {
    let expect = r#"[{"check": "order"}, {"never": {"delivered": "basic.deliver"}}]"#;
    let path = hello("check-junit", expect, "[]");
    let bad = file("tests/scenario/bad/key-twice.json");
    let report = folder("check-junit-report").join("report.xml");
    let (code, ..) = glassmq(&["check", "--junit", report.to_str().unwrap(), &path, &bad]);
    assert_eq!(code, 2);
    let xml = fs::read_to_string(&report).unwrap();
    let has = |part: &str| assert!(xml.contains(part), "{part} is not in\n{xml}");
    has(&format!(
        "<testsuite name=\"{path}\" tests=\"2\" failures=\"1\" errors=\"0\">"
    ));
    has("name=\"{&quot;check&quot;:&quot;order&quot;}\"/>");
    has("<failure message=\"seen, and it must never be\"/></testcase>");
    has(&format!(
        "<testsuite name=\"{bad}\" tests=\"1\" failures=\"0\" errors=\"1\">"
    ));
    has("keep one of them");
}

#[test]
fn programs_get_verdicts_as_json() {
    let expect = r#"[{"never": {"delivered": "basic.deliver"}}]"#;
    let (code, out, _) = glassmq(&["--json", "check", &hello("check-json", expect, "[]")]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    let claim = &told[0]["claims"][0];
    assert_eq!(
        claim["claim"],
        "{\"never\":{\"delivered\":\"basic.deliver\"}}"
    );
    assert_eq!(claim["unmet"], "seen, and it must never be");
}
