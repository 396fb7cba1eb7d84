//! From addresses in a program to lines of its author's sources, as far as the program knows them.

use super::Resolved;
use addr2line::gimli::{Dwarf, EndianSlice, RunTimeEndian, SectionId};
use addr2line::{Context, Frame, LookupResult};
use object::read::ReadCache;
use object::{File, Object, ObjectSection};
use std::path::{Path, PathBuf};

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;

/// The largest table of lines that is read, in bytes; a program has a few.
const SECTION_BYTES_MAX: u64 = 256 << 20;
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
    let context = File::parse(&cache).ok().and_then(|file| context(&file));
    let Some(context) = context else { return nothing() };
    callers.iter().map(|callers| of_author(&context, callers, extension.root())).collect()
}

fn context<'a>(file: &File<'a, &'a ReadCache<std::fs::File>>) -> Option<Context<Slice<'a>>> {
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let section = |id: SectionId| -> Result<Slice<'a>, addr2line::gimli::Error> {
        let section = file.section_by_name(id.name()).filter(|section| section.size() <= SECTION_BYTES_MAX);
        let bytes = section.and_then(|section| section.data().ok()).unwrap_or_default();
        Ok(Slice::new(bytes, endian))
    };
    Context::from_dwarf(Dwarf::load(section).ok()?).ok()
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
