//! A warm `cargo-orket run` against a warm `cargo run`.
//!
//! An extension refuses to work without a host, so `cargo run` of it comes to its refusal at once:
//! the ratio compares all of a governed run with cargo's own way to the first line of `main`.

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use serde_json::json;
use std::io::Write;
use std::process::Command;
use std::time::Instant;

const EXAMPLE: &str = "examples/mystery-game/Cargo.toml";
const WORKLOAD: &str = "mystery_v1";
/// What an extension exits with when no host started it.
const UNHOSTED: i32 = 2;
/// A script that asks for help and leaves.
const SCRIPT: &str = "help\nquit\n";
const NOTE: &str = "`cargo run` of an extension ends with its refusal to run outside of a host, so it does none of \
                    the game's work; the aim is a ratio of at most 1.3";

/// Prints the medians of both and their ratio.
pub(crate) fn run(workspace: &Workspace, rounds: usize) -> Result<()> {
    let tool = process::tool(workspace, true)?;
    let folder =
        tempfile::tempdir().map_err(Error::file("create", std::path::Path::new("a temporary folder")))?;
    let script = folder.path().join("script.txt");
    std::fs::write(&script, SCRIPT).map_err(Error::file("write", &script))?;
    let governed = || {
        let mut command = Command::new(&tool);
        command.current_dir(&workspace.root).args(["run", WORKLOAD, "--quiet", "--seed", "123", "--script"]);
        command.arg(&script).args(["--manifest-path", EXAMPLE]);
        (command, 0)
    };
    let plain = || {
        let mut command = process::cargo(workspace);
        command.args(["run", "--quiet", "--manifest-path", EXAMPLE]);
        (command, UNHOSTED)
    };
    for round in [governed(), plain()] {
        time(round)?; // builds, and fills every cache
    }
    let (mut orket, mut cargo) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        orket.push(time(governed())?);
        cargo.push(time(plain())?);
    }
    let (orket, cargo) = (median(orket), median(cargo));
    let ratio = (orket / cargo * 100.0).round() / 100.0;
    let answer = json!({
        "cargo_orket_run_ms": orket, "cargo_run_ms": cargo, "ratio": ratio, "rounds": rounds.max(1), "note": NOTE,
    });
    println!("{answer:#}");
    Ok(())
}

/// How long a command takes, in milliseconds.
pub(super) fn time((mut command, expected): (Command, i32)) -> Result<f64> {
    let start = Instant::now();
    let output = process::output(&mut command)?;
    let wall_ms = start.elapsed().as_secs_f64() * 1000.0;
    if output.status.code() != Some(expected) {
        let _ = std::io::stdout().write_all(&output.stdout);
        return Err(process::failed(&command, &output.stderr));
    }
    Ok((wall_ms * 10.0).round() / 10.0)
}

/// The middle one of some times.
pub(super) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
