//! Where things lie.

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .expect("xtask lies two folders down")
        .to_path_buf()
}

/// `target/`, or where `CARGO_TARGET_DIR` says.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(elsewhere) => root().join(elsewhere),
        None => root().join("target"),
    }
}

/// What is served: the sandbox at `/`, the book at `/book/`.
pub fn site() -> PathBuf {
    target().join("site")
}

/// The player's own sources, an npm package.
pub fn ui() -> PathBuf {
    root().join("web/ui")
}

/// The wasm module and its glue, as the player imports them.
pub fn pkg() -> PathBuf {
    ui().join("pkg")
}
