//! Installed extensions, where the project does not offer what is asked for or there is none.

use crate::args::Selection;
use crate::error::{Error, Result};
use orket_contract::issue::Issue;
use orket_contract::{code, suggest};
use orket_engine::home::Home;
use orket_engine::loader::Resolved;
use orket_engine::{ExtensionManager, install};

/// Whether a search that began in a project may go on among what is installed.
pub(crate) fn may_be_installed(selection: &Selection) -> bool {
    let wanted = &selection.workspace;
    selection.manifest.manifest_path.is_none()
        && wanted.package.is_empty()
        && !wanted.workspace
        && !wanted.all
}

/// What is installed and offers a workload, checked against what was installed.
///
/// # Errors
/// `catalog.*`, and what says that an installed extension was changed.
pub(crate) fn offering(name: &str) -> Result<Vec<Resolved>> {
    // Who has no home has installed nothing.
    Home::of_environment().map_or(Ok(Vec::new()), |home| Ok(install::load(&home, name)?))
}

/// Takes in what is installed, unless the project offers the workload itself.
///
/// # Errors
/// As [`offering`].
pub(super) fn complete(manager: &mut ExtensionManager, name: &str) -> Result<()> {
    let is_unknown = manager.find(name).is_err_and(|error| first(&error.issues()) == code::WORKLOAD_UNKNOWN);
    if is_unknown {
        for resolved in offering(name)? {
            manager.add(resolved);
        }
    }
    Ok(())
}

/// Why there is nothing to run where there is no project and nothing installed offers the workload.
pub(super) fn nothing(name: &str, no_project: Error) -> Error {
    let installed = Home::of_environment().and_then(|home| install::installed(&home)).unwrap_or_default();
    let known: Vec<_> =
        installed.iter().filter(|entry| entry.current).flat_map(|entry| &entry.workloads).collect();
    if known.is_empty() {
        return no_project;
    }
    let message = format!("no installed extension offers a workload `{name}`, and no project is here");
    let issue = Issue::error(code::WORKLOAD_UNKNOWN, message);
    let list = known.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let near = suggest::nearest(name, known.iter().map(|id| id.as_str()));
    let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    issue.with_hint(format!("{near}installed workloads: {list}")).into()
}

fn first(issues: &[Issue]) -> &str {
    issues.first().map_or("", |issue| issue.code.as_str())
}
