//! What is verified: recorded cases, and workloads without one.

use crate::args::VerifyArgs;
use crate::error::{Error, Result};
use crate::host::{Asked, Question};
use orket_contract::code;
use orket_contract::id::WorkloadId;
use orket_contract::issue::Issue;
use orket_contract::{id, suggest};
use orket_engine::ExtensionManager;
use orket_engine::journal::case::{self, Case};
use std::path::{Path, PathBuf};

/// How often something is run, where nobody says.
const RUNS: u32 = 10;

/// Something that must repeat.
pub(in super::super) struct Subject {
    /// `extension/workload`.
    pub(in super::super) name: String,
    pub(in super::super) workload: WorkloadId,
    pub(in super::super) root: PathBuf,
    /// Whether its files belong to a package.
    pub(in super::super) is_installed: bool,
    /// The recorded case; without one, runs are compared with each other.
    pub(in super::super) case: Option<PathBuf>,
}

/// Every case of every workload that is meant, and the workloads without one.
pub(super) fn subjects(manager: &ExtensionManager, args: &VerifyArgs) -> Result<Vec<Subject>> {
    let wanted = args.workload.as_deref().map(|name| manager.find(name)).transpose()?;
    let mut subjects = Vec::new();
    for extension in manager.extensions() {
        let manifest = extension.manifest();
        for workload in &manifest.workloads {
            let is_meant = wanted
                .is_none_or(|(owner, meant)| owner.manifest().id == manifest.id && meant.id == workload.id);
            if !is_meant {
                continue;
            }
            let new = |case| Subject {
                name: format!("{}/{}", manifest.id, workload.id),
                workload: workload.id.clone(),
                root: extension.root().to_path_buf(),
                is_installed: extension.origin().package.is_some(),
                case,
            };
            subjects
                .extend(chosen(case::all(extension.root(), Some(&workload.id))?, args)?.into_iter().map(new));
        }
    }
    orphans(manager, args)?;
    if subjects.is_empty() {
        return Err(no_case(manager, args));
    }
    if args.asked.request.is_given() && subjects.len() > 1 {
        let message = "name one workload to go with `--seed`, `--input`, `--script`, `--set` or `--kv`";
        return Err(Error::Usage(message.to_owned()));
    }
    Ok(subjects)
}

/// Refuses cases of workloads that an extension does not offer (any more): they would never be run.
fn orphans(manager: &ExtensionManager, args: &VerifyArgs) -> Result<()> {
    if args.workload.is_some() {
        return Ok(());
    }
    for extension in manager.extensions() {
        let is_orphan = |case: &&PathBuf| {
            let group = case.parent().and_then(Path::file_name).unwrap_or_default();
            extension.manifest().workload(&group.to_string_lossy()).is_none()
        };
        let cases = case::all(extension.root(), None)?;
        if let Some(case) = cases.iter().find(is_orphan) {
            let message = format!(
                "{} is a case of a workload that `{}` does not offer",
                case.display(),
                extension.manifest().id
            );
            let issue = Issue::error(code::CASE_INVALID, message);
            return Err(issue.with_hint("rename its folder with the workload, or remove it").into());
        }
    }
    Ok(())
}

/// The cases of a workload that are meant; `None` stands for what is not recorded.
fn chosen(cases: Vec<PathBuf>, args: &VerifyArgs) -> Result<Vec<Option<PathBuf>>> {
    if let Some(name) = &args.case {
        id::check(name).map_err(|fault| Error::Usage(format!("`--case {name}`: {fault}")))?;
    }
    if args.asked.request.is_given() {
        return Ok(vec![None]);
    }
    let Some(name) = &args.case else {
        let none = cases.is_empty().then_some(None);
        return Ok(cases.into_iter().map(Some).chain(none).collect());
    };
    let named: Vec<_> = cases.into_iter().filter(|case| case.ends_with(name)).map(Some).collect();
    let is_new = named.is_empty() && args.bless && args.workload.is_some();
    Ok(if is_new { vec![None] } else { named })
}

fn no_case(manager: &ExtensionManager, args: &VerifyArgs) -> Error {
    let name = args.case.as_deref().unwrap_or_default();
    let cases: Vec<PathBuf> = manager
        .extensions()
        .filter_map(|extension| case::all(extension.root(), None).ok())
        .flatten()
        .collect();
    let known: Vec<String> = cases.iter().map(|case| last(case)).collect();
    let issue = Issue::error(code::CASE_MISSING, format!("no recorded case `{name}` was found"));
    let hint = match suggest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`cargo orket verify WORKLOAD --bless --case {name}` records it"),
    };
    issue.with_hint(hint).into()
}

impl Subject {
    /// How a person calls it.
    pub(in super::super) fn shown(&self) -> String {
        match &self.case {
            Some(case) => format!("{} case {}", self.workload, last(case)),
            None => format!("{} (nothing recorded: compared with itself)", self.workload),
        }
    }

    /// The name of its case.
    pub(super) fn case_name(&self) -> Option<String> {
        self.case.as_deref().map(last)
    }

    /// How often it is run: what is compared with itself, twice at the least.
    pub(super) fn runs(&self, args: &VerifyArgs) -> u32 {
        args.runs.unwrap_or(RUNS).max(if self.case.is_some() { 1 } else { 2 })
    }

    /// What each of its runs is asked for with.
    ///
    /// # Errors
    /// `case.invalid`; what cannot be read of a script.
    pub(in super::super) fn question(&self, asked: &Asked) -> Result<Question> {
        match &self.case {
            Some(folder) => Ok(Question::of_case(Case::load_of(folder, &self.name)?, &self.name)),
            None => Question::of(asked, &self.name),
        }
    }
}

pub(super) fn last(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
