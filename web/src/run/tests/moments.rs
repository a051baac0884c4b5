//! Coming to a moment of a run: early, by whatever way, in a crowd.

use super::*;

/// A run is looked at while it is still being played, and then is as if it had been played at once.
#[test]
fn a_run_that_goes_on_is_the_run_so_far() {
    let mut whole = run(LOSES);
    let mut part = Run::open(&text(LOSES), LOSES).expect("it runs");
    assert!(part.play_on(BASE, 300));
    assert!(part.played(BASE) < 1_000_000 && total(&part) < total(&whole));
    let early = part.moment(BASE, 290, 40, 40, "en");
    assert_eq!(
        value(&part.about(BASE, "en"))["checks"][0]["is"],
        "not reached"
    );
    assert!(!part.play_on(BASE, u32::MAX));
    let late = value(&part.moment(BASE, 290, 40, 40, "en"));
    assert!(value(&early)["shown"]["event"] == late["shown"]["event"]);
    assert!(value(&early)["shown"]["frame"]["nodes"] == late["shown"]["frame"]["nodes"]);
    assert_eq!(late["events"].as_array().map(Vec::len), Some(81));
    assert_eq!(digest(&part), digest(&whole));
    assert_eq!(part.about(BASE, "zh"), whole.about(BASE, "zh"));
}

/// However one comes to a moment, it is the same, and its story is without gaps.
#[test]
fn a_moment_does_not_depend_on_what_was_told_before() {
    let mut run = run(LOSES);
    let mut fresh = super::run(LOSES);
    let last = total(&run);
    for n in [0, 1, 500, 501, 499, last, last - 1, 33, 64, 65, 96, 500] {
        let there = value(&run.moment(BASE, n, 70, 30, "en"));
        assert_eq!(there["shown"], value(&fresh.shown(BASE, n, "en")), "{n}");
        let (from, to) = (n.saturating_sub(70), (n + 30).min(last));
        assert_eq!(
            there["events"],
            events(&mut fresh, BASE, from, to, "en"),
            "{n}"
        );
    }
}

/// Of a crowd only those in front are named; all are counted.
#[test]
fn a_crowd_under_way_is_counted() {
    let scenario = json!({
        "title": {"en": "Far away", "zh": "远方"},
        "seed": 1,
        "until": "60s",
        "world": {
            "rabbitmq": {"nodes": 1, "definitions": {"queues": [
                {"name": "jobs", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}},
            ]}},
            "network": {"latency": "2s"},
        },
        "clients": [{
            "name": "shop", "is": "rabbitmq.publisher", "routing_key": "jobs",
            "send": {"every": "1ms", "count": 100},
        }],
    });
    let mut run = whole(Run::open(&scenario.to_string(), "").expect("it runs"));
    let mut most = 0;
    for n in (0..total(&run)).step_by(5) {
        let shown = value(&run.shown(BASE, n, "en"));
        let flights = shown["frame"]["flights"].as_array().expect("flights");
        for flight in flights {
            let named = flight["messages"].as_array().map_or(0, Vec::len) as u64;
            let all = named + flight["more"].as_u64().expect("a number");
            assert!(all <= 30 || named == 8, "{flight}");
            most = most.max(all);
        }
    }
    assert!(most > 90, "{most}");
}
