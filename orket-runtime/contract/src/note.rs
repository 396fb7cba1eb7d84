//! The shape of the manifest notes in an artifact.
//!
//! An ELF note is `namesz, descsz, type` as native-endian u32, then the name and the description,
//! each padded to four bytes. The first note is the header and lists the ids of all workloads; then
//! follows one note per workload in that order. Descriptions are UTF-8 canonical JSON.

/// The section that holds the notes in an ELF artifact.
pub const SECTION: &str = ".note.orket";
/// The note name, with its terminating zero.
pub const NAME: &[u8; 6] = b"Orket\0";
/// The type of the header note. Small numbers are taken: tools print 1 as NT_VERSION.
pub const HEADER: u32 = 0x4f52_4b01;
/// The type of a workload note.
pub const WORKLOAD: u32 = 0x4f52_4b02;
/// The version of the JSON inside, `manifest_version` in the header.
pub const MANIFEST_VERSION: u32 = 1;

/// How many bytes a note with a description of `json` bytes takes.
#[must_use]
pub const fn size(json: usize) -> usize {
    12 + 8 + json.next_multiple_of(4)
}
