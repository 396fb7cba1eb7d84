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
    /// Whether nothing but lints of clippy's that the author denies stood in the way.
    pub(super) is_denied: bool,
    /// Whether everything was compiled.
    pub(super) is_whole: bool,
}

/// Checks extensions of one workspace and tells what rustc says by itself, but for what was told before.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn pass(
    group: &[Extension],
    packages: &Packages,
    driver: &Driver,
    selection: &Selection,
    report: &Report,
    told: &mut BTreeSet<String>,
) -> Result<Pass> {
    let mut command = check(group, selection, report);
    driver.apply(&mut command);
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Err(Error::start(command.get_program())(error)),
    };
    let answer = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let (mut pass, mut errors) = (Pass::default(), Errors::default());
    for message in Message::parse_stream(answer).map_while(std::result::Result::ok) {
        match message {
            Message::CompilerMessage(message) => {
                errors.count(&message.message);
                if is_told(&message.message) && told.insert(text(&message.message).to_owned()) {
                    report.compiler(&message, &packages.workspace);
                }
                pass.hear(&message, packages);
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
    pass.is_denied = errors.are_denials() && !pass.is_whole;
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

/// What stood in the way, as far as rustc says it: a lock file or a build script may, too.
#[derive(Debug, Default)]
struct Errors {
    denials: usize,
    others: usize,
}

impl Errors {
    fn count(&mut self, diagnostic: &Diagnostic) {
        let is_error = matches!(diagnostic.level, DiagnosticLevel::Error | DiagnosticLevel::Ice);
        if !is_error || is_summary(diagnostic) {
            return;
        }
        match &diagnostic.code {
            Some(code) if code.code.starts_with("clippy::") => self.denials += 1,
            _ => self.others += 1,
        }
    }

    /// Whether lints of clippy's that the author denies are all of it.
    fn are_denials(&self) -> bool {
        self.denials > 0 && self.others == 0
    }
}

/// Whether it only counts what was said before, which cargo leaves out, too.
fn is_summary(diagnostic: &Diagnostic) -> bool {
    let message = &diagnostic.message;
    match diagnostic.level {
        DiagnosticLevel::Error => message.starts_with("aborting due to"),
        DiagnosticLevel::Warning => {
            message.ends_with("warning emitted") || message.ends_with("warnings emitted")
        }
        _ => false,
    }
}

/// Whether it is rustc's own: what was asked for by force and an author allows is none of an editor's business.
fn is_told(diagnostic: &Diagnostic) -> bool {
    let is_forced = |code: &str| code == "deprecated" || code.starts_with("clippy::");
    match &diagnostic.code {
        Some(code) => !is_forced(&code.code),
        None => !is_summary(diagnostic),
    }
}

fn text(diagnostic: &Diagnostic) -> &str {
    diagnostic.rendered.as_deref().unwrap_or(&diagnostic.message)
}

impl Pass {
    fn hear(&mut self, message: &CompilerMessage, packages: &Packages) {
        let diagnostic = &message.message;
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(level: &str, code: Option<&str>, message: &str) -> Diagnostic {
        let code = code.map(|code| json!({ "code": code, "explanation": null }));
        let value = json!({
            "level": level, "code": code, "message": message, "spans": [], "children": [], "rendered": null,
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_denied_lints_of_clippys_are_denials() {
        let abort = || said("error", None, "aborting due to 2 previous errors; 1 warning emitted");
        let denied = || said("error", Some("clippy::needless_return"), "unneeded `return`");
        let check = |said: &[Diagnostic], expected| {
            let mut errors = Errors::default();
            said.iter().for_each(|one| errors.count(one));
            assert_eq!(errors.are_denials(), expected, "{said:?}");
        };
        check(&[denied(), abort()], true);
        check(&[], false);
        check(&[said("warning", Some("clippy::needless_return"), "unneeded `return`")], false);
        check(&[denied(), said("error", Some("E0425"), "cannot find"), abort()], false);
        check(&[denied(), said("error", None, "linking with `cc` failed")], false);
        assert!(!is_told(&abort()) && !is_told(&denied()));
        assert!(!is_told(&said("warning", None, "1 warning emitted")));
        assert!(is_told(&said("error", None, "linking with `cc` failed")));
        assert!(is_told(&said("warning", Some("dead_code"), "function `a` is never used")));
    }
}
