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

use issues::Issues;
use proc_macro2::TokenStream;

/// What `#[extension(args)]` on `item` expands to.
#[must_use]
pub fn extension(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut issues = Issues::default();
    let syntax = parse::extension(args, item, &mut issues);
    let model = model::extension(&syntax, &mut issues);
    emit::extension(&syntax, &model, &issues)
}

/// What `#[workload(args)]` on `item` expands to.
#[must_use]
pub fn workload(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut issues = Issues::default();
    let syntax = parse::workload(args, item, &mut issues);
    let model = model::workload(&syntax, &mut issues);
    emit::workload(&syntax, &model, &issues)
}

/// What `#[derive(Schema)]` on `item` adds to it.
#[must_use]
pub fn schema(item: TokenStream) -> TokenStream {
    let mut issues = Issues::default();
    let syntax = parse::schema(item, &mut issues);
    let model = syntax.as_ref().map(|syntax| model::schema(syntax, &mut issues));
    emit::schema(model.as_ref(), &issues)
}
