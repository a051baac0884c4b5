//! The `glassmq` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut out, mut err) = (anstream::stdout(), anstream::stderr());
    ExitCode::from(glassmq_sim::cli::run(
        std::env::args_os(),
        &mut out,
        &mut err,
    ))
}
