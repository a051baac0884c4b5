//! The module in parts: a reader downloads what the first picture of a run takes, and the rest
//! when it is needed.
//!
//! Which functions that picture takes is measured, not guessed: the whole library is opened under
//! Node with a module that marks what it calls. What the pictures of every broker take stays in
//! `glassmq_bg.wasm`; what those of one broker take, and what none takes, are modules of their
//! own beside it. A function that went elsewhere leaves a stub: the first call that meets one has
//! the part fetched, whatever the measure missed, so a run is the same however it is cut.

mod cut;
mod profile;

use crate::run::timed;
use crate::{Res, paths};

/// Every part but the entry. `web/ui/src/engine/parts.js` counts them in the same order.
pub const PARTS: [&str; 3] = ["kafka", "rabbitmq", "rest"];

/// What is taken by no first picture.
pub const REST: usize = 2;

/// Cuts `web/ui/pkg/glassmq_bg.wasm`, whole until then, and puts the parts beside it.
pub fn split() -> Res {
    let entry = paths::pkg().join("glassmq_bg.wasm");
    let whole = std::fs::read(&entry).map_err(|why| format!("{}: {why}", entry.display()))?;
    let taken = timed("first pictures", || profile::taken(&whole))?;
    timed("parts of the module", || {
        let cut = cut::Cut::by(&whole, |function| home(&taken, function))?;
        write(&entry, &cut.entry(&whole)?)?;
        for (part, name) in PARTS.iter().enumerate() {
            let file = paths::pkg().join(format!("glassmq_{name}.wasm"));
            write(&file, &cut.part(&whole, part)?)?;
        }
        Ok(())
    })
}

/// The part of a function; none for the entry.
fn home(taken: &[profile::Taken], function: usize) -> Option<usize> {
    let takes = |of: &profile::Taken| of.contains(&function);
    match taken.iter().filter(|of| takes(of)).count() {
        0 => Some(REST),
        all if all == taken.len() => None,
        _ => taken.iter().position(takes),
    }
}

fn write(file: &std::path::Path, bytes: &[u8]) -> Res {
    std::fs::write(file, bytes).map_err(|why| format!("{}: {why}", file.display()))
}

/// Reads a module whose functions are named by their place in it, the same on every reading.
fn parse(wasm: &[u8]) -> Res<walrus::Module> {
    let mut config = walrus::ModuleConfig::new();
    config
        .generate_name_section(false)
        .generate_producers_section(false);
    config
        .parse(wasm)
        .map_err(|why| format!("the wasm module cannot be read: {why:#}"))
}
