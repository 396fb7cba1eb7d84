//! From rules to a classic BPF program: a binary search over the number line of system calls.
//!
//! The kernel runs a new filter once for every system call to fill its cache, so a search is three times faster to install
//! than a chain. Numbers between two rules get the fallback, so every number has exactly one leaf.

use super::{Action, Rule, Test};
use libc::sock_filter;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;
/// From here on numbers are of the x32 interface, on the one architecture that has it.
const X32: u32 = 0x4000_0000;

/// `struct seccomp_data`: number, architecture, instruction pointer, six arguments of 64 bits, little-endian.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const fn low_half(argument: usize) -> u32 {
    16 + 8 * argument as u32
}

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
const JUMP: u32 = libc::BPF_JMP | libc::BPF_JA;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const IF_AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// What happens to numbers without a rule: `(first number, action)`, ascending, beginning with 0.
pub(super) type Fallback = [(u32, Action)];

/// From `first` up to the next leaf's first.
struct Leaf<'a> {
    first: u32,
    alternatives: &'a [Vec<Test>],
    otherwise: Action,
}

/// Compiles rules in ascending order of their numbers.
pub(super) fn compile(rules: &[Rule], fallback: &Fallback) -> Vec<sock_filter> {
    let mut program = vec![
        statement(LOAD, ARCH),
        branch(IF_EQUAL, ARCHITECTURE, 1, 0),
        returning(Action::Kill),
        statement(LOAD, NUMBER),
    ];
    program.extend(search(&leaves(rules, fallback)));
    program
}

fn leaves<'a>(rules: &'a [Rule], fallback: &Fallback) -> Vec<Leaf<'a>> {
    let plain = |first, otherwise| Leaf { first, alternatives: &[], otherwise };
    let action_at = |number| {
        let at = fallback.partition_point(|(first, _)| *first <= number);
        fallback[at - 1].1
    };
    let mut firsts: Vec<u32> = fallback.iter().map(|(first, _)| *first).collect();
    firsts.extend(rules.iter().flat_map(|rule| [rule.number, rule.number + 1]));
    firsts.push(X32);
    firsts.sort_unstable();
    firsts.dedup();
    let mut leaves: Vec<Leaf<'a>> = Vec::new();
    for first in firsts {
        let leaf = match rules.binary_search_by_key(&first, |rule| rule.number) {
            _ if first >= X32 => plain(first, Action::Kill),
            Ok(at) => Leaf { first, alternatives: &rules[at].alternatives, otherwise: rules[at].otherwise },
            Err(_) => plain(first, action_at(first)),
        };
        let same =
            |last: &Leaf<'_>| last.alternatives == leaf.alternatives && last.otherwise == leaf.otherwise;
        if !leaves.last().is_some_and(same) {
            leaves.push(leaf);
        }
    }
    leaves
}

fn search(leaves: &[Leaf<'_>]) -> Vec<sock_filter> {
    if let [leaf] = leaves {
        return judgement(leaf);
    }
    let (below, from) = leaves.split_at(leaves.len() / 2);
    let (first, below, from) = (from[0].first, search(below), search(from));
    let mut code = match u8::try_from(below.len()) {
        Ok(distance) => vec![branch(IF_AT_LEAST, first, distance, 0)],
        Err(_) => vec![branch(IF_AT_LEAST, first, 0, 1), statement(JUMP, below.len() as u32)],
    };
    code.extend(below);
    code.extend(from);
    code
}

fn judgement(leaf: &Leaf<'_>) -> Vec<sock_filter> {
    let alternatives = leaf.alternatives.iter().map(|tests| alternative(tests));
    let mut code: Vec<sock_filter> = alternatives.flatten().collect();
    code.push(returning(leaf.otherwise));
    code
}

/// Returns "allow" if all tests hold, else falls through behind its end.
fn alternative(tests: &[Test]) -> Vec<sock_filter> {
    let halves: Vec<(u32, u32, u32)> = tests.iter().flat_map(halves).collect();
    let length = halves.len() * 3 + 1;
    let mut code = Vec::with_capacity(length);
    for (offset, mask, value) in halves {
        code.push(statement(LOAD, offset));
        code.push(statement(AND, mask));
        // At most six arguments in two halves of three instructions: always within a short jump.
        let to_end = length - code.len() - 1;
        code.push(branch(IF_EQUAL, value, 0, to_end as u8));
    }
    code.push(returning(Action::Allow));
    code
}

/// A test of 64 bits as tests of 32 bits: offset, mask, value. A half that is not looked at is not tested.
fn halves(test: &Test) -> Vec<(u32, u32, u32)> {
    let at = low_half(test.argument);
    let low = (at, test.mask as u32, test.value as u32);
    let high = (at + 4, (test.mask >> 32) as u32, (test.value >> 32) as u32);
    [low, high].into_iter().filter(|(_, mask, _)| *mask != 0).collect()
}

fn returning(action: Action) -> sock_filter {
    let value = match action {
        Action::Allow => libc::SECCOMP_RET_ALLOW,
        Action::Errno(errno) => libc::SECCOMP_RET_ERRNO | errno.unsigned_abs(),
        Action::Kill => libc::SECCOMP_RET_KILL_PROCESS,
    };
    statement(RETURN, value)
}

fn statement(code: u32, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

fn branch(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: code as u16, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::super::{Subject, table};
    use super::*;

    /// What the kernel hands to a filter.
    #[derive(Clone, Copy)]
    struct Call {
        number: u32,
        architecture: u32,
        arguments: [u64; 6],
    }

    fn call(number: u32, arguments: [u64; 6]) -> Call {
        Call { number, architecture: ARCHITECTURE, arguments }
    }

    /// A machine for the five kinds of instructions that are used, as the kernel runs them.
    fn interpret(program: &[sock_filter], call: Call) -> u32 {
        let load = |offset: u32| match offset {
            NUMBER => call.number,
            ARCH => call.architecture,
            _ => {
                let argument = call.arguments[(offset as usize - 16) / 8];
                (argument >> (8 * (offset % 8))) as u32
            }
        };
        let (mut at, mut accumulator) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            let branch = |holds: bool| usize::from(if holds { jt } else { jf });
            match u32::from(code) {
                LOAD => accumulator = load(k),
                AND => accumulator &= k,
                JUMP => at += k as usize,
                IF_EQUAL => at += branch(accumulator == k),
                IF_AT_LEAST => at += branch(accumulator >= k),
                RETURN => return k,
                _ => panic!("no such instruction: {code:#x}"),
            }
        }
    }

    /// The same decision straight from the rules.
    fn decide(rules: &[Rule], fallback: &Fallback, call: Call) -> Action {
        if call.architecture != ARCHITECTURE || call.number >= X32 {
            return Action::Kill;
        }
        let Some(rule) = rules.iter().find(|rule| rule.number == call.number) else {
            let known = fallback.iter().rev();
            let mut known = known.filter(|(first, _)| *first <= call.number);
            return known.next().expect("a fallback begins with 0").1;
        };
        let holds = |test: &Test| call.arguments[test.argument] & test.mask == test.value;
        match rule.alternatives.iter().any(|tests| tests.iter().all(holds)) {
            true => Action::Allow,
            false => rule.otherwise,
        }
    }

    #[track_caller]
    fn check(rules: &[Rule], program: &[sock_filter], call: Call) {
        let expected = returning(decide(rules, &table::FALLBACK, call)).k;
        let found = interpret(program, call);
        assert_eq!(found, expected, "{} {:x?}", call.number, call.arguments);
    }

    /// Values on both sides of everything that any rule looks at.
    fn interesting(rules: &[Rule]) -> Vec<u64> {
        let mut values = vec![0, 1, u64::MAX, 1 << 32, 0xffff_ffff];
        for test in rules.iter().flat_map(|rule| rule.alternatives.iter().flatten()) {
            let near = [test.value, test.value ^ 1, test.mask, !test.mask | test.value];
            values.extend(near);
            values.push(test.value | 1 << 40);
        }
        values.sort_unstable();
        values.dedup();
        values
    }

    fn check_all(threads: bool) {
        let subject = Subject { pid: 4711, executable: 64, threads, ambient: !threads };
        let rules = table::rules(&subject);
        let program = compile(&rules, &table::FALLBACK);
        assert!(program.len() < 4096, "the kernel refuses longer programs");
        let values = interesting(&rules);
        for number in (0..1024).chain([X32 - 1, X32, X32 + 1, u32::MAX]) {
            check(&rules, &program, call(number, [0; 6]));
            for (index, value) in values.iter().enumerate() {
                for argument in 0..6 {
                    let mut arguments = [values[(index * 7) % values.len()]; 6];
                    arguments[argument] = *value;
                    check(&rules, &program, call(number, arguments));
                }
            }
        }
    }

    #[test]
    fn the_program_decides_like_the_rules() {
        check_all(false);
        check_all(true);
    }

    #[test]
    fn pairs_of_arguments_are_judged_together() {
        let rules = table::rules(&Subject { pid: 4711, executable: 64, threads: true, ambient: true });
        let program = compile(&rules, &table::FALLBACK);
        let values = interesting(&rules);
        for rule in rules.iter().filter(|rule| !rule.alternatives.is_empty()) {
            let looked_at: Vec<usize> =
                rule.alternatives.iter().flatten().map(|test| test.argument).collect();
            let (first, last) = (looked_at[0], looked_at[looked_at.len() - 1]);
            for (one, other) in values.iter().flat_map(|one| values.iter().map(move |other| (one, other))) {
                let mut arguments = [0; 6];
                (arguments[last], arguments[first]) = (*other, *one);
                check(&rules, &program, call(rule.number, arguments));
            }
        }
    }

    #[test]
    fn memory_is_never_writable_and_executable_nor_made_executable() {
        let rules = table::rules(&Subject { pid: 1, executable: 64, threads: true, ambient: true });
        let program = compile(&rules, &table::FALLBACK);
        let allows = |number: libc::c_long, prot: i32, flags: i32| {
            let arguments = [0, 4096, prot as u64, flags as u64, 4, 0];
            interpret(&program, call(number as u32, arguments)) == libc::SECCOMP_RET_ALLOW
        };
        let (read, write, code) = (libc::PROT_READ, libc::PROT_WRITE, libc::PROT_EXEC);
        for flags in 0..0x1000 {
            assert!(!allows(libc::SYS_mmap, read | write | code, flags), "{flags:#x}");
            assert!(!allows(libc::SYS_mmap, code, flags | libc::MAP_ANONYMOUS), "{flags:#x}");
            assert!(!allows(libc::SYS_mmap, code, flags | libc::MAP_SHARED), "{flags:#x}");
        }
        assert!(allows(libc::SYS_mmap, read | code, libc::MAP_PRIVATE | libc::MAP_FIXED));
        assert!(!allows(libc::SYS_mprotect, read | code, 0));
        assert!(allows(libc::SYS_mprotect, read | write, 0));
    }

    #[test]
    fn another_architecture_is_killed() {
        let program = compile(
            &table::rules(&Subject { pid: 1, executable: 64, threads: true, ambient: true }),
            &table::FALLBACK,
        );
        for architecture in [0, 0x4000_0003, ARCHITECTURE ^ 1] {
            let foreign = Call { architecture, ..call(0, [0; 6]) };
            assert_eq!(interpret(&program, foreign), libc::SECCOMP_RET_KILL_PROCESS);
        }
    }

    #[test]
    fn a_search_with_long_jumps_finds_every_leaf() {
        let test = |value| Test { argument: 5, mask: u64::MAX, value };
        let rules: Vec<Rule> = (0..200)
            .map(|number| Rule {
                number: number * 2,
                alternatives: vec![vec![test(u64::from(number)); 6]; 3],
                otherwise: Action::Errno(number as i32 + 1),
            })
            .collect();
        let program = compile(&rules, &table::FALLBACK);
        for number in 0..450 {
            for value in [0, u64::from(number) / 2, 7] {
                check(&rules, &program, call(number, [value; 6]));
            }
        }
    }
}
