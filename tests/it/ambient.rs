//! The virtual standard library: what ordinary crates take from their surroundings follows from the seed in a governed
//! run, and is the machine's anywhere else.

use crate::schema::Schemas;
use crate::world::{World, copy, fixture, json_of, nothing, request, tests};
use orket_contract::code;
use orket_contract::protocol::Flip;
use orket_engine::loader::Candidate;
use orket_engine::registry::Published;
use orket_engine::{AMBIENT, Asked, ExtensionManager, Policy, Probe, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// The program of the fixture, built once; beside it lies the one that no host starts.
fn program() -> PathBuf {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| fixture("ambient").with_file_name("ambient"));
    BUILT.clone()
}

/// A project of the fixture in a folder of its own.
fn world() -> World {
    let dir = tempfile::tempdir().expect("a folder");
    copy(&tests().join("fixtures/ambient/src"), &dir.path().join("src"));
    let mut manager = ExtensionManager::new(Policy::default());
    manager.load(Candidate::new(dir.path().to_path_buf(), program())).expect("the fixture loads");
    World { dir, manager }
}

/// Runs a workload in a world that stays.
fn run_in(world: &World, workload: &str, seed: u64) -> Published {
    world.run(Request { seed, ..request(workload, nothing()) }).expect("it runs")
}

/// The output of a workload in a world of its own.
fn output(workload: &str, seed: u64) -> Value {
    Value::Object(run_in(&world(), workload, seed).result.output)
}

/// What the same code observes in a program that nobody governs.
fn plain() -> Value {
    let output = Command::new(program().with_file_name("plain")).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Whether the forty entries of a listing are in the order of their names.
fn is_sorted(listing: &Value) -> bool {
    let entries = listing.as_array().expect("entries");
    let names = entries.iter().map(|entry| entry[0].as_str().expect("a name"));
    assert_eq!(entries.len(), 40);
    names.is_sorted()
}

#[test]
fn what_crates_observe_follows_from_the_seed() {
    let (first, second, other) = (output("observe_v1", 7), output("observe_v1", 7), output("observe_v1", 8));
    assert_eq!(first, second);
    for (name, value) in first["entropy"].as_object().expect("an object") {
        assert_ne!(*value, other["entropy"][name], "`{name}` does not follow from the seed");
    }
    for part in ["clocks", "fastrand", "file", "listing", "machine", "successors", "waiting"] {
        assert_eq!(first[part], other[part], "`{part}` follows from the seed");
    }
    for seconds in first["clocks"].as_object().expect("an object").values() {
        assert_eq!(*seconds, 946_684_800);
    }
    assert!(is_sorted(&first["listing"]), "{}", first["listing"]);
    assert_eq!(first["successors"], json!({ "named": [0, 1, 2, 3, 4, 5, 6, 5], "open": true }));
    let machine = json!({
        "host": "orket", "kernel": "6.0.0", "memory_pages": 131_072, "process": 2, "processors": 1, "user": 1000,
    });
    assert_eq!(first["machine"], machine);
    for (name, took) in first["waiting"].as_object().expect("an object") {
        let least = if name == "nothing" { 1_000 } else { 30_000_000 };
        let took = took.as_u64().expect("a number");
        assert!((least..least + 2_000_000).contains(&took), "`{name}` took {took} ns");
    }
}

#[test]
fn elsewhere_a_program_sees_the_machine() {
    let (first, second) = (plain(), plain());
    for (name, value) in first["entropy"].as_object().expect("an object") {
        assert_ne!(*value, second["entropy"][name], "`{name}` is not the machine's");
    }
    for (name, seconds) in first["clocks"].as_object().expect("an object") {
        assert!(seconds.as_i64().is_some_and(|seconds| seconds > 1_700_000_000), "`{name}` is {seconds}");
    }
    assert!(!is_sorted(&first["listing"]), "{}", first["listing"]);
    assert_ne!(first["machine"]["process"], second["machine"]["process"]);
    assert_ne!(first["machine"]["kernel"], "6.0.0");
}

#[test]
fn capability_and_standard_library_have_one_clock() {
    let output = output("clocks_v1", 0);
    let start = 946_684_800_000_000_000_u64;
    let times: Vec<u64> = output["times"]
        .as_array()
        .expect("times")
        .iter()
        .map(|time| time.as_str().and_then(|time| time.parse::<u64>().ok()).expect("a time") - start)
        .collect();
    assert_eq!(times, [1_000, 2_000, 12_000_003_000, 12_000_004_000]);
}

#[test]
fn the_record_says_what_was_asked_and_where_first() {
    let world = world();
    let run = run_in(&world, "clocks_v1", 0);
    let mut record = json_of(&run.folder, AMBIENT);
    let schemas = Schemas::read();
    assert_eq!(schemas.faults("ambient", &record), [""; 0]);
    let asked: Vec<Asked> = serde_json::from_value(record.clone()).expect("the record");
    record[0].as_object_mut().expect("an object").remove("count");
    assert!(!schemas.faults("ambient", &record).is_empty());
    let asked: BTreeMap<&str, (u64, &str)> = asked
        .iter()
        .map(|asked| (asked.kind.name(), (asked.count, asked.place.as_deref().unwrap_or_default())))
        .collect();
    assert_eq!(asked.keys().copied().collect::<Vec<_>>(), ["sleep", "wall-clock"]);
    assert_eq!((asked["sleep"].0, asked["wall-clock"].0), (1, 2));
    assert!(asked["sleep"].1.contains(&line("thread::sleep")), "{asked:?}");
    assert!(asked["wall-clock"].1.contains(&line("let std = ||")), "{asked:?}");
}

#[test]
fn what_one_task_draws_does_not_shift_what_another_gets() {
    let world = world();
    let drawn = |draws: u8| {
        let run = world.run(request("tasks_v1", json!({ "draws": draws }))).expect("it runs");
        Value::Object(run.result.output)
    };
    let (few, many) = (drawn(1), drawn(5));
    assert_eq!(few["drawn"][0][0], many["drawn"][0][0]);
    assert_eq!(many["drawn"][0].as_array().map(Vec::len), Some(7));
    for unmoved in ["/drawn/1", "/mapped", "/after"] {
        assert_eq!(few.pointer(unmoved), many.pointer(unmoved), "{unmoved}");
    }
    let mut all: Vec<&str> = many["drawn"]
        .as_array()
        .into_iter()
        .flatten()
        .chain([&many["mapped"]])
        .flat_map(|drawn| drawn.as_array().into_iter().flatten())
        .chain([&many["after"]])
        .map(|id| id.as_str().expect("an id"))
        .collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 7 + 4 + 2 + 1, "no two are alike");
}

/// The place of a line of the fixture.
fn line(text: &str) -> String {
    let source = std::fs::read_to_string(tests().join("fixtures/ambient/src/main.rs")).expect("the source");
    let at = source.lines().position(|line| line.contains(text)).expect("the line");
    format!("src/main.rs:{}:", at + 1)
}

#[test]
fn what_fails_for_want_of_company_says_so_and_where_it_asked() {
    let world = world();
    let run = |of: &str| world.run(request("company_v1", json!({ "of": of })));
    for (of, code, asked) in [
        ("thread", code::THREAD_REFUSED, "std::thread::spawn"),
        ("process", code::PROCESS_REFUSED, "Command::new(\"date\")"),
        ("thread and process", code::PROCESS_REFUSED, "Command::new(\"true\")"),
        ("fork", code::PROCESS_REFUSED, "libc::fork()"),
        ("call", code::PROCESS_REFUSED, "libc::SYS_clone"),
    ] {
        let issue = run(of).expect_err("it is refused").remove(0);
        let place = issue.location.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!(
            (issue.code.as_str(), issue.message.contains("Operation not permitted")),
            (code, true),
            "{issue}"
        );
        assert!(place.contains(&line(asked)), "{of}: {place}");
        assert!(issue.hint.unwrap_or_default().contains("orket_runtime::task"));
    }
    // Another refusal, in the same words, is no matter of the thread that was borne.
    let issue = run("socket").expect_err("it is refused").remove(0);
    let place = issue.location.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(issue.message.contains("Operation not permitted"), "{issue}");
    assert!(issue.code == code::RESULT_ERROR && place.contains(&line("UdpSocket::bind")), "{issue}, {place}");
    // Who bears it is not touched, and fails for reasons of its own.
    let borne = run("nobody").expect("it runs");
    assert_eq!(borne.result.output["alone"], true);
    let asked: Vec<Asked> = serde_json::from_value(json_of(&borne.folder, AMBIENT)).expect("the record");
    assert!(asked.iter().any(|asked| asked.kind.name() == "thread" && asked.count == 1), "{asked:?}");
    assert_eq!(run("none").expect_err("it fails")[0].code, "guests.none");
}

#[test]
fn one_draw_can_be_flipped_and_found() {
    let world = world();
    let probed = |flip: Option<u64>, trace| {
        let flip = flip.map(|from| Flip { from, to: from + 1, by: 0 });
        let probe = Some(Probe { guest: 0, flip, trace });
        let request = Request { probe, ..request("flipped_v1", nothing()) };
        let finished = world.manager.execute(request, None, &mut ()).expect("it runs");
        let extension = world.manager.find("flipped_v1").expect("it is there").0;
        let ambient = &finished.checked.outcome.ambient;
        (finished.checked.outcome.result.output.clone(), ambient.draws(), ambient.traced(extension))
    };
    let (plain, draws, nowhere) = probed(None, None);
    assert_eq!((draws, nowhere), (vec![(0, 2)], None));
    let (looked_up, _, place) = probed(Some(0), Some(0));
    assert_eq!(looked_up, plain, "the keys of a map that is only looked up decide nothing");
    assert!(place.expect("a place").contains("src/main.rs:"));
    let (other, _, place) = probed(Some(1), Some(1));
    assert_ne!(other["id"], plain["id"]);
    let source = std::fs::read_to_string(tests().join("fixtures/ambient/src/main.rs")).expect("the source");
    let line = source.lines().position(|line| line.contains("new_v4")).expect("the line") + 1;
    let place = place.expect("a place");
    assert!(place.contains(&format!("src/main.rs:{line}:")), "{place}");
    assert_eq!(probed(Some(2), None).0, plain, "there is no such draw");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_processors_counter_is_the_clock_and_a_fault_is_one() {
    assert_eq!(output("counter_v1", 0), json!({ "counts": ["1000", "2000"] }));
    let world = world();
    let error = world.run(request("counter_v1", json!({ "fault": true }))).expect_err("it faults");
    assert_eq!(error[0].code, code::GUEST_EXITED);
    assert!(error[0].message.contains("signal 11"), "{}", error[0]);
}
