//! Frames: what is written is read, and nothing else is.

use orket_contract::ambient::Kind;
use orket_contract::code;
use orket_contract::limit::{FRAME_BLOB_BYTES_MAX, FRAME_JSON_BYTES_MAX};
use orket_contract::plan::RunPlan;
use orket_contract::protocol::{
    Ambient, Answer, Context, Failure, Flip, FrameFault, GuestFrame, HostFrame, Level, Observation, read,
    write,
};
use orket_contract::result::{ArtifactRef, Status, WorkloadResult};
use orket_contract::{id::WorkloadId, issue::Issue};
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::io::{self, Read};

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any::<String>(), super::plan::value(), 0..4)
        .prop_map(|entries| entries.into_iter().collect())
}

fn result() -> impl Strategy<Value = WorkloadResult> {
    (object(), any::<String>(), any::<u64>()).prop_map(|(output, path, size)| WorkloadResult {
        artifacts: vec![ArtifactRef { kind: Some(path.clone()), sha256: path.clone(), path, size }],
        issues: vec![Issue::warning("author.odd", "odd").with_hint("even")],
        output,
        status: Status::Stop,
    })
}

fn at() -> impl Strategy<Value = Option<u64>> {
    prop::option::of(any::<u64>())
}

fn ambient() -> impl Strategy<Value = Ambient> {
    (any::<String>(), any::<u64>(), at(), at()).prop_map(|(key, at, flip, trace)| Ambient {
        key,
        at,
        flip: flip.map(|from| Flip { from, to: at, by: from as u16 }),
        trace,
    })
}

fn guest_frame() -> impl Strategy<Value = GuestFrame> {
    let text = any::<String>;
    prop_oneof![
        (any::<u32>(), prop::collection::vec(text(), 0..3))
            .prop_map(|(protocol, notes)| GuestFrame::Hello { protocol, notes }),
        text().prop_map(|version| GuestFrame::Planned {
            plan: RunPlan::single(&WorkloadId::new("hello_v1").expect("an id"), &version)
        }),
        (any::<u64>(), text(), text(), object(), at()).prop_map(|(seq, capability, op, args, at)| {
            GuestFrame::Call { seq, capability, op, args, at }
        }),
        (text(), prop::option::of(text()), at()).prop_map(|(path, kind, at)| GuestFrame::Artifact {
            path,
            kind,
            at
        }),
        (text(), super::plan::value(), at()).prop_map(|(event, payload, at)| GuestFrame::Trace {
            event,
            payload,
            at
        }),
        (0..Kind::ALL.len(), any::<u64>(), prop::collection::vec(any::<u64>(), 0..3), at()).prop_map(
            |(kind, count, callers, at)| GuestFrame::Observed {
                observations: vec![Observation { kind: Kind::ALL[kind], count, callers: callers.clone() }],
                traced: callers,
                refused: at.map(|_| Kind::ALL[kind]),
                at,
            }
        ),
        text().prop_map(|message| GuestFrame::Log { level: Level::Warn, message }),
        result().prop_map(|result| GuestFrame::Done { result }),
        (text(), text(), prop::option::of(text())).prop_map(|(code, message, location)| GuestFrame::Failed {
            failure: Failure { code, message, location }
        }),
        text().prop_map(|message| GuestFrame::Validated { issues: vec![Issue::error("a.b", message)] }),
        object().prop_map(|value| GuestFrame::Summary { value }),
        prop::collection::vec(text(), 0..4).prop_map(|capabilities| GuestFrame::Holding { capabilities }),
    ]
}

fn host_frame() -> impl Strategy<Value = HostFrame> {
    let text = any::<String>;
    let value = super::plan::value;
    prop_oneof![
        (prop::collection::vec(text(), 0..4), prop::option::of(ambient()))
            .prop_map(|(capabilities, ambient)| HostFrame::Grant { capabilities, ambient }),
        (text(), any::<u64>(), value()).prop_map(|(workload, seed, input)| HostFrame::Plan {
            workload,
            seed,
            input
        }),
        (text(), any::<u64>(), object(), value()).prop_map(|(workload, seed, params, input)| {
            let context = Context { params, run_id: workload.clone(), seed };
            HostFrame::Start { workload, context, input }
        }),
        (any::<u64>(), value(), at()).prop_map(|(seq, value, at)| HostFrame::Reply {
            seq,
            answer: Answer::Ok(value),
            at
        }),
        text().prop_map(|message| HostFrame::Artifact {
            answer: Answer::Error(Failure { code: "a.b".to_owned(), message, location: None })
        }),
        (text(), result()).prop_map(|(workload, result)| HostFrame::Validate { workload, result }),
        text().prop_map(|workload| HostFrame::Summarize { workload }),
    ]
}

fn log() -> GuestFrame {
    GuestFrame::Log { level: Level::Info, message: "grün".to_owned() }
}

fn written(frame: &impl serde::Serialize, blob: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, frame, blob).expect("a frame");
    bytes
}

/// Gives one byte at a time, and now and then an interruption.
struct Dripping<'b>(&'b [u8], bool);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let wanted = buffer.len().min(1);
        self.0.read(&mut buffer[..wanted])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn guest_frames_are_read_as_they_were_written(frame in guest_frame(), blob: Vec<u8>) {
        let bytes = written(&frame, &blob);
        let mut rest = &bytes[..];
        prop_assert_eq!(read(&mut rest).expect("a frame"), Some((frame.clone(), blob.clone())));
        prop_assert!(read::<GuestFrame>(&mut rest).expect("the end").is_none());
        prop_assert_eq!(read(&mut Dripping(&bytes, false)).expect("a frame"), Some((frame.clone(), blob)));
        let json = serde_json::to_value(&frame).expect("JSON");
        prop_assert_eq!(json.as_object().expect("an object").keys().collect::<Vec<_>>(), vec![frame.name()]);
    }

    #[test]
    fn host_frames_are_read_as_they_were_written(frame in host_frame(), blob: Vec<u8>) {
        let bytes = [written(&frame, &blob), written(&frame, &[])].concat();
        let mut rest = &bytes[..];
        prop_assert_eq!(read(&mut rest).expect("a frame"), Some((frame.clone(), blob)));
        prop_assert_eq!(read(&mut rest).expect("a frame"), Some((frame, Vec::new())));
    }

    #[test]
    fn foreign_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
        let _ = read::<GuestFrame>(&mut &bytes[..]);
    }
}

#[test]
fn a_frame_cut_at_any_byte_is_truncated() {
    let bytes = written(&log(), &[1, 2, 3]);
    assert!(read::<GuestFrame>(&mut &bytes[..0]).expect("the end").is_none());
    for length in 1..bytes.len() {
        let fault = read::<GuestFrame>(&mut &bytes[..length]).expect_err("cut");
        assert!(matches!(fault, FrameFault::Truncated), "{length}: {fault}");
        assert_eq!(fault.code(), code::PROTOCOL_BAD_FRAME);
    }
}

/// Fails the test when more is read than the head.
struct HeadOnly<'b>(&'b [u8]);

impl Read for HeadOnly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(!self.0.is_empty(), "read on after a length over the limit");
        self.0.read(buffer)
    }
}

#[test]
fn lengths_over_a_limit_are_refused_from_the_head_alone() {
    let max = |bytes: usize| u32::try_from(bytes).expect("32 bits");
    let (json_max, blob_max) = (max(FRAME_JSON_BYTES_MAX), max(FRAME_BLOB_BYTES_MAX));
    for (json, blob) in [(json_max + 1, 0), (0, blob_max + 1), (u32::MAX, u32::MAX), (2, u32::MAX)] {
        let head = [json.to_be_bytes(), blob.to_be_bytes()].concat();
        let fault = read::<GuestFrame>(&mut HeadOnly(&head)).expect_err("too large");
        assert_eq!(fault.code(), code::PROTOCOL_TOO_LARGE, "{fault}");
    }
    // A length within the limits is announced, not yet given: nothing of that size is set aside for it.
    let head = [json_max.to_be_bytes(), blob_max.to_be_bytes()].concat();
    assert!(matches!(read::<GuestFrame>(&mut &head[..]), Err(FrameFault::Truncated)));
}

#[test]
fn frames_over_a_limit_are_not_written() {
    let mut written = Vec::new();
    let message = "x".repeat(FRAME_JSON_BYTES_MAX);
    let fault =
        write(&mut written, &GuestFrame::Log { level: Level::Info, message }, &[]).expect_err("too large");
    assert_eq!(fault.code(), code::PROTOCOL_TOO_LARGE);
    let fault = write(&mut written, &log(), &vec![0; FRAME_BLOB_BYTES_MAX + 1]).expect_err("too large");
    assert_eq!(fault.code(), code::PROTOCOL_TOO_LARGE);
    assert!(written.is_empty());
}

#[track_caller]
fn check_refused(json: &[u8]) {
    let mut bytes = u32::try_from(json.len()).expect("32 bits").to_be_bytes().to_vec();
    bytes.extend([0; 4]);
    bytes.extend(json);
    let fault = read::<GuestFrame>(&mut &bytes[..]).expect_err("refused");
    assert!(matches!(fault, FrameFault::Syntax(_)), "{fault}");
    assert_eq!(fault.code(), code::PROTOCOL_BAD_FRAME);
}

#[test]
fn json_that_is_no_frame_is_refused() {
    check_refused(b"");
    check_refused(b"null");
    check_refused(b"\"log\"");
    check_refused(b"{}");
    check_refused(br#"{"shout":{"message":"x"}}"#);
    check_refused(br#"{"log":{"level":"info","message":"x","colour":"red"}}"#);
    check_refused(br#"{"log":{"level":"info"}}"#);
    check_refused(br#"{"log":{"level":"info","message":"x"},"log":{"level":"info","message":"x"}}"#);
    check_refused(br#"{"log":{"level":"info","message":"x"}} "#.repeat(2).as_slice());
    check_refused(b"{\"log\":{\"level\":\"info\",\"message\":\"\xff\"}}");
    check_refused(&[br#"{"trace":{"event":"x","payload":"#.as_slice(), &b"[".repeat(100_000)].concat());
}
