//! The meaning of `#[extension]`: what it is, and the list of its workloads.

use std::collections::{BTreeMap, BTreeSet};

use orket_contract::code;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, ItemUse, Meta, Path, UseTree};

use super::{option, workload};
use crate::issues::Issues;
use crate::parse::{self, Given, Item, Kind, Module};

/// The options of `#[extension]`.
pub const OPTIONS: [&str; 7] =
    ["capabilities", "config_schema", "crate", "description", "id", "runtime", "version"];

/// What `#[extension]` means.
pub(crate) struct Extension {
    /// Where the SDK is, if not in its usual place.
    pub(crate) sdk: Option<Path>,
    pub(crate) id: String,
    /// The description, if it is not the package's.
    pub(crate) description: Option<String>,
    pub(crate) capabilities: BTreeSet<String>,
    /// The type that describes its configuration.
    pub(crate) config: Option<Path>,
    /// The range of Orket versions, if it is not the SDK's.
    pub(crate) runtime: Option<String>,
    /// The version, if it is not the package's.
    pub(crate) version: Option<String>,
    pub(crate) workloads: Vec<Listed>,
}

/// A workload in the list of its extension.
pub(crate) struct Listed {
    pub(crate) cfgs: Vec<Attribute>,
    /// The path of the module that declares it, unless it is this module.
    pub(crate) from: Option<Path>,
    /// The name of the function where it is declared.
    pub(crate) name: Ident,
    /// The name of the function in this module.
    pub(crate) here: Ident,
}

/// Checks an extension.
pub(crate) fn extension(syntax: &parse::Extension, issues: &mut Issues) -> Extension {
    let options = &syntax.options;
    option::check_keys(options, &OPTIONS, issues);
    Extension {
        sdk: option::path(options, "crate", issues),
        id: id(options, issues),
        description: description(options, syntax.module.as_ref(), issues),
        capabilities: option::capabilities(options, issues),
        config: option::path(options, "config_schema", issues),
        runtime: runtime(options, issues),
        version: option::version(options, issues),
        workloads: syntax.module.as_ref().map(|module| workloads(module, issues)).unwrap_or_default(),
    }
}

fn id(options: &[Given], issues: &mut Issues) -> String {
    if option::find(options, "id").is_none() {
        issues.report_with_help(
            Span::call_site(),
            code::OPTION_MISSING,
            "an extension needs an id",
            "write `#[extension(id = \"mystery.game\")]`",
        );
    }
    let Some(text) = option::text(options, "id", issues) else { return String::new() };
    option::id(&text.value(), text.span(), issues);
    text.value()
}

fn description(options: &[Given], module: Option<&Module>, issues: &mut Issues) -> Option<String> {
    option::description(options, issues).or_else(|| {
        let comment = parse::description(&module?.all_attributes());
        (!comment.is_empty()).then_some(comment)
    })
}

fn runtime(options: &[Given], issues: &mut Issues) -> Option<String> {
    let text = option::text(options, "runtime", issues)?;
    if let Err(error) = semver::VersionReq::parse(&text.value()) {
        let message = format!("`{}` is not a range of versions: {error}", text.value());
        issues.report_with_help(
            text.span(),
            code::MANIFEST_BAD_VERSION,
            message,
            "a range is written as in Cargo.toml: `>=0.1, <0.2`",
        );
    }
    Some(text.value())
}

fn workloads(module: &Module, issues: &mut Issues) -> Vec<Listed> {
    let listed: Vec<Listed> = module.items.iter().flat_map(|item| listed(item, issues)).collect();
    let hidden = refuse_hidden(module, &listed, issues);
    refuse_duplicates(module, issues);
    if !hidden && !module.items.iter().any(|item| item.workload().is_some()) {
        issues.report_with_help(
            module.name.span(),
            code::EXTENSION_EMPTY,
            format!("the extension `{}` has no workload", module.name),
            "put `#[workload]` on a function in it, or list one with `#[workload] pub use path::to::function;`",
        );
    }
    listed
}

fn listed(item: &Item, issues: &mut Issues) -> Vec<Listed> {
    let Some(attribute) = item.workload() else { return Vec::new() };
    let cfgs = parse::cfgs(&item.attributes);
    match &item.kind {
        Kind::Other => Vec::new(),
        Kind::Function(name) => vec![Listed { cfgs, from: None, name: name.clone(), here: name.clone() }],
        Kind::Import(import) => {
            if !matches!(attribute.meta, Meta::Path(_)) {
                let message = "the options of a workload stand on its function, not on a `use`";
                issues.report(attribute.meta.span(), code::OPTION_INVALID, message);
            }
            imports(import, &cfgs, issues)
        }
    }
}

fn imports(import: &ItemUse, cfgs: &[Attribute], issues: &mut Issues) -> Vec<Listed> {
    let start = Path { leading_colon: import.leading_colon, segments: syn::punctuated::Punctuated::new() };
    let mut found = Vec::new();
    follow(&import.tree, start, cfgs, &mut found, issues);
    found
}

/// Follows a `use` tree to its leaves.
fn follow(tree: &UseTree, path: Path, cfgs: &[Attribute], found: &mut Vec<Listed>, issues: &mut Issues) {
    let mut leaf = |name: &Ident, here: &Ident, path: Path| {
        if name == "self" || here == "_" {
            let message = "`#[workload] use` names functions";
            issues.report(name.span(), code::WORKLOAD_HIDDEN, message);
        } else {
            let from = Some(path);
            found.push(Listed { cfgs: cfgs.to_vec(), from, name: name.clone(), here: here.clone() });
        }
    };
    match tree {
        UseTree::Name(name) => leaf(&name.ident, &name.ident, path),
        UseTree::Rename(rename) => leaf(&rename.ident, &rename.rename, path),
        UseTree::Path(next) => {
            let mut path = path;
            path.segments.push(next.ident.clone().into());
            follow(&next.tree, path, cfgs, found, issues);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                follow(tree, path.clone(), cfgs, found, issues);
            }
        }
        UseTree::Glob(glob) => {
            let message = "a glob does not name its workloads, and an extension lists them one by one";
            issues.report(glob.star_token.span(), code::WORKLOAD_HIDDEN, message);
        }
    }
}

/// Reports workloads at places where they would silently be left out, and whether there are any.
fn refuse_hidden(module: &Module, listed: &[Listed], issues: &mut Issues) -> bool {
    let mut any = false;
    let imported = |name: &Ident| listed.iter().any(|listed| listed.from.is_some() && listed.name == *name);
    for hidden in module.items.iter().flat_map(Item::hidden) {
        if !hidden.name.is_some_and(|name| imported(&name)) {
            any = true;
            issues.report_with_help(
                hidden.span,
                code::WORKLOAD_HIDDEN,
                "an extension cannot see a workload in a nested module, in a macro or behind `cfg_attr`",
                "put the function directly into the extension's module, or list it there with \
                 `#[workload] pub use path::to::function;`; `#[cfg(…)]` above `#[workload]` is fine",
            );
        }
    }
    any
}

/// Reports ids that are given twice, unless a `cfg` may keep them apart; that is checked again when
/// constants are evaluated.
fn refuse_duplicates(module: &Module, issues: &mut Issues) {
    let mut seen = BTreeMap::new();
    for item in &module.items {
        let (Some(attribute), Kind::Function(name)) = (item.workload(), &item.kind) else { continue };
        if !parse::cfgs(&item.attributes).is_empty() {
            continue;
        }
        let (id, span) = id_of(attribute, name);
        if let Some(earlier) = seen.insert(id.clone(), name) {
            let message = format!("`{earlier}` and `{name}` both have the id `{id}`");
            issues.report(span, code::MANIFEST_DUPLICATE_WORKLOAD, message);
        }
    }
}

/// The id of a workload and where it was written. What is wrong with it, its own attribute reports.
fn id_of(attribute: &Attribute, function: &Ident) -> (String, Span) {
    let elsewhere = &mut Issues::default();
    let options = match &attribute.meta {
        Meta::List(list) => parse::options(list.tokens.clone(), elsewhere),
        _ => Vec::new(),
    };
    match option::text(&options, "id", elsewhere) {
        Some(text) => (text.value(), text.span()),
        None => (workload::id(&options, &function.unraw(), elsewhere), function.span()),
    }
}
