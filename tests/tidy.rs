//! House rules as tests. Each failure lists every place and says how to put it right.

mod imports;
mod layout;
mod links;
mod tree;
mod words;

/// Fails with all that was found at once, and the remedy.
#[track_caller]
fn assert_none(found: &[String], remedy: &str) {
    assert!(found.is_empty(), "\n{}\n{remedy}\n", found.join("\n"));
}
