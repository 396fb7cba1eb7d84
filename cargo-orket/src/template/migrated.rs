//! What an older manifest says, as the template for migrated extensions shows it.

use orket_contract::formats::{Dialect, Loaded, Python};
use orket_contract::manifest::Workload;
use serde::Serialize;
use std::collections::BTreeSet;

/// An extension of before.
#[derive(Debug, Serialize)]
pub(crate) struct Migrated {
    dialect: &'static str,
    first: String,
    id: String,
    /// Capabilities that nobody knows, for the text.
    left_out: String,
    legacy: bool,
    manifest: String,
    sections: Vec<Section>,
    version: String,
    workloads: Vec<Ported>,
}

/// A section of its configuration.
#[derive(Debug, Serialize)]
struct Section {
    field: String,
    literal: String,
    shown: String,
}

/// A workload that is left to port.
#[derive(Debug, Serialize)]
struct Ported {
    /// As the attribute lists them.
    capabilities: String,
    entrypoint: String,
    function: String,
    id: String,
    /// Its capabilities, for the text.
    shown: String,
    version: String,
}

impl Migrated {
    /// What the manifest in a file of that name says.
    pub(crate) fn of(loaded: &Loaded, python: &Python, manifest: &str) -> Self {
        let (all, mut functions) =
            (&loaded.manifest, BTreeSet::from(["not_ported".to_owned(), "register".to_owned()]));
        let workloads =
            all.workloads.iter().map(|workload| ported(workload, python, &mut functions)).collect();
        let capabilities = all.workloads.iter().flat_map(|workload| &workload.capabilities);
        let unknown: BTreeSet<String> =
            capabilities.filter(|one| one.known().is_none()).map(|one| format!("`{one}`")).collect();
        let mut fields = BTreeSet::new();
        let section = |name: &String| Section {
            field: unique(name, &mut fields),
            literal: format!("{name:?}"),
            shown: format!("`{}`", name.replace('`', "")),
        };
        Self {
            dialect: python.dialect.name(),
            first: all.workloads.first().map(|workload| workload.id.to_string()).unwrap_or_default(),
            id: all.id.to_string(),
            left_out: unknown.into_iter().collect::<Vec<_>>().join(", "),
            legacy: python.dialect == Dialect::Legacy,
            manifest: manifest.to_owned(),
            sections: python.config_sections.iter().map(section).collect(),
            version: all.version.clone(),
            workloads,
        }
    }

    /// The extension's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The id of its first workload.
    pub(crate) fn first(&self) -> &str {
        &self.first
    }
}

fn ported(workload: &Workload, python: &Python, functions: &mut BTreeSet<String>) -> Ported {
    let known = workload.capabilities.iter().filter(|capability| capability.known().is_some());
    let capabilities: Vec<String> = known.map(|capability| format!("\"{capability}\"")).collect();
    Ported {
        capabilities: capabilities.join(", "),
        entrypoint: python.entrypoint(&workload.id).map(ToString::to_string).unwrap_or_default(),
        function: unique(workload.id.as_str(), functions),
        id: workload.id.to_string(),
        shown: capabilities.iter().map(|one| one.replace('"', "`")).collect::<Vec<_>>().join(", "),
        version: workload.version.clone(),
    }
}

/// A name in Rust that reads like a text, and that none before it has.
fn unique(text: &str, taken: &mut BTreeSet<String>) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c| !is_plain(c)).filter(|word| !word.is_empty()).collect();
    let joined = words.join("_");
    let fits = joined.starts_with(|c: char| c.is_ascii_lowercase()) && !super::name::is_reserved(&joined);
    let name = if fits { joined } else { format!("the_{joined}").trim_end_matches('_').to_owned() };
    let numbered = (1..).map(|n| if n == 1 { name.clone() } else { format!("{name}_{n}") });
    let free = numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or(name);
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_rust_and_differ() {
        let mut taken = BTreeSet::new();
        for (text, expected) in [
            ("tour_v1", "tour_v1"),
            ("Tour.V1", "tour_v1_2"),
            ("2-fast", "the_2_fast"),
            ("fn", "the_fn"),
            ("ö", "the"),
            ("a--b", "a_b"),
        ] {
            assert_eq!(unique(text, &mut taken), expected, "{text}");
        }
    }
}
