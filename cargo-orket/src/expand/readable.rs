//! Generated items for people: formatted, with short paths, without what only the compiler needs.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Attribute, Item};

/// Words after which a path begins that starts with `::`.
const BEFORE_PATHS: [&str; 6] = ["as", "const", "for", "impl", "mut", "use"];

/// The text of generated items.
pub(super) fn text(tokens: TokenStream) -> String {
    let short = shortened(tokens);
    match syn::parse2::<syn::File>(short.clone()) {
        Ok(mut file) => {
            file.items.iter_mut().for_each(strip);
            prettyplease::unparse(&file)
        }
        // Expansions are Rust, which their own tests show.
        Err(_) => short.to_string(),
    }
}

/// `::path::of::sdk::internal::X` as `internal::X`, `::core::option::Option::Some` as `Some`.
fn shortened(tokens: TokenStream) -> TokenStream {
    let mut short: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                // Only formatting needs the delimiters that the compiler does not see.
                let inside = shortened(group.stream());
                match group.delimiter() {
                    Delimiter::None => short.extend(inside),
                    delimiter => short.push(Group::new(delimiter, inside).into()),
                }
            }
            TokenTree::Ident(word) if word == "internal" || word == "Some" || word == "None" => {
                drop_path(&mut short);
                short.push(word.into());
            }
            other => short.push(other),
        }
    }
    short.into_iter().collect()
}

/// Drops the path that the tokens end with, up to and including its last `::`.
fn drop_path(tokens: &mut Vec<TokenTree>) {
    let is_colon =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    while is_colon(tokens.last()) && is_colon(tokens.len().checked_sub(2).and_then(|at| tokens.get(at))) {
        tokens.truncate(tokens.len() - 2);
        match tokens.last() {
            Some(TokenTree::Ident(word)) if !BEFORE_PATHS.iter().any(|before| word == before) => {
                tokens.pop();
            }
            _ => return,
        }
    }
}

/// Takes away what excuses generated items from lints and hides them from documentation.
fn strip(item: &mut Item) {
    let attributes = match item {
        Item::Const(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Static(item) => &mut item.attrs,
        Item::Use(item) => &mut item.attrs,
        _ => return,
    };
    attributes.retain(|attribute| !is_noise(attribute));
}

fn is_noise(attribute: &Attribute) -> bool {
    let path = attribute.path();
    let hidden = path.is_ident("doc") && matches!(attribute.meta, syn::Meta::List(_));
    hidden || path.is_ident("allow") || path.is_ident("automatically_derived")
}
