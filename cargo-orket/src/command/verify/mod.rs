//! `verify`: recorded cases and fresh runs, in equal and in hostile surroundings, down to the first difference and its cause.

mod bless;
mod claim;
mod subject;
mod told;
mod trials;

use super::grants::Grants;
use crate::args::VerifyArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::{self, Asked};
use crate::report::Report;
use claim::Claims;
use orket_engine::ExtensionManager;
use orket_engine::journal::Divergence;
use orket_engine::verification::Found;
use std::time::Instant;
pub(super) use subject::Subject;
pub(super) use told::warn_ambient;
pub(super) use trials::{Trials, begins};

/// Verifies, or with `--bless` records.
pub(super) fn run(args: &VerifyArgs, report: &Report) -> Result<Exit> {
    if args.rebuild {
        return super::rebuild::run(args, report);
    }
    if let Some(seeds) = args.sweep.seeds {
        return super::sweep::run(args, seeds, report);
    }
    let (asked, manager) = host::begin(&args.asked, args.workload.as_deref(), report)?;
    let subjects = subject::subjects(&manager, args)?;
    if args.ambient {
        warn_ambient(&manager, report)?;
    }
    let (mut exit, mut grants, mut claims) = (Exit::Ok, Grants::default(), Claims::of(args, report)?);
    for subject in &subjects {
        if args.bless {
            bless::bless(&manager, subject, args, &asked, report)?;
            continue;
        }
        let found = verify(&manager, subject, args, &asked, &mut grants, report)?;
        if !found.verdict.holds() {
            exit = Exit::Negative;
        }
        claims.take(&manager, subject, &asked, found)?;
    }
    manager.extensions().for_each(|extension| grants.tell(extension, report));
    claims.write(report)?;
    Ok(exit)
}

/// What is found out about a subject, which is told.
fn verify(
    manager: &ExtensionManager,
    subject: &Subject,
    args: &VerifyArgs,
    asked: &Asked,
    grants: &mut Grants,
    report: &Report,
) -> Result<Found> {
    let begun = Instant::now();
    let progress = report.progress("Verifying", &subject.shown());
    let found = Trials { manager, subject, args, progress: &progress, begins: begins() }.run(asked, grants);
    drop(progress);
    let found = match found {
        // A run that is refused does not repeat a case; the others are still worth knowing.
        Err(Error::Host(orket_engine::Error::Refused { phase, issues })) => {
            grants.see_refused(&subject.name, &issues);
            Found::refused(&orket_engine::Error::Refused { phase, issues })
        }
        found => found?,
    };
    told::tell(&found, begun.elapsed(), subject, args, asked, report);
    Ok(found)
}

/// The event before a difference, which often says what led there.
pub(super) fn before(divergence: &Divergence) -> Option<String> {
    let event = divergence.before.last()?.to_string();
    let shown: String = event.chars().take(160).collect();
    Some(format!("the event before it was {shown}"))
}
