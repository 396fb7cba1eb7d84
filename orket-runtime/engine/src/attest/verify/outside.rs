//! What a statement says about things that do not lie in the folder: checked where they were given.

use super::statement::{DEPENDENCIES, EXTERNAL, INTERNAL, Statement};
use super::{Findings, Request};
use crate::attest::{mismatch, place};
use crate::error::Error;
use crate::loader::{self, Candidate, Resolved};
use crate::registry::artifact;
use crate::store;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::Issue;
use serde_json::json;
use std::io::Read;
use std::path::Path;

/// Checks what was given and names what was not.
pub(super) fn check(statement: &Statement, request: &Request, findings: &mut Findings) {
    program(statement, request.program.as_deref(), findings);
    file(statement, "Cargo.lock", request.lockfile.as_deref(), "--lockfile", findings);
    file(statement, "package", request.package.as_deref(), "--package-file", findings);
    materials(statement, request.materials.as_deref(), findings);
    let word = "it is the word of the host that made the statement";
    if statement.at(DEPENDENCIES).as_array().into_iter().flatten().any(|one| one["name"] == "source") {
        findings.leave("the source and its commit", word);
    }
    if !statement.at(&format!("{INTERNAL}/build")).is_null() {
        findings.leave("the flags that the program was built with", word);
    }
    findings.leave("the host and the layers of its sandbox", word);
}

fn program(statement: &Statement, path: Option<&Path>, findings: &mut Findings) {
    let Some(path) = path else {
        return findings
            .leave("the program, its manifest and what it declares", "give it with `--program FILE`");
    };
    let root = path.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."));
    let issues = match loader::resolve(Candidate::new(root.to_path_buf(), path.to_path_buf())) {
        Ok(resolved) => declared(statement, &resolved, path),
        Err(error) => error.issues().into_iter().map(|issue| issue.at(place(path))).collect(),
    };
    findings.take("the program, its manifest and what it declares", issues);
}

/// The program, its manifest, and what the manifest says of this workload.
fn declared(statement: &Statement, resolved: &Resolved, path: &Path) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (name, given) in [("extension", resolved.build()), ("extension_manifest", resolved.manifest_digest())]
    {
        issues.extend(same(statement, name, given, path));
    }
    let manifest = resolved.manifest();
    let source = path.display().to_string();
    let id = statement.at(&format!("{EXTERNAL}/workload")).as_str().unwrap_or_default();
    let Some(workload) = manifest.workload(id) else {
        issues.push(mismatch(path, format!("it does not offer the workload `{}`", id.escape_debug())));
        return issues;
    };
    let mut compare = |pointer: String, given| issues.extend(statement.compare(&pointer, &given, &source));
    compare(format!("{EXTERNAL}/capabilities/declared"), json!(manifest.capabilities_of(workload)));
    compare(format!("{EXTERNAL}/extension"), json!(manifest.id));
    compare(format!("{INTERNAL}/extension_version"), json!(manifest.version));
    compare(format!("{INTERNAL}/extension_api_version"), json!(manifest.extension_api_version));
    compare(format!("{INTERNAL}/workload_version"), json!(workload.version));
    if !statement.at(&format!("{INTERNAL}/build")).is_null() {
        let built = resolved.built_with(Vec::new(), None);
        compare(format!("{INTERNAL}/build/rustc"), json!(built.rustc));
        compare(format!("{INTERNAL}/build/sdk"), json!(built.sdk));
    }
    issues
}

fn same(statement: &Statement, name: &str, given: Digest, path: &Path) -> Option<Issue> {
    let stated = statement.find(DEPENDENCIES, name)?;
    (stated.sha256 != Some(given)).then(|| {
        let wanted = stated.sha256.map(|digest| digest.to_string()).unwrap_or_default();
        mismatch(path, format!("its `{name}` has the digest {given}, {} is {wanted}", stated.pointer))
    })
}

/// A file that the statement names, if it does.
fn file(statement: &Statement, name: &str, path: Option<&Path>, flag: &str, findings: &mut Findings) {
    let stated = statement.find(DEPENDENCIES, name);
    match (stated, path) {
        (Some(_), None) => findings.leave(name, &format!("give it with `{flag} FILE`")),
        (None, None) => {}
        (None, Some(path)) => {
            findings.issues.push(mismatch(path, format!("the statement names no `{name}`")));
        }
        (Some(_), Some(path)) => {
            let issues = match digest(path) {
                Ok(given) => same(statement, name, given, path).into_iter().collect(),
                Err(error) => error.issues(),
            };
            findings.take(name, issues);
        }
    }
}

fn digest(path: &Path) -> Result<Digest, Error> {
    let mut file = store::open_regular(path).map_err(Error::store("open", path))?;
    let (mut hasher, mut piece) = (Hasher::default(), vec![0; 256 << 10]);
    loop {
        match file.read(&mut piece).map_err(Error::store("read", path))? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&piece[..read]),
        }
    }
}

fn materials(statement: &Statement, root: Option<&Path>, findings: &mut Findings) {
    let listed = statement.list(DEPENDENCIES).unwrap_or_default();
    let materials: Vec<_> =
        listed.iter().filter_map(|one| Some((one, one.name.strip_prefix("workspace/")?))).collect();
    match root {
        _ if materials.is_empty() => {}
        None => findings.leave("the materials themselves", "give the project's root with `--materials DIR`"),
        Some(root) => {
            let issues = materials.into_iter().filter_map(|(stated, path)| {
                match artifact::hash(root, path, u64::MAX) {
                    Err(issue) => Some(issue.at(place(&root.join(path)))),
                    Ok(file) if stated.sha256.is_some_and(|digest| digest.to_string() == file.sha256) => None,
                    Ok(file) => {
                        let what =
                            format!("it has the digest {}, {} is another", file.sha256, stated.pointer);
                        Some(mismatch(&root.join(path), what))
                    }
                }
            });
            let issues = issues.collect();
            findings.take("the materials themselves", issues);
        }
    }
}
