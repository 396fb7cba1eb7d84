//! The checks of one workload: each by runs of it in the sandbox, whose records are compared and dropped.

use super::bench::{self, Bench, Ran};
use super::checks::Checks;
use super::kind::{
    ARTIFACTS_CONFINED, CAPABILITIES_DECLARED, CAPABILITIES_DENIED, INPUT_ACCEPTED, INPUT_REFUSED, Kind,
    MANIFEST_HANDSHAKE, MATERIALS_ONLY, PLAN_PURE, REPLAY_REPEATS, RUN_ENDS, RUN_REPEATS,
};
use super::sample::{self, Sample};
use super::{Check, Wanted, mutation};
use crate::error::Result;
use crate::host;
use crate::report::counted;
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::manifest::Workload;
use orket_engine::journal::{Divergence, compare};
use orket_engine::registry::Finished;
use orket_engine::{Denial, ExtensionManager};

/// Runs a workload in every way that a check needs.
///
/// # Errors
/// What kept it from an answer.
pub(super) fn examine(
    bench: &Bench,
    workload: &Workload,
    wanted: &Wanted<'_>,
    all: &mut Vec<Check>,
) -> Result<()> {
    let extension = bench.home.extensions().next().expect("a bench holds an extension");
    let id = extension.manifest().id.as_str();
    let (samples, damaged) = sample::all(extension.root(), id, &workload.id, wanted)?;
    let mut checks = Checks::of(format!("{id}/{}", workload.id));
    let runs = samples.iter().map(|sample| bench::run(&bench.home, sample)).collect::<Result<Vec<Ran>>>()?;
    let firsts: Vec<(&Sample, &Finished)> =
        samples.iter().zip(&runs).filter_map(|(sample, ran)| Some((sample, ran.as_ref().ok()?))).collect();
    let failed =
        samples.iter().zip(&runs).find_map(|(sample, ran)| Some((sample, ran.as_ref().err()?.first()?)));
    match (failed, firsts.first()) {
        (None, Some((sample, first))) => {
            accepted(&mut checks, &samples);
            refusals(&mut checks, bench, workload, sample)?;
            let is_pure = pure(&mut checks, &bench.home, sample)?;
            ended(&mut checks, &firsts);
            declared(&mut checks, &firsts);
            denials(&mut checks, bench, sample, first)?;
            if !is_pure {
                unlike(&mut checks, PLAN_PURE, &[RUN_REPEATS, MATERIALS_ONLY, REPLAY_REPEATS]);
            } else if repeats(&mut checks, &bench.home, sample, first)? {
                materials(&mut checks, bench, sample, first)?;
                replays(&mut checks, &bench.home, &firsts)?;
            } else {
                unlike(&mut checks, RUN_REPEATS, &[MATERIALS_ONLY, REPLAY_REPEATS]);
            }
        }
        (Some((sample, issue)), _) => broken(&mut checks, sample, issue),
        (None, None) => {}
    }
    damaged.iter().for_each(|issue| checks.fail(REPLAY_REPEATS, issue));
    all.extend(checks.into_all());
    Ok(())
}

/// A run ended without a result: that is one check's failure, and nothing is known of the others.
fn broken(checks: &mut Checks, sample: &Sample, issue: &Issue) {
    let kind = concerned(issue);
    let hint = match (kind == INPUT_ACCEPTED, &sample.case) {
        (true, None) => Some("record a case (`cargo orket verify WORKLOAD --bless --case NAME --set KEY=VALUE`), or give `--input FILE`".to_owned()),
        _ => issue.hint.clone(),
    };
    let message = format!("{}: {}", sample.shown(), issue.message);
    checks.fail(kind, &Issue { message, hint, ..issue.clone() });
    let rest = super::KINDS.iter().skip_while(|kind| kind.name != INPUT_ACCEPTED.name);
    for other in rest.filter(|other| **other != kind) {
        checks.skip(*other, format!("the run failed: see {}", kind.name));
    }
}

/// The check that a failure of a run belongs to.
fn concerned(issue: &Issue) -> Kind {
    match issue.code.as_str() {
        code::HANDSHAKE_MISMATCH => MANIFEST_HANDSHAKE,
        code::PLAN_INVALID => PLAN_PURE,
        name if name.starts_with("artifact.") => ARTIFACTS_CONFINED,
        name if name.starts_with("capability.") => CAPABILITIES_DECLARED,
        name if name.starts_with("input.") => INPUT_ACCEPTED,
        _ => RUN_ENDS,
    }
}

fn accepted(checks: &mut Checks, samples: &[Sample]) {
    checks.pass(INPUT_ACCEPTED, samples.iter().map(Sample::shown));
}

/// What the schema does not allow must be refused as an input, before the workload sees it.
fn refusals(checks: &mut Checks, bench: &Bench, workload: &Workload, sample: &Sample) -> Result<()> {
    let mutations = mutation::all(&workload.input_schema, sample.input());
    if mutations.is_empty() {
        checks.skip(INPUT_REFUSED, "its schema allows any object");
        return Ok(());
    }
    for mutation in &mutations {
        let mutated = sample.with_input(mutation.input.clone());
        if let Some(wrong) = admitted(bench::run(&bench.home, &mutated)?.err().as_deref(), &mutation.what) {
            checks.fail(INPUT_REFUSED, &wrong);
            return Ok(());
        }
    }
    checks.pass(INPUT_REFUSED, [format!("refused: {} that do not fit", counted(mutations.len(), "input"))]);
    Ok(())
}

/// What is wrong with how an input ended that does not fit; nothing if it was refused as an input.
fn admitted(issues: Option<&[Issue]>, what: &str) -> Option<Issue> {
    let hint =
        "let the type of the input say what it accepts: what `serde` reads and what `Schema` says must agree";
    match issues {
        Some([first, ..]) if first.code.starts_with("input.") => None,
        Some([first, ..]) => {
            let message = format!(
                "an input {what} ends with `{}` instead of being refused: {}",
                first.code, first.message
            );
            Some(Issue::error(code::INPUT_INVALID, message).with_hint(hint))
        }
        _ => {
            let message = format!("an input {what} is accepted, which the schema does not allow");
            Some(Issue::error(code::INPUT_INVALID, message).with_hint(hint))
        }
    }
}

fn pure(checks: &mut Checks, home: &ExtensionManager, sample: &Sample) -> Result<bool> {
    let (one, other) = (home.plan(&sample.request())?, home.plan(&sample.request())?);
    let verdict = if one.digest()? == other.digest()? {
        Ok(vec![format!("plan_hash {}", one.plan_hash)])
    } else {
        let message =
            format!("the same input was compiled to plan_hash {} and {}", one.plan_hash, other.plan_hash);
        let hint = "a plan may depend on nothing but the input and the seed";
        Err(Issue::error(code::REPLAY_DIVERGED, message).with_hint(hint))
    };
    Ok(checks.judge(PLAN_PURE, verdict))
}

fn ended(checks: &mut Checks, firsts: &[(&Sample, &Finished)]) {
    let status = |(sample, first): &(&Sample, &Finished)| {
        format!("{}: output {}", sample.shown(), first.digests.output)
    };
    checks.pass(RUN_ENDS, firsts.iter().map(status));
    let files: usize = firsts.iter().map(|(_, first)| first.checked.artifacts.files.len()).sum();
    let digests = firsts.iter().map(|(_, first)| format!("artifacts {}", first.digests.artifacts));
    checks.pass(ARTIFACTS_CONFINED, [counted(files, "file")].into_iter().chain(digests));
}

fn declared(checks: &mut Checks, firsts: &[(&Sample, &Finished)]) {
    let refused = firsts.iter().flat_map(|(_, first)| &first.checked.outcome.authorized.refused);
    let undeclared =
        refused.clone().find(|(_, denial)| matches!(denial, Denial::Undeclared | Denial::Invalid));
    let used =
        firsts.iter().flat_map(|(_, first)| first.checked.outcome.authorized.sets.used.iter().cloned());
    let mut used: Vec<String> = used.collect();
    used.sort();
    used.dedup();
    let verdict = match undeclared {
        None => {
            Ok(vec![format!("used: {}", if used.is_empty() { "none".to_owned() } else { used.join(", ") })])
        }
        Some((name, denial)) => {
            let message = format!("`{name}` was called, which is not declared");
            Err(Issue::error(denial.code(), message)
                .with_hint(format!("add it to the attribute: capabilities = [\"{name}\"]")))
        }
    };
    checks.judge(CAPABILITIES_DECLARED, verdict);
}

/// With a declared capability denied, a run must be refused with that code, or do without.
fn denials(checks: &mut Checks, bench: &Bench, sample: &Sample, first: &Finished) -> Result<()> {
    let declared = &first.checked.outcome.authorized.sets.declared;
    if declared.is_empty() {
        checks.skip(CAPABILITIES_DENIED, "it declares no capability");
        return Ok(());
    }
    let mut evidence = Vec::new();
    for name in declared {
        let ran = bench::run(&bench.denying(name)?, sample)?;
        let ended = ran.map(|finished| finished.checked.outcome.authorized.sets.used.contains(name));
        match denied(name, ended) {
            Ok(how) => evidence.push(how),
            Err(issue) => {
                checks.fail(CAPABILITIES_DENIED, &issue);
                return Ok(());
            }
        }
    }
    checks.pass(CAPABILITIES_DENIED, evidence);
    Ok(())
}

/// How a run ended that had a capability denied: whether it used it all the same, or why there was no result.
fn denied(name: &str, ended: std::result::Result<bool, Vec<Issue>>) -> std::result::Result<String, Issue> {
    match ended {
        Ok(false) => Ok(format!("{name}: the run does without")),
        Ok(true) => {
            Err(Issue::error(code::CAPABILITY_DENIED, format!("`{name}` was denied, and used all the same")))
        }
        Err(issues) if issues.iter().any(|issue| issue.code == code::CAPABILITY_DENIED) => {
            Ok(format!("{name}: refused with {}", code::CAPABILITY_DENIED))
        }
        Err(issues) => {
            let issue =
                issues.into_iter().next().unwrap_or_else(|| Issue::error(code::RESULT_ERROR, "no reason"));
            let message =
                format!("with `{name}` denied the run ends with `{}`: {}", issue.code, issue.message);
            let hint = "pass the error of the call on, or do without the capability";
            Err(Issue::error(code::CAPABILITY_DENIED, message).with_hint(hint))
        }
    }
}

/// Whether two runs with a fresh seed, and a second one with the sample's own, come to the same.
fn repeats(checks: &mut Checks, home: &ExtensionManager, sample: &Sample, first: &Finished) -> Result<bool> {
    let fresh = sample.with_seed(host::random_seed());
    let pair = (bench::run(home, &fresh)?, bench::run(home, &fresh)?);
    let verdict = match pair {
        (Ok(one), Ok(other)) => match compare(one.folder(), other.folder())? {
            Some(divergence) => Err(differs("two runs with one seed", &divergence)),
            None => Ok(vec![format!("seed {}: transcript {}", fresh.seed(), one.digests.transcript)]),
        },
        // A seed that the workload refuses must be refused each time.
        (Err(one), Err(other)) if one.first().map(|i| &i.code) == other.first().map(|i| &i.code) => {
            let code = one.first().map(|issue| issue.code.clone()).unwrap_or_default();
            Ok(vec![format!("seed {}: refused twice with {code}", fresh.seed())])
        }
        _ => Err(Issue::error(
            code::REPLAY_DIVERGED,
            format!("of two runs with seed {} one failed", fresh.seed()),
        )),
    };
    let verdict = match (verdict, bench::run(home, sample)?) {
        (Ok(mut evidence), Ok(second)) => match compare(first.folder(), second.folder())? {
            Some(divergence) => Err(differs(&sample.shown(), &divergence)),
            None => {
                evidence.push(format!("{}: transcript {}", sample.shown(), second.digests.transcript));
                Ok(evidence)
            }
        },
        (Ok(_), Err(issues)) => Err(issues.into_iter().next().expect("a refusal has an issue")),
        (wrong, _) => wrong,
    };
    Ok(checks.judge(RUN_REPEATS, verdict))
}

/// What compares runs says nothing where they differ in any case.
fn unlike(checks: &mut Checks, because: Kind, kinds: &[Kind]) {
    kinds.iter().for_each(|kind| checks.skip(*kind, format!("its runs differ anyway: see {}", because.name)));
}

/// What a run comes to must not depend on anything of the project but the materials that are declared.
fn materials(checks: &mut Checks, bench: &Bench, sample: &Sample, first: &Finished) -> Result<()> {
    let paths: Vec<String> = first.plan.materials.iter().map(|material| material.path.clone()).collect();
    let (_folder, bare) = bench.bare(&paths)?;
    let verdict = match bench::run(&bare, sample)? {
        Ok(alone) => match compare(first.folder(), alone.folder())? {
            None => Ok(vec![format!(
                "{}, digest {}",
                counted(paths.len(), "material"),
                first.plan.materials_digest
            )]),
            Some(divergence) => {
                let issue = differs("a run with the declared materials alone", &divergence);
                Err(issue.with_hint(
                    "declare what it reads: `materials = [\"content/*.yaml\"]`; it may look at nothing else",
                ))
            }
        },
        Err(issues) => Err(issues.into_iter().next().expect("a refusal has an issue")),
    };
    checks.judge(MATERIALS_ONLY, verdict);
    Ok(())
}

/// Every record, that of the first run or those of the cases, must be repeated from the record and live.
fn replays(checks: &mut Checks, home: &ExtensionManager, firsts: &[(&Sample, &Finished)]) -> Result<()> {
    let mut verdict = Ok(Vec::new());
    for (sample, first) in firsts {
        let Ok(evidence) = &mut verdict else { break };
        match replayed(home, sample, first)? {
            None => evidence.push(format!("{}: transcript {}", sample.shown(), first.digests.transcript)),
            Some(issue) => verdict = Err(issue),
        }
    }
    checks.judge(REPLAY_REPEATS, verdict);
    Ok(())
}

/// How a run differs from its record, or from that of its case.
fn replayed(home: &ExtensionManager, sample: &Sample, first: &Finished) -> Result<Option<Issue>> {
    let record = sample.case.as_deref().unwrap_or(first.folder());
    let divergence = match bench::replay(home, sample, record)? {
        Err(issues) => return Ok(issues.into_iter().next()),
        // The first run was live.
        Ok(None) => compare(record, first.folder())?,
        Ok(found) => found,
    };
    Ok(divergence.map(|divergence| differs(&sample.shown(), &divergence)))
}

fn differs(what: &str, divergence: &Divergence) -> Issue {
    let issue = divergence.issue();
    Issue { message: format!("{what}: {}", issue.message), ..issue }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_capability_is_refused_or_done_without() {
        let ended = |code: &'static str| Err(vec![Issue::error(code, "x")]);
        assert!(denied("console", ended(code::CAPABILITY_DENIED)).is_ok());
        assert!(denied("console", Ok(false)).is_ok());
        assert!(denied("console", Ok(true)).is_err());
        assert!(denied("console", ended(code::RESULT_ERROR)).is_err());
    }

    #[test]
    fn an_input_that_does_not_fit_is_refused_as_an_input_and_in_no_other_way() {
        let ended = |code: &'static str| [Issue::error(code, "x")];
        assert_eq!(admitted(Some(&ended(code::INPUT_INVALID)), "x"), None);
        assert!(admitted(Some(&ended(code::RESULT_ERROR)), "x").is_some());
        assert!(admitted(None, "x").is_some());
    }
}
