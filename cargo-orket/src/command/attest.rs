//! `attest verify`: what a run's record says, recomputed, and who answers for it.

use crate::args::{AttestVerifyArgs, PlaceArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host;
use crate::report::{Message, Report};
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use orket_engine::attest::{self, PublicKey, Request, Verdict};
use orket_engine::capability::console::visible;
use orket_engine::registry::PROVENANCE;
use std::path::{Path, PathBuf};

/// How the names of envelopes end.
pub(super) const DSSE: &str = ".dsse.json";

/// Checks the folder of a run, or the envelope of a claim; nothing runs.
pub(super) fn verify(args: &AttestVerifyArgs, report: &Report) -> Result<Exit> {
    if usize::from(args.threshold) > args.key.len().max(1) {
        let message = format!("`--threshold {}` asks for more keys than are given", args.threshold);
        return Err(Error::Usage(message));
    }
    let keys = args.key.iter().map(|path| PublicKey::read(path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(envelope) = single(&args.run) {
        let verdict =
            attest::verify_envelope(envelope, &keys, args.threshold.into()).map_err(Error::Refused)?;
        show(&verdict, report);
        report.message(&Message::Attestation { path: envelope, verdict: &verdict });
        return Ok(Exit::Ok);
    }
    let folder = folder(&args.run, &args.place, report)?;
    let request = Request {
        keys,
        threshold: args.threshold.into(),
        program: args.program.clone(),
        lockfile: args.lockfile.clone(),
        package: args.package_file.clone(),
        materials: args.materials.clone(),
    };
    let verdict = attest::verify(&folder, &request).map_err(Error::Refused)?;
    show(&verdict, report);
    report.message(&Message::Attestation { path: &folder, verdict: &verdict });
    Ok(Exit::Ok)
}

/// An envelope that no run lies around.
fn single(meant: &Path) -> Option<&Path> {
    let is_envelope = meant.is_file() && meant.to_string_lossy().ends_with(DSSE);
    (is_envelope && !meant.with_file_name(PROVENANCE).exists()).then_some(meant)
}

/// The folder of the run that is meant, of which nothing is read. A case has no provenance.
///
/// # Errors
/// `case.missing`, `run.ambiguous`.
pub(super) fn folder(meant: &Path, place: &PlaceArgs, report: &Report) -> Result<PathBuf> {
    let folder = host::resolve(meant, place, report)?;
    let path = folder.join(PROVENANCE);
    if path.symlink_metadata().is_ok() {
        return Ok(folder);
    }
    let place = Location { file: path.display().to_string(), ..Location::default() };
    let message = format!("{} is not the folder of a run", folder.display());
    Err(Issue::error(code::CASE_MISSING, message).at(place).into())
}

fn show(verdict: &Verdict, report: &Report) {
    verdict.checked.iter().for_each(|what| report.status("Checked", what));
    for signature in &verdict.signatures {
        match signature.verified {
            true => report.status("Signed", &format!("by {}", signature.keyid)),
            false => {
                let text = format!("the signature by {}: its key is not given", visible(&signature.keyid));
                report.status("Unchecked", &text);
            }
        }
    }
    verdict
        .unchecked
        .iter()
        .for_each(|one| report.status("Unchecked", &format!("{}: {}", one.what, one.why)));
    if verdict.signed_by().next().is_none() {
        report.warn("the record agrees with itself; nothing says who made it");
    }
    report.status("Verified", &format!("statement {}", verdict.statement));
}
