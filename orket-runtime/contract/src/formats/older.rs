//! What the tree of a manifest of an older dialect means: the manifest that a native one would give, and
//! what its Python needs besides.
//!
//! Keys and forms are those of the dialect and nothing else: a file that is half of one dialect and half of
//! another is refused, never guessed.

use super::dialect::{Dialect, Entrypoint, Python, is_module, is_name};
use super::fault::{Fault, Faults, quoted};
use super::fields::{Fields, text, wrong_type};
use super::native::{self, API_VERSION};
use super::node::{Kind, Node};
use crate::budget::Budget;
use crate::capability::{self, CapabilityId};
use crate::code;
use crate::id::{ExtensionId, WorkloadId};
use crate::manifest::{Manifest, Workload};
use crate::note::MANIFEST_VERSION;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const V0_KEYS: &[&str] = &[
    "allowed_stdlib_modules",
    "config_sections",
    "extension_id",
    "extension_version",
    "manifest_version",
    "workloads",
];
const V0_WORKLOAD_KEYS: &[&str] = &["entrypoint", "required_capabilities", "workload_id"];
const LEGACY_KEYS: &[&str] = &[
    "extension_api_version",
    "extension_id",
    "extension_version",
    "module",
    "register_callable",
    "workloads",
];
const LEGACY_WORKLOAD_KEYS: &[&str] = &["workload_id", "workload_version"];

/// The version that the first dialect of the SDK names.
const V0: &str = "v0";
/// The older dialects name no range; whichever host reads them runs them.
const ANY_RUNTIME: &str = "*";
/// What a workload says that has validators, whose names are known to its code alone.
const VALIDATORS: &str = "validators";

type Read = Option<(Manifest, Option<Python>)>;

/// The manifest that a tree of the SDK v0 stands for.
pub(super) fn sdk_v0(root: &Node, faults: &mut Faults) -> Read {
    if !native::is_table(root, faults) || !is_v0(root, faults) {
        return None;
    }
    let fields = Fields::of(root, "a manifest of the SDK v0", V0_KEYS, faults)?;
    fields.required(
        "manifest_version",
        "the first line of a manifest of the SDK v0 is `manifest_version: v0`",
        faults,
    );
    let (id, version) = identity(&fields, faults);
    let sections = names(&fields, "config_sections", is_section, faults);
    let allowed = names(&fields, "allowed_stdlib_modules", is_module, faults);
    let allowed = fields.get("allowed_stdlib_modules").map(|_| allowed);
    let (mut first, mut entrypoints, mut workloads) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for node in native::listed(&fields, root.at, "workload_id", faults) {
        let Some(fields) = Fields::of(node, "a workload", V0_WORKLOAD_KEYS, faults) else { continue };
        let id = workload_id(&fields, node.at, &mut first, faults);
        let hint = "where the workload begins, such as \"package.module:symbol\"";
        let entrypoint = fields.required("entrypoint", hint, faults);
        let entrypoint = entrypoint.and_then(|node| parse_entrypoint(node, faults));
        let capabilities = capabilities(&fields, faults);
        let (Some(id), Some(entrypoint)) = (id, entrypoint) else { continue };
        entrypoints.insert(id.to_string(), entrypoint);
        workloads.push(Workload { capabilities, ..workload(id, version.as_deref()) });
    }
    let schema = (!sections.is_empty()).then(|| config_schema(&sections));
    let manifest =
        Manifest { config_schema: schema, ..manifest(id?, version?, API_VERSION.to_owned(), workloads) };
    let python = Python {
        allowed_stdlib_modules: allowed,
        config_sections: sections,
        dialect: Dialect::SdkV0,
        entrypoints,
    };
    Some((manifest, Some(python)))
}

/// The manifest that a tree of the legacy dialect stands for.
pub(super) fn legacy(root: &Node, faults: &mut Faults) -> Read {
    if !native::is_table(root, faults) {
        return None;
    }
    let fields = Fields::of(root, "a legacy manifest", LEGACY_KEYS, faults)?;
    let (id, version) = identity(&fields, faults);
    let api = fields.required("extension_api_version", "the version of the extension API, \"1.0.0\"", faults);
    let api = api.and_then(|node| native::parse_version(node, "extension_api_version", faults));
    let module = named(&fields, "module", "the module that registers the workloads", is_module, faults);
    let symbol = named(&fields, "register_callable", "the function in it, \"register\"", is_name, faults);
    let (mut first, mut workloads) = (BTreeMap::new(), Vec::new());
    for node in native::listed(&fields, root.at, "workload_id", faults) {
        let Some(fields) = Fields::of(node, "a workload", LEGACY_WORKLOAD_KEYS, faults) else { continue };
        let id = workload_id(&fields, node.at, &mut first, faults);
        let version =
            fields.required("workload_version", "the version of the workload, such as \"0.1.0\"", faults);
        let version = version.and_then(|node| native::parse_version(node, "workload_version", faults));
        let (Some(id), Some(version)) = (id, version) else { continue };
        let validators = vec![VALIDATORS.to_owned()];
        workloads.push(Workload { plan: true, summarize: true, validators, ..workload(id, Some(&version)) });
    }
    let entrypoint = Entrypoint { module: module?, symbol: symbol? };
    let entrypoints =
        workloads.iter().map(|workload| (workload.id.to_string(), entrypoint.clone())).collect();
    let python = Python {
        allowed_stdlib_modules: None,
        config_sections: Vec::new(),
        dialect: Dialect::Legacy,
        entrypoints,
    };
    Some((manifest(id?, version?, api?, workloads), Some(python)))
}

/// Whether `manifest_version` is `v0`, or absent, which is reported later.
fn is_v0(root: &Node, faults: &mut Faults) -> bool {
    let Kind::Table(entries) = &root.kind else { return false };
    let Some(entry) = entries.iter().find(|entry| entry.key == "manifest_version") else { return true };
    let (node, version) = match &entry.value {
        Node { kind: Kind::Text(text), .. } if text == V0 => return true,
        node @ Node { kind: Kind::Text(text), .. } => (node, text),
        node @ Node { kind: Kind::Number(number), .. } => (node, &number.text),
        node => {
            faults.push(wrong_type(node, "`manifest_version`", "a text"));
            return false;
        }
    };
    let message =
        format!("version {} of the manifest format is not read from a file of this name", quoted(version));
    let hint = "a manifest of the SDK v0 says `v0`; one of version 1 is called `orket.toml`, `orket.yaml` or `orket.json`";
    faults.push(Fault::new(code::MANIFEST_UNSUPPORTED_VERSION, node.at, message).with_hint(hint));
    false
}

fn identity(fields: &Fields<'_>, faults: &mut Faults) -> (Option<ExtensionId>, Option<String>) {
    let id =
        fields.required("extension_id", "the stable name of the extension, such as \"mystery.game\"", faults);
    let id = id.and_then(|node| native::parse_id(node, "extension_id", ExtensionId::new, faults));
    let version =
        fields.required("extension_version", "the version of the extension, such as \"0.1.0\"", faults);
    (id, version.and_then(|node| native::parse_version(node, "extension_version", faults)))
}

fn workload_id(
    fields: &Fields<'_>,
    at: usize,
    first: &mut BTreeMap<WorkloadId, usize>,
    faults: &mut Faults,
) -> Option<WorkloadId> {
    let node =
        fields.required("workload_id", "the stable name of the workload, such as \"mystery_v1\"", faults);
    let id = node.and_then(|node| native::parse_id(node, "workload_id", WorkloadId::new, faults))?;
    native::distinct(&id, node.map_or(at, |node| node.at), first, faults);
    Some(id)
}

/// A manifest that says no more than the older dialects do.
fn manifest(id: ExtensionId, version: String, api: String, workloads: Vec<Workload>) -> Manifest {
    Manifest {
        authors: Vec::new(),
        capabilities: Vec::new(),
        config_schema: None,
        description: String::new(),
        extension_api_version: api,
        id,
        license: String::new(),
        manifest_version: MANIFEST_VERSION,
        repository: String::new(),
        runtime: ANY_RUNTIME.to_owned(),
        sdk_version: String::new(),
        version,
        workloads,
    }
}

/// A workload without capabilities. The extension's version, where that is broken, was reported once.
fn workload(id: WorkloadId, version: Option<&str>) -> Workload {
    Workload {
        budget: Budget::default(),
        capabilities: Vec::new(),
        description: String::new(),
        id,
        input_schema: json!({ "type": "object" }),
        materials: Vec::new(),
        network: Vec::new(),
        plan: false,
        summarize: false,
        validators: Vec::new(),
        version: version.unwrap_or_default().to_owned(),
    }
}

/// Each section of the configuration is a table of its own.
fn config_schema(sections: &[String]) -> Value {
    let properties: Map<_, _> =
        sections.iter().map(|name| (name.clone(), json!({ "type": "object" }))).collect();
    json!({ "properties": properties, "type": "object" })
}

/// A list of names, sorted and unique.
fn names(fields: &Fields<'_>, key: &str, holds: fn(&str) -> bool, faults: &mut Faults) -> Vec<String> {
    let items = fields.list(key, faults);
    let mut all: Vec<_> = items.iter().filter_map(|node| name(node, key, holds, faults)).collect();
    all.sort();
    all.dedup();
    all
}

fn named(
    fields: &Fields<'_>,
    key: &str,
    hint: &str,
    holds: fn(&str) -> bool,
    faults: &mut Faults,
) -> Option<String> {
    fields.required(key, hint, faults).and_then(|node| name(node, key, holds, faults))
}

fn name(node: &Node, key: &str, holds: fn(&str) -> bool, faults: &mut Faults) -> Option<String> {
    let written = text(node, key, faults)?;
    if holds(written) {
        return Some(written.to_owned());
    }
    let message = format!("`{key}`: {} is not a name that can stand there", quoted(written));
    faults.push(Fault::new(code::MANIFEST_WRONG_TYPE, node.at, message));
    None
}

fn is_section(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= crate::id::LENGTH_MAX && !text.chars().any(char::is_control)
}

fn parse_entrypoint(node: &Node, faults: &mut Faults) -> Option<Entrypoint> {
    let written = text(node, "entrypoint", faults)?;
    let entrypoint = Entrypoint::parse(written);
    if entrypoint.is_none() {
        let message = format!("`entrypoint`: {} is not a module and a name in it", quoted(written));
        let hint = "an entrypoint is written \"package.module:symbol\"";
        faults.push(Fault::new(code::MANIFEST_WRONG_TYPE, node.at, message).with_hint(hint));
    }
    entrypoint
}

/// Capabilities by the names of today, sorted and unique; what a context has anyway is left out.
fn capabilities(fields: &Fields<'_>, faults: &mut Faults) -> Vec<CapabilityId> {
    let items = fields.list("required_capabilities", faults);
    let mut all: Vec<_> = items.iter().filter_map(|node| capability(node, faults)).collect();
    all.sort();
    all.dedup();
    all
}

fn capability(node: &Node, faults: &mut Faults) -> Option<CapabilityId> {
    let written = text(node, "required_capabilities", faults)?;
    if written.trim().is_empty() {
        faults.push(Fault::new(code::ID_INVALID, node.at, "the name of a capability cannot be blank"));
        return None;
    }
    let capability = CapabilityId::new(capability::current(written)?);
    if capability.as_ref().and_then(CapabilityId::known).is_none() {
        let message = format!("{} is not a capability", quoted(written));
        let hint = capability::hint(written);
        faults.push(Fault::warning(code::CAPABILITY_UNKNOWN, node.at, message).with_hint_if(hint));
    }
    capability
}
