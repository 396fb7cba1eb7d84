//! Templates for new extensions: embedded, or read from a folder that somebody else filled; rendered offline.
//!
//! In a template folder `dot-x` becomes `.x` (a real dot file would steer git and cargo here), and
//! a name that ends in `.in` is rendered and loses that end; all else is copied as it is. What every
//! template of ours has lies in `common`, and a template's own file goes before it.

mod description;
mod foreign;
mod format;
mod language;
mod migrated;
mod name;
mod render;
mod sdk;
mod value;
mod workspace;

pub(crate) use description::Description;
pub(crate) use format::rustfmt;
pub(crate) use migrated::Migrated;
pub(crate) use name::{CrateName, is_reserved};
pub(crate) use render::Values;
pub(crate) use sdk::Sdk;
pub(crate) use value::{Chosen, Declared, Given, Scalar, absent, choose};
pub(crate) use workspace::joins_workspace;

use crate::args::Ci;
use crate::error::{Error, Result};
use orket_contract::issue::{Issue, Location};
use orket_contract::{code, suggest};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The pages about codes that are packed with the tool: file name and text.
pub(crate) use embedded::{CODES, SCHEMA};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// The folder of what every template of ours has.
const COMMON: &str = "common";

/// The template that `migrate` fills, which nobody starts from.
const MIGRATED: &str = "migrated";

/// The workflow of each CI, by its path in a template.
const CI: &[(Ci, &str)] =
    &[(Ci::Github, "dot-github/workflows/ci.yml.in"), (Ci::Gitlab, "dot-gitlab-ci.yml.in")];

/// The largest file of values, in bytes (64 KiB).
const VALUES_BYTES_MAX: u64 = 64 << 10;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    /// Its name; where it was fetched from, if it is not ours.
    pub(crate) name: String,
    /// What it says of itself.
    pub(crate) description: Description,
    files: Vec<File>,
    is_foreign: bool,
}

/// A file of a template, by its path there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    path: String,
    bytes: Cow<'static, [u8]>,
}

/// The embedded files of a folder, by their paths in it.
fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = embedded::TEMPLATES.iter();
    all.filter_map(move |(path, text)| Some((path.strip_prefix(folder)?.strip_prefix('/')?, *text)))
}

impl File {
    fn embedded((path, text): (&str, &'static str)) -> Self {
        Self { path: path.to_owned(), bytes: Cow::Borrowed(text.as_bytes()) }
    }

    fn is_rendered(&self) -> bool {
        self.path.ends_with(".in")
    }
}

/// A file of a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Its path below the crate's folder.
    pub(crate) path: PathBuf,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
    /// Whether it is a source that is written as rustfmt would.
    pub(crate) is_formatted: bool,
}

impl Template {
    /// All templates that one can start from, by name.
    pub(crate) fn all() -> Vec<Self> {
        let names = embedded::TEMPLATES.iter().filter_map(|(path, _)| path.strip_suffix("/template.toml"));
        names.filter(|name| *name != MIGRATED).map(Self::embedded).collect()
    }

    /// The template for what is migrated from an older manifest.
    pub(crate) fn migrated() -> Self {
        Self::embedded(MIGRATED)
    }

    fn embedded(name: &str) -> Self {
        let mut files: BTreeMap<&str, &str> = below(COMMON).chain(below(name)).collect();
        let description = files.remove(description::FILE).unwrap_or_default();
        let description = Description::parse(description).expect("the tests read every template");
        let files = files.into_iter().map(File::embedded).collect();
        Self { name: name.to_owned(), description, files, is_foreign: false }
    }

    /// The template of that name.
    ///
    /// # Errors
    /// `template.unknown` with the known ones.
    pub(crate) fn find(name: &str) -> Result<Self> {
        let all = Self::all();
        let known = || all.iter().map(|template| template.name.as_str());
        all.iter().find(|template| template.name == name).cloned().ok_or_else(|| {
            let list: Vec<_> = known().map(|name| format!("`{name}`")).collect();
            let hint = match suggest::nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("templates: {}", list.join(", ")),
            };
            Issue::error(code::TEMPLATE_UNKNOWN, format!("there is no template `{name}`"))
                .with_hint(hint)
                .into()
        })
    }

    /// Whether somebody else wrote it.
    pub(crate) fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    /// With the workflow for one CI, and of ours with that alone; what a template of others has of its own stays.
    pub(crate) fn with_ci(mut self, ci: Ci) -> Self {
        let is_theirs = |path: &str| CI.iter().any(|(_, own)| *own == path);
        if !self.is_foreign {
            self.files.retain(|file| !is_theirs(&file.path) || CI.contains(&(ci, file.path.as_str())));
            return self;
        }
        let ours = below(COMMON).filter(|(path, _)| CI.contains(&(ci, *path))).map(File::embedded);
        let missing: Vec<File> = ours
            .filter(|ours| !self.files.iter().any(|file| target(&file.path) == target(&ours.path)))
            .collect();
        self.files.extend(missing);
        self
    }

    /// The files of a crate.
    ///
    /// # Errors
    /// `template.invalid` where it cannot be filled, or gives a crate of another name.
    pub(crate) fn render(&self, values: &Values<'_>) -> Result<Vec<Rendered>> {
        let services = self.services(values)?;
        let (mut rendered, mut issues) = (Vec::new(), Vec::new());
        for file in &self.files {
            match file.render(values, &services) {
                Ok(bytes) => rendered.push(self.place(file, bytes)),
                Err((line, why)) => issues.push(invalid(&file.path, line, &why)),
            }
        }
        if issues.is_empty() {
            issues.extend(names_another(&rendered, values.name));
        }
        if issues.is_empty() { Ok(rendered) } else { Err(Error::Refused(issues)) }
    }

    /// What a first run is provided with, by the variables that name it.
    ///
    /// # Errors
    /// `template.invalid`.
    pub(crate) fn services(&self, values: &Values<'_>) -> Result<BTreeMap<String, String>> {
        let own = self.description.services.iter();
        own.map(|(variable, text)| {
            let value = values.render(text, &BTreeMap::new());
            let value = value.map_err(|(line, why)| invalid(description::FILE, line, &why))?;
            Ok((variable.clone(), value))
        })
        .collect()
    }

    /// What others wrote stays as it is, unless something was filled in.
    fn place(&self, file: &File, bytes: Vec<u8>) -> Rendered {
        let path = target(&file.path);
        let is_source = path.extension().is_some_and(|end| end == "rs");
        Rendered { path, bytes, is_formatted: is_source && (file.is_rendered() || !self.is_foreign) }
    }
}

impl File {
    fn render(
        &self,
        values: &Values<'_>,
        services: &BTreeMap<String, String>,
    ) -> Result<Vec<u8>, (u32, String)> {
        if !self.is_rendered() {
            return Ok(self.bytes.to_vec());
        }
        let text = std::str::from_utf8(&self.bytes).map_err(|_| (1, "it is not UTF-8".to_owned()))?;
        values.render(text, services).map(String::into_bytes)
    }
}

/// That the manifest of a crate cannot be read, or names another crate.
fn names_another(rendered: &[Rendered], name: &CrateName) -> Option<Issue> {
    let manifest = rendered.iter().find(|file| file.path == Path::new("Cargo.toml"))?;
    let text = String::from_utf8_lossy(&manifest.bytes);
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => return Some(invalid("Cargo.toml", 1, error.message())),
    };
    let found = table.get("package").and_then(|package| package.get("name")?.as_str());
    (found != Some(name.as_str())).then(|| {
        let why =
            format!("it does not name the package `{}`; write `name = \"{{{{ name }}}}\"`", name.as_str());
        invalid("Cargo.toml", 1, &why)
    })
}

fn invalid(file: &str, line: u32, why: &str) -> Issue {
    let place = Location { file: file.to_owned(), line, column: 1 };
    Issue::error(code::TEMPLATE_INVALID, why.lines().next().unwrap_or_default()).at(place)
}

/// Where a file of a template goes.
fn target(path: &str) -> PathBuf {
    let path = path.strip_suffix(".in").unwrap_or(path);
    let segments = path.split('/').map(|segment| match segment.strip_prefix("dot-") {
        Some(hidden) => format!(".{hidden}"),
        None => segment.to_owned(),
    });
    segments.collect()
}

/// The text of a small file.
fn bounded(path: &Path) -> Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(Error::file("read", path))?;
    file.take(VALUES_BYTES_MAX + 1).read_to_string(&mut text).map_err(Error::file("read", path))?;
    if text.len() as u64 > VALUES_BYTES_MAX {
        let message = format!("{} has more than {VALUES_BYTES_MAX} bytes", path.display());
        return Err(Issue::error(code::TEMPLATE_VALUE_INVALID, message).into());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_renders_a_whole_crate() {
        let name = CrateName::parse("hello-there").unwrap();
        let sdk = Sdk::parse("1.2").unwrap();
        for template in Template::all() {
            let chosen = choose(&template.description.values, &[], None).expect("each value has a default");
            for own_workspace in [true, false] {
                let values = Values {
                    name: &name,
                    edition: "2021",
                    sdk: &sdk,
                    own_workspace,
                    from: None,
                    chosen: &chosen,
                };
                let files = template.render(&values).unwrap();
                let find = |path: &str| files.iter().find(|file| file.path == Path::new(path));
                let manifest = find("Cargo.toml").expect("a manifest");
                let manifest: toml::Table = String::from_utf8_lossy(&manifest.bytes).parse().unwrap();
                assert_eq!(manifest.contains_key("workspace"), own_workspace);
                for file in
                    ["src/main.rs", "src/lib.rs", "README.md", ".gitignore", ".github/workflows/ci.yml"]
                {
                    assert!(find(file).is_some(), "{} lacks {file}", template.name);
                }
                assert!(find(description::FILE).is_none());
            }
        }
    }

    #[test]
    fn names_of_files_lose_their_disguise() {
        assert_eq!(target("dot-github/workflows/ci.yml.in"), Path::new(".github/workflows/ci.yml"));
        assert_eq!(target("src/lib.rs"), Path::new("src/lib.rs"));
    }

    #[test]
    fn an_unknown_template_names_the_nearest() {
        let issues = Template::find("minimum").unwrap_err().issues();
        assert_eq!(issues[0].code, code::TEMPLATE_UNKNOWN);
        assert_eq!(issues[0].hint.as_deref(), Some("did you mean `minimal`?"));
    }
}
