//! What an item's attributes say of it: its doc comment, its `cfg`s, whether it is a workload.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The doc comment: lines without their first space, joined, trimmed.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(doc).collect();
    lines.join("\n").trim().to_owned()
}

fn doc(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
    let text = text.value();
    let lines: Vec<&str> =
        text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    pair.path.is_ident("doc").then(|| lines.join("\n"))
}

/// The attributes that switch an item on and off.
pub(crate) fn cfgs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}

/// Whether an attribute is `#[workload]`, by whatever path.
pub(super) fn is_workload(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "workload")
}

/// Whether the inside of an attribute is `cfg_attr(…, workload)`.
pub(super) fn is_conditional_workload(inside: &TokenStream) -> bool {
    let mut tokens = inside.clone().into_iter();
    let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(group))) = (tokens.next(), tokens.next()) else {
        return false;
    };
    let attributes: Vec<TokenTree> = group.stream().into_iter().collect();
    let mut parts = attributes.split(|token| matches!(token, TokenTree::Punct(p) if p.as_char() == ','));
    name == "cfg_attr" && parts.any(|part| names_workload(part.iter()))
}

/// Whether the inside of an attribute, `cfg_attr` seen through, is `workload` by whatever path.
pub(super) fn is_any_workload(inside: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = inside.clone().into_iter().collect();
    names_workload(tokens.iter()) || is_conditional_workload(inside)
}

/// Whether tokens are `path::workload` or `path::workload(…)`.
fn names_workload<'a>(tokens: impl Iterator<Item = &'a TokenTree>) -> bool {
    let mut last = None;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => last = Some(name == "workload"),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            TokenTree::Group(group) => {
                return last == Some(true) && group.delimiter() == Delimiter::Parenthesis;
            }
            _ => return false,
        }
    }
    last == Some(true)
}
