//! What was verified, as an in-toto statement of the type test-result, for others to see.
//!
//! Invariant: it has neither times nor paths, so equal verifications give equal bytes. Source: in-toto attestation framework,
//! predicate test-result v0.1.

use super::{Claim, Found};
use crate::registry::STATEMENT;
use orket_contract::ORKET_VERSION;
use orket_contract::digest::Digest;
use serde_json::{Value, json};

/// The type of the predicate.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// One thing that was verified.
#[derive(Debug, Clone)]
pub struct Tested {
    /// `extension/workload`, and the case where there is one.
    pub name: String,
    /// The extension.
    pub extension: String,
    /// The digest of its program.
    pub build: Digest,
    /// The digest of the input.
    pub input: Digest,
    /// The seed.
    pub seed: u64,
    /// Whether the runs had no sandbox.
    pub ambient: bool,
    /// What was found out.
    pub found: Found,
}

/// The statement about all of these.
#[must_use]
pub fn statement(tested: &[Tested]) -> Value {
    let mut subject: Vec<Value> = tested
        .iter()
        .map(|one| json!({ "digest": { "sha256": one.build }, "name": one.extension }))
        .collect();
    subject.dedup();
    let named = |holds: bool| -> Vec<&str> {
        tested.iter().filter(|one| one.found.verdict.holds() == holds).map(|one| one.name.as_str()).collect()
    };
    let (passed, failed) = (named(true), named(false));
    let configuration = tested.iter().map(|one| {
        json!({ "annotations": { "seed": one.seed.to_string() }, "digest": { "sha256": one.input }, "name": one.name })
    });
    json!({
        "_type": STATEMENT,
        "predicate": {
            "configuration": configuration.collect::<Vec<_>>(),
            "evidence": tested.iter().map(evidence).collect::<Vec<_>>(),
            "failedTests": failed,
            "passedTests": passed,
            "result": if failed.is_empty() { "PASSED" } else { "FAILED" },
            "verifier": { "orket": ORKET_VERSION },
        },
        "predicateType": TEST_RESULT,
        "subject": subject,
    })
}

/// What is claimed of one, and what that rests on.
fn evidence(tested: &Tested) -> Value {
    let Found { verdict, claim, lacks, runs, causes, surroundings, tried, .. } = &tested.found;
    // Without a sandbox it shows nothing of what a governed run does.
    let claim = if tested.ambient { Claim::NonDeterministic } else { *claim };
    json!({
        "ambient": tested.ambient,
        "causes": causes,
        "claim": claim,
        "executions": runs,
        "lacks": lacks,
        "surroundings": surroundings,
        "test": tested.name,
        "tried": tried,
        "verdict": verdict,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification::Verdict;

    fn tested(name: &str, verdict: Verdict, ambient: bool) -> Tested {
        let found = Found { claim: Claim::ByteDeterministic, ..Found::of(verdict) };
        let (build, input) = (Digest::of(b"program"), Digest::of(b"input"));
        Tested { name: name.into(), extension: "a.b".into(), build, input, seed: 7, ambient, found }
    }

    #[test]
    fn one_that_does_not_repeat_fails_the_whole_and_a_run_without_sandbox_claims_nothing() {
        let good = tested("a.b/one", Verdict::Repeats, false);
        let passed = statement(std::slice::from_ref(&good));
        assert_eq!(passed["predicate"]["result"], "PASSED");
        assert_eq!(passed["predicate"]["evidence"][0]["claim"], "byte_deterministic");
        let both = statement(&[good, tested("a.b/two", Verdict::Env, true)]);
        assert_eq!(both["predicate"]["result"], "FAILED");
        assert_eq!(both["predicate"]["failedTests"], json!(["a.b/two"]));
        assert_eq!(both["predicate"]["evidence"][1]["claim"], "non_deterministic");
        assert_eq!(both["subject"].as_array().map(Vec::len), Some(1), "one program is one subject");
    }
}
