//! What each source expands to, beside it as `.out.rs`. `ORKET_BLESS=1 cargo test -p orket-expansion` renews.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use super::{folder, sources};

#[test]
fn expansions_are_those_on_record() {
    for source in sources() {
        let mut actual = String::new();
        lay_out(source.expand(), 0, &mut actual);
        let file = folder().join(format!("{}.out.rs", source.name));
        if std::env::var_os("ORKET_BLESS").is_some() {
            std::fs::write(&file, &actual).expect("the golden is written");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(
            actual, expected,
            "{}: `ORKET_BLESS=1 cargo test -p orket-expansion` renews it",
            source.name
        );
    }
}

/// Writes tokens with a line for each statement, item, attribute and member of a long list.
fn lay_out(tokens: TokenStream, depth: usize, text: &mut String) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut attribute = false;
    for (at, token) in tokens.iter().enumerate() {
        if text.is_empty() || text.ends_with('\n') {
            text.push_str(&"    ".repeat(depth));
        } else if at > 0 && !text.ends_with("::") && is_spaced(&tokens[at - 1], token) {
            text.push(' ');
        }
        let ends = match token {
            TokenTree::Group(group) => {
                self::group(group, depth, text);
                let more = tokens.get(at + 1).is_some_and(|next| is_any(next, ";,>."));
                attribute || group.delimiter() == Delimiter::Brace && !more
            }
            other => {
                text.push_str(&other.to_string());
                is_any(other, ";,")
            }
        };
        attribute = is_any(token, "#") || attribute && is_any(token, "!");
        if ends {
            text.push('\n');
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

fn group(group: &Group, depth: usize, text: &mut String) {
    let (open, close) = match group.delimiter() {
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::None => ("", ""),
    };
    let mut inside = String::new();
    lay_out(group.stream(), depth + 1, &mut inside);
    let line = inside.split_whitespace().collect::<Vec<_>>().join(" ");
    text.push_str(open);
    let attribute = text.ends_with("#[");
    if attribute || group.delimiter() != Delimiter::Brace && line.len() <= 80 {
        text.push_str(&line);
    } else if !group.stream().is_empty() {
        text.push('\n');
        text.push_str(&inside);
        text.push_str(&"    ".repeat(depth));
    }
    text.push_str(close);
}

fn is_spaced(before: &TokenTree, token: &TokenTree) -> bool {
    let joint = matches!(before, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    let tight = match token {
        TokenTree::Group(group) => group.delimiter() != Delimiter::Brace && !is_any(before, "=,|"),
        // A `::` that goes on with a path, not one that begins it.
        TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint => {
            let words = ["mut", "as", "for", "impl", "dyn", "use"];
            match before {
                TokenTree::Ident(ident) => !words.iter().any(|word| ident == word),
                other => is_any(other, ">"),
            }
        }
        other => is_any(other, ",;:?.!<>"),
    };
    !(joint || tight || is_any(before, "&!#.<|"))
}

fn is_any(token: &TokenTree, chars: &str) -> bool {
    matches!(token, TokenTree::Punct(punct) if chars.contains(punct.as_char()))
}
