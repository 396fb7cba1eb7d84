//! Findings that an author accepts: `// orket: allow(ambient.time, reason = "…")`.
//!
//! On a line of its own the comment covers the item, statement, field or arm that follows; behind code it covers
//! its line; as `//!` it covers the file. Invariants: without a reason it covers nothing; internal imports are
//! never covered; one that covers nothing is a finding itself.

use super::finding::{Edit, Finding, Layer, Span, Suggestion, Suppression};
use super::source::{Source, Sources, comments};
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
    findings.extend(mistakes);
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
}

fn read(path: &Path, source: &Source, comments: &mut Vec<Comment>, mistakes: &mut Vec<Finding>) {
    if !source.text.contains(MARK) {
        return;
    }
    for bytes in comments::lines(&source.text) {
        let text = &source.text[bytes.clone()];
        if !is_ours(text) {
            continue;
        }
        let span = Span::of(path, &source.text, bytes);
        match understood(text) {
            Ok((codes, reason)) => comments.push(Comment {
                codes,
                reason,
                lines: covered(source, &span),
                span,
                is_used: false,
                package: source.package.clone(),
            }),
            Err(wrong) => mistakes.push(mistake(wrong, &span, text, &source.package)),
        }
    }
}

/// Whether a comment is meant for us; three slashes are documentation.
fn is_ours(comment: &str) -> bool {
    let body = comment.strip_prefix("//!").or_else(|| comment.strip_prefix("//"));
    body.is_some_and(|body| body.trim_start().starts_with(MARK))
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
    let body = body.strip_prefix('(').and_then(|body| body.strip_suffix(')')).map(str::trim);
    let body = body.ok_or_else(|| wrong("a suppression has another form than it must have".to_owned()))?;
    // A code may have the word `reason` in it, and a reason any word.
    let (given, quoted) = body.split_once('"').unwrap_or((body, ""));
    let list = given.trim_end().strip_suffix('=').and_then(|given| given.trim_end().strip_suffix("reason"));
    let list = list.map(str::trim_end).filter(|list| list.is_empty() || list.ends_with(','));
    let reason = quoted.strip_suffix('"').map_or("", str::trim);
    let Some(list) = list.filter(|_| !reason.is_empty()) else {
        return Err(wrong("a suppression gives no reason, so it covers nothing".to_owned()));
    };
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
        edits: vec![Edit { span: span.clone(), replacement: corrected(text, &word, near) }],
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

/// A comment with another word in its list, which may be a part of other words there.
fn corrected(text: &str, word: &str, instead: &str) -> String {
    let (head, list) = text.split_at(text.find('(').map_or(0, |at| at + 1));
    let one = |item: &str| match item.trim() == word {
        true => item.replace(word, instead),
        false => item.to_owned(),
    };
    head.to_owned() + &list.split(',').map(one).collect::<Vec<_>>().join(",")
}

/// The lines that a comment covers.
fn covered(source: &Source, span: &Span) -> RangeInclusive<u32> {
    let number = span.line;
    if source.text[span.byte_start..].starts_with("//!") {
        return 1..=u32::MAX;
    }
    if line_of_its_own(&source.text, span).is_none() {
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
    number..=starting.map(|(_, last)| *last).max().unwrap_or(next)
}

/// The byte at which the line of a comment starts, if nothing else stands there.
fn line_of_its_own(text: &str, span: &Span) -> Option<usize> {
    let before = text.get(..span.byte_start)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    before[start..].trim().is_empty().then_some(start)
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
    let (before, rest) = text.split_at_checked(span.byte_end).unwrap_or_default();
    let bytes = match line_of_its_own(text, span) {
        Some(start) => start..span.byte_end + rest.find('\n').map_or(0, |at| at + 1),
        None => before[..span.byte_start].trim_end_matches([' ', '\t']).len()..span.byte_end,
    };
    Span::of(&span.file, text, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a file, each finding with its line, and the text after its edit.
    fn found(text: &str) -> Vec<(&'static str, u32, bool, String)> {
        let path = Path::new("/a.rs");
        let mut source = Source::default();
        text.clone_into(&mut source.text);
        let sources = Sources { files: [(path.to_path_buf(), source)].into(), ..Sources::default() };
        let mut findings = Vec::new();
        apply(&mut findings, &sources, false);
        let line = |finding: &Finding| finding.span.as_ref().map_or(0, |span| span.line);
        let edited = |finding: &Finding| {
            let mut text = text.to_owned();
            for edit in finding.suggestion.iter().flat_map(|suggestion| &suggestion.edits) {
                let span = &edit.span;
                assert_eq!(
                    sources
                        .measured(&finding.clone().at(Span { byte_start: 0, ..span.clone() }))
                        .span
                        .as_ref(),
                    Some(span)
                );
                text.replace_range(span.byte_start..span.byte_end, &edit.replacement);
            }
            text
        };
        let all = findings.iter();
        all.map(|one| (one.code, line(one), one.suppressed.is_some(), edited(one))).collect()
    }

    #[test]
    fn a_comment_is_known_by_its_slashes() {
        assert!(is_ours("// orket: allow(ambient.time, reason = \"x\")"));
        assert!(is_ours("//orket: allow(x)"));
        assert!(is_ours("//! orket: allow(x)"));
        assert!(!is_ours("/// orket: allow(x)"));
        assert!(!is_ours("/// // orket: allow(x)"));
    }

    #[test]
    fn texts_and_block_comments_hold_no_suppression() {
        let wrong = "// orket: allow(ambient.tme, reason = \"x\")";
        for around in [["let a = \"\n", "\n\";"], ["let a = r#\"\n", "\n\"#;"], ["/*\n", "\n*/"]] {
            assert_eq!(found(&around.join(&wrong.replace('"', "'"))), Vec::new());
        }
        let text = format!("let a = '\"'; {wrong}\n");
        assert_eq!(found(&text), [(code::LINT_REASON, 1, false, text.replace("tme", "time"))]);
    }

    #[test]
    fn a_word_is_corrected_where_it_stands_alone() {
        let text = "// orket: allow(ambient.time, ambient.tim, reason = \"ambient.tim\")";
        let expected = "// orket: allow(ambient.time, ambient.time, reason = \"ambient.tim\")";
        assert_eq!(corrected(text, "ambient.tim", "ambient.time"), expected);
    }

    #[test]
    fn one_that_covers_nothing_goes_with_its_line_or_with_the_blanks_before_it() {
        let unused = "// orket: allow(ambient.time, reason = \"ä\")";
        let check = |text: &str, line, after: &str| {
            assert_eq!(found(text), [(code::LINT_UNUSED, line, false, after.to_owned())]);
        };
        check(&format!("a();\n    {unused}\nb();\n"), 2, "a();\nb();\n");
        check(&format!("ä();  {unused}\nb();\n"), 1, "ä();\nb();\n");
        check(&format!("a();\n{unused}"), 2, "a();\n");
    }

    #[test]
    fn a_mistake_can_be_accepted() {
        let text =
            "//! orket: allow(lint.reason, reason = \"they are of another tool\")\n\n// orket: allow(this)\n";
        assert_eq!(found(text), [(code::LINT_REASON, 3, true, text.to_owned())]);
        let text = "// orket: allow(lint.reason, reason = \"as above\")\n// orket: allow(this)\nfn a() {}\n";
        assert_eq!(found(text), [(code::LINT_REASON, 2, true, text.to_owned())]);
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
        check("// orket: allow(lint.reason, reason = \"\"x\", for a reason = that\" )", Ok(&["lint.reason"]));
        check("// orket: allow(lint.reason = \"x\")", Err("no reason"));
        check("// orket: allow(lint.reason)", Err("no reason"));
        check("// orket: allow(ambient.time)", Err("no reason"));
        check("// orket: allow(ambient.time, reason = \"  \")", Err("no reason"));
        check("// orket: allow(reason = \"x\")", Err("no code"));
        check("// orket: allow ambient.time", Err("another form"));
        check("// orket: allow(ambient.tme, reason = \"x\")", Err("no code of the lint"));
        check("// orket: allow(import.internal, reason = \"x\")", Err("cannot be suppressed"));
    }
}
