//! What a hostile guest, a second process or a changed record could do to the record of a run.

use crate::tool::orket;
use crate::world::{World, json_of, nothing, request, scripted, tests};
use orket_engine::journal::case::{self, Case};
use orket_engine::journal::{Place, Recording, compare};
use orket_engine::registry::Finished;
use orket_engine::{Error, Policy};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Barrier;

/// Executes `everything_v1` with a script.
fn everything(world: &World, script: &'static str) -> Finished {
    let (request, _) = scripted("everything_v1", nothing(), script);
    world.manager.execute(request, None, &mut ()).expect("the run finishes")
}

/// Records a case of `everything_v1` and gives its folder.
fn recorded(world: &World, script: &'static str) -> PathBuf {
    let folder = case::folder(world.dir.path()).join("everything_v1/first");
    case::record(&everything(world, script), &folder, false).expect("the case is recorded");
    folder
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let nested = entries.map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    nested.flatten().collect()
}

const LONG: &str = concat!(
    "a line that is longer than what stands in a record, ",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
);

/// The long line, 2 KiB of it.
fn long() -> &'static str {
    Box::leak(LONG.repeat(14).into_boxed_str())
}

#[test]
fn a_difference_that_only_the_console_shows_fails_closed() {
    let world = World::new();
    let run = || world.manager.run(scripted("mutter_v1", nothing(), "Ann\n").0, &mut ());
    run().expect("the first run has nothing to compare with");
    let error = run().expect_err("it differs");
    let Error::Diverged(divergence) = &error else { panic!("{error}") };
    assert_eq!(
        (&divergence.place, divergence.pointer.as_str()),
        (&Place::Transcript { index: 1 }, "/req/text")
    );
    let other = scripted("mutter_v1", nothing(), "Bob\n").0;
    world.manager.run(other, &mut ()).expect("another answer is another run");
}

#[test]
fn a_difference_that_only_the_summary_shows_fails_closed() {
    let world = World::new();
    world.run(request("moody_v1", nothing())).expect("the first run has nothing to compare with");
    let error = world.manager.run(request("moody_v1", nothing()), &mut ()).expect_err("it differs");
    let Error::Diverged(divergence) = &error else { panic!("{error}") };
    assert_eq!((&divergence.place, divergence.pointer.as_str()), (&Place::Output, "/summary/mood"));
}

#[test]
fn of_two_runs_of_one_identity_that_end_at_once_one_is_published() {
    let world = World::new();
    let execute =
        || world.manager.execute(request("entropy_v1", nothing()), None, &mut ()).expect("finished");
    let (first, second) = (execute(), execute());
    let barrier = Barrier::new(2);
    let publish = |run: Finished| {
        barrier.wait();
        world.manager.publish(run, &mut ()).map(|_| ()).map_err(|error| error.issues().remove(0).code)
    };
    let (a, b) = std::thread::scope(|scope| {
        let a = scope.spawn(|| publish(first));
        let b = scope.spawn(|| publish(second));
        (a.join().expect("no panic"), b.join().expect("no panic"))
    });
    let refused: Vec<_> = [a, b].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused, ["replay.diverged"]);
    assert_eq!(world.runs("entropy_v1").len(), 1);
}

#[test]
fn nothing_is_published_once_the_host_was_interrupted() {
    let world = World::new();
    let run = everything(&world, "Ann\n");
    world.manager.interrupt().fire();
    assert!(world.manager.publish(run, &mut ()).is_err());
    assert_eq!(world.runs("everything_v1"), Vec::<PathBuf>::new());
}

#[test]
fn a_denied_call_is_recorded_and_replayed() {
    let world = World::new();
    let run = world.run(request("greedy_v1", nothing())).expect("the refusal is an answer");
    let answer = std::fs::read_to_string(run.folder.join("artifacts/answer.txt")).expect("the answer");
    assert!(answer.contains("capability.undeclared"), "{answer}");
    let recording = Recording::load(&run.folder).expect("the transcript");
    let again = world.manager.execute(request("greedy_v1", nothing()), Some(recording), &mut ());
    assert_eq!(compare(&run.folder, again.expect("it repeats").folder()).expect("both are read"), None);
}

#[test]
fn a_replay_leaves_the_kv_that_the_run_left() {
    let world = World::new();
    let run = world.manager.publish(everything(&world, "Ann\n"), &mut ()).expect("published");
    let recording = Recording::load(&run.folder).expect("the transcript");
    let again = world.manager.execute(request("everything_v1", nothing()), Some(recording), &mut ());
    let again = again.expect("it repeats");
    assert_eq!(json_of(again.folder(), "kv.json"), json_of(&run.folder, "kv.json"));
}

#[test]
fn a_case_gives_long_lines_again_and_is_replaced_whole() {
    let world = World::new();
    let folder = recorded(&world, long());
    let case = Case::load_of(&folder, "orket.probe/everything_v1").expect("the case");
    assert_eq!(case.script, [long()]);
    assert_eq!(compare(&folder, everything(&world, long()).folder()).expect("both are read"), None);
    let other = everything(&world, "Ann\n");
    case::record(&other, &folder, true).expect("it is recorded anew");
    assert_eq!(compare(&folder, other.folder()).expect("both are read"), None);
    // What a killed process left of another recording is no case.
    std::fs::create_dir(folder.with_file_name(".case-abc")).expect("a folder");
    assert_eq!(case::all(world.dir.path(), None).expect("the cases"), [folder]);
}

#[test]
fn every_changed_or_missing_file_of_a_case_is_noticed() {
    let world = World::new();
    let folder = recorded(&world, long());
    let run = everything(&world, long());
    let found = |case: &Path| compare(case, run.folder()).map(|divergence| divergence.is_some());
    assert!(!found(&folder).expect("it is whole"));
    let files = files(&folder);
    assert!(files.iter().any(|path| path.parent().is_some_and(|above| above.ends_with("blobs"))));
    for path in files.iter().filter(|path| !path.ends_with(case::CASE)) {
        let whole = std::fs::read(path).expect("the file");
        let noticed = || found(&folder).unwrap_or(true);
        for at in [0, whole.len() / 2, whole.len() - 2] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(path, &changed).expect("write");
            assert!(noticed(), "byte {at} of {}", path.display());
        }
        std::fs::remove_file(path).expect("remove");
        assert!(noticed(), "{} is missing", path.display());
        std::fs::write(path, whole).expect("write");
    }
    assert!(!found(&folder).expect("it is whole again"));
}

#[test]
fn a_record_that_was_changed_to_fit_itself_is_noticed() {
    let world = World::new();
    let folder = recorded(&world, "Ann\n");
    let run = everything(&world, "Ann\n");
    let check = |name: &str, change: &dyn Fn(&mut Value), expected: &str| {
        let path = folder.join(name);
        let whole = std::fs::read(&path).expect("the file");
        let mut value = json_of(&folder, name);
        change(&mut value);
        std::fs::write(&path, value.to_string()).expect("write");
        let divergence = compare(&folder, run.folder()).expect("it is read").expect("it is noticed");
        assert_eq!(divergence.place.to_string(), expected);
        std::fs::write(path, whole).expect("write");
    };
    let zeros = || json!("0".repeat(64));
    check("plan.json", &|plan| plan["plan_hash"] = zeros(), "the plan");
    check("plan.json", &|plan| plan["seed"] = json!("8"), "the input");
    check("result.json", &|result| result["result"]["output"]["name"] = json!("Eve"), "the output");
    let list = "the artifact `artifact_manifest.json`";
    check("artifact_manifest.json", &|value| value["digest"] = zeros(), list);
    let twice = |value: &mut Value| {
        let files = value["files"].as_array_mut().expect("a list");
        files.push(files[0].clone());
    };
    check("artifact_manifest.json", &twice, list);
    let extra = json!({ "path": "../../../etc/passwd", "sha256": "0".repeat(64), "size": 1 });
    let outside = |value: &mut Value| value["files"].as_array_mut().expect("a list").push(extra.clone());
    check("artifact_manifest.json", &outside, "the artifact `../../../etc/passwd`");
    let text = std::fs::read_to_string(folder.join(case::CASE)).expect("the case");
    std::fs::write(folder.join(case::CASE), text.replace("everything_v1", "stop_v1")).expect("write");
    let error = Case::load_of(&folder, "orket.probe/everything_v1").expect_err("refused");
    assert_eq!(error.issues()[0].code, "case.invalid");
}

#[test]
fn an_artifact_of_a_case_is_never_read_through_a_link() {
    let world = World::new();
    let folder = recorded(&world, "Ann\n");
    let path = folder.join("artifacts/roll.json");
    std::fs::remove_file(&path).expect("remove");
    std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
    let divergence = compare(&folder, everything(&world, "Ann\n").folder()).expect("it is read");
    assert_eq!(divergence.expect("noticed").place.to_string(), "the artifact `artifacts/roll.json`");
}

#[test]
fn a_policy_that_has_no_digest_stops_the_run_before_it_starts() {
    let world = World::under(Policy { wall_ms_max: u64::MAX, ..Policy::default() });
    let issues = world.run(request("stop_v1", nothing())).map(|run| run.folder).expect_err("refused");
    assert_eq!((issues[0].code.as_str(), issues[0].stage.as_deref()), ("json.number", Some("preflight")));
}

#[test]
fn a_case_is_never_recorded_outside_of_its_folder() {
    let probe = tests().join("fixtures/probe");
    let words = ["verify", "stop_v1", "--seed", "1", "--bless", "--case", "../../../evil"];
    orket(&probe, &words).exits(2).says("--case");
    assert!(!tests().join("fixtures/evil").exists() && !probe.join("replays").exists());
}

#[test]
fn a_guest_cannot_speak_for_the_host() {
    let world = World::new();
    let send = |frame: Value| world.refused("frame_v1", json!({ "text": frame.to_string() }));
    let failed = |code: &str| json!({ "failed": { "failure": { "code": code, "message": "m" } } });
    assert_eq!(send(failed("probe.own")), "probe.own");
    assert_eq!(send(failed("sandbox.failed")), "result.error");
    assert_eq!(send(failed("\u{1b}[2J")), "result.error");
    let issue = json!({ "code": "store.failed", "message": "m", "severity": "error" });
    let result = json!({ "issues": [issue], "output": {}, "status": "ok" });
    assert_eq!(send(json!({ "done": { "result": result } })), "result.error");
    let twice = json!({ "path": "a", "sha256": "0".repeat(64), "size": 0 });
    let result = json!({ "artifacts": [twice.clone(), twice], "output": {}, "status": "ok" });
    assert_eq!(send(json!({ "done": { "result": result } })), "result.shape");
}

#[test]
fn a_guest_that_leaves_or_litters_is_refused() {
    let world = World::new();
    assert_eq!(world.refused("exit_v1", nothing()), "guest.exited");
    assert_eq!(world.refused("many_v1", nothing()), "artifact.too-many");
    let error = Case::load(&world.dir.path().join("replays/exit_v1/first")).expect_err("refused");
    assert_eq!(error.issues()[0].code, "case.missing");
}
