//! What is measured along a run: `Measured[]` of `protocol.ts`.

use glassmq_core::shared::SortedMap;
use glassmq_sim::ledger::Bucket;
use glassmq_sim::play::Play;
use serde_json::{Value, json};

use super::told::is_internal;

/// Into so many parts a run is divided.
const PARTS: u64 = 240;

/// Looks at a run at equal intervals, and notes what has changed.
#[derive(Debug)]
pub struct Meter {
    every: u64,
    next: u64,
    series: SortedMap<Measure, Vec<(u32, u64, u64)>>,
}

/// What is measured, and of what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    Sent,
    Confirmed,
    Received,
    Lost,
    Ready(String),
    Unacked(String),
    LogEnd(String, String),
    HighWatermark(String),
    Lag(String, String),
}

impl Meter {
    /// For a run until a time, in microseconds.
    pub fn new(until: u64) -> Self {
        Meter {
            every: (until / PARTS).max(1),
            next: 0,
            series: SortedMap::new(),
        }
    }

    /// Looks, if it is time. `n` is the number of the last event, `received` how many messages
    /// applications have got.
    pub fn see(&mut self, play: &Play, n: u32, received: u64) {
        let now = play.stage().now();
        if now < self.next {
            return;
        }
        self.next = now - now % self.every + self.every;
        let ledger = play.panel().ledger();
        let clients = || ledger.clients().map(|(_, account)| account);
        let mut put = |measure, value| {
            let points = self.series.entry(measure).or_default();
            if points.last().is_none_or(|(_, _, last)| *last != value) {
                points.push((n, now, value));
            }
        };
        put(Measure::Sent, clients().map(|it| it.sent).sum());
        put(Measure::Confirmed, clients().map(|it| it.confirmed).sum());
        put(Measure::Received, received);
        put(Measure::Lost, ledger.tray().count(Bucket::Lost));
        for (queue, _, account) in ledger.queues() {
            put(Measure::Ready(queue.to_string()), account.ready);
            put(Measure::Unacked(queue.to_string()), account.unacked);
        }
        for (partition, node, account) in ledger.replicas() {
            if is_internal(partition) {
                continue;
            }
            let name = partition.to_string();
            let broker = ledger.names().of(node).to_string();
            put(Measure::LogEnd(name.clone(), broker), account.end);
            if ledger
                .leader(partition)
                .is_some_and(|leader| leader.node == node)
            {
                put(Measure::HighWatermark(name), account.high_watermark);
            }
        }
        for (group, partition, account) in ledger.groups() {
            let leader = ledger.leader(partition);
            let log = leader.and_then(|leader| ledger.replica(partition, leader.node));
            if let (Some(log), false) = (log, is_internal(partition)) {
                let done = account.committed.max(account.start);
                let measure = Measure::Lag(group.to_string(), partition.to_string());
                put(measure, log.end.saturating_sub(done));
            }
        }
    }

    /// What was measured, without what stayed at nothing.
    pub fn json(&self) -> Value {
        let told = |points: &&Vec<(u32, u64, u64)>| points.iter().any(|(.., value)| *value > 0);
        let series = self.series.iter().filter(|(_, points)| told(points));
        series
            .map(|(measure, points)| {
                let (what, of): (&str, Vec<&str>) = match measure {
                    Measure::Sent => ("sent", vec![]),
                    Measure::Confirmed => ("confirmed", vec![]),
                    Measure::Received => ("received", vec![]),
                    Measure::Lost => ("lost", vec![]),
                    Measure::Ready(queue) => ("ready", vec![queue]),
                    Measure::Unacked(queue) => ("unacked", vec![queue]),
                    Measure::LogEnd(partition, broker) => ("log-end", vec![partition, broker]),
                    Measure::HighWatermark(partition) => ("high-watermark", vec![partition]),
                    Measure::Lag(group, partition) => ("lag", vec![group, partition]),
                };
                json!({"what": what, "of": of, "points": points})
            })
            .collect()
    }
}
