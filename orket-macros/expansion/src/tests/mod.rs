//! Tests over the sources in `tests/expand`: each is one item with one of our attributes.

mod golden;
mod prefix;

use std::path::PathBuf;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One source, taken apart as the compiler does it.
struct Source {
    name: String,
    attribute: String,
    args: TokenStream,
    item: TokenStream,
}

impl Source {
    fn expand(&self) -> TokenStream {
        expand(&self.attribute, self.args.clone(), self.item.clone())
    }
}

fn expand(attribute: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    match attribute {
        "extension" => crate::extension(args, item),
        "workload" => crate::workload(args, item),
        "derive" => crate::schema(item),
        other => panic!("`{other}` is none of our attributes"),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/expand")
}

/// All sources, in order of their names.
fn sources() -> Vec<Source> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder of sources")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter_map(|name| name.strip_suffix(".in.rs").map(str::to_owned))
        .collect();
    names.sort();
    names.into_iter().map(source).collect()
}

fn source(name: String) -> Source {
    let text = std::fs::read_to_string(folder().join(format!("{name}.in.rs"))).expect("a source");
    let mut tokens = text.parse::<TokenStream>().expect("tokens").into_iter();
    tokens.next().expect("a hash");
    let Some(TokenTree::Group(brackets)) = tokens.next() else { panic!("{name}: no attribute first") };
    let mut inside = brackets.stream().into_iter();
    let attribute = inside.next().expect("the name of the attribute").to_string();
    let args = match inside.next() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => group.stream(),
        _ => TokenStream::new(),
    };
    Source { name, attribute, args, item: tokens.collect() }
}
