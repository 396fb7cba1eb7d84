//! Extensions in Python, of the SDK v0 and of the dialect before it: run, recorded and governed like native ones.

use crate::install::{Elsewhere, packed};
use crate::tool::{Done, Project, command, orket, orket_reading};
use crate::world::{copy, json_of, tests};
use orket_engine::loader::Candidate;
use orket_engine::registry::Published;
use orket_engine::{ExtensionManager, Policy};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// A fixture in a folder of its own, loaded; none, and said so, where there is no Python that will do.
struct Fixture {
    dir: TempDir,
    manager: ExtensionManager,
}

/// Whether there is a Python that will do; says so where there is none.
pub(crate) fn is_there() -> bool {
    let python = std::process::Command::new("python3")
        .args(["-c", "import sys; sys.exit(sys.version_info < (3, 9))"])
        .status();
    let is_there = python.is_ok_and(|status| status.success());
    if !is_there {
        eprintln!("skipped: there is no python3 of version 3.9 or later here");
    }
    is_there
}

impl Fixture {
    fn new(name: &str) -> Option<Self> {
        if !is_there() {
            return None;
        }
        let dir = tempfile::tempdir().expect("a folder");
        copy(&tests().join("fixtures/python").join(name), dir.path());
        let mut manager = ExtensionManager::new(Policy::default());
        manager.load(Candidate::of_folder(dir.path()).expect("one").expect("a manifest")).expect("it loads");
        Some(Self { dir, manager })
    }

    fn run(&self, workload: &str, input: Value, script: &'static str) -> Result<Published, Vec<String>> {
        let (request, _) = crate::world::scripted(workload, input, script);
        self.manager
            .run(request, &mut ())
            .map_err(|error| error.issues().into_iter().map(|issue| issue.code).collect())
    }

    #[track_caller]
    fn refused(&self, workload: &str, input: Value) -> String {
        self.run(workload, input, "").map(|run| run.folder).expect_err("refused").remove(0)
    }

    /// What is said of a workload that fails: the code, and where.
    #[track_caller]
    fn blamed(&self, workload: &str, input: Value) -> (String, String) {
        let request = crate::world::request(workload, input);
        let issue =
            self.manager.run(request, &mut ()).map(|run| run.folder).expect_err("refused").issues().remove(0);
        (issue.code, issue.location.map(|at| at.to_string()).unwrap_or_default())
    }
}

#[test]
fn a_python_workload_is_given_what_it_expects_and_repeats_bit_for_bit() {
    let Some(walks) = Fixture::new("walks") else { return };
    let run = || walks.run("tour_v1", json!({ "guests": 2 }), "BRIDGE\n").expect("published");
    let (first, second) = (run(), run());
    assert_eq!(first.digests, second.digests);
    let statement = |run: &Path| std::fs::read(run.join("provenance.json")).expect("provenance");
    assert_eq!(statement(&first.folder), statement(&second.folder));
    let output = &first.result.output;
    assert_eq!(output["today"], "2000-01-01T00:00:00.000003");
    assert_eq!(
        (&output["begin"], &output["guests"], &output["seed"]),
        (&json!("BRIDGE"), &json!(2), &json!("7"))
    );
    let paths: Vec<_> = first.artifacts.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["artifacts/log.txt", "artifacts/notes/route.json", "audio/clip-0001.wav"]);
    assert_eq!(json_of(&first.folder, "kv.json")["walks"]["begin"]["value"], "BRIDGE");
    assert!(!first.folder.join("workspace").exists() && !first.folder.join("python").exists());
    let build = &json_of(&first.folder, "provenance.json")["predicate"]["buildDefinition"];
    let used = json!(["audio_output", "clock", "console", "kv", "rng"]);
    assert_eq!(build["externalParameters"]["capabilities"]["used"], used);
    let named = |name: &str| {
        build["resolvedDependencies"].as_array().expect("a list").iter().any(|one| one["name"] == name)
    };
    assert!(named("python") && named("workspace/src/fen/tour.py") && named("workspace/extension.yaml"));
    let other = walks.run("tour_v1", json!({}), "MILL\n").expect("published");
    assert_ne!(other.digests, first.digests);
}

#[test]
fn a_legacy_workload_compiles_is_validated_and_summarised() {
    let Some(old) = Fixture::new("old-walks") else { return };
    let run = old.run("walk_v1", json!({ "ops": ["run_card", "run_rock"] }), "").expect("published");
    assert_eq!(run.plan.plan.actions.len(), 2);
    assert_eq!(run.plan.plan.actions[1].params["op"], "run_card");
    assert_eq!(run.result.output["card"], "CARD-1");
    assert_eq!(run.summary.expect("a summary")["files"], json!(["CARD-0.txt", "CARD-1.txt"]));
    assert_eq!(old.refused("walk_v1", json!({ "ops": ["run_away"] })), "legacy.operation");
    std::fs::remove_file(old.dir.path().join("places.txt")).expect("removed");
    let mut manager = ExtensionManager::new(Policy::default());
    manager.load(Candidate::of_folder(old.dir.path()).expect("one").expect("a manifest")).expect("it loads");
    let without = Fixture { manager, ..old };
    assert_eq!(without.refused("walk_v1", json!({})), "material.missing");
}

#[test]
fn nothing_that_a_python_workload_may_not_do_is_done() {
    let Some(attempts) = Fixture::new("attempts") else { return };
    let run = attempts.run("attempts_v1", json!({}), "").expect("published");
    for (attempt, came_to) in &run.result.output {
        assert_ne!(came_to, "DONE", "{attempt}");
    }
    let output = &run.result.output;
    assert_eq!(output["undeclared"], "CapabilityError: capability.undeclared");
    assert_eq!(output["unknown"], "CapabilityError: capability.unknown");
    assert_eq!(output["engine"], "ForbiddenImport: import.forbidden");
    assert!(!Path::new("/tmp/orket-was-here").exists());
}

#[test]
fn a_malformed_guest_is_ended_with_a_code() {
    let Some(attempts) = Fixture::new("attempts") else { return };
    let frame = |json: &str| {
        let lengths = [u32::try_from(json.len()).expect("short").to_be_bytes(), [0; 4]].concat();
        let bytes: Vec<u8> = lengths.into_iter().chain(json.bytes()).collect();
        json!({ "hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() })
    };
    for (input, code) in [
        (frame("{"), "protocol.bad-frame"),
        (frame(r#"{"sudo":{}}"#), "protocol.bad-frame"),
        (frame(r#"{"hello":{"protocol":1,"notes":[]}}"#), "protocol.out-of-turn"),
        (frame(r#"{"done":{"result":{"status":"fine","output":{}}}}"#), "result.shape"),
        (json!({ "hex": "ffffffffffffffff" }), "protocol.too-large"),
        (json!({ "end": true }), "guest.exited"),
    ] {
        assert_eq!(attempts.refused("raw_v1", input), code);
    }
}

#[test]
fn what_a_python_workload_gives_back_is_judged() {
    let Some(attempts) = Fixture::new("attempts") else { return };
    for (input, code) in [
        (json!({ "value": 5 }), "result.shape"),
        (json!({ "value": { "ok": true, "output": [] } }), "result.shape"),
        (json!({}), "json.number"),
        (json!({ "value": { "ok": true, "artifacts": [{ "path": "gone.txt" }] } }), "artifact.missing"),
        (
            json!({ "files": { "a.txt": "a" }, "value": { "ok": true, "artifacts": [{ "path": "a.txt", "digest_sha256": "00" }] } }),
            "artifact.mismatch",
        ),
    ] {
        assert_eq!(attempts.refused("give_v1", input), code);
    }
    assert_eq!(attempts.refused("fail_v1", json!({})), "fen.tired");
    assert_eq!(attempts.refused("fail_v1", json!({ "exit": true })), "guest.panicked");
    assert_eq!(attempts.refused("fail_v1", json!({ "memory": true })), "guest.panicked");
    assert_eq!(attempts.refused("nameless_v1", json!({})), "entrypoint.missing");
}

#[test]
fn python_and_installed_extensions_are_shown_to_conform() {
    let Some(walks) = Fixture::new("walks") else { return };
    let states = |done: &Done, name: &str| -> Vec<String> {
        let checks = done.told("orket-conformance");
        let named = checks.iter().filter(|check| check["name"] == name);
        named.map(|check| check["state"].as_str().expect("a state").to_owned()).collect()
    };
    let words = ["conformance", "--message-format", "json"];
    let here = orket(walks.dir.path(), &[&words[..], &["tour_v1"]].concat()).exits(0);
    for name in
        ["manifest.valid", "imports.public", "run.ends", "run.repeats", "materials.only", "replay.repeats"]
    {
        assert_eq!(states(&here, name), ["pass"], "{name}\n{here}");
    }
    assert_eq!(states(&here, "manifest.sealed"), ["skipped"], "{here}");

    let elsewhere = Elsewhere::new();
    let package = packed(elsewhere.dir.path(), "one").display().to_string();
    elsewhere.orket(&["install", &package]).exits(0);
    let there = elsewhere.orket(&[&words[..], &["everything_v1"]].concat()).exits(0);
    for name in ["manifest.valid", "run.ends", "capabilities.denied", "run.repeats", "materials.only"] {
        assert_eq!(states(&there, name), ["pass"], "{name}\n{there}");
    }
    assert_eq!(states(&there, "imports.public"), ["skipped"], "{there}");
    elsewhere.orket(&["run", "everything_v1"]).exits(0);
    elsewhere.orket(&words).exits(101).says("error[project.not-found]");
    elsewhere.orket(&["conformance", "absent_v1"]).exits(101);
}

#[test]
fn a_failure_names_its_line() {
    let Some(walks) = Fixture::new("walks") else { return };
    let (code, place) = walks.blamed("lost_v1", json!({}));
    assert_eq!(code, "guest.panicked");
    assert!(place.starts_with("src/fen/lost.py:5:"), "{place}");
    let Some(attempts) = Fixture::new("attempts") else { return };
    let (code, place) = attempts.blamed("broken_v1", json!({}));
    assert_eq!(code, "guest.panicked");
    assert!(place.starts_with("broken.py:3:"), "{place}");
}

#[test]
fn older_extensions_are_listed_run_replayed_and_verified_beside_a_native_one() {
    if Fixture::new("walks").is_none() {
        return;
    }
    let project = Project::new("beside", &["--template", "minimal"]);
    for name in ["walks", "old-walks"] {
        copy(&tests().join("fixtures/python").join(name), &project.root.join("older").join(name));
    }
    project.edit(
        "Cargo.toml",
        "[workspace]",
        "[workspace]\n\n[workspace.metadata.orket]\nextensions = [\"older/*\"]",
    );
    let listed = project.orket(&["list", "--workspace", "--message-format", "json"]).exits(0);
    let ids: Vec<_> = listed.told("orket-extension").iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, ["beside", "fen.old", "fen.walks"]);
    let notices = listed.told("orket-issue");
    assert!(
        notices.len() == 2 && notices.iter().all(|issue| issue["code"] == "manifest.deprecated"),
        "{listed}"
    );
    project.orket(&["run", "beside_v1", "--workspace"]).exits(0);
    project.orket(&["run", "fen.old/walk_v1", "--workspace"]).exits(0).says("warning[manifest.deprecated]");

    let walks = project.root.join("older/walks");
    orket_reading(&walks, &["run", "tour_v1", "--seed", "123"], "BRIDGE\n")
        .exits(0)
        .says("warning[manifest.deprecated]");
    // The console is closed: every answer comes from the record.
    orket(&walks, &["replay", "latest"]).exits(0).says("Repeats");
    let script = walks.join("script.txt");
    std::fs::write(&script, "MILL\n").expect("a script");
    let bless = ["verify", "tour_v1", "--bless", "--case", "mill", "--script", "script.txt"];
    orket(&walks, &bless).exits(0);
    orket(&walks, &["verify", "tour_v1"]).exits(0).says("Repeats tour_v1 case mill");
    std::fs::write(walks.join("data/places.json"), r#"["ELSEWHERE"]"#).expect("a change");
    orket(&walks, &["verify", "tour_v1"]).exits(100).says("error[replay.diverged]");
    let elsewhere = ["check", "--manifest-path", "older/walks/extension.yaml", "--strict"];
    project.orket(&elsewhere).exits(0).says("0 errors");
}

#[test]
fn older_extensions_are_packed_installed_and_run_from_anywhere() {
    if Fixture::new("old-walks").is_none() {
        return;
    }
    let elsewhere = Elsewhere::new();
    for (name, id, workload) in [("walks", "fen.walks", "tour_v1"), ("old-walks", "fen.old", "walk_v1")] {
        let folder = elsewhere.dir.path().join(name);
        copy(&tests().join("fixtures/python").join(name), &folder);
        let packed = |output: &str| {
            let output = elsewhere.dir.path().join(output);
            let words = ["package", "--output", &output.display().to_string()];
            orket(&folder, &words).exits(0).says("warning[manifest.deprecated]").says("Packed");
            std::fs::read(output).expect("a package")
        };
        assert!(packed("one.ork") == packed("two.ork"), "packed twice, {name} differs");
        let package = elsewhere.dir.path().join("one.ork").display().to_string();
        elsewhere.orket(&["install", &package]).exits(0).says(&format!("cargo orket run {workload}"));
        // The sources are not needed any more.
        std::fs::remove_dir_all(&folder).expect("removed");
        let run = elsewhere.orket(&["run", workload, "--seed", "123", "--message-format", "json"]).exits(0);
        let run = run.told("orket-run-finished");
        let recorded = run[0]["run"]["folder"].as_str().expect("a folder");
        elsewhere.orket(&["replay", recorded]).exits(0).says("Repeats");
        elsewhere.orket(&["show", id]).exits(0);
    }

    let entries = orket_engine::install::installed(&elsewhere.home()).expect("a catalog");
    let entry = entries.iter().find(|entry| entry.id.as_str() == "fen.old").expect("it is installed");
    let source = elsewhere.home().package(entry.package).join("materials/fen_old/plugin.py");
    std::fs::remove_file(&source).expect("removed");
    std::fs::write(&source, "").expect("another file");
    elsewhere.orket(&["run", "walk_v1"]).exits(100).says("error[material.changed]");
    elsewhere.orket(&["run", "tour_v1"]).exits(0);
}

#[test]
fn every_forbidden_import_is_found_in_the_sources_with_its_place() {
    if Fixture::new("walks").is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    copy(&tests().join("fixtures/python/scanned"), folder.path());
    std::fs::write(folder.path().join("src/fen/latin.py"), b"\xff\xfe").expect("no text");
    std::fs::write(folder.path().join("src/fen/native.so"), "x").expect("a compiled module");
    let checked = orket(folder.path(), &["check", "--strict", "--message-format", "json"]).exits(100);
    let told = checked.told("orket-issue");
    let found = told.iter().filter(|issue| issue["severity"] == "error").map(|issue| {
        let at = &issue["location"];
        let unreadable = issue["code"] == "import.unreadable";
        // Where a file cannot be parsed, versions of Python differ.
        let place = if unreadable { String::new() } else { format!(":{}:{}", at["line"], at["column"]) };
        format!("{} {}{place}", issue["code"], at["file"]).replace('"', "")
    });
    let expected =
        std::fs::read_to_string(tests().join("fixtures/python/scanned.txt")).expect("the findings");
    assert_eq!(found.collect::<Vec<_>>().join("\n"), expected.trim_end());
    orket(folder.path(), &["check"]).exits(0);
    orket(folder.path(), &["lint"]).exits(100).says("error[import.dynamic]").says("error[import.unreadable]");
    orket(folder.path(), &["run", "w_v1"])
        .exits(100)
        .says("error[import.forbidden]")
        .says("src/fen/tour.py:");
}

#[test]
fn without_a_python_that_will_do_each_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&tests().join("fixtures/python/old-walks"), folder.path());
    let mut run = command(folder.path(), &["run", "walk_v1"]);
    let done = run.env("ORKET_PYTHON", "/nowhere/python3").output().expect("the tool runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(101), "{said}");
    assert!(said.contains("error[python.missing]") && said.contains("/nowhere/python3"), "{said}");
    // Looking needs none.
    orket(folder.path(), &["list"]).exits(0).says("manifest.deprecated");
    orket(folder.path(), &["build"]).exits(101).says("nothing to build");
    orket(folder.path(), &["test"]).exits(101).says("nothing to test");
    std::fs::write(folder.path().join("extension.json"), "{}").expect("a second manifest");
    orket(folder.path(), &["list"]).exits(100).says("error[manifest.ambiguous]");
}

#[test]
fn the_typed_ways_to_powers_lead_to_the_calls_of_today() {
    if Fixture::new("walks").is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    copy(&tests().join("fixtures/python/powers"), folder.path());
    std::fs::write(folder.path().join("answers.jsonl"), "\"good evening\"\n").expect("an answer");
    let run = ["run", "powers_v1", "--model", "@answers.jsonl", "--message-format", "json"];
    let finished = orket(folder.path(), &run).exits(0).told("orket-run-finished").remove(0);
    let expected = json!({
        "columns": 80, "found": ["visitor"], "said": "good evening", "states": ["idle", "listening", "idle"],
    });
    assert_eq!(finished["run"]["result"]["output"], expected);
    orket(folder.path(), &["replay", "latest"]).exits(0).says("Repeats");
}

/// What `migrate` writes is a crate like any other, in which every workload says that it is not ported.
#[test]
fn an_older_manifest_becomes_a_crate_that_builds_lints_and_runs() {
    let fixtures = tests().join("fixtures/python");
    for (fixture, name, workload) in [("walks", "fen-walks", "tour_v1"), ("old-walks", "old-port", "walk_v1")]
    {
        let around = tempfile::tempdir().expect("a folder");
        let from = fixtures.join(fixture).display().to_string();
        let words = match fixture {
            "walks" => vec!["migrate", from.as_str()],
            _ => vec!["migrate", from.as_str(), "--output", name],
        };
        orket(around.path(), &words).exits(0).says("README.md");
        orket(around.path(), &words).exits(101).says("error[template.target-exists]");
        let root = around.path().join(name);
        std::fs::copy(crate::world::root().join("Cargo.lock"), root.join("Cargo.lock")).expect("a copy");
        let cargo = |words: &[&str]| {
            let mut cargo = std::process::Command::new(env!("CARGO"));
            let cargo = cargo.args(words).current_dir(&root).env("CARGO_TARGET_DIR", crate::world::target());
            let done = cargo.output().expect("cargo runs");
            assert!(done.status.success(), "{name} {words:?}\n{}", String::from_utf8_lossy(&done.stderr));
        };
        cargo(&["fmt", "--check"]);
        cargo(&["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]);
        orket(&root, &["test"]).exits(0);
        orket(&root, &["lint"]).exits(0);
        orket(&root, &["run", workload]).exits(100).says("error[port.missing]").says("--> src/lib.rs:");
        orket(&root, &["migrate", "."]).exits(101).says("error[project.not-found]");
    }
}
