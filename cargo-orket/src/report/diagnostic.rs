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

impl Diagnostic {
    /// What rustc says. Its paths begin at the root of the workspace, wherever this process works.
    pub(super) fn of_rustc(told: &cargo_metadata::CompilerMessage, workspace: &Path) -> Self {
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
                file: workspace.join(&span.file_name),
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

/// The file that is named for what has no place: the nearest manifest, from the working folder up to the root.
pub(super) fn stand_in(root: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let inside = here.ancestors().take_while(|folder| folder.starts_with(root));
    let mut manifests = inside.map(|folder| folder.join("Cargo.toml"));
    manifests.find(|file| file.is_file()).unwrap_or_else(|| root.join("Cargo.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_of_rustc_begins_at_the_workspace() {
        let told = |file: &str| {
            let span = json!({
                "file_name": file, "is_primary": true, "byte_start": 0, "byte_end": 1, "line_start": 2, "line_end": 2,
                "column_start": 3, "column_end": 4, "text": [], "label": null, "suggested_replacement": null,
                "suggestion_applicability": null, "expansion": null,
            });
            let told = json!({
                "package_id": "member 0.1.0", "manifest_path": "/w/member/Cargo.toml",
                "target": { "name": "member", "kind": ["lib"], "crate_types": ["lib"], "src_path": "/w/member/src/lib.rs",
                            "edition": "2024", "doc": true, "doctest": true, "test": true },
                "message": { "message": "no", "code": null, "level": "error", "spans": [span], "children": [], "rendered": null },
            });
            let told = serde_json::from_value(told).unwrap();
            Diagnostic::of_rustc(&told, Path::new("/w")).span.unwrap().file
        };
        assert_eq!(told("member/src/lib.rs"), Path::new("/w/member/src/lib.rs"));
        assert_eq!(told("/elsewhere/lib.rs"), Path::new("/elsewhere/lib.rs"));
    }
}
