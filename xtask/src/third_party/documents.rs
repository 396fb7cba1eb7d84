//! Documents that the tool writes for others, as validators of their formats see them.

use super::{EXAMPLE, orket};
use crate::error::{Error, Finding, Result};
use crate::process;
use crate::workspace::Workspace;
use std::path::Path;
use std::process::Command;

/// How a validator says that it refuses.
const REFUSED: i32 = 100;

/// A document, and who judges it.
struct Document {
    what: &'static str,
    /// The validator.
    judge: &'static str,
    /// The script that asks it.
    script: &'static str,
    /// Writes the document into a folder for cases and gives its text.
    write: fn(&Workspace, &Path) -> Result<String>,
    /// What makes it one that must be refused: text in it, and what stands there instead.
    wrong: &'static [(&'static str, &'static str)],
}

const DOCUMENTS: [Document; 2] = [
    Document {
        what: "a list of components",
        judge: "cyclonedx-python-lib",
        script: "components.py",
        write: components,
        wrong: &[
            ("\"type\": \"library\"", "\"type\": \"libary\""),
            ("\"bomFormat\": \"CycloneDX\"", "\"bomFormat\": \"CyclonDX\""),
            ("\"alg\": \"SHA-256\"", "\"alg\": \"SHA-257\""),
        ],
    },
    Document {
        what: "a log for code scanning",
        judge: "the SARIF schema of OASIS",
        script: "sarif.py",
        write: log,
        wrong: &[
            ("\"version\": \"2.1.0\"", "\"version\": \"2.1\""),
            ("\"startLine\": 5", "\"startLine\": 0"),
            ("\"level\": \"error\"", "\"level\": \"fatal\""),
            ("\"columnKind\": \"unicodeCodePoints\"", "\"columnKind\": \"characters\""),
        ],
    },
];

/// A manifest with two mistakes, behind characters of several bytes and with marks of other formats.
const MISTAKEN: &str = "manifest_version = 1\nid = \"hello.world\"\nversion = \"0.1.0\"\nruntime = \"^0.1.0\"\n\
                        workloads = [{ id = \"a\", description = \"äöü 🦀 <b>%0A\", \"wr:ong\" = 1, 'more,' = 2 }]\n";

/// Each document must be accepted, and what is wrong with the changed ones noticed.
pub(super) fn check(workspace: &Workspace, folder: &Path, cases: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for document in &DOCUMENTS {
        findings.extend(judged(document, workspace, folder, cases)?);
    }
    Ok(findings)
}

fn judged(document: &Document, workspace: &Workspace, folder: &Path, cases: &Path) -> Result<Vec<Finding>> {
    let text = (document.write)(workspace, cases)?;
    println!("{}:", document.what);
    let mut findings = Vec::new();
    let wrong = document.wrong.iter().map(|(from, to)| (text.replacen(from, to, 1), false));
    for (changed, wanted) in [(text.clone(), true)].into_iter().chain(wrong) {
        if !wanted && changed == text {
            return Err(Error::Other(format!("{} cannot be changed as it should", document.what)));
        }
        let path = cases.join("document.json");
        std::fs::write(&path, changed).map_err(Error::file("write", &path))?;
        let mut command = Command::new(folder.join("python/bin/python"));
        command.arg(workspace.root.join("tests/third-party").join(document.script)).arg(&path);
        let output = process::output(&mut command)?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let accepts = match output.status.code() {
            Some(0) => true,
            Some(REFUSED) => false,
            _ => return Err(process::failed(&command, &output.stderr)),
        };
        println!("    {:<26} {said}", document.judge);
        if accepts != wanted {
            let verb = if accepts { "accepts" } else { "refuses" };
            findings.push(Finding::new(document.judge, format!("{verb} {}: {said}", document.what)));
        }
    }
    Ok(findings)
}

/// The components of the example.
fn components(workspace: &Workspace, cases: &Path) -> Result<String> {
    let path = cases.join("sbom.json");
    let mut describe = orket(workspace)?;
    describe.args(["sbom", "--locked", "--output"]).arg(&path).current_dir(workspace.root.join(EXAMPLE));
    process::stdout(&mut describe)?;
    std::fs::read_to_string(&path).map_err(Error::file("read", &path))
}

/// What is found in a manifest with mistakes.
fn log(workspace: &Workspace, cases: &Path) -> Result<String> {
    let path = cases.join("ä b.toml");
    std::fs::write(&path, MISTAKEN).map_err(Error::file("write", &path))?;
    let mut check = orket(workspace)?;
    let output = process::output(check.args(["check", "--message-format", "sarif"]).arg(&path))?;
    match output.status.code() {
        Some(REFUSED) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => Err(process::failed(&check, &output.stderr)),
    }
}
