//! The engine as this tool uses it: built extensions in, a manager that has read them out.

mod console;
mod early;
mod facts;
mod installed;
mod interrupt;
mod origin;
mod places;
mod policy;
mod question;
mod recorded;
mod request;
mod services;
mod watch;

pub(crate) use console::{Console, Script};
pub(crate) use facts::{Facts, Used};
pub(crate) use installed::{may_be_installed, offering};
pub(crate) use interrupt::end_on_interrupt;
pub(crate) use places::{Places, relative, resolve};
pub(crate) use policy::{policy, warn_machine_std, warn_weakened};
pub(crate) use question::Question;
pub(crate) use recorded::Recorded;
pub(crate) use request::{Asked, random_seed};
pub(crate) use services::services;
pub(crate) use watch::Watch;

use crate::args::{AskedArgs, PolicyArgs, Selection};
use crate::error::Result;
use crate::project::{self, Artifact, Extension, Index, Project};
use crate::report::Report;
use crate::reproduce;
use early::Early;
pub(crate) use early::remembered;
use orket_engine::ExtensionManager;
use orket_engine::loader::{self, Candidate, Resolved};

/// Reads the extensions that may offer a workload (all that are selected when none is named): those of the
/// project here, built by the shortest way, else those that are installed.
///
/// # Errors
/// What cargo or the loader refuse; what says that an installed extension was changed; a `--material` that
/// no workload takes.
pub(crate) fn open(
    selection: &Selection,
    policy: &PolicyArgs,
    workload: Option<&str>,
    report: &Report,
) -> Result<ExtensionManager> {
    let manager = find(selection, policy, workload, report)?;
    policy::check_materials(&manager)?;
    Ok(manager)
}

/// What runs that are compared are asked for with, and the manager that makes them: what is weaker than usual is said, and an
/// interrupt ends them.
///
/// # Errors
/// As [`open`]; what cannot be read of the request or is no service.
pub(crate) fn begin(
    args: &AskedArgs,
    workload: Option<&str>,
    report: &Report,
) -> Result<(Asked, ExtensionManager)> {
    let asked = Asked::read(&args.request)?;
    let services = services(&args.services)?;
    let manager = open(&args.selection, &args.policy, workload, report)?.with_services(services);
    warn_weakened(manager.policy(), report);
    end_on_interrupt(manager.interrupt(), report);
    Ok((asked, manager))
}

fn find(
    selection: &Selection,
    policy: &PolicyArgs,
    workload: Option<&str>,
    report: &Report,
) -> Result<ExtensionManager> {
    let Some(name) = workload.filter(|_| may_be_installed(selection)) else {
        return open_here(selection, policy, workload, report);
    };
    match open_here(selection, policy, workload, report) {
        Ok(mut manager) => {
            installed::complete(&mut manager, name)?;
            Ok(manager)
        }
        Err(error) if error.is_no_project() => {
            let mut manager = ExtensionManager::new(policy::policy(policy)?);
            let offering = offering(name)?;
            if offering.is_empty() {
                return Err(installed::nothing(name, error));
            }
            for resolved in offering {
                manager.add(resolved);
            }
            Ok(manager)
        }
        Err(error) => Err(error),
    }
}

/// Builds the extensions of the project here and reads their manifests.
fn open_here(
    selection: &Selection,
    policy: &PolicyArgs,
    workload: Option<&str>,
    report: &Report,
) -> Result<ExtensionManager> {
    let allowed = policy::policy(policy)?;
    // A reproducible build has a target folder of its own, and only cargo's metadata say where.
    if !selection.compilation.reproducible
        && let Some(extension) = project::current(selection)?
    {
        let mut early = Early::begin(std::slice::from_ref(&extension));
        if let Some(artifact) = project::build_current(extension, selection, report)? {
            let mut manager = ExtensionManager::new(allowed);
            early.load(&mut manager, &artifact)?;
            return Ok(manager);
        }
    }
    let manager = open_known(selection, policy, workload, report)?.0;
    project::warn(&manager, workload, report);
    Ok(manager)
}

/// The same, with what cargo knows of each package; those in Python come after them.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_known(
    selection: &Selection,
    policy: &PolicyArgs,
    workload: Option<&str>,
    report: &Report,
) -> Result<(ExtensionManager, Vec<Artifact>)> {
    let policy = policy::policy(policy)?;
    let project = project::discover(selection, report)?;
    let mut index = Index::open(&project.target_directory);
    let wanted = narrowed(&project, &index, workload);
    let mut early = Early::begin(&wanted);
    let selection = &reproduce::selection(selection, &project.target_directory);
    let artifacts = project::build(&wanted, selection, report)?;
    let mut manager = ExtensionManager::new(policy);
    for artifact in &artifacts {
        let resolved = early.load(&mut manager, artifact)?;
        index.remember(&artifact.extension, resolved.manifest());
    }
    for folder in &project.python {
        project::load_python(&mut manager, folder)?;
    }
    Ok((manager, artifacts))
}

/// Reads the manifest of a built extension.
pub(crate) fn load<'a>(manager: &'a mut ExtensionManager, artifact: &Artifact) -> Result<&'a Resolved> {
    Ok(manager.add(read(artifact)?))
}

fn read(artifact: &Artifact) -> Result<Resolved> {
    let candidate = Candidate::new(artifact.extension.root.clone(), artifact.path.clone());
    Ok(loader::resolve(candidate)?)
}

/// The extensions that offer the workload, as far as the index knows, and those that it does not know.
fn narrowed(project: &Project, index: &Index, workload: Option<&str>) -> Vec<Extension> {
    let Some(workload) = workload.filter(|_| project.extensions.len() > 1) else {
        return project.extensions.clone();
    };
    let id = workload.rsplit('/').next().unwrap_or(workload);
    let may_offer = |extension: &&Extension| index.entry(extension).is_none_or(|entry| entry.offers(id));
    let wanted: Vec<_> = project.extensions.iter().filter(may_offer).cloned().collect();
    if wanted.is_empty() { project.extensions.clone() } else { wanted }
}
