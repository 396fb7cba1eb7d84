//! What rustc itself resolves: every use of an item that is marked `import.internal`.
//!
//! Invariants: an `#[allow]` hides nothing; only what an expansion of the SDK's own macros names is excused,
//! and an expansion is known by the file that defines the macro, never by the macro's name.

use super::finding::{Finding, Layer, Span};
use super::wrapper;
use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::project::Extension;
use crate::report::Report;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{Message, Metadata};
use orket_contract::code;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The findings in extensions of one workspace.
///
/// # Errors
/// `build.failed` when one of them does not compile; rustc's messages are shown.
pub(super) fn findings(
    group: &[Extension],
    metadata: &Metadata,
    selection: &Selection,
    report: &Report,
) -> Result<Vec<Finding>> {
    let mut command = check(group, selection, report)?;
    let judge = Judge::of(metadata);
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Err(Error::start(command.get_program())(error)),
    };
    let answer = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut findings = Vec::new();
    for message in Message::parse_stream(answer).map_while(std::result::Result::ok) {
        let Message::CompilerMessage(message) = message else { continue };
        if matches!(message.message.level, DiagnosticLevel::Error | DiagnosticLevel::Ice) {
            report.rendered(message.message.rendered.as_deref().unwrap_or(&message.message.message));
        }
        findings.extend(judge.finding(&message.message));
    }
    let status = child.wait().map_err(Error::start(command.get_program()))?;
    if status.success() { Ok(findings) } else { Err(cargo::failed(&command).into()) }
}

fn check(group: &[Extension], selection: &Selection, report: &Report) -> Result<Command> {
    let myself = std::env::current_exe().map_err(Error::file("find", Path::new("cargo-orket")))?;
    let mut command = cargo::command("check", report);
    let ansi = if report.is_coloured() { ",json-diagnostic-rendered-ansi" } else { "" };
    command.arg(format!("--message-format=json{ansi}"));
    command.arg("--all-targets").arg("--manifest-path").arg(&group[0].manifest_path);
    for extension in group {
        command.args(["--package", &extension.name]);
    }
    command.args(selection.compile_words());
    command.env("RUSTC_WORKSPACE_WRAPPER", myself).env(wrapper::MARK, "1");
    Ok(command)
}

/// Tells what the author wrote from what the SDK's macros wrote.
struct Judge {
    workspace: PathBuf,
    sdk: Vec<PathBuf>,
}

impl Judge {
    fn of(metadata: &Metadata) -> Self {
        let packages = metadata.packages.iter();
        let sdk =
            packages.filter(|package| ["orket-runtime", "orket-macros"].contains(&package.name.as_str()));
        let folder =
            |path: &cargo_metadata::camino::Utf8PathBuf| path.as_std_path().parent().map(Path::to_path_buf);
        Self {
            workspace: metadata.workspace_root.clone().into(),
            sdk: sdk.filter_map(|package| folder(&package.manifest_path)).collect(),
        }
    }

    fn finding(&self, diagnostic: &Diagnostic) -> Option<Finding> {
        let (item, why) = diagnostic.message.split_once(&format!(": {}: ", code::IMPORT_INTERNAL))?;
        if diagnostic.code.as_ref().is_none_or(|code| code.code != "deprecated") {
            return None;
        }
        let span = diagnostic.spans.iter().find(|span| span.is_primary)?;
        if self.excuses(span) {
            return None;
        }
        let item = item.strip_prefix("use of deprecated ").unwrap_or(item);
        let message = format!("{item} is internal to the SDK");
        let finding = Finding::error(Layer::Compiler, code::IMPORT_INTERNAL, message);
        Some(finding.at(self.place(span)).with_help(why))
    }

    /// Whether every macro that this code came out of is the SDK's own.
    fn excuses(&self, span: &DiagnosticSpan) -> bool {
        let mut expansions =
            std::iter::successors(span.expansion.as_ref(), |outer| outer.span.expansion.as_ref());
        let all_ours = expansions.all(|expansion| {
            let definition =
                self.workspace.join(expansion.def_site_span.as_ref().map_or("", |site| &site.file_name));
            self.sdk.iter().any(|sdk| definition.starts_with(sdk))
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
            file: self.workspace.join(&at.file_name),
            line: number(at.line_start),
            column: number(at.column_start),
            line_end: number(at.line_end),
            column_end: number(at.column_end),
            byte_start: at.byte_start as usize,
            byte_end: at.byte_end as usize,
        }
    }

    fn is_local(&self, span: &DiagnosticSpan) -> bool {
        self.workspace.join(&span.file_name).is_file()
    }
}
