//! `schema`: the JSON Schemas of what is read and written here, and of the inputs of workloads.
//!
//! A schema is printed whole: those that it refers to come with it, under `$defs`, as JSON Schema bundles them.

use crate::args::{PolicyArgs, SchemaArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host;
use crate::report::{Message, Report};
use crate::template::SCHEMA;
use orket_contract::suggest;
use serde_json::{Map, Value, json};

/// How the schemas name each other.
const URN: &str = "urn:orket:schema:";

/// Prints one schema, or lists all.
pub(super) fn run(args: &SchemaArgs, report: &Report) -> Result<Exit> {
    match (&args.workload, args.name.as_deref()) {
        (Some(workload), _) => tell(workload, &input(workload, args, report)?, report)?,
        (None, Some(name)) if !args.list => tell(name, &bundled(name)?, report)?,
        _ => all().for_each(|(name, schema)| {
            let title = schema["title"].as_str().unwrap_or_default();
            report.text(&format!("{name:<22} {title}"));
            report.message(&Message::Schema { name, schema: &schema });
        }),
    }
    Ok(Exit::Ok)
}

fn tell(name: &str, schema: &Value, report: &Report) -> Result<()> {
    report.text(&serde_json::to_string_pretty(schema).map_err(Error::Answer)?);
    report.message(&Message::Schema { name, schema });
    Ok(())
}

/// Every schema by name, as it lies in `docs/schema`.
fn all() -> impl Iterator<Item = (&'static str, Value)> {
    SCHEMA
        .iter()
        .filter_map(|(file, text)| Some((file.strip_suffix(".json")?, serde_json::from_str(text).ok()?)))
}

fn find(name: &str) -> Result<Value> {
    all().find(|(known, _)| *known == name).map(|(_, schema)| schema).ok_or_else(|| {
        let near = suggest::nearest(name, all().map(|(known, _)| known));
        let hint = near.map_or_else(
            || "`cargo orket schema --list` lists them; `--workload ID` prints that of an input".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Error::Usage(format!("there is no schema `{name}`; {hint}"))
    })
}

/// A schema with all that it refers to.
fn bundled(name: &str) -> Result<Value> {
    let mut schema = find(name)?;
    let mut within: Map<String, Value> = Map::new();
    let mut wanted = references(&schema);
    while let Some(next) = wanted.pop() {
        if next != name && !within.contains_key(&next) {
            let found = find(&next)?;
            wanted.extend(references(&found));
            within.insert(next, found);
        }
    }
    if !within.is_empty() {
        let own = schema["$defs"].as_object().cloned().unwrap_or_default();
        schema["$defs"] = own.into_iter().chain(within).collect::<Map<_, _>>().into();
    }
    Ok(schema)
}

/// The names of the schemas that one refers to.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(entries) => {
            let own = entries.get("$ref").and_then(Value::as_str).and_then(|urn| urn.strip_prefix(URN));
            let own = own.and_then(|rest| rest.split(':').next()).map(str::to_owned);
            own.into_iter().chain(entries.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The schema of a workload's input, from the manifest in its program.
fn input(workload: &str, args: &SchemaArgs, report: &Report) -> Result<Value> {
    let manager = host::open(&args.selection, &PolicyArgs::default(), Some(workload), report)?;
    let (extension, found) = manager.find(workload)?;
    let mut schema = found.input_schema.clone();
    if let Some(entries) = schema.as_object_mut() {
        entries.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        entries.insert("title".to_owned(), json!(format!("{}/{}", extension.manifest().id, found.id)));
    }
    Ok(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_named_after_its_file_and_comes_with_all_that_it_refers_to() {
        assert_eq!(all().count(), SCHEMA.iter().filter(|(file, _)| file.ends_with(".json")).count());
        for (name, schema) in all() {
            assert_eq!(schema["$id"], format!("{URN}{name}:1"));
            let whole = bundled(name).unwrap();
            let held =
                |name: &String| whole["$defs"][name]["$id"].is_string() || schema["$id"] == whole["$id"];
            assert!(references(&whole).iter().all(held), "{name}");
            assert!(schema["description"].is_string() && schema["title"].is_string(), "{name}");
        }
        assert!(matches!(find("pln"), Err(Error::Usage(text)) if text.contains("`plan`")));
    }
}
