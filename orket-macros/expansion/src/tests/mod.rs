//! Tests over the sources in `tests/expand`: each is one item with one of our attributes.

mod golden;
mod mutation;
mod page;
mod prefix;

use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};

use crate::parse::split;

/// One source, taken apart as the compiler does it.
struct Source {
    name: String,
    attribute: String,
    args: TokenStream,
    item: TokenStream,
}

impl Source {
    fn expand(&self) -> TokenStream {
        expand(&self.attribute, self.args.clone(), self.item.clone())
    }
}

fn expand(attribute: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    match attribute {
        "extension" => crate::extension(args, item),
        "workload" => crate::workload(args, item),
        "derive" => crate::schema(item),
        other => panic!("`{other}` is none of our attributes"),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/expand")
}

/// All sources, in order of their names.
fn sources() -> Vec<Source> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder of sources")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter_map(|name| name.strip_suffix(".in.rs").map(str::to_owned))
        .collect();
    names.sort();
    names.iter().map(|name| source(name)).collect()
}

fn source(name: &str) -> Source {
    let text = std::fs::read_to_string(folder().join(format!("{name}.in.rs"))).expect("a source");
    let mut found = applied(name, text.parse().expect("tokens"));
    let source = found.drain(..).next();
    source.unwrap_or_else(|| panic!("{name}: no attribute of ours"))
}

/// Every item that carries one of our attributes, at any depth, outer ones first.
fn applied(name: &str, tokens: TokenStream) -> Vec<Source> {
    let mut found = Vec::new();
    for item in split(tokens).1 {
        let own = item.attributes.iter().position(|attribute| is_ours(&attribute.meta));
        if let Some(at) = own {
            let attribute = item.attributes[at].path().segments.last().expect("a segment").ident.to_string();
            let args = match &item.attributes[at].meta {
                syn::Meta::List(list) if attribute != "derive" => list.tokens.clone(),
                _ => TokenStream::new(),
            };
            let (before, after) = (&item.attributes[..at], &item.attributes[at + 1..]);
            let rest = &item.tokens;
            let whole = quote::quote!(#(#before)* #(#after)* #rest);
            found.push(Source { name: name.to_owned(), attribute, args, item: whole });
        }
        for token in item.tokens {
            if let TokenTree::Group(group) = token {
                found.extend(applied(name, group.stream()));
            }
        }
    }
    found
}

fn is_ours(meta: &syn::Meta) -> bool {
    let name = meta.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    let derives = |list: &syn::MetaList| list.tokens.to_string().contains("Schema");
    match meta {
        syn::Meta::List(list) if name == "derive" => derives(list),
        _ => name == "extension" || name == "workload",
    }
}
