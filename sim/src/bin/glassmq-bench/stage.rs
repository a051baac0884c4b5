//! The brokers' own paths, on the stage that scenarios are played on: publish, confirm, deliver,
//! acknowledge; and produce, replicate, fetch, commit. `--variant` says who follows the run besides
//! the columns and the digest of behaviour.
//!
//! What is counted is what `relay` counts: frames that a process took off a connection, an AMQP
//! method with its content or a Kafka request or response each one; no connection's own (SYN, FIN).
//! A record has 64 bytes, as `relay`'s have.
//! Everything else on the path is part of their price. Where a message of `relay` is two events and
//! one step, one of RabbitMQ's here is 6.5 events and 1.7 steps: three facts, 0.9 records written,
//! 0.6 timers of applications that send and work by the clock. One of Kafka's is 9.9 events and 1.8
//! steps: 2.7 timers set, most of them again, 0.8 unset, 0.8 gone off, 3.1 facts, 0.5 records
//! written; and it carries batches, whose records are digested seven times over.
//!
//! `sentences` makes those that a story tells, as `glassmq run` does; the player makes only those
//! that somebody looks at.

use std::collections::BTreeMap;
use std::hint::black_box;

use glassmq_sim::cast::{Cast, Stage};
use glassmq_sim::check::Panel;
use glassmq_sim::event::{Event, Sink};
use glassmq_sim::ledger::Ledger;
use glassmq_sim::play::Play;
use glassmq_sim::play::names::Names;
use glassmq_sim::play::peers::Peers;
use glassmq_sim::scenario;
use glassmq_sim::trace::{Kind, Recorder};
use glassmq_sim::words;
use glassmq_sim::world::Scratch;

use crate::args::Args;
use crate::report::{Run, Watch};

/// Keyframes kept, and steps between them at first, as a timeline has it.
const KEYFRAMES: usize = 128;
const EVERY: u32 = 64;

/// One publisher with confirms, one durable queue, one consumer that acknowledges.
pub fn rabbitmq(args: &Args) -> Run {
    let messages = args.messages;
    run(
        args,
        &format!(
            r#"{{"title": {{"en": "A path"}}, "about": {{"en": "Published and consumed."}},
            "seed": 1, "until": "1h", "world": {{
              "rabbitmq": {{"nodes": 1, "definitions": {{"queues": [{{"name": "orders",
                "vhost": "/", "durable": true, "auto_delete": false, "arguments": {{}}}}]}}}},
              "network": {{"latency": "1ms..5ms"}}}},
            "clients": [
              {{"name": "shop", "is": "rabbitmq.publisher", "start": "1s", "routing_key": "orders",
                "send": {{"every": "1ms", "count": {messages}, "size": "64B"}}}},
              {{"name": "billing", "is": "rabbitmq.consumer", "start": "500ms", "queue": "orders",
                "prefetch_count": 100}}]}}"#
        ),
    )
}

/// One producer that waits for all, three brokers that replicate, one consumer that commits.
pub fn kafka(args: &Args) -> Run {
    let messages = args.messages;
    run(
        args,
        &format!(
            r#"{{"title": {{"en": "A path"}}, "about": {{"en": "Produced and fetched."}},
            "seed": 1, "until": "{}s", "world": {{
              "kafka": {{"brokers": 3, "controllers": 1,
                "config": {{"offsets.topic.num.partitions": "1"}},
                "topics": [{{"name": "orders", "partitions": 3, "replication.factor": 3}}]}},
              "network": {{"latency": "1ms..5ms"}}}},
            "clients": [
              {{"name": "shop", "is": "kafka.producer", "start": "2s", "topic": "orders",
                "config": {{"acks": "all"}},
                "send": {{"every": "1ms", "count": {messages}, "size": "64B"}}}},
              {{"name": "billing", "is": "kafka.consumer", "start": "2s", "topics": ["orders"],
                "group": "billing"}}]}}"#,
            4 + messages / 1000
        ),
    )
}

/// Plays a scenario to its end.
fn run(args: &Args, text: &str) -> Run {
    let mut watch = Watch::begin();
    let scenario = scenario::read(text).expect("the scenario is right");
    let play = Play::of(&scenario, args.seed, &[]).expect("it can be played");
    let mut stage: Stage = play.stage().clone();
    let mut audience = Audience::of(&args.variant, play.names().clone());
    let mut scratch = Scratch::default();
    let mut keyframes = Keyframes::default();
    let keeps = args.variant == "keyframes";
    watch.start();
    while stage.step_within(play.until(), &mut scratch, &mut audience) {
        if keeps {
            keyframes.see(&stage);
        }
    }
    let (setup, wall, cpu) = watch.stop();
    black_box((audience.letters, keyframes.kept.len()));
    let rows = audience.recorder.trace.iter();
    let delivered = rows.filter(|row| row.kind() == Kind::Delivered);
    Run {
        events: delivered.count() as u64,
        records: u64::from(args.messages),
        virtual_us: stage.now(),
        setup,
        wall,
        cpu,
        digest: audience.recorder.digests.behaviour(),
    }
}

/// Who follows the run.
struct Audience {
    recorder: Recorder,
    whole: bool,
    ledger: Option<Ledger>,
    panel: Option<Panel>,
    /// Who is at the other end of what, for sentences.
    peers: Option<Peers>,
    names: std::rc::Rc<Names>,
    letters: usize,
}

impl Audience {
    fn of(variant: &str, names: std::rc::Rc<Names>) -> Audience {
        let is = |name: &str| variant == name;
        Audience {
            recorder: Recorder::default(),
            whole: is("digest"),
            ledger: is("ledger").then(|| Ledger::new(names.clone())),
            panel: is("checkers").then(|| Panel::new(names.clone())),
            peers: is("sentences").then(Peers::default),
            names,
            letters: 0,
        }
    }
}

impl Sink<Cast> for Audience {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.recorder.event(event);
        if self.whole {
            self.recorder.digests.feed_whole(event);
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.see(event);
        }
        if let Some(panel) = &mut self.panel {
            panel.see(event);
        }
        if let Some(peers) = &mut self.peers {
            peers.see(event);
            if words::is_telling(event) {
                self.letters += words::line(event, &self.names, peers).len();
            }
        }
    }
}

/// Keyframes as a timeline keeps them.
#[derive(Default)]
struct Keyframes {
    kept: BTreeMap<u32, Stage>,
    every: u32,
}

impl Keyframes {
    fn see(&mut self, stage: &Stage) {
        self.every = self.every.max(EVERY);
        let steps = stage.steps();
        if !steps.is_multiple_of(self.every) {
            return;
        }
        self.kept.insert(steps, stage.clone());
        if self.kept.len() > KEYFRAMES {
            self.every *= 2;
            self.kept.retain(|at, _| at.is_multiple_of(self.every));
        }
    }
}
