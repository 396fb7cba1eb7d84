//! Reads the manifest notes out of a program without running it.
//!
//! Tries the section by name, then the note segments (a stripped program may have no sections), and
//! scans the raw bytes only to explain what is wrong. Everything is bounded; nothing is trusted.

use object::elf::PT_NOTE;
use object::read::elf::{ElfFile, FileHeader, ProgramHeader};
use object::{File, Object, ObjectSection, ReadRef};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::limit::{NOTE_BYTES_MAX, NOTES_MAX};
use orket_contract::manifest::{Header, Manifest, Workload};
use orket_contract::note::{HEADER, MANIFEST_VERSION, NAME, SECTION, WORKLOAD, size};
use std::collections::BTreeSet;

/// The most bytes that all notes together may have.
const NOTES_BYTES_MAX: u64 = (NOTES_MAX * size(NOTE_BYTES_MAX)) as u64;

/// The JSON texts of the notes in a program, header first.
///
/// # Errors
/// `note.missing` or `note.damaged`.
pub fn read<'data, R: ReadRef<'data>>(program: R) -> Result<Vec<String>, Issue> {
    let file = File::parse(program)
        .map_err(|error| missing(program, &format!("the file is not a program that can be read: {error}")))?;
    let notes = match section(&file) {
        Some(bytes) => parse(bytes, 4, Strictness::OursOnly)?,
        None => segments(&file, program)?,
    };
    if notes.is_empty() {
        return Err(missing(program, "the program holds no Orket manifest"));
    }
    in_order(notes)
}

fn section<'data, R: ReadRef<'data>>(file: &File<'data, R>) -> Option<&'data [u8]> {
    let names = [SECTION, "__orket", ".orket"];
    let section = names.iter().find_map(|name| file.section_by_name(name))?;
    if section.size() > NOTES_BYTES_MAX {
        return None;
    }
    section.data().ok().filter(|data| !data.is_empty())
}

/// Looks through the note segments of an ELF file; linkers align them to 4 or to 8.
fn segments<'data, R: ReadRef<'data>>(file: &File<'data, R>, program: R) -> Result<Vec<Note>, Issue> {
    match file {
        File::Elf64(elf) => elf_segments(elf, program),
        File::Elf32(elf) => elf_segments(elf, program),
        _ => Ok(Vec::new()),
    }
}

fn elf_segments<'data, E: FileHeader, R: ReadRef<'data>>(
    elf: &ElfFile<'data, E, R>,
    program: R,
) -> Result<Vec<Note>, Issue> {
    let endian = elf.endian();
    let is_note = |segment: &&E::ProgramHeader| {
        segment.p_type(endian) == PT_NOTE && segment.p_filesz(endian).into() <= NOTES_BYTES_MAX
    };
    for segment in elf.elf_program_headers().iter().filter(is_note) {
        let Ok(bytes) = segment.data(endian, program) else { continue };
        for align in [4, 8] {
            let notes = parse(bytes, align, Strictness::AnyOwner)?;
            if !notes.is_empty() {
                return Ok(notes);
            }
        }
    }
    Ok(Vec::new())
}

/// One note of ours.
struct Note {
    kind: u32,
    json: String,
}

/// Whether bytes that are no note of ours are damage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// A section of our own: everything in it is ours.
    OursOnly,
    /// A segment that several owners share.
    AnyOwner,
}

fn parse(mut bytes: &[u8], align: usize, strictness: Strictness) -> Result<Vec<Note>, Issue> {
    let mut notes = Vec::new();
    while bytes.len() >= 12 {
        let Some(Raw { owner, kind, description, rest }) = split(bytes, align) else {
            if strictness == Strictness::OursOnly {
                return Err(damaged("a note is cut off"));
            }
            break;
        };
        bytes = rest;
        if owner != NAME {
            if strictness == Strictness::OursOnly {
                return Err(damaged("a note has another owner than `Orket`"));
            }
            continue;
        }
        if notes.len() == NOTES_MAX {
            return Err(damaged(format!("there are more than {NOTES_MAX} notes")));
        }
        notes.push(Note { kind, json: text(description)? });
    }
    Ok(notes)
}

/// A note as it lies in the program, and what follows it.
struct Raw<'a> {
    owner: &'a [u8],
    kind: u32,
    description: &'a [u8],
    rest: &'a [u8],
}

/// Splits the first note off.
fn split(bytes: &[u8], align: usize) -> Option<Raw<'_>> {
    let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes);
    let (name_len, len, kind) = (word(0)? as usize, word(4)? as usize, word(8)?);
    let name_end = 12usize.checked_add(name_len)?;
    let start = name_end.checked_next_multiple_of(align)?;
    let end = start.checked_add(len)?;
    let next = end.checked_next_multiple_of(align)?.min(bytes.len());
    Some(Raw {
        owner: bytes.get(12..name_end)?,
        kind,
        description: bytes.get(start..end)?,
        rest: &bytes[next..],
    })
}

fn text(description: &[u8]) -> Result<String, Issue> {
    if description.len() > NOTE_BYTES_MAX {
        return Err(damaged(format!("a note is larger than {NOTE_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(description).map_err(|_| damaged("a note is not UTF-8"))?;
    Ok(text.to_owned())
}

/// The texts, when exactly one header comes first and only workloads follow.
fn in_order(notes: Vec<Note>) -> Result<Vec<String>, Issue> {
    let kinds: Vec<u32> = notes.iter().map(|note| note.kind).collect();
    match kinds.split_first() {
        Some((&HEADER, rest)) if rest.iter().all(|&kind| kind == WORKLOAD) => {
            Ok(notes.into_iter().map(|note| note.json).collect())
        }
        _ => Err(damaged("the notes are not one header followed by workloads")),
    }
}

/// The manifest that the texts of [`read`] spell.
///
/// # Errors
/// `note.damaged`, `note.incomplete`, `manifest.*`: all that can be found at once.
pub fn manifest(notes: &[String]) -> Result<Manifest, Vec<Issue>> {
    let (header, rest) = notes.split_first().ok_or_else(|| vec![damaged("there is no header")])?;
    let header: Header = decode(header).map_err(|issue| vec![issue])?;
    if header.manifest_version != MANIFEST_VERSION {
        let message = format!(
            "the manifest has version {}; this host reads {MANIFEST_VERSION}",
            header.manifest_version
        );
        return Err(vec![Issue::error(code::MANIFEST_UNSUPPORTED_VERSION, message)]);
    }
    let (workloads, issues) = decode_all(rest);
    if !issues.is_empty() {
        return Err(issues);
    }
    complete(&header, &workloads)?;
    Ok(header.with(workloads))
}

fn decode_all(texts: &[String]) -> (Vec<Workload>, Vec<Issue>) {
    let mut workloads = Vec::new();
    let mut issues = Vec::new();
    for text in texts {
        match decode(text) {
            Ok(workload) => workloads.push(workload),
            Err(issue) => issues.push(issue),
        }
    }
    (workloads, issues)
}

fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Issue> {
    serde_json::from_str(text).map_err(|error| {
        let issue = damaged(format!("a note cannot be read: {error}"));
        if !error.is_data() {
            return issue;
        }
        // Whole JSON of another shape: not damage, but another version's.
        issue.with_hint("the program's SDK and this host are of different versions: update the older one")
    })
}

/// Refuses a manifest whose notes are not exactly those that its header lists, in order.
fn complete(header: &Header, workloads: &[Workload]) -> Result<(), Vec<Issue>> {
    if header.workloads.is_empty() {
        return Err(vec![Issue::error(
            code::EXTENSION_EMPTY,
            format!("`{}` contributes nothing", header.id),
        )]);
    }
    let unique: BTreeSet<_> = header.workloads.iter().collect();
    if unique.len() < header.workloads.len() {
        return Err(vec![Issue::error(
            code::MANIFEST_DUPLICATE_WORKLOAD,
            "the header lists one workload twice",
        )]);
    }
    if !header.workloads.iter().eq(workloads.iter().map(|workload| &workload.id)) {
        let listed = join(header.workloads.iter());
        let found = join(workloads.iter().map(|workload| &workload.id));
        let message = format!("the header lists the workloads {listed}; the notes hold {found}");
        return Err(vec![Issue::error(code::NOTE_INCOMPLETE, message).with_hint("build the extension anew")]);
    }
    Ok(())
}

fn join<T: ToString>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<_> = items.map(|item| format!("`{}`", item.to_string())).collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

fn damaged(what: impl Into<String>) -> Issue {
    Issue::error(code::NOTE_DAMAGED, what).with_hint("build the extension anew with `cargo orket build`")
}

/// Explains a missing manifest: bytes of one that no table leads to, or none at all.
fn missing<'data, R: ReadRef<'data>>(program: R, what: &str) -> Issue {
    let marker = b"\x06\0\0\0";
    let bytes = program.len().and_then(|len| program.read_bytes_at(0, len)).unwrap_or_default();
    let traces = bytes.windows(18).any(|window| window.starts_with(marker) && window[12..].starts_with(NAME));
    if traces {
        return damaged("bytes of a manifest were found, but the program's note table does not lead to them");
    }
    Issue::error(code::NOTE_MISSING, what.to_owned())
        .with_hint("is it an extension? its `main.rs` needs `orket_runtime::main!(…)`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(owner: &[u8; 6], kind: u32, text: &str, align: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [owner.len() as u32, text.len() as u32, kind] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(owner);
        bytes.resize(bytes.len().next_multiple_of(align), 0);
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(align), 0);
        bytes
    }

    fn header(workloads: &[&str]) -> String {
        serde_json::json!({
            "extension_api_version": "1.0.0", "id": "a.b", "manifest_version": 1, "runtime": "*",
            "version": "0.1.0", "workloads": workloads,
        })
        .to_string()
    }

    fn workload(id: &str) -> String {
        serde_json::json!({ "id": id, "version": "0.1.0" }).to_string()
    }

    #[track_caller]
    fn check(notes: &[String], expected: Result<usize, &str>) {
        let found = manifest(notes).map(|manifest| manifest.workloads.len());
        let found = found.map_err(|issues| issues[0].code.clone());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn notes_of_other_owners_are_passed_over_in_a_segment_only() {
        for align in [4, 8] {
            let mut bytes = note(b"Other\0", 1, "abc", align);
            bytes.extend(note(NAME, HEADER, "{}", align));
            bytes.extend(note(NAME, WORKLOAD, "12345", align));
            let found = parse(&bytes, align, Strictness::AnyOwner).expect("notes");
            assert_eq!(found.iter().map(|note| note.json.as_str()).collect::<Vec<_>>(), ["{}", "12345"]);
            let issue = parse(&bytes, align, Strictness::OursOnly).err().expect("refused");
            assert_eq!(issue.code, code::NOTE_DAMAGED);
        }
    }

    #[test]
    fn every_cut_and_every_changed_length_is_refused_or_shorter() {
        let mut bytes = note(NAME, HEADER, "{}", 4);
        bytes.extend(note(NAME, WORKLOAD, "{}", 4));
        for end in 0..bytes.len() - 2 {
            let found = parse(&bytes[..end], 4, Strictness::AnyOwner).expect("bounded");
            assert!(found.len() < 2, "cut at {end}");
        }
        for at in 0..12 {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            // Whatever comes of it, it comes without a panic and within bounds.
            let _ = parse(&bytes, 4, Strictness::AnyOwner);
        }
    }

    #[test]
    fn a_manifest_is_complete_or_refused() {
        check(&[header(&["a", "b"]), workload("a"), workload("b")], Ok(2));
        check(&[header(&["a", "b"]), workload("a")], Err("note.incomplete"));
        check(&[header(&["a"]), workload("a"), workload("b")], Err("note.incomplete"));
        check(&[header(&["a", "b"]), workload("b"), workload("a")], Err("note.incomplete"));
        check(&[header(&["a", "a"]), workload("a"), workload("a")], Err("manifest.duplicate-workload"));
        check(&[header(&[])], Err("extension.empty"));
        check(&["[]".to_owned()], Err("note.damaged"));
        check(&[], Err("note.damaged"));
        check(
            &[header(&["a"]).replace("\"manifest_version\":1", "\"manifest_version\":2"), workload("a")],
            Err("manifest.unsupported-version"),
        );
        let newer = [header(&["a"]), workload("a").replacen('{', "{\"a\":1,", 1)];
        let issues = manifest(&newer).expect_err("the key is unknown");
        assert!(
            issues[0].hint.as_deref().is_some_and(|hint| hint.contains("different versions")),
            "{issues:?}"
        );
    }

    #[test]
    fn a_file_without_a_manifest_is_told_from_a_damaged_one() {
        assert_eq!(read(&b"not a program"[..]).expect_err("refused").code, code::NOTE_MISSING);
        let mut traces = b"not a program ".to_vec();
        traces.extend(note(NAME, HEADER, "{}", 4));
        assert_eq!(read(&traces[..]).expect_err("refused").code, code::NOTE_DAMAGED);
    }
}
