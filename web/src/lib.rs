//! The simulator as a wasm module: what the player calls, and nothing else.
