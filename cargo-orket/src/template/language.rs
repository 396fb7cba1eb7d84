//! What a template that is not ours may say in its files: `{{ value }}`, `{{ value | filter }}`, and
//! `{% if value %}`, `{% if not value %}`, `{% else %}`, `{% endif %}`.
//!
//! Invariant: what passes renders in time and memory that are linear in its size; there are no loops, calls,
//! literals or assignments.

use super::render::FILTERS;
use orket_contract::suggest;

/// Everything in a text that is none of these, with its line, counted from 1.
pub(super) fn faults(text: &str, known: &[&str]) -> Vec<(u32, String)> {
    let mut faults = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(open) = next(rest) {
        line += lines(&rest[..open]);
        let tag = &rest[open..];
        let end = match &tag[..2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let Some(length) = tag[2..].find(end) else {
            faults.push((line, format!("`{}` is not closed by `{end}`", &tag[..2])));
            break;
        };
        let inner = tag[2..2 + length].trim_start_matches(['-', '+']).trim_end_matches(['-', '+']).trim();
        let fault = match end {
            "}}" => expression(inner, known),
            "%}" => statement(inner, known),
            _ => None,
        };
        faults.extend(fault.map(|why| (line, why)));
        let (whole, after) = tag.split_at(2 + length + 2);
        line += lines(whole);
        rest = after;
    }
    faults
}

/// Where the next tag opens.
fn next(text: &str) -> Option<usize> {
    let mut braces = text.match_indices('{').map(|(at, _)| at);
    braces.find(|at| matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#')))
}

fn lines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

fn expression(inner: &str, known: &[&str]) -> Option<String> {
    let mut parts = inner.split('|').map(str::trim);
    let fault = value(parts.next().unwrap_or_default(), known);
    fault.or_else(|| {
        let strange = parts.find(|filter| !FILTERS.contains(filter))?;
        let filters = FILTERS.join("` and `");
        Some(format!("`{}` is no filter; there are `{filters}`", strange.escape_debug()))
    })
}

fn statement(inner: &str, known: &[&str]) -> Option<String> {
    match inner.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["else" | "endif"] => None,
        ["if", name] | ["if", "not", name] => value(name, known),
        _ => Some(format!(
            "`{}` is not understood: there are `if VALUE`, `if not VALUE`, `else` and `endif`",
            shown(inner)
        )),
    }
}

fn value(name: &str, known: &[&str]) -> Option<String> {
    if known.contains(&name) {
        return None;
    }
    let near = suggest::nearest(name, known.iter().copied());
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("there is no value `{}`{near}", shown(name)))
}

/// The beginning of something that may be long.
fn shown(text: &str) -> String {
    text.chars().take(40).collect::<String>().escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KNOWN: &[&str] = &["name", "title", "hard"];

    #[track_caller]
    fn check(text: &str, expected: &[(u32, &str)]) {
        let found = faults(text, KNOWN);
        assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
        for ((line, why), (expected, says)) in found.iter().zip(expected) {
            assert!(line == expected && why.contains(says), "{text}: {line} {why}");
        }
    }

    #[test]
    fn values_and_conditions_are_all_there_is() {
        check("a {{ name }}{{title|rust}} {%- if hard -%} x {%- else %} y {% endif %} {# {{ no }} #}", &[]);
        check("{% if not hard %}{% endif %}", &[]);
        check("\n{{ nam }}", &[(2, "did you mean `name`?")]);
        check("{% for x in range(100000) %}{% endfor %}", &[(1, "for x in"), (1, "endfor")]);
        check("{{ name * 1000 }}", &[(1, "no value")]);
        check("{{ 'x' }}", &[(1, "no value")]);
        check("{{ name() }}{{ name.x }}{{ name[0] }}", &[(1, ""), (1, ""), (1, "")]);
        check("{{ name | upper }}", &[(1, "no filter")]);
        check("{{ name | rust(1) }}", &[(1, "no filter")]);
        check("{% set x = name %}", &[(1, "not understood")]);
        check("{% include 'x' %}{% raw %}{% macro a() %}", &[(1, ""), (1, ""), (1, "")]);
        check("{{ \"}}\" }}", &[(1, "no value")]);
        check("x\n{{ name", &[(2, "not closed")]);
        check("{# x", &[(1, "not closed")]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}|name|if|not|endif|else|\\||rust|-| |\n|ö|[a-z(\"']){0,40}") {
            let _ = faults(&text, KNOWN);
        }
    }
}
