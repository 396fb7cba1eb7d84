//! The syntax of a type that derives `Schema`, and of `serde`'s attributes on it.

use orket_contract::code;
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, DeriveInput, LitStr, Meta, Token, parenthesized, token};

use crate::issues::Issues;

/// One word of a `#[serde(…)]` attribute.
pub(crate) struct Word {
    pub(crate) name: Ident,
    /// `name = "value"`, or `name(deserialize = "value")`.
    pub(crate) value: Option<LitStr>,
}

/// Parses the type.
pub(crate) fn schema(item: TokenStream, issues: &mut Issues) -> Option<DeriveInput> {
    syn::parse2(item)
        .map_err(|error| {
            issues.report(error.span(), code::SCHEMA_UNSUPPORTED, format!("this is no type: {error}"));
        })
        .ok()
}

/// Parses all `serde` attributes of an item.
pub(crate) fn words(attributes: &[Attribute], issues: &mut Issues) -> Vec<Word> {
    let mut found = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let Meta::List(list) = &attribute.meta else { continue };
        match all.parse2(list.tokens.clone()) {
            Ok(words) => found.extend(words),
            Err(error) => {
                issues.report(error.span(), code::SCHEMA_UNSUPPORTED, "this is no attribute of serde");
            }
        }
    }
    found
}

fn all(input: ParseStream) -> syn::Result<Vec<Word>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        found.extend(word(input)?);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(found)
}

/// A word; `None` when it says something of serialising only.
fn word(input: ParseStream) -> syn::Result<Option<Word>> {
    let name = input.call(Ident::parse_any)?;
    if input.parse::<Option<Token![=]>>()?.is_some() {
        let value = input.parse::<Option<LitStr>>()?;
        if value.is_none() {
            input.parse::<TokenTree>()?;
        }
        return Ok(Some(Word { name, value }));
    }
    if !input.peek(token::Paren) {
        return Ok(Some(Word { name, value: None }));
    }
    let content;
    parenthesized!(content in input);
    let read = all(&content)?.into_iter().find(|word| word.name == "deserialize");
    Ok(read.map(|word| Word { name, value: word.value }))
}
