//! What an extension pays for the SDK: external crates, and the time of a cold build.

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Instant;

/// The package that is weighed.
const SDK: &str = "orket-runtime";
/// The most external crates with default features.
const CRATES_MAX: usize = 12;

/// Prints the weight of the SDK; too many crates are a failure, a slow build is a number.
pub(crate) fn sdk_weight(workspace: &Workspace, time: bool) -> Result<()> {
    let crates = external_crates(workspace)?;
    let mut weight = json!({ "crates": crates, "count": crates.len(), "count_max": CRATES_MAX });
    if time {
        weight["cold_build_wall_ms"] = json!(cold_build_ms(workspace)?);
        weight["note"] = json!("meant for two quiet cores: at most 6000 ms there");
    }
    println!("{weight:#}");
    judge(&crates)
}

/// The count alone, for CI.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    judge(&external_crates(workspace)?)
}

fn judge(crates: &BTreeSet<String>) -> Result<()> {
    if crates.len() <= CRATES_MAX {
        return Ok(());
    }
    let list = crates.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(Error::Other(format!(
        "{SDK} needs {} external crates, at most {CRATES_MAX} are allowed: {list}",
        crates.len()
    )))
}

/// The external crates of a build of the SDK alone: `cargo metadata` would answer with the features
/// that the rest of the workspace asks for, `cargo tree -p` does not.
fn external_crates(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut command = process::cargo(workspace);
    command.args(["tree", "--locked", "--package", SDK, "--edges", "normal,build", "--prefix", "none"]);
    command.args(["--format", "{p}"]);
    let tree = process::stdout(&mut command)?;
    let packages = workspace.packages()?;
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    Ok(names(&tree).filter(|name| !ours.contains(name)).map(str::to_owned).collect())
}

fn names(tree: &str) -> impl Iterator<Item = &str> {
    tree.lines().filter_map(|line| line.split_whitespace().next())
}

fn cold_build_ms(workspace: &Workspace) -> Result<u128> {
    let target =
        tempfile::tempdir().map_err(Error::file("create", std::path::Path::new("a temporary folder")))?;
    let mut command = process::cargo(workspace);
    command.args(["build", "--locked", "--quiet", "--package", SDK, "--target-dir"]).arg(target.path());
    let start = Instant::now();
    process::pass(&mut command)?;
    Ok(start.elapsed().as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_first_words_of_a_tree() {
        let tree = "orket-runtime v0.1.0 (/x)\nserde v1.0.0\nserde v1.0.0 (*)\n\n";
        assert_eq!(names(tree).collect::<BTreeSet<_>>().len(), 2);
    }

    #[test]
    fn one_crate_too_many_is_refused_and_named() {
        let mut crates: BTreeSet<_> = (0..CRATES_MAX).map(|n| format!("crate-{n}")).collect();
        assert!(judge(&crates).is_ok());
        crates.insert("last-straw".to_owned());
        assert!(judge(&crates).unwrap_err().to_string().contains("last-straw"));
    }
}
