//! The rule for paths in a package: what is one file here is one file everywhere.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The longest path, in bytes.
const LENGTH_MAX: usize = 255;

/// Names that are devices on Windows, with and without an extension.
const RESERVED: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// Checks a path such as `materials/content/people.yaml`.
///
/// # Errors
/// With what is wrong with it, as words that follow the path.
pub fn check(path: &str) -> Result<(), &'static str> {
    if path.is_empty() || path.len() > LENGTH_MAX {
        return Err("is empty or has more than 255 bytes");
    }
    if path.starts_with('/') {
        return Err("is absolute");
    }
    if path.contains('\\') {
        return Err("has a backslash, which separates paths on one platform only");
    }
    if path.chars().any(|c| c.is_control() || "<>:\"|?*".contains(c)) {
        return Err("has a character that some platforms do not allow in a name");
    }
    if !is_nfc(path) {
        return Err("is not in Unicode's normal form C");
    }
    path.split('/').try_for_each(segment)
}

fn segment(segment: &str) -> Result<(), &'static str> {
    match segment {
        "" | "." => return Err("has an empty or `.` segment"),
        ".." => return Err("leads out of the package"),
        _ => {}
    }
    if segment.ends_with(['.', ' ']) {
        return Err("has a segment that ends in a dot or a space, which some platforms drop");
    }
    if is_reserved(segment) { Err("has a name that is a device on Windows") } else { Ok(()) }
}

/// Whether Windows takes a name for a device, such as `nul.txt` or `COM1`.
fn is_reserved(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or(segment).trim_end().to_uppercase();
    let is_port = |kind: &str| {
        let mut rest = stem.strip_prefix(kind).unwrap_or_default().chars();
        matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    RESERVED.contains(&stem.as_str()) || is_port("COM") || is_port("LPT")
}

/// The paths seen so far, as a file system sees them that knows neither case nor normal forms.
#[derive(Debug, Default)]
pub struct Names<'a> {
    seen: BTreeMap<String, (&'a str, bool)>,
}

impl<'a> Names<'a> {
    /// Takes a file's path.
    ///
    /// # Errors
    /// With the path that it meets.
    pub fn take(&mut self, path: &'a str) -> Result<(), &'a str> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let (name, is_file) = (&path[..end], end == path.len());
            match self.seen.entry(folded(name)) {
                Entry::Vacant(free) => {
                    free.insert((name, is_file));
                }
                Entry::Occupied(taken) if *taken.get() == (name, false) && !is_file => {}
                Entry::Occupied(taken) => return Err(taken.get().0),
            }
        }
        Ok(())
    }
}

/// What names have in common that differ by case or normal form only.
fn folded(name: &str) -> String {
    let upper: String = name.nfkd().flat_map(char::to_uppercase).collect();
    upper.chars().flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_path(path: &str, expected: Option<&str>) {
        let fault = check(path).err();
        assert_eq!(fault.is_some(), expected.is_some(), "{path:?}: {fault:?}");
        assert!(fault.unwrap_or_default().contains(expected.unwrap_or_default()), "{path:?}: {fault:?}");
    }

    #[test]
    fn a_path_is_one_file_on_every_platform() {
        check_path("materials/content/people.yaml", None);
        check_path("materials/Zoë.txt", None);
        check_path("materials/.hidden", None);
        check_path("materials/console.txt", None);
        check_path("materials/COM10", None);
        for (path, fault) in [
            ("", "empty"),
            ("/etc/passwd", "absolute"),
            ("../x", "leads out"),
            ("materials/../../x", "leads out"),
            ("materials/./x", "`.`"),
            ("materials//x", "empty"),
            ("materials/", "empty"),
            ("materials\\x", "backslash"),
            ("c:/x", "character"),
            ("materials/a\0b", "character"),
            ("materials/a\nb", "character"),
            ("materials/what?", "character"),
            ("materials/nul", "device"),
            ("materials/Nul.txt", "device"),
            ("materials/lpt1.log", "device"),
            ("materials/com¹", "device"),
            ("materials/a.", "dot"),
            ("materials/a /b", "space"),
            ("materials/Zoe\u{308}.txt", "normal form"),
        ] {
            check_path(path, Some(fault));
        }
        check_path(&"a".repeat(256), Some("255"));
    }

    #[test]
    fn names_that_some_file_system_takes_for_one_meet() {
        let meets = |paths: &[&'static str]| {
            let mut names = Names::default();
            paths.iter().find_map(|path| names.take(path).err())
        };
        assert_eq!(meets(&["a/b", "a/c", "b"]), None);
        assert_eq!(meets(&["a", "a"]), Some("a"));
        assert_eq!(meets(&["a/Read", "a/READ"]), Some("a/Read"));
        assert_eq!(meets(&["straße", "STRASSE"]), Some("straße"));
        assert_eq!(meets(&["ﬁle", "file"]), Some("ﬁle"));
        assert_eq!(meets(&["A/x", "a/y"]), Some("A"));
        assert_eq!(meets(&["a", "a/b"]), Some("a"));
        assert_eq!(meets(&["a/b", "a"]), Some("a"));
    }
}
