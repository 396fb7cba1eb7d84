//! The pages about codes, taken apart: what is refused and what mends it, example by example.

use crate::build::root;
use orket_contract::code::{ALL, Code};

/// One of the two sides of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// What Orket refuses or reports.
    Failing,
    /// What it takes.
    Fixed,
}

/// What an example is, which its first line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Lines to type; `cargo-orket` reads the commands of its own in a test.
    Shell,
    /// What Orket or the compiler says.
    Said,
    /// A manifest, or some keys of one.
    Manifest,
    /// Another TOML file: `Cargo.toml`, cargo's or Orket's configuration.
    Toml,
    /// A JSON text.
    Json,
    /// A Python source.
    Python,
    /// Files and folders as a drawing.
    Drawing,
    /// A file that is no Rust, on purpose or because it is yet to be rendered.
    Text,
    /// Rust: items, or statements of a workload.
    Rust,
}

/// One example: lines that are indented, with nothing empty between them.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) code: &'static Code,
    pub(crate) side: Side,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// All examples of all pages, in order.
pub(crate) fn examples() -> Vec<Example> {
    ALL.iter().flat_map(of_page).collect()
}

/// The examples of one kind on one side of one page.
pub(crate) fn of<'a>(all: &'a [Example], code: &str, side: Side, kind: Kind) -> Vec<&'a Example> {
    all.iter().filter(|one| (one.code.name, one.side, one.kind) == (code, side, kind)).collect()
}

fn of_page(code: &'static Code) -> Vec<Example> {
    let path = root().join("docs/codes").join(format!("{}.md", code.name));
    let page = std::fs::read_to_string(path).expect("a code has a page");
    let section = |title: &str| {
        let after = page.split(title).nth(1).expect("a page has its sections");
        after.split("\n## ").next().expect("there is a first part").to_owned()
    };
    let sides = [(Side::Failing, "## Failing example\n"), (Side::Fixed, "## Fixed example\n")];
    let examples = sides.map(|(side, title)| {
        let texts = paragraphs(&section(title)).into_iter();
        texts.map(move |text| Example { code, side, kind: kind(code.name, &text), text }).collect()
    });
    examples.into_iter().flat_map(|side: Vec<Example>| side).collect()
}

/// Runs of indented lines, without the indentation.
fn paragraphs(section: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in section.lines() {
        match line.strip_prefix("    ") {
            Some(code) => {
                let last = found.last_mut().expect("there is one");
                last.push_str(code);
                last.push('\n');
            }
            None => found.push(String::new()),
        }
    }
    found.retain(|text| !text.is_empty());
    found
}

fn kind(code: &str, text: &str) -> Kind {
    let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    let noun = code.split('.').next().unwrap_or_default();
    if begins(&["$ "]) {
        Kind::Shell
    } else if begins(&["error[", "error: ", "warning["]) {
        Kind::Said
    } else if begins(&["content/", "pack/"]) {
        Kind::Drawing
    } else if begins(&["# src/", "{% "]) {
        Kind::Text
    } else if begins(&["# orket.", "# extension."]) {
        Kind::Manifest
    } else if begins(&["# Cargo.toml", "# .cargo/config.toml", "# config.toml"]) {
        Kind::Toml
    } else if begins(&["{ ", "{\"", "[["]) {
        Kind::Json
    } else if noun == "import" && begins(&["import ", "def ", "module = "]) {
        Kind::Python
    } else {
        Kind::Rust
    }
}
