//! What rustc and clippy resolve, in one pass: uses of items that are marked `import.internal`, and paths that
//! reach past the run.
//!
//! Invariants: an `#[allow]` hides nothing; only what an expansion of the SDK's own macros names is excused,
//! and an expansion is known by the file that defines the macro, never by the macro's name.

use super::driver::Driver;
use super::effect;
use super::finding::{Finding, Layer, Span};
use super::packages::Packages;
use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::project::Extension;
use crate::report::Report;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{CompilerMessage, Message, TargetKind};
use orket_contract::code;
use std::collections::BTreeSet;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What one pass came to.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// The findings.
    pub(super) findings: Vec<Finding>,
    /// The dep-info of each unit that was compiled, with its package's manifest.
    pub(super) units: Vec<(PathBuf, PathBuf)>,
    /// What rustc says by itself; each once.
    told: BTreeSet<String>,
    /// Whether nothing but lints of clippy's that the author denies stood in the way.
    pub(super) is_denied: bool,
    /// Whether everything was compiled.
    pub(super) is_whole: bool,
}

/// Checks extensions of one workspace and tells what does not compile.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn pass(
    group: &[Extension],
    packages: &Packages,
    driver: &Driver,
    selection: &Selection,
    report: &Report,
) -> Result<Pass> {
    let mut command = check(group, selection, report);
    driver.apply(&mut command);
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Err(Error::start(command.get_program())(error)),
    };
    let answer = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut pass, mut is_denied) = (Pass::default(), true);
    for message in Message::parse_stream(answer).map_while(std::result::Result::ok) {
        match message {
            Message::CompilerMessage(message) => {
                is_denied &= !is_error(&message.message) || is_clippys(&message.message);
                pass.hear(&message, packages, report);
            }
            Message::CompilerArtifact(artifact) => {
                let libraries = artifact.filenames.iter().filter(|path| path.extension() == Some("rmeta"));
                let manifest = artifact.manifest_path.as_std_path();
                pass.units.extend(libraries.filter_map(|path| {
                    let name = path.file_stem()?.strip_prefix("lib").unwrap_or(path.file_stem()?);
                    Some((path.with_file_name(format!("{name}.d")).into(), manifest.to_path_buf()))
                }));
            }
            _ => {}
        }
    }
    pass.is_whole = child.wait().map_err(Error::start(command.get_program()))?.success();
    pass.is_denied = is_denied && !pass.is_whole;
    Ok(pass)
}

fn check(group: &[Extension], selection: &Selection, report: &Report) -> Command {
    let mut command = cargo::command("check", report);
    let ansi = if report.is_coloured() { ",json-diagnostic-rendered-ansi" } else { "" };
    command.arg(format!("--message-format=json{ansi}")).arg("--keep-going");
    command.arg("--all-targets").arg("--manifest-path").arg(&group[0].manifest_path);
    for extension in group {
        command.args(["--package", &extension.name]);
    }
    command.args(selection.compile_words());
    command
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.level, DiagnosticLevel::Error | DiagnosticLevel::Ice)
}

/// Whether it is a lint of clippy's, or the sentence that a compilation ended because of some.
fn is_clippys(diagnostic: &Diagnostic) -> bool {
    match &diagnostic.code {
        Some(code) => code.code.starts_with("clippy::"),
        None => diagnostic.spans.is_empty(),
    }
}

impl Pass {
    fn hear(&mut self, message: &CompilerMessage, packages: &Packages, report: &Report) {
        let diagnostic = &message.message;
        // These were asked for by force: what an author allows of them is none of an editor's business.
        let is_forced = |code: &str| code == "deprecated" || code.starts_with("clippy::");
        if !diagnostic.code.as_ref().is_some_and(|code| is_forced(&code.code)) {
            let text = diagnostic.rendered.as_deref().unwrap_or(&diagnostic.message);
            if self.told.insert(text.to_owned()) {
                report.compiler(message, &packages.workspace);
            }
        }
        let judge = Judge { packages };
        let runs = message.target.kind.iter().all(|kind| {
            !matches!(
                kind,
                TargetKind::Test | TargetKind::Bench | TargetKind::Example | TargetKind::CustomBuild
            )
        });
        let found = judge.internal(diagnostic).or_else(|| judge.ambient(diagnostic).filter(|_| runs));
        self.findings
            .extend(found.map(|finding| Finding { package: packages.name(&message.package_id), ..finding }));
    }
}

/// Tells what the author wrote from what the SDK's macros wrote.
struct Judge<'a> {
    packages: &'a Packages,
}

impl Judge<'_> {
    fn internal(&self, diagnostic: &Diagnostic) -> Option<Finding> {
        let (item, why) = diagnostic.message.split_once(&format!(": {}: ", code::IMPORT_INTERNAL))?;
        let span = self.primary(diagnostic, "deprecated")?;
        let item = item.strip_prefix("use of deprecated ").unwrap_or(item);
        let message = format!("{item} is internal to the SDK");
        let finding = Finding::error(Layer::Compiler, code::IMPORT_INTERNAL, message);
        Some(finding.at(self.place(span)).with_help(why))
    }

    fn ambient(&self, diagnostic: &Diagnostic) -> Option<Finding> {
        let span = self
            .primary(diagnostic, "clippy::disallowed_methods")
            .or_else(|| self.primary(diagnostic, "clippy::disallowed_types"))?;
        let is_ours = diagnostic.children.iter().any(|child| child.message == effect::MARK);
        let path = diagnostic.message.split('`').nth(1).filter(|_| is_ours)?;
        let effect = effect::find(path)?;
        Some(effect.finding(Layer::Clippy, path).at(self.place(span)))
    }

    /// The place of a diagnostic with that code, unless only our own macros are to blame.
    fn primary<'d>(&self, diagnostic: &'d Diagnostic, code: &str) -> Option<&'d DiagnosticSpan> {
        let is_it = diagnostic.code.as_ref().is_some_and(|given| given.code == code);
        let span = diagnostic.spans.iter().find(|span| span.is_primary).filter(|_| is_it)?;
        (!self.excuses(span)).then_some(span)
    }

    /// Whether every macro that this code came out of is the SDK's own.
    fn excuses(&self, span: &DiagnosticSpan) -> bool {
        let mut expansions =
            std::iter::successors(span.expansion.as_ref(), |outer| outer.span.expansion.as_ref());
        let all_ours = expansions.all(|expansion| {
            let file = expansion.def_site_span.as_ref().map_or("", |site| &site.file_name);
            self.packages.is_sdk(&self.packages.workspace.join(file))
        });
        span.expansion.is_some() && all_ours
    }

    /// Where the author wrote it: for code out of a macro the call, which is what can be changed.
    fn place(&self, span: &DiagnosticSpan) -> Span {
        let mut at = span;
        while let Some(outer) = at.expansion.as_ref().filter(|_| !self.is_local(at)) {
            at = &outer.span;
        }
        let number = |number: usize| u32::try_from(number).unwrap_or(0);
        Span {
            file: self.packages.workspace.join(&at.file_name),
            line: number(at.line_start),
            column: number(at.column_start),
            line_end: number(at.line_end),
            column_end: number(at.column_end),
            byte_start: at.byte_start as usize,
            byte_end: at.byte_end as usize,
        }
    }

    fn is_local(&self, span: &DiagnosticSpan) -> bool {
        let path = self.packages.workspace.join(&span.file_name);
        path.is_file() && self.packages.owner(&path).is_some()
    }
}
