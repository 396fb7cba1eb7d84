//! Nothing panics on a source that was changed at random, and what was Rust stays Rust: every source in
//! `tests/expand` and every use of an attribute in `tests/ui`, with tokens removed, repeated, swapped, cut off,
//! unwrapped and taken from elsewhere. `ORKET_DEEP` makes many more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use proc_macro2::{Group, TokenStream, TokenTree};

use super::{Source, applied, expand, folder, sources};

/// The most changes of one source.
const CHANGES_MAX: u64 = 4;

#[test]
fn no_mutation_panics_or_makes_other_than_rust() {
    let rounds = if std::env::var_os("ORKET_DEEP").is_some() { 4000 } else { 40 };
    let sources = every_source();
    assert!(sources.len() > 150, "{} sources", sources.len());
    let pool: Vec<TokenTree> =
        sources.iter().flat_map(|source| flat(&source.args).into_iter().chain(flat(&source.item))).collect();
    for (at, source) in sources.iter().enumerate() {
        for round in 0..rounds {
            let mut draws = Draws(((at as u64) << 32 | round) + 1);
            let (mut args, mut item) = (source.args.clone(), source.item.clone());
            for _ in 0..=draws.below(CHANGES_MAX) {
                let part = if draws.below(2) == 0 { &mut args } else { &mut item };
                *part = mutated(part, &mut draws, &pool);
            }
            check(&source.attribute, &args, &item);
        }
    }
}

fn check(attribute: &str, args: &TokenStream, item: &TokenStream) {
    let place = || format!("#[{attribute}({args})]\n{item}");
    let run = || expand(attribute, args.clone(), item.clone());
    let expanded = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| panic!("panics:\n{}", place()));
    assert_eq!(expanded.to_string(), run().to_string(), "two expansions of\n{}", place());
    let is_rust = |tokens: &TokenStream| syn::parse2::<syn::File>(tokens.clone()).is_ok();
    if is_rust(item) {
        assert!(is_rust(&expanded), "no Rust comes of\n{}\n{expanded}", place());
    }
}

/// Every source, and every use of an attribute in the cases of the compiler.
fn every_source() -> Vec<Source> {
    let mut found = sources();
    walk(&folder().join("../ui"), &mut found);
    found
}

fn walk(folder: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            found.extend(applied(&path.display().to_string(), text.parse().expect("tokens")));
        }
    }
}

/// Tokens without their nesting: groups stand among them, too.
fn flat(tokens: &TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens.clone() {
        if let TokenTree::Group(group) = &token {
            all.extend(flat(&group.stream()));
        }
        all.push(token);
    }
    all
}

/// The tokens with one change, at some depth.
fn mutated(tokens: &TokenStream, draws: &mut Draws, pool: &[TokenTree]) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let at = draws.index(tokens.len());
    if let Some(TokenTree::Group(group)) = tokens.get(at)
        && draws.below(4) != 0
    {
        let inside = mutated(&group.stream(), draws, pool);
        tokens[at] = TokenTree::Group(Group::new(group.delimiter(), inside));
        return tokens.into_iter().collect();
    }
    let other = pool[draws.index(pool.len())].clone();
    match (draws.below(7), tokens.len()) {
        (0, 1..) => drop(tokens.remove(at)),
        (1, 1..) => tokens.insert(at, tokens[at].clone()),
        (2, length @ 2..) => tokens.swap(at, (at + 1) % length),
        (3, _) => tokens.truncate(at),
        (4, 1..) => {
            if let TokenTree::Group(group) = tokens.remove(at) {
                tokens.splice(at..at, group.stream());
            }
        }
        (5, 1..) => tokens[at] = other,
        _ => tokens.insert(at, other),
    }
    tokens.into_iter().collect()
}

/// A sequence of draws (xorshift64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// An index of a list, 0 where there is none.
    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length.max(1) as u64)).unwrap_or_default()
    }
}
