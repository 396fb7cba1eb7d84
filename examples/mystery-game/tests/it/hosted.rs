//! The extension as the host runs it: plan, play, validators, summary, all in this
//! process with fake capabilities.

use crate::table::package;
use mystery_game::mystery::register;
use orket_runtime::prelude::*;
use orket_runtime::result::Status;
use orket_runtime::testing::{DeterminismHarness, FakeCapabilities, Outcome, run};
use std::fs;
use std::path::Path;

const WORKLOAD: &str = "mystery_v1";

fn script(name: &str) -> Vec<String> {
    let text = fs::read_to_string(package("scripts").join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn fakes(seed: u64, name: &str) -> FakeCapabilities {
    FakeCapabilities::new().with_seed(seed).with_script(script(name))
}

fn hosted(seed: u64, input: Value, name: &str) -> Outcome {
    run(register, WORKLOAD, input, &fakes(seed, name)).unwrap()
}

#[test]
fn a_solved_case_is_ok_and_an_abandoned_one_stops() {
    for (name, seed, input, status, outcome) in [
        ("quick-win.txt", 123, json!({}), Status::Ok, "solved"),
        ("wanderer.txt", 7, json!({ "npcs": 6 }), Status::Stop, "out_of_lines"),
        ("hard-case.txt", 123, json!({ "hard": true }), Status::Ok, "solved"),
        ("quits-early.txt", 7, json!({}), Status::Stop, "quit"),
    ] {
        let played = hosted(seed, input, name);
        assert_eq!(played.issues, [], "{name}");
        assert_eq!(played.result.status, status, "{name}");
        assert_eq!(played.result.output["outcome"], outcome, "{name}");
        assert_eq!(played.summary.unwrap()["outcome"], outcome, "{name}");
        let files: Vec<&str> = played.artifacts.keys().map(String::as_str).collect();
        assert_eq!(files, ["pattern_used.json", "session_summary.json", "transcript.jsonl"]);
    }
}

#[test]
fn the_game_repeats() {
    let fakes = fakes(123, "quick-win.txt");
    DeterminismHarness::of(register, WORKLOAD).seed(123).with(&fakes).assert_repeats();
}

#[test]
fn the_plan_fixes_the_world_that_is_played() {
    let played = hosted(123, json!({}), "quick-win.txt");
    let metadata = &played.plan.metadata;
    assert_eq!(metadata["world_digest"], played.result.output["world_digest"]);
    assert!(metadata["graph"]["nodes"].as_array().unwrap().len() > 20);
    let other = hosted(124, json!({}), "quits-early.txt");
    assert_ne!(metadata["world_digest"], other.plan.metadata["world_digest"]);
}

#[test]
fn key_facts_and_the_verdict_sound() {
    let fakes = fakes(123, "quick-win.txt");
    run(register, WORKLOAD, json!({}), &fakes).unwrap();
    let clips = fakes.clips();
    assert_eq!(clips.len(), 5, "four anchors and a verdict");
    assert!(clips.iter().all(|clip| clip.duration().as_millis() <= 200));
    assert!(fakes.console_text().contains("Case closed."));
}

#[test]
fn too_few_people_are_refused() {
    for (input, problem) in [
        (json!({ "npcs": 3 }), "npcs is 3; a normal game is played with 4 to 6"),
        (json!({ "npcs": 4, "hard": true }), "npcs is 4; a hard game is played with 5 to 6"),
    ] {
        let error = run(register, WORKLOAD, input, &FakeCapabilities::new()).unwrap_err();
        assert_eq!((error.code(), error.message()), ("input.npcs", problem));
    }
}

/// A lie in the transcript, or a summary that tells another story, is found.
#[test]
fn the_validators_see_what_was_changed() {
    let played = hosted(123, json!({}), "quick-win.txt");
    let check = |file: &str, from: &str, to: &str, code: &str| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("changed-{code}-{}", from.len()));
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in &played.artifacts {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(name != file || text.contains(from), "{file} has no {from}");
            fs::write(folder.join(name), if name == file { text.replacen(from, to, 1) } else { text })
                .unwrap();
        }
        let mut found = mystery_game::check::truthful(&played.result, &folder);
        found.extend(mystery_game::check::consistent(&played.result, &folder));
        assert!(found.iter().any(|issue| issue.code == code), "{found:?}");
    };
    check("transcript.jsonl", "\"npc\":\"NADIA_BLOOM\"", "\"npc\":\"NICK_VALE\"", "transcript.untruthful");
    check(
        "transcript.jsonl",
        "\"decision\":\"ANSWER\"",
        "\"decision\":\"DONT_KNOW\"",
        "transcript.untruthful",
    );
    check("session_summary.json", "\"outcome\":\"solved\"", "\"outcome\":\"wrong\"", "summary.differs");
    check("session_summary.json", "\"hard\":false", "\"hard\":true", "summary.differs");
    check("session_summary.json", "disc:fact:time_anchor", "disc:fact:presence", "summary.differs");
}
