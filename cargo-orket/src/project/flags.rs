//! What shaped a compilation besides the sources, as far as cargo and the environment say.
//!
//! Invariant: no path of the machine is in it, so that the same build elsewhere has the same flags.

use crate::args::Selection;
use cargo_metadata::Artifact;

/// The flag of a build by the recipe of [`crate::reproduce`].
pub(crate) const REPRODUCIBLE: &str = "reproducible";

/// The flags of a build, sorted: profile, features, target and what the environment adds for rustc. What the
/// project's own `.cargo/config.toml` adds is part of its sources.
pub(super) fn flags(built: &Artifact, selection: &Selection) -> Vec<String> {
    let profile = &built.profile;

    let mut flags = vec![
        format!("debug-assertions={}", profile.debug_assertions),
        format!("debuginfo={}", profile.debuginfo),
        format!("opt-level={}", profile.opt_level),
        format!("overflow-checks={}", profile.overflow_checks),
    ];
    flags.extend(built.features.iter().map(|feature| format!("feature={feature}")));
    let target = selection.compilation.target.as_ref().map(|target| target.to_string_lossy().into_owned());
    flags.extend(
        target
            .or_else(|| variable("CARGO_BUILD_TARGET"))
            .map(|target| format!("target={}", portable(&target))),
    );
    flags.extend(
        selection.lock.config.iter().map(|value| format!("config={}", portable(&value.to_string_lossy()))),
    );
    flags.extend(selection.compilation.reproducible.then(|| REPRODUCIBLE.to_owned()));
    flags.sort();
    // Their order counts.
    flags.extend(rustflags().iter().map(|flag| format!("rustflag={}", portable(flag))));
    flags
}

/// The flags for rustc from the environment, by cargo's rules.
fn rustflags() -> Vec<String> {
    if let Some(encoded) = variable("CARGO_ENCODED_RUSTFLAGS") {
        return encoded.split('\x1f').map(str::to_owned).collect();
    }
    let flags = variable("RUSTFLAGS").or_else(|| variable("CARGO_BUILD_RUSTFLAGS")).unwrap_or_default();
    flags.split_whitespace().map(str::to_owned).collect()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A flag without the absolute paths in it: what they lead to is another thing elsewhere.
fn portable(flag: &str) -> String {
    let mut kept = String::new();
    let mut rest = flag;
    while let Some(at) = rest.find('/') {
        let (before, path) = rest.split_at(at);
        kept.push_str(before);
        let is_absolute = kept.ends_with(BEFORE_A_PATH) || ["", "-L", "-I"].contains(&kept.as_str());
        let end = if is_absolute { path.find(AFTER_A_PATH).unwrap_or(path.len()) } else { 1 };
        kept.push_str(if is_absolute { "…" } else { "/" });
        rest = &path[end..];
    }
    kept + rest
}

/// What an absolute path follows in a flag.
const BEFORE_A_PATH: &[char] = &['=', '"', '\'', ',', ':', ' ', '[', '('];
/// What ends a path in a flag.
const AFTER_A_PATH: &[char] = &['=', '"', '\'', ',', ':', ' ', ']', ')'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_lose_the_paths_of_the_machine() {
        assert_eq!(portable("-Copt-level=3"), "-Copt-level=3");
        assert_eq!(portable("--remap-path-prefix=/home/ann/game=game"), "--remap-path-prefix=…=game");
        assert_eq!(portable("linker=/opt/ld"), "linker=…");
        assert_eq!(portable("x86_64-unknown-linux-gnu"), "x86_64-unknown-linux-gnu");
        assert_eq!(portable("/home/ann/target.json"), "…");
        assert_eq!(portable("-L/opt/lib"), "-L…");
        assert_eq!(
            portable("build.rustflags=['-Clinker=/a/b', '-L/c', 'd/e']"),
            "build.rustflags=['-Clinker=…', '-L/c', 'd/e']"
        );
    }
}
