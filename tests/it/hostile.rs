//! The host's half of the escape suite: what a hostile guest sends, prints, leaves and pretends, against the real session.
//!
//! Each deed is possible: the guest does it. What must not happen is in the host: no panic, no hang, no memory that the guest
//! names, no publication, no word of the guest taken for the host's own.

use crate::world::{World, request};
use orket_engine::Policy;
use orket_engine::sandbox::Limits;
use serde_json::json;

/// A frame of that text, in hexadecimal.
fn frame(json: &[u8]) -> String {
    let length = u32::try_from(json.len()).expect("a short frame").to_be_bytes();
    hex(&[&length[..], &[0; 4], json].concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the run of a deed is refused with.
fn refused(world: &World, deed: &str) -> String {
    world.refused("hostile_v1", json!({ "text": deed }))
}

#[track_caller]
fn check(world: &World, deed: &str, code: &str) {
    let short: String = deed.chars().take(60).collect();
    assert_eq!(refused(world, deed), code, "{short}");
}

#[test]
fn messages_that_are_none_end_the_guest() {
    let world = World::new();
    let announced = |json: u32, blob: u32| hex(&[json.to_be_bytes(), blob.to_be_bytes()].concat());
    check(&world, &format!("raw-and-stay {}", announced(u32::MAX, 0)), "protocol.too-large");
    check(&world, &format!("raw-and-stay {}", announced(2, u32::MAX)), "protocol.too-large");
    check(&world, &format!("raw-and-stay {}", announced(0, 0)), "protocol.bad-frame");
    check(
        &world,
        &format!("raw-and-stay {}", frame(b"{\"log\":{\"level\":\"info\",\"message\":\"\xe2\x82\"}}")),
        "protocol.bad-frame",
    );
    check(&world, &format!("raw-and-stay {}", frame("[".repeat(10_000).as_bytes())), "protocol.bad-frame");
    check(&world, &format!("raw-and-stay {}", frame(b"{\"log\":{},\"done\":{}}")), "result.shape");
    check(&world, &format!("raw-and-stay {}", frame(b"\xef\xbb\xbf{}")), "protocol.bad-frame");
    check(&world, "answer-for-another", "protocol.out-of-turn");
}

#[test]
fn a_guest_that_breaks_off_is_told_apart_from_a_result() {
    let world = World::new();
    let half = &frame(br#"{"done":{"result":{"output":{},"status":"ok"}}}"#)[..40];
    check(&world, &format!("raw-and-leave {half}"), "guest.exited");
    check(&world, "call-and-leave", "guest.exited");
    check(&world, "hang-up", "guest.exited");
    let world = World::under(Policy { wall_ms_max: 500, ..Policy::default() });
    check(&world, &format!("raw-and-stay {half}"), "limit.wall");
}

#[test]
fn a_guest_that_says_or_starts_too_much_is_ended() {
    let world = World::under(Policy { messages_max: 50, ..Policy::default() });
    check(&world, "chatter", "limit.messages");
    let limits = Limits { threads_max: 4, ..Limits::default() };
    let world = World::under(Policy { limits, reliable: false, ..Policy::default() });
    check(&world, "threads 16", "limit.threads");
}

/// 128 + 9, 128 + 24 and so on are how shells tell of signals: they are not signals.
#[test]
fn no_exit_code_is_taken_for_a_signal_or_a_success() {
    let world = World::new();
    for code in [0, 100, 101, 126, 128 + 9, 128 + 24, 128 + 25, 128 + 31, 255] {
        check(&world, &format!("exit {code}"), "guest.exited");
    }
    for signal in [9, 15] {
        check(&world, &format!("signal {signal}"), "guest.exited");
    }
}

#[test]
fn a_guest_that_stops_itself_does_not_stop_the_host() {
    let world = World::under(Policy { wall_ms_max: 500, ..Policy::default() });
    let run = world.run(request("hostile_v1", json!({ "text": "signal 19" })));
    // Where its parent traces it, a stop that the host did not ask for is none, and it goes on to its result.
    assert!(run.is_ok() || refused(&world, "signal 19") == "limit.wall");
}

#[test]
fn a_second_result_changes_nothing() {
    let world = World::new();
    let run = world.run(request("hostile_v1", json!({ "text": "done-twice" })));
    let run = run.expect("the first result counts");
    assert_eq!(serde_json::to_value(&run.result).expect("JSON")["status"], "ok");
}

#[test]
fn what_is_printed_is_kept_in_part_and_blocks_nobody() {
    let world = World::new();
    for stream in ["stdout", "stderr"] {
        let run = world.run(request("hostile_v1", json!({ "text": format!("print {stream}") })));
        let Ok(run) = run else {
            // A host may also end who prints that much.
            assert_eq!(run.map(|run| run.folder).expect_err("refused")[0].code, "limit.output");
            continue;
        };
        let files = walk(&run.folder);
        let kept = files.iter().filter(|(name, _)| name == stream).map(|(_, size)| size);
        assert!(kept.sum::<u64>() <= 1 << 20, "{files:?}");
    }
}

/// The names and sizes of all files below a folder.
fn walk(folder: &std::path::Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path().is_dir() {
            true => found.extend(walk(&entry.path())),
            false => found.push((
                entry.file_name().to_string_lossy().into_owned(),
                entry.metadata().expect("a file").len(),
            )),
        }
    }
    found
}

#[test]
fn what_lies_among_the_artifacts_is_named_or_refused() {
    let world = World::new();
    check(&world, "sparse", "limit.file-size");
    for deed in ["name a\nb", "name \u{202e}txt", "name -rf", "name-of-bytes"] {
        let code = refused(&world, deed);
        assert!(code.starts_with("artifact."), "{deed}: {code}");
    }
    for path in ["../workspace/x", "/etc/passwd", "a/../../x", "", ".", "a\0b", "absent"] {
        let issues = world.run(request("hostile_v1", json!({ "text": format!("claim {path}") })));
        let issue = issues.map(|run| run.folder).expect_err("refused").remove(0);
        // Ended by the host, or told by it that there is no such artifact.
        let told = issue.code == "probe.answered" && issue.message.contains("artifact.");
        let ended = issue.code.starts_with("artifact.") || issue.code == "protocol.bad-frame";
        assert!(told || ended, "{path:?}: {issue:?}");
    }
}

/// Folders in folders are no artifacts, and however deep, they can be looked through and removed.
#[test]
fn folders_without_end_are_borne() {
    World::new().run(request("hostile_v1", json!({ "text": "deep" }))).expect("it leaves nothing");
}
