//! The attributes of Orket in a source, what each adds, and the edits that show it.

use super::readable;
use super::source::Source;
use orket_contract::issue::Issue;
use orket_expansion::Added;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use std::ops::Range;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Item, Meta, Path, Token};

/// What one attribute adds.
pub(super) struct Addition {
    /// The id of the extension or workload, or the name of the type.
    pub(super) name: String,
    /// Whether it is of `#[workload]`.
    pub(super) is_workload: bool,
    /// The bytes of the item that it stands on.
    pub(super) item: Range<usize>,
    /// The name of that item.
    ident: Option<Ident>,
    /// The attribute and what takes its place.
    attributes: Vec<Edit>,
    /// Where the items go.
    place: Place,
    added: Added,
}

/// Where what is added goes.
enum Place {
    /// Before this byte, at the end of a module.
    Inside(usize),
    /// After the item.
    After,
    /// Nothing is added: an import is listed.
    Nowhere,
}

/// A stretch of a source, and what takes its place.
#[derive(Clone)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Addition {
    /// Whether a person means it by this name.
    pub(super) fn goes_by(&self, name: &str) -> bool {
        self.name == name || self.ident.as_ref().is_some_and(|ident| ident == name)
    }

    /// The author's mistakes in it.
    pub(super) fn issues(&self, source: &Source) -> Vec<Issue> {
        let issue = |issue: &orket_expansion::Issue| {
            let hint = || format!("see `cargo orket explain {}`", issue.code);
            Issue::error(issue.code, issue.message.clone())
                .at(source.location(issue.span))
                .with_hint(issue.help.clone().unwrap_or_else(hint))
        };
        self.added.issues.iter().map(issue).collect()
    }

    /// The edits that show it.
    pub(super) fn edits(&self, source: &Source) -> Vec<Edit> {
        let mut edits: Vec<Edit> =
            self.attributes.iter().map(|edit| Edit { range: whole(source, edit), ..edit.clone() }).collect();
        let line = source.line_start(self.item.start);
        let indent: String = source.text[line..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let (at, text) = match self.place {
            Place::Nowhere => return edits,
            Place::After => (self.item.end, format!("\n\n{}", self.shown(&indent).trim_end())),
            Place::Inside(at) => {
                let line = source.line_start(at);
                let own_line = source.text[line..at].trim().is_empty();
                (if own_line { line } else { at }, format!("\n{}", self.shown(&format!("{indent}    "))))
            }
        };
        edits.push(Edit { range: at..at, text });
        edits
    }

    fn shown(&self, indent: &str) -> String {
        let text = readable::text(self.added.items.clone());
        let indented =
            |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") };
        text.lines().map(indented).collect()
    }
}

/// The stretch of an attribute; where nothing takes its place, with the space after it and with its line when that is
/// empty then.
fn whole(source: &Source, edit: &Edit) -> Range<usize> {
    let Range { start, end } = edit.range;
    if !edit.text.is_empty() {
        return start..end;
    }
    let space = source.text[end..].len() - source.text[end..].trim_start_matches([' ', '\t']).len();
    let line = source.line_start(start);
    let alone = source.text[line..start].trim().is_empty();
    match source.text[end + space..]
        .strip_prefix("\r\n")
        .or_else(|| source.text[end + space..].strip_prefix('\n'))
    {
        Some(rest) if alone => line..source.text.len() - rest.len(),
        _ => start..end + space,
    }
}

/// What all attributes among `items` add, in modules too, in their order.
pub(super) fn all(items: &[Item]) -> Vec<Addition> {
    items.iter().flat_map(of_item).collect()
}

fn of_item(item: &Item) -> Vec<Addition> {
    let mut found = Vec::new();
    match item {
        Item::Mod(module) => {
            if let Some((braces, items)) = &module.content {
                let own = position(&module.attrs, "extension").map(|at| {
                    let (attribute, rest) = apart(&module.attrs, at);
                    let bare = syn::ItemMod { attrs: rest, ..module.clone() };
                    let added = orket_expansion::extension_adds(args(attribute), bare.into_token_stream());
                    let place = Place::Inside(braces.span.close().byte_range().start);
                    addition(item, Some(&module.ident), added, place, removed(attribute))
                });
                found.extend(own);
                found.extend(all(items));
            }
        }
        Item::Fn(function) => found.extend(position(&function.attrs, "workload").map(|at| {
            let (attribute, rest) = apart(&function.attrs, at);
            let bare = syn::ItemFn { attrs: rest, ..function.clone() };
            let added = orket_expansion::workload_adds(args(attribute), bare.into_token_stream());
            let own = addition(item, Some(&function.sig.ident), added, Place::After, removed(attribute));
            Addition { is_workload: true, ..own }
        })),
        Item::Use(import) => found.extend(position(&import.attrs, "workload").map(|at| {
            let added = Added { name: String::new(), items: TokenStream::new(), issues: Vec::new() };
            addition(item, None, added, Place::Nowhere, removed(&import.attrs[at]))
        })),
        Item::Struct(syn::ItemStruct { attrs, ident, .. })
        | Item::Enum(syn::ItemEnum { attrs, ident, .. }) => {
            found.extend(derived(item, attrs, ident));
        }
        _ => {}
    }
    found
}

fn addition(
    item: &Item,
    ident: Option<&Ident>,
    added: Added,
    place: Place,
    attributes: Vec<Edit>,
) -> Addition {
    let name = added.name.clone();
    Addition {
        name,
        is_workload: false,
        item: item.span().byte_range(),
        ident: ident.cloned(),
        attributes,
        place,
        added,
    }
}

fn position(attributes: &[Attribute], name: &str) -> Option<usize> {
    attributes.iter().position(|attribute| is_named(attribute.path(), name))
}

fn is_named(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

fn apart(attributes: &[Attribute], at: usize) -> (&Attribute, Vec<Attribute>) {
    let rest = attributes[..at].iter().chain(&attributes[at + 1..]).cloned().collect();
    (&attributes[at], rest)
}

fn args(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

fn removed(attribute: &Attribute) -> Vec<Edit> {
    vec![Edit { range: attribute.span().byte_range(), text: String::new() }]
}

/// What `Schema` adds to a type that derives it; its other derives stay.
fn derived(item: &Item, attributes: &[Attribute], ident: &Ident) -> Option<Addition> {
    let derives =
        attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).find_map(|attribute| {
            let names = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok()?;
            names.iter().any(|name| is_named(name, "Schema")).then_some((attribute, names))
        });
    let (attribute, names) = derives?;
    let others: Vec<String> = names
        .iter()
        .filter(|name| !is_named(name, "Schema"))
        .map(|name| quote!(#name).to_string().replace(' ', ""))
        .collect();
    let text = if others.is_empty() { String::new() } else { format!("#[derive({})]", others.join(", ")) };
    let mut edits = vec![Edit { range: attribute.span().byte_range(), text }];
    let own = attributes.iter().filter(|attribute| attribute.path().is_ident("schema"));
    edits.extend(own.flat_map(removed));
    let added = orket_expansion::schema_adds(item.to_token_stream());
    Some(addition(item, Some(ident), added, Place::After, edits))
}
