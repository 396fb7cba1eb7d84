//! Many runs of one workload: as fresh as single ones, compared seed by seed, shared among machines, and resumed.

use crate::tool::{CHANCE, Done, Project, command};
use crate::world::{World, request, scripted};
use orket_engine::Request;
use orket_engine::journal::Digests;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a run comes to by itself.
fn alone(world: &World, request: Request) -> Digests {
    world.manager.execute(request, None, &mut ()).expect("it runs").digests
}

/// Runs with one guest, with several, and with one that validates: each in a box comes to what it comes to alone.
#[test]
fn runs_in_a_series_come_to_what_they_come_to_alone() {
    let world = World::new();
    let cases: [(&str, Value); 3] = [
        ("everything_v1", json!({ "number": 3 })),
        ("steps_v1", json!({ "text": "twice" })),
        ("judged_v1", json!({ "text": "good" })),
    ];
    for (workload, input) in cases {
        let asked = |seed| Request { seed, ..scripted(workload, input.clone(), "Ada\n").0 };
        let mut series = world.manager.series(workload).expect("it is admitted");
        for seed in [1, 2, 1] {
            let digests = series.run(asked(seed), &mut ()).expect("it runs");
            assert_eq!(digests, alone(&world, asked(seed)), "{workload} with seed {seed}");
        }
        assert_eq!(series.without_box(), None);
    }
}

/// The box went with the run that was ended; the next run has another.
#[test]
fn a_series_goes_on_after_a_run_that_was_ended() {
    let world = World::new();
    let mut series = world.manager.series("judged_v1").expect("it is admitted");
    let asked = |text: &str| request("judged_v1", json!({ "text": text }));
    let good = series.run(asked("good"), &mut ()).expect("it runs");
    let refused = series.run(asked("bad"), &mut ()).expect_err("its validator refuses it");
    assert_eq!(refused.issues()[0].code, "validator.failed");
    assert_eq!(series.run(asked("good"), &mut ()).expect("it runs"), good);
    drop(series);

    let mut series = world.manager.series("exit_v1").expect("it is admitted");
    for _ in 0..2 {
        let ended = series.run(request("exit_v1", json!({})), &mut ()).expect_err("it exits early");
        assert_eq!(ended.issues()[0].code, "guest.exited");
    }
    drop(series);
    let stages = world.dir.path().join(".orket/stage");
    assert_eq!(std::fs::read_dir(stages).expect("a folder").count(), 0, "a stage was left");
}

/// A project in which seed 5 differs each time and seed 9 fails.
fn project() -> Project {
    let project = Project::new("swept", &["--template", "minimal"]);
    let greeting = "json!({ \"greeting\": format!(\"Hello, {name}!\") })";
    let moody = "json!({ \"greeting\": format!(\"Hello, {name}!\"), \"mood\": super::mood(ctx)? })";
    project.edit("src/lib.rs", greeting, moody);
    let path = project.root.join("src/lib.rs");
    let text = std::fs::read_to_string(&path).expect("the source");
    let mood = r#"
/// A number of the processor's own, for one seed.
fn mood(ctx: &orket_runtime::prelude::WorkloadContext) -> orket_runtime::prelude::Result<String> {
    assert_ne!(ctx.seed, 9, "not this one");
    Ok(if ctx.seed == 5 { CHANCE } else { String::new() })
}
"#;
    let mood = mood.replace("CHANCE", CHANCE);
    std::fs::write(path, text + &mood).expect("the source");
    project
}

/// The seeds of which there were messages, and the one message of the sweep.
fn found(sweep: &Done) -> (BTreeSet<u64>, Value) {
    let seeds = sweep.told("orket-seed");
    let seed = |found: &Value| found["seed"].as_str().and_then(|seed| seed.parse().ok()).expect("a seed");
    (seeds.iter().map(seed).collect(), sweep.told("orket-sweep").remove(0))
}

const JSON: &str = "--message-format=json";

fn kept(project: &Project) -> Vec<PathBuf> {
    let folder = project.root.join(".orket/sweeps");
    let files = std::fs::read_dir(folder).expect("the folder").flatten().map(|entry| entry.path());
    // What is being written has no name yet.
    files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect()
}

#[test]
fn seeds_are_compared_shared_and_resumed() {
    let project = project();
    let sweep = |words: &[&str]| project.orket(&[&["verify", "swept_v1"], words].concat());
    sweep(&["--seeds", "0..5"]).exits(0).says("Repeats swept/swept_v1 with 5 seeds in 2 runs each");
    assert_eq!(kept(&project), Vec::<PathBuf>::new(), "a sweep that came to its end is forgotten");

    let all = sweep(&["--seeds", "0..12", "--no-fail-fast", JSON]).exits(100);
    let (seeds, summary) = found(&all);
    assert_eq!(seeds, [5, 9].into());
    assert_eq!((&summary["done"], &summary["differ"], &summary["fail"]), (&json!(12), &json!(1), &json!(1)));
    let differs = all.told("orket-seed").into_iter().find(|found| found["seed"] == "5").expect("it was told");
    assert!(differs["divergence"].is_object(), "{differs}");
    let line = differs["line"].as_str().expect("a line");
    let again = line.strip_prefix("cargo orket ").expect("it calls the tool").split(' ').collect::<Vec<_>>();
    project.orket(&again).exits(100).says("error[replay.diverged]");

    let part = |part: &str| found(&sweep(&["--seeds", "0..12", "--partition", part, "--no-fail-fast", JSON]));
    let (even, odd) = (part("1/2"), part("2/2"));
    assert_eq!((even.0, odd.0), (BTreeSet::new(), [5, 9].into()));
    assert_eq!((&even.1["done"], &odd.1["done"]), (&json!(6), &json!(6)));

    let first = found(&sweep(&["--seeds", "0..12", "--jobs", "1", JSON]).exits(100));
    assert_eq!(first.0, [5].into(), "it ends at what is found first");
    assert_eq!(kept(&project).len(), 1);
    let other = ["--seeds", "0..12", "--resume", "--no-fail-fast", "--player", "cat"];
    sweep(&other).exits(100).says("nothing of this sweep was interrupted");
    assert_eq!(kept(&project).len(), 1, "with another service it is another sweep");
    let rest = ["--seeds", "0..12", "--resume", "--no-fail-fast", JSON];
    let (seeds, summary) = found(&sweep(&rest).exits(100));
    assert_eq!(seeds, [5, 9].into());
    assert_eq!((&summary["resumed"], &summary["done"]), (&first.1["done"], &json!(12)));
    assert_eq!(kept(&project), Vec::<PathBuf>::new());
    ctrl_c_leaves_a_sweep_resumable(&project);
}

/// How many seeds a state names as done.
fn done(path: &Path) -> u64 {
    let text = std::fs::read(path).expect("the state");
    let state: Value = serde_json::from_slice(&text).expect("the state is whole at any time");
    let ranges = state["done"].as_array().expect("ranges");
    ranges
        .iter()
        .map(|range| range[1].as_u64().unwrap_or_default() - range[0].as_u64().unwrap_or_default())
        .sum()
}

fn ctrl_c_leaves_a_sweep_resumable(project: &Project) {
    let mut before = 0;
    for words in [&[][..], &["--resume"]] {
        let sweep = [&["verify", "swept_v1", "--seeds", "100..10000000"], words].concat();
        let mut child =
            command(&project.root, &sweep).stderr(Stdio::null()).spawn().expect("the tool starts");
        let state = wait_for(&mut child, || kept(project).into_iter().find(|path| done(path) > before));
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        assert_eq!(child.wait().expect("the tool ends").code(), Some(130));
        before = done(&state);
        assert!(std::fs::read_to_string(&state).expect("the state").contains(r#""findings":[]"#));
    }
}

/// What is there some time while a process runs.
fn wait_for<T>(child: &mut Child, look: impl Fn() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert_eq!(child.try_wait().expect("a child"), None, "the sweep came to its end");
        std::thread::yield_now();
    }
}

#[test]
fn words_that_do_not_go_together_are_usage() {
    let project = Project::new("misused", &["--template", "minimal"]);
    for words in [
        &["verify", "--seeds", "0..5"][..],
        &["verify", "misused_v1", "--seeds", "5..0"],
        &["verify", "misused_v1", "--seeds", "0..5", "--seed", "1"],
        &["verify", "misused_v1", "--seeds", "0..5", "--bless"],
        &["verify", "misused_v1", "--partition", "1/2"],
        &["verify", "misused_v1", "--seeds", "0..5", "--partition", "3/2"],
        &["verify", "misused_v1", "--resume"],
    ] {
        project.orket(words).exits(2);
    }
}
