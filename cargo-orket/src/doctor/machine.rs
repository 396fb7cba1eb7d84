//! The kernel and what it offers.

use super::Line;
use orket_engine::sandbox;

const GROUP: &str = "kernel";
/// The version of Landlock without which none of it is used.
const LANDLOCK_MIN: i64 = 3;
/// The version of Landlock that has every layer.
const LANDLOCK_WHOLE: i64 = 6;

pub(super) fn lines() -> Vec<Line> {
    let Some(machine) = sandbox::machine() else {
        let found = format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH);
        return vec![Line::problem(GROUP, "release", found, "run extensions on Linux, x86-64 or aarch64")];
    };
    let release =
        Line::ok(GROUP, "release", format!("Linux {} on {}", machine.release, machine.architecture));
    vec![
        release,
        landlock(machine.landlock, machine.user_namespaces == Some(false)),
        required(
            "seccomp",
            machine.seccomp,
            "use a kernel with CONFIG_SECCOMP_FILTER; in a container, allow `seccomp`",
        ),
        required("pidfd", machine.pidfd, "use Linux 5.3 or later; in a container, allow `pidfd_open`"),
        optional("write-xor-execute", machine.write_xor_execute, "use Linux 6.3 or later"),
        namespaces(machine.user_namespaces),
    ]
}

/// One of the two stacks of the sandbox is made of it; where the other one is missing, it must be there.
fn landlock(found: Option<i64>, is_alone: bool) -> Line {
    let fix = sandbox::Layer::Files.remedy();
    let lacking = |found: String| match is_alone {
        true => Line::problem(GROUP, "landlock", found, fix),
        false => {
            Line::note(GROUP, "landlock", format!("{found}; namespaces have to do without it")).fixed_by(fix)
        }
    };
    match found {
        None => lacking("missing or switched off".to_owned()),
        Some(abi) if abi < LANDLOCK_MIN => lacking(format!("ABI {abi}; {LANDLOCK_MIN} is needed")),
        Some(abi) if abi < LANDLOCK_WHOLE => {
            let found = format!("ABI {abi}; {LANDLOCK_WHOLE} has every layer");
            Line::note(GROUP, "landlock", found).fixed_by("use Linux 6.12 or later")
        }
        Some(abi) => Line::ok(GROUP, "landlock", format!("ABI {abi}")),
    }
}

fn required(name: &str, is_there: bool, fix: &str) -> Line {
    if is_there { Line::ok(GROUP, name, "there") } else { Line::problem(GROUP, name, "missing", fix) }
}

fn optional(name: &str, is_there: bool, fix: &str) -> Line {
    if is_there { Line::ok(GROUP, name, "there") } else { Line::note(GROUP, name, "missing").fixed_by(fix) }
}

/// One of the two stacks of the sandbox is made of them; root needs none.
fn namespaces(allowed: Option<bool>) -> Line {
    match allowed {
        Some(true) => Line::ok(GROUP, "user-namespaces", "allowed"),
        Some(false) => Line::note(GROUP, "user-namespaces", "not allowed; Landlock has to do without them")
            .fixed_by(sandbox::Layer::Tree.remedy()),
        None => Line::ok(GROUP, "user-namespaces", "unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn what_guests_need_is_a_problem_and_the_rest_a_note() {
        use State::{Note, Ok, Problem};
        let states = |is_alone| {
            [None, Some(1), Some(3), Some(5), Some(6), Some(9)].map(|abi| landlock(abi, is_alone).state)
        };
        assert_eq!(states(true), [Problem, Problem, Note, Note, Ok, Ok]);
        assert_eq!(states(false), [Note, Note, Note, Note, Ok, Ok]);
        assert_eq!([None, Some(false), Some(true)].map(|allowed| namespaces(allowed).state), [Ok, Note, Ok]);
        assert_eq!(required("pidfd", false, "x").state, Problem);
        assert_eq!(optional("write-xor-execute", false, "x").state, Note);
    }
}
