//! Which manifest lies in a folder.

use super::Format;
use crate::code;
use crate::issue::Issue;

/// The names of native manifests, in the order of preference that their documentation lists.
const NATIVE: [&str; 4] = ["orket.toml", "orket.yaml", "orket.yml", "orket.json"];

/// The names of older dialects and what they are called.
const OLDER: [(&str, &str); 4] = [
    ("extension.yaml", "SDK v0"),
    ("extension.yml", "SDK v0"),
    ("extension.json", "SDK v0"),
    ("orket_extension.json", "legacy"),
];

/// The manifest among the names of a folder's files; `None` when there is none.
///
/// The dialect follows from the name alone and is never guessed from the content.
///
/// ```
/// # #[cfg(feature = "formats")] {
/// use orket_contract::formats::{Format, detect};
/// assert_eq!(detect(&["README.md", "orket.toml"]), Ok(Some(("orket.toml", Format::Toml))));
/// assert_eq!(detect(&["orket.toml", "extension.yaml"]).unwrap_err().code, "manifest.ambiguous");
/// # }
/// ```
///
/// # Errors
/// `manifest.ambiguous` when several lie side by side; `manifest.unsupported-version` for a dialect
/// that this version does not read.
pub fn detect<'n>(names: &[&'n str]) -> Result<Option<(&'n str, Format)>, Issue> {
    let known = NATIVE.into_iter().chain(OLDER.map(|(name, _)| name));
    let found: Vec<&'n str> =
        known.filter_map(|known| names.iter().copied().find(|name| *name == known)).collect();
    match found[..] {
        [] => Ok(None),
        [name] => match OLDER.iter().find(|(older, _)| *older == name) {
            None => Ok(Format::of_path(name).map(|format| (name, format))),
            Some((_, dialect)) => Err(unsupported(name, dialect)),
        },
        _ => Err(ambiguous(&found)),
    }
}

fn unsupported(name: &str, dialect: &str) -> Issue {
    let message =
        format!("`{name}` is a manifest of the {dialect} dialect, which this version does not read yet");
    let hint = format!("write it as `{}`, with `manifest_version` 1", NATIVE[0]);
    Issue::error(code::MANIFEST_UNSUPPORTED_VERSION, message).with_hint(hint)
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
    fn every_native_name_is_found() {
        assert_eq!(detect(&[]), Ok(None));
        assert_eq!(detect(&["Cargo.toml", "orket.TOML", "my-orket.toml"]), Ok(None));
        for name in NATIVE {
            let format = Format::of_path(name).expect("a format");
            assert_eq!(detect(&["a", name, "z"]), Ok(Some((name, format))));
        }
    }

    #[test]
    fn older_dialects_are_named_not_guessed() {
        for (name, dialect) in OLDER {
            let issue = detect(&[name]).expect_err(name);
            assert_eq!(issue.code, code::MANIFEST_UNSUPPORTED_VERSION);
            assert!(issue.message.contains(name) && issue.message.contains(dialect), "{issue}");
        }
    }

    #[test]
    fn any_two_are_ambiguous_and_named() {
        let all: Vec<&str> = NATIVE.into_iter().chain(OLDER.map(|(name, _)| name)).collect();
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                let issue = detect(&[other, one]).expect_err(one);
                assert_eq!(issue.code, code::MANIFEST_AMBIGUOUS);
                assert!(issue.message.contains(one) && issue.message.contains(other), "{issue}");
            }
        }
    }
}
