//! `verify --bless`: what comes out now is what must come out from now on.

use super::super::replay::{differs, repeat};
use super::subject::{Subject, last};
use crate::args::VerifyArgs;
use crate::error::{Error, Result};
use crate::host::Asked;
use crate::report::{Message, Report};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_engine::ExtensionManager;
use orket_engine::journal::case;

/// The name of a case that nobody named.
const UNNAMED: &str = "default";

/// Records what comes out now.
pub(super) fn bless(
    manager: &ExtensionManager,
    subject: &Subject,
    args: &VerifyArgs,
    asked: &Asked,
    report: &Report,
) -> Result<()> {
    if subject.is_installed {
        let message =
            format!("`{}` is installed: record its cases in its project, and install it again", subject.name);
        return Err(Error::Usage(message));
    }
    let (finished, again, folder) = match &subject.case {
        Some(folder) => {
            let question = subject.question(asked)?;
            (manager.execute(question.request(), None, &mut ())?, question.request(), folder.clone())
        }
        None => {
            let name = args.case.as_deref().unwrap_or(UNNAMED);
            let folder = case::folder(&subject.root).join(subject.workload.as_str()).join(name);
            if folder.exists() {
                let issue = Issue::error(code::CASE_EXISTS, format!("{} exists already", folder.display()));
                return Err(issue
                    .with_hint("choose another name; `--bless` without run options records it anew")
                    .into());
            }
            let finished = manager.execute(asked.request(&subject.name, report), None, &mut ())?;
            (finished, asked.silent(&subject.name), folder)
        }
    };
    // What cannot repeat now would fail in every later `verify`.
    if let Some(divergence) = repeat(manager, again, finished.folder(), &mut ())? {
        return Err(differs(&divergence));
    }
    case::record(&finished, &folder, subject.case.is_some())?;
    report.status("Recorded", &folder.display().to_string());
    report.message(&Message::Case { workload: &subject.name, case: &last(&folder), path: &folder });
    Ok(())
}
