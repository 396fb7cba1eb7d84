//! `cargo orket lint`: what it sees through, and what it excuses.

use crate::tool::{Done, Project};
use serde_json::Value;
use std::collections::BTreeSet;

/// The findings in source that are errors; every package with a build script has a note, too.
#[track_caller]
fn findings(done: &Done) -> Vec<Value> {
    done.told("orket-issue").into_iter().filter(|finding| finding["severity"] == "error").collect()
}

/// A plain extension with one more module.
fn with_module(name: &str, source: &str) -> Project {
    let project = Project::new(name, &["--template", "minimal"]);
    let text = std::fs::read_to_string(project.root.join("src/lib.rs")).expect("text");
    project.write("src/lib.rs", &text.replacen("\n\n", "\n\npub mod more;\n\n", 1));
    project.write("src/more.rs", source);
    project
}

fn lint(project: &Project, words: &[&str]) -> Done {
    project.orket(&[&["lint", "--message-format", "json", "--without", "artifact"], words].concat())
}

/// The codes in `src/more.rs` with their lines, those that are accepted with a `+`.
fn found(done: &Done) -> Vec<String> {
    let all = done.told("orket-issue");
    let here = all.iter().filter(|finding| finding["location"]["file"] == "src/more.rs");
    here.map(|finding| {
        let accepted = if finding["details"]["suppressed"].is_null() { "" } else { "+" };
        format!("{}{accepted} {}", finding["code"].as_str().expect("a code"), finding["location"]["line"])
    })
    .collect()
}

#[test]
fn every_spelling_of_an_internal_import_is_found() {
    let project = Project::case("lint/evasions");
    let done = project.orket(&["lint", "--message-format", "json"]).exits(100);
    let mut found = BTreeSet::new();
    for finding in findings(&done) {
        assert_eq!(finding["code"], "import.internal", "{done}");
        assert_eq!(finding["details"]["package"], "evasions", "{done}");
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
fn what_compiles_is_linted_beside_what_does_not() {
    let project = with_module("lint-partial", "pub fn start() {\n    drop(std::thread::spawn(|| ()));\n}\n");
    project.write("tests/broken.rs", "#[test]\nfn broken() {\n    missing();\n}\n");
    let done = lint(&project, &[]).exits(101).says("cannot find function `missing`");
    assert_eq!(found(&done), ["ambient.thread 2"], "{done}");
    assert_eq!(done.told("orket-lint-finished")[0]["complete"], false, "{done}");
    assert_eq!(done.told("orket-summary")[0]["success"], false, "{done}");
}

const SUPPRESSED: &str = r#"//! Times.

// orket: allow(ambient.time, reason = "a whole function")
pub fn all() -> (std::time::Instant, std::time::Instant) {
    let first = std::time::Instant::now();
    (first, std::time::Instant::now())
}

pub fn line() {
    drop(std::time::Instant::now()); // orket: allow(ambient.time, reason = "this line")
    drop(std::time::Instant::now());
}

// orket: allow(ambient.entropy, reason = "of what is gone")
pub fn nothing() {}

// orket: allow(ambient.time)
pub fn unreasoned() -> std::time::Instant {
    std::time::Instant::now()
}

// orket: allow(import.internal, reason = "it is so handy")
pub const VERSION: &str = orket_runtime::internal::SDK_VERSION;

// orket: allow(ambient.thrad, reason = "misspelt")
pub fn start() {
    drop(std::thread::spawn(|| ()));
}

#[cfg(windows)]
// orket: allow(ambient.process, reason = "where cfg is off")
pub fn list() -> bool {
    std::process::Command::new("dir").status().is_ok()
}
"#;

#[test]
fn a_finding_is_accepted_with_a_reason_and_no_internal_import_ever_is() {
    let project = with_module("lint-accepted", SUPPRESSED);
    let done = lint(&project, &[]).exits(100);
    let expected = [
        "ambient.time+ 5",
        "ambient.time+ 6",
        "ambient.time+ 10",
        "ambient.time 11",
        "lint.unused 14",
        "lint.reason 17",
        "ambient.time 19",
        "lint.reason 22",
        "import.internal 23",
        "lint.reason 25",
        "ambient.thread 27",
        "ambient.process+ 33",
    ];
    // Without a layer nobody can tell that a comment covers nothing.
    let partly: Vec<_> = expected.iter().filter(|line| !line.starts_with("lint.unused")).collect();
    assert_eq!(found(&done), partly.into_iter().copied().collect::<Vec<_>>(), "{done}");
    let first = done.told("orket-issue").into_iter().find(|finding| finding["code"] == "ambient.time");
    let first = first.expect("there is one");
    assert_eq!(first["details"]["suppressed"]["reason"], "a whole function", "{first}");
    let whole = project.orket(&["lint", "--build", "--message-format", "json"]).exits(100);
    assert_eq!(found(&whole), expected, "{whole}");
    whole.says("4 accepted");
}

#[test]
fn what_needs_no_look_is_fixed_and_the_rest_stays_as_it_was() {
    let source = "// orket: allow(ambient.entropy, reason = \"gone\")\npub use orket_runtime::internal::Schema;\n\n\
                  // orket: allow(ambient.tme, reason = \"a log\")\npub fn now() -> std::time::Instant {\n    \
                  std::time::Instant::now()\n}\n";
    let project = with_module("lint-fixed", source);
    let text = || std::fs::read_to_string(project.root.join("src/more.rs")).expect("text");
    let done = project.orket(&["lint", "--fix"]).exits(100).says("git.no-repository");
    assert_eq!(text(), source, "{done}");
    let fix = ["lint", "--build", "--fix", "--allow-no-vcs", "--message-format", "json"];
    let done = project.orket(&fix).exits(0).says("Fixed src/more.rs (3 findings)");
    let fixed = source.replacen("internal", "prelude", 1).replacen("tme", "time", 1);
    let (_, fixed) = fixed.split_once('\n').expect("it has lines");
    assert_eq!(text(), fixed, "{done}");
    let done = project.orket(&fix).exits(0);
    assert_eq!((found(&done), text().as_str()), (vec!["ambient.time+ 5".to_owned()], fixed), "{done}");
}

#[test]
fn levels_are_the_packages_own() {
    let source = "pub fn now() -> std::time::Instant {\n    drop(std::thread::spawn(|| ()));\n    \
                  let _ = std::env::var_os(\"A\");\n    std::time::Instant::now()\n}\n";
    let project = with_module("lint-levels", source);
    let manifest = std::fs::read_to_string(project.root.join("Cargo.toml")).expect("text");
    let levels = "\n[package.metadata.orket.lints]\n\"ambient.time\" = \"deny\"\nambient.thread = \"warn\"\n\
                  \"ambient.environment\" = \"allow\"\n";
    project.write("Cargo.toml", &format!("{manifest}{levels}"));
    let done = lint(&project, &[]).exits(100);
    assert_eq!(found(&done), ["ambient.thread 2", "ambient.time 4"], "{done}");
    let levels: Vec<_> = done.told("orket-issue").iter().map(|finding| finding["severity"].clone()).collect();
    assert_eq!(levels, ["warning", "error"], "{done}");

    project.write("Cargo.toml", &format!("{manifest}{}", levels_wrong()));
    let done = lint(&project, &[]).exits(100);
    let wrong: Vec<_> =
        done.told("orket-issue").into_iter().filter(|found| found["code"] == "lint.level").collect();
    assert_eq!(wrong.len(), 3, "{done}");
    assert!(wrong.iter().all(|found| found["location"]["line"].as_u64() > Some(20)), "{done}");
    done.says("did you mean `ambient.time`?").says("the level of `import.internal` cannot be changed");
}

fn levels_wrong() -> &'static str {
    "\n\n\n\n[package.metadata.orket.lints]\n\"ambient.tme\" = \"deny\"\n\"import.internal\" = \"allow\"\n\
     \"ambient.thread\" = \"loud\"\n"
}

#[test]
fn features_and_lints_of_the_author_change_what_is_compiled_and_nothing_else() {
    let source = "#![deny(clippy::all, warnings)]\n\n#[cfg(feature = \"extra\")]\npub fn start() {\n    \
                  drop(std::thread::spawn(|| ()));\n}\n\npub fn long(a: &Vec<u8>) -> bool {\n    return a.len() == 0;\n}\n";
    let project = with_module("lint-features", source);
    let manifest = std::fs::read_to_string(project.root.join("Cargo.toml")).expect("text");
    project
        .write("Cargo.toml", &manifest.replace("[dependencies]", "[features]\nextra = []\n\n[dependencies]"));
    project.write("clippy.toml", "disallowed-methods = [\"std::vec::Vec::len\"]\n");
    let lib = std::fs::read_to_string(project.root.join("src/lib.rs")).expect("text");
    project.write("src/lib.rs", &format!("{lib}\nfn never_called() {{}}\n"));
    let layer = |done: &Done| {
        let found = done.told("orket-issue").into_iter().find(|found| found["code"] == "ambient.thread");
        found.map(|found| found["details"]["layer"].clone())
    };
    let done = lint(&project, &[]).exits(100);
    assert_eq!(
        (found(&done), layer(&done)),
        (vec!["ambient.thread 5".to_owned()], Some("source".into())),
        "{done}"
    );
    // Two passes, of which people see one.
    let text = format!("{}{}", done.out, done.err);
    assert!(!text.contains("aborting due to"), "{done}");
    let of_rustc = done.out.lines().filter(|line| line.contains("function `never_called` is never used"));
    assert_eq!(of_rustc.count(), 1, "{done}");
    let done = lint(&project, &["--features", "extra"]).exits(100);
    assert_eq!(
        (found(&done), layer(&done)),
        (vec!["ambient.thread 5".to_owned()], Some("clippy".into())),
        "{done}"
    );
    let own = std::fs::read_to_string(project.root.join("clippy.toml")).expect("it is there still");
    assert!(own.contains("Vec::len"), "{own}");
}

#[test]
fn a_missing_clippy_is_named_and_fails_where_all_is_wanted() {
    use std::os::unix::fs::PermissionsExt;
    let project =
        with_module("lint-no-clippy", "pub fn start() {\n    drop(std::thread::spawn(|| ()));\n}\n");
    let rustc = project.root.join("rustc");
    let script = "#!/bin/sh\n[ \"$*\" = \"--print sysroot\" ] && exec echo /nowhere\nexec rustc \"$@\"\n";
    project.write("rustc", script);
    std::fs::set_permissions(&rustc, std::fs::Permissions::from_mode(0o755)).expect("it can be executed");
    let call = |words: &[&str]| {
        let words = [&["lint", "--message-format", "json"], words].concat();
        crate::tool::done(crate::tool::command(&project.root, &words).env("RUSTC", &rustc))
    };
    let done = call(&[]).exits(0).says("rustup component add clippy");
    assert_eq!(found(&done), Vec::<String>::new(), "{done}");
    let missing = &done.told("orket-issue")[0];
    assert_eq!(
        (&missing["code"], &missing["severity"]),
        (&"lint.incomplete".into(), &"warning".into()),
        "{done}"
    );
    let done = call(&["--strict"]).exits(100);
    assert_eq!(findings(&done)[0]["code"], "lint.incomplete", "{done}");
}

#[test]
fn a_check_between_two_lints_builds_nothing_anew() {
    let project = with_module("lint-alternating", "pub fn nothing() {}\n");
    let check = || {
        let mut command = std::process::Command::new(env!("CARGO"));
        command
            .args(["check", "--quiet", "--all-targets", "--message-format", "json"])
            .current_dir(&project.root);
        let output = command.env("CARGO_TARGET_DIR", crate::world::target()).output().expect("cargo runs");
        let text = String::from_utf8(output.stdout).expect("messages are text");
        let messages = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a message"));
        let units: Vec<_> = messages.filter(|message| message["reason"] == "compiler-artifact").collect();
        let stale = units.iter().filter(|unit| unit["fresh"] == false).count();
        (units.len(), stale)
    };
    let lint = || lint(&project, &["-vv"]).exits(0);
    let compiled =
        |done: &Done| done.err.lines().filter(|line| line.trim_start().starts_with("Checking")).count();
    let first = lint();
    assert!(compiled(&first) > 0, "{first}");
    check();
    for _ in 0..2 {
        let again = lint();
        assert_eq!(compiled(&again), 0, "{again}");
        assert!(again.err.contains("Fresh lint-alternating"), "{again}");
        let (units, stale) = check();
        assert!(units > 10 && stale == 0, "{stale} of {units} units were built anew");
    }
}

#[test]
fn a_renamed_sdk_is_the_sdk() {
    let project = Project::case("lint/renamed");
    let done = project.orket(&["lint", "--message-format", "json"]).exits(100);
    let places: Vec<_> = findings(&done).iter().map(|finding| finding["location"]["line"].clone()).collect();
    assert_eq!(places, [10], "{done}");
}
