//! Templates for new extensions: embedded, rendered offline.
//!
//! In a template folder `dot-x` becomes `.x` (a real dot file would steer git and cargo here), and
//! a name that ends in `.in` is rendered and loses that end; all else is copied as it is.

mod migrated;
mod name;
mod sdk;
mod workspace;

pub(crate) use migrated::Migrated;
pub(crate) use name::CrateName;
pub(crate) use sdk::Sdk;
pub(crate) use workspace::joins_workspace;

use crate::error::{Error, Result};
use orket_contract::issue::Issue;
use orket_contract::{code, suggest};
use std::path::{Path, PathBuf};

/// The pages about codes that are packed with the tool: file name and text.
pub(crate) use embedded::{CODES, SCHEMA};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// Describes a template; it is not part of what is rendered.
const DESCRIPTION: &str = "template.toml";

/// The template that `migrate` fills, which nobody starts from.
const MIGRATED: &str = "migrated";

/// A template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Template {
    /// Its name.
    pub(crate) name: &'static str,
}

/// What a template is filled with.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    /// The crate's name.
    pub(crate) name: &'a CrateName,
    /// The crate's edition.
    pub(crate) edition: &'a str,
    /// Where the SDK comes from.
    pub(crate) sdk: &'a Sdk,
    /// Whether the crate is a workspace of its own.
    pub(crate) own_workspace: bool,
    /// What it is migrated from.
    pub(crate) from: Option<&'a Migrated>,
}

impl Template {
    /// All templates, by name.
    pub(crate) fn all() -> Vec<Self> {
        let mut names: Vec<_> =
            embedded::TEMPLATES.iter().filter_map(|(path, _)| Some(path.split_once('/')?.0)).collect();
        names.dedup();
        names.retain(|name| *name != MIGRATED);
        names.into_iter().map(|name| Self { name }).collect()
    }

    /// The template for what is migrated from an older manifest.
    pub(crate) fn migrated() -> Self {
        Self { name: MIGRATED }
    }

    /// The template of that name.
    ///
    /// # Errors
    /// `template.unknown` with the known ones.
    pub(crate) fn find(name: &str) -> Result<Self> {
        let all = Self::all();
        let known: Vec<_> = all.iter().map(|template| template.name).collect();
        all.iter().find(|template| template.name == name).copied().ok_or_else(|| {
            let list: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            let hint = match suggest::nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("templates: {}", list.join(", ")),
            };
            Issue::error(code::TEMPLATE_UNKNOWN, format!("there is no template `{name}`"))
                .with_hint(hint)
                .into()
        })
    }

    /// What it is for, in a line.
    pub(crate) fn summary(self) -> String {
        let description = self.files().find(|(path, _)| *path == DESCRIPTION).map(|(_, text)| text);
        let table: Option<toml::Table> = description.and_then(|text| text.parse().ok());
        let summary = table.as_ref().and_then(|table| table.get("summary")?.as_str());
        summary.unwrap_or_default().to_owned()
    }

    fn files(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        embedded::TEMPLATES.iter().filter_map(move |(path, text)| {
            let (name, path) = path.split_once('/')?;
            (name == self.name).then_some((path, *text))
        })
    }

    /// Writes the crate into a folder.
    ///
    /// # Errors
    /// [`Error::File`] when that is not possible.
    pub(crate) fn write(self, folder: &Path, values: &Values<'_>) -> Result<()> {
        for (path, text) in self.files().filter(|(path, _)| *path != DESCRIPTION) {
            let target = folder.join(target(path));
            let parent = target.parent().unwrap_or(folder);
            std::fs::create_dir_all(parent).map_err(Error::file("create", parent))?;
            let text = if path.ends_with(".in") { values.render(text) } else { text.to_owned() };
            std::fs::write(&target, text).map_err(Error::file("write", &target))?;
        }
        Ok(())
    }
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

impl Values<'_> {
    fn render(&self, text: &str) -> String {
        let mut environment = minijinja::Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let syntax = minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("it is the standard syntax"));
        let context = minijinja::context! {
            name => self.name.as_str(),
            crate_name => self.name.identifier(),
            workload => self.name.workload(),
            edition => self.edition,
            sdk => self.sdk.dependency(&[]),
            sdk_testing => self.sdk.dependency(&["testing"]),
            repository => env!("CARGO_PKG_REPOSITORY"),
            own_workspace => self.own_workspace,
            from => minijinja::Value::from(minijinja::value::Serde(self.from)),
        };
        environment.render_str(text, context).expect("the tests render every template")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_renders_a_whole_crate() {
        let folder = tempfile::tempdir().unwrap();
        let name = CrateName::parse("hello-there").unwrap();
        let sdk = Sdk::parse("1.2").unwrap();
        for template in Template::all() {
            for own_workspace in [true, false] {
                let values = Values { name: &name, edition: "2021", sdk: &sdk, own_workspace, from: None };
                let root = folder.path().join(format!("{}-{own_workspace}", template.name));
                template.write(&root, &values).unwrap();
                let manifest: toml::Table =
                    std::fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
                assert_eq!(manifest.contains_key("workspace"), own_workspace);
                for file in
                    ["src/main.rs", "src/lib.rs", "README.md", ".gitignore", ".github/workflows/ci.yml"]
                {
                    assert!(root.join(file).is_file(), "{} lacks {file}", template.name);
                }
                assert!(!root.join(DESCRIPTION).exists());
            }
            assert!(!template.summary().is_empty(), "{}", template.name);
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
