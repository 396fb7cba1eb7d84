//! The rule for material patterns: relative paths below the project root, `*` within one segment.

/// Why a text is not a material pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is empty.
    Blank,
    /// It is absolute or names a drive.
    Absolute,
    /// It has an empty, `.` or `..` segment.
    Segment,
    /// It has a backslash, which separates paths on one platform only.
    Backslash,
    /// It has a control character.
    Control,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Blank => "a material needs a path",
            Self::Absolute => "a material lies below the project root: its path is relative",
            Self::Segment => "a material's path has no empty, `.` or `..` segment",
            Self::Backslash => "a material's path is written with `/`",
            Self::Control => "a material's path has no control characters",
        })
    }
}

/// Why a text is not the digest of a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestFault {
    /// It is no SHA-256.
    Digits,
    /// The path is a pattern.
    Pattern,
}

impl std::fmt::Display for DigestFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Digits => "a SHA-256 is 64 digits of `0-9a-f`",
            Self::Pattern => "a digest belongs to one file, and this path is a pattern",
        })
    }
}

/// Checks a pattern such as `content/*.yaml`.
///
/// # Errors
/// The first [`Fault`] found.
pub fn check(pattern: &str) -> Result<(), Fault> {
    if pattern.trim().is_empty() {
        return Err(Fault::Blank);
    }
    if pattern.starts_with('/') || pattern.as_bytes().get(1) == Some(&b':') {
        return Err(Fault::Absolute);
    }
    if pattern.contains('\\') {
        return Err(Fault::Backslash);
    }
    if pattern.chars().any(char::is_control) {
        return Err(Fault::Control);
    }
    if pattern.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(Fault::Segment);
    }
    Ok(())
}

/// Checks the digest of a path that was found to be one.
///
/// ```
/// use orket_contract::material::{DigestFault, check_digest};
/// assert_eq!(check_digest("map.bin", "9f86"), Err(DigestFault::Digits));
/// ```
///
/// # Errors
/// The [`DigestFault`].
pub fn check_digest(path: &str, sha256: &str) -> Result<(), DigestFault> {
    if sha256.len() != 64 || !sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(DigestFault::Digits);
    }
    if path.contains('*') { Err(DigestFault::Pattern) } else { Ok(()) }
}

/// Whether one path segment matches one pattern segment, in which `*` stands for any characters.
///
/// ```
/// assert!(orket_contract::material::matches("*.yaml", "people.yaml"));
/// assert!(!orket_contract::material::matches("*.yaml", "people.yml"));
/// ```
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + str::len(part)..];
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stay_below_the_root() {
        assert_eq!(check("content/*.yaml"), Ok(()));
        assert_eq!(check("/etc/passwd"), Err(Fault::Absolute));
        assert_eq!(check("C:/x"), Err(Fault::Absolute));
        assert_eq!(check("../x"), Err(Fault::Segment));
        assert_eq!(check("a//b"), Err(Fault::Segment));
        assert_eq!(check("a\\b"), Err(Fault::Backslash));
        assert_eq!(check("a\nb"), Err(Fault::Control));
        assert_eq!(check(" "), Err(Fault::Blank));
    }

    #[test]
    fn stars_match_any_run_of_characters() {
        assert!(matches("a*b*c", "axxbyyc"));
        assert!(matches("a*b*c", "abc"));
        assert!(!matches("a*b*c", "acb"));
        assert!(matches("*", ""));
        assert!(matches("plain", "plain"));
        assert!(!matches("plain", "plain2"));
        assert!(!matches("a*a", "a"));
    }
}
