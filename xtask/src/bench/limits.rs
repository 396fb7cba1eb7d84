//! How close the limits of the sandbox come to what is asked for.

use crate::error::Result;
use crate::process;
use crate::workspace::Workspace;

/// Lets the tests of the sandbox, which have the guests for it, measure and print, and after them the engine what it keeps itself.
pub(crate) fn limits(workspace: &Workspace) -> Result<()> {
    let mut command = process::cargo(workspace);
    command.args(["test", "--locked", "--quiet", "--package", "orket-engine", "--test", "sandbox"]);
    process::pass(command.args(["--", "--measure-limits"]))?;
    super::host(workspace, "limits", false)
}
