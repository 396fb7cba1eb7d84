//! One thing that was found, as every format shows it, whoever found it.

use super::excerpt::Excerpt;
use crate::lint::{Finding, Label, Span, Suggestion};
use orket_contract::issue::{Issue, Severity};
use std::path::{Path, PathBuf};

/// What was found, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Diagnostic {
    /// A code of the table, an author's own, or one of rustc's.
    pub(crate) code: String,
    /// How bad it is.
    pub(crate) level: Severity,
    /// What is wrong.
    pub(crate) message: String,
    /// Where it is.
    pub(crate) span: Option<Span>,
    /// Other places that belong to it.
    pub(crate) labels: Vec<Label>,
    /// What else is worth knowing.
    pub(crate) notes: Vec<String>,
    /// What to do.
    pub(crate) help: Option<String>,
    /// The edit that does it.
    pub(crate) suggestion: Option<Suggestion>,
    /// The package that it concerns.
    pub(crate) package: Option<String>,
    /// Why the author lives with it.
    pub(crate) suppressed: Option<String>,
}

impl From<&Issue> for Diagnostic {
    fn from(issue: &Issue) -> Self {
        let place = issue.location.as_ref();
        Self {
            code: issue.code.clone(),
            level: issue.severity,
            message: issue.message.clone(),
            span: place.map(|at| Span::point(PathBuf::from(&at.file), at.line, at.column)),
            labels: Vec::new(),
            notes: Vec::new(),
            help: issue.hint.clone(),
            suggestion: None,
            package: None,
            suppressed: None,
        }
    }
}

impl From<&Finding> for Diagnostic {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.to_owned(),
            level: finding.level,
            message: finding.message.clone(),
            span: finding.span.clone(),
            labels: finding.labels.clone(),
            notes: finding.notes.clone(),
            help: finding.help.clone(),
            suggestion: finding.suggestion.clone(),
            package: finding.package.clone(),
            suppressed: finding.suppressed.as_ref().map(|one| one.reason.clone()),
        }
    }
}

impl From<&cargo_metadata::CompilerMessage> for Diagnostic {
    fn from(told: &cargo_metadata::CompilerMessage) -> Self {
        use cargo_metadata::diagnostic::DiagnosticLevel;
        let number = |number: usize| u32::try_from(number).unwrap_or(0);
        let span = told.message.spans.iter().find(|span| span.is_primary);
        Self {
            code: told.message.code.as_ref().map_or_else(|| "rustc".to_owned(), |code| code.code.clone()),
            level: match told.message.level {
                DiagnosticLevel::Ice | DiagnosticLevel::Error => Severity::Error,
                DiagnosticLevel::Warning => Severity::Warning,
                _ => Severity::Info,
            },
            message: told.message.message.clone(),
            span: span.map(|span| Span {
                file: PathBuf::from(&span.file_name),
                line: number(span.line_start),
                column: number(span.column_start),
                line_end: number(span.line_end),
                column_end: number(span.column_end),
                byte_start: span.byte_start as usize,
                byte_end: span.byte_end as usize,
            }),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            suggestion: None,
            package: Some(told.target.name.clone()),
            suppressed: None,
        }
    }
}

impl Diagnostic {
    /// The source that is meant, if it can be read.
    pub(super) fn excerpt(&self) -> Option<Excerpt> {
        self.span.as_ref().and_then(Excerpt::of)
    }

    /// The message with what to do about it.
    pub(super) fn text(&self) -> String {
        let notes = self.notes.iter().map(|note| format!("\nnote: {note}"));
        let help = self.help.iter().map(|help| format!("\nhelp: {help}"));
        notes.chain(help).fold(self.message.clone(), |text, more| text + &more)
    }
}

/// The folder that paths in reports begin at: that of the repository, else the working folder.
pub(super) fn root() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    root.map_or_else(|| here.clone(), Path::to_path_buf)
}

/// The path of a file below the root with `/` between its parts; none for what lies elsewhere.
pub(super) fn below(root: &Path, file: &Path) -> Option<String> {
    let file = std::path::absolute(file).ok()?;
    let path = file.strip_prefix(root).ok()?;
    let parts: Option<Vec<_>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/")).filter(|path| !path.is_empty())
}
