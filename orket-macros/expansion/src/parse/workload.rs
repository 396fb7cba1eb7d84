//! The syntax of `#[workload]` on a function. The body stays as it is: it need not even be valid.

use orket_contract::code;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Signature, Token, Visibility};

use super::option::{Given, options};
use crate::issues::Issues;

/// `#[workload(…)]` and what it stands on.
pub(crate) struct Workload {
    pub(crate) options: Vec<Given>,
    /// The item as it was written.
    pub(crate) item: TokenStream,
    /// The item as a function, if it is one.
    pub(crate) function: Option<Function>,
}

/// A function without its body.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
}

/// Parses a workload.
pub(crate) fn workload(args: TokenStream, item: TokenStream, issues: &mut Issues) -> Workload {
    let options = options(args, issues);
    let function = function.parse2(item.clone()).ok();
    if function.is_none() {
        refuse(&item, issues);
    }
    Workload { options, item, function }
}

fn function(input: ParseStream) -> syn::Result<Function> {
    let function = Function {
        attributes: input.call(Attribute::parse_outer)?,
        visibility: input.parse()?,
        signature: input.parse()?,
    };
    input.parse::<TokenStream>()?;
    Ok(function)
}

fn refuse(item: &TokenStream, issues: &mut Issues) {
    let (keyword, span) = keyword.parse2(item.clone()).unwrap_or_else(|_| (None, Span::call_site()));
    if keyword.is_some_and(|keyword| keyword == "use") {
        issues.report_with_help(
            span,
            code::WORKLOAD_HIDDEN,
            "`#[workload]` on a `use` has a meaning only directly inside of an `#[extension]` module",
            "move the line into the module that carries `#[extension]`",
        );
    } else {
        issues.report_with_help(
            span,
            code::WORKLOAD_SIGNATURE,
            "`#[workload]` stands on a function",
            "write `#[workload] pub fn name(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult>`",
        );
    }
}

/// The first word of an item after its attributes and visibility.
fn keyword(input: ParseStream) -> syn::Result<(Option<Ident>, Span)> {
    input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    let span = if input.is_empty() { Span::call_site() } else { input.span() };
    let keyword = if input.peek(Token![#]) { None } else { input.call(Ident::parse_any).ok() };
    while input.parse::<TokenTree>().is_ok() {}
    Ok((keyword, span))
}
