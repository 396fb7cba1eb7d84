//! What the attributes of `orket-runtime` expand to, as a function of tokens: for the compiler, which
//! calls it through `orket-macros`, and for `cargo orket expand`.
//!
//! Three questions, three modules: `parse` (what was written?), `model` (what does it mean?),
//! `emit` (what follows?), and one list of issues through all of them.
//!
//! Invariants: an expansion is a function of its tokens alone: it reads no file, no environment and
//! no clock, and keeps nothing between calls. The author's item is always emitted as it was written.
//! Nothing here panics, whatever the tokens are.

#![forbid(unsafe_code)]

mod emit;
mod issues;
mod model;
mod parse;
#[cfg(test)]
mod tests;

pub use model::{EXTENSION_OPTIONS, WORKLOAD_OPTIONS};

pub use issues::Issue;
use issues::Issues;
use proc_macro2::TokenStream;
use quote::quote;

/// What an attribute adds to the author's item, which stays as it was written.
pub struct Added {
    /// The id of the extension or workload, the name of the type.
    pub name: String,
    /// The items: of `#[extension]` at the end of its module, else after the item.
    pub items: TokenStream,
    /// The author's mistakes; with any, the items are stubs.
    pub issues: Vec<Issue>,
}

/// What `#[extension(args)]` on `item` expands to.
#[must_use]
pub fn extension(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut issues = Issues::default();
    let syntax = parse::extension(args, item, &mut issues);
    let model = model::extension(&syntax, &mut issues);
    let errors = issues.to_tokens();
    match &syntax.module {
        Some(module) => {
            let module = emit::module(module, &emit::extension(module, &model, &issues));
            quote!(#module #errors)
        }
        None => {
            let item = &syntax.item;
            quote!(#item #errors)
        }
    }
}

/// What `#[extension(args)]` adds to `item`.
#[must_use]
pub fn extension_adds(args: TokenStream, item: TokenStream) -> Added {
    let mut issues = Issues::default();
    let syntax = parse::extension(args, item, &mut issues);
    let model = model::extension(&syntax, &mut issues);
    let items = syntax.module.as_ref().map(|module| emit::extension(module, &model, &issues));
    Added { name: model.id, items: items.unwrap_or_default(), issues: issues.into_vec() }
}

/// What `#[workload(args)]` on `item` expands to.
#[must_use]
pub fn workload(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut issues = Issues::default();
    let syntax = parse::workload(args, item, &mut issues);
    let model = model::workload(&syntax, &mut issues);
    let (item, added, errors) = (&syntax.item, emit::workload(&model, &issues), issues.to_tokens());
    quote!(#item #added #errors)
}

/// What `#[workload(args)]` adds to `item`.
#[must_use]
pub fn workload_adds(args: TokenStream, item: TokenStream) -> Added {
    let mut issues = Issues::default();
    let syntax = parse::workload(args, item, &mut issues);
    let model = model::workload(&syntax, &mut issues);
    let items = emit::workload(&model, &issues);
    let name = model.meaning.map(|meaning| meaning.id).unwrap_or_default();
    Added { name, items, issues: issues.into_vec() }
}

/// What `#[derive(Schema)]` on `item` expands to, which is what it adds to it.
#[must_use]
pub fn schema(item: TokenStream) -> TokenStream {
    let mut issues = Issues::default();
    let added = described(item, &mut issues);
    let errors = issues.to_tokens();
    let items = added.map(|(_, items)| items);
    quote!(#items #errors)
}

/// What `#[derive(Schema)]` adds to `item`.
#[must_use]
pub fn schema_adds(item: TokenStream) -> Added {
    let mut issues = Issues::default();
    let (name, items) = described(item, &mut issues).unwrap_or_default();
    Added { name, items, issues: issues.into_vec() }
}

fn described(item: TokenStream, issues: &mut Issues) -> Option<(String, TokenStream)> {
    let syntax = parse::schema(item, issues)?;
    let model = model::schema(&syntax, issues);
    Some((model.name.to_string(), emit::schema(&model, issues)))
}
