//! What `plan.json` says, recomputed, and the statement compared with it.

use super::files::{Checked, Run, digest_within, json};
use super::statement::{DEPENDENCIES, Descriptor, EXTERNAL, INTERNAL, Statement, differs};
use crate::attest::{mismatch, place};
use crate::registry::{PLAN, builder};
use crate::reliable;
use crate::sandbox::Layer;
use orket_contract::code;
use orket_contract::digest::{Digest, domain};
use orket_contract::issue::Issue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The plan agrees with itself and with the statement.
pub(super) fn plan(run: &Run<'_>) -> Checked {
    let (folder, statement) = (run.folder, run.statement);
    let (path, plan) = (folder.join(PLAN), json(folder, PLAN)?);
    let kv = if plan["kv"].is_null() { json!({}) } else { plan["kv"].clone() };
    let within = |domain, value: &Value| digest_within(domain, value, &path);
    let input = within(domain::INPUT, &plan["input"])?;
    let kv = within(domain::KV, &kv)?;
    // A run that starts without a profile says nothing of one.
    let memory =
        if plan["memory"].is_null() { Value::Null } else { within(domain::MEMORY, &plan["memory"])? };
    let materials = within(domain::MATERIALS, &plan["materials"])?;
    let policy = within(domain::POLICY, &plan["policy"])?;
    let hash = Digest::of_json(&plan["plan"])
        .map_err(|fault| Issue::error(fault.code, fault.message).at(place(&path)))?;
    let hash = json!(hash);
    let own = [
        ("/input_digest", &input),
        ("/kv_digest", &kv),
        ("/materials_digest", &materials),
        ("/memory_digest", &memory),
        ("/plan_hash", &hash),
    ];
    let own = own.into_iter().filter_map(|(pointer, given)| {
        let stated = plan.pointer(pointer).unwrap_or(&Value::Null);
        differs(&path, stated, pointer, given, "its content")
    });
    let lacks = lacks(statement, plan["policy"]["reliable"] == true);
    let builder = json!(builder(plan["policy"]["reliable"] == true, &lacks));
    let stated = [
        (EXTERNAL, "/capabilities/admitted", &plan["capabilities"]),
        (EXTERNAL, "/extension", &plan["extension"]["id"]),
        (EXTERNAL, "/input/sha256", &input),
        (EXTERNAL, "/seed", &plan["seed"]),
        (EXTERNAL, "/workload", &plan["workload"]),
        (INTERNAL, "/digests/input", &input),
        (INTERNAL, "/digests/kv", &kv),
        (INTERNAL, "/digests/materials", &materials),
        (INTERNAL, "/digests/memory", &memory),
        (INTERNAL, "/extension_version", &plan["extension"]["version"]),
        (INTERNAL, "/lacks", &json!(lacks)),
        (INTERNAL, "/plan", &plan["plan"]),
        (INTERNAL, "/plan_hash", &hash),
        (INTERNAL, "/policy", &plan["policy"]),
        (INTERNAL, "/policy_digest", &policy),
        (INTERNAL, "/reliable", &plan["policy"]["reliable"]),
        (INTERNAL, "/workload_version", &plan["plan"]["workload_version"]),
        ("/predicate/runDetails/builder", "/id", &builder),
    ];
    let stated = stated
        .into_iter()
        .filter_map(|(above, below, given)| statement.compare(&format!("{above}{below}"), given, PLAN));
    Ok(own.chain(stated).chain(dependencies(&plan, statement)?).chain(lockfile(statement)).collect())
}

/// What the statement must say that was missing of what makes runs repeat, after what it says of each layer and of the program.
fn lacks(statement: &Statement, reliable: bool) -> Vec<String> {
    let holds = |layer: Layer| statement.at(&format!("{INTERNAL}/sandbox/{layer}")) == "enforced";
    let weakened = statement.at(&format!("{INTERNAL}/weakened")).as_array().into_iter().flatten();
    let names = weakened.filter_map(Value::as_str);
    let of_program = [code::STD_MISSING, code::STD_STATIC, code::INSTRUCTION_UNCONTROLLED];
    let codes = names.filter(|name| of_program.contains(name)).map(str::to_owned).collect();
    reliable::lacking(reliable, holds, codes)
}

/// Program, manifest and materials are named as the plan names them.
fn dependencies(plan: &Value, statement: &Statement) -> Checked {
    let all = statement.list(DEPENDENCIES)?;
    let materials = plan["materials"].as_array().into_iter().flatten();
    let materials = materials
        .map(|one| (format!("workspace/{}", one["path"].as_str().unwrap_or_default()), &one["sha256"]));
    let wanted: BTreeMap<String, &Value> = [
        ("extension".to_owned(), &plan["build"]),
        ("extension_manifest".to_owned(), &plan["extension"]["manifest"]),
    ]
    .into_iter()
    .chain(materials)
    .collect();
    let stated: BTreeMap<&str, &Descriptor> = all.iter().map(|one| (one.name.as_str(), one)).collect();
    let mut issues = Vec::new();
    for (name, given) in &wanted {
        let found = stated.get(name.as_str());
        let stated = found.map_or(Value::Null, |one| json!(one.sha256));
        let pointer = found.map_or_else(|| format!("{DEPENDENCIES} for `{name}`"), |one| one.pointer.clone());
        issues.extend(differs(&statement.path, &stated, &pointer, given, PLAN));
    }
    let more = all.iter().filter(|one| one.name.starts_with("workspace/"));
    let more = more.filter(|one| !wanted.contains_key(&one.name));
    issues.extend(
        more.map(|one| mismatch(&statement.path, format!("{} is no material of the plan", one.pointer))),
    );
    Ok(issues)
}

/// The lockfile of the build is the one among the dependencies.
fn lockfile(statement: &Statement) -> Option<Issue> {
    let pointer = format!("{INTERNAL}/build/lockfile");
    let given = statement.find(DEPENDENCIES, "Cargo.lock").map_or(Value::Null, |one| json!(one.sha256));
    statement.compare(&pointer, &given, DEPENDENCIES)
}
