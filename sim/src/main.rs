//! The `glassmq` command.

fn main() {}
