//! `verify`: recorded cases and fresh runs, compared down to the first difference.

use super::grants::Grants;
use super::replay::{differs, repeat, repeat_seen};
use crate::args::VerifyArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::{self, Asked, Console};
use crate::report::{Message, Report};
use orket_contract::code;
use orket_contract::id::WorkloadId;
use orket_contract::issue::Issue;
use orket_contract::{id, suggest};
use orket_engine::journal::case::{self, Case};
use orket_engine::journal::{Divergence, Recording, compare};
use orket_engine::registry::Finished;
use orket_engine::{Authorized, ExtensionManager, Request};
use std::path::{Path, PathBuf};

/// The name of a case that nobody named.
const UNNAMED: &str = "default";

/// Something that must repeat.
struct Subject {
    /// `extension/workload`.
    name: String,
    workload: WorkloadId,
    root: PathBuf,
    /// Whether its files belong to a package.
    is_installed: bool,
    /// The recorded case; without one, runs are compared with each other.
    case: Option<PathBuf>,
}

/// Verifies, or with `--bless` records.
pub(super) fn run(args: &VerifyArgs, report: &Report) -> Result<Exit> {
    if args.rebuild {
        return super::rebuild::run(args, report);
    }
    if let Some(seeds) = args.sweep.seeds {
        return super::sweep::run(args, seeds, report);
    }
    let asked = Asked::read(&args.request)?;
    let services = host::services(&args.services)?;
    let manager = host::open(&args.selection, &args.policy, args.workload.as_deref(), report)?;
    let manager = manager.with_services(services);
    host::warn_weakened(manager.policy(), report);
    host::end_on_interrupt(manager.interrupt(), report);
    let subjects = subjects(&manager, args)?;
    let (mut exit, mut grants) = (Exit::Ok, Grants::default());
    for subject in &subjects {
        if args.bless {
            bless(&manager, subject, args, &asked, report)?;
        } else if !verify(&manager, subject, args, &asked, &mut grants, report)? {
            exit = Exit::Negative;
        }
    }
    manager.extensions().for_each(|extension| grants.tell(extension, report));
    Ok(exit)
}

/// Every case of every workload that is meant, and the workloads without one.
fn subjects(manager: &ExtensionManager, args: &VerifyArgs) -> Result<Vec<Subject>> {
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
    if args.request.is_given() && subjects.len() > 1 {
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
    if args.request.is_given() {
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

/// Whether a subject repeats; what differs is reported.
fn verify(
    manager: &ExtensionManager,
    subject: &Subject,
    args: &VerifyArgs,
    asked: &Asked,
    grants: &mut Grants,
    report: &Report,
) -> Result<bool> {
    let progress = report.progress("Verifying", &subject.shown());
    let found = match &subject.case {
        Some(case) => against_case(manager, subject, case, args.runs, grants),
        None => against_itself(manager, subject, args.runs.max(2), asked, grants),
    };
    drop(progress);
    let found = match found {
        Err(Error::Host(orket_engine::Error::Refused { phase, issues })) => {
            // A run that is refused does not repeat a case; the others are still worth knowing.
            grants.see_refused(&subject.name, &issues);
            let error = orket_engine::Error::Refused { phase, issues };
            error.issues().iter().for_each(|issue| report.issue(issue));
            subject.tell(args.runs, false, None, report);
            return Ok(false);
        }
        found => found?,
    };
    if let Some(divergence) = &found {
        let issue = divergence.issue();
        report.issue(&Issue { hint: issue.hint.or_else(|| before(divergence)), ..issue });
    }
    subject.tell(args.runs, found.is_none(), found.as_ref(), report);
    Ok(found.is_none())
}

fn against_case(
    manager: &ExtensionManager,
    subject: &Subject,
    folder: &Path,
    runs: u32,
    grants: &mut Grants,
) -> Result<Option<Divergence>> {
    let case = Case::load_of(folder, &subject.name)?;
    // From the record alone first: what differs then is the program's doing, whatever the host answers.
    let mut see = |run: &Authorized| grants.see(&subject.name, run);
    if let Some(divergence) = repeat_seen(manager, request(subject, &case), folder, &mut (), &mut see)? {
        return Ok(Some(divergence));
    }
    if Recording::load(folder)?.asks_services() {
        // What a service answers is not the workload's doing: the record answers, again and again.
        return (1..runs)
            .find_map(|_| repeat(manager, request(subject, &case), folder, &mut ()).transpose())
            .transpose();
    }
    for _ in 0..runs {
        let finished = manager.execute(request(subject, &case), None, &mut ())?;
        if let Some(divergence) = compare(folder, finished.folder())? {
            return Ok(Some(divergence));
        }
    }
    Ok(None)
}

fn against_itself(
    manager: &ExtensionManager,
    subject: &Subject,
    runs: u32,
    asked: &Asked,
    grants: &mut Grants,
) -> Result<Option<Divergence>> {
    let lines = asked.script.lines()?;
    let execute = || -> Result<Finished> {
        let request = Request { console: Console::silent(&lines), ..asked.silent(&subject.name) };
        Ok(manager.execute(request, None, &mut ())?)
    };
    let first = execute()?;
    grants.see(&subject.name, &first.checked.outcome.authorized);
    for _ in 1..runs {
        if let Some(divergence) = compare(first.folder(), execute()?.folder())? {
            return Ok(Some(divergence));
        }
    }
    Ok(None)
}

fn request(subject: &Subject, case: &Case) -> Request {
    Request {
        workload: subject.name.clone(),
        seed: case.seed,
        input: case.input.clone(),
        kv: case.kv.clone(),
        console: Console::silent(&case.script),
        memory: case.memory.clone(),
        screen: None,
        silent: true,
    }
}

/// Records what comes out now.
fn bless(
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
            let case = Case::load_of(folder, &subject.name)?;
            (
                manager.execute(request(subject, &case), None, &mut ())?,
                request(subject, &case),
                folder.clone(),
            )
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

impl Subject {
    fn shown(&self) -> String {
        match &self.case {
            Some(case) => format!("{} case {}", self.workload, last(case)),
            None => format!("{} (nothing recorded: compared with itself)", self.workload),
        }
    }

    fn tell(&self, runs: u32, repeats: bool, divergence: Option<&Divergence>, report: &Report) {
        let case = self.case.as_deref().map(last);
        let runs = if case.is_some() { runs } else { runs.max(2) };
        let how = if case.is_some() { "from its record and in" } else { "in" };
        let verb = if repeats { "Repeats" } else { "Differs" };
        report
            .status(verb, &format!("{} {how} {runs} run{}", self.shown(), if runs == 1 { "" } else { "s" }));
        report.message(&Message::Verified {
            workload: &self.name,
            case: case.as_deref(),
            runs,
            repeats,
            divergence,
        });
    }
}

/// The event before a difference, which often says what led there.
pub(super) fn before(divergence: &Divergence) -> Option<String> {
    let event = divergence.before.last()?.to_string();
    let shown: String = event.chars().take(160).collect();
    Some(format!("the event before it was {shown}"))
}

fn last(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
