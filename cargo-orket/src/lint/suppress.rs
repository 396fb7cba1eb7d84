//! Findings that an author accepts: `// orket: allow(ambient.time, reason = "…")`.
//!
//! On a line of its own the comment covers the item, statement, field or arm that follows; behind code it covers
//! its line; as `//!` it covers the file. Invariants: without a reason it covers nothing; internal imports are
//! never covered; one that covers nothing is a finding itself.

use super::finding::{Edit, Finding, Layer, Span, Suggestion, Suppression};
use super::source::{Source, Sources};
use orket_contract::issue::Severity;
use orket_contract::{code, suggest};
use std::ops::RangeInclusive;
use std::path::Path;

/// What such a comment begins with.
pub(super) const MARK: &str = "orket: allow";

/// Codes that no comment and no level takes away.
pub(super) const FIRM: [&str; 2] = [code::IMPORT_INTERNAL, code::IMPORT_ENGINE];

/// A comment that is understood.
#[derive(Debug)]
struct Comment {
    codes: Vec<&'static str>,
    reason: String,
    span: Span,
    lines: RangeInclusive<u32>,
    is_used: bool,
    package: String,
}

/// Marks the findings that comments cover, and adds what is to be said of the comments.
pub(super) fn apply(findings: &mut Vec<Finding>, sources: &Sources, misses_layer: bool) {
    let (mut comments, mut mistakes) = (Vec::new(), Vec::new());
    for (path, source) in &sources.files {
        read(path, source, &mut comments, &mut mistakes);
    }
    for finding in findings.iter_mut() {
        let Some(span) = &finding.span else { continue };
        let covers = |comment: &&mut Comment| {
            comment.span.file == span.file
                && comment.lines.contains(&span.line)
                && comment.codes.contains(&finding.code)
        };
        if let Some(comment) = comments.iter_mut().find(covers) {
            comment.is_used = true;
            finding.suppressed =
                Some(Suppression { reason: comment.reason.clone(), span: comment.span.clone() });
        }
    }
    // What a layer that is missing would have found is not known.
    let unused = comments.iter().filter(|comment| !comment.is_used && !misses_layer);
    findings.extend(unused.map(|comment| self::unused(comment, sources)));
    findings.extend(mistakes);
}

fn read(path: &Path, source: &Source, comments: &mut Vec<Comment>, mistakes: &mut Vec<Finding>) {
    let mut start = 0;
    for (number, line) in source.text.split_inclusive('\n').enumerate() {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        if let Some((at, text)) = comment(line) {
            let end = at + text.len();
            let column = |byte: usize| u32::try_from(line[..byte].chars().count() + 1).unwrap_or(0);
            let span = Span {
                file: path.to_path_buf(),
                line: number,
                column: column(at),
                line_end: number,
                column_end: column(end),
                byte_start: start + at,
                byte_end: start + end,
            };
            match understood(text) {
                Ok((codes, reason)) => comments.push(Comment {
                    codes,
                    reason,
                    lines: covered(source, line, at, number),
                    span,
                    is_used: false,
                    package: source.package.clone(),
                }),
                Err(wrong) => mistakes.push(mistake(wrong, &span, text, &source.package)),
            }
        }
        start += line.len();
    }
}

/// The comment of a line that is meant for us, and where it begins.
fn comment(line: &str) -> Option<(usize, &str)> {
    let mark = line.find(MARK)?;
    let before = line[..mark].trim_end();
    let slashes = before.strip_suffix("//!").or_else(|| before.strip_suffix("//"))?;
    // Three slashes are documentation, and a quote before them makes it a text.
    let is_text = slashes.matches('"').count() % 2 == 1;
    (!slashes.ends_with('/') && !is_text).then(|| (slashes.len(), line[slashes.len()..].trim_end()))
}

/// What is wrong with a comment, and the word that is meant instead of another.
struct Wrong {
    message: String,
    help: String,
    instead: Option<(String, &'static str)>,
}

fn understood(text: &str) -> Result<(Vec<&'static str>, String), Wrong> {
    const FORM: &str = "write `// orket: allow(ambient.time, reason = \"why it is right here\")`";
    let wrong = |message: String| Wrong { message, help: FORM.to_owned(), instead: None };
    let body = text.split_once(MARK).map_or("", |(_, rest)| rest).trim();
    let body = body.strip_prefix('(').and_then(|body| body.strip_suffix(')'));
    let body = body.ok_or_else(|| wrong("a suppression has another form than it must have".to_owned()))?;
    let (list, reason) = body.split_once("reason").unwrap_or((body, ""));
    let reason = reason.trim().strip_prefix('=').map_or("", str::trim);
    let reason = reason.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map_or("", str::trim);
    if reason.is_empty() {
        return Err(wrong("a suppression gives no reason, so it covers nothing".to_owned()));
    }
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let codes: Vec<_> = names.map(suppressible).collect::<Result<_, _>>()?;
    if codes.is_empty() {
        return Err(wrong("a suppression names no code, so it covers nothing".to_owned()));
    }
    Ok((codes, reason.to_owned()))
}

fn suppressible(name: &str) -> Result<&'static str, Wrong> {
    if FIRM.contains(&name) {
        let message = format!("`{name}` cannot be suppressed");
        return Err(Wrong { message, help: "use what is public".to_owned(), instead: None });
    }
    if let Some(known) = super::levels::CODES.iter().find(|known| **known == name) {
        return Ok(known);
    }
    let near = suggest::nearest(name, super::levels::CODES.iter().copied());
    let help = near.map_or("`cargo orket explain --list` lists all codes".to_owned(), |near| {
        format!("did you mean `{near}`?")
    });
    Err(Wrong {
        message: format!("`{name}` is no code of the lint"),
        help,
        instead: near.map(|near| (name.to_owned(), near)),
    })
}

fn mistake(wrong: Wrong, span: &Span, text: &str, package: &str) -> Finding {
    let edit = wrong.instead.map(|(word, near)| Suggestion {
        message: format!("write `{near}`"),
        edits: vec![Edit { span: span.clone(), replacement: text.replacen(&word, near, 1) }],
        is_machine_applicable: true,
    });
    let finding = Finding::error(Layer::Source, code::LINT_REASON, wrong.message).at(span.clone());
    Finding {
        level: Severity::Warning,
        suggestion: edit,
        package: Some(package.to_owned()),
        ..finding.with_help(wrong.help)
    }
}

/// The lines that a comment covers.
fn covered(source: &Source, line: &str, at: usize, number: u32) -> RangeInclusive<u32> {
    if line[at..].starts_with("//!") {
        return 1..=u32::MAX;
    }
    if !line[..at].trim().is_empty() {
        return number..=number;
    }
    let is_code = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let rest = source.text.lines().enumerate().skip(number as usize);
    let next = rest
        .filter(|(_, line)| is_code(line))
        .map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX))
        .next();
    let Some(next) = next else { return number..=number };
    // A comment may stand among the attributes of what it covers.
    let leads = |line: &str| line.trim_start().starts_with("#[") || !is_code(line);
    let lines: Vec<&str> = source.text.lines().collect();
    let begins = |first: u32| {
        let between = lines.get(first.saturating_sub(1) as usize..next.saturating_sub(1) as usize);
        first == next || between.is_some_and(|lines| lines.iter().all(|line| leads(line)))
    };
    let starting = source.blocks.iter().filter(|(first, _)| begins(*first));
    next..=starting.map(|(_, last)| *last).max().unwrap_or(next)
}

fn unused(comment: &Comment, sources: &Sources) -> Finding {
    let codes: Vec<_> = comment.codes.iter().map(|code| format!("`{code}`")).collect();
    let message = format!("a suppression of {} covers nothing", codes.join(", "));
    let finding = Finding::error(Layer::Source, code::LINT_UNUSED, message).at(comment.span.clone());
    let edit = Edit { span: whole_line(&comment.span, sources), replacement: String::new() };
    Finding {
        level: Severity::Warning,
        suggestion: Some(Suggestion {
            message: "remove it".to_owned(),
            edits: vec![edit],
            is_machine_applicable: true,
        }),
        package: Some(comment.package.clone()),
        ..finding.with_help("remove it, or put it above what it is about")
    }
}

/// The span of a comment, with its line where it stands alone, else with the blanks before it.
fn whole_line(span: &Span, sources: &Sources) -> Span {
    let text = sources.files.get(&span.file).map_or("", |source| source.text.as_str());
    let before = text.get(..span.byte_start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let is_alone = before[line..].trim().is_empty();
    let start = if is_alone { line } else { before.trim_end_matches([' ', '\t']).len() };
    let rest = text.get(span.byte_end..).unwrap_or_default();
    let newline = rest.find('\n').filter(|_| is_alone).map_or(0, |at| at + 1);
    Span { byte_start: start, byte_end: span.byte_end + newline, ..span.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_known_by_its_slashes() {
        assert!(comment("    // orket: allow(ambient.time, reason = \"x\")\n").is_some());
        assert!(comment("a(); // orket: allow(x)").is_some());
        assert!(comment("//! orket: allow(x)").is_some());
        assert!(comment("/// // is no orket: allow(x)").is_none());
        assert!(comment("/// orket: allow(x)").is_none());
        assert!(comment("let a = \"// orket: allow(x)\";").is_none());
    }

    #[track_caller]
    fn check(text: &str, expected: Result<&[&str], &str>) {
        match (understood(text), expected) {
            (Ok((codes, _)), Ok(expected)) => assert_eq!(codes, expected),
            (Err(wrong), Err(expected)) => assert!(wrong.message.contains(expected), "{}", wrong.message),
            (Ok(_), Err(expected)) => panic!("{text} is no {expected}"),
            (Err(wrong), Ok(_)) => panic!("{text}: {}", wrong.message),
        }
    }

    #[test]
    fn a_suppression_gives_codes_and_a_reason() {
        check("// orket: allow(ambient.time, reason = \"a log line\")", Ok(&["ambient.time"]));
        check(
            "// orket: allow(ambient.time, ambient.thread, reason = \"both (here)\")",
            Ok(&["ambient.time", "ambient.thread"]),
        );
        check("// orket: allow(ambient.time)", Err("no reason"));
        check("// orket: allow(ambient.time, reason = \"  \")", Err("no reason"));
        check("// orket: allow(reason = \"x\")", Err("no code"));
        check("// orket: allow ambient.time", Err("another form"));
        check("// orket: allow(ambient.tme, reason = \"x\")", Err("no code of the lint"));
        check("// orket: allow(import.internal, reason = \"x\")", Err("cannot be suppressed"));
    }
}
