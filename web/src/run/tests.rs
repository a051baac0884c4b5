//! What the player relies on when it asks a run.

use serde_json::{Value, json};

use super::*;

mod moments;

const LOSES: &str = "kafka/acks-1-loses-an-acknowledged-record";
const ALL: [&str; 4] = [
    LOSES,
    "kafka/acks-all-keeps-it",
    "kafka/test-topic",
    "rabbitmq/hello",
];

fn text(name: &str) -> String {
    let file = format!("{}/../scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).expect("it is there")
}

fn run(name: &str) -> Run {
    whole(Run::open(&text(name), name).expect("it runs"))
}

/// A run that was played to its end.
fn whole(mut run: Run) -> Run {
    run.play_on(BASE, u32::MAX);
    run
}

/// The story from one event to another.
fn events(run: &mut Run, id: &str, from: u32, to: u32, language: &str) -> Value {
    let start = (from == 0).then(|| value(&run.shown(id, 0, language))["event"].clone());
    let language = words::language(language);
    let lines = run.branch(id).lines(from, to, language);
    let told = lines.iter().map(|line| line.json(language));
    start.into_iter().chain(told).collect()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// The digest of the whole run.
fn digest(run: &Run) -> u64 {
    run.branches[0].story.digest
}

fn total(run: &Run) -> u32 {
    run.branches[0].story.total()
}

fn fork(run: &mut Run, n: u32, change: &Value) -> Result<String, String> {
    let change = serde_json::from_value(change.clone()).expect("a change");
    let id = run.fork_by(BASE, n, &change)?;
    run.play_on(&id, u32::MAX);
    Ok(id)
}

/// The number of the first event whose sentence has these words.
fn first(run: &mut Run, words: &str) -> u32 {
    let total = total(run);
    let lines = run.branches[0].lines(1, total, Language::En);
    let found = lines
        .iter()
        .find(|line| words::plain(&line.says).contains(words));
    found.unwrap_or_else(|| panic!("no event says {words}")).n
}

#[test]
fn hello_is_told_and_shown() {
    let mut run = run("rabbitmq/hello");
    let about = value(&run.about(BASE, "en"));
    assert_eq!(about["topology"]["queues"][0]["name"], "hello");
    assert_eq!(about["topology"]["producers"][0]["name"], "hello");
    assert_eq!(about["topology"]["consumers"][0]["name"], "printer");
    let mut states = Vec::new();
    for n in 0..=total(&run) {
        let shown = value(&run.shown(BASE, n, "en"));
        let queue = &shown["frame"]["nodes"][0]["shows"]["view"]["queues"][0];
        let state = match (&queue["ready_count"], &queue["unacked_count"]) {
            (Value::Number(ready), _) if ready.as_u64() > Some(0) => "ready",
            (_, Value::Number(unacked)) if unacked.as_u64() > Some(0) => "unacked",
            _ => "none",
        };
        if states.last() != Some(&state) {
            states.push(state);
        }
    }
    assert_eq!(states, ["none", "ready", "unacked", "none"]);
    let end = value(&run.shown(BASE, total(&run), "en"));
    assert_eq!(
        end["frame"]["nodes"][1]["life"], "ended",
        "its program is over"
    );
}

#[test]
fn going_back_shows_what_was_shown() {
    for name in ALL {
        let mut run = run(name);
        let numbers: Vec<u32> = (0..=total(&run)).step_by(37).collect();
        let forth: Vec<String> = numbers.iter().map(|n| run.shown(BASE, *n, "en")).collect();
        let back = numbers.iter().rev();
        let mut back: Vec<String> = back.map(|n| run.shown(BASE, *n, "en")).collect();
        back.reverse();
        assert_eq!(forth, back, "{name}");
    }
}

#[test]
fn events_are_told_alike_alone_and_in_a_row() {
    for name in ALL {
        let mut run = run(name);
        let last = total(&run).min(200);
        let row = events(&mut run, BASE, 0, last, "en");
        for n in (0..=last).step_by(29) {
            let alone = events(&mut run, BASE, n, n, "en");
            assert_eq!(alone[0], row[n as usize], "{name} {n}");
            assert_eq!(row[n as usize]["n"], n);
        }
    }
}

#[test]
fn what_kafka_keeps_for_itself_is_not_told() {
    let mut run = run(LOSES);
    let last = total(&run);
    let all = events(&mut run, BASE, 0, last, "en");
    let internal = |event: &&Value| event["says"].to_string().contains("__");
    assert_eq!(
        all.as_array().and_then(|all| all.iter().find(internal)),
        None
    );
    assert!(total(&run) < 3000, "{} events", total(&run));
}

#[test]
fn one_fault_is_one_flag() {
    let mut run = run(LOSES);
    let about = value(&run.about(BASE, "en"));
    let flags = about["flags"].as_array().expect("a list").iter();
    let says: Vec<&str> = flags
        .map(|flag| flag["text"].as_str().expect("a text"))
        .collect();
    assert_eq!(
        says,
        [
            "cut kafka-2 from kafka-1 and kafka-3",
            "crash kafka-2",
            "mend kafka-2 to kafka-1 and kafka-3",
            "restart kafka-2"
        ]
    );
}

#[test]
fn the_loss_is_in_the_checks_and_in_the_tray() {
    let mut run = run(LOSES);
    let about = value(&run.about(BASE, "en"));
    let check = &about["checks"][0];
    assert_eq!(check["name"], "no-acknowledged-loss");
    assert_eq!(
        (&check["is"], &check["expects"]),
        (&json!("breaks"), &json!("breaks"))
    );
    let at = check["at"].as_u64().expect("a number") as u32;
    let lost = |shown: &Value| {
        let left = shown["frame"]["left"].as_array().expect("a list");
        left.iter().any(|way| way["why"] == "lost")
    };
    let mut seen: Option<u32> = None;
    for n in 0..=total(&run) {
        let line = run.branches[0].story.row(n).copied();
        if seen.is_none() && line.is_some() && lost(&value(&run.shown(BASE, n, "en"))) {
            seen = Some(n);
        }
        if n > at && seen.is_some() {
            break;
        }
    }
    println!(
        "check at {at}, tray at {seen:?}: {}",
        events(&mut run, BASE, at, at, "en")
    );
    assert!(seen.is_some());
}

#[test]
fn a_fork_leaves_its_run_as_it_was() {
    let mut run = run(LOSES);
    let n = first(&mut run, "had m1 acknowledged") + 40;
    let before = run.shown(BASE, n, "en");
    let crash = json!({"is": "fault", "fault": "crash", "on": "broker:kafka-2"});
    let id = fork(&mut run, n, &crash).expect("it makes sense");
    let left = run.left(&id);
    assert!(left > n, "{left}");
    let told = events(&mut run, &id, left, left, "en");
    assert!(
        told[0]["says"]
            .as_str()
            .expect("a text")
            .contains("crashed"),
        "{told}"
    );
    assert_eq!(run.shown(&id, n, "en"), before, "the same until then");
    assert_eq!(run.shown(BASE, n, "en"), before);
    let about = value(&run.about(BASE, "en"));
    assert_eq!(about["forks"][0]["name"], "crash kafka-2");
    assert_eq!(about["topology"], value(&run.about(&id, "en"))["topology"]);
}

#[test]
fn a_setting_makes_another_run_of_the_same_seed() {
    let mut run = run(LOSES);
    let id = fork(&mut run, 9, &json!({"is": "setting", "change": "acks=all"})).expect("a setting");
    let about = value(&run.about(&id, "en"));
    assert_eq!(about["checks"][0]["is"], "holds");
    assert_eq!(about["forks"][0]["outcome"], "1 lost", "the run it left");
}

#[test]
fn a_change_that_makes_no_sense_is_refused_in_one_line() {
    let mut run = run(LOSES);
    for (change, why) in [
        (
            json!({"is": "fault", "fault": "restart", "on": "broker:kafka-1"}),
            "kafka-1 is running",
        ),
        (
            json!({"is": "fault", "fault": "resume", "on": "broker:kafka-1"}),
            "kafka-1 is not paused",
        ),
        (
            json!({"is": "fault", "fault": "heal", "on": "broker:kafka-1"}),
            "nothing is cut",
        ),
        (
            json!({"is": "fault", "fault": "crash", "on": "queue:q"}),
            "queue:q is nothing",
        ),
        (
            json!({"is": "drop", "message": "message:m1"}),
            "m1 is not on its way",
        ),
        (
            json!({"is": "drop", "message": "message:m99"}),
            "there is no message m99",
        ),
        (
            json!({"is": "setting", "change": "ack=all"}),
            "nothing in this scenario takes this",
        ),
        (
            json!({"is": "setting", "change": "acks"}),
            "is not a setting",
        ),
    ] {
        let wrong = fork(&mut run, 300, &change).expect_err("it makes no sense");
        assert!(wrong.contains(why) && !wrong.contains('\n'), "{wrong}");
    }
    assert_eq!(run.branches.len(), 1);
}

#[test]
fn the_lost_record_is_explained() {
    let mut run = run(LOSES);
    let why = run.branches[0]
        .why("check:no-acknowledged-loss", 0, Language::En)
        .expect("why");
    let chain = why["chain"].as_array().expect("a list");
    assert!(chain.len() <= 8);
    let says: Vec<String> = chain.iter().map(|it| it["says"].to_string()).collect();
    let mut rest = says.iter();
    for words in [
        "produced",
        "appended",
        "had **m30** acknowledged",
        "crashed",
        "elected",
        "truncated",
    ] {
        assert!(rest.any(|it| it.contains(words)), "{words} in {says:#?}");
    }
    let chips: Vec<&str> = chain
        .iter()
        .filter_map(|it| it["chip"]["text"].as_str())
        .collect();
    assert!(chips.contains(&"acks=1"), "{chips:?}");
    let last = chain.last().expect("one")["n"].as_u64().expect("a number") as u32;
    let message = run.branches[0]
        .why("message:m30", last, Language::En)
        .expect("why");
    assert_eq!(message["of"]["end"], "truncated", "{message:#}");
    assert_eq!(
        run.branches[0].why("message:m30", 1, Language::En),
        None,
        "not sent yet"
    );
}

#[test]
fn a_message_a_key_and_a_word_are_found() {
    let mut run = run(LOSES);
    for (text, words) in [
        ("m30", "m30"),
        ("shop/29", "m30"),
        ("b", "m"),
        ("TRUNCATED", "truncated"),
        ("22", "became leader"),
    ] {
        let found = value(&run.search(BASE, text, 1, "en"));
        let found = found["events"].as_array().expect("a list");
        assert!(!found.is_empty() && found.len() <= 12, "{text}");
        let says = found[0]["says"].as_str().expect("a text");
        assert!(says.contains(words), "{text}: {says}");
        assert_eq!(
            found[0],
            events(
                &mut run,
                BASE,
                found[0]["n"].as_u64().unwrap() as u32,
                found[0]["n"].as_u64().unwrap() as u32,
                "en"
            )[0]
        );
    }
    let none = value(&run.search(BASE, "no such word", 1, "en"));
    assert_eq!(none, json!({"events": [], "next": null}));
}

#[test]
fn a_thing_has_its_settings_its_events_and_what_becomes_of_it() {
    let mut run = run(LOSES);
    let shop = value(&run.inspect(BASE, "producer:shop", 100, "en"));
    assert!(
        shop["settings"].to_string().contains(r#"["acks","1"]"#),
        "{}",
        shop["settings"]
    );
    let events = shop["events"].as_array().expect("a list");
    assert_eq!(events.len(), 12);
    assert!(
        events
            .iter()
            .all(|event| event["says"].to_string().contains("shop")),
        "{events:?}"
    );
    let replica = value(&run.inspect(BASE, "replica:orders-0@kafka-2", 100, "en"));
    let events = replica["events"].as_array().expect("a list");
    assert!(
        events
            .iter()
            .all(|event| event["says"].to_string().contains("orders-0"))
    );
    let end = total(&run);
    let message = value(&run.inspect(BASE, "message:m30", end, "en"));
    assert_eq!(message["fate"]["bucket"], "lost", "{}", message["fate"]);
}

#[test]
fn the_slice_of_a_truncation_has_its_causes_and_its_crash() {
    let mut run = run(LOSES);
    let at = first(&mut run, "truncated orders-0");
    let slice = value(&run.history(BASE, at, &[], "en"));
    let rows = slice["rows"].as_array().expect("a list");
    let marks = |mark: &str| rows.iter().filter(|row| row["mark"] == mark).count();
    assert!(marks("crash") == 1 && marks("cause") >= 5, "{slice:#}");
    assert!(rows.iter().any(|row| row["is"] == "fold"));
    let total: u64 = rows
        .iter()
        .map(|row| {
            row["counts"].as_array().map_or(1, |counts| {
                counts
                    .iter()
                    .map(|it| it["count"].as_u64().unwrap_or(0))
                    .sum()
            })
        })
        .sum();
    let numbers: Vec<u64> = rows.iter().filter_map(|row| row["n"].as_u64()).collect();
    assert!(numbers.is_sorted());
    let (low, high) = (
        rows[0]["after"]
            .as_u64()
            .map_or(numbers[0], |after| after + 1),
        u64::from(self::total(&run)),
    );
    assert_eq!(
        total,
        high.min(u64::from(at) + 30) - low + 1,
        "each event has a row or is in a fold"
    );
    assert_eq!(slice["cuts"].as_array().expect("a list").len(), 2);
    let spans = slice["epochs"].to_string();
    assert!(
        spans.contains(r#""is":"leads""#) && spans.contains(r#""is":"down""#),
        "{spans}"
    );
    let fold = rows.iter().find(|row| row["is"] == "fold").expect("one")["after"]
        .as_u64()
        .expect("a number") as u32;
    let opened = value(&run.history(BASE, at, &[fold], "en"));
    assert!(opened["rows"].as_array().expect("a list").len() > rows.len());
    for n in 0..self::total(&run) / 50 {
        run.history(BASE, n * 50, &[], "en");
    }
}

#[test]
fn what_is_measured_ends_where_the_books_end() {
    let mut run = run(LOSES);
    let series = value(&run.metrics(BASE));
    let last = |what: &str, of: Value| {
        let mut all = series.as_array().expect("a list").iter();
        let one = all.find(|one| one["what"] == what && one["of"] == of);
        one.and_then(|one| one["points"].as_array()?.last()?[2].as_u64())
    };
    assert_eq!(last("sent", json!([])), Some(50), "{series}");
    assert_eq!(last("lost", json!([])), Some(1));
    assert_eq!(last("log-end", json!(["orders-0", "kafka-1"])), Some(49));
    assert_eq!(last("high-watermark", json!(["orders-0"])), Some(49));
    assert_eq!(last("lag", json!(["billing", "orders-0"])), Some(0));
}

#[test]
fn a_link_opens_the_run_that_it_was_made_of() {
    let mut run = run(LOSES);
    let crash = json!({"is": "fault", "fault": "power", "on": "broker:kafka-3"});
    let id = fork(&mut run, 300, &crash).expect("it makes sense");
    for id in [BASE, &id] {
        let link = run.link_of(id).expect("a link");
        let mut opened = whole(Run::open_link(&link, &text(LOSES)).expect("it opens"));
        assert_eq!(opened.notices(), "[]");
        assert_eq!(
            opened.shown(BASE, 400, "en"),
            run.shown(id, 400, "en"),
            "{link}"
        );
    }
    let setting = json!({"is": "setting", "change": "shop: acks=all"});
    let own = fork(&mut run, 0, &setting).expect("a setting");
    let link = run.link_of(&own).expect("a link");
    assert!(link.contains(";w="), "{link}");
    let opened = whole(Run::open_link(&link, "").expect("it brings its own"));
    assert_eq!(digest(&opened), run.find(&own).story.digest);
}

/// A broker that is down keeps its log, and what was found is told in the reader's language.
#[test]
fn what_is_on_the_disk_of_a_broker_that_is_down_is_seen() {
    let mut run = run(LOSES);
    let crash = first(&mut run, "crashed");
    let before = value(&run.shown(BASE, crash - 1, "en"));
    let after = value(&run.shown(BASE, crash + 3, "en"));
    let log = |shown: &Value| shown["frame"]["nodes"][1]["shows"]["view"]["replicas"][0].clone();
    assert_eq!(after["frame"]["nodes"][1]["life"], "down");
    assert_eq!(log(&after)["log_end"], log(&before)["log_end"]);
    assert_eq!(log(&after)["cells"], log(&before)["cells"]);
    let mut found = |language| value(&run.about(BASE, language))["checks"][0]["found"].clone();
    assert_eq!(
        found("en"),
        "m30 was acknowledged, and is gone from orders-0"
    );
    assert_eq!(found("zh"), "m30 已得到确认，现在却无处可读");
}

#[test]
fn a_cure_was_tried() {
    let run = run(LOSES);
    let cures = value(&run.cures(BASE, "check:no-acknowledged-loss"));
    assert_eq!(
        cures,
        json!({"check": "no-acknowledged-loss", "changes": ["acks=all"]})
    );
    assert_eq!(value(&run.cures(BASE, "message:m30")), cures);
    assert_eq!(value(&run.cures(BASE, "check:order")), Value::Null);
    assert_eq!(value(&run.cures(BASE, "message:m1")), Value::Null);
}

/// What led somewhere came before it.
#[test]
fn no_cause_comes_after_what_it_led_to() {
    let mut run = run(LOSES);
    let crash = first(&mut run, "crashed");
    for n in [crash, crash + 1, crash + 7] {
        let history = value(&run.history(BASE, n, &[], "en"));
        let rows = history["rows"].as_array().expect("rows");
        let late: Vec<&Value> = rows
            .iter()
            .filter(|row| row["n"].as_u64() > Some(u64::from(n)))
            .filter(|row| row["set"] == "cause" || row["set"] == "before" || row["mark"] == "cause")
            .collect();
        assert!(late.is_empty(), "{n}: {late:?}");
    }
}

#[test]
fn a_link_says_what_of_it_could_not_be_taken() {
    let mut run = run(LOSES);
    let link = run.link_of(BASE).expect("a link");
    let changed = text(LOSES).replace(r#""seed": 7"#, r#""seed": 8"#);
    let opened = whole(Run::open_link(&link, &changed).expect("it opens"));
    assert!(opened.notices().contains("scenario") && opened.notices().contains("end"));
    let old = link.replacen("engine=0.1", "engine=9.9", 1);
    let opened = whole(Run::open_link(&old, &text(LOSES)).expect("it opens"));
    assert!(
        opened.notices().contains(r#""made":"9.9""#),
        "{}",
        opened.notices()
    );
    let damaged = link
        .replacen(";seed", ";sede", 1)
        .replacen(";end=", ";crahs:kafka-1@s9;end=", 1);
    let wrong = Run::open_link(&damaged, &text(LOSES)).expect_err("it is damaged");
    assert!(wrong.contains("crahs"), "{wrong}");
}

#[test]
fn a_lesson_says_what_it_is_there_for() {
    let mut scenario = value(&text(LOSES));
    scenario["lesson"] = json!({
        "narration": [
            {"on": {"fact": "leads orders-0", "nth": 1}, "say": {"en": "It leads.", "zh": "它领导。"}},
            {"on": {"fact": "truncated", "node": "kafka-2"}, "say": {"en": "It is gone."}},
        ],
        "questions": [{
            "on": {"fact": "elected leader", "subject": "orders-0", "nth": 2},
            "ask": {"en": "What now?"},
            "choices": [{"en": "all is well"}, {"en": "a loss"}],
            "right": 2,
            "because": {"en": "It lacks the record."},
        }],
    });
    let mut run = whole(Run::open(&scenario.to_string(), "").expect("it runs"));
    let lesson =
        |run: &mut Run, n, language| value(&run.shown(BASE, n, language))["lesson"].clone();
    assert_eq!(lesson(&mut run, 0, "en")["step"], 0);
    let leads = first(&mut run, "became leader of orders-0");
    assert_eq!(lesson(&mut run, leads, "zh")["says"], "它领导。");
    let elected = run.branches[0].story.rows.len() as u32 - 30;
    let asked = lesson(&mut run, elected, "en");
    assert_eq!(
        (&asked["step"], &asked["question"]["right"]),
        (&json!(2), &json!(1)),
        "{asked}"
    );
    let end = total(&run);
    assert_eq!(lesson(&mut run, end, "zh")["says"], "It is gone.");
}
