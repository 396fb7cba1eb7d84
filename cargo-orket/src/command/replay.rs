//! `replay`: a recorded run once more, with every answer from its record.

use crate::args::ReplayArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::{self, Asked, Recorded, Script, Watch};
use crate::report::{Message, Report};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_engine::journal::Divergence;
use orket_engine::{Authorized, ExtensionManager, Observer, Request};
use std::path::Path;

/// Replays and names the first difference. Nothing is published.
pub(super) fn run(args: &ReplayArgs, report: &Report) -> Result<Exit> {
    let recorded = Recorded::find(&args.run, &args.selection, report)?;
    let asked = Asked {
        seed: recorded.seed,
        input: recorded.input.clone(),
        kv: recorded.kv.clone(),
        script: Script::Lines(Vec::new()),
        memory: recorded.memory.clone(),
    };
    let manager = host::open(&args.selection, &args.policy, Some(&recorded.workload), report)?;
    host::warn_weakened(manager.policy(), report);
    report.status("Replaying", &format!("{} with seed {}", recorded.workload, recorded.seed));
    host::end_on_interrupt(manager.interrupt(), report);
    let request = asked.request(&recorded.workload, report);
    let divergence = repeat(&manager, request, &recorded.folder, &mut Watch { report })?;
    report.message(&Message::Verified {
        workload: &recorded.workload,
        case: None,
        runs: 1,
        repeats: divergence.is_none(),
        divergence: divergence.as_ref(),
        found: None,
    });
    match divergence {
        None => {
            report.status("Repeats", &recorded.folder.display().to_string());
            Ok(Exit::Ok)
        }
        Some(divergence) => Err(differs(&divergence)),
    }
}

/// Runs once more with every answer from the record in `folder`; the first difference, if there is one.
pub(super) fn repeat(
    manager: &ExtensionManager,
    request: Request,
    folder: &Path,
    observer: &mut dyn Observer,
) -> Result<Option<Divergence>> {
    repeat_seen(manager, request, folder, observer, &mut |_| {})
}

/// The same, with a look at what the run was allowed and used.
pub(super) fn repeat_seen(
    manager: &ExtensionManager,
    request: Request,
    folder: &Path,
    observer: &mut dyn Observer,
    see: &mut dyn FnMut(&Authorized),
) -> Result<Option<Divergence>> {
    let repeated = manager.repeat(request, folder, observer)?;
    repeated.authorized.iter().for_each(see);
    Ok(repeated.divergence)
}

/// The refusal that a divergence is.
pub(super) fn differs(divergence: &Divergence) -> Error {
    let issue = divergence.issue();
    debug_assert_eq!(issue.code, code::REPLAY_DIVERGED);
    Error::from(Issue { hint: issue.hint.or_else(|| super::verify::before(divergence)), ..issue })
}
