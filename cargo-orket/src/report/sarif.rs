//! All diagnostics as one SARIF 2.1.0 log, as code scanning of GitHub and GitLab takes it.
//!
//! Invariants: every result has a place, because GitHub refuses a whole log for one without; paths are relative to
//! `%SRCROOT%`, with nothing of the machine in them unless a file lies elsewhere; columns count characters, and `columnKind`
//! says so; a fingerprint does not depend on line numbers; what does not fit is counted in a notification.

use super::diagnostic::{Diagnostic, below, stand_in};
use super::excerpt::Excerpt;
use crate::lint::{Span, Suggestion};
use crate::template::CODES;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::Severity;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The most results in a log: GitHub keeps that many of those that it is given.
const RESULTS_MAX: usize = 5_000;
/// The longest message, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// The longest quoted source, in characters.
const SNIPPET_CHARS_MAX: usize = 2_000;

/// The log of what was found below a root; `is_finished` says whether the tool could do its work.
pub(super) fn log(diagnostics: &[Diagnostic], left_out: usize, root: &Path, is_finished: bool) -> Value {
    let mut chosen: Vec<&Diagnostic> = diagnostics.iter().collect();
    // Stable: within one severity the order in which things were found stays.
    chosen.sort_by_key(|one| std::cmp::Reverse(one.level));
    let left_out = left_out + chosen.len().saturating_sub(RESULTS_MAX);
    chosen.truncate(RESULTS_MAX);
    let codes: BTreeMap<&str, usize> = {
        let mut codes: Vec<&str> = chosen.iter().map(|one| one.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.into_iter().enumerate().map(|(at, code)| (code, at)).collect()
    };
    let mut seen = HashMap::new();
    let results: Vec<Value> =
        chosen.iter().map(|one| result(one, codes[one.code.as_str()], root, &mut seen)).collect();
    let mut invocation = json!({ "executionSuccessful": is_finished });
    if left_out > 0 {
        let text = format!(
            "{left_out} more results are left out; fix some of these, or ask for `--message-format json`"
        );
        invocation["toolExecutionNotifications"] =
            json!([{ "level": "warning", "message": { "text": text } }]);
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-orket",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.keys().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    })
}

/// What a code means, with its page where it is one of ours.
fn rule(name: &str) -> Value {
    let Some(known) = code::find(name) else { return json!({ "id": name }) };
    let page = CODES.iter().find(|(file, _)| file.strip_suffix(".md") == Some(name));
    let page = page.map_or(known.summary, |(_, page)| page);
    json!({
        "id": name,
        "shortDescription": { "text": known.summary },
        "help": { "text": format!("`cargo orket explain {name}` says more."), "markdown": page },
        "helpUri": format!("{}/blob/main/docs/codes/{name}.md", env!("CARGO_PKG_REPOSITORY")),
        "defaultConfiguration": {
            "level": if known.severity == code::Severity::Error { "error" } else { "warning" },
        },
    })
}

fn result(one: &Diagnostic, rule: usize, root: &Path, seen: &mut HashMap<String, usize>) -> Value {
    let mut result = Map::from_iter([
        ("ruleId".to_owned(), json!(one.code)),
        ("ruleIndex".to_owned(), json!(rule)),
        ("level".to_owned(), json!(level(one.level))),
        ("message".to_owned(), json!({ "text": clipped(&one.text(), TEXT_CHARS_MAX) })),
    ]);
    let excerpt = one.excerpt();
    let place = match &one.span {
        Some(span) => location(span, excerpt.as_ref(), root),
        None => location(&Span::point(stand_in(root), 1, 0), None, root),
    };
    result.insert("locations".to_owned(), json!([place]));
    let related = one.labels.iter().map(|label| {
        let mut location = location(&label.span, Excerpt::of(&label.span).as_ref(), root);
        location["message"] = json!({ "text": clipped(&label.text, TEXT_CHARS_MAX) });
        location
    });
    let related: Vec<Value> = related.take(100).collect();
    if !related.is_empty() {
        result.insert("relatedLocations".to_owned(), related.into());
    }
    if let Some(fix) = one.suggestion.as_ref().and_then(|suggestion| fix(suggestion, root)) {
        result.insert("fixes".to_owned(), json!([fix]));
    }
    if let Some(reason) = &one.suppressed {
        result.insert("suppressions".to_owned(), json!([{ "kind": "inSource", "justification": reason }]));
    }
    let print = fingerprint(one, excerpt.as_ref(), root);
    let count = seen.entry(print.clone()).and_modify(|count| *count += 1).or_insert(1);
    let print = format!("{print}:{count}");
    result.insert("partialFingerprints".to_owned(), json!({ "primaryLocationLineHash": print }));
    Value::Object(result)
}

/// What stays the same when other lines come and go: the code, the file, the lines themselves and what is said of them.
fn fingerprint(one: &Diagnostic, excerpt: Option<&Excerpt>, root: &Path) -> String {
    let file = one.span.as_ref().map(|span| uri(&span.file, root).0).unwrap_or_default();
    let lines: Vec<&str> = excerpt.iter().flat_map(|one| one.text.lines()).map(str::trim).collect();
    let parts = [one.code.as_str(), &file, &lines.join("\n"), &one.message];
    let lengths = parts.map(|part| format!("{}:{part}", part.len()));
    Digest::of(lengths.concat().as_bytes()).to_string().chars().take(16).collect()
}

fn location(span: &Span, excerpt: Option<&Excerpt>, root: &Path) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&span.file, root),
        "region": region(span, excerpt),
    } })
}

fn region(span: &Span, excerpt: Option<&Excerpt>) -> Value {
    let Some(excerpt) = excerpt else {
        let mut region = json!({ "startLine": span.line.max(1) });
        if span.column > 0 {
            region["startColumn"] = json!(span.column);
        }
        return region;
    };
    json!({
        "startLine": excerpt.line, "startColumn": excerpt.column,
        "endLine": excerpt.line_end, "endColumn": excerpt.column_end,
        "snippet": { "text": clipped(&excerpt.text, SNIPPET_CHARS_MAX) },
    })
}

fn artifact(file: &Path, root: &Path) -> Value {
    match uri(file, root) {
        (uri, true) => json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }),
        (uri, false) => json!({ "uri": uri }),
    }
}

/// The address of a file, and whether it is relative to the root.
fn uri(file: &Path, root: &Path) -> (String, bool) {
    match below(root, file) {
        Some(path) => (escaped(&path), true),
        None => {
            let path = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
            (format!("file://{}", escaped(&path.to_string_lossy())), false)
        }
    }
}

/// A path in the characters that a URI may have; a colon is escaped, too, because a relative one must not look like a scheme.
fn escaped(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/@".contains(&byte);
    let escape = |byte: u8| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(escape).collect()
}

/// An edit; none where its place is not known in lines.
fn fix(suggestion: &Suggestion, root: &Path) -> Option<Value> {
    let mut changes: Vec<(&Path, Vec<Value>)> = Vec::new();
    for edit in &suggestion.edits {
        let excerpt = (edit.span.line > 0).then_some(&edit.span)?;
        let replacement = json!({
            "deletedRegion": {
                "startLine": excerpt.line, "startColumn": excerpt.column.max(1),
                "endLine": excerpt.line_end.max(excerpt.line), "endColumn": excerpt.column_end.max(1),
            },
            "insertedContent": { "text": edit.replacement },
        });
        match changes.iter_mut().find(|(file, _)| *file == edit.span.file) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((&edit.span.file, vec![replacement])),
        }
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(file, all)| json!({ "artifactLocation": artifact(file, root), "replacements": all }))
        .collect();
    (!changes.is_empty())
        .then(|| json!({ "description": { "text": suggestion.message }, "artifactChanges": changes }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// At most so many characters, and a sign that there were more.
fn clipped(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::odd;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_result_names_the_place_from_the_root_on_and_survives_moved_lines() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a b.rs");
        let told = |text: &str, line| {
            std::fs::write(&file, text).unwrap();
            let diagnostic =
                odd::diagnostic("import.internal", "no", Some(Span::point(file.clone(), line, 5)));
            log(&[diagnostic.clone(), diagnostic], 0, folder.path(), true)["runs"][0]["results"].clone()
        };
        let (first, moved) = (told("use ä;\n", 1), told("// new\n\nuse ä;\n", 3));
        let place = &first[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"], json!({ "uri": "a%20b.rs", "uriBaseId": "%SRCROOT%" }));
        assert_eq!(place["region"]["snippet"]["text"], "use ä;");
        assert_eq!((&place["region"]["startColumn"], &place["region"]["endColumn"]), (&json!(5), &json!(6)));
        assert_eq!(first[0]["partialFingerprints"], moved[0]["partialFingerprints"]);
        assert_ne!(first[0]["partialFingerprints"], first[1]["partialFingerprints"]);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_is_the_least_severe() {
        let mut many = vec![odd::diagnostic("a.note", "x", None); RESULTS_MAX + 7];
        many.iter_mut().for_each(|one| one.level = Severity::Info);
        many.push(odd::diagnostic("import.internal", "x", None));
        let run = &log(&many, 2, Path::new("/"), false)["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), RESULTS_MAX);
        assert_eq!(run["results"][0]["ruleId"], "import.internal");
        let notice = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(notice.as_str().unwrap().starts_with("10 more"), "{notice}");
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "import.internal");
    }

    #[test]
    fn what_has_no_place_is_said_of_the_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let whole_file = Some(Span::point(folder.path().join("a.toml"), 0, 0));
        let both =
            [odd::diagnostic("build.failed", "no", None), odd::diagnostic("key.exists", "no", whole_file)];
        let log = log(&both, 0, folder.path(), false);
        let place = |at: usize| &log["runs"][0]["results"][at]["locations"][0]["physicalLocation"];
        let uris = [0, 1].map(|at| &place(at)["artifactLocation"]["uri"]);
        assert_eq!(uris, [&json!("Cargo.toml"), &json!("a.toml")]);
        assert_eq!([0, 1].map(|at| &place(at)["region"]), [&json!({ "startLine": 1 }); 2]);
    }

    proptest! {
        #[test]
        fn an_address_has_only_what_an_address_may_have(diagnostics in prop::collection::vec(odd::anything(), 0..4)) {
            let log = log(&diagnostics, 0, Path::new("/nowhere"), true);
            for result in log["runs"][0]["results"].as_array().unwrap() {
                let place = &result["locations"][0]["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                prop_assert!(!uri.is_empty() && place["region"]["startLine"].as_u64() >= Some(1), "{}", place);
                prop_assert!(uri.is_ascii() && !uri.contains([' ', '"', '<', '\\']) && !uri.chars().any(char::is_control));
                let index = result["ruleIndex"].as_u64().unwrap() as usize;
                prop_assert_eq!(&log["runs"][0]["tool"]["driver"]["rules"][index]["id"], &result["ruleId"]);
            }
        }
    }
}
