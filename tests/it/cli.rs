//! The tool as people and machines meet it: messages, exit codes, and what is found where.

use crate::tool::{Project, command, orket, orket_reading};
use crate::world::{probe, root, tests};
use serde_json::json;
use std::io::Read;
use std::process::{Command, Stdio};

/// The game of the `workload` template. Every test has its own name for it, see [`Project`].
fn game(name: &str) -> Project {
    Project::new(name, &[])
}

#[test]
fn a_run_tells_its_seed_its_artifacts_and_the_line_that_replays_it() {
    let project = game("teller");
    let run = project.orket(&["run", "teller_v1", "--seed", "7", "--script", "scripts/first.txt"]).exits(0);
    assert!(run.out.contains("I think of a number") && run.out.contains("Yes!"), "{run}");
    let run = run.says("with seed 7").says("artifacts/guesses.txt");
    let line = run.err.lines().find_map(|line| line.trim().strip_prefix("Replay cargo orket "));
    let words: Vec<_> = line.expect("the line is printed").split(' ').collect();
    project.orket(&words).exits(0).says("Repeats");
}

#[test]
fn machines_read_messages_and_nothing_else() {
    let project = game("machine");
    let words = ["run", "machine_v1", "--script", "scripts/first.txt", "--message-format", "json"];
    let run = project.orket(&words).exits(0);
    let finished = run.told("orket-run-finished");
    assert_eq!(finished[0]["run"]["result"]["status"], "ok", "{run}");
    assert!(
        finished[0]["replay"].as_str().is_some_and(|line| line.starts_with("cargo orket replay ")),
        "{run}"
    );
    let console: String =
        run.told("orket-console").iter().filter_map(|message| message["text"].as_str()).collect();
    assert!(console.starts_with("I think of a number from 1 to 10.\nYour guess: 5\n"), "{run}");
    assert_eq!(
        run.messages().last(),
        Some(&json!({ "reason": "orket-summary", "schema": 1, "exit": 0, "success": true }))
    );
}

#[test]
fn input_comes_from_words_files_and_standard_input() {
    let project = Project::new("greet", &["--template", "minimal"]);
    let greeting = |words: &[&str], stdin: &str| {
        let words = [&["run", "greet_v1", "--message-format", "json"], words].concat();
        let run = orket_reading(&project.root, &words, stdin).exits(0);
        run.told("orket-run-finished")[0]["run"]["result"]["output"]["greeting"].as_str().map(str::to_owned)
    };
    project.write("in.json", r#"{ "name": "Grace" }"#);
    assert_eq!(greeting(&[], "").as_deref(), Some("Hello, world!"));
    assert_eq!(greeting(&["--set", "name=Ada"], "").as_deref(), Some("Hello, Ada!"));
    assert_eq!(greeting(&["--input", "in.json"], "").as_deref(), Some("Hello, Grace!"));
    assert_eq!(greeting(&["--input", "-"], r#"{"name":"Joan"}"#).as_deref(), Some("Hello, Joan!"));
    assert_eq!(greeting(&["--input", "in.json", "--set", "name=Ada"], "").as_deref(), Some("Hello, Ada!"));
    project.write("in.json", "{ \"name\": \"a\",\n  \"name\": \"b\" }");
    project
        .orket(&["run", "greet_v1", "--input", "in.json"])
        .exits(100)
        .says("error[json.duplicate-key]")
        .says("in.json:2:");
    project.orket(&["run", "greet_v1", "--set", "name=5"]).exits(100).says("error[input.invalid]");
}

#[test]
fn words_that_do_not_go_together_are_usage() {
    let here = tempfile::tempdir().expect("a folder");
    let check = |words: &[&str], says: &str| {
        orket(here.path(), words).exits(2).says(says);
    };
    check(&["run", "x_v1", "--script", "-", "--input", "-"], "standard input");
    check(&["run", "x_v1", "--seed", "many"], "or `random`");
    check(&["run", "x_v1", "--set", "name"], "KEY=VALUE");
    check(&["run"], "WORKLOAD");
    check(&["verfy", "x_v1"], "'verify'");
    check(&["explain", "capability.denid"], "did you mean `capability.denied`?");
    let signed = orket(here.path(), &["sign", "x_v1", "--key", "none.key"]).exits(100);
    signed.says("error[key.invalid]: there is no key none.key").says("`cargo orket keygen` makes a pair");
}

#[test]
fn where_there_is_no_extension_the_tool_says_what_to_do() {
    let here = tempfile::tempdir().expect("a folder");
    orket(here.path(), &["list"]).exits(0).says("Nothing is installed");
    orket(here.path(), &["lint"]).exits(101).says("error[project.not-found]").says("cargo orket new NAME");
    let elsewhere = ["list", "--manifest-path", "absent/Cargo.toml"];
    orket(here.path(), &elsewhere).exits(101).says("error[project.not-found]");
    std::fs::create_dir(here.path().join("src")).expect("a folder");
    std::fs::write(here.path().join("src/lib.rs"), "").expect("a file");
    let manifest = "[package]\nname = \"plain\"\nversion = \"0.1.0\"\n[workspace]\n";
    std::fs::write(here.path().join("Cargo.toml"), manifest).expect("a file");
    orket(here.path(), &["run", "x_v1"]).exits(101).says("error[project.not-found]");
    orket(here.path(), &["list"]).exits(101).says("no package here depends on orket-runtime");
}

#[test]
fn the_plan_of_a_workload_is_drawn_without_running_it() {
    let project = game("drawn");
    let drawn = project.orket(&["graph", "drawn_v1", "--seed", "7"]).exits(0);
    assert!(drawn.out.contains("seed 7") && drawn.out.contains("workload.run"), "{drawn}");
    assert_eq!(project.runs("drawn_v1"), Vec::<std::path::PathBuf>::new());
    project
        .orket(&["graph", "drawm_v1"])
        .exits(2)
        .says("error[workload.unknown]")
        .says("did you mean `drawn_v1`?");
}

#[test]
fn an_unknown_workload_names_the_nearest_and_all() {
    let project = game("nearest");
    let run = project.orket(&["run", "nearest_v2"]).exits(2).says("error[workload.unknown]");
    run.says("did you mean `nearest_v1`?");
    let run = project.orket(&["run", "nearest_v1", "--material", "content=."]).exits(2);
    run.says("no workload declares a material of that name or below it; none is");
}

#[test]
fn a_build_error_is_shown_as_cargo_shows_it() {
    let project = game("broken");
    project.edit("src/lib.rs", "let mut found = false;", "let mut found: u8 = false;");
    let run = project.orket(&["run", "broken_v1"]).exits(101);
    run.says("error[E0308]: mismatched types").says("could not compile `broken`").says("error[build.failed]");
}

#[test]
fn a_package_with_several_programs_must_say_which() {
    let project = game("several");
    project.write("src/bin/other.rs", "fn main() {}\n");
    project
        .orket(&["build"])
        .exits(101)
        .says("error[build.no-artifact]")
        .says("[package.metadata.orket] bin = ");
    project.edit(
        "Cargo.toml",
        "[dependencies]",
        "[package.metadata.orket]\nbin = \"severalx\"\n\n[dependencies]",
    );
    project.orket(&["build"]).exits(101).says("did you mean `several`?");
    project.edit("Cargo.toml", "severalx", "several");
    project.orket(&["run", "several_v1"]).exits(0);
}

#[test]
fn several_extensions_are_found_and_told_apart() {
    let project = Project::case("cli/many");
    std::fs::copy(root().join("Cargo.lock"), project.root.join("beta/Cargo.lock")).expect("a copy");
    let list = project.orket(&["list"]).exits(0);
    assert!(list.out.contains("test.alpha 0.1.0 (package alpha)") && list.out.contains("beta_v1"), "{list}");
    let long = project.orket(&["extensions", "list"]).exits(0);
    assert_eq!(long.out, list.out);
    let both = project.orket(&["run", "shared_v1"]).exits(2).says("error[workload.ambiguous]");
    both.says("`test.alpha/shared_v1` or `test.beta/shared_v1`");
    let words = ["run", "test.beta/shared_v1", "--message-format", "json"];
    let run = project.orket(&words).exits(0);
    assert_eq!(run.told("orket-run-finished")[0]["run"]["result"]["output"]["from"], "beta");
    project.orket(&["run", "shared_v1", "-p", "alpha"]).exits(0);
    // What the index knows to lie elsewhere is not built.
    let one = project.orket(&["run", "beta_v1"]).exits(0);
    assert_eq!(one.err.matches("Finished `dev` profile").count(), 1, "{one}");
    project.orket(&["run", "shared_v1", "-p", "alhpa"]).exits(101).says("did you mean `alpha`?");
}

#[test]
fn a_dry_run_prints_the_plan_and_leaves_nothing() {
    let project = game("dryrun");
    let plan = project.orket(&["run", "dryrun_v1", "--seed", "5", "--dry-run"]).exits(0);
    let plan: serde_json::Value = serde_json::from_str(&plan.out).expect("the plan is JSON");
    assert_eq!((&plan["seed"], &plan["workload"]), (&json!("5"), &json!("dryrun_v1")));
    assert_eq!(project.runs("dryrun_v1").len(), 0);
}

#[test]
fn the_built_form_is_sealed_with_the_digests_of_program_and_lock() {
    let project = game("sealed");
    let built = project.orket(&["build", "--message-format", "json"]).exits(0);
    let message = &built.told("orket-artifact")[0];
    let sealed = std::fs::read_to_string(message["sealed"].as_str().expect("a path")).expect("it is there");
    let sealed: serde_json::Value = serde_json::from_str(&sealed).expect("it is JSON");
    let sha256 = |path: &str| {
        let bytes = std::fs::read(path).expect("it is there");
        json!(orket_contract::digest::Digest::of(&bytes))
    };
    assert_eq!(sealed["artifact"]["sha256"], sha256(message["artifact"].as_str().expect("a path")));
    assert_eq!(
        sealed["cargo_lock"]["sha256"],
        sha256(&project.root.join("Cargo.lock").display().to_string())
    );
    assert_eq!(sealed["manifest"], message["manifest"]);
}

#[test]
fn a_manifest_is_read_out_of_a_program_that_does_not_run() {
    let here = tempfile::tempdir().expect("a folder");
    let copy = here.path().join("program");
    std::fs::copy(probe(), &copy).expect("a copy");
    // Without the right to execute it, nobody can.
    let mut rights = std::fs::metadata(&copy).expect("it is there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o444);
    std::fs::set_permissions(&copy, rights).expect("rights");
    let shown = orket(here.path(), &["inspect", "program", "--json"]).exits(0);
    let manifest: serde_json::Value = serde_json::from_str(&shown.out).expect("it is JSON");
    assert!(manifest["workloads"].as_array().is_some_and(|workloads| !workloads.is_empty()), "{shown}");
    std::fs::write(here.path().join("text"), "no program").expect("a file");
    orket(here.path(), &["inspect", "text"]).exits(100).says("error[note.");
    orket(here.path(), &["inspect", "nothing"]).exits(101).says("nothing");
}

#[test]
fn manifest_files_are_checked_with_place_and_hint() {
    let folder = tests().join("cases/cli/manifest");
    let unknown_key = orket(&folder, &["check", "unknown-key.toml"]).exits(100);
    unknown_key.says("error[manifest.unknown-key]").says("unknown-key.toml:6:").says("`workloads`");
    orket(&folder, &["check", "unknown-capability.toml"]).exits(0).says("warning[capability.unknown]");
    orket(&folder, &["validate", "--strict", "unknown-capability.toml"])
        .exits(100)
        .says("error[capability.unknown]");
}

#[test]
fn verify_names_the_first_difference_and_bless_records_it() {
    let project = game("verified");
    let script = ["--script", "scripts/first.txt"];
    let bless =
        [&["verify", "verified_v1", "--bless", "--case", "first", "--seed", "7"][..], &script].concat();
    project.orket(&bless).exits(0);
    project.orket(&bless).exits(100).says("error[case.exists]");
    project.orket(&["verify"]).exits(0).says("Repeats verified_v1 case first from its record and in 10 runs");
    project.edit("src/lib.rs", "\"Less.\"", "\"Fewer.\"");
    let differs = project.orket(&["verify"]).exits(100).says("error[replay.diverged]").says("event ");
    differs.says("Less.").says("Fewer.").says("Differs verified_v1 case first");
    project.orket(&["verify", "--bless"]).exits(0);
    project.orket(&["verify"]).exits(0);
    project.orket(&["verify", "--case", "frist"]).exits(100).says("did you mean `first`?");
}

#[test]
fn failing_tests_are_a_no_and_code_that_does_not_compile_is_no_answer() {
    let project = Project::new("tested", &["--template", "minimal"]);
    project.edit("tests/workload.rs", "\"Hello, Ada!\"", "\"Hello, Eve!\"");
    project.orket(&["test"]).exits(100);
    project.edit("tests/workload.rs", "\"Hello, Eve!\"", "missing()");
    project.orket(&["test"]).exits(101);
}

#[test]
fn codes_are_explained() {
    let page = orket(root(), &["explain", "error[capability.denied]:"]).exits(0);
    assert!(page.out.contains("capability.denied"), "{page}");
    let list = orket(root(), &["explain", "--list"]).exits(0);
    assert_eq!(list.out.lines().count(), orket_contract::code::ALL.len());
}

#[test]
fn ctrl_c_ends_the_run_and_publishes_nothing() {
    let project = game("stopped");
    project.orket(&["build"]).exits(0);
    let mut child = command(&project.root, &["run", "stopped_v1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the tool starts");
    let mut shown = Vec::new();
    let mut out = child.stdout.take().expect("it is piped");
    while !shown.ends_with(b"Your guess: ") {
        let mut byte = [0];
        out.read_exact(&mut byte).expect("the game asks");
        shown.push(byte[0]);
    }
    // Waiting closes the console's input, and a run that is told so may end by itself before the signal does it.
    let console = child.stdin.take();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    assert_eq!(child.wait().expect("the tool ends").code(), Some(130));
    drop(console);
    // The pipe ends when the last process that holds it has ended: the guest too.
    out.read_to_end(&mut shown).expect("nobody holds the pipe");
    assert_eq!(project.runs("stopped_v1").len(), 0);
}

#[test]
fn output_that_is_lost_is_a_failure_unless_the_reader_left() {
    let into = |words: &[&str], out: Stdio| {
        let done = command(root(), words).stdout(out).output().expect("the tool starts");
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device").into();
    for words in [&["explain", "--list"][..], &["explain", "--list", "--message-format=json"], &["--help"]] {
        let (exit, err) = into(words, full());
        assert_eq!(exit, Some(101), "{words:?}: {err}");
        assert!(err.starts_with("error: cannot write to standard output: "), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
    let left = || std::io::pipe().expect("a pipe").1.into();
    assert_eq!(into(&["explain", "--list"], left()), (Some(0), String::new()));
}

#[test]
fn an_endless_script_is_refused() {
    let project = game("endless");
    let run = project.orket(&["run", "endless_v1", "--script", "/dev/zero"]).exits(101);
    run.says("cannot read /dev/zero: a script is at most 16 MiB long");
    assert_eq!(project.runs("endless_v1").len(), 0);
}

#[test]
fn machines_are_told_of_words_that_cannot_be_read() {
    let here = tempfile::tempdir().expect("a folder");
    let summary = json!({ "reason": "orket-summary", "schema": 1, "exit": 2, "success": false });
    let check = |words: &[&str], message: &str| {
        let refused = orket(here.path(), words).exits(2).says("error: ").says("For more information");
        let usage = json!({ "reason": "orket-usage", "message": message });
        assert_eq!(refused.messages(), [usage, summary.clone()], "{refused}");
    };
    let missing = "the following required arguments were not provided:\n  <WORKLOAD>";
    check(&["run", "--message-format", "json"], missing);
    check(&["--message-format=json", "run"], missing);
    let plain = orket(here.path(), &["run", "--", "--message-format=json", "more"]).exits(2);
    assert_eq!(plain.out, "");
    let help = orket(here.path(), &["run", "--message-format", "json", "--help"]).exits(0);
    assert!(help.out.contains("Usage: cargo orket run"), "{help}");
}
