//! `doctor` on this very machine, and where something is missing.

use crate::tool::{Project, command, done, git, orket};
use orket_engine::home::Home;
use serde_json::Value;

/// The lines of a group, by name.
#[track_caller]
fn lines(project: &Project, group: &str, exit: i32) -> Vec<Value> {
    let done = project.orket(&["doctor", "--message-format", "json"]).exits(exit);
    done.told("orket-examined").into_iter().filter(|line| line["group"] == group).collect()
}

#[track_caller]
fn state<'a>(lines: &'a [Value], name: &str) -> &'a Value {
    let line = lines.iter().find(|line| line["name"] == name);
    &line.unwrap_or_else(|| panic!("{name} is missing in {lines:?}"))["state"]
}

#[test]
fn every_layer_of_the_sandbox_is_shown_by_a_guest_that_ran() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = orket(folder.path(), &["doctor", "--sandbox", "--message-format", "json"]).exits(0);
    let (lines, attempts) = (done.told("orket-examined"), done.told("orket-attempt"));
    for layer in orket_engine::sandbox::Layer::ALL.map(orket_engine::sandbox::Layer::name) {
        assert_ne!(state(&lines, layer), "problem", "{done}");
        assert!(attempts.iter().any(|attempt| attempt["layer"] == layer), "{done}");
    }
    let read = attempts.iter().find(|attempt| attempt["name"] == "read /etc/passwd").expect("it was tried");
    assert_eq!((&read["shows"], &read["outside"]), (&"holds".into(), &"done".into()));
    assert!(read["inside"]["refused"].is_string(), "{read}");
    assert!(attempts.iter().all(|attempt| attempt["shows"] != "broken"), "{done}");
}

#[test]
fn before_the_first_run_a_guest_shows_that_the_sandbox_holds() {
    let project = Project::new("proved", &["--template", "minimal"]);
    let cache = tempfile::tempdir().expect("a folder");
    let shown = cache.path().join("orket/sandbox");
    let run = |seed: &str| {
        let mut command = command(&project.root, &["run", "proved_v1", "--seed", seed]);
        done(command.env("XDG_CACHE_HOME", cache.path())).exits(0);
        std::fs::read_to_string(&shown).expect("what was shown is remembered")
    };
    let first = run("1");
    assert_eq!(first.len(), 64, "{first}");
    assert_eq!(run("2"), first);
    std::fs::write(&shown, "something else").expect("it can be changed");
    assert_eq!(run("3"), first);
    // Where nothing can be remembered it is shown each time.
    std::fs::remove_file(&shown).and_then(|()| std::fs::create_dir(&shown)).expect("it can be replaced");
    let mut unkept = command(&project.root, &["run", "proved_v1", "--seed", "4"]);
    done(unkept.env("XDG_CACHE_HOME", cache.path())).exits(0);
    assert!(shown.is_dir());
}

#[test]
fn a_toolchain_that_is_missing_is_a_problem_with_its_fix() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = command(folder.path(), &["doctor"]).env("PATH", folder.path()).env_remove("RUSTC").output();
    let output = output.expect("the tool starts");
    assert_eq!(output.status.code(), Some(100));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rustc = text.lines().position(|line| line.contains("problem rustc")).expect(&text);
    assert!(text.lines().nth(rustc + 1).is_some_and(|line| line.contains("fix: install Rust")), "{text}");
}

#[test]
fn a_project_is_told_what_git_should_know_of_it() {
    let project = Project::new("doctored", &["--template", "minimal"]);
    assert_eq!(state(&lines(&project, "project", 0), "git"), "note");
    git(&project.root, &["init", "--quiet"]);
    let found = lines(&project, "project", 0);
    assert_eq!((state(&found, "ignored"), state(&found, "lock")), (&"ok".into(), &"note".into()));
    git(&project.root, &["add", "Cargo.lock"]);
    project.write(".gitignore", "/target\n");
    let found = lines(&project, "project", 0);
    assert_eq!((state(&found, "ignored"), state(&found, "lock")), (&"note".into(), &"ok".into()));
    project.write(".orket", "a file where a folder belongs");
    assert_eq!(state(&lines(&project, "project", 100), "store"), "problem");
}

#[test]
fn a_catalog_that_cannot_be_read_is_a_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::at(folder.path().join("home"));
    std::fs::create_dir(home.dir()).expect("a folder");
    let group = |exit: i32| {
        let mut command = command(folder.path(), &["doctor", "--message-format", "json"]);
        let output = command.env("ORKET_HOME", home.dir()).output().expect("the tool starts");
        assert_eq!(output.status.code(), Some(exit));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines.filter(|line| line["group"] == "home").collect::<Vec<_>>()
    };
    assert!(group(0).iter().all(|line| line["state"] == "ok"));
    std::fs::write(home.catalog(), "no catalog at all, but long enough to be taken for one").expect("a file");
    let found = group(100);
    assert_eq!((state(&found, "catalog"), state(&found, "config")), (&"problem".into(), &"ok".into()));
}
