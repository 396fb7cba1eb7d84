//! `network.connect` from a real guest: to a listener of the test, which the operator grants by its address.

use crate::services::Host;
use crate::world::{nothing, request};
use orket_contract::network::Target;
use orket_engine::capability::Services;
use orket_engine::journal::Recording;
use orket_engine::{AUTHORIZATION, Policy, Request};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Somebody who answers every question with its length.
struct Peer {
    target: String,
    heard: Arc<AtomicUsize>,
}

impl Peer {
    /// At one of the addresses that the fixture declares.
    fn start() -> Self {
        let targets = (1..=4).map(|last| format!("127.83.77.{last}:38787"));
        let bound = targets.filter_map(|target| Some((TcpListener::bind(&target).ok()?, target))).next();
        let (listener, target) = bound.expect("one of the addresses is free");
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let mut question = Vec::new();
                // A guest that is gone is no failure.
                let _ = stream.read_to_end(&mut question);
                let _ = stream.write_all(format!("{} bytes", question.len()).as_bytes());
            }
        });
        Self { target, heard }
    }
}

fn host(granted: &[&str]) -> Host {
    let network: Vec<Target> = granted.iter().map(|text| text.parse().expect("a target")).collect();
    Host::under(Policy { network, ..Policy::default() }, Services::default())
}

fn dial(target: &str) -> Request {
    request("dial_v1", json!({ "text": target }))
}

/// The record of the connection that a run asked for.
fn record(run: &Path) -> Value {
    let text = std::fs::read_to_string(run.join(AUTHORIZATION)).expect("the records");
    serde_json::from_str(text.lines().next().expect("a record")).expect("JSON")
}

#[test]
fn a_granted_peer_answers_and_its_answer_repeats_without_a_network() {
    let peer = Peer::start();
    let host_here = host(&[&peer.target]);
    let run = host_here.run(dial(&peer.target));
    assert_eq!(json!(run.result.output), json!({ "answer": "4 bytes" }));
    let expected = json!({ "admitted": true, "capability": "network.connect", "class": null, "code": null,
        "operation": "connect", "result": "ok", "target": peer.target });
    assert_eq!(record(&run.folder), expected);
    let recording = Recording::load(&run.folder).expect("the transcript");
    assert!(recording.asks_services());
    let nowhere = host(&[]);
    let again = nowhere.manager.execute(dial(&peer.target), Some(recording), &mut ()).expect("it repeats");
    assert_eq!(again.digests, run.digests);
    assert_eq!(peer.heard.load(Ordering::SeqCst), 1, "the replay asked nobody");
}

#[test]
fn what_is_not_declared_or_not_granted_is_refused_and_recorded() {
    let peer = Peer::start();
    for (target, granted, class, code) in [
        ("127.0.0.1:1", "127.0.0.1:1", json!("undeclared"), "capability.undeclared"),
        (peer.target.as_str(), "a.example.com:80", json!("denied"), "capability.denied"),
        ("b.example.com:80", "a.example.com:80", json!("denied"), "capability.denied"),
        ("127.1:80", "a.example.com:80", json!(null), "network.target"),
    ] {
        let host = host(&[granted]);
        let run = host.run(dial(target));
        assert_eq!(json!(run.result.output), json!({ "code": code }), "{target}");
        let record = record(&run.folder);
        let told = (&record["class"], &record["code"], &record["target"]);
        assert_eq!(told, (&class, &json!(code), &json!(target)));
    }
    assert_eq!(peer.heard.load(Ordering::SeqCst), 0, "nobody was connected to");
}

#[test]
fn without_any_grant_a_run_is_refused_and_told_the_flag() {
    let issues = host(&[]).manager.run(request("dial_v1", nothing()), &mut ()).map(|run| run.folder);
    let issue = issues.expect_err("refused").issues().remove(0);
    assert_eq!(issue.code, "capability.unavailable");
    assert!(issue.hint.is_some_and(|hint| hint.contains("`--network`")));
}
