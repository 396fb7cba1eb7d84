//! `show`: an installed extension, after it was compared with what was installed.

use super::inspect;
use crate::args::InstalledArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report};
use orket_engine::catalog::Installed;
use orket_engine::home::Home;
use orket_engine::install;
use orket_engine::loader::Resolved;

/// Shows where it came from, its digests and what it claims.
pub(super) fn run(args: &InstalledArgs, report: &Report) -> Result<Exit> {
    let home = Home::of_environment()?;
    let (found, resolved) = install::find(&home, &args.name.id, args.name.version.as_deref())?;
    let (shown, others) = found.split_first().expect("something was found");
    let build = resolved.build().to_string();
    report.text(&inspect::described(resolved.manifest(), &build));
    report.text(&facts(&home, shown, others, &resolved));
    let state = home.state(&shown.id);
    report.message(&Message::Installed { extension: shown, present: true, state: state.dir() });
    let manifest = resolved.manifest();
    let (path, instructions) = (resolved.artifact(), resolved.instructions());
    report.message(&Message::Manifest { path, build: Some(&build), manifest, instructions });
    Ok(Exit::Ok)
}

fn facts(home: &Home, shown: &Installed, others: &[Installed], resolved: &Resolved) -> String {
    let mut lines = vec![format!("  installed {}", shown.installed)];
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(format!("    {name:<12} {value}"));
        }
    };
    let place = &shown.place;
    let source = resolved.origin().source.as_ref();
    fact("from", Some(format!("{} ({})", place.location, place.method.as_str())));
    fact("revision", place.rev.clone());
    fact("commit", source.and_then(|source| source.commit.clone()));
    fact("clean", source.map(|source| if source.clean { "yes" } else { "no" }.to_owned()));
    fact("repository", source.map(|source| source.url.clone()));
    fact("rustc", resolved.origin().build.as_ref().map(|build| build.rustc.clone()));
    fact("package", Some(shown.package.to_string()));
    fact("manifest", Some(shown.manifest.to_string()));
    fact("program", Some(shown.program.to_string()));
    fact("files", Some(home.package(shown.package).display().to_string()));
    fact("runs", Some(home.state(&shown.id).dir().display().to_string()));
    let others: Vec<_> = others.iter().map(|other| format!("{}@{}", other.id, other.version)).collect();
    fact("besides", Some(others.join(", ")));
    lines.join("\n")
}
