//! How the command line reads and writes small things.

use crate::scenario::form::Word;

/// An argument that scenarios spell as a text: a time, a message.
pub(super) fn word<W: Word>(text: &str) -> Result<W, String> {
    W::parse(text).map_err(|wrong| format!("{}; {}", wrong.what, wrong.remedy))
}

/// A moment of virtual time (microseconds) in seconds and milliseconds, in a column.
pub(super) fn moment(us: u64) -> String {
    format!("{:>4}.{:03}s", us / 1_000_000, us / 1000 % 1000)
}

/// A digest: sixteen hexadecimal digits.
pub(super) fn hex(digest: u64) -> String {
    format!("{digest:016x}")
}
