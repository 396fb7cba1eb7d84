//! Which compiler made a program, as the program itself says.

use object::{File, Object, ObjectSection, ReadRef};

/// The most bytes of comments that are looked at.
const COMMENT_BYTES_MAX: u64 = 64 << 10;
/// What rustc writes before its version.
const MARK: &str = "rustc version ";

/// The compiler as `rustc --version` names it; none where the program has lost that, or its format has no place
/// for it.
pub(super) fn read<'data, R: ReadRef<'data>>(program: R) -> Option<String> {
    let file = File::parse(program).ok()?;
    let section = file.section_by_name(".comment").filter(|section| section.size() <= COMMENT_BYTES_MAX)?;
    find(section.data().ok()?)
}

fn find(comments: &[u8]) -> Option<String> {
    let comments = comments.split(|byte| *byte == 0).filter_map(|comment| std::str::from_utf8(comment).ok());
    let plain =
        |version: &&str| version.len() <= 100 && version.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let version = comments.filter_map(|comment| comment.strip_prefix(MARK)).find(plain)?;
    Some(format!("rustc {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_is_found_among_the_comments() {
        let comments = b"\0GCC: (Debian) 12.2.0\0rustc version 1.95.0 (59807616e 2026-04-14)\0Linker: LLD\0";
        assert_eq!(find(comments).as_deref(), Some("rustc 1.95.0 (59807616e 2026-04-14)"));
        assert_eq!(find(b""), None);
        assert_eq!(find(b"rustc version \xff\0"), None);
        assert_eq!(find(b"rustc version \x1b[2J\0"), None);
        assert_eq!(find(format!("{MARK}{}", "1".repeat(200)).as_bytes()), None);
    }

    #[test]
    fn this_very_program_names_its_compiler() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(read(&*program).is_some_and(|compiler| compiler.starts_with("rustc 1.")));
    }
}
