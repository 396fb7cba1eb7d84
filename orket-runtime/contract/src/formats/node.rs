//! The tree that all formats are read into: values that know where they stand.

use super::fault::{Fault, Faults, quoted};
use crate::code;
use crate::limit::INTEGER_MAX;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// A value and the offset of its first byte.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Numeral),
    /// TOML has dates; the other formats write them as texts.
    Date(String),
    Text(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A number as it was written, and its value where that is an integer which every reader reads alike.
#[derive(Debug)]
pub(super) struct Numeral {
    pub(super) text: String,
    pub(super) value: Option<i64>,
}

impl Numeral {
    pub(super) fn new(text: &str, value: Option<i128>) -> Self {
        let value = value.filter(|value| value.unsigned_abs() <= u128::from(INTEGER_MAX));
        Self { text: text.to_owned(), value: value.and_then(|value| i64::try_from(value).ok()) }
    }
}

/// A key, where it stands, and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: usize,
    pub(super) key: String,
    pub(super) value: Node,
}

impl Node {
    pub(super) fn new(at: usize, kind: Kind) -> Self {
        Self { at, kind }
    }

    /// What a message calls the value.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(number) => format!("the number {}", quoted(&number.text)),
            Kind::Date(text) => format!("the date {}", quoted(text)),
            Kind::Text(_) => "a text".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Table(_) => "a table".to_owned(),
        }
    }

    /// Reports what no value anywhere in a manifest may be: a key written twice.
    pub(super) fn check(&self, faults: &mut Faults) {
        match &self.kind {
            Kind::List(items) => items.iter().for_each(|item| item.check(faults)),
            Kind::Table(entries) => {
                let mut first = BTreeMap::new();
                for entry in entries {
                    match first.get(entry.key.as_str()) {
                        Some(first) => faults.push(duplicate_key(&entry.key, entry.at, Some(*first))),
                        None => drop(first.insert(entry.key.as_str(), entry.at)),
                    }
                    entry.value.check(faults);
                }
            }
            _ => {}
        }
    }

    /// The value as JSON, for schemas.
    pub(super) fn to_json(&self, faults: &mut Faults) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => {
                number.value.map(|value| Value::Number(Number::from(value))).unwrap_or_else(|| {
                    let message = format!("{} is no integer within ±(2^53 − 1)", quoted(&number.text));
                    let hint = "manifests are hashed, and other numbers do not survive every reader";
                    faults.push(Fault::new(code::JSON_NUMBER, self.at, message).with_hint(hint));
                    Value::Null
                })
            }
            Kind::Date(text) => {
                let message = format!("{} is a date, which JSON does not have", quoted(text));
                faults.push(Fault::new(code::MANIFEST_WRONG_TYPE, self.at, message).with_hint("quote it"));
                Value::Null
            }
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(|item| item.to_json(faults)).collect(),
            Kind::Table(entries) => Value::Object(object(entries, faults)),
        }
    }
}

fn object(entries: &[Entry], faults: &mut Faults) -> Map<String, Value> {
    entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json(faults))).collect()
}

/// The fault of a key at `at` that was written before, at `first` where that is known.
pub(super) fn duplicate_key(key: &str, at: usize, first: Option<usize>) -> Fault {
    Fault::new(code::MANIFEST_DUPLICATE_KEY, at, format!("the key {} is written twice", quoted(key)))
        .after(first)
}
