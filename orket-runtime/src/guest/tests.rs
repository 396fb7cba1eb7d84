//! Conversations: the frames of a host in, the frames of the guest out.

#![expect(clippy::needless_pass_by_value, reason = "the signature is that of an entry")]

use std::io::{self, Cursor, Read, Write};

use orket_contract::protocol::{Answer, HostFrame, Level};
use orket_contract::result::ArtifactRef;
use serde_json::{Map, json};

use super::*;
use crate::internal::{ValidatorEntry, WorkloadEntry};
use crate::result::Issue;

/// A stream whose other end has said everything already.
struct Scripted {
    input: Cursor<Vec<u8>>,
    output: Rc<RefCell<Vec<u8>>>,
}

impl Read for Scripted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn greet(ctx: &mut WorkloadContext, input: Value) -> Result<WorkloadResult> {
    let console = ctx.capabilities.console()?;
    ctx.logger.info("asking");
    let name = console.read_line("Name? ")?.unwrap_or_default();
    console.write_line(&format!("Hello, {name}!"))?;
    ctx.trace.emit("person.greeted", json!({ "name": name }))?;
    WorkloadResult::ok(json!({ "name": name, "input": input, "seed": ctx.seed }))
}

fn tell(ctx: &mut WorkloadContext, input: Value) -> Result<WorkloadResult> {
    match input["how"].as_str() {
        Some("panic") => panic!("the door is locked"),
        Some("error") => Err(Error::new("door.locked", "no key")),
        Some("convert") => Ok("x".parse::<u8>().map(|_| unreachable!())?),
        Some("clock") => ctx.capabilities.clock()?.now().and_then(|_| WorkloadResult::ok(json!({}))),
        Some("large") => {
            let console = ctx.capabilities.console()?;
            let large = console.write(&"x".repeat(9 << 20)).unwrap_err();
            console.write("small")?;
            WorkloadResult::ok(json!({ "code": large.code() }))
        }
        Some("conflict") => {
            ctx.capabilities.kv()?.put("n", "k", &json!(1), Some(3)).and_then(WorkloadResult::ok)
        }
        _ => WorkloadResult::ok("no object"),
    }
}

static EXTENSION: ExtensionEntry = ExtensionEntry {
    id: "hello.world",
    note: "{\"header\":1}",
    workloads: &[
        WorkloadEntry {
            id: "greet_v1",
            note: r#"{"id":"greet_v1","version":"1.2.3"}"#,
            run: greet,
            plan: None,
            validators: &[ValidatorEntry {
                name: "polite",
                run: |result, _| vec![Issue::warning("greeting.curt", format!("{:?}", result.status))],
            }],
            summarize: None,
        },
        WorkloadEntry {
            id: "tell_v1",
            note: "{}",
            run: tell,
            plan: Some(|ctx, _| Err(Error::new("plan.refused", ctx.workload_version.clone()))),
            validators: &[],
            summarize: Some(|_| Ok(json!([]))),
        },
    ],
    register: |registry| registry.extension(&EXTENSION),
};

/// What the guest says to these frames, once it has said hello and taken its grant, and how it ended.
fn converse(frames: &[HostFrame]) -> (Vec<GuestFrame>, Result<Result<()>, Caught>) {
    let granted = ["console", "kv"].map(str::to_owned).to_vec();
    let (mut said, ended) = converse_with(
        &[&[HostFrame::Grant { capabilities: granted.clone(), ambient: None }], frames].concat(),
    );
    assert_eq!(said.remove(0), GuestFrame::Holding { capabilities: granted });
    (said, ended)
}

fn converse_with(frames: &[HostFrame]) -> (Vec<GuestFrame>, Result<Result<()>, Caught>) {
    let mut input = Vec::new();
    frames.iter().for_each(|frame| protocol::write(&mut input, frame, &[]).expect("a frame"));
    converse_raw(input)
}

fn converse_raw(input: Vec<u8>) -> (Vec<GuestFrame>, Result<Result<()>, Caught>) {
    let output = Rc::new(RefCell::new(Vec::new()));
    let stream = Scripted { input: Cursor::new(input), output: output.clone() };
    let ended = panic::caught(|| serve(&EXTENSION, Wire::over(stream)));
    let mut said = Cursor::new(output.take());
    let mut frames = Vec::new();
    while let Some((frame, _)) = protocol::read::<GuestFrame>(&mut said).expect("the guest's frames") {
        frames.push(frame);
    }
    let notes = EXTENSION.workloads.iter().map(|workload| workload.note);
    let notes = std::iter::once(EXTENSION.note).chain(notes).map(str::to_owned).collect();
    assert_eq!(frames.remove(0), GuestFrame::Hello { protocol: protocol::VERSION, notes });
    (frames, ended)
}

fn start(workload: &str, input: Value) -> HostFrame {
    let context = Context { params: Map::new(), run_id: "run".to_owned(), seed: u64::MAX };
    HostFrame::Start { workload: workload.to_owned(), context, input }
}

fn reply(seq: u64, value: Value) -> HostFrame {
    HostFrame::Reply { seq, answer: Answer::Ok(value), at: None }
}

#[track_caller]
fn fails(frames: &[HostFrame], code: &str) -> Failure {
    let (mut said, ended) = converse(frames);
    let Some(GuestFrame::Failed { failure }) = said.pop() else { panic!("no failure: {said:?}") };
    assert_eq!(failure.code, code);
    assert!(matches!(ended, Ok(Ok(()))), "{ended:?}");
    failure
}

#[test]
fn a_guest_without_work_says_hello_and_ends() {
    let (said, ended) = converse(&[]);
    assert_eq!(said, []);
    assert!(matches!(ended, Ok(Ok(()))));
}

#[test]
fn a_run_is_calls_observations_and_a_result() {
    let (said, ended) =
        converse(&[start("greet_v1", json!({ "a": 1 })), reply(0, json!("Ada")), reply(1, json!(null))]);
    assert!(matches!(ended, Ok(Ok(()))));
    let names: Vec<_> = said.iter().map(GuestFrame::name).collect();
    assert_eq!(names, ["log", "call", "call", "trace", "done"]);
    assert_eq!(said[0], GuestFrame::Log { level: Level::Info, message: "asking".to_owned() });
    let expected = json!({ "call": {
        "seq": 1, "capability": "console", "op": "write", "args": { "text": "Hello, Ada!\n" },
    }});
    assert_eq!(serde_json::to_value(&said[2]).unwrap(), expected);
    let GuestFrame::Done { result } = &said[4] else { panic!("{said:?}") };
    let output = json!({ "name": "Ada", "input": { "a": 1 }, "seed": u64::MAX });
    assert_eq!(Value::from(result.output.clone()), output);
}

#[test]
fn what_was_not_granted_is_not_held() {
    let (said, _) = converse_with(&[start("greet_v1", json!({}))]);
    let Some(GuestFrame::Failed { failure }) = said.last() else { panic!("{said:?}") };
    assert_eq!(failure.code, code::CAPABILITY_UNDECLARED);
}

#[test]
fn a_guest_serves_task_after_task() {
    let result = contract::WorkloadResult {
        artifacts: vec![],
        issues: vec![],
        output: Map::new(),
        status: crate::result::Status::Ok,
    };
    let plan = HostFrame::Plan { workload: "greet_v1".to_owned(), seed: 7, input: json!({}) };
    let validate = HostFrame::Validate { workload: "greet_v1".to_owned(), result };
    let summarize = HostFrame::Summarize { workload: "greet_v1".to_owned() };
    let (said, _) = converse(&[plan, validate, summarize]);
    let GuestFrame::Planned { plan } = &said[0] else { panic!("{said:?}") };
    assert_eq!((plan.workload_version.as_str(), plan.actions.len()), ("1.2.3", 1));
    let GuestFrame::Validated { issues } = &said[1] else { panic!("{said:?}") };
    assert_eq!((issues[0].message.as_str(), issues[0].stage.as_deref()), ("Ok", Some("check/polite")));
    assert_eq!(said[2], GuestFrame::Summary { value: Map::new() });
}

#[test]
fn what_the_author_does_wrong_is_told_with_its_code() {
    let how = |how: &str| [start("tell_v1", json!({ "how": how }))];
    assert_eq!(fails(&how("panic"), code::GUEST_PANICKED).message, "the door is locked");
    assert_eq!(fails(&how("error"), "door.locked").message, "no key");
    fails(&how("convert"), code::RESULT_ERROR);
    fails(&how("clock"), code::CAPABILITY_UNDECLARED);
    fails(&how("shape"), code::RESULT_SHAPE);
    let plan = HostFrame::Plan { workload: "tell_v1".to_owned(), seed: 7, input: json!({}) };
    assert_eq!(fails(&[plan], "plan.refused").message, "0.0.0");
    fails(&[HostFrame::Summarize { workload: "tell_v1".to_owned() }], code::RESULT_SHAPE);
    fails(&[start("other_v1", json!({}))], code::WORKLOAD_UNKNOWN);
}

#[test]
fn what_the_host_refuses_reaches_the_author() {
    let failure = Failure {
        code: code::CAPABILITY_CONFLICT.to_owned(),
        message: "version 4".to_owned(),
        location: None,
    };
    let refused = HostFrame::Reply { seq: 0, answer: Answer::Error(failure), at: None };
    let told = fails(&[start("tell_v1", json!({ "how": "conflict" })), refused], code::CAPABILITY_CONFLICT);
    assert_eq!(told.message, "version 4");
    let odd = reply(0, json!({ "revision": 1 }));
    fails(&[start("tell_v1", json!({ "how": "conflict" })), odd], code::CAPABILITY_FAILED);
}

#[test]
fn a_call_that_is_too_large_is_not_sent() {
    let (said, _) = converse(&[start("tell_v1", json!({ "how": "large" })), reply(0, json!(null))]);
    let names: Vec<_> = said.iter().map(GuestFrame::name).collect();
    assert_eq!(names, ["call", "done"]);
    let GuestFrame::Done { result } = &said[1] else { panic!("{said:?}") };
    assert_eq!(result.output["code"], "protocol.too-large");
}

#[test]
fn a_stream_that_breaks_within_a_run_ends_the_guest() {
    let (said, ended) = converse(&[start("greet_v1", json!({}))]);
    assert_eq!(said.last().map(GuestFrame::name), Some("call"));
    assert_eq!(ended.unwrap_err(), Caught::Broken);
    let (_, ended) = converse(&[start("greet_v1", json!({})), reply(5, json!("Ada"))]);
    assert_eq!(ended.unwrap_err(), Caught::Broken);
}

#[test]
fn a_frame_out_of_turn_is_named_and_ends_the_guest() {
    let reference = ArtifactRef { path: "a".to_owned(), sha256: "0".repeat(64), size: 0, kind: None };
    let (said, ended) = converse(&[HostFrame::Artifact { answer: Answer::Ok(reference) }]);
    assert!(
        matches!(&said[..], [GuestFrame::Failed { failure }] if failure.code == code::PROTOCOL_OUT_OF_TURN)
    );
    assert_eq!(ended.unwrap().unwrap_err().code(), code::PROTOCOL_OUT_OF_TURN);
    let (said, _) = converse_raw(b"\0\0\0\x02\0\0\0\0{]".to_vec());
    assert!(
        matches!(&said[..], [GuestFrame::Failed { failure }] if failure.code == code::PROTOCOL_BAD_FRAME)
    );
}

#[test]
fn a_long_message_is_cut() {
    let GuestFrame::Failed { failure } = failed(Error::new("a.b", "é".repeat(MESSAGE_BYTES_MAX))) else {
        unreachable!("`failed` makes failures")
    };
    assert!(failure.message.len() <= MESSAGE_BYTES_MAX + 3 && failure.message.ends_with('…'));
}
