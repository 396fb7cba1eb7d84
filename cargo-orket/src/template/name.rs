//! The name of a new crate.
//!
//! Invariant: a name is a crate name that cargo accepts without a warning and an id of Orket; so
//! everything that is derived from it (library, workload, function) is valid too.

use orket_contract::issue::Issue;
use orket_contract::{code, id};

/// The longest name that registries take.
const LENGTH_MAX: usize = 64;

/// Keywords of all editions, and crates that every program has.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "orket-runtime",
    "orket_runtime",
    "override",
    "priv",
    "proc-macro",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield", // what follows no file system of Windows can hold
    "aux",
    "con",
    "nul",
    "prn",
];

/// A valid name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CrateName(String);

impl CrateName {
    /// Parses a name.
    ///
    /// # Errors
    /// `id.invalid` with a name that would do, where there is one.
    pub(crate) fn parse(name: &str) -> Result<Self, Issue> {
        let Err(fault) = check(name) else { return Ok(Self(name.to_owned())) };
        let issue =
            Issue::error(code::ID_INVALID, format!("`{name}` cannot be the name of a crate: {fault}"));
        match mended(name) {
            Some(near) => Err(issue.with_hint(format!("`{near}` would do"))),
            None => Err(issue),
        }
    }

    /// The nearest valid name to a text, where there is one.
    pub(crate) fn near(text: &str) -> Option<Self> {
        Self::parse(text).ok().or_else(|| mended(text).map(Self))
    }

    /// The name as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the library in Rust.
    pub(crate) fn identifier(&self) -> String {
        self.0.replace('-', "_")
    }

    /// The id of the first workload, and the name of its function.
    pub(crate) fn workload(&self) -> String {
        format!("{}_v1", self.identifier())
    }
}

/// Whether a word has a meaning of its own in Rust or in every program.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

fn check(name: &str) -> Result<(), String> {
    id::check(name).map_err(|fault| fault.to_string())?;
    if name.len() > LENGTH_MAX {
        return Err(format!("it is longer than {LENGTH_MAX} characters"));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err("it starts with a small letter".to_owned());
    }
    if let Some(c) =
        name.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(*c)))
    {
        return Err(format!("it holds small letters, digits, `-` and `_`, not `{c}`"));
    }
    if name.contains("--") || name.contains("__") || name.ends_with(['-', '_']) {
        return Err("its words are joined by single `-` or `_`".to_owned());
    }
    if RESERVED.contains(&name) { Err("the word is reserved".to_owned()) } else { Ok(()) }
}

/// The nearest valid name.
fn mended(name: &str) -> Option<String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    let mended = joined.trim_start_matches(|c: char| !c.is_ascii_lowercase()).to_owned();
    check(&mended).is_ok().then_some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_name(name: &str, mended: Result<(), Option<&str>>) {
        let parsed = CrateName::parse(name).map(drop).map_err(|issue| issue.hint);
        let expected = mended.map_err(|name| name.map(|name| format!("`{name}` would do")));
        assert_eq!(parsed, expected, "{name}");
    }

    #[test]
    fn a_name_is_a_crate_name_and_an_id() {
        check_name("hello", Ok(()));
        check_name("hello_2-x", Ok(()));
        check_name("Hello World", Err(Some("hello-world")));
        check_name("2fast", Err(Some("fast")));
        check_name("my.game", Err(Some("my-game")));
        check_name("self", Err(None));
        check_name("", Err(None));
        check_name("größe", Err(Some("gr-e")));
        check_name(&"a".repeat(65), Err(None));
    }

    #[test]
    fn what_follows_from_a_name() {
        let name = CrateName::parse("my-game").unwrap();
        assert_eq!((name.identifier().as_str(), name.workload().as_str()), ("my_game", "my_game_v1"));
    }
}
