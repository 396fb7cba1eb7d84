//! `sign`: a signature on the record of a run.

use crate::args::SignArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::host;
use crate::report::{Message, Report};
use orket_engine::attest::{self, PrivateKey, Signed};
use std::path::Path;

/// Recomputes what is signed, then signs it.
pub(super) fn run(args: &SignArgs, report: &Report) -> Result<Exit> {
    let key = key(&args.key, report)?;
    let folder = super::attest::folder(&args.run, &args.place, report)?;
    show(&attest::sign(&folder, &key)?, report);
    Ok(Exit::Ok)
}

/// Reads a private key, and warns where it is private no more.
pub(super) fn key(path: &Path, report: &Report) -> Result<PrivateKey> {
    let key = PrivateKey::read(path)?;
    PrivateKey::exposed(path).iter().for_each(|issue| report.issue(issue));
    Ok(key)
}

/// Says what was signed, and by which key.
pub(super) fn show(signed: &Signed, report: &Report) {
    report.status("Signed", &format!("{} as {}", host::relative(&signed.folder).display(), signed.keyid));
    report.message(&Message::Signed(signed));
}
