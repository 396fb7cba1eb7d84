//! Every check: its stable name, which requirement of the contract it shows, and what is done for it.

/// What a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Its stable name.
    pub(crate) name: &'static str,
    /// What is done.
    pub(crate) does: &'static str,
}

macro_rules! kinds {
    ($($constant:ident $name:literal $does:literal)*) => {
        $(pub(super) const $constant: Kind = Kind { name: $name, does: $does };)*

        /// Every check, in the order in which they are made.
        pub(crate) const KINDS: &[Kind] = &[$($constant),*];
    };
}

kinds! {
    MANIFEST_VALID "manifest.valid" "read the manifest out of the program, without running it"
    MANIFEST_SEALED "manifest.sealed" "compare it with the sealed form that `cargo orket build` wrote"
    RUNTIME_COMPATIBLE "runtime.compatible" "compare the versions that it names with this host's"
    IMPORTS_PUBLIC "imports.public" "resolve every name in its sources and its crate graph"
    MANIFEST_HANDSHAKE "manifest.handshake" "start the program and compare what it says of itself with its manifest"
    INPUT_ACCEPTED "input.accepted" "run with every recorded input, or with the one that was given"
    INPUT_REFUSED "input.refused" "run with each key of the input missing, mistyped or misspelt"
    PLAN_PURE "plan.pure" "compile the same input twice, in two processes"
    RUN_ENDS "run.ends" "run to the end, validators and summary included"
    ARTIFACTS_CONFINED "artifacts.confined" "compare every file that the run left with what its result lists"
    CAPABILITIES_DECLARED "capabilities.declared" "compare every call with the declared capabilities"
    CAPABILITIES_DENIED "capabilities.denied" "deny each declared capability and run"
    RUN_REPEATS "run.repeats" "run twice with a fresh seed and compare everything"
    MATERIALS_ONLY "materials.only" "run in a folder that holds nothing but the declared materials, and compare"
    REPLAY_REPEATS "replay.repeats" "run once more with every answer from a record, then live, and compare"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
    }
}
