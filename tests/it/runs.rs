//! Recorded runs, listed, shown and pruned: whole ones, damaged ones, and some that others are just making.

use crate::attest::target;
use crate::tool::{Done, command, orket};
use crate::world::{World, nothing, request, scripted};
use orket_engine::journal::Place;
use orket_engine::runs::{Keep, RecordedRun, State, list, prune};
use orket_engine::store::Store;
use orket_engine::{Error, Policy};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/run.rs"]
#[expect(unreachable_pub, reason = "the fuzz package shares this file as a library")]
mod body;

/// A world in which `names` have each been greeted once, in this order.
fn greeted(names: &[&'static str]) -> (World, Vec<PathBuf>) {
    let world = World::new();
    let run = |name: &&'static str| {
        world.run(scripted("everything_v1", nothing(), name).0).expect("published").folder
    };
    let folders = names.iter().map(run).collect();
    (world, folders)
}

fn store(world: &World) -> Store {
    Store::of(world.dir.path())
}

/// Calls the tool outside of any project, with the store of a world.
fn tool(world: &World, words: &[&str]) -> Done {
    let store = store(world).dir().display().to_string();
    orket(std::env::temp_dir().as_path(), &[words, &["--store", &store]].concat())
}

fn name(run: &Path) -> &str {
    run.file_name().and_then(|name| name.to_str()).expect("a name")
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).expect("the file is there");
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("the file can be written");
}

#[test]
fn runs_are_listed_and_shown_by_any_unique_name() {
    let (world, runs) = greeted(&["Ann\n", "Bob\n"]);
    world.run(request("stop_v1", nothing())).expect("published");
    let told = tool(&world, &["runs", "list", "--message-format", "json"]).exits(0).told("orket-run");
    assert_eq!(told.len(), 3);
    assert_eq!(told.iter().filter(|run| run["state"] == "stop").count(), 1);
    let started: Vec<_> = told.iter().map(|run| run["started"].as_str().expect("a time")).collect();
    assert!(started.is_sorted_by(|a, b| a >= b), "{started:?}");
    let one = tool(&world, &["runs", "list", "everything_v1", "--limit", "1"]).exits(0).says("1 older runs");
    assert_eq!(one.out.lines().count(), 2, "{one}");
    let identity = name(&runs[0]).split('-').nth(1).expect("an identity");
    for meant in [name(&runs[0]), identity, &format!("everything_v1/{identity}")] {
        let shown = tool(&world, &["runs", "show", meant]).exits(0);
        assert!(shown.out.contains(name(&runs[0])) && shown.out.contains("record        whole"), "{shown}");
        assert!(shown.out.contains("console  read_line 1, write 1"), "{shown}");
    }
    let latest = tool(&world, &["runs", "show", "stop_v1/latest", "--message-format", "json"]).exits(0);
    let details = &latest.told("orket-run-details")[0];
    assert_eq!((&details["workload"], &details["events"]), (&json!("stop_v1"), &json!(2)), "{latest}");
    assert!(details["digests"]["provenance"].is_string() && details["sandbox"]["system-calls"] == "enforced");
    tool(&world, &["runs", "show", "20"]).exits(2).says("error[run.ambiguous]").says("stop_v1/20");
    tool(&world, &["runs", "show", "latst"])
        .exits(100)
        .says("error[case.missing]")
        .says("did you mean `latest`?");
    tool(&world, &["runs", "show", "../.orket"]).exits(100).says("error[case.missing]");
}

#[test]
fn a_damaged_run_is_told_with_its_code_and_never_hidden() {
    let (world, runs) = greeted(&["Ann\n"]);
    let run = &runs[0];
    let (whole, kept) = (world.dir.path().join("whole"), world.dir.path().join("kept"));
    crate::world::copy(run, &whole);
    let show =
        |code: &str| tool(&world, &["runs", "show", name(run)]).exits(100).says(&format!("error[{code}]"));
    let damages: [(&str, &dyn Fn(), &str, State); 7] = [
        (
            "plan.json",
            &|| std::fs::write(run.join("plan.json"), "{").expect("written"),
            "run.damaged",
            State::Damaged,
        ),
        (
            "run.json",
            &|| std::fs::remove_file(run.join("run.json")).expect("removed"),
            "run.damaged",
            State::Damaged,
        ),
        (
            "result.json",
            &|| edit(&run.join("result.json"), "\"ok\"", "\"fine\""),
            "run.damaged",
            State::Damaged,
        ),
        (
            "plan",
            &|| edit(&run.join("plan.json"), "\"actions\":[", "\"actions\":[ ,"),
            "run.damaged",
            State::Damaged,
        ),
        (
            "hash",
            &|| edit(&run.join("plan.json"), "\"params\":{}", "\"params\":{\"a\":1}"),
            "run.damaged",
            State::Ok,
        ),
        (
            "artifact",
            &|| edit(&run.join("artifacts/roll.json"), "dice", "mice"),
            "artifact.mismatch",
            State::Ok,
        ),
        ("provenance", &|| edit(&run.join("provenance.json"), "probe", "prove"), "run.damaged", State::Ok),
    ];
    for (what, damage, code, state) in damages {
        damage();
        show(code);
        let listed = list(&store(&world), None).expect("a list");
        assert_eq!((listed.len(), listed[0].state), (1, state), "{what}");
        assert!(listed[0].started.is_some(), "its name says when");
        if state == State::Damaged {
            assert_eq!(listed[0].issues[0].code, code);
            let shown = tool(&world, &["runs", "list"]).exits(0).says("is damaged: [run.damaged]");
            assert!(shown.out.contains("damaged"), "{shown}");
        }
        std::fs::rename(run, &kept).expect("moved away");
        crate::world::copy(&whole, run);
        std::fs::remove_dir_all(&kept).expect("removed");
    }
    std::fs::write(run.join("transcript.jsonl.zst"), "nonsense").expect("written");
    show("transcript.damaged");
}

#[test]
fn what_anybody_writes_into_a_record_is_refused_or_read() {
    let (_world, runs) = greeted(&["Ann\n"]);
    let plain =
        zstd::decode_all(std::fs::File::open(runs[0].join("transcript.jsonl.zst")).expect("a transcript"));
    let part = |file: &&str| {
        std::fs::read(runs[0].join(file)).unwrap_or_else(|_| plain.as_ref().expect("lines").clone())
    };
    let whole: Vec<u8> = body::FILES.iter().map(part).collect::<Vec<_>>().join(&0);
    let deep = ["[".repeat(100_000), "{}".to_owned(), "\"\\ud800\"".to_owned()].map(String::into_bytes);
    let seeds = [&[whole], deep.as_slice()].concat();
    let folder = tempfile::tempdir().expect("a folder");
    crate::world::copy(&runs[0].join("blobs"), &folder.path().join("blobs"));
    let most = if std::env::var_os("ORKET_DEEP").is_some() { 20_000 } else { 600 };
    seeds.iter().for_each(|seed| body::run(folder.path(), seed));
    (0..most).for_each(|round| body::run(folder.path(), &target::mutated(&seeds[0], &seeds, round)));
    body::run(folder.path(), &seeds[0]);
    RecordedRun::load(folder.path())
        .expect("the whole one can be read")
        .recording()
        .expect("and its transcript");
    std::fs::remove_file(runs[0].join("run.json")).expect("removed");
    std::os::unix::fs::symlink("/dev/zero", runs[0].join("run.json")).expect("a link");
    RecordedRun::load(&runs[0]).expect_err("a device is no record");
}

#[test]
fn runs_of_installed_extensions_are_found_by_name() {
    let (world, runs) = greeted(&["Ann\n"]);
    let home = tempfile::tempdir().expect("a folder");
    crate::world::copy(store(&world).dir(), &home.path().join("state/orket.probe"));
    let outside = tempfile::tempdir().expect("a folder");
    let ask = |words: &[&str]| {
        let output =
            command(outside.path(), words).env("ORKET_HOME", home.path()).output().expect("the tool");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert!(ask(&["runs", "list"]).1.contains(name(&runs[0])), "outside of a project they are all there is");
    assert!(ask(&["runs", "list", "--installed"]).1.contains(name(&runs[0])));
    assert!(ask(&["runs", "show", "latest"]).1.contains(name(&runs[0])));
    assert_eq!(ask(&["runs", "prune", "--keep", "0", "--installed"]).0, Some(0));
    assert!(!home.path().join("state/orket.probe/runs/everything_v1").join(name(&runs[0])).exists());
}

#[test]
fn what_a_validator_found_stays_with_the_run() {
    let world = World::new();
    world.run(request("judged_v1", json!({ "text": "good" }))).expect("published");
    let shown = tool(&world, &["runs", "show", "latest"]).exits(0);
    assert!(shown.out.contains("warning[probe.noted]: the verdict was read"), "{shown}");
}

#[test]
fn pruning_says_what_it_frees_and_takes_only_that() {
    let (world, runs) = greeted(&["Ann\n", "Bob\n", "Ann\n"]);
    world.run(request("stop_v1", nothing())).expect("published");
    let prune = |words: &[&str]| {
        let words = [&["runs", "prune", "--message-format", "json"], words].concat();
        tool(&world, &words).exits(0).told("orket-pruned").remove(0)
    };
    tool(&world, &["runs", "prune"]).exits(2).says("--keep");
    tool(&world, &["runs", "prune", "--older-than", "soon"]).exits(2);
    assert_eq!(prune(&["--older-than", "30d"])["runs"], json!([]));
    let would = prune(&["--keep", "1", "--dry-run"]);
    assert_eq!((would["runs"].as_array().map(Vec::len), &would["kept"]), (Some(2), &json!(2)));
    assert!(runs.iter().all(|run| run.exists()), "nothing was removed");
    let done = prune(&["--keep", "1", "--workload", "everything_v1"]);
    assert_eq!((&done["runs"], &done["bytes"]), (&would["runs"], &would["bytes"]));
    assert_eq!(world.runs("everything_v1").len(), 1);
    assert_eq!(prune(&["--keep", "0", "--workload", "everything_v1"])["kept"], 0);
    assert_eq!(world.runs("stop_v1").len(), 1, "another workload");
    assert_eq!(std::fs::read_dir(store(&world).dir().join("stage")).expect("a folder").count(), 0);
}

#[test]
fn a_pruned_run_still_binds_those_that_come_after_it() {
    let world = World::new();
    world.run(request("entropy_v1", nothing())).expect("published");
    let everything = Keep { newest: Some(0), ..Keep::default() };
    assert_eq!(prune(&store(&world), &everything, false).expect("pruned").runs.len(), 1);
    let error = world.manager.run(request("entropy_v1", nothing()), &mut ()).expect_err("it differs");
    let Error::Diverged(divergence) = &error else { panic!("{error}") };
    assert_eq!((&divergence.place, error.issues()[0].code.as_str()), (&Place::Digests, "replay.diverged"));
    assert_eq!(world.runs("entropy_v1"), Vec::<PathBuf>::new());
}

#[test]
fn an_equal_run_that_stays_takes_the_place_of_a_pruned_one() {
    let (world, runs) = greeted(&["Ann\n", "Ann\n"]);
    let entry = || -> Value {
        let ledger = std::fs::read_dir(store(&world).ledger()).expect("a folder").flatten();
        let files: Vec<_> =
            ledger.map(|entry| std::fs::read_to_string(entry.path()).expect("text")).collect();
        assert_eq!(files.len(), 1);
        serde_json::from_str(&files[0]).expect("JSON")
    };
    let first = entry()["run"].clone();
    let keep = Keep { newest: Some(1), ..Keep::default() };
    let pruned = prune(&store(&world), &keep, false).expect("pruned");
    let stays = runs.iter().find(|run| run.exists()).expect("one stays");
    assert_eq!(pruned.runs.len(), 1);
    assert!(first == name(stays) || first == pruned.runs[0].name.as_str());
    assert_eq!(entry()["run"], name(stays), "so that a later difference is told in full");
}

#[test]
fn pruning_beside_runs_leaves_nothing_half() {
    let folder = World::under(Policy { reliable: false, ..Policy::default() });
    let store = store(&folder);
    let rounds = if std::env::var_os("ORKET_DEEP").is_some() { 200 } else { 12 };
    let keep = Keep { newest: Some(1), ..Keep::default() };
    std::thread::scope(|scope| {
        let pruner = scope.spawn(|| {
            for _ in 0..rounds * 4 {
                prune(&store, &keep, false).expect("pruned");
                let listed = list(&store, None).expect("a list");
                // A run may go while it is listed; what is listed and still there is whole.
                let halves = listed.iter().filter(|run| run.state == State::Damaged && run.folder.exists());
                assert_eq!(halves.count(), 0);
            }
        });
        for _ in 0..rounds {
            let run = folder.run(request("stop_v1", nothing())).expect("published");
            assert!(name(&run.folder).starts_with("20"));
        }
        pruner.join().expect("it prunes");
    });
    prune(&store, &keep, false).expect("pruned");
    assert_eq!(folder.runs("stop_v1").len(), 1);
    assert_eq!(std::fs::read_dir(store.dir().join("stage")).expect("a folder").count(), 0);
}

#[test]
fn a_plan_is_drawn_of_a_run_and_of_a_workload() {
    let (world, runs) = greeted(&["Ann\n"]);
    let run = world.run(request("steps_v1", nothing())).expect("published").folder;
    let drawn = tool(&world, &["graph", "steps_v1/latest"]).exits(0);
    assert!(
        drawn.out.starts_with("flowchart LR\n") && drawn.out.matches("workload.run").count() == 2,
        "{drawn}"
    );
    let file = world.dir.path().join("plan.svg");
    let (run, to) = (run.display().to_string(), file.display().to_string());
    tool(&world, &["graph", &run, "--format", "svg", "--output", &to]).exits(0).says("plan.svg");
    let picture = std::fs::read_to_string(&file).expect("a picture");
    assert!(
        picture.starts_with("<svg xmlns=") && picture.matches("class=\"box step\"").count() == 2,
        "{picture}"
    );
    let told = tool(&world, &["graph", &run, "--format", "svg", "--message-format", "json"]).exits(0);
    assert_eq!(told.told("orket-graph")[0]["drawing"], json!(picture), "it is the same each time");
    std::fs::write(runs[0].join("plan.json"), "{}").expect("written");
    tool(&world, &["graph", name(&runs[0])]).exits(100).says("error[run.damaged]");
}
