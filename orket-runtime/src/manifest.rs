//! The manifest of an extension as a value: what the macros put into the artifact.
//!
//! ```
//! use orket_runtime::manifest::ExtensionId;
//! assert!(ExtensionId::new("mystery.game").is_ok());
//! ```
//!
//! Nobody writes one by hand for a Rust extension; this module is for tools that read them.

use orket_contract::capability::CapabilityId;
use orket_contract::{capability, code, material, note};

use crate::result::Issue;

pub use orket_contract::id::{ExtensionId, WorkloadId};
pub use orket_contract::manifest::{Manifest, Material, Workload};

/// What is wrong with a manifest, beyond what its types rule out already.
///
/// The range in `runtime` is read by the host, which knows the version to compare it with.
///
/// A name that is no known capability is a warning here (a newer host may know it) and an error
/// where the host admits the extension strictly.
///
/// ```
/// use orket_runtime::manifest::{Manifest, validate_manifest};
/// let manifest: Manifest = serde_json::from_str(r#"{
///     "id": "hello.world", "version": "0.1.0", "manifest_version": 1,
///     "extension_api_version": "1.0.0", "runtime": ">=0.1", "capabilities": ["consol"],
///     "workloads": [{ "id": "hello_v1", "version": "0.1.0" }]
/// }"#)?;
/// let issues = validate_manifest(&manifest);
/// assert_eq!(issues[0].code, "capability.unknown");
/// assert_eq!(issues[0].hint.as_deref(), Some("did you mean `console`?"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn validate_manifest(manifest: &Manifest) -> Vec<Issue> {
    let mut issues = Vec::new();
    if manifest.workloads.is_empty() {
        issues.push(Issue::error(code::EXTENSION_EMPTY, format!("`{}` has no workload", manifest.id)));
    }
    if manifest.manifest_version != note::MANIFEST_VERSION {
        let message = format!("version {} of the manifest is not known", manifest.manifest_version);
        issues.push(Issue::error(code::MANIFEST_UNSUPPORTED_VERSION, message));
    }
    issues.extend(check_version("version", &manifest.version));
    issues.extend(check_version("extension_api_version", &manifest.extension_api_version));
    for (at, workload) in manifest.workloads.iter().enumerate() {
        issues.extend(check_version(workload.id.as_str(), &workload.version));
        if manifest.workloads[..at].iter().any(|earlier| earlier.id == workload.id) {
            let message = format!("two workloads have the id `{}`", workload.id);
            issues.push(Issue::error(code::MANIFEST_DUPLICATE_WORKLOAD, message));
        }
        issues.extend(workload.materials.iter().filter_map(check_material));
    }
    let own = manifest.workloads.iter().flat_map(|workload| &workload.capabilities);
    let mut names: Vec<_> = manifest.capabilities.iter().chain(own).map(CapabilityId::as_str).collect();
    names.sort_unstable();
    names.dedup();
    issues.extend(names.into_iter().filter_map(check_capability));
    issues
}

/// The shape of a semver version: three numbers, then perhaps words after `-` or `+`.
fn check_version(what: &str, version: &str) -> Option<Issue> {
    let (numbers, words) = version.split_at(version.find(['-', '+']).unwrap_or(version.len()));
    let number = |part: &str| part.parse::<u64>().is_ok_and(|number| number.to_string() == part);
    let word = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let three = numbers.split('.').count() == 3 && numbers.split('.').all(number);
    if three && (words.is_empty() || words[1..].splitn(2, '+').all(word)) {
        return None;
    }
    Some(Issue::error(code::MANIFEST_BAD_VERSION, format!("{what}: `{version}` is not a semver version")))
}

fn check_material(material: &Material) -> Option<Issue> {
    let fault = material::check(&material.path).err()?;
    Some(Issue::error(code::MATERIAL_PATH, format!("`{}`: {fault}", material.path)))
}

fn check_capability(name: &str) -> Option<Issue> {
    if capability::find(name).is_some() {
        return None;
    }
    let issue = Issue::warning(code::CAPABILITY_UNKNOWN, format!("`{name}` is not a capability"));
    Some(match capability::hint(name) {
        Some(hint) => issue.with_hint(hint),
        None => issue,
    })
}

/// Reads the manifest in a file whose name ends in `.toml`, `.yaml`, `.yml` or `.json`.
///
/// ```no_run
/// # #[cfg(feature = "manifest-files")] {
/// match orket_runtime::manifest::load_manifest("packs/tour/orket.yaml") {
///     Ok(manifest) => println!("{} {}", manifest.id, manifest.version),
///     Err(issues) => issues.iter().for_each(|issue| println!("{issue}")),
/// }
/// # }
/// ```
///
/// # Errors
/// Every mistake in the file, with its line and column; `project.not-found` when there is no such
/// file, `store.failed` when it cannot be read, `manifest.unsupported-version` for another ending.
#[cfg(feature = "manifest-files")]
pub fn load_manifest(path: impl AsRef<std::path::Path>) -> Result<Manifest, Vec<Issue>> {
    use orket_contract::formats::{Format, load};

    let path = path.as_ref();
    let name = path.display().to_string();
    let format = Format::of_path(&name).ok_or_else(|| {
        let message = format!("`{name}` is no manifest: its name ends in none of .toml, .yaml, .yml, .json");
        vec![Issue::error(code::MANIFEST_UNSUPPORTED_VERSION, message)]
    })?;
    let text = read(path).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => code::PROJECT_NOT_FOUND,
            std::io::ErrorKind::InvalidData => code::MANIFEST_SYNTAX,
            _ => code::STORE_FAILED,
        };
        vec![Issue::error(code, format!("cannot read `{name}`: {error}"))]
    })?;
    load(&text, format, &name).map(|loaded| loaded.manifest)
}

/// The text of a file, as far as a manifest may be long and one byte further.
#[cfg(feature = "manifest-files")]
fn read(path: &std::path::Path) -> std::io::Result<String> {
    use std::io::Read;

    let mut text = String::new();
    let bytes = orket_contract::limit::MANIFEST_BYTES_MAX as u64 + 1;
    std::fs::File::open(path)?.take(bytes).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(change: impl FnOnce(&mut serde_json::Value), expected: &[&str]) {
        let mut manifest = json!({
            "id": "a", "version": "0.1.0", "manifest_version": 1, "extension_api_version": "1.0.0",
            "runtime": ">=0.1", "workloads": [{ "id": "w", "version": "0.1.0" }],
        });
        change(&mut manifest);
        let manifest = serde_json::from_value(manifest).expect("a manifest");
        let codes: Vec<_> = validate_manifest(&manifest).into_iter().map(|issue| issue.code).collect();
        assert_eq!(codes, expected);
    }

    #[test]
    fn every_mistake_is_reported() {
        check(|_| {}, &[]);
        check(|m| m["workloads"] = json!([]), &["extension.empty"]);
        check(|m| m["manifest_version"] = json!(2), &["manifest.unsupported-version"]);
        check(|m| m["version"] = json!("1.2.3-rc.1+linux"), &[]);
        for version in ["1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3-", "1.2.3+a b", ""] {
            check(|m| m["version"] = json!(version), &["manifest.bad-version"]);
        }
        check(
            |m| m["capabilities"] = json!(["time.now", "nonsense"]),
            &["capability.unknown", "capability.unknown"],
        );
        check(
            |m| {
                let workload = json!({ "id": "w", "version": "1.0.0", "materials": [{ "path": "../x" }] });
                m["workloads"] = json!([workload, workload]);
            },
            &["material.path", "manifest.duplicate-workload", "material.path"],
        );
    }
}
