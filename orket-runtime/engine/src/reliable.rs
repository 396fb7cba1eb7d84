//! Reliable Mode: what a policy has given up of it, and the control that asks git.

use crate::git;
use crate::loader::{Finding, Resolved};
use crate::permissions::Policy;
use crate::sandbox::{Layer, LayerStatus, Limits};
use orket_contract::code;
use orket_contract::issue::Issue;

/// The name of Reliable Mode, where it is given up.
const RELIABLE_MODE: &str = "reliable-mode";

/// How many findings a message names.
const FOUND_MAX: usize = 5;

/// Something that a policy allows although it does not by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakening {
    /// Its stable name, such as `sandbox.files`: what the record of a run lists.
    pub name: String,
    /// What it means, for people.
    pub meaning: String,
}

impl Policy {
    /// Whether a run must start from a commit without changes.
    #[must_use]
    pub fn wants_clean_git(&self) -> bool {
        self.reliable && self.require_clean_git
    }

    /// In what it is weaker than the default, in a fixed order.
    #[must_use]
    pub fn weakened(&self) -> Vec<Weakening> {
        let mut found = Vec::new();
        let mut add = |name: &str, meaning: String| {
            found.push(Weakening { name: name.to_owned(), meaning });
        };
        if !self.reliable {
            let meaning =
                "Reliable Mode is off: threads are allowed, and nothing is compared with earlier runs";
            add(RELIABLE_MODE, meaning.to_owned());
        }
        if self.require_clean_git && !self.reliable {
            let meaning = "a clean git tree is wanted, and not checked while Reliable Mode is off";
            add("clean-git", meaning.to_owned());
        }
        for layer in &self.weakenings {
            let meaning = format!("the layer `{}` of the sandbox may be missing", layer.name());
            add(&format!("sandbox.{}", layer.name()), meaning);
        }
        for (name, actual, usual, unit) in self.raised() {
            add(name, format!("the limit `{name}` is {actual} {unit} instead of {usual}"));
        }
        found
    }

    /// The limits above their defaults: name, value, default and unit.
    fn raised(&self) -> impl Iterator<Item = (&'static str, u64, u64, &'static str)> {
        let (usual, limits) = (Self::default(), Limits::default());
        let mine = &self.limits;
        [
            ("artifact-bytes", self.artifact_bytes_max, usual.artifact_bytes_max, "bytes"),
            ("artifacts-bytes", self.artifacts_bytes_max, usual.artifacts_bytes_max, "bytes"),
            ("cpu-time", mine.cpu_ms, limits.cpu_ms, "ms"),
            ("files", mine.files_max, limits.files_max, "files and folders"),
            ("memory", mine.memory_bytes, limits.memory_bytes, "bytes"),
            ("message-rate", self.messages_per_second, usual.messages_per_second, "messages a second"),
            ("messages", self.messages_max, usual.messages_max, "messages"),
            ("open-files", mine.open_files, limits.open_files, "files"),
            ("output", mine.output_bytes_max, limits.output_bytes_max, "bytes"),
            ("stack", mine.stack_bytes, limits.stack_bytes, "bytes"),
            ("threads", mine.threads_max, limits.threads_max, "threads"),
            ("wall-time", self.wall_ms_max, usual.wall_ms_max, "ms"),
        ]
        .into_iter()
        .filter(|(_, actual, usual, _)| actual > usual)
    }
}

/// What a program has that no sandbox controls, where its runs must repeat.
pub(crate) fn uncontrolled(instructions: &[Finding], policy: &Policy) -> Option<Issue> {
    let found = instructions.iter().filter(|found| found.instruction.is_beyond_control());
    let found: Vec<_> = found.take(FOUND_MAX).map(ToString::to_string).collect();
    if !policy.reliable || found.is_empty() {
        return None;
    }
    let message =
        format!("the program asks the processor for what differs in every run: {}", found.join(", "));
    let hint = "leave out the feature or crate that brings it, or run with `--no-reliable`";
    Some(Issue::error(code::INSTRUCTION_UNCONTROLLED, message).with_hint(hint))
}

/// What the program lacks of what makes runs repeat, by code: only a policy that does not want runs to repeat lets it run.
pub(crate) fn uncontrolled_codes(extension: &Resolved) -> Vec<String> {
    let beyond = extension.instructions().iter().any(|found| found.instruction.is_beyond_control());
    let instruction = beyond.then(|| code::INSTRUCTION_UNCONTROLLED.to_owned());
    extension.machine_std().map(|issue| issue.code.clone()).into_iter().chain(instruction).collect()
}

/// What makes runs repeat and was not there, by name, in a fixed order. Where this is not nothing, equal runs are
/// luck, and the claim about them is lower.
pub(crate) fn lacks(policy: &Policy, layers: &[LayerStatus], extension: &Resolved) -> Vec<String> {
    let holds = |layer| layers.iter().any(|status| status.layer == layer && status.is_enforced());
    lacking(policy.reliable, holds, uncontrolled_codes(extension))
}

/// The same of a record: whether runs had to repeat, whether a layer held, and the codes of the program.
pub(crate) fn lacking(reliable: bool, holds: impl Fn(Layer) -> bool, codes: Vec<String>) -> Vec<String> {
    // Each of the two keeps the host's files away.
    let other = |layer| match layer {
        Layer::Tree => Some(Layer::Files),
        Layer::Files => Some(Layer::Tree),
        _ => None,
    };
    let is_missing =
        |layer: &Layer| layer.keeps_runs_equal() && !holds(*layer) && !other(*layer).is_some_and(&holds);
    let layers = Layer::ALL.into_iter().filter(is_missing);
    let layers = layers.map(|layer| format!("sandbox.{}", layer.name()));
    (!reliable).then(|| RELIABLE_MODE.to_owned()).into_iter().chain(codes).chain(layers).collect()
}

/// Why an extension does not start from a commit without changes, where the policy wants that.
///
/// An extension that was installed has no working tree; there, what it was made of counts.
pub(crate) fn unclean(extension: &Resolved, policy: &Policy) -> Option<Issue> {
    if !policy.wants_clean_git() {
        return None;
    }
    let origin = extension.origin();
    if origin.package.is_none() {
        return git::State::of(extension.root()).map_or_else(Some, |state| state.dirt());
    }
    match &origin.source {
        Some(source) if source.clean => None,
        Some(_) => {
            Some(Issue::error(code::GIT_DIRTY, "the package was made from files that are in no commit"))
        }
        None => {
            Some(Issue::error(code::GIT_NO_REPOSITORY, "the package names no commit that it was made from"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Layer;

    #[track_caller]
    fn check(policy: &Policy, expected: &[&str]) {
        let names: Vec<_> = policy.weakened().into_iter().map(|weakening| weakening.name).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn what_is_given_up_has_a_name_and_what_is_added_has_none() {
        let usual = Policy::default;
        check(&usual(), &[]);
        check(&Policy { require_clean_git: true, ..usual() }, &[]);
        check(&Policy { artifact_bytes_max: 1, wall_ms_max: 1, ..usual() }, &[]);
        check(&Policy { deny: ["kv".to_owned()].into(), ..usual() }, &[]);
        let mut weak = Policy { reliable: false, require_clean_git: true, ..usual() };
        weak.weakenings = vec![Layer::Files];
        weak.artifact_bytes_max += 1;
        weak.wall_ms_max += 1;
        weak.limits.memory_bytes += 1;
        let expected =
            ["reliable-mode", "clean-git", "sandbox.files", "artifact-bytes", "memory", "wall-time"];
        check(&weak, &expected);
        let meaning = &weak.weakened()[3].meaning;
        assert_eq!(meaning, "the limit `artifact-bytes` is 33554433 bytes instead of 33554432");
    }

    #[test]
    fn whatever_layer_is_missing_is_lacked_unless_another_does_the_same() {
        let without = |off: &[Layer]| lacking(true, |layer| !off.contains(&layer), Vec::new());
        assert_eq!(without(&[]), [""; 0]);
        for layer in Layer::ALL {
            let is_alone = !matches!(layer, Layer::Tree | Layer::Files);
            let expected = (layer.keeps_runs_equal() && is_alone).then(|| format!("sandbox.{layer}"));
            assert_eq!(without(&[layer]), expected.into_iter().collect::<Vec<_>>());
        }
        assert_eq!(without(&[Layer::Tree, Layer::Files]), ["sandbox.tree", "sandbox.files"]);
        assert_eq!(
            without(&[Layer::Network, Layer::Privileges, Layer::Ports]),
            [""; 0],
            "they keep from harm"
        );
        let codes = vec!["std.missing".to_owned()];
        let lacked = lacking(false, |layer| layer != Layer::Layout, codes);
        assert_eq!(lacked, ["reliable-mode", "std.missing", "sandbox.layout"]);
    }

    #[test]
    fn what_no_sandbox_controls_is_refused_where_runs_must_repeat() {
        use crate::loader::Instruction::{Cpuid, Rdrand, Rdtsc, Syscall};
        let finding = |instruction| Finding { instruction, symbol: Some("f".into()), address: 1, count: 1 };
        let usual = Policy::default();
        let harmless = [Cpuid, Rdtsc, Syscall].map(finding);
        assert_eq!(uncontrolled(&harmless, &usual), None);
        let found = [Cpuid, Rdrand].map(finding);
        let issue = uncontrolled(&found, &usual).unwrap();
        assert_eq!(issue.code, "instruction.uncontrolled");
        assert!(issue.message.ends_with(": rdrand in `f`"), "{}", issue.message);
        assert_eq!(uncontrolled(&found, &Policy { reliable: false, ..usual }), None);
    }
}
