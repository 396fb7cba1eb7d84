//! The manifest: what an extension claims to be. Source: macros (in the artifact) or a file by hand.

use crate::budget::Budget;
use crate::capability::CapabilityId;
use crate::id::{ExtensionId, WorkloadId};
use crate::network::Target;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an extension claims. `W` is what is said of each workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest<W = Workload> {
    /// Authors, as Cargo lists them.
    #[serde(default)]
    pub authors: Vec<String>,
    /// Capabilities that every workload may use, sorted.
    #[serde(default)]
    pub capabilities: Vec<CapabilityId>,
    /// A JSON Schema of the extension's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_schema: Option<Value>,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The version of the extension API that it speaks (semver).
    pub extension_api_version: String,
    /// Its stable name.
    pub id: ExtensionId,
    /// An SPDX expression, or empty.
    #[serde(default)]
    pub license: String,
    /// The version of this format.
    pub manifest_version: u32,
    /// Where its source lives, or empty.
    #[serde(default)]
    pub repository: String,
    /// The range of Orket versions that it runs with (semver requirement).
    pub runtime: String,
    /// The version of the SDK that it was built with, or empty.
    #[serde(default)]
    pub sdk_version: String,
    /// Its version (semver).
    pub version: String,
    /// What it can run.
    pub workloads: Vec<W>,
}

/// One workload of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// What it uses at most: bounds below those of the operator.
    #[serde(default, skip_serializing_if = "Budget::is_empty")]
    pub budget: Budget,
    /// Capabilities that this workload may use besides those of the extension, sorted.
    #[serde(default)]
    pub capabilities: Vec<CapabilityId>,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// Its stable name.
    pub id: WorkloadId,
    /// A JSON Schema of its input.
    #[serde(default = "any_object")]
    pub input_schema: Value,
    /// Files that it reads.
    #[serde(default)]
    pub materials: Vec<Material>,
    /// Where it may connect to with `network.connect`, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<Target>,
    /// Whether it compiles its input into a plan of its own.
    #[serde(default)]
    pub plan: bool,
    /// Whether it summarises its artifacts.
    #[serde(default)]
    pub summarize: bool,
    /// The names of its validators, in order.
    #[serde(default)]
    pub validators: Vec<String>,
    /// Its version (semver).
    pub version: String,
}

/// A file, or a pattern of files, that a workload reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// A path below the project root; `*` stands for any characters within one segment.
    pub path: String,
    /// The digest that the file must have, as 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// The header note: the manifest with the ids of its workloads, in order; their notes must follow.
pub type Header = Manifest<WorkloadId>;

impl Header {
    /// Joins the header with its workloads.
    #[must_use]
    pub fn with(self, workloads: Vec<Workload>) -> Manifest {
        Manifest {
            authors: self.authors,
            capabilities: self.capabilities,
            config_schema: self.config_schema,
            description: self.description,
            extension_api_version: self.extension_api_version,
            id: self.id,
            license: self.license,
            manifest_version: self.manifest_version,
            repository: self.repository,
            runtime: self.runtime,
            sdk_version: self.sdk_version,
            version: self.version,
            workloads,
        }
    }
}

impl Manifest {
    /// The workload of that id.
    #[must_use]
    pub fn workload(&self, id: &str) -> Option<&Workload> {
        self.workloads.iter().find(|workload| workload.id.as_str() == id)
    }

    /// What a workload may use: the capabilities of the extension and its own under today's names, sorted and unique.
    #[must_use]
    pub fn capabilities_of(&self, workload: &Workload) -> Vec<CapabilityId> {
        let written = self.capabilities.iter().chain(&workload.capabilities);
        let mut all: Vec<_> = written.filter_map(CapabilityId::current).collect();
        all.sort();
        all.dedup();
        all
    }
}

fn any_object() -> Value {
    serde_json::json!({ "type": "object" })
}
