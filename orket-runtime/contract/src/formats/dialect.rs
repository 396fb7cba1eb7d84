//! The dialects of manifests by hand: today's, and two of before, whose workloads are Python.

use crate::code;
use crate::id::WorkloadId;
use crate::issue::{Issue, Location};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What the keys of a manifest mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Today's.
    Native,
    /// That of the SDK v0: `extension.yaml`, `extension.yml`, `extension.json`.
    SdkV0,
    /// The one before: `orket_extension.json`.
    Legacy,
}

impl Dialect {
    /// The files of every dialect by their names, in the order of preference that their documentation lists.
    pub const FILES: &[(&str, Self)] = &[
        ("orket.toml", Self::Native),
        ("orket.yaml", Self::Native),
        ("orket.yml", Self::Native),
        ("orket.json", Self::Native),
        ("extension.yaml", Self::SdkV0),
        ("extension.yml", Self::SdkV0),
        ("extension.json", Self::SdkV0),
        ("orket_extension.json", Self::Legacy),
    ];

    /// The dialect that a file's name stands for: today's, unless it is the name of an older one.
    ///
    /// ```
    /// # #[cfg(feature = "formats")] {
    /// use orket_contract::formats::Dialect;
    /// assert_eq!(Dialect::of_path("packs/extension.yml"), Dialect::SdkV0);
    /// assert_eq!(Dialect::of_path("packs/pack.yml"), Dialect::Native);
    /// # }
    /// ```
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        Self::FILES.iter().find(|(known, _)| *known == name).map_or(Self::Native, |(_, dialect)| *dialect)
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::SdkV0 => "SDK v0",
            Self::Legacy => "legacy",
        }
    }

    /// That the dialect is deprecated, at the manifest that is written in it.
    #[must_use]
    pub fn notice(self, file: &str) -> Option<Issue> {
        if self == Self::Native {
            return None;
        }
        let message =
            format!("the {} dialect is deprecated; its extensions keep working for now", self.name());
        let notice = Issue::warning(code::MANIFEST_DEPRECATED, message)
            .at(Location { file: file.to_owned(), line: 1, column: 1 })
            .with_hint("`cargo orket migrate` writes the skeleton of a native extension");
        Some(notice)
    }
}

/// What the workloads of an older dialect run as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Python {
    /// The modules of the standard library that the extension's files may import; `None` is any.
    pub allowed_stdlib_modules: Option<Vec<String>>,
    /// The names of its sections of configuration.
    pub config_sections: Vec<String>,
    /// The dialect.
    pub dialect: Dialect,
    /// Where each workload begins. In the legacy dialect they share a function that registers them all.
    pub entrypoints: BTreeMap<String, Entrypoint>,
}

impl Python {
    /// Where a workload begins.
    #[must_use]
    pub fn entrypoint(&self, workload: &WorkloadId) -> Option<&Entrypoint> {
        self.entrypoints.get(workload.as_str())
    }
}

/// A module of the extension and a name in it, `package.module:symbol`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entrypoint {
    /// The module, with dots.
    pub module: String,
    /// The name in it.
    pub symbol: String,
}

impl Entrypoint {
    /// Reads `package.module:symbol`.
    ///
    /// ```
    /// # #[cfg(feature = "formats")] {
    /// use orket_contract::formats::Entrypoint;
    /// assert!(Entrypoint::parse("fen.tour:Tour").is_some());
    /// assert!(Entrypoint::parse("fen/tour.py").is_none());
    /// # }
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (module, symbol) = text.split_once(':')?;
        (is_module(module) && is_name(symbol))
            .then(|| Self { module: module.to_owned(), symbol: symbol.to_owned() })
    }
}

impl fmt::Display for Entrypoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.symbol)
    }
}

/// Whether a text is the name of a module, with dots.
pub(super) fn is_module(text: &str) -> bool {
    text.len() <= crate::id::LENGTH_MAX && text.split('.').all(is_name)
}

/// Whether a text is a name in Python.
pub(super) fn is_name(text: &str) -> bool {
    let starts = |c: char| c == '_' || c.is_alphabetic();
    text.len() <= crate::id::LENGTH_MAX
        && text.starts_with(starts)
        && text.chars().all(|c| starts(c) || c.is_numeric())
}
