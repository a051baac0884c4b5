//! `cargo xtask play | test`: builds, serves and tests what cargo alone cannot.

fn main() {}
