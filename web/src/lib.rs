//! The simulator as a wasm module: what the player calls, and nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

pub mod parity;
pub mod parts;
pub mod run;

/// The version of the engine, which every link to a run names.
#[must_use]
#[wasm_bindgen(js_name = engineVersion)]
pub fn engine_version() -> String {
    env!("CARGO_PKG_VERSION").into()
}
