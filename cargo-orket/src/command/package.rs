//! `package`: one file with everything that an installed extension needs.

use crate::args::{PackageArgs, PolicyArgs, Selection};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::project::{self, Artifact};
use crate::report::{Message, Report, counted};
use crate::{cargo, host, sbom};
use orket_engine::loader::{Origin, Resolved, Source};
use orket_engine::package::{self, Content, Package};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Builds one extension, for release unless a profile is named, and packs it. What is to be reproducible and is not
/// gives no package.
pub(super) fn run(args: &PackageArgs, report: &Report) -> Result<Exit> {
    let mut selection = args.selection.clone();
    selection.compilation.reproducible = args.reproducible;
    let built = Built::of(&selection, report)?;
    if args.reproducible && !built.is_reproducible(report)? {
        return Ok(Exit::Negative);
    }
    let resolved = built.resolved();
    let manifest = resolved.manifest();
    let named = || PathBuf::from(format!("{}-{}.{}", manifest.id, manifest.version, package::EXTENSION));
    let output = args.output.clone().unwrap_or_else(named);
    let package = built.pack(&output, None, report)?;
    let (checked, files) = (package.checked(), counted(package.manifest().files.len(), "file"));
    let text = format!("{} {} into {} ({files})", manifest.id, manifest.version, output.display());
    report.status("Packed", &text);
    report.status("Digest", &format!("sha256:{}", checked.digest));
    report.message(&Message::Packed { path: &output, package: checked });
    Ok(Exit::Ok)
}

/// An extension that is ready to be packed.
pub(super) struct Built {
    manager: orket_engine::ExtensionManager,
    selection: Selection,
    /// What cargo made of it; nothing of one in Python.
    program: Option<Program>,
}

/// What cargo made of an extension.
struct Program {
    artifact: Artifact,
    target: String,
    /// The components that it was built from.
    sbom: String,
}

impl Built {
    /// Builds the one extension that is selected; one in Python is taken as it is.
    pub(super) fn of(selection: &Selection, report: &Report) -> Result<Self> {
        let selection = for_release(selection);
        let (manager, artifacts) = host::open_known(&selection, &PolicyArgs::default(), None, report)?;
        let names: Vec<_> =
            manager.extensions().map(|extension| format!("`{}`", extension.manifest().id)).collect();
        if names.len() != 1 {
            let message = format!("several extensions are here ({}); choose one with `-p`", names.join(", "));
            return Err(Error::Usage(message));
        }
        let Some(artifact) = artifacts.into_iter().next() else {
            project::warn(&manager, None, report);
            return Ok(Self { manager, selection, program: None });
        };
        let target = match &selection.compilation.target {
            Some(target) => target.to_string_lossy().into_owned(),
            None => cargo::host_target(report)?,
        };
        let sbom = sbom::describe(&artifact.extension, &target, &selection, report)?;
        Ok(Self { manager, selection, program: Some(Program { artifact, target, sbom }) })
    }

    /// Whether another folder gives the same program; of one in Python nothing is built that could differ.
    fn is_reproducible(&self, report: &Report) -> Result<bool> {
        match &self.program {
            Some(program) => super::build::prove(&program.artifact, &self.selection, report),
            None => Ok(true),
        }
    }

    /// What was read from its program.
    pub(super) fn resolved(&self) -> &Resolved {
        self.manager.extensions().next().expect("one extension was built")
    }

    /// Packs it into a file, which appears whole or not at all, and reads it back as whoever installs it will.
    /// `fetched` is where its sources were fetched from, if they were.
    pub(super) fn pack(&self, output: &Path, fetched: Option<Source>, report: &Report) -> Result<Package> {
        let resolved = self.resolved();
        let known = resolved.origin().clone();
        let origin = Origin { source: fetched.or(known.source), ..known };
        let target = self.program.as_ref().map_or("", |program| &program.target);
        let mut contents = package::collect(resolved, target, origin)?;
        let sbom = self.program.as_ref().map(|program| Content::Bytes(program.sbom.clone().into_bytes()));
        contents.files.extend(sbom.map(|sbom| (package::SBOM.to_owned(), sbom)));
        let progress = report.progress("Packing", resolved.manifest().id.as_str());
        let folder = output.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().permissions(readable()).tempfile_in(folder);
        let file = file.map_err(Error::file("write", output))?;
        package::pack(&contents, BufWriter::new(file.as_file()))?;
        drop(progress);
        let package = package::open(file.path())?;
        file.persist(output).map_err(|error| Error::file("write", output)(error.error))?;
        Ok(package)
    }
}

/// What everybody may read, whatever the umask leaves of it.
fn readable() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}

/// The selection with optimisations, unless it names a profile.
fn for_release(selection: &Selection) -> Selection {
    let mut selection = selection.clone();
    selection.compilation.release = selection.compilation.profile.is_none();
    selection
}
