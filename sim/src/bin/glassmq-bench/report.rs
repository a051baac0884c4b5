//! One JSON line for a measurement.

use std::time::{Duration, Instant};

use crate::args::Args;

/// What a run, or several, came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Messages handed to a node, or timers gone off.
    pub events: u64,
    /// Records produced and acknowledged.
    pub records: u64,
    pub virtual_us: u64,
    /// Building the world, before the first event.
    pub setup: Duration,
    pub wall: Duration,
    /// Processor time of the same stretch: others on the machine disturb it less.
    pub cpu: Duration,
    /// Of the broker logs, whatever the order.
    pub digest: u64,
}

impl Run {
    pub fn add(&mut self, other: Run) {
        self.events += other.events;
        self.records += other.records;
        self.virtual_us += other.virtual_us;
        self.setup += other.setup;
        self.wall += other.wall;
        self.cpu += other.cpu;
        self.digest = self.digest.wrapping_add(other.digest);
    }
}

/// Started before the world is built; split before the first event; stopped after the last.
pub struct Watch {
    begun: Instant,
    started: Instant,
    cpu: Duration,
}

impl Watch {
    pub fn begin() -> Self {
        let now = Instant::now();
        Watch {
            begun: now,
            started: now,
            cpu: Duration::ZERO,
        }
    }

    pub fn start(&mut self) {
        self.cpu = cpu_time();
        self.started = Instant::now();
    }

    /// Set-up, wall time and processor time.
    pub fn stop(&self) -> (Duration, Duration, Duration) {
        let wall = self.started.elapsed();
        (self.started - self.begun, wall, cpu_time() - self.cpu)
    }
}

/// Processor time of this, the only, thread. Linux tells it in nanoseconds; elsewhere the wall
/// clock stands in.
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(
        || {
            static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
            START.get_or_init(Instant::now).elapsed()
        },
        Duration::from_nanos,
    )
}

fn peak_rss_kib() -> u64 {
    status("VmHWM:")
}

/// The memory in use now, in KiB.
pub fn rss_kib() -> u64 {
    status("VmRSS:")
}

fn status(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    let number = line.and_then(|line| line.split_ascii_whitespace().nth(1)?.parse().ok());
    number.unwrap_or(0)
}

pub fn print(args: &Args, run: &Run) {
    let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    println!(
        "{{\"engine\":\"glassmq\",\"variant\":\"{}\",\"workload\":\"{}\",\"seed\":{},\
         \"events\":{},\"records\":{},\"virtual_ms\":{},\"setup_s\":{:.6},\"wall_s\":{wall:.6},\
         \"cpu_s\":{cpu:.6},\"events_per_s\":{:.1},\"events_per_cpu_s\":{:.1},\"rss_kib\":{},\
         \"digest\":\"{:016x}\"}}",
        args.variant,
        args.workload,
        args.seed,
        run.events,
        run.records,
        run.virtual_us / 1000,
        run.setup.as_secs_f64(),
        run.events as f64 / wall,
        run.events as f64 / cpu,
        peak_rss_kib(),
        run.digest,
    );
}
