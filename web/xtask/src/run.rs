//! Runs other programs, one visible step each.

use std::io::ErrorKind;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Res;

/// Does one step and prints how long it took.
pub fn timed<T>(step: &str, work: impl FnOnce() -> Res<T>) -> Res<T> {
    let start = Instant::now();
    let done = work()?;
    eprintln!("xtask: {step}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}

/// Runs a program to its end, its output shown; anything but success is an error.
pub fn run(step: &str, command: &mut Command) -> Res {
    timed(step, || {
        let status = command
            .status()
            .map_err(|why| cannot_start(command, &why))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{step} failed ({status})"))
        }
    })
}

/// What a program prints, trimmed; nothing if it is missing or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let out = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    out.status.success().then_some(text)
}

/// Whether a program ended with success in time; it is killed when time is up.
pub fn succeeds_within(limit: Duration, command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = quiet.spawn() else {
        return false;
    };
    match wait(limit, &mut child) {
        Some(status) => status.success(),
        None => {
            // It may have ended in the meantime; either way it is over after this.
            let _ = child.kill();
            let _ = child.wait();
            false
        }
    }
}

/// How the child ended, if it did within the limit.
fn wait(limit: Duration, child: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().ok()? {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

fn cannot_start(command: &Command, why: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy();
    match why.kind() {
        ErrorKind::NotFound => format!("{program} not found: install it, or put it on PATH"),
        _ => format!("cannot start {program}: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_one_line_with_the_remedy() {
        let why = run("a step", &mut Command::new("glassmq-no-such-program")).unwrap_err();
        assert_eq!(
            why,
            "glassmq-no-such-program not found: install it, or put it on PATH"
        );
        assert_eq!(output(&mut Command::new("glassmq-no-such-program")), None);
    }

    #[test]
    fn a_program_that_hangs_is_killed() {
        let mut forever = Command::new("sleep");
        forever.arg("60");
        let start = Instant::now();
        assert!(!succeeds_within(Duration::from_millis(200), &mut forever));
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
