//! A run in the formats of others: one file for each format.

pub mod graph;
pub mod jsonl;
pub mod mermaid;
pub mod topology;
