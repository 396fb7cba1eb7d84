//! What the command line and the environment allow.

use crate::args::{PolicyArgs, Size, Time};
use crate::error::{Error, Result};
use crate::report::Report;
use orket_contract::{capability, suggest};
use orket_engine::loader::Resolved;
use orket_engine::sandbox::Layer;
use orket_engine::{ExtensionManager, Policy};
use std::collections::BTreeSet;
use std::ffi::OsString;

/// Switches Reliable Mode; it is on without.
const RELIABLE: &str = "ORKET_RELIABLE_MODE";
/// Switches the requirement of a clean git tree; it is off without.
const CLEAN_GIT: &str = "ORKET_RELIABLE_REQUIRE_CLEAN_GIT";

/// The policy of this call.
///
/// # Errors
/// [`Error::Usage`] for a name that is no capability or layer, and for what contradicts itself.
pub(crate) fn policy(args: &PolicyArgs) -> Result<Policy> {
    policy_in(args, |name| std::env::var_os(name))
}

fn policy_in(args: &PolicyArgs, environment: impl Fn(&str) -> Option<OsString>) -> Result<Policy> {
    let on_by_environment = |name: &str, usually: bool| is_on(environment(name), usually);
    let reliable = !args.no_reliable && on_by_environment(RELIABLE, true);
    if args.require_clean_git && !reliable {
        let message = format!("`--require-clean-git` needs Reliable Mode, and {RELIABLE} switches it off");
        return Err(Error::Usage(message));
    }
    let require_clean_git = args.require_clean_git || on_by_environment(CLEAN_GIT, false);
    let mut policy = Policy { reliable, require_clean_git, ..Policy::default() };
    for name in &args.deny {
        if capability::find(name).is_none() {
            return Err(unknown("deny", name, "capability", capability::nearest(name)));
        }
        policy.deny.insert(name.clone());
    }
    for text in &args.material {
        let provided = orket_engine::provided(text);
        let (name, path) = provided.map_err(|why| Error::Usage(format!("`--material {text}`: {why}")))?;
        policy.materials.insert(name, path);
    }
    for text in &args.network {
        let target = text.trim().parse();
        policy.network.push(target.map_err(|why| Error::Usage(format!("`--network {text}`: {why}")))?);
    }
    policy.network.sort();
    policy.network.dedup();
    for name in &args.accept_missing {
        let layer = Layer::ALL.into_iter().find(|layer| layer.name() == name);
        let near = || suggest::nearest(name, Layer::ALL.map(Layer::name));
        let layer = layer.ok_or_else(|| unknown("accept-missing", name, "layer of the sandbox", near()))?;
        policy.weakenings.push(layer);
    }
    set_limits(&mut policy, args);
    Ok(policy)
}

/// Refuses what `--material` provides when no workload declares it: it would be left out without a word.
///
/// # Errors
/// A usage error that lists what is declared.
pub(super) fn check_materials(manager: &ExtensionManager) -> Result<()> {
    let workloads = manager.extensions().flat_map(|extension| &extension.manifest().workloads);
    let declared: BTreeSet<&str> =
        workloads.flat_map(|workload| &workload.materials).map(|material| material.path.as_str()).collect();
    let is_taken = |name: &String| declared.iter().any(|path| orket_engine::below(path, name).is_some());
    let Some(name) = manager.policy().materials.keys().find(|name| !is_taken(name)) else {
        return Ok(());
    };
    let known = declared.into_iter().collect::<Vec<_>>().join("`, `");
    let known = if known.is_empty() { "none is".to_owned() } else { format!("`{known}` are") };
    Err(Error::Usage(format!(
        "`--material {name}=…`: no workload declares a material of that name or below it; {known}"
    )))
}

fn set_limits(policy: &mut Policy, args: &PolicyArgs) {
    let (size, time) =
        (|size: Option<Size>| size.map(|size| size.0), |time: Option<Time>| time.map(|time| time.ms));
    let limits = &mut policy.limits;
    limits.cpu_percent = args.cpu_rate;
    for (value, wanted) in [
        (&mut policy.wall_ms_max, time(args.time_limit)),
        (&mut policy.service_ms_max, time(args.service_limit)),
        (&mut policy.artifact_bytes_max, size(args.artifact_limit)),
        (&mut policy.artifacts_bytes_max, size(args.artifacts_limit)),
        (&mut policy.messages_max, args.messages_limit),
        (&mut policy.messages_per_second, args.message_rate),
        (&mut limits.cpu_ms, time(args.cpu_limit)),
        (&mut limits.memory_bytes, size(args.memory_limit)),
        (&mut limits.threads_max, args.threads_limit),
        (&mut limits.open_files, args.open_files_limit),
        (&mut limits.files_max, args.files_limit),
        (&mut limits.output_bytes_max, size(args.output_limit)),
    ] {
        *value = wanted.unwrap_or(*value);
    }
}

/// A switch is off by `0`, `false`, `no` and `off`, as usual when it is not set or empty, and on by anything
/// else: a misspelt word must not take a control away.
fn is_on(value: Option<OsString>, usually: bool) -> bool {
    let value = value.unwrap_or_default().to_string_lossy().trim().to_ascii_lowercase();
    if value.is_empty() { usually } else { !["0", "false", "no", "off"].contains(&value.as_str()) }
}

fn unknown(flag: &str, name: &str, what: &str, near: Option<&str>) -> Error {
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Error::Usage(format!("`--{flag} {name}`: `{name}` is not a {what}{near}"))
}

/// Says in what a policy is weaker than the default: nobody should have to find that in the record.
pub(crate) fn warn_weakened(policy: &Policy, report: &Report) {
    for weakening in policy.weakened() {
        report.warn(&format!("{} (on record as `{}`)", weakening.meaning, weakening.name));
    }
}

/// Says what of the machine programs would show that are let run all the same.
pub(crate) fn warn_machine_std(manager: &ExtensionManager, report: &Report) {
    let told = manager.extensions().filter(|_| !manager.policy().reliable);
    for issue in told.filter_map(Resolved::machine_std) {
        report.warn(&format!("{} (on record as `{}`)", issue.message, issue.code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a variable, and whether it is on with each: when it usually is, and when it is not.
    const VALUES: [(Option<&str>, bool, bool); 16] = [
        (None, true, false),
        (Some(""), true, false),
        (Some(" "), true, false),
        (Some("0"), false, false),
        (Some("false"), false, false),
        (Some("no"), false, false),
        (Some("off"), false, false),
        (Some("OFF"), false, false),
        (Some("False"), false, false),
        (Some(" no "), false, false),
        (Some("1"), true, true),
        (Some("true"), true, true),
        (Some("yes"), true, true),
        (Some("on"), true, true),
        (Some("offf"), true, true),
        (Some("00"), true, true),
    ];

    fn policy_with(args: &PolicyArgs, reliable: Option<&str>, clean: Option<&str>) -> Result<Policy> {
        policy_in(args, |name| match name {
            RELIABLE => reliable.map(OsString::from),
            CLEAN_GIT => clean.map(OsString::from),
            other => panic!("{other} is not asked for"),
        })
    }

    #[test]
    fn flags_and_environment_switch_as_the_documentation_says() {
        let none = PolicyArgs::default;
        let flag_sets = [
            (none(), false, false),
            (PolicyArgs { no_reliable: true, ..none() }, true, false),
            (PolicyArgs { require_clean_git: true, ..none() }, false, true),
        ];
        for (args, switched_off, required) in &flag_sets {
            for (reliable, reliable_is_on, _) in VALUES {
                for (clean, _, clean_is_on) in VALUES {
                    let place = format!("{args:?} {reliable:?} {clean:?}");
                    let expected = reliable_is_on && !switched_off;
                    let policy = policy_with(args, reliable, clean);
                    if *required && !expected {
                        assert!(matches!(policy, Err(Error::Usage(_))), "{place}");
                        continue;
                    }
                    let policy = policy.expect(&place);
                    assert_eq!(policy.reliable, expected, "{place}");
                    assert_eq!(policy.require_clean_git, *required || clean_is_on, "{place}");
                    assert_eq!(policy.wants_clean_git(), expected && (*required || clean_is_on), "{place}");
                }
            }
        }
    }

    #[test]
    fn limits_are_taken_over_or_stay() {
        let usual = policy_with(&PolicyArgs::default(), None, None).expect("a policy");
        assert_eq!(usual, Policy::default());
        let args = PolicyArgs {
            artifact_limit: Some(Size(1)),
            artifacts_limit: Some(Size(2)),
            cpu_limit: Some(Time { ms: 3 }),
            cpu_rate: Some(4),
            files_limit: Some(5),
            memory_limit: Some(Size(6)),
            message_rate: Some(7),
            messages_limit: Some(8),
            open_files_limit: Some(9),
            output_limit: Some(Size(10)),
            service_limit: Some(Time { ms: 11 }),
            threads_limit: Some(12),
            time_limit: Some(Time { ms: 13 }),
            ..PolicyArgs::default()
        };
        let policy = policy_with(&args, None, None).expect("a policy");
        let limits = &policy.limits;
        assert_eq!((policy.artifact_bytes_max, policy.artifacts_bytes_max), (1, 2));
        assert_eq!((limits.cpu_ms, limits.cpu_percent, limits.files_max), (3, Some(4), 5));
        assert_eq!((limits.memory_bytes, policy.messages_per_second, policy.messages_max), (6, 7, 8));
        assert_eq!((limits.open_files, limits.output_bytes_max), (9, 10));
        assert_eq!((policy.service_ms_max, limits.threads_max, policy.wall_ms_max), (11, 12, 13));
    }
}
