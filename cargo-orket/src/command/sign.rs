//! `sign`: a signature on the record of a run.

use crate::args::SignArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::host;
use crate::report::{Message, Report};
use orket_engine::attest::{self, PrivateKey, Signed};

/// Recomputes what is signed, then signs it.
pub(super) fn run(args: &SignArgs, report: &Report) -> Result<Exit> {
    let key = PrivateKey::read(&args.key)?;
    let folder = super::attest::folder(&args.run, &args.place, report)?;
    show(&attest::sign(&folder, &key)?, report);
    Ok(Exit::Ok)
}

/// Says what was signed, and by which key.
pub(super) fn show(signed: &Signed, report: &Report) {
    report.status("Signed", &format!("{} as {}", host::relative(&signed.folder).display(), signed.keyid));
    report.message(&Message::Signed(signed));
}
