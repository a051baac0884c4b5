//! Quiet traffic: what an idle cluster does, and that it is marked as such.

use glassmq_core::machine::{Input, Parcel};
use glassmq_sim::cast::Cast;
use glassmq_sim::event::{Event, Sink, What};
use glassmq_sim::play::{Desk, Play};
use glassmq_sim::scenario;
use glassmq_sim::trace::{Kind, Marked, Marks};
use serde_json::{Value, json};

/// When the cluster has found itself, and a run ends, in seconds.
const SETTLED: u64 = 20;
const END: u64 = 80;

#[derive(Default)]
struct Idle {
    marked: Marked,
    /// The names of the frames that were taken, of each row that took one.
    frames: Vec<(u64, &'static str)>,
}

impl Sink<Cast> for Idle {
    fn event(&mut self, event: &Event<'_, Cast>) {
        if let What::Took {
            input: Input::Message { message, .. },
            ..
        } = &event.what
        {
            let place = self.marked.recorder.trace.len();
            self.frames.push((place, message.label()));
        }
        self.marked.event(event);
    }
}

/// What an idle world comes to: events for each virtual second, and frames that are not quiet.
fn idle(world: &Value, clients: &Value) -> (u64, Vec<&'static str>) {
    let text = json!({
        "title": {"en": "idle"}, "until": format!("{END}s"), "world": world, "clients": clients
    });
    let read = scenario::read(&text.to_string()).unwrap_or_else(|why| panic!("{why:?}"));
    let mut play = Play::of(&read, 7, &[]).unwrap_or_else(|why| panic!("{why:?}"));
    let (mut desk, mut idle) = (Desk::default(), Idle::default());
    while play.step(&mut desk, &mut idle) {}
    idle.marked.end();
    let trace = &idle.marked.recorder.trace;
    // What is under way at the end is not known to be quiet.
    let counts = |at: u64| (SETTLED * 1_000_000..(END - 5) * 1_000_000).contains(&at);
    let events = trace.iter().filter(|row| counts(row.at())).count() as u64;
    let loud = idle.frames.iter().filter(|(place, _)| {
        let row = trace.get(*place).expect("it is kept");
        assert_eq!(row.kind(), Kind::Delivered);
        counts(row.at()) && !row.marks().has(Marks::QUIET)
    });
    (
        events / (END - 5 - SETTLED),
        loud.map(|(_, name)| *name).collect(),
    )
}

/// Each of five replicas and observers fetches twice a second, each broker beats every two.
#[test]
fn an_idle_kafka_cluster_is_quiet() {
    let world = json!({"kafka": {
        "brokers": 3, "topics": [{"name": "orders", "partitions": 3, "replication.factor": 3}]
    }});
    let (events, loud) = idle(&world, &json!([]));
    assert!(events <= 250, "{events} events a second");
    assert_eq!(loud, [""; 0]);
}

#[test]
fn a_waiting_kafka_consumer_is_quiet() {
    let world = json!({"kafka": {
        "brokers": 1, "topics": [{"name": "orders"}],
        "config": {"offsets.topic.replication.factor": "1", "offsets.topic.num.partitions": "1"}
    }});
    let billing = json!([{
        "name": "billing", "is": "kafka.consumer", "topics": ["orders"], "group": "billing",
        "start": "2s", "config": {"enable.auto.commit": "false"}
    }]);
    let (events, loud) = idle(&world, &billing);
    assert!(events <= 80, "{events} events a second");
    assert_eq!(loud, [""; 0]);
}

#[test]
fn an_idle_rabbitmq_beats_twice_a_minute() {
    let world = json!({"rabbitmq": {"definitions": {"queues": [
        {"name": "jobs", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {}}
    ]}}});
    let billing = json!([{"name": "billing", "is": "rabbitmq.consumer", "queue": "jobs"}]);
    let (events, loud) = idle(&world, &billing);
    assert!(events <= 1, "{events} events a second");
    assert_eq!(loud, [""; 0]);
}
