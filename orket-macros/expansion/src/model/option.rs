//! The meaning of single options. What is wrong is reported and left out.

use std::collections::BTreeSet;

use orket_contract::{capability, code, id, suggest};
use proc_macro2::Span;
use syn::{LitStr, Path};

use crate::issues::Issues;
use crate::parse::{Given, Value};

/// Reports options that do not exist or are given twice.
pub(super) fn check_keys(options: &[Given], known: &[&str], issues: &mut Issues) {
    let mut seen = BTreeSet::new();
    for Given { key, .. } in options {
        let name = key.to_string();
        if !known.contains(&name.as_str()) {
            let message = format!("`{name}` is not an option{}", did_you_mean(&name, known.iter().copied()));
            let all = known.join("`, `");
            issues.report_with_help(
                key.span(),
                code::OPTION_UNKNOWN,
                message,
                format!("the options are `{all}`"),
            );
        } else if !seen.insert(name.clone()) {
            issues.report(key.span(), code::OPTION_DUPLICATE, format!("`{name}` is given twice"));
        }
    }
}

/// The value of an option.
pub(super) fn find<'a>(options: &'a [Given], key: &str) -> Option<&'a Value> {
    options.iter().find(|given| given.key == key).map(|given| &given.value)
}

/// An option that is a string literal.
pub(super) fn text<'a>(options: &'a [Given], key: &str, issues: &mut Issues) -> Option<&'a LitStr> {
    match find(options, key)? {
        Value::Text(text) => Some(text),
        other => {
            issues.report(other.span(), code::OPTION_INVALID, format!("`{key}` is a string literal"));
            None
        }
    }
}

/// An option that is the path of a function, type or module.
pub(super) fn path(options: &[Given], key: &str, issues: &mut Issues) -> Option<Path> {
    match find(options, key)? {
        Value::Path(path) => Some(path.clone()),
        other => {
            let what = match key {
                "crate" => "a path to the SDK",
                "config_schema" => "the path of a type",
                _ => "the path of a function",
            };
            issues.report(other.span(), code::OPTION_INVALID, format!("`{key}` is {what}"));
            None
        }
    }
}

/// An option that is a list in brackets.
pub(super) fn list<'a>(options: &'a [Given], key: &str, issues: &mut Issues) -> &'a [Value] {
    match find(options, key) {
        None => &[],
        Some(Value::List(values)) => values,
        Some(other) => {
            issues.report(other.span(), code::OPTION_INVALID, format!("`{key}` is a list: `{key} = […]`"));
            &[]
        }
    }
}

/// An id, checked by the contract's rule.
pub(super) fn id(text: &str, span: Span, issues: &mut Issues) {
    if let Err(fault) = id::check(text) {
        issues.report(span, code::ID_INVALID, format!("`{text}` is not an id: {fault}"));
    }
}

/// The option `description`.
pub(super) fn description(options: &[Given], issues: &mut Issues) -> Option<String> {
    text(options, "description", issues).map(LitStr::value)
}

/// The option `version`.
pub(super) fn version(options: &[Given], issues: &mut Issues) -> Option<String> {
    let text = text(options, "version", issues)?;
    if let Err(error) = semver::Version::parse(&text.value()) {
        let message = format!("`{}` is not a version: {error}", text.value());
        issues.report_with_help(
            text.span(),
            code::MANIFEST_BAD_VERSION,
            message,
            "a version has three numbers, such as `1.2.3`",
        );
    }
    Some(text.value())
}

/// The option `capabilities`, sorted.
pub(super) fn capabilities(options: &[Given], issues: &mut Issues) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for value in list(options, "capabilities", issues) {
        let Value::Text(text) = value else {
            issues.report(value.span(), code::OPTION_INVALID, "a capability is a string literal");
            continue;
        };
        let name = text.value();
        if capability::find(&name).is_none() {
            unknown_capability(&name, text.span(), issues);
        } else if !names.insert(name.clone()) {
            issues.report(text.span(), code::OPTION_DUPLICATE, format!("`{name}` is listed twice"));
        }
    }
    names
}

fn unknown_capability(name: &str, span: Span, issues: &mut Issues) {
    let hint = match capability::ALIASES.iter().find(|(alias, _)| *alias == name) {
        Some((_, "")) => "; it is a part of the context now and needs no declaration".to_owned(),
        Some((_, now)) => format!("; it is called `{now}` now"),
        None => did_you_mean(name, capability::ALL.iter().map(|capability| capability.name)),
    };
    issues.report(span, code::CAPABILITY_UNKNOWN, format!("`{name}` is not a capability{hint}"));
}

pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    suggest::nearest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
