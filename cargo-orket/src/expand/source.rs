//! The sources of a package, file by file, found as the compiler finds modules.
//!
//! Invariant: a file is read once; a module that a `cfg` stands on may have none.

use crate::args::Selection;
use crate::cargo;
use crate::error::{Error, Result};
use crate::outline::outlines;
use crate::project::Extension;
use crate::report::Report;
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use proc_macro2::{Span, TokenStream};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use syn::ItemMod;

/// A file.
pub(super) struct Source {
    /// Its path, relative to the package where it lies in it.
    pub(super) name: String,
    /// What stands in it.
    pub(super) text: String,
    /// The same, parsed.
    pub(super) file: syn::File,
}

impl Source {
    fn read(path: &Path, package: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
        let name = path.strip_prefix(package).unwrap_or(path).display().to_string();
        let unreadable = |span: Span, message: &str| {
            Issue::error(code::BUILD_FAILED, format!("this is no Rust: {message}"))
                .at(location(&name, span))
                .with_hint("`cargo check` says more")
        };
        let tokens: TokenStream = text
            .parse()
            .map_err(|error: proc_macro2::LexError| unreadable(error.span(), &error.to_string()))?;
        let file = syn::parse2(tokens).map_err(|error| unreadable(error.span(), &error.to_string()))?;
        Ok(Self { name, text, file })
    }

    /// The place of a token in it.
    pub(super) fn location(&self, span: Span) -> Location {
        location(&self.name, span)
    }

    /// Where the line begins that a byte is in.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }
}

fn location(file: &str, span: Span) -> Location {
    let start = span.start();
    let number = |value: usize| u32::try_from(value).unwrap_or_default();
    Location { file: file.to_owned(), line: number(start.line), column: number(start.column + 1) }
}

/// The files that the targets of an extension begin with: its library and its programs.
///
/// # Errors
/// `build.failed` when cargo cannot read the manifest.
pub(crate) fn roots(extension: &Extension, selection: &Selection, report: &Report) -> Result<Vec<PathBuf>> {
    let mut command = cargo::command("metadata", report);
    command.args(["--no-deps", "--format-version", "1", "--manifest-path"]).arg(&extension.manifest_path);
    command.args(selection.lock.words());
    let answer = cargo::output(command)?.stdout;
    let metadata: cargo_metadata::Metadata = serde_json::from_slice(&answer).map_err(Error::Answer)?;
    let package = metadata.packages.iter().find(|package| package.name.as_str() == extension.name);
    let targets = package.into_iter().flat_map(|package| &package.targets);
    let built = targets.filter(|target| target.is_lib() || target.is_bin());
    Ok(built.map(|target| target.src_path.clone().into_std_path_buf()).collect())
}

/// The files in `roots` and of their modules, in the order in which they are named.
pub(super) fn all(roots: &[PathBuf], package: &Path) -> Result<Vec<Source>> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for root in roots {
        let folder = root.parent().unwrap_or(Path::new("."));
        walk(root, folder, package, &mut found, &mut seen)?;
    }
    Ok(found)
}

/// Reads a file, whose modules lie in `folder`, and those of its modules.
fn walk(
    path: &Path,
    folder: &Path,
    package: &Path,
    found: &mut Vec<Source>,
    seen: &mut BTreeSet<PathBuf>,
) -> Result<()> {
    if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_path_buf())) {
        return Ok(());
    }
    let source = Source::read(path, package)?;
    let mut modules = Vec::new();
    for module in outlines(&source.file.items, "crate", (path, folder)) {
        match module.file {
            Some(file) => modules.push(file),
            None if module.item.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) => {}
            None => return Err(missing(&source, module.item).into()),
        }
    }
    found.push(source);
    modules.iter().try_for_each(|(path, folder)| walk(path, folder, package, found, seen))
}

fn missing(source: &Source, module: &ItemMod) -> Issue {
    let name = module.ident.to_string();
    let name = name.trim_start_matches("r#");
    Issue::error(code::BUILD_FAILED, format!("there is no file for the module `{name}`"))
        .at(source.location(module.ident.span()))
        .with_hint(format!("write `{name}.rs` or `{name}/mod.rs`"))
}
