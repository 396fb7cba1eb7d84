//! What the lint has to say about one place: the same value for people, for editors and for reports.
//!
//! Invariants: a path is absolute, or relative to the working folder where that is how it was named; lines and
//! columns count from 1, columns in characters, an end lies behind its last character; 0 means unknown.

use crate::host;
use orket_contract::issue::{Issue, Location, Severity};
use serde::Serialize;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Finding {
    /// A code of the table.
    pub(crate) code: &'static str,
    /// How bad it is, after the levels of the package were applied.
    pub(crate) level: Severity,
    /// What is wrong, as a lower-case sentence.
    pub(crate) message: String,
    /// Where it is; none for what concerns a package as a whole.
    pub(crate) span: Option<Span>,
    /// Other places that belong to it, each with a word.
    pub(crate) labels: Vec<Label>,
    /// Why it matters: what it breaks, and where.
    pub(crate) notes: Vec<String>,
    /// What to do instead.
    pub(crate) help: Option<String>,
    /// The edit that does it, where there is one.
    pub(crate) suggestion: Option<Suggestion>,
    /// The layer that saw it.
    pub(crate) layer: Layer,
    /// The package that it was found in.
    pub(crate) package: Option<String>,
    /// Why the author lives with it: reported, and no reason to fail.
    pub(crate) suppressed: Option<Suppression>,
}

/// A stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Serialize)]
pub(crate) struct Span {
    /// The file.
    pub(crate) file: PathBuf,
    /// The line that it starts in.
    pub(crate) line: u32,
    /// The column that it starts at.
    pub(crate) column: u32,
    /// The line that it ends in.
    pub(crate) line_end: u32,
    /// The column behind its end.
    pub(crate) column_end: u32,
    /// Its first byte in the file; equal to `byte_end` where the bytes are not known.
    pub(crate) byte_start: usize,
    /// The byte behind its last one.
    pub(crate) byte_end: usize,
}

/// A place beside the primary one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Label {
    /// Where it is.
    pub(crate) span: Span,
    /// What it has to do with the finding.
    pub(crate) text: String,
}

/// An edit of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Suggestion {
    /// What it does.
    pub(crate) message: String,
    /// All of its replacements: they belong together.
    pub(crate) edits: Vec<Edit>,
    /// Whether it may be applied without a look.
    pub(crate) is_machine_applicable: bool,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Edit {
    /// What is replaced; its bytes are known.
    pub(crate) span: Span,
    /// What stands there then.
    pub(crate) replacement: String,
}

/// Who saw a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Layer {
    /// The crate graph.
    Graph,
    /// rustc's own name resolution.
    Compiler,
    /// Clippy, with our configuration.
    Clippy,
    /// The sources that rustc read, and those that it left out.
    Source,
    /// The built program.
    Artifact,
    /// The syntax of an extension in Python.
    #[value(skip)]
    Python,
}

impl Layer {
    /// Those that look at an extension in Rust.
    pub(crate) const RUST: [Self; 5] =
        [Self::Graph, Self::Compiler, Self::Clippy, Self::Source, Self::Artifact];
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Graph => "graph",
            Self::Compiler => "compiler",
            Self::Clippy => "clippy",
            Self::Source => "source",
            Self::Artifact => "artifact",
            Self::Python => "python",
        })
    }
}

/// A comment in the source that accepts a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Suppression {
    /// Why, in the author's words.
    pub(crate) reason: String,
    /// Where the comment stands.
    pub(crate) span: Span,
}

impl Span {
    /// A line, or a column in it, whose bytes are not known.
    pub(crate) fn point(file: PathBuf, line: u32, column: u32) -> Self {
        Self { file, line, column, line_end: line, column_end: column, byte_start: 0, byte_end: 0 }
    }

    /// The stretch between two bytes of a file's text.
    pub(super) fn of(file: &Path, text: &str, bytes: Range<usize>) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let place = |byte| {
            let before = text.get(..byte).unwrap_or_default();
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            (number(before.matches('\n').count() + 1), number(before[line..].chars().count() + 1))
        };
        let ((line, column), (line_end, column_end)) = (place(bytes.start), place(bytes.end));
        let (byte_start, byte_end) = (bytes.start, bytes.end);
        Self { file: file.to_path_buf(), line, column, line_end, column_end, byte_start, byte_end }
    }

    /// Where it starts, as it is written from here.
    pub(crate) fn location(&self) -> Location {
        let file = host::relative(&self.file).display().to_string();
        Location { file, line: self.line, column: self.column }
    }
}

impl Finding {
    /// An error without anything but its words.
    pub(crate) fn error(layer: Layer, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            level: Severity::Error,
            message,
            span: None,
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            suggestion: None,
            layer,
            package: None,
            suppressed: None,
        }
    }

    /// What another part of the host has found.
    pub(crate) fn of_issue(layer: Layer, issue: Issue) -> Option<Self> {
        let code = orket_contract::code::find(&issue.code)?.name;
        let at = |at: Location| Span::point(Path::new(&at.file).to_path_buf(), at.line, at.column);
        Some(Self {
            level: issue.severity,
            span: issue.location.map(at),
            help: issue.hint,
            ..Self::error(layer, code, issue.message)
        })
    }

    /// Adds the place.
    #[must_use]
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Adds what to do instead.
    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the edit that names what the SDK's own type is called for everybody.
    #[must_use]
    pub(super) fn with_public_schema(mut self, span: Span) -> Self {
        self.suggestion = Some(Suggestion {
            message: "`orket_runtime::prelude::Schema` is the same and stays".to_owned(),
            edits: vec![Edit { span, replacement: "prelude".to_owned() }],
            is_machine_applicable: true,
        });
        self
    }

    /// The same as an issue, with everything else as facts for machines.
    pub(crate) fn issue(&self) -> Issue {
        let message = match &self.suppressed {
            Some(accepted) => format!("{}; accepted: {}", self.message, accepted.reason),
            None => self.message.clone(),
        };
        let issue = Issue::error(self.code, message);
        let details = serde_json::json!({
            "labels": self.labels, "layer": self.layer, "notes": self.notes, "package": self.package,
            "span": self.span, "suggestion": self.suggestion, "suppressed": self.suppressed,
        });
        Issue {
            severity: if self.suppressed.is_some() { Severity::Info } else { self.level },
            location: self.span.as_ref().map(Span::location),
            hint: self.help.clone(),
            ..issue.with_details(details)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orket_contract::code;

    #[test]
    fn an_issue_says_all_that_a_finding_says() {
        let place = Span::point("src/lib.rs".into(), 3, 7);
        let finding = Finding::error(Layer::Graph, code::IMPORT_ENGINE, "it is the host").at(place.clone());
        let issue = finding.with_help("remove it").issue();
        assert_eq!(issue.location, Some(Location { file: "src/lib.rs".to_owned(), line: 3, column: 7 }));
        assert_eq!(issue.hint.as_deref(), Some("remove it"));
        assert_eq!(issue.details["layer"], "graph");
        let again = Finding::of_issue(Layer::Graph, issue).expect("the code is known");
        assert_eq!((again.code, again.span), (code::IMPORT_ENGINE, Some(place)));
        assert_eq!(Finding::of_issue(Layer::Graph, Issue::error("own.code", "")), None);
    }
}
