//! What a guest is told at its start besides its words: the kernel's start-vector (`getauxval`), changed until it is the same in
//! every run.
//!
//! Without an address of the vDSO a program asks the kernel for the time, where the filter hears it. The rest is the processor's
//! and the kernel's own, which differs between machines.

use super::super::Layer;
use super::super::confinement::Words;
use super::course::Choice;
use super::identity::INSIDE;
use super::order::{Change, Entry, STOP};
use super::script::Script;

const AT_IGNORE: u64 = 1;
const AT_SYSINFO_EHDR: u64 = 33;
const AT_UID: u64 = 11;
const AT_EUID: u64 = 12;
const AT_GID: u64 = 13;
const AT_EGID: u64 = 14;
const AT_HWCAP: u64 = 16;
const AT_HWCAP2: u64 = 26;
const AT_RSEQ_FEATURE_SIZE: u64 = 27;
const AT_RSEQ_ALIGN: u64 = 28;
const AT_HWCAP3: u64 = 29;
const AT_HWCAP4: u64 = 30;
const AT_MINSIGSTKSZ: u64 = 51;

/// What every processor of the architecture has: the features of x86-64 without a number.
#[cfg(target_arch = "x86_64")]
const FEATURES: u64 = 0x078b_fbff;
/// What every processor of the architecture has: floating point and its vectors.
#[cfg(target_arch = "aarch64")]
const FEATURES: u64 = 0b11;

/// Read by libc for stack protectors and pointer guards, and by some hash tables.
const NO_CHANCE: &[u8; 16] = b"orket/no-chance!";

const fn ignore(kind: u64) -> Entry {
    Entry { kind, becomes: AT_IGNORE, keep: 0, set: 0 }
}

const fn always(kind: u64, value: u64) -> Entry {
    Entry { kind, becomes: kind, keep: 0, set: value }
}

const ENTRIES: &[Entry] = &[
    ignore(AT_SYSINFO_EHDR),
    ignore(AT_RSEQ_FEATURE_SIZE),
    ignore(AT_RSEQ_ALIGN),
    always(AT_UID, INSIDE as u64),
    always(AT_EUID, INSIDE as u64),
    always(AT_GID, INSIDE as u64),
    always(AT_EGID, INSIDE as u64),
    always(AT_HWCAP, FEATURES),
    always(AT_HWCAP2, 0),
    always(AT_HWCAP3, 0),
    always(AT_HWCAP4, 0),
    // More than any processor needs; how much it is depends on the processor.
    always(AT_MINSIGSTKSZ, 16 << 10),
];

/// How the start-vector of a child is changed, whose first step comes after the next one: the address of that, or 0.
pub(super) fn change(script: &mut Script, choice: &Choice<'_>, words: &Words) -> u64 {
    if !choice.applies(Layer::StartVector) {
        return 0;
    }
    // The number of words, the guest's name and a null after each list stand before it.
    let words = 4 + words.arguments.len() + words.environment.len();
    let change = Change {
        step: script.len() as u64 + 1,
        offset: (words * size_of::<u64>()) as u64,
        counts: choice.applies(Layer::Counter).into(),
        random: [0, 8].map(|at| u64::from_ne_bytes(std::array::from_fn(|byte| NO_CHANCE[at + byte]))),
        entries: ENTRIES.len() as u64,
    };
    let Change { step, offset, counts, random: [first, second], entries } = change;
    let rows = ENTRIES.iter().flat_map(|entry| [entry.kind, entry.becomes, entry.keep, entry.set]);
    let image: Vec<u64> = [step, offset, counts, first, second, entries].into_iter().chain(rows).collect();
    script.words(&image)
}

/// Lets the parent trace, where it changes something. Whether it can is known only now: without, the host starts anew.
pub(super) fn allow(script: &mut Script, choice: &Choice<'_>) {
    if choice.applies(Layer::StartVector) {
        script.layer(Layer::StartVector, STOP);
        script.call("PTRACE_TRACEME", libc::SYS_ptrace, &[libc::PTRACE_TRACEME.into()]);
    }
}
