//! What real runs write fits the schemas, and nothing that differs from it in a key does.

use crate::tool::{Project, command, done, orket};
use crate::world::root;
use orket_contract::ambient::Kind;
use orket_engine::package;
use orket_engine::sandbox::Layer;
use regex_lite::Regex;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// All schemas, by name.
pub(crate) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    pub(crate) fn read() -> Self {
        let files = std::fs::read_dir(root().join("docs/schema")).expect("the folder").flatten();
        let files = files.filter(|file| file.path().extension().is_some_and(|end| end == "json"));
        let schema =
            |path: &Path| serde_json::from_str(&std::fs::read_to_string(path).expect("text")).expect("JSON");
        let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
        Self(files.map(|file| (name(&file.path()), schema(&file.path()))).collect())
    }

    /// What does not fit.
    pub(crate) fn faults(&self, name: &str, value: &Value) -> Vec<String> {
        let schema = self.0.get(name).unwrap_or_else(|| panic!("there is no schema {name}"));
        let mut faults = Vec::new();
        self.walk(schema, schema, value, name, &mut faults);
        faults
    }

    /// As 2020-12 says, for the keywords that are used; any other one fails the test.
    fn walk(&self, base: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let Some(schema) = schema.as_object() else { return };
        for (word, rule) in schema {
            let fits = |base: &Value, part: &Value| {
                let mut found = Vec::new();
                self.walk(base, part, value, at, &mut found);
                found
            };
            let found = match word.as_str() {
                "$defs" | "$id" | "$schema" | "description" | "title" | "then" => Vec::new(),
                "additionalProperties" => self.others(base, schema, value, at),
                "allOf" => items(rule).iter().flat_map(|part| fits(base, part)).collect(),
                "anyOf" => told(items(rule).iter().any(|part| fits(base, part).is_empty()), at, "fits none"),
                "oneOf" => {
                    let fitting = items(rule).iter().filter(|part| fits(base, part).is_empty()).count();
                    told(fitting == 1, at, "fits none or several")
                }
                "if" if fits(base, rule).is_empty() => fits(base, &schema["then"]),
                "if" => Vec::new(),
                "const" => told(value == rule, at, "is another constant"),
                "enum" => told(items(rule).contains(value), at, "is none of the values"),
                "items" => self.each(base, rule, value, at),
                "maxItems" => told(
                    value.as_array().is_none_or(|all| json!(all.len()).as_u64() <= rule.as_u64()),
                    at,
                    "is too long",
                ),
                "minItems" => told(
                    value.as_array().is_none_or(|all| json!(all.len()).as_u64() >= rule.as_u64()),
                    at,
                    "is too short",
                ),
                "minLength" => told(value.as_str().is_none_or(|text| !text.is_empty()), at, "is empty"),
                "minimum" => told(
                    value.as_f64().is_none_or(|number| Some(number) >= rule.as_f64()),
                    at,
                    "is too small",
                ),
                "pattern" => {
                    told(value.as_str().is_none_or(|text| matches(rule, text)), at, "has another form")
                }
                "properties" => self.named(base, rule, value, at),
                "required" => missing(rule, value, at),
                "type" => told(is_of(rule, value), at, "has another type"),
                "$ref" => {
                    let (base, target) = self.target(base, rule.as_str().expect("a reference"));
                    fits(base, target)
                }
                other => panic!("the keyword {other} at {at} is not known to this test"),
            };
            faults.extend(found);
        }
    }

    /// The schema that a reference names, and the one that it lies in.
    fn target<'a>(&'a self, base: &'a Value, reference: &str) -> (&'a Value, &'a Value) {
        if let Some(name) = reference.strip_prefix("#/$defs/") {
            return (base, &base["$defs"][name]);
        }
        let name = reference.strip_prefix("urn:orket:schema:").and_then(|rest| rest.strip_suffix(":1"));
        let schema = self.0.get(name.expect("one of ours")).expect("it is there");
        (schema, schema)
    }

    fn named(&self, base: &Value, rule: &Value, value: &Value, at: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for (key, part) in rule.as_object().expect("properties") {
            if let Some(value) = value.get(key) {
                self.walk(base, part, value, &format!("{at}/{key}"), &mut faults);
            }
        }
        faults
    }

    fn others(&self, base: &Value, schema: &Map<String, Value>, value: &Value, at: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let known = |key: &str| schema.get("properties").is_some_and(|known| known.get(key).is_some());
        for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| !known(key)) {
            match &schema["additionalProperties"] {
                Value::Bool(true) => {}
                Value::Bool(false) => faults.push(format!("{at}/{key} is not a key")),
                part => self.walk(base, part, value, &format!("{at}/{key}"), &mut faults),
            }
        }
        faults
    }

    fn each(&self, base: &Value, rule: &Value, value: &Value, at: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.walk(base, rule, item, &format!("{at}/{index}"), &mut faults);
        }
        faults
    }

    /// A value that was written fits; with a required key less, a key more or a value of another type it does not.
    #[track_caller]
    fn check(&self, name: &str, value: &Value) {
        assert_eq!(self.faults(name, value), Vec::<String>::new(), "{name}: {value}");
        let entries = value.as_object().expect("an object").clone();
        let schema = &self.0[name];
        let is_closed = schema["additionalProperties"] == json!(false);
        let refused = |entries: Map<String, Value>, what: &str| {
            assert!(!self.faults(name, &Value::Object(entries)).is_empty(), "{name} {what} fits: {value}");
        };
        for key in items(&schema["required"]).iter().filter_map(Value::as_str) {
            let mut fewer = entries.clone();
            fewer.remove(key);
            refused(fewer, &format!("without {key}"));
        }
        if is_closed {
            let mut more = entries.clone();
            more.insert("stranger".to_owned(), json!(1));
            refused(more, "with a stranger");
        }
        for key in entries.keys().filter(|key| schema["properties"].get(*key).is_some_and(Value::is_object)) {
            let mut other = entries.clone();
            other.insert(key.clone(), json!([[["another type"]]]));
            refused(other, &format!("with another {key}"));
        }
    }
}

fn items(rule: &Value) -> &[Value] {
    rule.as_array().map_or(&[], Vec::as_slice)
}

fn told(fits: bool, at: &str, fault: &str) -> Vec<String> {
    if fits { Vec::new() } else { vec![format!("{at} {fault}")] }
}

fn matches(pattern: &Value, text: &str) -> bool {
    Regex::new(pattern.as_str().expect("a pattern")).expect("it is one").is_match(text)
}

fn missing(rule: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(object) = value.as_object() else { return Vec::new() };
    let missing = items(rule).iter().filter_map(Value::as_str).filter(|key| !object.contains_key(*key));
    missing.map(|key| format!("{at} lacks {key}")).collect()
}

fn is_of(rule: &Value, value: &Value) -> bool {
    match rule.as_str().expect("one type") {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        other => panic!("the type {other} is not known to this test"),
    }
}

/// The JSON values of a file: one, or one a line.
fn values(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    let parse =
        |text: &str| serde_json::from_str(text).unwrap_or_else(|_| panic!("{} is no JSON", path.display()));
    if path.extension().is_some_and(|end| end == "jsonl") {
        text.lines().map(parse).collect()
    } else {
        vec![parse(&text)]
    }
}

const OF_A_RUN: [(&str, &str); 6] = [
    ("artifact_manifest.json", "artifact-manifest"),
    ("plan.json", "plan"),
    ("provenance.json", "provenance"),
    ("result.json", "result"),
    ("run.json", "run"),
    ("transcript.index.json", "transcript-index"),
];

const OF_A_CASE: [(&str, &str); 6] = [
    ("artifact_manifest.json", "artifact-manifest"),
    ("case.json", "case"),
    ("plan.json", "case-plan"),
    ("result.json", "result"),
    ("transcript.index.json", "transcript-index"),
    ("transcript.jsonl", "transcript-record"),
];

#[test]
fn what_real_runs_write_fits_and_what_differs_in_a_key_does_not() {
    let schemas = Schemas::read();
    let project = Project::new("schematic", &["--template", "workload"]);
    project.write("lines.txt", "3\n5\n");
    project.orket(&["build"]).exits(0);
    project.orket(&["run", "schematic_v1", "--script", "lines.txt"]).exits(0);
    project
        .orket(&["verify", "schematic_v1", "--bless", "--case", "first", "--script", "lines.txt"])
        .exits(0);
    project.orket(&["conformance", "--output", "report.json"]).exits(0);
    let run = project.runs("schematic_v1").pop().expect("a run");
    let case = project.root.join("replays/schematic_v1/first");
    for (folder, files) in [(&run, OF_A_RUN), (&case, OF_A_CASE)] {
        for (file, schema) in files {
            values(&folder.join(file)).iter().for_each(|value| schemas.check(schema, value));
        }
    }
    for record in values(&run.join("authorization.jsonl")) {
        assert_eq!(schemas.faults("authorization-record", &record), Vec::<String>::new());
        assert!(!schemas.faults("authorization-record", &json!({ "sets": record })).is_empty());
    }
    values(&project.root.join("report.json")).iter().for_each(|value| schemas.check("conformance", value));
    let program = crate::world::target().join("debug/schematic.manifest.json");
    values(&program).iter().for_each(|value| schemas.check("sealed-manifest", value));
    values(&program).iter().for_each(|value| schemas.check("program-manifest", &value["manifest"]));
    let by_hand = json!({ "id": "a", "manifest_version": 1, "runtime": "^0.1", "version": "0.1.0", "workloads": [{ "id": "b" }] });
    schemas.check("manifest", &by_hand);
    for plan in values(&run.join("plan.json")) {
        schemas.check("run-plan", &plan["plan"]);
        schemas.check("policy", &plan["policy"]);
    }
}

#[test]
fn every_layer_of_the_sandbox_is_known() {
    let layers = json!(Layer::ALL);
    for (schema, at) in [
        ("policy", "/properties/weakenings/items/enum"),
        ("message", "/$defs/orket-attempt/properties/layer/enum"),
    ] {
        let path = root().join(format!("docs/schema/{schema}.json"));
        assert_eq!(values(&path)[0].pointer(at), Some(&layers), "{schema}");
    }
}

#[test]
fn every_kind_of_observation_is_known() {
    let schema = &values(&root().join("docs/schema/ambient.json"))[0];
    let kinds = schema.pointer("/items/properties/kind/enum");
    assert_eq!(kinds, Some(&json!(Kind::ALL.map(Kind::name))));
}

#[test]
fn every_message_fits() {
    let schemas = Schemas::read();
    let project = Project::new("talkative", &["--template", "workload"]);
    project.write("lines.txt", "3\n5\n");
    let mut reasons = Vec::new();
    for words in [
        "build",
        "list",
        "check",
        "run talkative_v1 --script lines.txt",
        "run talkative_v1 --dry-run",
        "run talkative --seed 1",
        "verify talkative_v1 --bless --case first --script lines.txt",
        "verify",
        "conformance",
        "doctor --sandbox",
        "runs list",
        "schema",
        "explain capability.denied",
        "explain nothing.known",
        "new --list",
        "man",
        "man --output pages",
    ] {
        let words: Vec<&str> = words.split(' ').chain(["--message-format", "json"]).collect();
        for message in project.orket(&words).messages() {
            assert_eq!(schemas.faults("message", &message), Vec::<String>::new(), "{message}");
            reasons.push(message["reason"].as_str().expect("a reason").to_owned());
            check_message(&schemas, &message);
        }
    }
    reasons.sort();
    reasons.dedup();
    assert!(reasons.len() > 18, "{reasons:?}");
}

#[test]
fn messages_about_packages_keys_and_records_fit() {
    let schemas = Schemas::read();
    let project = Project::new("parcel", &["--template", "minimal"]);
    let mut reasons = BTreeSet::new();
    let mut call = |words: &str, exit: i32| -> Vec<Value> {
        let words: Vec<&str> = words.split(' ').chain(["--message-format", "json"]).collect();
        let mut command = command(&project.root, &words);
        let told = done(command.env("ORKET_HOME", project.root.join("home"))).exits(exit).messages();
        for message in &told {
            assert_eq!(schemas.faults("message", message), Vec::<String>::new(), "{message}");
            reasons.insert(message["reason"].as_str().expect("a reason").to_owned());
            check_message(&schemas, message);
        }
        told
    };
    call("run parcel_v1 --seed 1", 0);
    call("run parcel_v1 --seed 2", 0);
    let runs: Vec<_> = project.runs("parcel_v1").iter().map(|run| run.display().to_string()).collect();
    call(&format!("diff {}", runs.join(" ")), 100);
    for words in [
        "runs show latest",
        "graph latest --output graph.svg",
        "report latest --output page.html",
        "keygen --out me",
        "sign latest --key me.key",
        "attest verify latest --key me.pub",
        "sbom --output sbom.json",
        "package --profile dev --output parcel.ork",
        "install parcel.ork",
        "list --installed",
        "show parcel",
        "uninstall parcel",
        "runs prune --keep 1",
    ] {
        call(words, 0);
    }
    let configured = call("config", 0).remove(0);
    schemas.check("config", &json!({ "source": configured["source"] }));
    let package = package::open(&project.root.join("parcel.ork")).expect("a package");
    schemas.check("package", &serde_json::to_value(package.manifest()).expect("JSON"));
    let sbom = values(&project.root.join("sbom.json")).remove(0);
    let told =
        ["$schema", "bomFormat", "specVersion"].map(|key| sbom[key].as_str().unwrap_or_default().to_owned());
    assert_eq!(told, ["http://cyclonedx.org/schema/bom-1.5.schema.json", "CycloneDX", "1.5"]);
    assert!(reasons.len() > 13, "{reasons:?}");
}

/// A message without a required key does not fit.
#[track_caller]
fn check_message(schemas: &Schemas, message: &Value) {
    let reason = message["reason"].as_str().expect("a reason");
    let required = items(&schemas.0["message"]["$defs"][reason]["required"]);
    assert!(!required.is_empty(), "{reason} has no schema");
    for key in required.iter().filter_map(Value::as_str) {
        let mut fewer = message.clone();
        fewer.as_object_mut().expect("an object").remove(key);
        assert!(!schemas.faults("message", &fewer).is_empty(), "{reason} without {key} fits");
    }
}

#[test]
fn a_schema_is_printed_whole_and_that_of_an_input_comes_from_the_manifest() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan: Value =
        serde_json::from_str(&orket(folder.path(), &["schema", "plan"]).exits(0).out).expect("JSON");
    assert_eq!(plan["$defs"]["run-plan"]["$id"], "urn:orket:schema:run-plan:1");
    orket(folder.path(), &["schema", "pln"]).exits(2).says("did you mean `plan`?");
    let listed = orket(folder.path(), &["schema", "--list"]).exits(0).out;
    assert_eq!(listed.lines().count(), Schemas::read().0.len());
    let project = Project::new("asking", &["--template", "minimal"]);
    let printed = project.orket(&["schema", "--workload", "asking_v1"]).exits(0).out;
    let input: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(input["properties"]["name"].is_object(), "{input}");
}
