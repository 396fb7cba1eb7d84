//! `sbom`: the components that an extension is built from.

use crate::args::SbomArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report};
use crate::{cargo, file, project, sbom};

/// Describes one extension for one target, without building it.
pub(super) fn run(args: &SbomArgs, report: &Report) -> Result<Exit> {
    let found = project::discover(&args.selection, report)?.extensions;
    let [extension] = found.as_slice() else {
        let names: Vec<_> = found.iter().map(|extension| format!("`{}`", extension.name)).collect();
        let message = format!("several extensions are here ({}); choose one with `-p`", names.join(", "));
        return Err(Error::Usage(message));
    };
    let target = match &args.selection.compilation.target {
        Some(target) => target.to_string_lossy().into_owned(),
        None => cargo::host_target(report)?,
    };
    let text = sbom::describe(extension, &target, &args.selection, report)?;
    match &args.output {
        Some(path) => {
            file::write(path, text.as_bytes())?;
            report.status("Described", &format!("{} in {}", extension.name, path.display()));
        }
        None => report.text(&text),
    }
    let document = serde_json::from_str(&text).map_err(Error::Answer)?;
    report.message(&Message::Sbom { package: &extension.name, target: &target, document: &document });
    Ok(Exit::Ok)
}
