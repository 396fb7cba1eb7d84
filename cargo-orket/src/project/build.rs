//! Building extensions with cargo. The path of a program comes from cargo's messages, never from a guess.

use super::{Extension, flags};
use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::report::Report;
use crate::reproduce::Recipe;
use cargo_metadata::Message;
use orket_contract::issue::{Issue, Location};
use orket_contract::{code, suggest};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A built extension.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    /// The package.
    pub(crate) extension: Extension,
    /// Its program.
    pub(crate) path: PathBuf,
    /// What shaped its compilation besides the sources.
    pub(crate) flags: Vec<String>,
    /// The build scripts that ran for it or for what it depends on.
    pub(crate) scripts: Vec<Script>,
}

/// A build script that ran, and what it left.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// The name of its package.
    pub(crate) package: String,
    /// The folder that it writes to.
    pub(crate) out_dir: PathBuf,
    /// The variables that it sets for its package.
    pub(crate) env: Vec<(String, String)>,
}

/// What cargo says that it built.
struct Built {
    programs: Vec<cargo_metadata::Artifact>,
    scripts: Vec<Script>,
}

/// Builds extensions, with cargo's own output passed through; those of one workspace together.
///
/// # Errors
/// `build.failed` when cargo fails, `build.no-artifact` when a package has no single program.
pub(crate) fn build(
    extensions: &[Extension],
    selection: &Selection,
    report: &Report,
) -> Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for group in extensions.chunk_by(|a, b| a.workspace_root == b.workspace_root) {
        artifacts.extend(build_together(group, selection, report)?);
    }
    Ok(artifacts)
}

fn build_together(group: &[Extension], selection: &Selection, report: &Report) -> Result<Vec<Artifact>> {
    let mut command = cargo::command("build", report);
    command.arg("--message-format=json-render-diagnostics");
    command.arg("--manifest-path").arg(&group[0].manifest_path);
    for extension in group {
        command.args(["--package", &extension.name, "--bin", program(extension)?]);
    }
    command.args(selection.compile_words());
    if selection.compilation.reproducible {
        let target = selection.compilation.target_dir.as_deref().unwrap_or(Path::new("target"));
        Recipe::of(&group[0], target)?.apply(&mut command)?;
    }
    let built = built(command)?;
    group.iter().map(|extension| artifact(extension, &built, selection)).collect()
}

/// Builds a package whose programs are not known yet, if it turns out to have just one.
pub(super) fn only_program(
    extension: Extension,
    selection: &Selection,
    report: &Report,
) -> Result<Option<Artifact>> {
    let mut command = cargo::command("build", report);
    command.arg("--message-format=json-render-diagnostics");
    command.arg("--manifest-path").arg(&extension.manifest_path).args([
        "--package",
        &extension.name,
        "--bins",
    ]);
    command.args(selection.compile_words());
    let Built { programs, scripts } = built(command)?;
    let mut ours =
        programs.into_iter().filter(|built| built.manifest_path.as_std_path() == extension.manifest_path);
    let (first, second) = (ours.next(), ours.next());
    let only = first.filter(|_| second.is_none());
    Ok(only.and_then(|built| {
        let flags = flags::flags(&built, selection);
        Some(Artifact { extension, path: built.executable?.into(), flags, scripts })
    }))
}

/// The program of a package that is the extension.
fn program(extension: &Extension) -> Result<&str, Issue> {
    let place = Location { file: extension.manifest_path.display().to_string(), ..Location::default() };
    let refuse = |message: String| Issue::error(code::BUILD_NO_ARTIFACT, message).at(place);
    let known = extension.programs.iter().map(String::as_str);
    match (&extension.chosen_program, extension.programs.as_slice()) {
        (Some(name), programs) if programs.contains(name) => Ok(name),
        (Some(name), programs) => {
            let issue = refuse(format!("package `{}` has no program `{name}`", extension.name));
            let near = suggest::nearest(name, known).unwrap_or(&programs[0]);
            Err(issue.with_hint(format!("did you mean `{near}`?")))
        }
        (None, [only]) => Ok(only),
        (None, programs) => {
            let list: Vec<_> = programs.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("package `{}` has several programs: {}", extension.name, list.join(", "));
            let hint = format!(
                "say which one is the extension: `[package.metadata.orket] bin = \"{}\"`",
                programs[0]
            );
            Err(refuse(message).with_hint(hint))
        }
    }
}

/// The programs that cargo names; its errors and warnings go to stderr as they come.
fn built(mut command: Command) -> Result<Built> {
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Err(Error::start(command.get_program())(error)),
    };
    let answer = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut programs, mut scripts) = (Vec::new(), Vec::new());
    for message in Message::parse_stream(answer).map_while(std::result::Result::ok) {
        match message {
            Message::CompilerArtifact(artifact) if artifact.executable.is_some() => programs.push(artifact),
            Message::BuildScriptExecuted(script) => scripts.push(Script {
                package: package_name(&script.package_id.repr),
                out_dir: script.out_dir.into(),
                env: script.env,
            }),
            _ => {}
        }
    }
    let status = child.wait().map_err(Error::start(command.get_program()))?;
    if status.success() { Ok(Built { programs, scripts }) } else { Err(cargo::failed(&command).into()) }
}

/// The name in a package id such as `path+file:///a/b#name@1.0.0` or `path+file:///a/name#1.0.0`.
fn package_name(id: &str) -> String {
    let (place, version) = id.rsplit_once('#').unwrap_or((id, ""));
    let name = version.split_once('@').map(|(name, _)| name);
    let last = || place.split('?').next().unwrap_or(place).rsplit('/').next().unwrap_or(place);
    name.unwrap_or_else(last).to_owned()
}

fn artifact(extension: &Extension, built: &Built, selection: &Selection) -> Result<Artifact> {
    let name = program(extension)?;
    let ours = built.programs.iter().find(|built| {
        built.manifest_path.as_std_path() == extension.manifest_path && built.target.name == name
    });
    let named = ours.and_then(|built| Some((built.executable.clone()?, flags::flags(built, selection))));
    let (path, flags) = named.ok_or_else(|| {
        let message = format!("cargo built package `{}` but named no program for it", extension.name);
        Issue::error(code::BUILD_NO_ARTIFACT, message)
    })?;
    Ok(Artifact { extension: extension.clone(), path: path.into(), flags, scripts: built.scripts.clone() })
}
