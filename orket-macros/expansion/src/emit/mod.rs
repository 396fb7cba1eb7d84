//! What follows? Meaning into tokens, without any check.
//!
//! Invariants: the author's item stays as it was written; after an issue only stubs are added to it, so that the compiler has nothing to add. Generated tokens carry the expansion's own
//! context even where they borrow the author's place: `cargo orket lint` tells them apart by it.

mod extension;
mod json;
mod schema;
mod workload;

pub(crate) use extension::{extension, module};
pub(crate) use schema::schema;
pub(crate) use workload::workload;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Path;
use syn::ext::IdentExt as _;

/// The path of the SDK.
fn sdk(given: Option<&Path>) -> TokenStream {
    given.map_or_else(|| quote!(::orket_runtime), ToTokens::to_token_stream)
}

/// The name of the companion of a workload function: mangled, because `mod f; pub use f::f;` would
/// collide with an unmangled one.
fn companion(function: &Ident) -> Ident {
    format_ident!("__orket_workload_{}", function.unraw(), span = function.span())
}

/// The place of the author's token in the context of this expansion.
fn place(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// What generated items are excused from, whatever the author's lints are.
fn excuses() -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(
            non_upper_case_globals, dead_code, unused_imports, unreachable_pub, unused_qualifications,
            deprecated, long_running_const_eval, clippy::all, clippy::pedantic
        )]
    }
}
