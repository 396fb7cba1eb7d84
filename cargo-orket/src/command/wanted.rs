//! A crate for a new extension, written whole or not at all.

use crate::args::Vcs;
use crate::error::{Error, Result};
use crate::report::{Message, Report};
use crate::template::{Chosen, CrateName, Migrated, Sdk, Template, Values, joins_workspace, rustfmt};
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a first run is provided with, by the variables that name it.
type Services = BTreeMap<String, String>;

/// A crate that is wanted.
pub(super) struct Wanted<'a> {
    pub(super) template: &'a Template,
    pub(super) name: &'a CrateName,
    pub(super) sdk: Option<&'a str>,
    pub(super) edition: &'a str,
    pub(super) vcs: Vcs,
    pub(super) chosen: &'a Chosen,
}

impl Wanted<'_> {
    /// Writes it into `target`, which was given as `path`, and says so; gives what a first run is provided with.
    ///
    /// # Errors
    /// `template.target-exists`, `template.invalid`; [`Error::Usage`] for an SDK that is not there.
    pub(super) fn write(
        &self,
        target: &Path,
        path: &Path,
        from: Option<&Migrated>,
        report: &Report,
    ) -> Result<Services> {
        let (name, template) = (self.name, self.template);
        vacant(target, path)?;
        let sdk = self.sdk.map_or_else(Sdk::standard, Sdk::parse)?;
        let travels = !matches!(sdk, Sdk::Path(_));
        let parent = existing_parent(target)?;
        let sdk = sdk.seen_from(target);
        let own_workspace = !joins_workspace(target);
        let values =
            Values { name, edition: self.edition, sdk: &sdk, own_workspace, from, chosen: self.chosen };
        create(template, target, &parent, &values, self.vcs)?;
        report.status("Created", &format!("extension `{}` from template `{}`", name.as_str(), template.name));
        if !travels {
            report.warn(&format!(
                "the SDK is a path on this machine ({sdk}), which does not travel to CI or to other people; \
             `--sdk URL|VERSION` gives one that does"
            ));
        }
        report.message(&Message::Created {
            name: name.as_str(),
            path: target,
            template: &template.name,
            sdk: &sdk.to_string(),
        });
        template.services(&values)
    }
}

/// Refuses a target that is anything but absent or an empty folder.
pub(super) fn vacant(target: &Path, shown: &Path) -> Result<()> {
    let is_vacant = match std::fs::symlink_metadata(target) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(Error::file("look at", target)(error)),
        Ok(found) if found.is_dir() => {
            std::fs::read_dir(target).map_err(Error::file("list", target))?.next().is_none()
        }
        Ok(_) => false,
    };
    if is_vacant {
        return Ok(());
    }
    let place = Location { file: shown.display().to_string(), ..Location::default() };
    let issue =
        Issue::error(code::TEMPLATE_TARGET_EXISTS, "the target exists and is not an empty folder").at(place);
    Err(issue.with_hint("choose another name, or remove what is there").into())
}

/// The parent folder of the target; created, because a crate in a new folder is nothing unusual.
fn existing_parent(target: &Path) -> Result<PathBuf> {
    let parent = target.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(parent).map_err(Error::file("create", parent))?;
    Ok(parent.to_path_buf())
}

/// Writes into a hidden folder beside the target and renames it: there is no half-written crate.
fn create(template: &Template, target: &Path, parent: &Path, values: &Values<'_>, vcs: Vcs) -> Result<()> {
    let files = template.render(values)?;
    let stage = tempfile::Builder::new().prefix(".orket-new-").tempdir_in(parent);
    let stage = stage.map_err(Error::file("create a folder in", parent))?;
    let folder = stage.path().join(values.name.as_str());
    for file in files {
        let target = folder.join(&file.path);
        let around = target.parent().unwrap_or(&folder);
        std::fs::create_dir_all(around).map_err(Error::file("create", around))?;
        let formatted = if file.is_formatted { rustfmt(&file.bytes, values.edition, parent) } else { None };
        let bytes = formatted.unwrap_or(file.bytes);
        std::fs::write(&target, bytes).map_err(Error::file("write", &target))?;
    }
    if vcs == Vcs::Git && !is_in_repository(parent) {
        start_repository(&folder);
    }
    // A folder can be renamed over an empty one, and over nothing else.
    std::fs::rename(&folder, target).map_err(Error::file("create", target))
}

fn is_in_repository(folder: &Path) -> bool {
    folder.ancestors().any(|folder| folder.join(".git").exists())
}

/// A crate without a repository is a crate too, so a missing git is no error.
fn start_repository(folder: &Path) {
    let mut git = Command::new("git");
    git.arg("init").current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = git.status();
}
