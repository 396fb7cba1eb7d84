//! From addresses in a program to lines of its author's sources, as far as the program knows them.

use super::Resolved;
use addr2line::gimli::{self, Dwarf, EndianSlice, Reader, RunTimeEndian, Section, SectionId, Unit};
use addr2line::{Context, Frame, LookupResult};
use object::read::ReadCache;
use object::{File, Object, ObjectSection};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;

/// The largest table of lines that is read, in bytes; a program has a few.
const SECTION_BYTES_MAX: u64 = 256 << 20;
/// How many units are read at most; a program has some thousands.
const UNITS_MAX: usize = 1 << 16;
/// How many bytes of abbreviations are read at most, for each unit anew; they are read twice.
const ABBREVIATION_BYTES_MAX: usize = 64 << 20;
/// How deep calls may be inlined into each other; a few dozen are usual.
const INLINED_MAX: usize = 200;
/// The longest place that is told, in bytes.
const PLACE_BYTES_MAX: usize = 512;

/// For each list of callers, innermost first, the place of the author's that it leads to: `file:line:column` of
/// the innermost that is a source of the extension's own project, otherwise of the innermost that is neither
/// Rust's nor the SDK's. `None` where the program does not know its lines.
#[must_use]
pub fn places(extension: &Resolved, callers: &[&[u64]]) -> Vec<Option<String>> {
    let nothing = || vec![None; callers.len()];
    if extension.python().is_some() || callers.iter().all(|callers| callers.is_empty()) {
        return nothing();
    }
    let Ok(program) = extension.program() else { return nothing() };
    let cache = ReadCache::new(program);
    let context = File::parse(&cache).ok().and_then(|file| context(&file, &extension.readable_lines));
    let Some(context) = context else { return nothing() };
    callers.iter().map(|callers| of_author(&context, callers, extension.root())).collect()
}

fn context<'a>(
    file: &File<'a, &'a ReadCache<std::fs::File>>,
    is_readable: &OnceLock<bool>,
) -> Option<Context<Slice<'a>>> {
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let section = |id: SectionId| -> Result<Slice<'a>, gimli::Error> {
        let section = file.section_by_name(id.name()).filter(|section| section.size() <= SECTION_BYTES_MAX);
        let bytes = section.and_then(|section| section.data().ok()).unwrap_or_default();
        Ok(Slice::new(bytes, endian))
    };
    readable(Dwarf::load(section).ok()?, is_readable)
}

fn readable<'a>(dwarf: Dwarf<Slice<'a>>, is_readable: &OnceLock<bool>) -> Option<Context<Slice<'a>>> {
    let is_readable = *is_readable.get_or_init(|| is_bounded(&dwarf) && is_shallow(&dwarf));
    is_readable.then(|| Context::from_dwarf(dwarf).ok()).flatten()
}

/// Whether there are no more units and abbreviations than a program may have. Each unit reads its table of them anew.
fn is_bounded(dwarf: &Dwarf<Slice<'_>>) -> bool {
    let mut headers = dwarf.units();
    let all = std::iter::from_fn(|| headers.next().ok().flatten());
    let tables = dwarf.debug_abbrev.reader();
    let mut left = ABBREVIATION_BYTES_MAX;
    all.enumerate().all(|(at, header)| {
        let table = tables.slice().get(header.debug_abbrev_offset().0..).unwrap_or_default();
        left -= abbreviations_length(Slice::new(&table[..table.len().min(left)], tables.endian()));
        at < UNITS_MAX && left > 0
    })
}

/// How many bytes of a table of abbreviations are read: up to its end, or to a fault.
fn abbreviations_length(table: Slice<'_>) -> usize {
    let mut rest = table;
    while let Ok(true) = skip_abbreviation(&mut rest) {}
    table.len() - rest.len()
}

/// Whether there was one.
fn skip_abbreviation(rest: &mut Slice<'_>) -> Result<bool, gimli::Error> {
    if rest.read_uleb128()? == 0 {
        return Ok(false);
    }
    let (_tag, _has_children) = (rest.read_uleb128()?, rest.read_u8()?);
    loop {
        match (rest.read_uleb128()?, rest.read_uleb128()?) {
            (0, 0) => return Ok(true),
            (_, form) if form == u64::from(gimli::DW_FORM_implicit_const.0) => _ = rest.read_sleb128()?,
            _ => {}
        }
    }
}

/// Whether nothing is inlined deeper than a compiler would: what reads the tables calls itself for each level.
fn is_shallow(dwarf: &Dwarf<Slice<'_>>) -> bool {
    let mut headers = dwarf.units();
    // What cannot be read here is not read there either.
    let all = std::iter::from_fn(|| headers.next().ok().flatten());
    all.filter_map(|header| dwarf.unit(header).ok()).all(|unit| is_shallow_unit(dwarf, &unit).unwrap_or(true))
}

fn is_shallow_unit(dwarf: &Dwarf<Slice<'_>>, unit: &Unit<Slice<'_>>) -> Result<bool, gimli::Error> {
    let mut entries = unit.unit_ref(dwarf).entries_raw(None)?;
    let mut around: Vec<isize> = Vec::new();
    while !entries.is_empty() {
        let depth = entries.next_depth();
        let Some(entry) = entries.read_abbreviation()? else { continue };
        while around.last().is_some_and(|outer| *outer >= depth) {
            around.pop();
        }
        if entry.tag() == gimli::DW_TAG_inlined_subroutine {
            around.push(depth);
        }
        if around.len() > INLINED_MAX {
            return Ok(false);
        }
        entries.skip_attributes(entry.attributes())?;
    }
    Ok(true)
}

fn of_author(context: &Context<Slice<'_>>, callers: &[u64], root: &Path) -> Option<String> {
    let places: Vec<(PathBuf, String)> = callers.iter().flat_map(|address| at(context, *address)).collect();
    let own = places.iter().find(|(path, _)| path.starts_with(root) && !is_foreign(path));
    let found = own.or_else(|| places.iter().find(|(path, _)| !is_foreign(path) && !is_ours(path)));
    let (path, rest) = found?;
    let path = path.strip_prefix(root).unwrap_or_else(|_| within_package(path));
    Some(format!("{}:{rest}", path.display())).filter(|place| place.len() <= PLACE_BYTES_MAX)
}

/// The end of a path from the folder above `src` on, because where that lies is of the machine.
fn within_package(path: &Path) -> &Path {
    let above = path.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "src"));
    let outside = above.and_then(Path::parent).and_then(Path::parent).or(path.parent());
    outside.and_then(|outside| path.strip_prefix(outside).ok()).unwrap_or(path)
}

/// The lines that an address belongs to, with those of what was inlined there, innermost first.
fn at(context: &Context<Slice<'_>>, address: u64) -> Vec<(PathBuf, String)> {
    let mut places = Vec::new();
    let LookupResult::Output(Ok(mut frames)) = context.find_frames(address) else { return places };
    while let Ok(Some(frame)) = frames.next() {
        places.extend(place(&frame));
    }
    places
}

fn place(frame: &Frame<'_, Slice<'_>>) -> Option<(PathBuf, String)> {
    let location = frame.location.as_ref()?;
    let file = location.file.filter(|file| !file.contains(|c: char| c.is_control()))?;
    let (line, column) = (location.line.unwrap_or_default(), location.column.unwrap_or_default());
    Some((normal(Path::new(file)), format!("{line}:{column}")))
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    use std::path::Component::{CurDir, ParentDir};
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            CurDir => {}
            ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}

/// Whether a source is of Rust itself or of a package that cargo has fetched.
fn is_foreign(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.starts_with("/rustc/")
        || text.contains("/lib/rustlib/src/")
        || text.contains("/registry/src/")
        || text.contains("/git/checkouts/")
}

/// Whether a source is of the SDK.
fn is_ours(path: &Path) -> bool {
    path.to_string_lossy().contains("/orket-runtime/src/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surroundings::Draws;

    /// The sections of a program with one function, into which so many calls are inlined.
    struct Tables {
        abbreviations: Vec<u8>,
        entries: Vec<u8>,
    }

    impl Tables {
        fn nested(levels: usize) -> Self {
            let mut abbreviations = Vec::new();
            for (number, tag) in [(1, 0x11), (2, 0x2e), (3, 0x1d)] {
                // With children; from address to address: `low_pc` as an address, `high_pc` as eight bytes of data.
                abbreviations.extend([number, tag, 1, 0x11, 0x01, 0x12, 0x07, 0, 0]);
            }
            abbreviations.push(0);
            // Version 4, the first table of abbreviations, addresses of eight bytes.
            let mut entries = vec![4, 0, 0, 0, 0, 0, 8];
            for level in 0..levels + 2 {
                entries.push(u8::try_from(level + 1).unwrap_or(3).min(3));
                entries.extend([0x1000_u64, 0x100].map(u64::to_le_bytes).concat());
            }
            entries.resize(entries.len() + levels + 2, 0);
            let length = u32::try_from(entries.len()).expect("a short table");
            Self { abbreviations, entries: [length.to_le_bytes().to_vec(), entries].concat() }
        }

        fn context(&self) -> Option<Context<Slice<'_>>> {
            let section = |id| {
                let bytes: &[u8] = match id {
                    SectionId::DebugAbbrev => &self.abbreviations,
                    SectionId::DebugInfo => &self.entries,
                    _ => &[],
                };
                Ok::<_, gimli::Error>(Slice::new(bytes, RunTimeEndian::Little))
            };
            readable(Dwarf::load(section).ok()?, &OnceLock::new())
        }
    }

    #[test]
    fn what_is_inlined_deeper_than_by_a_compiler_is_not_read() {
        for (levels, is_read) in
            [(0, true), (3, true), (INLINED_MAX, true), (INLINED_MAX + 1, false), (1 << 20, false)]
        {
            let tables = Tables::nested(levels);
            let context = tables.context();
            assert_eq!(context.is_some(), is_read, "{levels} levels");
            // Nothing has a line there; it is enough that this ends.
            assert_eq!(context.map_or(0, |context| at(&context, 0x1010).len()), 0);
        }
    }

    #[test]
    fn tables_whose_abbreviations_are_read_too_often_are_not_read() {
        let one = Tables::nested(0);
        for (units, is_read) in [(UNITS_MAX, true), (UNITS_MAX + 1, false)] {
            let tables =
                Tables { abbreviations: one.abbreviations.clone(), entries: one.entries.repeat(units) };
            assert_eq!(tables.context().is_some(), is_read, "{units} units");
        }
        // A table of a megabyte, for each of so many units.
        let long: Vec<u8> = (2_u8..=100)
            .flat_map(|number| [vec![number, 0x2e, 1], [0x11, 0x01].repeat(5_300), vec![0, 0]].concat())
            .collect();
        let mut abbreviations = vec![1, 0x11, 1, 0x11, 0x01, 0x12, 0x07, 0, 0];
        abbreviations.extend(long);
        abbreviations.push(0);
        let most = ABBREVIATION_BYTES_MAX / abbreviations.len();
        let mut entries = vec![4, 0, 0, 0, 0, 0, 8, 1];
        entries.extend([0x1000_u64, 0x100].map(u64::to_le_bytes).concat());
        entries.push(0);
        let entries = [(entries.len() as u32).to_le_bytes().to_vec(), entries].concat();
        for (units, is_read) in [(2, true), (most + 1, false)] {
            let tables = Tables { abbreviations: abbreviations.clone(), entries: entries.repeat(units) };
            assert_eq!(tables.context().is_some(), is_read, "{units} units");
        }
    }

    #[test]
    fn tables_of_any_bytes_are_read_to_an_end() {
        let mut draws = Draws::new(7);
        for _ in 0..2_000 {
            let mut tables = Tables::nested(4);
            for _ in 0..=draws.below(4) {
                let Tables { abbreviations, entries } = &mut tables;
                let bytes = if draws.below(2) == 0 { abbreviations } else { entries };
                let place = draws.below(bytes.len() as u64) as usize;
                bytes[place] = draws.next() as u8;
            }
            if let Some(context) = tables.context() {
                at(&context, 0x1010);
            }
        }
    }

    #[test]
    fn a_place_names_no_folder_of_the_machine() {
        for (path, expected) in [
            ("/home/ann/deck/src/main.rs", "deck/src/main.rs"),
            ("/src/deck/src/cards/red.rs", "deck/src/cards/red.rs"),
            ("/home/ann/build/generated.rs", "generated.rs"),
            ("/src/main.rs", "main.rs"),
            ("main.rs", "main.rs"),
        ] {
            assert_eq!(within_package(Path::new(path)), Path::new(expected));
        }
        assert_eq!(normal(Path::new("/a/./b/../c.rs")), Path::new("/a/c.rs"));
    }
}
