//! `cargo orket new`: every template gives a crate for which the whole loop works.

use crate::tool::{Project, orket};
use crate::world::{root, target};
use std::path::Path;
use std::process::Command;

#[track_caller]
fn cargo(folder: &Path, words: &[&str]) {
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(words).current_dir(folder).env("CARGO_TARGET_DIR", target()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "cargo {words:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Everything that the README of a new crate promises.
#[track_caller]
fn check_loop(name: &str, template: &str, edition: &str) {
    let project = Project::new(name, &["--template", template, "--edition", edition]);
    cargo(&project.root, &["fmt", "--check"]);
    cargo(&project.root, &["clippy", "--all-targets", "--", "-D", "warnings"]);
    project.orket(&["lint"]).exits(0).says("nothing found");
    project.orket(&["check", "--strict"]).exits(0);
    project.orket(&["test"]).exits(0);
    let workload = format!("{}_v1", name.replace('-', "_"));
    project.orket(&["run", &workload, "--seed", "7"]).exits(0).says("cargo orket replay ");
    project.orket(&["verify"]).exits(0).says("nothing recorded: compared with itself");
    project.orket(&["verify", &workload, "--bless", "--case", "first"]).exits(0);
    project.orket(&["verify"]).exits(0).says("case first from its record and in 10 runs");
    let run = project.runs(&workload).pop().expect("a run was published");
    project.orket(&["replay", &run.display().to_string()]).exits(0).says("Repeats");
    project.orket(&["conformance"]).exits(0).says("0 failed");
}

#[test]
fn the_loop_works_for_workload() {
    check_loop("hello", "workload", "2024");
}

#[test]
fn the_loop_works_for_minimal_with_a_long_name() {
    check_loop("a-name-that-is-long-enough-to-break-some-lines-of-the-templates", "minimal", "2024");
}

#[test]
fn older_editions_compile() {
    let all = ["2018", "2021", "2024"]
        .into_iter()
        .flat_map(|edition| [(edition, "minimal"), (edition, "workload")]);
    let some = [("2018", "minimal"), ("2021", "workload")];
    let chosen: Vec<_> = if std::env::var_os("ORKET_DEEP").is_some() { all.collect() } else { some.to_vec() };
    for (edition, template) in chosen {
        let project =
            Project::new(&format!("{template}-{edition}"), &["--template", template, "--edition", edition]);
        project.orket(&["test"]).exits(0);
    }
}

#[track_caller]
fn check_refused(words: &[&str], exit: i32, says: &str) {
    let around = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(around.path().join("taken")).expect("a folder");
    std::fs::write(around.path().join("taken/file"), "mine").expect("a file");
    orket(around.path(), &[&["new"], words].concat()).exits(exit).says(says);
    let left: Vec<_> = std::fs::read_dir(around.path()).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "nothing is left behind: {left:?}");
    assert_eq!(std::fs::read_to_string(around.path().join("taken/file")).expect("it is there"), "mine");
}

#[test]
fn what_cannot_be_leaves_nothing_behind() {
    check_refused(&["taken"], 101, "error[template.target-exists]");
    check_refused(&["x", "--template", "wrkload"], 2, "did you mean `workload`?");
    check_refused(&["Hello World"], 100, "`hello-world` would do");
    check_refused(&["match"], 100, "error[id.invalid]");
    check_refused(&["x", "--sdk", "nowhere"], 2, "--sdk nowhere");
    check_refused(&["x", "--edition", "1999"], 2, "1999");
    check_refused(&[], 2, "required");
}

#[test]
fn an_empty_folder_is_a_target() {
    let around = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(around.path().join("empty")).expect("a folder");
    orket(around.path(), &["new", "empty", "--vcs", "none"]).exits(0);
    assert!(around.path().join("empty/src/lib.rs").is_file());
}

#[test]
fn the_sdk_is_where_it_is_said_to_be() {
    let manifest = |sdk: &[&str]| {
        let project = Project::new("hello", sdk);
        std::fs::read_to_string(project.root.join("Cargo.toml")).expect("a manifest")
    };
    assert!(manifest(&["--sdk", "0.9"]).contains("orket-runtime = \"0.9\""));
    assert!(manifest(&["--sdk", "https://example.org/x"]).contains("{ git = \"https://example.org/x\" }"));
    let checkout = root().display().to_string();
    assert!(manifest(&["--sdk", &checkout]).contains(&format!("{{ path = \"{checkout}/orket-runtime\" }}")));
}

#[test]
fn a_crate_joins_the_workspace_that_takes_it_in() {
    let around = tempfile::tempdir().expect("a folder");
    std::fs::write(around.path().join("Cargo.toml"), "[workspace]\nmembers = [\"in/*\"]\n").expect("a file");
    for (path, own) in [("in/one", false), ("out/two", true)] {
        orket(around.path(), &["new", path, "--vcs", "none"]).exits(0);
        let manifest =
            std::fs::read_to_string(around.path().join(path).join("Cargo.toml")).expect("a manifest");
        assert_eq!(manifest.contains("[workspace]"), own, "{path}");
    }
}

#[test]
fn templates_are_listed() {
    let out = orket(root(), &["new", "--list"]).exits(0).out;
    assert!(out.starts_with("minimal ") && out.contains("\nworkload "), "{out}");
}

#[test]
fn the_packed_tool_holds_its_templates() {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--package", "cargo-orket"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut folders = vec![root().join("templates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root()).expect("it lies there").display().to_string();
            assert!(list.lines().any(|line| line == name), "{name} is not packed\n{list}");
        }
    }
}
