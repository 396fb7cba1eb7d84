//! The programs without libc that the sandbox carries. A build script compiles them, so cargo does not format or lint them.

use crate::ci;
use crate::error::Result;
use crate::process;
use crate::workspace::Workspace;
use std::path::Path;
use std::process::Command;

/// Their sources and what they are compiled to, as in the build script of the engine.
const SOURCES: [(&str, &str); 2] = [("launcher/main.rs", "bin"), ("preload/lib.rs", "cdylib")];
const FOLDER: &str = "orket-runtime/engine/src/sandbox/linux";

/// Checks both as the workspace is checked.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let target = ci::target(workspace)?;
    for (source, kind) in SOURCES {
        let source = Path::new(FOLDER).join(source);
        let edition = "--edition=2024";
        process::pass(tool(workspace, "rustfmt").args([edition, "--check"]).arg(&source))?;
        let mut lint = tool(workspace, "clippy-driver");
        lint.args([edition, "-Cpanic=abort", "-Dwarnings", "--emit=metadata", "--crate-type", kind]);
        process::pass(lint.arg("-o").arg(Path::new(&target).join(format!("bare-{kind}"))).arg(source))?;
    }
    Ok(())
}

/// A program that lies beside the cargo that runs this task.
fn tool(workspace: &Workspace, name: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_default();
    let beside = Path::new(&cargo).with_file_name(name);
    let mut command = Command::new(if beside.is_file() { beside } else { name.into() });
    command.current_dir(&workspace.root);
    command
}
