//! The simulator as a wasm module: what the player calls, and nothing else.

use glassmq_core::fingerprint::{Digest, Fingerprint};
use wasm_bindgen::prelude::wasm_bindgen;

pub mod parity;
pub mod run;

/// The version of the engine, which every link to a run names.
#[must_use]
#[wasm_bindgen(js_name = engineVersion)]
pub fn engine_version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

/// One run of one scenario, at some step.
#[wasm_bindgen]
#[derive(Clone, Debug, Fingerprint)]
pub struct Session {
    scenario: String,
    step: u32,
}

#[wasm_bindgen]
impl Session {
    /// Before the first step of a scenario, given as its text.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new(scenario: String) -> Session {
        Session { scenario, step: 0 }
    }

    /// How many steps were taken.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn at(&self) -> u32 {
        self.step
    }

    /// Takes one step.
    pub fn step(&mut self) {
        self.step += 1;
    }

    /// The fingerprint of the state, in hexadecimal: a number of 64 bits is more than JSON holds.
    #[must_use]
    pub fn digest(&self) -> String {
        format!("{:016x}", Digest::of(self))
    }
}
