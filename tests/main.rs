//! What a user of GlassMQ relies on, told as tests. One binary; a module for each promise.

mod book;
mod books;
mod check;
mod cli;
mod determinism;
mod faults;
mod history;
mod kafka_vectors;
mod kernel;
mod link;
mod orders;
mod parity;
mod quiet;
mod rabbitmq_cases;
mod rabbitmq_clients;
mod recovery;
mod scenario;
mod scenarios;
mod shortage;
mod tidy;
mod timeline;
mod why;
mod words;

/// Whether this is the long round: `cargo xtask nightly`.
fn nightly() -> bool {
    std::env::var_os("GLASSMQ_NIGHTLY").is_some()
}

/// How many cases a property is tried with, which by day are so many.
fn cases(by_day: u32) -> u32 {
    if nightly() { by_day * 20 } else { by_day }
}
