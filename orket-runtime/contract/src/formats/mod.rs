//! Manifests written by hand: TOML, YAML or JSON in, a [`Manifest`] or issues with places out.
//!
//! Three readers make one tree whose every node knows its place (`node`); one reading of that tree
//! makes the manifest (`native`). So the three formats mean the same, and every mistake of a file is
//! reported at once, as far as its syntax lets the reader go on.
//!
//! Invariants: no text makes a reader panic, recurse or allocate without bound; what [`load`] returns
//! satisfies every rule that is stated here and is never checked again. Of a hostile file at most
//! [`ISSUES_MAX`] issues are reported.
//!
//! | key | form | when left out |
//! |---|---|---|
//! | `manifest_version` | the number 1 | refused |
//! | `id` | an id | refused |
//! | `version` | semver | refused |
//! | `runtime` | a semver range of Orket versions, such as `">=0.1, <0.2"` | refused: a default would be a promise that nobody made |
//! | `workloads` | one table or more | refused |
//! | `extension_api_version` | semver | `1.0.0`, the API of format 1 whatever host reads it |
//! | `capabilities`, `authors` | lists of texts | empty |
//! | `description`, `license`, `repository`, `sdk_version` | texts | empty |
//! | `config_schema` | a table | none |
//!
//! Of a workload only `id` is needed: `version` is the extension's, `input_schema` is any object,
//! `capabilities`, `materials`, `network` and `validators` are empty, `plan` and `summarize` false. A material is
//! a path, or a table of `path` and `sha256`. A `budget` is a table of the amounts in [`crate::budget`].
//!
//! The dialects of before ([`Dialect`]) are read from the same tree (`older`) and give the same manifest,
//! with what their Python needs besides ([`Python`]).

mod detection;
mod dialect;
mod fault;
mod fields;
mod json;
mod native;
mod node;
mod older;
mod toml;
mod yaml;

pub use detection::{Found, detect};
pub use dialect::{Dialect, Entrypoint, Python};

use crate::code;
use crate::issue::Issue;
use crate::limit::MANIFEST_BYTES_MAX;
use crate::manifest::Manifest;
use fault::{Fault, Faults};

/// The most issues that are reported of one file.
pub const ISSUES_MAX: usize = 100;

/// The deepest nesting of a manifest by hand, whatever its format. Less than what JSON on the wire may
/// have: the YAML reader takes 45 KiB of stack for a level in a build without optimisation, and the
/// thread of a test has 2 MiB.
pub const NESTING_MAX: usize = 32;

/// How a manifest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// TOML 1.
    Toml,
    /// YAML 1.2.
    Yaml,
    /// JSON, strictly: no comments, no trailing commas.
    Json,
}

impl Format {
    /// The format that a file's extension names.
    ///
    /// ```
    /// # #[cfg(feature = "formats")] {
    /// use orket_contract::formats::Format;
    /// assert_eq!(Format::of_path("packs/orket.yml"), Some(Format::Yaml));
    /// assert_eq!(Format::of_path("orket"), None);
    /// # }
    /// ```
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next()?;
        match name.rsplit_once('.')?.1 {
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// A manifest, and what is odd about it without being wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The manifest; every rule of this module holds.
    pub manifest: Manifest,
    /// What strict reading refuses, such as a capability that this host has never heard of; and that the
    /// dialect is deprecated, which it does not refuse.
    pub warnings: Vec<Issue>,
    /// What the workloads run as, when the dialect is one of before.
    pub python: Option<Python>,
}

impl Loaded {
    /// The manifest alone, where no warning is tolerated.
    ///
    /// # Errors
    /// The warnings, as errors; that a dialect is deprecated is none.
    pub fn strict(self) -> Result<Manifest, Vec<Issue>> {
        let error = |issue| Issue { severity: crate::issue::Severity::Error, ..issue };
        let odd = self.warnings.into_iter().filter(|issue| issue.code != code::MANIFEST_DEPRECATED);
        let odd: Vec<_> = odd.map(error).collect();
        if odd.is_empty() { Ok(self.manifest) } else { Err(odd) }
    }
}

/// Reads a manifest of the native dialect; `file` is its name in the places of issues.
///
/// ```
/// # #[cfg(feature = "formats")] {
/// use orket_contract::formats::{Format, load};
/// let text = "\
/// manifest_version: 1
/// id: fen.pack
/// version: 0.1
/// runtime: '>=0.1'
/// workloads: [{ id: tour_v1 }]
/// ";
/// let issues = load(text, Format::Yaml, "orket.yaml").unwrap_err();
/// assert_eq!(issues[0].code, "manifest.bad-version");
/// assert_eq!(issues[0].location.as_ref().unwrap().to_string(), "orket.yaml:3:10");
/// assert_eq!(issues[0].hint.as_deref(), Some("quote it: \"0.1.0\""));
/// # }
/// ```
///
/// # Errors
/// Every mistake found, and every warning, in the order of the file: `manifest.*`, `id.invalid`,
/// `capability.unknown`, `material.path`, `network.target`, `json.number` and `extension.empty`.
pub fn load(text: &str, format: Format, file: &str) -> Result<Loaded, Vec<Issue>> {
    load_as(Dialect::Native, text, format, file)
}

/// Reads a manifest of a dialect; `file` is its name in the places of issues.
///
/// ```
/// # #[cfg(feature = "formats")] {
/// use orket_contract::formats::{Dialect, Format, load_as};
/// let text = "\
/// manifest_version: v0
/// extension_id: fen.pack
/// extension_version: 1.2.0
/// workloads: [{ workload_id: tour_v1, entrypoint: 'fen.tour:Tour' }]
/// ";
/// let loaded = load_as(Dialect::SdkV0, text, Format::Yaml, "extension.yaml").unwrap();
/// assert_eq!(loaded.manifest.workloads[0].version, "1.2.0");
/// assert_eq!(loaded.python.unwrap().entrypoints["tour_v1"].to_string(), "fen.tour:Tour");
/// assert_eq!(loaded.warnings[0].code, "manifest.deprecated");
/// # }
/// ```
///
/// # Errors
/// As [`load`].
pub fn load_as(dialect: Dialect, text: &str, format: Format, file: &str) -> Result<Loaded, Vec<Issue>> {
    if text.len() > MANIFEST_BYTES_MAX {
        let message = format!("the manifest has {} bytes; at most {MANIFEST_BYTES_MAX} are read", text.len());
        let location = crate::issue::Location { file: file.to_owned(), line: 0, column: 0 };
        return Err(vec![Issue::error(code::MANIFEST_TOO_LARGE, message).at(location)]);
    }
    // An editor's byte order mark belongs to the encoding, not to the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut faults = Faults::default();
    let read = read(text, format, &mut faults).and_then(|root| {
        root.check(&mut faults);
        match dialect {
            Dialect::Native => native::manifest(&root, &mut faults).map(|manifest| (manifest, None)),
            Dialect::SdkV0 => older::sdk_v0(&root, &mut faults),
            Dialect::Legacy => older::legacy(&root, &mut faults),
        }
    });
    let issues = faults.into_issues(text, file);
    match read {
        Some((manifest, python)) if !issues.iter().any(Issue::is_error) => {
            let notice = dialect.notice(file).into_iter();
            Ok(Loaded { manifest, warnings: notice.chain(issues).collect(), python })
        }
        _ => Err(issues),
    }
}

/// The tree of a text, unless its syntax is broken.
fn read(text: &str, format: Format, faults: &mut Faults) -> Option<node::Node> {
    let root = match format {
        Format::Toml => toml::read(text),
        Format::Yaml => yaml::read(text).map_err(|fault| vec![fault]),
        Format::Json => json::read(text).map_err(|fault| vec![fault]),
    };
    root.map_err(|broken| faults.extend(broken)).ok()
}

fn too_deep(at: usize) -> Fault {
    let message = format!("the manifest nests deeper than {NESTING_MAX} levels");
    Fault::new(code::MANIFEST_TOO_LARGE, at, message)
}
