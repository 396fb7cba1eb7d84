//! `cargo orket lint`: what it sees through, and what it excuses.

use crate::tool::{Done, Project};
use serde_json::Value;
use std::collections::BTreeSet;

#[track_caller]
fn findings(done: &Done) -> Vec<Value> {
    done.told("orket-issue")
}

#[test]
fn every_spelling_of_an_internal_import_is_found() {
    let project = Project::case("lint/evasions");
    let done = project.orket(&["lint", "--message-format", "json"]).exits(100);
    let mut found = BTreeSet::new();
    for finding in findings(&done) {
        assert_eq!(finding["code"], "import.internal", "{done}");
        assert!(finding["location"]["line"].as_u64() > Some(0), "{finding}");
        let file = finding["location"]["file"].as_str().expect("a finding has a file");
        found.insert(file.rsplit('/').next().expect("a name").to_owned());
    }
    let mut expected: BTreeSet<String> =
        ["generated.rs", "included.txt", "moved.rs"].map(str::to_owned).into();
    for entry in std::fs::read_dir(project.root.join("src")).expect("a folder").flatten() {
        expected.insert(entry.file_name().to_string_lossy().into_owned());
    }
    // `included.rs` and the module of generated source hold no more than an `include!`.
    for innocent in ["elsewhere", "included.rs", "lib.rs", "main.rs"] {
        expected.remove(innocent);
    }
    assert_eq!(found, expected, "{done}");
}

#[test]
fn a_finding_shows_source_and_explanation() {
    let project = Project::case("lint/evasions");
    project
        .orket(&["lint"])
        .exits(100)
        .says("error[import.internal]")
        .says("--> src/direct.rs:1:")
        .says("const VERSION: &str = orket_runtime::internal::SDK_VERSION;")
        .says("cargo orket explain import.internal");
}

#[test]
fn every_route_to_the_host_is_found() {
    let project = Project::case("lint/graph");
    let done = project.orket(&["lint", "--message-format", "json"]).exits(100);
    let findings = findings(&done);
    let hints: Vec<_> = findings.iter().map(|finding| finding["hint"].as_str().expect("a hint")).collect();
    assert!(findings.iter().all(|finding| finding["code"] == "import.engine"), "{done}");
    assert!(hints.iter().any(|hint| hint.contains("`graph` → `helper` → `orket-engine`")), "{done}");
    assert!(hints.iter().any(|hint| hint.contains("`graph` → `orket-contract`")), "{done}");
    assert_eq!(findings.len(), 2, "{done}");
    let lines: Vec<_> = findings.iter().map(|finding| finding["location"]["line"].as_u64()).collect();
    assert!(lines.iter().all(|line| *line > Some(0)), "{done}");
}

#[test]
fn code_that_does_not_compile_never_passes() {
    let project = Project::new("uncompiled", &["--template", "minimal"]);
    project.edit("src/lib.rs", "format!(\"Hello, {name}!\")", "missing(name)");
    let done = project.orket(&["lint"]).exits(101).says("cannot find function `missing`");
    done.says("error[build.failed]");
}

#[test]
fn a_renamed_sdk_is_the_sdk() {
    let project = Project::case("lint/renamed");
    let done = project.orket(&["lint", "--message-format", "json"]).exits(100);
    let places: Vec<_> = findings(&done).iter().map(|finding| finding["location"]["line"].clone()).collect();
    assert_eq!(places, [10], "{done}");
}
