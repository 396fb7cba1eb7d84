//! Which manifest lies in a folder.

use super::{Dialect, Format};
use crate::code;
use crate::issue::Issue;

/// The manifest of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'n> {
    /// The name of its file.
    pub name: &'n str,
    /// How it is written.
    pub format: Format,
    /// What its keys mean.
    pub dialect: Dialect,
}

/// The manifest among the names of a folder's files; `None` when there is none.
///
/// The dialect follows from the name alone and is never guessed from the content.
///
/// ```
/// # #[cfg(feature = "formats")] {
/// use orket_contract::formats::{Dialect, Format, detect};
/// let found = detect(&["README.md", "orket.toml"]).unwrap().unwrap();
/// assert_eq!((found.name, found.format, found.dialect), ("orket.toml", Format::Toml, Dialect::Native));
/// assert_eq!(detect(&["orket.toml", "extension.yaml"]).unwrap_err().code, "manifest.ambiguous");
/// # }
/// ```
///
/// # Errors
/// `manifest.ambiguous` when several lie side by side.
pub fn detect<'n>(names: &[&'n str]) -> Result<Option<Found<'n>>, Issue> {
    let present = |known: &str| names.iter().copied().find(|name| *name == known);
    let found: Vec<&'n str> = Dialect::FILES.iter().filter_map(|(known, _)| present(known)).collect();
    match found[..] {
        [] => Ok(None),
        [name] => {
            Ok(Format::of_path(name).map(|format| Found { name, format, dialect: Dialect::of_path(name) }))
        }
        _ => Err(ambiguous(&found)),
    }
}

fn ambiguous(found: &[&str]) -> Issue {
    let names = found.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Issue::error(code::MANIFEST_AMBIGUOUS, format!("several manifests lie side by side: {names}"))
        .with_hint("keep the one that is meant")
        .with_details(serde_json::json!({ "files": found }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_with_its_dialect() {
        assert_eq!(detect(&[]), Ok(None));
        assert_eq!(detect(&["Cargo.toml", "orket.TOML", "my-orket.toml", "extension.toml"]), Ok(None));
        for (name, dialect) in Dialect::FILES.iter().copied() {
            let format = Format::of_path(name).expect("a format");
            assert_eq!(detect(&["a", name, "z"]), Ok(Some(Found { name, format, dialect })));
        }
    }

    #[test]
    fn any_two_are_ambiguous_and_named() {
        for (at, (one, _)) in Dialect::FILES.iter().enumerate() {
            for (other, _) in &Dialect::FILES[at + 1..] {
                let issue = detect(&[other, one]).expect_err(one);
                assert_eq!(issue.code, code::MANIFEST_AMBIGUOUS);
                assert!(issue.message.contains(one) && issue.message.contains(other), "{issue}");
            }
        }
    }
}
