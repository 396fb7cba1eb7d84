//! The sources of a crate, as far as something is added to them: its root, the modules that it names, and where in their
//! texts the extension and its workloads stand.

use super::nowhere;
use crate::error::{Error, Result};
use crate::outline::outlines;
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::{Attribute, Item, ItemFn, ItemMod, Meta};

/// How many sources are read, and the largest, in bytes (4 MiB).
const FILES_MAX: usize = 1000;
const BYTES_MAX: u64 = 4 << 20;

/// A file of the crate.
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) text: String,
    /// Where it stands in the crate: `crate`, `crate::play`.
    module: String,
    items: Vec<Item>,
}

/// The module under `#[extension]`.
pub(super) struct Extension<'a> {
    pub(super) source: &'a Source,
    /// Its path in the crate.
    pub(super) path: String,
    pub(super) module: &'a ItemMod,
}

/// A function under `#[workload]`.
pub(super) struct Workload<'a> {
    pub(super) source: &'a Source,
    pub(super) id: String,
    pub(super) attribute: &'a Attribute,
}

/// All of them, the root first.
pub(super) struct Sources(Vec<Source>);

impl Sources {
    /// Reads the crate whose root that is.
    ///
    /// # Errors
    /// `addition.unreadable`; [`Error::File`].
    pub(super) fn read(root: &Path) -> Result<Self> {
        let folder = root.parent().unwrap_or(Path::new("."));
        let mut waiting = vec![(root.to_path_buf(), folder.to_path_buf(), "crate".to_owned())];
        let mut all: Vec<Source> = Vec::new();
        while let Some((path, folder, module)) = waiting.pop() {
            if all.len() >= FILES_MAX || all.iter().any(|known| known.path == path) {
                continue;
            }
            let source = Source::read(path, module)?;
            // What is not there is switched off, or made by a build script.
            for child in outlines(&source.items, &source.module, (&source.path, &folder)) {
                let file = child.file.filter(|(file, _)| file.is_file());
                waiting.extend(file.map(|(file, folder)| (file, folder, child.path)));
            }
            all.push(source);
        }
        Ok(Self(all))
    }

    /// The root.
    pub(super) fn root(&self) -> &Source {
        &self.0[0]
    }

    /// What is in one of them.
    pub(super) fn text(&self, path: &Path) -> &str {
        self.0.iter().find(|source| source.path == path).map_or("", |source| &source.text)
    }

    /// The module that is the extension.
    ///
    /// # Errors
    /// `addition.nowhere` when there is none, or more than one.
    pub(super) fn extension(&self) -> Result<Extension<'_>> {
        let mut found = Vec::new();
        for source in &self.0 {
            extensions(&source.items, source, &source.module, &mut found);
        }
        let place = Location { file: self.root().path.display().to_string(), ..Location::default() };
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (None, _) => Err(nowhere("no module of the crate has `#[extension(…)]`").at(place).into()),
            (Some(_), false) => {
                Err(nowhere("several modules of the crate have `#[extension(…)]`").at(place).into())
            }
        }
    }

    /// Its workloads.
    pub(super) fn workloads(&self) -> Vec<Workload<'_>> {
        let mut found = Vec::new();
        for source in &self.0 {
            workloads(&source.items, source, &mut found);
        }
        found
    }
}

impl Source {
    fn read(path: PathBuf, module: String) -> Result<Self> {
        let mut text = String::new();
        let file = File::open(&path).map_err(Error::file("read", &path))?;
        file.take(BYTES_MAX + 1).read_to_string(&mut text).map_err(Error::file("read", &path))?;
        let place = |line, column| Location { file: path.display().to_string(), line, column };
        let unreadable = |why: &str, at| Issue::error(code::ADDITION_UNREADABLE, why).at(at);
        // Places would be counted from elsewhere.
        if text.len() as u64 > BYTES_MAX || text.starts_with("#!/") || text.starts_with('\u{feff}') {
            return Err(unreadable(
                "it is too large, a script, or begins with a byte order mark",
                place(0, 0),
            )
            .into());
        }
        let file = syn::parse_str::<syn::File>(&text).map_err(|error| {
            let at = error.span().start();
            let number = |number: usize| u32::try_from(number).unwrap_or(0);
            unreadable(
                &format!("it cannot be parsed: {error}"),
                place(number(at.line), number(at.column + 1)),
            )
        })?;
        Ok(Self { path, text, module, items: file.items })
    }

    /// Whether something in it, outside of other modules, has that name.
    pub(super) fn has(&self, name: &str) -> bool {
        has(&self.items, name)
    }

    /// Where another `mod x;` goes: after the last one and what is said of it, else before the first item; and whether it
    /// stands after one.
    pub(super) fn after_modules(&self) -> (usize, bool) {
        let is_file = |item: &&Item| matches!(item, Item::Mod(module) if module.content.is_none());
        match self.items.iter().rfind(is_file) {
            Some(last) => (after_comment(&self.text, range(last).end), true),
            None => (self.items.first().map_or(self.text.len(), |item| range(item).start), false),
        }
    }
}

impl Extension<'_> {
    /// Whether something in it has that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.module.content.as_ref().is_some_and(|(_, items)| has(items, name))
    }

    /// Where its body ends, and whether there is anything in it.
    pub(super) fn end(&self) -> (usize, bool) {
        let (braces, items) = self.module.content.as_ref().expect("an extension has a body");
        (braces.span.close().byte_range().start, !items.is_empty())
    }
}

/// Where the comment ends that stands behind something, when nothing else is on the line.
fn after_comment(text: &str, at: usize) -> usize {
    let line = text[at..].lines().next().unwrap_or_default().trim_end();
    let comment = line.trim_start();
    let words = comment.strip_prefix("/*").and_then(|comment| comment.strip_suffix("*/"));
    let is_block = words.is_some_and(|words| !words.contains("/*") && !words.contains("*/"));
    if comment.starts_with("//") || is_block { at + line.len() } else { at }
}

/// Where something stands in its text.
pub(super) fn range(of: &impl Spanned) -> Range<usize> {
    of.span().byte_range()
}

fn extensions<'a>(items: &'a [Item], source: &'a Source, path: &str, found: &mut Vec<Extension<'a>>) {
    for item in items {
        let Item::Mod(module) = item else { continue };
        let Some((_, inner)) = &module.content else { continue };
        let path = format!("{path}::{}", module.ident);
        if module.attrs.iter().any(|attribute| is(attribute, "extension")) {
            found.push(Extension { source, path: path.clone(), module });
        }
        extensions(inner, source, &path, found);
    }
}

fn workloads<'a>(items: &'a [Item], source: &'a Source, found: &mut Vec<Workload<'a>>) {
    for item in items {
        match item {
            Item::Mod(ItemMod { content: Some((_, inner)), .. }) => workloads(inner, source, found),
            Item::Fn(function) => found.extend(workload(function, source)),
            _ => {}
        }
    }
}

fn workload<'a>(function: &'a ItemFn, source: &'a Source) -> Option<Workload<'a>> {
    let attribute = function.attrs.iter().find(|attribute| is(attribute, "workload"))?;
    let mut id = function.sig.ident.to_string();
    if let Meta::List(list) = &attribute.meta {
        let text = list.tokens.to_string();
        let named = text.split(',').find_map(|part| part.trim().strip_prefix("id")?.trim().strip_prefix('='));
        id = named.map_or(id, |named| named.trim().trim_matches('"').to_owned());
    }
    Some(Workload { source, id, attribute })
}

fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

fn has(items: &[Item], name: &str) -> bool {
    items.iter().any(|item| match item {
        Item::Const(item) => item.ident == name,
        Item::Enum(item) => item.ident == name,
        Item::Fn(item) => item.sig.ident == name,
        Item::Mod(item) => item.ident == name,
        Item::Static(item) => item.ident == name,
        Item::Struct(item) => item.ident == name,
        Item::Trait(item) => item.ident == name,
        Item::Type(item) => item.ident == name,
        Item::Use(item) => brings(&item.tree, name),
        _ => false,
    })
}

fn brings(tree: &syn::UseTree, name: &str) -> bool {
    match tree {
        syn::UseTree::Path(path) => brings(&path.tree, name),
        syn::UseTree::Name(one) => one.ident == name,
        syn::UseTree::Rename(one) => one.rename == name,
        syn::UseTree::Group(group) => group.items.iter().any(|tree| brings(tree, name)),
        syn::UseTree::Glob(_) => false,
    }
}
