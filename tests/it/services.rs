//! Capabilities that the operator provides, and those that remember: real programs, a real voice
//! where there is one, and what comes of it in the record.

use crate::attest::target;
use crate::world::{Shown, fixture, json_of, nothing, request, tests};
use orket_engine::capability::{Program, Recorder, Script, Services, Transcriber, Voice};
use orket_engine::journal::Recording;
use orket_engine::loader::Candidate;
use orket_engine::registry::Published;
use orket_engine::{ExtensionManager, Policy, Request};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

#[path = "../fuzz/src/answers.rs"]
#[expect(unreachable_pub, reason = "the fuzz package shares this file as a library")]
mod body;

/// A host with services, and a project of the fixture.
pub(crate) struct Host {
    dir: TempDir,
    pub(crate) manager: ExtensionManager,
}

impl Host {
    pub(crate) fn with(services: Services) -> Self {
        Self::under(Policy::default(), services)
    }

    pub(crate) fn under(policy: Policy, services: Services) -> Self {
        static POWERS: LazyLock<PathBuf> = LazyLock::new(|| fixture("powers"));
        let dir = tempfile::tempdir().expect("a folder");
        let mut manager = ExtensionManager::new(policy).with_services(services);
        manager.load(Candidate::new(dir.path().to_path_buf(), POWERS.clone())).expect("it loads");
        Self { dir, manager }
    }

    #[track_caller]
    pub(crate) fn run(&self, request: Request) -> Published {
        self.manager.run(request, &mut ()).unwrap_or_else(|error| panic!("{:?}", error.issues()))
    }

    /// The code and hint of what a run is refused with.
    fn refused(&self, workload: &str) -> (String, String) {
        let issues = self.manager.run(request(workload, nothing()), &mut ()).map(|run| run.folder);
        let issue = issues.expect_err("refused").issues().remove(0);
        (issue.code, issue.hint.unwrap_or_default())
    }
}

/// Replays a run on a host that provides nothing.
#[track_caller]
fn replays_without_services(run: &Published, input: Value) {
    let bare = Host::with(Services::default());
    let recording = Recording::load(&run.folder).expect("the transcript");
    assert!(recording.asks_services());
    let request = Request { silent: true, ..request(run.plan.workload.as_str(), input) };
    let again = bare.manager.execute(request, Some(recording), &mut ()).expect("it repeats");
    assert_eq!(again.digests, run.digests);
}

fn program(line: &str) -> Program {
    Program::parse(line).expect("a command")
}

#[test]
fn no_answer_of_a_service_makes_a_reader_panic() {
    let folder = std::fs::read_dir(tests().join("fuzz/corpus/answers")).expect("the corpus");
    let mut files: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).expect("a seed")).collect();
    assert!(seeds.len() > 4, "{files:?}");
    let most = if std::env::var_os("ORKET_DEEP").is_some() { 20_000 } else { 2_000 };
    for (at, seed) in (0u64..).zip(&seeds) {
        body::answers(seed);
        (0..most).for_each(|round| body::answers(&target::mutated(seed, &seeds, at * most + round)));
    }
}

#[test]
fn without_a_service_a_run_is_refused_and_told_what_would_provide_it() {
    let host = Host::with(Services::default());
    for (workload, flag) in [("model_v1", "--model"), ("speak_v1", "--tts"), ("hear_v1", "--recorder")] {
        let (code, hint) = host.refused(workload);
        assert_eq!(code, "capability.unavailable");
        assert!(hint.contains(&format!("`{flag}`")), "{hint}");
    }
}

#[test]
fn espeak_speaks_and_a_player_hears_it_and_the_record_repeats_without_either() {
    let voice = program("espeak-ng");
    if std::process::Command::new("espeak-ng").arg("--version").output().is_err() {
        return eprintln!("skipped: there is no espeak-ng here");
    }
    let heard = tempfile::NamedTempFile::new().expect("a file");
    let player = program(&format!("cp /dev/stdin {}", heard.path().display()));
    let services = Services { voice: Some(Voice::new(voice)), player: Some(player), ..Services::default() };
    let input = json!({ "text": "The lamp is lit. --help" });
    let host = Host::with(services);
    let run = host.run(request("speak_v1", input.clone()));
    assert_eq!(json!(run.result.output), json!({ "loud": true, "rate": 22050, "voices": true }));
    let kept = std::fs::read(run.folder.join("audio/clip-0001.wav")).expect("the clip is kept");
    assert_eq!(std::fs::read(heard.path()).expect("what was played"), kept);
    replays_without_services(&run, input);
}

#[test]
fn a_recorder_and_a_transcriber_are_programs_or_files() {
    let folder = tempfile::tempdir().expect("a folder");
    // 16 kHz, without a header: longer than what is asked for.
    std::fs::write(folder.path().join("sound.raw"), [1u8, 0].repeat(16_000)).expect("a file");
    let sound = folder.path().join("sound.raw");
    let recorded = |recorder, transcriber| {
        let (recorder, transcriber) = (Some(recorder), Some(transcriber));
        let host = Host::with(Services { recorder, transcriber, ..Services::default() });
        let run = host.run(request("hear_v1", nothing()));
        (host, run)
    };
    let (_host, run) = recorded(
        Recorder::Program(program(&format!("cat {}", sound.display()))),
        Transcriber::Program(program("wc -c")),
    );
    assert_eq!(json!(run.result.output), json!({ "ms": 250, "text": "8000", "language": null }));
    replays_without_services(&run, nothing());
    let script = Script::parse("{\"text\":\"open the door\",\"language\":\"en\"}").expect("a script");
    let (_host, run) = recorded(Recorder::File(sound), Transcriber::Script(script));
    assert_eq!(json!(run.result.output), json!({ "ms": 250, "text": "open the door", "language": "en" }));
}

#[test]
fn a_service_that_fails_fails_the_call_and_says_nothing_of_the_machine() {
    let recorders = ["/nonexistent/recorder", "false", "printf RIFFxxxxAVI_"];
    for line in recorders {
        let services = Services {
            recorder: Some(Recorder::Program(program(line))),
            transcriber: Some(Transcriber::Program(program("cat"))),
            ..Services::default()
        };
        let issues = Host::with(services).manager.run(request("hear_v1", nothing()), &mut ());
        let issue = issues.map(|run| run.folder).expect_err("it fails").issues().remove(0);
        assert_eq!(issue.code, "capability.failed", "{issue}");
        assert!(!issue.message.contains('/'), "{issue}");
    }
}

#[test]
fn what_is_remembered_is_a_snapshot_that_another_run_starts_from() {
    let host = Host::with(Services::default());
    let input = |name: &str| json!({ "text": name });
    let first = host.run(request("remember_v1", input("Ann")));
    assert_eq!(json!(first.result.output), json!({ "before": 0, "best": "visitor Ann" }));
    let snapshot = json_of(&first.folder, "memory.json");
    assert_eq!(snapshot, json!({ "visitor Ann": { "value": "came by" } }), "the session is not in it");
    let memory = || serde_json::from_value(snapshot.clone()).expect("a profile");
    let second = host.run(Request { memory: memory(), ..request("remember_v1", input("Bob")) });
    assert_eq!(json!(second.result.output), json!({ "before": 1, "best": "visitor Bob" }));
    let third = host.run(Request { memory: memory(), ..request("remember_v1", input("Bob")) });
    assert_eq!(second.digests, third.digests);
    assert_eq!(second.plan.digest().ok(), third.plan.digest().ok());
    let other = host.run(request("remember_v1", input("Bob")));
    assert_ne!(second.plan.run_id, other.plan.run_id, "the snapshot is part of what a run is");
    let statement = json_of(&second.folder, "provenance.json");
    let digests = &statement["predicate"]["buildDefinition"]["internalParameters"]["digests"];
    assert_eq!(digests["memory"], json!(second.plan.memory_digest));
    assert!(host.dir.path().join(".orket").exists());
}

#[test]
fn a_picture_reaches_the_terminal_without_driving_it() {
    let (shown, host) = (Shown::default(), Host::with(Services::default()));
    let screen: Option<Box<dyn std::io::Write>> = Some(Box::new(shown.clone()));
    let input = json!({ "text": "door\u{1b}[2J\u{202e}" });
    let run = host.run(Request { screen, ..request("draw_v1", input.clone()) });
    let text = shown.text();
    let picture = text.strip_prefix("\u{1b}[2J\u{1b}[H").expect("it was cleared");
    assert!(picture.contains("┌ Map ") && !picture.contains(['\u{1b}', '\u{202e}']), "{picture}");
    let unseen = host.run(request("draw_v1", input));
    assert_eq!(unseen.digests, run.digests, "what shows it makes no difference");
    assert_eq!(unseen.result.output["columns"], 80);
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
