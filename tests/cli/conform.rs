//! `glassmq conform`.

use std::fs;

use super::{file, folder, glassmq};

const ROWS: &str = "tests/conformance/kafka/murmur2.json";

#[test]
fn our_own_recordings_do_not_differ_and_what_is_not_modelled_is_counted_apart() {
    let (code, out, err) = glassmq(&["conform", &file("tests/conformance")]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let row = |area: &str| -> Vec<u32> {
        let line = out.lines().find(|line| line.starts_with(area)).unwrap();
        let numbers = line[area.len()..].split_whitespace();
        numbers.map(|number| number.parse().unwrap()).collect()
    };
    assert_eq!(row("partitioner.murmur2"), [120, 0, 0]);
    assert_eq!(row("assignor.sticky"), [0, 93, 0]);
    assert_eq!(row("exchange.fanout"), [2, 0, 0]);
    assert!(row("total")[0] >= 402, "{out}");
    assert!(
        out.contains("not modelled: the assignor sticky (93 cases)"),
        "{out}"
    );
    let (code, ..) = glassmq(&["conform", "--strict", &file("tests/conformance")]);
    assert_eq!(code, 1);
}

#[test]
fn a_difference_is_one_line_and_exit_code_1() {
    let text = fs::read_to_string(file(ROWS)).unwrap();
    let mut rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    let hash = rows["rows"][0]["murmur2_u32"].as_u64().unwrap();
    rows["rows"][0]["murmur2_u32"] = 7.into();
    let folder = folder("conform");
    let changed = folder.join("below").join("changed.json");
    fs::create_dir_all(changed.parent().unwrap()).unwrap();
    fs::write(&changed, rows.to_string()).unwrap();
    let (code, out, err) = glassmq(&["conform", folder.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (1, ""));
    let key = rows["rows"][0]["key_hex"].as_str().unwrap();
    let line = format!(
        "{}: key 0x{key}, murmur2_u32: expected 7, got {hash}",
        changed.display()
    );
    assert_eq!(out.lines().next(), Some(line.as_str()));
    let (code, out, _) = glassmq(&["--json", "conform", folder.to_str().unwrap()]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 1);
    assert_eq!(told["cases"][0]["outcome"]["differs"]["expected"], "7");
    assert_eq!(told["areas"]["partitioner.murmur2"]["differs"], 1);
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let folder = folder("conform-formats");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let seen = write("seen.json", "{\"format\": \"kafka.mock_observations\"}");
    let (code, out, _) = glassmq(&["conform", &seen]);
    assert_eq!(code, 0);
    assert!(
        out.starts_with(&format!("{seen}: not replayable\n")),
        "{out}"
    );
    for (name, text, why) in [
        (
            "a.json",
            "{\"format\": \"x.y\"}",
            "the format \"x.y\" is not known",
        ),
        ("b.json", "{}", "this is no recording"),
        ("c.json", "{", "EOF while parsing"),
        (
            "d.json",
            "{\"format\": \"kafka.murmur2\"}",
            "\"rows\" must be a list",
        ),
    ] {
        let path = write(name, text);
        let (code, out, err) = glassmq(&["conform", &path]);
        assert_eq!((code, out.as_str()), (2, ""), "{text}");
        assert!(err.starts_with(&format!("{path}: {why}")), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
    let (code, _, err) = glassmq(&["conform", folder.join("nowhere").to_str().unwrap()]);
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
}
