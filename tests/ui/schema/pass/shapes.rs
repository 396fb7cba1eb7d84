//! Every shape that the derive knows.
#![deny(warnings)]
#![allow(dead_code)]

use std::collections::BTreeMap;

use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Everything<T: Default> {
    /// Documented.
    with_default: u8,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(skip)]
    skipped: std::time::Duration,
    list: Vec<[T; 2]>,
    map: BTreeMap<String, Option<Box<f64>>>,
    any: serde_json::Value,
}

impl<T: Default> Default for Everything<T> {
    fn default() -> Self {
        Self {
            with_default: 1,
            kind: Kind::Plain,
            skipped: std::time::Duration::ZERO,
            list: Vec::new(),
            map: BTreeMap::new(),
            any: serde_json::Value::Null,
        }
    }
}

#[derive(serde::Deserialize, Schema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Plain,
    Wrapped(Wrapper),
    Pair(u8, bool),
    Object { field: char },
}

#[derive(serde::Deserialize, Schema)]
struct Wrapper(String);

#[derive(serde::Deserialize, Schema)]
#[serde(transparent)]
struct Transparent {
    inner: Option<u8>,
}

#[derive(serde::Deserialize, Schema)]
struct Nothing;

#[derive(Schema)]
#[schema(crate = orket_runtime)]
struct Elsewhere {
    fixed: (u8, i64),
}

#[orket_runtime::workload]
fn all(
    _: &mut orket_runtime::workload::WorkloadContext,
    _: Everything<u8>,
) -> orket_runtime::Result<orket_runtime::result::WorkloadResult> {
    orket_runtime::result::WorkloadResult::ok(())
}

fn main() {}
