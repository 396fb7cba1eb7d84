//! `new`: a crate for a new extension, whole or not at all.

use crate::args::{NewArgs, Vcs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report};
use crate::template::{CrateName, Migrated, Sdk, Template, Values, joins_workspace};
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Creates the crate, or lists the templates.
pub(super) fn run(args: &NewArgs, report: &Report) -> Result<Exit> {
    let Some(path) = args.path.as_ref().filter(|_| !args.list) else {
        list(report);
        return Ok(Exit::Ok);
    };
    let template = Template::find(&args.template)?;
    let target = std::path::absolute(path).map_err(Error::file("find", path))?;
    let target = target.components().collect::<PathBuf>();
    let name = name(&target)?;
    let wanted =
        Wanted { template, name: &name, sdk: args.sdk.as_deref(), edition: &args.edition, vcs: args.vcs };
    wanted.write(&target, path, None, report)?;
    report.next(&[
        &format!("cd {}", path.display()),
        &format!("cargo orket run {}", name.workload()),
        "cargo orket verify",
    ]);
    Ok(Exit::Ok)
}

/// A crate that is wanted.
pub(super) struct Wanted<'a> {
    pub(super) template: Template,
    pub(super) name: &'a CrateName,
    pub(super) sdk: Option<&'a str>,
    pub(super) edition: &'a str,
    pub(super) vcs: Vcs,
}

impl Wanted<'_> {
    /// Writes it into `target`, which was given as `path`, and says so.
    ///
    /// # Errors
    /// `template.target-exists`; [`Error::Usage`] for an SDK that is not there.
    pub(super) fn write(
        &self,
        target: &Path,
        path: &Path,
        from: Option<&Migrated>,
        report: &Report,
    ) -> Result<()> {
        let (name, template) = (self.name, self.template);
        vacant(target, path)?;
        let sdk = self.sdk.map_or_else(Sdk::standard, Sdk::parse)?;
        let travels = !matches!(sdk, Sdk::Path(_));
        let parent = existing_parent(target)?;
        let sdk = sdk.seen_from(target);
        let own_workspace = !joins_workspace(target);
        let values = Values { name, edition: self.edition, sdk: &sdk, own_workspace, from };
        create(template, target, &parent, &values, self.vcs)?;
        report.status("Created", &format!("extension `{}` from template `{}`", name.as_str(), template.name));
        if !travels {
            report.warn(&format!(
                "the SDK is a path on this machine ({sdk}), which does not travel to CI or to other people; \
             `--sdk URL|VERSION` gives one that does"
            ));
        }
        let sdk = sdk.to_string();
        report.message(&Message::Created {
            name: name.as_str(),
            path: target,
            template: template.name,
            sdk: &sdk,
        });
        Ok(())
    }
}

fn list(report: &Report) {
    for template in Template::all() {
        let summary = template.summary();
        report.text(&format!("{:<12} {summary}", template.name));
        report.message(&Message::Template { name: template.name, summary: &summary });
    }
}

fn name(target: &Path) -> Result<CrateName> {
    let name = target
        .file_name()
        .ok_or_else(|| Error::Usage("the path of a new crate ends in its name".to_owned()))?;
    Ok(CrateName::parse(&name.to_string_lossy())?)
}

/// Refuses a target that is anything but absent or an empty folder.
fn vacant(target: &Path, shown: &Path) -> Result<()> {
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
fn create(template: Template, target: &Path, parent: &Path, values: &Values<'_>, vcs: Vcs) -> Result<()> {
    let stage = tempfile::Builder::new().prefix(".orket-new-").tempdir_in(parent);
    let stage = stage.map_err(Error::file("create a folder in", parent))?;
    let folder = stage.path().join(values.name.as_str());
    template.write(&folder, values)?;
    format(&folder, values.edition);
    if vcs == Vcs::Git && !is_in_repository(parent) {
        start_repository(&folder);
    }
    // A folder can be renamed over an empty one, and over nothing else.
    std::fs::rename(&folder, target).map_err(Error::file("create", target))
}

/// The order of imports and the breaks of lines depend on the name; without rustfmt they stay as they are.
fn format(folder: &Path, edition: &str) {
    let sources = ["src/main.rs", "src/lib.rs", "tests/workload.rs"].map(|file| folder.join(file));
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", edition]).args(sources.iter().filter(|file| file.is_file()));
    let _ = quietly(&mut rustfmt).status();
}

fn is_in_repository(folder: &Path) -> bool {
    folder.ancestors().any(|folder| folder.join(".git").exists())
}

/// A crate without a repository is a crate too, so a missing git is no error.
fn start_repository(folder: &Path) {
    let _ = quietly(Command::new("git").arg("init").current_dir(folder)).status();
}

fn quietly(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}
