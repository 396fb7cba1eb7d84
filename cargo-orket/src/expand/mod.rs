//! What the attributes add, shown in the author's own source: nothing is built, so that it works on code
//! that does not compile.
//!
//! The author's text stays as it is, comments and all; an attribute gives way to what it adds. What macros of others
//! make is not seen.

mod add;
mod readable;
mod source;

pub(crate) use source::roots;

use crate::error::{Error, Result};
use add::Addition;
use orket_contract::issue::Issue;
use orket_contract::{code, suggest};
use source::Source;
use std::path::{Path, PathBuf};

/// A source with what its attributes add.
pub(crate) struct Expanded {
    /// The file, relative to the package where it lies in it.
    pub(crate) file: String,
    /// Its text, or what concerns the workload that was asked for.
    pub(crate) text: String,
}

/// Expands the sources that the files in `roots` are made of; of a workload that is named, its own part alone.
///
/// # Errors
/// The mistakes that the attributes report; `build.failed` for what is no Rust, `workload.unknown`.
pub(crate) fn expand(roots: &[PathBuf], package: &Path, workload: Option<&str>) -> Result<Vec<Expanded>> {
    let sources = source::all(roots, package)?;
    let mut found = Vec::new();
    let (mut issues, mut known) = (Vec::new(), Vec::new());
    for source in &sources {
        let additions = add::all(&source.file.items);
        known.extend(additions.iter().filter(|addition| addition.is_workload).map(|own| own.name.clone()));
        let wanted =
            |addition: &&Addition| workload.is_none_or(|name| addition.is_workload && addition.goes_by(name));
        issues.extend(additions.iter().filter(wanted).flat_map(|addition| addition.issues(source)));
        let text = match workload {
            None if additions.is_empty() => continue,
            None => spliced(source, 0, source.text.len(), &additions),
            Some(_) => {
                let own: Vec<_> = additions.iter().filter(wanted).map(|own| part(source, own)).collect();
                if own.is_empty() {
                    continue;
                }
                own.join("\n")
            }
        };
        found.push(Expanded { file: source.name.clone(), text });
    }
    if !issues.is_empty() {
        return Err(Error::Refused(issues));
    }
    if found.is_empty() { Err(nothing(workload, &known).into()) } else { Ok(found) }
}

fn part(source: &Source, addition: &Addition) -> String {
    let start = source.line_start(addition.item.start);
    spliced(source, start, addition.item.end, std::slice::from_ref(addition))
}

/// A stretch of a source in which additions take the place of their attributes.
fn spliced(source: &Source, start: usize, end: usize, additions: &[Addition]) -> String {
    let mut edits: Vec<_> = additions.iter().flat_map(|addition| addition.edits(source)).collect();
    // An outer addition ends where an inner one ends at the latest: ties keep their order.
    edits.sort_by_key(|edit| edit.range.start);
    let (mut text, mut at) = (String::new(), start);
    for edit in edits {
        text.push_str(&source.text[at..edit.range.start]);
        text.push_str(&edit.text);
        at = edit.range.end;
    }
    text.push_str(&source.text[at..end.max(at)]);
    text
}

fn nothing(workload: Option<&str>, known: &[String]) -> Issue {
    let Some(name) = workload else {
        let message = "no attribute of Orket stands in the sources of the package";
        return Issue::error(code::EXTENSION_EMPTY, message)
            .with_hint("what other macros make is not seen here");
    };
    let issue = Issue::error(code::WORKLOAD_UNKNOWN, format!("no source here has a workload `{name}`"));
    match suggest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => issue.with_hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => issue,
        None => issue.with_hint(format!("there are `{}`", known.join("`, `"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package of these files, expanded.
    fn expanded(files: &[(&str, &str)], workload: Option<&str>) -> Result<Vec<Expanded>> {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a source");
        }
        expand(&[dir.path().join(files[0].0)], dir.path(), workload)
    }

    const GAME: &str = "\
#[orket_runtime::extension(id = \"a.game\")]
pub mod game {
    use orket_runtime::prelude::*;

    /// What it takes.
    #[derive(serde::Deserialize, Schema)]
    pub struct Input {
        pub npcs: u8, // how many
    }

    #[workload(id = \"play_v1\")]
    pub fn play(_: &mut WorkloadContext, _: Input) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({})) // ends at once, ä
    }

    #[workload] pub use crate::other::rest;
}

mod other;
";

    const OTHER: &str = "\
pub mod deep {
    mod far;
}
#[orket_runtime::workload]
pub fn rest(_: &mut orket_runtime::workload::WorkloadContext) -> orket_runtime::Result<Done> { unreachable!() }
";

    fn game() -> Vec<(&'static str, &'static str)> {
        vec![("src/lib.rs", GAME), ("src/other.rs", OTHER), ("src/other/deep/far.rs", "fn nothing() {}")]
    }

    #[test]
    fn the_authors_text_stays_and_attributes_give_way_to_what_they_add() {
        let all = expanded(&game(), None).expect("expands");
        let files: Vec<_> = all.iter().map(|expanded| expanded.file.as_str()).collect();
        assert_eq!(files, ["src/lib.rs", "src/other.rs"]);
        let text = &all[0].text;
        assert!(syn::parse_file(text).is_ok(), "{text}");
        for kept in [
            "pub mod game {\n    use orket_runtime::prelude::*;\n",
            "    /// What it takes.\n    #[derive(serde::Deserialize)]\n    pub struct Input {\n",
            "        pub npcs: u8, // how many\n",
            "        WorkloadResult::ok(json!({})) // ends at once, ä\n    }\n",
            "\n    pub use crate::other::rest;\n",
            "}\n\nmod other;\n",
        ] {
            assert!(text.contains(kept), "{kept}\n{text}");
        }
        for added in [
            "    impl internal::Schema for Input {\n",
            "    pub const __orket_workload_play: internal::WorkloadEntry = internal::WorkloadEntry {\n",
            "    pub static __orket: internal::ExtensionEntry = {\n",
        ] {
            assert!(text.contains(added), "{added}\n{text}");
        }
        for noise in ["#[workload", "extension(id", "#[allow", "#[doc(hidden)]", "::core::option"] {
            assert!(!text.contains(noise), "{noise}\n{text}");
        }
    }

    #[test]
    fn a_workload_is_shown_alone_by_its_id_or_function() {
        for name in ["play_v1", "play"] {
            let all = expanded(&game(), Some(name)).expect("expands");
            assert_eq!(all.len(), 1);
            assert!(all[0].text.starts_with("    pub fn play("), "{}", all[0].text);
            assert!(all[0].text.contains("const __orket_workload_play:"), "{}", all[0].text);
            assert!(!all[0].text.contains("__orket:"), "{}", all[0].text);
        }
        assert_eq!(expanded(&game(), Some("rest")).expect("expands")[0].file, "src/other.rs");
    }

    #[track_caller]
    fn check_refused(files: &[(&str, &str)], workload: Option<&str>, expected: &str) {
        let error = expanded(files, workload).map(|_| ()).expect_err("refused");
        let issues: Vec<String> = error
            .issues()
            .iter()
            .map(|issue| {
                let place = issue.location.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("{} {place} {}", issue.code, issue.hint.clone().unwrap_or_default())
            })
            .collect();
        assert_eq!(issues, [expected]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let wrong = "#[workload(budget(cpu = \"1h\"))]\npub fn f(_: &mut WorkloadContext) -> Result<WorkloadResult> {}";
        let explain = "see `cargo orket explain option.invalid`";
        check_refused(&[("main.rs", wrong)], None, &format!("option.invalid main.rs:1:25 {explain}"));
        let check = "`cargo check` says more";
        check_refused(&[("main.rs", "fn f( {")], None, &format!("build.failed main.rs:1:7 {check}"));
        check_refused(
            &[("main.rs", "fn f() {}\nlet x;")],
            None,
            &format!("build.failed main.rs:2:1 {check}"),
        );
        check_refused(&game(), Some("play_v2"), "workload.unknown  did you mean `play_v1`?");
        check_refused(
            &[("main.rs", "mod gone;")],
            None,
            "build.failed main.rs:1:5 write `gone.rs` or `gone/mod.rs`",
        );
        check_refused(&[("main.rs", "")], None, "extension.empty  what other macros make is not seen here");
    }
}
