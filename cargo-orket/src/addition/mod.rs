//! What is added to a crate that is there: a workload, or a hook of one. Sources keep their form but for what is
//! added; nothing is half added.

mod change;
mod sources;
mod text;

use crate::error::Result;
use change::Change;
use orket_contract::code;
use orket_contract::issue::Issue;
use proc_macro2::TokenTree;
use sources::{Extension, Sources, Workload, range};
use std::path::{Path, PathBuf};
use syn::Meta;

/// When a workload is asked for something besides its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Phase {
    /// Before it runs: the plan of the run.
    Plan,
    /// After it ran: whether the run may be published.
    Validate,
    /// Then: what is said of the run.
    Summarize,
}

/// The crate that something is added to.
pub(crate) struct Crate {
    /// The file with the crate's root.
    pub(crate) root: PathBuf,
    /// Its edition.
    pub(crate) edition: String,
    /// The name by which it knows the SDK.
    pub(crate) sdk: String,
    /// Whether its tests may use `testing`.
    pub(crate) tests: bool,
    /// Whether it has serde with its derives.
    pub(crate) serde: bool,
}

/// Adds a workload, in a file of its own that the extension lists.
///
/// # Errors
/// `addition.*`; nothing is changed then.
pub(crate) fn workload(to: &Crate, name: &str) -> Result<Vec<PathBuf>> {
    let sources = Sources::read(&to.root)?;
    let extension = sources.extension()?;
    is_new(&sources, name)?;
    if extension.has(name) {
        return Err(exists(&format!("something called `{name}` in `{}`", extension.path)).into());
    }
    if sources.workloads().iter().any(|workload| workload.id == name) {
        return Err(exists(&format!("a workload `{name}`")).into());
    }
    let mut edits = Edits::default();
    edits.insert(&extension.source.path, listing(&extension, name));
    edits.insert(&sources.root().path, declaration(&sources, name));
    edits.make(&sources, file(to, name, text::workload(to, name, &extension.path)), &to.edition)
}

/// Adds a hook: a function in a file of its own that a workload names. Without a workload it is that of the only one.
///
/// # Errors
/// `addition.*`, `workload.unknown`; nothing is changed then.
pub(crate) fn hook(to: &Crate, name: &str, phase: Phase, of: Option<&str>) -> Result<Vec<PathBuf>> {
    let sources = Sources::read(&to.root)?;
    is_new(&sources, name)?;
    let workloads = sources.workloads();
    let workload = one_of(&workloads, of)?;
    let mut edits = Edits::default();
    edits.insert(&workload.source.path, naming(workload, phase, name)?);
    edits.insert(&sources.root().path, declaration(&sources, name));
    edits.make(&sources, file(to, name, text::hook(to, name, phase)), &to.edition)
}

/// The workload of that id, or the only one.
fn one_of<'a, 'b>(all: &'b [Workload<'a>], id: Option<&str>) -> Result<&'b Workload<'a>> {
    let known: Vec<_> = all.iter().map(|workload| format!("`{}`", workload.id)).collect();
    let hint = format!("the workloads in the sources: {}", known.join(", "));
    match (id, all) {
        (Some(id), _) => all.iter().find(|workload| workload.id == id).ok_or_else(|| {
            let message = format!("no function in the sources has `#[workload(id = \"{id}\")]`");
            Issue::error(code::WORKLOAD_UNKNOWN, message).with_hint(hint).into()
        }),
        (None, [one]) => Ok(one),
        (None, []) => Err(nowhere("no function of the crate has `#[workload(…)]`").into()),
        (None, _) => Err(nowhere("there are several workloads; say which one with `--workload ID`")
            .with_hint(hint)
            .into()),
    }
}

/// Where something goes, and its text.
type Insertion = (usize, String);

/// What is inserted into which file.
#[derive(Default)]
struct Edits(Vec<(PathBuf, Insertion)>);

impl Edits {
    fn insert(&mut self, path: &Path, insertion: Insertion) {
        self.0.push((path.to_path_buf(), insertion));
    }

    /// Makes the new file and the edits of those that are there.
    fn make(mut self, sources: &Sources, new: Change, edition: &str) -> Result<Vec<PathBuf>> {
        // From the end, so that no place moves.
        self.0.sort_by_key(|(_, (at, _))| std::cmp::Reverse(*at));
        let mut changes = vec![new];
        for (path, (at, text)) in self.0 {
            let position = changes.iter().position(|change| change.path == path);
            let position = position.unwrap_or_else(|| {
                let before = sources.text(&path).to_owned();
                changes.push(Change { path, after: before.clone(), before: Some(before) });
                changes.len() - 1
            });
            let after = &mut changes[position].after;
            let text = if after.contains("\r\n") { text.replace('\n', "\r\n") } else { text };
            after.insert_str(at, &text);
        }
        change::apply(changes, edition)
    }
}

/// The new file of a module.
fn file(to: &Crate, name: &str, text: String) -> Change {
    Change { path: to.root.with_file_name(format!("{name}.rs")), before: None, after: text }
}

/// Refuses a name that the root has already, or that has a file.
fn is_new(sources: &Sources, name: &str) -> Result<()> {
    let root = sources.root();
    if root.has(name) {
        return Err(exists(&format!("something called `{name}` in {}", root.path.display())).into());
    }
    let folder = root.path.with_file_name(name);
    if folder.exists() {
        return Err(exists(&format!("the folder {}", folder.display())).into());
    }
    Ok(())
}

/// `mod name;` in the root.
fn declaration(sources: &Sources, name: &str) -> Insertion {
    match sources.root().after_modules() {
        (at, true) => (at, format!("\nmod {name};")),
        (at, false) => (at, format!("mod {name};\n\n")),
    }
}

/// `#[workload] pub use …;` at the end of the extension.
fn listing(extension: &Extension<'_>, name: &str) -> Insertion {
    let (end, is_filled) = extension.end();
    let text = &extension.source.text;
    let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let gap = if is_filled { "\n" } else { "" };
    let indent = &text[line..end];
    if !indent.trim().is_empty() {
        return (end, format!("\n{gap}    #[workload]\n    pub use crate::{name}::{name};\n"));
    }
    (line, format!("{gap}{indent}    #[workload]\n{indent}    pub use crate::{name}::{name};\n"))
}

/// The option of `#[workload(…)]` that names a hook.
fn naming(workload: &Workload<'_>, phase: Phase, name: &str) -> Result<Insertion> {
    let path = format!("crate::{name}::{name}");
    let option = match phase {
        Phase::Plan => format!("plan = {path}"),
        Phase::Validate => format!("validators = [{path}]"),
        Phase::Summarize => format!("summarize = {path}"),
    };
    let Meta::List(list) = &workload.attribute.meta else {
        return Ok((range(workload.attribute.path()).end, format!("({option})")));
    };
    let close = list.delimiter.span().close().byte_range().start;
    let key = option.split(' ').next().unwrap_or_default();
    let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
    match given(&tokens, key).map(|at| tokens.get(at + 2)) {
        None => Ok(next_of(&tokens, close, &option)),
        Some(Some(TokenTree::Group(group))) if phase == Phase::Validate => {
            let entries: Vec<TokenTree> = group.stream().into_iter().collect();
            Ok(next_of(&entries, group.span_close().byte_range().start, &path))
        }
        Some(_) => Err(exists(&format!("`{key}` of the workload `{}`", workload.id)).into()),
    }
}

/// Where an option is given: its key begins an entry, and may be part of a path in another.
fn given(tokens: &[TokenTree], key: &str) -> Option<usize> {
    let is = |at: Option<usize>, text: &str| {
        at.and_then(|at| tokens.get(at)).is_none_or(|token| token.to_string() == text)
    };
    (0..tokens.len())
        .find(|&at| tokens[at].to_string() == key && is(at.checked_sub(1), ",") && is(Some(at + 1), "="))
}

/// One more entry of a list, right after the last one.
fn next_of(entries: &[TokenTree], close: usize, new: &str) -> Insertion {
    match entries.last() {
        None => (close, new.to_owned()),
        Some(last) if last.to_string() == "," => (last.span().byte_range().end, format!(" {new}")),
        Some(last) => (last.span().byte_range().end, format!(", {new}")),
    }
}

fn exists(what: &str) -> Issue {
    let issue = Issue::error(code::ADDITION_EXISTS, format!("there is {what} already"));
    issue.with_hint("choose another name; nothing was changed")
}

fn nowhere(why: &str) -> Issue {
    Issue::error(code::ADDITION_NOWHERE, why)
}

/// What is wrong with a name for something that is added.
pub(crate) fn name_fault(name: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(is_plain) || name.len() > 64 {
        return Some(
            "a name is of small letters, digits and `_`, because a function and a file are called so",
        );
    }
    if crate::template::is_reserved(name) || ["lib", "main", "tests", "mod"].contains(&name) {
        return Some("the word is reserved");
    }
    (name.ends_with('_') || name.contains("__")).then_some("its words are joined by single `_`")
}

#[cfg(test)]
mod tests;
