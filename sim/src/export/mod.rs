//! A run in the formats of others: one file for each format.

pub mod jsonl;
pub mod mermaid;
