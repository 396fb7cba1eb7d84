//! What is got from elsewhere: allowed by the user's policy first, then fetched. Nothing of it runs.

use crate::config::Config;
use crate::error::{Error, Result};
use crate::host;
use crate::report::Report;
use orket_contract::issue::Issue;
use orket_engine::Interrupt;
use orket_engine::source::{self, Address, Fetched, Source};
use std::path::Path;

/// The source that a word means, if the policy allows it.
///
/// # Errors
/// `source.*`.
pub(super) fn allowed(word: &str, rev: Option<&str>, config: &Config, report: &Report) -> Result<Source> {
    let source = Source::parse(word, rev)?;
    let issues = config.source.check(&source);
    if issues.iter().any(Issue::is_error) {
        return Err(Error::Refused(issues));
    }
    issues.iter().for_each(|issue| report.issue(issue));
    Ok(source)
}

/// Fetches a revision into a folder that this makes.
///
/// # Errors
/// `git.*`, `source.*`.
pub(super) fn fetched(
    address: &Address,
    rev: Option<&str>,
    to: &Path,
    bytes_max: u64,
    report: &Report,
) -> Result<Fetched> {
    report.status("Fetching", &address.to_string());
    std::fs::create_dir(to).map_err(Error::file("create", to))?;
    let progress = report.progress("Fetching", &address.to_string());
    let interrupt = Interrupt::default();
    host::end_on_interrupt(interrupt.clone(), report);
    let fetched = source::fetch(address, rev, to, bytes_max, &interrupt);
    drop(progress);
    let fetched = fetched?;
    fetched.notes.iter().for_each(|issue| report.issue(issue));
    report.status("Fetched", &fetched.commit);
    Ok(fetched)
}
