//! Where an extension comes from: what the record of a run says of it besides the digest of its program.

use orket_contract::digest::Digest;
use serde::{Deserialize, Serialize};

/// Where an extension comes from. What is not known is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// How its program was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildFacts>,
    /// The digest of the package file that it was installed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Digest>,
    /// Where its source lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// How a program was built: what someone needs in order to build it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildFacts {
    /// What shaped the compilation besides the sources: profile, features, target, `RUSTFLAGS`; no path of the
    /// machine.
    pub flags: Vec<String>,
    /// The digest of `Cargo.lock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lockfile: Option<Digest>,
    /// The compiler, as `rustc --version` names it, or `unknown`.
    pub rustc: String,
    /// The version of the SDK.
    pub sdk: String,
}

/// A place that source code came from, without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Whether its files are those of the commit.
    pub clean: bool,
    /// The commit, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The repository, or empty when it has no name elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}
