//! The options of an attribute: `key = value, key(key = value)`.
//!
//! Invariant: a mistake in one option never hides another; parsing resumes after the next comma.

use orket_contract::code;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{LitInt, LitStr, Path, Token, bracketed, parenthesized, token};

use crate::issues::Issues;

/// An option as it was given.
pub(crate) struct Given {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// A value of one of the forms that some option takes.
pub(crate) enum Value {
    /// `"text"`
    Text(LitStr),
    /// `[value, value]`
    List(Vec<Value>),
    /// `path::to::function`
    Path(Path),
    /// `key(key = value, key = value)`
    Table(Span, TokenStream),
    /// `1000`
    Number(LitInt),
    /// `("path", sha256 = "digits")`
    Pinned(LitStr, LitStr),
    /// Anything else.
    Other(Span),
}

impl Value {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Text(text) | Self::Pinned(text, _) => text.span(),
            Self::List(values) => values.first().map_or_else(Span::call_site, Self::span),
            Self::Path(path) => path.span(),
            Self::Number(number) => number.span(),
            Self::Table(span, _) | Self::Other(span) => *span,
        }
    }
}

/// Parses the options of an attribute.
pub(crate) fn options(tokens: TokenStream, issues: &mut Issues) -> Vec<Given> {
    let mut given = Vec::new();
    let parser = |input: ParseStream| {
        while !input.is_empty() {
            let option = option(input, issues);
            separate(input, option.is_some(), issues);
            given.extend(option);
        }
        Ok(())
    };
    // The parser consumes everything, so that it cannot fail.
    let _ = parser.parse2(tokens);
    given
}

fn option(input: ParseStream, issues: &mut Issues) -> Option<Given> {
    let Ok(key) = input.call(Ident::parse_any) else {
        issues.report(input.span(), code::OPTION_INVALID, "an option is written `key = value`");
        return None;
    };
    if let Some(TokenTree::Group(group)) = group(input) {
        let value = Value::Table(key.span(), group.stream());
        return Some(Given { key, value });
    }
    if !input.peek(Token![=]) {
        issues.report(key.span(), code::OPTION_INVALID, format!("`{key}` needs a value: `{key} = …`"));
        return None;
    }
    let _equals = input.parse::<Token![=]>();
    let value = value(input);
    if let Some(Value::Other(_)) = value {
        while !is_next(input) && input.parse::<TokenTree>().is_ok() {}
    }
    if value.is_none() {
        issues.report(key.span(), code::OPTION_INVALID, format!("`{key}` needs a value: `{key} = …`"));
    }
    Some(Given { key, value: value? })
}

fn group(input: ParseStream) -> Option<TokenTree> {
    input.peek(token::Paren).then(|| input.parse().ok()).flatten()
}

/// Goes past the next comma and reports what stands before it, unless the option was refused whole.
fn separate(input: ParseStream, sound: bool, issues: &mut Issues) {
    if sound && !input.is_empty() && !input.peek(Token![,]) {
        issues.report(input.span(), code::OPTION_INVALID, "expected `,` before the next option");
    }
    while !input.is_empty() {
        if input.parse::<Token![,]>().is_ok() || input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// Whether the input is at its end or at a comma before another option. The comma of a closure or a
/// call is none.
fn is_next(input: ParseStream) -> bool {
    let ahead = input.fork();
    ahead.is_empty()
        || ahead.parse::<Token![,]>().is_ok()
            && (ahead.is_empty() || ahead.call(Ident::parse_any).is_ok() && ahead.peek(Token![=]))
}

/// A value, or `None` at the end of the input or at a comma.
fn value(input: ParseStream) -> Option<Value> {
    if input.is_empty() || input.peek(Token![,]) {
        return None;
    }
    if input.peek(LitStr) {
        return input.parse().ok().map(Value::Text);
    }
    if input.peek(LitInt) {
        return input.parse().ok().map(Value::Number);
    }
    if input.peek(token::Bracket) {
        return list(input).ok();
    }
    let span = input.span();
    let known = if input.peek(token::Paren) { pinned(input) } else { path(input) };
    known.or_else(|| input.parse::<TokenTree>().ok().map(|_| Value::Other(span)))
}

fn path(input: ParseStream) -> Option<Value> {
    let ahead = input.fork();
    let path = ahead.parse::<Path>().ok()?;
    // `a::b(c)` and `a!` are no paths, though they begin with one.
    let whole = ahead.is_empty() || ahead.peek(Token![,]);
    whole.then(|| input.parse::<Path>()).map(|_| Value::Path(path))
}

fn list(input: ParseStream) -> syn::Result<Value> {
    let content;
    bracketed!(content in input);
    let mut values = Vec::new();
    while !content.is_empty() {
        let span = content.span();
        let value = value(&content).unwrap_or(Value::Other(span));
        let whole = content.is_empty() || content.peek(Token![,]);
        values.push(if whole { value } else { Value::Other(span) });
        while !content.is_empty() && content.parse::<Token![,]>().is_err() {
            content.parse::<TokenTree>()?;
        }
    }
    Ok(Value::List(values))
}

fn pinned(input: ParseStream) -> Option<Value> {
    fn parts(input: ParseStream) -> syn::Result<Value> {
        let content;
        parenthesized!(content in input);
        let path = content.parse()?;
        content.parse::<Token![,]>()?;
        let key = content.parse::<Ident>()?;
        if key != "sha256" {
            return Err(content.error("expected `sha256`"));
        }
        content.parse::<Token![=]>()?;
        let digest = content.parse()?;
        content.parse::<Option<Token![,]>>()?;
        Ok(Value::Pinned(path, digest))
    }
    let ahead = input.fork();
    let value = parts(&ahead).ok()?;
    input.parse::<TokenTree>().ok().map(|_| value)
}
