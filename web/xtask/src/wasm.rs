//! `web/src` to `web/ui/pkg`: cargo for wasm32-unknown-unknown, then wasm-bindgen as a library.
//!
//! The awkward part is the target's standard library. rustup installs it in seconds where it may
//! download; elsewhere Debian's own rustc and cargo build it from Debian's source package.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::run::{output, run, succeeds_within, timed};
use crate::{Res, paths, split, tools};

const TRIPLE: &str = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// How the target's standard library is had.
pub enum Std {
    /// The toolchain in use has it.
    Installed,
    /// Debian's rustc and cargo build it.
    Debian {
        /// A linker for wasm, which Debian's rustc does not bring.
        linker: PathBuf,
    },
}

/// What `GLASSMQ_WASM_STD` allows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Auto,
    Installed,
    Debian,
}

impl Wish {
    fn read() -> Res<Wish> {
        match std::env::var("GLASSMQ_WASM_STD").as_deref() {
            Err(_) | Ok("" | "auto") => Ok(Wish::Auto),
            Ok("installed") => Ok(Wish::Installed),
            Ok("debian") => Ok(Wish::Debian),
            Ok(other) => Err(format!(
                "GLASSMQ_WASM_STD={other}: it is one of auto, installed, debian"
            )),
        }
    }
}

impl Std {
    /// For a person.
    pub fn describe(&self) -> String {
        match self {
            Std::Installed => "installed with the toolchain".into(),
            Std::Debian { linker } => {
                format!("built by {DEBIAN_CARGO}, linked by {}", linker.display())
            }
        }
    }

    /// Its own target folder: the two ways have different compilers.
    fn target(&self) -> PathBuf {
        paths::target().join(match self {
            Std::Installed => "wasm",
            Std::Debian { .. } => "wasm-debian",
        })
    }

    fn cargo(&self) -> Command {
        match self {
            Std::Installed => {
                let mut cargo = tools::cargo();
                cargo.arg("build");
                cargo
            }
            Std::Debian { linker } => debian_cargo(linker),
        }
    }
}

/// Builds the module and its glue into `web/ui/pkg`.
pub fn build() -> Res {
    let std = find_or_install()?;
    eprintln!("xtask: wasm std: {}", std.describe());
    if !std.target().is_dir() && matches!(std, Std::Debian { .. }) {
        eprintln!("xtask: this first time it is compiled, which takes a minute or two");
    }
    let mut cargo = std.cargo();
    cargo
        .args(["--quiet", "--locked", "--package", "glassmq-web", "--lib"])
        .args(["--profile", "wasm", "--target", TRIPLE, "--target-dir"])
        .arg(std.target())
        .current_dir(paths::root());
    run("wasm module", &mut cargo)?;
    let module = std.target().join(TRIPLE).join("wasm/glassmq_web.wasm");
    timed("wasm-bindgen", || bind(&module))?;
    split::split()
}

/// Writes `glassmq.js`, `glassmq.d.ts` and `glassmq_bg.wasm`. The names of functions are left out:
/// they are a third of what a reader would download.
fn bind(module: &Path) -> Res {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(module)
        .web(true)
        .map_err(|why| format!("wasm-bindgen: {why:#}"))?
        .typescript(true)
        .remove_name_section(true)
        .out_name("glassmq")
        .generate(paths::pkg())
        .map_err(|why| format!("wasm-bindgen: {why:#}"))
}

/// The way that needs nothing more to be installed.
pub fn find() -> Res<Std> {
    let wish = Wish::read()?;
    if wish != Wish::Debian && installed() {
        return Ok(Std::Installed);
    }
    match linker() {
        Some(linker) if wish != Wish::Installed && debian_ready() => Ok(Std::Debian { linker }),
        _ => Err(format!(
            "no standard library for {TRIPLE}: run `rustup target add {TRIPLE}` or, as root on Debian, `apt-get install --no-install-recommends {}`",
            DEBIAN_PACKAGES.join(" ")
        )),
    }
}

/// rustup is asked before apt-get, for seconds only: where it may not download, it may hang.
/// Once Debian's way has been taken, rustup is not asked again.
fn find_or_install() -> Res<Std> {
    let wish = Wish::read()?;
    if wish != Wish::Debian && !installed() && find().is_err() {
        rustup_add();
    }
    if wish != Wish::Installed && find().is_err() && tools::debian_root() {
        tools::apt_install(
            "the wasm module needs the standard library of its target (about 115 MB)",
            &DEBIAN_PACKAGES,
        )?;
        if linker().is_none() {
            tools::apt_install("the wasm module needs a linker", &["lld-19"])?;
        }
    }
    find()
}

/// Changes the user's toolchain, so it says so first. Whether it worked is seen by [`installed`].
fn rustup_add() {
    eprintln!(
        "xtask: the wasm module needs the standard library of its target: rustup target add {TRIPLE} (30 s at most)"
    );
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TRIPLE]);
    if !succeeds_within(Duration::from_secs(30), &mut rustup) {
        eprintln!("xtask: rustup could not");
    }
}

/// Asks rustc itself, so that a distribution's toolchain counts as well as rustup's.
fn installed() -> bool {
    let Some(folder) = output(rustc().args(["--print", "target-libdir", "--target", TRIPLE]))
    else {
        return false;
    };
    std::fs::read_dir(folder).is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
    })
}

fn debian_ready() -> bool {
    [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_STD_SOURCE]
        .iter()
        .all(|path| Path::new(path).is_file())
}

/// rust-lld of the rustup toolchain, else a wasm-ld of Debian's lld packages.
fn linker() -> Option<PathBuf> {
    let bundled = rust_lld();
    let debian = [21, 20, 19].map(|version| PathBuf::from(format!("/usr/bin/wasm-ld-{version}")));
    bundled
        .into_iter()
        .chain(debian)
        .find(|candidate| candidate.is_file())
}

fn rust_lld() -> Option<PathBuf> {
    let sysroot = output(rustc().args(["--print", "sysroot"]))?;
    let version = output(rustc().arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))?;
    Some(
        Path::new(&sysroot)
            .join("lib/rustlib")
            .join(host)
            .join("bin/rust-lld"),
    )
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Debian's cargo, free of what the rustup cargo that runs xtask leaves to its children.
fn debian_cargo(linker: &Path) -> Command {
    let mut cargo = Command::new(DEBIAN_CARGO);
    // Without std's own features (backtraces) it is built in two thirds of the time.
    cargo.args(["build", "-Z", "build-std=std,panic_abort"]);
    cargo.args(["-Z", "build-std-features="]);
    let inherited = [
        "CARGO",
        "CARGO_ENCODED_RUSTFLAGS",
        "LD_LIBRARY_PATH",
        "RUSTC_WRAPPER",
        "RUSTDOC",
        "RUSTFLAGS",
        "RUSTUP_TOOLCHAIN",
    ];
    for name in inherited {
        cargo.env_remove(name);
    }
    cargo
        .env("RUSTC", DEBIAN_RUSTC)
        // Lets a stable compiler take `-Z`.
        .env("RUSTC_BOOTSTRAP", "1")
        // std is compiled too, on every core; the link-time optimisation joins the units again.
        .env("CARGO_PROFILE_WASM_CODEGEN_UNITS", "16")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    cargo
}
