//! Compares what an extension claims with what the operator allows. Pure.

use crate::authorization::{Denial, Grants};
use crate::error::{Error, Phase};
use crate::loader::Resolved;
use crate::materials::Outside;
use crate::sandbox::{Layer, Limit, Limits};
use orket_contract::budget::{Budget, Resource};
use orket_contract::capability::{CapabilityId, Provider, hint};
use orket_contract::issue::Issue;
use orket_contract::limit::{ARTIFACT_BYTES_MAX, ARTIFACTS_BYTES_MAX, FRAMES_MAX};
use orket_contract::manifest::{Manifest, Workload};
use orket_contract::network::Target;
use orket_contract::{EXTENSION_API_VERSION, ORKET_VERSION, code};
use semver::{Version, VersionReq};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;

/// What the operator allows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    /// Capabilities that are denied although an extension declares them.
    pub deny: BTreeSet<String>,
    /// What a guest may use up.
    pub limits: Limits,
    /// Files and folders outside of the project that stand for declared materials, by name. On record are the names, and
    /// the digests of what was read; where it lay is of the machine.
    #[serde(serialize_with = "names", skip_serializing_if = "Outside::is_empty")]
    pub materials: Outside,
    /// How many messages the guests of a run may send in all.
    pub messages_max: u64,
    /// How many messages are taken in a second; more have to wait.
    pub messages_per_second: u64,
    /// Where workloads may connect to, as far as they declare it; private addresses only where they stand here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<Target>,
    /// How long the guests of a run may take in all, in milliseconds; waiting for a person or a service does not count.
    pub wall_ms_max: u64,
    /// How long a run may wait for services of the operator in all, in milliseconds.
    pub service_ms_max: u64,
    /// How large one artifact may be, in bytes.
    pub artifact_bytes_max: u64,
    /// How large all artifacts of a run may be together, in bytes.
    pub artifacts_bytes_max: u64,
    /// Whether runs must repeat: no threads, and a run that equals an earlier one must end like it.
    pub reliable: bool,
    /// Whether a run in Reliable Mode must start from a commit without changes.
    pub require_clean_git: bool,
    /// Layers of the sandbox whose absence is accepted; on record in every run.
    pub weakenings: Vec<Layer>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            deny: BTreeSet::new(),
            limits: Limits::default(),
            materials: Outside::new(),
            messages_max: FRAMES_MAX,
            messages_per_second: 100_000,
            network: Vec::new(),
            wall_ms_max: 60_000,
            service_ms_max: 600_000,
            artifact_bytes_max: ARTIFACT_BYTES_MAX,
            artifacts_bytes_max: ARTIFACTS_BYTES_MAX,
            reliable: true,
            require_clean_git: false,
            weakenings: Vec::new(),
        }
    }
}

fn names<S: Serializer>(materials: &Outside, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(materials.keys())
}

/// A workload that may run here, with what it was granted. Only `admit` makes one.
#[derive(Debug, Clone)]
pub struct Admitted<'a> {
    extension: &'a Resolved,
    workload: &'a Workload,
    capabilities: Vec<CapabilityId>,
    policy: Policy,
    own: Vec<Limit>,
}

impl<'a> Admitted<'a> {
    /// The extension.
    #[must_use]
    pub fn extension(&self) -> &'a Resolved {
        self.extension
    }

    /// The workload.
    #[must_use]
    pub fn workload(&self) -> &'a Workload {
        self.workload
    }

    /// What it may call, sorted.
    #[must_use]
    pub fn capabilities(&self) -> &[CapabilityId] {
        &self.capabilities
    }

    /// What its runs are allowed: the operator's policy, lowered to the workload's own budget.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The limits that its own budget sets.
    pub(crate) fn own(&self) -> &[Limit] {
        &self.own
    }

    /// What every call of it is judged by.
    pub(crate) fn grants(&self) -> Grants {
        self.grants_of(self.workload)
    }

    /// The same for a step that another workload of the extension does: what that one declares, as far as it was
    /// admitted for this one.
    pub(crate) fn grants_of(&self, workload: &Workload) -> Grants {
        let declared = self.extension.manifest().capabilities_of(workload);
        let admitted =
            declared.iter().filter(|name| self.capabilities.contains(name)).map(ToString::to_string);
        let admitted: BTreeSet<String> = admitted.collect();
        let declared = declared.iter().map(ToString::to_string).collect();
        Grants { declared, provided: admitted.clone(), admitted }
    }
}

/// Admits a workload, or says everything that stands against it.
///
/// # Errors
/// `compat.api`, `compat.runtime`, `capability.denied`, `capability.unavailable`, `capability.unknown`;
/// `std.missing`, `std.static` in Reliable Mode.
pub(crate) fn admit<'a>(
    extension: &'a Resolved,
    workload: &'a Workload,
    policy: &Policy,
    provides: &dyn Fn(&str) -> bool,
) -> Result<Admitted<'a>, Error> {
    let manifest = extension.manifest();
    let capabilities = manifest.capabilities_of(workload);
    let mut issues = compatible(manifest);
    issues.extend(extension.machine_std().filter(|_| policy.reliable).cloned());
    issues.extend(capabilities.iter().filter_map(|capability| grant(capability, policy, provides)));
    if !issues.is_empty() {
        return Err(Error::Refused { phase: Phase::Admit, issues });
    }
    let (policy, own) = within(policy.clone(), &workload.budget);
    Ok(Admitted { extension, workload, capabilities, policy, own })
}

/// The policy, with no limit above what a workload says that it uses, and the limits which that has lowered.
fn within(mut policy: Policy, budget: &Budget) -> (Policy, Vec<Limit>) {
    let mut own = Vec::new();
    for (resource, amount) in budget.iter() {
        let (limit, max) = match resource {
            Resource::ArtifactBytes => (Limit::FileSize, &mut policy.artifact_bytes_max),
            Resource::ArtifactsBytes => (Limit::TotalSize, &mut policy.artifacts_bytes_max),
            Resource::CpuMs => (Limit::CpuTime, &mut policy.limits.cpu_ms),
            Resource::Files => (Limit::Files, &mut policy.limits.files_max),
            Resource::MemoryBytes => (Limit::Memory, &mut policy.limits.memory_bytes),
            Resource::Messages => (Limit::Messages, &mut policy.messages_max),
            Resource::OutputBytes => (Limit::Output, &mut policy.limits.output_bytes_max),
            Resource::WallMs => (Limit::WallTime, &mut policy.wall_ms_max),
        };
        if amount < *max {
            *max = amount;
            own.push(limit);
        }
    }
    (policy, own)
}

/// Why this host is none that the manifest is written for: `compat.api`, `compat.runtime`, or nothing.
#[must_use]
pub fn compatible(manifest: &Manifest) -> Vec<Issue> {
    let api = api(&manifest.extension_api_version);
    api.into_iter().chain(runtime(&manifest.runtime, ORKET_VERSION)).collect()
}

fn api(claimed: &str) -> Option<Issue> {
    let major = |version: &str| Version::parse(version).ok().map(|version| version.major);
    if major(claimed).is_some() && major(claimed) == major(EXTENSION_API_VERSION) {
        return None;
    }
    let message =
        format!("the extension speaks extension API {claimed}; this host speaks {EXTENSION_API_VERSION}");
    Some(
        Issue::error(code::COMPAT_API, message)
            .with_hint("build the extension with an SDK of this host's major version"),
    )
}

fn runtime(range: &str, host: &str) -> Option<Issue> {
    let Ok(required) = VersionReq::parse(range) else {
        let message = format!("`{range}` is not a version range");
        return Some(Issue::error(code::MANIFEST_BAD_VERSION, message));
    };
    let version = Version::parse(host).ok()?;
    if required.matches(&version) {
        return None;
    }
    let message = format!("the extension runs with Orket {range}; this is {host}");
    Some(
        Issue::error(code::COMPAT_RUNTIME, message)
            .with_hint("install a version of cargo-orket within that range"),
    )
}

fn grant(capability: &CapabilityId, policy: &Policy, provides: &dyn Fn(&str) -> bool) -> Option<Issue> {
    let name = capability.as_str();
    let Some(known) = capability.known() else {
        let message = format!("`{name}` is not a capability of this host");
        let hint = hint(name).unwrap_or_else(|| "a newer host may know it".to_owned());
        return Some(Denial::Invalid.refusal(name, message).with_hint(hint));
    };
    if policy.deny.contains(name) {
        let message = format!("`{name}` is declared, and denied by the operator");
        return Some(Denial::Denied.refusal(name, message));
    }
    if provides(name) {
        return None;
    }
    let issue = Denial::Unavailable.refusal(name, format!("`{name}` has no provider on this host"));
    Some(match known.provider {
        Provider::Operator(flag) => issue.with_hint(format!(
            "name one with `{flag}`; docs/capabilities.md says what it takes, and a replay needs none"
        )),
        Provider::Host => issue,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_runtime(range: &str, host: &str, expected: Option<&str>) {
        assert_eq!(runtime(range, host).map(|issue| issue.code).as_deref(), expected, "{range} {host}");
    }

    #[test]
    fn every_mismatch_of_the_runtime_range_has_one_code() {
        check_runtime(">=0.1, <0.2", "0.1.7", None);
        check_runtime("^0.1.2", "0.1.2", None);
        check_runtime(">=0.2", "0.1.7", Some("compat.runtime"));
        check_runtime("<0.1", "0.1.0", Some("compat.runtime"));
        check_runtime(">=0.3, <0.4", "0.1.0", Some("compat.runtime"));
        check_runtime("newest", "0.1.0", Some("manifest.bad-version"));
    }

    #[test]
    fn the_major_number_of_the_api_decides() {
        assert_eq!(api("1.9.3"), None);
        assert_eq!(api("2.0.0").map(|issue| issue.code).as_deref(), Some("compat.api"));
        assert_eq!(api("one").map(|issue| issue.code).as_deref(), Some("compat.api"));
    }

    #[test]
    fn a_budget_lowers_limits_and_raises_none() {
        let mut budget = Budget::default();
        for resource in Resource::ALL {
            budget.add(resource, 4 << 20).expect("an amount");
        }
        let operator = Policy { messages_max: 1, wall_ms_max: 5 << 20, ..Policy::default() };
        let (policy, own) = within(operator.clone(), &budget);
        assert_eq!((policy.messages_max, policy.wall_ms_max), (1, 4 << 20));
        assert_eq!((policy.limits.cpu_ms, policy.limits.files_max), (60_000, operator.limits.files_max));
        assert_eq!((policy.artifact_bytes_max, policy.limits.memory_bytes), (4 << 20, 4 << 20));
        let lowered = [Limit::FileSize, Limit::TotalSize, Limit::Memory, Limit::Output, Limit::WallTime];
        assert_eq!(own, lowered);
        assert_eq!(within(operator.clone(), &Budget::default()), (operator, Vec::new()));
    }

    #[test]
    fn grants_follow_vocabulary_policy_and_providers_in_that_order() {
        let mut policy = Policy::default();
        let code = |name: &str, policy: &Policy| {
            let provides = |name: &str| name != "model.generate";
            grant(&CapabilityId::new(name).expect("well-formed"), policy, &provides).map(|issue| issue.code)
        };
        assert_eq!(code("console", &policy), None);
        assert_eq!(code("consolle", &policy).as_deref(), Some("capability.unknown"));
        assert_eq!(code("model.generate", &policy).as_deref(), Some("capability.unavailable"));
        policy.deny.insert("console".to_owned());
        assert_eq!(code("console", &policy).as_deref(), Some("capability.denied"));
    }
}
