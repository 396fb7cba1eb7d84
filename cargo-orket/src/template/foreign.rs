//! Reads a template that somebody else wrote, from a folder.
//!
//! Invariants: no link is followed and nothing but regular files is read; how many, how large and how deep they are is
//! bounded before they are; what they would be called in the crate leads nowhere else and is no file that steers git
//! or cargo. Nothing of it runs.

use super::description::{BUILT_IN, Description, FILE};
use super::{File, Template, language, target};
use crate::error::{Error, Result};
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use orket_engine::package::{Names, check_path};
use std::fs;
use std::io::Read;
use std::path::Path;

/// How many files a template may have, how many bytes each of them, and all together, and how deep they may lie.
const FILES_MAX: usize = 1000;
const FILE_BYTES_MAX: u64 = 1 << 20;
const BYTES_MAX: u64 = 16 << 20;
const DEPTH_MAX: usize = 16;

/// How a pointer to a file begins that is kept elsewhere.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

impl Template {
    /// The template in a folder, which is called so.
    ///
    /// # Errors
    /// `template.invalid`, `template.path`, `template.too-large`: everything that is found.
    pub(crate) fn read(folder: &Path, name: &str) -> Result<Self> {
        let mut walk = Walk { root: folder, bytes: 0, files: Vec::new(), issues: Vec::new() };
        walk.folder("", 0)?;
        let Walk { mut files, mut issues, .. } = walk;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        clashes(&files, &mut issues);
        let description = described(&files).unwrap_or_else(|found| {
            issues.extend(found);
            Description::default()
        });
        let is_read = !issues.iter().any(|issue| issue.code == code::TEMPLATE_INVALID);
        // Without its values every use of one would be reported.
        if is_read {
            issues.extend(files.iter().flat_map(|file| said(file, &description)));
        }
        files.retain(|file| file.path != FILE);
        if issues.is_empty() {
            Ok(Self { name: name.to_owned(), description, files, is_foreign: true })
        } else {
            Err(Error::Refused(issues))
        }
    }
}

fn described(files: &[File]) -> Result<Description, Vec<Issue>> {
    let found = files.iter().find(|file| file.path == FILE).ok_or_else(|| {
        let issue =
            Issue::error(code::TEMPLATE_INVALID, format!("there is no `{FILE}`: this is no template"));
        vec![issue.with_hint("`--subfolder PATH` names the folder of one in the repository")]
    })?;
    let text = std::str::from_utf8(&found.bytes).map_err(|_| vec![not_text(&found.path)])?;
    let description = Description::parse(text)?;
    if !description.services.is_empty() {
        // They would stand in a line to paste.
        let message = "`services` are for the templates of the tool itself; a README can name them";
        return Err(vec![Issue::error(code::TEMPLATE_INVALID, message).at(place(FILE))]);
    }
    let is_crate = files.iter().any(|file| target(&file.path) == Path::new("Cargo.toml"));
    if is_crate {
        return Ok(description);
    }
    Err(vec![Issue::error(code::TEMPLATE_INVALID, "there is no `Cargo.toml.in`: this gives no crate")])
}

/// What a file says that a template may not.
fn said(file: &File, description: &Description) -> Vec<Issue> {
    if !file.is_rendered() {
        return Vec::new();
    }
    let Ok(text) = std::str::from_utf8(&file.bytes) else { return vec![not_text(&file.path)] };
    let texts = BUILT_IN.iter().copied().filter(|name| !["from", "services"].contains(name));
    let known: Vec<&str> = texts.chain(description.values.keys().map(String::as_str)).collect();
    let at = |line| Location { file: file.path.clone(), line, column: 1 };
    let faults = language::faults(text, &known).into_iter();
    faults.map(|(line, why)| Issue::error(code::TEMPLATE_INVALID, why).at(at(line))).collect()
}

fn not_text(path: &str) -> Issue {
    Issue::error(code::TEMPLATE_INVALID, "it is not UTF-8").at(place(path))
}

fn place(path: &str) -> Location {
    Location { file: path.escape_debug().to_string(), ..Location::default() }
}

struct Walk<'a> {
    root: &'a Path,
    bytes: u64,
    files: Vec<File>,
    issues: Vec<Issue>,
}

impl Walk<'_> {
    fn folder(&mut self, below: &str, depth: usize) -> Result<()> {
        let folder = self.root.join(below);
        if depth > DEPTH_MAX {
            return Err(too_large(&format!("a folder lies deeper than {DEPTH_MAX}")));
        }
        for entry in fs::read_dir(&folder).map_err(Error::file("list", &folder))? {
            let entry = entry.map_err(Error::file("list", &folder))?;
            let kind = entry.file_type().map_err(Error::file("look at", &entry.path()))?;
            let name = entry.file_name();
            // What git keeps of the repository itself.
            if below.is_empty() && name == ".git" {
                continue;
            }
            let Some(name) = name.to_str() else {
                self.refuse(&entry.path().display().to_string(), "has a name that is not UTF-8");
                continue;
            };
            let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            if kind.is_dir() {
                self.folder(&path, depth + 1)?;
            } else {
                self.file(path, kind.is_file())?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: String, is_regular: bool) -> Result<()> {
        if !is_regular {
            self.refuse(&path, "is a link or a special file; a template has regular files");
            return Ok(());
        }
        if let Err(why) = fits(&path) {
            self.refuse(&path, why);
            return Ok(());
        }
        let at = self.root.join(&path);
        let mut bytes = Vec::new();
        let opened = fs::File::open(&at).map_err(Error::file("read", &at))?;
        opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(Error::file("read", &at))?;
        self.bytes += bytes.len() as u64;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(too_large(&format!("`{path}` has more than {FILE_BYTES_MAX} bytes")));
        }
        if self.bytes > BYTES_MAX || self.files.len() >= FILES_MAX {
            return Err(too_large(&format!("it has more than {BYTES_MAX} bytes or {FILES_MAX} files")));
        }
        if bytes.starts_with(POINTER) {
            self.refuse(&path, "is a pointer of git LFS; what it points to is not fetched");
            return Ok(());
        }
        self.files.push(File { path, bytes: bytes.into() });
        Ok(())
    }

    fn refuse(&mut self, path: &str, why: &str) {
        let message = format!("`{}` {why}", path.escape_debug());
        self.issues.push(Issue::error(code::TEMPLATE_PATH, message));
    }
}

fn too_large(why: &str) -> Error {
    Issue::error(code::TEMPLATE_TOO_LARGE, format!("the template is too large: {why}")).into()
}

/// Whether a file may have its place in a crate.
fn fits(path: &str) -> Result<(), &'static str> {
    let target = target(path);
    let target = target.to_str().unwrap_or_default();
    check_path(target)?;
    if !target.is_ascii() {
        return Err("has a name with characters that are not of ASCII");
    }
    let steers = target.split('/').map(str::to_ascii_lowercase).any(|name| {
        // The short name that Windows gives it.
        let is_git = name == ".git" || name.starts_with("git~");
        is_git || [".cargo", ".gitmodules", "rust-toolchain", "rust-toolchain.toml"].contains(&name.as_str())
    });
    if steers { Err("would steer git or cargo before anybody has read the crate") } else { Ok(()) }
}

/// Files that would be one file in the crate, here or on another system.
fn clashes(files: &[File], issues: &mut Vec<Issue>) {
    let targets: Vec<String> = files.iter().map(|file| target(&file.path).display().to_string()).collect();
    let mut names = Names::default();
    for (file, target) in files.iter().zip(&targets) {
        if let Err(other) = names.take(target) {
            let message = format!("`{}` and another file would both be `{other}`", file.path);
            issues.push(Issue::error(code::TEMPLATE_PATH, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_crate_and_steers_nothing() {
        for path in ["src/lib.rs.in", "dot-gitignore", ".github/workflows/ci.yml", "content/a b.txt"] {
            assert_eq!(fits(path), Ok(()), "{path}");
        }
        for path in [
            "dot-./x",
            "a/dot-./dot-./x",
            "dot-/x",
            "dot-git/hooks/pre-commit",
            ".git",
            "a/.GIT/config",
            "git~1/config",
            "dot-gitmodules",
            "dot-cargo/config.toml",
            ".cargo/config.toml.in",
            "rust-toolchain.toml",
            "src/nul.rs",
            "a\\b",
            "a:b",
            "x\u{200c}",
            "b\u{f6}se",
            ".in",
            "src/.in",
        ] {
            assert!(fits(path).is_err(), "{path}");
        }
    }
}
