//! What the tree of a native manifest means.

use super::fault::{Fault, Faults, quoted};
use super::fields::{Fields, text, wrong_type};
use super::node::{Kind, Node};
use crate::budget::{self, Budget, Resource};
use crate::capability::{self, CapabilityId};
use crate::id::{self, ExtensionId, WorkloadId};
use crate::manifest::{Manifest, Material, Workload};
use crate::network::Target;
use crate::note::MANIFEST_VERSION;
use crate::{ORKET_VERSION, code, material};
use semver::{Version, VersionReq};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MANIFEST_KEYS: &[&str] = &[
    "authors",
    "capabilities",
    "config_schema",
    "description",
    "extension_api_version",
    "id",
    "license",
    "manifest_version",
    "repository",
    "runtime",
    "sdk_version",
    "version",
    "workloads",
];

const WORKLOAD_KEYS: &[&str] = &[
    "budget",
    "capabilities",
    "description",
    "id",
    "input_schema",
    "materials",
    "network",
    "plan",
    "summarize",
    "validators",
    "version",
];

const MATERIAL_KEYS: &[&str] = &["path", "sha256"];

/// The extension API of this format. A constant of the format, not of the host that reads it: a file
/// means the same everywhere.
pub(super) const API_VERSION: &str = "1.0.0";

/// The manifest that a tree stands for; `None` or faults where it stands for none.
pub(super) fn manifest(root: &Node, faults: &mut Faults) -> Option<Manifest> {
    if !is_table(root, faults) {
        return None;
    }
    // What the keys of another version mean is not known, so nothing else is said of them.
    if !known_version(root, faults) {
        return None;
    }
    let fields = Fields::of(root, "a manifest", MANIFEST_KEYS, faults)?;
    fields.required(
        "manifest_version",
        "the first line of a manifest is `manifest_version`, which is 1",
        faults,
    );
    let id = fields.required("id", "the stable name of the extension, such as \"mystery.game\"", faults);
    let id = id.and_then(|node| parse_id(node, "id", ExtensionId::new, faults));
    let version = fields.required("version", "the version of the extension, such as \"0.1.0\"", faults);
    let version = version.and_then(|node| parse_version(node, "version", faults));
    let runtime_hint =
        format!("the range of Orket versions that the extension runs with, such as \"^{ORKET_VERSION}\"");
    let runtime = fields.required("runtime", &runtime_hint, faults);
    let runtime = runtime.and_then(|node| parse_range(node, "runtime", faults));
    let api = match fields.get("extension_api_version") {
        Some(node) => parse_version(node, "extension_api_version", faults),
        None => Some(API_VERSION.to_owned()),
    };
    let workloads = workloads(&fields, root.at, version.as_deref(), faults);
    Some(Manifest {
        authors: fields.texts("authors", faults),
        capabilities: capabilities(&fields, faults),
        config_schema: fields.get("config_schema").and_then(|node| schema(node, "config_schema", faults)),
        description: fields.text("description", faults),
        license: fields.text("license", faults),
        repository: fields.text("repository", faults),
        sdk_version: fields.text("sdk_version", faults),
        manifest_version: MANIFEST_VERSION,
        extension_api_version: api?,
        id: id?,
        runtime: runtime?,
        version: version?,
        workloads,
    })
}

/// Whether a root is a table, which every manifest is.
pub(super) fn is_table(root: &Node, faults: &mut Faults) -> bool {
    let is_table = matches!(root.kind, Kind::Table(_));
    if !is_table {
        let message = format!("a manifest is a table of keys, not {}", root.describe());
        faults.push(Fault::new(code::MANIFEST_NOT_AN_OBJECT, root.at, message));
    }
    is_table
}

/// Whether `manifest_version` is absent, which is reported later, or one that is read here.
fn known_version(root: &Node, faults: &mut Faults) -> bool {
    let Kind::Table(entries) = &root.kind else { return false };
    let Some(entry) = entries.iter().find(|entry| entry.key == "manifest_version") else { return true };
    let node = &entry.value;
    let named = match &node.kind {
        Kind::Number(number) if number.value == Some(MANIFEST_VERSION.into()) => return true,
        Kind::Number(number) if !number.text.contains('.') => Some(&number.text),
        Kind::Text(text) if text.trim() != MANIFEST_VERSION.to_string() => Some(text),
        _ => None,
    };
    let fault = match named {
        Some(version) => {
            let message = format!("version {} of the manifest format is not known", quoted(version));
            Fault::new(code::MANIFEST_UNSUPPORTED_VERSION, node.at, message)
        }
        None => wrong_type(node, "`manifest_version`", "a whole number"),
    };
    faults.push(fault.with_hint(format!("this host reads version {MANIFEST_VERSION}, written as a number")));
    false
}

/// The list of workloads, reported when there is none in it; `key` names a workload.
pub(super) fn listed<'n>(fields: &Fields<'n>, root: usize, key: &str, faults: &mut Faults) -> &'n [Node] {
    let nodes = fields.list("workloads", faults);
    let missing = fields
        .get("workloads")
        .is_none_or(|node| matches!(&node.kind, Kind::List(nodes) if nodes.is_empty()));
    if missing && !fields.misspelt("workloads") {
        let at = fields.get("workloads").map_or(root, |node| node.at);
        let fault =
            Fault::new(code::EXTENSION_EMPTY, at, "the extension contributes nothing: it has no workload");
        let article = if key.starts_with('i') { "an" } else { "a" };
        faults.push(
            fault.with_hint(format!("`workloads` lists one table or more, each with {article} `{key}`")),
        );
    }
    nodes
}

fn workloads(fields: &Fields<'_>, root: usize, version: Option<&str>, faults: &mut Faults) -> Vec<Workload> {
    let nodes = listed(fields, root, "id", faults);
    let mut first = BTreeMap::new();
    let mut all = Vec::new();
    for node in nodes {
        let Some(fields) = Fields::of(node, "a workload", WORKLOAD_KEYS, faults) else { continue };
        let place = fields.get("id").map_or(node.at, |node| node.at);
        let Some(workload) = workload(&fields, version, faults) else { continue };
        distinct(&workload.id, place, &mut first, faults);
        all.push(workload);
    }
    all
}

/// Reports an id that another workload has already; `first` remembers where each stands.
pub(super) fn distinct(
    id: &WorkloadId,
    place: usize,
    first: &mut BTreeMap<WorkloadId, usize>,
    faults: &mut Faults,
) {
    match first.get(id) {
        Some(first) => {
            let message = format!("two workloads have the id `{id}`");
            faults.push(Fault::new(code::MANIFEST_DUPLICATE_WORKLOAD, place, message).after(Some(*first)));
        }
        None => drop(first.insert(id.clone(), place)),
    }
}

fn workload(fields: &Fields<'_>, version: Option<&str>, faults: &mut Faults) -> Option<Workload> {
    let id = fields.required("id", "the stable name of the workload, such as \"mystery_v1\"", faults);
    let id = id.and_then(|node| parse_id(node, "id", WorkloadId::new, faults));
    let version = match fields.get("version") {
        Some(node) => parse_version(node, "version", faults),
        None => version.map(str::to_owned),
    };
    let input_schema = fields.get("input_schema").and_then(|node| schema(node, "input_schema", faults));
    let workload = Workload {
        budget: budget(fields, faults),
        capabilities: capabilities(fields, faults),
        description: fields.text("description", faults),
        input_schema: input_schema.unwrap_or_else(|| json!({ "type": "object" })),
        materials: fields
            .list("materials", faults)
            .iter()
            .filter_map(|node| material(node, faults))
            .collect(),
        network: network(fields, faults),
        plan: fields.flag("plan", faults),
        summarize: fields.flag("summarize", faults),
        validators: validators(fields, faults),
        id: id?,
        // The extension's version, where that is broken itself, has been reported once.
        version: version.unwrap_or_default(),
    };
    Some(workload)
}

fn validators(fields: &Fields<'_>, faults: &mut Faults) -> Vec<String> {
    let items = fields.list("validators", faults);
    let named = |node: &Node| {
        let name = text(node, "validators", faults)?;
        if name.trim().is_empty() {
            faults.push(Fault::new(code::ID_INVALID, node.at, "the name of a validator cannot be blank"));
        }
        Some(name.to_owned())
    };
    items.iter().filter_map(named).collect()
}

/// Capabilities, sorted and unique; names that this host has never heard of are warnings.
fn capabilities(fields: &Fields<'_>, faults: &mut Faults) -> Vec<CapabilityId> {
    let items = fields.list("capabilities", faults);
    let mut all: Vec<_> = items.iter().filter_map(|node| capability(node, faults)).collect();
    all.sort();
    all.dedup();
    all
}

fn capability(node: &Node, faults: &mut Faults) -> Option<CapabilityId> {
    let name = text(node, "capabilities", faults)?;
    if name.trim().is_empty() {
        faults.push(Fault::new(code::ID_INVALID, node.at, "the name of a capability cannot be blank"));
        return None;
    }
    let Some(capability) = CapabilityId::new(name) else {
        let message = format!("{} is not shaped like a capability", quoted(name));
        let hint = "capabilities are lower-case words joined by `_` and `.`, such as `audio_output`";
        faults.push(Fault::new(code::CAPABILITY_UNKNOWN, node.at, message).with_hint(hint));
        return None;
    };
    if capability.known().is_none() {
        let message = format!("{} is not a capability", quoted(name));
        faults.push(
            Fault::warning(code::CAPABILITY_UNKNOWN, node.at, message).with_hint_if(capability::hint(name)),
        );
    }
    Some(capability)
}

/// What a workload uses at most. What is wrong with an amount is reported and left out.
fn budget(fields: &Fields<'_>, faults: &mut Faults) -> Budget {
    let mut budget = Budget::default();
    let keys = Resource::ALL.map(Resource::key);
    let fields = fields.get("budget").and_then(|node| Fields::of(node, "a budget", &keys, faults));
    let Some(fields) = fields else { return budget };
    for resource in Resource::ALL {
        let Some(node) = fields.get(resource.key()) else { continue };
        let amount = match &node.kind {
            Kind::Number(number) => number.value.and_then(|value| u64::try_from(value).ok()),
            _ => None,
        };
        let added = amount.ok_or(budget::Fault::Number).and_then(|amount| budget.add(resource, amount));
        if let Err(fault) = added {
            let message = format!("`{}` is {}: {fault}", resource.key(), node.describe());
            faults.push(Fault::new(code::MANIFEST_WRONG_TYPE, node.at, message));
        }
    }
    budget
}

/// A material: its path alone, or a table of path and digest.
fn material(node: &Node, faults: &mut Faults) -> Option<Material> {
    if let Kind::Text(path) = &node.kind {
        return Some(Material { path: parse_path(path, node.at, faults)?, sha256: None });
    }
    if !matches!(node.kind, Kind::Table(_)) {
        faults.push(wrong_type(node, "a material", "a path or a table of `path` and `sha256`"));
        return None;
    }
    let fields = Fields::of(node, "a material", MATERIAL_KEYS, faults)?;
    let path_node =
        fields.required("path", "a path below the project root, such as \"content/people.yaml\"", faults)?;
    let path = parse_path(text(path_node, "path", faults)?, path_node.at, faults)?;
    let sha256 = fields.get("sha256").and_then(|node| parse_digest(node, &path, faults));
    Some(Material { path, sha256 })
}

/// Targets, sorted and unique.
fn network(fields: &Fields<'_>, faults: &mut Faults) -> Vec<Target> {
    let items = fields.list("network", faults);
    let target = |node: &Node| {
        let written = text(node, "network", faults)?;
        let parsed = written.parse();
        parsed
            .map_err(|fault| faults.push(Fault::new(code::NETWORK_TARGET, node.at, about(written, &fault))))
            .ok()
    };
    let mut all: Vec<Target> = items.iter().filter_map(target).collect();
    all.sort();
    all.dedup();
    all
}

/// A fault of what was written, which is named unless there is nothing to see.
pub(super) fn about(written: &str, fault: &dyn std::fmt::Display) -> String {
    if written.trim().is_empty() { fault.to_string() } else { format!("{}: {fault}", quoted(written)) }
}

fn parse_path(path: &str, at: usize, faults: &mut Faults) -> Option<String> {
    match material::check(path) {
        Ok(()) => Some(path.to_owned()),
        Err(fault) => {
            faults.push(Fault::new(code::MATERIAL_PATH, at, about(path, &fault)));
            None
        }
    }
}

fn parse_digest(node: &Node, path: &str, faults: &mut Faults) -> Option<String> {
    let digest = text(node, "sha256", faults)?;
    let fault = match material::check_digest(path, digest) {
        Ok(()) => return Some(digest.to_owned()),
        Err(fault @ material::DigestFault::Digits) => {
            Fault::new(code::MANIFEST_WRONG_TYPE, node.at, about(digest, &fault))
                .with_hint("`sha256sum FILE` prints them")
        }
        Err(fault) => Fault::new(code::MATERIAL_PATH, node.at, fault.to_string()),
    };
    faults.push(fault);
    None
}

pub(super) fn parse_id<T>(
    node: &Node,
    key: &str,
    new: impl Fn(String) -> Result<T, id::Fault>,
    faults: &mut Faults,
) -> Option<T> {
    let written = text(node, key, faults)?;
    match new(written.to_owned()) {
        Ok(id) => Some(id),
        Err(fault) => {
            faults.push(Fault::new(code::ID_INVALID, node.at, about(written, &fault)));
            None
        }
    }
}

pub(super) fn parse_version(node: &Node, key: &str, faults: &mut Faults) -> Option<String> {
    let written = version_text(node, key, completed, faults)?;
    if Version::parse(written).is_ok() {
        return Some(written.to_owned());
    }
    let message = format!("`{key}`: {} is not a version", quoted(written));
    let hint = completed(written).map(|version| format!("did you mean \"{version}\"?"));
    let hint = hint.unwrap_or_else(|| "a version is three numbers, such as \"0.1.0\"".to_owned());
    faults.push(Fault::new(code::MANIFEST_BAD_VERSION, node.at, message).with_hint(hint));
    None
}

fn parse_range(node: &Node, key: &str, faults: &mut Faults) -> Option<String> {
    let range = |written: &str| VersionReq::parse(written).is_ok().then(|| written.to_owned());
    let written = version_text(node, key, range, faults)?;
    if VersionReq::parse(written).is_ok() {
        return Some(written.to_owned());
    }
    let message = format!("`{key}`: {} is not a range of versions", quoted(written));
    let hint = "a range is written as in Cargo, such as \">=0.1, <0.2\"";
    faults.push(Fault::new(code::MANIFEST_BAD_VERSION, node.at, message).with_hint(hint));
    None
}

/// The text of a version or range. Without quotes `0.10` is the number 0.1: another version than was meant.
fn version_text<'n>(
    node: &'n Node,
    key: &str,
    meant: impl Fn(&str) -> Option<String>,
    faults: &mut Faults,
) -> Option<&'n str> {
    let (Kind::Number(_) | Kind::Date(_)) = &node.kind else { return text(node, key, faults) };
    let message = format!("`{key}` is {}, not a version", node.describe());
    let meant = match &node.kind {
        Kind::Number(number) => meant(&number.text),
        _ => None,
    };
    let hint = meant.map_or_else(|| "quote it".to_owned(), |version| format!("quote it: \"{version}\""));
    faults.push(Fault::new(code::MANIFEST_BAD_VERSION, node.at, message).with_hint(hint));
    None
}

/// `1` and `0.1` as the versions that they are short for.
fn completed(written: &str) -> Option<String> {
    let full = match written.strip_prefix('v').unwrap_or(written) {
        short if !short.contains('.') => format!("{short}.0.0"),
        short if short.matches('.').count() == 1 => format!("{short}.0"),
        full => full.to_owned(),
    };
    Version::parse(&full).is_ok().then_some(full)
}

fn schema(node: &Node, key: &str, faults: &mut Faults) -> Option<Value> {
    if !matches!(node.kind, Kind::Table(_)) {
        faults.push(wrong_type(node, &format!("`{key}`"), "a table"));
        return None;
    }
    Some(node.to_json(faults))
}
