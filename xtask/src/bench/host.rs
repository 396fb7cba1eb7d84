//! The benchmarks of the engine: they are its own, and need a guest.

use crate::ci;
use crate::error::Result;
use crate::process;
use crate::workspace::Workspace;

const GUEST: &str = "tests/fixtures/bench/Cargo.toml";

/// Builds what a benchmark needs, as users build it, and runs it.
pub(crate) fn host(workspace: &Workspace, name: &str, quick: bool) -> Result<()> {
    let mut build = process::cargo(workspace);
    build.args(["build", "--locked", "--quiet", "--release", "--manifest-path", GUEST, "--target-dir"]);
    let guest = process::program(build.arg(ci::target(workspace)?), "bench")?;
    let mut command = process::cargo(workspace);
    command.args([
        "bench",
        "--locked",
        "--quiet",
        "--package",
        "orket-engine",
        "--bench",
        "host",
        "--",
        name,
    ]);
    command.arg("--guest").arg(guest);
    process::pass(command.args(quick.then_some("--quick")))
}
