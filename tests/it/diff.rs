//! Two recorded runs, compared: first the cause, then each part as what it is.

use crate::tool::{Done, orket};
use crate::world::{World, copy, json_of, nothing, request, scripted};
use orket_contract::digest::{Digest, domain};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Compares two folders; the exit is that of the tool.
fn diff(left: &Path, right: &Path, exit: i32) -> (Done, Value) {
    let (left, right) = (left.display().to_string(), right.display().to_string());
    let here = std::env::temp_dir();
    let told = orket(&here, &["diff", &left, &right, "--message-format", "json"]).exits(exit);
    (orket(&here, &["diff", &left, &right]).exits(exit), told.told("orket-diff").remove(0))
}

/// A copy of a run with other artifacts, and a list that says so.
pub(crate) fn with_artifacts(run: &Path, name: &str, artifacts: &[(&str, &[u8])]) -> PathBuf {
    let folder = run.with_file_name(name);
    copy(run, &folder);
    let mut list = json_of(run, "artifact_manifest.json");
    for (path, bytes) in artifacts {
        std::fs::write(folder.join(path), bytes).expect("written");
        let files = list["files"].as_array_mut().expect("a list");
        files.retain(|file| file["path"] != *path);
        files.push(json!({ "path": path, "sha256": Digest::of(bytes), "size": bytes.len() }));
        files.sort_by_key(|file| file["path"].as_str().map(str::to_owned));
    }
    list["digest"] = json!(Digest::within_json(domain::ARTIFACTS, &list["files"]).expect("a digest"));
    std::fs::write(folder.join("artifact_manifest.json"), list.to_string()).expect("written");
    folder
}

fn published(world: &World, workload: &str, input: Value, script: &'static str) -> PathBuf {
    world.run(scripted(workload, input, script).0).expect("published").folder
}

#[test]
fn equal_runs_are_equal_and_have_their_digests() {
    let world = World::new();
    let run = || published(&world, "everything_v1", nothing(), "Ann\n");
    let (first, second) = (run(), run());
    let (shown, told) = diff(&first, &second, 0);
    assert_eq!((&told["equal"], &told["first"]), (&json!(true), &Value::Null));
    for digest in ["plan", "transcript", "artifacts"] {
        assert!(shown.out.contains(told["left"][digest].as_str().expect("a digest")), "{shown}");
    }
}

#[test]
fn the_cause_comes_before_its_effects() {
    let world = World::new();
    let ann = published(&world, "everything_v1", nothing(), "Ann\n");
    let bob = published(&world, "everything_v1", nothing(), "Bob\n");
    let (shown, told) = diff(&ann, &bob, 100);
    assert_eq!(told["first"]["place"], json!({ "part": "transcript", "index": 1 }));
    let first = &told["transcript"]["shown"][0];
    assert_eq!((&first["change"], &first["pointer"]), (&json!("changed"), &json!("/res")));
    assert_eq!((&first["left"], &first["right"]), (&json!("Ann"), &json!("Bob")));
    assert_eq!(told["artifacts"]["shown"][0]["detail"]["as"], "text");
    assert_eq!(told["artifacts"]["shown"][0]["detail"]["column"], 8);
    assert_eq!(told["output"]["shown"][0]["pointer"], "/output/name");
    let lines =
        ["First difference: event 1 of the transcript at /res", "- \"Ann\"", "-hello, Ann", "+hello, Bob"];
    assert!(lines.iter().all(|line| shown.out.contains(line)), "{shown}");
    let three = published(&world, "everything_v1", json!({ "number": 3 }), "Ann\n");
    let (_, told) = diff(&ann, &three, 100);
    assert_eq!(told["first"]["place"]["part"], "input");
    assert_eq!(told["input"]["shown"][0]["pointer"], "/input/number");
    let artifact = &told["artifacts"]["shown"][0];
    assert_eq!(
        (&artifact["path"], &artifact["detail"]["as"]),
        (&json!("artifacts/roll.json"), &json!("json"))
    );
    assert_eq!(artifact["detail"]["shown"][0]["pointer"], "/number");
    let steps = published(&world, "steps_v1", nothing(), "");
    let (_, told) = diff(&steps, &published(&world, "stop_v1", nothing(), ""), 100);
    assert!(told["plan"]["shown"].as_array().is_some_and(|places| !places.is_empty()), "{told}");
    assert!(told["transcript"]["missing"].as_u64() > Some(0), "{told}");
}

#[test]
fn artifacts_are_compared_as_what_they_are() {
    let world = World::new();
    let run = published(&world, "everything_v1", nothing(), "Ann\n");
    let mut wav = std::fs::read(run.join("audio/clip-0001.wav")).expect("a clip");
    let last = wav.len() - 1;
    wav[last] = 0x7f;
    let other = with_artifacts(
        &run,
        "other",
        &[
            ("artifacts/roll.json", b"\x00\x01\x02binary"),
            ("artifacts/notes/greeting.txt", b"hello, Zoe\nand more\n"),
            ("audio/clip-0001.wav", &wav),
            ("artifacts/new.bin", b"\x1b[2J"),
        ],
    );
    let (shown, told) = diff(&run, &other, 100);
    let detail = |path: &str| {
        let artifacts = told["artifacts"]["shown"].as_array().expect("a list");
        artifacts.iter().find(|artifact| artifact["path"] == path).expect("it differs").clone()
    };
    assert_eq!(detail("artifacts/roll.json")["detail"]["as"], "binary");
    assert_eq!(detail("artifacts/roll.json")["detail"]["offset"], 0);
    assert_eq!(detail("artifacts/notes/greeting.txt")["detail"]["line"], 1);
    assert_eq!(detail("audio/clip-0001.wav")["detail"]["sample"]["frame"], 3);
    assert_eq!(detail("artifacts/new.bin")["left"], Value::Null);
    assert!(shown.out.contains("only right") && !shown.out.contains('\u{1b}'), "{shown}");
    assert!(shown.out.contains("first sample at frame 3"), "{shown}");
}

#[test]
fn what_is_shown_is_bounded_and_what_is_large_is_streamed() {
    let world = World::new();
    let run = published(&world, "everything_v1", nothing(), "Ann\n");
    let many: Value = (0..5_000)
        .map(|n| (format!("key{n}"), json!("x".repeat(100))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let large = vec![b'a'; 40 << 20];
    let left = with_artifacts(
        &run,
        "left",
        &[("artifacts/roll.json", many.to_string().as_bytes()), ("artifacts/large", &large)],
    );
    let mut changed = large.clone();
    changed[(40 << 20) - 2] = b'b';
    let right = with_artifacts(&run, "right", &[("artifacts/large", &changed)]);
    let (shown, told) = diff(&left, &right, 100);
    let artifacts = told["artifacts"]["shown"].as_array().expect("a list");
    let large = artifacts.iter().find(|artifact| artifact["path"] == "artifacts/large").expect("it differs");
    assert_eq!(large["detail"]["offset"], (40 << 20) - 2);
    assert!(told.to_string().len() < 20_000 && shown.out.len() < 20_000, "{}", shown.out.len());
    assert!(shown.out.contains("more; `--limit` shows more of them"), "{shown}");
}

#[test]
fn damaged_and_unknown_runs_are_refused() {
    let world = World::new();
    let run = world.run(request("stop_v1", nothing())).expect("published").folder;
    let broken = run.with_file_name("broken");
    copy(&run, &broken);
    std::fs::write(broken.join("transcript.index.json"), "{}").expect("written");
    let (run, broken) = (run.display().to_string(), broken.display().to_string());
    let here = std::env::temp_dir();
    orket(&here, &["diff", &run, &broken]).exits(100).says("error[run.damaged]");
    orket(&here, &["diff", &run, "/nowhere"]).exits(100).says("error[case.missing]");
    orket(&here, &["diff", &run]).exits(2);
}
