//! `glassmq-bench WORKLOAD [--flag value]...`: the kernel against its budgets.
//!
//! `relay`, `replicate` and `timers` are the kernel alone; `rabbitmq` and `kafka` are the brokers'
//! own paths on it (`--variant digest|ledger|checkers|sentences|keyframes` turns one thing on);
//! `keyframes` is the price of looking at another step.
//!
//! The workloads, flags and report line are those that rival engines are measured with: 64-byte
//! records, latencies of 1 to 5 ms drawn for each message, one JSON line at the end. On in these
//! rows: FIFO links, dice for each link, causes, trace columns and the digest of behaviour.

#![allow(clippy::disallowed_types, reason = "a benchmark reads the clock")]
#![allow(clippy::float_arithmetic, reason = "rates")]

mod args;
mod keyframes;
mod relay;
mod replicate;
mod report;
mod stage;
mod timers;

use std::process::ExitCode;

use glassmq_core::time::Span;
use glassmq_sim::NetworkPace;

fn main() -> ExitCode {
    let args = match args::Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(message) => {
            eprintln!("glassmq-bench: {message}");
            return ExitCode::from(2);
        }
    };
    let one = match args.workload.as_str() {
        "relay" => relay::run,
        "replicate" => replicate::run,
        "timers" => timers::run,
        "rabbitmq" => stage::rabbitmq,
        "kafka" => stage::kafka,
        _ => {
            keyframes::run(&args);
            return ExitCode::SUCCESS;
        }
    };
    let mut total = report::Run::default();
    for again in 0..args.repeat {
        let mut this = args.clone();
        this.seed += u64::from(again);
        total.add(one(&this));
    }
    report::print(&args, &total);
    ExitCode::SUCCESS
}

/// A record's 64 bytes; who sent it and which come first, so that a log can be checked.
type Payload = [u64; 8];

fn payload(producer: u32, n: u32) -> Payload {
    let mut words = [0x5a5a_5a5a_5a5a_5a5a; 8];
    words[0] = u64::from(n);
    words[1] = u64::from(producer);
    words
}

/// The same for two logs that hold the same records in whatever order.
fn digest<'a>(log: impl IntoIterator<Item = &'a Payload>) -> u64 {
    log.into_iter().fold(0u64, |sum, p| {
        let mut x = p[0] ^ (p[1] << 32) ^ 0x9e37_79b9_7f4a_7c15;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        sum.wrapping_add(x ^ (x >> 31) ^ p[7])
    })
}

/// 1 to 5 ms for each message, and a buffer that nothing here fills.
fn pace() -> NetworkPace {
    NetworkPace {
        latency: Span::between(1_000, 5_000),
        ..NetworkPace::default()
    }
}
