//! `cargo orket new`: every template gives a crate for which the whole loop works.

use crate::tool::{Project, orket};
use crate::world::{root, target};
use std::path::Path;
use std::process::Command;

/// Calls cargo in a crate.
#[track_caller]
pub(crate) fn cargo(folder: &Path, words: &[&str]) {
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(words).current_dir(folder).env("CARGO_TARGET_DIR", target()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "cargo {words:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// What a template's first run is provided with.
fn services(template: &str) -> &'static [&'static str] {
    match template {
        "model" => &["--model", "@scripts/answers.jsonl"],
        "voice" => &[
            "--recorder=head -c 32000 /dev/zero",
            "--transcriber=@scripts/heard.jsonl",
            "--tts=sh scripts/speak.sh",
        ],
        _ => &[],
    }
}

/// A crate that is formatted, has nothing to lint, and passes its own tests.
#[track_caller]
fn made(name: &str, template: &str, edition: &str) -> Project {
    let project = Project::new(name, &["--template", template, "--edition", edition]);
    cargo(&project.root, &["fmt", "--check"]);
    cargo(&project.root, &["clippy", "--all-targets", "--", "-D", "warnings"]);
    project.orket(&["lint"]).exits(0).says("nothing found");
    project.orket(&["test"]).exits(0);
    project
}

/// A crate that also runs, repeats, and can be recorded.
#[track_caller]
fn check_runs(name: &str, template: &str, edition: &str) -> Project {
    let project = made(name, template, edition);
    let workload = format!("{}_v1", name.replace('-', "_"));
    let with = |words: &[&str]| project.orket(&[words, services(template)].concat()).exits(0);
    with(&["run", &workload, "--seed", "7"]).says("cargo orket replay ");
    let run = project.runs(&workload).pop().expect("a run was published");
    project.orket(&["replay", &run.display().to_string()]).exits(0).says("Repeats");
    with(&["verify", &workload, "--runs", "3"]).says("nothing recorded: compared with itself");
    project
}

/// Everything that the README of a new crate promises.
#[track_caller]
fn check_loop(name: &str, template: &str, edition: &str) {
    let project = check_runs(name, template, edition);
    let workload = format!("{}_v1", name.replace('-', "_"));
    let with = |words: &[&str]| project.orket(&[words, services(template)].concat()).exits(0);
    with(&["check", "--strict"]);
    with(&["verify", &workload, "--bless", "--case", "first"]);
    project.orket(&["verify"]).exits(0).says("case first from its record and in 10 runs");
    with(&["conformance"]).says("0 failed");
}

#[test]
fn the_loop_works_for_workload() {
    check_loop("hello", "workload", "2024");
}

#[test]
fn the_loop_works_for_minimal_with_a_long_name() {
    check_loop("a-name-that-is-long-enough-to-break-some-lines-of-the-templates", "minimal", "2024");
}

/// A place that answers every request with the same page.
fn place() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // The request ends with an empty line; whoever asked may have gone.
            let (mut asked, mut piece) = (Vec::new(), [0; 256]);
            while !asked.ends_with(b"\r\n\r\n") {
                match std::io::Read::read(&mut stream, &mut piece) {
                    Ok(read @ 1..) => asked.extend(&piece[..read]),
                    _ => break,
                }
            }
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.0 200 OK\r\n\r\nhello");
        }
    });
    place
}

#[test]
fn what_travels_is_on_record_for_network() {
    let place = place();
    let target = format!("target={place}");
    let project = Project::new("fetcher", &["--template", "network", "--define", &target]);
    project.orket(&["lint"]).exits(0).says("nothing found");
    let denied = project.orket(&["run", "fetcher_v1"]);
    assert_ne!(denied.exit, 0, "{denied}");
    let run = project.orket(&["run", "fetcher_v1", "--network", &place]).exits(0);
    assert!(run.err.contains("{\"bytes\":5,\"status\":200}"), "{run}");
    let run = project.runs("fetcher_v1").pop().expect("a run was published");
    project.orket(&["replay", &run.display().to_string()]).exits(0).says("Repeats");
    project.orket(&["verify", "--runs", "3", "--network", &place]).exits(0);
}

/// Every template in every edition; a sample, unless there is time.
#[test]
fn every_template_is_whole_in_every_edition() {
    let templates = ["console-game", "minimal", "model", "network", "voice", "workload"];
    let listed =
        orket(root(), &["new", "--list", "--message-format", "json"]).exits(0).told("orket-template");
    let listed: Vec<_> = listed.iter().map(|template| template["name"].as_str().expect("a name")).collect();
    assert_eq!(listed, templates, "a template that is not here is not checked");
    if std::env::var_os("ORKET_DEEP").is_none() {
        check_runs("night", "console-game", "2018");
        check_runs("oracle", "model", "2021");
        check_runs("echo", "voice", "2018");
        made("getter", "network", "2018");
        return;
    }
    for edition in ["2018", "2021", "2024"] {
        for template in templates {
            let name = format!("{template}-{edition}");
            if template == "network" {
                drop(made(&name, template, edition));
            } else {
                check_loop(&name, template, edition);
            }
        }
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
fn templates_are_listed_with_their_values() {
    let out = orket(root(), &["new", "--list"]).exits(0).out;
    assert!(out.starts_with("console-game ") && out.contains("\nworkload "), "{out}");
    assert!(out.contains("    moves "), "{out}");
    let told = orket(root(), &["new", "--list", "--message-format", "json"]).exits(0).told("orket-template");
    assert_eq!(told[0]["values"]["moves"]["type"], "integer");
    assert_eq!(told[0]["values"]["moves"]["default"], 30);
    assert_eq!(told[0]["values"]["moves"]["max"], 500);
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
