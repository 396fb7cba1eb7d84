//! A language model over HTTP: a server of the test plays the OpenAI API, well and badly, and
//! knows a key that must be found nowhere.

use crate::services::files;
use crate::tool::{Done, Project, command};
use crate::world::{copy, root, tests};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The key of the endpoint. Its beginning repeats, as a stream may break anywhere.
const KEY: &str = "sk-sk-orket-test-0123456789abcdef";

/// A server that answers by what the prompt says.
struct Server {
    url: String,
    stopped: Arc<AtomicBool>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let stopped = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&stopped);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                std::thread::spawn(move || answer(stream));
            }
        });
        Self { url, stopped }
    }

    /// Closes the port.
    fn stop(self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://").trim_end_matches("/v1"));
    }
}

/// Reads a request and gives what its prompt asks for. A client that has gone is no failure.
fn answer(mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut length, mut authorized, mut line) = (0, false, String::new());
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        authorized |= line.trim_end().ends_with(&format!("Bearer {KEY}"));
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let asked: Value = serde_json::from_slice(&body).ok()?;
    let say = |stream: &mut TcpStream, status: &str, kind: &str, body: &str| {
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
        stream.write_all((head + body).as_bytes()).ok()
    };
    let error = |text: &str| json!({ "error": { "message": format!("{text}: Bearer {KEY}") } }).to_string();
    if !authorized {
        return say(&mut stream, "401 Unauthorized", "application/json", &error("no key"));
    }
    let user = asked["messages"][1]["content"].as_str().unwrap_or_default().to_owned();
    assert_eq!((&asked["temperature"], &asked["stop"]), (&json!(0.7), &json!(["END"])));
    match (user.as_str(), asked["stream"] == true) {
        ("refuse", _) => say(&mut stream, "429 Too Many Requests", "application/json", &error("slow down")),
        ("redirect", _) => say(&mut stream, "302 Found\r\nlocation: http://127.0.0.1:1/", "text/plain", KEY),
        ("nonsense", false) => say(&mut stream, "200 OK", "text/html", &format!("<p>{KEY}</p>")),
        ("nonsense", true) => say(&mut stream, "200 OK", "text/event-stream", &format!("data: {KEY}\n\n")),
        ("broken", false) => {
            say(&mut stream, "200 OK\r\ncontent-length: 9999", "application/json", "{\"choices\"")
        }
        ("broken", true) => {
            let half = chunk("half ") + "data: {\"choices\":[{\"del";
            say(&mut stream, "200 OK", "text/event-stream", &half)
        }
        ("huge", _) => {
            say(&mut stream, "200 OK", "text/event-stream", "data: ")?;
            let megabyte = vec![b'x'; 1 << 20];
            // Until the client has had enough.
            while stream.write_all(&megabyte).is_ok() {}
            None
        }
        // Until the client goes.
        ("slow", _) => stream.read(&mut [0]).ok().map(|_| ()),
        (_, false) => {
            let message = json!({ "role": "assistant", "content": format!("Blue, by {KEY}.") });
            let body = json!({ "model": "test-1", "choices": [{ "message": message }], "usage": { "prompt_tokens": 5, "completion_tokens": 3 } });
            say(&mut stream, "200 OK", "application/json", &body.to_string())
        }
        (_, true) => {
            let (first, second) = KEY.split_at(9);
            let pieces = ["Once ", &format!("upon {first}"), second, " a", " time."].map(chunk).concat();
            let done = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n";
            say(&mut stream, "200 OK", "text/event-stream", &(": ping\n\n".to_owned() + &pieces + done))
        }
    }
}

fn chunk(text: &str) -> String {
    format!("data: {}\r\n\r\n", json!({ "model": "test-1", "choices": [{ "delta": { "content": text } }] }))
}

/// A project of the fixture, shared by the tests here: cargo tells projects apart by their names.
fn project() -> &'static Path {
    static PROJECT: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("model-project");
        let _ = std::fs::remove_dir_all(&folder);
        copy(&tests().join("fixtures/powers"), &folder);
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let sdk = root().join("orket-runtime").display().to_string();
        std::fs::write(folder.join("Cargo.toml"), manifest.replace("../../../orket-runtime", &sdk))
            .expect("written");
        folder
    });
    &PROJECT
}

/// Runs the tool with the key in its environment, and finds it in nothing that comes out.
#[track_caller]
fn called(words: &[&str], server: &str) -> Done {
    let output = command(project(), words)
        .env("ORKET_MODEL_KEY", KEY)
        .env("ORKET_MODEL", server)
        .output()
        .expect("the tool starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let done = Done { exit: output.status.code().unwrap_or(-1), out, err };
    keeps_the_key(&done);
    done
}

/// Looks for the key in what was printed and in every file of every run.
#[track_caller]
fn keeps_the_key(done: &Done) {
    assert!(!done.out.contains(KEY) && !done.err.contains(KEY), "the key was printed");
    let store = project().join(".orket");
    for path in if store.exists() { files(&store) } else { Vec::new() } {
        // Another test may just have removed its stage.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let packed = path.extension().is_some_and(|extension| extension == "zst");
        let bytes = if packed { zstd::decode_all(bytes.as_slice()).unwrap_or_default() } else { bytes };
        let found = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
        assert!(!found, "the key is in {}", path.display());
    }
}

/// The folder of the run that a call made, and its output.
#[track_caller]
fn published(done: &Done) -> (String, Value) {
    let run = done.told("orket-run-finished").remove(0)["run"].take();
    (run["folder"].as_str().expect("a folder").to_owned(), run["result"]["output"].clone())
}

#[test]
fn a_model_answers_and_its_key_is_nowhere_and_the_record_repeats_without_it() {
    let server = Server::start();
    let words = ["run", "model_v1", "--set", "text=hello", "--message-format", "json", "-v"];
    let done = called(&words, &server.url).exits(0);
    let (folder, output) = published(&done);
    let whole = json!({ "text": "Blue, by [key].", "model": "test-1", "prompt_tokens": 5 });
    assert_eq!(output["whole"], whole);
    assert_eq!(output["failed"], Value::Null);
    let story = std::fs::read_to_string(Path::new(&folder).join("artifacts/story.txt")).expect("the story");
    assert_eq!(story, "Once upon [key] a time.");
    assert!(
        output["pieces"].as_array().is_some_and(|pieces| pieces.len() >= 4),
        "it came in pieces: {output}"
    );
    server.stop();

    // No server, no key, and no program besides the compiler's.
    let toolchain = Path::new(env!("CARGO")).parent().expect("a folder");
    let replay =
        command(project(), &["replay", &folder]).env("PATH", toolchain).output().expect("the tool starts");
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
    let verified = called(&["verify", "model_v1", "--set", "text=hello"], "http://127.0.0.1:1/v1");
    assert_ne!(verified.exit, 101, "a model that is gone is an answer: {verified}");
}

#[test]
fn an_endpoint_that_misbehaves_fails_the_call_in_words_that_name_no_key() {
    let server = Server::start();
    for (prompt, whole, streamed) in [
        ("refuse", "status 429: slow down: Bearer [key]", "status 429"),
        ("redirect", "status 302", "status 302"),
        ("nonsense", "no JSON", "no JSON"),
        ("broken", "cannot be used", "broke off"),
        ("huge", "more than", "more than"),
    ] {
        let text = format!("text={prompt}");
        let done =
            called(&["run", "model_v1", "--set", &text, "--message-format", "json"], &server.url).exits(0);
        let (_, output) = published(&done);
        assert_eq!(output["whole"]["code"], "capability.failed", "{prompt}: {output}");
        let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (one, other) = (said(&output["whole"]["message"]), said(&output["failed"]));
        assert!(one.contains(whole), "{prompt}: {one}");
        assert!(other.contains(streamed), "{prompt}: {other}");
    }
    server.stop();
}

#[test]
fn waiting_for_a_model_has_an_end_of_its_own() {
    let server = Server::start();
    let words = ["run", "model_v1", "--set", "text=slow", "--service-limit", "1", "--message-format", "json"];
    let (_, output) = published(&called(&words, &server.url).exits(0));
    let message = output["whole"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("took longer than 1 s"), "{output}");
    let failed = output["failed"].as_str().unwrap_or_default();
    assert!(failed.contains("has waited 1 s"), "{output}");
    server.stop();
}

#[test]
fn a_build_script_is_not_given_the_key() {
    let script =
        "fn main() { println!(\"cargo::warning=key {:?}\", std::env::var(\"ORKET_MODEL_KEY\").is_ok()); }";
    let project = Project::new("curious", &["--template", "minimal"]);
    project.write("build.rs", script);
    let output = command(&project.root, &["run", "curious_v1", "--set", "name=Ada"])
        .env("ORKET_MODEL_KEY", KEY)
        .output()
        .expect("the tool starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("key false") && !said.contains("key true"), "{said}");
}

#[test]
fn a_key_is_never_sent_in_the_clear_to_another_machine() {
    let words = ["run", "model_v1", "--model", "http://model.example/v1"];
    called(&words, "").exits(2).says("not encrypted");
    called(&["run", "model_v1", "--model", "https://me:pw@model.example/v1"], "")
        .exits(2)
        .says("neither user nor password");
}

#[test]
fn verify_names_what_is_used_and_not_declared_with_the_line_to_change() {
    let project = Project::new("needy", &["--template", "minimal"]);
    project.edit(
        "src/lib.rs",
        "    WorkloadResult::ok",
        "    ctx.capabilities.kv()?.get(\"a\", \"b\")?;\n    WorkloadResult::ok",
    );
    let source = std::fs::read_to_string(project.root.join("src/lib.rs")).expect("the source");
    let line = source.lines().position(|line| line.contains("#[workload")).expect("the attribute") + 1;
    let done = project.orket(&["verify", "needy_v1"]).exits(100);
    let done = done
        .says("error[capability.undeclared]")
        .says("warning[capability.undeclared]: `needy_v1` calls `kv`");
    let done = done.says(&format!("write `capabilities = [\"kv\"]` at src/lib.rs:{line}"));
    assert!(
        !done.err.contains("capability.unused"),
        "nothing is known of what a run would have used\n{done}"
    );
}

#[test]
fn verify_names_what_is_declared_and_never_used_with_the_line_to_change() {
    let done = called(&["verify", "idle_v1"], "")
        .exits(0)
        .says("warning[capability.unused]: `idle_v1` declares `kv`");
    let source = std::fs::read_to_string(project().join("src/main.rs")).expect("the source");
    let line =
        source.lines().position(|line| line.contains("fn idle_v1")).expect("the attribute is above it");
    done.says(&format!("write `capabilities = [\"clock\"]` at src/main.rs:{line}"));
}
