//! Runs of the probe through the whole pipeline: real processes in the real sandbox.

use crate::world::{World, json_of, nothing, probe, request, scripted};
use orket_contract::issue::Issue;
use orket_engine::journal::{Place, Recording, compare};
use orket_engine::loader::Candidate;
use orket_engine::sandbox::Limits;
use orket_engine::{Error, Event, ExtensionManager, Observer, Phase, Policy};
use serde_json::json;

#[test]
fn a_run_leaves_governed_artifacts_and_repeats_bit_for_bit() {
    let world = World::new();
    let run = || {
        let (request, shown) = scripted("everything_v1", json!({ "number": 3 }), "Ann\n");
        (world.run(request).expect("the run is published"), shown.text())
    };
    let (first, shown) = run();
    assert_eq!(shown, "name? Ann\nhello, Ann\n");
    let paths: Vec<_> = first.artifacts.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["artifacts/notes/greeting.txt", "artifacts/roll.json", "audio/clip-0001.wav"]);
    let output = &first.result.output;
    assert_eq!(output["materials"], json!(["a.yaml", "b.yaml"]));
    assert_eq!((&output["name"], &output["elapsed"]), (&json!("Ann"), &json!("5001000")));
    let (second, _) = run();
    assert_eq!(first.digests, second.digests);
    assert_ne!(first.folder, second.folder);
    assert_eq!(compare(&first.folder, &second.folder).expect("both can be read"), None);
    let statement = |run: &std::path::Path| std::fs::read(run.join("provenance.json")).expect("provenance");
    assert_eq!(statement(&first.folder), statement(&second.folder));
    let (other, _) = scripted("everything_v1", json!({ "number": 3 }), "Bob\n");
    assert_ne!(world.run(other).expect("published").digests, first.digests);
}

#[test]
fn the_record_of_a_run_is_whole() {
    let world = World::new();
    let (request, _) = scripted("everything_v1", nothing(), "Ann\n");
    let run = world.run(request).expect("published");
    let statement = json_of(&run.folder, "provenance.json");
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    let parameters = &statement["predicate"]["buildDefinition"];
    assert_eq!(parameters["externalParameters"]["seed"], "7");
    let used = json!(["audio_output", "clock", "console", "kv", "rng"]);
    assert_eq!(parameters["externalParameters"]["capabilities"]["used"], used);
    assert_eq!(parameters["internalParameters"]["sandbox"]["system-calls"], "enforced");
    assert_eq!(parameters["internalParameters"]["plan_hash"], json!(run.plan.plan_hash));
    let listed = json_of(&run.folder, "artifact_manifest.json");
    for file in listed["files"].as_array().expect("a list") {
        let bytes =
            std::fs::read(run.folder.join(file["path"].as_str().expect("a path"))).expect("the artifact");
        assert_eq!(file["sha256"], json!(orket_contract::digest::Digest::of(&bytes)));
    }
    let recording = Recording::load(&run.folder).expect("the transcript");
    assert_eq!(recording.index().head, run.digests.transcript);
    assert_eq!(json_of(&run.folder, "kv.json")["probe"]["name"], json!({ "value": "Ann", "version": 1 }));
    let log = json_of(&run.folder, "logs/log.jsonl");
    assert_eq!(log, json!({ "level": "info", "message": "nearly done" }));
    assert!(!run.folder.join("workspace").exists(), "materials are inputs, not results");
}

#[test]
fn phases_come_in_their_order_and_logs_are_seen() {
    #[derive(Default)]
    struct Seen(Vec<Phase>, Vec<String>);
    impl Observer for Seen {
        fn on_event(&mut self, event: &Event) {
            match event {
                Event::Phase { phase } => self.0.push(*phase),
                Event::Log { message, .. } => self.1.push(message.clone()),
                _ => {}
            }
        }
    }
    let (world, mut seen) = (World::new(), Seen::default());
    world.manager.run(request("everything_v1", nothing()), &mut seen).expect("published");
    let expected = [
        Phase::Admit,
        Phase::Preflight,
        Phase::Spawn,
        Phase::Plan,
        Phase::Execute,
        Phase::Check,
        Phase::Record,
        Phase::Publish,
    ];
    assert_eq!(seen.0, expected);
    assert_eq!(seen.1, ["nearly done"]);
}

#[test]
fn a_recording_answers_without_host_services() {
    let world = World::new();
    let (live, _) = scripted("everything_v1", nothing(), "Ann\n");
    let run = world.run(live).expect("published");
    let recording = Recording::load(&run.folder).expect("the transcript");
    let (again, shown) = scripted("everything_v1", nothing(), "somebody else\n");
    let replayed = world.manager.execute(again, Some(recording), &mut ()).expect("it repeats");
    assert_eq!((replayed.digests, shown.text().as_str()), (run.digests, ""));
    let recording = Recording::load(&run.folder).expect("the transcript");
    let other = request("steps_v1", nothing());
    let error = world.manager.execute(other, Some(recording), &mut ()).expect_err("another workload");
    let Error::Diverged(divergence) = error else { panic!("{error}") };
    assert_eq!(divergence.place, Place::Transcript { index: 0 });
    assert_eq!(divergence.pointer, "/req/params/part");
}

#[test]
fn a_replayed_run_is_not_what_later_runs_are_compared_with() {
    let (live, elsewhere) = (World::new(), World::new());
    let run = live.run(scripted("everything_v1", nothing(), "Ann\n").0).expect("published");
    let recording = Recording::load(&run.folder).expect("the transcript");
    let replayed = elsewhere.manager.execute(request("everything_v1", nothing()), Some(recording), &mut ());
    elsewhere.manager.publish(replayed.expect("it repeats"), &mut ()).expect("published");
    assert_eq!(elsewhere.runs("everything_v1").len(), 1);
    let entered = |world: &World| world.dir.path().join(".orket/ledger").exists();
    assert_eq!((entered(&live), entered(&elsewhere)), (true, false), "only a host's own answers count");
}

#[test]
fn a_plan_of_several_steps_runs_each_in_a_fresh_guest() {
    let world = World::new();
    let run = world.run(request("steps_v1", json!({ "text": "x" }))).expect("published");
    let paths: Vec<_> = run.artifacts.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["artifacts/part-1.txt", "artifacts/part-2.txt"]);
    assert_eq!(run.plan.plan.metadata["seed"], "7");
    let plan = world.manager.plan(&request("steps_v1", json!({ "text": "x" }))).expect("a plan");
    assert_eq!(plan, run.plan);
    assert_eq!(world.refused("bad_plan_v1", nothing()), "plan.invalid");
}

#[test]
fn validators_decide_about_publication_and_see_artifacts_read_only() {
    let world = World::new();
    let run = world.run(request("judged_v1", json!({ "text": "good" }))).expect("published");
    assert_eq!(run.summary.expect("a summary")["verdict"], "good");
    assert_eq!(run.findings[0].code, "probe.noted");
    let before = world.runs("judged_v1");
    let issues =
        world.run(request("judged_v1", json!({ "text": "bad" }))).map(|run| run.folder).expect_err("refused");
    let codes: Vec<_> = issues.iter().map(|issue| issue.code.as_str()).collect();
    assert_eq!(codes, ["validator.failed", "probe.bad-verdict"]);
    assert_eq!(world.runs("judged_v1"), before, "the previous publication is as it was");
}

#[test]
fn a_missing_material_stops_the_run_before_any_code_of_the_workload() {
    let world = World::new();
    assert_eq!(world.refused("canary_v1", nothing()), "material.missing");
    std::fs::write(world.dir.path().join("content/absent.yaml"), "x").expect("a file");
    assert_eq!(world.refused("canary_v1", nothing()), "guest.panicked");
}

#[test]
fn materials_are_read_only_and_a_changed_one_stops_the_run() {
    let world = World::new();
    let run = world.run(request("sealed_v1", nothing())).expect("published");
    assert_eq!(json!(run.result.output), json!({ "changed": false, "removed": false }));
    let before = world.runs("sealed_v1");
    std::fs::write(world.dir.path().join("content/a.yaml"), "changed").expect("a file");
    let issues = world.run(request("sealed_v1", nothing())).map(|run| run.folder).expect_err("refused");
    assert_eq!(
        (issues[0].code.as_str(), issues[0].stage.as_deref()),
        ("material.changed", Some("preflight"))
    );
    assert_eq!(world.runs("sealed_v1"), before);
}

#[test]
fn a_material_from_outside_of_the_project_is_part_of_what_a_run_is() {
    let outside = tempfile::tempdir().expect("a folder");
    let file = outside.path().join("other.yaml");
    std::fs::write(&file, "first").expect("a file");
    let name = format!("content={}", outside.path().display());
    let materials = [orket_engine::provided(&name).expect("it is there")].into();
    let world = World::under(Policy { materials, ..Policy::default() });
    let asked = || scripted("everything_v1", json!({ "number": 3 }), "Ann\n").0;
    let run = world.run(asked()).expect("published");
    assert_eq!(json!(run.result.output["materials"]), json!(["other.yaml"]));
    let plan = json_of(&run.folder, "plan.json");
    assert_eq!(plan["policy"]["materials"], json!(["content"]));
    assert_eq!(plan["materials"][0]["path"], "content/other.yaml");
    assert!(!plan.to_string().contains(&outside.path().display().to_string()), "no path of the machine");
    std::fs::write(&file, "second").expect("a file");
    let recording = Recording::load(&run.folder).expect("the transcript");
    match world.manager.execute(asked(), Some(recording), &mut ()) {
        Ok(again) => {
            let divergence = compare(&run.folder, again.folder()).expect("compared").expect("they differ");
            assert_eq!(divergence.place, Place::Input);
        }
        // What the workload is told of the run shows it earlier.
        Err(Error::Diverged(divergence)) => assert!(matches!(divergence.place, Place::Transcript { .. })),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn every_end_of_a_workload_has_its_code() {
    let world = World::new();
    assert_eq!(world.refused("error_v1", nothing()), "probe.broken");
    assert_eq!(world.refused("panic_v1", nothing()), "guest.panicked");
    assert_eq!(world.refused("thread_v1", nothing()), "thread.refused");
    assert_eq!(world.refused("fraction_v1", nothing()), "json.number");
    assert_eq!(world.refused("unlisted_v1", nothing()), "artifact.unlisted");
    assert_eq!(world.refused("late_v1", nothing()), "artifact.mismatch");
    assert_eq!(world.refused("everything_v1", json!({ "number": "three" })), "input.invalid");
    assert_eq!(world.refused("everything_v1", json!({ "numbr": 3 })), "input.invalid");
    assert_eq!(world.refused("everything_v1", json!([])), "input.invalid");
    assert_eq!(world.refused("nothing_v1", nothing()), "workload.unknown");
    let stopped = world.run(request("stop_v1", nothing())).expect("a stop is published");
    assert_eq!(stopped.result.output["stopped"], true);
}

#[test]
fn a_panic_names_its_place() {
    let issues = World::new().run(request("panic_v1", nothing())).map(|run| run.folder).expect_err("refused");
    let place = issues[0].location.as_ref().expect("a place");
    assert!(place.file.ends_with("main.rs") && place.line > 0, "{place}");
    assert!(issues[0].message.contains("out of luck"), "{}", issues[0].message);
}

#[test]
fn what_repeats_not_fails_closed_and_names_the_first_difference() {
    let world = World::new();
    world.run(request("entropy_v1", nothing())).expect("the first run has nothing to compare with");
    let before = world.runs("entropy_v1");
    let error = world.manager.run(request("entropy_v1", nothing()), &mut ()).expect_err("it differs");
    let Error::Diverged(divergence) = &error else { panic!("{error}") };
    let Place::Artifact { path, offset: Some(_) } = &divergence.place else { panic!("{}", divergence.place) };
    assert_eq!(path, "artifacts/hash.txt");
    assert_eq!(error.issues()[0].code, "replay.diverged");
    assert_eq!(world.runs("entropy_v1"), before);
    let lax = World::under(Policy { reliable: false, ..Policy::default() });
    for _ in 0..2 {
        lax.run(request("entropy_v1", nothing())).expect("nothing is compared");
    }
}

#[test]
fn limits_end_a_guest_with_their_code() {
    let limits = Limits { cpu_ms: 200, ..Limits::default() };
    let world = World::under(Policy { limits, ..Policy::default() });
    assert_eq!(world.refused("memory_v1", nothing()), "limit.memory");
    assert_eq!(world.refused("spin_v1", nothing()), "limit.cpu");
    let world = World::under(Policy { wall_ms_max: 300, ..Policy::default() });
    assert_eq!(world.refused("wait_v1", nothing()), "limit.wall");
}

#[test]
fn a_workload_keeps_to_the_budget_that_it_declares() {
    let world = World::new();
    let run = world.run(request("frugal_v1", json!({ "number": 3 }))).expect("within its budget");
    let (policy, usual) = (&run.plan.policy, Policy::default());
    assert_eq!((policy.messages_max, policy.limits.memory_bytes, policy.wall_ms_max), (20, 64 << 20, 20_000));
    assert_eq!((policy.limits.output_bytes_max, policy.limits.cpu_ms), (1000, usual.limits.cpu_ms));
    let refused = |world: &World| {
        let run = world.run(request("frugal_v1", json!({ "number": 50 })));
        run.map(|run| run.folder).expect_err("over its budget")
    };
    let refused = (refused(&world), refused(&World::under(Policy { messages_max: 5, ..usual })));
    let [issue] = &refused.0[..] else { panic!("{refused:?}") };
    assert_eq!(issue.code, "limit.messages");
    assert_eq!(issue.message, "the extension sent 21 messages; at most 20 are allowed");
    assert_eq!(issue.hint.as_deref(), Some("the workload's own `budget` says so; nothing else raises it"));
    let [issue] = &refused.1[..] else { panic!("{refused:?}") };
    assert_eq!(issue.message, "the extension sent 6 messages; at most 5 are allowed");
    assert_eq!(issue.hint.as_deref(), Some("`--messages-limit` allows more"));
}

#[test]
fn frames_past_the_sdk_are_refused() {
    let world = World::new();
    let send = |frame: serde_json::Value| world.refused("frame_v1", json!({ "text": frame.to_string() }));
    assert_eq!(send(json!({ "done": { "result": { "status": "ok", "output": 5 } } })), "result.shape");
    assert_eq!(send(json!({ "done": { "result": { "status": "fine", "output": {} } } })), "result.shape");
    assert_eq!(send(json!({ "validated": { "issues": [] } })), "protocol.out-of-turn");
    assert_eq!(send(json!({ "hello": { "protocol": 1, "notes": [] } })), "protocol.out-of-turn");
    assert_eq!(send(json!({ "sudo": {} })), "protocol.bad-frame");
    assert_eq!(world.refused("frame_v1", json!({ "text": "{" })), "protocol.bad-frame");
    assert_eq!(world.refused("flood_v1", nothing()), "protocol.too-large");
    let gone = json!({ "path": "gone.txt", "sha256": "0".repeat(64), "size": 0 });
    let result = json!({ "artifacts": [gone], "output": {}, "status": "ok" });
    assert_eq!(send(json!({ "done": { "result": result } })), "artifact.missing");
    let result = json!({ "output": {}, "status": "error" });
    assert_eq!(send(json!({ "done": { "result": result } })), "result.error");
}

#[test]
fn a_capability_that_is_denied_or_missing_is_refused_before_anything_starts() {
    assert_eq!(World::new().refused("unavailable_v1", nothing()), "capability.unavailable");
    let policy = Policy { deny: ["kv".to_owned()].into(), ..Policy::default() };
    assert_eq!(World::under(policy).refused("canary_v1", nothing()), "capability.denied");
}

#[test]
fn two_extensions_with_one_workload_are_an_error_that_names_both() {
    let world = World::new();
    let mut manager = ExtensionManager::new(Policy::default());
    for _ in 0..2 {
        let candidate = Candidate::new(world.dir.path().to_path_buf(), probe().to_path_buf());
        manager.load(candidate).expect("the probe loads");
    }
    let issue: Issue = manager.find("stop_v1").map(|_| ()).expect_err("ambiguous").issues().remove(0);
    assert_eq!(issue.code, "workload.ambiguous");
    assert_eq!(issue.message.matches("orket.probe").count(), 2, "{}", issue.message);
    let issue = manager.find("stop_v2").map(|_| ()).expect_err("unknown").issues().remove(0);
    assert!(issue.hint.expect("a hint").starts_with("did you mean `stop_v1`?"));
}
