//! TOML 1 into nodes; the one place that names the TOML crate.

use super::fault::Fault;
use super::node::{Entry, Kind, Node, Numeral, duplicate_key};
use super::{NESTING_MAX, too_deep};
use crate::code;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// The most syntax errors that are told of one file.
const ERRORS_MAX: usize = 20;

/// Reads a whole text; the TOML reader goes on after most errors.
pub(super) fn read(text: &str) -> Result<Node, Vec<Fault>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if let Some(error) = errors.iter().find(|error| error.message().contains("recurs")) {
        return Err(vec![too_deep(error.span().map_or_else(|| dotted(text), |span| span.start))]);
    }
    if !errors.is_empty() {
        let first = errors.iter().take(ERRORS_MAX);
        return Err(first.map(|error| fault(text, root.get_ref(), error)).collect());
    }
    let entries = table(root.get_ref(), NESTING_MAX).map_err(|fault| vec![fault])?;
    Ok(Node::new(0, Kind::Table(entries)))
}

fn fault(text: &str, root: &DeTable<'_>, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or_default();
    match error.message() {
        "duplicate key" => {
            let written = text.get(span.clone()).unwrap_or_default();
            let key = key(written).unwrap_or_else(|| written.to_owned());
            duplicate_key(&key, span.start, first(text, root, &key, span.start))
        }
        message => {
            Fault::new(code::MANIFEST_SYNTAX, span.start, message.trim_end_matches(", expected nothing"))
        }
    }
}

/// The first line that can hold a dotted key of too many parts, of which the reader tells no place.
fn dotted(text: &str) -> usize {
    let lines = text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some((*at - line.len(), line))
    });
    let mut deep = lines
        .filter(|(_, line)| !line.trim_start().starts_with('#') && line.matches('.').count() >= NESTING_MAX);
    deep.next().map_or(0, |(at, _)| at)
}

/// What a key means: `"a b"` is `a b`.
fn key(written: &str) -> Option<String> {
    let line = format!("{written} = 0");
    DeTable::parse(&line).ok()?.get_ref().keys().next().map(|key| key.get_ref().to_string())
}

/// Where the key that is repeated at `at` was written before: the nearest of that name in a table that
/// is still open there.
fn first(text: &str, root: &DeTable<'_>, key: &str, at: usize) -> Option<usize> {
    let mut last = None;
    let before = text.get(..at)?;
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.trim_start().starts_with('[') {
        // The table of a second header takes the place of the first in the tree.
        find(DeTable::parse_recoverable(before).0.get_ref(), key, at, &mut last);
    } else {
        find(root, key, at, &mut last);
    }
    last
}

fn find(table: &DeTable<'_>, wanted: &str, at: usize, last: &mut Option<usize>) {
    for (key, value) in table.iter() {
        if key.get_ref() == wanted && key.span().start < at {
            *last = (*last).max(Some(key.span().start));
        }
        match value.get_ref() {
            DeValue::Table(inner) if !closed(inner, value.span().end, at) => find(inner, wanted, at, last),
            DeValue::Array(items) => {
                let tables =
                    items.iter().filter_map(|item| Some((item.get_ref().as_table()?, item.span().end)));
                tables
                    .filter(|(inner, end)| !closed(inner, *end, at))
                    .for_each(|(inner, _)| find(inner, wanted, at, last));
            }
            _ => {}
        }
    }
}

/// Whether a table is an inline one that ends before `at`.
fn closed(table: &DeTable<'_>, end: usize, at: usize) -> bool {
    end < at && table.keys().all(|key| key.span().start < end)
}

fn table(table: &DeTable<'_>, depth: usize) -> Result<Vec<Entry>, Fault> {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let at = key.span().start;
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        Ok(Entry { at, key: key.to_string(), value: node(value, depth)? })
    };
    let mut entries = table.iter().map(entry).collect::<Result<Vec<_>, Fault>>()?;
    entries.sort_by_key(|entry| entry.at);
    Ok(entries)
}

fn node(value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Fault> {
    let at = value.span().start;
    let deeper = depth.checked_sub(1).ok_or_else(|| too_deep(at));
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Integer(number) => Kind::Number(Numeral::new(&number.to_string(), integer(number))),
        DeValue::Float(number) => Kind::Number(Numeral::new(number.as_str(), None)),
        DeValue::Boolean(value) => Kind::Bool(*value),
        DeValue::Datetime(date) => Kind::Date(date.to_string()),
        DeValue::Array(items) => {
            let deeper = deeper?;
            Kind::List(items.iter().map(|item| node(item, deeper)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(entries) => Kind::Table(table(entries, deeper?)?),
    };
    Ok(Node::new(at, kind))
}

fn integer(number: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}
