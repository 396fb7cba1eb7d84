//! `replay`: a recorded run once more, with every answer from its record.

use crate::args::ReplayArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::{self, Asked, Recorded, Script, Watch};
use crate::report::{Message, Report};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_engine::journal::{Divergence, Recording, compare};

/// Replays and names the first difference. Nothing is published.
pub(super) fn run(args: &ReplayArgs, report: &Report) -> Result<Exit> {
    let recorded = Recorded::find(&args.run, &args.selection, report)?;
    let recording = Recording::load(&recorded.folder)?;
    let kv = args.kv.as_deref().map(host::kv).transpose()?.unwrap_or_else(|| recorded.kv.clone());
    let asked = Asked {
        seed: recorded.seed,
        input: recorded.input.clone(),
        kv,
        script: Script::Lines(Vec::new()),
        player: Vec::new(),
    };
    let manager = host::open(&args.selection, &args.policy, Some(&recorded.workload), report)?;
    report.status("Replaying", &format!("{} with seed {}", recorded.workload, recorded.seed));
    host::end_on_interrupt(&manager, report);
    let request = asked.request(&recorded.workload, report);
    let divergence = match manager.execute(request, Some(recording), &mut Watch { report }) {
        Ok(finished) => compare(&recorded.folder, finished.folder())?,
        Err(orket_engine::Error::Diverged(divergence)) => Some(*divergence),
        Err(other) => return Err(other.into()),
    };
    report.message(&Message::Verified {
        workload: &recorded.workload,
        case: None,
        runs: 1,
        repeats: divergence.is_none(),
        divergence: divergence.as_ref(),
    });
    match divergence {
        None => {
            report.status("Repeats", &recorded.folder.display().to_string());
            Ok(Exit::Ok)
        }
        Some(divergence) => Err(differs(&divergence)),
    }
}

fn differs(divergence: &Divergence) -> Error {
    let issue = divergence.issue();
    debug_assert_eq!(issue.code, code::REPLAY_DIVERGED);
    Error::from(Issue { hint: issue.hint.or_else(|| super::verify::before(divergence)), ..issue })
}
