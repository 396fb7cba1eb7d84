//! Nothing panics on a prefix of any source: what an editor sends while its user types.

use proc_macro2::{Group, TokenStream, TokenTree};

use super::{Source, expand, sources};

#[test]
fn no_prefix_of_an_item_panics() {
    for Source { attribute, args, item, .. } in &sources() {
        for prefix in prefixes(item) {
            expand(attribute, args.clone(), prefix);
        }
    }
}

#[test]
fn no_prefix_of_the_options_panics() {
    for Source { attribute, args, item, .. } in &sources() {
        for prefix in prefixes(args) {
            expand(attribute, prefix, item.clone());
        }
    }
}

/// An attribute may stand on what was meant for another one.
#[test]
fn no_prefix_under_another_attribute_panics() {
    for Source { args, item, .. } in &sources() {
        for prefix in prefixes(item) {
            for attribute in ["extension", "workload", "derive"] {
                expand(attribute, args.clone(), prefix.clone());
            }
        }
    }
}

/// The prefix is kept: what the author has typed so far is emitted whole.
#[test]
fn every_prefix_of_an_item_is_emitted_as_it_was() {
    for Source { attribute, args, item, .. } in
        sources().iter().filter(|source| source.attribute == "workload")
    {
        for prefix in prefixes(item) {
            let expanded = expand(attribute, args.clone(), prefix.clone()).to_string();
            assert!(expanded.starts_with(prefix.to_string().trim()), "{prefix}");
        }
    }
}

/// Every prefix, inside of groups too: `a (b c)` gives nothing, `a`, `a ()`, `a (b)` and `a (b c)`.
fn prefixes(tokens: &TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = vec![TokenStream::new()];
    for (at, token) in tokens.iter().enumerate() {
        let before = || tokens[..at].iter().cloned();
        match token {
            TokenTree::Group(group) => found.extend(prefixes(&group.stream()).into_iter().map(|inside| {
                let group = Group::new(group.delimiter(), inside);
                before().chain([TokenTree::Group(group)]).collect()
            })),
            other => found.push(before().chain([other.clone()]).collect()),
        }
    }
    found
}
