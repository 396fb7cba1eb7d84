//! One file, looked at: what it names, what it hides, and where else it leads.

use super::names::Names;
use crate::lint::effect;
use crate::lint::finding::{Finding, Layer, Span};
use orket_contract::code;
use orket_contract::issue::Severity;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item};

/// What is known before a file is looked at.
pub(super) struct Task<'a> {
    /// The file.
    pub(super) path: &'a Path,
    /// The names by which the package knows the SDK.
    pub(super) sdk: &'a HashSet<String>,
    /// Whether rustc has left all of it out.
    pub(super) is_off: bool,
    /// Whether its code is part of what runs in a guest.
    pub(super) is_guest: bool,
    /// Whether the lines of its items and statements are wanted.
    pub(super) wants_blocks: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The findings.
    pub(super) findings: Vec<Finding>,
    /// Modules in other files: the names from the file's own folder of modules, and the path that an attribute gives.
    pub(super) modules: Vec<(Vec<String>, Option<String>)>,
    /// Files that are included as source.
    pub(super) included: Vec<PathBuf>,
    /// The first and last line of each `use`.
    pub(super) imports: Vec<(u32, u32)>,
    /// The first and last line of each item, statement, field and arm.
    pub(super) blocks: Vec<(u32, u32)>,
}

/// Looks at a file.
pub(super) fn file(task: Task<'_>, file: &syn::File) -> Seen {
    let mut visitor =
        Visitor { names: Names::of(file), task, seen: Seen::default(), off: 0, tests: 0, inside: Vec::new() };
    visitor.visit_file(file);
    visitor.seen
}

/// Looks at what is not a tree.
pub(super) fn tokens(task: Task<'_>, tokens: TokenStream) -> Seen {
    let names = Names::default();
    let mut visitor = Visitor { names, task, seen: Seen::default(), off: 0, tests: 0, inside: Vec::new() };
    visitor.scan(tokens);
    visitor.seen
}

struct Visitor<'a> {
    task: Task<'a>,
    names: Names,
    seen: Seen,
    off: usize,
    tests: usize,
    inside: Vec<String>,
}

impl Visitor<'_> {
    fn place(&self, span: proc_macro2::Span) -> Span {
        let (start, end) = (span.start(), span.end());
        let number = |number: usize| u32::try_from(number).unwrap_or(0);
        Span {
            line: number(start.line),
            column: number(start.column + 1),
            line_end: number(end.line),
            column_end: number(end.column + 1),
            ..Span::point(self.task.path.to_path_buf(), 0, 0)
        }
    }

    fn find(&mut self, level: Severity, code: &'static str, span: proc_macro2::Span, text: [&str; 3]) {
        let [message, note, help] = text;
        let finding = Finding::error(Layer::Source, code, message).at(self.place(span)).with_help(help);
        self.seen.findings.push(Finding { level, notes: vec![note.to_owned()], ..finding });
    }

    /// A path, wherever it stands.
    fn path(&mut self, path: &[String], span: proc_macro2::Span) {
        let is_off = (self.task.is_off || self.off > 0) && self.tests == 0 && self.task.is_guest;
        for resolved in self.names.resolve(path) {
            let [first, second, ..] = resolved.as_slice() else { continue };
            if second == "internal" && self.task.sdk.contains(first) {
                return self.internal(&resolved.join("::"), span);
            }
            let prefixes = (2..=resolved.len()).map(|end| resolved[..end].join("::"));
            let effect = prefixes.rev().find_map(|path| Some((effect::find(&path)?, path)));
            if let Some((effect, path)) = effect.filter(|_| is_off) {
                let finding = effect.finding(Layer::Source, &path).at(self.place(span));
                self.seen.findings.push(finding);
                return;
            }
        }
    }

    fn internal(&mut self, path: &str, span: proc_macro2::Span) {
        let finding =
            Finding::error(Layer::Source, code::IMPORT_INTERNAL, format!("`{path}` is internal to the SDK"));
        let finding = finding.at(self.place(span));
        self.seen
            .findings
            .push(finding.with_help("this is the support of the macros and changes without notice"));
    }

    /// The paths and suspicious macros among tokens that are no tree.
    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Ident(first) => {
                    let (path, end) = path_at(&tokens, at);
                    self.path(&path, first.span());
                    if is_mark(tokens.get(end), '!') {
                        self.macro_named(path.last().map_or("", String::as_str), first.span());
                    }
                    at = end;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn macro_named(&mut self, name: &str, span: proc_macro2::Span) {
        if matches!(name, "asm" | "global_asm" | "naked_asm") {
            self.find(
                Severity::Warning,
                code::NATIVE_ASSEMBLY,
                span,
                [
                    &format!("`{name}!` is code that no layer of the lint can read"),
                    "what it asks the kernel for, the sandbox refuses where it is not allowed; what it asks the processor \
                     for, nothing can make repeat (`instruction.uncontrolled`)",
                    "write it in Rust, or take a crate that does without",
                ],
            );
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let exports = ["no_mangle", "export_name", "link_section"];
        let meta = match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("unsafe") => list.tokens.to_string(),
            meta => meta.path().get_ident().map(ToString::to_string).unwrap_or_default(),
        };
        if let Some(name) = exports.into_iter().find(|name| meta.starts_with(name)) {
            self.find(
                Severity::Warning,
                code::NATIVE_EXPORT,
                attribute.span(),
                [
                    &format!("`{name}` puts a symbol of its own into the program"),
                    "the SDK defines libc's entry points for time and entropy in the program; a symbol in their place, or code that \
                     runs before `main`, takes that away",
                    "leave the attribute out: an extension has one entry, `orket_runtime::main!`",
                ],
            );
        }
    }

    /// The path that attributes give to a module, if they do.
    fn module_path(&mut self, attributes: &[Attribute]) -> Option<String> {
        let mut given = None;
        for attribute in attributes {
            match &attribute.meta {
                syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match text_of(&pair.value) {
                    Some(path) => given = Some(path),
                    None => self.computed(attribute.span()),
                },
                syn::Meta::List(list) if list.path.is_ident("cfg_attr") => {
                    given = given.or_else(|| quoted_path(list.tokens.clone()));
                }
                _ => {}
            }
        }
        given
    }

    fn computed(&mut self, span: proc_macro2::Span) {
        self.find(
            Severity::Warning,
            code::INCLUDE_COMPUTED,
            span,
            [
                "the path of a source is computed",
                "what is computed can name another file on another machine, and a reader cannot tell which",
                "write the path as a literal",
            ],
        );
    }

    fn included(&mut self, call: &syn::Macro, name: &str) {
        let literal = syn::parse2::<syn::LitStr>(call.tokens.clone()).ok();
        let folder = self.task.path.parent().unwrap_or(Path::new(""));
        match literal {
            Some(literal) => self.seen.included.push(folder.join(literal.value())),
            // What a build script writes is in the dep-info.
            None if call.tokens.to_string().contains("OUT_DIR") => {}
            None => self.computed(call.span()),
        }
        self.find(
            Severity::Info,
            code::INCLUDE_SOURCE,
            call.path.span(),
            [
                &format!("`{name}!` brings in source from another file"),
                "it is linted, but a reader of this file does not see it",
                "make it a module, unless a build script writes it",
            ],
        );
    }

    fn scoped(
        &mut self,
        attributes: &[Attribute],
        span: Option<proc_macro2::Span>,
        visit: impl FnOnce(&mut Self),
    ) {
        let conditions = || attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        let is_test = attributes.iter().any(|attribute| attribute.path().is_ident("test"))
            || conditions().any(is_for_tests);
        let is_off = conditions().next().is_some();
        if let Some(span) = span.filter(|_| self.task.wants_blocks) {
            let first = attributes.first().map_or(span, Spanned::span);
            let number = |number: usize| u32::try_from(number).unwrap_or(0);
            let (start, end) = (first.start().line.min(span.start().line), span.end().line);
            self.seen.blocks.push((number(start), number(end)));
        }
        self.off += usize::from(is_off);
        self.tests += usize::from(is_test);
        visit(self);
        self.off -= usize::from(is_off);
        self.tests -= usize::from(is_test);
    }

    fn leaves(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.unraw().to_string());
                self.leaves(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Name(name) => self.leaf(before, &name.ident),
            syn::UseTree::Rename(rename) => self.leaf(before, &rename.ident),
            syn::UseTree::Glob(glob) => self.path(before, glob.span()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.leaves(tree, before)),
        }
    }

    fn leaf(&mut self, before: &[String], ident: &proc_macro2::Ident) {
        let name = ident.unraw().to_string();
        let path = [before, if name == "self" { &[] } else { std::slice::from_ref(&name) }].concat();
        // Importing is no effect; what is imported is seen where it is used.
        let off = std::mem::take(&mut self.off);
        let is_off = std::mem::take(&mut self.task.is_off);
        self.path(&path, ident.span());
        (self.off, self.task.is_off) = (off, is_off);
    }
}

/// The path of idents and `::` that begins at a token, and where it ends.
fn path_at(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut at = start;
    while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
        path.push(ident.unraw().to_string());
        at += 1;
        if !(is_mark(tokens.get(at), ':') && is_mark(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    (path, at)
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == mark)
}

/// Whether a condition holds in tests only, as far as its words say.
fn is_for_tests(attribute: &Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let text = list.tokens.to_string();
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| word == "test") && !text.contains("not") && !text.contains("any")
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// The literal of a `path = "…"` among the tokens of a `cfg_attr`.
fn quoted_path(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut triples = tokens.windows(3).filter(|three| {
        matches!(&three[0], TokenTree::Ident(word) if word == "path") && is_mark(Some(&three[1]), '=')
    });
    let TokenTree::Literal(literal) = &triples.next()?[2] else { return None };
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let span = self.task.wants_blocks.then(|| item.span());
        self.scoped(super::attributes::of_item(item), span, |me| visit::visit_item(me, item));
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let span = self.task.wants_blocks.then(|| item.span());
        self.scoped(super::attributes::of_impl_item(item), span, |me| visit::visit_impl_item(me, item));
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        let span = self.task.wants_blocks.then(|| item.span());
        self.scoped(super::attributes::of_trait_item(item), span, |me| visit::visit_trait_item(me, item));
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        let span = self.task.wants_blocks.then(|| statement.span());
        self.scoped(super::attributes::of_statement(statement), span, |me| visit::visit_stmt(me, statement));
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        let span = self.task.wants_blocks.then(|| field.span());
        self.scoped(&field.attrs, span, |me| visit::visit_field(me, field));
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let span = self.task.wants_blocks.then(|| arm.span());
        self.scoped(&arm.attrs, span, |me| visit::visit_arm(me, arm));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let given = self.module_path(&module.attrs);
        self.inside.push(module.ident.unraw().to_string());
        if module.content.is_none() && self.tests == 0 {
            self.seen.modules.push((self.inside.clone(), given));
        }
        visit::visit_item_mod(self, module);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let place = self.place(item.span());
        self.seen.imports.push((place.line, place.line_end));
        self.leaves(&item.tree, &mut Vec::new());
    }

    fn visit_item_foreign_mod(&mut self, block: &'ast syn::ItemForeignMod) {
        self.find(
            Severity::Warning,
            code::NATIVE_EXTERN,
            block.abi.span(),
            [
                "code of another language is called",
                "the lint does not read it; what it asks libc for is answered from the seed, and what it asks the kernel for is \
                 refused where the sandbox does not allow it",
                "take what the SDK or a crate in Rust offers, and keep what is left behind one module that says why",
            ],
        );
        visit::visit_item_foreign_mod(self, block);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        self.attribute(attribute);
        visit::visit_attribute(self, attribute);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call.path.segments.last().map(|last| last.ident.unraw().to_string()).unwrap_or_default();
        self.macro_named(&name, call.path.span());
        if name == "include" {
            self.included(call, &name);
        }
        self.scan(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        self.path(&names, path.span());
        visit::visit_path(self, path);
    }
}
