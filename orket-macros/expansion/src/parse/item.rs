//! The items of an extension's module, told apart by their first tokens.
//!
//! Invariant: joined again, the items are the module as it was written. Bodies are not parsed, so
//! that syntax which this crate does not know passes through.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::{Attribute, ItemUse};

use super::attribute::{is_any_workload, is_conditional_workload, is_workload};

/// An item of the module.
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    /// What follows the attributes, as it was written.
    pub(crate) tokens: TokenStream,
    pub(crate) kind: Kind,
}

/// What kind of item it is, as far as that matters here.
pub(crate) enum Kind {
    Function(Ident),
    Import(Box<ItemUse>),
    Other,
}

/// A `#[workload]` where no extension can see it.
pub(crate) struct Hidden {
    pub(crate) span: Span,
    /// The name of the function that it stands on, if that is visible.
    pub(crate) name: Option<Ident>,
}

impl Item {
    /// Its `#[workload]` attribute.
    pub(crate) fn workload(&self) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| is_workload(attribute))
    }

    /// The workloads in it that its extension cannot list.
    pub(crate) fn hidden(&self) -> Vec<Hidden> {
        let mut found = Vec::new();
        for attribute in &self.attributes {
            if let syn::Meta::List(list) = &attribute.meta {
                let (path, tokens) = (&list.path, &list.tokens);
                if is_conditional_workload(&quote::quote!(#path(#tokens))) {
                    found.push(Hidden { span: attribute.pound_token.span, name: None });
                }
            }
        }
        search(self.tokens.clone(), &mut found);
        found
    }
}

/// Splits the inside of a module into its inner attributes and its items.
pub(crate) fn split(inside: TokenStream) -> (TokenStream, Vec<Item>) {
    let tokens: Vec<TokenTree> = inside.into_iter().collect();
    let mut at = inner_attributes(&tokens);
    let inner = tokens[..at].iter().cloned().collect();
    let mut items = Vec::new();
    while at < tokens.len() {
        let head = at + outer_attributes(&tokens[at..]);
        let end = head + length(&tokens[head..]);
        items.push(item(&tokens[at..head], &tokens[head..end]));
        at = end;
    }
    (inner, items)
}

fn item(attributes: &[TokenTree], rest: &[TokenTree]) -> Item {
    let tokens: TokenStream = rest.iter().cloned().collect();
    let stream = attributes.iter().cloned().collect();
    match Attribute::parse_outer.parse2(stream) {
        Ok(attributes) => Item { kind: kind(rest, &tokens), attributes, tokens },
        Err(_) => {
            let all = attributes.iter().chain(rest).cloned().collect();
            Item { attributes: Vec::new(), tokens: all, kind: Kind::Other }
        }
    }
}

fn kind(rest: &[TokenTree], tokens: &TokenStream) -> Kind {
    if let Ok(import) = syn::parse2(tokens.clone()) {
        return Kind::Import(Box::new(import));
    }
    name_of_function(rest).map_or(Kind::Other, |name| Kind::Function(name.clone()))
}

/// The name after the first `fn`, if nothing stands before it but qualifiers.
fn name_of_function(tokens: &[TokenTree]) -> Option<&Ident> {
    let at = tokens.iter().position(|token| is_word(token, &["fn"]))?;
    let qualifiers = ["pub", "const", "async", "unsafe", "extern", "default"];
    let qualified = tokens[..at].iter().all(|token| match token {
        TokenTree::Ident(_) => is_word(token, &qualifiers),
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        TokenTree::Literal(_) => true,
        TokenTree::Punct(_) => false,
    });
    match tokens.get(at + 1) {
        Some(TokenTree::Ident(name)) if qualified => Some(name),
        _ => None,
    }
}

fn inner_attributes(tokens: &[TokenTree]) -> usize {
    let mut at = 0;
    while let [hash, bang, TokenTree::Group(_), ..] = &tokens[at..]
        && is_punct(hash, '#')
        && is_punct(bang, '!')
    {
        at += 3;
    }
    at
}

fn outer_attributes(tokens: &[TokenTree]) -> usize {
    let mut at = 0;
    while let [hash, TokenTree::Group(group), ..] = &tokens[at..]
        && is_punct(hash, '#')
        && group.delimiter() == Delimiter::Bracket
    {
        at += 2;
    }
    at
}

/// How many tokens the first item takes: up to `;`, or up to braces unless it is one that must end
/// with `;`. Braces between `<` and `>` are constants.
fn length(tokens: &[TokenTree]) -> usize {
    let statement = ends_with_semicolon(tokens);
    let mut angles = 0_u32;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' => return at + 1,
                '<' => angles += 1,
                '>' if !follows_arrow(tokens, at) => angles = angles.saturating_sub(1),
                _ => {}
            },
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !statement && angles == 0 => {
                return at + 1;
            }
            _ => {}
        }
    }
    tokens.len()
}

fn follows_arrow(tokens: &[TokenTree], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| is_punct(&tokens[before], '-') || is_punct(&tokens[before], '='))
}

fn ends_with_semicolon(tokens: &[TokenTree]) -> bool {
    let mut words = tokens.iter().skip_while(|token| {
        is_word(token, &["pub"])
            || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
    });
    match words.next() {
        Some(first) if is_word(first, &["use", "static", "type"]) => true,
        Some(first) if is_word(first, &["const"]) => {
            !words.next().is_some_and(|next| is_word(next, &["fn", "async", "unsafe", "extern"]))
        }
        _ => false,
    }
}

/// Finds `#[workload]` at any depth.
fn search(tokens: TokenStream, found: &mut Vec<Hidden>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let attribute = at.checked_sub(1).is_some_and(|before| is_punct(&tokens[before], '#'));
        if attribute && is_workload_group(group) {
            found.push(Hidden { span: group.span(), name: name_after(&tokens[at + 1..]) });
        } else {
            search(group.stream(), found);
        }
    }
}

fn is_workload_group(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket && is_any_workload(&group.stream())
}

/// The name of the function that an attribute stands on.
fn name_after(tokens: &[TokenTree]) -> Option<Ident> {
    let end = length(tokens);
    let head = outer_attributes(tokens).min(end);
    name_of_function(&tokens[head..end]).cloned()
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_word(token: &TokenTree, words: &[&str]) -> bool {
    matches!(token, TokenTree::Ident(ident) if words.iter().any(|word| ident == word))
}
