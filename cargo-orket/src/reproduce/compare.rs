//! Two programs, section by section.

use object::{Object, ObjectSection};
use std::collections::BTreeMap;

/// The names of the sections that differ, in the order of the first program; empty when only what lies outside of
/// sections does, or nothing.
pub(super) fn differing(ours: &[u8], theirs: &[u8]) -> Vec<String> {
    let (ours, theirs) = (sections(ours), sections(theirs));
    let differs = |(name, data): &&(String, Vec<&[u8]>)| {
        theirs.iter().find(|(other, _)| other == name).is_none_or(|(_, other)| other != data)
    };
    let mut names: Vec<String> = ours.iter().filter(differs).map(|(name, _)| name.clone()).collect();
    names.extend(
        theirs
            .iter()
            .filter(|(name, _)| !ours.iter().any(|(known, _)| known == name))
            .map(|(name, _)| name.clone()),
    );
    names
}

/// The bytes of every section by its name; several may have one.
fn sections(program: &[u8]) -> Vec<(String, Vec<&[u8]>)> {
    let Ok(file) = object::File::parse(program) else { return Vec::new() };
    let (mut order, mut all) = (Vec::new(), BTreeMap::<String, Vec<&[u8]>>::new());
    for section in file.sections() {
        let name = section.name().unwrap_or("?").to_owned();
        if name.is_empty() {
            continue;
        }
        if !all.contains_key(&name) {
            order.push(name.clone());
        }
        all.entry(name).or_default().push(section.data().unwrap_or_default());
    }
    order.into_iter().filter_map(|name| all.remove_entry(&name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_with_the_other_byte_is_named() {
        let ours = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(differing(&ours, &ours), Vec::<String>::new());
        let file = object::File::parse(&*ours).unwrap();
        let (at, _) = file.section_by_name(".comment").unwrap().file_range().unwrap();
        let mut theirs = ours.clone();
        theirs[usize::try_from(at).unwrap()] ^= 1;
        assert_eq!(differing(&ours, &theirs), [".comment"]);
        assert_eq!(differing(b"no program", b"neither"), Vec::<String>::new());
    }
}
