//! `cargo orket lint` against `cargo check` and `cargo clippy` of the same targets: in a fresh target folder, after a
//! source was touched, and with nothing changed.

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Instant, SystemTime};

const EXAMPLE: &str = "examples/mystery-game";
const NOTE: &str = "the aim is a lint that takes at most 1.3 times as long as clippy; all three look at all targets, the lint reads \
                    the crate graph and the sources besides";

/// A way to look at the example.
struct Way {
    name: &'static str,
    program: std::path::PathBuf,
    words: &'static [&'static str],
}

/// Prints the medians of all three and what the lint takes in clippy's terms.
pub(crate) fn lint(workspace: &Workspace, rounds: usize) -> Result<()> {
    let cargo = process::cargo(workspace).get_program().into();
    let ways = [
        Way {
            name: "cargo_check",
            program: std::path::PathBuf::clone(&cargo),
            words: &["check", "--all-targets"],
        },
        Way { name: "cargo_clippy", program: cargo, words: &["clippy", "--all-targets"] },
        Way {
            name: "cargo_orket_lint",
            program: process::tool(workspace, true)?,
            words: &["lint", "--without", "artifact"],
        },
    ];
    let mut answer = json!({ "rounds": rounds.max(1), "note": NOTE });
    let (mut cold, mut touched, mut unchanged) = (json!({}), json!({}), json!({}));
    for way in &ways {
        let times = way.measured(workspace, rounds.max(1))?;
        cold[way.name] = json!(times[0]);
        touched[way.name] = json!(times[1]);
        unchanged[way.name] = json!(times[2]);
    }
    for (name, mut times) in [("cold_ms", cold), ("touched_ms", touched), ("unchanged_ms", unchanged)] {
        times["lint_to_clippy"] = ratio(&times);
        answer[name] = times;
    }
    println!("{answer:#}");
    Ok(())
}

fn ratio(times: &Value) -> Value {
    let time = |name: &str| times[name].as_f64().unwrap_or(f64::NAN);
    json!((time("cargo_orket_lint") / time("cargo_clippy") * 100.0).round() / 100.0)
}

impl Way {
    /// The medians: cold, after a touch, with nothing changed; in milliseconds.
    fn measured(&self, workspace: &Workspace, rounds: usize) -> Result<[f64; 3]> {
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rounds {
            let folder =
                tempfile::tempdir().map_err(Error::file("create", Path::new("a temporary folder")))?;
            times[0].push(self.time(workspace, folder.path())?);
            touch(&workspace.root.join(EXAMPLE).join("src/lib.rs"))?;
            times[1].push(self.time(workspace, folder.path())?);
            times[2].push(self.time(workspace, folder.path())?);
        }
        Ok(times.map(super::run::median))
    }

    fn time(&self, workspace: &Workspace, target: &Path) -> Result<f64> {
        let mut command = Command::new(&self.program);
        command.args(self.words).args(["--quiet", "--manifest-path"]).arg(format!("{EXAMPLE}/Cargo.toml"));
        command.current_dir(&workspace.root).env("CARGO_TARGET_DIR", target);
        let start = Instant::now();
        let output = process::output(&mut command)?;
        let wall_ms = start.elapsed().as_secs_f64() * 1000.0;
        if !output.status.success() {
            return Err(process::failed(&command, &output.stderr));
        }
        Ok((wall_ms * 10.0).round() / 10.0)
    }
}

/// Makes a source look as if it was changed.
fn touch(path: &Path) -> Result<()> {
    let file = std::fs::File::options().append(true).open(path).map_err(Error::file("open", path))?;
    file.set_modified(SystemTime::now()).map_err(Error::file("touch", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_in_terms_of_clippy() {
        assert_eq!(ratio(&json!({ "cargo_clippy": 200.0, "cargo_orket_lint": 250.0 })), json!(1.25));
    }
}
