//! Checks a run's folder: recomputes every digest from bytes, and looks at the signatures.
//!
//! Invariants: nothing is believed because another file of the folder says it; every issue is reported; what
//! could not be checked is named with the reason. Nothing of the extension runs.

mod files;
mod outside;
mod plan;
mod signatures;
mod statement;
mod transcript;

use super::PublicKey;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use serde::Serialize;
use statement::Statement;
use std::path::{Path, PathBuf};

/// What a folder is checked with.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The keys that are trusted.
    pub keys: Vec<PublicKey>,
    /// How many of them must have signed; at least one when there are any.
    pub threshold: usize,
    /// The program that ran.
    pub program: Option<PathBuf>,
    /// The `Cargo.lock` that it was built with.
    pub lockfile: Option<PathBuf>,
    /// The package that the extension was installed from.
    pub package: Option<PathBuf>,
    /// The folder below which the materials lie.
    pub materials: Option<PathBuf>,
}

/// A signature on the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// The name of the key that is said to have made it.
    pub keyid: String,
    /// Whether it holds for a key that was given; without that key nobody can tell.
    pub verified: bool,
}

/// Something that was not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unchecked {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// A folder against which nothing was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The digest of the statement: of `provenance.json`.
    pub statement: Digest,
    /// The signatures on it.
    pub signatures: Vec<Signature>,
    /// What was recomputed and holds.
    pub checked: Vec<String>,
    /// What was not checked.
    pub unchecked: Vec<Unchecked>,
}

impl Verdict {
    /// The keys that were given and whose signatures hold.
    pub fn signed_by(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().filter(|one| one.verified).map(|one| one.keyid.as_str())
    }
}

/// Checks the record in a folder.
///
/// # Errors
/// Everything that was found: `attest.*`, `artifact.*`, `transcript.damaged`, `json.*`, `store.failed`.
pub fn verify(folder: &Path, request: &Request) -> Result<Verdict, Vec<Issue>> {
    let statement = Statement::read(folder).map_err(|issue| vec![issue])?;
    let mut findings = Findings::default();
    files::check(folder, &statement, &mut findings);
    let signatures = signatures::check(folder, &statement, request, &mut findings);
    outside::check(&statement, request, &mut findings);
    let Findings { checked, unchecked, issues } = findings;
    if issues.is_empty() {
        Ok(Verdict { statement: statement.digest, signatures, checked, unchecked })
    } else {
        Err(issues)
    }
}

/// Checks the record in a folder by itself, as it is before it is signed.
///
/// # Errors
/// As [`verify`], but for the signatures.
pub(super) fn check(folder: &Path) -> Result<(), Vec<Issue>> {
    let statement = Statement::read(folder).map_err(|issue| vec![issue])?;
    let mut findings = Findings::default();
    files::check(folder, &statement, &mut findings);
    if findings.issues.is_empty() { Ok(()) } else { Err(findings.issues) }
}

/// What the parts of the check come to.
#[derive(Default)]
struct Findings {
    checked: Vec<String>,
    unchecked: Vec<Unchecked>,
    issues: Vec<Issue>,
}

impl Findings {
    /// Takes what a check of `what` found; nothing means that it holds.
    fn take(&mut self, what: &str, issues: Vec<Issue>) {
        if issues.is_empty() {
            self.checked.push(what.to_owned());
        }
        self.issues.extend(issues);
    }

    /// Takes a check that ends with its first issue.
    fn take_one(&mut self, what: &str, result: Result<(), Issue>) {
        self.take(what, result.err().into_iter().collect());
    }

    fn leave(&mut self, what: &str, why: &str) {
        self.unchecked.push(Unchecked { what: what.to_owned(), why: why.to_owned() });
    }
}
