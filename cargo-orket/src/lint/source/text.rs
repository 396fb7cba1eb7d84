//! Reading a source file into syntax, however deep it is.
//!
//! Invariant: nothing is parsed that could exhaust the stack. How deep a tree can become is bounded from its
//! tokens, before there is a tree; what is too deep is looked at as tokens only.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The largest file that is read, in bytes.
const BYTES_MAX: usize = 4 << 20;

/// How many tokens may stand between two places where a tree cannot become deeper.
const DEPTH_MAX: usize = 12_000;

/// A source file as far as it could be read.
pub(super) enum Syntax {
    /// All of it.
    Tree(syn::File),
    /// Its tokens: it is too deep, or no file of items.
    Tokens(TokenStream),
    /// Nothing, and why.
    Nothing(String),
}

/// Reads a text.
pub(super) fn read(text: &str) -> Syntax {
    if text.len() > BYTES_MAX {
        return Syntax::Nothing(format!("it has more than {BYTES_MAX} bytes"));
    }
    if nesting(text) > DEPTH_MAX {
        return Syntax::Nothing(format!("its brackets nest deeper than {DEPTH_MAX}"));
    }
    // The lexer knows no byte order mark and no `#!` line, the parser does.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    match body.parse::<TokenStream>() {
        Ok(tokens) if depth(&tokens, 0) > DEPTH_MAX => Syntax::Tokens(tokens),
        Ok(tokens) => syn::parse_file(text).map_or(Syntax::Tokens(tokens), Syntax::Tree),
        Err(error) => syn::parse_file(text).map_or_else(|_| Syntax::Nothing(error.to_string()), Syntax::Tree),
    }
}

/// An upper bound on how deep brackets nest, comments and texts included.
fn nesting(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => now += 1,
            b')' | b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// An upper bound on the depth of the tree that tokens make: each level of it takes a token of its own, and a
/// `;`, a `,` or a block that nothing continues ends what can nest.
fn depth(tokens: &TokenStream, above: usize) -> usize {
    let (mut run, mut most) = (above, above);
    let mut after_block = false;
    for token in tokens.clone() {
        let continues = matches!(&token, TokenTree::Ident(word) if word == "else" || word == "as")
            || matches!(&token, TokenTree::Punct(mark) if mark.as_char() != '#');
        if after_block && !continues {
            run = above;
        }
        run += 1;
        after_block = false;
        match &token {
            TokenTree::Punct(mark) if matches!(mark.as_char(), ';' | ',') => run = above,
            TokenTree::Group(group) => {
                most = most.max(depth(&group.stream(), run));
                after_block = group.delimiter() == Delimiter::Brace;
            }
            _ => {}
        }
        most = most.max(run);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_source_is_a_tree() {
        let many = "fn a() -> u8 { if true { 1 } else { 2 } }\n".repeat(5_000);
        assert!(matches!(read(&many), Syntax::Tree(file) if file.items.len() == 5_000));
        assert!(matches!(read("#!/usr/bin/x\nfn a() {}"), Syntax::Tree(_)));
        assert!(matches!(read("\u{feff}fn a() {}"), Syntax::Tree(_)));
        assert!(matches!(read("1 + 1"), Syntax::Tokens(_)));
        assert!(matches!(read("fn a( {"), Syntax::Nothing(_)));
    }

    #[test]
    fn what_is_too_deep_is_no_tree() {
        for deep in ["!", "&", "- ", "1 + ", "a.b().", "if x {} else ", "|x| ", "x => "] {
            let text = format!("fn a() {{ {}1 }}", deep.repeat(DEPTH_MAX));
            assert!(!matches!(read(&text), Syntax::Tree(_)), "{deep}");
        }
        let nested = format!("fn a() {{ {}{} }}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(matches!(read(&nested), Syntax::Nothing(_)));
        let open = "[".repeat(BYTES_MAX + 1);
        assert!(matches!(read(&open), Syntax::Nothing(_)));
    }
}
