//! A diagnostic as cargo passes on rustc's: what editors read.
//!
//! Invariant: every line can be read as `cargo_metadata::Message`, which is how rust-analyzer reads it.

use super::diagnostic::Diagnostic;
use super::excerpt::Excerpt;
use super::human;
use crate::lint::Span;
use orket_contract::issue::Severity;
use serde_json::{Value, json};
use std::path::Path;

/// What stands beside `reason` in a line of cargo's `--message-format json`.
pub(super) fn line(diagnostic: &Diagnostic) -> Value {
    let package = diagnostic.package.as_deref().unwrap_or("orket");
    let here = std::env::current_dir().unwrap_or_default();
    let source =
        diagnostic.span.as_ref().map_or_else(|| here.display().to_string(), |span| absolute(&span.file));
    json!({
        "package_id": format!("path+file://{}#{package}", here.display()),
        "target": {
            "kind": ["lib"], "crate_types": ["lib"], "name": package, "src_path": source, "edition": "2024",
            "doc": true, "doctest": false, "test": true,
        },
        "message": message(diagnostic),
    })
}

fn message(diagnostic: &Diagnostic) -> Value {
    let spans: Vec<Value> = diagnostic.span.iter().map(|at| span(at, true, None, None)).collect();
    let labels = diagnostic.labels.iter().map(|label| span(&label.span, false, Some(&label.text), None));
    let notes = diagnostic.notes.iter().map(|note| child("note", note, &[]));
    let help = diagnostic.help.iter().map(|help| child("help", help, &[]));
    let suggestion = diagnostic.suggestion.iter().map(|suggestion| {
        let how = if suggestion.is_machine_applicable { "MachineApplicable" } else { "MaybeIncorrect" };
        let edits = suggestion.edits.iter();
        let edits = edits
            .map(|edit| span(&edit.span, true, None, Some((&edit.replacement, how))))
            .collect::<Vec<_>>();
        child("help", &suggestion.message, &edits)
    });
    json!({
        "$message_type": "diagnostic",
        "message": diagnostic.message,
        "code": { "code": diagnostic.code, "explanation": null },
        "level": level(diagnostic.level),
        "spans": spans.into_iter().chain(labels).collect::<Vec<_>>(),
        "children": notes.chain(help).chain(suggestion).collect::<Vec<_>>(),
        "rendered": format!("{}\n", anstream::adapter::strip_str(&human::diagnostic(diagnostic))),
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn child(level: &str, message: &str, spans: &[Value]) -> Value {
    json!({ "message": message, "code": null, "level": level, "spans": spans, "children": [], "rendered": null })
}

/// A span with the lines that it covers, as far as they can be read.
fn span(at: &Span, is_primary: bool, label: Option<&str>, replacement: Option<(&str, &str)>) -> Value {
    let excerpt = Excerpt::of(at);
    let (line, column) = excerpt.as_ref().map_or((at.line, at.column), |one| (one.line, one.column));
    let (line_end, column_end) =
        excerpt.as_ref().map_or((at.line_end, at.column_end), |one| (one.line_end, one.column_end));
    let is_known = at.byte_end > at.byte_start || replacement.is_some();
    let bytes = match &excerpt {
        Some(one) if !is_known => (one.offset + one.meant.start, one.offset + one.meant.end),
        _ => (at.byte_start, at.byte_end),
    };
    json!({
        "file_name": absolute(&at.file),
        "byte_start": u32::try_from(bytes.0).unwrap_or(0), "byte_end": u32::try_from(bytes.1).unwrap_or(0),
        "line_start": line.max(1), "line_end": line_end.max(line).max(1),
        "column_start": column.max(1), "column_end": column_end.max(1),
        "is_primary": is_primary,
        "text": excerpt.iter().flat_map(lines).collect::<Vec<_>>(),
        "label": label,
        "suggested_replacement": replacement.map(|(text, _)| text),
        "suggestion_applicability": replacement.map(|(_, how)| how),
        "expansion": null,
    })
}

/// Each line of an excerpt with the columns in it that are meant.
fn lines(excerpt: &Excerpt) -> Vec<Value> {
    let last = excerpt.text.split('\n').count() - 1;
    let line = |(at, text): (usize, &str)| {
        let (width, lead) = (text.chars().count(), text.chars().take_while(|c| c.is_whitespace()).count());
        let start = if at == 0 { excerpt.column as usize } else { lead + 1 };
        let end = if at == last { excerpt.column_end as usize } else { width + 1 };
        json!({ "text": text, "highlight_start": start, "highlight_end": end })
    };
    excerpt.text.split('\n').enumerate().map(line).collect()
}

/// Editors join a path with the root of their workspace, which need not be the working folder.
fn absolute(file: &Path) -> String {
    std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf()).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::odd;
    use super::*;
    use cargo_metadata::Message;
    use proptest::prelude::*;

    #[track_caller]
    fn read(diagnostic: &Diagnostic) -> cargo_metadata::CompilerMessage {
        let line = serde_json::to_string(&crate::report::Message::Compiler(&line(diagnostic))).expect("JSON");
        assert!(!line.contains('\n'), "{line:?}");
        match Message::parse_stream(line.as_bytes()).next().expect("a line").expect("readable") {
            Message::CompilerMessage(message) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn editors_are_given_the_word_its_line_and_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lib.rs");
        std::fs::write(&file, "// äöü\nlet ä = wrong;\n").unwrap();
        let diagnostic = odd::diagnostic("import.internal", "no", Some(Span::point(file.clone(), 2, 9)));
        let told = read(&diagnostic);
        let span = &told.message.spans[0];
        assert_eq!((span.line_start, span.column_start, span.column_end), (2, 9, 14));
        assert_eq!((span.byte_start, span.byte_end), (19, 24));
        assert_eq!(span.text[0].text, "let ä = wrong;");
        assert_eq!(Path::new(&span.file_name), file);
        assert_eq!(told.message.code.unwrap().code, "import.internal");
    }

    proptest! {
        #[test]
        fn odd_text_stays_one_line_that_can_be_read(diagnostic in odd::anything()) {
            prop_assert_eq!(read(&diagnostic).message.message, diagnostic.message);
        }
    }
}
