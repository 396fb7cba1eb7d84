//! Diagnostics with odd text, for the tests of all formats.

use super::diagnostic::Diagnostic;
use crate::lint::{Label, Span};
use orket_contract::issue::Severity;
use proptest::prelude::*;
use std::path::PathBuf;

/// A plain error.
pub(super) fn diagnostic(code: &str, message: &str, span: Option<Span>) -> Diagnostic {
    Diagnostic {
        code: code.to_owned(),
        level: Severity::Error,
        message: message.to_owned(),
        span,
        labels: Vec::new(),
        notes: Vec::new(),
        help: None,
        suggestion: None,
        package: None,
        suppressed: None,
    }
}

/// Text of what formats stumble over: their own marks, line breaks, controls, characters of several bytes.
pub(super) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[%:,;|<>&\"'`\\]\\[-]{0,4}",
        "(::error file=a::|%0A|]]>|<!--|\u{1b}\\[2J|\r\n|\n|\u{0}|\u{fffe}|\u{202e}){0,2}",
        "\\PC{0,6}",
        "[a-z ]{0,8}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Any diagnostic.
pub(super) fn anything() -> impl Strategy<Value = Diagnostic> {
    let level = prop_oneof![Just(Severity::Error), Just(Severity::Warning), Just(Severity::Info)];
    let name = "[^\u{0}/]{1,12}";
    let span = (name, any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(file, line, column, end)| Span {
        line_end: line.saturating_add(end % 3),
        column_end: end,
        ..Span::point(PathBuf::from("/nowhere").join(file), line, column)
    });
    let more = (prop::option::of(text()), prop::option::of(text()), text());
    (text(), level, text(), prop::option::of(span), more).prop_map(|(code, level, message, span, more)| {
        let (help, suppressed, label) = more;
        let labels = span.iter().map(|span| Label { span: span.clone(), text: label.clone() }).collect();
        Diagnostic { level, labels, help, suppressed, ..diagnostic(&code, &message, span) }
    })
}
