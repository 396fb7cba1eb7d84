//! Text for people, in cargo's and rustc's own look.

use super::diagnostic::Diagnostic;
use super::excerpt::Excerpt;
use crate::host;
use crate::lint::{Edit, Span, Suggestion};
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet,
};
use clap_cargo::style;
use orket_contract::code;
use orket_contract::issue::Severity;
use orket_engine::capability::console::visible;
use std::path::Path;

/// A verb, right-aligned and green, and what it did.
pub(super) fn status(verb: &str, text: &str) -> String {
    let style = style::HEADER;
    format!("{style}{verb:>12}{style:#} {text}")
}

/// A warning without a code.
pub(super) fn warning(text: &str) -> String {
    let style = style::WARN;
    format!("{style}warning{style:#}: {text}")
}

/// An error without a code.
pub(super) fn error(text: &str) -> String {
    let style = style::ERROR;
    format!("{style}error{style:#}: {text}")
}

/// Commands to type next.
pub(super) fn next(commands: &[&str]) -> String {
    let style = style::LITERAL;
    let lines = commands.iter().enumerate().map(|(at, command)| {
        let verb = if at == 0 { status("Next", "") } else { " ".repeat(13) };
        format!("{verb}{style}{command}{style:#}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A diagnostic, with the lines of source where they can be read.
pub(super) fn diagnostic(diagnostic: &Diagnostic) -> String {
    let excerpt = diagnostic.excerpt();
    // The renderer normalises titles and sources; the rest may hold an extension's own words, too.
    let title = level(diagnostic.level).primary_title(&diagnostic.message).id(visible(&diagnostic.code));
    let mut group = Group::with_title(title);
    match (&excerpt, &diagnostic.span) {
        (Some(excerpt), Some(span)) => {
            group = group.element(snippet(excerpt, span, AnnotationKind::Primary, ""));
        }
        (None, Some(span)) => group = group.element(origin(span)),
        (_, None) => {}
    }
    let labelled: Vec<_> =
        diagnostic.labels.iter().filter_map(|label| Some((label, Excerpt::of(&label.span)?))).collect();
    for (label, excerpt) in &labelled {
        group = group.element(snippet(excerpt, &label.span, AnnotationKind::Context, &label.text));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(visible(note)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    if let Some(reason) = &diagnostic.suppressed {
        group = group.element(Level::NOTE.message(format!("accepted: {}", visible(reason))));
    }
    if code::find(&diagnostic.code).is_some() && diagnostic.level == Severity::Error {
        let more = format!("`cargo orket explain {}` says more", diagnostic.code);
        group = group.element(Element::from(Level::NOTE.message(more)));
    }
    let patched = diagnostic.suggestion.as_ref().and_then(Patched::of);
    let patch =
        diagnostic.suggestion.iter().zip(&patched).map(|(suggestion, patched)| patched.group(suggestion));
    let groups: Vec<Group<'_>> = std::iter::once(group).chain(patch).collect();
    Renderer::styled().render(&groups)
}

fn snippet<'a>(
    excerpt: &'a Excerpt,
    span: &Span,
    kind: AnnotationKind,
    label: &'a str,
) -> Snippet<'a, Annotation<'a>> {
    let mut mark = kind.span(excerpt.meant.clone());
    if !label.is_empty() {
        mark = mark.label(visible(label));
    }
    let snippet = Snippet::source(&excerpt.text).line_start(excerpt.line as usize);
    snippet.path(visible(&shown(&span.file))).annotation(mark)
}

/// The source that a suggestion changes: all its edits lie in one file, and within what is there.
struct Patched {
    path: String,
    source: String,
}

impl Patched {
    fn of(suggestion: &Suggestion) -> Option<Self> {
        let file = &suggestion.edits.first()?.span.file;
        let source = std::fs::read_to_string(file).ok()?;
        let fits = |edit: &Edit| {
            edit.span.file == *file && source.get(edit.span.byte_start..edit.span.byte_end).is_some()
        };
        suggestion.edits.iter().all(fits).then(|| Self { path: shown(file), source })
    }

    fn group<'a>(&'a self, suggestion: &'a Suggestion) -> Group<'a> {
        let patch = |edit: &'a Edit| Patch::new(edit.span.byte_start..edit.span.byte_end, &edit.replacement);
        let snippet =
            Snippet::source(&self.source).path(&self.path).patches(suggestion.edits.iter().map(patch));
        Level::HELP.secondary_title(visible(&suggestion.message)).element(snippet)
    }
}

/// A path as it is written from here.
fn shown(file: &Path) -> String {
    host::relative(file).display().to_string()
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

fn origin(span: &Span) -> Origin<'static> {
    let origin = Origin::path(visible(&shown(&span.file)));
    match (span.line, span.column) {
        (0, _) => origin,
        (line, 0) => origin.line(line as usize),
        (line, column) => origin.line(line as usize).char_column(column as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orket_contract::issue::{Issue, Location};

    fn issue(issue: &Issue) -> String {
        diagnostic(&issue.into())
    }

    #[test]
    fn an_issue_quotes_its_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orket.toml");
        std::fs::write(&file, "id = \"x\"\nwrkloads = []\n").unwrap();
        let place = Location { file: file.display().to_string(), line: 2, column: 1 };
        let shown = issue(
            &Issue::error("manifest.unknown-key", "`wrkloads` is not a key")
                .at(place)
                .with_hint("`workloads`?"),
        );
        let shown = anstream::adapter::strip_str(&shown).to_string();
        assert!(shown.starts_with("error[manifest.unknown-key]: `wrkloads` is not a key\n"), "{shown}");
        assert!(shown.contains("2 | wrkloads = []\n  | ^^^^^^^^\n"), "{shown}");
        assert!(shown.contains("= help: `workloads`?"), "{shown}");
    }

    #[test]
    fn an_issue_cannot_drive_the_terminal() {
        let place = Location { file: "a\x1b[2Jb".to_owned(), line: 0, column: 0 };
        let hostile = Issue::error("a.\x1b[2Jb", "a\x1b[2Jb").at(place).with_hint("a\x1b[2Jb");
        let shown = issue(&hostile);
        assert!(!shown.contains("\x1b[2J"), "{shown:?}");
    }
}
