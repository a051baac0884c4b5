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
