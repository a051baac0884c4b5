//! The module comes in parts, cut by `cargo xtask wasm`: what a first picture takes, and the rest.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "../src/engine/parts.js")]
extern "C" {
    /// Fetches a part, by its number, and puts it in place. The stubs call it that stand where
    /// functions went into other parts.
    fn need(part: u32);
}

/// Has a part in place from now on.
#[wasm_bindgen(js_name = needPart)]
pub fn need_part(part: u32) {
    need(part);
}
