//! The macros, as the compiler sees them: what they refuse and what they accept.
//!
//! In a source that is refused, a comment under a line marks what must be reported in it, and by which code:
//! `//   ^^^^ id.invalid`. A case in `fail` has one mistake; those in `several` show that all are reported at once.

use std::path::{Path, PathBuf};

/// Where an error is: line, column, characters, code.
type Place = (usize, usize, usize, String);

// Apart from the accepted ones, because trybuild checks refused cases all at once only then.
#[test]
fn every_mistake_is_refused_as_recorded() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("*/fail/*.rs");
    cases.compile_fail("*/several/*.rs");
}

/// So are the examples of `docs/macros.md`.
#[test]
fn every_sound_case_is_accepted() {
    let cases = trybuild::TestCases::new();
    cases.pass("*/pass/*.rs");
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/macros.md"));
    let examples: Vec<&str> = page.split("\n```rust\n").skip(1).collect();
    assert!(examples.len() >= 2, "{} examples", examples.len());
    for (at, example) in examples.iter().enumerate() {
        let (source, _) = example.split_once("\n```\n").expect("an example ends");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("macros-{at}.rs"));
        std::fs::write(&path, format!("{source}\n\nfn main() {{}}\n")).expect("the example is written");
        cases.pass(path);
    }
}

#[test]
fn every_mistake_is_one_error_at_its_token_and_nothing_follows() {
    let (single, several) = (sources("fail"), sources("several"));
    assert!(single.len() >= 60, "{} cases", single.len());
    for source in &single {
        assert_eq!(marks(&read(source)).len(), 1, "{}: one mark for one mistake", source.display());
    }
    for source in single.iter().chain(&several) {
        let mut expected = marks(&read(source));
        let mut actual = errors(&read(&source.with_extension("stderr")));
        expected.sort();
        actual.sort();
        assert_eq!(actual, expected, "{}", source.display());
    }
}

fn sources(kind: &str) -> Vec<PathBuf> {
    let folders = list(Path::new(env!("CARGO_MANIFEST_DIR")));
    let mut found: Vec<PathBuf> = folders.iter().flat_map(|folder| list(&folder.join(kind))).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    found.sort();
    found
}

fn list(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The marks of a source. Each belongs to the last line above it that is none.
fn marks(source: &str) -> Vec<Place> {
    let (mut found, mut line) = (Vec::new(), 0);
    for (at, text) in source.lines().enumerate() {
        let mark = text.trim_start().strip_prefix("//").map(str::trim_start);
        match mark.filter(|mark| mark.starts_with('^')) {
            Some(mark) => {
                let length = mark.len() - mark.trim_start_matches('^').len();
                let column = text.find('^').expect("a mark") + 1;
                found.push((line, column, length, mark[length..].trim().to_owned()));
            }
            None => line = at + 1,
        }
    }
    found
}

/// The errors of a compilation, without the summary at its end.
fn errors(output: &str) -> Vec<Place> {
    let mut found = Vec::new();
    for block in output.split("\n\n").filter(|block| block.starts_with("error")) {
        let heading = block.lines().next().unwrap_or_default();
        let code = heading.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
        let arrow = block.lines().find(|line| line.trim_start().starts_with("--> ")).expect("a place");
        let mut place = arrow.rsplit(':').map(|number| number.parse().expect("a number"));
        let (column, line) = (place.next().expect("a column"), place.next().expect("a line"));
        let mut underlines = block.lines().filter(|line| line.trim_start().starts_with('|'));
        let carets = underlines.find_map(|line| Some(&line[line.find('^')?..])).expect("what is underlined");
        found.push((line, column, carets.len() - carets.trim_start_matches('^').len(), code));
    }
    found
}
