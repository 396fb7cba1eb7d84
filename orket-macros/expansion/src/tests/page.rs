//! The page of the attributes names every option, and no other.

use orket_contract::budget::Resource;

use crate::{EXTENSION_OPTIONS, WORKLOAD_OPTIONS};

/// Checks the table in the section between two headings against a list.
#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    let page = super::folder().join("../../docs/macros.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let section = page.split(&format!("\n{from}\n")).nth(1).expect(from);
    let section = section.split(&format!("\n{to}\n")).next().expect(to);
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<Vec<_>>(), expected, "{from}");
}

#[test]
fn the_page_names_every_option() {
    check("## The extension", "## A workload", &EXTENSION_OPTIONS);
    check("## A workload", "### Budgets", &WORKLOAD_OPTIONS);
    check("### Budgets", "### Functions beside it", &Resource::ALL.map(Resource::name));
}
