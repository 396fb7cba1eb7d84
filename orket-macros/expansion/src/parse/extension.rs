//! The syntax of `#[extension]` on a module.

use orket_contract::code;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Token, Visibility, token};

use super::item::{Item, split};
use super::option::{Given, options};
use crate::issues::Issues;

/// `#[extension(…)]` and what it stands on.
pub(crate) struct Extension {
    pub(crate) options: Vec<Given>,
    /// The item as it was written.
    pub(crate) item: TokenStream,
    /// The item as an inline module, if it is one.
    pub(crate) module: Option<Module>,
}

/// An inline module.
pub(crate) struct Module {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) keyword: Token![mod],
    pub(crate) name: Ident,
    /// The span of the braces.
    pub(crate) braces: Span,
    /// The attributes at the start of its inside.
    pub(crate) inner: TokenStream,
    pub(crate) items: Vec<Item>,
}

impl Module {
    /// All its attributes, the inner ones too.
    pub(crate) fn all_attributes(&self) -> Vec<Attribute> {
        let inner = Attribute::parse_inner.parse2(self.inner.clone()).unwrap_or_default();
        self.attributes.iter().cloned().chain(inner).collect()
    }
}

/// Parses an extension.
pub(crate) fn extension(args: TokenStream, item: TokenStream, issues: &mut Issues) -> Extension {
    let options = options(args, issues);
    let module = match module.parse2(item.clone()) {
        Ok(module) => Some(module),
        Err(error) => {
            issues.report_with_help(
                error.span(),
                code::EXTENSION_NOT_A_MODULE,
                "`#[extension]` stands on a module with its body in braces",
                "write `#[extension(id = \"…\")] pub mod name { … }`; workloads of other files are listed in it \
                 with `#[workload] pub use path::to::function;`",
            );
            None
        }
    };
    Extension { options, item, module }
}

fn module(input: ParseStream) -> syn::Result<Module> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let keyword = input.parse()?;
    let name: Ident = input.parse()?;
    if !input.peek(token::Brace) {
        return Err(syn::Error::new(name.span(), "no body"));
    }
    let group: Group = match input.parse()? {
        TokenTree::Group(group) => group,
        other => return Err(syn::Error::new(other.span(), "no body")),
    };
    let (inner, items) = split(group.stream());
    Ok(Module { attributes, visibility, keyword, name, braces: group.span(), inner, items })
}
