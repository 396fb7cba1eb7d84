//! Verifiers that are not ours check a signed run and documents of the tool, and refuse what was changed in them.
//!
//! Invariant: whoever accepts or refuses says so with its exit code; any other end of a verifier fails the
//! task, so that a broken one never counts as a refusal.

mod documents;
mod tampering;
mod verifier;

use crate::error::{Error, Finding, Result, report};
use crate::process;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;
use tampering::TAMPERINGS;
use verifier::Verifier;

/// The example that is run.
const EXAMPLE: &str = "examples/mystery-game";

/// Runs the matrix of verifiers and cases.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = Path::new(&crate::ci::target(workspace)?).join("third-party");
    let verifiers = verifier::prepare(workspace, &folder)?;
    let cases = folder.join("cases");
    if cases.exists() {
        std::fs::remove_dir_all(&cases).map_err(Error::file("remove", &cases))?;
    }
    std::fs::create_dir_all(&cases).map_err(Error::file("create", &cases))?;
    let keys = Keys::create(workspace, &cases)?;
    let signed = signed(workspace, &cases, &keys)?;
    let mut findings = matrix(&verifiers, "a run as it was signed", &signed, &keys.ours, true)?;
    findings.extend(matrix(&verifiers, "the key of someone else", &signed, &keys.openssl, false)?);
    let theirs = again(workspace, &signed, &cases, &keys)?;
    findings.extend(matrix(&verifiers, "a key that openssl made", &theirs, &keys.openssl, true)?);
    for tampering in TAMPERINGS {
        let case = cases.join(tampering.name);
        copy(&signed, &case)?;
        (tampering.apply)(&case)?;
        findings.extend(matrix(&verifiers, tampering.what, &case, &keys.ours, false)?);
    }
    findings.extend(documents::check(workspace, &folder, &cases)?);
    report("third-party", findings)
}

/// What every verifier says of a case, and where that is not what it should say.
fn matrix(verifiers: &[Verifier], what: &str, run: &Path, key: &Path, wanted: bool) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    println!("{what}:");
    for verifier in verifiers {
        let (accepts, said) = verifier.ask(run, &key.with_extension("pub"))?;
        println!("    {:<26} {}", verifier.name, said);
        if accepts != wanted {
            let message = format!("{} {what}", if accepts { "accepts" } else { "refuses" });
            findings.push(Finding::new(verifier.name, message));
        }
    }
    Ok(findings)
}

/// Two private keys, each beside its public half.
struct Keys {
    /// Made by `cargo orket keygen`.
    ours: PathBuf,
    /// Made by openssl.
    openssl: PathBuf,
}

impl Keys {
    fn create(workspace: &Workspace, folder: &Path) -> Result<Self> {
        let (ours, openssl) = (folder.join("ours.key"), folder.join("openssl.key"));
        process::stdout(orket(workspace)?.args(["keygen", "--out"]).arg(ours.with_extension("")))?;
        let mut make = Command::new("openssl");
        process::stdout(make.args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(&openssl))?;
        let mut print = Command::new("openssl");
        print.args(["pkey", "-pubout", "-in"]).arg(&openssl).arg("-out").arg(openssl.with_extension("pub"));
        process::stdout(&mut print)?;
        Ok(Self { ours, openssl })
    }
}

/// The tool, as cargo would call it.
fn orket(workspace: &Workspace) -> Result<Command> {
    let mut command = Command::new(process::tool(workspace, false)?);
    command.arg("orket");
    Ok(command)
}

/// The folder of a run of the example that was signed before it was published.
fn signed(workspace: &Workspace, cases: &Path, keys: &Keys) -> Result<PathBuf> {
    let example = workspace.root.join(EXAMPLE);
    let mut command = orket(workspace)?;
    command.args(["run", "mystery_v1", "--seed", "123", "--script", "scripts/quick-win.txt", "--locked"]);
    command.args(["--message-format", "json", "--target-dir", &crate::ci::target(workspace)?]);
    command.arg("--sign-key").arg(&keys.ours).current_dir(example);
    let told = process::stdout(&mut command)?;
    let mut messages = told.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let finished = messages.find(|message| message["reason"] == "orket-run-finished");
    let folder = finished.as_ref().and_then(|message| message["run"]["folder"].as_str());
    let folder = folder.ok_or_else(|| Error::Other("the run was not published".to_owned()))?;
    let target = cases.join("signed");
    copy(Path::new(folder), &target)?;
    std::fs::remove_dir_all(folder).map_err(Error::file("remove", Path::new(folder)))?;
    Ok(target)
}

/// A copy of the run that is signed by the other key alone.
fn again(workspace: &Workspace, signed: &Path, cases: &Path, keys: &Keys) -> Result<PathBuf> {
    let run = cases.join("again");
    copy(signed, &run)?;
    for name in ["provenance.dsse.json", "provenance.sigstore.json", "record.dsse.json"] {
        std::fs::remove_file(run.join(name)).map_err(Error::file("remove", &run.join(name)))?;
    }
    process::stdout(orket(workspace)?.arg("sign").arg(&run).arg("--key").arg(&keys.openssl))?;
    Ok(run)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).map_err(Error::file("create", to))?;
    for entry in std::fs::read_dir(from).map_err(Error::file("list", from))? {
        let entry = entry.map_err(Error::file("list", from))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).map_err(Error::file("copy", &entry.path()))?;
        }
    }
    Ok(())
}
