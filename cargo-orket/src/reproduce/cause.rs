//! Why two builds of one source differ: what can be seen of it, and how it is mended.

use super::elsewhere::Elsewhere;
use super::time;
use crate::project::{Artifact, Script};
use orket_contract::code;
use orket_contract::issue::Issue;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The largest file of a build script that is looked into, in bytes (16 MiB).
const FILE_BYTES_MAX: u64 = 16 << 20;

/// A likely cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What kind it is.
    pub(crate) cause: Cause,
    /// What was found, for people.
    pub(crate) what: String,
    /// The lines that mend it.
    pub(crate) mend: String,
}

/// A kind of cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// A path of the machine.
    Path,
    /// The time of the build.
    Time,
    /// A build script leaves something else each time or place.
    BuildScript,
    /// A package outside of the workspace: its absolute path is part of symbol names.
    OutsideWorkspace,
}

const MEND_PATH: &str = "keep the contents, not the place: `include_str!(concat!(env!(\"OUT_DIR\"), \"/FILE\"))` instead of \
                         `env!(\"OUT_DIR\")`, and a material instead of `env!(\"CARGO_MANIFEST_DIR\")`";
const MEND_TIME: &str = "take the time that you are told, in build.rs: \
                         `println!(\"cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH\");` and \
                         `std::env::var(\"SOURCE_DATE_EPOCH\")`";
const MEND_SCRIPT: &str = "let build.rs write the same bytes each time: sort what it lists, use no random number, no \
                           `HashMap` order and nothing of the machine";
const MEND_OUTSIDE: &str = "make it a member of the same workspace (`[workspace] members = [\"EXTENSION\", \"DEPENDENCY\"]` in a \
                            folder around both), or depend on it with `version = \"…\"` or `git = \"…\", rev = \"…\"`";

impl Finding {
    /// It as an issue.
    pub(super) fn issue(&self) -> Issue {
        Issue::error(code::BUILD_NOT_REPRODUCIBLE, format!("likely cause: {}", self.what))
            .with_hint(self.mend.clone())
    }
}

/// The likely causes, the most telling first.
pub(super) fn find(
    ours: &Artifact,
    theirs: &Artifact,
    bytes: &[u8],
    others: &[u8],
    copy: &Elsewhere,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for script in &ours.scripts {
        let other = theirs.scripts.iter().find(|other| other.package == script.package);
        found.extend(other.and_then(|other| in_script(script, other)));
    }
    found.extend(path_in(bytes, &places(ours)).map(|path| Finding {
        cause: Cause::Path,
        what: format!("the program holds the path {path}"),
        mend: MEND_PATH.to_owned(),
    }));
    if found.is_empty() {
        found.extend(time::differing(bytes, others).map(|(here, there)| Finding {
            cause: Cause::Time,
            what: format!("the program holds the time of its build: `{here}` here, `{there}` elsewhere"),
            mend: MEND_TIME.to_owned(),
        }));
    }
    found.extend(copy.outside(&ours.extension.workspace_root).map(|root| Finding {
        cause: Cause::OutsideWorkspace,
        what: format!(
            "{} lies outside of the workspace, and cargo puts its absolute path into symbol names",
            root.display()
        ),
        mend: MEND_OUTSIDE.to_owned(),
    }));
    found
}

/// Places that were others in the other build.
fn places(artifact: &Artifact) -> Vec<PathBuf> {
    let outs = artifact.scripts.iter().map(|script| script.out_dir.clone());
    let target = artifact.path.parent().map(Path::to_path_buf);
    outs.chain(target).chain([artifact.extension.workspace_root.clone()]).collect()
}

/// The first of the paths that stands in some bytes, with what follows it.
fn path_in(bytes: &[u8], places: &[PathBuf]) -> Option<String> {
    let at = |place: &PathBuf| {
        let needle = place.as_os_str().as_encoded_bytes();
        let at = find_bytes(bytes, needle)?;
        let rest = &bytes[at..];
        if rest.get(needle.len()) != Some(&b'/') {
            return Some(place.display().to_string());
        }
        let end = rest
            .iter()
            .take(needle.len() + 100)
            .position(|byte| !(byte.is_ascii_alphanumeric() || b"/._-+".contains(byte)));
        Some(String::from_utf8_lossy(&rest[..end.unwrap_or(needle.len())]).into_owned())
    };
    places.iter().find_map(at)
}

fn find_bytes(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// What differs between what a build script left here and elsewhere.
fn in_script(ours: &Script, theirs: &Script) -> Option<Finding> {
    let named = |what: &str| format!("the build script of `{}` {what}", ours.package);
    let (here, there) = (files(&ours.out_dir, &ours.out_dir), files(&theirs.out_dir, &theirs.out_dir));
    for (name, path) in &here {
        let Some(other) = there.get(name) else {
            return Some(other_result(named(&format!("wrote `{name}` here alone")), &[], &[], ours));
        };
        let (a, b) = (read(path), read(other));
        if a != b {
            return Some(other_result(named(&format!("wrote another `{name}`")), &a, &b, ours));
        }
    }
    if let Some(name) = there.keys().find(|name| !here.contains_key(*name)) {
        return Some(other_result(named(&format!("wrote `{name}` elsewhere alone")), &[], &[], ours));
    }
    let set = |script: &Script| script.env.iter().cloned().collect::<BTreeMap<_, _>>();
    let (here, there) = (set(ours), set(theirs));
    let (name, value) = here.iter().find(|(name, value)| there.get(*name) != Some(value))?;
    let other = there.get(name).map(String::as_bytes).unwrap_or_default();
    Some(other_result(named(&format!("set another `{name}`")), value.as_bytes(), other, ours))
}

/// A finding about a build script, with what its bytes tell.
fn other_result(what: String, ours: &[u8], theirs: &[u8], script: &Script) -> Finding {
    if let Some(path) = path_in(ours, std::slice::from_ref(&script.out_dir)) {
        return Finding {
            cause: Cause::Path,
            what: format!("{what}: it holds the path {path}"),
            mend: MEND_PATH.to_owned(),
        };
    }
    if let Some((here, there)) = time::differing(ours, theirs) {
        let what = format!("{what}: it holds the time, `{here}` here and `{there}` elsewhere");
        return Finding { cause: Cause::Time, what, mend: MEND_TIME.to_owned() };
    }
    Finding { cause: Cause::BuildScript, what, mend: MEND_SCRIPT.to_owned() }
}

/// All files below a folder by their names in it.
fn files(folder: &Path, root: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path, root));
        } else if path.is_file() {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            found.insert(name, path);
        }
    }
    found
}

fn read(path: &Path) -> Vec<u8> {
    let small = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= FILE_BYTES_MAX);
    if small { fs::read(path).unwrap_or_default() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(folder: &Path, text: &str) -> Script {
        let out_dir = folder.join("out");
        fs::create_dir_all(&out_dir).unwrap();
        fs::write(out_dir.join("made.rs"), text.replace("OUT", &out_dir.display().to_string())).unwrap();
        Script { package: "game".to_owned(), out_dir, env: Vec::new() }
    }

    #[track_caller]
    fn check(ours: &str, theirs: &str, expected: Option<Cause>) {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let found = in_script(&script(a.path(), ours), &script(b.path(), theirs));
        assert_eq!(found.map(|finding| finding.cause), expected, "{ours} {theirs}");
    }

    #[test]
    fn what_a_build_script_leaves_tells_the_cause() {
        check("const A: u8 = 1;", "const A: u8 = 1;", None);
        check("const A: &str = \"OUT/x\";", "const A: &str = \"OUT/x\";", Some(Cause::Path));
        check("const A: u64 = 1790000000;", "const A: u64 = 1790000042;", Some(Cause::Time));
        check("const A: u64 = 17;", "const A: u64 = 4242;", Some(Cause::BuildScript));
    }

    #[test]
    fn a_variable_that_differs_counts_too() {
        let folder = tempfile::tempdir().unwrap();
        let with = |value: &str| {
            let mut script = script(folder.path(), "");
            script.env.push(("BUILT".to_owned(), value.to_owned()));
            script
        };
        let finding = in_script(&with("2026-11-28T20:00:01Z"), &with("2026-11-28T20:00:09Z")).unwrap();
        assert_eq!(finding.cause, Cause::Time);
        assert!(finding.what.contains("set another `BUILT`"), "{}", finding.what);
    }

    #[test]
    fn a_path_is_shown_as_far_as_it_goes() {
        let places = [PathBuf::from("/home/ann/game")];
        assert_eq!(
            path_in(b"\0x/home/ann/game/src/main.rs\0", &places).as_deref(),
            Some("/home/ann/game/src/main.rs")
        );
        assert_eq!(path_in(b"/home/ann/gam", &places), None);
    }
}
