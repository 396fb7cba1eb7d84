//! Building an extension so that another folder gives the same bytes, and building it in another folder to see
//! whether that is so.

mod cause;
mod compare;
mod elsewhere;
mod recipe;
mod time;
pub(crate) mod wrapper;

pub(crate) use cause::Finding;
pub(crate) use recipe::Recipe;

use crate::args::Selection;
use crate::error::{Error, Result};
use crate::project::{self, Artifact};
use crate::report::Report;
use elsewhere::Elsewhere;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The folder below the target folder in which reproducible builds have their own.
const HERE: &str = "reproducible";
/// The ones for the builds of copies: by the recipe, and without. Cargo could not tell what either left.
const THERE: &str = "reproducible-elsewhere";
const THERE_PLAIN: &str = "elsewhere";

/// The selection with what makes a build reproducible; its target folder is one of its own, because cargo does not
/// see that rustc gets other flags.
pub(crate) fn selection(selection: &Selection, target: &Path) -> Selection {
    let mut selection = selection.clone();
    if selection.compilation.reproducible {
        selection.compilation.target_dir = Some(target.join(HERE));
    }
    selection
}

/// What a second build in another folder came to.
#[derive(Debug, Serialize)]
pub(crate) struct Proof {
    /// The digest of the program that was built here.
    pub(crate) here: Digest,
    /// The digest of the one that was built elsewhere.
    pub(crate) elsewhere: Digest,
    /// The sections that differ, by name.
    pub(crate) sections: Vec<String>,
    /// Why, as far as it shows.
    pub(crate) findings: Vec<Finding>,
}

impl Proof {
    /// Whether both programs are the same bytes.
    pub(crate) fn holds(&self) -> bool {
        self.here == self.elsewhere
    }

    /// What stands against it, the likely causes first.
    pub(crate) fn issues(&self) -> Vec<Issue> {
        if self.holds() {
            return Vec::new();
        }
        let sections = match self.sections.as_slice() {
            [] => "outside of its sections".to_owned(),
            names => format!("in {}", names.join(", ")),
        };
        let message = format!("built in another folder, the program differs {sections}");
        let summary = Issue::error(code::BUILD_NOT_REPRODUCIBLE, message);
        let causes = self.findings.iter().map(Finding::issue);
        if self.findings.is_empty() {
            let hint = "compare both programs with `diffoscope`; a procedural macro may read what differs";
            return vec![summary.with_hint(hint)];
        }
        [summary].into_iter().chain(causes).collect()
    }
}

/// The folders that an extension depends on by absolute paths: elsewhere, they must be there, too.
pub(crate) fn fixed(artifact: &Artifact) -> Vec<PathBuf> {
    elsewhere::fixed(&artifact.extension).into_iter().collect()
}

/// Builds the extension of a program once more from a copy of its sources, and compares.
///
/// # Errors
/// `build.failed`; [`Error::File`].
pub(crate) fn prove(artifact: &Artifact, selection: &Selection, report: &Report) -> Result<Proof> {
    let copy = Elsewhere::of(&artifact.extension)?;
    let target = target_there(artifact);
    let mut there = selection.clone();
    there.manifest.manifest_path = Some(copy.extension().manifest_path.clone());
    there.compilation.target_dir = Some(target);
    report.status("Rebuilding", &format!("{} in {}", artifact.extension.name, copy.root().display()));
    let built = project::build(std::slice::from_ref(copy.extension()), &there, report)?;
    let other = built.first().ok_or_else(|| Error::Usage("nothing was built".to_owned()))?;
    let (ours, theirs) = (read(&artifact.path)?, read(&other.path)?);
    let sections = compare::differing(&ours, &theirs);
    let findings =
        if ours == theirs { Vec::new() } else { cause::find(artifact, other, &ours, &theirs, &copy) };
    let names = sections.into_iter().collect();
    Ok(Proof { here: Digest::of(&ours), elsewhere: Digest::of(&theirs), sections: names, findings })
}

/// The target folder of copies: in the one that the program was built in, or beside it.
fn target_there(artifact: &Artifact) -> PathBuf {
    let is_target = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    let here = artifact.path.ancestors().find(is_target).unwrap_or(Path::new("target"));
    if here.ends_with(HERE) { here.with_file_name(THERE) } else { here.join(THERE_PLAIN) }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(Error::file("read", path))
}
