//! Reliable Mode: what it controls, what stays on without it, and that a refusal comes before or instead
//! of what it refuses.

use crate::artifact;
use crate::tool::{Project, command, done, git};
use crate::world::{World, json_of, nothing, request};
use orket_contract::code;
use orket_engine::{Event, Observer, Phase, Policy};
use serde_json::{Value, json};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The phases that a run came to.
#[derive(Default)]
struct Phases(Vec<Phase>);

impl Observer for Phases {
    fn on_event(&mut self, event: &Event) {
        if let Event::Phase { phase } = event {
            self.0.push(*phase);
        }
    }
}

/// Runs a workload: the first code, or `ok`, and the phases that there were.
fn outcome(world: &World, workload: &str, input: Value) -> (String, Vec<Phase>) {
    let mut phases = Phases::default();
    let run = world.manager.run(request(workload, input), &mut phases);
    (run.map_or_else(|error| error.issues().remove(0).code, |_| "ok".to_owned()), phases.0)
}

/// One control, and how to meet it.
struct Control {
    name: &'static str,
    workload: &'static str,
    text: &'static str,
    policy: fn(&mut Policy),
    prepare: fn(&Path),
    /// Whether it shows in the second of two runs alone.
    twice: bool,
    with: &'static str,
    without: &'static str,
}

/// What every control is compared with: nothing special.
const PLAIN: Control = Control {
    name: "nothing",
    workload: "judged_v1",
    text: "good",
    policy: |_| (),
    prepare: |_| (),
    twice: false,
    with: "ok",
    without: "ok",
};

/// The table of `docs/reliable-mode.md`.
const CONTROLS: [Control; 15] = [
    PLAIN,
    Control { name: "threads", workload: "thread_v1", with: code::THREAD_REFUSED, ..PLAIN },
    Control { name: "repeats", workload: "entropy_v1", twice: true, with: code::REPLAY_DIVERGED, ..PLAIN },
    Control {
        name: "clean git",
        policy: |policy| policy.require_clean_git = true,
        prepare: dirty_repository,
        with: code::GIT_DIRTY,
        ..PLAIN
    },
    Control {
        name: "a repository",
        policy: |policy| policy.require_clean_git = true,
        with: code::GIT_NO_REPOSITORY,
        ..PLAIN
    },
    Control {
        name: "git answers",
        policy: |policy| policy.require_clean_git = true,
        prepare: damaged_repository,
        with: code::GIT_FAILED,
        ..PLAIN
    },
    Control { name: "clean git is not asked for", prepare: dirty_repository, ..PLAIN },
    Control { name: "materials exist", workload: "canary_v1", ..always(code::MATERIAL_MISSING) },
    Control {
        name: "materials have their digest",
        workload: "sealed_v1",
        prepare: |root| std::fs::write(root.join("content/a.yaml"), "changed").expect("write"),
        ..always(code::MATERIAL_CHANGED)
    },
    Control {
        name: "materials lie in the project",
        workload: "everything_v1",
        prepare: |root| symlink("/etc/passwd", root.join("content/out.yaml")).expect("a link"),
        ..always(code::MATERIAL_ESCAPES)
    },
    Control {
        name: "artifact cap",
        policy: |policy| policy.artifact_bytes_max = 3,
        ..always(code::ARTIFACT_TOO_LARGE)
    },
    Control {
        name: "total cap",
        policy: |policy| policy.artifacts_bytes_max = 3,
        ..always(code::ARTIFACT_TOO_LARGE)
    },
    Control { name: "validators", text: "bad", ..always(code::VALIDATOR_FAILED) },
    Control { name: "digests", workload: "late_v1", ..always(code::ARTIFACT_MISMATCH) },
    Control { name: "confinement", workload: "unlisted_v1", ..always(code::ARTIFACT_UNLISTED) },
];

/// A control that Reliable Mode does not switch.
const fn always(code: &'static str) -> Control {
    Control { with: code, without: code, ..PLAIN }
}

fn repository(root: &Path) {
    git(root, &["init", "--quiet"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "start"]);
}

fn dirty_repository(root: &Path) {
    repository(root);
    std::fs::write(root.join("later.txt"), "").expect("write");
}

fn damaged_repository(root: &Path) {
    repository(root);
    std::fs::write(root.join(".git/index"), "no index").expect("write");
}

#[test]
fn every_control_is_on_or_off_as_the_table_says() {
    for control in &CONTROLS {
        for (reliable, expected) in [(true, control.with), (false, control.without)] {
            let mut policy = Policy { reliable, ..Policy::default() };
            (control.policy)(&mut policy);
            let world = World::under(policy);
            (control.prepare)(world.dir.path());
            let run = || outcome(&world, control.workload, input(control)).0;
            let (first, last) = (run(), control.twice.then(run));
            let got = last.unwrap_or(first);
            assert_eq!(got, expected, "{} with Reliable Mode {reliable}", control.name);
        }
    }
}

fn input(control: &Control) -> Value {
    if control.workload == "judged_v1" { json!({ "text": control.text }) } else { nothing() }
}

/// Runs a workload that is refused in preflight: nothing was started, nothing is there.
#[track_caller]
fn check_preflight(world: &World, workload: &str, expected: &str) {
    let (got, phases) = outcome(world, workload, nothing());
    assert_eq!(got, expected);
    assert_eq!(phases, [Phase::Admit, Phase::Preflight], "no guest was started");
    assert_eq!(world.runs(workload), Vec::<PathBuf>::new());
    let stages = std::fs::read_dir(world.dir.path().join(".orket/stage")).into_iter().flatten();
    assert_eq!(stages.count(), 0, "nothing half-made remains");
}

#[test]
fn every_wrong_material_is_refused_before_anything_of_the_extension_runs() {
    let check = |prepare: &dyn Fn(&Path), expected: &str| {
        let world = World::new();
        prepare(&world.dir.path().join("content"));
        check_preflight(&world, "everything_v1", expected);
    };
    check(&|content| symlink("nowhere", content.join("z.yaml")).expect("a link"), "material.dangling");
    check(&|content| symlink("/etc/passwd", content.join("z.yaml")).expect("a link"), "material.escapes");
    let sibling = |content: &Path| {
        let root = content.parent().expect("the project");
        let evil = root.with_file_name(format!("{}-evil", root.file_name().expect("a name").display()));
        std::fs::create_dir(&evil).expect("a folder");
        std::fs::rename(content, evil.join("content")).expect("it moves");
        symlink(evil.join("content"), content).expect("a link");
    };
    check(&sibling, "material.escapes");
    check(&|content| assert!(mkfifo(&content.join("z.yaml"))), "material.special");
    check(&|content| std::fs::remove_dir_all(content).expect("it goes"), "material.missing");
    check_preflight(&World::new(), "canary_v1", "material.missing");
    let world = World::new();
    std::fs::write(world.dir.path().join("content/a.yaml"), "changed").expect("write");
    check_preflight(&world, "sealed_v1", "material.changed");
}

fn mkfifo(path: &Path) -> bool {
    Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success())
}

#[test]
fn a_program_that_names_a_place_outside_is_refused_unrun() {
    for path in ["../proj-evil/x.yaml", "/proc/self/environ", "content/../../../x"] {
        let (_dir, program) = artifact::changed(|bytes| {
            artifact::replace(bytes, "content/absent.yaml", &format!("{path:x<19}"));
        });
        let error = artifact::load(&program).err().unwrap_or_else(|| {
            let manager = artifact::load(&program).expect("a manifest");
            let mut phases = Phases::default();
            let run = manager.run(request("canary_v1", nothing()), &mut phases);
            assert!(!phases.0.contains(&Phase::Spawn), "{:?}", phases.0);
            run.map(|run| run.folder).expect_err("refused").issues().remove(0).code
        });
        assert_eq!(error, "material.path", "{path}");
    }
}

#[test]
fn a_refusal_after_the_run_publishes_nothing_and_leaves_what_was_published() {
    let world = World::new();
    assert_eq!(outcome(&world, "judged_v1", json!({ "text": "good" })).0, "ok");
    let before = snapshot(&world.dir.path().join(".orket/runs"));
    let ledger = snapshot(&world.dir.path().join(".orket/ledger"));
    let (got, phases) = outcome(&world, "judged_v1", json!({ "text": "bad" }));
    assert_eq!(got, "validator.failed");
    assert_eq!(phases.last(), Some(&Phase::Check));
    for workload in ["late_v1", "unlisted_v1", "fraction_v1", "error_v1", "panic_v1"] {
        let (got, phases) = outcome(&world, workload, nothing());
        assert_ne!(got, "ok");
        assert!(!phases.contains(&Phase::Record) && !phases.contains(&Phase::Publish), "{phases:?}");
    }
    assert_eq!(snapshot(&world.dir.path().join(".orket/runs")), before);
    assert_eq!(snapshot(&world.dir.path().join(".orket/ledger")), ledger);
}

/// Every file below a folder with its bytes.
fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(snapshot(&path));
        } else {
            found.push((path.clone(), std::fs::read(path).expect("the file")));
        }
    }
    found.sort();
    found
}

#[test]
fn what_was_given_up_is_on_record() {
    let weakened = |policy: Policy| {
        let world = World::under(policy);
        let run = world.run(request("stop_v1", nothing())).expect("published");
        let predicate = json_of(&run.folder, "provenance.json")["predicate"].clone();
        let internal = predicate["buildDefinition"]["internalParameters"].clone();
        let builder = predicate["runDetails"]["builder"]["id"].as_str().expect("an id").to_owned();
        let lacks: Vec<String> = serde_json::from_value(internal["lacks"].clone()).expect("a list");
        let missing = |name: &str| internal["sandbox"][name] != "enforced";
        for name in ["layout", "start-vector", "ambient", "counter", "system-calls", "processes"] {
            assert_eq!(lacks.contains(&format!("sandbox.{name}")), missing(name), "{internal}");
        }
        let level = match (internal["reliable"] == true, lacks.is_empty()) {
            (true, true) => "/reliable/",
            (true, false) => "/reliable-in-part/",
            (false, _) => "/unreliable/",
        };
        assert!(builder.contains(level), "{builder}");
        (internal, lacks)
    };
    let (usual, _) = weakened(Policy::default());
    assert_eq!((&usual["weakened"], &usual["reliable"]), (&json!([]), &json!(true)));
    let lax = Policy { reliable: false, artifact_bytes_max: 64 << 20, ..Policy::default() };
    let (lax, lacks) = weakened(lax);
    assert_eq!(lacks[0], "reliable-mode");
    assert!(
        lacks.contains(&"sandbox.ambient".to_owned()),
        "with threads the machine's clock is there: {lacks:?}"
    );
    assert_eq!(lax["weakened"], json!(["reliable-mode", "artifact-bytes"]));
    assert_eq!((&lax["reliable"], &lax["policy"]["artifact_bytes_max"]), (&json!(false), &json!(64 << 20)));
}

/// A built project in a repository of its own, everything committed.
fn committed(name: &str) -> Project {
    let project = Project::new(name, &["--template", "minimal"]);
    // Cargo takes out of Cargo.lock what this project does not need.
    project.orket(&["build"]).exits(0);
    repository(&project.root);
    project
}

#[test]
fn a_clean_tree_is_asked_for_by_flag_or_variable_and_stays_clean() {
    let project = committed("cleaner");
    let by_variable = |value: &str, words: &[&str]| {
        let words = [&["run", "cleaner_v1"], words].concat();
        done(command(&project.root, &words).env("ORKET_RELIABLE_REQUIRE_CLEAN_GIT", value))
    };
    // The second run would meet what the first one leaves.
    for _ in 0..2 {
        project.orket(&["run", "cleaner_v1", "--require-clean-git"]).exits(0);
    }
    project.write("notes.txt", "later");
    let run = project.orket(&["run", "cleaner_v1", "--require-clean-git", "--message-format", "json"]);
    let run = run.exits(100).says("error[git.dirty]").says("notes.txt");
    let phases: Vec<_> = run.told("orket-event").iter().map(|event| event["phase"].clone()).collect();
    assert_eq!(phases, ["admit", "preflight"], "{run}");
    by_variable("1", &[]).exits(100).says("error[git.dirty]");
    by_variable("yse", &[]).exits(100).says("error[git.dirty]");
    by_variable("off", &[]).exits(0);
    let lax = by_variable("1", &["--no-reliable", "--artifact-limit", "64MiB"]).exits(0);
    lax.says("warning: Reliable Mode is off").says("not checked").says("`artifact-bytes` is 67108864 bytes");
    project.orket(&["run", "cleaner_v1", "--require-clean-git", "--no-reliable"]).exits(2);
    project.orket(&["run", "cleaner_v1", "--artifact-limit", "64M"]).exits(2).says("such as 64MiB");
    let words = ["run", "cleaner_v1", "--require-clean-git"];
    let contradiction = done(command(&project.root, &words).env("ORKET_RELIABLE_MODE", "off"));
    contradiction.exits(2).says("ORKET_RELIABLE_MODE switches it off");
}

#[test]
fn neither_a_repository_nor_the_environment_steers_what_git_is_asked() {
    let project = committed("steered");
    let evil = project.root.with_file_name("evil");
    let mark = project.root.with_file_name("mark");
    std::fs::write(&evil, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).expect("write");
    std::fs::set_permissions(&evil, std::fs::Permissions::from_mode(0o755)).expect("mode");
    git(&project.root, &["config", "core.fsmonitor", &evil.display().to_string()]);
    let mut run = command(&project.root, &["run", "steered_v1", "--require-clean-git"]);
    run.env("GIT_DIR", "/nonexistent").env("GIT_WORK_TREE", "/").env("GIT_INDEX_FILE", "/nonexistent");
    run.env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.fsmonitor")
        .env("GIT_CONFIG_VALUE_0", &evil);
    run.env("GIT_TRACE", mark.with_file_name("trace"));
    done(&mut run).exits(0);
    assert!(!mark.exists() && !mark.with_file_name("trace").exists());
    git(&project.root, &["status"]);
    assert!(mark.exists(), "a careless git would have run it");
    let mut run = command(&project.root, &["run", "steered_v1", "--require-clean-git"]);
    done(run.env("PATH", ".").env("RUSTC", rustc())).exits(100).says("error[git.absent]");
}

/// The compiler by its full name, for a call without `PATH`.
fn rustc() -> PathBuf {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc starts");
    Path::new(String::from_utf8_lossy(&output.stdout).trim()).join("bin/rustc")
}

#[test]
fn a_record_says_how_and_from_what_the_program_was_built() {
    let project = committed("factual");
    git(&project.root, &["remote", "add", "origin", "https://ann:s3cret@example.org/factual.git"]);
    let run = project.orket(&["run", "factual_v1"]).exits(0);
    let runs = project.runs("factual_v1");
    let statement = std::fs::read_to_string(runs[0].join("provenance.json")).expect("provenance");
    assert!(
        !statement.contains("s3cret") && !statement.contains(&project.root.display().to_string()),
        "{run}"
    );
    let definition = json_of(&runs[0], "provenance.json")["predicate"]["buildDefinition"].clone();
    let build = &definition["internalParameters"]["build"];
    assert_eq!(build["rustc"], json!(version_of_rustc()));
    assert_eq!(build["sdk"], json!(env!("CARGO_PKG_VERSION")));
    let locked = std::fs::read(project.root.join("Cargo.lock")).expect("the lock file");
    assert_eq!(build["lockfile"], json!(orket_contract::digest::Digest::of(&locked)));
    assert!(build["flags"].as_array().is_some_and(|flags| flags.contains(&json!("opt-level=0"))), "{build}");
    let sources = definition["resolvedDependencies"].as_array().expect("a list");
    let source = sources.iter().find(|source| source["name"] == "source").expect("the source");
    assert_eq!(source["uri"], "git+https://example.org/factual.git");
    assert_eq!(
        (&source["annotations"]["clean"], source["digest"]["gitCommit"].as_str().map(str::len)),
        (&json!(true), Some(40))
    );
    let built = project.orket(&["build", "--message-format", "json"]).exits(0);
    let sealed = built.told("orket-artifact")[0]["sealed"].as_str().expect("a path").to_owned();
    let sealed: Value = serde_json::from_slice(&std::fs::read(sealed).expect("it is there")).expect("JSON");
    assert_eq!(
        (&sealed["build"], &sealed["source"]["url"]),
        (build, &json!("https://example.org/factual.git"))
    );
}

fn version_of_rustc() -> String {
    let output = Command::new("rustc").arg("--version").output().expect("rustc starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
