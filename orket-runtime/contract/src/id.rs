//! Ids of extensions and workloads.
//!
//! Invariant: an id is 1 to 128 bytes of `[A-Za-z0-9._-]`, starts with a letter or digit and holds
//! no `..`; so it is safe as a file name, in a URL and in a line of text.

use std::fmt;

/// The longest id, in bytes.
pub const LENGTH_MAX: usize = 128;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is empty, or nothing but white space.
    Blank,
    /// It is longer than [`LENGTH_MAX`] bytes.
    TooLong,
    /// It starts with something other than a letter or digit.
    Start(char),
    /// It holds a character outside of `[A-Za-z0-9._-]`.
    Character(char),
    /// It holds `..`, which reads as a path.
    Dots,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => write!(f, "an id cannot be blank"),
            Self::TooLong => write!(f, "an id has at most {LENGTH_MAX} characters"),
            Self::Start(c) => write!(f, "an id starts with a letter or digit, not `{}`", c.escape_debug()),
            Self::Character(c) => {
                write!(f, "an id holds letters, digits, `.`, `_` and `-`, not `{}`", c.escape_debug())
            }
            Self::Dots => write!(f, "an id cannot hold `..`"),
        }
    }
}

impl std::error::Error for Fault {}

/// Checks a text against the rule for ids.
///
/// ```
/// use orket_contract::id::{check, Fault};
/// assert_eq!(check("mystery.game"), Ok(()));
/// assert_eq!(check("../etc"), Err(Fault::Start('.')));
/// ```
///
/// # Errors
/// The first [`Fault`], read from the left.
pub fn check(text: &str) -> Result<(), Fault> {
    let first = text.chars().next().filter(|_| !text.trim().is_empty()).ok_or(Fault::Blank)?;
    if text.len() > LENGTH_MAX {
        return Err(Fault::TooLong);
    }
    if !first.is_ascii_alphanumeric() {
        return Err(Fault::Start(first));
    }
    if let Some(c) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || "._-".contains(*c))) {
        return Err(Fault::Character(c));
    }
    if text.contains("..") { Err(Fault::Dots) } else { Ok(()) }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Parses the id.
            ///
            /// # Errors
            /// The [`Fault`] that makes the text no id.
            pub fn new(text: impl Into<String>) -> Result<Self, Fault> {
                let text = text.into();
                check(&text).map(|()| Self(text))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        #[cfg(feature = "model")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(feature = "model")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::new(text.clone()).map_err(|fault| serde::de::Error::custom(format!("`{text}`: {fault}")))
            }
        }
    };
}

id!(
    /// The stable name of an extension, such as `mystery.game`.
    ExtensionId
);
id!(
    /// The stable name of a workload, such as `mystery_v1`.
    WorkloadId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_id(text: &str, expected: Result<(), Fault>) {
        assert_eq!(check(text), expected, "{text:?}");
    }

    #[test]
    fn ids_are_file_names_and_nothing_else() {
        check_id("mystery_v1", Ok(()));
        check_id("0.x-Y", Ok(()));
        check_id(&"a".repeat(128), Ok(()));
        check_id(&"a".repeat(129), Err(Fault::TooLong));
        check_id("", Err(Fault::Blank));
        check_id("  ", Err(Fault::Blank));
        check_id("_a", Err(Fault::Start('_')));
        check_id("a/b", Err(Fault::Character('/')));
        check_id("a b", Err(Fault::Character(' ')));
        check_id("ä", Err(Fault::Start('ä')));
        check_id("a..b", Err(Fault::Dots));
    }
}
