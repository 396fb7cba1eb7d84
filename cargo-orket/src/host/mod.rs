//! The engine as this tool uses it: built extensions in, a manager that has read them out.

mod console;
mod early;
mod facts;
mod interrupt;
mod places;
mod recorded;
mod request;
mod watch;

pub(crate) use console::{Console, Script};
pub(crate) use facts::{Facts, Used};
pub(crate) use interrupt::end_on_interrupt;
pub(crate) use places::{Places, relative, resolve};
pub(crate) use recorded::Recorded;
pub(crate) use request::Asked;
pub(crate) use watch::Watch;

use crate::args::{PolicyArgs, Selection};
use crate::error::{Error, Result};
use crate::project::{self, Artifact, Extension, Index, Project};
use crate::report::Report;
use early::Early;
use orket_engine::loader::{Candidate, Resolved};
use orket_engine::sandbox::{Launcher, Layer};
use orket_engine::{ExtensionManager, Policy};

/// Builds the extensions that may offer a workload (all that are selected when none is named) and reads their
/// manifests, by the shortest way.
///
/// # Errors
/// What cargo or the loader refuse.
pub(crate) fn open(
    selection: &Selection,
    policy: &PolicyArgs,
    workload: Option<&str>,
    report: &Report,
) -> Result<ExtensionManager> {
    let allowed = self::policy(policy)?;
    if let Some(extension) = project::current(selection)? {
        let mut early = Early::begin(std::slice::from_ref(&extension));
        if let Some(artifact) = project::build_current(extension, selection, report)? {
            let mut manager = ExtensionManager::new(allowed, launcher()?);
            early.load(&mut manager, &artifact)?;
            return Ok(manager);
        }
    }
    Ok(open_known(selection, policy, workload, report)?.0)
}

/// The same, with what cargo knows of each package.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_known(
    selection: &Selection,
    policy: &PolicyArgs,
    workload: Option<&str>,
    report: &Report,
) -> Result<(ExtensionManager, Vec<Artifact>)> {
    let policy = self::policy(policy)?;
    let project = project::discover(selection, report)?;
    let mut index = Index::open(&project.target_directory);
    let wanted = narrowed(&project, &index, workload);
    let mut early = Early::begin(&wanted);
    let artifacts = project::build(&wanted, selection, report)?;
    let mut manager = ExtensionManager::new(policy, launcher()?);
    for artifact in &artifacts {
        let resolved = early.load(&mut manager, artifact)?;
        index.remember(&artifact.extension, resolved.manifest());
    }
    Ok((manager, artifacts))
}

/// Reads the manifest of a built extension.
pub(crate) fn load<'a>(manager: &'a mut ExtensionManager, artifact: &Artifact) -> Result<&'a Resolved> {
    let candidate = Candidate::new(artifact.extension.root.clone(), artifact.path.clone());
    Ok(manager.load(candidate)?)
}

/// The way into the sandbox: this very binary.
pub(crate) fn launcher() -> Result<Launcher> {
    Launcher::current_exe().map_err(|error| Error::Host(error.into()))
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

/// What the command line and the environment allow.
///
/// # Errors
/// [`Error::Usage`] for a name that is no capability or layer.
pub(crate) fn policy(args: &PolicyArgs) -> Result<Policy> {
    let mut policy =
        Policy { reliable: !args.no_reliable && is_reliable_by_environment(), ..Policy::default() };
    for name in &args.deny {
        if orket_contract::capability::find(name).is_none() {
            let near = orket_contract::capability::nearest(name);
            return Err(unknown("deny", name, "capability", near));
        }
        policy.deny.insert(name.clone());
    }
    for name in &args.accept_missing {
        let layer = Layer::ALL.into_iter().find(|layer| layer.name() == name);
        let near = || orket_contract::suggest::nearest(name, Layer::ALL.map(Layer::name));
        policy
            .weakenings
            .push(layer.ok_or_else(|| unknown("accept-missing", name, "layer of the sandbox", near()))?);
    }
    if let Some(seconds) = args.time_limit {
        policy.wall_ms_max = seconds.saturating_mul(1000);
    }
    Ok(policy)
}

fn unknown(flag: &str, name: &str, what: &str, near: Option<&str>) -> Error {
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Error::Usage(format!("`--{flag} {name}`: `{name}` is not a {what}{near}"))
}

/// Reliable Mode is on, whatever the variable holds, unless it says no.
fn is_reliable_by_environment() -> bool {
    let value = std::env::var("ORKET_RELIABLE_MODE").unwrap_or_default();
    !["0", "false", "no", "off"].contains(&value.to_ascii_lowercase().as_str())
}
