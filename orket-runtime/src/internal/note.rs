//! The manifest notes of an extension as the bytes of one section.
//!
//! Invariant: the layout is that of [`orket_contract::note`], header first, padded to four bytes.

use orket_contract::{limit, note};

use super::entry::{ExtensionEntry, WorkloadEntry};
use super::json::equal;

/// All notes, aligned as an ELF note section must be.
#[repr(C, align(4))]
pub struct Notes<const N: usize>(pub [u8; N]);

/// How many bytes the notes of an extension take.
///
/// # Panics
/// At compile time with `manifest.too-large`, when a reader would refuse the notes.
#[must_use]
pub const fn notes_length(extension: &ExtensionEntry) -> usize {
    assert!(
        extension.workloads.len() < limit::NOTES_MAX,
        "[manifest.too-large] an extension has at most 255 workloads"
    );
    let mut length = note_length(extension.note);
    let mut at = 0;
    while at < extension.workloads.len() {
        length += note_length(extension.workloads[at].note);
        at += 1;
    }
    length
}

const fn note_length(json: &str) -> usize {
    assert!(
        json.len() <= limit::NOTE_BYTES_MAX,
        "[manifest.too-large] the manifest of a workload, its schema included, has at most 1 MiB"
    );
    note::size(json.len())
}

/// The notes of an extension; `N` is their [`notes_length`].
#[must_use]
pub const fn notes<const N: usize>(extension: &ExtensionEntry) -> Notes<N> {
    let mut bytes = [0; N];
    let mut at = write(&mut bytes, 0, note::HEADER, extension.note);
    let mut index = 0;
    while index < extension.workloads.len() {
        at = write(&mut bytes, at, note::WORKLOAD, extension.workloads[index].note);
        index += 1;
    }
    Notes(bytes)
}

/// Writes one note at `at` and says where the next begins.
const fn write(bytes: &mut [u8], at: usize, kind: u32, json: &str) -> usize {
    put(bytes, at, &(note::NAME.len() as u32).to_ne_bytes());
    put(bytes, at + 4, &(json.len() as u32).to_ne_bytes());
    put(bytes, at + 8, &kind.to_ne_bytes());
    put(bytes, at + 12, note::NAME);
    put(bytes, at + 20, json.as_bytes());
    at + note::size(json.len())
}

const fn put(bytes: &mut [u8], at: usize, part: &[u8]) {
    bytes.split_at_mut(at).1.split_at_mut(part.len()).0.copy_from_slice(part);
}

/// The ids of the workloads, for the header.
#[must_use]
pub const fn ids<const N: usize>(workloads: &[WorkloadEntry]) -> [&'static str; N] {
    let mut ids = [""; N];
    let mut at = 0;
    while at < N {
        ids[at] = workloads[at].id;
        at += 1;
    }
    ids
}

/// What is wrong with a list of workloads, as far as only const evaluation can see it.
pub struct Fault {
    text: [u8; 512],
    length: usize,
}

impl Fault {
    /// Looks at the ids of the workloads. A blank one stands for a workload that was refused already.
    #[must_use]
    pub const fn of(ids: &[&str]) -> Self {
        if ids.is_empty() {
            return Self::new(&[
                "[extension.empty] every workload of this extension is switched off by `cfg`\n",
                "help: switch off the extension as well",
            ]);
        }
        match twice(ids) {
            Some(id) => Self::new(&[
                "[manifest.duplicate-workload] two workloads of this extension have the id `",
                id,
                "`\nhelp: see `cargo orket explain manifest.duplicate-workload`",
            ]),
            None => Self::new(&[]),
        }
    }

    const fn new(parts: &[&str]) -> Self {
        let mut fault = Self { text: [0; 512], length: 0 };
        let mut at = 0;
        while at < parts.len() {
            put(&mut fault.text, fault.length, parts[at].as_bytes());
            fault.length += parts[at].len();
            at += 1;
        }
        fault
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.length == 0
    }

    /// The message, for a panic at compile time.
    #[must_use]
    pub const fn text(&self) -> &str {
        super::json::text(self.text.split_at(self.length).0)
    }
}

const fn twice<'a>(ids: &[&'a str]) -> Option<&'a str> {
    let mut right = 1;
    while right < ids.len() {
        let mut left = 0;
        while left < right {
            if !ids[left].is_empty() && equal(ids[left], ids[right]) {
                return Some(ids[left]);
            }
            left += 1;
        }
        right += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ids: &[&str], expected: &str) {
        let fault = Fault::of(ids);
        assert_eq!(fault.text().split(']').next(), Some(expected));
        assert_eq!(fault.is_none(), expected.is_empty());
    }

    #[test]
    fn empty_lists_and_ids_that_are_given_twice_are_found() {
        check(&["a", "b", "ab"], "");
        check(&["", ""], "");
        check(&[], "[extension.empty");
        check(&["a", "b", "a"], "[manifest.duplicate-workload");
        let longest = "a".repeat(orket_contract::id::LENGTH_MAX);
        check(&[&longest, &longest], "[manifest.duplicate-workload");
    }

    #[test]
    fn notes_are_laid_out_and_padded() {
        const EXTENSION: ExtensionEntry = ExtensionEntry { note: "{\"id\":1}", ..ExtensionEntry::REFUSED };
        const BYTES: Notes<{ notes_length(&EXTENSION) }> = notes(&EXTENSION);
        assert_eq!(BYTES.0.len(), 12 + 8 + 8);
        assert_eq!(BYTES.0[..4], 6_u32.to_ne_bytes());
        assert_eq!(BYTES.0[4..8], 8_u32.to_ne_bytes());
        assert_eq!(BYTES.0[8..12], note::HEADER.to_ne_bytes());
        assert_eq!(&BYTES.0[12..20], b"Orket\0\0\0");
        assert_eq!(&BYTES.0[20..], b"{\"id\":1}");
    }
}
