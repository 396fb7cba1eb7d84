//! Other programs that start a program in a sandbox, where they are installed.

use crate::measure::{Case, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Each with the words that confine as much as it can without a configuration.
const PEERS: [(&str, &[&str]); 3] = [
    (
        "bwrap",
        &["--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--ro-bind", "/lib", "/lib"],
    ),
    ("firejail", &["--quiet", "--noprofile", "--net=none"]),
    ("nsjail", &["-Mo", "--really_quiet", "-R", "/usr", "-R", "/lib", "-R", "/lib64"]),
];

/// The peers as cases, and the names of those that are absent.
pub(crate) fn cases(program: &Path) -> (Vec<Case<'static>>, Vec<&'static str>) {
    let (mut cases, mut absent) = (Vec::new(), Vec::new());
    for (name, words) in PEERS {
        let Some(path) = find(name) else {
            absent.push(name);
            continue;
        };
        let program = program.to_path_buf();
        cases.push(Case::new(name, move || {
            let mut command = Command::new(&path);
            command.args(words).args(libraries(name));
            if name == "nsjail" {
                command.arg("--");
            }
            run(command.arg(&program))
        }));
    }
    (cases, absent)
}

/// The loader's own folder, where a system has it.
fn libraries(name: &str) -> &'static [&'static str] {
    let wanted = name == "bwrap" && Path::new("/lib64").exists();
    if wanted { &["--ro-bind", "/lib64", "/lib64"] } else { &[] }
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Runs a command that must succeed, without a terminal and without an environment.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = command.spawn()?.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()).into())
}
