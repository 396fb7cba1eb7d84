//! Where the line comments of a text are: not those in its literals and block comments.
//!
//! Invariant: any text has an answer, in one pass without recursion; what is no Rust merely has a useless one.

use std::ops::Range;

/// The bytes of each `//` comment, of whatever kind, up to the end of its line.
pub(in crate::lint) fn lines(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        at += match first {
            '/' if rest.starts_with("//") => {
                let length = rest.find('\n').unwrap_or(rest.len());
                found.push(at..at + rest[..length].trim_end().len());
                length
            }
            '/' if rest.starts_with("/*") => block(rest),
            '"' => suffixed(rest, quoted(rest, '"')),
            '\'' => suffixed(rest, character(rest)),
            first if is_of_word(first) => word(rest),
            first => first.len_utf8(),
        };
    }
    found
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How long a block comment is, with those in it.
fn block(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let step = match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                2
            }
            Some(b"*/") => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// How long a literal between two quotes is.
fn quoted(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                characters.next();
            }
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a literal with the word that follows at once, which begins no other literal; so it is for a lifetime.
fn suffixed(text: &str, length: usize) -> usize {
    length + text[length..].find(|c| !is_of_word(c)).unwrap_or(text.len() - length)
}

/// How long a literal of one character is; a lifetime has only its mark here.
fn character(text: &str) -> usize {
    let mut after = text[1..].chars();
    match (after.next(), after.next()) {
        (Some('\\'), _) => quoted(text, '\''),
        (Some(c), Some('\'')) => c.len_utf8() + 2,
        _ => 1,
    }
}

/// How long a word is, with the raw literal that it begins.
fn word(text: &str) -> usize {
    let end = suffixed(text, 0);
    let (word, rest) = text.split_at(end);
    let marks = rest.len() - rest.trim_start_matches('#').len();
    let raw = rest[marks..].strip_prefix('"').filter(|_| matches!(word, "r" | "br" | "cr"));
    let Some(body) = raw else { return end };
    let close = format!("\"{}", "#".repeat(marks));
    body.find(&close).map_or(text.len(), |at| suffixed(text, end + marks + 1 + at + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = lines(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn comments_are_told_from_what_looks_like_them() {
        check("a(); // b // c  \r\n/// d\n//! e", &["// b // c", "/// d", "//! e"]);
        check("\"\n// a\n\\\" // b\" // c", &["// c"]);
        check("r#\"\n// a\" // b\n\"# // c", &["// c"]);
        check("br\"\\\" // a\ncr##\"// \"# \"## // b", &["// a", "// b"]);
        check("b\"// \\\\\" c\"//\" r#type // a", &["// a"]);
        check("/* // a /* // b */\n// c\n*/ // d", &["// d"]);
        check("'\"' // a\n'\\'' // b\nb'\"' // c\n'\\u{22}' // d", &["// a", "// b", "// c", "// d"]);
        check("fn a<'a>(b: &'a str) { 'c: loop {} } // '\"\n'ä' // b", &["// '\"", "// b"]);
        check("\"a\"r\"\\\" // a\" 'r\"\\\" // b\" // c", &["// c"]);
        check("for_r\"// a\" // b", &["// b"]);
        check("\"// a", &[]);
        check("/* // a", &[]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

        #[test]
        fn any_text_has_an_answer(text in "[/*\"'#rbcä\\\\\n x]{0,80}") {
            for range in lines(&text) {
                prop_assert!(text[range.clone()].starts_with("//"));
                prop_assert!(!text[range].contains('\n'));
            }
        }

        #[test]
        fn without_its_comments_a_text_has_the_same_tokens(text in "(/{1,2}|\\*|\"|'|#|r|b|c|ä|\\\\|\n| |x){0,40}") {
            let tokens = |text: &str| text.parse::<proc_macro2::TokenStream>().ok().map(|all| all.to_string());
            // What follows a mark begins a raw literal there, which for rustc is a lifetime.
            let differs = ["'r", "'br", "'cr"].iter().any(|lifetime| text.contains(lifetime));
            if let Some(expected) = tokens(&text).filter(|_| !differs) {
                let mut bare = text.clone();
                for range in lines(&text).into_iter().rev() {
                    let comment = &text[range.clone()];
                    // Those are tokens.
                    if !comment.starts_with("//!") && !comment.starts_with("///") {
                        bare.replace_range(range, "");
                    }
                }
                prop_assert_eq!(tokens(&bare), Some(expected), "{:?}", text);
            }
        }
    }
}
