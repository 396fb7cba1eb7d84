//! The lint over crates that others wrote: it bears them all, and takes none of their names for ours.

use crate::tool::orket;
use crate::world::{copy, root, target, tests};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The names and versions of the list.
fn list() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(tests().join("cases/lint/crates.txt")).expect("the list is there");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let (name, version) = line.split_once(' ').expect("a name and a version");
        (name.to_owned(), version.to_owned())
    };
    lines.map(pair).collect()
}

#[test]
fn the_list_names_at_least_fifty_crates_once() {
    let list = list();
    let names: BTreeSet<_> = list.iter().map(|(name, _)| name).collect();
    assert!(names.len() >= 50 && names.len() == list.len(), "{} names, {} lines", names.len(), list.len());
    assert!(list.iter().all(|(_, version)| version.split('.').count() == 3), "{list:?}");
}

/// A package that depends on all of them, so that cargo fetches them, and where they lie then.
fn fetched(folder: &Path, list: &[(String, String)]) -> Vec<PathBuf> {
    let entry = |(name, version): &(String, String)| format!("{name} = \"={version}\"\n");
    let list_of: String = list.iter().map(entry).collect();
    let manifest =
        format!("[package]\nname = \"all\"\nedition = \"2024\"\n\n[dependencies]\n{list_of}\n[workspace]\n");
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    std::fs::write(folder.join("src/lib.rs"), "").expect("a file");
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a file");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .current_dir(folder)
        .stderr(std::process::Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "the crates cannot be fetched");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let place = |(name, version): &(String, String)| {
        let found =
            packages.iter().find(|package| package["name"] == **name && package["version"] == **version);
        let manifest = found.and_then(|package| package["manifest_path"].as_str());
        let manifest = manifest.unwrap_or_else(|| panic!("{name} {version} was not fetched"));
        Path::new(manifest).parent().expect("a folder").to_path_buf()
    };
    list.iter().map(place).collect()
}

/// Leaves out of a manifest what is not compiled for an extension and would have to be fetched.
fn lean(manifest: &Path) {
    let text = std::fs::read_to_string(manifest).expect("text");
    let mut table: toml::Table = text.parse().expect("TOML");
    for key in ["bench", "dev-dependencies", "example", "test", "workspace"] {
        table.remove(key);
    }
    if let Some(targets) = table.get_mut("target").and_then(toml::Value::as_table_mut) {
        for (_, target) in targets {
            target.as_table_mut().expect("a table").remove("dev-dependencies");
        }
    }
    std::fs::write(manifest, table.to_string()).expect("the file can be written");
}

#[test]
fn crates_of_others_are_borne_and_none_imports_what_is_ours() {
    if std::env::var_os("ORKET_DEEP").is_none() {
        return;
    }
    let around = tempfile::tempdir().expect("a folder");
    let (list, project) = (list(), around.path().join("project"));
    let places = fetched(&around.path().join("fetch"), &list);
    let mut dependencies = String::new();
    for ((name, _), place) in list.iter().zip(places) {
        let copied = project.join("crates").join(name);
        copy(&place, &copied);
        lean(&copied.join("Cargo.toml"));
        dependencies.push_str(&format!("{name} = {{ path = \"crates/{name}\" }}\n"));
    }
    let sdk = root().join("orket-runtime").display().to_string();
    let manifest = format!(
        "[package]\nname = \"everything\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         orket-runtime = {{ path = \"{sdk}\" }}\n{dependencies}\n[workspace]\nmembers = [\"crates/*\"]\n"
    );
    std::fs::create_dir_all(project.join("src")).expect("a folder");
    let source = std::fs::read_to_string(tests().join("cases/lint/graph/src/lib.rs")).expect("text");
    std::fs::write(project.join("src/lib.rs"), source).expect("a file");
    let main = "orket_runtime::main!(everything::extension);\n";
    std::fs::write(project.join("src/main.rs"), main).expect("a file");
    std::fs::write(project.join("Cargo.toml"), manifest).expect("a file");
    let done = orket(
        &project,
        &[
            "lint",
            "--message-format",
            "json",
            "--without",
            "artifact",
            "--target-dir",
            &target().display().to_string(),
        ],
    );
    assert!(matches!(done.exit, 0 | 100) && !done.err.contains("panicked"), "{done}");
    let findings = done.told("orket-issue");
    let mut counts: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for finding in &findings {
        let text = |value: &'static str| finding[value].as_str().expect("text");
        let package = finding["details"]["package"].as_str().unwrap_or_default();
        assert!(!text("code").starts_with("import."), "{finding}");
        counts.entry((text("code"), text("severity"))).or_default().insert(package);
    }
    assert_eq!(done.told("orket-lint-finished")[0]["missing"], serde_json::json!(["artifact"]), "{done}");
    let mut table = String::new();
    for ((code, severity), packages) in &counts {
        let is_it = |finding: &&Value| finding["code"] == *code && finding["severity"] == *severity;
        let (count, packages): (usize, Vec<_>) =
            (findings.iter().filter(is_it).count(), packages.iter().copied().collect());
        table.push_str(&format!("{severity} {code}: {count} in {}\n", packages.join(", ")));
    }
    std::fs::write(target().join("lint-crates.txt"), &table).expect("the table can be written");
    // Crates with build scripts and with code of other platforms are among them.
    assert!(
        counts.contains_key(&("build.script", "info")) && counts.contains_key(&("native.extern", "warning"))
    );
}
