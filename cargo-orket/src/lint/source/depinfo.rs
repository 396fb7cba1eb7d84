//! The files that rustc read for a unit, as its dep-info lists them.

use std::path::{Path, PathBuf};

/// The files of a dep-info, named from the folder that rustc ran in; none when it cannot be read.
pub(super) fn files(path: &Path, from: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let rule = text.lines().find_map(|line| line.split_once(".d: ")).map_or("", |(_, list)| list);
    words(rule).iter().map(|word| from.join(word)).collect()
}

/// The words of a rule, in which a space of a name is escaped.
pub(in crate::lint) fn words(rule: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = rule.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' if characters.peek() == Some(&' ') => word.extend(characters.next()),
            ' ' => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_a_space() {
        assert_eq!(words(r"src/lib.rs src/a\ b.rs  c\d.rs"), ["src/lib.rs", "src/a b.rs", r"c\d.rs"]);
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[test]
    fn the_first_rule_lists_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.d");
        std::fs::write(&path, "/t/a.d: src/lib.rs /out/g.rs\n\n/t/a.rmeta: src/lib.rs\n\n# env-dep:X=1\n")
            .unwrap();
        assert_eq!(files(&path, Path::new("/w")), [Path::new("/w/src/lib.rs"), Path::new("/out/g.rs")]);
        assert_eq!(files(&folder.path().join("none"), Path::new("/w")), Vec::<PathBuf>::new());
    }
}
