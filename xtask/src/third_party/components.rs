//! The components of an extension, as a validator of CycloneDX sees them.

use super::{EXAMPLE, orket};
use crate::error::{Error, Finding, Result};
use crate::process;
use crate::workspace::Workspace;
use std::path::Path;
use std::process::Command;

/// The validator.
const NAME: &str = "cyclonedx-python-lib";
/// How it says that it refuses.
const REFUSED: i32 = 100;
/// What makes a document one that it must refuse: text in it, and what stands there instead.
const WRONG: [(&str, &str); 3] = [
    ("\"type\": \"library\"", "\"type\": \"libary\""),
    ("\"bomFormat\": \"CycloneDX\"", "\"bomFormat\": \"CyclonDX\""),
    ("\"alg\": \"SHA-256\"", "\"alg\": \"SHA-257\""),
];

/// The document of the example must be accepted, and what is wrong with the changed ones noticed.
pub(super) fn check(workspace: &Workspace, folder: &Path, cases: &Path) -> Result<Vec<Finding>> {
    let (python, script) =
        (folder.join("python/bin/python"), workspace.root.join("tests/third-party/components.py"));
    let path = cases.join("sbom.json");
    let mut describe = orket(workspace)?;
    describe.args(["sbom", "--locked", "--output"]).arg(&path).current_dir(workspace.root.join(EXAMPLE));
    process::stdout(&mut describe)?;
    let text = std::fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    println!("a list of components:");
    let mut findings = Vec::new();
    let wrong = WRONG.iter().map(|(from, to)| (text.replacen(from, to, 1), false));
    for (document, wanted) in [(text.clone(), true)].into_iter().chain(wrong) {
        if !wanted && document == text {
            return Err(Error::Other("the list of components cannot be changed as it should".to_owned()));
        }
        std::fs::write(&path, document).map_err(Error::file("write", &path))?;
        let mut command = Command::new(&python);
        let output = process::output(command.arg(&script).arg(&path))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let accepts = match output.status.code() {
            Some(0) => true,
            Some(REFUSED) => false,
            _ => return Err(process::failed(&command, &output.stderr)),
        };
        println!("    {NAME:<26} {said}");
        if accepts != wanted {
            let verb = if accepts { "accepts" } else { "refuses" };
            findings.push(Finding::new(NAME, format!("{verb} a list of components: {said}")));
        }
    }
    Ok(findings)
}
