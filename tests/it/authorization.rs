//! The five ways to be denied a capability, and the records that every call leaves.

use crate::services::Host;
use crate::world::{World, json_of, nothing, probe, request, scripted};
use orket_contract::digest::Digest;
use orket_engine::capability::Services;
use orket_engine::loader::Candidate;
use orket_engine::{AUTHORIZATION, ExtensionManager, Policy};
use serde_json::{Value, json};
use std::path::Path;

/// The records of a run.
fn records(run: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(run.join(AUTHORIZATION)).expect("the records");
    text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

/// The first record in the details of what a run is refused with, and the phase that refuses it.
fn refused(world: &World, workload: &str) -> (Value, String) {
    let issues = world.run(request(workload, nothing())).map(|run| run.folder).expect_err("refused");
    assert!(world.runs(workload).is_empty(), "nothing is published");
    let issue = issues.into_iter().next().expect("an issue");
    assert_eq!(issue.details["authorization"][0]["code"], issue.code.as_str());
    (issue.details["authorization"][0].clone(), issue.stage.unwrap_or_default())
}

#[test]
fn every_call_leaves_a_record_and_every_run_its_four_sets() {
    let world = World::new();
    let run = world.run(scripted("everything_v1", nothing(), "Ann\n").0).expect("published");
    let records = records(&run.folder);
    let expected = json!({ "admitted": true, "capability": "console", "class": null, "code": null,
        "operation": "read_line", "result": "ok" });
    assert_eq!(records[0], expected);
    let all = json!(["audio_output", "clock", "console", "kv", "rng"]);
    let sets = json!({ "admitted": all, "declared": all, "instantiated": all, "used": all });
    assert_eq!(records.last().expect("a last line")["sets"], sets);
    let statement = json_of(&run.folder, "provenance.json");
    assert_eq!(statement["predicate"]["buildDefinition"]["externalParameters"]["capabilities"], sets);
    let file = Digest::of(&std::fs::read(run.folder.join(AUTHORIZATION)).expect("the records"));
    let byproduct = &statement["predicate"]["runDetails"]["byproducts"][0];
    assert_eq!(*byproduct, json!({ "name": AUTHORIZATION, "digest": { "sha256": file } }));
}

#[test]
fn an_undeclared_call_is_refused_and_recorded_and_is_no_use() {
    let world = World::new();
    let run = world.run(request("greedy_v1", nothing())).expect("published");
    let records = records(&run.folder);
    let expected = json!({ "admitted": false, "capability": "screen.render", "class": "undeclared",
        "code": "capability.undeclared", "operation": "clear", "result": "refused" });
    assert_eq!(records[0], expected);
    assert_eq!(records[1]["sets"]["used"], json!([]));
}

#[test]
fn a_step_of_another_workload_holds_what_that_one_declares() {
    let host = Host::with(Services::default());
    for steps in ["modest_v1 relay_v1", "relay_v1 modest_v1", "modest_v1"] {
        let run = host.run(request("relay_v1", json!({ "text": steps })));
        let held = json_of(&run.folder, "artifacts/modest.json");
        assert_eq!(held, json!({ "clock": true, "kv": "capability.undeclared" }), "{steps}");
        let used = if steps == "modest_v1" { json!([]) } else { json!(["kv"]) };
        assert_eq!(records(&run.folder).last().expect("the sets")["sets"]["used"], used);
    }
}

#[test]
fn a_step_of_a_workload_that_declares_more_is_refused_before_it_runs() {
    let host = Host::with(Services::default());
    for (step, more) in [("hear_v1", "audio_input"), ("reader_v1", "content/*.yaml"), ("none_v1", "offer")] {
        let input = json!({ "text": format!("relay_v1 {step}") });
        let refused = host.manager.run(request("relay_v1", input), &mut ()).map(|run| run.folder);
        let issue = refused.expect_err("refused").issues().remove(0);
        assert_eq!(issue.code, "plan.invalid");
        assert!(issue.message.contains(more), "{}", issue.message);
    }
}

#[test]
fn old_names_of_capabilities_are_admitted_as_what_they_stand_for_now() {
    let world = World::new();
    assert_eq!(world.refused("unavailable_v1", nothing()), "capability.unavailable");
    let mut program = std::fs::read(probe()).expect("the probe");
    let (declared, old) = (br#"["model.generate"]"#, br#"["workspace.root"]"#);
    let places: Vec<_> =
        (0..program.len() - old.len()).filter(|at| program[*at..].starts_with(declared)).collect();
    assert!(!places.is_empty(), "its manifest names the capability");
    places.into_iter().for_each(|at| program[at..at + old.len()].copy_from_slice(old));
    let path = world.dir.path().join("probe");
    std::fs::write(&path, program).expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).expect("rights");
    let mut manager = ExtensionManager::new(Policy::default());
    manager.load(Candidate::new(world.dir.path().to_path_buf(), path)).expect("it loads");
    let ended = manager.run(request("unavailable_v1", nothing()), &mut ()).map(|run| run.folder);
    assert_eq!(ended.expect_err("it panics").issues()[0].code, "guest.panicked", "it was entered");
}

#[test]
fn a_process_that_holds_more_than_it_was_granted_is_ended_before_its_workload_runs() {
    let world = World::new();
    std::fs::write(world.dir.path().join("content/drift.yaml"), "x").expect("a file");
    let (record, phase) = refused(&world, "everything_v1");
    let expected = json!({ "admitted": false, "capability": "model.generate", "class": "drift",
        "code": "capability.drift", "operation": null, "result": "refused" });
    assert_eq!((record, phase.as_str()), (expected, "spawn"), "the workload was never started");
}

#[test]
fn what_is_denied_unavailable_or_no_capability_is_refused_at_admission_each_with_its_record() {
    let (record, phase) = refused(&World::new(), "unavailable_v1");
    assert_eq!((record["class"].as_str(), phase.as_str()), (Some("unavailable"), "admit"));
    let policy = Policy { deny: ["kv".to_owned()].into(), ..Policy::default() };
    let (record, phase) = refused(&World::under(policy), "stop_v1");
    assert_eq!((record["class"].as_str(), phase.as_str()), (Some("denied"), "admit"));
    let (record, phase) = refused(&misspelt(), "stop_v1");
    assert_eq!(
        (record["class"].as_str(), record["code"].as_str()),
        (Some("invalid"), Some("capability.unknown"))
    );
    assert_eq!(phase, "admit");
}

/// A world of the probe, built by somebody whose macros let any name pass.
fn misspelt() -> World {
    let mut world = World::new();
    let mut bytes = std::fs::read(probe()).expect("the probe");
    let (from, to) = (br#""kv","rng""#, br#""kv","rnq""#);
    let places: Vec<_> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to));
    let program = world.dir.path().join("misspelt");
    std::fs::write(&program, bytes).expect("a program");
    world.manager = ExtensionManager::new(Policy::default());
    let candidate = Candidate::new(world.dir.path().to_path_buf(), program);
    world.manager.load(candidate).expect("its manifest can be read");
    world
}
